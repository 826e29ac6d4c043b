/* SPDX-License-Identifier: Apache-2.0 */
/* The kernels of classes and colour modes: the reference that the other levels must equal. */
#include "codec/dsp.h"

static unsigned distance(uint8_t a, uint8_t b)
{
    return a > b ? (unsigned)(a - b) : (unsigned)(b - a);
}

static CW_DECL_TEXTURE_ROW(texture_row_c)
{
    for (uint32_t x = 1; x < width_px; x++) {
        unsigned b = distance(in[4 * x], in[4 * x - 4]);
        unsigned g = distance(in[4 * x + 1], in[4 * x - 3]);
        unsigned r = distance(in[4 * x + 2], in[4 * x - 2]);
        unsigned most = b > g ? b : g;
        most = most > r ? most : r;
        counts[0] += most == 0;
        counts[1] += most != 0 && most <= CW_SMOOTH_STEP;
        counts[2] += most > CW_HARD_STEP;
    }
}

static CW_DECL_REDUCE_ROW(reduce_grey_row_c)
{
    for (uint32_t x = 0; x < width_px; x++) {
        unsigned luma = (29U * in[4 * x] + 150U * in[4 * x + 1] + 77U * in[4 * x + 2]) >> 8;
        uint8_t grey = (uint8_t)(((luma * 3 + 128) >> 8) * 85);
        out[4 * x] = out[4 * x + 1] = out[4 * x + 2] = grey;
        out[4 * x + 3] = 0;
    }
}

/* The highest bits of a channel, repeated to fill it. */
static uint8_t top2(uint8_t v)
{
    return (uint8_t)((v >> 6) * 85);
}

static uint8_t top3(uint8_t v)
{
    return (uint8_t)((v & 0xe0) | (v >> 3 & 0x1c) | v >> 6);
}

static CW_DECL_REDUCE_ROW(reduce_8_row_c)
{
    for (uint32_t x = 0; x < width_px; x++) {
        out[4 * x] = top2(in[4 * x]);
        out[4 * x + 1] = top3(in[4 * x + 1]);
        out[4 * x + 2] = top3(in[4 * x + 2]);
        out[4 * x + 3] = 0;
    }
}

static CW_DECL_REDUCE_ROW(reduce_16_row_c)
{
    for (uint32_t x = 0; x < width_px; x++) {
        out[4 * x] = (uint8_t)((in[4 * x] & 0xf8) | in[4 * x] >> 5);
        out[4 * x + 1] = (uint8_t)((in[4 * x + 1] & 0xfc) | in[4 * x + 1] >> 6);
        out[4 * x + 2] = (uint8_t)((in[4 * x + 2] & 0xf8) | in[4 * x + 2] >> 5);
        out[4 * x + 3] = 0;
    }
}

void cw_dsp_fill_c_colour(struct cw_dsp *dsp)
{
#define USE(field, DECL) dsp->field = field##_c;
    CW_DSP_COLOUR_KERNELS(USE)
#undef USE
}
