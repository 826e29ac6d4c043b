/* SPDX-License-Identifier: Apache-2.0 */
#include "control/jump/waking.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/account/option.h"
#include "control/api/body.h"
#include "control/jump/device.h"
#include "control/jump/jump.h"
#include "control/link/link_server.h"
#include "control/outbox/outbox.h"
#include "control/session/session.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/wire/message.h"
#include "engine/wire/wake.h"

static const uint32_t after_ms[CW_WAKE_DATAGRAMS] = {0, 1000, 2000, 4000};

struct addresses {
    char text[CW_WAKE_ADDRESSES_MAX][CW_IP_TEXT_BYTES_MAX + 1];
    unsigned count;
};

static void add_address(struct addresses *a, const char *text, size_t n)
{
    if (n == 0 || n > CW_IP_TEXT_BYTES_MAX || a->count == CW_WAKE_ADDRESSES_MAX)
        return;
    for (unsigned i = 0; i < a->count; i++)
        if (strlen(a->text[i]) == n && memcmp(a->text[i], text, n) == 0)
            return;
    memcpy(a->text[a->count], text, n);
    a->text[a->count++][n] = '\0';
}

/* What it said its addresses are, and where it was seen. */
static void addresses_of(const struct cw_jump_detail *detail, struct addresses *ret)
{
    const char *at = detail->private_ip;

    ret->count = 0;
    while (*at != '\0') {
        const size_t n = strcspn(at, " ");
        add_address(ret, at, n);
        at += n;
        at += strspn(at, " ");
    }
    add_address(ret, detail->public_ip, strlen(detail->public_ip));
}

/* ---- begin ------------------------------------------------------------------------------------- */

int cw_waking_check(struct cw_control *c, const struct cw_jump_detail *detail,
                    struct cw_reply *reply)
{
    struct addresses a;

    addresses_of(detail, &a);
    if (a.count == 0 || detail->port == 0)
        return cw_refuse(reply, CW_ERR_STATE,
                         "%s sleeps, and has not said yet where it can be woken.",
                         detail->item.name);
    if (c->config.post == NULL || !c->outbox->has_courier)
        return cw_refuse(reply, CW_ERR_STATE,
                         "%s sleeps and cannot be woken: causeway-courier does not run.",
                         detail->item.name);
    return 0;
}

/* The number of the next datagrams is stored before they are sent. */
static int take_number(struct cw_control *c, const struct cw_actor *actor,
                       const struct cw_jump_detail *detail, uint16_t port, uint64_t *ret_number)
{
    char object[32];
    int err = cw_store_begin(c->store);

    if (err != 0)
        return err;
    snprintf(object, sizeof object, "jump item %u", detail->item.id);
    err = cw_store_item_wake(c->store, detail->item.id, cw_control_now_unix_ms(c), ret_number);
    if (err == 0)
        err = cw_audit(c, actor, "jump_item.wake", object, "ok", "%s, port %u, number %llu",
                       detail->item.name, port, (unsigned long long)*ret_number);
    return cw_store_end(c->store, err);
}

void cw_waking_call(struct cw_control *c, const struct cw_actor *actor,
                    const struct cw_jump_detail *detail, uint16_t port)
{
    struct cw_jump *j = c->jump;
    struct cw_jump_call call = {
        .item = detail->item.id, .port = port, .time_ms = cw_control_now_unix_ms(c)};

    if (j->call_count == CW_JUMP_CALLS_MAX || c->config.post == NULL || !c->outbox->has_courier ||
        take_number(c, actor, detail, port, &call.number) != 0)
        return;
    j->calls[j->call_count++] = call;
    c->has_wakings = true;
    cw_waking_run(c);
}

int cw_waking_begin(struct cw_control *c, const struct cw_actor *actor,
                    const struct cw_jump_detail *detail, uint32_t session_id)
{
    struct cw_live_session *session = cw_live_find(c, session_id);
    uint64_t number = 0;
    int err =
        session != NULL ? take_number(c, actor, detail, detail->port, &number) : CW_ERR_NOT_FOUND;

    if (err != 0)
        return err;
    session->wake_ms = cw_control_now_unix_ms(c);
    session->wake_number = number;
    session->wake_sent = 0;
    session->wake_why[0] = '\0';
    c->has_wakings = true;
    cw_waking_run(c);
    return 0;
}

/* ---- datagrams --------------------------------------------------------------------------------- */

