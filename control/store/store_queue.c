/* SPDX-License-Identifier: Apache-2.0 */
#include "control/store/store_queue.h"

#include "control/store/store_query.h"
#include "engine/base/err.h"

static int each_number(struct cw_query *q, cw_number_fn each, void *user)
{
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(q))
        stop = each(user, (uint32_t)cw_column_int(q, 0));
    err = cw_query_end(q);
    return err != 0 ? err : stop;
}

static int run_pair(struct cw_store *s, enum cw_statement id, uint32_t a, uint32_t b)
{
    struct cw_query q = cw_query_on(s, id);

    cw_bind_int(&q, a);
    cw_bind_int(&q, b);
    return cw_query_run(&q);
}

static int run_one(struct cw_store *s, enum cw_statement id, uint32_t a)
{
    struct cw_query q = cw_query_on(s, id);

    cw_bind_int(&q, a);
    return cw_query_run(&q);
}

static int numbers_of(struct cw_store *s, enum cw_statement id, uint32_t of, cw_number_fn each,
                      void *user)
{
    struct cw_query q = cw_query_on(s, id);

    cw_bind_int(&q, of);
    return each_number(&q, each, user);
}

/* ---- teams' queues --------------------------------------------------------------------------- */

int cw_store_team_queue_each(struct cw_store *s, uint32_t team, cw_team_queue_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TEAM_QUEUE_EACH);
    struct cw_team_queue row;
    int stop = 0;
    int err = 0;

    cw_bind_int(&q, team);
    while (stop == 0 && cw_query_row(&q)) {
        row.team = (uint32_t)cw_column_int(&q, 0);
        row.is_automatic = cw_column_int(&q, 1) != 0;
        row.offer_s = (uint32_t)cw_column_int(&q, 2);
        row.overdue_s = (uint32_t)cw_column_int(&q, 3);
        row.overflow_team = (uint32_t)cw_column_int(&q, 4);
        row.overflow_s = (uint32_t)cw_column_int(&q, 5);
        row.overflow_count = (uint32_t)cw_column_int(&q, 6);
        row.is_persistent = cw_column_int(&q, 7) != 0;
        cw_column_text(&q, 8, row.name, sizeof row.name);
        row.alert_count = (uint32_t)cw_column_int(&q, 9);
        stop = each(user, &row);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_team_queue_put(struct cw_store *s, const struct cw_team_queue *queue)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TEAM_QUEUE_PUT);

    cw_bind_int(&q, queue->team);
    cw_bind_int(&q, queue->is_automatic);
    cw_bind_int(&q, queue->offer_s);
    cw_bind_int(&q, queue->overdue_s);
    cw_bind_int(&q, queue->overflow_team);
    cw_bind_int(&q, queue->overflow_s);
    cw_bind_int(&q, queue->overflow_count);
    cw_bind_int(&q, queue->alert_count);
    return cw_query_run(&q);
}

/* ---- representatives ------------------------------------------------------------------------- */

int cw_store_status_code_add(struct cw_store *s, struct cw_status_code *code)
{
    struct cw_query q = cw_query_on(s, CW_SQL_STATUS_CODE_ADD);
    int err = 0;

    cw_bind_text(&q, code->name);
    cw_bind_int(&q, code->shown_as);
    err = cw_query_run(&q);
    if (err == 0)
        code->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

int cw_store_status_code_remove(struct cw_store *s, uint32_t id)
{
    struct cw_query q = cw_query_on(s, CW_SQL_STATUS_CODE_REMOVE);

    cw_bind_int(&q, id);
    return cw_query_change(&q);
}

int cw_store_status_code_each(struct cw_store *s, uint32_t id, cw_status_code_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_STATUS_CODE_EACH);
    struct cw_status_code row;
    int stop = 0;
    int err = 0;

    cw_bind_int(&q, id);
    while (stop == 0 && cw_query_row(&q)) {
        row.id = (uint32_t)cw_column_int(&q, 0);
        cw_column_text(&q, 1, row.name, sizeof row.name);
        row.shown_as = (uint8_t)cw_column_int(&q, 2);
        stop = each(user, &row);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_representative_get(struct cw_store *s, uint32_t account, struct cw_representative *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_REPRESENTATIVE_GET);
    bool found = false;
    int err = 0;

    cw_bind_int(&q, account);
    found = cw_query_row(&q);
    if (found) {
        ret->account = account;
        ret->availability = (uint8_t)cw_column_int(&q, 0);
        ret->status_code = (uint32_t)cw_column_int(&q, 1);
        ret->is_opted_out = cw_column_int(&q, 2) != 0;
        ret->sessions_max = (uint32_t)cw_column_int(&q, 3);
        ret->idle_limit_s = (int64_t)cw_column_int(&q, 4);
    }
    err = cw_query_end(&q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}

int cw_store_representative_put(struct cw_store *s, const struct cw_representative *row)
{
    struct cw_query q = cw_query_on(s, CW_SQL_REPRESENTATIVE_PUT);

    cw_bind_int(&q, row->account);
    cw_bind_int(&q, row->availability);
    cw_bind_int(&q, row->status_code);
    cw_bind_int(&q, row->is_opted_out);
    cw_bind_int(&q, row->sessions_max);
    cw_bind_int(&q, (uint64_t)row->idle_limit_s);
    return cw_query_run(&q);
}

/* ---- skills ---------------------------------------------------------------------------------- */

int cw_store_skill_add(struct cw_store *s, struct cw_skill_row *skill)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SKILL_ADD);
    int err = 0;

    cw_bind_int(&q, skill->parent);
    cw_bind_int(&q, skill->rank);
    cw_bind_text(&q, skill->name);
    err = cw_query_run(&q);
    if (err == 0)
        skill->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

int cw_store_skill_put(struct cw_store *s, const struct cw_skill_row *skill)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SKILL_PUT);

    cw_bind_int(&q, skill->id);
    cw_bind_int(&q, skill->rank);
    cw_bind_text(&q, skill->name);
    return cw_query_change(&q);
}

