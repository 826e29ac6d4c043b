/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/dsp.h"
#include "codec/x86/vec.h"

#if defined(__x86_64__)
#    include <stdbool.h>
#    include <string.h>

#    include "codec/vec_block.h"

enum { TILE = 16 };

/* Writes sixteen columns if all their bytes are the same, as between letters. */
static bool fill_columns(uint8_t *out, size_t out_stride, const uint8_t *in, size_t in_stride,
                         uint32_t rows)
{
    const vec all = v_set8((char)in[0]);
    vec differ = v_zero();
    for (uint32_t y = 0; y < rows; y++)
        differ = v_or(differ, v_xor(v_load(in + y * in_stride), all));
    if (!_mm_testz_si128(differ, differ))
        return false;
    if (rows >= TILE)
        for (uint32_t i = 0; i < TILE; i++) {
            uint8_t *p = out + i * out_stride;
            for (uint32_t y = 0; y + TILE <= rows; y += TILE)
                v_store(p + y, all);
            v_store(p + rows - TILE, all);
        }
    else
        for (uint32_t i = 0; i < TILE; i++) {
            uint8_t *p = out + i * out_stride;
            v_store8(p, all);
            v_store8(p + rows - TILE / 2, all);
        }
    return true;
}

/* Sixteen columns of at least 8 rows. */
static void turn_columns(uint8_t *out, size_t out_stride, const uint8_t *in, size_t in_stride,
                         uint32_t rows)
{
    vec v[TILE];
    uint32_t y = 0;
    if (fill_columns(out, out_stride, in, in_stride, rows))
        return;
    for (; y + TILE <= rows; y += TILE) {
        for (uint32_t i = 0; i < TILE; i++)
            v[i] = v_load(in + (y + i) * in_stride);
        transpose_bytes(v);
        for (uint32_t i = 0; i < TILE; i++)
            v_store(out + i * out_stride + y, v[i]);
    }
    if (y == rows)
        return;
    if (rows >= TILE) { /* the last sixteen rows, some of them again */
        y = rows - TILE;
        for (uint32_t i = 0; i < TILE; i++)
            v[i] = v_load(in + (y + i) * in_stride);
        transpose_bytes(v);
        for (uint32_t i = 0; i < TILE; i++)
            v_store(out + i * out_stride + y, v[i]);
        return;
    }
    /* 8 to 15 rows: the first eight and the last eight of each column. */
    for (uint32_t i = 0; i < TILE / 2; i++) {
        v[i] = v_load(in + i * in_stride);
        v[i + TILE / 2] = v_load(in + (rows - TILE / 2 + i) * in_stride);
    }
    transpose_bytes(v);
    for (uint32_t i = 0; i < TILE; i++) {
        uint8_t *p = out + i * out_stride;
        v_store8(p, v[i]);
        v_store8(p + rows - TILE / 2, _mm_srli_si128(v[i], TILE / 2));
    }
}

/* Fewer than eight rows, without gaps between what becomes of the columns: eight bytes are written for each, of which
 * the next ones take the rest. */
static void turn_few(uint8_t *out, const uint8_t *in, size_t in_stride, uint32_t columns,
                     uint32_t rows)
{
    for (uint32_t x = 0; x < columns; x += TILE) {
        vec v[TILE];
        x = x < columns - TILE ? x : columns - TILE; /* the last ones, some of them again */
        for (uint32_t i = 0; i < TILE; i++)
            v[i] = i < rows ? v_load(in + i * in_stride + x) : v_zero();
        transpose_bytes(v);
        for (uint32_t i = 0; i < TILE; i++) {
            uint8_t bytes[TILE];
            size_t at = (size_t)(x + i) * rows;
            if (at + TILE / 2 <= (size_t)columns * rows) {
                v_store8(out + at, v[i]);
                continue;
            }
            v_store(bytes, v[i]);
            memcpy(out + at, bytes, rows);
        }
    }
}

static CW_DECL_TRANSPOSE(transpose_sse41)
{
    if (rows == 1 && out_stride == 1) {
        memcpy(out, in, columns);
        return;
    }
    if (columns >= TILE && rows < TILE / 2 && out_stride == rows) {
        turn_few(out, in, in_stride, columns, rows);
        return;
    }
    if (columns < TILE || rows < TILE / 2) {
        for (uint32_t x = 0; x < columns; x++)
            for (uint32_t y = 0; y < rows; y++)
                out[x * out_stride + y] = in[y * in_stride + x];
        return;
    }
    uint32_t x = 0;
    for (; x + TILE <= columns; x += TILE)
        turn_columns(out + x * out_stride, out_stride, in + x, in_stride, rows);
    if (x < columns) { /* the last sixteen columns, some of them again */
        x = columns - TILE;
        turn_columns(out + x * out_stride, out_stride, in + x, in_stride, rows);
    }
}

static CW_DECL_FULL_64(full_64_sse41)
{
    const vec ones = v_set8(-1);
    uint64_t full = 0;
    uint32_t i = 0;
    for (; i + TILE <= bytes; i += TILE) {
        vec v = v_load(in + i);
        full |= (uint64_t)(unsigned)v_mask8(v_eq8(v, ones)) << i;
    }
    for (; i < bytes; i++)
        full |= (uint64_t)(in[i] == 255) << i;
    return full;
}

static uint32_t colour_at(const uint8_t *in)
{
    return (uint32_t)in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16;
}

static uint8_t index_of(uint32_t colour, const uint32_t *table)
{
    uint32_t entry = table[(colour * CW_INDEX_FACTOR) >> (32 - CW_INDEX_BITS)];
    return entry >> 8 == colour ? (uint8_t)entry : 255;
}

static CW_DECL_INDEX_ROW(index_row_sse41)
{
    const vec colours = v_set32(0x00ffffff);
    uint32_t missing = 0;
    uint32_t x = 0;
    uint32_t last = colour_at(in);
    uint8_t index = index_of(last, table);
    for (; x + TILE <= width_px; x += TILE) {
        const uint8_t *p = in + (size_t)4 * x;
        const vec all = v_set32((int)last);
        vec d0 = v_or(v_xor(v_load(p), all), v_xor(v_load(p + 16), all));
        vec d1 = v_or(v_xor(v_load(p + 32), all), v_xor(v_load(p + 48), all));
        if (_mm_testz_si128(v_or(d0, d1), colours)) { /* sixteen like the one before */
            v_store(out + x, v_set8((char)index));
            missing += index == 255 ? TILE : 0;
            continue;
        }
        for (uint32_t i = 0; i < TILE; i++) {
            uint32_t colour = colour_at(p + (size_t)4 * i);
            if (colour != last) {
                index = index_of(colour, table);
                last = colour;
            }
            out[x + i] = index;
            missing += index == 255;
        }
    }
    for (; x < width_px; x++) {
        out[x] = index_of(colour_at(in + (size_t)4 * x), table);
        missing += out[x] == 255;
    }
    return missing;
}

void cw_dsp_fill_sse41_text(struct cw_dsp *dsp)
{
    dsp->transpose = transpose_sse41;
    dsp->index_row = index_row_sse41;
    dsp->full_64 = full_64_sse41;
}
#endif
