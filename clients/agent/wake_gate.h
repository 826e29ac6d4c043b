/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/wake_gate.h - which datagrams wake a passive Jump Client. No socket and no file in here.
 *
 * Owner:     a value of the caller, who keeps number over restarts.
 * Thread:    one.
 * Units:     ms of any clock that does not go back; the appliance's time is that plus offset_ms.
 * Errors:    none: a verdict each.
 * Limits:    CW_WAKE_CHECKS_PER_S signatures are verified; the rest of that second is dropped unlooked at.
 * Invariant: a number wakes once; what is dropped changes nothing but a counter.
 */
#ifndef CW_CLIENTS_AGENT_WAKE_GATE_H
#define CW_CLIENTS_AGENT_WAKE_GATE_H

#include <stdbool.h>

#include "engine/wire/wake.h"

enum {
    CW_WAKE_CHECKS_PER_S = 100,       /* of some 60 us each */
    CW_WAKE_TIME_MS_MAX = 120 * 1000, /* how far off the appliance's time a datagram may be */
};

/* In the order in which they are found. X(NAME, text for the log) */
#define CW_WAKE_VERDICTS(X)                     \
    X(YES, "good")                              \
    X(AGAIN, "the same again")                  \
    X(FORM, "malformed")                        \
    X(ITEM, "for another Jump Item")            \
    X(OLD, "old or repeated")                   \
    X(TIME, "from another time")                \
    X(RATE, "more than are looked at a second") \
    X(FORGED, "not signed by the appliance")

enum cw_wake_verdict {
#define X(name, text) CW_WAKE_##name,
    CW_WAKE_VERDICTS(X)
#undef X
        CW_WAKE_VERDICT_COUNT
};

struct cw_wake_gate {
    uint32_t item;
    bool has_key;
    uint8_t control_key[CW_KEY_BYTES];
    uint64_t number;   /* the last one that counted */
    int64_t offset_ms; /* from the caller's clock to the appliance's time */
    uint64_t second_ms;
    uint32_t checked; /* in that second */
    uint64_t counts[CW_WAKE_VERDICT_COUNT];
};

enum cw_wake_verdict cw_wake_gate_take(struct cw_wake_gate *g, const uint8_t *data, size_t size,
                                       uint64_t now_ms);
const char *cw_wake_verdict_text(enum cw_wake_verdict verdict);

#endif
