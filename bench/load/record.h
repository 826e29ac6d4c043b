/* SPDX-License-Identifier: Apache-2.0 */
/* bench/load/record.h - the TLS 1.3 record layer of the load's own ends: AES-128-GCM only.
 *
 * Written apart from the engine's, so that one checks the other. The traffic secrets come from handshake.h and, for
 * servers, from secure.h.
 *
 * Owner:     a cw_record belongs to one direction of one stream.
 * Thread:    one a process: the cipher's manager is a process-wide value.
 * Units:     bytes.
 * Errors:    CW_ERR_AGAIN (no whole record yet), CW_ERR_SIGNATURE (the tag is wrong), CW_ERR_INVALID,
 *            CW_ERR_TOO_LARGE, CW_ERR_UNSUPPORTED (the processor lacks AES instructions).
 */
#ifndef CW_BENCH_LOAD_RECORD_H
#define CW_BENCH_LOAD_RECORD_H

#include <stddef.h>
#include <stdint.h>

enum {
    CW_RECORD_SECRET_BYTES = 32,
    CW_RECORD_PLAIN_BYTES_MAX = 16384,
    CW_RECORD_HEADER_BYTES = 5,
    CW_RECORD_OVERHEAD_BYTES = CW_RECORD_HEADER_BYTES + 1 + 16,
    CW_RECORD_BYTES_MAX = CW_RECORD_HEADER_BYTES + CW_RECORD_PLAIN_BYTES_MAX + 256,
    CW_RECORD_KEY_BYTES = 1024, /* room for an expanded key of the cipher's library */
    CW_RECORD_ALERT = 21,
    CW_RECORD_HANDSHAKE = 22,
    CW_RECORD_DATA = 23,
};

struct cw_record {
    uint8_t key[CW_RECORD_KEY_BYTES] __attribute__((aligned(64))); /* expanded */
    uint8_t iv[12];
    uint8_t secret[CW_RECORD_SECRET_BYTES];
    uint64_t sequence;
};

int cw_record_start(void);
void cw_record_init(struct cw_record *r, const uint8_t secret[CW_RECORD_SECRET_BYTES]);
/* The keys behind a KeyUpdate. */
void cw_record_update(struct cw_record *r);
/* Writes size + CW_RECORD_OVERHEAD_BYTES to out, whose first CW_RECORD_HEADER_BYTES lie before plain: plain
 * may be out + CW_RECORD_HEADER_BYTES. Returns what it wrote. */
size_t cw_record_seal(struct cw_record *r, uint8_t type, const uint8_t *plain, size_t size,
                      uint8_t *out);
/* Opens the record at the front of data, in place. ret_used: bytes of data that it took. */
int cw_record_open(struct cw_record *r, uint8_t *data, size_t size, size_t *ret_used,
                   uint8_t *ret_type, uint8_t **ret_plain, size_t *ret_plain_size);

#endif
