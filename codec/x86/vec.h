/* SPDX-License-Identifier: Apache-2.0 */
/* codec/x86/vec.h - vectors and what is done with them, under the names that kernels for several sets of instructions
 * are written with: of 128 bits, or of 256 where CW_VEC_256 is defined first.
 *
 * Owner:     none.
 * Thread:    any.
 * Units:     bytes, words of 16 bits, numbers of 32 bits: the 8, 16 or 32 in a name.
 * Errors:    none.
 * Invariant: in 256 bits, what moves bytes (v_low8 ... v_high64, v_pick8, packing) works within each half.
 *
 * add, sub: modulo; add...u, sub...u: saturated, without sign. mul: the low half; mul...u: the high half, without
 * sign. gt: with sign. min, max of bytes: without sign, of words: with. shr, sar: without and with sign. low, high:
 * interleave lanes of two vectors.
 */
#ifndef CW_CODEC_X86_VEC_H
#define CW_CODEC_X86_VEC_H

#if defined(__x86_64__)
#    include <immintrin.h>
#    include <stddef.h>
#    include <stdint.h>
#    include <string.h>

#    ifdef CW_VEC_256
typedef __m256i vec;
#        define V(operation) _mm256_##operation
#        define v_or         _mm256_or_si256
#        define v_and        _mm256_and_si256
#        define v_xor        _mm256_xor_si256
#        define v_zero       _mm256_setzero_si256
#    else
typedef __m128i vec;
#        define V(operation) _mm_##operation
#        define v_or         _mm_or_si128
#        define v_and        _mm_and_si128
#        define v_xor        _mm_xor_si128
#        define v_zero       _mm_setzero_si128
#    endif

enum { VEC_BYTES = sizeof(vec) };

static inline vec v_load(const void *p)
{
#    ifdef CW_VEC_256
    return _mm256_loadu_si256((const vec *)p);
#    else
    return _mm_loadu_si128((const vec *)p);
#    endif
}

static inline void v_store(void *p, vec v)
{
#    ifdef CW_VEC_256
    _mm256_storeu_si256((vec *)p, v);
#    else
    _mm_storeu_si128((vec *)p, v);
#    endif
}

#    define v_set8    V(set1_epi8)
#    define v_set16   V(set1_epi16)
#    define v_set32   V(set1_epi32)
#    define v_low8    V(unpacklo_epi8)
#    define v_high8   V(unpackhi_epi8)
#    define v_low16   V(unpacklo_epi16)
#    define v_high16  V(unpackhi_epi16)
#    define v_low32   V(unpacklo_epi32)
#    define v_high32  V(unpackhi_epi32)
#    define v_low64   V(unpacklo_epi64)
#    define v_high64  V(unpackhi_epi64)
#    define v_add8    V(add_epi8)
#    define v_sub8    V(sub_epi8)
#    define v_sub8u   V(subs_epu8)
#    define v_min8    V(min_epu8)
#    define v_max8    V(max_epu8)
#    define v_gt8     V(cmpgt_epi8)
#    define v_eq8     V(cmpeq_epi8)
#    define v_abs8    V(abs_epi8)
#    define v_mean8   V(avg_epu8) /* rounded up */
#    define v_pick8   V(shuffle_epi8)
#    define v_blend8  V(blendv_epi8)
#    define v_mask8   V(movemask_epi8)
#    define v_sad8    V(sad_epu8)
#    define v_add16   V(add_epi16)
#    define v_add16u  V(adds_epu16)
#    define v_sub16   V(sub_epi16)
#    define v_mul16   V(mullo_epi16)
#    define v_mul16u  V(mulhi_epu16)
#    define v_min16   V(min_epi16)
#    define v_max16   V(max_epi16)
#    define v_gt16    V(cmpgt_epi16)
#    define v_abs16   V(abs_epi16)
#    define v_sign16  V(sign_epi16)
#    define v_shl16   V(slli_epi16)
#    define v_shr16   V(srli_epi16)
#    define v_sar16   V(srai_epi16)
#    define v_add32   V(add_epi32)
#    define v_sub32   V(sub_epi32)
#    define v_mul32   V(mullo_epi32)
#    define v_eq32    V(cmpeq_epi32)
#    define v_shr32   V(srli_epi32)
#    define v_sar32   V(srai_epi32)
#    define v_dot16   V(madd_epi16)
#    define v_dot8    V(maddubs_epi16)
/* Words of two words multiplied, doubled, the high half rounded. */
#    define v_scale16 V(mulhrs_epi16)
#    define v_pack32  V(packs_epi32)
#    define v_pack16  V(packus_epi16)

static inline vec v_half8(vec v)
{
    return v_and(v_shr16(v, 1), v_set8(127));
}

/* How many numbers of 32 bits are negative. */
static inline uint32_t v_count32(vec v)
{
#    ifdef CW_VEC_256
    int mask = _mm256_movemask_ps(_mm256_castsi256_ps(v));
#    else
    int mask = _mm_movemask_ps(_mm_castsi128_ps(v));
#    endif
    return (uint32_t)__builtin_popcount((unsigned)mask);
}

/* The same 16 bytes in each half. */
static inline vec v_set128(__m128i v)
{
#    ifdef CW_VEC_256
    return _mm256_broadcastsi128_si256(v);
#    else
    return v;
#    endif
}

/* Bytes of a vector of 128 bits by their numbers; V_NONE is 0. */
#    define v_order8(v, ...) _mm_shuffle_epi8(v, _mm_setr_epi8(__VA_ARGS__))
#    define V_NONE           (-1)

/* Four bytes. */
static inline __m128i v_load4(const void *p)
{
    int v;
    memcpy(&v, p, sizeof(v));
    return _mm_cvtsi32_si128(v);
}

static inline void v_store4(void *p, __m128i v)
{
    int low = _mm_cvtsi128_si32(v);
    memcpy(p, &low, sizeof(low));
}

/* Eight bytes, and eight bytes as words. */
static inline __m128i v_load8(const void *p)
{
    return _mm_loadl_epi64((const __m128i *)p);
}

static inline void v_store8(void *p, __m128i v)
{
    _mm_storel_epi64((__m128i *)p, v);
}

static inline __m128i v_widen8(const void *p)
{
    return _mm_cvtepu8_epi16(v_load8(p));
}

#endif
#endif
