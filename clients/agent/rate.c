/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/rate.h"

#include <string.h>

enum {
    /* Less says more of the time of day than of the link. */
    SAMPLE_BYTES_MIN = 4 << 10,
    SAMPLE_NS_MIN = 1000000,
};
static const uint64_t second_ns = 1000000000;

void cw_rate_sent(struct cw_rate *r, uint32_t update, size_t bytes, uint64_t now_ns)
{
    if (r->count == CW_RATE_SENT_MAX) {
        r->count--;
        memmove(&r->sent[0], &r->sent[1], r->count * sizeof(r->sent[0]));
    }
    r->sent[r->count].update = update;
    r->sent[r->count].bytes = bytes;
    r->sent[r->count].sent_ns = now_ns;
    r->count++;
}

static void learn_base(struct cw_rate *r, uint64_t round_trip_ns, size_t bytes, uint64_t now_ns)
{
    const struct cw_rate_trip trip = {round_trip_ns, bytes};
    if (r->base.ns == 0 || round_trip_ns < r->base.ns)
        r->base = trip;
    if (r->base_next.ns == 0 || round_trip_ns < r->base_next.ns)
        r->base_next = trip;
    if (now_ns - r->base_since_ns > CW_RATE_BASE_NS) {
        /* A base of large updates would hide what the link takes for them. */
        if (r->base_next.bytes <= 2 * r->base.bytes + SAMPLE_BYTES_MIN)
            r->base = r->base_next;
        r->base_next = (struct cw_rate_trip){0};
        r->base_since_ns = now_ns;
    }
}

/* So many bytes took that long on the link. More is believed slowly, because an acknowledgement that was held back
 * makes the next look fast; less is believed sooner, because what is too large waits in somebody's queue. */
static void learn_rate(struct cw_rate *r, size_t bytes, uint64_t took_ns)
{
    uint64_t rate = (uint64_t)bytes * second_ns / took_ns;
    uint64_t most = r->bytes_per_s + r->bytes_per_s / 4;
    if (r->bytes_per_s == 0)
        r->bytes_per_s = rate;
    else if (rate > r->bytes_per_s)
        r->bytes_per_s = rate < most ? rate : most;
    else
        r->bytes_per_s -= (r->bytes_per_s - rate) / 2;
}

/* One trip over an idle link. Compared with the shortest one, it is longer by what it holds more. */
static void learn_trip(struct cw_rate *r, uint64_t round_trip_ns, size_t bytes, uint64_t now_ns)
{
    if (r->bytes_per_s == 0) {
        learn_rate(r, bytes, round_trip_ns); /* at least */
    } else if (bytes >= r->base.bytes + r->base.bytes / 2 + SAMPLE_BYTES_MIN) {
        uint64_t more_ns = round_trip_ns - r->base.ns;
        learn_rate(r, bytes - r->base.bytes, more_ns > SAMPLE_NS_MIN ? more_ns : SAMPLE_NS_MIN);
        r->learnt_ns = now_ns;
    } else if (now_ns - r->learnt_ns > CW_RATE_PROBE_NS) {
        /* Nothing to compare with: a little more each time, until there is. */
        r->bytes_per_s += r->bytes_per_s / 8;
    }
    /* Whatever was compared: all of it came within the round trip, and not in less than what that took longer. */
    uint64_t least = (uint64_t)bytes * second_ns / round_trip_ns;
    uint64_t longer_ns = round_trip_ns - r->base.ns;
    if (r->bytes_per_s < least)
        r->bytes_per_s = least;
    if (longer_ns > SAMPLE_NS_MIN && r->bytes_per_s > (uint64_t)bytes * second_ns / longer_ns)
        r->bytes_per_s = (uint64_t)bytes * second_ns / longer_ns;
}

void cw_rate_acked(struct cw_rate *r, uint32_t update, uint64_t now_ns)
{
    size_t done = 0;
    size_t bytes = 0;
    while (done < r->count && (int32_t)(update - r->sent[done].update) >= 0)
        bytes += r->sent[done++].bytes;
    if (done == 0)
        return;
    uint64_t first_ns = r->sent[0].sent_ns;
    uint64_t newest_ns = r->sent[done - 1].sent_ns;
    uint64_t trip_ns = now_ns > newest_ns ? now_ns - newest_ns : 1;
    bool is_busy = r->last_ack_ns > first_ns; /* with the ones before, when these were sent */
    if (!is_busy)
        learn_base(r, trip_ns, bytes, now_ns);
    if (bytes >= SAMPLE_BYTES_MIN && is_busy && now_ns > r->last_ack_ns + SAMPLE_NS_MIN)
        learn_rate(r, bytes, now_ns - r->last_ack_ns);
    else if (bytes >= SAMPLE_BYTES_MIN && !is_busy && done == 1)
        learn_trip(r, trip_ns, bytes, now_ns);
    r->last_ack_ns = now_ns;
    r->count -= done;
    memmove(&r->sent[0], &r->sent[done], r->count * sizeof(r->sent[0]));
}

bool cw_rate_is_idle(const struct cw_rate *r)
{
    return r->count == 0;
}

size_t cw_rate_budget(const struct cw_rate *r)
{
    if (r->bytes_per_s == 0)
        return CW_RATE_BUDGET_FIRST;
    uint64_t bytes = r->bytes_per_s / (second_ns / CW_RATE_UPDATE_NS);
    if (bytes < CW_RATE_BUDGET_MIN)
        return CW_RATE_BUDGET_MIN;
    return bytes < CW_RATE_BUDGET_MAX ? (size_t)bytes : CW_RATE_BUDGET_MAX;
}
