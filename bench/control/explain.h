/* SPDX-License-Identifier: Apache-2.0 */
/* bench/control/explain.h - what an operation costs in the process that has the store. */
#ifndef CW_BENCH_CONTROL_EXPLAIN_H
#define CW_BENCH_CONTROL_EXPLAIN_H

#include <stdint.h>

/* Control is stopped. Explains what the first account may do with each of the items in turn, for `seconds`; prints the
 * processor time of one explanation, of all tools, in microseconds. */
int explain_policies(const char *control_dir, uint32_t items, double seconds);

#endif
