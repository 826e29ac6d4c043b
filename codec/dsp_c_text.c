/* SPDX-License-Identifier: Apache-2.0 */
/* The reference of the kernels for text. */
#include "codec/dsp.h"

static uint32_t colour_at(const uint8_t *in)
{
    return (uint32_t)in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16;
}

static CW_DECL_CHANGES_ROW(changes_row_c)
{
    uint32_t count = 0;
    uint32_t last = colour_at(in);
    for (uint32_t x = 1; x < width_px; x++) {
        uint32_t colour = colour_at(in + (size_t)4 * x);
        count += colour != last;
        last = colour;
    }
    return count;
}

static uint8_t index_of(uint32_t colour, const uint32_t *table)
{
    uint32_t entry = table[(colour * CW_INDEX_FACTOR) >> (32 - CW_INDEX_BITS)];
    return entry >> 8 == colour ? (uint8_t)entry : 255;
}

static CW_DECL_INDEX_ROW(index_row_c)
{
    uint32_t last = colour_at(in);
    uint8_t index = index_of(last, table);
    uint32_t missing = 0;
    for (uint32_t x = 0; x < width_px; x++) {
        uint32_t colour = colour_at(in + (size_t)4 * x);
        if (colour != last) {
            index = index_of(colour, table);
            last = colour;
        }
        out[x] = index;
        missing += index == 255;
    }
    return missing;
}

static CW_DECL_FULL_64(full_64_c)
{
    uint64_t full = 0;
    for (uint32_t i = 0; i < bytes; i++)
        full |= (uint64_t)(in[i] == 255) << i;
    return full;
}

static CW_DECL_TRANSPOSE(transpose_c)
{
    for (uint32_t x = 0; x < columns; x++)
        for (uint32_t y = 0; y < rows; y++)
            out[x * out_stride + y] = in[y * in_stride + x];
}

void cw_dsp_fill_c_text(struct cw_dsp *dsp)
{
#define USE(field, DECL) dsp->field = field##_c;
    CW_DSP_TEXT_KERNELS(USE)
#undef USE
}
