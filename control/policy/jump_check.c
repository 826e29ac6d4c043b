/* SPDX-License-Identifier: Apache-2.0 */
#include "control/policy/jump_check.h"

#include <stdio.h>
#include <string.h>

#include "control/account/factor.h"
#include "control/account/option.h"
#include "control/jump/device.h"
#include "control/policy/jump_group.h"
#include "control/policy/policy_body.h"
#include "engine/base/err.h"
#include "engine/wire/message.h"

const struct cw_jump_policy *cw_jump_policy_of(struct cw_control *c, uint32_t jump_item,
                                               uint32_t copy)
{
    uint32_t count = 0;
    uint32_t group = 0;
    if (c->policies->jump_count == 0)
        return NULL; /* where nobody has made one, nothing is read */
    const struct cw_jump_copy *copies = cw_policies_copies(c, jump_item, &count);
    uint32_t policy = copy != 0 ? cw_policies_of(c, CW_ASSIGNED_COPY, copy).jump
                                : cw_policies_of(c, CW_ASSIGNED_JUMP_ITEM, jump_item).jump;

    for (uint32_t i = 0; i < count; i++)
        if (copies[i].id == copy)
            group = copies[i].group;
    if (policy == 0 && group == 0 && cw_store_jump_item_group(c->store, jump_item, &group) != 0)
        return NULL;
    if (policy == 0)
        policy = cw_policies_of(c, CW_ASSIGNED_JUMP_GROUP, group).jump;
    return policy != 0 ? cw_policies_jump(c, policy) : NULL;
}

struct cw_live_session *cw_jump_met(struct cw_control *c, uint32_t account, uint32_t jump_item,
                                    uint32_t copy, bool *ret_is_own)
{
    const struct cw_jump_policy *policy = cw_jump_policy_of(c, jump_item, copy);
    const bool with_copies = policy == NULL || policy->with_copies;
    struct cw_live_session *met = NULL;

    *ret_is_own = false;
    /* One's own, the oldest; else the newest. */
    for (struct cw_live_session *s = cw_live_next_of_item(c, jump_item, NULL); s != NULL;
         s = cw_live_next_of_item(c, jump_item, s)) {
        const bool is_own = s->row.account == account;
        if (s->row.kind != CW_SESSION_JUMP || (*ret_is_own && !is_own))
            continue;
        if (is_own && (!*ret_is_own || s->row.id < met->row.id))
            met = s;
        else if (!is_own && (with_copies || s->how.copy == copy) &&
                 (met == NULL || s->row.id > met->row.id))
            met = s;
        *ret_is_own |= is_own;
    }
    return met;
}

enum cw_simultaneous cw_jump_simultaneous(struct cw_control *c, uint32_t jump_item, uint32_t copy)
{
    static const enum cw_simultaneous global[] = {CW_SIMULTANEOUS_JOIN, CW_SIMULTANEOUS_ANOTHER,
                                                  CW_SIMULTANEOUS_DISALLOW};
    const struct cw_jump_policy *policy = cw_jump_policy_of(c, jump_item, copy);

    if (policy != NULL && policy->simultaneous != CW_SIMULTANEOUS_GLOBAL)
        return policy->simultaneous;
    return global[cw_option(c, CW_OPTION_JUMP_SECOND)];
}

enum cw_recording_policy cw_jump_recording(struct cw_control *c, uint32_t jump_item, uint32_t copy)
{
    const struct cw_jump_policy *policy = cw_jump_policy_of(c, jump_item, copy);

    switch (policy != NULL ? policy->recording : CW_JUMP_RECORDING_GLOBAL) {
    case CW_JUMP_RECORDING_OFF: return CW_RECORDING_OFF;
    case CW_JUMP_RECORDING_ON: return CW_RECORDING_ON;
    case CW_JUMP_RECORDING_MUST: return CW_RECORDING_MUST;
    case CW_JUMP_RECORDING_GLOBAL:
    case CW_JUMP_RECORDING_COUNT: break;
    }
    return c->recording;
}

/* ---- the checks ------------------------------------------------------------------------------ */

struct check {
    struct cw_control *c;
    const struct cw_request *request;
    const struct cw_jump_item *item;
    const struct cw_jump_policy *policy;
    struct cw_reply *reply;
    struct cw_session_jump *how;
};

