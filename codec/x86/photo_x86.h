/* SPDX-License-Identifier: Apache-2.0 */
/* codec/x86/photo_x86.h - the encoder's kernels of photographs in vectors of either size (codec/x86/vec.h); rows
 * shorter than a vector are left to the C version.
 *
 * Owner:     the caller of each kernel.
 * Thread:    any.
 * Units:     as codec/dsp.h.
 * Errors:    none.
 * Invariant: as codec/dsp.h.
 */
#ifndef CW_CODEC_X86_PHOTO_X86_H
#define CW_CODEC_X86_PHOTO_X86_H

#include "codec/dsp.h"
#include "codec/photo_model.h"
#include "codec/photo_rows.h"
#include "codec/x86/vec.h"

#if defined(__x86_64__)
static inline uint32_t next(uint32_t x, uint32_t width_px)
{
    return next_of(x, width_px, VEC_BYTES);
}

struct planes {
    vec b, g, r;
};

static inline struct planes load_planes(const uint8_t *in)
{
    const vec order = v_set128(_mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
    vec v0 = v_pick8(v_load(in), order);
    vec v1 = v_pick8(v_load(in + VEC_BYTES), order);
    vec v2 = v_pick8(v_load(in + 2 * VEC_BYTES), order);
    vec v3 = v_pick8(v_load(in + 3 * VEC_BYTES), order);
    vec bg0 = v_low32(v0, v1);
    vec bg1 = v_low32(v2, v3);
    vec rx0 = v_high32(v0, v1);
    vec rx1 = v_high32(v2, v3);
    struct planes p = {v_low64(bg0, bg1), v_high64(bg0, bg1), v_low64(rx0, rx1)};
#    ifdef CW_VEC_256
    /* Groups of four pixels lie by halves: 0 2 4 6, then 1 3 5 7. */
    const vec lanes = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    p.b = _mm256_permutevar8x32_epi32(p.b, lanes);
    p.g = _mm256_permutevar8x32_epi32(p.g, lanes);
    p.r = _mm256_permutevar8x32_epi32(p.r, lanes);
#    endif
    return p;
}

/* Bytes of two vectors, in turn. */
static inline void store_in_turn(uint8_t *to, vec first, vec second)
{
    vec low = v_low8(first, second);
    vec high = v_high8(first, second);
#    ifdef CW_VEC_256
    v_store(to, _mm256_permute2x128_si256(low, high, 0x20));
    v_store(to + VEC_BYTES, _mm256_permute2x128_si256(low, high, 0x31));
#    else
    v_store(to, low);
    v_store(to + VEC_BYTES, high);
#    endif
}

static CW_DECL_PHOTO_PLANES(photo_plain)
{
    if (width_px < VEC_BYTES) {
        plain_c().photo_plain(in, width_px, p, q, s);
        return;
    }
    for (uint32_t x = 0; x < width_px; x = next(x, width_px)) {
        struct planes v = load_planes(in + (size_t)4 * x);
        v_store(p + x, v.g);
        v_store(q + x, v.b);
        v_store(s + x, v.r);
    }
}

static CW_DECL_PHOTO_PLANES(photo_green)
{
    if (width_px < VEC_BYTES) {
        plain_c().photo_green(in, width_px, p, q, s);
        return;
    }
    const vec middle = v_set8(-128);
    for (uint32_t x = 0; x < width_px; x = next(x, width_px)) {
        struct planes v = load_planes(in + (size_t)4 * x);
        vec g = v_xor(v.g, middle);
        v_store(p + x, v.g);
        v_store(q + x, v_sub8(v.b, g));
        v_store(s + x, v_sub8(v.r, g));
    }
}

static CW_DECL_PHOTO_PLANES(photo_luma)
{
    if (width_px < VEC_BYTES) {
        plain_c().photo_luma(in, width_px, p, q, s);
        return;
    }
    const vec middle = v_set8(-128);
    const vec quarter = v_set8(64);
    for (uint32_t x = 0; x < width_px; x = next(x, width_px)) {
        struct planes v = load_planes(in + (size_t)4 * x);
        vec first = v_xor(v_sub8(v.r, v.b), middle);
        vec mean = v_sub8(v_add8(v.b, v_half8(first)), quarter);
        vec second = v_xor(v_sub8(v.g, mean), middle);
        v_store(q + x, first);
        v_store(s + x, second);
        v_store(p + x, v_sub8(v_add8(mean, v_half8(second)), quarter));
    }
}

static CW_DECL_PHOTO_RESIDUALS(photo_residuals)
{
    if (width_px < VEC_BYTES) {
        plain_c().photo_residuals(line, above, width_px, folded, magnitudes);
        return;
    }
    for (uint32_t x = 0; x < width_px; x = next(x, width_px)) {
        vec w = v_load(line + x - 1);
        vec n = v_load(above + x);
        vec between = v_min8(v_max8(v_load(above + x - 1), v_min8(w, n)), v_max8(w, n));
        vec d = v_sub8(v_load(line + x), v_sub8(v_add8(w, n), between));
        vec negative = v_gt8(v_zero(), d);
        v_store(folded + x, v_xor(v_add8(d, d), negative));
        v_store(magnitudes + x, v_min8(v_abs8(d), v_set8(CW_PHOTO_MAGNITUDE_MAX)));
    }
}

static CW_DECL_PHOTO_CONTEXTS(photo_contexts)
{
    if (width_px < VEC_BYTES) {
        plain_c().photo_contexts(folded, magnitudes, above, width_px, indexes);
        return;
    }
    const vec small = v_set128(_mm_setr_epi8(0, 1, 2, 3, 3, 4, 4, 5, 5, 5, 6, 6, 6, 6, 7, 7));
    const vec by_eight =
        v_set128(_mm_setr_epi8(0, 0, 8, 9, 10, 10, 11, 11, 11, 12, 12, 12, 12, 13, 13, 13));
    for (uint32_t x = 0; x < width_px; x = next(x, width_px)) {
        vec near = v_add8(v_load(magnitudes + x - 1), v_load(above + x));
        vec a = v_add8(v_load(above + x - 1), v_load(above + x + 1));
        a = v_min8(v_add8(a, v_add8(near, near)), v_set8(127));
        vec eighth = v_and(v_shr16(a, 3), v_set8(15));
        vec context = v_blend8(v_pick8(small, a), v_pick8(by_eight, eighth), v_gt8(a, v_set8(15)));
        vec token = v_min8(v_load(folded + x), v_set8(CW_PHOTO_DIRECT));
        vec low = v_or(v_and(v_shl16(context, 5), v_set8(-32)), token);
        vec high = v_and(v_shr16(context, 3), v_set8(31));
        store_in_turn((uint8_t *)(indexes + x), low, high);
    }
}

static inline void fill_photo_encoder(struct cw_dsp *dsp)
{
    dsp->photo_plain = photo_plain;
    dsp->photo_green = photo_green;
    dsp->photo_luma = photo_luma;
    dsp->photo_residuals = photo_residuals;
    dsp->photo_contexts = photo_contexts;
}

#endif
#endif
