/* SPDX-License-Identifier: Apache-2.0 */
/* The reference: what every other level must equal (codec/FORMAT.md, section 6.3). */
#include "codec/moving_dsp.h"

#include <stdlib.h>
#include <string.h>

const int8_t cw_moving_taps[4][CW_MOVING_TAPS] = {
    {0, 0, 64, 0, 0, 0},
    {1, -5, 52, 20, -5, 1},
    {2, -10, 40, 40, -10, 2},
    {1, -5, 20, 52, -5, 1},
};

static uint8_t clamp_byte(int v)
{
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

static int16_t clamp_word(int v)
{
    return (int16_t)(v < INT16_MIN ? INT16_MIN : v > INT16_MAX ? INT16_MAX : v);
}

static CW_DECL_MOVING_SPLIT(split_c)
{
    for (uint32_t x = 0; x < width_px; x++) {
        int b = in[4 * x];
        int g = in[4 * x + 1];
        int r = in[4 * x + 2];
        y[x] = (uint8_t)((r + 2 * g + b + 2) >> 2);
        u[x] = (uint8_t)((r - b + 256) >> 1);
        v[x] = (uint8_t)((2 * g - r - b + 512) >> 2);
    }
}

static CW_DECL_MOVING_JOIN(join_c)
{
    for (uint32_t x = 0; x < width_px; x++) {
        int green = y[x] + v[x] - 128;
        int rest = y[x] - v[x] + 128;
        out[4 * x] = clamp_byte(rest - u[x] + 128);
        out[4 * x + 1] = clamp_byte(green);
        out[4 * x + 2] = clamp_byte(rest + u[x] - 128);
        out[4 * x + 3] = 0;
    }
}

static uint32_t sad_c(const uint8_t *a, size_t a_stride, const uint8_t *b, size_t b_stride,
                      uint32_t size)
{
    uint32_t sum = 0;
    for (uint32_t y = 0; y < size; y++, a += a_stride, b += b_stride)
        for (uint32_t x = 0; x < size; x++)
            sum += (uint32_t)abs(a[x] - b[x]);
    return sum;
}

static CW_DECL_MOVING_SAD(sad16_c)
{
    return sad_c(a, a_stride, b, b_stride, 16);
}

static CW_DECL_MOVING_SAD(sad8_c)
{
    return sad_c(a, a_stride, b, b_stride, 8);
}

/* One direction of the filter: neighbours are next bytes apart. */
static uint8_t filter(const uint8_t *in, ptrdiff_t next, const int8_t *taps)
{
    int sum = 32;
    for (int i = 0; i < CW_MOVING_TAPS; i++)
        sum += taps[i] * in[(i - CW_MOVING_TAPS_BEFORE) * next];
    return clamp_byte(sum >> 6);
}

static CW_DECL_MOVING_PREDICT(predict_c)
{
    uint8_t rows[(16 + CW_MOVING_TAPS) * 16];
    uint32_t before = fy != 0 ? CW_MOVING_TAPS_BEFORE : 0;
    uint32_t count = fy != 0 ? size + CW_MOVING_TAPS - 1 : size;
    const uint8_t *from = in - before * in_stride;
    for (uint32_t y = 0; y < count; y++, from += in_stride)
        for (uint32_t x = 0; x < size; x++)
            rows[y * 16 + x] = fx != 0 ? filter(from + x, 1, cw_moving_taps[fx]) : from[x];
    for (uint32_t y = 0; y < size; y++, out += out_stride)
        for (uint32_t x = 0; x < size; x++) {
            const uint8_t *at = rows + (size_t)(y + before) * 16 + x;
            out[x] = fy != 0 ? filter(at, 16, cw_moving_taps[fy]) : *at;
        }
}

static CW_DECL_MOVING_FORWARD(forward_c)
{
    int16_t half[CW_MOVING_BLOCK][CW_MOVING_BLOCK];
    for (int y = 0; y < 8; y++, a += a_stride, b += b_stride)
        for (int k = 0; k < 8; k++) {
            int sum = 4;
            for (int x = 0; x < 8; x++)
                sum += cw_moving_cosines[k][x] * (a[x] - b[x]);
            half[y][k] = (int16_t)(sum >> 3);
        }
    for (int k = 0; k < 8; k++)
        for (int i = 0; i < 8; i++) {
            int sum = 256;
            for (int y = 0; y < 8; y++)
                sum += cw_moving_cosines[k][y] * half[y][i];
            coefs[8 * k + i] = (int16_t)(sum >> 9);
        }
}

static CW_DECL_MOVING_QUANTISE(quantise_c)
{
    uint64_t bits = 0;
    for (int i = 0; i < CW_MOVING_COEFS; i++) {
        uint32_t size = (uint32_t)abs(coefs[i]) + q->round;
        int level = (int)((size > UINT16_MAX ? UINT16_MAX : size) * q->reciprocal >> 16);
        levels[i] = (int16_t)(coefs[i] < 0 ? -level : level);
        bits |= (uint64_t)(level != 0) << i;
    }
    return bits;
}

static CW_DECL_MOVING_INVERSE(inverse_c)
{
    int16_t coefs[CW_MOVING_COEFS];
    int16_t half[CW_MOVING_COEFS];
    for (int i = 0; i < CW_MOVING_COEFS; i++)
        coefs[i] = clamp_word(levels[i] * (int)step >> 2);
    for (int y = 0; y < 8; y++)
        for (int i = 0; i < 8; i++) {
            int sum = 64;
            for (int k = 0; k < 8; k++)
                sum += cw_moving_cosines[k][y] * coefs[8 * k + i];
            half[8 * y + i] = clamp_word(sum >> 7);
        }
    for (int y = 0; y < 8; y++, out += stride)
        for (int x = 0; x < 8; x++) {
            int sum = 1024;
            for (int k = 0; k < 8; k++)
                sum += cw_moving_cosines[k][x] * half[8 * y + k];
            out[x] = clamp_byte(out[x] + (sum >> 11));
        }
}

/* One line of an edge; next is the way across it. */
static void smooth_line(uint8_t *q, ptrdiff_t next, const struct cw_moving_smoothing *s)
{
    int p1 = q[-2 * next];
    int p0 = q[-next];
    int q0 = q[0];
    int q1 = q[next];
    if (abs(p0 - q0) >= s->step || abs(p1 - p0) >= s->slope || abs(q1 - q0) >= s->slope)
        return;
    int change = (4 * (q0 - p0) + p1 - q1 + 4) >> 3;
    change = change < -s->change ? -s->change : change > s->change ? s->change : change;
    q[-next] = clamp_byte(p0 + change);
    q[0] = clamp_byte(q0 - change);
}

static CW_DECL_MOVING_SMOOTH(smooth_across_c)
{
    for (int i = 0; i < CW_MOVING_BLOCK; i++)
        smooth_line(out + (size_t)i * stride, 1, s);
}

static CW_DECL_MOVING_SMOOTH(smooth_down_c)
{
    for (int i = 0; i < CW_MOVING_BLOCK; i++)
        smooth_line(out + i, (ptrdiff_t)stride, s);
}

void cw_moving_fill_c(struct cw_moving_dsp *dsp)
{
#define USE(field, DECL) dsp->field = field##_c;
    CW_MOVING_KERNELS(USE)
#undef USE
}
