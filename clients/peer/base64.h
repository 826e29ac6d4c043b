/* SPDX-License-Identifier: Apache-2.0 */
/* clients/peer/base64.h - binary values in JSON: base64url without padding.
 *
 * Owner:     the caller's buffers.
 * Thread:    any; pure.
 * Errors:    cw_base64_decode: CW_ERR_INVALID (a foreign character, an impossible length), CW_ERR_FULL.
 */
#ifndef CW_CLIENTS_PEER_BASE64_H
#define CW_CLIENTS_PEER_BASE64_H

#include <stddef.h>
#include <stdint.h>

#define CW_BASE64_TEXT_BYTES(n) (((n) + 2) / 3 * 4 + 1)

/* out: CW_BASE64_TEXT_BYTES(size), NUL-terminated. */
void cw_base64_encode(const uint8_t *data, size_t size, char *out);
/* Reads both alphabets (+/ and -_), with or without "=" at the end. */
int cw_base64_decode(const char *text, uint8_t *out, size_t out_size, size_t *ret_size);

#endif
