/* SPDX-License-Identifier: Apache-2.0 */
/* tests/random.h - numbers without order, the same in each run. */
#ifndef CW_TESTS_RANDOM_H
#define CW_TESTS_RANDOM_H

#include <stdint.h>

static uint64_t random_state = 0x9E3779B97F4A7C15U;

static inline uint32_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32);
}

#endif
