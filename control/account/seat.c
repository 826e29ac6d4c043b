/* SPDX-License-Identifier: Apache-2.0 */
#include "control/account/seat.h"

#include <stdlib.h>

#include "control/account/operations.h"
#include "control/account/option.h"
#include "control/api/body.h"
#include "control/audit/audit.h"
#include "control/queue/desk.h"
#include "control/store/store_seat.h"
#include "engine/base/err.h"

struct cw_seats {
    struct {
        uint32_t account;
        uint64_t until_ms;
    } waiting[CW_SEATS_WAITING_MAX];
    uint32_t *extended; /* accounts */
    uint32_t extended_count;
};

static int take_extended(void *user, uint32_t account)
{
    struct cw_seats *s = user;
    uint32_t *grown = reallocarray(s->extended, s->extended_count + 1, sizeof *grown);

    if (grown == NULL)
        return CW_ERR_NOMEM;
    s->extended = grown;
    s->extended[s->extended_count++] = account;
    return 0;
}

int cw_seat_load(struct cw_control *c)
{
    struct cw_seats *s = calloc(1, sizeof *s);
    int err = s != NULL ? cw_store_extended_each(c->store, take_extended, s) : CW_ERR_NOMEM;

    if (err != 0) {
        if (s != NULL)
            free(s->extended);
        free(s);
        return err;
    }
    cw_seat_free(c);
    c->seats = s;
    return 0;
}

void cw_seat_free(struct cw_control *c)
{
    if (c->seats != NULL)
        free(c->seats->extended);
    free(c->seats);
    c->seats = NULL;
}

bool cw_account_is_extended(const struct cw_control *c, uint32_t account)
{
    for (uint32_t i = 0; i < c->seats->extended_count; i++)
        if (c->seats->extended[i] == account)
            return true;
    return false;
}

bool cw_account_is_in_use(const struct cw_control *c, uint32_t account)
{
    for (uint32_t i = 0; i < c->desk->console_count; i++)
        if (c->desk->consoles[i].account == account)
            return true;
    return false;
}

static bool is_waiting(const struct cw_control *c, unsigned i)
{
    return c->seats->waiting[i].until_ms > cw_control_now_unix_ms(c);
}

static bool has_seat(const struct cw_control *c, uint32_t account)
{
    if (cw_account_is_in_use(c, account) || cw_account_is_extended(c, account))
        return true;
    for (unsigned i = 0; i < CW_SEATS_WAITING_MAX; i++)
        if (is_waiting(c, i) && c->seats->waiting[i].account == account)
            return true;
    return false;
}

/* Each account once: consoles first, then who is extended, then who waits. */
uint32_t cw_seats_used(const struct cw_control *c)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < c->desk->console_count; i++) {
        uint32_t before = 0;
        while (before < i && c->desk->consoles[before].account != c->desk->consoles[i].account)
            before++;
        count += before == i;
    }
    for (uint32_t i = 0; i < c->seats->extended_count; i++)
        count += !cw_account_is_in_use(c, c->seats->extended[i]);
    for (unsigned i = 0; i < CW_SEATS_WAITING_MAX; i++)
        count += is_waiting(c, i) && !cw_account_is_in_use(c, c->seats->waiting[i].account) &&
                 !cw_account_is_extended(c, c->seats->waiting[i].account);
    return count;
}

int cw_seat_check(struct cw_control *c, uint32_t account, struct cw_reply *reply)
{
    const uint64_t seats = cw_option(c, CW_OPTION_SEATS);
    struct cw_account row;
    struct cw_actor actor;

    if (seats == 0 || has_seat(c, account) || cw_seats_used(c) < seats)
        return 0;
    if (cw_store_account_get(c->store, account, &row) == 0) {
        actor = cw_actor_named(row.user, "-");
        if (cw_budget_may_audit(&c->budget, row.user, "licence.seat", cw_control_now_unix_ms(c)))
            cw_audit_refused(c, &actor, "licence.seat", "", "FULL", "%s", "every seat is in use");
    }
    reply->retry_after_s = CW_SEAT_HOLD_S;
    return cw_refuse(reply, CW_ERR_FULL,
                     "All %u seats are in use. Wait until a colleague signs out, or ask an "
                     "administrator for more.",
                     (unsigned)seats);
}

void cw_seat_hold(struct cw_control *c, uint32_t account)
{
    unsigned oldest = 0;

    for (unsigned i = 0; i < CW_SEATS_WAITING_MAX; i++) {
        if (c->seats->waiting[i].account == account) {
            oldest = i;
            break;
        }
        if (c->seats->waiting[i].until_ms < c->seats->waiting[oldest].until_ms)
            oldest = i;
    }
    c->seats->waiting[oldest].account = account;
    c->seats->waiting[oldest].until_ms = cw_control_now_unix_ms(c) + CW_SEAT_HOLD_S * 1000;
}

/* ---- operations ------------------------------------------------------------------------------ */

int cw_op_seat_list(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply)
{
    json_t *extended = json_array();

    (void)request;
    for (uint32_t i = 0; i < c->seats->extended_count; i++)
        (void)json_array_append_new(extended, json_integer((json_int_t)c->seats->extended[i]));
    reply->json = json_pack("{s:I, s:I, s:o}", "seats", (json_int_t)cw_option(c, CW_OPTION_SEATS),
                            "used", (json_int_t)cw_seats_used(c), "extended", extended);
    return reply->json != NULL ? 0 : CW_ERR_NOMEM;
}

int cw_op_extended_set(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    bool is_on = false;
    int err = cw_body_only(request->body, "extended", reply);

    if (err == 0 && (json_object_get(request->body, "extended") == NULL ||
                     cw_body_bool(request->body, "extended", &is_on) != 0))
        err = cw_refuse(reply, CW_ERR_INVALID, "extended must be true or false.");
    if (err == 0 && is_on)
        err = cw_seat_check(c, request->account, reply);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_extended_set(c->store, request->account, is_on);
    if (err == 0)
        err = cw_audit(c, &actor, "availability.extended", "", "ok", "%s", is_on ? "on" : "off");
    err = cw_store_end(c->store, err);
    return err == 0 ? cw_seat_load(c) : err;
}
