/* SPDX-License-Identifier: Apache-2.0 */
/* control/account/password.h - argon2id hashes as PHC strings, and the rules for a new password.
 *
 * Owner:     the caller's buffers.
 * Thread:    any; hashing takes 0.1 s and 64 MiB, so it runs on the hash pool only.
 * Units:     bytes; characters are UTF-8 code points.
 * Errors:    CW_ERR_DENIED (does not match), CW_ERR_NOMEM, CW_ERR_INVALID, CW_ERR_INTERNAL.
 * Limits:    CW_HASH_*, CW_PASSWORD_*.
 */
#ifndef CW_CONTROL_ACCOUNT_PASSWORD_H
#define CW_CONTROL_ACCOUNT_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

#include "control/control.h"
#include "control/limits.h"

/* ret_hash: CW_HASH_TEXT_BYTES_MAX. */
int cw_password_hash(const struct cw_hash_cost *cost, const char *password, size_t bytes,
                     char *ret_hash);
int cw_password_verify(const char *hash, const char *password, size_t bytes);
/* True when hash was made with other parameters than cost. */
bool cw_password_is_outdated(const struct cw_hash_cost *cost, const char *hash);
/* A well-formed hash that no password matches: an unknown name takes as long as a known one. */
int cw_password_dummy(const struct cw_hash_cost *cost, char *ret_hash);

/* NULL when the password may be used, else a sentence that says why not. old may be NULL. */
const char *cw_password_objection(const char *password, size_t bytes, const char *user,
                                  const char *old);

#endif
