/* SPDX-License-Identifier: Apache-2.0 */
/* codec/moving_simd.h - the kernels of moving pictures in vectors of 128 bits, for SSE4.1 and WebAssembly alike. The
 * includer defines the operations.
 *
 * Owner:     the caller of each kernel.
 * Thread:    any.
 * Units:     as codec/moving_dsp.h.
 * Errors:    none.
 * Invariant: as codec/moving_dsp.h: bytes of the C level, no access beyond the samples named.
 *
 * Those of codec/x86/vec.h (perhaps codec/x86/vec_wide_256.h) or codec/wasm/vec.h, and v_scale (levels to
 * coefficients), v_dot8 (sums of two products of bytes without sign and bytes with sign, the same two in all pairs) and
 * v_turn4 (transposes the 4 x 4 bytes of a vector).
 */
#ifndef CW_CODEC_MOVING_SIMD_H
#define CW_CODEC_MOVING_SIMD_H

#include <string.h>

#include "codec/vec_block.h"
#include "codec/vec_wide.h"

/* The inverse transform of columns. */
static inline void inverse_columns(vec r[8], int shift)
{
    const int16_t(*m)[CW_MOVING_BLOCK] = cw_moving_cosines;
    wide p04 = w_beside(r[0], r[4]);
    wide p26 = w_beside(r[2], r[6]);
    wide p13 = w_beside(r[1], r[3]);
    wide p57 = w_beside(r[5], r[7]);
#pragma GCC unroll 4
    for (unsigned y = 0; y < 4; y++) {
        wide even =
            w_add(w_dot(p04, w_pair(m[0][y], m[4][y])), w_dot(p26, w_pair(m[2][y], m[6][y])));
        wide odd =
            w_add(w_dot(p13, w_pair(m[1][y], m[3][y])), w_dot(p57, w_pair(m[5][y], m[7][y])));
        even = w_add(even, w_set(1 << (shift - 1)));
        r[y] = w_narrow(w_add(even, odd), shift);
        r[7 - y] = w_narrow(w_sub(even, odd), shift);
    }
}

/* Adds eight rows of residual to a block. */
static inline void add_rows(const vec r[8], uint8_t *out, size_t stride)
{
    for (unsigned y = 0; y < 8; y++, out += stride) {
        vec v = v_add16(v_low8(v_load8(out), v_set16(0)), r[y]);
        v_store8(out, v_pack16(v, v));
    }
}

static inline CW_DECL_MOVING_INVERSE(inverse_128)
{
    vec r[8];
    for (unsigned k = 0; k < 8; k++)
        r[k] = v_scale(v_load(levels + (size_t)8 * k), step);
    inverse_columns(r, 7);
    transpose(r);
    inverse_columns(r, 11);
    transpose(r);
    add_rows(r, out, stride);
}

/* Eight samples filtered; next is the way to their neighbours. */
static inline vec filter8(const uint8_t *in, size_t next, const vec taps[3])
{
    in -= CW_MOVING_TAPS_BEFORE * next;
    vec a = v_dot8(v_low8(v_load8(in), v_load8(in + next)), taps[0]);
    vec b = v_dot8(v_low8(v_load8(in + 2 * next), v_load8(in + 3 * next)), taps[1]);
    vec c = v_dot8(v_low8(v_load8(in + 4 * next), v_load8(in + 5 * next)), taps[2]);
    vec sum = v_sar16(v_add16(v_add16(a, b), v_add16(c, v_set16(32))), 6);
    return v_pack16(sum, sum);
}

static inline void load_taps(uint32_t fraction, vec taps[3])
{
    for (unsigned i = 0; i < 3; i++) {
        const int8_t *t = cw_moving_taps[fraction] + (size_t)2 * i;
        taps[i] = v_set16((int16_t)((uint8_t)t[0] | (uint8_t)t[1] << 8));
    }
}

/* Filters width x rows samples. */
static inline void filter_block(uint8_t *out, size_t out_stride, const uint8_t *in,
                                size_t in_stride, uint32_t width, uint32_t rows, size_t next,
                                uint32_t fraction)
{
    vec taps[3];
    load_taps(fraction, taps);
    for (uint32_t y = 0; y < rows; y++, out += out_stride, in += in_stride)
        for (uint32_t x = 0; x < width; x += 8)
            v_store8(out + x, filter8(in + x, next, taps));
}

