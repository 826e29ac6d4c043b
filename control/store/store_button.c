/* SPDX-License-Identifier: Apache-2.0 */
/* Support Buttons in the store. */
#include "control/store/store_button.h"

#include "control/store/store_query.h"
#include "engine/base/err.h"

static void bind_place(struct cw_query *q, const struct cw_button *b)
{
    cw_bind_text(q, b->name);
    cw_bind_int(q, b->account);
    cw_bind_int(q, b->team);
    cw_bind_int(q, b->issue);
    cw_bind_int(q, b->portal);
}

int cw_store_button_add(struct cw_store *s, struct cw_button *b, const uint8_t *secret_hash)
{
    struct cw_query q = cw_query_on(s, CW_SQL_BUTTON_ADD);
    int err = 0;

    cw_bind_blob(&q, secret_hash, CW_SHA256_BYTES);
    bind_place(&q, b);
    cw_bind_int(&q, b->owner);
    cw_bind_int(&q, b->created_ms);
    cw_bind_int(&q, b->expires_ms);
    err = cw_query_run(&q);
    if (err == 0)
        b->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

int cw_store_button_put(struct cw_store *s, const struct cw_button *b)
{
    struct cw_query q = cw_query_on(s, CW_SQL_BUTTON_PUT);

    cw_bind_int(&q, b->id);
    bind_place(&q, b);
    cw_bind_int(&q, b->expires_ms);
    return cw_query_change(&q);
}

static int change_at(struct cw_store *s, enum cw_statement id, uint32_t button, uint64_t now_ms)
{
    struct cw_query q = cw_query_on(s, id);

    cw_bind_int(&q, button);
    cw_bind_int(&q, now_ms);
    return cw_query_change(&q);
}

int cw_store_button_revoke(struct cw_store *s, uint32_t id, uint64_t now_ms)
{
    return change_at(s, CW_SQL_BUTTON_REVOKE, id, now_ms);
}

int cw_store_button_used(struct cw_store *s, uint32_t id, uint64_t now_ms)
{
    return change_at(s, CW_SQL_BUTTON_USED, id, now_ms);
}

static void button_of(const struct cw_query *q, struct cw_button *b)
{
    b->id = (uint32_t)cw_column_int(q, 0);
    cw_column_text(q, 1, b->name, sizeof b->name);
    b->account = (uint32_t)cw_column_int(q, 2);
    b->team = (uint32_t)cw_column_int(q, 3);
    b->issue = (uint32_t)cw_column_int(q, 4);
    b->portal = (uint32_t)cw_column_int(q, 5);
    b->owner = (uint32_t)cw_column_int(q, 6);
    b->created_ms = cw_column_int(q, 7);
    b->expires_ms = cw_column_int(q, 8);
    b->revoked_ms = cw_column_int(q, 9);
    b->uses = cw_column_int(q, 10);
    b->last_used_ms = cw_column_int(q, 11);
    cw_column_text(q, 12, b->leads_to, sizeof b->leads_to);
    cw_column_text(q, 13, b->owner_name, sizeof b->owner_name);
}

static int one_button(struct cw_query *q, struct cw_button *ret)
{
    const bool found = cw_query_row(q);
    int err = 0;

    if (found)
        button_of(q, ret);
    err = cw_query_end(q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}

int cw_store_button_get(struct cw_store *s, uint32_t id, struct cw_button *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_BUTTON_GET);

    cw_bind_int(&q, id);
    return one_button(&q, ret);
}

int cw_store_button_find(struct cw_store *s, const uint8_t *secret_hash, struct cw_button *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_BUTTON_FIND);

    cw_bind_blob(&q, secret_hash, CW_SHA256_BYTES);
    return one_button(&q, ret);
}

int cw_store_button_each(struct cw_store *s, uint32_t after, uint32_t account, uint32_t count_max,
                         cw_button_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_BUTTON_EACH);
    struct cw_button button;
    int stop = 0;
    int err = 0;

    cw_bind_int(&q, after);
    cw_bind_int(&q, account);
    cw_bind_int(&q, count_max);
    while (stop == 0 && cw_query_row(&q)) {
        button_of(&q, &button);
        stop = each(user, &button);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_button_count(struct cw_store *s, uint32_t owner, uint32_t *ret_count)
{
    struct cw_query q = cw_query_on(s, CW_SQL_BUTTON_COUNT);
    uint64_t count = 0;
    int err = 0;

    cw_bind_int(&q, owner);
    err = cw_query_number(&q, &count);
    if (err == 0)
        *ret_count = (uint32_t)count;
    return err;
}
