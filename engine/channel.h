/* SPDX-License-Identifier: Apache-2.0 */
/* engine/channel.h - the streams of a session: who sends to whom, how far, and what happens when one is away.
 *
 * Owner:     the worker's pool; a stream belongs to its session and ends with it.
 * Thread:    the worker's.
 * Units:     bytes; offsets count one direction from 0. ns.
 * Errors:    cw_channel_on_frame: an enum cw_close_code, for which the caller ends the sender's connection.
 * Limits:    CW_STREAM_* and CW_STREAMS_* (limits.h), CW_RELAY_STREAMS_MAX.
 * Invariant: cw_channel_check: received <= left <= next <= limit of an end that is here, and limit - received is at
 *            most the channel's window. So what waits for a receiver is at most what it granted.
 *
 * The relay keeps no data. It passes on what continues exactly where the last byte for that receiver ended, and
 * drops everything else: after a break the receiver states what it has, and the sender goes back to there.
 *
 *   STREAM_OPEN -> offered -> CREDIT of the server -> both synced -> both closed and acknowledged -> gone
 *                             an end leaves or joins ^ v its STREAM_OPEN with RESUME
 *                          (waiting, CW_TIME_STREAM_RESUME_S, then STREAM_CLOSE to the end that is there)
 */
#ifndef CW_ENGINE_CHANNEL_H
#define CW_ENGINE_CHANNEL_H

#include "engine/base/list.h"
#include "engine/base/timer.h"
#include "engine/frame_buffer.h"
#include "engine/wire/stream_message.h"

struct cw_conn;
struct cw_participant;
struct cw_session;
struct cw_worker;

/* One end, as the receiver of what the other sends. */
struct cw_stream_end {
    struct cw_participant *participant; /* NULL: it has not joined since the engine started */
    uint32_t number;                    /* the participant's; 0: whoever is the source */
    bool is_synced;                     /* it named the stream on the connection that it has now */
    bool is_known;                      /* its counters below are its own, not zeros of the start */
    bool has_closed;                    /* its own direction ends at final */
    bool is_close_told; /* and the other end was told so on the connection that it has now */
    uint16_t shorts[2]; /* short frames passed on: before short_end, and after it */
    uint64_t short_end; /* acknowledged up to here, the first count is over */
    uint64_t final;
    uint64_t received; /* acknowledged by it */
    uint64_t limit;    /* the other may send up to here */
    uint64_t next;     /* the byte that continues what was passed on to it */
    uint64_t left;     /* bytes before this one are out of its queue */
};

struct cw_relay_stream {
    struct cw_list node; /* in session->streams */
    struct cw_timer timer;
    struct cw_session *session;
    struct cw_stream_id id;
    struct cw_stream_end ends[2]; /* 0 the opener, 1 the server */
};

/* STREAM_OPEN, STREAM_CLOSE, CREDIT or data from a participant. */
uint16_t cw_channel_on_frame(struct cw_worker *w, struct cw_conn *c, struct cw_frame_buffer *f);
/* A data frame has left the queue of its receiver. */
void cw_channel_on_left(struct cw_worker *w, struct cw_conn *c, struct cw_frame_buffer *f);
/* The participant's connection is new, and WELCOME is queued; or is gone. */
void cw_channel_join(struct cw_worker *w, struct cw_participant *p);
void cw_channel_leave(struct cw_worker *w, struct cw_participant *p);
/* Those who may open streams are told that the source is there or not. */
void cw_channel_source_changed(struct cw_worker *w, struct cw_participant *source, bool connected);
/* Permissions were taken away from it. */
void cw_channel_withdraw(struct cw_worker *w, struct cw_participant *p, uint64_t lost);
/* Permissions were given to it: it was told nothing of the source while it had none for streams. */
void cw_channel_gained(struct cw_worker *w, struct cw_participant *p, uint64_t gained);
/* The participant is removed from the session. */
void cw_channel_forget(struct cw_worker *w, struct cw_participant *p);
void cw_channel_on_timer(struct cw_worker *w, struct cw_relay_stream *rs);
/* The session ends: its streams do, without a word. */
void cw_channel_end_all(struct cw_worker *w, struct cw_session *s);
void cw_channel_check(const struct cw_session *s);

#endif