static int refuse(const struct check *k, int err, const char *what)
{
    const struct cw_actor actor = cw_actor_of_request(k->c, k->request);
    char object[40];

    snprintf(object, sizeof object, "jump item %u", k->item->id);
    if (cw_budget_may_audit(&k->c->budget, k->request->source, what, cw_control_now_unix_ms(k->c)))
        cw_audit_refused(k->c, &actor, "jump_item.jump", object, cw_err_name(err), "%s: %s", what,
                         k->policy != NULL ? k->policy->name : "role");
    return err;
}

static int check_way(struct check *k)
{
    uint32_t wanted = UINT32_MAX;
    uint32_t group = 0;
    int err = cw_policy_take_id(k->request->body, "copy", &wanted, k->reply);

    if (err != 0)
        return err;
    err = cw_jump_way(k->c, k->request->account, k->item->id, wanted, &k->how->copy, &group);
    if ((err == CW_ERR_NOT_FOUND || err == CW_ERR_DENIED) &&
        cw_jump_item_flags(k->c, k->request->account, k->item->id) == 0)
        return cw_refuse(k->reply, refuse(k, CW_ERR_NOT_FOUND, "not visible"),
                         "There is no Jump Item with the number %u.", k->item->id);
    if (err == CW_ERR_NOT_FOUND)
        return cw_refuse(k->reply, err, "This Jump Item has no such copy.");
    if (err == CW_ERR_DENIED)
        return cw_refuse(k->reply, refuse(k, err, "role"),
                         "Your role in the group of %.80s does not let you start sessions.",
                         k->item->name);
    return err;
}

/* Goes in although it is closed: only with the right, and with a row of its own. */
static int override_hours(const struct check *k)
{
    const struct cw_actor actor = cw_actor_of_request(k->c, k->request);
    char object[40];
    int err = 0;

    if (k->request->account != 0 &&
        !cw_right_has(k->c, k->request->account, CW_RIGHT_OVERRIDE_JUMP_POLICY))
        return cw_refuse(k->reply, refuse(k, CW_ERR_DENIED, "override"),
                         "You are not allowed to %s (%s). An administrator can allow it.",
                         cw_right_allows(CW_RIGHT_OVERRIDE_JUMP_POLICY),
                         cw_right_name(CW_RIGHT_OVERRIDE_JUMP_POLICY));
    snprintf(object, sizeof object, "jump item %u", k->item->id);
    err = cw_store_begin(k->c->store);
    if (err == 0)
        err = cw_audit(k->c, &actor, "jump_policy.override", object, "ok", "the hours of %s",
                       k->policy->name);
    err = cw_store_end(k->c->store, err);
    k->how->is_override = err == 0;
    return err;
}

static int check_hours(const struct check *k)
{
    const struct cw_schedule *schedule = &k->policy->schedule;
    const int64_t now_s = (int64_t)(cw_control_now_unix_ms(k->c) / 1000);
    bool wants_override = false;
    char when[96];
    int64_t next_s = 0;

    if (cw_body_bool(k->request->body, "override", &wants_override) != 0)
        return cw_refuse(k->reply, CW_ERR_INVALID, "override is true or false.");
    if (!k->policy->has_schedule ||
        (schedule->zone != NULL && cw_schedule_is_open(schedule, now_s)))
        return 0;
    if (wants_override)
        return override_hours(k);
    (void)refuse(k, CW_ERR_STATE, "hours");
    if (schedule->zone == NULL)
        return cw_refuse(k->reply, CW_ERR_STATE,
                         "The Jump policy \"%.60s\" has a time zone that this appliance does not "
                         "know: %s.",
                         k->policy->name, k->policy->zone);
    if (cw_schedule_next(schedule, true, now_s, now_s + CW_SCHEDULE_HORIZON_S, &next_s) != 0)
        return cw_refuse(k->reply, CW_ERR_STATE,
                         "%.60s is not available now, nor within the next 400 days (Jump policy "
                         "\"%.60s\").",
                         k->item->name, k->policy->name);
    cw_zone_time_text(schedule->zone, next_s, when, sizeof when);
    return cw_refuse(k->reply, CW_ERR_STATE,
                     "%.60s is not available now. It is again from %s on (Jump policy \"%.60s\").",
                     k->item->name, when, k->policy->name);
}

