/* SPDX-License-Identifier: Apache-2.0 */
/* The decoder's kernels of photographs with WebAssembly SIMD; the rest of a row is left to the C version. */
#include <stddef.h>
#include <wasm_simd128.h>

#include "codec/dsp.h"
#include "codec/photo_model.h"

static struct cw_dsp plain_c(void)
{
    struct cw_dsp c;
    cw_dsp_fill_c_photo(&c);
    return c;
}

static v128_t magnitudes_at(const uint8_t *folded)
{
    v128_t magnitudes = wasm_u8x16_avgr(wasm_v128_load(folded), wasm_i8x16_const_splat(0));
    return wasm_u8x16_min(magnitudes, wasm_i8x16_const_splat(CW_PHOTO_MAGNITUDE_MAX));
}

static CW_DECL_PHOTO_ABOVE(photo_above_simd128)
{
    uint32_t x = 0;
    for (; x + 16 <= width_px; x += 16) {
        v128_t m = magnitudes_at(folded + x);
        v128_t sides = wasm_i8x16_add(magnitudes_at(folded + x - 1), magnitudes_at(folded + x + 1));
        wasm_v128_store(activities + x, wasm_i8x16_add(wasm_i8x16_add(m, m), sides));
    }
    plain_c().photo_above(folded + x, width_px - x, activities + x);
}

static v128_t unfold(v128_t v)
{
    v128_t odd = wasm_v128_and(v, wasm_i8x16_const_splat(1));
    return wasm_v128_xor(wasm_u8x16_shr(v, 1), wasm_i8x16_neg(odd));
}

/* Residuals of 16 pixels become pixels, one after the other, three channels at once. */
static CW_DECL_PHOTO_LINE(photo_line_simd128)
{
    const v128_t zero = wasm_i8x16_const_splat(0);
    v128_t w = wasm_v128_load32_zero(line - 4);
    v128_t corner = wasm_v128_load32_zero(above - 4);
    uint32_t x = 0;
    for (; x + 16 <= width_px; x += 16) {
        v128_t a = unfold(wasm_v128_load(q + x));
        v128_t b = unfold(wasm_v128_load(p + x));
        v128_t c = unfold(wasm_v128_load(s + x));
        v128_t low =
            wasm_i8x16_shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        v128_t high =
            wasm_i8x16_shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        v128_t third_low =
            wasm_i8x16_shuffle(c, zero, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        v128_t third_high = wasm_i8x16_shuffle(c, zero, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13,
                                               29, 14, 30, 15, 31);
        uint8_t *out = line + (size_t)4 * x;
        wasm_v128_store(out, wasm_i16x8_shuffle(low, third_low, 0, 8, 1, 9, 2, 10, 3, 11));
        wasm_v128_store(out + 16, wasm_i16x8_shuffle(low, third_low, 4, 12, 5, 13, 6, 14, 7, 15));
        wasm_v128_store(out + 32, wasm_i16x8_shuffle(high, third_high, 0, 8, 1, 9, 2, 10, 3, 11));
        wasm_v128_store(out + 48, wasm_i16x8_shuffle(high, third_high, 4, 12, 5, 13, 6, 14, 7, 15));
        for (unsigned i = 0; i < 64; i += 4) {
            v128_t n = wasm_v128_load32_zero(above + (size_t)4 * x + i);
            v128_t sum = wasm_i8x16_add(wasm_i8x16_add(n, wasm_v128_load32_zero(out + i)), w);
            v128_t least = wasm_u8x16_min(w, n);
            v128_t most = wasm_u8x16_max(w, n);
            w = wasm_i8x16_sub(sum, wasm_u8x16_min(wasm_u8x16_max(corner, least), most));
            corner = n;
            wasm_v128_store32_lane(out + i, w, 0);
        }
    }
    plain_c().photo_line(line + (size_t)4 * x, above + (size_t)4 * x, width_px - x, p + x, q + x,
                         s + x);
}

static CW_DECL_PHOTO_PIXELS(photo_from_green_simd128)
{
    const v128_t zero = wasm_i8x16_const_splat(0);
    const v128_t middle = wasm_i32x4_const_splat(0x00800080);
    uint32_t x = 0;
    for (; x + 4 <= width_px; x += 4) {
        v128_t v =
            wasm_v128_and(wasm_v128_load(line + (size_t)4 * x), wasm_i32x4_const_splat(0x00ffffff));
        v128_t green =
            wasm_i8x16_shuffle(v, zero, 1, 16, 1, 16, 5, 16, 5, 16, 9, 16, 9, 16, 13, 16, 13, 16);
        wasm_v128_store(out + (size_t)4 * x, wasm_i8x16_add(wasm_v128_xor(v, middle), green));
    }
    plain_c().photo_from_green(out + (size_t)4 * x, line + (size_t)4 * x, width_px - x);
}

static CW_DECL_PHOTO_PIXELS(photo_from_luma_simd128)
{
    const v128_t zero = wasm_i8x16_const_splat(0);
    const v128_t middle = wasm_i32x4_const_splat(0x0000c080);
    uint32_t x = 0;
    for (; x + 4 <= width_px; x += 4) {
        v128_t v = wasm_v128_load(line + (size_t)4 * x);
        v128_t h = wasm_u8x16_shr(v, 1);
        v128_t luma =
            wasm_i8x16_shuffle(v, zero, 1, 1, 1, 16, 5, 5, 5, 16, 9, 9, 9, 16, 13, 13, 13, 16);
        v128_t whole =
            wasm_i8x16_shuffle(v, zero, 16, 2, 0, 16, 16, 6, 4, 16, 16, 10, 8, 16, 16, 14, 12, 16);
        v128_t half_s =
            wasm_i8x16_shuffle(h, zero, 2, 2, 2, 16, 6, 6, 6, 16, 10, 10, 10, 16, 14, 14, 14, 16);
        v128_t half_q =
            wasm_i8x16_shuffle(h, zero, 0, 16, 0, 16, 4, 16, 4, 16, 8, 16, 8, 16, 12, 16, 12, 16);
        v128_t sum = wasm_i8x16_add(luma, whole);
        v128_t less = wasm_i8x16_add(half_s, half_q);
        wasm_v128_store(out + (size_t)4 * x, wasm_i8x16_add(wasm_i8x16_sub(sum, less), middle));
    }
    plain_c().photo_from_luma(out + (size_t)4 * x, line + (size_t)4 * x, width_px - x);
}

void cw_dsp_fill_simd128_photo(struct cw_dsp *dsp)
{
    dsp->photo_above = photo_above_simd128;
    dsp->photo_line = photo_line_simd128;
    dsp->photo_from_green = photo_from_green_simd128;
    dsp->photo_from_luma = photo_from_luma_simd128;
}
