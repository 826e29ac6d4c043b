/* SPDX-License-Identifier: Apache-2.0 */
/* Jump policies: listed, made, changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/policy/jump_check.h"
#include "control/policy/operations.h"
#include "control/policy/policy_body.h"
#include "engine/base/err.h"

static const char members[] =
    "name code description schedule time_zone hours dates strict ticket ticket_patterns "
    "second_factor simultaneous with_copies approval approval_minutes recording tell_start "
    "tell_end";

/* ---- listings -------------------------------------------------------------------------------- */

static json_t *policy_json(struct cw_control *c, const struct cw_jump_policy *p)
{
    const int64_t now_s = (int64_t)(cw_control_now_unix_ms(c) / 1000);
    const bool is_open =
        !p->has_schedule || (p->schedule.zone != NULL && cw_schedule_is_open(&p->schedule, now_s));

    return json_pack(
        "{s:I, s:s, s:s, s:s, s:b, s:s, s:b, s:b, s:b, s:s, s:b, s:s, s:b, s:b, s:I,"
        " s:s, s:b, s:b}",
        "id", (json_int_t)p->id, "name", p->name, "code", p->code, "description", p->description,
        "schedule", p->has_schedule, "time_zone", p->zone, "strict", p->is_strict, "open_now",
        is_open, "ticket", p->needs_ticket, "ticket_patterns", p->ticket_patterns, "second_factor",
        p->needs_second_factor, "simultaneous", cw_simultaneous_names[p->simultaneous],
        "with_copies", p->with_copies, "approval", p->needs_approval, "approval_minutes",
        (json_int_t)p->approval_minutes, "recording", cw_jump_recording_names[p->recording],
        "tell_start", p->tells_start, "tell_end", p->tells_end);
}

int cw_op_jump_policy_list(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    const struct cw_policies *p = c->policies;
    json_t *rows = NULL;
    uint32_t after = 0;
    uint32_t limit = 0;
    uint32_t last = 0;
    bool has_more = false;
    int err = cw_body_only(request->body, "after limit", reply);

    if (err == 0)
        err = cw_body_page(request->body, &after, &limit, reply);
    if (err != 0)
        return err;
    rows = json_array();
    for (uint32_t i = 0; i < p->jump_count; i++) {
        if (p->jump[i].id <= after)
            continue;
        has_more = json_array_size(rows) == limit;
        if (has_more)
            break;
        json_array_append_new(rows, policy_json(c, &p->jump[i]));
        last = p->jump[i].id;
    }
    reply->json = json_pack("{s:o, s:o}", "jump_policies", rows, "next",
                            cw_policy_id_json(has_more ? last : 0));
    return 0;
}

/* When it is next open or closed, or null. */
static json_t *next_json(struct cw_control *c, const struct cw_jump_policy *p, bool open)
{
    const int64_t now_s = (int64_t)(cw_control_now_unix_ms(c) / 1000);
    int64_t at_s = 0;

    if (!p->has_schedule || p->schedule.zone == NULL ||
        cw_schedule_next(&p->schedule, open, now_s, now_s + CW_SCHEDULE_HORIZON_S, &at_s) != 0)
        return json_null();
    return json_integer((json_int_t)at_s * 1000);
}

static void reply_policy(struct cw_control *c, struct cw_reply *reply,
                         const struct cw_jump_policy *p)
{
    static char hours[CW_SCHEDULE_TEXT_BYTES_MAX + 1]; /* the state thread's */
    static char dates[CW_SCHEDULE_TEXT_BYTES_MAX + 1];

    cw_hours_text(&p->schedule, hours, sizeof hours);
    cw_dates_text(&p->schedule, dates, sizeof dates);
    reply->json = json_pack("{s:o, s:s, s:s, s:o, s:o}", "jump_policy", policy_json(c, p), "hours",
                            hours, "dates", dates, "next_open_unix_ms", next_json(c, p, true),
                            "next_close_unix_ms", next_json(c, p, false));
}

static int find_policy(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply, const struct cw_jump_policy **ret)
{
    *ret = cw_policies_jump(c, request->path_id);
    if (*ret == NULL)
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no Jump policy with the number %u.",
                         request->path_id);
    return 0;
}

int cw_op_jump_policy_show(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    const struct cw_jump_policy *policy = NULL;
    int err = find_policy(c, request, reply, &policy);

    if (err == 0)
        reply_policy(c, reply, policy);
    return err;
}

/* ---- bodies ---------------------------------------------------------------------------------- */

static int take_switches(const json_t *body, struct cw_jump_policy *p, struct cw_reply *reply)
{
    const struct {
        const char *member;
        bool *value;
    } switches[] = {
        {"schedule", &p->has_schedule},   {"strict", &p->is_strict},
        {"ticket", &p->needs_ticket},     {"second_factor", &p->needs_second_factor},
        {"with_copies", &p->with_copies}, {"approval", &p->needs_approval},
        {"tell_start", &p->tells_start},  {"tell_end", &p->tells_end},
    };

    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++)
        if (cw_body_bool(body, switches[i].member, switches[i].value) != 0)
            return cw_refuse(reply, CW_ERR_INVALID, "%s is true or false.", switches[i].member);
    return 0;
}

