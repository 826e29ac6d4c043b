/* SPDX-License-Identifier: Apache-2.0 */
#include "control/store/store_api.h"

#include "control/store/store_query.h"
#include "engine/base/err.h"

static void account_of(const struct cw_query *q, struct cw_api_account *a)
{
    a->id = (uint32_t)cw_column_int(q, 0);
    cw_column_text(q, 1, a->name, sizeof a->name);
    cw_column_text(q, 2, a->client_id, sizeof a->client_id);
    cw_column_blob(q, 3, a->secret_hash, sizeof a->secret_hash);
    a->is_enabled = cw_column_int(q, 4) != 0;
    a->access = (uint32_t)cw_column_int(q, 5);
    cw_column_text(q, 6, a->networks, sizeof a->networks);
    cw_column_text(q, 7, a->comments, sizeof a->comments);
    a->created_ms = cw_column_int(q, 8);
    a->last_token_ms = cw_column_int(q, 9);
}

static int one_account(struct cw_query *q, struct cw_api_account *ret)
{
    bool found = cw_query_row(q);
    int err = 0;

    if (found)
        account_of(q, ret);
    err = cw_query_end(q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}

int cw_store_api_account_count(struct cw_store *s, uint32_t *ret_count)
{
    struct cw_query q = cw_query_on(s, CW_SQL_API_ACCOUNT_COUNT);
    uint64_t count = 0;
    int err = cw_query_number(&q, &count);

    if (err == 0)
        *ret_count = (uint32_t)count;
    return err;
}

int cw_store_api_account_get(struct cw_store *s, uint32_t id, struct cw_api_account *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_API_ACCOUNT_GET);

    cw_bind_int(&q, id);
    return one_account(&q, ret);
}

int cw_store_api_account_find(struct cw_store *s, const char *client_id, struct cw_api_account *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_API_ACCOUNT_FIND);

    cw_bind_text(&q, client_id);
    return one_account(&q, ret);
}

int cw_store_api_account_each(struct cw_store *s, cw_api_account_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_API_ACCOUNT_EACH);
    struct cw_api_account account;
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(&q)) {
        account_of(&q, &account);
        stop = each(user, &account);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_api_account_add(struct cw_store *s, struct cw_api_account *a)
{
    struct cw_query q = cw_query_on(s, CW_SQL_API_ACCOUNT_ADD);
    int err = 0;

    cw_bind_text(&q, a->name);
    cw_bind_text(&q, a->client_id);
    cw_bind_blob(&q, a->secret_hash, sizeof a->secret_hash);
    cw_bind_int(&q, a->is_enabled);
    cw_bind_int(&q, a->access);
    cw_bind_text(&q, a->networks);
    cw_bind_text(&q, a->comments);
    cw_bind_int(&q, a->created_ms);
    err = cw_query_run(&q);
    if (err == 0)
        a->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

int cw_store_api_account_set(struct cw_store *s, const struct cw_api_account *a)
{
    struct cw_query q = cw_query_on(s, CW_SQL_API_ACCOUNT_SET);

    cw_bind_int(&q, a->id);
    cw_bind_text(&q, a->name);
    cw_bind_int(&q, a->is_enabled);
    cw_bind_int(&q, a->access);
    cw_bind_text(&q, a->networks);
    cw_bind_text(&q, a->comments);
    return cw_query_change(&q);
}

int cw_store_api_account_set_secret(struct cw_store *s, uint32_t id, const uint8_t *secret_hash)
{
    struct cw_query q = cw_query_on(s, CW_SQL_API_ACCOUNT_SECRET);
    int err = 0;

    cw_bind_int(&q, id);
    cw_bind_blob(&q, secret_hash, CW_SHA256_BYTES);
    err = cw_query_change(&q);
    return err == 0 ? cw_store_api_token_remove_all(s, id) : err;
}

int cw_store_api_account_remove(struct cw_store *s, uint32_t id)
{
    struct cw_query q = cw_query_on(s, CW_SQL_API_ACCOUNT_REMOVE);

    cw_bind_int(&q, id);
    return cw_query_change(&q);
}

/* ---- tokens ---------------------------------------------------------------------------------- */

int cw_store_api_token_add(struct cw_store *s, const uint8_t *token_hash,
                           const struct cw_api_token *token, uint64_t now_ms)
{
    struct cw_query q = cw_query_on(s, CW_SQL_API_TOKEN_ADD);
    int err = 0;

    cw_bind_blob(&q, token_hash, CW_SHA256_BYTES);
    cw_bind_int(&q, token->api_account);
    cw_bind_int(&q, token->access);
    cw_bind_int(&q, token->expires_ms);
    err = cw_query_run(&q);
    if (err != 0)
        return err;
    q = cw_query_on(s, CW_SQL_API_TOKEN_TRIM);
    cw_bind_int(&q, token->api_account);
    cw_bind_int(&q, CW_API_TOKENS_PER_ACCOUNT_MAX);
    err = cw_query_run(&q);
    if (err != 0)
        return err;
    q = cw_query_on(s, CW_SQL_API_ACCOUNT_USED);
    cw_bind_int(&q, token->api_account);
    cw_bind_int(&q, now_ms);
    return cw_query_change(&q);
}

int cw_store_api_token_find(struct cw_store *s, const uint8_t *token_hash, struct cw_api_token *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_API_TOKEN_FIND);
    bool found = false;
    int err = 0;

    cw_bind_blob(&q, token_hash, CW_SHA256_BYTES);
    found = cw_query_row(&q);
    if (found) {
        ret->api_account = (uint32_t)cw_column_int(&q, 0);
        ret->access = (uint32_t)cw_column_int(&q, 1);
        ret->expires_ms = cw_column_int(&q, 2);
    }
    err = cw_query_end(&q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}

int cw_store_api_token_remove(struct cw_store *s, const uint8_t *token_hash)
{
    struct cw_query q = cw_query_on(s, CW_SQL_API_TOKEN_REMOVE);

    cw_bind_blob(&q, token_hash, CW_SHA256_BYTES);
    return cw_query_change(&q);
}

int cw_store_api_token_remove_all(struct cw_store *s, uint32_t api_account)
{
    struct cw_query q = cw_query_on(s, CW_SQL_API_TOKEN_REMOVE_ALL);

    cw_bind_int(&q, api_account);
    return cw_query_run(&q);
}

int cw_store_api_token_purge(struct cw_store *s, uint64_t now_ms)
{
    struct cw_query q = cw_query_on(s, CW_SQL_API_TOKEN_PURGE);

    cw_bind_int(&q, now_ms);
    return cw_query_run(&q);
}
