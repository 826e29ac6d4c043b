/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/text_join.h"

#include "codec/limits.h"
#include "codec/rect.h"

enum {
    GAP_ROWS = 8,  /* between lines of one paragraph */
    GAP_PX = 64,   /* between words */
    ADDED_MAX = 3, /* a joined patch may have one pixel that did not change for so many that did */
    ADDED_PX = 1024,       /* and these */
    HALVED_PX_MIN = 16384, /* what is smaller is hardly worth another operation */
};

static size_t area_of(const struct cw_rect *r)
{
    return (size_t)r->w * r->h;
}

/* The two lie close, and one rectangle around them holds little else. */
static bool may_join(const struct cw_patch *a, const struct cw_patch *b, size_t spare_px,
                     struct cw_rect *ret_rect)
{
    if (a->class != CW_CLASS_TEXT || b->class != CW_CLASS_TEXT)
        return false;
    struct cw_rect r = cw_rect_around(&a->rect, &b->rect);
    if (r.h > a->rect.h + b->rect.h + GAP_ROWS || r.w > a->rect.w + b->rect.w + GAP_PX)
        return false;
    size_t both = area_of(&a->rect) + area_of(&b->rect);
    size_t all = area_of(&r);
    size_t added = all > both ? all - both : 0;
    if (added > spare_px || added > both / ADDED_MAX + ADDED_PX)
        return false;
    *ret_rect = r;
    return true;
}

/* No patch of another class lies in the rectangle. */
static bool is_free(const struct cw_patch *patches, uint32_t count, const struct cw_rect *r)
{
    for (uint32_t i = 0; i < count; i++)
        if (patches[i].class != CW_CLASS_TEXT && cw_rects_meet(&patches[i].rect, r))
            return false;
    return true;
}

/* Joins one of the patches behind patch i with it. False: there is none. */
static bool join_one(struct cw_patch *patches, uint32_t *count, uint32_t i, size_t *spare_px)
{
    for (uint32_t k = i + 1; k < *count; k++) {
        struct cw_rect r;
        if (!may_join(&patches[i], &patches[k], *spare_px, &r) || !is_free(patches, *count, &r))
            continue;
        size_t both = area_of(&patches[i].rect) + area_of(&patches[k].rect);
        *spare_px = *spare_px + both - area_of(&r);
        patches[i].rect = r;
        for (uint32_t n = k + 1; n < *count; n++)
            patches[n - 1] = patches[n];
        (*count)--;
        return true;
    }
    return false;
}

void cw_text_join(struct cw_patch *patches, uint32_t *count, size_t *spare_px)
{
    if (*count > CW_JOIN_PATCHES_MAX)
        return;
    /* A joined patch may join what was too far from its parts. */
    bool again = true;
    while (again) {
        again = false;
        for (uint32_t i = 0; i < *count; i++)
            while (join_one(patches, count, i, spare_px))
                again = true;
    }
}

bool cw_text_halve(const struct cw_rect *r, struct cw_patch halves[2])
{
    if ((size_t)r->w * r->h < HALVED_PX_MIN)
        return false;
    halves[0] = halves[1] = (struct cw_patch){*r, CW_CLASS_TEXT};
    if (r->w >= r->h) {
        uint32_t middle = r->x + r->w / 2;
        middle -= middle % CW_BLOCK_PX;
        halves[0].rect.w = middle - r->x;
        halves[1].rect.x = middle;
        halves[1].rect.w = r->w - halves[0].rect.w;
    } else {
        uint32_t middle = r->y + r->h / 2;
        middle -= middle % CW_BAND_ROWS;
        halves[0].rect.h = middle - r->y;
        halves[1].rect.y = middle;
        halves[1].rect.h = r->h - halves[0].rect.h;
    }
    return true;
}
