/* SPDX-License-Identifier: Apache-2.0 */
/* control/secret.h - random values, their text forms and their hashes.
 *
 * Owner:     the caller's buffers.
 * Thread:    any; no state.
 * Units:     bytes.
 * Errors:    CW_ERR_INTERNAL (no randomness), CW_ERR_INVALID (text that is not of the form).
 * Limits:    CW_TOKEN_*, CW_SESSION_KEY_*.
 */
#ifndef CW_CONTROL_SECRET_H
#define CW_CONTROL_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/limits.h"

enum { CW_SHA256_BYTES = 32 };

int cw_secret_random(void *out, size_t bytes);
/* SHA-256 over domain, a zero byte and data: a hash of one kind of secret is never one of another.
 * */
int cw_secret_hash(const char *domain, const void *data, size_t bytes, uint8_t *ret_hash);

/* out has room for (bytes * 4 + 2) / 3 + 1. */
void cw_base64url_encode(const uint8_t *data, size_t bytes, char *out);
/* Exactly bytes bytes, no padding, no unused bits set. */
int cw_base64url_decode(const char *text, size_t text_bytes, uint8_t *out, size_t bytes);

/* Characters of Crockford's base32 (5 random bits each), with a dash after every fourth. out has
 * room for characters + (characters - 1) / 4 + 1. */
int cw_secret_base32(char *out, unsigned characters);
/* What a person typed: any case, dashes and spaces anywhere, O for 0, I and L for 1. Writes
 * characters characters and a NUL. */
int cw_base32_normalise(const char *text, size_t text_bytes, char *out, unsigned characters);

/* 32 random bytes as base64url: sign-in and enrolment tokens. out: CW_TOKEN_TEXT_BYTES + 1. */
int cw_secret_token(char *out);

#endif
