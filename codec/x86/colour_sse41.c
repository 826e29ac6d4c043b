/* SPDX-License-Identifier: Apache-2.0 */
/* The kernels of classes and colour modes; each leaves the rest of a row to the C version. */
#include "codec/dsp.h"

#if defined(__x86_64__)
#    include <immintrin.h>
#    include <stddef.h>

static __m128i load(const uint8_t *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static void store(uint8_t *p, __m128i v)
{
    _mm_storeu_si128((__m128i *)(void *)p, v);
}

static uint32_t count_lanes(__m128i mask)
{
    return (uint32_t)__builtin_popcount((unsigned)_mm_movemask_ps(_mm_castsi128_ps(mask)));
}

static CW_DECL_TEXTURE_ROW(texture_row_sse41)
{
    const __m128i colours = _mm_set1_epi32(0x00ffffff);
    const __m128i small = _mm_set1_epi8(CW_SMOOTH_STEP);
    const __m128i hard = _mm_set1_epi8(CW_HARD_STEP);
    const __m128i zero = _mm_setzero_si128();
    uint32_t equal = 0;
    uint32_t near = 0;
    uint32_t mild = 0;
    uint32_t x = 1;
    for (; x + 4 <= width_px; x += 4) {
        __m128i p = load(in + (size_t)4 * x);
        __m128i q = load(in + (size_t)4 * x - 4);
        __m128i away = _mm_or_si128(_mm_subs_epu8(p, q), _mm_subs_epu8(q, p));
        away = _mm_and_si128(away, colours);
        equal += count_lanes(_mm_cmpeq_epi32(away, zero));
        near += count_lanes(_mm_cmpeq_epi32(_mm_subs_epu8(away, small), zero));
        mild += count_lanes(_mm_cmpeq_epi32(_mm_subs_epu8(away, hard), zero));
    }
    counts[0] += equal;
    counts[1] += near - equal;
    counts[2] += x - 1 - mild;
    if (x < width_px) {
        struct cw_dsp c;
        cw_dsp_fill_c_colour(&c);
        c.texture_row(in + (size_t)4 * x - 4, width_px - x + 1, counts);
    }
}

static CW_DECL_REDUCE_ROW(reduce_grey_row_sse41)
{
    const __m128i low = _mm_set1_epi32(0xff);
    const __m128i half = _mm_set1_epi32(128);
    uint32_t x = 0;
    for (; x + 4 <= width_px; x += 4) {
        __m128i v = load(in + (size_t)4 * x);
        __m128i b = _mm_and_si128(v, low);
        __m128i g = _mm_and_si128(_mm_srli_epi32(v, 8), low);
        __m128i r = _mm_and_si128(_mm_srli_epi32(v, 16), low);
        /* No lane's low 16 bits overflow: 255 * 256 at most. */
        __m128i luma = _mm_mullo_epi16(b, _mm_set1_epi32(29));
        luma = _mm_add_epi32(luma, _mm_mullo_epi16(g, _mm_set1_epi32(150)));
        luma = _mm_add_epi32(luma, _mm_mullo_epi16(r, _mm_set1_epi32(77)));
        luma = _mm_mullo_epi16(_mm_srli_epi32(luma, 8), _mm_set1_epi32(3));
        luma = _mm_srli_epi32(_mm_add_epi32(luma, half), 8);
        store(out + (size_t)4 * x, _mm_mullo_epi32(luma, _mm_set1_epi32(0x555555)));
    }
    if (x < width_px) {
        struct cw_dsp c;
        cw_dsp_fill_c_colour(&c);
        c.reduce_grey_row(out + (size_t)4 * x, in + (size_t)4 * x, width_px - x);
    }
}

/* v shifted right, of each channel the bits that are in the mask. */
static __m128i part(__m128i v, int shift, uint32_t mask)
{
    return _mm_and_si128(_mm_srl_epi32(v, _mm_cvtsi32_si128(shift)), _mm_set1_epi32((int)mask));
}

static CW_DECL_REDUCE_ROW(reduce_8_row_sse41)
{
    uint32_t x = 0;
    for (; x + 4 <= width_px; x += 4) {
        __m128i v = load(in + (size_t)4 * x);
        /* Blue: its two highest bits four times; green and red: three highest bits, and again. */
        __m128i low = _mm_or_si128(part(v, 0, 0xe0e0c0), part(v, 2, 0x30));
        low = _mm_or_si128(low, _mm_or_si128(part(v, 3, 0x1c1c00), part(v, 4, 0x0c)));
        store(out + (size_t)4 * x, _mm_or_si128(low, part(v, 6, 0x030303)));
    }
    if (x < width_px) {
        struct cw_dsp c;
        cw_dsp_fill_c_colour(&c);
        c.reduce_8_row(out + (size_t)4 * x, in + (size_t)4 * x, width_px - x);
    }
}

static CW_DECL_REDUCE_ROW(reduce_16_row_sse41)
{
    uint32_t x = 0;
    for (; x + 4 <= width_px; x += 4) {
        __m128i v = load(in + (size_t)4 * x);
        __m128i low = _mm_or_si128(part(v, 5, 0x070007), part(v, 6, 0x000300));
        store(out + (size_t)4 * x, _mm_or_si128(low, part(v, 0, 0xf8fcf8)));
    }
    if (x < width_px) {
        struct cw_dsp c;
        cw_dsp_fill_c_colour(&c);
        c.reduce_16_row(out + (size_t)4 * x, in + (size_t)4 * x, width_px - x);
    }
}

void cw_dsp_fill_sse41_colour(struct cw_dsp *dsp)
{
    dsp->texture_row = texture_row_sse41;
    dsp->reduce_grey_row = reduce_grey_row_sse41;
    dsp->reduce_8_row = reduce_8_row_sse41;
    dsp->reduce_16_row = reduce_16_row_sse41;
}
#endif
