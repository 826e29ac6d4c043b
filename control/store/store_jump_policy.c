/* SPDX-License-Identifier: Apache-2.0 */
/* Jump policies, approvals, and how sessions came to their Jump Items. */
#include <stdio.h>

#include "control/store/store_policy.h"
#include "control/store/store_query.h"
#include "engine/base/err.h"

enum { TELLS_START = 1, TELLS_END = 2 };

int cw_store_jump_policy_each(struct cw_store *s, cw_jump_policy_fn each, void *user)
{
    static struct cw_jump_policy policy; /* the state thread's; too large for its stack */
    struct cw_query q = cw_query_on(s, CW_SQL_JPOLICY_EACH);
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(&q)) {
        policy.id = (uint32_t)cw_column_int(&q, 0);
        cw_column_text(&q, 1, policy.name, sizeof policy.name);
        cw_column_text(&q, 2, policy.code, sizeof policy.code);
        cw_column_text(&q, 3, policy.description, sizeof policy.description);
        policy.has_schedule = cw_column_int(&q, 4) != 0;
        cw_column_text(&q, 5, policy.zone, sizeof policy.zone);
        policy.is_strict = cw_column_int(&q, 6) != 0;
        policy.needs_ticket = cw_column_int(&q, 7) != 0;
        cw_column_text(&q, 8, policy.ticket_patterns, sizeof policy.ticket_patterns);
        policy.needs_second_factor = cw_column_int(&q, 9) != 0;
        policy.simultaneous = (enum cw_simultaneous)cw_column_int(&q, 10);
        policy.with_copies = cw_column_int(&q, 11) != 0;
        policy.needs_approval = cw_column_int(&q, 12) != 0;
        policy.approval_minutes = (uint32_t)cw_column_int(&q, 13);
        policy.recording = (enum cw_jump_recording)cw_column_int(&q, 14);
        policy.tells_start = (cw_column_int(&q, 15) & TELLS_START) != 0;
        policy.tells_end = (cw_column_int(&q, 15) & TELLS_END) != 0;
        stop = each(user, &policy);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_jump_policy_range_each(struct cw_store *s, cw_policy_range_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_JPOLICY_RANGES);
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(&q)) {
        const struct cw_schedule_range range = {(uint16_t)cw_column_int(&q, 1),
                                                (uint16_t)cw_column_int(&q, 2)};
        stop = each(user, (uint32_t)cw_column_int(&q, 0), &range);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_jump_policy_date_each(struct cw_store *s, cw_policy_date_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_JPOLICY_DATES);
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(&q)) {
        const struct cw_schedule_exception date = {(int32_t)cw_column_int(&q, 1),
                                                   (uint16_t)cw_column_int(&q, 2),
                                                   (uint16_t)cw_column_int(&q, 3)};
        stop = each(user, (uint32_t)cw_column_int(&q, 0), &date);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

static int clear(struct cw_store *s, enum cw_statement id, uint32_t policy)
{
    struct cw_query q = cw_query_on(s, id);

    cw_bind_int(&q, policy);
    return cw_query_run(&q);
}

static int put_hours(struct cw_store *s, const struct cw_jump_policy *policy)
{
    struct cw_query q;
    int err = clear(s, CW_SQL_JPOLICY_RANGES_CLEAR, policy->id);

    for (uint32_t i = 0; err == 0 && i < policy->schedule.range_count; i++) {
        q = cw_query_on(s, CW_SQL_JPOLICY_RANGE_ADD);
        cw_bind_int(&q, policy->id);
        cw_bind_int(&q, policy->schedule.ranges[i].start_min);
        cw_bind_int(&q, policy->schedule.ranges[i].end_min);
        err = cw_query_run(&q);
    }
    if (err == 0)
        err = clear(s, CW_SQL_JPOLICY_DATES_CLEAR, policy->id);
    for (uint32_t i = 0; err == 0 && i < policy->schedule.exception_count; i++) {
        q = cw_query_on(s, CW_SQL_JPOLICY_DATE_ADD);
        cw_bind_int(&q, policy->id);
        cw_bind_int(&q, (uint64_t)policy->schedule.exceptions[i].day);
        cw_bind_int(&q, policy->schedule.exceptions[i].start_min);
        cw_bind_int(&q, policy->schedule.exceptions[i].end_min);
        err = cw_query_run(&q);
    }
    return err;
}

static void bind_policy(struct cw_query *q, const struct cw_jump_policy *policy)
{
    cw_bind_text(q, policy->name);
    cw_bind_text(q, policy->code);
    cw_bind_text(q, policy->description);
    cw_bind_int(q, policy->has_schedule);
    cw_bind_text(q, policy->zone);
    cw_bind_int(q, policy->is_strict);
    cw_bind_int(q, policy->needs_ticket);
    cw_bind_text(q, policy->ticket_patterns);
    cw_bind_int(q, policy->needs_second_factor);
    cw_bind_int(q, policy->simultaneous);
    cw_bind_int(q, policy->with_copies);
    cw_bind_int(q, policy->needs_approval);
    cw_bind_int(q, policy->approval_minutes);
    cw_bind_int(q, policy->recording);
    cw_bind_int(q, (policy->tells_start ? TELLS_START : 0U) | (policy->tells_end ? TELLS_END : 0U));
}

int cw_store_jump_policy_add(struct cw_store *s, struct cw_jump_policy *policy)
{
    struct cw_query q = cw_query_on(s, CW_SQL_JPOLICY_ADD);
    int err = 0;

    bind_policy(&q, policy);
    err = cw_query_run(&q);
    if (err != 0)
        return err;
    policy->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return put_hours(s, policy);
}

int cw_store_jump_policy_set(struct cw_store *s, const struct cw_jump_policy *policy)
{
    struct cw_query q = cw_query_on(s, CW_SQL_JPOLICY_SET);
    int err = 0;

    bind_policy(&q, policy);
    cw_bind_int(&q, policy->id);
    err = cw_query_change(&q);
    return err == 0 ? put_hours(s, policy) : err;
}

int cw_store_jump_policy_remove(struct cw_store *s, uint32_t id)
{
    struct cw_query q = cw_query_on(s, CW_SQL_JPOLICY_REMOVE);

    cw_bind_int(&q, id);
    return cw_query_change(&q);
}

/* ---- approvals ------------------------------------------------------------------------------- */

static void approval_of(const struct cw_query *q, struct cw_approval *a)
{
    a->id = (uint32_t)cw_column_int(q, 0);
    a->jump_item = (uint32_t)cw_column_int(q, 1);
    a->account = (uint32_t)cw_column_int(q, 2);
    a->state = (enum cw_approval_state)cw_column_int(q, 3);
    cw_column_text(q, 4, a->reason, sizeof a->reason);
    a->minutes = (uint32_t)cw_column_int(q, 5);
    a->created_ms = cw_column_int(q, 6);
    a->decided_ms = cw_column_int(q, 7);
    a->decided_by = (uint32_t)cw_column_int(q, 8);
    cw_column_text(q, 9, a->answer, sizeof a->answer);
    a->ends_ms = cw_column_int(q, 10);
    cw_column_text(q, 11, a->item_name, sizeof a->item_name);
    cw_column_text(q, 12, a->user, sizeof a->user);
    cw_column_text(q, 13, a->decided_user, sizeof a->decided_user);
}

static int one_approval(struct cw_query *q, struct cw_approval *ret)
{
    bool found = cw_query_row(q);
    int err = 0;

    if (found)
        approval_of(q, ret);
    err = cw_query_end(q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}

int cw_store_approval_add(struct cw_store *s, struct cw_approval *approval)
{
    struct cw_query q = cw_query_on(s, CW_SQL_APPROVAL_ADD);
    int err = 0;

    cw_bind_int(&q, approval->jump_item);
    cw_bind_int(&q, approval->account);
    cw_bind_int(&q, approval->state);
    cw_bind_text(&q, approval->reason);
    cw_bind_int(&q, approval->minutes);
    cw_bind_int(&q, approval->created_ms);
    err = cw_query_run(&q);
    if (err == 0)
        approval->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

int cw_store_approval_get(struct cw_store *s, uint32_t id, struct cw_approval *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_APPROVAL_GET);

    cw_bind_int(&q, id);
    return one_approval(&q, ret);
}

static int each_approval(struct cw_query *q, cw_approval_fn each, void *user)
{
    struct cw_approval approval;
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(q)) {
        approval_of(q, &approval);
        stop = each(user, &approval);
    }
    err = cw_query_end(q);
    return err != 0 ? err : stop;
}

int cw_store_approval_each(struct cw_store *s, uint32_t after, uint32_t account, unsigned state,
                           uint32_t count_max, cw_approval_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_APPROVAL_EACH);

    cw_bind_int(&q, after);
    cw_bind_int(&q, account);
    cw_bind_int(&q, state);
    cw_bind_int(&q, count_max);
    return each_approval(&q, each, user);
}

