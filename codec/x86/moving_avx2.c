/* SPDX-License-Identifier: Apache-2.0 */
/* The transforms and the filter for both halves of the lanes at once; the rest is as with SSE4.1, compiled for AVX2. */
#include "codec/x86/vec_wide_256.h"

#include "codec/x86/moving_x86.h"

#if defined(__x86_64__)

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
    dsp->predict = predict_256;
}
#endif
