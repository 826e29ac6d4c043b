/* SPDX-License-Identifier: Apache-2.0 */
/* bench/codec/contestant.h - what encodes a scene: our codec in its settings, and its peers.
 *
 * Owner:     what start gives is the runner's until stop.
 * Thread:    the main thread; a library may have threads of its own, whose time counts.
 * Units:     bytes as they would be sent, with each rectangle's header; seconds of processor time.
 * Errors:    NULL or false after a line on stderr.
 * Limits:    none.
 * Invariant: frames are given in order from 0, each contestant sees the same pixels and damage.
 */
#ifndef CW_BENCH_CODEC_CONTESTANT_H
#define CW_BENCH_CODEC_CONTESTANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/codec/frames.h"

struct encoded {
    size_t bytes;
    double cpu_s;
};

struct contestant {
    const char *name;
    bool is_ours;
    bool is_lossy;
    bool has_keyframe; /* false: frame 0 is not the whole picture */
    const void *setting;
    /* shows: `shown` will be asked for. */
    void *(*start)(const struct frames *f, const void *setting, bool shows);
    bool (*encode)(void *state, uint32_t n, struct encoded *ret_encoded);
    /* The picture a receiver has after the last frame; only for lossy ones. */
    const uint8_t *(*shown)(void *state);
    /* After the last frame: decodes all with the picture checked after each. NULL: there is no decoder here. */
    bool (*decode)(void *state, double *ret_diff_cpu_s);
    void (*stop)(void *state);
};

/* Lists that end with a contestant without a name. */
extern const struct contestant ours[];
extern const struct contestant vnc_peers[];
extern const struct contestant rdp_peers[];
extern const struct contestant video_peers[];

#endif
