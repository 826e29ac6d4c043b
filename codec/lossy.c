/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/lossy.h"

#include <stdlib.h>
#include <string.h>

#include "codec/check.h"
#include "codec/limits.h"
#include "codec/packet.h"
#include "codec/rect.h"

struct cw_lossy *cw_lossy_new(uint32_t width, uint32_t height, uint8_t *model)
{
    struct cw_lossy *l = calloc(1, sizeof(*l));
    if (l == NULL)
        return NULL;
    l->width = width;
    l->height = height;
    l->block_columns = (width + CW_BLOCK_PX - 1) / CW_BLOCK_PX;
    l->block_rows = (height + CW_BLOCK_PX - 1) / CW_BLOCK_PX;
    l->tile_px = CW_JPEG_SIDE_PX_MAX / 2;
    if ((width / l->tile_px + 1) * (height / l->tile_px + 1) > CW_LOSSY_TILES_MAX)
        l->tile_px = CW_JPEG_SIDE_PX_MAX;
    l->tile_columns = (width + l->tile_px - 1) / l->tile_px;
    l->tile_rows = (height + l->tile_px - 1) / l->tile_px;
    size_t block_count = (size_t)l->block_columns * l->block_rows;
    size_t tile_count = (size_t)l->tile_columns * l->tile_rows;
    l->store_bytes = width * height / 2 + (1U << 16);
    l->seen = malloc((size_t)width * height * 4);
    l->blocks = calloc(block_count, 1);
    l->sources = malloc(block_count);
    l->tiles = calloc(tile_count, sizeof(*l->tiles));
    l->out = malloc(CW_JPEG_BYTES_MAX);
    l->cells = cw_moving_cells_new(width, height);
    l->store = malloc(l->store_bytes);
    l->order = malloc(tile_count * sizeof(*l->order));
    if (l->seen == NULL || l->blocks == NULL || l->sources == NULL || l->tiles == NULL ||
        l->out == NULL || l->cells == NULL || l->store == NULL || l->order == NULL)
        return cw_lossy_free(l);
    l->model = model;
    cw_jpeg_init(&l->jpeg);
    return l;
}

struct cw_lossy *cw_lossy_free(struct cw_lossy *l)
{
    if (l != NULL) {
        free(l->seen);
        free(l->blocks);
        free(l->sources);
        free(l->tiles);
        free(l->out);
        cw_moving_cells_free(l->cells);
        free(l->store);
        free(l->order);
        free(l);
    }
    return NULL;
}

/* A rectangle of blocks or tiles: [x0, x1) by [y0, y1). */
struct span {
    uint32_t x0, y0, x1, y1;
};

static struct span touched(const struct cw_rect *r, uint32_t unit)
{
    return (struct span){r->x / unit, r->y / unit, (r->x + r->w - 1) / unit + 1,
                         (r->y + r->h - 1) / unit + 1};
}

static struct cw_rect block_rect(const struct cw_lossy *l, uint32_t bx, uint32_t by)
{
    struct cw_rect r = {bx * CW_BLOCK_PX, by * CW_BLOCK_PX, CW_BLOCK_PX, CW_BLOCK_PX};
    r.w = l->width - r.x < r.w ? l->width - r.x : r.w;
    r.h = l->height - r.y < r.h ? l->height - r.y : r.h;
    return r;
}

static struct cw_lossy_tile *tile_at(const struct cw_lossy *l, uint32_t x, uint32_t y)
{
    return &l->tiles[(size_t)(y / l->tile_px) * l->tile_columns + x / l->tile_px];
}

static void set_block(struct cw_lossy *l, uint32_t bx, uint32_t by, bool is_lossy)
{
    uint8_t *block = &l->blocks[(size_t)by * l->block_columns + bx];
    struct cw_lossy_tile *t = tile_at(l, bx * CW_BLOCK_PX, by * CW_BLOCK_PX);
    if (is_lossy == (*block != 0))
        return;
    t->lossy = is_lossy ? t->lossy + 1 : t->lossy - 1;
    l->lossy_blocks = is_lossy ? l->lossy_blocks + 1 : l->lossy_blocks - 1;
    *block = is_lossy;
    CW_CODEC_CHECK(l->lossy_blocks <= l->block_columns * l->block_rows);
}

