/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/base/timer.h"

static uint64_t tick_of(uint64_t ns)
{
    return ns / CW_TIMER_TICK_NS;
}

void cw_timers_init(struct cw_timers *t, uint64_t now_ns)
{
    for (unsigned i = 0; i < CW_TIMER_SLOTS; i++)
        cw_list_init(&t->slots[i]);
    for (unsigned i = 0; i < CW_TIMER_SLOTS / 64; i++)
        t->occupied[i] = 0;
    t->tick = tick_of(now_ns);
    t->next_tick = UINT64_MAX;
}

void cw_timer_init(struct cw_timer *timer, uint32_t kind)
{
    *timer = (struct cw_timer){.kind = kind};
    cw_list_init(&timer->node);
}

void cw_timer_set(struct cw_timers *t, struct cw_timer *timer, uint64_t deadline_ns)
{
    cw_list_remove(&timer->node);
    uint64_t tick = tick_of(deadline_ns + CW_TIMER_TICK_NS - 1); /* never early */
    if (tick < t->tick)
        tick = t->tick; /* the past is due now */
    timer->tick = (uint32_t)tick;
    unsigned slot = (unsigned)(tick % CW_TIMER_SLOTS);
    cw_list_append(&t->slots[slot], &timer->node);
    t->occupied[slot / 64] |= UINT64_C(1) << slot % 64;
    if (tick < t->next_tick)
        t->next_tick = tick;
}

void cw_timer_stop(struct cw_timer *timer)
{
    cw_list_remove(&timer->node);
}

bool cw_timer_is_set(const struct cw_timer *timer)
{
    return !cw_list_is_empty(&timer->node);
}

uint64_t cw_timer_left_ns(const struct cw_timer *timer, uint64_t now_ns)
{
    int32_t ticks = (int32_t)(timer->tick - (uint32_t)tick_of(now_ns));
    return ticks > 0 ? (uint64_t)ticks * CW_TIMER_TICK_NS : 0;
}

/* The first slot that may hold something from this tick on, within one turn; UINT64_MAX: none. */
static uint64_t next_occupied(const struct cw_timers *t, uint64_t tick)
{
    unsigned slot = (unsigned)(tick % CW_TIMER_SLOTS);
    unsigned at = slot / 64;
    uint64_t word = t->occupied[at] & ~UINT64_C(0) << slot % 64;
    for (unsigned i = 0; i <= CW_TIMER_SLOTS / 64; i++) {
        if (word != 0) {
            unsigned found = at * 64 + (unsigned)__builtin_ctzll(word);
            return tick + (found - slot) % CW_TIMER_SLOTS;
        }
        at = (at + 1) % (CW_TIMER_SLOTS / 64);
        word = t->occupied[at];
    }
    return UINT64_MAX;
}

struct cw_timer *cw_timers_due(struct cw_timers *t, uint64_t now_ns)
{
    uint64_t now_tick = tick_of(now_ns);
    if (now_tick > t->tick && now_tick - t->tick > CW_TIMER_SLOTS)
        t->tick = now_tick - CW_TIMER_SLOTS; /* one whole turn sees every slot */
    for (;;) {
        uint64_t tick = next_occupied(t, t->tick);
        if (tick > now_tick) {
            if (now_tick > t->tick)
                t->tick = now_tick;
            return NULL;
        }
        t->tick = tick;
        unsigned slot = (unsigned)(tick % CW_TIMER_SLOTS);
        struct cw_list *list = &t->slots[slot];
        CW_LIST_EACH(node, list)
        {
            struct cw_timer *timer = CW_LIST_OWNER(node, struct cw_timer, node);
            if ((int32_t)(timer->tick - (uint32_t)now_tick) <= 0) {
                cw_list_remove(node);
                return timer;
            }
        }
        if (cw_list_is_empty(list))
            t->occupied[slot / 64] &= ~(UINT64_C(1) << slot % 64);
        if (tick == now_tick)
            return NULL;
        t->tick = tick + 1;
    }
}

uint64_t cw_timers_next_ns(struct cw_timers *t)
{
    /* Only a bound that has passed is worked out again: this is asked in every step. */
    while (t->next_tick != UINT64_MAX && t->next_tick <= t->tick) {
        uint64_t tick = next_occupied(t, t->tick);
        unsigned slot = (unsigned)(tick % CW_TIMER_SLOTS);
        if (tick != UINT64_MAX && cw_list_is_empty(&t->slots[slot])) {
            t->occupied[slot / 64] &= ~(UINT64_C(1) << slot % 64);
            continue;
        }
        t->next_tick = tick;
        if (tick == t->tick)
            return (tick + 1) * CW_TIMER_TICK_NS;
    }
    return t->next_tick == UINT64_MAX ? UINT64_MAX : t->next_tick * CW_TIMER_TICK_NS;
}
