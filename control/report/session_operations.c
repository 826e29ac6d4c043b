/* SPDX-License-Identifier: Apache-2.0 */
/* Reports on sessions: a row each, with all of their parts, or one part of many. */
#include <string.h>

#include "control/api/body.h"
#include "control/report/filter.h"
#include "control/report/operations.h"
#include "engine/base/err.h"

#define FILTERS \
    "from to format after limit session account team jump_item group external_key customer status"

struct listing {
    struct cw_control *c;
    struct cw_report_query_of q;
    struct cw_sheet sheet;
    const struct cw_table *table;  /* of its rows */
    const struct cw_table *part;   /* the same when its rows are of a part */
    const struct cw_table *nested; /* the part that is being added to a row */
    bool is_detailed;
    struct cw_report_mark last; /* where the answer ends, if it is full */
};

static bool is_full(const struct listing *l)
{
    return l->sheet.rows >= l->q.limit || l->sheet.bytes >= CW_REPORT_BYTES_MAX;
}

/* ---- rows of sessions, with their parts ------------------------------------------------------- */

static int add_nested(void *user, const struct cw_report_row *row)
{
    struct listing *l = user;

    cw_sheet_part_row(&l->sheet, l->nested, row);
    return 0;
}

static int add_session(void *user, const struct cw_report_row *row)
{
    struct listing *l = user;
    const struct cw_table *const *parts = l->is_detailed ? l->table->parts : NULL;
    int err = 0;

    l->last = cw_report_row_mark(row);
    cw_sheet_row(&l->sheet, row);
    for (; err == 0 && parts != NULL && *parts != NULL; parts++) {
        l->nested = *parts;
        cw_sheet_part(&l->sheet, l->nested);
        err = cw_store_report_part(l->c->store, l->nested->query, (uint32_t)l->last.id, 0,
                                   CW_REPORT_PART_ROWS_MAX, add_nested, l);
        cw_sheet_part_end(&l->sheet, l->nested);
    }
    cw_sheet_row_end(&l->sheet);
    return err != 0 ? err : is_full(l);
}

/* ---- rows of a part --------------------------------------------------------------------------- */

static int add_part_row(void *user, const struct cw_report_row *row)
{
    struct listing *l = user;

    l->last.row = cw_report_row_mark(row).id;
    cw_sheet_row(&l->sheet, row);
    cw_sheet_row_end(&l->sheet);
    return is_full(l);
}

static int add_part(void *user, const struct cw_report_row *row)
{
    struct listing *l = user;
    const struct cw_report_mark at = cw_report_row_mark(row);
    const struct cw_report_mark *after = &l->q.after;
    const bool goes_on = after->row != 0 && after->time_ms == at.time_ms && after->id == at.id;

    l->last = at;
    return cw_store_report_part(l->c->store, l->part->query, (uint32_t)at.id,
                                goes_on ? after->row : 0, l->q.limit - l->sheet.rows, add_part_row,
                                l);
}

/* ---- an answer -------------------------------------------------------------------------------- */

static int run(struct listing *l, struct cw_reply *reply)
{
    const uint32_t sessions =
        l->part != NULL ? CW_REPORT_ROWS_MAX : l->q.limit; /* each is asked for its part */
    struct cw_report_mark after = l->q.after;
    struct cw_report_mark end;
    char next[CW_REPORT_CURSOR_SIZE] = "";
    bool is_last = false;
    int err = 0;

    /* In the middle of a session: that one again. */
    if (after.row != 0 && after.id > 0)
        after.id--;
    if (l->part != NULL)
        l->q.filter.kind = 0;
    err = cw_store_report_window(l->c->store, &l->q.filter, &after,
                                 l->part != NULL ? CW_REPORT_ROWS_MAX : CW_REPORT_WINDOW, &end,
                                 &is_last);
    if (err != 0)
        return err;
    cw_sheet_begin(&l->sheet, l->q.format, l->part != NULL ? l->part : l->table, l->q.is_first,
                   l->q.filter.now_ms);
    err = cw_store_report_sessions(l->c->store, l->table->query, &l->q.filter, &after, &end,
                                   sessions, l->part != NULL ? add_part : add_session, l);
    if (err < 0) {
        cw_sheet_free(&l->sheet);
        return err;
    }
    if (err > 0)
        cw_report_cursor_text(&l->last, next);
    else if (!is_last)
        cw_report_cursor_text(&end, next);
    return cw_sheet_end(&l->sheet, next, reply);
}

