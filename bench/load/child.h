/* SPDX-License-Identifier: Apache-2.0 */
/* bench/load/child.h - what a load process does after it was started.
 *
 * Owner:     the caller owns l, of which options, shared, tally, keys and index are set.
 * Thread:    the process's only one.
 * Errors:    through cw_load_fail.
 */
#ifndef CW_BENCH_LOAD_CHILD_H
#define CW_BENCH_LOAD_CHILD_H

#include "bench/load/load.h"

/* Returns when the phase is CW_PHASE_STOP, or when it cannot start. */
void cw_child_run(struct cw_load *l);

#endif
