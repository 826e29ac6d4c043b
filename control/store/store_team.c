/* SPDX-License-Identifier: Apache-2.0 */
#include "control/store/store_team.h"

#include "control/store/store_query.h"
#include "engine/base/err.h"

static void team_of(const struct cw_query *q, struct cw_team *t)
{
    t->id = (uint32_t)cw_column_int(q, 0);
    cw_column_text(q, 1, t->name, sizeof t->name);
    cw_column_text(q, 2, t->code, sizeof t->code);
    cw_column_text(q, 3, t->comments, sizeof t->comments);
    t->is_persistent_queue = cw_column_int(q, 4) != 0;
    t->created_ms = cw_column_int(q, 5);
    t->member_count = (uint32_t)cw_column_int(q, 6);
}

static int one_team(struct cw_query *q, struct cw_team *ret)
{
    bool found = cw_query_row(q);
    int err = 0;

    if (found)
        team_of(q, ret);
    err = cw_query_end(q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}

int cw_store_team_count(struct cw_store *s, uint32_t *ret_count)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TEAM_COUNT);
    uint64_t count = 0;
    int err = cw_query_number(&q, &count);

    if (err == 0)
        *ret_count = (uint32_t)count;
    return err;
}

int cw_store_team_get(struct cw_store *s, uint32_t id, struct cw_team *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TEAM_GET);

    cw_bind_int(&q, id);
    return one_team(&q, ret);
}

int cw_store_team_find(struct cw_store *s, const char *name, struct cw_team *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TEAM_FIND);

    cw_bind_text(&q, name);
    return one_team(&q, ret);
}

int cw_store_team_find_code(struct cw_store *s, const char *code, struct cw_team *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TEAM_FIND_CODE);

    cw_bind_text(&q, code);
    return one_team(&q, ret);
}

int cw_store_team_each(struct cw_store *s, uint32_t after, uint32_t count_max, cw_team_fn each,
                       void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TEAM_EACH);
    struct cw_team team;
    int stop = 0;
    int err = 0;

    cw_bind_int(&q, after);
    cw_bind_int(&q, count_max);
    while (stop == 0 && cw_query_row(&q)) {
        team_of(&q, &team);
        stop = each(user, &team);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_team_add(struct cw_store *s, struct cw_team *team)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TEAM_ADD);
    int err = 0;

    cw_bind_text(&q, team->name);
    cw_bind_text(&q, team->code);
    cw_bind_text(&q, team->comments);
    cw_bind_int(&q, team->is_persistent_queue);
    cw_bind_int(&q, team->created_ms);
    err = cw_query_run(&q);
    if (err == 0)
        team->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

int cw_store_team_set(struct cw_store *s, const struct cw_team *team)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TEAM_SET);

    cw_bind_int(&q, team->id);
    cw_bind_text(&q, team->name);
    cw_bind_text(&q, team->code);
    cw_bind_text(&q, team->comments);
    cw_bind_int(&q, team->is_persistent_queue);
    return cw_query_change(&q);
}

int cw_store_team_remove(struct cw_store *s, uint32_t id)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TEAM_REMOVE);

    cw_bind_int(&q, id);
    return cw_query_change(&q);
}

/* ---- members --------------------------------------------------------------------------------- */

int cw_store_member_set(struct cw_store *s, uint32_t team, uint32_t account, enum cw_team_role role)
{
    struct cw_query q = cw_query_on(s, CW_SQL_MEMBER_SET);

    cw_bind_int(&q, team);
    cw_bind_int(&q, account);
    cw_bind_int(&q, role);
    return cw_query_run(&q);
}

int cw_store_member_remove(struct cw_store *s, uint32_t team, uint32_t account)
{
    struct cw_query q = cw_query_on(s, CW_SQL_MEMBER_REMOVE);

    cw_bind_int(&q, team);
    cw_bind_int(&q, account);
    return cw_query_change(&q);
}

int cw_store_member_get(struct cw_store *s, uint32_t team, uint32_t account,
                        enum cw_team_role *ret_role)
{
    struct cw_query q = cw_query_on(s, CW_SQL_MEMBER_GET);
    enum cw_team_role role = CW_TEAM_NONE;
    int err = 0;

    cw_bind_int(&q, team);
    cw_bind_int(&q, account);
    if (cw_query_row(&q))
        role = (enum cw_team_role)cw_column_int(&q, 0);
    err = cw_query_end(&q);
    if (err == 0)
        *ret_role = role;
    return err;
}

static int each_member(struct cw_query *q, cw_team_member_fn each, void *user)
{
    struct cw_team_member m;
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(q)) {
        m.team = (uint32_t)cw_column_int(q, 0);
        m.account = (uint32_t)cw_column_int(q, 1);
        m.role = (enum cw_team_role)cw_column_int(q, 2);
        cw_column_text(q, 3, m.user, sizeof m.user);
        cw_column_text(q, 4, m.display_name, sizeof m.display_name);
        cw_column_text(q, 5, m.team_name, sizeof m.team_name);
        stop = each(user, &m);
    }
    err = cw_query_end(q);
    return err != 0 ? err : stop;
}

int cw_store_member_each(struct cw_store *s, uint32_t team, uint32_t after, uint32_t count_max,
                         cw_team_member_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_MEMBER_EACH);

    cw_bind_int(&q, team);
    cw_bind_int(&q, after);
    cw_bind_int(&q, count_max);
    return each_member(&q, each, user);
}

int cw_store_member_of_account(struct cw_store *s, uint32_t account, cw_team_member_fn each,
                               void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_MEMBER_OF_ACCOUNT);

    cw_bind_int(&q, account);
    return each_member(&q, each, user);
}
