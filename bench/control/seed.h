/* SPDX-License-Identifier: Apache-2.0 */
/* bench/control/seed.h - a store as large as an appliance gets, written with control's own store. */
#ifndef CW_BENCH_CONTROL_SEED_H
#define CW_BENCH_CONTROL_SEED_H

#include <stdint.h>

/* Control is stopped and has one account. Jump Items 1 to items; sessions 1 to sessions with the first of them, each
 * with a representative and the computer, a resume ticket for both, and two lines of chat. */
int seed_store(const char *control_dir, uint32_t items, uint32_t sessions);

#endif
