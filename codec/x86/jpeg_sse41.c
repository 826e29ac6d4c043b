/* SPDX-License-Identifier: Apache-2.0 */
/* JPEG's kernels: a transform is sixteen multiply-adds of pairs a half row, exact in 32 bits. */
#include "codec/dsp.h"

#if defined(__x86_64__)
#    include <immintrin.h>
#    include <stddef.h>

#    include "codec/jpeg_transform.h"

static const int16_t matrix[4][8] = CW_DCT_MATRIX;

static __m128i load(const void *p)
{
    return _mm_loadu_si128((const __m128i *)p);
}

static void store(void *p, __m128i v)
{
    _mm_storeu_si128((__m128i *)p, v);
}

static __m128i pair(int16_t first, int16_t second)
{
    return _mm_set1_epi32((int32_t)((uint32_t)(uint16_t)second << 16 | (uint16_t)first));
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

/* Four numbers of a dot product with a matrix row in two pairs; low or high half of the lanes. */
static __m128i dot(__m128i p, __m128i q, __m128i cp, __m128i cq)
{
    return _mm_add_epi32(_mm_madd_epi16(p, cp), _mm_madd_epi16(q, cq));
}

static __m128i settle(__m128i low, __m128i high, __m128i bias, __m128i shift)
{
    return _mm_packs_epi32(_mm_sra_epi32(_mm_add_epi32(low, bias), shift),
                           _mm_sra_epi32(_mm_add_epi32(high, bias), shift));
}

static void forward_pass(__m128i v[8], int shift_by)
{
    const __m128i bias = _mm_set1_epi32(1 << (shift_by - 1));
    const __m128i shift = _mm_cvtsi32_si128(shift_by);
    __m128i part[2][4];
    for (unsigned n = 0; n < 4; n++) {
        part[0][n] = _mm_add_epi16(v[n], v[7 - n]);
        part[1][n] = _mm_sub_epi16(v[n], v[7 - n]);
    }
#    pragma GCC unroll 2
    for (unsigned odd = 0; odd < 2; odd++) {
        __m128i p_low = _mm_unpacklo_epi16(part[odd][0], part[odd][1]);
        __m128i p_high = _mm_unpackhi_epi16(part[odd][0], part[odd][1]);
        __m128i q_low = _mm_unpacklo_epi16(part[odd][2], part[odd][3]);
        __m128i q_high = _mm_unpackhi_epi16(part[odd][2], part[odd][3]);
#    pragma GCC unroll 4
        for (unsigned k = odd; k < 8; k += 2) {
            __m128i cp = pair(matrix[0][k], matrix[1][k]);
            __m128i cq = pair(matrix[2][k], matrix[3][k]);
            v[k] = settle(dot(p_low, q_low, cp, cq), dot(p_high, q_high, cp, cq), bias, shift);
        }
    }
}

static void inverse_pass(__m128i v[8], int32_t bias_by, int shift_by)
{
    const __m128i bias = _mm_set1_epi32(bias_by);
    const __m128i shift = _mm_cvtsi32_si128(shift_by);
    __m128i low[4];
    __m128i high[4];
    for (unsigned i = 0; i < 4; i++) { /* pairs (0, 2), (4, 6), (1, 3), (5, 7) */
        unsigned k = 4 * (i % 2) + i / 2;
        low[i] = _mm_unpacklo_epi16(v[k], v[k + 2]);
        high[i] = _mm_unpackhi_epi16(v[k], v[k + 2]);
    }
#    pragma GCC unroll 4
    for (unsigned n = 0; n < 4; n++) {
        const int16_t *m = matrix[n];
        __m128i c02 = pair(m[0], m[2]);
        __m128i c46 = pair(m[4], m[6]);
        __m128i c13 = pair(m[1], m[3]);
        __m128i c57 = pair(m[5], m[7]);
        __m128i even_low = dot(low[0], low[1], c02, c46);
        __m128i even_high = dot(high[0], high[1], c02, c46);
        __m128i odd_low = dot(low[2], low[3], c13, c57);
        __m128i odd_high = dot(high[2], high[3], c13, c57);
        v[n] = settle(_mm_add_epi32(even_low, odd_low), _mm_add_epi32(even_high, odd_high), bias,
                      shift);
        v[7 - n] = settle(_mm_sub_epi32(even_low, odd_low), _mm_sub_epi32(even_high, odd_high),
                          bias, shift);
    }
}

static CW_DECL_FDCT(fdct_sse41)
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
        store(coef + (size_t)8 * i, v[i]);
}

static CW_DECL_IDCT(idct_sse41)
{
    __m128i v[8];
    for (unsigned i = 0; i < 8; i++)
        v[i] = load(coef + (size_t)8 * i);
    inverse_pass(v, 1 << (CW_IDCT_COLUMN_SHIFT - 1), CW_IDCT_COLUMN_SHIFT);
    transpose(v);
    inverse_pass(v, (1 << (CW_IDCT_ROW_SHIFT - 1)) + (128 << CW_IDCT_ROW_SHIFT), CW_IDCT_ROW_SHIFT);
    transpose(v);
    for (unsigned i = 0; i < 8; i++)
        _mm_storel_epi64((__m128i *)(void *)(out + (size_t)i * stride),
                         _mm_packus_epi16(v[i], v[i]));
}

static CW_DECL_QUANTISE(quantise_sse41)
{
    for (unsigned i = 0; i < 64; i += 8) {
        __m128i c = load(coef + i);
        __m128i size = _mm_add_epi16(_mm_abs_epi16(c), load(table + i));
        __m128i level = _mm_mulhi_epu16(size, load(table + 64 + i));
        level = _mm_mulhi_epu16(level, load(table + 128 + i));
        store(coef + i, _mm_sign_epi16(level, c));
    }
}

