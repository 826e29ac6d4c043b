/* SPDX-License-Identifier: Apache-2.0 */
/* engine/websocket.h - RFC 6455 framing on the server's side, strict and pure.
 *
 * Owner:     a reader belongs to its connection.
 * Thread:    any; no state but the reader.
 * Units:     bytes.
 * Errors:    cw_websocket_read: CW_ERR_INVALID (close 1002), CW_ERR_UNSUPPORTED (text: close 1003),
 *            CW_ERR_TOO_LARGE (close 1009). After an error the reader is not used again.
 * Limits:    a message is at most CW_FRAME_BYTES_MAX bytes; control frames at most 125.
 * Invariant: the payload given out is unmasked exactly once.
 *
 * Client frames must be masked, without reserved bits, in the shortest length form; messages binary.
 */
#ifndef CW_ENGINE_WEBSOCKET_H
#define CW_ENGINE_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/limits.h"

enum {
    CW_WEBSOCKET_CONTROL_BYTES_MAX = 125,
    CW_WEBSOCKET_HEADER_BYTES_MAX = 4, /* ours: unmasked, at most CW_FRAME_BYTES_MAX of payload */
    CW_WEBSOCKET_CLOSE_PROTOCOL = 1002,
    CW_WEBSOCKET_CLOSE_TYPE = 1003,
    CW_WEBSOCKET_CLOSE_TOO_LARGE = 1009,
    CW_WEBSOCKET_CLOSE_BASE = 4000, /* plus enum cw_close_code */
    CW_WEBSOCKET_ACCEPT_BYTES = 29, /* with the NUL */
};

enum cw_websocket_event {
    CW_WEBSOCKET_NOTHING, /* all of data was taken */
    CW_WEBSOCKET_PAYLOAD, /* payload bytes of a message, unmasked in place */
    CW_WEBSOCKET_END,     /* the message is complete */
    CW_WEBSOCKET_PING,    /* answer it with control, control_bytes */
    CW_WEBSOCKET_PONG,
    CW_WEBSOCKET_CLOSE, /* close_code: the peer's, or 1005 when it gave none */
};

struct cw_websocket_reader {
    uint8_t header[14];
    uint8_t header_bytes; /* that are there */
    uint8_t opcode;
    bool is_final;
    bool in_payload;
    bool in_message; /* a data message has begun and its final frame has not ended */
    uint16_t close_code;
    uint8_t control_bytes;
    uint8_t control[CW_WEBSOCKET_CONTROL_BYTES_MAX];
    uint32_t mask_at;
    uint64_t payload_left;
    uint32_t message_bytes;
};

struct cw_websocket_span {
    uint8_t *data;
    size_t size;
};

/* Takes bytes from data up to the next event; *ret_used were taken; ret_payload with PAYLOAD only. */
int cw_websocket_read(struct cw_websocket_reader *r, uint8_t *data, size_t size, size_t *ret_used,
                      enum cw_websocket_event *ret_event, struct cw_websocket_span *ret_payload);
/* Between messages, with no byte of a header. */
bool cw_websocket_is_at_rest(const struct cw_websocket_reader *r);
/* At rest: when data is exactly one binary message in one frame, unmasks it in place and gives the payload. False:
 * it is something else, and untouched. */
bool cw_websocket_read_whole(const struct cw_websocket_reader *r, uint8_t *data, size_t size,
                             struct cw_websocket_span *ret_payload);
/* Header of one unmasked, final server frame; gives its size. */
size_t cw_websocket_header(uint8_t opcode, size_t payload_bytes, uint8_t *out);
/* A whole close frame; the text is cut to 123 bytes at a character's border. Gives its size. */
size_t cw_websocket_close_frame(uint16_t code, const char *text, size_t text_bytes,
                                uint8_t out[2 + CW_WEBSOCKET_CONTROL_BYTES_MAX]);
/* Sec-WebSocket-Accept for a key, NUL-terminated. */
int cw_websocket_accept(const char *key, size_t key_bytes, char out[CW_WEBSOCKET_ACCEPT_BYTES]);
/* True for a close code a peer may send (RFC 6455 section 7.4). */
bool cw_websocket_close_code_is_valid(uint16_t code);

enum cw_websocket_opcode {
    CW_WEBSOCKET_OP_CONTINUATION = 0,
    CW_WEBSOCKET_OP_TEXT = 1,
    CW_WEBSOCKET_OP_BINARY = 2,
    CW_WEBSOCKET_OP_CLOSE = 8,
    CW_WEBSOCKET_OP_PING = 9,
    CW_WEBSOCKET_OP_PONG = 10,
};

#endif
