/* SPDX-License-Identifier: Apache-2.0 */
/* codec/lossy.h - pictures that arrive as JPEG first: what the encoder saw, where the model differs from it, since
 * when, and what makes it exact again.
 *
 * Owner:     the encoder; memory is taken in cw_lossy_new and freed in cw_lossy_free.
 * Thread:    the encoder's caller.
 * Units:     pixels, bytes, ns as cw_encoder_turn tells them; tiles of tile_px, blocks of CW_BLOCK_PX pixels squared.
 * Errors:    cw_lossy_new gives NULL without memory; the rest cannot fail.
 * Limits:    CW_LOSSY_TILES_MAX tiles; kept JPEGs take at most half a byte a pixel and 64 KB.
 * Invariant: outside the blocks marked lossy the model equals seen. A kept JPEG, decoded, gives the model's pixels of
 *            its rectangle.
 *
 * All comparisons of the encoder are with seen, so a lossy tile is no damage; only the model is lossy. A tile is built
 * up from seen when it has rested; a keyframe sends the kept JPEGs again, and codes the rest without loss.
 */
#ifndef CW_CODEC_LOSSY_H
#define CW_CODEC_LOSSY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/body.h"
#include "codec/classify.h"
#include "codec/codec.h"
#include "codec/dsp.h"
#include "codec/jpeg.h"

struct cw_lossy_tile {
    uint64_t changed_ns;
    uint32_t lossy;               /* blocks */
    uint32_t kept_at, kept_bytes; /* its JPEG in the store; 0 bytes: none */
    struct cw_rect kept_rect;
    uint8_t kept_head[CW_JPEG_HEAD_BYTES];
};

struct cw_lossy {
    uint32_t width, height;
    uint32_t tile_px, tile_columns, tile_rows;
    uint32_t block_columns, block_rows;
    bool is_begun; /* something had loss since this was made */
    uint8_t *
        seen; /* the frame as it was coded; X is 0. Until then it is the model, and this takes no memory */
    uint8_t *model;
    uint8_t *blocks;  /* 1: lossy */
    uint8_t *sources; /* blocks, before a copy */
    uint32_t lossy_blocks;
    struct cw_lossy_tile *tiles;
    struct cw_moving_cells *cells;
    struct cw_jpeg jpeg;
    uint8_t *out; /* CW_JPEG_BYTES_MAX */
    uint8_t *store;
    uint32_t store_bytes, store_used;
    struct cw_lossy_entry {
        uint32_t tile, at; /* stale when the tile's JPEG is elsewhere by now */
    } * order;             /* tiles as their JPEGs lie in the store */
    uint32_t order_count;
};

struct cw_lossy *cw_lossy_new(uint32_t width, uint32_t height, uint8_t *model);
struct cw_lossy *cw_lossy_free(struct cw_lossy *l);

/* What was seen: what frames are compared with. It is the model's own memory until the first loss. */
uint8_t *cw_lossy_picture(const struct cw_lossy *l);
/* Something is to have loss: before it is seen. */
void cw_lossy_begin(struct cw_lossy *l);
/* The frame's pixels of a rectangle are what was seen from now on, or will be when they are in the model. */
void cw_lossy_see(struct cw_lossy *l, const struct cw_dsp *dsp, const struct cw_rect *rect,
                  const uint8_t *bgrx, size_t stride_bytes);
/* The model became exact in a rectangle; changed: its content is new, too. */
void cw_lossy_exact(struct cw_lossy *l, const struct cw_rect *rect, bool changed, uint64_t now_ns);
/* A copy was made on the model. */
void cw_lossy_copied(struct cw_lossy *l, const struct cw_rect *to, uint32_t from_x, uint32_t from_y,
                     uint64_t now_ns);
/* A moving picture is drawn on the model in a rectangle. */
void cw_lossy_moved(struct cw_lossy *l, const struct cw_rect *rect, uint64_t now_ns);
/* Codes a rectangle of one tile from seen to the model and the body. False: it would not be smaller than without
 * loss; nothing was added, and the rectangle is still to be coded. */
bool cw_lossy_code(struct cw_lossy *l, const struct cw_dsp *dsp, uint32_t quality,
                   const struct cw_rect *rect, uint8_t *model, struct cw_body *body,
                   uint64_t now_ns);
/* The tile's part of a rectangle that starts at its left upper corner. */
struct cw_rect cw_lossy_tile_part(const struct cw_lossy *l, const struct cw_rect *rect, uint32_t x,
                                  uint32_t y);
/* The lossy part of the tile that has rested the longest, of those that did not change after rested_ns. */
bool cw_lossy_oldest(const struct cw_lossy *l, uint64_t rested_ns, struct cw_rect *ret_rect);
/* When the tile that rests the longest changed; UINT64_MAX: nothing is lossy. */
uint64_t cw_lossy_oldest_ns(const struct cw_lossy *l);
/* How many tiles have a JPEG kept, and sending one again. */
uint32_t cw_lossy_kept_count(const struct cw_lossy *l);
void cw_lossy_send_kept(const struct cw_lossy *l, const struct cw_lossy_tile *t,
                        struct cw_body *body);

#endif
