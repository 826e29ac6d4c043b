/* SPDX-License-Identifier: Apache-2.0 */
/* codec/cache.h - what was shown before: layers of tiles that SAVE fills and RESTORE paints from.
 *
 * Owner:     encoder and decoder each have one; memory is taken in cw_cache_new, freed in cw_cache_free.
 * Thread:    the owner's caller.
 * Units:     pixels; tiles of CW_TILE_PX squared on the picture's grid.
 * Errors:    cw_cache_new: CW_CODEC_ERR_NOMEM. cw_cache_check_op: CW_CODEC_ERR_PACKET.
 * Limits:    CW_CACHE_LAYERS_MAX layers, CW_CACHE_PX_MAX pixels.
 * Invariant: both sides hold the same pixels in every valid tile. A layer's memory is read only where its tile is
 *            valid, so it needs no clearing and costs no memory before it is used.
 *
 * A layer is as large as the picture, and a tile is saved at its own place in it: one big region that comes back is one
 * operation whatever its shape was cut from, and regions of the picture do not compete for room.
 */
#ifndef CW_CODEC_CACHE_H
#define CW_CODEC_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/packet.h"

struct cw_cache {
    uint32_t width, height;
    uint32_t columns, rows; /* of tiles */
    uint32_t layers;
    uint8_t *pixels; /* layer after layer, width * 4 bytes a row */
    uint8_t *valid;  /* a tile's layers, bit by bit */
};

/* Where a RESTORE takes its pixels from. */
struct cw_cache_from {
    uint32_t layer, x, y;
};

/* How many layers pictures of this size have; 0: none. */
uint32_t cw_cache_layers(uint32_t width, uint32_t height);
int cw_cache_new(struct cw_cache *c, uint32_t width, uint32_t height);
void cw_cache_free(struct cw_cache *c);
/* No tile is valid any more. */
void cw_cache_clear(struct cw_cache *c);
/* The layer at a pixel. */
uint8_t *cw_cache_at(const struct cw_cache *c, uint32_t layer, uint32_t x, uint32_t y);
/* Every tile that the rectangle touches is valid. The rectangle is inside the picture. */
bool cw_cache_holds(const struct cw_cache *c, uint32_t layer, const struct cw_rect *rect);
/* The picture's whole tiles into a layer; they become valid. */
void cw_cache_save(struct cw_cache *c, uint32_t layer, const struct cw_rect *rect,
                   const uint8_t *picture);
/* Paints a rectangle that the cache holds at from. */
void cw_cache_restore(const struct cw_cache *c, const struct cw_cache_from *from,
                      const struct cw_rect *to, uint8_t *picture);

void cw_cache_from_write(const struct cw_cache_from *from, const struct cw_rect *to, uint8_t *data);
struct cw_cache_from cw_cache_from_read(const struct cw_rect *to, const uint8_t *data);
/* The rules of a SAVE or RESTORE whose rectangle is inside the picture; to be called for these operations of a packet
 * in their order before anything is drawn: a SAVE makes its tiles valid for the RESTOREs behind it. */
int cw_cache_check_op(struct cw_cache *c, const struct cw_op *op, const uint8_t *data);

#endif
