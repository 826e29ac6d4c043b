/* SPDX-License-Identifier: Apache-2.0 */
/* Reports that add up everything between two times: read beside the state thread, on a connection of their own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/api/body.h"
#include "control/job.h"
#include "control/report/filter.h"
#include "control/report/operations.h"
#include "control/report/schema.h"
#include "engine/base/err.h"

#define DAY_MS (UINT64_C(86400) * 1000)

struct totals {
    char path[560];
    char message[400]; /* why the store cannot be read */
    int err;
    enum cw_report_query query;
    struct cw_report_query_of q;
    struct cw_sheet sheet;
    struct cw_report_mark last;
};

static int add_row(void *user, const struct cw_report_row *row)
{
    struct totals *t = user;

    t->last = cw_report_row_mark(row);
    cw_sheet_row(&t->sheet, row);
    cw_sheet_row_end(&t->sheet);
    return t->sheet.rows >= t->q.limit;
}

static void totals_run(struct cw_job *job)
{
    struct totals *t = job->user;
    struct cw_store *s = NULL;

    t->err = cw_store_open_reader(t->path, t->message, sizeof t->message, &s);
    if (t->err == 0)
        t->err = cw_store_report_totals(s, t->query, &t->q.filter, t->q.after.id, t->q.limit,
                                        add_row, t);
    cw_store_close(s);
}

static int totals_finish(struct cw_control *c, struct cw_job *job, struct cw_reply *reply)
{
    struct totals *t = job->user;
    char next[CW_REPORT_CURSOR_SIZE] = "";
    int err = 0;

    (void)c;
    if (t->err > 0)
        cw_report_cursor_text(&t->last, next);
    if (reply != NULL && t->err >= 0)
        err = cw_sheet_end(&t->sheet, next, reply);
    else if (reply != NULL)
        err = cw_refuse(reply, CW_ERR_IO, "The report cannot be made: %.180s",
                        t->message[0] != '\0' ? t->message : cw_err_text(t->err));
    cw_sheet_free(&t->sheet);
    free(t);
    return err;
}

/* Without from: the last 30 days; without to: until now. */
static int take_range(const struct cw_request *request, struct cw_report_query_of *q,
                      struct cw_reply *reply)
{
    struct cw_report_filter *f = &q->filter;

    if (json_object_get(request->body, "to") == NULL)
        f->to_ms = f->now_ms + 1;
    if (json_object_get(request->body, "from") == NULL)
        f->from_ms = f->to_ms > 30 * DAY_MS ? f->to_ms - 30 * DAY_MS : 0;
    if (f->from_ms >= f->to_ms)
        return cw_refuse(reply, CW_ERR_INVALID, "to must be later than from.");
    if (f->to_ms - f->from_ms > CW_REPORT_TOTALS_DAYS_MAX * DAY_MS)
        return cw_refuse(reply, CW_ERR_INVALID, "From from to to it is %d days at most.",
                         CW_REPORT_TOTALS_DAYS_MAX);
    return 0;
}

static int take(struct cw_control *c, const struct cw_request *request, const char *members,
                struct cw_reply *reply, struct totals **ret)
{
    struct totals *t = calloc(1, sizeof *t);
    int err = t != NULL ? cw_body_only(request->body, members, reply) : CW_ERR_NOMEM;

    if (err == 0)
        err = cw_report_take_page(c, request, reply, &t->q);
    if (err == 0)
        err = take_range(request, &t->q, reply);
    if (err == 0)
        err = cw_report_take_sessions(request, reply, &t->q.filter);
    if (err == 0)
        err = cw_report_take_viewer(c, request, &t->q.filter);
    if (err != 0) {
        free(t);
        return err;
    }
    (void)snprintf(t->path, sizeof t->path, "%s/store.sqlite", c->config.control_dir);
    *ret = t;
    return 0;
}

static int start(struct cw_control *c, const struct cw_request *request,
                 const struct cw_table *table, struct totals *t, struct cw_reply *reply)
{
    int err = 0;

    cw_sheet_begin(&t->sheet, t->q.format, table, t->q.is_first, t->q.filter.now_ms);
    err = cw_job_start(c, request, reply, totals_run, totals_finish, t);
    if (err != CW_OPERATION_PENDING) {
        cw_sheet_free(&t->sheet);
        free(t);
    }
    return err;
}

int cw_op_report_teams(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    struct totals *t = NULL;
    int err = take(c, request, "from to format after limit account team", reply, &t);

    if (err != 0)
        return err;
    t->query = CW_REPORT_TEAMS;
    return start(c, request, &cw_table_teams, t, reply);
}

int cw_op_report_summary(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    static const char *const words[] = {"day", "representative", "team", "group", NULL};
    unsigned by = 0;
    struct totals *t = NULL;
    int err = take(c, request, "from to format after limit account team by", reply, &t);

    if (err != 0)
        return err;
    if (cw_body_choice(request->body, "by", words, &by) != 0) {
        free(t);
        return cw_refuse(reply, CW_ERR_INVALID, "by must be day, representative, team or group.");
    }
    t->query = (enum cw_report_query)(CW_REPORT_BY_DAY + by);
    return start(c, request, &cw_table_summary, t, reply);
}

int cw_op_report_schema(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    char *text = cw_report_schema();

    (void)c;
    (void)request;
    reply->json = text != NULL ? json_pack("{s:s}", "text", text) : NULL;
    free(text);
    reply->is_text = true;
    reply->text_type = "application/xml; charset=utf-8";
    return reply->json != NULL ? 0 : CW_ERR_NOMEM;
}
