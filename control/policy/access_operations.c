/* SPDX-License-Identifier: Apache-2.0 */
/* What a Jump to an item would ask for, so that a person is asked before it is tried. jump_check.c decides. */
#include <string.h>

#include "control/account/factor.h"
#include "control/account/right.h"
#include "control/api/body.h"
#include "control/jump/device.h"
#include "control/jump/jump.h"
#include "control/policy/jump_check.h"
#include "control/policy/jump_group.h"
#include "control/policy/operations.h"
#include "control/policy/policy_body.h"
#include "engine/base/err.h"

static json_t *time_or_null(int64_t unix_s)
{
    return unix_s != 0 ? json_integer((json_int_t)unix_s * 1000) : json_null();
}

/* The hours: open now, the next change. */
static int add_hours(struct cw_control *c, const struct cw_jump_policy *policy, json_t *access)
{
    const int64_t now_s = (int64_t)(cw_control_now_unix_ms(c) / 1000);
    const struct cw_schedule *schedule = policy != NULL ? &policy->schedule : NULL;
    const bool has_hours = policy != NULL && policy->has_schedule && policy->schedule.zone != NULL;
    /* A zone that this appliance does not know is never open. */
    const bool is_open = policy == NULL || !policy->has_schedule ||
                         (has_hours && cw_schedule_is_open(schedule, now_s));
    int64_t next_s = 0;
    json_t *hours = NULL;

    if (has_hours &&
        cw_schedule_next(schedule, !is_open, now_s, now_s + CW_SCHEDULE_HORIZON_S, &next_s) != 0)
        next_s = 0;
    hours = json_pack("{s:b, s:o, s:o, s:b}", "is_open", is_open, "next_open_unix_ms",
                      time_or_null(is_open ? 0 : next_s), "next_close_unix_ms",
                      time_or_null(is_open ? next_s : 0), "is_strict",
                      policy != NULL && policy->is_strict);
    const int err = json_object_update(access, hours) == 0 ? 0 : CW_ERR_NOMEM;
    json_decref(hours);
    return err;
}

static json_t *approval_json(struct cw_control *c, const struct cw_request *request,
                             const struct cw_jump_policy *policy)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    const char *state = "needed";
    struct cw_approval approval = {0};
    uint64_t ends_ms = 0;

    if (policy == NULL || !policy->needs_approval)
        return json_null();
    if (cw_store_approval_find(c->store, request->account, request->path_id, CW_APPROVAL_GIVEN,
                               &approval) == 0 &&
        approval.ends_ms > now_ms) {
        state = "given";
        ends_ms = approval.ends_ms;
    } else if (cw_store_approval_find(c->store, request->account, request->path_id,
                                      CW_APPROVAL_WAITS, &approval) == 0 &&
               approval.created_ms + CW_APPROVAL_WAIT_S * UINT64_C(1000) > now_ms) {
        state = "waits";
        ends_ms = approval.created_ms + CW_APPROVAL_WAIT_S * UINT64_C(1000);
    }
    return json_pack("{s:s, s:o, s:I, s:o}", "state", state, "request",
                     cw_policy_id_json(ends_ms != 0 ? approval.id : 0), "minutes",
                     (json_int_t)policy->approval_minutes, "ends_unix_ms",
                     time_or_null((int64_t)(ends_ms / 1000)));
}

static json_t *sessions_json(struct cw_control *c, uint32_t account, uint32_t jump_item)
{
    json_t *rows = json_array();

    for (const struct cw_live_session *s = cw_live_next_of_item(c, jump_item, NULL); s != NULL;
         s = cw_live_next_of_item(c, jump_item, s))
        (void)json_array_append_new(
            rows, json_pack("{s:I, s:s, s:b}", "session", (json_int_t)s->row.id, "representative",
                            s->row.representative, "is_own", s->row.account == account));
    return rows;
}

static const char *reach_of(struct cw_control *c, const struct cw_jump_detail *detail)
{
    if (detail->is_disabled)
        return "disabled";
    if (cw_device_is_online(c, detail->item.id))
        return "online";
    return detail->mode == CW_JUMP_PASSIVE ? "wakes" : "offline";
}

/* One that the caller sees; its copy is checked where the way is looked for. */
__attribute__((noinline)) static int find_item(struct cw_control *c,
                                               const struct cw_request *request,
                                               struct cw_reply *reply, const char **ret_reach)
{
    struct cw_jump_detail detail;
    struct cw_jump_view view;
    int err = cw_jump_view_begin(c, request, &view);

    if (err != 0)
        return err;
    err = cw_jump_get(c, &view, request->path_id, reply, &detail);
    cw_jump_view_end(&view);
    *ret_reach = err == 0 ? reach_of(c, &detail) : "offline";
    return err;
}

static const char *recording_word(enum cw_recording_policy recording)
{
    return recording == CW_RECORDING_MUST ? "required"
           : recording == CW_RECORDING_ON ? "on"
                                          : "off";
}

static json_t *policy_json(const struct cw_jump_policy *policy)
{
    return policy == NULL
               ? json_null()
               : json_pack("{s:I, s:s}", "id", (json_int_t)policy->id, "name", policy->name);
}

int cw_op_jump_item_access(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    const struct cw_jump_policy *policy = NULL;
    const uint32_t item = request->path_id;
    struct cw_factors factors = {0};
    const char *reach = NULL;
    uint32_t wanted = UINT32_MAX;
    uint32_t copy = 0;
    uint32_t group = 0;
    int err = cw_body_only(request->body, "copy", reply);

    if (err == 0)
        err = cw_policy_take_id(request->body, "copy", &wanted, reply);
    if (err == 0)
        err = find_item(c, request, reply, &reach);
    if (err == 0 && request->account != 0)
        err = cw_factors_of(c, request->account, &factors);
    if (err != 0)
        return err;
    const int way = cw_jump_way(c, request->account, item, wanted, &copy, &group);
    policy = cw_jump_policy_of(c, item, copy);
    json_t *access = json_pack(
        "{s:b, s:o, s:o, s:b, s:b, s:b, s:o, s:b, s:b, s:s, s:s, s:o, s:s}", "may_start", way == 0,
        "copy", cw_policy_id_json(copy), "policy", policy_json(policy), "ticket",
        policy != NULL && policy->needs_ticket, "second_factor",
        policy != NULL && policy->needs_second_factor, "has_code", factors.has_totp, "approval",
        approval_json(c, request, policy), "may_override",
        request->account == 0 || cw_right_has(c, request->account, CW_RIGHT_OVERRIDE_JUMP_POLICY),
        "tells", policy != NULL && (policy->tells_start || policy->tells_end), "recording",
        recording_word(cw_jump_recording(c, item, copy)), "reach", reach, "sessions",
        sessions_json(c, request->account, item), "second",
        cw_simultaneous_names[cw_jump_simultaneous(c, item, copy)]);
    err = access != NULL ? add_hours(c, policy, access) : CW_ERR_NOMEM;
    if (err == 0)
        reply->json = json_pack("{s:o}", "access", access);
    else
        json_decref(access);
    return err;
}
