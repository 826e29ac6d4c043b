/* SPDX-License-Identifier: Apache-2.0 */
#include "control/store/store_report.h"

#include "control/store/store_query.h"
#include "engine/base/check.h"
#include "engine/base/err.h"

static const enum cw_statement statements[CW_REPORT_QUERY_COUNT] = {
    [CW_REPORT_SESSIONS] = CW_SQL_REPORT_SESSIONS,
    [CW_REPORT_ACCESSES] = CW_SQL_REPORT_ACCESSES,
    [CW_REPORT_BUTTONS] = CW_SQL_REPORT_BUTTONS,
    [CW_REPORT_PARTICIPANTS] = CW_SQL_REPORT_PARTICIPANTS,
    [CW_REPORT_QUEUE] = CW_SQL_REPORT_QUEUE,
    [CW_REPORT_EVENTS] = CW_SQL_REPORT_EVENTS,
    [CW_REPORT_CHAT] = CW_SQL_REPORT_CHAT,
    [CW_REPORT_NOTES] = CW_SQL_REPORT_NOTES,
    [CW_REPORT_ATTRIBUTES] = CW_SQL_REPORT_ATTRIBUTES,
    [CW_REPORT_SURVEYS] = CW_SQL_REPORT_SURVEYS,
    [CW_REPORT_RECORDINGS] = CW_SQL_REPORT_RECORDINGS,
    [CW_REPORT_TEAMS] = CW_SQL_REPORT_TEAMS,
    [CW_REPORT_BY_DAY] = CW_SQL_REPORT_BY_DAY,
    [CW_REPORT_BY_REPRESENTATIVE] = CW_SQL_REPORT_BY_REPRESENTATIVE,
    [CW_REPORT_BY_TEAM] = CW_SQL_REPORT_BY_TEAM,
    [CW_REPORT_BY_GROUP] = CW_SQL_REPORT_BY_GROUP,
    [CW_REPORT_AUDIT] = CW_SQL_REPORT_AUDIT,
};

enum { PLACE_COLUMNS = 2 }; /* before a row's own */

struct cw_report_row {
    struct cw_query q;
};

/* ---- rows ------------------------------------------------------------------------------------- */

struct cw_report_mark cw_report_row_mark(const struct cw_report_row *row)
{
    return (struct cw_report_mark){.time_ms = cw_column_int(&row->q, 0),
                                   .id = cw_column_int(&row->q, 1)};
}

uint64_t cw_report_row_number(const struct cw_report_row *row, unsigned column)
{
    return cw_column_int(&row->q, (int)column + PLACE_COLUMNS);
}

const char *cw_report_row_text(const struct cw_report_row *row, unsigned column)
{
    const unsigned char *text = sqlite3_column_text(row->q.statement, (int)column + PLACE_COLUMNS);

    return text != NULL ? (const char *)text : "";
}

static int each_row(struct cw_query *q, cw_report_fn each, void *user)
{
    struct cw_report_row row = {*q};
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(&row.q))
        stop = each(user, &row);
    err = cw_query_end(&row.q);
    return err != 0 ? err : stop;
}

/* ---- sessions --------------------------------------------------------------------------------- */

static bool take_mark(struct cw_query *q, struct cw_report_mark *ret)
{
    const bool found = cw_query_row(q);

    if (found)
        *ret = (struct cw_report_mark){.time_ms = cw_column_int(q, 0), .id = cw_column_int(q, 1)};
    return found;
}

int cw_store_report_window(struct cw_store *s, const struct cw_report_filter *filter,
                           const struct cw_report_mark *after, uint32_t rows,
                           struct cw_report_mark *ret_end, bool *ret_is_last)
{
    struct cw_query q;
    bool found = false;

    /* One session is a window of its own, wherever it is. */
    if (filter->session != 0) {
        q = cw_query_on(s, CW_SQL_REPORT_SESSION_PLACE);
        cw_bind_int(&q, filter->session);
    } else {
        q = cw_query_on(s, CW_SQL_REPORT_SESSION_WINDOW);
        cw_bind_int(&q, after->time_ms);
        cw_bind_int(&q, after->id);
        cw_bind_int(&q, filter->to_ms - 1);
        cw_bind_int(&q, rows - 1);
    }
    found = take_mark(&q, ret_end);
    if (!found || ret_end->time_ms >= filter->to_ms)
        *ret_end = (struct cw_report_mark){.time_ms = filter->to_ms - 1, .id = INT64_MAX};
    *ret_is_last = !found || filter->session != 0;
    return cw_query_end(&q);
}

