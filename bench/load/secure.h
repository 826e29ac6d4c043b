/* SPDX-License-Identifier: Apache-2.0 */
/* bench/load/secure.h - the servers' TLS 1.3 handshakes, by OpenSSL on a socket; the secrets go to record.h.
 *
 * Owner:     one cw_secure a process; cw_secure_free frees it.
 * Thread:    one.
 * Errors:    CW_ERR_AGAIN (ret_events: what to poll for), CW_ERR_CLOSED, CW_ERR_SIGNATURE (the handshake
 *            failed; cw_secure_why tells why), CW_ERR_NOMEM.
 *
 * The clients' half is handshake.h.
 */
#ifndef CW_BENCH_LOAD_SECURE_H
#define CW_BENCH_LOAD_SECURE_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

#include "bench/load/record.h"
#include "engine/limits.h"

#define CW_SECURE_EXPORTER_LABEL "EXPORTER-causeway-possession"

struct cw_secure {
    SSL_CTX *server;
    int index; /* of a handshake's secrets in its SSL */
};

/* What a finished handshake leaves. */
struct cw_secrets {
    uint8_t client[CW_RECORD_SECRET_BYTES];
    uint8_t server[CW_RECORD_SECRET_BYTES];
    uint8_t exporter[CW_EXPORTER_BYTES];
    unsigned count;
};

int cw_secure_init(struct cw_secure *s);
void cw_secure_free(struct cw_secure *s);
SSL *cw_secure_new(struct cw_secure *s, int fd, struct cw_secrets *secrets);
/* One step; 0 when the handshake is complete and secrets are filled. */
int cw_secure_step(SSL *ssl, struct cw_secrets *secrets, short *ret_events);
/* One phrase about the last CW_ERR_SIGNATURE. */
const char *cw_secure_why(void);

#endif
