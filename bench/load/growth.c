/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/load/growth.h"

#include <stdio.h>

static const double memory_share = 0.05;
static const double memory_bytes = 2 * 1024 * 1024;
static const double descriptors_share = 0.01;
static const double descriptors_few = 4;

bool cw_growth_is_none(const struct cw_growth *g, char *why, size_t why_size)
{
    double bytes_most = g->first.own_bytes * (1 + memory_share) + memory_bytes;
    double descriptors_most = g->first.descriptors * (1 + descriptors_share) + descriptors_few;
    if (g->last.own_bytes > bytes_most)
        (void)snprintf(why, why_size,
                       "the relay's memory grew from %.1f to %.1f MB (%.1f MB would be good)",
                       g->first.own_bytes / 1e6, g->last.own_bytes / 1e6, bytes_most / 1e6);
    else if (g->last.descriptors > descriptors_most)
        (void)snprintf(why, why_size,
                       "the relay's descriptors grew from %.0f to %.0f (%.0f would be good)",
                       g->first.descriptors, g->last.descriptors, descriptors_most);
    else
        return true;
    return false;
}
