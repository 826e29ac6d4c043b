/* SPDX-License-Identifier: Apache-2.0 */
/* codec/rect.h - how two rectangles lie.
 *
 * Owner:     none.
 * Thread:    any.
 * Units:     pixels.
 * Errors:    none.
 * Limits:    none has a side of 0, or ends beyond 2^32.
 */
#ifndef CW_CODEC_RECT_H
#define CW_CODEC_RECT_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/codec.h"

/* They share a pixel. */
static inline bool cw_rects_meet(const struct cw_rect *a, const struct cw_rect *b)
{
    return a->x < b->x + b->w && b->x < a->x + a->w && a->y < b->y + b->h && b->y < a->y + a->h;
}

static inline bool cw_rect_holds(const struct cw_rect *outer, const struct cw_rect *inner)
{
    return inner->x >= outer->x && inner->y >= outer->y &&
           inner->x + inner->w <= outer->x + outer->w && inner->y + inner->h <= outer->y + outer->h;
}

/* The smallest that holds both. */
static inline struct cw_rect cw_rect_around(const struct cw_rect *a, const struct cw_rect *b)
{
    uint32_t right = a->x + a->w > b->x + b->w ? a->x + a->w : b->x + b->w;
    uint32_t bottom = a->y + a->h > b->y + b->h ? a->y + a->h : b->y + b->h;
    uint32_t x = a->x < b->x ? a->x : b->x;
    uint32_t y = a->y < b->y ? a->y : b->y;
    return (struct cw_rect){x, y, right - x, bottom - y};
}

#endif
