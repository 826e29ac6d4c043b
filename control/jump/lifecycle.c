/* SPDX-License-Identifier: Apache-2.0 */
/* Jump Items that are removed, lost, or out of their time. */
#include <stdio.h>

#include "control/account/option.h"
#include "control/jump/device.h"
#include "control/jump/device_order.h"
#include "control/jump/jump.h"
#include "control/link/link_server.h"
#include "control/session/event.h"
#include "control/session/session.h"
#include "control/session/ticket_issue.h"
#include "engine/base/err.h"

enum { SWEEP_EVERY_MS = 60 * 1000, SWEEP_ITEMS_MAX = 100, DAY_S = 24 * 3600 };

/* In a transaction. */
static int remove_rows(struct cw_control *c, const struct cw_actor *actor,
                       const struct cw_jump_item *item, const char *why)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    char object[32];
    int err = cw_store_jump_item_remove(c->store, item->id, now_ms);

    snprintf(object, sizeof object, "jump item %u", item->id);
    if (err == 0)
        err = cw_store_item_forget(c->store, item->id);
    if (err == 0)
        err = cw_store_ticket_deny(c->store, 0, item->id, now_ms / 1000);
    if (err == 0)
        err = cw_audit(c, actor, "jump_item.remove", object, "ok", "%s%s%s", item->name,
                       why[0] != '\0' ? ": " : "", why);
    return err;
}

int cw_jump_remove(struct cw_control *c, const struct cw_actor *actor,
                   const struct cw_jump_item *item, const char *why)
{
    struct cw_live_session *session = NULL;
    struct cw_denials denials = {0};
    int err = cw_denials_collect(c, 0, item->id, &denials);

    if (err == 0)
        err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_end(c->store, remove_rows(c, actor, item, why));
    if (err == 0) {
        cw_denials_send(c, &denials);
        while ((session = cw_live_of_item(c, item->id)) != NULL)
            cw_session_end(c, session, actor, CW_CLOSE_REMOVED, "The Jump Item was removed.", true);
        cw_send_drop_device(c, item->id, CW_CLOSE_REMOVED);
        cw_search_remove(c->jump->search, item->id);
        cw_event_jump_items_changed(c);
    }
    cw_denials_free(&denials);
    return err;
}

/* ---- in the course of time --------------------------------------------------------------------- */

struct numbers {
    uint32_t items[SWEEP_ITEMS_MAX];
    uint32_t count;
};

static int take_number(void *user, uint32_t number)
{
    struct numbers *n = user;

    n->items[n->count++] = number;
    return n->count == SWEEP_ITEMS_MAX ? 1 : 0;
}

static uint64_t days_before(uint64_t now_ms, uint64_t days)
{
    const uint64_t life_ms = days * DAY_S * UINT64_C(1000);

    return now_ms > life_ms ? now_ms - life_ms : 0;
}

static int refresh_one(void *user, uint32_t number)
{
    cw_jump_refresh(user, number);
    return 0;
}

static void mark_lost(struct cw_control *c, uint64_t now_ms)
{
    const uint64_t before_ms = days_before(now_ms, cw_option(c, CW_OPTION_JUMP_LOST_DAYS));
    const uint64_t since_ms =
        c->jump->lost_before_ms < before_ms ? c->jump->lost_before_ms : before_ms;

    /* The option may have grown: then some are found again. */
    const uint64_t until_ms =
        c->jump->lost_before_ms > before_ms ? c->jump->lost_before_ms : before_ms;
    if (since_ms == until_ms ||
        cw_store_item_unseen(c->store, since_ms, until_ms, UINT32_MAX, refresh_one, c) != 0)
        return;
    c->jump->lost_before_ms = before_ms;
    cw_event_jump_items_changed(c);
}

static void remove_forgotten(struct cw_control *c, uint64_t now_ms)
{
    const uint64_t days = cw_option(c, CW_OPTION_JUMP_REMOVE_DAYS);
    const struct cw_actor appliance = cw_actor_appliance();
    struct numbers numbers = {0};
    struct cw_jump_detail detail;
    char why[64];

    if (days == 0 || cw_store_item_unseen(c->store, 0, days_before(now_ms, days), SWEEP_ITEMS_MAX,
                                          take_number, &numbers) < 0)
        return;
    snprintf(why, sizeof why, "not heard of for %llu days", (unsigned long long)days);
    for (uint32_t i = 0; i < numbers.count; i++)
        if (!cw_device_is_online(c, numbers.items[i]) &&
            cw_device_detail(c, numbers.items[i], &detail) == 0)
            (void)cw_jump_remove(c, &appliance, &detail.item, why);
}

/* They uninstall themselves; who is away does so when it comes. */
static void end_expired(struct cw_control *c, uint64_t now_ms)
{
    const struct cw_actor appliance = cw_actor_appliance();
    struct numbers numbers = {0};
    struct cw_jump_detail detail;

    if (cw_store_item_expired(c->store, now_ms, SWEEP_ITEMS_MAX, take_number, &numbers) < 0)
        return;
    for (uint32_t i = 0; i < numbers.count; i++)
        if (cw_device_detail(c, numbers.items[i], &detail) == 0)
            (void)cw_device_order_uninstall(c, &appliance, &detail, "its time is over");
}

void cw_jump_tick(struct cw_control *c, uint64_t now_ms)
{
    if (now_ms >= c->jump->swept_ms && now_ms - c->jump->swept_ms < SWEEP_EVERY_MS)
        return;
    c->jump->swept_ms = now_ms;
    mark_lost(c, now_ms);
    if (cw_store_is_writable(c->store, NULL)) {
        end_expired(c, now_ms);
        remove_forgotten(c, now_ms);
    }
}
