/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/rate.h - how much the slowest link that matters carries, from acknowledgements.
 *
 * Owner:     a value of the stream's.
 * Thread:    one.
 * Units:     ns (monotonic), bytes.
 * Errors:    none: numbers that were never sent are ignored, lost ones are covered by the next.
 * Limits:    CW_RATE_SENT_MAX updates remembered; more than may be under way at once.
 * Invariant: the budget is never below CW_RATE_BUDGET_MIN: text is always sent, and an estimate can recover.
 */
#ifndef CW_CLIENTS_AGENT_RATE_H
#define CW_CLIENTS_AGENT_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CW_RATE_SENT_MAX = 8,
    CW_RATE_BUDGET_MIN = 6 << 10,
    CW_RATE_BUDGET_FIRST = 192 << 10, /* while nothing is known */
    CW_RATE_BUDGET_MAX = 4 << 20,
    /* An update should occupy the link no longer: pictures lose quality first, then come less often. */
    CW_RATE_UPDATE_NS = 50000000,
    /* The shortest round trip is looked for anew this often. */
    CW_RATE_BASE_NS = 2000000000,
    /* Without a comparison for so long, updates may grow to make one. */
    CW_RATE_PROBE_NS = 500000000,
};

struct cw_rate {
    struct {
        uint32_t update;
        size_t bytes;
        uint64_t sent_ns;
    } sent[CW_RATE_SENT_MAX];
    size_t count;
    uint64_t last_ack_ns;
    struct cw_rate_trip {
        uint64_t ns; /* 0: unknown */
        size_t bytes;
    } base, base_next; /* the shortest round trip of late, and since base_since_ns */
    uint64_t base_since_ns;
    uint64_t learnt_ns;   /* when trips could be compared last */
    uint64_t bytes_per_s; /* 0: unknown */
};

void cw_rate_sent(struct cw_rate *r, uint32_t update, size_t bytes, uint64_t now_ns);
/* Everything up to that update has arrived. */
void cw_rate_acked(struct cw_rate *r, uint32_t update, uint64_t now_ns);
/* Nothing is under way: what was sent is shown, or nothing was. */
bool cw_rate_is_idle(const struct cw_rate *r);
/* Bytes that the next update should have about. */
size_t cw_rate_budget(const struct cw_rate *r);

#endif
