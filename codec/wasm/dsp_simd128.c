/* SPDX-License-Identifier: Apache-2.0 */
/* The decoder's kernels with WebAssembly SIMD; each ends the row pixel by pixel. */
#include "codec/dsp.h"

#include <stddef.h>
#include <wasm_simd128.h>

/* Sixteen pixels from three plane vectors, as four vectors of B, G, R, 0. */
static void interleave(v128_t g, v128_t b, v128_t r, v128_t out[4])
{
    const v128_t zero = wasm_i8x16_const_splat(0);
    b = wasm_i8x16_add(b, g);
    r = wasm_i8x16_add(r, g);
    v128_t bg_low =
        wasm_i8x16_shuffle(b, g, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    v128_t bg_high =
        wasm_i8x16_shuffle(b, g, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    v128_t rx_low =
        wasm_i8x16_shuffle(r, zero, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    v128_t rx_high =
        wasm_i8x16_shuffle(r, zero, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    out[0] = wasm_i16x8_shuffle(bg_low, rx_low, 0, 8, 1, 9, 2, 10, 3, 11);
    out[1] = wasm_i16x8_shuffle(bg_low, rx_low, 4, 12, 5, 13, 6, 14, 7, 15);
    out[2] = wasm_i16x8_shuffle(bg_high, rx_high, 0, 8, 1, 9, 2, 10, 3, 11);
    out[3] = wasm_i16x8_shuffle(bg_high, rx_high, 4, 12, 5, 13, 6, 14, 7, 15);
}

static CW_DECL_JOIN_ROW(join_row_simd128)
{
    uint32_t x = 0;
    for (; x + 16 <= width_px; x += 16) {
        v128_t v[4];
        interleave(wasm_v128_load(g + x), wasm_v128_load(b + x), wasm_v128_load(r + x), v);
        for (unsigned i = 0; i < 4; i++)
            wasm_v128_store(out + (size_t)4 * x + (size_t)16 * i, v[i]);
    }
    for (; x < width_px; x++) {
        out[4 * x] = (uint8_t)(b[x] + g[x]);
        out[4 * x + 1] = g[x];
        out[4 * x + 2] = (uint8_t)(r[x] + g[x]);
        out[4 * x + 3] = 0;
    }
}

static CW_DECL_JOIN_ROW(join_left_row_simd128)
{
    const v128_t zero = wasm_i8x16_const_splat(0);
    v128_t last = zero; /* the newest pixel, four times */
    uint32_t x = 0;
    for (; x + 16 <= width_px; x += 16) {
        v128_t v[4];
        interleave(wasm_v128_load(g + x), wasm_v128_load(b + x), wasm_v128_load(r + x), v);
        for (unsigned i = 0; i < 4; i++) {
            v128_t sum = wasm_i8x16_add(v[i], wasm_i32x4_shuffle(zero, v[i], 0, 4, 5, 6));
            sum = wasm_i8x16_add(sum, wasm_i32x4_shuffle(zero, sum, 0, 1, 4, 5));
            sum = wasm_i8x16_add(sum, last);
            wasm_v128_store(out + (size_t)4 * x + (size_t)16 * i, sum);
            last = wasm_i32x4_shuffle(sum, sum, 3, 3, 3, 3);
        }
    }
    uint32_t pixel = (uint32_t)wasm_i32x4_extract_lane(last, 0);
    uint8_t sum_b = (uint8_t)pixel;
    uint8_t sum_g = (uint8_t)(pixel >> 8);
    uint8_t sum_r = (uint8_t)(pixel >> 16);
    for (; x < width_px; x++) {
        sum_b = (uint8_t)(sum_b + b[x] + g[x]);
        sum_g = (uint8_t)(sum_g + g[x]);
        sum_r = (uint8_t)(sum_r + r[x] + g[x]);
        out[4 * x] = sum_b;
        out[4 * x + 1] = sum_g;
        out[4 * x + 2] = sum_r;
        out[4 * x + 3] = 0;
    }
}

static CW_DECL_RGBA_ROW(rgba_row_simd128)
{
    const v128_t opaque = wasm_i8x16_const_splat(-1);
    uint32_t x = 0;
    for (; x + 4 <= width_px; x += 4) {
        v128_t v = wasm_v128_load(in + (size_t)4 * x);
        v = wasm_i8x16_shuffle(v, opaque, 2, 1, 0, 16, 6, 5, 4, 16, 10, 9, 8, 16, 14, 13, 12, 16);
        wasm_v128_store(out + (size_t)4 * x, v);
    }
    for (; x < width_px; x++) {
        out[4 * x] = in[4 * x + 2];
        out[4 * x + 1] = in[4 * x + 1];
        out[4 * x + 2] = in[4 * x];
        out[4 * x + 3] = 255;
    }
}

void cw_dsp_fill_simd128(struct cw_dsp *dsp)
{
    dsp->join_row = join_row_simd128;
    dsp->join_left_row = join_left_row_simd128;
    dsp->rgba_row = rgba_row_simd128;
}
