/* SPDX-License-Identifier: Apache-2.0 */
/* codec/x86/vec_wide_256.h - codec/vec_wide.h with AVX2: eight numbers in one vector.
 *
 * Owner:     none.
 * Thread:    any.
 * Units:     numbers of 32 bits, from words of 16.
 * Errors:    none.
 * Invariant: each does what its namesake does.
 */
#ifndef CW_CODEC_X86_VEC_WIDE_256_H
#define CW_CODEC_X86_VEC_WIDE_256_H

#include "codec/x86/vec.h"

#if defined(__x86_64__)
#    define CW_VEC_WIDE_256

typedef __m256i wide;

#    define w_set _mm256_set1_epi32
#    define w_add _mm256_add_epi32
#    define w_sub _mm256_sub_epi32
#    define w_dot _mm256_madd_epi16

static inline wide w_pair(int16_t first, int16_t second)
{
    return w_set((int32_t)((uint32_t)(uint16_t)second << 16 | (uint16_t)first));
}

static inline wide w_beside(vec a, vec b)
{
    return _mm256_set_m128i(v_high16(a, b), v_low16(a, b));
}

static inline vec w_narrow(wide v, int shift)
{
    v = _mm256_srai_epi32(v, shift);
    return v_pack32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
}

#endif
#endif
