/* SPDX-License-Identifier: Apache-2.0 */
/* The transforms and the filter for both halves of the lanes at once; the rest is as with SSE4.1, compiled for AVX2. */
#include "codec/x86/moving_x86.h"

#if defined(__x86_64__)

/* Lanes of two rows, interleaved: the low half's, then the high half's. */
static inline __m256i pair(__m128i a, __m128i b)
{
    return _mm256_set_m128i(_mm_unpackhi_epi16(a, b), _mm_unpacklo_epi16(a, b));
}

static inline __m256i both(int16_t first, int16_t second)
{
    return _mm256_set1_epi32(
        (int32_t)((uint32_t)(uint16_t)first | (uint32_t)(uint16_t)second << 16));
}

static inline __m128i narrow(__m256i v)
{
    return _mm_packs_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
}

static inline void inverse_columns_256(vec r[8], int shift)
{
    const int16_t(*m)[CW_MOVING_BLOCK] = cw_moving_cosines;
    const __m256i round = _mm256_set1_epi32(1 << (shift - 1));
    __m256i p04 = pair(r[0], r[4]);
    __m256i p26 = pair(r[2], r[6]);
    __m256i p13 = pair(r[1], r[3]);
    __m256i p57 = pair(r[5], r[7]);
    for (unsigned y = 0; y < 4; y++) {
        __m256i even = _mm256_add_epi32(_mm256_madd_epi16(p04, both(m[0][y], m[4][y])),
                                        _mm256_madd_epi16(p26, both(m[2][y], m[6][y])));
        __m256i odd = _mm256_add_epi32(_mm256_madd_epi16(p13, both(m[1][y], m[3][y])),
                                       _mm256_madd_epi16(p57, both(m[5][y], m[7][y])));
        even = _mm256_add_epi32(even, round);
        r[y] = narrow(_mm256_srai_epi32(_mm256_add_epi32(even, odd), shift));
        r[7 - y] = narrow(_mm256_srai_epi32(_mm256_sub_epi32(even, odd), shift));
    }
}

static CW_DECL_MOVING_INVERSE(inverse_256)
{
    vec r[8];
    for (unsigned k = 0; k < 8; k++)
        r[k] = v_scale(v_load(levels + (size_t)8 * k), step);
    inverse_columns_256(r, 7);
    transpose(r);
    inverse_columns_256(r, 11);
    transpose(r);
    add_rows(r, out, stride);
}

static inline void forward_columns_256(vec r[8], int shift)
{
    const __m256i round = _mm256_set1_epi32(1 << (shift - 1));
    __m128i s[4];
    __m128i d[4];
    for (unsigned i = 0; i < 4; i++) {
        s[i] = v_add16(r[i], r[7 - i]);
        d[i] = v_sub16(r[i], r[7 - i]);
    }
    const __m256i pairs[2][2] = {{pair(s[0], s[1]), pair(s[2], s[3])},
                                 {pair(d[0], d[1]), pair(d[2], d[3])}};
    for (unsigned k = 0; k < 8; k++) {
        const int16_t *m = cw_moving_cosines[k];
        __m256i v = _mm256_add_epi32(_mm256_madd_epi16(pairs[k % 2][0], both(m[0], m[1])),
                                     _mm256_madd_epi16(pairs[k % 2][1], both(m[2], m[3])));
        r[k] = narrow(_mm256_srai_epi32(_mm256_add_epi32(v, round), shift));
    }
}

static CW_DECL_MOVING_FORWARD(forward_256)
{
    vec r[8];
    subtract_rows(a, a_stride, b, b_stride, r);
    transpose(r);
    forward_columns_256(r, 3);
    transpose(r);
    forward_columns_256(r, 9);
    for (unsigned k = 0; k < 8; k++)
        v_store(coefs + (size_t)8 * k, r[k]);
}

/* Two neighbours of 16 samples, interleaved. */
static inline __m256i beside(__m128i a, __m128i b)
{
    return _mm256_set_m128i(_mm_unpackhi_epi8(a, b), _mm_unpacklo_epi8(a, b));
}

static inline __m128i weigh(__m256i a, __m256i b, __m256i c, const __m256i taps[3])
{
    __m256i sum =
        _mm256_add_epi16(_mm256_maddubs_epi16(a, taps[0]), _mm256_maddubs_epi16(b, taps[1]));
    sum = _mm256_add_epi16(
        sum, _mm256_add_epi16(_mm256_maddubs_epi16(c, taps[2]), _mm256_set1_epi16(32)));
    sum = _mm256_srai_epi16(sum, 6);
    return _mm_packus_epi16(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
}

static inline void load_taps_256(uint32_t fraction, __m256i taps[3])
{
    for (unsigned i = 0; i < 3; i++) {
        const int8_t *t = cw_moving_taps[fraction] + (size_t)2 * i;
        taps[i] = _mm256_set1_epi16((int16_t)((uint8_t)t[0] | (uint8_t)t[1] << 8));
    }
}

static inline __m128i filter_row(const uint8_t *in, const __m256i taps[3])
{
    return weigh(beside(v_load(in - 2), v_load(in - 1)), beside(v_load(in), v_load(in + 1)),
                 beside(v_load(in + 2), v_load(in + 3)), taps);
}

/* Sixteen rows of sixteen. Columns: each row, filtered along itself if fx, joins the five before it. */
static inline void predict_columns(uint8_t *out, size_t out_stride, const uint8_t *in,
                                   size_t in_stride, uint32_t fx, uint32_t fy)
{
    __m256i across[3];
    __m256i down[3];
    __m256i pairs[4]; /* of rows i - 5 and i - 4, ..., i - 2 and i - 1 */
    load_taps_256(fx, across);
    load_taps_256(fy, down);
    in -= CW_MOVING_TAPS_BEFORE * in_stride;
    __m128i last = _mm_setzero_si128();
    for (unsigned i = 0; i < 16 + CW_MOVING_TAPS - 1; i++, in += in_stride) {
        __m128i row = fx != 0 ? filter_row(in, across) : v_load(in);
        __m256i next = beside(last, row);
        if (i >= 5) {
            v_store(out, weigh(pairs[0], pairs[2], next, down));
            out += out_stride;
        }
        pairs[0] = pairs[1];
        pairs[1] = pairs[2];
        pairs[2] = pairs[3];
        pairs[3] = next;
        last = row;
    }
}

static CW_DECL_MOVING_PREDICT(predict_256)
{
    if (size != 16 || (fx | fy) == 0) {
        predict_128(out, out_stride, in, in_stride, size, fx, fy);
    } else if (fy != 0) {
        predict_columns(out, out_stride, in, in_stride, fx, fy);
    } else {
        __m256i taps[3];
        load_taps_256(fx, taps);
        for (unsigned y = 0; y < 16; y++)
            v_store(out + y * out_stride, filter_row(in + y * in_stride, taps));
    }
}

void cw_moving_fill_avx2(struct cw_moving_dsp *dsp)
{
#    define USE(field, DECL) dsp->field = field##_128;
    CW_MOVING_KERNELS(USE)
#    undef USE
    dsp->inverse = inverse_256;
    dsp->forward = forward_256;
    dsp->predict = predict_256;
}
#endif