int cw_store_skill_remove(struct cw_store *s, uint32_t id)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SKILL_REMOVE);

    cw_bind_int(&q, id);
    return cw_query_change(&q);
}

int cw_store_skill_each(struct cw_store *s, cw_skill_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SKILL_EACH);
    struct cw_skill_row row;
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(&q)) {
        row.id = (uint32_t)cw_column_int(&q, 0);
        row.parent = (uint32_t)cw_column_int(&q, 1);
        row.rank = (uint32_t)cw_column_int(&q, 2);
        cw_column_text(&q, 3, row.name, sizeof row.name);
        stop = each(user, &row);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

static int put_skills(struct cw_store *s, enum cw_statement clear, enum cw_statement add,
                      uint32_t of, const uint32_t *skills, uint32_t count)
{
    int err = run_one(s, clear, of);

    for (uint32_t i = 0; err == 0 && i < count; i++)
        err = run_pair(s, add, of, skills[i]);
    return err;
}

int cw_store_account_skills_put(struct cw_store *s, uint32_t account, const uint32_t *skills,
                                uint32_t count)
{
    return put_skills(s, CW_SQL_ACCOUNT_SKILL_CLEAR, CW_SQL_ACCOUNT_SKILL_ADD, account, skills,
                      count);
}

int cw_store_account_skill_each(struct cw_store *s, uint32_t account, cw_number_fn each, void *user)
{
    return numbers_of(s, CW_SQL_ACCOUNT_SKILL_EACH, account, each, user);
}

int cw_store_session_skills_put(struct cw_store *s, uint32_t session, const uint32_t *skills,
                                uint32_t count)
{
    return put_skills(s, CW_SQL_SESSION_SKILL_CLEAR, CW_SQL_SESSION_SKILL_ADD, session, skills,
                      count);
}

int cw_store_session_skill_each(struct cw_store *s, uint32_t session, cw_number_fn each, void *user)
{
    return numbers_of(s, CW_SQL_SESSION_SKILL_EACH, session, each, user);
}

/* ---- sessions -------------------------------------------------------------------------------- */

int cw_store_asked_add(struct cw_store *s, uint32_t session, uint32_t account)
{
    return run_pair(s, CW_SQL_ASKED_ADD, session, account);
}

int cw_store_asked_clear(struct cw_store *s, uint32_t session)
{
    return run_one(s, CW_SQL_ASKED_CLEAR, session);
}

int cw_store_asked_each(struct cw_store *s, uint32_t session, cw_number_fn each, void *user)
{
    return numbers_of(s, CW_SQL_ASKED_EACH, session, each, user);
}

int cw_store_favourite_set(struct cw_store *s, uint32_t session, uint32_t account, bool is_one)
{
    return run_pair(s, is_one ? CW_SQL_FAVOURITE_ADD : CW_SQL_FAVOURITE_REMOVE, session, account);
}

int cw_store_favourite_each(struct cw_store *s, uint32_t account, cw_number_fn each, void *user)
{
    return numbers_of(s, CW_SQL_FAVOURITE_EACH, account, each, user);
}

/* ---- messages to customers ------------------------------------------------------------------- */

int cw_store_customer_message_put(struct cw_store *s, const char *name, const char *text)
{
    struct cw_query q = cw_query_on(s, CW_SQL_CUSTOMER_MESSAGE_PUT);

    cw_bind_text(&q, name);
    cw_bind_text(&q, text);
    return cw_query_run(&q);
}

int cw_store_customer_message_remove(struct cw_store *s, const char *name)
{
    struct cw_query q = cw_query_on(s, CW_SQL_CUSTOMER_MESSAGE_REMOVE);

    cw_bind_text(&q, name);
    return cw_query_run(&q);
}

int cw_store_customer_message_get(struct cw_store *s, const char *name, char *out, size_t size)
{
    struct cw_query q = cw_query_on(s, CW_SQL_CUSTOMER_MESSAGE_GET);
    bool found = false;
    int err = 0;

    cw_bind_text(&q, name);
    found = cw_query_row(&q);
    if (found)
        cw_column_text(&q, 0, out, size);
    err = cw_query_end(&q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}
