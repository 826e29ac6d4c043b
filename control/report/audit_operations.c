/* SPDX-License-Identifier: Apache-2.0 */
/* Reports from the audit log: who signed in, and who changed the configuration. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/account/right.h"
#include "control/api/body.h"
#include "control/api/operations.h"
#include "control/report/filter.h"
#include "control/report/operations.h"
#include "engine/base/err.h"

enum { COLUMN_ACTION = 4, COLUMN_RESULT = 6 }; /* of tables.c */

struct search {
    struct cw_report_query_of q;
    struct cw_sheet sheet;
    bool (*fits)(const struct search *s, const struct cw_report_row *row);
    const char **changes; /* names of operations that change the configuration, sorted */
    size_t change_count;
    uint32_t seen;
    struct cw_report_mark last;
};

/* ---- which rows ------------------------------------------------------------------------------- */

static bool is_login(const struct search *s, const struct cw_report_row *row)
{
    static const char *const actions[] = {"sign_in",          "sign_in.second_factor",
                                          "sign_out",         "api_token.create",
                                          "api_token.revoke", "agreement.accept"};
    const char *action = cw_report_row_text(row, COLUMN_ACTION);

    (void)s;
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
        if (strcmp(actions[i], action) == 0)
            return true;
    return false;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_change(const struct search *s, const struct cw_report_row *row)
{
    const char *action = cw_report_row_text(row, COLUMN_ACTION);

    return strcmp(cw_report_row_text(row, COLUMN_RESULT), "ok") == 0 &&
           bsearch(&action, s->changes, s->change_count, sizeof *s->changes, compare) != NULL;
}

/* What only an administrator or an operator may do is about the configuration: so areas that are added later
 * count, too. */
static int list_changes(struct search *s)
{
    const uint64_t administration = cw_rights_administration();
    size_t count = 0;

    while (cw_operations[count].name != NULL)
        count++;
    s->changes = calloc(count, sizeof *s->changes);
    if (s->changes == NULL)
        return CW_ERR_NOMEM;
    for (const struct cw_operation *o = cw_operations; o->name != NULL; o++) {
        const bool is_right =
            o->right != CW_RIGHT_NONE && (administration & CW_RIGHT_BIT(o->right)) != 0;
        if (o->changes && (is_right || o->need == CW_NEED_ADMIN || o->need == CW_NEED_OPERATOR) &&
            strncmp(o->name, "session.", strlen("session.")) != 0)
            s->changes[s->change_count++] = o->name;
    }
    qsort(s->changes, s->change_count, sizeof *s->changes, compare);
    return 0;
}

/* ---- an answer -------------------------------------------------------------------------------- */

static int look(void *user, const struct cw_report_row *row)
{
    struct search *s = user;

    s->seen++;
    s->last = cw_report_row_mark(row);
    if (!s->fits(s, row))
        return 0;
    cw_sheet_row(&s->sheet, row);
    cw_sheet_row_end(&s->sheet);
    return s->sheet.rows >= s->q.limit;
}

static int run(struct cw_control *c, struct search *s, const struct cw_table *table,
               struct cw_reply *reply)
{
    char next[CW_REPORT_CURSOR_SIZE] = "";
    int err = 0;

    cw_sheet_begin(&s->sheet, s->q.format, table, s->q.is_first, s->q.filter.now_ms);
    err = cw_store_report_audit(c->store, &s->q.filter, &s->q.after, CW_REPORT_WINDOW, look, s);
    if (err < 0) {
        cw_sheet_free(&s->sheet);
        return err;
    }
    if (err > 0 || s->seen == CW_REPORT_WINDOW)
        cw_report_cursor_text(&s->last, next);
    return cw_sheet_end(&s->sheet, next, reply);
}

static int take(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply,
                struct search *s)
{
    const char *user = "";
    int err = cw_body_only(request->body, "from to format after limit user", reply);

    if (err == 0)
        err = cw_report_take_page(c, request, reply, &s->q);
    if (err == 0 && json_object_get(request->body, "user") != NULL &&
        cw_body_text(request->body, "user", CW_USER_BYTES_MAX, &user) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "user must be the name of an account.");
    (void)snprintf(s->q.filter.user, sizeof s->q.filter.user, "%s", user);
    return err;
}

int cw_op_report_logins(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    struct search s = {.fits = is_login};
    struct cw_account account;
    int err = take(c, request, reply, &s);

    if (err == 0 && request->front == CW_FRONT_HTTP &&
        !cw_right_has(c, request->account, CW_RIGHT_VIEW_AUDIT) &&
        !cw_right_has(c, request->account, CW_RIGHT_VIEW_REPORTS)) {
        err = cw_store_account_get(c->store, request->account, &account);
        if (err == 0)
            (void)snprintf(s.q.filter.user, sizeof s.q.filter.user, "%s", account.user);
    }
    return err == 0 ? run(c, &s, &cw_table_logins, reply) : err;
}

int cw_op_report_changes(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    struct search s = {.fits = is_change};
    int err = take(c, request, reply, &s);

    if (err == 0)
        err = list_changes(&s);
    if (err == 0)
        err = run(c, &s, &cw_table_changes, reply);
    free(s.changes);
    return err;
}
