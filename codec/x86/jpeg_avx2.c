/* SPDX-License-Identifier: Apache-2.0 */
/* JPEG's transforms with both halves of a row in one vector. */
#include "codec/dsp.h"

#if defined(__x86_64__)
#    include <immintrin.h>
#    include <stddef.h>

#    include "codec/jpeg_transform.h"

static const int16_t matrix[4][8] = CW_DCT_MATRIX;

static __m256i pair(int16_t first, int16_t second)
{
    return _mm256_set1_epi32((int32_t)((uint32_t)(uint16_t)second << 16 | (uint16_t)first));
}

/* Lane i of a beside lane i of b. */
static __m256i beside(__m128i a, __m128i b)
{
    return _mm256_set_m128i(_mm_unpackhi_epi16(a, b), _mm_unpacklo_epi16(a, b));
}

static __m256i dot(__m256i p, __m256i q, __m256i cp, __m256i cq)
{
    return _mm256_add_epi32(_mm256_madd_epi16(p, cp), _mm256_madd_epi16(q, cq));
}

static __m128i settle(__m256i v, __m256i bias, __m128i shift)
{
    v = _mm256_sra_epi32(_mm256_add_epi32(v, bias), shift);
    return _mm_packs_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
}

static void transpose(__m128i v[8])
{
    __m128i a[8];
    __m128i b[8];
    for (unsigned i = 0; i < 4; i++) {
        a[2 * i] = _mm_unpacklo_epi16(v[2 * i], v[2 * i + 1]);
        a[2 * i + 1] = _mm_unpackhi_epi16(v[2 * i], v[2 * i + 1]);
    }
    for (unsigned i = 0; i < 8; i += 4) {
        b[i] = _mm_unpacklo_epi32(a[i], a[i + 2]);
        b[i + 1] = _mm_unpackhi_epi32(a[i], a[i + 2]);
        b[i + 2] = _mm_unpacklo_epi32(a[i + 1], a[i + 3]);
        b[i + 3] = _mm_unpackhi_epi32(a[i + 1], a[i + 3]);
    }
    for (unsigned i = 0; i < 4; i++) {
        v[2 * i] = _mm_unpacklo_epi64(b[i], b[i + 4]);
        v[2 * i + 1] = _mm_unpackhi_epi64(b[i], b[i + 4]);
    }
}

static void forward_pass(__m128i v[8], int shift_by)
{
    const __m256i bias = _mm256_set1_epi32(1 << (shift_by - 1));
    const __m128i shift = _mm_cvtsi32_si128(shift_by);
    __m128i part[2][4];
    for (unsigned n = 0; n < 4; n++) {
        part[0][n] = _mm_add_epi16(v[n], v[7 - n]);
        part[1][n] = _mm_sub_epi16(v[n], v[7 - n]);
    }
#    pragma GCC unroll 2
    for (unsigned odd = 0; odd < 2; odd++) {
        __m256i p = beside(part[odd][0], part[odd][1]);
        __m256i q = beside(part[odd][2], part[odd][3]);
#    pragma GCC unroll 4
        for (unsigned k = odd; k < 8; k += 2)
            v[k] = settle(
                dot(p, q, pair(matrix[0][k], matrix[1][k]), pair(matrix[2][k], matrix[3][k])), bias,
                shift);
    }
}

static void inverse_pass(__m128i v[8], int32_t bias_by, int shift_by)
{
    const __m256i bias = _mm256_set1_epi32(bias_by);
    const __m128i shift = _mm_cvtsi32_si128(shift_by);
    __m256i p02 = beside(v[0], v[2]);
    __m256i p46 = beside(v[4], v[6]);
    __m256i p13 = beside(v[1], v[3]);
    __m256i p57 = beside(v[5], v[7]);
#    pragma GCC unroll 4
    for (unsigned n = 0; n < 4; n++) {
        const int16_t *m = matrix[n];
        __m256i even = dot(p02, p46, pair(m[0], m[2]), pair(m[4], m[6]));
        __m256i odd = dot(p13, p57, pair(m[1], m[3]), pair(m[5], m[7]));
        v[n] = settle(_mm256_add_epi32(even, odd), bias, shift);
        v[7 - n] = settle(_mm256_sub_epi32(even, odd), bias, shift);
    }
}

static CW_DECL_FDCT(fdct_avx2)
{
    const __m128i middle = _mm_set1_epi16(128);
    __m128i v[8];
    for (unsigned i = 0; i < 8; i++) {
        __m128i row = _mm_loadl_epi64((const __m128i *)(const void *)(in + (size_t)i * stride));
        v[i] = _mm_sub_epi16(_mm_cvtepu8_epi16(row), middle);
    }
    forward_pass(v, CW_FDCT_COLUMN_SHIFT);
    transpose(v);
    forward_pass(v, CW_FDCT_ROW_SHIFT);
    transpose(v);
    for (unsigned i = 0; i < 8; i++)
        _mm_storeu_si128((__m128i *)(void *)(coef + (size_t)8 * i), v[i]);
}

static CW_DECL_IDCT(idct_avx2)
{
    __m128i v[8];
    for (unsigned i = 0; i < 8; i++)
        v[i] = _mm_loadu_si128((const __m128i *)(const void *)(coef + (size_t)8 * i));
    inverse_pass(v, 1 << (CW_IDCT_COLUMN_SHIFT - 1), CW_IDCT_COLUMN_SHIFT);
    transpose(v);
    inverse_pass(v, (1 << (CW_IDCT_ROW_SHIFT - 1)) + (128 << CW_IDCT_ROW_SHIFT), CW_IDCT_ROW_SHIFT);
    transpose(v);
    for (unsigned i = 0; i < 8; i++)
        _mm_storel_epi64((__m128i *)(void *)(out + (size_t)i * stride),
                         _mm_packus_epi16(v[i], v[i]));
}

void cw_dsp_fill_avx2_jpeg(struct cw_dsp *dsp)
{
    dsp->fdct = fdct_avx2;
    dsp->idct = idct_avx2;
}
#endif
