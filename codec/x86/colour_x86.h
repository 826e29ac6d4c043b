/* SPDX-License-Identifier: Apache-2.0 */
/* codec/x86/colour_x86.h - the kernels of classes and colour modes in vectors of either size (codec/x86/vec.h); each
 * leaves the rest of a row to the C version.
 *
 * Owner:     the caller of each kernel.
 * Thread:    any.
 * Units:     as codec/dsp.h.
 * Errors:    none.
 * Invariant: as codec/dsp.h.
 */
#ifndef CW_CODEC_X86_COLOUR_X86_H
#define CW_CODEC_X86_COLOUR_X86_H

#include "codec/dsp.h"
#include "codec/x86/vec.h"

#if defined(__x86_64__)
enum { VEC_PX = VEC_BYTES / 4 };

static inline struct cw_dsp plain_c(void)
{
    struct cw_dsp c;
    cw_dsp_fill_c_colour(&c);
    return c;
}

static CW_DECL_TEXTURE_ROW(texture_row)
{
    const vec colours = v_set32(0x00ffffff);
    const vec small = v_set8(CW_SMOOTH_STEP);
    const vec hard = v_set8(CW_HARD_STEP);
    const vec zero = v_zero();
    uint32_t equal = 0;
    uint32_t near = 0;
    uint32_t mild = 0;
    uint32_t x = 1;
    for (; x + VEC_PX <= width_px; x += VEC_PX) {
        vec p = v_load(in + (size_t)4 * x);
        vec q = v_load(in + (size_t)4 * x - 4);
        vec away = v_and(v_or(v_sub8u(p, q), v_sub8u(q, p)), colours);
        equal += v_count32(v_eq32(away, zero));
        near += v_count32(v_eq32(v_sub8u(away, small), zero));
        mild += v_count32(v_eq32(v_sub8u(away, hard), zero));
    }
    counts[0] += equal;
    counts[1] += near - equal;
    counts[2] += x - 1 - mild;
    if (x < width_px)
        plain_c().texture_row(in + (size_t)4 * x - 4, width_px - x + 1, counts);
}

static CW_DECL_REDUCE_ROW(reduce_grey_row)
{
    const vec low = v_set32(0xff);
    const vec half = v_set32(128);
    uint32_t x = 0;
    for (; x + VEC_PX <= width_px; x += VEC_PX) {
        vec v = v_load(in + (size_t)4 * x);
        vec b = v_and(v, low);
        vec g = v_and(v_shr32(v, 8), low);
        vec r = v_and(v_shr32(v, 16), low);
        /* No lane's low 16 bits overflow: 255 * 256 at most. */
        vec luma = v_mul16(b, v_set32(29));
        luma = v_add32(luma, v_mul16(g, v_set32(150)));
        luma = v_add32(luma, v_mul16(r, v_set32(77)));
        luma = v_mul16(v_shr32(luma, 8), v_set32(3));
        luma = v_shr32(v_add32(luma, half), 8);
        v_store(out + (size_t)4 * x, v_mul32(luma, v_set32(0x555555)));
    }
    if (x < width_px)
        plain_c().reduce_grey_row(out + (size_t)4 * x, in + (size_t)4 * x, width_px - x);
}

/* v shifted right, of each channel the bits that are in the mask. */
static inline vec part(vec v, int shift, uint32_t mask)
{
    return v_and(v_shr32(v, shift), v_set32((int)mask));
}

static CW_DECL_REDUCE_ROW(reduce_8_row)
{
    uint32_t x = 0;
    for (; x + VEC_PX <= width_px; x += VEC_PX) {
        vec v = v_load(in + (size_t)4 * x);
        /* Blue: its two highest bits four times; green and red: three highest bits, and again. */
        vec low = v_or(part(v, 0, 0xe0e0c0), part(v, 2, 0x30));
        low = v_or(low, v_or(part(v, 3, 0x1c1c00), part(v, 4, 0x0c)));
        v_store(out + (size_t)4 * x, v_or(low, part(v, 6, 0x030303)));
    }
    if (x < width_px)
        plain_c().reduce_8_row(out + (size_t)4 * x, in + (size_t)4 * x, width_px - x);
}

static CW_DECL_REDUCE_ROW(reduce_16_row)
{
    uint32_t x = 0;
    for (; x + VEC_PX <= width_px; x += VEC_PX) {
        vec v = v_load(in + (size_t)4 * x);
        vec low = v_or(part(v, 5, 0x070007), part(v, 6, 0x000300));
        v_store(out + (size_t)4 * x, v_or(low, part(v, 0, 0xf8fcf8)));
    }
    if (x < width_px)
        plain_c().reduce_16_row(out + (size_t)4 * x, in + (size_t)4 * x, width_px - x);
}

static inline void fill_colour(struct cw_dsp *dsp)
{
#    define USE(field, DECL) dsp->field = field;
    CW_DSP_COLOUR_KERNELS(USE)
#    undef USE
}

#endif
#endif
