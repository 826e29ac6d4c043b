/* SPDX-License-Identifier: Apache-2.0 */
/* The kernels of classes and colour modes; each leaves the rest of a row to the C version. */
#include "codec/dsp.h"

#if defined(__x86_64__)
#    include <immintrin.h>
#    include <stddef.h>

static __m256i load(const uint8_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

static void store(uint8_t *p, __m256i v)
{
    _mm256_storeu_si256((__m256i *)(void *)p, v);
}

static uint32_t count_lanes(__m256i mask)
{
    return (uint32_t)__builtin_popcount((unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(mask)));
}

static CW_DECL_TEXTURE_ROW(texture_row_avx2)
{
    const __m256i colours = _mm256_set1_epi32(0x00ffffff);
    const __m256i small = _mm256_set1_epi8(CW_SMOOTH_STEP);
    const __m256i hard = _mm256_set1_epi8(CW_HARD_STEP);
    const __m256i zero = _mm256_setzero_si256();
    uint32_t equal = 0;
    uint32_t near = 0;
    uint32_t mild = 0;
    uint32_t x = 1;
    for (; x + 8 <= width_px; x += 8) {
        __m256i p = load(in + (size_t)4 * x);
        __m256i q = load(in + (size_t)4 * x - 4);
        __m256i away = _mm256_or_si256(_mm256_subs_epu8(p, q), _mm256_subs_epu8(q, p));
        away = _mm256_and_si256(away, colours);
        equal += count_lanes(_mm256_cmpeq_epi32(away, zero));
        near += count_lanes(_mm256_cmpeq_epi32(_mm256_subs_epu8(away, small), zero));
        mild += count_lanes(_mm256_cmpeq_epi32(_mm256_subs_epu8(away, hard), zero));
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

static CW_DECL_REDUCE_ROW(reduce_grey_row_avx2)
{
    const __m256i low = _mm256_set1_epi32(0xff);
    const __m256i half = _mm256_set1_epi32(128);
    uint32_t x = 0;
    for (; x + 8 <= width_px; x += 8) {
        __m256i v = load(in + (size_t)4 * x);
        __m256i b = _mm256_and_si256(v, low);
        __m256i g = _mm256_and_si256(_mm256_srli_epi32(v, 8), low);
        __m256i r = _mm256_and_si256(_mm256_srli_epi32(v, 16), low);
        /* No lane's low 16 bits overflow: 255 * 256 at most. */
        __m256i luma = _mm256_mullo_epi16(b, _mm256_set1_epi32(29));
        luma = _mm256_add_epi32(luma, _mm256_mullo_epi16(g, _mm256_set1_epi32(150)));
        luma = _mm256_add_epi32(luma, _mm256_mullo_epi16(r, _mm256_set1_epi32(77)));
        luma = _mm256_mullo_epi16(_mm256_srli_epi32(luma, 8), _mm256_set1_epi32(3));
        luma = _mm256_srli_epi32(_mm256_add_epi32(luma, half), 8);
        store(out + (size_t)4 * x, _mm256_mullo_epi32(luma, _mm256_set1_epi32(0x555555)));
    }
    if (x < width_px) {
        struct cw_dsp c;
        cw_dsp_fill_c_colour(&c);
        c.reduce_grey_row(out + (size_t)4 * x, in + (size_t)4 * x, width_px - x);
    }
}

/* v shifted right, of each channel the bits that are in the mask. */
static __m256i part(__m256i v, int shift, uint32_t mask)
{
    return _mm256_and_si256(_mm256_srl_epi32(v, _mm_cvtsi32_si128(shift)),
                            _mm256_set1_epi32((int)mask));
}

static CW_DECL_REDUCE_ROW(reduce_8_row_avx2)
{
    uint32_t x = 0;
    for (; x + 8 <= width_px; x += 8) {
        __m256i v = load(in + (size_t)4 * x);
        /* Blue: its two highest bits four times; green and red: three highest bits, and again. */
        __m256i low = _mm256_or_si256(part(v, 0, 0xe0e0c0), part(v, 2, 0x30));
        low = _mm256_or_si256(low, _mm256_or_si256(part(v, 3, 0x1c1c00), part(v, 4, 0x0c)));
        store(out + (size_t)4 * x, _mm256_or_si256(low, part(v, 6, 0x030303)));
    }
    if (x < width_px) {
        struct cw_dsp c;
        cw_dsp_fill_c_colour(&c);
        c.reduce_8_row(out + (size_t)4 * x, in + (size_t)4 * x, width_px - x);
    }
}

static CW_DECL_REDUCE_ROW(reduce_16_row_avx2)
{
    uint32_t x = 0;
    for (; x + 8 <= width_px; x += 8) {
        __m256i v = load(in + (size_t)4 * x);
        __m256i low = _mm256_or_si256(part(v, 5, 0x070007), part(v, 6, 0x000300));
        store(out + (size_t)4 * x, _mm256_or_si256(low, part(v, 0, 0xf8fcf8)));
    }
    if (x < width_px) {
        struct cw_dsp c;
        cw_dsp_fill_c_colour(&c);
        c.reduce_16_row(out + (size_t)4 * x, in + (size_t)4 * x, width_px - x);
    }
}

void cw_dsp_fill_avx2_colour(struct cw_dsp *dsp)
{
    dsp->texture_row = texture_row_avx2;
    dsp->reduce_grey_row = reduce_grey_row_avx2;
    dsp->reduce_8_row = reduce_8_row_avx2;
    dsp->reduce_16_row = reduce_16_row_avx2;
}
#endif
