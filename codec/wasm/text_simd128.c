/* SPDX-License-Identifier: Apache-2.0 */
/* Column order back to rows with WebAssembly SIMD. */
#include "codec/dsp.h"

#include <wasm_simd128.h>

enum { TILE = 16 };

static v128_t low(v128_t a, v128_t b)
{
    return wasm_i8x16_shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

static v128_t high(v128_t a, v128_t b)
{
    return wasm_i8x16_shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/* Sixteen columns of sixteen rows. */
static void turn(uint8_t *out, size_t out_stride, const uint8_t *in, size_t in_stride)
{
    v128_t v[TILE];
    v128_t w[TILE];
    for (unsigned i = 0; i < TILE; i++)
        v[i] = wasm_v128_load(in + i * in_stride);
    /* Each round interleaves vector i with i + 8: four rounds bring bit after bit of the row number below the
     * column's. */
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < 8; i++) {
            w[2 * i] = low(v[i], v[i + 8]);
            w[2 * i + 1] = high(v[i], v[i + 8]);
        }
        for (unsigned i = 0; i < 8; i++) {
            v[2 * i] = low(w[i], w[i + 8]);
            v[2 * i + 1] = high(w[i], w[i + 8]);
        }
    }
    for (unsigned i = 0; i < TILE; i++)
        wasm_v128_store(out + i * out_stride, v[i]);
}

static CW_DECL_TRANSPOSE(transpose_simd128)
{
    if (columns < TILE || rows < TILE) {
        for (uint32_t x = 0; x < columns; x++)
            for (uint32_t y = 0; y < rows; y++)
                out[x * out_stride + y] = in[y * in_stride + x];
        return;
    }
    /* Tiles at the far sides reach back over what the one before did. */
    for (uint32_t x = 0; x < columns; x += TILE) {
        uint32_t tile_x = x + TILE <= columns ? x : columns - TILE;
        for (uint32_t y = 0; y < rows; y += TILE) {
            uint32_t tile_y = y + TILE <= rows ? y : rows - TILE;
            turn(out + tile_x * out_stride + tile_y, out_stride, in + tile_y * in_stride + tile_x,
                 in_stride);
        }
    }
}

void cw_dsp_fill_simd128_text(struct cw_dsp *dsp)
{
    dsp->transpose = transpose_simd128;
}
