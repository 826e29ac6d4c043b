/* SPDX-License-Identifier: Apache-2.0 */
/* engine/tls_record.h - records of TLS 1.3 after the handshake: bytes and keys in, bytes and events out.
 *
 * Owner:     values only.
 * Thread:    any; no state beyond the arguments.
 * Units:     bytes.
 * Errors:    a fault says what the peer did and which alert answers it (RFC 8446 5 and 6).
 * Limits:    CW_TLS_RECORD_*; CW_TLS_QUIET_MAX, CW_TLS_UPDATES_MAX, CW_TLS_UPDATE_REFUND_RECORDS.
 * Invariant: at most CW_TLS_INNER_BYTES_MAX bytes are written by open.
 */
#ifndef CW_ENGINE_TLS_RECORD_H
#define CW_ENGINE_TLS_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "engine/aead.h"
#include "engine/limits.h"

enum {
    CW_TLS_HEADER_BYTES = 5,
    /* Plaintext, content type and padding: RFC 8446 5.4 allows no more, however long the padding. */
    CW_TLS_INNER_BYTES_MAX = CW_FRAME_BYTES_MAX + 1,
    CW_TLS_RECORD_BYTES_MAX = CW_TLS_HEADER_BYTES + CW_TLS_INNER_BYTES_MAX + CW_AEAD_TAG_BYTES,
};

enum cw_tls_content {
    CW_TLS_CONTENT_CHANGE_CIPHER_SPEC = 20,
    CW_TLS_CONTENT_ALERT = 21,
    CW_TLS_CONTENT_HANDSHAKE = 22,
    CW_TLS_CONTENT_DATA = 23,
};

enum cw_tls_alert {
    CW_TLS_ALERT_CLOSE_NOTIFY = 0,
    CW_TLS_ALERT_UNEXPECTED_MESSAGE = 10,
    CW_TLS_ALERT_BAD_RECORD_MAC = 20,
    CW_TLS_ALERT_RECORD_OVERFLOW = 22,
    CW_TLS_ALERT_ILLEGAL_PARAMETER = 47,
    CW_TLS_ALERT_DECODE_ERROR = 50,
    CW_TLS_ALERT_INTERNAL_ERROR = 80,
    CW_TLS_ALERT_USER_CANCELED = 90,
};

/* X(name, our alert, what happened) */
#define CW_TLS_FAULTS(X)                                                                           \
    X(NONE, 0, "")                                                                                 \
    X(TYPE, CW_TLS_ALERT_UNEXPECTED_MESSAGE, "a record that is not encrypted after the handshake") \
    X(OVERFLOW, CW_TLS_ALERT_RECORD_OVERFLOW, "a record that is too long")                         \
    X(SHORT, CW_TLS_ALERT_BAD_RECORD_MAC, "a record too short for its tag")                        \
    X(TAG, CW_TLS_ALERT_BAD_RECORD_MAC, "a record that was changed, repeated or re-ordered")       \
    X(CONTENT, CW_TLS_ALERT_UNEXPECTED_MESSAGE, "a record of an unknown content type")             \
    X(PADDING, CW_TLS_ALERT_UNEXPECTED_MESSAGE, "a record of nothing but padding")                 \
    X(QUIET, CW_TLS_ALERT_UNEXPECTED_MESSAGE, "too many records without data")                     \
    X(UPDATES, CW_TLS_ALERT_UNEXPECTED_MESSAGE, "too many key updates")                            \
    X(HANDSHAKE, CW_TLS_ALERT_UNEXPECTED_MESSAGE, "a handshake message other than KeyUpdate")      \
    X(HANDSHAKE_EMPTY, CW_TLS_ALERT_UNEXPECTED_MESSAGE, "an empty handshake record")               \
    X(INTERLEAVED, CW_TLS_ALERT_UNEXPECTED_MESSAGE, "another record inside a KeyUpdate")           \
    X(UPDATE_SIZE, CW_TLS_ALERT_DECODE_ERROR, "a KeyUpdate of the wrong size")                     \
    X(UPDATE_VALUE, CW_TLS_ALERT_ILLEGAL_PARAMETER, "a KeyUpdate with an unknown request")         \
    X(UPDATE_TRAILER, CW_TLS_ALERT_UNEXPECTED_MESSAGE, "bytes behind a KeyUpdate in its record")   \
    X(ALERT_SIZE, CW_TLS_ALERT_DECODE_ERROR, "an alert of the wrong size")                         \
    X(ALERT_RECEIVED, -1, "the peer sent an alert")                                                \
    X(INTERNAL, CW_TLS_ALERT_INTERNAL_ERROR, "the cipher failed")

enum cw_tls_fault {
#define X(name, alert, text) CW_TLS_FAULT_##name,
    CW_TLS_FAULTS(X)
#undef X
        CW_TLS_FAULT_COUNT
};

/* -1: none is sent. */
int cw_tls_fault_alert(enum cw_tls_fault fault);
const char *cw_tls_fault_text(enum cw_tls_fault fault);

/* CW_TLS_HEADER_BYTES of a header to the size of the whole record. */
enum cw_tls_fault cw_tls_record_parse(const uint8_t *header, size_t *ret_record_bytes);

/* Opens one record that is in at most two pieces (record_bytes of them; there may be more behind). out has
 * room for record_bytes less header and tag. key and iv are those of its direction. */
enum cw_tls_fault cw_tls_record_open(struct cw_aead_key *key, const uint8_t *iv, uint64_t sequence,
                                     const struct iovec pieces[2], size_t record_bytes,
                                     uint8_t *out, uint8_t *ret_content, size_t *ret_size);
/* out: sum of the pieces + CW_TLS_OVERHEAD_BYTES. 0 or CW_ERR_INTERNAL, CW_ERR_TOO_LARGE. */
int cw_tls_record_seal(struct cw_aead_key *key, const uint8_t *iv, uint64_t sequence,
                       enum cw_tls_content content, const struct iovec *pieces, unsigned count,
                       uint8_t *out, size_t *ret_size);

/* What a peer did that costs without bringing data. Starts as zeros. */
struct cw_tls_manners {
    uint8_t quiet;       /* records in a row without data */
    uint8_t updates : 5; /* KeyUpdates not yet paid for with data */
    uint8_t partial : 3; /* bytes of a KeyUpdate seen */
};

enum cw_tls_event {
    CW_TLS_EVENT_NOTHING,
    CW_TLS_EVENT_DATA,
    CW_TLS_EVENT_UPDATE,           /* the peer's next records are under its next key */
    CW_TLS_EVENT_UPDATE_REQUESTED, /* the same, and it wants ours */
    CW_TLS_EVENT_CLOSED,           /* close_notify */
    CW_TLS_EVENT_FAULT,
};

struct cw_tls_verdict {
    enum cw_tls_event event;
    enum cw_tls_fault fault;
    uint8_t alert; /* FAULT_ALERT_RECEIVED: which */
};

/* What an opened record means. sequence: its number under its key. */
struct cw_tls_verdict cw_tls_record_judge(struct cw_tls_manners *m, uint64_t sequence,
                                          uint8_t content, const uint8_t *data, size_t size);

#endif
