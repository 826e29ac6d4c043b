/* SPDX-License-Identifier: Apache-2.0 */
/* engine/base/timer.h - a hashed timer wheel; the caller pulls timers that are due.
 *
 * Owner:     a timer lives inside its object and must be stopped before the object goes.
 * Thread:    one.
 * Units:     ns (monotonic); ticks of CW_TIMER_TICK_NS.
 * Errors:    none.
 * Limits:    a timer is due up to CW_TIMER_TICK_NS late, never early; none is set further than 100 days ahead.
 * Invariant: a timer is in the slot of its deadline's tick, or in none.
 *
 * Setting, moving and stopping cost the same however many there are. Objects that live long do not move their
 * timer with every event: they let it expire and set it again to what has become of the deadline.
 */
#ifndef CW_ENGINE_BASE_TIMER_H
#define CW_ENGINE_BASE_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/list.h"

enum {
    CW_TIMER_TICK_NS = 1 << 22, /* 4.2 ms */
    CW_TIMER_SLOTS = 8192,      /* one turn is 34 s: only session grace periods take two */
};

struct cw_timer {
    struct cw_list node;
    uint32_t tick; /* the low bits of the deadline's tick */
    uint32_t kind; /* the owner's numbering */
};

struct cw_timers {
    struct cw_list slots[CW_TIMER_SLOTS];
    uint64_t occupied[CW_TIMER_SLOTS / 64]; /* a set bit: the slot may hold something */
    uint64_t tick;                          /* every slot before this one was looked at */
    uint64_t next_tick; /* no slot before this one holds anything; UINT64_MAX: none does */
};

void cw_timers_init(struct cw_timers *t, uint64_t now_ns);
void cw_timer_init(struct cw_timer *timer, uint32_t kind);
/* Starts or moves it. */
void cw_timer_set(struct cw_timers *t, struct cw_timer *timer, uint64_t deadline_ns);
void cw_timer_stop(struct cw_timer *timer);
bool cw_timer_is_set(const struct cw_timer *timer);
/* How far ahead of now the deadline of a set timer is, rounded up to ticks; 0: due. */
uint64_t cw_timer_left_ns(const struct cw_timer *timer, uint64_t now_ns);
/* The next timer that is due, already stopped, or NULL. */
struct cw_timer *cw_timers_due(struct cw_timers *t, uint64_t now_ns);
/* When to look again (it may turn out that a timer was stopped or moved); UINT64_MAX: nothing is set. */
uint64_t cw_timers_next_ns(struct cw_timers *t);

#endif
