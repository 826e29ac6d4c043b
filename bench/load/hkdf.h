/* SPDX-License-Identifier: Apache-2.0 */
/* bench/load/hkdf.h - the key schedule's functions of TLS 1.3 with SHA-256 (RFC 8446, section 7.1).
 *
 * Owner:     the caller owns every byte.
 * Thread:    any; pure. sodium_init() must have been called.
 * Units:     bytes; secrets and hashes are CW_HKDF_BYTES.
 */
#ifndef CW_BENCH_LOAD_HKDF_H
#define CW_BENCH_LOAD_HKDF_H

#include <stddef.h>
#include <stdint.h>

enum { CW_HKDF_BYTES = 32 };

void cw_hkdf_extract(const uint8_t *salt, const uint8_t *input, uint8_t *out);
/* HKDF-Expand-Label for at most one hash; context may be NULL with 0 bytes. */
void cw_hkdf_expand(const uint8_t *secret, const char *label, const uint8_t *context,
                    size_t context_bytes, uint8_t *out, size_t out_bytes);
/* HMAC of a transcript's hash by the finished key of a traffic secret. */
void cw_hkdf_finished(const uint8_t *secret, const uint8_t *hash, uint8_t *out);

#endif