static int take(struct cw_control *c, const struct cw_request *request, const char *members,
                struct listing *l, struct cw_reply *reply)
{
    int err = cw_body_only(request->body, members, reply);

    l->c = c;
    if (err == 0)
        err = cw_report_take_page(c, request, reply, &l->q);
    if (err == 0)
        err = cw_report_take_sessions(request, reply, &l->q.filter);
    return err == 0 ? cw_report_take_viewer(c, request, &l->q.filter) : err;
}

static int take_part(const struct cw_request *request, struct listing *l, struct cw_reply *reply)
{
    const char *name = NULL;

    if (json_object_get(request->body, "part") == NULL)
        return 0;
    if (cw_body_text(request->body, "part", CW_NAME_BYTES_MAX, &name) == 0)
        l->part = cw_table_part(name);
    if (l->part == NULL)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "part must be participants, queue, events, chat, notes, attributes, "
                         "surveys or recordings.");
    return 0;
}

static int take_details(const struct cw_request *request, struct listing *l, struct cw_reply *reply)
{
    if (cw_body_bool(request->body, "details", &l->is_detailed) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "details is either true or false.");
    if (!l->is_detailed)
        return 0;
    if (l->part != NULL)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "details gives every part of each session, part one of them: ask for one "
                         "or the other.");
    if (l->q.format == CW_REPORT_CSV)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "CSV has one row for each session. Ask for its parts one by one, with "
                         "part=chat for instance, or for JSON or XML.");
    if (l->q.limit > CW_REPORT_DETAILED_MAX)
        l->q.limit = CW_REPORT_DETAILED_MAX;
    return 0;
}

int cw_op_report_sessions(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply)
{
    struct listing l = {.table = &cw_table_sessions};
    int err = take(c, request, FILTERS " details part", &l, reply);

    if (err == 0)
        err = take_part(request, &l, reply);
    if (err == 0)
        err = take_details(request, &l, reply);
    return err == 0 ? run(&l, reply) : err;
}

struct wanted {
    bool is_there;
};

static int note_session(void *user, const struct cw_report_row *row)
{
    (void)row;
    ((struct wanted *)user)->is_there = true;
    return 0;
}

int cw_op_report_session(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    const struct cw_report_mark first = {0};
    const struct cw_report_mark end = {.time_ms = INT64_MAX, .id = INT64_MAX};
    struct listing l = {.table = &cw_table_sessions};
    struct wanted wanted = {false};
    int err = take(c, request, "format after limit part", &l, reply);

    l.q.filter.session = request->path_id;
    if (err == 0)
        err = take_part(request, &l, reply);
    if (err == 0)
        err = cw_store_report_sessions(c->store, CW_REPORT_SESSIONS, &l.q.filter, &first, &end, 1,
                                       note_session, &wanted);
    if (err == 0 && !wanted.is_there)
        err = cw_refuse(reply, CW_ERR_NOT_FOUND,
                        "There is no session %u, or you may not see its report.", request->path_id);
    l.is_detailed = l.part == NULL && l.q.format != CW_REPORT_CSV;
    return err == 0 ? run(&l, reply) : err;
}

int cw_op_report_jump_items(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply)
{
    struct listing l = {.table = &cw_table_accesses};
    int err = take(c, request, FILTERS, &l, reply);

    l.q.filter.kind = CW_SESSION_JUMP;
    return err == 0 ? run(&l, reply) : err;
}

int cw_op_report_buttons(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    struct listing l = {.table = &cw_table_buttons};
    int err = take(c, request, FILTERS, &l, reply);

    return err == 0 ? run(&l, reply) : err;
}

int cw_op_report_surveys(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    struct listing l = {.table = &cw_table_sessions, .part = &cw_table_surveys};
    int err = take(c, request, FILTERS, &l, reply);

    return err == 0 ? run(&l, reply) : err;
}
