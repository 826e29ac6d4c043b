/* SPDX-License-Identifier: Apache-2.0 */
/* engine/wire/byte_stream.h - one end of a stream: every byte once and in order, across broken connections.
 *
 * Owner:     an endpoint (client, CLI, load generator, simulation); the ring and the parameters are the caller's
 *            and stay as long as the stream.
 * Thread:    one; pure: the caller gives the clock and carries the messages.
 * Units:     bytes; offsets count one direction from 0. ns.
 * Errors:    CW_ERR_INVALID: the message breaks the protocol (the connection is not to be trusted);
 *            CW_ERR_STATE: it is for another use of the number, or comes too late: ignored.
 * Limits:    CW_STREAM_* (limits.h).
 * Invariant: acknowledged <= sent <= written <= acknowledged + ring_bytes; sent <= send_limit;
 *            consumed <= expected <= granted.
 *
 *   OPENING  (opener) STREAM_OPEN is said, and said again on a new connection and when the source is back, until the
 *            first CREDIT; the owner decides for how long
 *   OFFERED  (server) the owner has not accepted yet
 *   OPEN     both directions go on until each has ended
 *   FINISHED everything was sent, received and acknowledged; kept CW_TIME_STREAM_RESUME_S, in case the last
 *            acknowledgement was lost
 *   FAILED   given up by one end or by the engine: code says why
 */
#ifndef CW_ENGINE_WIRE_BYTE_STREAM_H
#define CW_ENGINE_WIRE_BYTE_STREAM_H

#include "engine/wire/stream_message.h"

enum {
    /* A sender has at most this many short frames unacknowledged: a quarter of what the relay allows, because it
     * learns later than the relay of what was acknowledged. */
    CW_STREAM_SHORT_UNACKNOWLEDGED_MAX = CW_STREAM_SHORT_FRAMES_MAX / 4,
    /* A receiver acknowledges after so many frames at the latest, so short ones never wait for long. */
    CW_STREAM_FRAMES_PER_CREDIT = 16,
    /* And at the latest after this time: a sender whose ring is smaller than half of the window waits for it. */
    CW_STREAM_CREDIT_DELAY_MS = 50,
    CW_STREAM_FIRST_WINDOW_BYTES = 256 * 1024,
};

enum cw_stream_state {
    CW_STREAM_OPENING,
    CW_STREAM_OFFERED,
    CW_STREAM_OPEN,
    CW_STREAM_FINISHED,
    CW_STREAM_FAILED,
};

struct cw_byte_stream {
    struct cw_stream_id id;
    uint32_t peer; /* the other participant; 0: the source */
    uint8_t state; /* enum cw_stream_state */
    bool is_server;
    bool open_is_due;    /* to be named on this connection */
    bool waits_for_peer; /* OPENING: said, and the source was away */
    bool is_paused;      /* the other end is away: data would only be dropped */
    bool is_synced;      /* data may go on this connection */
    uint16_t code;       /* FAILED: enum cw_close_code */
    const uint8_t *parameters;
    size_t parameters_bytes;

    /* sending */
    uint8_t *ring;
    size_t ring_bytes;
    uint64_t acknowledged;
    uint64_t sent;
    uint64_t sent_most; /* before the last time it went back */
    uint64_t written;
    uint64_t send_limit;
    uint16_t shorts[2]; /* as the relay counts them (engine/channel.h) */
    uint64_t short_end;
    bool is_ending; /* nothing more is written */
    bool close_is_due;

    /* receiving */
    uint64_t expected;
    uint64_t said; /* of expected, by the last CREDIT */
    uint64_t consumed;
    uint64_t granted;
    uint64_t window;
    uint64_t window_most;
    uint16_t frames;    /* since the last CREDIT */
    uint64_t unsaid_ns; /* when the first byte came that no CREDIT acknowledged; 0: none is */
    bool credit_is_due;
    bool other_has_ended;
    uint64_t other_final;

    /* the window's growth: at most twice what arrives in one round trip */
    uint64_t trip_ns;       /* the shortest seen; 0: none yet */
    uint64_t trip_begin_ns; /* when the limit was raised beyond trip_offset */
    uint64_t trip_offset;
    uint64_t rate_begin_ns;
    uint64_t rate_offset;
    uint64_t finished_ns;
};

/* The opener's end. The instance is another one each time: random, or counted up with the participant's number in
 * its upper half. Numbers are used in turn. */
void cw_byte_stream_init_opener(struct cw_byte_stream *s, const struct cw_stream_id *id,
                                uint32_t peer, const void *parameters, size_t parameters_bytes,
                                uint8_t *ring, size_t ring_bytes);
/* The server's end, from the STREAM_OPEN that offered it. */
void cw_byte_stream_init_server(struct cw_byte_stream *s, const struct cw_stream_open *offer,
                                uint8_t *ring, size_t ring_bytes);
void cw_byte_stream_accept(struct cw_byte_stream *s);
/* How far the receive window may grow; at most the channel's. 0 keeps it as it is. */
void cw_byte_stream_set_window_most(struct cw_byte_stream *s, uint64_t bytes);

/* A new connection said WELCOME; or the connection is gone. */
void cw_byte_stream_connected(struct cw_byte_stream *s);
void cw_byte_stream_disconnected(struct cw_byte_stream *s);

/* PEER: the other end has come or gone. */
void cw_byte_stream_peer(struct cw_byte_stream *s, bool connected);

/* Takes bytes to send; returns how many fitted. */
size_t cw_byte_stream_write(struct cw_byte_stream *s, const void *bytes, size_t size);
size_t cw_byte_stream_room(const struct cw_byte_stream *s);
/* Nothing more will be written. */
void cw_byte_stream_end(struct cw_byte_stream *s);
/* Gives the stream up; code is neither OK nor UNAVAILABLE, which is the engine's word. */
void cw_byte_stream_abort(struct cw_byte_stream *s, uint16_t code);
/* The owner is done with so many received bytes. */
void cw_byte_stream_consume(struct cw_byte_stream *s, size_t size);

int cw_byte_stream_on_open(struct cw_byte_stream *s, const struct cw_stream_open *m);
int cw_byte_stream_on_credit(struct cw_byte_stream *s, const struct cw_credit *m, uint64_t now_ns);
int cw_byte_stream_on_close(struct cw_byte_stream *s, const struct cw_stream_close *m,
                            uint64_t now_ns);
/* *ret_bytes: the new bytes, in the message; none when it only repeats. */
int cw_byte_stream_on_data(struct cw_byte_stream *s, const struct cw_stream_data *m,
                           uint64_t now_ns, const uint8_t **ret_bytes, size_t *ret_size);

/* The next message for the appliance, most urgent first; 0: none now. Data has id.stream in its header. */
uint8_t cw_byte_stream_next(struct cw_byte_stream *s, uint64_t now_ns, uint8_t *out,
                            size_t out_size, size_t *ret_size);
/* Whether cw_byte_stream_next would give something. */
bool cw_byte_stream_has_next(const struct cw_byte_stream *s, uint64_t now_ns);
/* When it will, if nothing happens before; UINT64_MAX: never. */
uint64_t cw_byte_stream_deadline_ns(const struct cw_byte_stream *s);
/* FAILED and said so, or FINISHED long enough: the owner may forget it. */
bool cw_byte_stream_is_over(const struct cw_byte_stream *s, uint64_t now_ns);
void cw_byte_stream_check(const struct cw_byte_stream *s);

#endif
