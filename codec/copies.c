/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/copies.h"

#include <stdbool.h>
#include <string.h>

#include "codec/check.h"
#include "codec/limits.h"

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

static bool rects_meet(const struct cw_rect *a, const struct cw_rect *b)
{
    return a->x < b->x + b->w && b->x < a->x + a->w && a->y < b->y + b->h && b->y < a->y + a->h;
}

enum side { TOP, BOTTOM, LEFT, RIGHT, SIDES };

/* The pixels next to a copy on one side, as a copy of its own: a row, or a column. False: it would leave the
 * picture. */
static bool border_of(const struct cw_pair *p, const struct cw_copy *c, enum side side,
                      struct cw_copy *ret_line)
{
    struct cw_copy line = *c;
    bool row = side == TOP || side == BOTTOM;
    bool before = side == TOP || side == LEFT;
    uint32_t to = row ? c->to.y : c->to.x;
    uint32_t from = row ? c->from_y : c->from_x;
    uint32_t size = row ? c->to.h : c->to.w;
    uint32_t end = row ? p->height : p->width;
    if (before ? to == 0 || from == 0 : to + size >= end || from + size >= end)
        return false;
    to = before ? to - 1 : to + size;
    from = before ? from - 1 : from + size;
    if (row) {
        line.to.y = to;
        line.from_y = from;
        line.to.h = 1;
    } else {
        line.to.x = to;
        line.from_x = from;
        line.to.w = 1;
    }
    *ret_line = line;
    return true;
}

static bool line_moved(const struct cw_dsp *dsp, const struct cw_pair *p,
                       const struct cw_copy *line)
{
    const uint8_t *frame = p->frame + line->to.y * p->stride_bytes + (size_t)line->to.x * 4;
    const uint8_t *model = p->model + ((size_t)line->from_y * p->width + line->from_x) * 4;
    if (line->to.h == 1) {
        uint64_t differs[CW_CODEC_SIDE_PX_MAX / CW_SEGMENT_PX] = {0};
        dsp->diff_row(frame, model, line->to.w, differs, 0);
        for (uint32_t i = 0; i < (line->to.w + CW_SEGMENT_PX - 1) / CW_SEGMENT_PX; i++)
            if (differs[i] != 0)
                return false;
        return true;
    }
    for (uint32_t y = 0; y < line->to.h; y++) {
        if (memcmp(frame, model, 3) != 0)
            return false;
        frame += p->stride_bytes;
        model += (size_t)p->width * 4;
    }
    return true;
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
        if (rects_meet(&line->to, &copies[i].to) && !can_leave(&copies[i], line, side))
            return false;
    for (uint32_t i = 0; i < count; i++) {
        struct cw_copy *c = &copies[i];
        if (!rects_meet(&line->to, &c->to))
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
    for (unsigned side = 0; side < SIDES; side++)
        for (unsigned step = 1; step < CW_BLOCK_PX; step++) {
            struct cw_copy line;
            if (!border_of(p, c, (enum side)side, &line) || !line_moved(dsp, p, &line) ||
                !make_way(copies, count, &line, (enum side)side))
                break;
            take_line(c, &line, (enum side)side);
        }
}

/* Making a first would spoil what b is to read. */
static bool spoils(const struct cw_copy *a, const struct cw_copy *b)
{
    const struct cw_rect from = {b->from_x, b->from_y, b->to.w, b->to.h};
    return rects_meet(&a->to, &from);
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