/* port 0: where the store says that it listens. */
static void send(struct cw_control *c, const struct cw_jump_call *call, uint32_t session)
{
    struct cw_wake wake = {
        .item = call->item, .number = call->number, .time_unix_ms = call->time_ms};
    uint8_t bytes[CW_WAKE_BYTES];
    char data[CW_WAKE_BYTES * 2];
    struct cw_jump_detail detail;
    struct addresses a;

    if (cw_device_detail(c, wake.item, &detail) != 0 || cw_wake_sign(&wake, c->ticket_seed) != 0)
        return;
    cw_wake_encode(&wake, bytes);
    cw_base64url_encode(bytes, sizeof bytes, data);
    addresses_of(&detail, &a);
    for (unsigned i = 0; i < a.count; i++) {
        json_t *order =
            json_pack("{s:I, s:s, s:i, s:s}", "wake", (json_int_t)session, "to", a.text[i], "port",
                      call->port != 0 ? call->port : detail.port, "data", data);
        char *line = order != NULL ? json_dumps(order, JSON_COMPACT) : NULL;
        if (line != NULL)
            (void)c->config.post(c->config.user, line); /* the next one may get through */
        free(line);
        json_decref(order);
    }
}

void cw_waking_run(struct cw_control *c)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    bool has_any = false;

    if (!c->has_wakings || c->config.post == NULL || cw_store_has_group(c->store))
        return;
    for (unsigned i = 0; i < c->jump->call_count; i++)
        send(c, &c->jump->calls[i], 0);
    c->jump->call_count = 0;
    for (uint32_t i = 0; i < c->live_count; i++) {
        struct cw_live_session *session = c->live[i];
        if (session->wake_ms == 0 || session->is_over)
            continue;
        has_any = true;
        const bool is_due = session->wake_sent < CW_WAKE_DATAGRAMS &&
                            now_ms >= session->wake_ms + after_ms[session->wake_sent];
        if (!is_due)
            continue;
        const struct cw_jump_call call = {.item = session->row.jump_item,
                                          .number = session->wake_number,
                                          .time_ms = session->wake_ms};
        send(c, &call, session->row.id);
        session->wake_sent++;
    }
    c->has_wakings = has_any;
}

void cw_control_on_woke(struct cw_control *c, uint64_t id, const char *why)
{
    struct cw_live_session *session = id <= UINT32_MAX ? cw_live_find(c, (uint32_t)id) : NULL;

    if (session == NULL || session->wake_ms == 0 || why[0] == '\0' ||
        !cw_text_is_clean(why, strlen(why)))
        return;
    snprintf(session->wake_why, sizeof session->wake_why, "%.60s", why);
    cw_log(CW_LOG_WARNING, "control.jump", "a datagram to Jump Item %u was not sent: %s",
           session->row.jump_item, session->wake_why);
}

/* ---- awake, or not ----------------------------------------------------------------------------- */

void cw_waking_on_up(struct cw_control *c, uint32_t item)
{
    for (uint32_t i = 0; c->has_wakings && i < c->live_count; i++) {
        struct cw_live_session *session = c->live[i];
        if (session->row.jump_item != item || session->wake_ms == 0 || session->is_over)
            continue;
        session->wake_ms = 0;
        cw_session_offer(c, session);
    }
}

/* Once after a start, when all is known that engines know: a session whose computer sleeps was being woken. */
static void resume(struct cw_control *c)
{
    const struct cw_actor appliance = cw_actor_appliance();
    struct cw_jump_detail detail;

    if (c->has_resumed_wakings || c->config.post == NULL || !c->outbox->has_courier ||
        !cw_links_are_complete(c))
        return;
    c->has_resumed_wakings = true;
    for (uint32_t i = 0; i < c->live_count; i++) {
        struct cw_live_session *session = c->live[i];
        const struct cw_live_participant *source = cw_live_source(session);
        const uint32_t item = session->row.jump_item;
        if (item == 0 || session->is_over || session->wake_ms != 0 || source == NULL ||
            source->is_up || cw_device_is_online(c, item) ||
            cw_device_detail(c, item, &detail) != 0 || detail.mode != CW_JUMP_PASSIVE)
            continue;
        (void)cw_waking_begin(c, &appliance, &detail,
                              session->row.id); /* else its absence ends it */
    }
}

void cw_waking_tick(struct cw_control *c, uint64_t now_ms)
{
    const struct cw_actor appliance = cw_actor_appliance();
    const uint64_t life_s = cw_option(c, CW_OPTION_JUMP_WAKE_S);
    char text[CW_REASON_TEXT_BYTES_MAX + 1];

    if (cw_store_is_writable(c->store, NULL))
        resume(c);
    cw_waking_run(c);
    for (uint32_t i = c->has_wakings ? c->live_count : 0; i-- > 0;) {
        struct cw_live_session *session = c->live[i];
        if (session->wake_ms == 0 || session->is_over ||
            now_ms < session->wake_ms + life_s * UINT64_C(1000))
            continue;
        session->wake_ms = 0;
        snprintf(text, sizeof text, "The computer sleeps and did not wake within %llu seconds%s%s.",
                 (unsigned long long)life_s, session->wake_why[0] != '\0' ? ": " : "",
                 session->wake_why);
        cw_session_end(c, session, &appliance, CW_CLOSE_ENDED_NOBODY_LEFT, text, true);
    }
}
