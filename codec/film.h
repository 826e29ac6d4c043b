/* SPDX-License-Identifier: Apache-2.0 */
/* codec/film.h - where a film plays, the encoder's update codes one moving picture (codec/moving.h).
 *
 * Owner:     the canvas; memory is taken in cw_film_new and freed in cw_film_free.
 * Thread:    the encoder's caller.
 * Units:     pixels, bytes, ns.
 * Errors:    cw_film_new gives NULL without memory; the rest cannot fail.
 * Invariant: what it takes is no damage any more: what is seen equals the frame there, and its blocks are marked lossy.
 */
#ifndef CW_CODEC_FILM_H
#define CW_CODEC_FILM_H

#include "codec/damage.h"
#include "codec/lossy.h"
#include "codec/moving.h"

struct cw_film {
    struct cw_moving_encoder *coder;
    struct cw_rect rect; /* this update's; w 0: none */
    struct cw_rect
        last; /* the last one that was not none: another size would start the history anew */
    bool is_keyframe_due; /* the next frame has no history */
    /* The last update's frame, if it had no history: all that a keyframe needs to show the model there. */
    uint8_t *kept;
    size_t kept_bytes; /* 0: none */
    size_t kept_bytes_max;
    struct cw_rect kept_rect;
};

struct cw_film *cw_film_new(uint32_t width, uint32_t height);
struct cw_film *cw_film_free(struct cw_film *f);
/* Takes the rectangle where pictures move out of the damage, if most of it changed; restart: history starts anew. */
void cw_film_take(struct cw_film *f, struct cw_damage *d, struct cw_lossy *l,
                  const struct cw_dsp *dsp, const uint8_t *bgrx, size_t stride_bytes, bool restart,
                  uint64_t now_ns);
/* Codes what was taken, at a JPEG's quality or, if that is not SIZE_MAX, at most about so many bytes. */
void cw_film_code(struct cw_film *f, struct cw_lossy *l, const struct cw_dsp *dsp, uint8_t *model,
                  struct cw_body *body, uint32_t quality, size_t bytes, uint64_t now_ns);

/* The whole blocks and bands inside the frame that is kept; w 0: none is kept. */
struct cw_rect cw_film_kept_blocks(const struct cw_film *f);
/* Sends what is kept again, before what paints round about. */
void cw_film_send_kept(const struct cw_film *f, struct cw_body *body);

static inline size_t cw_film_area(const struct cw_film *f)
{
    return f == NULL ? 0 : (size_t)f->rect.w * f->rect.h;
}

#endif
