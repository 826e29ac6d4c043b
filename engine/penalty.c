/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/penalty.h"

#include <string.h>

static const uint64_t minute_ns = UINT64_C(60000000000);

uint64_t cw_penalty_source_of(const uint8_t address[18], uint64_t secret)
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    uint64_t part = 0;
    /* Behind ff ff, as no /64 of a host begins: never the same as the start of an IPv6 address. */
    if (memcmp(address, mapped, sizeof mapped) == 0)
        memcpy(&part, address + 10, 6);
    else
        memcpy(&part, address, sizeof part);
    part ^= secret;
    part *= UINT64_C(0x9E3779B97F4A7C15);
    part ^= part >> 29;
    return part | 1; /* never 0, which means free */
}

static struct cw_penalty_source *find(struct cw_penalties *p, const uint8_t address[18],
                                      uint64_t now_ns)
{
    uint64_t source = cw_penalty_source_of(address, p->secret);
    struct cw_penalty_source *set = p->sources[(source >> 1) % CW_PENALTY_SETS];
    struct cw_penalty_source *oldest = &set[0];
    for (unsigned i = 0; i < CW_PENALTY_WAYS; i++) {
        if (atomic_load_explicit(&set[i].source, memory_order_relaxed) == source) {
            atomic_store_explicit(&set[i].seen_ns, now_ns, memory_order_relaxed);
            return &set[i];
        }
        if (atomic_load_explicit(&set[i].seen_ns, memory_order_relaxed) <
            atomic_load_explicit(&oldest->seen_ns, memory_order_relaxed))
            oldest = &set[i];
    }
    atomic_store_explicit(&oldest->source, source, memory_order_relaxed);
    atomic_store_explicit(&oldest->seen_ns, now_ns, memory_order_relaxed);
    for (unsigned kind = 0; kind < CW_PENALTY_KIND_COUNT; kind++)
        atomic_store_explicit(&oldest->paid_ns[kind], 0, memory_order_relaxed);
    return oldest;
}

/* Moves paid_ns by one try, ahead or back, within what it may be. */
static void move(_Atomic uint64_t *paid_ns, uint64_t per_minute, uint64_t now_ns, bool is_back)
{
    uint64_t each_ns = minute_ns / per_minute;
    uint64_t before = atomic_load_explicit(paid_ns, memory_order_relaxed);
    uint64_t after = 0;
    do {
        after = before > now_ns ? before : now_ns;
        if (is_back)
            after = after - now_ns > each_ns ? after - each_ns : now_ns;
        else
            after = after + each_ns < now_ns + minute_ns ? after + each_ns : now_ns + minute_ns;
    } while (!atomic_compare_exchange_weak_explicit(paid_ns, &before, after, memory_order_relaxed,
                                                    memory_order_relaxed));
}

bool cw_penalty_may(struct cw_penalties *p, const uint8_t address[18], enum cw_penalty_kind kind,
                    uint64_t per_minute, uint64_t now_ns)
{
    uint64_t paid_ns =
        atomic_load_explicit(&find(p, address, now_ns)->paid_ns[kind], memory_order_relaxed);
    return paid_ns <= now_ns || paid_ns - now_ns + minute_ns / per_minute <= minute_ns;
}

void cw_penalty_add(struct cw_penalties *p, const uint8_t address[18], enum cw_penalty_kind kind,
                    uint64_t per_minute, uint64_t now_ns)
{
    move(&find(p, address, now_ns)->paid_ns[kind], per_minute, now_ns, false);
}

void cw_penalty_forgive(struct cw_penalties *p, const uint8_t address[18],
                        enum cw_penalty_kind kind, uint64_t per_minute, uint64_t now_ns)
{
    move(&find(p, address, now_ns)->paid_ns[kind], per_minute, now_ns, true);
}
