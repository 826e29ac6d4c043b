/* SPDX-License-Identifier: Apache-2.0 */
/* The kernels of photographs for 16 pixels at a time; rows shorter than that are left to the C version. */
#include "codec/dsp.h"

#if defined(__x86_64__)
#    include <smmintrin.h>
#    include <stddef.h>
#    include <string.h>

#    include "codec/photo_model.h"

static __m128i load(const uint8_t *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static void store(uint8_t *p, __m128i v)
{
    _mm_storeu_si128((__m128i *)(void *)p, v);
}

static struct cw_dsp plain_c(void)
{
    struct cw_dsp c;
    cw_dsp_fill_c_photo(&c);
    return c;
}

enum { VALUES = 16, PIXELS = 4 };

/* The next whole vector; the last one may overlap the one before. */
static uint32_t next(uint32_t x, uint32_t width_px)
{
    x += VALUES;
    return x < width_px && x + VALUES > width_px ? width_px - VALUES : x;
}

static uint32_t next_pixels(uint32_t x, uint32_t width_px)
{
    x += PIXELS;
    return x < width_px && x + PIXELS > width_px ? width_px - PIXELS : x;
}

struct planes {
    __m128i b, g, r;
};

static struct planes load_planes(const uint8_t *in)
{
    const __m128i order = _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    __m128i v0 = _mm_shuffle_epi8(load(in), order);
    __m128i v1 = _mm_shuffle_epi8(load(in + 16), order);
    __m128i v2 = _mm_shuffle_epi8(load(in + 32), order);
    __m128i v3 = _mm_shuffle_epi8(load(in + 48), order);
    __m128i bg0 = _mm_unpacklo_epi32(v0, v1);
    __m128i bg1 = _mm_unpacklo_epi32(v2, v3);
    __m128i rx0 = _mm_unpackhi_epi32(v0, v1);
    __m128i rx1 = _mm_unpackhi_epi32(v2, v3);
    return (struct planes){
        .b = _mm_unpacklo_epi64(bg0, bg1),
        .g = _mm_unpackhi_epi64(bg0, bg1),
        .r = _mm_unpacklo_epi64(rx0, rx1),
    };
}

static __m128i half(__m128i v)
{
    return _mm_and_si128(_mm_srli_epi16(v, 1), _mm_set1_epi8(127));
}

static CW_DECL_PHOTO_PLANES(photo_plain_sse41)
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

static CW_DECL_PHOTO_PLANES(photo_green_sse41)
{
    if (width_px < VALUES) {
        plain_c().photo_green(in, width_px, p, q, s);
        return;
    }
    const __m128i middle = _mm_set1_epi8(-128);
    for (uint32_t x = 0; x < width_px; x = next(x, width_px)) {
        struct planes v = load_planes(in + (size_t)4 * x);
        __m128i g = _mm_xor_si128(v.g, middle);
        store(p + x, v.g);
        store(q + x, _mm_sub_epi8(v.b, g));
        store(s + x, _mm_sub_epi8(v.r, g));
    }
}

static CW_DECL_PHOTO_PLANES(photo_luma_sse41)
{
    if (width_px < VALUES) {
        plain_c().photo_luma(in, width_px, p, q, s);
        return;
    }
    const __m128i middle = _mm_set1_epi8(-128);
    const __m128i quarter = _mm_set1_epi8(64);
    for (uint32_t x = 0; x < width_px; x = next(x, width_px)) {
        struct planes v = load_planes(in + (size_t)4 * x);
        __m128i first = _mm_xor_si128(_mm_sub_epi8(v.r, v.b), middle);
        __m128i mean = _mm_sub_epi8(_mm_add_epi8(v.b, half(first)), quarter);
        __m128i second = _mm_xor_si128(_mm_sub_epi8(v.g, mean), middle);
        store(q + x, first);
        store(s + x, second);
        store(p + x, _mm_sub_epi8(_mm_add_epi8(mean, half(second)), quarter));
    }
}

static CW_DECL_PHOTO_RESIDUALS(photo_residuals_sse41)
{
    if (width_px < VALUES) {
        plain_c().photo_residuals(line, above, width_px, folded, magnitudes);
        return;
    }
    for (uint32_t x = 0; x < width_px; x = next(x, width_px)) {
        __m128i w = load(line + x - 1);
        __m128i n = load(above + x);
        __m128i low = _mm_min_epu8(w, n);
        __m128i high = _mm_max_epu8(w, n);
        __m128i between = _mm_min_epu8(_mm_max_epu8(load(above + x - 1), low), high);
        __m128i d = _mm_sub_epi8(load(line + x), _mm_sub_epi8(_mm_add_epi8(w, n), between));
        __m128i negative = _mm_cmpgt_epi8(_mm_setzero_si128(), d);
        store(folded + x, _mm_xor_si128(_mm_add_epi8(d, d), negative));
        store(magnitudes + x, _mm_min_epu8(_mm_abs_epi8(d), _mm_set1_epi8(CW_PHOTO_MAGNITUDE_MAX)));
    }
}

static CW_DECL_PHOTO_CONTEXTS(photo_contexts_sse41)
{
    if (width_px < VALUES) {
        plain_c().photo_contexts(folded, magnitudes, above, width_px, indexes);
        return;
    }
    const __m128i low = _mm_setr_epi8(0, 1, 2, 3, 3, 4, 4, 5, 5, 5, 6, 6, 6, 6, 7, 7);
    const __m128i by_eight =
        _mm_setr_epi8(0, 0, 8, 9, 10, 10, 11, 11, 11, 12, 12, 12, 12, 13, 13, 13);
    for (uint32_t x = 0; x < width_px; x = next(x, width_px)) {
        __m128i near = _mm_add_epi8(load(magnitudes + x - 1), load(above + x));
        __m128i a = _mm_add_epi8(load(above + x - 1), load(above + x + 1));
        a = _mm_min_epu8(_mm_add_epi8(a, _mm_add_epi8(near, near)), _mm_set1_epi8(127));
        __m128i eighth = _mm_and_si128(_mm_srli_epi16(a, 3), _mm_set1_epi8(15));
        __m128i context =
            _mm_blendv_epi8(_mm_shuffle_epi8(low, a), _mm_shuffle_epi8(by_eight, eighth),
                            _mm_cmpgt_epi8(a, _mm_set1_epi8(15)));
        __m128i token = _mm_min_epu8(load(folded + x), _mm_set1_epi8(CW_PHOTO_DIRECT));
        __m128i below = _mm_and_si128(_mm_slli_epi16(context, 5), _mm_set1_epi8(-32));
        __m128i above_byte = _mm_and_si128(_mm_srli_epi16(context, 3), _mm_set1_epi8(31));
        below = _mm_or_si128(below, token);
        uint8_t *to = (uint8_t *)(indexes + x);
        store(to, _mm_unpacklo_epi8(below, above_byte));
        store(to + 16, _mm_unpackhi_epi8(below, above_byte));
    }
}

static CW_DECL_PHOTO_ABOVE(photo_above_sse41)
{
    if (width_px < VALUES) {
        plain_c().photo_above(magnitudes, width_px, activities);
        return;
    }
    for (uint32_t x = 0; x < width_px; x = next(x, width_px)) {
        __m128i m = load(magnitudes + x);
        __m128i sides = _mm_add_epi8(load(magnitudes + x - 1), load(magnitudes + x + 1));
        store(activities + x, _mm_add_epi8(_mm_add_epi8(m, m), sides));
    }
}

static __m128i unfold(__m128i v)
{
    __m128i odd = _mm_and_si128(v, _mm_set1_epi8(1));
    return _mm_xor_si128(half(v), _mm_sub_epi8(_mm_setzero_si128(), odd));
}

static __m128i load_pixel(const uint8_t *p)
{
    int v;
    memcpy(&v, p, sizeof(v));
    return _mm_cvtsi32_si128(v);
}

/* Residuals of 16 pixels become pixels, one after the other, three channels at once. */
static CW_DECL_PHOTO_LINE(photo_line_sse41)
{
    __m128i w = load_pixel(line - 4);
    __m128i corner = load_pixel(above - 4);
    uint32_t x = 0;
    for (; x + 16 <= width_px; x += 16) {
        __m128i first = unfold(load(q + x));
        __m128i second = unfold(load(p + x));
        __m128i third = unfold(load(s + x));
        __m128i low = _mm_unpacklo_epi8(first, second);
        __m128i high = _mm_unpackhi_epi8(first, second);
        __m128i third_low = _mm_unpacklo_epi8(third, _mm_setzero_si128());
        __m128i third_high = _mm_unpackhi_epi8(third, _mm_setzero_si128());
        uint8_t *out = line + (size_t)4 * x;
        store(out, _mm_unpacklo_epi16(low, third_low));
        store(out + 16, _mm_unpackhi_epi16(low, third_low));
        store(out + 32, _mm_unpacklo_epi16(high, third_high));
        store(out + 48, _mm_unpackhi_epi16(high, third_high));
        for (unsigned i = 0; i < 64; i += 4) {
            __m128i n = load_pixel(above + (size_t)4 * x + i);
            __m128i sum = _mm_add_epi8(_mm_add_epi8(n, load_pixel(out + i)), w);
            __m128i least = _mm_min_epu8(w, n);
            __m128i most = _mm_max_epu8(w, n);
            w = _mm_sub_epi8(sum, _mm_min_epu8(_mm_max_epu8(corner, least), most));
            corner = n;
            int pixel = _mm_cvtsi128_si32(w);
            memcpy(out + i, &pixel, sizeof(pixel));
        }
    }
    plain_c().photo_line(line + (size_t)4 * x, above + (size_t)4 * x, width_px - x, p + x, q + x,
                         s + x);
}

static CW_DECL_PHOTO_PIXELS(photo_from_green_sse41)
{
    if (width_px < PIXELS) {
        plain_c().photo_from_green(out, line, width_px);
        return;
    }
    const __m128i green = _mm_setr_epi8(1, -1, 1, -1, 5, -1, 5, -1, 9, -1, 9, -1, 13, -1, 13, -1);
    const __m128i middle = _mm_set1_epi32(0x00800080);
    for (uint32_t x = 0; x < width_px; x = next_pixels(x, width_px)) {
        __m128i v = load(line + (size_t)4 * x);
        v = _mm_and_si128(v, _mm_set1_epi32(0x00ffffff));
        v = _mm_add_epi8(_mm_xor_si128(v, middle), _mm_shuffle_epi8(v, green));
        store(out + (size_t)4 * x, v);
    }
}

static CW_DECL_PHOTO_PIXELS(photo_from_luma_sse41)
{
    if (width_px < PIXELS) {
        plain_c().photo_from_luma(out, line, width_px);
        return;
    }
    const __m128i luma = _mm_setr_epi8(1, 1, 1, -1, 5, 5, 5, -1, 9, 9, 9, -1, 13, 13, 13, -1);
    const __m128i half_s = _mm_setr_epi8(2, 2, 2, -1, 6, 6, 6, -1, 10, 10, 10, -1, 14, 14, 14, -1);
    const __m128i half_q = _mm_setr_epi8(0, -1, 0, -1, 4, -1, 4, -1, 8, -1, 8, -1, 12, -1, 12, -1);
    const __m128i whole = _mm_setr_epi8(-1, 2, 0, -1, -1, 6, 4, -1, -1, 10, 8, -1, -1, 14, 12, -1);
    const __m128i middle = _mm_set1_epi32(0x0000c080);
    for (uint32_t x = 0; x < width_px; x = next_pixels(x, width_px)) {
        __m128i v = load(line + (size_t)4 * x);
        __m128i h = half(v);
        __m128i sum = _mm_add_epi8(_mm_shuffle_epi8(v, luma), _mm_shuffle_epi8(v, whole));
        __m128i less = _mm_add_epi8(_mm_shuffle_epi8(h, half_s), _mm_shuffle_epi8(h, half_q));
        store(out + (size_t)4 * x, _mm_add_epi8(_mm_sub_epi8(sum, less), middle));
    }
}

void cw_dsp_fill_sse41_photo(struct cw_dsp *dsp)
{
#    define USE(field, DECL) dsp->field = field##_sse41;
    CW_DSP_PHOTO_KERNELS(USE)
#    undef USE
}
#endif
