/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/halve.h"

#include <string.h>

uint32_t cw_half_side(uint32_t side_px)
{
    return side_px / 2 + side_px % 2;
}

struct cw_rect cw_half_area(struct cw_rect area)
{
    uint32_t x = area.x / 2;
    uint32_t y = area.y / 2;
    return (struct cw_rect){x, y, cw_half_side(area.x + area.w) - x,
                            cw_half_side(area.y + area.h) - y};
}

/* Two of the four channels at a time: their sums need ten bits and have sixteen. */
static inline uint32_t mean(uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    const uint32_t even = 0x00FF00FF;
    uint32_t low = (a & even) + (b & even) + (c & even) + (d & even) + 0x00020002;
    uint32_t high =
        (a >> 8 & even) + (b >> 8 & even) + (c >> 8 & even) + (d >> 8 & even) + 0x00020002;
    return (low >> 2 & even) | (high >> 2 & even) << 8;
}

static inline uint32_t pixel(const uint8_t *row, uint32_t x)
{
    uint32_t p;
    memcpy(&p, row + (size_t)x * 4, sizeof p);
    return p;
}

static void halve_row(const uint8_t *upper, const uint8_t *lower, uint32_t first, uint32_t count,
                      uint8_t *restrict out)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t x = (first + i) * 2;
        uint32_t p =
            mean(pixel(upper, x), pixel(upper, x + 1), pixel(lower, x), pixel(lower, x + 1));
        memcpy(out + (size_t)i * 4, &p, sizeof p);
    }
}

void cw_halve(const uint8_t *bgrx, size_t stride_bytes, uint32_t width_px, uint32_t height_px,
              struct cw_rect area, uint8_t *out)
{
    size_t out_stride = (size_t)cw_half_side(width_px) * 4;
    uint32_t whole = width_px / 2; /* pixels that have a right half */
    for (uint32_t y = area.y; y < area.y + area.h; y++) {
        const uint8_t *upper = bgrx + (size_t)y * 2 * stride_bytes;
        const uint8_t *lower = y * 2 + 1 < height_px ? upper + stride_bytes : upper;
        uint8_t *to = out + (size_t)y * out_stride + (size_t)area.x * 4;
        uint32_t count = area.w;
        if (area.x + count > whole) {
            count = whole - area.x;
            uint32_t a = pixel(upper, whole * 2);
            uint32_t b = pixel(lower, whole * 2);
            uint32_t p = mean(a, a, b, b);
            memcpy(to + (size_t)count * 4, &p, sizeof p);
        }
        halve_row(upper, lower, area.x, count, to);
    }
}
