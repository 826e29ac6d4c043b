/* SPDX-License-Identifier: Apache-2.0 */
/* engine/frame_buffer.h - one plaintext frame, header included, shared by all receivers' queues.
 *
 * Owner:     reference-counted; the last cw_frame_unref gives it back to its pool.
 * Thread:    the worker's.
 * Units:     bytes.
 * Errors:    NULL when the pools are empty.
 * Limits:    CW_RELAY_SMALL_FRAMES_MAX, CW_RELAY_MEDIUM_FRAMES_MAX, CW_RELAY_LARGE_FRAMES_MAX.
 * Invariant: references >= 1 while anybody holds it; the bytes do not change once it is shared.
 *
 * A received record is opened into such a buffer; if it holds exactly one frame, the buffer becomes that frame.
 */
#ifndef CW_ENGINE_FRAME_BUFFER_H
#define CW_ENGINE_FRAME_BUFFER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/pool.h"
#include "engine/relay_limits.h"
#include "engine/wire/frame.h"

enum cw_frame_class { CW_FRAME_SMALL, CW_FRAME_MEDIUM, CW_FRAME_LARGE, CW_FRAME_CLASS_COUNT };

struct cw_frame_buffer {
    uint32_t references;
    uint32_t size;       /* header and payload */
    uint64_t arrived_ns; /* screen and cursor: when it came from the source; else 0 */
    struct cw_frame frame;
    uint8_t *bytes; /* in room; behind the WebSocket header that it came with */
    uint8_t pool;   /* enum cw_frame_class */
    bool is_raw;    /* bytes outside frames: HTTP, WebSocket control frames */
    uint8_t room[];
};

struct cw_frame_pools {
    struct cw_pool of[CW_FRAME_CLASS_COUNT];
};

int cw_frame_pools_init(struct cw_frame_pools *p);
void cw_frame_pools_fini(struct cw_frame_pools *p);
/* Buffers in use, for checks and STATUS. */
uint32_t cw_frame_pools_used(const struct cw_frame_pools *p);
/* Room for size bytes at bytes, at most CW_RELAY_RECORD_BYTES_MAX; size and frame are the caller's to set. */
struct cw_frame_buffer *cw_frame_room(struct cw_frame_pools *p, size_t size);
/* A buffer for this header, which is encoded into it; the payload is the caller's to fill. */
struct cw_frame_buffer *cw_frame_new(struct cw_frame_pools *p, const struct cw_frame *frame);
/* A frame made by the engine: one whole message of one frame. */
struct cw_frame_buffer *cw_frame_make(struct cw_frame_pools *p, uint8_t type, uint32_t session,
                                      const void *payload, size_t payload_bytes);
/* Bytes outside frames, at most CW_FRAME_BYTES_MAX; they go the way of control messages. */
struct cw_frame_buffer *cw_frame_raw(struct cw_frame_pools *p, const void *bytes, size_t size);
void cw_frame_ref(struct cw_frame_buffer *f);
void cw_frame_unref(struct cw_frame_pools *p, struct cw_frame_buffer *f);
uint8_t *cw_frame_payload(struct cw_frame_buffer *f);

#endif
