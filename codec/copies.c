/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/copies.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "codec/check.h"
#include "codec/limits.h"
#include "codec/rect.h"

/* A copy of less uncovers nothing that could be taken for a film. */
enum { UNCOVER_PX_MIN = 32768 };

static uint64_t area(const struct cw_copy *c)
{
    return (uint64_t)c->to.w * c->to.h;
}

uint32_t cw_copies_keep(struct cw_copy *copies, uint32_t count)
{
    uint32_t keep = count < CW_COPIES_MAX ? count : CW_COPIES_MAX;
    for (uint32_t i = 0; i < keep; i++) {
        uint32_t best = i;
        for (uint32_t k = i + 1; k < count; k++)
            if (area(&copies[k]) > area(&copies[best]))
                best = k;
        struct cw_copy largest = copies[best];
        memmove(&copies[i + 1], &copies[i], (best - i) * sizeof(largest));
        copies[i] = largest;
    }
    return keep;
}

enum side { TOP, BOTTOM, LEFT, RIGHT, SIDES };

/* Lines of pixels between a copy and the picture's end on one side, where it goes to and where it comes from. */
static uint32_t lines_beside(const struct cw_pair *p, const struct cw_copy *c, enum side side)
{
    uint32_t to = 0;
    uint32_t from = 0;
    switch (side) {
    case TOP:
        to = c->to.y;
        from = c->from_y;
        break;
    case BOTTOM:
        to = p->height - c->to.y - c->to.h;
        from = p->height - c->from_y - c->to.h;
        break;
    case LEFT:
        to = c->to.x;
        from = c->from_x;
        break;
    case RIGHT:
        to = p->width - c->to.x - c->to.w;
        from = p->width - c->from_x - c->to.w;
        break;
    case SIDES: break;
    }
    return to < from ? to : from;
}

/* The row or column of pixels next to a copy on one side, as a copy of its own. */
static struct cw_copy line_beside(const struct cw_copy *c, enum side side)
{
    struct cw_copy line = *c;
    uint32_t by_x = side == LEFT ? (uint32_t)-1 : side == RIGHT ? c->to.w : 0;
    uint32_t by_y = side == TOP ? (uint32_t)-1 : side == BOTTOM ? c->to.h : 0;
    line.to.x += by_x;
    line.from_x += by_x;
    line.to.y += by_y;
    line.from_y += by_y;
    if (side == TOP || side == BOTTOM)
        line.to.h = 1;
    else
        line.to.w = 1;
    return line;
}

static const uint8_t *frame_at(const struct cw_pair *p, uint32_t x, uint32_t y)
{
    return p->frame + y * p->stride_bytes + (size_t)x * 4;
}

static const uint8_t *model_at(const struct cw_pair *p, uint32_t x, uint32_t y)
{
    return p->model + ((size_t)y * p->width + x) * 4;
}

/* How many rows above or below a copy, of at most max, are equal. */
static uint32_t rows_moved(const struct cw_dsp *dsp, const struct cw_pair *p,
                           const struct cw_copy *c, enum side side, uint32_t max)
{
    for (uint32_t n = 0; n < max; n++) {
        uint64_t differs[CW_CODEC_SIDE_PX_MAX / CW_SEGMENT_PX] = {0};
        uint32_t to_y = side == TOP ? c->to.y - 1 - n : c->to.y + c->to.h + n;
        uint32_t from_y = side == TOP ? c->from_y - 1 - n : c->from_y + c->to.h + n;
        dsp->diff_row(frame_at(p, c->to.x, to_y), model_at(p, c->from_x, from_y), c->to.w, differs,
                      0);
        for (uint32_t i = 0; i < (c->to.w + CW_SEGMENT_PX - 1) / CW_SEGMENT_PX; i++)
            if (differs[i] != 0)
                return n;
    }
    return max;
}

/* How many columns to the left or right of a copy, of at most max, are equal. */
static uint32_t columns_moved(const struct cw_dsp *dsp, const struct cw_pair *p,
                              const struct cw_copy *c, enum side side, uint32_t max)
{
    for (uint32_t y = 0; y < c->to.h && max > 0; y++) {
        uint32_t x = side == LEFT ? 0U - max : c->to.w;
        uint64_t equal = dsp->equal_64(frame_at(p, c->to.x + x, c->to.y + y),
                                       model_at(p, c->from_x + x, c->from_y + y), max);
        uint64_t differ = ~equal & (((uint64_t)1 << max) - 1);
        if (differ != 0) /* the nearest to the copy */
            max = side == LEFT ? max - 64 + (uint32_t)__builtin_clzll(differ)
                               : (uint32_t)__builtin_ctzll(differ);
    }
    return max;
}

/* Takes in the line next to a copy. */
static void take_line(struct cw_copy *c, const struct cw_copy *line, enum side side)
{
    switch (side) {
    case TOP:
        c->to.y = line->to.y;
        c->from_y = line->from_y;
        c->to.h++;
        break;
    case LEFT:
        c->to.x = line->to.x;
        c->from_x = line->from_x;
        c->to.w++;
        break;
    case BOTTOM: c->to.h++; break;
    case RIGHT: c->to.w++; break;
    case SIDES: break;
    }
}

static bool same_vector(const struct cw_copy *a, const struct cw_copy *b)
{
    return a->to.x - a->from_x == b->to.x - b->from_x && a->to.y - a->from_y == b->to.y - b->from_y;
}

