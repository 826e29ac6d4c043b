/* SPDX-License-Identifier: Apache-2.0 */
/* codec/vec_wide.h - eight numbers of 32 bits, as two vectors of 128 bits: the sums of transforms.
 *
 * Owner:     none.
 * Thread:    any.
 * Units:     numbers of 32 bits, from words of 16.
 * Errors:    none.
 * Invariant: the includer has the operations of codec/x86/vec.h or codec/wasm/vec.h; codec/x86/vec_wide_256.h has the
 *            same in one vector and takes the place of this.
 */
#ifndef CW_CODEC_VEC_WIDE_H
#define CW_CODEC_VEC_WIDE_H

#ifndef CW_VEC_WIDE_256
typedef struct {
    vec low, high;
} wide;

/* A number in all places. */
static inline wide w_set(int32_t v)
{
    return (wide){v_set32(v), v_set32(v)};
}

/* Two factors for each pair of words. */
static inline wide w_pair(int16_t first, int16_t second)
{
    return w_set((int32_t)((uint32_t)(uint16_t)second << 16 | (uint16_t)first));
}

/* Word i of a beside word i of b. */
static inline wide w_beside(vec a, vec b)
{
    return (wide){v_low16(a, b), v_high16(a, b)};
}

static inline wide w_add(wide a, wide b)
{
    return (wide){v_add32(a.low, b.low), v_add32(a.high, b.high)};
}

static inline wide w_sub(wide a, wide b)
{
    return (wide){v_sub32(a.low, b.low), v_sub32(a.high, b.high)};
}

/* Of each pair of words, the sum of its products with the factors. */
static inline wide w_dot(wide pairs, wide factors)
{
    return (wide){v_dot16(pairs.low, factors.low), v_dot16(pairs.high, factors.high)};
}

/* Shifted down, as words, saturated. */
static inline vec w_narrow(wide v, int shift)
{
    return v_pack32(v_sar32(v.low, shift), v_sar32(v.high, shift));
}
#endif

#endif
