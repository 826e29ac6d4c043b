/* SPDX-License-Identifier: Apache-2.0 */
/* Jumps that somebody else approves: asked for, listed, approved, refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/account/option.h"
#include "control/policy/jump_check.h"
#include "control/policy/jump_group.h"
#include "control/policy/operations.h"
#include "control/policy/policy_body.h"
#include "control/session/event.h"
#include "engine/base/err.h"

static const char *const state_names[] = {"", "waits", "given", "refused", NULL};

static json_t *time_or_null(uint64_t time_ms)
{
    return time_ms != 0 ? json_integer((json_int_t)time_ms) : json_null();
}

static json_t *approval_json(const struct cw_approval *a)
{
    const uint64_t waits_ms = a->created_ms + CW_APPROVAL_WAIT_S * UINT64_C(1000);

    return json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:I, s:I, s:o, s:s, s:s, s:o, s:o}", "id",
                     (json_int_t)a->id, "jump_item", (json_int_t)a->jump_item, "name", a->item_name,
                     "user", a->user, "state", state_names[a->state], "reason", a->reason,
                     "minutes", (json_int_t)a->minutes, "created_unix_ms",
                     (json_int_t)a->created_ms, "decided_unix_ms", time_or_null(a->decided_ms),
                     "decided_by", a->decided_user, "answer", a->answer, "ends_unix_ms",
                     time_or_null(a->ends_ms), "waits_until_unix_ms",
                     time_or_null(a->state == CW_APPROVAL_WAITS ? waits_ms : 0));
}

/* One line or more of why; may be missing. */
static int take_text(const json_t *body, const char *member, char *out, struct cw_reply *reply)
{
    const char *text = "";

    if (cw_body_lines(body, member, CW_APPROVAL_REASON_BYTES_MAX, &text) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "%s has at most %d bytes of text.", member,
                         CW_APPROVAL_REASON_BYTES_MAX);
    snprintf(out, CW_APPROVAL_REASON_BYTES_MAX + 1, "%s", text);
    return 0;
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* The item, the way to it, and its policy, which must want approvals. */
static int policy_for(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply, const struct cw_jump_policy **ret)
{
    uint32_t copy = 0;
    uint32_t group = 0;
    int err = cw_jump_way(c, request->account, request->path_id, UINT32_MAX, &copy, &group);

    if (err == CW_ERR_NOT_FOUND || err == CW_ERR_DENIED)
        return cw_refuse(reply, CW_ERR_NOT_FOUND,
                         "There is no Jump Item with the number %u that you may Jump to.",
                         request->path_id);
    if (err != 0)
        return err;
    *ret = cw_jump_policy_of(c, request->path_id, copy);
    if (*ret == NULL || !(*ret)->needs_approval)
        return cw_refuse(reply, CW_ERR_STATE, "Jumps to this item need nobody's approval.");
    return 0;
}

static int take_request(struct cw_control *c, const struct cw_request *request,
                        struct cw_approval *approval, struct cw_reply *reply)
{
    const struct cw_jump_policy *policy = NULL;
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    uint64_t minutes = 0;
    uint32_t count = 0;
    int err = cw_body_only(request->body, "reason minutes", reply);

    if (err == 0)
        err = policy_for(c, request, reply, &policy);
    if (err == 0)
        err = take_text(request->body, "reason", approval->reason, reply);
    if (err != 0)
        return err;
    minutes = policy->approval_minutes;
    if (cw_body_number(request->body, "minutes", 1, policy->approval_minutes, &minutes) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "minutes is from 1 to %u for this item.",
                         policy->approval_minutes);
    err = cw_store_approval_count(c->store, request->account, CW_APPROVAL_WAITS,
                                  now_ms - CW_APPROVAL_WAIT_S * UINT64_C(1000), &count);
    if (err == 0 && count >= CW_APPROVALS_PER_ACCOUNT_MAX)
        err = cw_refuse(reply, CW_ERR_FULL, "%u of your requests wait already.", count);
    *approval = (struct cw_approval){
        .jump_item = request->path_id,
        .account = request->account,
        .state = CW_APPROVAL_WAITS,
        .minutes = (uint32_t)minutes,
        .created_ms = now_ms,
    };
    return err;
}

int cw_op_approval_request(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_approval approval = {0};
    char reason[CW_APPROVAL_REASON_BYTES_MAX + 1] = "";
    char object[40];
    int err = take_request(c, request, &approval, reply);

    if (err == 0)
        err = take_text(request->body, "reason", reason, reply);
    if (err != 0)
        return err;
    snprintf(approval.reason, sizeof approval.reason, "%s", reason);
    snprintf(object, sizeof object, "jump item %u", request->path_id);
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_approval_add(c->store, &approval);
    if (err == 0)
        err = cw_audit(c, &actor, "jump_approval.request", object, "ok",
                       "request %u for %u minutes: %s", approval.id, approval.minutes, reason);
    err = cw_store_end(c->store, err);
    if (err == 0)
        err = cw_store_approval_get(c->store, approval.id, &approval);
    if (err != 0)
        return err;
    reply->json = json_pack("{s:o}", "approval", approval_json(&approval));
    cw_jump_tell_approvers(c, json_pack("{s:s, s:I, s:s, s:s}", "type", "jump_approval_wanted",
                                        "approval", (json_int_t)approval.id, "name",
                                        approval.item_name, "user", approval.user));
    return 0;
}

/* ---- listing --------------------------------------------------------------------------------- */

struct listing {
    json_t *rows;
    uint32_t limit;
    uint32_t last;
    bool has_more;
};

static int list_one(void *user, const struct cw_approval *approval)
{
    struct listing *l = user;

    l->has_more = json_array_size(l->rows) == l->limit;
    if (l->has_more)
        return 0;
    l->last = approval->id;
    return json_array_append_new(l->rows, approval_json(approval)) == 0 ? 0 : CW_ERR_NOMEM;
}

int cw_op_approval_list(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    const bool sees_all =
        request->account == 0 || cw_right_has(c, request->account, CW_RIGHT_APPROVE_JUMPS);
    struct listing l = {0};
    uint32_t after = 0;
    unsigned state = 0;
    int err = cw_body_only(request->body, "state after limit", reply);

    if (err == 0)
        err = cw_body_page(request->body, &after, &l.limit, reply);
    if (err == 0 && cw_body_choice(request->body, "state", state_names, &state) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "state is waits, given or refused.");
    if (err != 0)
        return err;
    l.rows = json_array();
    err = cw_store_approval_each(c->store, after, sees_all ? 0 : request->account, state,
                                 l.limit + 1, list_one, &l);
    reply->json = json_pack("{s:o, s:o}", "approvals", l.rows, "next",
                            cw_policy_id_json(l.has_more ? l.last : 0));
    return err;
}

/* ---- what is long over ------------------------------------------------------------------------ */

struct old_requests {
    struct cw_approval rows[CW_APPROVALS_PURGED_AT_ONCE];
    uint32_t count;
};

static int take_old(void *user, const struct cw_approval *approval)
{
    struct old_requests *old = user;

    old->rows[old->count++] = *approval;
    return 0;
}

/* The request as it ended, so that the audit log alone tells it. */
static int remove_old(struct cw_control *c, const struct cw_approval *a)
{
    const struct cw_actor appliance = cw_actor_appliance();
    char object[40];
    int err = cw_store_approval_remove(c->store, a->id);

    snprintf(object, sizeof object, "jump item %u", a->jump_item);
    if (err == 0)
        err = cw_audit(c, &appliance, "jump_approval.purge", object, "ok",
                       "request %u of %s for %u minutes: %s%s%s", a->id, a->user, a->minutes,
                       a->state == CW_APPROVAL_WAITS ? "nobody decided" : state_names[a->state],
                       a->decided_user[0] != '\0' ? " by " : "", a->decided_user);
    return err;
}

bool cw_approval_purge(struct cw_control *c, uint64_t now_ms)
{
    const uint64_t keep_ms = cw_option(c, CW_OPTION_APPROVAL_KEEP_DAYS) * UINT64_C(86400000);
    struct old_requests *old = NULL;
    bool is_full = false;
    int err = 0;

    if (keep_ms == 0 || now_ms <= keep_ms)
        return false;
    old = calloc(1, sizeof *old);
    if (old == NULL)
        return false;
    err = cw_store_approval_old(c->store, now_ms - keep_ms, CW_APPROVALS_PURGED_AT_ONCE, take_old,
                                old);
    if (err == 0 && old->count > 0) {
        err = cw_store_begin(c->store);
        for (uint32_t i = 0; err == 0 && i < old->count; i++)
            err = remove_old(c, &old->rows[i]);
        err = cw_store_end(c->store, err);
    }
    is_full = err == 0 && old->count == CW_APPROVALS_PURGED_AT_ONCE;
    free(old);
    return is_full;
}

/* ---- deciding -------------------------------------------------------------------------------- */

static int find_request(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply, const char *action, struct cw_approval *ret)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    char object[40];
    int err = cw_store_approval_get(c->store, request->path_id, ret);

    if (err == CW_ERR_NOT_FOUND)
        return cw_refuse(reply, err, "There is no request with the number %u.", request->path_id);
    if (err != 0)
        return err;
    if (ret->account == request->account) {
        snprintf(object, sizeof object, "jump item %u", ret->jump_item);
        cw_audit_refused(c, &actor, action, object, "DENIED", "request %u is one's own", ret->id);
        return cw_refuse(reply, CW_ERR_DENIED, "Nobody decides about their own request.");
    }
    return 0;
}

