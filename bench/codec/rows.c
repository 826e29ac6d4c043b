/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/codec/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void samples_add(struct samples *s, double value)
{
    if (s->count < SAMPLES_MAX)
        s->values[s->count++] = value;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The value that a part p of all lies below. */
static double percentile(const struct samples *s, double p)
{
    struct samples sorted = *s;
    if (s->count == 0)
        return 0;
    qsort(sorted.values, sorted.count, sizeof(sorted.values[0]), compare);
    uint32_t at = (uint32_t)((double)sorted.count * p);
    return sorted.values[at < sorted.count ? at : sorted.count - 1];
}

double samples_median(const struct samples *s)
{
    return percentile(s, 0.5);
}

double samples_spread(const struct samples *s)
{
    double middle = percentile(s, 0.5);
    return middle > 0 ? (percentile(s, 0.75) - percentile(s, 0.25)) / middle : 0;
}

void row_print_json(const struct row *row, const struct samples *s)
{
    (void)printf("{\"by\": \"%s\", \"measure\": \"%s\", \"value\": %.6g, \"unit\": \"%s\", "
                 "\"better\": \"%s\", \"lossy\": %s, \"runs\": %u, \"spread\": %.3f}\n",
                 row->by, row->measure, samples_median(s), row->unit,
                 row->is_more_better ? "higher" : "lower", row->is_lossy ? "true" : "false",
                 s->count, samples_spread(s));
}