uint8_t *cw_lossy_picture(const struct cw_lossy *l)
{
    return l->is_begun ? l->seen : l->model;
}

void cw_lossy_begin(struct cw_lossy *l)
{
    if (!l->is_begun)
        memcpy(l->seen, l->model, (size_t)l->width * l->height * 4);
    l->is_begun = true;
}

/* What a rectangle's tiles had kept of it is no longer the model. */
static void mark_tiles(struct cw_lossy *l, const struct cw_rect *rect, bool changed,
                       uint64_t now_ns)
{
    struct span s = touched(rect, l->tile_px);
    for (uint32_t y = s.y0; y < s.y1; y++)
        for (uint32_t x = s.x0; x < s.x1; x++) {
            struct cw_lossy_tile *t = &l->tiles[(size_t)y * l->tile_columns + x];
            if (changed)
                t->changed_ns = now_ns;
            if (t->kept_bytes != 0 && cw_rects_meet(&t->kept_rect, rect))
                t->kept_bytes = 0;
        }
}

void cw_lossy_see(struct cw_lossy *l, const struct cw_dsp *dsp, const struct cw_rect *rect,
                  const uint8_t *bgrx, size_t stride_bytes)
{
    for (uint32_t y = rect->y; y < rect->y + rect->h && l->is_begun; y++)
        dsp->take_row(l->seen + ((size_t)y * l->width + rect->x) * 4,
                      bgrx + y * stride_bytes + (size_t)rect->x * 4, rect->w);
}

void cw_lossy_exact(struct cw_lossy *l, const struct cw_rect *rect, bool changed, uint64_t now_ns)
{
    mark_tiles(l, rect, changed, now_ns);
    if (l->lossy_blocks == 0)
        return;
    struct span s = touched(rect, CW_BLOCK_PX);
    for (uint32_t by = s.y0; by < s.y1; by++)
        for (uint32_t bx = s.x0; bx < s.x1; bx++) {
            struct cw_rect block = block_rect(l, bx, by);
            if (cw_rect_holds(rect, &block))
                set_block(l, bx, by, false);
        }
}

/* Whether any pixel of a rectangle was lossy before the copy. */
static bool source_is_lossy(const struct cw_lossy *l, const struct cw_rect *rect)
{
    struct span s = touched(rect, CW_BLOCK_PX);
    for (uint32_t by = s.y0; by < s.y1; by++)
        for (uint32_t bx = s.x0; bx < s.x1; bx++)
            if (l->sources[(size_t)by * l->block_columns + bx] != 0)
                return true;
    return false;
}

void cw_lossy_copied(struct cw_lossy *l, const struct cw_rect *to, uint32_t from_x, uint32_t from_y,
                     uint64_t now_ns)
{
    mark_tiles(l, to, true, now_ns);
    if (l->lossy_blocks == 0)
        return;
    memcpy(l->sources, l->blocks, (size_t)l->block_columns * l->block_rows);
    struct span s = touched(to, CW_BLOCK_PX);
    for (uint32_t by = s.y0; by < s.y1; by++)
        for (uint32_t bx = s.x0; bx < s.x1; bx++) {
            struct cw_rect block = block_rect(l, bx, by);
            uint32_t x0 = block.x > to->x ? block.x : to->x;
            uint32_t y0 = block.y > to->y ? block.y : to->y;
            uint32_t x1 = block.x + block.w < to->x + to->w ? block.x + block.w : to->x + to->w;
            uint32_t y1 = block.y + block.h < to->y + to->h ? block.y + block.h : to->y + to->h;
            struct cw_rect from = {x0 - to->x + from_x, y0 - to->y + from_y, x1 - x0, y1 - y0};
            bool is_lossy = source_is_lossy(l, &from);
            if (is_lossy || cw_rect_holds(to, &block))
                set_block(l, bx, by, is_lossy);
        }
}

