/* SPDX-License-Identifier: Apache-2.0 */
/* JPEG's kernels: the reference that the other levels must equal. */
#include <stddef.h>
#include <stdlib.h>

#include "codec/dsp.h"
#include "codec/jpeg_transform.h"

static const int32_t matrix[4][8] = CW_DCT_MATRIX;

static int16_t to_int16(int32_t v)
{
    return (int16_t)(v < INT16_MIN ? INT16_MIN : v > INT16_MAX ? INT16_MAX : v);
}

static uint8_t to_byte(int32_t v)
{
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

/* Eight samples, step apart, to eight coefficients. */
static void forward_pass(int16_t *v, unsigned step, int shift)
{
    int32_t sum[4];
    int32_t difference[4];
    for (unsigned n = 0; n < 4; n++) {
        sum[n] = v[n * step] + v[(7 - n) * step];
        difference[n] = v[n * step] - v[(7 - n) * step];
    }
    for (unsigned k = 0; k < 8; k++) {
        const int32_t *part = k % 2 == 0 ? sum : difference;
        int32_t all = 1 << (shift - 1);
        for (unsigned n = 0; n < 4; n++)
            all += matrix[n][k] * part[n];
        v[k * step] = to_int16(all >> shift);
    }
}

static CW_DECL_FDCT(fdct_c)
{
    for (unsigned i = 0; i < 64; i++)
        coef[i] = (int16_t)(in[(size_t)(i / 8) * stride + i % 8] - 128);
    for (unsigned i = 0; i < 8; i++)
        forward_pass(coef + i, 8, CW_FDCT_COLUMN_SHIFT);
    for (unsigned i = 0; i < 8; i++)
        forward_pass(coef + 8 * i, 1, CW_FDCT_ROW_SHIFT);
}

/* Eight coefficients, step apart, to eight samples before the shift. */
static void inverse_pass(const int16_t *v, unsigned step, int32_t out[8])
{
    for (unsigned n = 0; n < 4; n++) {
        int32_t even = 0;
        int32_t odd = 0;
        for (unsigned k = 0; k < 8; k += 2) {
            even += matrix[n][k] * v[k * step];
            odd += matrix[n][k + 1] * v[(k + 1) * step];
        }
        out[n] = even + odd;
        out[7 - n] = even - odd;
    }
}

static CW_DECL_IDCT(idct_c)
{
    int16_t middle[64];
    int32_t samples[8];
    for (unsigned x = 0; x < 8; x++) {
        inverse_pass(coef + x, 8, samples);
        for (unsigned y = 0; y < 8; y++)
            middle[8 * y + x] =
                to_int16((samples[y] + (1 << (CW_IDCT_COLUMN_SHIFT - 1))) >> CW_IDCT_COLUMN_SHIFT);
    }
    const int32_t bias = (1 << (CW_IDCT_ROW_SHIFT - 1)) + (128 << CW_IDCT_ROW_SHIFT);
    for (unsigned y = 0; y < 8; y++) {
        inverse_pass(middle + (size_t)8 * y, 1, samples);
        for (unsigned x = 0; x < 8; x++)
            out[(size_t)y * stride + x] = to_byte((samples[x] + bias) >> CW_IDCT_ROW_SHIFT);
    }
}

static CW_DECL_QUANTISE(quantise_c)
{
    for (unsigned i = 0; i < 64; i++) {
        uint32_t size = (uint32_t)abs(coef[i]) + table[i];
        int32_t level = (int32_t)((size * table[64 + i] >> 16) * table[128 + i] >> 16);
        coef[i] = (int16_t)(coef[i] < 0 ? -level : level);
    }
}

static CW_DECL_TO_YCC_ROW(to_ycc_row_c)
{
    for (uint32_t x = 0; x < width_px; x++) {
        int32_t b = in[4 * x];
        int32_t g = in[4 * x + 1];
        int32_t r = in[4 * x + 2];
        y[x] = (uint8_t)((CW_Y_FROM_B * b + CW_Y_FROM_G * g + CW_Y_FROM_R * r + 8192) >> 14);
        cb[x] =
            (uint8_t)((CW_CHROMA_OWN * b + CW_CB_FROM_G * g + CW_CB_FROM_R * r + CW_CHROMA_BIAS) >>
                      14);
        cr[x] =
            (uint8_t)((CW_CR_FROM_B * b + CW_CR_FROM_G * g + CW_CHROMA_OWN * r + CW_CHROMA_BIAS) >>
                      14);
    }
}

static int32_t share(int32_t chroma, int32_t factor)
{
    return (chroma * factor + 8192) >> 14;
}

static CW_DECL_FROM_YCC_ROW(from_ycc_row_c)
{
    for (uint32_t x = 0; x < width_px; x++) {
        int32_t b = cb[x] - 128;
        int32_t r = cr[x] - 128;
        out[4 * x] = to_byte(y[x] + 2 * b + share(b, CW_B_FROM_CB));
        out[4 * x + 1] = to_byte(y[x] + share(b, CW_G_FROM_CB) + share(r, CW_G_FROM_CR));
        out[4 * x + 2] = to_byte(y[x] + r + share(r, CW_R_FROM_CR));
        out[4 * x + 3] = 0;
    }
}

void cw_dsp_fill_c_jpeg(struct cw_dsp *dsp)
{
#define USE(field, DECL) dsp->field = field##_c;
    CW_DSP_JPEG_KERNELS(USE)
#undef USE
}
