/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/codec/quality.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { WINDOW_PX = 8, WINDOW_STEP_PX = 4, PSNR_EQUAL_DB = 99 };

struct view {
    const uint8_t *frame, *before, *shown;
    size_t stride;
};

static void add_errors(struct quality *q, const struct view *v, size_t at)
{
    if (memcmp(v->frame + at, v->before + at, 4) == 0)
        return;
    for (size_t c = 0; c < 3; c++) {
        int d = v->frame[at + c] - v->shown[at + c];
        q->squared_error += (uint64_t)(d * d);
    }
    q->values += 3;
}

static bool window_changed(const struct view *v, size_t at)
{
    for (size_t y = 0; y < WINDOW_PX; y++)
        if (memcmp(v->frame + at + y * v->stride, v->before + at + y * v->stride,
                   (size_t)WINDOW_PX * 4) != 0)
            return true;
    return false;
}

static double window_ssim(const struct view *v, size_t at, size_t channel)
{
    static const double c1 = 0.01 * 255 * 0.01 * 255;
    static const double c2 = 0.03 * 255 * 0.03 * 255;
    static const double count = WINDOW_PX * WINDOW_PX;
    int a_sum = 0;
    int b_sum = 0;
    int aa_sum = 0;
    int bb_sum = 0;
    int ab_sum = 0;
    for (size_t y = 0; y < WINDOW_PX; y++) {
        for (size_t x = 0; x < WINDOW_PX; x++) {
            int a = v->frame[at + y * v->stride + x * 4 + channel];
            int b = v->shown[at + y * v->stride + x * 4 + channel];
            a_sum += a;
            b_sum += b;
            aa_sum += a * a;
            bb_sum += b * b;
            ab_sum += a * b;
        }
    }
    double a_mean = a_sum / count;
    double b_mean = b_sum / count;
    double a_variance = aa_sum / count - a_mean * a_mean;
    double b_variance = bb_sum / count - b_mean * b_mean;
    double covariance = ab_sum / count - a_mean * b_mean;
    return (2 * a_mean * b_mean + c1) * (2 * covariance + c2) /
           ((a_mean * a_mean + b_mean * b_mean + c1) * (a_variance + b_variance + c2));
}

void quality_add(struct quality *q, const struct frames *f, uint32_t n, const uint8_t *shown)
{
    struct view v = {f->pixels[n], f->pixels[n - 1], shown, (size_t)f->width * 4};
    for (size_t at = 0; at < v.stride * f->height; at += 4)
        add_errors(q, &v, at);
    for (size_t y = 0; y + WINDOW_PX <= f->height; y += WINDOW_STEP_PX) {
        for (size_t x = 0; x + WINDOW_PX <= f->width; x += WINDOW_STEP_PX) {
            size_t at = y * v.stride + x * 4;
            if (!window_changed(&v, at))
                continue;
            for (size_t c = 0; c < 3; c++)
                q->ssim_sum += window_ssim(&v, at, c) / 3;
            q->windows++;
        }
    }
}

double quality_psnr_db(const struct quality *q)
{
    if (q->squared_error == 0)
        return PSNR_EQUAL_DB;
    double mean = (double)q->squared_error / (double)q->values;
    return 10 * log10(255.0 * 255.0 / mean);
}

double quality_ssim(const struct quality *q)
{
    return q->windows == 0 ? 1 : q->ssim_sum / (double)q->windows;
}