/* Moves what is still kept to the store's start. */
static void store_pack(struct cw_lossy *l)
{
    uint32_t used = 0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < l->order_count; i++) {
        struct cw_lossy_tile *t = &l->tiles[l->order[i].tile];
        if (t->kept_bytes == 0 || t->kept_at != l->order[i].at)
            continue;
        memmove(l->store + used, l->store + t->kept_at, t->kept_bytes);
        t->kept_at = used;
        l->order[count++] = (struct cw_lossy_entry){l->order[i].tile, used};
        used += t->kept_bytes;
    }
    l->store_used = used;
    l->order_count = count;
}

static void keep(struct cw_lossy *l, struct cw_lossy_tile *t, const struct cw_rect *rect,
                 const uint8_t *head, const uint8_t *bytes, uint32_t count)
{
    const uint32_t tile_count = l->tile_columns * l->tile_rows;
    /* A tile that keeps a larger part of itself keeps it. */
    if (t->kept_bytes != 0 && t->kept_rect.w * t->kept_rect.h > rect->w * rect->h)
        return;
    t->kept_bytes = 0;
    if (l->store_bytes - l->store_used < count || l->order_count == tile_count)
        store_pack(l);
    /* After packing each tile is in the order at most once, and this one is not. */
    if (l->store_bytes - l->store_used < count)
        return;
    memcpy(l->store + l->store_used, bytes, count);
    memcpy(t->kept_head, head, CW_JPEG_HEAD_BYTES);
    t->kept_rect = *rect;
    t->kept_at = l->store_used;
    t->kept_bytes = count;
    l->store_used += count;
    l->order[l->order_count++] = (struct cw_lossy_entry){(uint32_t)(t - l->tiles), t->kept_at};
}

/* Where colours change sharply, half the chroma would show. */
static bool has_colour_edges(const uint8_t *picture, size_t stride_bytes,
                             const struct cw_rect *rect)
{
    uint32_t edges = 0;
    for (uint32_t y = 0; y < rect->h; y += 4) {
        const uint8_t *p = picture + (rect->y + y) * stride_bytes + (size_t)rect->x * 4;
        for (uint32_t x = 1; x < rect->w; x++) {
            int b = (p[4 * x] - p[4 * x + 1]) - (p[4 * x - 4] - p[4 * x - 3]);
            int r = (p[4 * x + 2] - p[4 * x + 1]) - (p[4 * x - 2] - p[4 * x - 3]);
            edges += abs(b) + abs(r) > 96;
        }
    }
    return edges * 4 * 32 > rect->w * rect->h;
}

static enum cw_jpeg_sampling sampling_for(const struct cw_lossy *l, uint32_t quality,
                                          const struct cw_rect *rect)
{
    if (quality >= 90 || (quality >= 50 && has_colour_edges(l->seen, (size_t)l->width * 4, rect)))
        return CW_JPEG_444;
    return quality >= 50 ? CW_JPEG_422 : CW_JPEG_420;
}

void cw_lossy_moved(struct cw_lossy *l, const struct cw_rect *rect, uint64_t now_ns)
{
    CW_CODEC_CHECK(l->is_begun);
    mark_tiles(l, rect, true, now_ns);
    struct span s = touched(rect, CW_BLOCK_PX);
    for (uint32_t by = s.y0; by < s.y1; by++)
        for (uint32_t bx = s.x0; bx < s.x1; bx++)
            set_block(l, bx, by, true);
}

bool cw_lossy_code(struct cw_lossy *l, const struct cw_dsp *dsp, uint32_t quality,
                   const struct cw_rect *rect, uint8_t *model, struct cw_body *body,
                   uint64_t now_ns)
{
    uint8_t head[CW_JPEG_HEAD_BYTES];
    size_t stride = (size_t)l->width * 4;
    size_t bytes = cw_jpeg_encode(&l->jpeg, dsp, quality, sampling_for(l, quality, rect), *rect,
                                  l->seen, model, stride, head, l->out);
    if (bytes + CW_JPEG_HEAD_BYTES > (size_t)rect->w * rect->h ||
        bytes > body->raw_bytes_max - body->raw_bytes)
        return false;
    struct cw_op op = {.rect = *rect, .mode = CW_OP_JPEG};
    memcpy(cw_body_add(body, &op, CW_JPEG_HEAD_BYTES), head, CW_JPEG_HEAD_BYTES);
    memcpy(body->raw + body->raw_bytes, l->out, bytes);
    body->raw_bytes += bytes;
    cw_lossy_moved(l, rect, now_ns);
    keep(l, tile_at(l, rect->x, rect->y), rect, head, l->out, (uint32_t)bytes);
    return true;
}

