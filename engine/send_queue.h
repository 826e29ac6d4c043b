/* SPDX-License-Identifier: Apache-2.0 */
/* engine/send_queue.h - what waits for one receiver: a list of frames a channel, picked by send class.
 *
 * Owner:     its connection, while anything waits; holds one reference on every frame in it.
 * Thread:    the worker's.
 * Units:     bytes of whole frames.
 * Errors:    cw_queue_push: CW_ERR_FULL (no entry left; the reference is not taken).
 * Limits:    CW_RELAY_QUEUE_ENTRIES_MAX; byte limits are the caller's.
 * Invariant: bytes is the sum of the channels' bytes; frames of one stream leave in the order they came.
 *
 * The next frame is of the lowest class that has any; channels of one class take turns, streams of one channel too,
 * but control goes before all others. The last class is owed one byte in twenty while it waits.
 */
#ifndef CW_ENGINE_SEND_QUEUE_H
#define CW_ENGINE_SEND_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/frame_buffer.h"

/* Frames of one stream are a lane; the first of each is in the channel's list of lanes. */
struct cw_queue_entry {
    struct cw_queue_entry *next; /* in its lane */
    struct cw_frame_buffer *frame;
    struct cw_queue_entry *next_lane; /* of the first in a lane */
    struct cw_queue_entry *lane_tail; /* the same: the last in it */
};

struct cw_queue_channel {
    struct cw_queue_entry *head; /* the first of the lane whose turn it is */
    struct cw_queue_entry *tail; /* the first of the last lane */
    uint32_t bytes;
    uint32_t frames;
};

/* All zero: empty. */
struct cw_queue {
    struct cw_queue_channel channels[CW_CHANNEL_COUNT];
    uint32_t bytes;
    uint32_t frames;
    uint32_t floor_credit; /* bytes others sent while the last class waited */
    uint16_t waiting;      /* a bit a channel: it has frames */
    uint16_t in_message;   /* the last frame taken out was not the LAST of its message */
    uint8_t turn[CW_SEND_CLASS_COUNT]; /* the channel served last in each class */
};

int cw_queue_push(struct cw_queue *q, struct cw_pool *entries, struct cw_frame_buffer *frame);
/* Nothing waits and no message is cut in two: the queue can be forgotten. */
bool cw_queue_is_at_rest(const struct cw_queue *q);
/* What pop would give, still in the queue; NULL: nothing waits. */
const struct cw_frame_buffer *cw_queue_peek(const struct cw_queue *q);
/* The next frame with its reference, or NULL. */
struct cw_frame_buffer *cw_queue_pop(struct cw_queue *q, struct cw_pool *entries);
/* Drops everything of a channel. */
void cw_queue_clear(struct cw_queue *q, struct cw_pool *entries, struct cw_frame_pools *frames,
                    uint8_t channel);
/* Drops what waits of one stream of a channel whose messages are single frames. */
void cw_queue_clear_stream(struct cw_queue *q, struct cw_pool *entries,
                           struct cw_frame_pools *frames, uint8_t channel, uint16_t stream);
/* Drops the whole messages of a channel whose first frame is still in it; a message that is partly sent
 * keeps its frames. For a channel with one stream.
 * True: such a message is still growing (its LAST frame has not come). */
bool cw_queue_clear_messages(struct cw_queue *q, struct cw_pool *entries,
                             struct cw_frame_pools *frames, uint8_t channel);
void cw_queue_clear_all(struct cw_queue *q, struct cw_pool *entries, struct cw_frame_pools *frames);
/* Bytes of all channels but screen and those of streams, which are bounded by the windows that the receiver granted. */
uint32_t cw_queue_reliable_bytes(const struct cw_queue *q);
uint32_t cw_queue_reliable_frames(const struct cw_queue *q);

#endif