int cw_store_approval_old(struct cw_store *s, uint64_t before_ms, uint32_t count_max,
                          cw_approval_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_APPROVAL_OLD);

    cw_bind_int(&q, before_ms);
    cw_bind_int(&q, count_max);
    return each_approval(&q, each, user);
}

int cw_store_approval_remove(struct cw_store *s, uint32_t id)
{
    struct cw_query q = cw_query_on(s, CW_SQL_APPROVAL_REMOVE);

    cw_bind_int(&q, id);
    return cw_query_change(&q);
}

int cw_store_approval_find(struct cw_store *s, uint32_t account, uint32_t jump_item,
                           enum cw_approval_state state, struct cw_approval *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_APPROVAL_FIND);

    cw_bind_int(&q, account);
    cw_bind_int(&q, jump_item);
    cw_bind_int(&q, state);
    return one_approval(&q, ret);
}

int cw_store_approval_count(struct cw_store *s, uint32_t account, enum cw_approval_state state,
                            uint64_t since_ms, uint32_t *ret_count)
{
    struct cw_query q = cw_query_on(s, CW_SQL_APPROVAL_COUNT);
    uint64_t count = 0;
    int err = 0;

    cw_bind_int(&q, account);
    cw_bind_int(&q, state);
    cw_bind_int(&q, since_ms);
    err = cw_query_number(&q, &count);
    if (err == 0)
        *ret_count = (uint32_t)count;
    return err;
}

