/* SPDX-License-Identifier: Apache-2.0 */
/* bench/load/run.h - one run: the processes, the phases, the samples, the result.
 *
 * Owner:     the caller's options must outlive the call.
 * Thread:    the first process's only one.
 * Errors:    an exit status of sysexits.h, 0 when the work was done and checked; says why on standard error.
 */
#ifndef CW_BENCH_LOAD_RUN_H
#define CW_BENCH_LOAD_RUN_H

#include "bench/load/load.h"

int cw_run(const struct cw_options *o);

#endif
