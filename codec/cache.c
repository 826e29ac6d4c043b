/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/cache.h"

#include <stdlib.h>
#include <string.h>

#include "codec/limits.h"

enum { X_BITS = 13 }; /* of a coordinate; a layer's number lies above */

uint32_t cw_cache_layers(uint32_t width, uint32_t height)
{
    uint64_t layers = CW_CACHE_PX_MAX / ((uint64_t)width * height);
    return layers < CW_CACHE_LAYERS_MAX ? (uint32_t)layers : CW_CACHE_LAYERS_MAX;
}

int cw_cache_new(struct cw_cache *c, uint32_t width, uint32_t height)
{
    *c = (struct cw_cache){
        .width = width,
        .height = height,
        .columns = (width + CW_TILE_PX - 1) / CW_TILE_PX,
        .rows = (height + CW_TILE_PX - 1) / CW_TILE_PX,
        .layers = cw_cache_layers(width, height),
    };
    if (c->layers == 0)
        return 0;
    c->pixels = malloc((size_t)width * height * 4 * c->layers);
    c->valid = calloc((size_t)c->columns * c->rows, 1);
    if (c->pixels == NULL || c->valid == NULL) {
        cw_cache_free(c);
        return CW_CODEC_ERR_NOMEM;
    }
    return 0;
}

void cw_cache_free(struct cw_cache *c)
{
    free(c->pixels);
    free(c->valid);
    *c = (struct cw_cache){0};
}

void cw_cache_clear(struct cw_cache *c)
{
    if (c->layers != 0)
        memset(c->valid, 0, (size_t)c->columns * c->rows);
}

uint8_t *cw_cache_at(const struct cw_cache *c, uint32_t layer, uint32_t x, uint32_t y)
{
    return c->pixels + (((size_t)layer * c->height + y) * c->width + x) * 4;
}

bool cw_cache_holds(const struct cw_cache *c, uint32_t layer, const struct cw_rect *rect)
{
    if (layer >= c->layers)
        return false;
    uint32_t last_x = (rect->x + rect->w - 1) / CW_TILE_PX;
    uint32_t last_y = (rect->y + rect->h - 1) / CW_TILE_PX;
    for (uint32_t y = rect->y / CW_TILE_PX; y <= last_y; y++)
        for (uint32_t x = rect->x / CW_TILE_PX; x <= last_x; x++)
            if ((c->valid[(size_t)y * c->columns + x] >> layer & 1) == 0)
                return false;
    return true;
}

/* The rectangle is whole tiles. */
static void mark_valid(struct cw_cache *c, uint32_t layer, const struct cw_rect *rect)
{
    for (uint32_t y = rect->y; y < rect->y + rect->h; y += CW_TILE_PX)
        for (uint32_t x = rect->x; x < rect->x + rect->w; x += CW_TILE_PX)
            c->valid[(size_t)(y / CW_TILE_PX) * c->columns + x / CW_TILE_PX] |=
                (uint8_t)(1U << layer);
}

void cw_cache_save(struct cw_cache *c, uint32_t layer, const struct cw_rect *rect,
                   const uint8_t *picture)
{
    mark_valid(c, layer, rect);
    for (uint32_t y = rect->y; y < rect->y + rect->h; y++)
        memcpy(cw_cache_at(c, layer, rect->x, y), picture + ((size_t)y * c->width + rect->x) * 4,
               (size_t)rect->w * 4);
}

void cw_cache_restore(const struct cw_cache *c, const struct cw_cache_from *from,
                      const struct cw_rect *to, uint8_t *picture)
{
    for (uint32_t y = 0; y < to->h; y++)
        memcpy(picture + ((size_t)(to->y + y) * c->width + to->x) * 4,
               cw_cache_at(c, from->layer, from->x, from->y + y), (size_t)to->w * 4);
}

void cw_cache_from_write(const struct cw_cache_from *from, const struct cw_rect *to, uint8_t *data)
{
    uint32_t x = (from->x - to->x) & ((1U << X_BITS) - 1);
    cw_write_le16(data, from->layer << X_BITS | x);
    cw_write_le16(data + 2, from->y - to->y);
}

struct cw_cache_from cw_cache_from_read(const struct cw_rect *to, const uint8_t *data)
{
    uint32_t first = cw_read_le16(data);
    return (struct cw_cache_from){
        .layer = first >> X_BITS,
        .x = (to->x + first) & ((1U << X_BITS) - 1),
        .y = (to->y + cw_read_le16(data + 2)) & 0xffff,
    };
}

static bool ends_a_tile(uint32_t end, uint32_t picture_end)
{
    return end % CW_TILE_PX == 0 || end == picture_end;
}

int cw_cache_check_op(struct cw_cache *c, const struct cw_op *op, const uint8_t *data)
{
    const struct cw_rect *r = &op->rect;
    if (op->mode == CW_OP_SAVE) {
        if (data[0] >= c->layers || r->x % CW_TILE_PX != 0 || r->y % CW_TILE_PX != 0 ||
            !ends_a_tile(r->x + r->w, c->width) || !ends_a_tile(r->y + r->h, c->height))
            return CW_CODEC_ERR_PACKET;
        mark_valid(c, data[0], r);
        return 0;
    }
    struct cw_cache_from from = cw_cache_from_read(r, data);
    struct cw_rect source = {from.x, from.y, r->w, r->h};
    if (from.x > c->width || r->w > c->width - from.x || from.y > c->height ||
        r->h > c->height - from.y || !cw_cache_holds(c, from.layer, &source))
        return CW_CODEC_ERR_PACKET;
    return 0;
}
