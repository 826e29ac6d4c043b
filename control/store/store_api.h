/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/store_api.h - API accounts and their tokens, as the store has them.
 *
 * Owner:     rows are values in the caller's memory.
 * Thread:    the state thread.
 * Errors:    those of store.h; CW_ERR_CONFLICT: the name is another account's.
 * Limits:    CW_API_ACCOUNTS_MAX, checked by the caller; CW_API_TOKENS_PER_ACCOUNT_MAX, kept here.
 */
#ifndef CW_CONTROL_STORE_STORE_API_H
#define CW_CONTROL_STORE_STORE_API_H

#include "control/store/store.h"

enum { CW_API_CLIENT_ID_BYTES = 19 }; /* "ABCD-EFGH-JKMN-PQRS" */

struct cw_api_account {
    uint32_t id;
    char name[CW_NAME_SIZE];
    char client_id[CW_API_CLIENT_ID_BYTES + 1];
    uint8_t secret_hash[CW_SHA256_BYTES];
    bool is_enabled;
    uint32_t access; /* api_account.h: two bits a scope */
    char networks[CW_NETWORKS_BYTES_MAX + 1];
    char comments[CW_COMMENTS_BYTES_MAX + 1];
    uint64_t created_ms;
    uint64_t last_token_ms; /* 0: never */
};

struct cw_api_token {
    uint32_t api_account;
    uint32_t access;
    uint64_t expires_ms;
};

typedef int (*cw_api_account_fn)(void *user, const struct cw_api_account *account);

int cw_store_api_account_count(struct cw_store *s, uint32_t *ret_count);
int cw_store_api_account_get(struct cw_store *s, uint32_t id, struct cw_api_account *ret);
int cw_store_api_account_find(struct cw_store *s, const char *client_id,
                              struct cw_api_account *ret);
int cw_store_api_account_each(struct cw_store *s, cw_api_account_fn each, void *user);
/* Sets account->id. */
int cw_store_api_account_add(struct cw_store *s, struct cw_api_account *account);
/* Name, is_enabled, access, networks and comments. */
int cw_store_api_account_set(struct cw_store *s, const struct cw_api_account *account);
/* Its tokens end with it. */
int cw_store_api_account_set_secret(struct cw_store *s, uint32_t id, const uint8_t *secret_hash);
int cw_store_api_account_remove(struct cw_store *s, uint32_t id);

/* Notes the time and drops the oldest over the limit. */
int cw_store_api_token_add(struct cw_store *s, const uint8_t *token_hash,
                           const struct cw_api_token *token, uint64_t now_ms);
int cw_store_api_token_find(struct cw_store *s, const uint8_t *token_hash,
                            struct cw_api_token *ret);
/* CW_ERR_NOT_FOUND: there was none. */
int cw_store_api_token_remove(struct cw_store *s, const uint8_t *token_hash);
int cw_store_api_token_remove_all(struct cw_store *s, uint32_t api_account);
int cw_store_api_token_purge(struct cw_store *s, uint64_t now_ms);

#endif
