/* SPDX-License-Identifier: Apache-2.0 */
/* JPEG's transforms with both halves of a row in one vector. */
#include "codec/x86/vec.h"

#if defined(__x86_64__)
#    define CW_WIDE
typedef __m256i wide;

static inline wide w_pair(int16_t first, int16_t second)
{
    return _mm256_set1_epi32((int32_t)((uint32_t)(uint16_t)second << 16 | (uint16_t)first));
}

static inline wide w_beside(vec a, vec b)
{
    return _mm256_set_m128i(v_high16(a, b), v_low16(a, b));
}

static inline vec w_settle(wide v, int32_t bias, int shift)
{
    v = _mm256_srai_epi32(_mm256_add_epi32(v, _mm256_set1_epi32(bias)), shift);
    return v_pack32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
}

#    define w_add _mm256_add_epi32
#    define w_sub _mm256_sub_epi32
#    define w_dot _mm256_madd_epi16

#    include "codec/jpeg_simd.h"

void cw_dsp_fill_avx2_jpeg(struct cw_dsp *dsp)
{
    dsp->fdct = fdct_128;
    dsp->idct = idct_128;
}
#endif
