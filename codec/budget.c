/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/budget.h"

enum { QUALITY_STEP = 5 };

/* A photograph's bytes for 256 pixels at quality 0, 10, ... 100, by the sampling that goes with it. */
static const uint32_t picture_rates[11] = {8, 10, 13, 17, 21, 31, 36, 44, 58, 108, 300};

void cw_budget_init(struct cw_budget *b)
{
    *b = (struct cw_budget){.bytes = SIZE_MAX, .picture_scale = 256, .exact_rate = 512};
}

static uint64_t estimate(const struct cw_budget *b, size_t pixels, uint32_t quality)
{
    uint32_t low = picture_rates[quality / 10];
    uint32_t high = picture_rates[quality < 100 ? quality / 10 + 1 : 10];
    uint64_t rate = low + (high - low) * (quality % 10) / 10;
    return (uint64_t)pixels * rate * b->picture_scale >> 16;
}

uint32_t cw_budget_quality(const struct cw_budget *b, size_t pixels, uint32_t min, uint32_t max)
{
    uint32_t quality = max;
    uint64_t bytes = b->bytes - b->bytes / 4;
    /* As it does where a film begins. */
    if (estimate(b, pixels, min) / 2 > b->bytes)
        min = min / 2 + 1;
    while (quality > min && estimate(b, pixels, quality) > bytes)
        quality = quality > min + QUALITY_STEP ? quality - QUALITY_STEP : min;
    return quality;
}

static uint32_t limited(uint64_t v, uint32_t min, uint32_t max)
{
    return v < min ? min : v > max ? max : (uint32_t)v;
}

void cw_budget_pictures(struct cw_budget *b, size_t pixels, uint32_t quality, size_t bytes)
{
    struct cw_budget plain = {.picture_scale = 256};
    uint64_t expected = estimate(&plain, pixels, quality);
    if (expected == 0)
        return;
    uint64_t scale = (uint64_t)bytes * 256 / expected;
    b->picture_scale = limited((b->picture_scale * 3 + scale) / 4, 16, 2048);
}

size_t cw_budget_exact(const struct cw_budget *b, size_t pixels)
{
    return pixels * b->exact_rate >> 8;
}

void cw_budget_built_up(struct cw_budget *b, size_t pixels, size_t bytes)
{
    if (pixels != 0)
        b->exact_rate = limited((b->exact_rate * 3 + (uint64_t)bytes * 256 / pixels) / 4, 16, 1024);
}
