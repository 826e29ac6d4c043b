/* SPDX-License-Identifier: Apache-2.0 */
/* engine/wire/stream_message.h - what is said about streams, and what their data frames begin with.
 *
 * Owner:     values; spans point into the caller's bytes and are not NUL-terminated.
 * Thread:    any; pure.
 * Units:     bytes; offsets count the bytes of one direction from 0.
 * Errors:    decoders: CW_ERR_INVALID; encoders: CW_ERR_FULL (out too small), CW_ERR_TOO_LARGE.
 * Limits:    CW_STREAM_* (limits.h).
 *
 * Normative text: engine/PROTOCOL.md, "Streams and credit".
 */
#ifndef CW_ENGINE_WIRE_STREAM_MESSAGE_H
#define CW_ENGINE_WIRE_STREAM_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/wire/frame.h"

enum { CW_STREAM_OPEN_RESUME = 1, CW_STREAM_OPEN_SERVER = 2, CW_CREDIT_RESYNC = 1 };

/* A stream within a session: the number may be used again, the instance tells one use from the next. */
struct cw_stream_id {
    uint8_t channel; /* enum cw_channel */
    uint16_t stream;
    uint32_t instance; /* the opener's choice, another one each time */
};

/* STREAM_OPEN: u8 channel, u8 flags, u16 stream, u32 instance, u32 participant, u64 received, u64 limit,
 * parameters */
struct cw_stream_open {
    struct cw_stream_id id;
    uint8_t flags;        /* CW_STREAM_OPEN_* */
    uint32_t participant; /* to the engine: the other end, 0 the source; from it: who says this */
    uint64_t received;    /* the next byte wanted */
    uint64_t limit;       /* the other end may send up to here */
    const uint8_t *parameters;
    size_t parameters_bytes;
};

/* STREAM_CLOSE: u8 channel, u8 zero, u16 stream, u32 instance, u64 final, u16 code, text */
struct cw_stream_close {
    struct cw_stream_id id;
    uint64_t final; /* code OK: how many bytes the sender's direction has in all */
    uint16_t code;  /* enum cw_close_code; other than OK: the stream is given up at once */
    const char *text;
    size_t text_bytes;
};

/* CREDIT: u8 channel, u8 flags, u16 stream, u32 instance, u64 received, u64 limit */
struct cw_credit {
    struct cw_stream_id id;
    uint8_t flags; /* CW_CREDIT_* */
    uint64_t received;
    uint64_t limit;
};

/* PEER: u32 participant, u8 role, u8 connected, u16 zero */
struct cw_peer_note {
    uint32_t participant;
    uint8_t role;
    uint8_t connected;
};

/* SHELL_DATA ... TUNNEL_DATA: u32 instance, u64 offset of the first byte, 1 to CW_STREAM_DATA_BYTES_MAX bytes */
struct cw_stream_data {
    uint32_t instance;
    uint64_t offset;
    const uint8_t *bytes;
    size_t size;
};

int cw_stream_open_decode(const uint8_t *data, size_t size, struct cw_stream_open *ret);
int cw_stream_open_encode(const struct cw_stream_open *m, uint8_t *out, size_t out_size,
                          size_t *ret_size);
int cw_stream_close_decode(const uint8_t *data, size_t size, struct cw_stream_close *ret);
int cw_stream_close_encode(const struct cw_stream_close *m, uint8_t *out, size_t out_size,
                           size_t *ret_size);
int cw_credit_decode(const uint8_t *data, size_t size, struct cw_credit *ret);
int cw_credit_encode(const struct cw_credit *m, uint8_t *out, size_t out_size, size_t *ret_size);
int cw_peer_note_decode(const uint8_t *data, size_t size, struct cw_peer_note *ret);
int cw_peer_note_encode(const struct cw_peer_note *m, uint8_t *out, size_t out_size,
                        size_t *ret_size);
int cw_stream_data_decode(const uint8_t *data, size_t size, struct cw_stream_data *ret);
int cw_stream_data_encode(const struct cw_stream_data *m, uint8_t *out, size_t out_size,
                          size_t *ret_size);

/* Whether messages of this type are data of a stream: only they have a stream number in the header. */
bool cw_message_is_stream_data(uint8_t type);
/* The data type of a channel that has streams; 0 for any other channel. */
uint8_t cw_channel_data_type(uint8_t channel);
/* What a stream's opener needs, as a mask; 0 for a channel without streams. */
uint64_t cw_channel_permission(uint8_t channel);
/* The largest window on a channel that has streams. */
uint64_t cw_channel_window_bytes_max(uint8_t channel);

#endif
