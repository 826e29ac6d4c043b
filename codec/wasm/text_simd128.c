/* SPDX-License-Identifier: Apache-2.0 */
/* Column order back to rows with WebAssembly SIMD. */
#include "codec/dsp.h"
#include "codec/wasm/vec.h"

#include "codec/vec_block.h"

enum { TILE = 16 };

/* Sixteen columns of sixteen rows. */
static void turn(uint8_t *out, size_t out_stride, const uint8_t *in, size_t in_stride)
{
    vec v[TILE];
    for (unsigned i = 0; i < TILE; i++)
        v[i] = v_load(in + i * in_stride);
    transpose_bytes(v);
    for (unsigned i = 0; i < TILE; i++)
        v_store(out + i * out_stride, v[i]);
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
