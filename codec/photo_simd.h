/* SPDX-License-Identifier: Apache-2.0 */
/* codec/photo_simd.h - the decoder's kernels of photographs in vectors of 128 bits, for SSE4.1 and WebAssembly alike.
 *
 * Owner:     the caller of each kernel.
 * Thread:    any.
 * Units:     as codec/dsp.h.
 * Errors:    none.
 * Invariant: as codec/dsp.h: bytes of the C level, no access beyond the pixels named.
 *
 * The includer has the operations of codec/x86/vec.h or codec/wasm/vec.h.
 */
#ifndef CW_CODEC_PHOTO_SIMD_H
#define CW_CODEC_PHOTO_SIMD_H

#include "codec/photo_model.h"
#include "codec/photo_rows.h"

enum { PHOTO_VALUES = 16, PHOTO_PIXELS = 4 };

static inline vec magnitudes_at(const uint8_t *folded)
{
    return v_min8(v_mean8(v_load(folded), v_set8(0)), v_set8(CW_PHOTO_MAGNITUDE_MAX));
}

static inline CW_DECL_PHOTO_ABOVE(photo_above_128)
{
    if (width_px < PHOTO_VALUES) {
        plain_c().photo_above(folded, width_px, activities);
        return;
    }
    for (uint32_t x = 0; x < width_px; x = next_of(x, width_px, PHOTO_VALUES)) {
        vec m = magnitudes_at(folded + x);
        vec sides = v_add8(magnitudes_at(folded + x - 1), magnitudes_at(folded + x + 1));
        v_store(activities + x, v_add8(v_add8(m, m), sides));
    }
}

static inline vec unfold(vec v)
{
    vec odd = v_and(v, v_set8(1));
    return v_xor(v_half8(v), v_sub8(v_set8(0), odd));
}

/* Residuals of 16 pixels become pixels, one after the other, three channels at once. */
static inline CW_DECL_PHOTO_LINE(photo_line_128)
{
    const vec zero = v_set8(0);
    vec w = v_load4(line - 4);
    vec corner = v_load4(above - 4);
    uint32_t x = 0;
    for (; x + PHOTO_VALUES <= width_px; x += PHOTO_VALUES) {
        vec first = unfold(v_load(q + x));
        vec second = unfold(v_load(p + x));
        vec third = unfold(v_load(s + x));
        vec low = v_low8(first, second);
        vec high = v_high8(first, second);
        vec third_low = v_low8(third, zero);
        vec third_high = v_high8(third, zero);
        uint8_t *out = line + (size_t)4 * x;
        v_store(out, v_low16(low, third_low));
        v_store(out + 16, v_high16(low, third_low));
        v_store(out + 32, v_low16(high, third_high));
        v_store(out + 48, v_high16(high, third_high));
        for (unsigned i = 0; i < 4 * PHOTO_VALUES; i += 4) {
            vec n = v_load4(above + (size_t)4 * x + i);
            vec sum = v_add8(v_add8(n, v_load4(out + i)), w);
            vec least = v_min8(w, n);
            vec most = v_max8(w, n);
            w = v_sub8(sum, v_min8(v_max8(corner, least), most));
            corner = n;
            v_store4(out + i, w);
        }
    }
    plain_c().photo_line(line + (size_t)4 * x, above + (size_t)4 * x, width_px - x, p + x, q + x,
                         s + x);
}

static inline CW_DECL_PHOTO_PIXELS(photo_from_green_128)
{
    if (width_px < PHOTO_PIXELS) {
        plain_c().photo_from_green(out, line, width_px);
        return;
    }
    const vec middle = v_set32(0x00800080);
    for (uint32_t x = 0; x < width_px; x = next_of(x, width_px, PHOTO_PIXELS)) {
        vec v = v_and(v_load(line + (size_t)4 * x), v_set32(0x00ffffff));
        vec green = v_order8(v, 1, V_NONE, 1, V_NONE, 5, V_NONE, 5, V_NONE, 9, V_NONE, 9, V_NONE,
                             13, V_NONE, 13, V_NONE);
        v_store(out + (size_t)4 * x, v_add8(v_xor(v, middle), green));
    }
}

static inline CW_DECL_PHOTO_PIXELS(photo_from_luma_128)
{
    if (width_px < PHOTO_PIXELS) {
        plain_c().photo_from_luma(out, line, width_px);
        return;
    }
    const vec middle = v_set32(0x0000c080);
    for (uint32_t x = 0; x < width_px; x = next_of(x, width_px, PHOTO_PIXELS)) {
        vec v = v_load(line + (size_t)4 * x);
        vec h = v_half8(v);
        vec luma =
            v_order8(v, 1, 1, 1, V_NONE, 5, 5, 5, V_NONE, 9, 9, 9, V_NONE, 13, 13, 13, V_NONE);
        vec whole = v_order8(v, V_NONE, 2, 0, V_NONE, V_NONE, 6, 4, V_NONE, V_NONE, 10, 8, V_NONE,
                             V_NONE, 14, 12, V_NONE);
        vec half_s =
            v_order8(h, 2, 2, 2, V_NONE, 6, 6, 6, V_NONE, 10, 10, 10, V_NONE, 14, 14, 14, V_NONE);
        vec half_q = v_order8(h, 0, V_NONE, 0, V_NONE, 4, V_NONE, 4, V_NONE, 8, V_NONE, 8, V_NONE,
                              12, V_NONE, 12, V_NONE);
        vec less = v_add8(half_s, half_q);
        v_store(out + (size_t)4 * x, v_add8(v_sub8(v_add8(luma, whole), less), middle));
    }
}

#endif
