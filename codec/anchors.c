/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/anchors.h"

#include <stdlib.h>
#include <string.h>

#include "codec/codec.h"
#include "codec/limits.h"

enum {
    TABLE_LOG = 14,
    TABLE_FILL_MAX = (1 << TABLE_LOG) * 3 / 4,
    VOTES_LOG = 10,
    VOTES_FILL_MAX = (1 << VOTES_LOG) * 3 / 4,
    MASK_MIN = 31, /* one window of 32 in small areas, fewer in large ones */
    LOOKUPS = 512, /* anchors of the frame that are enough for a vote */
    FRAME_ROW_STEP_MAX = 8,
    STRIPES = 4,
    STRIPE_PX = 64,
    TWICE = 0x8000, /* flag in an anchor's y */
};

_Static_assert((int)TWICE > (int)CW_CODEC_SIDE_PX_MAX, "the flag is no row");

struct anchor {
    uint32_t hash; /* 0: free; no anchor hashes to 0 */
    uint16_t x, y;
};

struct cw_anchors {
    uint32_t width;
    uint32_t *positions; /* of a row's anchors */
    uint32_t *hashes;
    struct anchor table[1 << TABLE_LOG];
    uint32_t table_fill;
    struct cw_vector votes[1 << VOTES_LOG];
    uint32_t votes_fill;
};

struct cw_anchors *cw_anchors_new(uint32_t width)
{
    struct cw_anchors *a = calloc(1, sizeof(*a));
    if (a == NULL)
        return NULL;
    a->width = width;
    a->positions = calloc(width, sizeof(*a->positions));
    a->hashes = calloc(width, sizeof(*a->hashes));
    if (a->positions == NULL || a->hashes == NULL)
        return cw_anchors_free(a);
    return a;
}

struct cw_anchors *cw_anchors_free(struct cw_anchors *a)
{
    if (a != NULL) {
        free(a->positions);
        free(a->hashes);
        free(a);
    }
    return NULL;
}

/* The place of a hash in the table: its entry, or the free one it would take. */
static struct anchor *table_at(struct cw_anchors *a, uint32_t hash)
{
    uint32_t i = hash * 0x9E3779B1U >> (32 - TABLE_LOG);
    while (a->table[i].hash != 0 && a->table[i].hash != hash)
        i = (i + 1) & ((1U << TABLE_LOG) - 1);
    return &a->table[i];
}

static void table_add(struct cw_anchors *a, uint32_t hash, uint32_t x, uint32_t y)
{
    struct anchor *at = table_at(a, hash);
    if (at->hash != 0) {
        at->y |= TWICE;
    } else if (a->table_fill < TABLE_FILL_MAX) {
        *at = (struct anchor){hash, (uint16_t)x, (uint16_t)y};
        a->table_fill++;
    }
}

static void vote(struct cw_anchors *a, int32_t dx, int32_t dy)
{
    uint32_t key = (uint32_t)dx * 16411U + (uint32_t)dy;
    uint32_t i = key * 0x9E3779B1U >> (32 - VOTES_LOG);
    while (a->votes[i].votes != 0 && (a->votes[i].dx != dx || a->votes[i].dy != dy))
        i = (i + 1) & ((1U << VOTES_LOG) - 1);
    if (a->votes[i].votes == 0) {
        if (a->votes_fill == VOTES_FILL_MAX)
            return;
        a->votes_fill++;
    }
    a->votes[i] = (struct cw_vector){dx, dy, a->votes[i].votes + 1};
}

static void forget_votes(struct cw_anchors *a)
{
    memset(a->table, 0, sizeof(a->table));
    memset(a->votes, 0, sizeof(a->votes));
    a->table_fill = 0;
    a->votes_fill = 0;
}

/* Pixels of the spans where a window fits. */
static uint64_t spans_px(const struct cw_span *spans, uint32_t first, uint32_t last)
{
    uint64_t px = 0;
    for (uint32_t y = first; y < last; y++)
        if (spans[y].x1 - spans[y].x0 >= CW_ANCHOR_PX)
            px += spans[y].x1 - spans[y].x0;
    return px;
}

