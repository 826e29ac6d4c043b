/* SPDX-License-Identifier: Apache-2.0 */
/* What a JPEG decoder needs, with WebAssembly SIMD. */
#include <stddef.h>
#include <wasm_simd128.h>

#include "codec/dsp.h"
#include "codec/jpeg_transform.h"

static const int16_t matrix[4][8] = CW_DCT_MATRIX;

static v128_t pair(int16_t first, int16_t second)
{
    return wasm_i32x4_splat((int32_t)((uint32_t)(uint16_t)second << 16 | (uint16_t)first));
}

static v128_t low16(v128_t a, v128_t b)
{
    return wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

static v128_t high16(v128_t a, v128_t b)
{
    return wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

static void transpose(v128_t v[8])
{
    v128_t a[8];
    v128_t b[8];
    for (unsigned i = 0; i < 4; i++) {
        a[2 * i] = low16(v[2 * i], v[2 * i + 1]);
        a[2 * i + 1] = high16(v[2 * i], v[2 * i + 1]);
    }
    for (unsigned i = 0; i < 8; i += 4) {
        b[i] = wasm_i32x4_shuffle(a[i], a[i + 2], 0, 4, 1, 5);
        b[i + 1] = wasm_i32x4_shuffle(a[i], a[i + 2], 2, 6, 3, 7);
        b[i + 2] = wasm_i32x4_shuffle(a[i + 1], a[i + 3], 0, 4, 1, 5);
        b[i + 3] = wasm_i32x4_shuffle(a[i + 1], a[i + 3], 2, 6, 3, 7);
    }
    for (unsigned i = 0; i < 4; i++) {
        v[2 * i] = wasm_i64x2_shuffle(b[i], b[i + 4], 0, 2);
        v[2 * i + 1] = wasm_i64x2_shuffle(b[i], b[i + 4], 1, 3);
    }
}

static v128_t dot(v128_t p, v128_t q, v128_t cp, v128_t cq)
{
    return wasm_i32x4_add(wasm_i32x4_dot_i16x8(p, cp), wasm_i32x4_dot_i16x8(q, cq));
}

static v128_t settle(v128_t low, v128_t high, v128_t bias, uint32_t shift)
{
    return wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(wasm_i32x4_add(low, bias), shift),
                                   wasm_i32x4_shr(wasm_i32x4_add(high, bias), shift));
}

static void inverse_pass(v128_t v[8], int32_t bias_by, uint32_t shift)
{
    const v128_t bias = wasm_i32x4_splat(bias_by);
    v128_t low[4];
    v128_t high[4];
    for (unsigned i = 0; i < 4; i++) { /* pairs (0, 2), (4, 6), (1, 3), (5, 7) */
        unsigned k = 4 * (i % 2) + i / 2;
        low[i] = low16(v[k], v[k + 2]);
        high[i] = high16(v[k], v[k + 2]);
    }
    for (unsigned n = 0; n < 4; n++) {
        const int16_t *m = matrix[n];
        v128_t c02 = pair(m[0], m[2]);
        v128_t c46 = pair(m[4], m[6]);
        v128_t c13 = pair(m[1], m[3]);
        v128_t c57 = pair(m[5], m[7]);
        v128_t even_low = dot(low[0], low[1], c02, c46);
        v128_t even_high = dot(high[0], high[1], c02, c46);
        v128_t odd_low = dot(low[2], low[3], c13, c57);
        v128_t odd_high = dot(high[2], high[3], c13, c57);
        v[n] = settle(wasm_i32x4_add(even_low, odd_low), wasm_i32x4_add(even_high, odd_high), bias,
                      shift);
        v[7 - n] = settle(wasm_i32x4_sub(even_low, odd_low), wasm_i32x4_sub(even_high, odd_high),
                          bias, shift);
    }
}

static CW_DECL_IDCT(idct_simd128)
{
    v128_t v[8];
    for (unsigned i = 0; i < 8; i++)
        v[i] = wasm_v128_load(coef + (size_t)8 * i);
    inverse_pass(v, 1 << (CW_IDCT_COLUMN_SHIFT - 1), CW_IDCT_COLUMN_SHIFT);
    transpose(v);
    inverse_pass(v, (1 << (CW_IDCT_ROW_SHIFT - 1)) + (128 << CW_IDCT_ROW_SHIFT), CW_IDCT_ROW_SHIFT);
    transpose(v);
    for (unsigned i = 0; i < 8; i++)
        wasm_v128_store64_lane(out + (size_t)i * stride, wasm_u8x16_narrow_i16x8(v[i], v[i]), 0);
}

static CW_DECL_FROM_YCC_ROW(from_ycc_row_simd128)
{
    const v128_t middle = wasm_i16x8_splat(128);
    const v128_t zero = wasm_i16x8_const_splat(0);
    uint32_t x = 0;
    for (; x + 8 <= width_px; x += 8) {
        v128_t luma = wasm_u16x8_load8x8(y + x);
        /* Doubled: then a rounding multiply by a factor of 14 bits shifts by 15. */
        v128_t b = wasm_i16x8_shl(wasm_i16x8_sub(wasm_u16x8_load8x8(cb + x), middle), 1);
        v128_t r = wasm_i16x8_shl(wasm_i16x8_sub(wasm_u16x8_load8x8(cr + x), middle), 1);
        v128_t blue = wasm_i16x8_add(wasm_i16x8_add(luma, b),
                                     wasm_i16x8_q15mulr_sat(b, wasm_i16x8_splat(CW_B_FROM_CB)));
        v128_t green = wasm_i16x8_add(
            wasm_i16x8_add(luma, wasm_i16x8_q15mulr_sat(b, wasm_i16x8_splat(CW_G_FROM_CB))),
            wasm_i16x8_q15mulr_sat(r, wasm_i16x8_splat(CW_G_FROM_CR)));
        v128_t red = wasm_i16x8_add(wasm_i16x8_add(luma, wasm_i16x8_shr(r, 1)),
                                    wasm_i16x8_q15mulr_sat(r, wasm_i16x8_splat(CW_R_FROM_CR)));
        v128_t bg = wasm_u8x16_narrow_i16x8(blue, green); /* 8 B, 8 G */
        v128_t rx = wasm_u8x16_narrow_i16x8(red, zero);
        bg = wasm_i8x16_shuffle(bg, bg, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
        rx = wasm_i8x16_shuffle(rx, rx, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
        wasm_v128_store(out + (size_t)4 * x, low16(bg, rx));
        wasm_v128_store(out + (size_t)4 * x + 16, high16(bg, rx));
    }
    if (x < width_px) {
        struct cw_dsp c;
        cw_dsp_fill_c_jpeg(&c);
        c.from_ycc_row(out + (size_t)4 * x, width_px - x, y + x, cb + x, cr + x);
    }
}

void cw_dsp_fill_simd128_jpeg(struct cw_dsp *dsp)
{
    dsp->idct = idct_simd128;
    dsp->from_ycc_row = from_ycc_row_simd128;
}