static int store_decision(struct cw_control *c, const struct cw_request *request,
                          struct cw_approval *approval, const char *action, struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    char object[40];
    int err = 0;

    approval->decided_ms = cw_control_now_unix_ms(c);
    approval->decided_by = request->account;
    snprintf(object, sizeof object, "jump item %u", approval->jump_item);
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_approval_decide(c->store, approval);
    if (err == 0)
        err = cw_audit(c, &actor, action, object, "ok", "request %u of %s, %u minutes: %s",
                       approval->id, approval->user, approval->minutes, approval->answer);
    err = cw_store_end(c->store, err);
    if (err == 0)
        err = cw_store_approval_get(c->store, approval->id, approval);
    if (err != 0)
        return err;
    reply->json = json_pack("{s:o}", "approval", approval_json(approval));
    cw_event_changed(c, approval->account, "jump_approvals_changed");
    cw_jump_tell_approvers(c, json_pack("{s:s}", "type", "jump_approvals_changed"));
    /* Sessions that this lets in end when it does. */
    for (uint32_t i = 0; i < c->live_count; i++)
        if (c->live[i]->how.approval == approval->id)
            c->live[i]->end_looked_ms = 0;
    return 0;
}

int cw_op_approval_approve(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    struct cw_approval approval;
    uint64_t minutes = 0;
    int err = cw_body_only(request->body, "minutes answer", reply);

    if (err == 0)
        err = find_request(c, request, reply, "jump_approval.approve", &approval);
    if (err == 0)
        err = take_text(request->body, "answer", approval.answer, reply);
    if (err != 0)
        return err;
    if (approval.state != CW_APPROVAL_WAITS ||
        approval.created_ms + CW_APPROVAL_WAIT_S * UINT64_C(1000) <= now_ms)
        return cw_refuse(reply, CW_ERR_STATE, "This request does not wait any more.");
    minutes = approval.minutes;
    if (cw_body_number(request->body, "minutes", 1, approval.minutes, &minutes) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "minutes is from 1 to the %u that were asked for.",
                         approval.minutes);
    approval.state = CW_APPROVAL_GIVEN;
    approval.ends_ms = now_ms + minutes * 60000;
    return store_decision(c, request, &approval, "jump_approval.approve", reply);
}

int cw_op_approval_deny(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    struct cw_approval approval;
    int err = cw_body_only(request->body, "answer", reply);

    if (err == 0)
        err = find_request(c, request, reply, "jump_approval.deny", &approval);
    if (err == 0)
        err = take_text(request->body, "answer", approval.answer, reply);
    if (err == 0 && approval.state == CW_APPROVAL_REFUSED)
        err = cw_refuse(reply, CW_ERR_STATE, "This request was refused already.");
    if (err != 0)
        return err;
    approval.state = CW_APPROVAL_REFUSED;
    approval.ends_ms = cw_control_now_unix_ms(c);
    return store_decision(c, request, &approval, "jump_approval.deny", reply);
}
