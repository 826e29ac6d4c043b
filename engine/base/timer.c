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
}

void cw_timer_init(struct cw_timer *timer, uint32_t kind)
{
    *timer = (struct cw_timer){.kind = kind};
    cw_list_init(&timer->node);
}

void cw_timer_set(struct cw_timers *t, struct cw_timer *timer, uint64_t deadline_ns)
{
    cw_list_remove(&timer->node);
    timer->deadline_ns = deadline_ns;
    uint64_t tick = tick_of(deadline_ns + CW_TIMER_TICK_NS - 1); /* never early */
    if (tick < t->tick)
        tick = t->tick; /* the past is due now */
    unsigned slot = (unsigned)(tick % CW_TIMER_SLOTS);
    cw_list_append(&t->slots[slot], &timer->node);
    t->occupied[slot / 64] |= UINT64_C(1) << slot % 64;
}

void cw_timer_stop(struct cw_timer *timer)
{
    cw_list_remove(&timer->node);
}

bool cw_timer_is_set(const struct cw_timer *timer)
{
    return !cw_list_is_empty(&timer->node);
}

struct cw_timer *cw_timers_due(struct cw_timers *t, uint64_t now_ns)
{
    uint64_t now_tick = tick_of(now_ns);
    if (now_tick > t->tick && now_tick - t->tick > CW_TIMER_SLOTS)
        t->tick = now_tick - CW_TIMER_SLOTS; /* one whole turn sees every slot */
    for (;;) {
        unsigned slot = (unsigned)(t->tick % CW_TIMER_SLOTS);
        struct cw_list *list = &t->slots[slot];
        CW_LIST_EACH(node, list)
        {
            struct cw_timer *timer = CW_LIST_OWNER(node, struct cw_timer, node);
            if (timer->deadline_ns <= now_ns) {
                cw_list_remove(node);
                return timer;
            }
        }
        if (cw_list_is_empty(list))
            t->occupied[slot / 64] &= ~(UINT64_C(1) << slot % 64);
        if (t->tick >= now_tick)
            return NULL;
        t->tick++;
    }
}

uint64_t cw_timers_next_ns(const struct cw_timers *t)
{
    for (unsigned i = 0; i < CW_TIMER_SLOTS; i++) {
        uint64_t tick = t->tick + i;
        unsigned slot = (unsigned)(tick % CW_TIMER_SLOTS);
        uint64_t word = t->occupied[slot / 64];
        if (slot % 64 == 0 && word == 0) {
            i += 63;
            continue;
        }
        if ((word >> slot % 64 & 1) != 0 && !cw_list_is_empty(&t->slots[slot]))
            return (tick + (i == 0)) * CW_TIMER_TICK_NS;
    }
    return UINT64_MAX;
}
