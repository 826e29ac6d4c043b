/* SPDX-License-Identifier: Apache-2.0 */
/* engine/penalty.h - budgets per (source, kind of failure), so that guessing is slow.
 *
 * Owner:     the process: one table for all workers, so that more workers do not mean more tries.
 * Thread:    any, without locks. Two that look at one source at the same instant may both be let through, and two that
 *            replace one entry at the same instant may lose a count: a budget is not exact to the last try.
 * Units:     ns; tries a minute.
 * Errors:    none; a full set forgets its oldest source.
 * Limits:    CW_PENALTY_SETS * CW_PENALTY_WAYS sources.
 * Invariant: paid_ns is never more than a minute ahead of now.
 *
 * A source is an IPv4 address or the /64 of an IPv6 address. A TLS alert 46 is never counted: browsers fail
 * once or twice before a person accepts a self-signed certificate.
 *
 * One number tells all: paid_ns, when the tries so far are paid for. A try costs a minute divided by the budget;
 * whoever is a
 * minute ahead of now has to wait. So a source has the whole budget at once, and then one try each such part of a
 * minute.
 */
#ifndef CW_ENGINE_PENALTY_H
#define CW_ENGINE_PENALTY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum cw_penalty_kind {
    CW_PENALTY_HANDSHAKE, /* TLS failed */
    CW_PENALTY_TICKET,    /* forged, expired, used, wrong proof */
    CW_PENALTY_REQUEST, /* a session key or enrolment token was asked about; given back when right */
    CW_PENALTY_REFUSAL, /* any refusal that is written down: a source makes so many lines and rows */
    CW_PENALTY_KIND_COUNT
};

enum { CW_PENALTY_SETS = 1024, CW_PENALTY_WAYS = 4 };

struct cw_penalty_source {
    _Atomic uint64_t source; /* 0: free */
    _Atomic uint64_t seen_ns;
    _Atomic uint64_t paid_ns[CW_PENALTY_KIND_COUNT];
};

struct cw_penalties {
    struct cw_penalty_source sources[CW_PENALTY_SETS][CW_PENALTY_WAYS];
    uint64_t secret; /* set before the first use */
};

/* A source as a number that nobody outside can choose; never 0. */
uint64_t cw_penalty_source_of(const uint8_t address[18], uint64_t secret);

/* True when the source may try once more; asks only. */
bool cw_penalty_may(struct cw_penalties *p, const uint8_t address[18], enum cw_penalty_kind kind,
                    uint64_t per_minute, uint64_t now_ns);
/* Counts one failure (or one attempt that may fail). */
void cw_penalty_add(struct cw_penalties *p, const uint8_t address[18], enum cw_penalty_kind kind,
                    uint64_t per_minute, uint64_t now_ns);
/* Takes one back: the attempt was right. */
void cw_penalty_forgive(struct cw_penalties *p, const uint8_t address[18],
                        enum cw_penalty_kind kind, uint64_t per_minute, uint64_t now_ns);

#endif