int cw_store_report_sessions(struct cw_store *s, enum cw_report_query query,
                             const struct cw_report_filter *filter,
                             const struct cw_report_mark *after, const struct cw_report_mark *end,
                             uint32_t rows, cw_report_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, statements[query]);

    CW_DCHECK(query <= CW_REPORT_BUTTONS, "a report on sessions");
    cw_bind_int(&q, after->time_ms);
    cw_bind_int(&q, after->id);
    cw_bind_int(&q, end->time_ms);
    cw_bind_int(&q, end->id);
    cw_bind_int(&q, filter->session);
    cw_bind_int(&q, filter->now_ms);
    cw_bind_int(&q, filter->team);
    cw_bind_int(&q, filter->item);
    cw_bind_int(&q, filter->group);
    cw_bind_text(&q, filter->external_key);
    cw_bind_text(&q, filter->customer);
    cw_bind_int(&q, filter->state);
    cw_bind_int(&q, filter->kind);
    cw_bind_int(&q, filter->viewer);
    cw_bind_int(&q, filter->viewer_item);
    cw_bind_int(&q, filter->account);
    cw_bind_int(&q, rows);
    return each_row(&q, each, user);
}

int cw_store_report_part(struct cw_store *s, enum cw_report_query query, uint32_t session,
                         uint64_t after, uint32_t rows, cw_report_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, statements[query]);

    CW_DCHECK(query >= CW_REPORT_PARTICIPANTS && query <= CW_REPORT_RECORDINGS, "a part");
    cw_bind_int(&q, session);
    cw_bind_int(&q, after);
    cw_bind_int(&q, rows);
    return each_row(&q, each, user);
}

int cw_store_report_totals(struct cw_store *s, enum cw_report_query query,
                           const struct cw_report_filter *filter, uint64_t after, uint32_t rows,
                           cw_report_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, statements[query]);

    CW_DCHECK(query >= CW_REPORT_TEAMS && query <= CW_REPORT_BY_GROUP, "a report of totals");
    cw_bind_int(&q, filter->from_ms);
    cw_bind_int(&q, filter->to_ms);
    cw_bind_int(&q, filter->account);
    cw_bind_int(&q, filter->team);
    cw_bind_int(&q, filter->viewer);
    cw_bind_int(&q, filter->now_ms);
    cw_bind_int(&q, rows);
    cw_bind_int(&q, after);
    return each_row(&q, each, user);
}

int cw_store_report_audit(struct cw_store *s, const struct cw_report_filter *filter,
                          const struct cw_report_mark *after, uint32_t rows, cw_report_fn each,
                          void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_REPORT_AUDIT);

    cw_bind_int(&q, after->time_ms);
    cw_bind_int(&q, after->id);
    cw_bind_int(&q, filter->to_ms - 1);
    cw_bind_text(&q, filter->user);
    cw_bind_int(&q, rows);
    return each_row(&q, each, user);
}

/* ---- history ---------------------------------------------------------------------------------- */

static int run_stay(struct cw_store *s, enum cw_statement step, const struct cw_session *session,
                    uint64_t now_ms)
{
    const uint32_t team = session->state == CW_SESSION_WAITING ? session->team : session->last.team;
    struct cw_query q = cw_query_on(s, step);

    cw_bind_int(&q, session->id);
    cw_bind_int(&q, session->state);
    cw_bind_int(&q, team);
    cw_bind_int(&q, session->account);
    cw_bind_int(&q, now_ms);
    return cw_query_run(&q);
}

int cw_store_stay_begin(struct cw_store *s, const struct cw_session *session, uint64_t now_ms)
{
    return run_stay(s, CW_SQL_STAY_OPEN, session, now_ms);
}

int cw_store_stay_put(struct cw_store *s, const struct cw_session *session, uint64_t now_ms)
{
    const int err = run_stay(s, CW_SQL_STAY_CLOSE, session, now_ms);

    return err == 0 ? cw_store_stay_begin(s, session, now_ms) : err;
}

int cw_store_visit_put(struct cw_store *s, const struct cw_participant *participant)
{
    struct cw_query q = cw_query_on(s, CW_SQL_VISIT_PUT);

    cw_bind_int(&q, participant->session);
    cw_bind_int(&q, participant->number);
    cw_bind_int(&q, participant->joined_ms);
    cw_bind_int(&q, participant->left_ms);
    cw_bind_int(&q, participant->relation);
    return cw_query_run(&q);
}

