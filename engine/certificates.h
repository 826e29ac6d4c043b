/* SPDX-License-Identifier: Apache-2.0 */
/* engine/certificates.h - the appliance's keys and certificates: read, or made on the first start.
 *
 * Owner:     the caller owns the struct and clears it.
 * Thread:    one at a time, at start.
 * Units:     none.
 * Errors:    CW_ERR_IO (a file), CW_ERR_INVALID (what is in it), CW_ERR_INTERNAL (OpenSSL); message says
 *            which file and what to do, for a person.
 * Limits:    CW_CERTIFICATE_CHAIN_MAX certificates in web.crt.
 * Invariant: identity.key is never replaced; each key belongs to its certificate.
 *
 * identity  Ed25519, a CA for one level. Native clients pin its public key.
 * native    P-256, signed by identity; renewed at a start when it has less than 30 days left.
 * web       P-256, self-signed until the operator puts web.key and web.crt (with its chain) there; what was made
 *           here lasts 396 days and is renewed as native is.
 * Keys are 0600, the directory 0700; a file is written whole beside its place and renamed.
 *
 * native.pem and web.pem, each a key and its chain in one file so that they change together, are what a rotation
 * stored (cw_certificates_store). When one is there its .key and .crt are not looked at.
 */
#ifndef CW_ENGINE_CERTIFICATES_H
#define CW_ENGINE_CERTIFICATES_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/limits.h"

enum { CW_CERTIFICATE_CHAIN_MAX = 8 };

struct cw_certificate {
    EVP_PKEY *key;
    X509 *leaf;
    X509 *chain[CW_CERTIFICATE_CHAIN_MAX]; /* sent after the leaf */
    unsigned chain_count;
};

struct cw_certificates {
    struct cw_certificate identity, native, web; /* native's chain is identity */
    uint8_t identity_public[CW_KEY_BYTES];
};

/* web_host: a name or an address literal that the made web certificate is for, beside localhost. */
int cw_certificates_load(const char *directory, const char *web_host, char *message,
                         size_t message_size, struct cw_certificates *ret_certificates);
void cw_certificates_clear(struct cw_certificates *c);
void cw_certificate_clear(struct cw_certificate *c);

/* Writes directory/NAME.pem (0600) for the next start; name: "native" or "web". For a process that may write
 * there, which a running engine is not. The text is one that cw_certificate_parse took. */
int cw_certificates_store(const char *directory, const char *name, const char *pem,
                          size_t pem_bytes, char *message, size_t message_size);

#endif
