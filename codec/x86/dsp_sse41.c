/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/dsp.h"

#if defined(__x86_64__)
#    include <immintrin.h>
#    include <stddef.h>
#    include <string.h>

#    include "codec/limits.h"

/* Each kernel takes whole vectors and leaves the rest of the row to the C version. */
static __m128i load(const uint8_t *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static void store(uint8_t *p, __m128i v)
{
    _mm_storeu_si128((__m128i *)(void *)p, v);
}

static void set_bit(uint64_t *bits, uint32_t bit)
{
    bits[bit / 64] |= (uint64_t)1 << (bit % 64);
}

static CW_DECL_DIFF_ROW(diff_row_sse41)
{
    const __m128i colours = _mm_set1_epi32(0x00ffffff);
    uint32_t x = 0;
    for (; x + 16 <= width_px; x += 16) {
        const uint8_t *p = a + (size_t)4 * x;
        const uint8_t *q = b + (size_t)4 * x;
        __m128i d0 = _mm_xor_si128(load(p), load(q));
        __m128i d1 = _mm_xor_si128(load(p + 16), load(q + 16));
        __m128i d2 = _mm_xor_si128(load(p + 32), load(q + 32));
        __m128i d3 = _mm_xor_si128(load(p + 48), load(q + 48));
        __m128i any = _mm_or_si128(_mm_or_si128(d0, d1), _mm_or_si128(d2, d3));
        if (!_mm_testz_si128(any, colours))
            set_bit(bits, first_bit + x / CW_BLOCK_PX);
    }
    if (x < width_px) {
        struct cw_dsp c;
        cw_dsp_fill_c(&c);
        c.diff_row(a + (size_t)4 * x, b + (size_t)4 * x, width_px - x, bits,
                   first_bit + x / CW_BLOCK_PX);
    }
}

static CW_DECL_TAKE_ROW(take_row_sse41)
{
    const __m128i colours = _mm_set1_epi32(0x00ffffff);
    uint32_t x = 0;
    for (; x + 4 <= width_px; x += 4)
        store(out + (size_t)4 * x, _mm_and_si128(load(in + (size_t)4 * x), colours));
    for (; x < width_px; x++) {
        out[4 * x] = in[4 * x];
        out[4 * x + 1] = in[4 * x + 1];
        out[4 * x + 2] = in[4 * x + 2];
        out[4 * x + 3] = 0;
    }
}

static CW_DECL_RGBA_ROW(rgba_row_sse41)
{
    const __m128i order = _mm_setr_epi8(2, 1, 0, -1, 6, 5, 4, -1, 10, 9, 8, -1, 14, 13, 12, -1);
    const __m128i opaque = _mm_set1_epi32((int)0xff000000);
    uint32_t x = 0;
    for (; x + 4 <= width_px; x += 4) {
        __m128i v = _mm_shuffle_epi8(load(in + (size_t)4 * x), order);
        store(out + (size_t)4 * x, _mm_or_si128(v, opaque));
    }
    for (; x < width_px; x++) {
        out[4 * x] = in[4 * x + 2];
        out[4 * x + 1] = in[4 * x + 1];
        out[4 * x + 2] = in[4 * x];
        out[4 * x + 3] = 255;
    }
}

/* Sixteen pixels from three plane vectors, as four vectors of B, G, R, 0. */
static void interleave(__m128i g, __m128i b, __m128i r, __m128i out[4])
{
    const __m128i zero = _mm_setzero_si128();
    b = _mm_add_epi8(b, g);
    r = _mm_add_epi8(r, g);
    __m128i bg_low = _mm_unpacklo_epi8(b, g);
    __m128i bg_high = _mm_unpackhi_epi8(b, g);
    __m128i rx_low = _mm_unpacklo_epi8(r, zero);
    __m128i rx_high = _mm_unpackhi_epi8(r, zero);
    out[0] = _mm_unpacklo_epi16(bg_low, rx_low);
    out[1] = _mm_unpackhi_epi16(bg_low, rx_low);
    out[2] = _mm_unpacklo_epi16(bg_high, rx_high);
    out[3] = _mm_unpackhi_epi16(bg_high, rx_high);
}

static CW_DECL_JOIN_ROW(join_row_sse41)
{
    uint32_t x = 0;
    for (; x + 16 <= width_px; x += 16) {
        __m128i v[4];
        interleave(load(g + x), load(b + x), load(r + x), v);
        for (unsigned i = 0; i < 4; i++)
            store(out + (size_t)4 * x + (size_t)16 * i, v[i]);
    }
    for (; x < width_px; x++) {
        out[4 * x] = (uint8_t)(b[x] + g[x]);
        out[4 * x + 1] = g[x];
        out[4 * x + 2] = (uint8_t)(r[x] + g[x]);
        out[4 * x + 3] = 0;
    }
}

static CW_DECL_JOIN_ROW(join_left_row_sse41)
{
    __m128i last = _mm_setzero_si128(); /* the newest pixel, four times */
    uint32_t x = 0;
    for (; x + 16 <= width_px; x += 16) {
        __m128i v[4];
        interleave(load(g + x), load(b + x), load(r + x), v);
        for (unsigned i = 0; i < 4; i++) {
            __m128i sum = _mm_add_epi8(v[i], _mm_slli_si128(v[i], 4));
            sum = _mm_add_epi8(sum, _mm_slli_si128(sum, 8));
            sum = _mm_add_epi8(sum, last);
            store(out + (size_t)4 * x + (size_t)16 * i, sum);
            last = _mm_shuffle_epi32(sum, 0xff);
        }
    }
    uint32_t pixel = (uint32_t)_mm_cvtsi128_si32(last);
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

static CW_DECL_EQUAL_64(equal_64_sse41)
{
    const __m128i colours = _mm_set1_epi32(0x00ffffff);
    uint64_t equal = 0;
    uint32_t x = 0;
    for (; x + 4 <= width_px; x += 4) {
        __m128i d = _mm_xor_si128(load(a + (size_t)4 * x), load(b + (size_t)4 * x));
        __m128i same = _mm_cmpeq_epi32(_mm_and_si128(d, colours), _mm_setzero_si128());
        equal |= (uint64_t)(unsigned)_mm_movemask_ps(_mm_castsi128_ps(same)) << x;
    }
    for (; x < width_px; x++)
        equal |= (uint64_t)(memcmp(a + (size_t)4 * x, b + (size_t)4 * x, 3) == 0) << x;
    return equal;
}

static __m128i key_at(const uint32_t *keys)
{
    return _mm_loadu_si128((const __m128i *)(const void *)keys);
}

static CW_DECL_HASH_ROW(hash_row_sse41)
{
    const __m128i colours = _mm_set1_epi32(0x00ffffff);
    __m128i sum[4] = {_mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128(),
                      _mm_setzero_si128()};
    for (uint32_t x = 0; x < width_px; x += CW_BLOCK_PX) {
        uint8_t end[CW_BLOCK_PX * 4] = {0};
        const uint8_t *p = in + (size_t)4 * x;
        if (width_px - x < CW_BLOCK_PX) {
            memcpy(end, p, (size_t)4 * (width_px - x));
            p = end;
        }
        for (unsigned i = 0; i < 4; i++) {
            __m128i v = _mm_and_si128(load(p + (size_t)16 * i), colours);
            v = _mm_xor_si128(v, key_at(keys + x + (size_t)4 * i));
            sum[i] = _mm_add_epi64(sum[i], _mm_mul_epu32(v, _mm_srli_epi64(v, 32)));
        }
    }
    for (unsigned i = 0; i < 4; i++)
        _mm_storeu_si128((__m128i *)(void *)(sums + (size_t)2 * i), sum[i]);
}

void cw_dsp_fill_sse41(struct cw_dsp *dsp)
{
    dsp->diff_row = diff_row_sse41;
    dsp->hash_row = hash_row_sse41;
    dsp->take_row = take_row_sse41;
    dsp->rgba_row = rgba_row_sse41;
    dsp->join_row = join_row_sse41;
    dsp->join_left_row = join_left_row_sse41;
    dsp->equal_64 = equal_64_sse41;
}
#endif
