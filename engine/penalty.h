/* SPDX-License-Identifier: Apache-2.0 */
/* engine/penalty.h - budgets per (source, kind of failure), so that guessing is slow.
 *
 * Owner:     the worker.
 * Thread:    the worker's.
 * Units:     ns; tokens.
 * Errors:    none; a full set forgets its oldest source.
 * Limits:    PENALTY_SETS * PENALTY_WAYS sources.
 * Invariant: tokens <= the kind's burst.
 *
 * A source is an IPv4 address or the /64 of an IPv6 address. A TLS alert 46 is never counted: browsers fail
 * once or twice before a person accepts a self-signed certificate.
 */
#ifndef CW_ENGINE_PENALTY_H
#define CW_ENGINE_PENALTY_H

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
    uint64_t source; /* 0: free */
    uint64_t seen_ns;
    struct {
        uint64_t filled_ns;
        uint32_t spent; /* tokens in use, in thousandths */
    } kinds[CW_PENALTY_KIND_COUNT];
};

struct cw_penalties {
    struct cw_penalty_source sources[CW_PENALTY_SETS][CW_PENALTY_WAYS];
    uint64_t secret;
};

/* True when the source may try once more; asks only. */
bool cw_penalty_may(struct cw_penalties *p, const uint8_t address[18], enum cw_penalty_kind kind,
                    uint64_t now_ns);
/* Counts one failure (or one attempt that may fail). */
void cw_penalty_add(struct cw_penalties *p, const uint8_t address[18], enum cw_penalty_kind kind,
                    uint64_t now_ns);
/* Takes one back: the attempt was right. */
void cw_penalty_forgive(struct cw_penalties *p, const uint8_t address[18],
                        enum cw_penalty_kind kind, uint64_t now_ns);

#endif
