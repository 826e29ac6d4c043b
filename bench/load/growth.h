/* SPDX-License-Identifier: Apache-2.0 */
/* bench/load/growth.h - whether a relay has come to hold more than it did, once the load was taken from it.
 *
 * Owner:     a value.
 * Thread:    one.
 * Units:     bytes of memory that no file is behind, descriptors. What other processes share of the libraries, and
 *            with it the PSS, changes by 5 MB when another engine starts or ends.
 *
 * Looked at twice, after the warm-up and at the end, each time after CW_GROWTH_CALM_S without load: while handshakes
 * are under way they take 50 KB each, so what is seen under load is how busy the machine is. In the calm the engine
 * gives back what it does not use (each 300 ms).
 *
 * Memory may be 5 % and one huge page (2 MiB: what a pool takes and gives back at once) above the first look, and
 * descriptors 1 % and 4. That is small a connection: at 200 a second 30 minutes make 360,000, so the 2.3 MB that a
 * process of 5 MB may gain are 7 bytes a connection, and four descriptors one in 90,000.
 */
#ifndef CW_BENCH_LOAD_GROWTH_H
#define CW_BENCH_LOAD_GROWTH_H

#include <stdbool.h>
#include <stddef.h>

#include "bench/load/usage.h"

enum { CW_GROWTH_CALM_S = 8 };

struct cw_growth {
    struct cw_usage first, last;
    double bytes_peak; /* under load */
};

/* False, with why: it grew. */
bool cw_growth_is_none(const struct cw_growth *g, char *why, size_t why_size);

#endif
