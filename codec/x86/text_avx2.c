/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/dsp.h"

#if defined(__x86_64__)
#    include <immintrin.h>

static __m256i load(const uint8_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

static uint32_t colour_at(const uint8_t *in)
{
    return (uint32_t)in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16;
}

static CW_DECL_CHANGES_ROW(changes_row_avx2)
{
    const __m256i colours = _mm256_set1_epi32(0x00ffffff);
    const __m256i zero = _mm256_setzero_si256();
    uint32_t count = width_px - 1;
    uint32_t x = 1;
    for (; x + 8 <= width_px; x += 8) {
        const uint8_t *p = in + (size_t)4 * x;
        __m256i d = _mm256_and_si256(_mm256_xor_si256(load(p), load(p - 4)), colours);
        __m256i same = _mm256_cmpeq_epi32(d, zero);
        count -=
            (uint32_t)__builtin_popcount((unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(same)));
    }
    if (x < width_px && width_px > 8) {
        /* The last eight once more; those before x are counted. */
        const uint8_t *p = in + (size_t)4 * (width_px - 8);
        __m256i d = _mm256_and_si256(_mm256_xor_si256(load(p), load(p - 4)), colours);
        unsigned same =
            (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(d, zero)));
        return count - (uint32_t)__builtin_popcount(same >> (8 - (width_px - x)));
    }
    for (; x < width_px; x++)
        count -= colour_at(in + (size_t)4 * x) == colour_at(in + (size_t)4 * x - 4);
    return count;
}

static uint8_t index_of(uint32_t colour, const uint32_t *table)
{
    uint32_t entry = table[(colour * CW_INDEX_FACTOR) >> (32 - CW_INDEX_BITS)];
    return entry >> 8 == colour ? (uint8_t)entry : 255;
}

/* The entries of eight colours where they are right, all ones in the low byte where they are not. */
static __m256i look_up(__m256i colour, const uint32_t *table)
{
    const __m256i factor = _mm256_set1_epi32((int)CW_INDEX_FACTOR);
    __m256i slot = _mm256_srli_epi32(_mm256_mullo_epi32(colour, factor), 32 - CW_INDEX_BITS);
    __m256i entry = _mm256_i32gather_epi32((const int *)(const void *)table, slot, 4);
    __m256i right = _mm256_cmpeq_epi32(_mm256_srli_epi32(entry, 8), colour);
    __m256i missing = _mm256_andnot_si256(right, _mm256_set1_epi32(255));
    return _mm256_or_si256(_mm256_and_si256(entry, _mm256_set1_epi32(255)), missing);
}

static CW_DECL_INDEX_ROW(index_row_avx2)
{
    const __m256i colours = _mm256_set1_epi32(0x00ffffff);
    uint32_t missing = 0;
    uint32_t x = 0;
    for (; x + 16 <= width_px; x += 16) {
        const uint8_t *p = in + (size_t)4 * x;
        __m256i low = _mm256_and_si256(load(p), colours);
        __m256i high = _mm256_and_si256(load(p + 32), colours);
        __m256i first = _mm256_broadcastd_epi32(_mm256_castsi256_si128(low));
        __m256i differ =
            _mm256_or_si256(_mm256_xor_si256(low, first), _mm256_xor_si256(high, first));
        __m128i index;
        if (_mm256_testz_si256(differ, differ)) {
            index = _mm_set1_epi8(
                (char)index_of((uint32_t)_mm_cvtsi128_si32(_mm256_castsi256_si128(low)), table));
        } else {
            __m256i both = _mm256_packus_epi32(look_up(low, table), look_up(high, table));
            both = _mm256_permute4x64_epi64(both, 0xd8);
            index =
                _mm_packus_epi16(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1));
        }
        _mm_storeu_si128((__m128i *)(void *)(out + x), index);
        __m128i none = _mm_cmpeq_epi8(index, _mm_set1_epi8(-1));
        missing += (uint32_t)__builtin_popcount((unsigned)_mm_movemask_epi8(none));
    }
    for (; x < width_px; x++) {
        out[x] = index_of(colour_at(in + (size_t)4 * x), table);
        missing += out[x] == 255;
    }
    return missing;
}

void cw_dsp_fill_avx2_text(struct cw_dsp *dsp)
{
    dsp->changes_row = changes_row_avx2;
    dsp->index_row = index_row_avx2;
}
#endif
