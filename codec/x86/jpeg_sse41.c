/* SPDX-License-Identifier: Apache-2.0 */
/* JPEG's kernels; those that a decoder needs are in codec/jpeg_simd.h. */
#include "codec/x86/vec.h"

#if defined(__x86_64__)
#    include "codec/jpeg_simd.h"

static CW_DECL_QUANTISE(quantise)
{
    for (unsigned i = 0; i < 64; i += 8) {
        vec c = v_load(coef + i);
        vec size = v_add16(v_abs16(c), v_load(table + i));
        vec level = v_mul16u(v_mul16u(size, v_load(table + 64 + i)), v_load(table + 128 + i));
        v_store(coef + i, v_sign16(level, c));
    }
}

/* Eight pixels' weighted sums, shifted to 8 bytes. */
static inline void weigh(const vec p[4], vec factors, int32_t bias, uint8_t *out)
{
    wide sums = {_mm_hadd_epi32(v_dot16(p[0], factors), v_dot16(p[1], factors)),
                 _mm_hadd_epi32(v_dot16(p[2], factors), v_dot16(p[3], factors))};
    vec v = w_narrow(w_add(sums, w_set(bias)), 14);
    v_store8(out, v_pack16(v, v));
}

static CW_DECL_TO_YCC_ROW(to_ycc_row)
{
    const vec luma = _mm_setr_epi16(CW_Y_FROM_B, CW_Y_FROM_G, CW_Y_FROM_R, 0, CW_Y_FROM_B,
                                    CW_Y_FROM_G, CW_Y_FROM_R, 0);
    const vec blue = _mm_setr_epi16(CW_CHROMA_OWN, CW_CB_FROM_G, CW_CB_FROM_R, 0, CW_CHROMA_OWN,
                                    CW_CB_FROM_G, CW_CB_FROM_R, 0);
    const vec red = _mm_setr_epi16(CW_CR_FROM_B, CW_CR_FROM_G, CW_CHROMA_OWN, 0, CW_CR_FROM_B,
                                   CW_CR_FROM_G, CW_CHROMA_OWN, 0);
    uint32_t x = 0;
    for (; x + 8 <= width_px; x += 8) {
        vec p[4];
        for (unsigned i = 0; i < 4; i++)
            p[i] = v_widen8(in + (size_t)4 * x + (size_t)8 * i);
        weigh(p, luma, 8192, y + x);
        weigh(p, blue, CW_CHROMA_BIAS, cb + x);
        weigh(p, red, CW_CHROMA_BIAS, cr + x);
    }
    if (x < width_px) {
        struct cw_dsp c;
        cw_dsp_fill_c_jpeg(&c);
        c.to_ycc_row(in + (size_t)4 * x, width_px - x, y + x, cb + x, cr + x);
    }
}

void cw_dsp_fill_sse41_jpeg(struct cw_dsp *dsp)
{
    dsp->fdct = fdct_128;
    dsp->idct = idct_128;
    dsp->quantise = quantise;
    dsp->to_ycc_row = to_ycc_row;
    dsp->from_ycc_row = from_ycc_row_128;
}
#endif
