/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/wake_gate.h"

#include "engine/base/err.h"

static const char *const texts[CW_WAKE_VERDICT_COUNT] = {
#define X(name, text) text,
    CW_WAKE_VERDICTS(X)
#undef X
};

const char *cw_wake_verdict_text(enum cw_wake_verdict verdict)
{
    return texts[verdict];
}

static bool may_check(struct cw_wake_gate *g, uint64_t now_ms)
{
    if (now_ms - g->second_ms >= 1000) {
        g->second_ms = now_ms;
        g->checked = 0;
    }
    return g->checked++ < CW_WAKE_CHECKS_PER_S;
}

static bool is_of_now(const struct cw_wake_gate *g, uint64_t time_unix_ms, uint64_t now_ms)
{
    const uint64_t now_unix_ms = now_ms + (uint64_t)g->offset_ms;
    const uint64_t apart_ms =
        now_unix_ms > time_unix_ms ? now_unix_ms - time_unix_ms : time_unix_ms - now_unix_ms;

    return apart_ms <= CW_WAKE_TIME_MS_MAX;
}

/* What costs least comes first, and the signature last. */
static enum cw_wake_verdict verdict_of(struct cw_wake_gate *g, const uint8_t *data, size_t size,
                                       uint64_t now_ms, struct cw_wake *wake)
{
    if (!g->has_key || cw_wake_decode(data, size, wake) != 0)
        return CW_WAKE_FORM;
    if (wake->item != g->item)
        return CW_WAKE_ITEM;
    if (wake->number == g->number)
        return CW_WAKE_AGAIN; /* one waking is several datagrams */
    if (wake->number < g->number)
        return CW_WAKE_OLD;
    if (!is_of_now(g, wake->time_unix_ms, now_ms))
        return CW_WAKE_TIME;
    if (!may_check(g, now_ms))
        return CW_WAKE_RATE;
    return cw_wake_verify(wake, g->control_key) == 0 ? CW_WAKE_YES : CW_WAKE_FORGED;
}

enum cw_wake_verdict cw_wake_gate_take(struct cw_wake_gate *g, const uint8_t *data, size_t size,
                                       uint64_t now_ms)
{
    struct cw_wake wake = {0};
    const enum cw_wake_verdict verdict = verdict_of(g, data, size, now_ms, &wake);

    g->counts[verdict]++;
    if (verdict == CW_WAKE_YES)
        g->number = wake.number;
    return verdict;
}