int cw_store_visit_address(struct cw_store *s, const struct cw_participant *participant,
                           const char *address)
{
    struct cw_query q = cw_query_on(s, CW_SQL_VISIT_ADDRESS);

    cw_bind_int(&q, participant->session);
    cw_bind_int(&q, participant->number);
    cw_bind_int(&q, participant->joined_ms);
    cw_bind_text(&q, address);
    return cw_query_run(&q);
}

int cw_store_stay_end(struct cw_store *s, uint32_t session, uint64_t now_ms)
{
    struct cw_query q = cw_query_on(s, CW_SQL_STAY_CLOSE);
    int err = 0;

    cw_bind_int(&q, session);
    cw_bind_int(&q, CW_SESSION_ENDED); /* no stay has that */
    cw_bind_int(&q, 0);
    cw_bind_int(&q, 0);
    cw_bind_int(&q, now_ms);
    err = cw_query_run(&q);
    if (err != 0)
        return err;
    q = cw_query_on(s, CW_SQL_VISIT_END);
    cw_bind_int(&q, session);
    cw_bind_int(&q, now_ms);
    return cw_query_run(&q);
}

int cw_store_presence_put(struct cw_store *s, uint32_t account, int state, uint64_t now_ms)
{
    struct cw_query q = cw_query_on(s, CW_SQL_PRESENCE_CLOSE);
    int err = 0;

    cw_bind_int(&q, account);
    cw_bind_int(&q, (uint64_t)(int64_t)state);
    cw_bind_int(&q, now_ms);
    err = cw_query_run(&q);
    if (err != 0 || state < 0)
        return err;
    q = cw_query_on(s, CW_SQL_PRESENCE_OPEN);
    cw_bind_int(&q, account);
    cw_bind_int(&q, (uint64_t)(int64_t)state);
    cw_bind_int(&q, now_ms);
    return cw_query_run(&q);
}

int cw_store_presence_each(struct cw_store *s, cw_presence_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_PRESENCE_OPEN_EACH);
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(&q))
        stop = each(user, (uint32_t)cw_column_int(&q, 0));
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

/* ---- what is too old -------------------------------------------------------------------------- */

static int remove_session(struct cw_store *s, uint32_t id, uint64_t *rows)
{
    static const enum cw_statement steps[] = {
        CW_SQL_PURGE_KEYS,         CW_SQL_PURGE_SKILLS,      CW_SQL_PURGE_ASKED,
        CW_SQL_PURGE_FAVOURITES,   CW_SQL_PURGE_INVITATIONS, CW_SQL_PURGE_NOTES,
        CW_SQL_PURGE_ATTRIBUTES,   CW_SQL_PURGE_ANSWERS,     CW_SQL_PURGE_CHAT,
        CW_SQL_PURGE_PARTICIPANTS, CW_SQL_PURGE_SESSION,
    };
    int err = 0;

    for (size_t i = 0; err == 0 && i < sizeof steps / sizeof steps[0]; i++) {
        struct cw_query q = cw_query_on(s, steps[i]);
        cw_bind_int(&q, id);
        err = cw_query_run(&q);
        if (steps[i] != CW_SQL_PURGE_KEYS && steps[i] != CW_SQL_PURGE_SESSION)
            *rows += (uint64_t)sqlite3_changes(s->db);
    }
    return err;
}

int cw_store_report_purge(struct cw_store *s, uint64_t before_ms, uint32_t sessions,
                          struct cw_report_purged *ret)
{
    uint32_t ids[CW_REPORT_PURGE_SESSIONS];
    struct cw_query q = cw_query_on(s, CW_SQL_REPORT_OLD);
    int err = 0;

    CW_DCHECK(sessions <= CW_REPORT_PURGE_SESSIONS, "a step");
    *ret = (struct cw_report_purged){0};
    cw_bind_int(&q, before_ms);
    cw_bind_int(&q, sessions);
    while (ret->sessions < sessions && cw_query_row(&q))
        ids[ret->sessions++] = (uint32_t)cw_column_int(&q, 0);
    err = cw_query_end(&q);
    for (uint32_t i = 0; err == 0 && i < ret->sessions; i++) {
        ret->first = i == 0 || ids[i] < ret->first ? ids[i] : ret->first;
        ret->last = ids[i] > ret->last ? ids[i] : ret->last;
        err = remove_session(s, ids[i], &ret->rows);
    }
    if (err != 0)
        return err;
    q = cw_query_on(s, CW_SQL_PRESENCE_PURGE);
    cw_bind_int(&q, before_ms);
    cw_bind_int(&q, sessions);
    err = cw_query_run(&q);
    ret->presences = (uint64_t)sqlite3_changes(s->db);
    return err;
}
