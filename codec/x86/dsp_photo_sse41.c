/* SPDX-License-Identifier: Apache-2.0 */
/* The decoder's kernels of photographs; the encoder's are in codec/x86/photo_x86.h. */
#include "codec/x86/photo_x86.h"

#if defined(__x86_64__)
#    include <string.h>

enum { PIXELS = VEC_BYTES / 4 };

static uint32_t next_pixels(uint32_t x, uint32_t width_px)
{
    return next_of(x, width_px, PIXELS);
}

static vec magnitudes_at(const uint8_t *folded)
{
    return v_min8(_mm_avg_epu8(v_load(folded), v_zero()), v_set8(CW_PHOTO_MAGNITUDE_MAX));
}

static CW_DECL_PHOTO_ABOVE(photo_above)
{
    if (width_px < VEC_BYTES) {
        plain_c().photo_above(folded, width_px, activities);
        return;
    }
    for (uint32_t x = 0; x < width_px; x = next(x, width_px)) {
        vec m = magnitudes_at(folded + x);
        vec sides = v_add8(magnitudes_at(folded + x - 1), magnitudes_at(folded + x + 1));
        v_store(activities + x, v_add8(v_add8(m, m), sides));
    }
}

static vec unfold(vec v)
{
    vec odd = v_and(v, v_set8(1));
    return v_xor(half(v), v_sub8(v_zero(), odd));
}

static vec load_pixel(const uint8_t *p)
{
    int v;
    memcpy(&v, p, sizeof(v));
    return _mm_cvtsi32_si128(v);
}

/* Residuals of 16 pixels become pixels, one after the other, three channels at once. */
static CW_DECL_PHOTO_LINE(photo_line)
{
    vec w = load_pixel(line - 4);
    vec corner = load_pixel(above - 4);
    uint32_t x = 0;
    for (; x + 16 <= width_px; x += 16) {
        vec first = unfold(v_load(q + x));
        vec second = unfold(v_load(p + x));
        vec third = unfold(v_load(s + x));
        vec low = v_low8(first, second);
        vec high = v_high8(first, second);
        vec third_low = v_low8(third, v_zero());
        vec third_high = v_high8(third, v_zero());
        uint8_t *out = line + (size_t)4 * x;
        v_store(out, v_low16(low, third_low));
        v_store(out + 16, v_high16(low, third_low));
        v_store(out + 32, v_low16(high, third_high));
        v_store(out + 48, v_high16(high, third_high));
        for (unsigned i = 0; i < 64; i += 4) {
            vec n = load_pixel(above + (size_t)4 * x + i);
            vec sum = v_add8(v_add8(n, load_pixel(out + i)), w);
            vec least = v_min8(w, n);
            vec most = v_max8(w, n);
            w = v_sub8(sum, v_min8(v_max8(corner, least), most));
            corner = n;
            int pixel = _mm_cvtsi128_si32(w);
            memcpy(out + i, &pixel, sizeof(pixel));
        }
    }
    plain_c().photo_line(line + (size_t)4 * x, above + (size_t)4 * x, width_px - x, p + x, q + x,
                         s + x);
}

static CW_DECL_PHOTO_PIXELS(photo_from_green)
{
    if (width_px < PIXELS) {
        plain_c().photo_from_green(out, line, width_px);
        return;
    }
    const vec green = _mm_setr_epi8(1, -1, 1, -1, 5, -1, 5, -1, 9, -1, 9, -1, 13, -1, 13, -1);
    const vec middle = v_set32(0x00800080);
    for (uint32_t x = 0; x < width_px; x = next_pixels(x, width_px)) {
        vec v = v_load(line + (size_t)4 * x);
        v = v_and(v, v_set32(0x00ffffff));
        v = v_add8(v_xor(v, middle), v_pick8(v, green));
        v_store(out + (size_t)4 * x, v);
    }
}

static CW_DECL_PHOTO_PIXELS(photo_from_luma)
{
    if (width_px < PIXELS) {
        plain_c().photo_from_luma(out, line, width_px);
        return;
    }
    const vec luma = _mm_setr_epi8(1, 1, 1, -1, 5, 5, 5, -1, 9, 9, 9, -1, 13, 13, 13, -1);
    const vec half_s = _mm_setr_epi8(2, 2, 2, -1, 6, 6, 6, -1, 10, 10, 10, -1, 14, 14, 14, -1);
    const vec half_q = _mm_setr_epi8(0, -1, 0, -1, 4, -1, 4, -1, 8, -1, 8, -1, 12, -1, 12, -1);
    const vec whole = _mm_setr_epi8(-1, 2, 0, -1, -1, 6, 4, -1, -1, 10, 8, -1, -1, 14, 12, -1);
    const vec middle = v_set32(0x0000c080);
    for (uint32_t x = 0; x < width_px; x = next_pixels(x, width_px)) {
        vec v = v_load(line + (size_t)4 * x);
        vec h = half(v);
        vec sum = v_add8(v_pick8(v, luma), v_pick8(v, whole));
        vec less = v_add8(v_pick8(h, half_s), v_pick8(h, half_q));
        v_store(out + (size_t)4 * x, v_add8(v_sub8(sum, less), middle));
    }
}

void cw_dsp_fill_sse41_photo(struct cw_dsp *dsp)
{
    fill_photo_encoder(dsp);
    dsp->photo_above = photo_above;
    dsp->photo_line = photo_line;
    dsp->photo_from_green = photo_from_green;
    dsp->photo_from_luma = photo_from_luma;
}
#endif
