/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/count.h"

void cw_latency_add(struct cw_latency *l, uint32_t ms)
{
    static const uint32_t edges[CW_LATENCY_BUCKETS - 1] = CW_LATENCY_EDGES;
    unsigned i = 0;
    while (i < CW_LATENCY_BUCKETS - 1 && ms > edges[i])
        i++;
    l->buckets[i]++;
    l->sum_ms += ms;
}
