/* SPDX-License-Identifier: Apache-2.0 */
/* codec/jpeg_simd.h - JPEG's transforms and a row's way back to pixels in vectors of 128 bits, for x86 and WebAssembly
 * alike: a transform is sixteen multiply-adds of pairs a half row, exact in 32 bits.
 *
 * Owner:     the caller of each kernel.
 * Thread:    any.
 * Units:     as codec/dsp.h.
 * Errors:    none.
 * Invariant: as codec/dsp.h: bytes of the C level, no access beyond the samples named.
 *
 * The includer has the operations of codec/x86/vec.h or codec/wasm/vec.h, and may have codec/x86/vec_wide_256.h.
 */
#ifndef CW_CODEC_JPEG_SIMD_H
#define CW_CODEC_JPEG_SIMD_H

#include "codec/dsp.h"
#include "codec/jpeg_transform.h"
#include "codec/vec_block.h"
#include "codec/vec_wide.h"

static const int16_t matrix[4][8] = CW_DCT_MATRIX;

static inline void forward_pass(vec v[8], int shift)
{
    vec part[2][4];
#pragma GCC unroll 4
    for (unsigned n = 0; n < 4; n++) {
        part[0][n] = v_add16(v[n], v[7 - n]);
        part[1][n] = v_sub16(v[n], v[7 - n]);
    }
#pragma GCC unroll 2
    for (unsigned odd = 0; odd < 2; odd++) {
        wide p = w_beside(part[odd][0], part[odd][1]);
        wide q = w_beside(part[odd][2], part[odd][3]);
#pragma GCC unroll 4
        for (unsigned k = odd; k < 8; k += 2) {
            wide sum = w_add(w_dot(p, w_pair(matrix[0][k], matrix[1][k])),
                             w_dot(q, w_pair(matrix[2][k], matrix[3][k])));
            v[k] = w_narrow(w_add(sum, w_set(1 << (shift - 1))), shift);
        }
    }
}

static inline void inverse_pass(vec v[8], int32_t bias, int shift)
{
    wide p02 = w_beside(v[0], v[2]);
    wide p46 = w_beside(v[4], v[6]);
    wide p13 = w_beside(v[1], v[3]);
    wide p57 = w_beside(v[5], v[7]);
#pragma GCC unroll 4
    for (unsigned n = 0; n < 4; n++) {
        const int16_t *m = matrix[n];
        wide even = w_add(w_dot(p02, w_pair(m[0], m[2])), w_dot(p46, w_pair(m[4], m[6])));
        wide odd = w_add(w_dot(p13, w_pair(m[1], m[3])), w_dot(p57, w_pair(m[5], m[7])));
        even = w_add(even, w_set(bias));
        v[n] = w_narrow(w_add(even, odd), shift);
        v[7 - n] = w_narrow(w_sub(even, odd), shift);
    }
}

static inline CW_DECL_FDCT(fdct_128)
{
    vec v[8];
#pragma GCC unroll 8
    for (unsigned i = 0; i < 8; i++)
        v[i] = v_sub16(v_widen8(in + (size_t)i * stride), v_set16(128));
    forward_pass(v, CW_FDCT_COLUMN_SHIFT);
    transpose(v);
    forward_pass(v, CW_FDCT_ROW_SHIFT);
    transpose(v);
#pragma GCC unroll 8
    for (unsigned i = 0; i < 8; i++)
        v_store(coef + (size_t)8 * i, v[i]);
}

static inline CW_DECL_IDCT(idct_128)
{
    vec v[8];
#pragma GCC unroll 8
    for (unsigned i = 0; i < 8; i++)
        v[i] = v_load(coef + (size_t)8 * i);
    inverse_pass(v, 1 << (CW_IDCT_COLUMN_SHIFT - 1), CW_IDCT_COLUMN_SHIFT);
    transpose(v);
    inverse_pass(v, (1 << (CW_IDCT_ROW_SHIFT - 1)) + (128 << CW_IDCT_ROW_SHIFT), CW_IDCT_ROW_SHIFT);
    transpose(v);
#pragma GCC unroll 8
    for (unsigned i = 0; i < 8; i++)
        v_store8(out + (size_t)i * stride, v_pack16(v[i], v[i]));
}

static inline CW_DECL_FROM_YCC_ROW(from_ycc_row_128)
{
    const vec middle = v_set16(128);
    uint32_t x = 0;
    for (; x + 8 <= width_px; x += 8) {
        vec luma = v_widen8(y + x);
        /* Doubled: then a rounding multiply by a factor of 14 bits shifts by 15. */
        vec b = v_shl16(v_sub16(v_widen8(cb + x), middle), 1);
        vec r = v_shl16(v_sub16(v_widen8(cr + x), middle), 1);
        vec blue = v_add16(v_add16(luma, b), v_scale16(b, v_set16(CW_B_FROM_CB)));
        vec green = v_add16(v_add16(luma, v_scale16(b, v_set16(CW_G_FROM_CB))),
                            v_scale16(r, v_set16(CW_G_FROM_CR)));
        vec red = v_add16(v_add16(luma, v_sar16(r, 1)), v_scale16(r, v_set16(CW_R_FROM_CR)));
        vec bg = v_low8(v_pack16(blue, blue), v_pack16(green, green));
        vec rx = v_low8(v_pack16(red, red), v_set16(0));
        v_store(out + (size_t)4 * x, v_low16(bg, rx));
        v_store(out + (size_t)4 * x + 16, v_high16(bg, rx));
    }
    if (x < width_px) {
        struct cw_dsp c;
        cw_dsp_fill_c_jpeg(&c);
        c.from_ycc_row(out + (size_t)4 * x, width_px - x, y + x, cb + x, cr + x);
    }
}

#endif
