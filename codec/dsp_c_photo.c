/* SPDX-License-Identifier: Apache-2.0 */
/* The reference of the kernels of photographs. */
#include <stddef.h>

#include "codec/dsp.h"
#include "codec/photo_model.h"

static CW_DECL_PHOTO_PLANES(photo_plain_c)
{
    for (uint32_t x = 0; x < width_px; x++) {
        p[x] = in[4 * x + 1];
        q[x] = in[4 * x];
        s[x] = in[4 * x + 2];
    }
}

static CW_DECL_PHOTO_PLANES(photo_green_c)
{
    for (uint32_t x = 0; x < width_px; x++) {
        p[x] = in[4 * x + 1];
        q[x] = (uint8_t)(in[4 * x] - in[4 * x + 1] + 128);
        s[x] = (uint8_t)(in[4 * x + 2] - in[4 * x + 1] + 128);
    }
}

/* Half of a difference that is kept with 128 added, rounded down, with 64 added. */
static unsigned half(uint8_t difference)
{
    return (unsigned)difference >> 1;
}

static CW_DECL_PHOTO_PLANES(photo_luma_c)
{
    for (uint32_t x = 0; x < width_px; x++) {
        q[x] = (uint8_t)(in[4 * x + 2] - in[4 * x] + 128);
        uint8_t middle = (uint8_t)(in[4 * x] + half(q[x]) - 64);
        s[x] = (uint8_t)(in[4 * x + 1] - middle + 128);
        p[x] = (uint8_t)(middle + half(s[x]) - 64);
    }
}

/* left + above - corner, kept between left and above. */
static unsigned predict(unsigned left, unsigned above, unsigned corner)
{
    unsigned low = left < above ? left : above;
    unsigned high = left < above ? above : left;
    unsigned between = corner < low ? low : corner > high ? high : corner;
    return low + high - between;
}

static CW_DECL_PHOTO_RESIDUALS(photo_residuals_c)
{
    for (ptrdiff_t x = 0; x < (ptrdiff_t)width_px; x++) {
        unsigned d = (line[x] - predict(line[x - 1], above[x], above[x - 1])) & 255;
        folded[x] = (uint8_t)(d << 1 ^ (d >= 128 ? 255U : 0U));
        unsigned magnitude = d >= 128 ? 256 - d : d;
        magnitudes[x] =
            (uint8_t)(magnitude < CW_PHOTO_MAGNITUDE_MAX ? magnitude : CW_PHOTO_MAGNITUDE_MAX);
    }
}

static CW_DECL_PHOTO_CONTEXTS(photo_contexts_c)
{
    for (ptrdiff_t x = 0; x < (ptrdiff_t)width_px; x++) {
        uint32_t activity =
            2U * magnitudes[x - 1] + 2U * above[x] + above[x - 1] + (uint32_t)above[x + 1];
        uint32_t token = folded[x] < CW_PHOTO_DIRECT ? folded[x] : CW_PHOTO_DIRECT;
        indexes[x] = (uint16_t)(cw_photo_context(activity) * CW_PHOTO_TOKEN_STRIDE + token);
    }
}

static unsigned magnitude_of(uint8_t folded)
{
    unsigned magnitude = (folded + 1U) / 2;
    return magnitude < CW_PHOTO_MAGNITUDE_MAX ? magnitude : CW_PHOTO_MAGNITUDE_MAX;
}

static CW_DECL_PHOTO_ABOVE(photo_above_c)
{
    for (ptrdiff_t x = 0; x < (ptrdiff_t)width_px; x++)
        activities[x] = (uint8_t)(2 * magnitude_of(folded[x]) + magnitude_of(folded[x - 1]) +
                                  magnitude_of(folded[x + 1]));
}

static uint8_t unfold(uint8_t folded)
{
    return (uint8_t)(folded >> 1 ^ -(folded & 1));
}

static CW_DECL_PHOTO_LINE(photo_line_c)
{
    for (ptrdiff_t x = 0; x < (ptrdiff_t)width_px; x++) {
        const uint8_t residual[3] = {unfold(q[x]), unfold(p[x]), unfold(s[x])};
        for (ptrdiff_t i = 0; i < 3; i++) {
            ptrdiff_t at = 4 * x + i;
            line[at] = (uint8_t)(predict(line[at - 4], above[at], above[at - 4]) + residual[i]);
        }
        line[4 * x + 3] = 0;
    }
}

static CW_DECL_PHOTO_PIXELS(photo_from_green_c)
{
    for (uint32_t x = 0; x < width_px; x++) {
        out[4 * x] = (uint8_t)(line[4 * x] + line[4 * x + 1] - 128);
        out[4 * x + 1] = line[4 * x + 1];
        out[4 * x + 2] = (uint8_t)(line[4 * x + 2] + line[4 * x + 1] - 128);
        out[4 * x + 3] = 0;
    }
}

static CW_DECL_PHOTO_PIXELS(photo_from_luma_c)
{
    for (uint32_t x = 0; x < width_px; x++) {
        uint8_t q = line[4 * x];
        uint8_t s = line[4 * x + 2];
        uint8_t middle = (uint8_t)(line[4 * x + 1] - half(s) + 64);
        uint8_t b = (uint8_t)(middle - half(q) + 64);
        out[4 * x] = b;
        out[4 * x + 1] = (uint8_t)(s + middle - 128);
        out[4 * x + 2] = (uint8_t)(q + b - 128);
        out[4 * x + 3] = 0;
    }
}

void cw_dsp_fill_c_photo(struct cw_dsp *dsp)
{
#define USE(field, DECL) dsp->field = field##_c;
    CW_DSP_PHOTO_KERNELS(USE)
#undef USE
}
