/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/store_kept.h - rows that nearly every request asks for, kept in memory: accounts and sign-ins.
 *
 * SQLite itself says which rows of the two tables change (its update hook), so what is kept cannot be forgotten by
 * whoever writes a new statement. A rollback says nothing of rows: then everything is forgotten.
 *
 * Owner:     struct cw_store; only of one that writes, since nobody else writes beside it.
 * Thread:    the state thread.
 * Errors:    none: what is not kept is read.
 * Limits:    CW_STORE_KEPT_ACCOUNTS rows of 1 KB, CW_STORE_KEPT_SIGN_INS of 70 bytes.
 * Invariant: what is kept is what a SELECT would give now. No statement on the two tables uses REPLACE or a DELETE
 *            without WHERE, of which the hook does not hear.
 */
#ifndef CW_CONTROL_STORE_STORE_KEPT_H
#define CW_CONTROL_STORE_STORE_KEPT_H

#include <sqlite3.h>

#include "control/store/store.h"

struct cw_kept;

/* NULL without memory: then nothing is kept. */
struct cw_kept *cw_kept_new(void);
void cw_kept_free(struct cw_kept *k);
/* From now on k follows what this connection changes. */
void cw_kept_follow(struct cw_kept *k, sqlite3 *db);
/* k may be NULL in all of these. */
void cw_kept_forget(struct cw_kept *k);
bool cw_kept_account(const struct cw_kept *k, uint32_t id, struct cw_account *ret);
void cw_kept_account_put(struct cw_kept *k, const struct cw_account *row);
bool cw_kept_sign_in(const struct cw_kept *k, const uint8_t *token_hash, struct cw_sign_in *ret);
void cw_kept_sign_in_put(struct cw_kept *k, const uint8_t *token_hash,
                         const struct cw_sign_in *row);

#endif
