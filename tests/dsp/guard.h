/* SPDX-License-Identifier: Apache-2.0 */
/* tests/dsp/guard.h - buffers between pages that may not be touched, and data to fill them with, for a program that
 * compares kernels: one that reads or writes a byte too many dies, or changes a canary.
 */
#ifndef CW_TESTS_DSP_GUARD_H
#define CW_TESTS_DSP_GUARD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/random.h"

enum { GUARD_BUFFERS_MAX = 16, GUARD_CANARY = 0xA7 };

static struct {
    uint8_t *first[GUARD_BUFFERS_MAX]; /* the bytes between two forbidden pages */
    size_t bytes;
} guard;

/* Buffers 0 to count - 1, of as many whole pages as hold so many bytes. */
static inline void guard_new(unsigned count, size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    guard.bytes = (bytes + page - 1) / page * page;
    for (unsigned i = 0; i < count && i < GUARD_BUFFERS_MAX; i++) {
        uint8_t *p = mmap(NULL, guard.bytes + 2 * page, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED || mprotect(p, page, PROT_NONE) != 0 ||
            mprotect(p + page + guard.bytes, page, PROT_NONE) != 0) {
            perror("guard pages");
            exit(1);
        }
        guard.first[i] = p + page;
    }
}

/* Room for bytes at one end of buffer i; the rest of it is canaries. */
static inline void *place(unsigned i, size_t bytes, bool at_end)
{
    memset(guard.first[i], GUARD_CANARY, guard.bytes);
    return at_end ? guard.first[i] + guard.bytes - bytes : guard.first[i];
}

/* Two buffers are the same, canaries and all. */
static inline bool same(unsigned a, unsigned b)
{
    return memcmp(guard.first[a], guard.first[b], guard.bytes) == 0;
}

#endif
