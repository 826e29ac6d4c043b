/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/dsp.h"

#if defined(__x86_64__)
#    include <immintrin.h>

enum { LANES = 16, PREFETCH_BYTES = 4096 };

static __m512i load(const uint8_t *p)
{
    return _mm512_loadu_si512((const void *)p);
}

static __mmask16 first_lanes(uint32_t count)
{
    return (__mmask16)(count < LANES ? (1U << count) - 1 : 0xffffU);
}

static CW_DECL_CHANGES_ROW(changes_row_avx512)
{
    const __m512i colours = _mm512_set1_epi32(0x00ffffff);
    uint32_t count = 0;
    for (uint32_t x = 1; x < width_px; x += LANES) {
        __mmask16 lanes = first_lanes(width_px - x);
        __m512i p = _mm512_maskz_loadu_epi32(lanes, in + (size_t)4 * x);
        __m512i q = _mm512_maskz_loadu_epi32(lanes, in + (size_t)4 * x - 4);
        unsigned differ = _mm512_test_epi32_mask(_mm512_xor_si512(p, q), colours);
        count += (uint32_t)__builtin_popcount(differ);
    }
    return count;
}

/* The indexes of sixteen colours. */
static __m128i look_up(__m512i colour, const uint32_t *table)
{
    const __m512i factor = _mm512_set1_epi32((int)CW_INDEX_FACTOR);
    __m512i slot = _mm512_srli_epi32(_mm512_mullo_epi32(colour, factor), 32 - CW_INDEX_BITS);
    __m512i entry = _mm512_i32gather_epi32(slot, (const void *)table, 4);
    __mmask16 right = _mm512_cmpeq_epi32_mask(_mm512_srli_epi32(entry, 8), colour);
    return _mm512_cvtepi32_epi8(_mm512_mask_blend_epi32(right, _mm512_set1_epi32(255), entry));
}

static uint32_t count_full(__m128i indexes)
{
    __m128i full = _mm_cmpeq_epi8(indexes, _mm_set1_epi8(-1));
    return (uint32_t)__builtin_popcount((unsigned)_mm_movemask_epi8(full));
}

static CW_DECL_INDEX_ROW(index_row_avx512)
{
    const __m512i colours = _mm512_set1_epi32(0x00ffffff);
    uint32_t missing = 0;
    uint32_t x = 0;
    /* The colour before, and its index: most of text is one colour. */
    __m512i all =
        _mm512_and_si512(_mm512_set1_epi32((int)(in[0] | in[1] << 8 | in[2] << 16)), colours);
    __m128i index = _mm_broadcastb_epi8(look_up(all, table));
    for (; x + 4 * LANES <= width_px; x += 4 * LANES) {
        const uint8_t *p = in + (size_t)4 * x;
        __m512i v[4];
        __m512i differ = _mm512_setzero_si512();
        for (unsigned i = 0; i < 4; i++) {
            v[i] = load(p + (size_t)64 * i);
            differ = _mm512_or_si512(differ, _mm512_xor_si512(v[i], all));
            _mm_prefetch((const char *)p + PREFETCH_BYTES + (size_t)64 * i, _MM_HINT_T0);
        }
        if (_mm512_test_epi32_mask(differ, colours) == 0) {
            _mm512_storeu_si512((void *)(out + x), _mm512_broadcast_i32x4(index));
            missing += 4 * count_full(index);
            continue;
        }
        for (unsigned i = 0; i < 4; i++) {
            __m512i c = _mm512_and_si512(v[i], colours);
            if (_mm512_cmpneq_epi32_mask(c, all) != 0) {
                index = look_up(c, table);
                _mm_storeu_si128((__m128i *)(void *)(out + x + (size_t)LANES * i), index);
                missing += count_full(index);
                all = _mm512_permutexvar_epi32(_mm512_set1_epi32(15), c);
                index = _mm_shuffle_epi8(index, _mm_set1_epi8(15));
                continue;
            }
            _mm_storeu_si128((__m128i *)(void *)(out + x + (size_t)LANES * i), index);
            missing += count_full(index);
        }
    }
    for (; x < width_px; x += LANES) {
        __mmask16 lanes = first_lanes(width_px - x);
        __m512i c = _mm512_maskz_loadu_epi32(lanes, in + (size_t)4 * x);
        index = look_up(_mm512_and_si512(c, colours), table);
        _mm_mask_storeu_epi8(out + x, lanes, index);
        missing += count_full(_mm_maskz_mov_epi8(lanes, index));
    }
    return missing;
}

static CW_DECL_FULL_64(full_64_avx512)
{
    __mmask64 some = ~(__mmask64)0 >> (64 - bytes);
    return _mm512_mask_cmpeq_epi8_mask(some, _mm512_maskz_loadu_epi8(some, in),
                                       _mm512_set1_epi8(-1));
}

void cw_dsp_fill_avx512_text(struct cw_dsp *dsp)
{
    dsp->changes_row = changes_row_avx512;
    dsp->index_row = index_row_avx512;
    dsp->full_64 = full_64_avx512;
}
#endif