void cw_anchors_vote(struct cw_anchors *a, const struct cw_dsp *dsp, const struct cw_span *from,
                     const struct cw_span *to, uint32_t first, uint32_t last, const uint8_t *frame,
                     size_t stride_bytes, const uint8_t *model)
{
    forget_votes(a);
    uint64_t px = spans_px(from, first, last);
    uint32_t mask = MASK_MIN;
    while (px / (mask + 1) > TABLE_FILL_MAX)
        mask = mask * 2 + 1;
    for (uint32_t y = first; y < last; y++) {
        if (from[y].x1 - from[y].x0 < CW_ANCHOR_PX)
            continue;
        const uint8_t *row = model + ((size_t)y * a->width + from[y].x0) * 4;
        uint32_t count =
            dsp->anchor_row(row, from[y].x1 - from[y].x0, mask, a->positions, a->hashes);
        for (uint32_t i = 0; i < count; i++)
            table_add(a, a->hashes[i], from[y].x0 + a->positions[i], y);
    }
    uint64_t lookups = spans_px(to, first, last) / (mask + 1);
    uint32_t step = lookups / LOOKUPS < FRAME_ROW_STEP_MAX ? (uint32_t)(lookups / LOOKUPS) + 1
                                                           : FRAME_ROW_STEP_MAX;
    for (uint32_t y = first; y < last; y += step) {
        if (to[y].x1 - to[y].x0 < CW_ANCHOR_PX)
            continue;
        const uint8_t *row = frame + y * stride_bytes + (size_t)to[y].x0 * 4;
        uint32_t count = dsp->anchor_row(row, to[y].x1 - to[y].x0, mask, a->positions, a->hashes);
        for (uint32_t i = 0; i < count; i++) {
            const struct anchor *at = table_at(a, a->hashes[i]);
            uint32_t x = to[y].x0 + a->positions[i];
            if (at->hash != 0 && (at->y & TWICE) == 0 && (at->x != x || at->y != y))
                vote(a, (int32_t)x - at->x, (int32_t)y - at->y);
        }
    }
}

/* A stripe of a row as one number, 0 when it is of one colour. */
static uint32_t stripe_hash(const struct cw_dsp *dsp, const uint32_t *keys, const uint8_t *pixels)
{
    uint64_t sums[8];
    uint64_t hash = 0;
    if (memcmp(pixels, pixels + 4, STRIPE_PX * 4 - 4) == 0)
        return 0;
    dsp->hash_row(pixels, STRIPE_PX, keys, sums);
    for (unsigned i = 0; i < 8; i++)
        hash = (hash ^ sums[i]) * 0x9E3779B97F4A7C15U;
    return (uint32_t)(hash >> 32);
}

void cw_anchors_vote_rows(struct cw_anchors *a, const struct cw_dsp *dsp, const uint32_t *keys,
                          struct cw_span columns, const struct cw_rows *rows,
                          const struct cw_pair *p)
{
    forget_votes(a);
    uint32_t width = columns.x1 - columns.x0;
    if (width < STRIPE_PX * STRIPES)
        return;
    /* From the middle of each part of the columns. Each stripe has a part of the hashes of its own. */
    for (unsigned frame = 0; frame < 2; frame++) {
        const struct cw_span *s = frame != 0 ? &rows->to : &rows->from;
        for (uint32_t y = s->x0; y < s->x1; y += frame != 0 ? rows->step : 1)
            for (uint32_t i = 0; i < STRIPES; i++) {
                uint32_t x = columns.x0 + width * (2 * i + 1) / (2 * STRIPES) - STRIPE_PX / 2;
                const uint8_t *row = frame != 0 ? p->frame + y * p->stride_bytes
                                                : p->model + (size_t)y * p->width * 4;
                uint32_t hash = stripe_hash(dsp, keys, row + (size_t)x * 4);
                if (hash == 0)
                    continue;
                hash = hash * STRIPES + i;
                if (frame == 0) {
                    table_add(a, hash, x, y);
                    continue;
                }
                const struct anchor *at = table_at(a, hash);
                if (at->hash != 0 && (at->y & TWICE) == 0 && at->y != y)
                    vote(a, 0, (int32_t)y - at->y);
            }
    }
}

bool cw_anchors_next(struct cw_anchors *a, uint32_t votes_min, struct cw_vector *ret_vector)
{
    struct cw_vector *best = &a->votes[0];
    for (uint32_t i = 1; i < 1U << VOTES_LOG; i++)
        if (a->votes[i].votes > best->votes)
            best = &a->votes[i];
    if (best->votes < votes_min)
        return false;
    *ret_vector = *best;
    best->votes = 1; /* not 0: the search of another goes on past it */
    return true;
}
