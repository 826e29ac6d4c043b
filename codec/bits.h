/* SPDX-License-Identifier: Apache-2.0 */
/* codec/bits.h - rows of bits, 64 to a word, the lowest first.
 *
 * Owner:     the caller's words.
 * Thread:    any.
 * Units:     bits.
 * Errors:    none.
 */
#ifndef CW_CODEC_BITS_H
#define CW_CODEC_BITS_H

#include <stdbool.h>
#include <stdint.h>

static inline bool cw_bit_at(const uint64_t *bits, uint32_t i)
{
    return (bits[i / 64] >> (i % 64) & 1) != 0;
}

/* Bits [from, to) become 0. */
static inline void cw_bits_clear(uint64_t *bits, uint32_t from, uint32_t to)
{
    while (from < to) {
        uint32_t count = 64 - from % 64 < to - from ? 64 - from % 64 : to - from;
        bits[from / 64] &=
            ~((count == 64 ? ~(uint64_t)0 : ((uint64_t)1 << count) - 1) << from % 64);
        from += count;
    }
}

#endif
