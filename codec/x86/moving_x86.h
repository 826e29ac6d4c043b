/* SPDX-License-Identifier: Apache-2.0 */
/* codec/x86/moving_x86.h - the operations of codec/moving_simd.h on x86, and the encoder's kernels in 128 bits.
 *
 * Owner:     the caller of each kernel.
 * Thread:    any.
 * Units:     as codec/moving_dsp.h.
 * Errors:    none.
 * Invariant: as codec/moving_dsp.h.
 */
#ifndef CW_CODEC_X86_MOVING_X86_H
#define CW_CODEC_X86_MOVING_X86_H

#include "codec/moving_dsp.h"
#include "codec/x86/vec.h"

#if defined(__x86_64__)
/* Levels times the step >> 2, saturated. */
static inline vec v_scale(vec level, uint32_t step)
{
    const vec factor = v_set16((int16_t)step);
    vec low = v_mul16(level, factor);
    vec high = _mm_mulhi_epi16(level, factor);
    return v_pack32(v_sar32(v_low16(low, high), 2), v_sar32(v_high16(low, high), 2));
}

static inline vec v_turn4(vec v)
{
    return v_pick8(v, _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
}

#    include "codec/moving_simd.h"

static inline CW_DECL_MOVING_SAD(sad16_128)
{
    vec sum = v_zero();
    for (unsigned y = 0; y < 16; y++)
        sum = v_add32(sum, v_sad8(v_load(a + y * a_stride), v_load(b + y * b_stride)));
    return (uint32_t)_mm_cvtsi128_si32(sum) + (uint32_t)_mm_extract_epi32(sum, 2);
}

static inline CW_DECL_MOVING_SAD(sad8_128)
{
    vec sum = v_zero();
    for (unsigned y = 0; y < 8; y += 2) {
        vec p = v_low64(v_load8(a + y * a_stride), v_load8(a + (y + 1) * a_stride));
        vec q = v_low64(v_load8(b + y * b_stride), v_load8(b + (y + 1) * b_stride));
        sum = v_add32(sum, v_sad8(p, q));
    }
    return (uint32_t)_mm_cvtsi128_si32(sum) + (uint32_t)_mm_extract_epi32(sum, 2);
}

/* Rows of a - b as words. */
static inline void subtract_rows(const uint8_t *a, size_t a_stride, const uint8_t *b,
                                 size_t b_stride, vec r[8])
{
    for (unsigned y = 0; y < 8; y++)
        r[y] = v_sub16(v_widen8(a + y * a_stride), v_widen8(b + y * b_stride));
}

static inline void forward_columns(vec r[8], int shift)
{
    vec s[4];
    vec d[4];
    for (unsigned i = 0; i < 4; i++) {
        s[i] = v_add16(r[i], r[7 - i]);
        d[i] = v_sub16(r[i], r[7 - i]);
    }
    const wide pairs[2][2] = {{w_beside(s[0], s[1]), w_beside(s[2], s[3])},
                              {w_beside(d[0], d[1]), w_beside(d[2], d[3])}};
#    pragma GCC unroll 8
    for (unsigned k = 0; k < 8; k++) {
        const int16_t *m = cw_moving_cosines[k];
        wide v = w_add(w_dot(pairs[k % 2][0], w_pair(m[0], m[1])),
                       w_dot(pairs[k % 2][1], w_pair(m[2], m[3])));
        r[k] = w_narrow(w_add(v, w_set(1 << (shift - 1))), shift);
    }
}

static inline CW_DECL_MOVING_FORWARD(forward_128)
{
    vec r[8];
    subtract_rows(a, a_stride, b, b_stride, r);
    transpose(r);
    forward_columns(r, 3);
    transpose(r);
    forward_columns(r, 9);
    for (unsigned k = 0; k < 8; k++)
        v_store(coefs + (size_t)8 * k, r[k]);
}

static inline CW_DECL_MOVING_QUANTISE(quantise_128)
{
    const vec round = v_set16((int16_t)q->round);
    const vec reciprocal = v_set16((int16_t)q->reciprocal);
    uint64_t zeros = 0;
    for (unsigned i = 0; i < CW_MOVING_COEFS; i += 16) {
        vec level[2];
        for (unsigned k = 0; k < 2; k++) {
            vec c = v_load(coefs + i + (size_t)8 * k);
            vec size = v_mul16u(v_add16u(v_abs16(c), round), reciprocal);
            level[k] = v_sign16(size, c);
            v_store(levels + i + (size_t)8 * k, level[k]);
        }
        vec none = v_eq8(_mm_packs_epi16(level[0], level[1]), v_zero());
        zeros |= (uint64_t)(uint32_t)v_mask8(none) << i;
    }
    return ~zeros;
}

/* Four vectors of four pixels as bytes B, G and R. */
static inline void take_apart(const uint8_t *in, vec bgr[3])
{
    vec a = v_turn4(v_load(in));
    vec b = v_turn4(v_load(in + 16));
    vec c = v_turn4(v_load(in + 32));
    vec d = v_turn4(v_load(in + 48));
    vec bg_low = v_low32(a, b);
    vec bg_high = v_low32(c, d);
    bgr[0] = v_low64(bg_low, bg_high);
    bgr[1] = v_high64(bg_low, bg_high);
    bgr[2] = v_low64(v_high32(a, b), v_high32(c, d));
}

/* Eight pixels as words to Y, U, V. */
static inline void split8(vec b, vec g, vec r, vec out[3])
{
    vec twice = v_add16(g, g);
    vec ends = v_add16(r, b);
    out[0] = v_sar16(v_add16(v_add16(twice, ends), v_set16(2)), 2);
    out[1] = v_sar16(v_add16(v_sub16(r, b), v_set16(256)), 1);
    out[2] = v_sar16(v_add16(v_sub16(twice, ends), v_set16(512)), 2);
}

static inline CW_DECL_MOVING_SPLIT(split_128)
{
    const vec zero = v_zero();
    uint8_t *to[3] = {y, u, v};
    uint32_t x = 0;
    for (; x + 16 <= width_px; x += 16) {
        vec c[3];
        vec low[3];
        vec high[3];
        take_apart(in + (size_t)4 * x, c);
        split8(v_low8(c[0], zero), v_low8(c[1], zero), v_low8(c[2], zero), low);
        split8(v_high8(c[0], zero), v_high8(c[1], zero), v_high8(c[2], zero), high);
        for (unsigned i = 0; i < 3; i++)
            v_store(to[i] + x, v_pack16(low[i], high[i]));
    }
    if (x < width_px) {
        struct cw_moving_dsp c;
        cw_moving_fill_c(&c);
        c.split(in + (size_t)4 * x, width_px - x, y + x, u + x, v + x);
    }
}

#endif
#endif
