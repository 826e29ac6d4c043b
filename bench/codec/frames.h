/* SPDX-License-Identifier: Apache-2.0 */
/* bench/codec/frames.h - a recorded scene in memory, and what changes from frame to frame.
 *
 * Owner:     frames_read's caller, until frames_free.
 * Thread:    any, after frames_read.
 * Units:     pixels; BGRX with X 0, rows of width * 4 bytes.
 * Errors:    -1 after a line on stderr.
 * Limits:    FRAMES_MAX.
 * Invariant: damage[0] is the whole picture; damage[n] covers what differs from frame n - 1.
 */
#ifndef CW_BENCH_CODEC_FRAMES_H
#define CW_BENCH_CODEC_FRAMES_H

#include <stdint.h>
#include <stdio.h>

#include "codec/codec.h"

/* What every encoder is given: tiles of this size, joined where they are neighbours. */
enum { FRAMES_TILE_PX = 64, FRAMES_MAX = 600 };

struct frame_damage {
    struct cw_rect *rects;
    uint32_t count;
};

struct frames {
    uint32_t width, height, count;
    uint8_t **pixels;
    struct frame_damage *damage;
    struct cw_rect moving; /* bounds of all damage after the first frame, with even sides */
};

/* Reads up to count_max frames, at most FRAMES_MAX. */
int frames_read(FILE *from, uint32_t width, uint32_t height, uint32_t count_max,
                struct frames *ret_frames);
void frames_free(struct frames *f);

#endif