struct cw_rect cw_lossy_tile_part(const struct cw_lossy *l, const struct cw_rect *rect, uint32_t x,
                                  uint32_t y)
{
    uint32_t right = x - x % l->tile_px + l->tile_px;
    uint32_t bottom = y - y % l->tile_px + l->tile_px;
    right = right < rect->x + rect->w ? right : rect->x + rect->w;
    bottom = bottom < rect->y + rect->h ? bottom : rect->y + rect->h;
    return (struct cw_rect){x, y, right - x, bottom - y};
}

static const struct cw_lossy_tile *oldest(const struct cw_lossy *l)
{
    const struct cw_lossy_tile *found = NULL;
    const struct cw_lossy_tile *end = l->tiles + (size_t)l->tile_columns * l->tile_rows;
    for (const struct cw_lossy_tile *t = l->tiles; l->lossy_blocks != 0 && t < end; t++)
        if (t->lossy != 0 && (found == NULL || t->changed_ns < found->changed_ns))
            found = t;
    return found;
}

bool cw_lossy_oldest(const struct cw_lossy *l, uint64_t rested_ns, struct cw_rect *ret_rect)
{
    const struct cw_lossy_tile *t = oldest(l);
    if (t == NULL || t->changed_ns > rested_ns)
        return false;
    uint32_t index = (uint32_t)(t - l->tiles);
    struct cw_rect all = {index % l->tile_columns * l->tile_px,
                          index / l->tile_columns * l->tile_px, l->tile_px, l->tile_px};
    all.w = l->width - all.x < all.w ? l->width - all.x : all.w;
    all.h = l->height - all.y < all.h ? l->height - all.y : all.h;
    struct span s = touched(&all, CW_BLOCK_PX);
    struct span found = {UINT32_MAX, UINT32_MAX, 0, 0};
    for (uint32_t by = s.y0; by < s.y1; by++)
        for (uint32_t bx = s.x0; bx < s.x1; bx++)
            if (l->blocks[(size_t)by * l->block_columns + bx] != 0) {
                found.x0 = bx < found.x0 ? bx : found.x0;
                found.y0 = by < found.y0 ? by : found.y0;
                found.x1 = bx + 1 > found.x1 ? bx + 1 : found.x1;
                found.y1 = by + 1;
            }
    struct cw_rect last = block_rect(l, found.x1 - 1, found.y1 - 1);
    *ret_rect = (struct cw_rect){found.x0 * CW_BLOCK_PX, found.y0 * CW_BLOCK_PX, 0, 0};
    ret_rect->w = last.x + last.w - ret_rect->x;
    ret_rect->h = last.y + last.h - ret_rect->y;
    return true;
}

uint64_t cw_lossy_oldest_ns(const struct cw_lossy *l)
{
    const struct cw_lossy_tile *t = oldest(l);
    return t != NULL ? t->changed_ns : UINT64_MAX;
}

uint32_t cw_lossy_kept_count(const struct cw_lossy *l)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < l->tile_columns * l->tile_rows; i++)
        count += l->tiles[i].kept_bytes != 0;
    return count;
}

void cw_lossy_send_kept(const struct cw_lossy *l, const struct cw_lossy_tile *t,
                        struct cw_body *body)
{
    struct cw_op op = {.rect = t->kept_rect, .mode = CW_OP_JPEG};
    memcpy(cw_body_add(body, &op, CW_JPEG_HEAD_BYTES), t->kept_head, CW_JPEG_HEAD_BYTES);
    memcpy(body->raw + body->raw_bytes, l->store + t->kept_at, t->kept_bytes);
    body->raw_bytes += t->kept_bytes;
}