int cw_store_approval_decide(struct cw_store *s, const struct cw_approval *approval)
{
    struct cw_query q = cw_query_on(s, CW_SQL_APPROVAL_DECIDE);

    cw_bind_int(&q, approval->id);
    cw_bind_int(&q, approval->state);
    cw_bind_int(&q, approval->decided_ms);
    cw_bind_int(&q, approval->decided_by);
    cw_bind_text(&q, approval->answer);
    cw_bind_int(&q, approval->ends_ms);
    return cw_query_change(&q);
}

/* ---- sessions -------------------------------------------------------------------------------- */

int cw_store_session_jump_add(struct cw_store *s, const struct cw_session_jump *row)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SESSION_JUMP_ADD);

    cw_bind_int(&q, row->session);
    cw_bind_int(&q, row->copy);
    cw_bind_int(&q, row->jump_policy);
    cw_bind_int(&q, row->approval);
    cw_bind_text(&q, row->ticket);
    cw_bind_int(&q, row->is_override);
    cw_bind_int(&q, row->is_attended);
    return cw_query_run(&q);
}

int cw_store_session_jump_get(struct cw_store *s, uint32_t session, struct cw_session_jump *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SESSION_JUMP_GET);
    bool found = false;
    int err = 0;

    cw_bind_int(&q, session);
    found = cw_query_row(&q);
    if (found) {
        ret->session = session;
        ret->copy = (uint32_t)cw_column_int(&q, 0);
        ret->jump_policy = (uint32_t)cw_column_int(&q, 1);
        ret->approval = (uint32_t)cw_column_int(&q, 2);
        cw_column_text(&q, 3, ret->ticket, sizeof ret->ticket);
        ret->is_override = cw_column_int(&q, 4) != 0;
        ret->is_attended = cw_column_int(&q, 5) != 0;
    }
    err = cw_query_end(&q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}
