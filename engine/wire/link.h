/* SPDX-License-Identifier: Apache-2.0 */
/* engine/wire/link.h - the link between one engine worker and control (Unix stream socket link.sock).
 *
 * Owner:     values; spans point into the caller's bytes.
 * Thread:    any; pure.
 * Units:     in the names.
 * Errors:    cw_link_decode: CW_ERR_AGAIN (a whole message is not there yet), CW_ERR_TOO_LARGE,
 *            CW_ERR_INVALID, CW_ERR_UNSUPPORTED; cw_link_encode: CW_ERR_FULL.
 * Limits:    CW_LINK_MESSAGE_BYTES_MAX.
 *
 * A message is u32 length of what follows, u16 type, u16 zero, fields. Fields are little-endian in the
 * order of the struct below; bytes fields are u32 length + bytes; address is u8[18] (IPv6 or v4-mapped
 * address, then u16 port in network order).
 *
 * Start: the worker sends ENGINE_HELLO, then one *_UP for everything that lives, then SNAPSHOT_END.
 * Control answers CONTROL_HELLO, then SESSION_WANTED and PARTICIPANT_WANTED for everything it wants and
 * WANTED_END; what was in the snapshot and is not wanted, the engine ends (control wins). After
 * that both send changes. Neither waits for the other on a session's path. After a reconnect the worker
 * first sends what it queued while control was away (COPY, *_DOWN, SESSION_OVER), then the snapshot.
 */
#ifndef CW_ENGINE_WIRE_LINK_H
#define CW_ENGINE_WIRE_LINK_H

#include <stddef.h>
#include <stdint.h>

#include "engine/wire/ticket.h"

enum { CW_LINK_VERSION = 1, CW_ADDRESS_BYTES = 18, CW_LINK_HEADER_BYTES = 8 };

enum cw_link_type {
    /* engine to control */
    CW_LINK_ENGINE_HELLO = 1,     /* version, worker, worker_count, engine_instance */
    CW_LINK_SESSION_UP = 2,       /* session */
    CW_LINK_PARTICIPANT_UP = 3,   /* session, participant, role, permissions, address */
    CW_LINK_PARTICIPANT_DOWN = 4, /* session, participant, code */
    CW_LINK_DEVICE_UP = 5,        /* participant (device number), address */
    CW_LINK_DEVICE_DOWN = 6,      /* participant (device number), code */
    CW_LINK_CONSOLE_UP = 7, /* participant (account number), request (connection number), address */
    CW_LINK_CONSOLE_DOWN = 8, /* participant, request (connection number), code */
    CW_LINK_SNAPSHOT_END = 9,
    CW_LINK_SESSION_OVER =
        10,               /* session, participant (who ended it, 0 = nobody), code, bytes = text */
    CW_LINK_REQUEST = 11, /* request, kind (enum cw_hello_kind), address, bytes = opaque body */
    CW_LINK_COPY = 12,    /* session, participant, role, message (enum cw_message), stream, bytes */
    CW_LINK_REFUSED = 13, /* code, address, bytes = what was wrong, for the audit log */
    CW_LINK_STATUS = 14,  /* request, bytes = UTF-8 JSON: answer to STATUS_REQUEST */
    CW_LINK_ANSWER = 17,  /* request, code (enum cw_link_answer), bytes = text for the operator */
    CW_LINK_RECORDING = 15, /* session, kind (enum cw_link_recording), bytes = why, for people */
    CW_LINK_RECORDED =
        16, /* session, participant (part), kind (1 it has its end, 0 it was cut), request
                                  (recording), key (root hash), size, blocks, bytes = file name */
    /* control to engine */
    CW_LINK_CONTROL_HELLO =
        32, /* version, key (ticket public key), bytes = allowed Origins, "\n" between */
    CW_LINK_SESSION_WANTED = 33,     /* session */
    CW_LINK_PARTICIPANT_WANTED = 34, /* session, participant, permissions */
    CW_LINK_WANTED_END = 35,
    CW_LINK_END_SESSION = 36,        /* session, code, bytes = text */
    CW_LINK_SET_PERMISSIONS = 37,    /* session, participant, permissions */
    CW_LINK_REMOVE_PARTICIPANT = 38, /* session, participant, code */
    CW_LINK_REPLY = 39, /* request, code (enum cw_close_code), bytes = HELLO_REPLY body */
    CW_LINK_SEND = 40,  /* session, participant (0 = all of the session), message, stream, bytes */
    CW_LINK_SEND_DEVICE = 41,  /* participant (device number), message, bytes */
    CW_LINK_SEND_CONSOLE = 42, /* participant (account number, 0 = all consoles), message, bytes */
    CW_LINK_DENY = 43,         /* ticket_id, until_unix_s */
    CW_LINK_STATUS_REQUEST = 44, /* request */
    CW_LINK_DROP_DEVICE = 45,    /* participant (device number), code */
    CW_LINK_DROP_CONSOLE = 46,   /* participant (account number), code: signed out */
    CW_LINK_SETTING = 48, /* request (0: no ANSWER), value, bytes = name (engine/wire/setting.h) */
    CW_LINK_DRAIN = 49,   /* request (0: no ANSWER), kind: 1 take nothing new, 0 take it again */
    CW_LINK_CERTIFICATE =
        50, /* request, kind (enum cw_link_certificate), bytes = PEM of key and chain */
    CW_LINK_SEAL =
        47, /* session, until_unix_s (when it was signed), key (root hash), blocks, signature,
                                  bytes = file name: answers RECORDED */
};

