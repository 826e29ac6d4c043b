/* SPDX-License-Identifier: Apache-2.0 */
/* Canned messages and scripts in the store. */
#include "control/store/store_button.h"
#include "control/store/store_query.h"
#include "engine/base/err.h"

/* ---- categories ------------------------------------------------------------------------------ */

int cw_store_canned_category_add(struct cw_store *s, enum cw_canned_kind kind, const char *name,
                                 uint32_t *ret_id)
{
    struct cw_query q = cw_query_on(s, CW_SQL_CANNED_CATEGORY_ADD);
    int err = 0;

    cw_bind_int(&q, kind);
    cw_bind_text(&q, name);
    err = cw_query_run(&q);
    if (err == 0)
        *ret_id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

int cw_store_canned_category_put(struct cw_store *s, enum cw_canned_kind kind, uint32_t id,
                                 const char *name)
{
    struct cw_query q = cw_query_on(s, CW_SQL_CANNED_CATEGORY_PUT);

    cw_bind_int(&q, id);
    cw_bind_int(&q, kind);
    cw_bind_text(&q, name);
    return cw_query_change(&q);
}

int cw_store_canned_category_remove(struct cw_store *s, enum cw_canned_kind kind, uint32_t id)
{
    struct cw_query q = cw_query_on(s, CW_SQL_CANNED_CATEGORY_REMOVE);

    cw_bind_int(&q, id);
    cw_bind_int(&q, kind);
    return cw_query_change(&q);
}

int cw_store_canned_category_each(struct cw_store *s, enum cw_canned_kind kind, uint32_t id,
                                  cw_canned_category_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_CANNED_CATEGORY_EACH);
    char name[CW_NAME_SIZE];
    int stop = 0;
    int err = 0;

    cw_bind_int(&q, kind);
    cw_bind_int(&q, id);
    while (stop == 0 && cw_query_row(&q)) {
        cw_column_text(&q, 1, name, sizeof name);
        stop = each(user, (uint32_t)cw_column_int(&q, 0), name, (uint32_t)cw_column_int(&q, 2));
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

/* ---- texts ----------------------------------------------------------------------------------- */

static void bind_canned(struct cw_query *q, const struct cw_canned *canned)
{
    cw_bind_int(q, canned->kind);
    cw_bind_int(q, canned->category);
    cw_bind_text(q, canned->name);
    cw_bind_text(q, canned->description);
    cw_bind_int(q, canned->platform);
    cw_bind_text(q, canned->text);
}

int cw_store_canned_add(struct cw_store *s, struct cw_canned *canned)
{
    struct cw_query q = cw_query_on(s, CW_SQL_CANNED_ADD);
    int err = 0;

    bind_canned(&q, canned);
    err = cw_query_run(&q);
    if (err == 0)
        canned->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

int cw_store_canned_put(struct cw_store *s, const struct cw_canned *canned)
{
    struct cw_query q = cw_query_on(s, CW_SQL_CANNED_PUT);

    cw_bind_int(&q, canned->id);
    bind_canned(&q, canned);
    return cw_query_change(&q);
}

int cw_store_canned_remove(struct cw_store *s, enum cw_canned_kind kind, uint32_t id)
{
    struct cw_query q = cw_query_on(s, CW_SQL_CANNED_REMOVE);

    cw_bind_int(&q, id);
    cw_bind_int(&q, kind);
    return cw_query_change(&q);
}

int cw_store_canned_count(struct cw_store *s, enum cw_canned_kind kind, uint32_t *ret_count)
{
    struct cw_query q = cw_query_on(s, CW_SQL_CANNED_COUNT);
    uint64_t count = 0;
    int err = 0;

    cw_bind_int(&q, kind);
    err = cw_query_number(&q, &count);
    if (err == 0)
        *ret_count = (uint32_t)count;
    return err;
}

static void canned_of(const struct cw_query *q, struct cw_canned *canned)
{
    canned->id = (uint32_t)cw_column_int(q, 0);
    canned->kind = (enum cw_canned_kind)cw_column_int(q, 1);
    canned->category = (uint32_t)cw_column_int(q, 2);
    cw_column_text(q, 3, canned->category_name, sizeof canned->category_name);
    cw_column_text(q, 4, canned->name, sizeof canned->name);
    cw_column_text(q, 5, canned->description, sizeof canned->description);
    canned->platform = (uint32_t)cw_column_int(q, 6);
    cw_column_text(q, 7, canned->text, sizeof canned->text);
}

int cw_store_canned_get(struct cw_store *s, enum cw_canned_kind kind, uint32_t id,
                        struct cw_canned *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_CANNED_GET);
    bool found = false;
    int err = 0;

    cw_bind_int(&q, kind);
    cw_bind_int(&q, id);
    found = cw_query_row(&q);
    if (found)
        canned_of(&q, ret);
    err = cw_query_end(&q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}

int cw_store_canned_each(struct cw_store *s, const struct cw_canned_filter *filter,
                         uint32_t count_max, cw_canned_fn each, void *user)
{
    static struct cw_canned canned; /* the state thread's; too large for its stack */
    struct cw_query q = cw_query_on(s, CW_SQL_CANNED_EACH);
    int stop = 0;
    int err = 0;

    cw_bind_int(&q, filter->kind);
    cw_bind_int(&q, filter->after);
    cw_bind_int(&q, filter->category);
    cw_bind_int(&q, filter->account);
    cw_bind_int(&q, filter->platform);
    cw_bind_int(&q, count_max);
    while (stop == 0 && cw_query_row(&q)) {
        canned_of(&q, &canned);
        stop = each(user, &canned);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_canned_teams_put(struct cw_store *s, uint32_t canned, const uint32_t *teams,
                              uint32_t count)
{
    struct cw_query q = cw_query_on(s, CW_SQL_CANNED_TEAMS_CLEAR);
    int err = 0;

    cw_bind_int(&q, canned);
    err = cw_query_run(&q);
    for (uint32_t i = 0; err == 0 && i < count; i++) {
        q = cw_query_on(s, CW_SQL_CANNED_TEAM_ADD);
        cw_bind_int(&q, canned);
        cw_bind_int(&q, teams[i]);
        err = cw_query_run(&q);
    }
    return err;
}

int cw_store_canned_team_each(struct cw_store *s, uint32_t canned, cw_number_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_CANNED_TEAM_EACH);
    int stop = 0;
    int err = 0;

    cw_bind_int(&q, canned);
    while (stop == 0 && cw_query_row(&q))
        stop = each(user, (uint32_t)cw_column_int(&q, 0));
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}
