/* SPDX-License-Identifier: Apache-2.0 */
/* bench/load/live.h - sessions in use: a viewer presses keys at a rate, the source answers each with a picture.
 *
 * A session that is lost dials again, as its endpoints would.
 *
 * Owner:     one a process; its memory lives as long.
 * Thread:    one.
 * Units:     ns. tally.latency[which]: key to picture; tally.latency[CW_LIVE_ONE_WAY]: key to source.
 */
#ifndef CW_BENCH_LOAD_LIVE_H
#define CW_BENCH_LOAD_LIVE_H

#include "bench/load/screen.h"

enum { CW_LIVE_ONE_WAY = 2 };

/* What else a scenario does with the same sessions. */
struct cw_live_events {
    void (*ready)(struct cw_screen_session *s);
    void (*source)(struct cw_screen_session *s, const struct cw_frame *f, const uint8_t *payload);
    void (*viewer)(struct cw_screen_viewer *v, const struct cw_frame *f, const uint8_t *payload);
    void (*drained)(struct cw_screen_viewer *v);
};

struct cw_live {
    const struct cw_live_events *events; /* or NULL */
    struct cw_screen *screen;
    unsigned which;   /* of tally.latency */
    bool may_be_lost; /* by a restart of the engine; otherwise it ends the run */
    unsigned up;      /* sessions whose viewer is in sync */
    uint64_t retry_ns;
    bool *is_up; /* of each session */
};

void cw_live_start(struct cw_live *v, struct cw_load *l, unsigned count, bool may_be_lost);
uint64_t cw_live_step(struct cw_live *v, uint64_t now_ns);

#endif
