/* SPDX-License-Identifier: Apache-2.0 */
/* The encoder's kernels of photographs for 32 pixels at a time; rows shorter than that are left to the C version. */
#include "codec/dsp.h"

#if defined(__x86_64__)
#    include <immintrin.h>
#    include <stddef.h>

#    include "codec/photo_model.h"

static __m256i load(const uint8_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

static void store(uint8_t *p, __m256i v)
{
    _mm256_storeu_si256((__m256i *)(void *)p, v);
}

static struct cw_dsp plain_c(void)
{
    struct cw_dsp c;
    cw_dsp_fill_c_photo(&c);
    return c;
}

enum { VALUES = 32 };

/* The next whole vector; the last one may overlap the one before. */
static uint32_t next(uint32_t x, uint32_t width_px)
{
    x += VALUES;
    return x < width_px && x + VALUES > width_px ? width_px - VALUES : x;
}

struct planes {
    __m256i b, g, r;
};

static struct planes load_planes(const uint8_t *in)
{
    const __m256i order = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
    const __m256i lanes = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    __m256i v0 = _mm256_shuffle_epi8(load(in), order);
    __m256i v1 = _mm256_shuffle_epi8(load(in + 32), order);
    __m256i v2 = _mm256_shuffle_epi8(load(in + 64), order);
    __m256i v3 = _mm256_shuffle_epi8(load(in + 96), order);
    __m256i bg0 = _mm256_unpacklo_epi32(v0, v1);
    __m256i bg1 = _mm256_unpacklo_epi32(v2, v3);
    __m256i rx0 = _mm256_unpackhi_epi32(v0, v1);
    __m256i rx1 = _mm256_unpackhi_epi32(v2, v3);
    return (struct planes){
        .b = _mm256_permutevar8x32_epi32(_mm256_unpacklo_epi64(bg0, bg1), lanes),
        .g = _mm256_permutevar8x32_epi32(_mm256_unpackhi_epi64(bg0, bg1), lanes),
        .r = _mm256_permutevar8x32_epi32(_mm256_unpacklo_epi64(rx0, rx1), lanes),
    };
}

static __m256i half(__m256i v)
{
    return _mm256_and_si256(_mm256_srli_epi16(v, 1), _mm256_set1_epi8(127));
}

static CW_DECL_PHOTO_PLANES(photo_plain_avx2)
{
    if (width_px < VALUES) {
        plain_c().photo_plain(in, width_px, p, q, s);
        return;
    }
    for (uint32_t x = 0; x < width_px; x = next(x, width_px)) {
        struct planes v = load_planes(in + (size_t)4 * x);
        store(p + x, v.g);
        store(q + x, v.b);
        store(s + x, v.r);
    }
}

static CW_DECL_PHOTO_PLANES(photo_green_avx2)
{
    if (width_px < VALUES) {
        plain_c().photo_green(in, width_px, p, q, s);
        return;
    }
    const __m256i middle = _mm256_set1_epi8(-128);
    for (uint32_t x = 0; x < width_px; x = next(x, width_px)) {
        struct planes v = load_planes(in + (size_t)4 * x);
        __m256i g = _mm256_xor_si256(v.g, middle);
        store(p + x, v.g);
        store(q + x, _mm256_sub_epi8(v.b, g));
        store(s + x, _mm256_sub_epi8(v.r, g));
    }
}

static CW_DECL_PHOTO_PLANES(photo_luma_avx2)
{
    if (width_px < VALUES) {
        plain_c().photo_luma(in, width_px, p, q, s);
        return;
    }
    const __m256i middle = _mm256_set1_epi8(-128);
    const __m256i quarter = _mm256_set1_epi8(64);
    for (uint32_t x = 0; x < width_px; x = next(x, width_px)) {
        struct planes v = load_planes(in + (size_t)4 * x);
        __m256i first = _mm256_xor_si256(_mm256_sub_epi8(v.r, v.b), middle);
        __m256i mean = _mm256_sub_epi8(_mm256_add_epi8(v.b, half(first)), quarter);
        __m256i second = _mm256_xor_si256(_mm256_sub_epi8(v.g, mean), middle);
        store(q + x, first);
        store(s + x, second);
        store(p + x, _mm256_sub_epi8(_mm256_add_epi8(mean, half(second)), quarter));
    }
}

static CW_DECL_PHOTO_RESIDUALS(photo_residuals_avx2)
{
    if (width_px < VALUES) {
        plain_c().photo_residuals(line, above, width_px, folded, magnitudes);
        return;
    }
    const __m256i most_magnitude = _mm256_set1_epi8(CW_PHOTO_MAGNITUDE_MAX);
    for (uint32_t x = 0; x < width_px; x = next(x, width_px)) {
        __m256i w = load(line + x - 1);
        __m256i n = load(above + x);
        __m256i low = _mm256_min_epu8(w, n);
        __m256i high = _mm256_max_epu8(w, n);
        __m256i between = _mm256_min_epu8(_mm256_max_epu8(load(above + x - 1), low), high);
        __m256i predicted = _mm256_sub_epi8(_mm256_add_epi8(w, n), between);
        __m256i d = _mm256_sub_epi8(load(line + x), predicted);
        __m256i negative = _mm256_cmpgt_epi8(_mm256_setzero_si256(), d);
        store(folded + x, _mm256_xor_si256(_mm256_add_epi8(d, d), negative));
        store(magnitudes + x, _mm256_min_epu8(_mm256_abs_epi8(d), most_magnitude));
    }
}

static CW_DECL_PHOTO_CONTEXTS(photo_contexts_avx2)
{
    if (width_px < VALUES) {
        plain_c().photo_contexts(folded, magnitudes, above, width_px, indexes);
        return;
    }
    const __m256i low =
        _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 2, 3, 3, 4, 4, 5, 5, 5, 6, 6, 6, 6, 7, 7));
    const __m256i by_eight = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, 0, 8, 9, 10, 10, 11, 11, 11, 12, 12, 12, 12, 13, 13, 13));
    for (uint32_t x = 0; x < width_px; x = next(x, width_px)) {
        __m256i near = _mm256_add_epi8(load(magnitudes + x - 1), load(above + x));
        __m256i a = _mm256_add_epi8(load(above + x - 1), load(above + x + 1));
        a = _mm256_add_epi8(a, _mm256_add_epi8(near, near));
        a = _mm256_min_epu8(a, _mm256_set1_epi8(127));
        __m256i eighth = _mm256_and_si256(_mm256_srli_epi16(a, 3), _mm256_set1_epi8(15));
        __m256i context =
            _mm256_blendv_epi8(_mm256_shuffle_epi8(low, a), _mm256_shuffle_epi8(by_eight, eighth),
                               _mm256_cmpgt_epi8(a, _mm256_set1_epi8(15)));
        __m256i token = _mm256_min_epu8(load(folded + x), _mm256_set1_epi8(CW_PHOTO_DIRECT));
        __m256i below = _mm256_and_si256(_mm256_slli_epi16(context, 5), _mm256_set1_epi8(-32));
        __m256i above_byte = _mm256_and_si256(_mm256_srli_epi16(context, 3), _mm256_set1_epi8(31));
        below = _mm256_or_si256(below, token);
        __m256i even = _mm256_unpacklo_epi8(below, above_byte);
        __m256i odd = _mm256_unpackhi_epi8(below, above_byte);
        uint8_t *to = (uint8_t *)(indexes + x);
        store(to, _mm256_permute2x128_si256(even, odd, 0x20));
        store(to + 32, _mm256_permute2x128_si256(even, odd, 0x31));
    }
}

void cw_dsp_fill_avx2_photo(struct cw_dsp *dsp)
{
    dsp->photo_plain = photo_plain_avx2;
    dsp->photo_green = photo_green_avx2;
    dsp->photo_luma = photo_luma_avx2;
    dsp->photo_residuals = photo_residuals_avx2;
    dsp->photo_contexts = photo_contexts_avx2;
}
#endif
