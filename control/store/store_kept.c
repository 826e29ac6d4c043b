/* SPDX-License-Identifier: Apache-2.0 */
#include "control/store/store_kept.h"

#include <stdlib.h>
#include <string.h>

struct cw_kept {
    /* By number, or by the hash's first byte, modulo; id 0: nothing. */
    struct cw_account accounts[CW_STORE_KEPT_ACCOUNTS];
    struct kept_sign_in {
        uint8_t hash[CW_SHA256_BYTES];
        struct cw_sign_in row;
    } sign_ins[CW_STORE_KEPT_SIGN_INS];
};

struct cw_kept *cw_kept_new(void)
{
    return calloc(1, sizeof(struct cw_kept));
}

void cw_kept_forget(struct cw_kept *k)
{
    for (unsigned i = 0; k != NULL && i < CW_STORE_KEPT_ACCOUNTS; i++)
        k->accounts[i].id = 0;
    for (unsigned i = 0; k != NULL && i < CW_STORE_KEPT_SIGN_INS; i++)
        k->sign_ins[i].row.id = 0;
}

void cw_kept_free(struct cw_kept *k)
{
    if (k != NULL)
        explicit_bzero(k, sizeof *k); /* hashes of passwords */
    free(k);
}

static void row_changed(void *user, int what, const char *database, const char *table,
                        sqlite3_int64 id)
{
    struct cw_kept *k = user;

    (void)what;
    (void)database;
    if (strcmp(table, "account") == 0) {
        struct cw_account *kept = &k->accounts[(uint64_t)id % CW_STORE_KEPT_ACCOUNTS];
        if (kept->id == (uint64_t)id)
            kept->id = 0;
    } else if (strcmp(table, "sign_in") == 0) {
        for (unsigned i = 0; i < CW_STORE_KEPT_SIGN_INS; i++)
            if (k->sign_ins[i].row.id == (uint64_t)id)
                k->sign_ins[i].row.id = 0;
    }
}

void cw_kept_follow(struct cw_kept *k, sqlite3 *db)
{
    if (k != NULL)
        (void)sqlite3_update_hook(db, row_changed, k);
}

bool cw_kept_account(const struct cw_kept *k, uint32_t id, struct cw_account *ret)
{
    if (k == NULL || id == 0 || k->accounts[id % CW_STORE_KEPT_ACCOUNTS].id != id)
        return false;
    *ret = k->accounts[id % CW_STORE_KEPT_ACCOUNTS];
    return true;
}

void cw_kept_account_put(struct cw_kept *k, const struct cw_account *row)
{
    if (k != NULL)
        k->accounts[row->id % CW_STORE_KEPT_ACCOUNTS] = *row;
}

bool cw_kept_sign_in(const struct cw_kept *k, const uint8_t *token_hash, struct cw_sign_in *ret)
{
    const struct kept_sign_in *kept =
        k != NULL ? &k->sign_ins[token_hash[0] % CW_STORE_KEPT_SIGN_INS] : NULL;

    if (kept == NULL || kept->row.id == 0 || memcmp(kept->hash, token_hash, sizeof kept->hash) != 0)
        return false;
    *ret = kept->row;
    return true;
}

void cw_kept_sign_in_put(struct cw_kept *k, const uint8_t *token_hash, const struct cw_sign_in *row)
{
    if (k == NULL)
        return;
    struct kept_sign_in *kept = &k->sign_ins[token_hash[0] % CW_STORE_KEPT_SIGN_INS];
    memcpy(kept->hash, token_hash, sizeof kept->hash);
    kept->row = *row;
}
