/* SPDX-License-Identifier: Apache-2.0 */
#include "control/store/store_group_policy.h"

#include "control/account/right.h"
#include "control/store/store_query.h"
#include "engine/base/err.h"

void cw_bind_rights(struct cw_query *q, uint64_t rights)
{
    char names[CW_RIGHTS_TEXT_BYTES_MAX];

    cw_rights_text(rights, names, sizeof names);
    cw_bind_text(q, names);
}

uint64_t cw_column_rights(const struct cw_query *q, int column)
{
    char names[CW_RIGHTS_TEXT_BYTES_MAX];
    uint64_t rights = 0;

    cw_column_text(q, column, names, sizeof names);
    /* A right that an older version had and this one has not allows nothing. */
    (void)cw_rights_of_text(names, &rights, NULL, 0);
    return rights;
}

void cw_bind_rules(struct cw_query *q, const struct cw_sign_in_rules *rules)
{
    cw_bind_int(q, rules->second_factor);
    cw_bind_int(q, rules->remember_me);
    cw_bind_int(q, rules->second_login);
    cw_bind_int(q, rules->network_rule);
    cw_bind_text(q, rules->networks);
}

void cw_column_rules(const struct cw_query *q, int column, struct cw_sign_in_rules *ret)
{
    ret->second_factor = (uint8_t)cw_column_int(q, column);
    ret->remember_me = (uint8_t)cw_column_int(q, column + 1);
    ret->second_login = (uint8_t)cw_column_int(q, column + 2);
    ret->network_rule = (uint8_t)cw_column_int(q, column + 3);
    cw_column_text(q, column + 4, ret->networks, sizeof ret->networks);
}

static void policy_of(const struct cw_query *q, struct cw_group_policy *p)
{
    p->id = (uint32_t)cw_column_int(q, 0);
    p->position = (uint32_t)cw_column_int(q, 1);
    cw_column_text(q, 2, p->name, sizeof p->name);
    cw_column_text(q, 3, p->comments, sizeof p->comments);
    p->administration = (enum cw_block)cw_column_int(q, 4);
    p->administration_rights = cw_column_rights(q, 5);
    p->representative = (enum cw_block)cw_column_int(q, 6);
    p->representative_rights = cw_column_rights(q, 7);
    p->session = (enum cw_block)cw_column_int(q, 8);
    p->session_policy = (uint32_t)cw_column_int(q, 9);
    p->sign_in = (enum cw_block)cw_column_int(q, 10);
    cw_column_rules(q, 11, &p->rules);
}

static int one_policy(struct cw_query *q, struct cw_group_policy *ret)
{
    bool found = cw_query_row(q);
    int err = 0;

    if (found)
        policy_of(q, ret);
    err = cw_query_end(q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}

int cw_store_group_policy_get(struct cw_store *s, uint32_t id, struct cw_group_policy *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_GROUP_POLICY_GET);

    cw_bind_int(&q, id);
    return one_policy(&q, ret);
}

int cw_store_group_policy_find(struct cw_store *s, const char *name, struct cw_group_policy *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_GROUP_POLICY_FIND);

    cw_bind_text(&q, name);
    return one_policy(&q, ret);
}

static int each_policy(struct cw_query *q, cw_group_policy_fn each, void *user)
{
    struct cw_group_policy policy;
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(q)) {
        policy_of(q, &policy);
        stop = each(user, &policy);
    }
    err = cw_query_end(q);
    return err != 0 ? err : stop;
}

int cw_store_group_policy_each(struct cw_store *s, cw_group_policy_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_GROUP_POLICY_EACH);

    return each_policy(&q, each, user);
}

int cw_store_group_policy_of(struct cw_store *s, uint32_t account, cw_group_policy_fn each,
                             void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_GROUP_POLICY_OF);

    cw_bind_int(&q, account);
    return each_policy(&q, each, user);
}

static void bind_policy(struct cw_query *q, const struct cw_group_policy *p)
{
    cw_bind_int(q, p->position);
    cw_bind_text(q, p->name);
    cw_bind_text(q, p->comments);
    cw_bind_int(q, p->administration);
    cw_bind_rights(q, p->administration_rights);
    cw_bind_int(q, p->representative);
    cw_bind_rights(q, p->representative_rights);
    cw_bind_int(q, p->session);
    cw_bind_int(q, p->session_policy);
    cw_bind_int(q, p->sign_in);
    cw_bind_rules(q, &p->rules);
}

int cw_store_group_policy_add(struct cw_store *s, struct cw_group_policy *policy)
{
    struct cw_query q = cw_query_on(s, CW_SQL_GROUP_POLICY_ADD);
    int err = 0;

    bind_policy(&q, policy);
    err = cw_query_run(&q);
    if (err == 0)
        policy->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

int cw_store_group_policy_set(struct cw_store *s, const struct cw_group_policy *policy)
{
    struct cw_query q = cw_query_on(s, CW_SQL_GROUP_POLICY_SET);

    bind_policy(&q, policy);
    cw_bind_int(&q, policy->id);
    return cw_query_change(&q);
}

int cw_store_group_policy_place(struct cw_store *s, uint32_t id, uint32_t position)
{
    struct cw_query q = cw_query_on(s, CW_SQL_GROUP_POLICY_PLACE);

    cw_bind_int(&q, id);
    cw_bind_int(&q, position);
    return cw_query_change(&q);
}

int cw_store_group_policy_remove(struct cw_store *s, uint32_t id)
{
    struct cw_query q = cw_query_on(s, CW_SQL_GROUP_POLICY_REMOVE);

    cw_bind_int(&q, id);
    return cw_query_change(&q);
}

int cw_store_group_policy_member(struct cw_store *s, uint32_t id, uint32_t account, uint32_t team,
                                 bool is_removed)
{
    const enum cw_statement statement =
        account != 0
            ? (is_removed ? CW_SQL_GROUP_POLICY_ACCOUNT_REMOVE : CW_SQL_GROUP_POLICY_ACCOUNT_ADD)
            : (is_removed ? CW_SQL_GROUP_POLICY_TEAM_REMOVE : CW_SQL_GROUP_POLICY_TEAM_ADD);
    struct cw_query q = cw_query_on(s, statement);

    cw_bind_int(&q, id);
    cw_bind_int(&q, account != 0 ? account : team);
    return is_removed ? cw_query_change(&q) : cw_query_run(&q);
}

int cw_store_group_policy_members(struct cw_store *s, uint32_t id, cw_group_policy_member_fn each,
                                  void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_GROUP_POLICY_MEMBERS);
    struct cw_group_policy_member m;
    int stop = 0;
    int err = 0;

    cw_bind_int(&q, id);
    while (stop == 0 && cw_query_row(&q)) {
        m.account = (uint32_t)cw_column_int(&q, 0);
        m.team = (uint32_t)cw_column_int(&q, 1);
        cw_column_text(&q, 2, m.name, sizeof m.name);
        stop = each(user, &m);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_group_policy_of_team(struct cw_store *s, uint32_t team, cw_group_policy_fn each,
                                  void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_GROUP_POLICY_OF_TEAM);

    cw_bind_int(&q, team);
    return each_policy(&q, each, user);
}