static int take_choices(const json_t *body, struct cw_jump_policy *p, struct cw_reply *reply)
{
    unsigned simultaneous = p->simultaneous;
    unsigned recording = p->recording;
    uint64_t minutes = p->approval_minutes;
    const char *patterns = p->ticket_patterns;

    if (cw_body_choice(body, "simultaneous", cw_simultaneous_names, &simultaneous) != 0)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "simultaneous is global, join, another or disallow.");
    if (cw_body_choice(body, "recording", cw_jump_recording_names, &recording) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "recording is global, off, on or required.");
    if (cw_body_number(body, "approval_minutes", 1, CW_APPROVAL_MINUTES_MAX, &minutes) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "approval_minutes is from 1 to %d.",
                         CW_APPROVAL_MINUTES_MAX);
    if (cw_body_lines(body, "ticket_patterns", CW_TICKET_PATTERNS_BYTES_MAX, &patterns) != 0 ||
        strpbrk(patterns, "\n\t") != NULL)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "ticket_patterns is one line of at most %d bytes: # is a digit, @ a "
                         "letter, ? any character, * any number of them.",
                         CW_TICKET_PATTERNS_BYTES_MAX);
    if (patterns != p->ticket_patterns)
        snprintf(p->ticket_patterns, sizeof p->ticket_patterns, "%s", patterns);
    p->simultaneous = (enum cw_simultaneous)simultaneous;
    p->recording = (enum cw_jump_recording)recording;
    p->approval_minutes = (uint32_t)minutes;
    return 0;
}

static int take_policy(const json_t *body, struct cw_jump_policy *p, struct cw_reply *reply)
{
    int err = cw_body_only(body, members, reply);

    /* Who gives hours means them. */
    if (json_object_get(body, "hours") != NULL)
        p->has_schedule = true;
    if (err == 0)
        err = cw_policy_take_texts(body, p->name, p->code, p->description, reply);
    if (err == 0)
        err = take_switches(body, p, reply);
    if (err == 0)
        err = take_choices(body, p, reply);
    if (err == 0)
        err = cw_policy_take_schedule(body, p->zone, &p->schedule, reply);
    return err;
}

/* ---- changes --------------------------------------------------------------------------------- */

static int refuse_taken(const struct cw_jump_policy *p, int err, struct cw_reply *reply)
{
    return err != CW_ERR_CONFLICT
               ? err
               : cw_refuse(reply, err, "There is a Jump policy with that name already: %.100s.",
                           p->name);
}

static int store_policy(struct cw_control *c, const struct cw_request *request,
                        struct cw_jump_policy *p, struct cw_reply *reply)
{
    const bool is_new = p->id == 0;
    char object[40] = "jump policy";
    int err = cw_store_begin(c->store);

    if (err == 0)
        err =
            is_new ? cw_store_jump_policy_add(c->store, p) : cw_store_jump_policy_set(c->store, p);
    if (err == 0)
        snprintf(object, sizeof object, "jump policy %u", p->id);
    err = cw_policy_finish(c, request, err, CW_POLICIES_JUMP,
                           is_new ? "jump_policy.create" : "jump_policy.set", object,
                           "%.100s: hours %d (%.40s, %u ranges, %u dates), strict %d, ticket %d, "
                           "second factor %d, simultaneous %s, approval %d (%u min), recording %s",
                           p->name, p->has_schedule, p->zone, p->schedule.range_count,
                           p->schedule.exception_count, p->is_strict, p->needs_ticket,
                           p->needs_second_factor, cw_simultaneous_names[p->simultaneous],
                           p->needs_approval, p->approval_minutes,
                           cw_jump_recording_names[p->recording]);
    if (err == 0 && cw_policies_jump(c, p->id) != NULL)
        reply_policy(c, reply, cw_policies_jump(c, p->id));
    return refuse_taken(p, err, reply);
}

int cw_op_jump_policy_create(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply)
{
    static struct cw_jump_policy policy; /* the state thread's; too large for its stack */
    int err = 0;

    policy = (struct cw_jump_policy){.with_copies = true, .approval_minutes = CW_APPROVAL_MINUTES};
    err = take_policy(request->body, &policy, reply);
    if (err == 0 && c->policies->jump_count >= CW_JUMP_POLICIES_MAX)
        err = cw_refuse(reply, CW_ERR_FULL, "There can be at most %d Jump policies.",
                        CW_JUMP_POLICIES_MAX);
    return err == 0 ? store_policy(c, request, &policy, reply) : err;
}

int cw_op_jump_policy_set(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply)
{
    static struct cw_jump_policy policy; /* as above */
    const struct cw_jump_policy *before = NULL;
    int err = find_policy(c, request, reply, &before);

    if (err != 0)
        return err;
    policy = *before;
    err = take_policy(request->body, &policy, reply);
    return err == 0 ? store_policy(c, request, &policy, reply) : err;
}

int cw_op_jump_policy_remove(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply)
{
    const struct cw_policies *p = c->policies;
    const struct cw_jump_policy *policy = NULL;
    char name[CW_NAME_SIZE];
    char object[40];
    int err = find_policy(c, request, reply, &policy);

    for (uint32_t i = 0; err == 0 && i < p->of_count; i++)
        if (p->of[i].jump == policy->id)
            err = cw_refuse(reply, CW_ERR_CONFLICT,
                            "Jump Items, copies or groups have this policy (policy-assignments "
                            "lists them). Give them another one first.");
    if (err != 0)
        return err;
    snprintf(name, sizeof name, "%s", policy->name);
    snprintf(object, sizeof object, "jump policy %u", policy->id);
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_jump_policy_remove(c->store, request->path_id);
    return cw_policy_finish(c, request, err, CW_POLICIES_JUMP, "jump_policy.remove", object, "%s",
                            name);
}
