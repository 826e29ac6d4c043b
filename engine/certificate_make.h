/* SPDX-License-Identifier: Apache-2.0 */
/* engine/certificate_make.h - makes the three kinds of X.509 certificate; no files.
 *
 * Owner:     results are the caller's.
 * Thread:    any.
 * Units:     none.
 * Errors:    NULL: OpenSSL could not (memory, random numbers, a name it does not take).
 * Limits:    a host name is at most 253 bytes (DNS).
 */
#ifndef CW_ENGINE_CERTIFICATE_MAKE_H
#define CW_ENGINE_CERTIFICATE_MAKE_H

#include <openssl/evp.h>
#include <openssl/x509.h>

enum cw_certificate_kind {
    CW_CERTIFICATE_IDENTITY, /* self-signed CA, does not end */
    CW_CERTIFICATE_NATIVE,   /* signed by issuer, ten years */
    CW_CERTIFICATE_WEB,      /* self-signed, ten years, for host and this machine */
};

/* issuer, issuer_key: NATIVE only. host: WEB only. */
X509 *cw_certificate_make(enum cw_certificate_kind kind, EVP_PKEY *key, X509 *issuer,
                          EVP_PKEY *issuer_key, const char *host);

#endif
