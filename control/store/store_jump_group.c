/* SPDX-License-Identifier: Apache-2.0 */
/* Jump Groups, Jump Item roles, who has which, and copies of items. */
#include "control/store/store_policy.h"
#include "control/store/store_query.h"
#include "engine/base/err.h"

/* Runs a write with up to four numbers. */
static int run4(struct cw_store *s, enum cw_statement id, unsigned count, uint32_t a, uint32_t b,
                uint32_t c, uint32_t d)
{
    const uint32_t values[4] = {a, b, c, d};
    struct cw_query q = cw_query_on(s, id);

    for (unsigned i = 0; i < count; i++)
        cw_bind_int(&q, values[i]);
    return cw_query_run(&q);
}

int cw_store_jump_group_each(struct cw_store *s, cw_jump_group_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_JGROUP_EACH);
    struct cw_jump_group group;
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(&q)) {
        group.id = (uint32_t)cw_column_int(&q, 0);
        cw_column_text(&q, 1, group.name, sizeof group.name);
        cw_column_text(&q, 2, group.code, sizeof group.code);
        cw_column_text(&q, 3, group.comments, sizeof group.comments);
        group.owner = (uint32_t)cw_column_int(&q, 4);
        stop = each(user, &group);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_jump_group_add(struct cw_store *s, struct cw_jump_group *group)
{
    struct cw_query q = cw_query_on(s, CW_SQL_JGROUP_ADD);
    int err = 0;

    cw_bind_text(&q, group->name);
    cw_bind_text(&q, group->code);
    cw_bind_text(&q, group->comments);
    cw_bind_int(&q, group->owner);
    err = cw_query_run(&q);
    if (err == 0)
        group->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

int cw_store_jump_group_set(struct cw_store *s, const struct cw_jump_group *group)
{
    struct cw_query q = cw_query_on(s, CW_SQL_JGROUP_SET);

    cw_bind_int(&q, group->id);
    cw_bind_text(&q, group->name);
    cw_bind_text(&q, group->code);
    cw_bind_text(&q, group->comments);
    return cw_query_change(&q);
}

int cw_store_jump_group_remove(struct cw_store *s, uint32_t id, uint32_t heir)
{
    const struct cw_policy_of none = {.kind = CW_ASSIGNED_JUMP_GROUP, .object = id};
    struct cw_query q;
    int err = run4(s, CW_SQL_JGROUP_HEIR, 2, id, heir, 0, 0);

    if (err == 0)
        err = run4(s, CW_SQL_JGROUP_TOKENS, 2, id, heir, 0, 0);
    if (err == 0)
        err = run4(s, CW_SQL_JGROUP_INSTALLERS, 2, id, heir, 0, 0);
    if (err == 0)
        err = run4(s, CW_SQL_JGROUP_COPIES, 1, id, 0, 0, 0);
    if (err == 0)
        err = cw_store_policy_of_put(s, &none);
    if (err != 0)
        return err;
    q = cw_query_on(s, CW_SQL_JGROUP_REMOVE);
    cw_bind_int(&q, id);
    return cw_query_change(&q);
}

int cw_store_jump_group_count(struct cw_store *s, uint32_t id, uint64_t now_ms, uint32_t *ret_count)
{
    struct cw_query q = cw_query_on(s, CW_SQL_JGROUP_ITEMS);
    uint64_t count = 0;
    int err = 0;

    cw_bind_int(&q, id);
    cw_bind_int(&q, now_ms);
    err = cw_query_number(&q, &count);
    if (err == 0)
        *ret_count = (uint32_t)count;
    return err;
}

/* ---- roles ----------------------------------------------------------------------------------- */

int cw_store_jump_role_each(struct cw_store *s, cw_jump_role_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_JROLE_EACH);
    struct cw_jump_role role;
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(&q)) {
        role.id = (uint32_t)cw_column_int(&q, 0);
        cw_column_text(&q, 1, role.name, sizeof role.name);
        cw_column_text(&q, 2, role.description, sizeof role.description);
        role.flags = (uint32_t)cw_column_int(&q, 3);
        stop = each(user, &role);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_jump_role_add(struct cw_store *s, struct cw_jump_role *role)
{
    struct cw_query q = cw_query_on(s, CW_SQL_JROLE_ADD);
    int err = 0;

    cw_bind_text(&q, role->name);
    cw_bind_text(&q, role->description);
    cw_bind_int(&q, role->flags);
    err = cw_query_run(&q);
    if (err == 0)
        role->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

int cw_store_jump_role_set(struct cw_store *s, const struct cw_jump_role *role)
{
    struct cw_query q = cw_query_on(s, CW_SQL_JROLE_SET);

    cw_bind_int(&q, role->id);
    cw_bind_text(&q, role->name);
    cw_bind_text(&q, role->description);
    cw_bind_int(&q, role->flags);
    return cw_query_change(&q);
}

int cw_store_jump_role_remove(struct cw_store *s, uint32_t id)
{
    struct cw_query q = cw_query_on(s, CW_SQL_JROLE_REMOVE);

    cw_bind_int(&q, id);
    return cw_query_change(&q);
}

/* ---- members and defaults -------------------------------------------------------------------- */

int cw_store_jump_member_each(struct cw_store *s, cw_jump_member_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_JMEMBER_EACH);
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(&q)) {
        const struct cw_jump_member member = {
            .group = (uint32_t)cw_column_int(&q, 0),
            .kind = (uint8_t)cw_column_int(&q, 1),
            .member = (uint32_t)cw_column_int(&q, 2),
            .role = (uint32_t)cw_column_int(&q, 3),
        };
        stop = each(user, &member);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_jump_member_put(struct cw_store *s, const struct cw_jump_member *m)
{
    return run4(s, CW_SQL_JMEMBER_PUT, 4, m->group, m->kind, m->member, m->role);
}

int cw_store_jump_member_remove(struct cw_store *s, const struct cw_jump_member *m)
{
    struct cw_query q = cw_query_on(s, CW_SQL_JMEMBER_REMOVE);

    cw_bind_int(&q, m->group);
    cw_bind_int(&q, m->kind);
    cw_bind_int(&q, m->member);
    return cw_query_change(&q);
}

int cw_store_jump_defaults_each(struct cw_store *s, cw_jump_defaults_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_JDEFAULT_EACH);
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(&q)) {
        const struct cw_jump_defaults row = {
            .account = (uint32_t)cw_column_int(&q, 0),
            .default_role = (uint32_t)cw_column_int(&q, 1),
            .personal_role = (uint32_t)cw_column_int(&q, 2),
            .team_role = (uint32_t)cw_column_int(&q, 3),
            .system_role = (uint32_t)cw_column_int(&q, 4),
        };
        stop = each(user, &row);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_jump_defaults_put(struct cw_store *s, const struct cw_jump_defaults *d)
{
    struct cw_query q = cw_query_on(s, CW_SQL_JDEFAULT_PUT);

    cw_bind_int(&q, d->account);
    cw_bind_int(&q, d->default_role);
    cw_bind_int(&q, d->personal_role);
    cw_bind_int(&q, d->team_role);
    cw_bind_int(&q, d->system_role);
    return cw_query_run(&q);
}

int cw_store_jump_defaults_remove(struct cw_store *s, uint32_t account)
{
    return run4(s, CW_SQL_JDEFAULT_REMOVE, 1, account, 0, 0, 0);
}

/* ---- copies ---------------------------------------------------------------------------------- */

int cw_store_jump_copy_each(struct cw_store *s, cw_jump_copy_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_JCOPY_EACH);
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(&q)) {
        const struct cw_jump_copy copy = {
            .id = (uint32_t)cw_column_int(&q, 0),
            .jump_item = (uint32_t)cw_column_int(&q, 1),
            .group = (uint32_t)cw_column_int(&q, 2),
        };
        stop = each(user, &copy);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_jump_copy_add(struct cw_store *s, struct cw_jump_copy *copy)
{
    int err = run4(s, CW_SQL_JCOPY_ADD, 2, copy->jump_item, copy->group, 0, 0);

    if (err == 0)
        copy->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

int cw_store_jump_copy_remove(struct cw_store *s, uint32_t id)
{
    const struct cw_policy_of none = {.kind = CW_ASSIGNED_COPY, .object = id};
    struct cw_query q;
    int err = cw_store_policy_of_put(s, &none);

    if (err != 0)
        return err;
    q = cw_query_on(s, CW_SQL_JCOPY_REMOVE);
    cw_bind_int(&q, id);
    return cw_query_change(&q);
}

int cw_store_jump_item_group(struct cw_store *s, uint32_t id, uint32_t *ret_group)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ITEM_GROUP);
    uint64_t group = 0;
    int err = 0;

    cw_bind_int(&q, id);
    err = cw_query_number(&q, &group);
    if (err == 0)
        *ret_group = (uint32_t)group;
    return err;
}

int cw_store_jump_item_regroup(struct cw_store *s, uint32_t id, uint32_t group)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ITEM_REGROUP);

    cw_bind_int(&q, id);
    cw_bind_int(&q, group);
    return cw_query_change(&q);
}