static inline CW_DECL_MOVING_PREDICT(predict_128)
{
    uint8_t rows[(CW_MOVING_BLOCK * 2 + CW_MOVING_TAPS) * 16];
    if (fx == 0 && fy == 0) {
        for (uint32_t y = 0; y < size; y++, out += out_stride, in += in_stride)
            for (uint32_t x = 0; x < size; x += 8)
                v_store8(out + x, v_load8(in + x));
    } else if (fy == 0) {
        filter_block(out, out_stride, in, in_stride, size, size, 1, fx);
    } else if (fx == 0) {
        filter_block(out, out_stride, in, in_stride, size, size, in_stride, fy);
    } else {
        filter_block(rows, 16, in - CW_MOVING_TAPS_BEFORE * in_stride, in_stride, size,
                     size + CW_MOVING_TAPS - 1, 1, fx);
        filter_block(out, out_stride, rows + (size_t)CW_MOVING_TAPS_BEFORE * 16, 16, size, size, 16,
                     fy);
    }
}

/* Eight lines of an edge, as words: p0 and q0 changed. */
static inline void smooth8(vec p1, vec *p0, vec *q0, vec q1, const struct cw_moving_smoothing *s)
{
    const vec zero = v_set16(0);
    vec across = v_sub16(*q0, *p0);
    vec before = v_sub16(p1, *p0);
    vec behind = v_sub16(q1, *q0);
    vec most = v_set16(s->change);
    vec slope =
        v_max16(v_max16(before, v_sub16(zero, before)), v_max16(behind, v_sub16(zero, behind)));
    vec wanted = v_and(v_gt16(v_set16(s->step), v_max16(across, v_sub16(zero, across))),
                       v_gt16(v_set16(s->slope), slope));
    vec change = v_add16(v_add16(v_shl16(across, 2), v_sub16(p1, q1)), v_set16(4));
    change = v_min16(v_max16(v_sar16(change, 3), v_sub16(zero, most)), most);
    change = v_and(change, wanted);
    *p0 = v_add16(*p0, change);
    *q0 = v_sub16(*q0, change);
}

static inline CW_DECL_MOVING_SMOOTH(smooth_down_128)
{
    const vec zero = v_set16(0);
    vec p1 = v_low8(v_load8(out - 2 * stride), zero);
    vec p0 = v_low8(v_load8(out - stride), zero);
    vec q0 = v_low8(v_load8(out), zero);
    vec q1 = v_low8(v_load8(out + stride), zero);
    smooth8(p1, &p0, &q0, q1, s);
    v_store8(out - stride, v_pack16(p0, p0));
    v_store8(out, v_pack16(q0, q0));
}

static inline CW_DECL_MOVING_SMOOTH(smooth_across_128)
{
    const vec zero = v_set16(0);
    uint8_t lines[32];
    uint8_t pairs[16];
    for (size_t i = 0; i < 8; i++)
        memcpy(lines + 4 * i, out + i * stride - 2, 4);
    vec a = v_turn4(v_load(lines));
    vec b = v_turn4(v_load(lines + 16));
    vec p = v_low32(a, b);
    vec q = v_high32(a, b);
    vec p0 = v_high8(p, zero);
    vec q0 = v_low8(q, zero);
    smooth8(v_low8(p, zero), &p0, &q0, v_high8(q, zero), s);
    v_store(pairs, v_low8(v_pack16(p0, p0), v_pack16(q0, q0)));
    for (size_t i = 0; i < 8; i++)
        memcpy(out + i * stride - 1, pairs + 2 * i, 2);
}

/* Eight samples of each plane as words B, G, R. */
static inline void join8(vec y, vec u, vec v, vec bgr[3])
{
    vec d = v_sub16(v, v_set16(128));
    vec c = v_sub16(u, v_set16(128));
    vec rest = v_sub16(y, d);
    bgr[0] = v_sub16(rest, c);
    bgr[1] = v_add16(y, d);
    bgr[2] = v_add16(rest, c);
}

static inline CW_DECL_MOVING_JOIN(join_128)
{
    const vec zero = v_set16(0);
    uint32_t x = 0;
    for (; x + 16 <= width_px; x += 16, out += 64) {
        vec py = v_load(y + x);
        vec pu = v_load(u + x);
        vec pv = v_load(v + x);
        vec low[3];
        vec high[3];
        vec c[3];
        join8(v_low8(py, zero), v_low8(pu, zero), v_low8(pv, zero), low);
        join8(v_high8(py, zero), v_high8(pu, zero), v_high8(pv, zero), high);
        for (unsigned i = 0; i < 3; i++)
            c[i] = v_pack16(low[i], high[i]);
        vec bg = v_low8(c[0], c[1]);
        vec rx = v_low8(c[2], zero);
        v_store(out, v_low16(bg, rx));
        v_store(out + 16, v_high16(bg, rx));
        bg = v_high8(c[0], c[1]);
        rx = v_high8(c[2], zero);
        v_store(out + 32, v_low16(bg, rx));
        v_store(out + 48, v_high16(bg, rx));
    }
    if (x < width_px) {
        struct cw_moving_dsp c;
        cw_moving_fill_c(&c);
        c.join(out, width_px - x, y + x, u + x, v + x);
    }
}

#endif
