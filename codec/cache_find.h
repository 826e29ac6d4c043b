/* SPDX-License-Identifier: Apache-2.0 */
/* codec/cache_find.h - the encoder's use of the cache: what is worth saving, and what came back.
 *
 * Owner:     the encoder; memory is taken in cw_cache_find_new and freed in cw_cache_find_free.
 * Thread:    the encoder's caller.
 * Units:     pixels; tiles of CW_TILE_PX squared.
 * Errors:    cw_cache_find_new gives NULL without memory; the rest cannot fail.
 * Limits:    CW_CACHE_MOVES_MAX saves and as many restores an update, fewer in small pictures.
 * Invariant: the cache holds what a decoder in sync holds. A restore paints only pixels that were compared with the
 *            frame.
 *
 * An update that changes little does not come here: what a keystroke took away is in the compression's history.
 */
#ifndef CW_CODEC_CACHE_FIND_H
#define CW_CODEC_CACHE_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/cache.h"
#include "codec/damage.h"
#include "codec/dsp.h"
#include "codec/motion.h"

/* A save (from.layer only) or a restore. */
struct cw_cache_move {
    struct cw_rect rect;
    struct cw_cache_from from;
    uint32_t gain; /* a restore's pixels that change */
};

/* One update at work: the frame, the model and where they differ. */
struct cw_cache_view {
    const struct cw_dsp *dsp;
    struct cw_damage *damage;
    const uint8_t *frame;
    size_t stride_bytes;
    uint8_t *model;
    const uint8_t
        *lossy; /* by block of the picture, not 0: decoders show something else. NULL: none is */
};

struct cw_cache_find;

struct cw_cache_find *cw_cache_find_new(uint32_t width, uint32_t height);
struct cw_cache_find *cw_cache_find_free(struct cw_cache_find *f);
/* The history starts anew: nothing is saved any more. */
void cw_cache_find_clear(struct cw_cache_find *f);
/* Takes the update in hand. True: nearly all of what it changes was shown before at the same place, and a search
 * for motion is not worth its time. */
bool cw_cache_find_look(struct cw_cache_find *f, const struct cw_cache_view *v);
/* Before the copies are made on the model: saves what the damage takes away and the copies do not keep. Valid until the
 * next call. */
const struct cw_cache_move *cw_cache_find_save(struct cw_cache_find *f,
                                               const struct cw_cache_view *v,
                                               const struct cw_copy *copies, size_t copy_count,
                                               size_t *ret_count);
/* After the copies (copied: there were some): paints what came back on the model and takes it out of the damage. Valid
 * until the next call. */
const struct cw_cache_move *cw_cache_find_restore(struct cw_cache_find *f,
                                                  const struct cw_cache_view *v, bool copied,
                                                  size_t *ret_count);

#endif
