/* SPDX-License-Identifier: Apache-2.0 */
#include "control/store/store_factor.h"

#include <string.h>

#include "control/store/store_query.h"
#include "engine/base/err.h"

static int run_for(struct cw_store *s, enum cw_statement statement, uint32_t account)
{
    struct cw_query q = cw_query_on(s, statement);

    cw_bind_int(&q, account);
    return cw_query_run(&q);
}

static int count_for(struct cw_store *s, enum cw_statement statement, uint32_t account,
                     uint32_t *ret_count)
{
    struct cw_query q = cw_query_on(s, statement);
    uint64_t count = 0;
    int err = 0;

    cw_bind_int(&q, account);
    err = cw_query_number(&q, &count);
    if (err == 0)
        *ret_count = (uint32_t)count;
    return err;
}

/* ---- codes ----------------------------------------------------------------------------------- */

int cw_store_totp_get(struct cw_store *s, uint32_t account, struct cw_totp_row *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TOTP_GET);
    bool found = false;
    int err = 0;

    cw_bind_int(&q, account);
    found = cw_query_row(&q);
    if (found) {
        cw_column_blob(&q, 0, ret->sealed, sizeof ret->sealed);
        ret->last_step = cw_column_int(&q, 1);
    }
    err = cw_query_end(&q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}

int cw_store_totp_put(struct cw_store *s, uint32_t account, const struct cw_totp_row *row)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TOTP_PUT);

    cw_bind_int(&q, account);
    cw_bind_blob(&q, row->sealed, sizeof row->sealed);
    cw_bind_int(&q, row->last_step);
    return cw_query_run(&q);
}

int cw_store_totp_step(struct cw_store *s, uint32_t account, uint64_t step)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TOTP_STEP);

    cw_bind_int(&q, account);
    cw_bind_int(&q, step);
    return cw_query_change(&q);
}

int cw_store_totp_remove(struct cw_store *s, uint32_t account)
{
    return run_for(s, CW_SQL_TOTP_REMOVE, account);
}

int cw_store_code_lock_get(struct cw_store *s, uint32_t account, struct cw_lock *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_CODE_LOCK_GET);
    struct cw_lock lock = {0};
    int err = 0;

    cw_bind_int(&q, account);
    if (cw_query_row(&q)) {
        lock.count = (uint32_t)cw_column_int(&q, 0);
        lock.last_ms = cw_column_int(&q, 1);
    }
    err = cw_query_end(&q);
    if (err == 0)
        *ret = lock;
    return err;
}

int cw_store_code_lock_set(struct cw_store *s, uint32_t account, const struct cw_lock *lock)
{
    struct cw_query q = cw_query_on(s, CW_SQL_CODE_LOCK_SET);

    cw_bind_int(&q, account);
    cw_bind_int(&q, lock->count);
    cw_bind_int(&q, lock->last_ms);
    return cw_query_run(&q);
}

int cw_store_code_lock_clear(struct cw_store *s, uint32_t account)
{
    return run_for(s, CW_SQL_CODE_LOCK_CLEAR, account);
}

static int recovery(struct cw_store *s, enum cw_statement statement, uint32_t account,
                    const uint8_t *code_hash)
{
    struct cw_query q = cw_query_on(s, statement);

    cw_bind_int(&q, account);
    cw_bind_blob(&q, code_hash, CW_SHA256_BYTES);
    return cw_query_change(&q);
}

int cw_store_recovery_add(struct cw_store *s, uint32_t account, const uint8_t *code_hash)
{
    return recovery(s, CW_SQL_RECOVERY_ADD, account, code_hash);
}

int cw_store_recovery_use(struct cw_store *s, uint32_t account, const uint8_t *code_hash)
{
    return recovery(s, CW_SQL_RECOVERY_USE, account, code_hash);
}

int cw_store_recovery_remove(struct cw_store *s, uint32_t account)
{
    return run_for(s, CW_SQL_RECOVERY_REMOVE, account);
}

