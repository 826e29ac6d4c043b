/* SPDX-License-Identifier: Apache-2.0 */
/* bench/load/growth.h - whether a relay under steady load takes more and more: looked at often, judged once.
 *
 * Owner:     a value.
 * Thread:    one.
 * Units:     bytes of memory (PSS), descriptors.
 * Limits:    CW_GROWTH_LOOKS looks, spread evenly over the time that is measured.
 *
 * The state after the warm-up is the median of the first quarter of the looks, the state at the end that of the last
 * quarter: a median, because the load is random and single looks differ by what is under way. Memory may be 5 %
 * and one huge page (2 MiB: what a pool takes and gives back at once) above the first, descriptors 1 % and 4. What is
 * found that way is small a connection: at 300 connections a second, 30 minutes (between the middles of the quarters
 * lie 22) make 400,000, so 10 MB of memory that may come in all are a leak of 8 to 30 bytes a connection, and 30
 * descriptors one in 13,000 connections.
 */
#ifndef CW_BENCH_LOAD_GROWTH_H
#define CW_BENCH_LOAD_GROWTH_H

#include <stdbool.h>
#include <stddef.h>

enum { CW_GROWTH_LOOKS = 64, CW_GROWTH_LOOKS_MIN = 8 };

struct cw_growth {
    double bytes[CW_GROWTH_LOOKS];
    double descriptors[CW_GROWTH_LOOKS];
    unsigned count;
};

struct cw_growth_state {
    double bytes_first, bytes_last, bytes_peak;
    double descriptors_first, descriptors_last;
};

/* Looks beyond CW_GROWTH_LOOKS are not kept. */
void cw_growth_add(struct cw_growth *g, double bytes, double descriptors);
/* With fewer looks than CW_GROWTH_LOOKS_MIN all are zero. */
struct cw_growth_state cw_growth_state(const struct cw_growth *g);
/* False, with why: it grew, or there were too few looks to say. */
bool cw_growth_is_none(const struct cw_growth *g, char *why, size_t why_size);

#endif