static int check_ticket(const struct check *k)
{
    const char *text = NULL;
    const json_t *given = json_object_get(k->request->body, "ticket");

    if (given != NULL && !json_is_null(given)) {
        if (cw_body_text(k->request->body, "ticket", CW_TICKET_TEXT_BYTES_MAX, &text) != 0 ||
            !cw_text_is_clean(text, strlen(text)) || strpbrk(text, "\n\t") != NULL)
            return cw_refuse(k->reply, CW_ERR_INVALID,
                             "A ticket's number is one line of at most 128 bytes.");
        snprintf(k->how->ticket, sizeof k->how->ticket, "%s", text);
    }
    if (k->policy == NULL || !k->policy->needs_ticket)
        return 0;
    if (text == NULL)
        return cw_refuse(k->reply, refuse(k, CW_ERR_INVALID, "no ticket"),
                         "The Jump policy \"%.60s\" asks for a ticket's number (ticket).",
                         k->policy->name);
    if (!cw_ticket_fits(k->policy->ticket_patterns, text))
        return cw_refuse(k->reply, refuse(k, CW_ERR_DENIED, "ticket"),
                         "\"%.60s\" is no ticket's number that the Jump policy \"%.60s\" knows.",
                         text, k->policy->name);
    return 0;
}

static int check_approval(const struct check *k)
{
    const uint64_t now_ms = cw_control_now_unix_ms(k->c);
    struct cw_approval approval;
    int err = 0;

    if (!k->policy->needs_approval)
        return 0;
    err = cw_store_approval_find(k->c->store, k->request->account, k->item->id, CW_APPROVAL_GIVEN,
                                 &approval);
    if (err == 0 && approval.ends_ms > now_ms) {
        k->how->approval = approval.id;
        return 0;
    }
    if (err != 0 && err != CW_ERR_NOT_FOUND)
        return err;
    if (cw_store_approval_find(k->c->store, k->request->account, k->item->id, CW_APPROVAL_WAITS,
                               &approval) == 0 &&
        approval.created_ms + CW_APPROVAL_WAIT_S * UINT64_C(1000) > now_ms)
        return cw_refuse(k->reply, CW_ERR_STATE,
                         "Your request %u for %.80s waits for somebody else's approval.",
                         approval.id, k->item->name);
    return cw_refuse(k->reply, refuse(k, CW_ERR_DENIED, "no approval"),
                     "Jumps to %.60s need somebody else's approval (Jump policy \"%.60s\"). Ask "
                     "for it first.",
                     k->item->name, k->policy->name);
}

/* A code or an authenticator, each time: who sits down at a console that somebody left has none. */
static int check_second_factor(const struct check *k)
{
    const struct cw_actor actor = cw_actor_of_request(k->c, k->request);
    struct cw_factors factors = {0};
    const char *code = NULL;
    int err = 0;

    if (!k->policy->needs_second_factor)
        return 0;
    err = cw_factors_of(k->c, k->request->account, &factors);
    if (err != 0)
        return err;
    if (!cw_factors_are_any(&factors))
        return cw_refuse(k->reply, refuse(k, CW_ERR_STATE, "no second factor"),
                         "The Jump policy \"%.60s\" asks for a second factor. Set one up for your "
                         "account first.",
                         k->policy->name);
    if (json_object_get(k->request->body, "credential") != NULL)
        return cw_authenticator_check_now(k->c, &actor, k->request->account, k->request->body,
                                          k->reply);
    if (cw_body_text(k->request->body, "code", CW_CODE_BYTES_MAX, &code) != 0)
        return cw_refuse(k->reply, CW_ERR_INVALID, "The Jump policy \"%.60s\" asks for %s.",
                         k->policy->name,
                         !factors.has_totp ? "your authenticator (second_factor.challenge)"
                         : factors.authenticators == 0
                             ? "a code of your authenticator app (code)"
                             : "a code of your authenticator app (code), or your authenticator "
                               "(second_factor.challenge)");
    return cw_totp_check_now(k->c, &actor, k->request->account, code, k->reply);
}

int cw_jump_check(struct cw_control *c, const struct cw_request *request,
                  const struct cw_jump_detail *detail, struct cw_reply *reply,
                  struct cw_session_jump *ret_how)
{
    const struct cw_jump_item *item = &detail->item;
    struct check k = {c, request, item, NULL, reply, ret_how};
    int err = 0;

    *ret_how = (struct cw_session_jump){0};
    err = check_way(&k);
    if (err != 0)
        return err;
    ret_how->is_attended = detail->presence == CW_PRESENCE_LOGGED_IN;
    k.policy = cw_jump_policy_of(c, item->id, ret_how->copy);
    ret_how->jump_policy = k.policy != NULL ? k.policy->id : 0;
    err = check_ticket(&k);
    if (err != 0 || k.policy == NULL)
        return err;
    err = check_approval(&k);
    if (err == 0)
        err = check_second_factor(&k);
    /* Last, because it writes: who overrides has everything else. */
    return err == 0 ? check_hours(&k) : err;
}
