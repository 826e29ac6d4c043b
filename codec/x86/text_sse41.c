/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/dsp.h"

#if defined(__x86_64__)
#    include <immintrin.h>
#    include <stdbool.h>

enum { TILE = 16 };

static __m128i load(const uint8_t *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static void store(uint8_t *p, __m128i v)
{
    _mm_storeu_si128((__m128i *)(void *)p, v);
}

/* v[y] byte x becomes v[x] byte y. */
static inline __attribute__((always_inline)) void turn(__m128i v[TILE])
{
    __m128i w[TILE];
    /* Each round interleaves vector i with i + 8: four rounds bring bit after bit of the row number below the
     * column's. */
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < 8; i++) {
            w[2 * i] = _mm_unpacklo_epi8(v[i], v[i + 8]);
            w[2 * i + 1] = _mm_unpackhi_epi8(v[i], v[i + 8]);
        }
        for (unsigned i = 0; i < 8; i++) {
            v[2 * i] = _mm_unpacklo_epi8(w[i], w[i + 8]);
            v[2 * i + 1] = _mm_unpackhi_epi8(w[i], w[i + 8]);
        }
    }
}

/* Writes sixteen columns if all their bytes are the same, as between letters. */
static bool fill_columns(uint8_t *out, size_t out_stride, const uint8_t *in, size_t in_stride,
                         uint32_t rows)
{
    const __m128i all = _mm_set1_epi8((char)in[0]);
    __m128i differ = _mm_setzero_si128();
    for (uint32_t y = 0; y < rows; y++)
        differ = _mm_or_si128(differ, _mm_xor_si128(load(in + y * in_stride), all));
    if (!_mm_testz_si128(differ, differ))
        return false;
    if (rows >= TILE)
        for (uint32_t i = 0; i < TILE; i++) {
            uint8_t *p = out + i * out_stride;
            for (uint32_t y = 0; y + TILE <= rows; y += TILE)
                store(p + y, all);
            store(p + rows - TILE, all);
        }
    else
        for (uint32_t i = 0; i < TILE; i++) {
            uint8_t *p = out + i * out_stride;
            _mm_storel_epi64((__m128i *)(void *)p, all);
            _mm_storel_epi64((__m128i *)(void *)(p + rows - TILE / 2), all);
        }
    return true;
}

/* Sixteen columns of at least 8 rows. */
static void turn_columns(uint8_t *out, size_t out_stride, const uint8_t *in, size_t in_stride,
                         uint32_t rows)
{
    __m128i v[TILE];
    uint32_t y = 0;
    if (fill_columns(out, out_stride, in, in_stride, rows))
        return;
    for (; y + TILE <= rows; y += TILE) {
        for (uint32_t i = 0; i < TILE; i++)
            v[i] = load(in + (y + i) * in_stride);
        turn(v);
        for (uint32_t i = 0; i < TILE; i++)
            store(out + i * out_stride + y, v[i]);
    }
    if (y == rows)
        return;
    if (rows >= TILE) { /* the last sixteen rows, some of them again */
        y = rows - TILE;
        for (uint32_t i = 0; i < TILE; i++)
            v[i] = load(in + (y + i) * in_stride);
        turn(v);
        for (uint32_t i = 0; i < TILE; i++)
            store(out + i * out_stride + y, v[i]);
        return;
    }
    /* 8 to 15 rows: the first eight and the last eight of each column. */
    for (uint32_t i = 0; i < TILE / 2; i++) {
        v[i] = load(in + i * in_stride);
        v[i + TILE / 2] = load(in + (rows - TILE / 2 + i) * in_stride);
    }
    turn(v);
    for (uint32_t i = 0; i < TILE; i++) {
        uint8_t *p = out + i * out_stride;
        _mm_storel_epi64((__m128i *)(void *)p, v[i]);
        _mm_storel_epi64((__m128i *)(void *)(p + rows - TILE / 2), _mm_srli_si128(v[i], TILE / 2));
    }
}

static CW_DECL_TRANSPOSE(transpose_sse41)
{
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
    const __m128i ones = _mm_set1_epi8(-1);
    uint64_t full = 0;
    uint32_t i = 0;
    for (; i + TILE <= bytes; i += TILE) {
        __m128i v = load(in + i);
        full |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, ones)) << i;
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
    const __m128i colours = _mm_set1_epi32(0x00ffffff);
    uint32_t missing = 0;
    uint32_t x = 0;
    uint32_t last = colour_at(in);
    uint8_t index = index_of(last, table);
    for (; x + TILE <= width_px; x += TILE) {
        const uint8_t *p = in + (size_t)4 * x;
        const __m128i all = _mm_set1_epi32((int)last);
        __m128i d0 = _mm_or_si128(_mm_xor_si128(load(p), all), _mm_xor_si128(load(p + 16), all));
        __m128i d1 =
            _mm_or_si128(_mm_xor_si128(load(p + 32), all), _mm_xor_si128(load(p + 48), all));
        if (_mm_testz_si128(_mm_or_si128(d0, d1), colours)) { /* sixteen like the one before */
            store(out + x, _mm_set1_epi8((char)index));
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