int cw_store_recovery_count(struct cw_store *s, uint32_t account, uint32_t *ret_count)
{
    return count_for(s, CW_SQL_RECOVERY_COUNT, account, ret_count);
}

/* ---- authenticators -------------------------------------------------------------------------- */

/* A blob of any size up to size; a longer one gives nothing. */
static size_t column_bytes(const struct cw_query *q, int column, uint8_t *out, size_t size)
{
    const void *blob = sqlite3_column_blob(q->statement, column);
    const size_t n = (size_t)sqlite3_column_bytes(q->statement, column);

    if (blob == NULL || n > size)
        return 0;
    memcpy(out, blob, n);
    return n;
}

static void authenticator_of(const struct cw_query *q, struct cw_authenticator *a)
{
    a->id = (uint32_t)cw_column_int(q, 0);
    a->account = (uint32_t)cw_column_int(q, 1);
    a->key.id_bytes = column_bytes(q, 2, a->key.id, sizeof a->key.id);
    a->key.algorithm = (int)(int64_t)cw_column_int(q, 3);
    a->key.public_key_bytes = column_bytes(q, 4, a->key.public_key, sizeof a->key.public_key);
    a->key.sign_count = (uint32_t)cw_column_int(q, 5);
    cw_column_text(q, 6, a->name, sizeof a->name);
    a->created_ms = cw_column_int(q, 7);
    a->last_used_ms = cw_column_int(q, 8);
}

int cw_store_authenticator_add(struct cw_store *s, struct cw_authenticator *a)
{
    struct cw_query q = cw_query_on(s, CW_SQL_AUTHENTICATOR_ADD);
    int err = 0;

    cw_bind_int(&q, a->account);
    cw_bind_blob(&q, a->key.id, a->key.id_bytes);
    cw_bind_int(&q, (uint64_t)(int64_t)a->key.algorithm);
    cw_bind_blob(&q, a->key.public_key, a->key.public_key_bytes);
    cw_bind_int(&q, a->key.sign_count);
    cw_bind_text(&q, a->name);
    cw_bind_int(&q, a->created_ms);
    err = cw_query_run(&q);
    if (err == 0)
        a->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

int cw_store_authenticator_each(struct cw_store *s, uint32_t account, cw_authenticator_fn each,
                                void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_AUTHENTICATOR_EACH);
    struct cw_authenticator a;
    int stop = 0;
    int err = 0;

    cw_bind_int(&q, account);
    while (stop == 0 && cw_query_row(&q)) {
        authenticator_of(&q, &a);
        stop = each(user, &a);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_authenticator_find(struct cw_store *s, const uint8_t *credential, size_t bytes,
                                struct cw_authenticator *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_AUTHENTICATOR_FIND);
    bool found = false;
    int err = 0;

    cw_bind_blob(&q, credential, bytes);
    found = cw_query_row(&q);
    if (found)
        authenticator_of(&q, ret);
    err = cw_query_end(&q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}

int cw_store_authenticator_used(struct cw_store *s, uint32_t id, uint32_t sign_count,
                                uint64_t now_ms)
{
    struct cw_query q = cw_query_on(s, CW_SQL_AUTHENTICATOR_USED);

    cw_bind_int(&q, id);
    cw_bind_int(&q, sign_count);
    cw_bind_int(&q, now_ms);
    return cw_query_change(&q);
}

int cw_store_authenticator_remove(struct cw_store *s, uint32_t account, uint32_t id)
{
    struct cw_query q = cw_query_on(s, CW_SQL_AUTHENTICATOR_REMOVE);

    cw_bind_int(&q, account);
    cw_bind_int(&q, id);
    return cw_query_change(&q);
}

int cw_store_authenticator_remove_all(struct cw_store *s, uint32_t account)
{
    return run_for(s, CW_SQL_AUTHENTICATOR_REMOVE_ALL, account);
}

int cw_store_authenticator_count(struct cw_store *s, uint32_t account, uint32_t *ret_count)
{
    return count_for(s, CW_SQL_AUTHENTICATOR_COUNT, account, ret_count);
}
