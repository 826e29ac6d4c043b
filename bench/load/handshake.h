/* SPDX-License-Identifier: Apache-2.0 */
/* bench/load/handshake.h - the client's half of a TLS 1.3 handshake, as cheap as it can be.
 *
 * A load makes thousands a second and must cost less than the server that it loads. So one X25519 key serves all
 * connections of a process, and the server's certificate and its signature are not checked; its Finished is. X25519,
 * TLS_AES_128_GCM_SHA256, no resumption, no retry.
 *
 * Owner:     a value, from cw_handshake_hello until it has returned something other than CW_ERR_AGAIN.
 * Thread:    one a process: the key is a process-wide value.
 * Units:     bytes.
 * Errors:    CW_ERR_AGAIN, CW_ERR_INVALID, CW_ERR_TOO_LARGE, CW_ERR_UNSUPPORTED (what the server chose),
 *            CW_ERR_SIGNATURE (a tag or the Finished), CW_ERR_DENIED (an alert).
 * Limits:    CW_HANDSHAKE_FLIGHT_BYTES: of the server's messages.
 */
#ifndef CW_BENCH_LOAD_HANDSHAKE_H
#define CW_BENCH_LOAD_HANDSHAKE_H

#include <sodium.h>
#include <stdbool.h>

#include "bench/load/hkdf.h"
#include "bench/load/record.h"
#include "bench/load/secure.h"

enum {
    CW_HANDSHAKE_FLIGHT_BYTES = 16384,
    CW_HANDSHAKE_HELLO_BYTES = 256, /* at most, of our first record */
    CW_HANDSHAKE_FINISHED_BYTES = 4 + CW_HKDF_BYTES + CW_RECORD_OVERHEAD_BYTES,
};

struct cw_handshake {
    struct cw_record server, client; /* handshake keys */
    crypto_hash_sha256_state transcript;
    uint8_t secret[CW_HKDF_BYTES]; /* of the handshake, then the master */
    bool has_keys;
    uint8_t alert;
    size_t flight_bytes;
    uint8_t flight[CW_HANDSHAKE_FLIGHT_BYTES];
};

int cw_handshake_start(void);
/* Returns the size of the record written to out. */
size_t cw_handshake_hello(struct cw_handshake *h, bool native, uint8_t *out);
/* One whole record of the server, opened in place. 0: Finished was good; out holds our last record and secrets
 * what follows. */
int cw_handshake_take(struct cw_handshake *h, uint8_t *record, size_t size, uint8_t *out,
                      struct cw_secrets *secrets);

#endif
