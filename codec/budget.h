/* SPDX-License-Identifier: Apache-2.0 */
/* codec/budget.h - what an update may cost: the quality that pictures get, and how much of the rest builds up.
 *
 * Owner:     a value of the encoder's.
 * Thread:    the encoder's caller.
 * Units:     bytes, pixels, ns; rates in 1/256 byte a pixel.
 * Errors:    none.
 * Invariant: the estimates follow what packets really cost; they choose, they never refuse: what changed is sent.
 */
#ifndef CW_CODEC_BUDGET_H
#define CW_CODEC_BUDGET_H

#include <stddef.h>
#include <stdint.h>

struct cw_budget {
    uint64_t now_ns;
    size_t bytes;           /* for the next update; SIZE_MAX: any number */
    uint32_t picture_scale; /* real bytes of JPEGs to estimated ones, times 256 */
    uint32_t exact_rate;    /* of pictures without loss */
};

void cw_budget_init(struct cw_budget *b);
/* The best quality in [min, max] at which so many pixels of pictures take three quarters of the budget; min if none,
 * and half of that if they would take twice the budget. */
uint32_t cw_budget_quality(const struct cw_budget *b, size_t pixels, uint32_t min, uint32_t max);
/* So many pixels took so many bytes at a quality. */
void cw_budget_pictures(struct cw_budget *b, size_t pixels, uint32_t quality, size_t bytes);
/* What so many pixels are likely to cost without loss, and what they did cost. */
size_t cw_budget_exact(const struct cw_budget *b, size_t pixels);
void cw_budget_built_up(struct cw_budget *b, size_t pixels, size_t bytes);

#endif
