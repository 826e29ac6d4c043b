/* SPDX-License-Identifier: Apache-2.0 */
/* Jump Groups and Jump Items in the store. */
#include "control/store/store_query.h"
#include "engine/base/err.h"

static void item_of(const struct cw_query *q, struct cw_jump_item *item)
{
    item->id = (uint32_t)cw_column_int(q, 0);
    cw_column_text(q, 1, item->name, sizeof item->name);
    cw_column_text(q, 2, item->group, sizeof item->group);
    cw_column_blob(q, 3, item->device_key, sizeof item->device_key);
    cw_column_text(q, 4, item->hostname, sizeof item->hostname);
    cw_column_text(q, 5, item->platform, sizeof item->platform);
    cw_column_text(q, 6, item->user, sizeof item->user);
    item->last_seen_ms = cw_column_int(q, 7);
    item->last_access_ms = cw_column_int(q, 8);
    item->is_removed = cw_column_int(q, 9) != 0;
}

static int one_item(struct cw_query *q, struct cw_jump_item *ret)
{
    bool found = cw_query_row(q);
    int err = 0;

    if (found)
        item_of(q, ret);
    err = cw_query_end(q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}

/* UPDATE ... SET one time WHERE id. */
static int set_time(struct cw_store *s, enum cw_statement id, uint32_t item, uint64_t now_ms)
{
    struct cw_query q = cw_query_on(s, id);

    cw_bind_int(&q, item);
    cw_bind_int(&q, now_ms);
    return cw_query_change(&q);
}

int cw_store_group_find(struct cw_store *s, const char *name, uint32_t *ret_id)
{
    struct cw_query q = cw_query_on(s, CW_SQL_GROUP_FIND);
    uint64_t id = 0;
    int err = 0;

    cw_bind_text(&q, name);
    err = cw_query_number(&q, &id);
    if (err == 0)
        *ret_id = (uint32_t)id;
    return err;
}

int cw_store_jump_item_add(struct cw_store *s, struct cw_jump_item *item, uint32_t group,
                           uint64_t now_ms)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ITEM_ADD);
    int err = 0;

    cw_bind_int(&q, group);
    cw_bind_text(&q, item->name);
    cw_bind_blob(&q, item->device_key, sizeof item->device_key);
    cw_bind_text(&q, item->hostname);
    cw_bind_text(&q, item->platform);
    cw_bind_text(&q, item->user);
    cw_bind_int(&q, now_ms);
    err = cw_query_run(&q);
    if (err == 0)
        item->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

int cw_store_jump_item_get(struct cw_store *s, uint32_t id, struct cw_jump_item *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ITEM_GET);

    cw_bind_int(&q, id);
    return one_item(&q, ret);
}

int cw_store_jump_item_find(struct cw_store *s, const uint8_t *device_key, struct cw_jump_item *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ITEM_FIND);

    cw_bind_blob(&q, device_key, CW_KEY_BYTES);
    return one_item(&q, ret);
}

int cw_store_jump_item_each(struct cw_store *s, cw_jump_item_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ITEM_EACH);
    struct cw_jump_item item;
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(&q)) {
        item_of(&q, &item);
        stop = each(user, &item);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_jump_item_count(struct cw_store *s, uint32_t *ret_count)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ITEM_COUNT);
    uint64_t count = 0;
    int err = cw_query_number(&q, &count);

    if (err == 0)
        *ret_count = (uint32_t)count;
    return err;
}

int cw_store_jump_item_rename(struct cw_store *s, uint32_t id, const char *name)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ITEM_RENAME);

    cw_bind_int(&q, id);
    cw_bind_text(&q, name);
    return cw_query_change(&q);
}

int cw_store_jump_item_remove(struct cw_store *s, uint32_t id, uint64_t now_ms)
{
    return set_time(s, CW_SQL_ITEM_REMOVE, id, now_ms);
}

int cw_store_jump_item_seen(struct cw_store *s, uint32_t id, uint64_t now_ms)
{
    return set_time(s, CW_SQL_ITEM_SEEN, id, now_ms);
}

int cw_store_jump_item_accessed(struct cw_store *s, uint32_t id, uint64_t now_ms)
{
    return set_time(s, CW_SQL_ITEM_ACCESSED, id, now_ms);
}

int cw_store_jump_item_describe(struct cw_store *s, const struct cw_jump_item *item)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ITEM_DESCRIBE);

    cw_bind_int(&q, item->id);
    cw_bind_text(&q, item->hostname);
    cw_bind_text(&q, item->platform);
    cw_bind_text(&q, item->user);
    return cw_query_change(&q);
}
