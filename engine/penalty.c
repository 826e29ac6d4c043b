/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/penalty.h"

#include <string.h>

enum { MILLI = 1000 };

/* burst: attempts at once; per_minute: how fast they come back. A person mistypes a key a few times; a machine
 * that guesses 40-bit keys at 20 a minute needs 100,000 years. */
static const struct {
    uint32_t burst;
    uint32_t per_minute;
} budgets[CW_PENALTY_KIND_COUNT] = {
    [CW_PENALTY_HANDSHAKE] = {200, 200},
    [CW_PENALTY_TICKET] = {60, 60},
    [CW_PENALTY_REQUEST] = {20, 20},
    [CW_PENALTY_REFUSAL] = {60, 60},
};

static uint64_t source_of(const uint8_t address[18], uint64_t secret)
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
    uint64_t source = source_of(address, p->secret);
    struct cw_penalty_source *set = p->sources[(source >> 1) % CW_PENALTY_SETS];
    struct cw_penalty_source *oldest = &set[0];
    for (unsigned i = 0; i < CW_PENALTY_WAYS; i++) {
        if (set[i].source == source) {
            set[i].seen_ns = now_ns;
            return &set[i];
        }
        if (set[i].seen_ns < oldest->seen_ns)
            oldest = &set[i];
    }
    *oldest = (struct cw_penalty_source){.source = source, .seen_ns = now_ns};
    for (unsigned kind = 0; kind < CW_PENALTY_KIND_COUNT; kind++)
        oldest->kinds[kind].filled_ns = now_ns;
    return oldest;
}

/* Gives back what time has earned since the last look. */
static uint32_t *refill(struct cw_penalty_source *s, enum cw_penalty_kind kind, uint64_t now_ns)
{
    const uint64_t minute_ns = UINT64_C(60000000000);
    uint64_t passed_ns = now_ns - s->kinds[kind].filled_ns;
    if (passed_ns > minute_ns)
        passed_ns = minute_ns;
    uint64_t earned = passed_ns * budgets[kind].per_minute / (minute_ns / MILLI);
    if (earned > 0) {
        s->kinds[kind].filled_ns = now_ns;
        s->kinds[kind].spent =
            earned >= s->kinds[kind].spent ? 0 : s->kinds[kind].spent - (uint32_t)earned;
    }
    return &s->kinds[kind].spent;
}

bool cw_penalty_may(struct cw_penalties *p, const uint8_t address[18], enum cw_penalty_kind kind,
                    uint64_t now_ns)
{
    return *refill(find(p, address, now_ns), kind, now_ns) + MILLI <= budgets[kind].burst * MILLI;
}

void cw_penalty_add(struct cw_penalties *p, const uint8_t address[18], enum cw_penalty_kind kind,
                    uint64_t now_ns)
{
    uint32_t *spent = refill(find(p, address, now_ns), kind, now_ns);
    if (*spent + MILLI <= budgets[kind].burst * MILLI)
        *spent += MILLI;
    else
        *spent = budgets[kind].burst * MILLI;
}

void cw_penalty_forgive(struct cw_penalties *p, const uint8_t address[18],
                        enum cw_penalty_kind kind, uint64_t now_ns)
{
    uint32_t *spent = refill(find(p, address, now_ns), kind, now_ns);
    *spent = *spent > MILLI ? *spent - MILLI : 0;
}
