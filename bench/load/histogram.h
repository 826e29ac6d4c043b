/* SPDX-License-Identifier: Apache-2.0 */
/* bench/load/histogram.h - latencies in buckets that grow with them: at most 1.6 % wide, 1 ns to 18 minutes.
 *
 * Owner:     a value; zero is an empty one. It may lie in shared memory, one writer.
 * Thread:    the writer's; reading and adding up when the writers have stopped.
 * Units:     ns.
 * Invariant: count is the sum of the buckets.
 */
#ifndef CW_BENCH_LOAD_HISTOGRAM_H
#define CW_BENCH_LOAD_HISTOGRAM_H

#include <stdint.h>

enum {
    CW_HISTOGRAM_SUB_BITS = 6,
    CW_HISTOGRAM_OCTAVES = 35,
    CW_HISTOGRAM_BUCKETS = (CW_HISTOGRAM_OCTAVES + 1) << CW_HISTOGRAM_SUB_BITS,
};

struct cw_histogram {
    uint64_t count;
    uint64_t sum_ns;
    uint64_t most_ns;
    uint64_t buckets[CW_HISTOGRAM_BUCKETS];
};

void cw_histogram_add(struct cw_histogram *h, uint64_t ns);
void cw_histogram_merge(struct cw_histogram *h, const struct cw_histogram *other);
/* The value that share (0 to 1) of the entries do not exceed, at its bucket's upper edge; 0 when empty. */
uint64_t cw_histogram_at(const struct cw_histogram *h, double share);

#endif
