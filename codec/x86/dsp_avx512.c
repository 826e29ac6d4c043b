/* SPDX-License-Identifier: Apache-2.0 */
/* Only where 512 bits measure better than AVX2: comparing a block is one load pair and one mask
 * test. */
#include "codec/dsp.h"

#if defined(__x86_64__)
#    include <immintrin.h>
#    include <stddef.h>

#    include "codec/limits.h"

static CW_DECL_DIFF_ROW(diff_row_avx512)
{
    const __m512i colours = _mm512_set1_epi32(0x00ffffff);
    for (uint32_t x = 0; x < width_px; x += CW_BLOCK_PX) {
        uint32_t left = width_px - x;
        __mmask16 lanes = (__mmask16)(left < CW_BLOCK_PX ? (1U << left) - 1 : 0xffffU);
        __m512i p = _mm512_maskz_loadu_epi32(lanes, a + (size_t)4 * x);
        __m512i q = _mm512_maskz_loadu_epi32(lanes, b + (size_t)4 * x);
        uint32_t bit = first_bit + x / CW_BLOCK_PX;
        if (_mm512_test_epi32_mask(_mm512_xor_si512(p, q), colours) != 0)
            bits[bit / 64] |= (uint64_t)1 << (bit % 64);
    }
}

static CW_DECL_EQUAL_64(equal_64_avx512)
{
    const __m512i colours = _mm512_set1_epi32(0x00ffffff);
    uint64_t equal = 0;
    for (uint32_t x = 0; x < width_px; x += 16) {
        uint32_t left = width_px - x;
        __mmask16 lanes = (__mmask16)(left < 16 ? (1U << left) - 1 : 0xffffU);
        __m512i p = _mm512_maskz_loadu_epi32(lanes, a + (size_t)4 * x);
        __m512i q = _mm512_maskz_loadu_epi32(lanes, b + (size_t)4 * x);
        uint64_t same = _mm512_mask_testn_epi32_mask(lanes, _mm512_xor_si512(p, q), colours);
        equal |= same << x;
    }
    return equal;
}

void cw_dsp_fill_avx512(struct cw_dsp *dsp)
{
    dsp->diff_row = diff_row_avx512;
    dsp->equal_64 = equal_64_avx512;
}
#endif
