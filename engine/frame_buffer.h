/* SPDX-License-Identifier: Apache-2.0 */
/* engine/frame_buffer.h - one plaintext frame, header included, shared by all receivers' queues.
 *
 * Owner:     reference-counted; the last cw_frame_unref gives it back to its pool.
 * Thread:    the worker's.
 * Units:     bytes.
 * Errors:    NULL when the pool is empty.
 * Limits:    CW_RELAY_SMALL_FRAMES_MAX, CW_RELAY_LARGE_FRAMES_MAX.
 * Invariant: references >= 1 while anybody holds it; the bytes do not change once it is shared.
 */
#ifndef CW_ENGINE_FRAME_BUFFER_H
#define CW_ENGINE_FRAME_BUFFER_H

#include <stdint.h>

#include "engine/base/pool.h"
#include "engine/relay_limits.h"
#include "engine/wire/frame.h"

struct cw_frame_buffer {
    uint32_t references;
    uint32_t size;       /* header and payload */
    uint64_t arrived_ns; /* screen and cursor: when it came from the source; else 0 */
    struct cw_frame frame;
    uint8_t bytes[];
};

struct cw_frame_pools {
    struct cw_pool small;
    struct cw_pool large;
};

int cw_frame_pools_init(struct cw_frame_pools *p);
void cw_frame_pools_fini(struct cw_frame_pools *p);
/* A buffer for this header, which is encoded into it; the payload is the caller's to fill. */
struct cw_frame_buffer *cw_frame_new(struct cw_frame_pools *p, const struct cw_frame *frame);
/* A frame made by the engine: one whole message of one frame. */
struct cw_frame_buffer *cw_frame_make(struct cw_frame_pools *p, uint8_t type, uint32_t session,
                                      const void *payload, size_t payload_bytes);
void cw_frame_ref(struct cw_frame_buffer *f);
void cw_frame_unref(struct cw_frame_pools *p, struct cw_frame_buffer *f);
uint8_t *cw_frame_payload(struct cw_frame_buffer *f);

#endif
