/* SPDX-License-Identifier: Apache-2.0 */
/* engine/frame_reader.h - bytes of one connection in, whole frames out, message rules enforced.
 *
 * Owner:     its connection, while anything is partly received; holds the frame that is being filled.
 * Thread:    the worker's.
 * Units:     bytes.
 * Errors:    _push, _adopt: CW_ERR_UNSUPPORTED, CW_ERR_TOO_LARGE, CW_ERR_INVALID (header, stream,
 *            FIRST/LAST, size of the message), CW_ERR_FULL (no frame buffer). After an error the
 *            reader is not used again.
 * Limits:    the sizes in CW_MESSAGES; CW_RELAY_OPEN_MESSAGES_MAX.
 * Invariant: a frame is given out once and only when it is whole.
 *
 * A type whose largest message fits one frame comes in one frame (FIRST and LAST). Others may take
 * several: FIRST on the first only, LAST on the last only, the same type and the same other flags on
 * all. Only data of streams has a stream number.
 */
#ifndef CW_ENGINE_FRAME_READER_H
#define CW_ENGINE_FRAME_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/frame_buffer.h"

/* A message that has begun and not ended. */
struct cw_open_message {
    uint32_t bytes; /* so far */
    uint16_t stream;
    uint8_t channel;
    uint8_t type;
    uint8_t flags;
};

/* All zero: at rest. */
struct cw_frame_reader {
    struct cw_frame_buffer *frame; /* NULL while the header comes in */
    uint32_t at;                   /* bytes of the frame that are there */
    uint8_t header[CW_FRAME_HEADER_BYTES];
    uint32_t open_count;
    struct cw_open_message open[CW_RELAY_OPEN_MESSAGES_MAX];
};

/* Takes bytes from data until a frame is whole or data ends. 0: *ret_used were taken; *ret_frame is the
 * frame with its reference, or NULL. */
int cw_frame_reader_push(struct cw_frame_reader *r, struct cw_frame_pools *pools,
                         const uint8_t *data, size_t size, size_t *ret_used,
                         struct cw_frame_buffer **ret_frame);
/* Between frames: when the size bytes at f->bytes are exactly one frame, f becomes that frame, without a copy.
 * 0: it has; CW_ERR_AGAIN: they are not, push them. */
int cw_frame_reader_adopt(struct cw_frame_reader *r, struct cw_frame_buffer *f, size_t size);
/* True when no frame is partly there. */
bool cw_frame_reader_is_between(const struct cw_frame_reader *r);
/* True when nothing is partly there: neither a frame nor a message. */
bool cw_frame_reader_is_at_rest(const struct cw_frame_reader *r);
void cw_frame_reader_fini(struct cw_frame_reader *r, struct cw_frame_pools *pools);

#endif
