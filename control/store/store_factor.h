/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/store_factor.h - second factors and authenticators of accounts, as the store has them.
 *
 * Owner:     rows are values in the caller's memory.
 * Thread:    the state thread.
 * Errors:    those of store.h; CW_ERR_CONFLICT: the authenticator is registered already.
 * Limits:    CW_AUTHENTICATORS_MAX, checked by the caller.
 */
#ifndef CW_CONTROL_STORE_STORE_FACTOR_H
#define CW_CONTROL_STORE_STORE_FACTOR_H

#include "control/account/seal.h"
#include "control/account/webauthn.h"
#include "control/store/store.h"

enum { CW_TOTP_SEALED_BYTES = CW_TOTP_SECRET_BYTES + CW_SEAL_MORE_BYTES };

struct cw_totp_row {
    uint8_t sealed[CW_TOTP_SEALED_BYTES];
    uint64_t last_step; /* no code of this step or before it is taken */
};

struct cw_authenticator {
    uint32_t id;
    uint32_t account;
    struct cw_webauthn_key key;
    char name[CW_NAME_SIZE];
    uint64_t created_ms;
    uint64_t last_used_ms;
};

typedef int (*cw_authenticator_fn)(void *user, const struct cw_authenticator *authenticator);

int cw_store_totp_get(struct cw_store *s, uint32_t account, struct cw_totp_row *ret);
int cw_store_totp_put(struct cw_store *s, uint32_t account, const struct cw_totp_row *row);
/* CW_ERR_NOT_FOUND: the step is not later than the last one. */
int cw_store_totp_step(struct cw_store *s, uint32_t account, uint64_t step);
int cw_store_totp_remove(struct cw_store *s, uint32_t account);

/* Wrong codes in a row. */
int cw_store_code_lock_get(struct cw_store *s, uint32_t account, struct cw_lock *ret);
int cw_store_code_lock_set(struct cw_store *s, uint32_t account, const struct cw_lock *lock);
int cw_store_code_lock_clear(struct cw_store *s, uint32_t account);

int cw_store_recovery_add(struct cw_store *s, uint32_t account, const uint8_t *code_hash);
/* CW_ERR_NOT_FOUND: no such code, or it was used. */
int cw_store_recovery_use(struct cw_store *s, uint32_t account, const uint8_t *code_hash);
int cw_store_recovery_remove(struct cw_store *s, uint32_t account);
int cw_store_recovery_count(struct cw_store *s, uint32_t account, uint32_t *ret_count);

/* Sets authenticator->id. */
int cw_store_authenticator_add(struct cw_store *s, struct cw_authenticator *authenticator);
int cw_store_authenticator_each(struct cw_store *s, uint32_t account, cw_authenticator_fn each,
                                void *user);
int cw_store_authenticator_find(struct cw_store *s, const uint8_t *credential, size_t bytes,
                                struct cw_authenticator *ret);
int cw_store_authenticator_used(struct cw_store *s, uint32_t id, uint32_t sign_count,
                                uint64_t now_ms);
int cw_store_authenticator_remove(struct cw_store *s, uint32_t account, uint32_t id);
int cw_store_authenticator_remove_all(struct cw_store *s, uint32_t account);
int cw_store_authenticator_count(struct cw_store *s, uint32_t account, uint32_t *ret_count);

#endif
