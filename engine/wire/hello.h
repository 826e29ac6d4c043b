/* SPDX-License-Identifier: Apache-2.0 */
/* engine/wire/hello.h - the first frame of a connection says who it is: exactly one of four things.
 *
 * Owner:     values; spans point into the caller's bytes.
 * Thread:    any; pure.
 * Units:     bytes.
 * Errors:    CW_ERR_INVALID, CW_ERR_TOO_LARGE, CW_ERR_UNSUPPORTED (hello version).
 * Limits:    CW_HELLO_BODY_BYTES_MAX, CW_HELLO_REPLY_BODY_BYTES_MAX.
 *
 * HELLO payload:        u8 version = 1, u8 kind, u16 body length, body
 *   TICKET, DEVICE      body = ticket (152), possession signature (64)
 *   ENROLMENT           body = opaque to the engine: UTF-8 JSON {"token", "key", "name", "platform", ...}
 *   SESSION_KEY         body = opaque to the engine: UTF-8 JSON {"key" session key, "holder" public key,
 *                       "name", "platform"}
 * HELLO_REPLY payload:  u16 code (enum cw_close_code, 0 = accepted), u16 body length, body
 *   to ENROLMENT        body = JSON {"credential" base64 device ticket, "name"} or {"message"}
 *   to SESSION_KEY      body = JSON {"ticket" base64 join ticket, "session", "representative"} or {"message"}
 *   The engine closes the connection after the reply; the client connects again with what it was given.
 *   A TICKET or DEVICE hello is answered by WELCOME, or by CLOSE with the code.
 */
#ifndef CW_ENGINE_WIRE_HELLO_H
#define CW_ENGINE_WIRE_HELLO_H

#include <stddef.h>
#include <stdint.h>

#include "engine/wire/ticket.h"

enum { CW_HELLO_VERSION = 1 };

enum cw_hello_kind {
    CW_HELLO_TICKET = 1,
    CW_HELLO_DEVICE = 2,
    CW_HELLO_ENROLMENT = 3,
    CW_HELLO_SESSION_KEY = 4,
};

struct cw_hello {
    uint8_t kind;
    struct cw_ticket ticket;               /* TICKET, DEVICE */
    uint8_t possession[CW_SIGNATURE_BYTES]; /* TICKET, DEVICE */
    const uint8_t *body;                   /* ENROLMENT, SESSION_KEY: points into the input */
    size_t body_bytes;
};

struct cw_hello_reply {
    uint16_t code; /* enum cw_close_code */
    const uint8_t *body;
    size_t body_bytes;
};

int cw_hello_decode(const uint8_t *data, size_t size, struct cw_hello *ret_hello);
/* Returns through ret_size the bytes written to out. */
int cw_hello_encode(const struct cw_hello *hello, uint8_t *out, size_t out_size, size_t *ret_size);
int cw_hello_reply_decode(const uint8_t *data, size_t size, struct cw_hello_reply *ret_reply);
int cw_hello_reply_encode(const struct cw_hello_reply *reply, uint8_t *out, size_t out_size,
                          size_t *ret_size);

#endif
