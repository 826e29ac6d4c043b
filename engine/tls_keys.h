/* SPDX-License-Identifier: Apache-2.0 */
/* engine/tls_keys.h - the key schedule of TLS 1.3 from the traffic secrets on (RFC 8446 7.1 to 7.3).
 *
 * Owner:     values only.
 * Thread:    any; no state.
 * Units:     bytes.
 * Errors:    none.
 * Limits:    labels of at most 12 bytes; out of at most one hash.
 * Invariant: no allocation: a derivation happens whenever a resting connection wakes.
 */
#ifndef CW_ENGINE_TLS_KEYS_H
#define CW_ENGINE_TLS_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "engine/aead.h"

enum { CW_TLS_SECRET_BYTES_MAX = 48 };

/* 32, or 48 with SHA-384. */
size_t cw_tls_secret_bytes(enum cw_aead_suite suite);
/* HKDF-Expand-Label(secret, label, "", out_bytes) with the hash of the suite. */
void cw_tls_expand_label(enum cw_aead_suite suite, const uint8_t *secret, const char *label,
                         uint8_t *out, size_t out_bytes);
/* key: CW_AEAD_KEY_BYTES_MAX of room; iv: CW_AEAD_IV_BYTES. */
void cw_tls_traffic_key(enum cw_aead_suite suite, const uint8_t *secret, uint8_t *key, uint8_t *iv);
/* The secret after a KeyUpdate, in place. */
void cw_tls_next_secret(enum cw_aead_suite suite, uint8_t *secret);

#endif
