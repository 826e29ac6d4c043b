/* SPDX-License-Identifier: Apache-2.0 */
/* Portals, notices and messages in the store. */
#include "control/store/store_portal.h"

#include <stdio.h>
#include <string.h>

#include "control/store/store_query.h"
#include "engine/base/err.h"

static const char *text_at(const struct cw_query *q, int column)
{
    const char *text = (const char *)sqlite3_column_text(q->statement, column);

    return text != NULL ? text : "";
}

int cw_store_portal_each(struct cw_store *s, cw_portal_row_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_PORTAL_EACH);
    struct cw_portal_row row;
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(&q)) {
        row.id = (uint32_t)cw_column_int(&q, 0);
        cw_column_text(&q, 1, row.name, sizeof row.name);
        cw_column_text(&q, 2, row.code, sizeof row.code);
        cw_column_text(&q, 3, row.hosts, sizeof row.hosts);
        cw_column_text(&q, 4, row.title, sizeof row.title);
        cw_column_text(&q, 5, row.text, sizeof row.text);
        cw_column_text(&q, 6, row.accent, sizeof row.accent);
        cw_column_text(&q, 7, row.background, sizeof row.background);
        cw_column_text(&q, 8, row.foreground, sizeof row.foreground);
        row.shows = (uint32_t)cw_column_int(&q, 9);
        cw_column_text(&q, 10, row.zone, sizeof row.zone);
        row.hours = text_at(&q, 11);
        row.dates = text_at(&q, 12);
        row.logo_type = (uint8_t)cw_column_int(&q, 13);
        cw_column_text(&q, 14, row.logo_name, sizeof row.logo_name);
        stop = each(user, &row);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

static void bind_portal(struct cw_query *q, const struct cw_portal_row *row)
{
    cw_bind_text(q, row->name);
    cw_bind_text(q, row->code);
    cw_bind_text(q, row->hosts);
    cw_bind_text(q, row->title);
    cw_bind_text(q, row->text);
    cw_bind_text(q, row->accent);
    cw_bind_text(q, row->background);
    cw_bind_text(q, row->foreground);
    cw_bind_int(q, row->shows);
    cw_bind_text(q, row->zone);
    cw_bind_text(q, row->hours);
    cw_bind_text(q, row->dates);
}

int cw_store_portal_add(struct cw_store *s, struct cw_portal_row *row)
{
    struct cw_query q = cw_query_on(s, CW_SQL_PORTAL_ADD);
    int err = 0;

    bind_portal(&q, row);
    err = cw_query_run(&q);
    if (err == 0)
        row->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

int cw_store_portal_put(struct cw_store *s, const struct cw_portal_row *row)
{
    struct cw_query q = cw_query_on(s, CW_SQL_PORTAL_PUT);

    bind_portal(&q, row);
    cw_bind_int(&q, row->id);
    return cw_query_change(&q);
}

int cw_store_portal_remove(struct cw_store *s, uint32_t id)
{
    struct cw_query q = cw_query_on(s, CW_SQL_PORTAL_KEYS_MOVE);
    int err = 0;

    cw_bind_int(&q, id);
    err = cw_query_run(&q);
    if (err != 0)
        return err;
    q = cw_query_on(s, CW_SQL_PORTAL_REMOVE);
    cw_bind_int(&q, id);
    return cw_query_change(&q);
}

int cw_store_portal_logo_put(struct cw_store *s, uint32_t id, uint8_t type, const char *name,
                             const void *bytes, size_t n)
{
    struct cw_query q = cw_query_on(s, CW_SQL_PORTAL_LOGO_PUT);

    cw_bind_int(&q, id);
    cw_bind_int(&q, type);
    cw_bind_text(&q, name);
    cw_bind_blob(&q, bytes, n);
    return cw_query_change(&q);
}

int cw_store_portal_logo_get(struct cw_store *s, uint32_t id, const char *name, uint8_t *ret_type,
                             uint8_t *ret_bytes, size_t *ret_n)
{
    struct cw_query q = cw_query_on(s, CW_SQL_PORTAL_LOGO_GET);
    bool found = false;
    int err = 0;

    cw_bind_int(&q, id);
    cw_bind_text(&q, name);
    if (cw_query_row(&q)) {
        const int n = sqlite3_column_bytes(q.statement, 1);
        const void *bytes = sqlite3_column_blob(q.statement, 1);
        found = cw_column_int(&q, 0) != 0 && n > 0 && n <= CW_LOGO_BYTES_MAX && bytes != NULL;
        if (found) {
            *ret_type = (uint8_t)cw_column_int(&q, 0);
            memcpy(ret_bytes, bytes, (size_t)n);
            *ret_n = (size_t)n;
        }
    }
    err = cw_query_end(&q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}

int cw_store_portal_issues_put(struct cw_store *s, uint32_t id, const uint32_t *issues,
                               uint32_t count)
{
    struct cw_query q = cw_query_on(s, CW_SQL_PORTAL_ISSUES_CLEAR);
    int err = 0;

    cw_bind_int(&q, id);
    err = cw_query_run(&q);
    for (uint32_t i = 0; err == 0 && i < count; i++) {
        q = cw_query_on(s, CW_SQL_PORTAL_ISSUE_ADD);
        cw_bind_int(&q, id);
        cw_bind_int(&q, issues[i]);
        err = cw_query_run(&q);
    }
    return err;
}

int cw_store_portal_issue_each(struct cw_store *s, uint32_t id, cw_issue_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_PORTAL_ISSUE_EACH);
    struct cw_issue issue;
    int stop = 0;
    int err = 0;

    cw_bind_int(&q, id);
    while (stop == 0 && cw_query_row(&q)) {
        issue.id = (uint32_t)cw_column_int(&q, 0);
        cw_column_text(&q, 1, issue.name, sizeof issue.name);
        cw_column_text(&q, 2, issue.code, sizeof issue.code);
        issue.team = (uint32_t)cw_column_int(&q, 3);
        issue.priority = (enum cw_priority)cw_column_int(&q, 4);
        stop = each(user, &issue);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

/* ---- notices --------------------------------------------------------------------------------- */

static void bind_notice(struct cw_query *q, const struct cw_notice *notice)
{
    cw_bind_int(q, notice->portal);
    cw_bind_text(q, notice->text);
    cw_bind_int(q, notice->from_ms);
    cw_bind_int(q, notice->until_ms);
}

static void notice_of(const struct cw_query *q, struct cw_notice *notice)
{
    notice->id = (uint32_t)cw_column_int(q, 0);
    notice->portal = (uint32_t)cw_column_int(q, 1);
    cw_column_text(q, 2, notice->text, sizeof notice->text);
    notice->from_ms = cw_column_int(q, 3);
    notice->until_ms = cw_column_int(q, 4);
}

int cw_store_notice_add(struct cw_store *s, struct cw_notice *notice)
{
    struct cw_query q = cw_query_on(s, CW_SQL_NOTICE_ADD);
    int err = 0;

    bind_notice(&q, notice);
    err = cw_query_run(&q);
    if (err == 0)
        notice->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

int cw_store_notice_put(struct cw_store *s, const struct cw_notice *notice)
{
    struct cw_query q = cw_query_on(s, CW_SQL_NOTICE_PUT);

    bind_notice(&q, notice);
    cw_bind_int(&q, notice->id);
    return cw_query_change(&q);
}

int cw_store_notice_remove(struct cw_store *s, uint32_t id)
{
    struct cw_query q = cw_query_on(s, CW_SQL_NOTICE_REMOVE);

    cw_bind_int(&q, id);
    return cw_query_change(&q);
}

static int each_notice(struct cw_query *q, cw_notice_fn each, void *user)
{
    struct cw_notice notice;
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(q)) {
        notice_of(q, &notice);
        stop = each(user, &notice);
    }
    err = cw_query_end(q);
    return err != 0 ? err : stop;
}

int cw_store_notice_get(struct cw_store *s, uint32_t id, struct cw_notice *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_NOTICE_GET);
    bool found = false;
    int err = 0;

    cw_bind_int(&q, id);
    found = cw_query_row(&q);
    if (found)
        notice_of(&q, ret);
    err = cw_query_end(&q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}

int cw_store_notice_count(struct cw_store *s, uint32_t *ret_count)
{
    struct cw_query q = cw_query_on(s, CW_SQL_NOTICE_COUNT);
    uint64_t count = 0;
    int err = cw_query_number(&q, &count);

    if (err == 0)
        *ret_count = (uint32_t)count;
    return err;
}

int cw_store_notice_each(struct cw_store *s, uint32_t after, uint32_t count_max, cw_notice_fn each,
                         void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_NOTICE_EACH);

    cw_bind_int(&q, after);
    cw_bind_int(&q, count_max);
    return each_notice(&q, each, user);
}

int cw_store_notice_now(struct cw_store *s, uint32_t portal, uint64_t now_ms, uint32_t count_max,
                        cw_notice_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_NOTICE_NOW);

    cw_bind_int(&q, portal);
    cw_bind_int(&q, now_ms);
    cw_bind_int(&q, count_max);
    return each_notice(&q, each, user);
}

/* ---- messages -------------------------------------------------------------------------------- */

int cw_store_portal_message_put(struct cw_store *s, uint32_t portal, const char *name,
                                const char *text)
{
    struct cw_query q = cw_query_on(s, CW_SQL_PORTAL_MESSAGE_PUT);

    cw_bind_int(&q, portal);
    cw_bind_text(&q, name);
    cw_bind_text(&q, text);
    return cw_query_run(&q);
}

int cw_store_portal_message_remove(struct cw_store *s, uint32_t portal, const char *name)
{
    struct cw_query q = cw_query_on(s, CW_SQL_PORTAL_MESSAGE_REMOVE);

    cw_bind_int(&q, portal);
    cw_bind_text(&q, name);
    return cw_query_run(&q);
}

int cw_store_portal_message_get(struct cw_store *s, uint32_t portal, const char *name, char *out,
                                size_t size)
{
    struct cw_query q = cw_query_on(s, CW_SQL_PORTAL_MESSAGE_GET);
    bool found = false;
    int err = 0;

    cw_bind_int(&q, portal);
    cw_bind_text(&q, name);
    found = cw_query_row(&q);
    if (found)
        cw_column_text(&q, 0, out, size);
    err = cw_query_end(&q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}

/* ---- representatives ------------------------------------------------------------------------- */

int cw_store_portal_person_set(struct cw_store *s, uint32_t account, bool is_shown)
{
    struct cw_query q =
        cw_query_on(s, is_shown ? CW_SQL_PORTAL_PERSON_ADD : CW_SQL_PORTAL_PERSON_REMOVE);

    cw_bind_int(&q, account);
    return cw_query_run(&q);
}

int cw_store_portal_person_each(struct cw_store *s, uint32_t account, cw_portal_person_fn each,
                                void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_PORTAL_PERSON_EACH);
    char name[CW_NAME_SIZE];
    int stop = 0;
    int err = 0;

    cw_bind_int(&q, account);
    while (stop == 0 && cw_query_row(&q)) {
        cw_column_text(&q, 1, name, sizeof name);
        stop = each(user, (uint32_t)cw_column_int(&q, 0), name);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

/* ---- visits ---------------------------------------------------------------------------------- */

int cw_store_portal_key(struct cw_store *s, uint32_t key, struct cw_visit_key *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_PORTAL_KEY);
    bool found = false;
    int err = 0;

    cw_bind_int(&q, key);
    found = cw_query_row(&q);
    if (found) {
        ret->expires_ms = cw_column_int(&q, 0);
        ret->used_ms = cw_column_int(&q, 1);
        ret->session = (uint32_t)cw_column_int(&q, 2);
        ret->account = (uint32_t)cw_column_int(&q, 3);
        ret->team = (uint32_t)cw_column_int(&q, 4);
        ret->portal = (uint32_t)cw_column_int(&q, 5);
        cw_column_text(&q, 6, ret->customer, sizeof ret->customer);
    }
    err = cw_query_end(&q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}

int cw_store_portal_end(struct cw_store *s, uint32_t session, struct cw_visit_end *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_PORTAL_END);
    bool found = false;
    int err = 0;

    cw_bind_int(&q, session);
    found = cw_query_row(&q);
    if (found) {
        ret->code = (uint16_t)cw_column_int(&q, 0);
        cw_column_text(&q, 1, ret->text, sizeof ret->text);
        cw_column_text(&q, 2, ret->issue, sizeof ret->issue);
    }
    err = cw_query_end(&q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}

/* ---- sessions -------------------------------------------------------------------------------- */

int cw_store_session_skills_of_issue(struct cw_store *s, uint32_t session, uint32_t issue)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SESSION_SKILLS_OF_ISSUE);

    cw_bind_int(&q, session);
    cw_bind_int(&q, issue);
    return cw_query_run(&q);
}

int cw_store_session_attribute_by_code(struct cw_store *s, uint32_t session, const char *code,
                                       const char *value)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SESSION_ATTRIBUTE_BY_CODE);

    cw_bind_int(&q, session);
    cw_bind_text(&q, code);
    cw_bind_text(&q, value);
    return cw_query_run(&q);
}