/* A copy can leave a line to one by the same vector that grows to this side, if the line is all of its border. */
static bool can_leave(const struct cw_copy *c, const struct cw_copy *line, enum side side)
{
    const struct cw_rect *r = &c->to;
    const struct cw_rect *l = &line->to;
    bool row = side == TOP || side == BOTTOM;
    bool spans = row ? l->x <= r->x && r->x + r->w <= l->x + l->w
                     : l->y <= r->y && r->y + r->h <= l->y + l->h;
    if (!spans || !same_vector(c, line) || (row ? r->h : r->w) == 1)
        return false;
    if (row)
        return side == TOP ? r->y + r->h == l->y + 1 : r->y == l->y;
    return side == LEFT ? r->x + r->w == l->x + 1 : r->x == l->x;
}

/* Takes the line out of the copies that it meets. False: one cannot leave it, and nothing was done. */
static bool make_way(struct cw_copy *copies, uint32_t count, const struct cw_copy *line,
                     enum side side)
{
    for (uint32_t i = 0; i < count; i++)
        if (cw_rects_meet(&line->to, &copies[i].to) && !can_leave(&copies[i], line, side))
            return false;
    for (uint32_t i = 0; i < count; i++) {
        struct cw_copy *c = &copies[i];
        if (!cw_rects_meet(&line->to, &c->to))
            continue;
        c->to.h -= side == TOP || side == BOTTOM;
        c->to.w -= side == LEFT || side == RIGHT;
        c->to.y += side == BOTTOM;
        c->from_y += side == BOTTOM;
        c->to.x += side == RIGHT;
        c->from_x += side == RIGHT;
    }
    return true;
}

void cw_copies_grow(struct cw_copy *copies, uint32_t count, uint32_t index,
                    const struct cw_dsp *dsp, const struct cw_pair *p)
{
    struct cw_copy *c = &copies[index];
    for (unsigned i = 0; i < SIDES; i++) {
        enum side side = (enum side)i;
        uint32_t lines = lines_beside(p, c, side);
        lines = lines < CW_BLOCK_PX - 1 ? lines : CW_BLOCK_PX - 1;
        lines = side == TOP || side == BOTTOM ? rows_moved(dsp, p, c, side, lines)
                                              : columns_moved(dsp, p, c, side, lines);
        for (; lines > 0; lines--) {
            struct cw_copy line = line_beside(c, side);
            if (!make_way(copies, count, &line, side))
                break;
            take_line(c, &line, side);
        }
    }
}

/* Making a first would spoil what b is to read. */
static bool spoils(const struct cw_copy *a, const struct cw_copy *b)
{
    const struct cw_rect from = {b->from_x, b->from_y, b->to.w, b->to.h};
    return cw_rects_meet(&a->to, &from);
}

/* The smallest of those that spoil another and are spoilt: somewhere they go in a circle. */
static uint32_t smallest_in_circles(const struct cw_copy *copies, uint32_t count)
{
    uint32_t smallest = count;
    for (uint32_t i = 0; i < count; i++) {
        bool spoilt = false;
        for (uint32_t k = 0; k < count && !spoilt; k++)
            spoilt = k != i && spoils(&copies[k], &copies[i]);
        if (spoilt && (smallest == count || area(&copies[i]) < area(&copies[smallest])))
            smallest = i;
    }
    return smallest;
}

uint32_t cw_copies_order(struct cw_copy *copies, uint32_t count)
{
    uint32_t victims[CW_COPIES_MAX]; /* how many of those left each one spoils */
    CW_CODEC_CHECK(count <= CW_COPIES_MAX);
    for (uint32_t i = 0; i < count; i++) {
        victims[i] = 0;
        for (uint32_t k = 0; k < count; k++)
            victims[i] += k != i && spoils(&copies[i], &copies[k]);
    }
    /* copies[0, done) are in order, copies[done, count) are left. */
    uint32_t done = 0;
    while (done < count) {
        uint32_t pick = done;
        while (pick < count && victims[pick] != 0)
            pick++;
        bool works = pick < count;
        if (!works)
            pick = done + smallest_in_circles(copies + done, count - done);
        struct cw_copy c = copies[pick];
        for (uint32_t i = done; i < count; i++)
            victims[i] -= i != pick && spoils(&copies[i], &c);
        if (works) {
            memmove(&copies[done + 1], &copies[done], (pick - done) * sizeof(c));
            memmove(&victims[done + 1], &victims[done], (pick - done) * sizeof(victims[0]));
            copies[done++] = c;
        } else {
            count--;
            memmove(&copies[pick], &copies[pick + 1], (count - pick) * sizeof(c));
            memmove(&victims[pick], &victims[pick + 1], (count - pick) * sizeof(victims[0]));
        }
    }
    return done;
}

bool cw_copies_uncover(const struct cw_copy *copies, size_t count, const struct cw_rect *rect)
{
    for (size_t i = 0; i < count; i++) {
        const struct cw_copy *c = &copies[i];
        uint32_t x0 = c->to.x < c->from_x ? c->to.x : c->from_x;
        uint32_t y0 = c->to.y < c->from_y ? c->to.y : c->from_y;
        uint32_t x1 = (c->to.x > c->from_x ? c->to.x : c->from_x) + c->to.w;
        uint32_t y1 = (c->to.y > c->from_y ? c->to.y : c->from_y) + c->to.h;
        bool meets =
            rect->x < x1 && x0 < rect->x + rect->w && rect->y < y1 && y0 < rect->y + rect->h;
        if (meets && area(c) >= UNCOVER_PX_MIN)
            return true;
    }
    return false;
}