/* Eight pixels' weighted sums, shifted to 8 numbers of 16 bits. */
static __m128i weigh(const __m128i p[4], __m128i factors, __m128i bias)
{
    __m128i low = _mm_hadd_epi32(_mm_madd_epi16(p[0], factors), _mm_madd_epi16(p[1], factors));
    __m128i high = _mm_hadd_epi32(_mm_madd_epi16(p[2], factors), _mm_madd_epi16(p[3], factors));
    return _mm_packs_epi32(_mm_srai_epi32(_mm_add_epi32(low, bias), 14),
                           _mm_srai_epi32(_mm_add_epi32(high, bias), 14));
}

static CW_DECL_TO_YCC_ROW(to_ycc_row_sse41)
{
    const __m128i luma = _mm_setr_epi16(CW_Y_FROM_B, CW_Y_FROM_G, CW_Y_FROM_R, 0, CW_Y_FROM_B,
                                        CW_Y_FROM_G, CW_Y_FROM_R, 0);
    const __m128i blue = _mm_setr_epi16(CW_CHROMA_OWN, CW_CB_FROM_G, CW_CB_FROM_R, 0, CW_CHROMA_OWN,
                                        CW_CB_FROM_G, CW_CB_FROM_R, 0);
    const __m128i red = _mm_setr_epi16(CW_CR_FROM_B, CW_CR_FROM_G, CW_CHROMA_OWN, 0, CW_CR_FROM_B,
                                       CW_CR_FROM_G, CW_CHROMA_OWN, 0);
    const __m128i half = _mm_set1_epi32(8192);
    const __m128i chroma = _mm_set1_epi32(CW_CHROMA_BIAS);
    uint32_t x = 0;
    for (; x + 8 <= width_px; x += 8) {
        __m128i p[4];
        for (unsigned i = 0; i < 4; i++)
            p[i] = _mm_cvtepu8_epi16(
                _mm_loadl_epi64((const __m128i *)(const void *)(in + (size_t)4 * x + 8 * i)));
        __m128i v = weigh(p, luma, half);
        _mm_storel_epi64((__m128i *)(void *)(y + x), _mm_packus_epi16(v, v));
        v = weigh(p, blue, chroma);
        _mm_storel_epi64((__m128i *)(void *)(cb + x), _mm_packus_epi16(v, v));
        v = weigh(p, red, chroma);
        _mm_storel_epi64((__m128i *)(void *)(cr + x), _mm_packus_epi16(v, v));
    }
    if (x < width_px) {
        struct cw_dsp c;
        cw_dsp_fill_c_jpeg(&c);
        c.to_ycc_row(in + (size_t)4 * x, width_px - x, y + x, cb + x, cr + x);
    }
}

static __m128i widen(const uint8_t *p)
{
    return _mm_cvtepu8_epi16(_mm_loadl_epi64((const __m128i *)(const void *)p));
}

static CW_DECL_FROM_YCC_ROW(from_ycc_row_sse41)
{
    const __m128i middle = _mm_set1_epi16(128);
    uint32_t x = 0;
    for (; x + 8 <= width_px; x += 8) {
        __m128i luma = widen(y + x);
        /* Doubled: then a rounding multiply by a factor of 14 bits shifts by 15. */
        __m128i b = _mm_slli_epi16(_mm_sub_epi16(widen(cb + x), middle), 1);
        __m128i r = _mm_slli_epi16(_mm_sub_epi16(widen(cr + x), middle), 1);
        __m128i blue = _mm_add_epi16(_mm_add_epi16(luma, b),
                                     _mm_mulhrs_epi16(b, _mm_set1_epi16(CW_B_FROM_CB)));
        __m128i green =
            _mm_add_epi16(_mm_add_epi16(luma, _mm_mulhrs_epi16(b, _mm_set1_epi16(CW_G_FROM_CB))),
                          _mm_mulhrs_epi16(r, _mm_set1_epi16(CW_G_FROM_CR)));
        __m128i red = _mm_add_epi16(_mm_add_epi16(luma, _mm_srai_epi16(r, 1)),
                                    _mm_mulhrs_epi16(r, _mm_set1_epi16(CW_R_FROM_CR)));
        __m128i bg = _mm_packus_epi16(blue, green); /* 8 B, 8 G */
        __m128i rx = _mm_packus_epi16(red, _mm_setzero_si128());
        bg = _mm_unpacklo_epi8(bg, _mm_srli_si128(bg, 8));
        rx = _mm_unpacklo_epi8(rx, _mm_srli_si128(rx, 8));
        store(out + (size_t)4 * x, _mm_unpacklo_epi16(bg, rx));
        store(out + (size_t)4 * x + 16, _mm_unpackhi_epi16(bg, rx));
    }
    if (x < width_px) {
        struct cw_dsp c;
        cw_dsp_fill_c_jpeg(&c);
        c.from_ycc_row(out + (size_t)4 * x, width_px - x, y + x, cb + x, cr + x);
    }
}

void cw_dsp_fill_sse41_jpeg(struct cw_dsp *dsp)
{
    dsp->fdct = fdct_sse41;
    dsp->idct = idct_sse41;
    dsp->quantise = quantise_sse41;
    dsp->to_ycc_row = to_ycc_row_sse41;
    dsp->from_ycc_row = from_ycc_row_sse41;
}
#endif
