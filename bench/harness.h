/* SPDX-License-Identifier: Apache-2.0 */
/* bench/harness.h - cases in C under Google Benchmark, which repeats and interleaves them.
 *
 * Owner:     the caller's user pointers; they must live until bench_run has returned.
 * Thread:    the main thread.
 * Units:     seconds of processor time.
 * Errors:    a pass that fails has said why on stderr.
 * Limits:    none of its own.
 */
#ifndef CW_BENCH_HARNESS_H
#define CW_BENCH_HARNESS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One pass over a case's work: how long it took, or a negative number when the work or its check failed. */
typedef double (*bench_pass)(void *user);

void bench_add(const char *name, bench_pass pass, void *user);
/* Runs each case so many times, the passes of all cases in a random order. False: a pass failed. */
bool bench_run(uint32_t passes);
/* The processor time of this process and all its threads. */
double bench_cpu_s(void);

#ifdef __cplusplus
}
#endif

#endif
