/* SPDX-License-Identifier: Apache-2.0 */
/* bench/load/usage.h - what processes use, by the kernel's own accounts.
 *
 * Owner:     values only.
 * Thread:    any.
 * Units:     seconds, bytes.
 * Errors:    a process that is gone counts as nothing.
 */
#ifndef CW_BENCH_LOAD_USAGE_H
#define CW_BENCH_LOAD_USAGE_H

#include <stdbool.h>
#include <sys/types.h>

struct cw_usage {
    double cpu_s;        /* of the processes, all their threads and children */
    double memory_bytes; /* proportional set size */
    double own_bytes;    /* of it, what no file is behind: libraries are shared with others */
    double descriptors;
};

bool cw_usage_exists(pid_t pid);
struct cw_usage cw_usage_of(const pid_t *pids, unsigned count);
double cw_usage_cpu_s(const pid_t *pids, unsigned count);
/* Memory that the kernel holds in slabs, machine-wide. */
double cw_usage_slab_bytes(void);

#endif
