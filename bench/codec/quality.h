/* SPDX-License-Identifier: Apache-2.0 */
/* bench/codec/quality.h - how far a lossy picture is from the frame, on the pixels that changed.
 *
 * Owner:     the caller, by value.
 * Thread:    any.
 * Units:     BGRX pictures of frames' size.
 * Errors:    none.
 * Limits:    sums are 64 bits: more frames than FRAMES_MAX of the largest picture.
 *
 * PSNR is over B, G and R of the pixels that differ from the frame before. SSIM is the mean over windows of 8 x 8
 * pixels, 4 apart, that hold such a pixel, and over the three channels, with the usual constants.
 */
#ifndef CW_BENCH_CODEC_QUALITY_H
#define CW_BENCH_CODEC_QUALITY_H

#include <stdint.h>

#include "bench/codec/frames.h"

struct quality {
    uint64_t squared_error, values;
    double ssim_sum;
    uint64_t windows;
};

/* Adds frame n >= 1 as it was shown. */
void quality_add(struct quality *q, const struct frames *f, uint32_t n, const uint8_t *shown);
/* 99 where nothing differs. */
double quality_psnr_db(const struct quality *q);
double quality_ssim(const struct quality *q);

#endif
