/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/load/growth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double memory_share = 0.05;
static const double memory_bytes = 2 * 1024 * 1024;
static const double descriptors_share = 0.01;
static const double descriptors_few = 4;

void cw_growth_add(struct cw_growth *g, double bytes, double descriptors)
{
    if (g->count == CW_GROWTH_LOOKS)
        return;
    g->bytes[g->count] = bytes;
    g->descriptors[g->count] = descriptors;
    g->count++;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const double *values, unsigned count)
{
    double sorted[CW_GROWTH_LOOKS];
    memcpy(sorted, values, count * sizeof *values);
    qsort(sorted, count, sizeof *sorted, compare);
    return count % 2 != 0 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}

struct cw_growth_state cw_growth_state(const struct cw_growth *g)
{
    struct cw_growth_state s = {0};
    if (g->count < CW_GROWTH_LOOKS_MIN)
        return s;
    unsigned quarter = g->count / 4;
    unsigned last = g->count - quarter;
    s.bytes_first = median(g->bytes, quarter);
    s.bytes_last = median(g->bytes + last, quarter);
    s.descriptors_first = median(g->descriptors, quarter);
    s.descriptors_last = median(g->descriptors + last, quarter);
    for (unsigned i = 0; i < g->count; i++)
        s.bytes_peak = g->bytes[i] > s.bytes_peak ? g->bytes[i] : s.bytes_peak;
    return s;
}

bool cw_growth_is_none(const struct cw_growth *g, char *why, size_t why_size)
{
    struct cw_growth_state s = cw_growth_state(g);
    double bytes_most = s.bytes_first * (1 + memory_share) + memory_bytes;
    double descriptors_most = s.descriptors_first * (1 + descriptors_share) + descriptors_few;
    if (g->count < CW_GROWTH_LOOKS_MIN)
        (void)snprintf(
            why, why_size,
            "the relay was looked at %u times, too few to tell whether it grows: measure "
            "for longer",
            g->count);
    else if (s.bytes_last > bytes_most)
        (void)snprintf(why, why_size,
                       "the relay's memory grew from %.1f to %.1f MB (%.1f MB would be good)",
                       s.bytes_first / 1e6, s.bytes_last / 1e6, bytes_most / 1e6);
    else if (s.descriptors_last > descriptors_most)
        (void)snprintf(why, why_size,
                       "the relay's descriptors grew from %.0f to %.0f (%.0f would be good)",
                       s.descriptors_first, s.descriptors_last, descriptors_most);
    else
        return true;
    return false;
}