enum cw_link_recording {
    CW_LINK_RECORDING_ON = 1,
    CW_LINK_RECORDING_PAUSED = 2,  /* the session goes on without */
    CW_LINK_RECORDING_GAPPED = 3,  /* the same, until the disk has caught up */
    CW_LINK_RECORDING_REFUSED = 4, /* it was required: the session ends */
};

/* Of the operator's web certificate. COMMIT brings the text again: an engine that was started since can do it too. */
enum cw_link_certificate {
    CW_LINK_CERTIFICATE_SHOW = 0,
    CW_LINK_CERTIFICATE_PREPARE = 1,
    CW_LINK_CERTIFICATE_COMMIT = 2,
    CW_LINK_CERTIFICATE_ABORT = 3,
};

enum cw_link_answer { CW_LINK_ANSWER_DONE = 0, CW_LINK_ANSWER_REFUSED = 1 };

/* One flat struct for all types; each type uses the fields its comment above names, in the order of the
 * members here, and nothing else is on the wire. */
struct cw_link_message {
    uint16_t type; /* enum cw_link_type */
    uint16_t version;
    uint16_t worker;
    uint16_t worker_count;
    uint64_t engine_instance;
    uint64_t request;
    uint32_t session;
    uint32_t participant;
    uint8_t role;
    uint8_t kind;
    uint8_t message;
    uint16_t stream;
    uint16_t code;
    uint64_t permissions;
    uint64_t until_unix_s;
    uint64_t value;
    uint64_t size;
    uint64_t blocks;
    uint8_t ticket_id[CW_TICKET_ID_BYTES];
    uint8_t key[CW_KEY_BYTES];
    uint8_t address[CW_ADDRESS_BYTES];
    uint8_t signature[CW_SIGNATURE_BYTES];
    const uint8_t *bytes;
    size_t bytes_count;
};

/* Decodes the first whole message of data; *ret_used is what it took. */
int cw_link_decode(const uint8_t *data, size_t size, struct cw_link_message *ret_message,
                   size_t *ret_used);
int cw_link_encode(const struct cw_link_message *message, uint8_t *out, size_t out_size,
                   size_t *ret_size);
const char *cw_link_type_name(uint16_t type);

#endif
