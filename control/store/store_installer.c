/* SPDX-License-Identifier: Apache-2.0 */
#include "control/store/store_installer.h"

#include "control/store/store_query.h"
#include "engine/base/err.h"

static void installer_of(const struct cw_query *q, struct cw_installer *i)
{
    i->id = (uint32_t)cw_column_int(q, 0);
    cw_column_text(q, 1, i->label, sizeof i->label);
    cw_column_text(q, 2, i->name_pattern, sizeof i->name_pattern);
    i->group = (uint32_t)cw_column_int(q, 3);
    cw_column_text(q, 4, i->group_name, sizeof i->group_name);
    cw_column_text(q, 5, i->tag, sizeof i->tag);
    cw_column_text(q, 6, i->comments, sizeof i->comments);
    i->jump_policy = (uint32_t)cw_column_int(q, 7);
    i->session_policy = (uint32_t)cw_column_int(q, 8);
    i->overrides = (uint32_t)cw_column_int(q, 9);
    i->is_quiet = cw_column_int(q, 10) != 0;
    i->mode = (uint8_t)cw_column_int(q, 11);
    i->port = (uint16_t)cw_column_int(q, 12);
    i->uses_max = (uint32_t)cw_column_int(q, 13);
    i->uses = (uint32_t)cw_column_int(q, 14);
    i->item_life_s = cw_column_int(q, 15);
    i->created_ms = cw_column_int(q, 16);
    cw_column_text(q, 17, i->created_by, sizeof i->created_by);
    i->expires_ms = cw_column_int(q, 18);
    i->revoked_ms = cw_column_int(q, 19);
}

static int one(struct cw_query *q, struct cw_installer *ret)
{
    const bool is_found = cw_query_row(q);

    if (is_found)
        installer_of(q, ret);
    const int err = cw_query_end(q);
    return err == 0 && !is_found ? CW_ERR_NOT_FOUND : err;
}

int cw_store_installer_add(struct cw_store *s, const uint8_t *token_hash, struct cw_installer *i)
{
    struct cw_query q = cw_query_on(s, CW_SQL_INSTALLER_ADD);

    cw_bind_blob(&q, token_hash, CW_SHA256_BYTES);
    cw_bind_text(&q, i->label);
    cw_bind_text(&q, i->name_pattern);
    cw_bind_int(&q, i->group);
    cw_bind_text(&q, i->tag);
    cw_bind_text(&q, i->comments);
    cw_bind_int(&q, i->jump_policy);
    cw_bind_int(&q, i->session_policy);
    /* One number: the store's statements have 16 at most. */
    cw_bind_int(&q, (uint64_t)i->overrides << 1 | i->is_quiet);
    cw_bind_int(&q, i->mode);
    cw_bind_int(&q, i->port);
    cw_bind_int(&q, i->uses_max);
    cw_bind_int(&q, i->item_life_s);
    cw_bind_int(&q, i->created_ms);
    cw_bind_text(&q, i->created_by);
    cw_bind_int(&q, i->expires_ms);
    const int err = cw_query_run(&q);
    if (err == 0)
        i->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

int cw_store_installer_get(struct cw_store *s, uint32_t id, struct cw_installer *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_INSTALLER_GET);

    cw_bind_int(&q, id);
    return one(&q, ret);
}

int cw_store_installer_find(struct cw_store *s, const uint8_t *token_hash, struct cw_installer *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_INSTALLER_FIND);

    cw_bind_blob(&q, token_hash, CW_SHA256_BYTES);
    return one(&q, ret);
}

int cw_store_installer_each(struct cw_store *s, uint32_t after, uint32_t count_max,
                            cw_installer_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_INSTALLER_EACH);
    struct cw_installer installer;
    int stop = 0;

    cw_bind_int(&q, after);
    cw_bind_int(&q, count_max);
    while (stop == 0 && cw_query_row(&q)) {
        installer_of(&q, &installer);
        stop = each(user, &installer);
    }
    const int err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_installer_count(struct cw_store *s, uint64_t now_ms, uint32_t *ret_count)
{
    struct cw_query q = cw_query_on(s, CW_SQL_INSTALLER_COUNT);
    uint64_t count = 0;

    cw_bind_int(&q, now_ms);
    const int err = cw_query_number(&q, &count);
    if (err == 0)
        *ret_count = (uint32_t)count;
    return err;
}

int cw_store_installer_extend(struct cw_store *s, uint32_t id, uint64_t expires_ms,
                              uint32_t uses_max)
{
    struct cw_query q = cw_query_on(s, CW_SQL_INSTALLER_EXTEND);

    cw_bind_int(&q, id);
    cw_bind_int(&q, expires_ms);
    cw_bind_int(&q, uses_max);
    return cw_query_change(&q);
}

int cw_store_installer_revoke(struct cw_store *s, uint32_t id, uint64_t now_ms)
{
    struct cw_query q = cw_query_on(s, CW_SQL_INSTALLER_REVOKE);

    cw_bind_int(&q, id);
    cw_bind_int(&q, now_ms);
    return cw_query_change(&q);
}

int cw_store_installer_use(struct cw_store *s, uint32_t id, uint32_t item, uint64_t now_ms)
{
    struct cw_query use = cw_query_on(s, CW_SQL_INSTALLER_USE);

    cw_bind_int(&use, id);
    const int err = cw_query_change(&use);
    if (err != 0)
        return err;
    struct cw_query by = cw_query_on(s, CW_SQL_INSTALLED_ADD);
    cw_bind_int(&by, id);
    cw_bind_int(&by, item);
    cw_bind_int(&by, now_ms);
    return cw_query_run(&by);
}
