/* SPDX-License-Identifier: Apache-2.0 */
/* engine/certificate_parse.h - a key and its chain from one PEM text, checked as far as it can be without a client.
 *
 * Owner:     the caller owns the struct and clears it (cw_certificate_clear).
 * Thread:    any.
 * Units:     bytes.
 * Errors:    CW_ERR_INVALID (message: what is wrong with it, for a person), CW_ERR_TOO_LARGE, CW_ERR_NOMEM.
 * Limits:    CW_CERTIFICATE_PEM_BYTES_MAX, CW_CERTIFICATE_CHAIN_MAX.
 * Invariant: what is returned has a key that belongs to its leaf, and each certificate signed the one before.
 */
#ifndef CW_ENGINE_CERTIFICATE_PARSE_H
#define CW_ENGINE_CERTIFICATE_PARSE_H

#include <stddef.h>

#include "engine/certificates.h"

/* A chain of nine with 4096-bit keys is 25 KB. */
enum { CW_CERTIFICATE_PEM_BYTES_MAX = 60 * 1024 };

/* identity: its key must have signed the leaf, and its certificate is added to a leaf that comes alone; NULL: any
 * signer. host: NULL, or the name the leaf should be for; if it is not, message has a remark beside CW_OK. */
int cw_certificate_parse(const char *pem, size_t pem_bytes, const struct cw_certificate *identity,
                         const char *host, char *message, size_t message_size,
                         struct cw_certificate *ret_certificate);
/* Whether it is valid today: asked of a new one, but an engine starts with one that has expired meanwhile. */
int cw_certificate_check_dates(const struct cw_certificate *c, char *message, size_t message_size);
/* "CN=help.example, until 2027-01-01, SHA-256 1f3a...": for a person to recognise it by. */
void cw_certificate_describe(const struct cw_certificate *c, char *out, size_t out_size);

#endif
