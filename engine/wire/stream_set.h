/* SPDX-License-Identifier: Apache-2.0 */
/* engine/wire/stream_set.h - all streams of one endpoint in one session: messages in, messages out.
 *
 * Owner:     the endpoint; the streams in it are the caller's, who removes them when they are FINISHED or have FAILED
 *            and said so (cw_byte_stream_is_over).
 * Thread:    one; pure.
 * Units:     bytes, ns.
 * Errors:    cw_stream_set_take: CW_ERR_INVALID; cw_stream_set_add: CW_ERR_FULL.
 * Limits:    CW_STREAMS_PER_PARTICIPANT_MAX.
 * Invariant: no two streams have the same channel and number, but ones that are over.
 *
 * Streams of a lower send class go first; those of one class take turns frame by frame.
 */
#ifndef CW_ENGINE_WIRE_STREAM_SET_H
#define CW_ENGINE_WIRE_STREAM_SET_H

#include "engine/wire/byte_stream.h"

enum {
    CW_STREAM_ANSWERS_MAX = 2 * CW_STREAMS_PER_PARTICIPANT_MAX,
    /* Streams that have ended, kept in case the other end lost the last word: as many as can end in a while. */
    CW_STREAM_FINISHED_MAX = 128,
};

struct cw_stream_set {
    struct cw_byte_stream *streams[CW_STREAMS_PER_PARTICIPANT_MAX];
    unsigned count;
    unsigned turn;
    struct cw_byte_stream finished[CW_STREAM_FINISHED_MAX]; /* copies, without their rings */
    unsigned finished_count; /* of all that were kept; the oldest makes room */
    /* What the other end asks for and nobody here knows: STREAM_CLOSE with a code. */
    struct {
        struct cw_stream_id id;
        uint16_t code;
        bool is_waited_for; /* the engine takes the stream for whole: no time runs for it */
    } answers[CW_STREAM_ANSWERS_MAX];
    unsigned answer_count;
};

enum cw_stream_event_kind {
    CW_STREAM_EVENT_NONE,
    CW_STREAM_EVENT_OFFER,   /* open: make a stream and add it, or cw_stream_set_refuse */
    CW_STREAM_EVENT_DATA,    /* bytes are new: cw_byte_stream_consume when done with them */
    CW_STREAM_EVENT_CHANGED, /* credit, or the stream is another state */
    CW_STREAM_EVENT_PEER,    /* somebody came or went */
};

struct cw_stream_event {
    enum cw_stream_event_kind kind;
    struct cw_byte_stream *stream; /* DATA, CHANGED */
    const uint8_t *bytes;
    size_t size;
    struct cw_stream_open open;
    struct cw_peer_note peer;
};

int cw_stream_set_add(struct cw_stream_set *set, struct cw_byte_stream *s);
/* One that is FINISHED is remembered; its memory is the owner's again all the same. */
void cw_stream_set_remove(struct cw_stream_set *set, const struct cw_byte_stream *s);
void cw_stream_set_refuse(struct cw_stream_set *set, const struct cw_stream_id *id, uint16_t code);
void cw_stream_set_connected(struct cw_stream_set *set);
void cw_stream_set_disconnected(struct cw_stream_set *set);
/* Whether cw_stream_set_take is for a message of this type. */
bool cw_stream_set_takes(uint8_t type);
/* header_stream: the number in the frame's header. */
int cw_stream_set_take(struct cw_stream_set *set, uint8_t type, uint16_t header_stream,
                       const uint8_t *payload, size_t size, uint64_t now_ns,
                       struct cw_stream_event *ret_event);
/* The next message for the appliance, its type returned; 0: none now. out holds a whole payload. */
uint8_t cw_stream_set_next(struct cw_stream_set *set, uint64_t now_ns, uint8_t *out,
                           size_t out_size, size_t *ret_size, uint16_t *ret_header_stream);
/* When cw_stream_set_next will have something, if nothing happens before. */
uint64_t cw_stream_set_deadline_ns(const struct cw_stream_set *set);

#endif
