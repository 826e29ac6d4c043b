/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/load/histogram.h"

enum { SUB = 1 << CW_HISTOGRAM_SUB_BITS };

static unsigned bucket_of(uint64_t ns)
{
    if (ns < SUB)
        return (unsigned)ns;
    unsigned octave = 63u - (unsigned)__builtin_clzll(ns) - CW_HISTOGRAM_SUB_BITS;
    if (octave >= CW_HISTOGRAM_OCTAVES)
        return CW_HISTOGRAM_BUCKETS - 1;
    return (octave + 1) * SUB + (unsigned)(ns >> octave) - SUB;
}

static uint64_t upper_edge(unsigned bucket)
{
    if (bucket < SUB)
        return bucket;
    unsigned octave = bucket / SUB - 1;
    return (((uint64_t)(bucket % SUB) + SUB + 1) << octave) - 1;
}

void cw_histogram_add(struct cw_histogram *h, uint64_t ns)
{
    h->count++;
    h->sum_ns += ns;
    if (ns > h->most_ns)
        h->most_ns = ns;
    h->buckets[bucket_of(ns)]++;
}

void cw_histogram_merge(struct cw_histogram *h, const struct cw_histogram *other)
{
    h->count += other->count;
    h->sum_ns += other->sum_ns;
    if (other->most_ns > h->most_ns)
        h->most_ns = other->most_ns;
    for (unsigned i = 0; i < CW_HISTOGRAM_BUCKETS; i++)
        h->buckets[i] += other->buckets[i];
}

uint64_t cw_histogram_at(const struct cw_histogram *h, double share)
{
    uint64_t wanted = (uint64_t)(share * (double)h->count + 0.999999);
    uint64_t seen = 0;
    if (h->count == 0)
        return 0;
    if (wanted == 0)
        wanted = 1;
    for (unsigned i = 0; i < CW_HISTOGRAM_BUCKETS; i++) {
        seen += h->buckets[i];
        if (seen >= wanted) {
            uint64_t edge = upper_edge(i);
            return edge < h->most_ns ? edge : h->most_ns;
        }
    }
    return h->most_ns;
}
