/* SPDX-License-Identifier: Apache-2.0 */
/* control/account/seal.h - secrets that the store keeps encrypted, under a key that is not in the store.
 *
 * Owner:     the caller's buffers. The key is derived from the ticket key's seed, which has a file of its own, so a
 *            copy of the database alone opens nothing.
 * Thread:    the state thread.
 * Units:     bytes.
 * Errors:    CW_ERR_INTERNAL; CW_ERR_SIGNATURE: not sealed with this key for this purpose and number.
 * Limits:    CW_SEAL_BYTES_MAX.
 *
 * AES-256-GCM with a random nonce: nonce, text, tag. Purpose and number are authenticated, so that one
 * account's secret cannot be moved to another.
 */
#ifndef CW_CONTROL_ACCOUNT_SEAL_H
#define CW_CONTROL_ACCOUNT_SEAL_H

#include <stddef.h>
#include <stdint.h>

struct cw_control;

enum { CW_SEAL_NONCE_BYTES = 12, CW_SEAL_TAG_BYTES = 16, CW_SEAL_MORE_BYTES = 28 };

/* out has room for n + CW_SEAL_MORE_BYTES. */
int cw_seal(const struct cw_control *c, const char *purpose, uint32_t number, const uint8_t *text,
            size_t n, uint8_t *out);
/* out has room for n - CW_SEAL_MORE_BYTES; n is at least CW_SEAL_MORE_BYTES. */
int cw_unseal(const struct cw_control *c, const char *purpose, uint32_t number,
              const uint8_t *sealed, size_t n, uint8_t *out);
/* A hash that nobody can make without the key: of codes that have few bits, of handles. */
int cw_seal_hash(const struct cw_control *c, const char *purpose, uint32_t number, const void *data,
                 size_t n, uint8_t *ret_hash);

#endif
