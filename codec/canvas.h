/* SPDX-License-Identifier: Apache-2.0 */
/* codec/canvas.h - everything of an encoder whose size follows the picture's.
 *
 * Owner:     the encoder; memory is taken in cw_canvas_new and cw_canvas_fit and freed in cw_canvas_free.
 * Thread:    the encoder's caller.
 * Units:     pixels.
 * Errors:    CW_CODEC_ERR_ARGUMENT (sides), CW_CODEC_ERR_NOMEM; then nothing changed.
 * Invariant: what a decoder in sync shows is model; what frames are compared with is lossy->seen once something had
 *            loss, and model until then.
 */
#ifndef CW_CODEC_CANVAS_H
#define CW_CODEC_CANVAS_H

#include <zstd.h>

#include "codec/body.h"
#include "codec/cache_find.h"
#include "codec/codec.h"
#include "codec/damage.h"
#include "codec/film.h"
#include "codec/lossy.h"
#include "codec/motion.h"
#include "codec/photo.h"
#include "codec/text.h"

struct cw_canvas {
    uint32_t width, height;
    bool is_drawn; /* the model is no longer the black of a new picture */
    uint8_t *model;
    uint8_t *reduced;       /* the frame in fewer colours, where settings ask for that */
    struct cw_lossy *lossy; /* once settings have asked for that */
    struct cw_film *film;   /* as lossy */
    struct cw_body body;
    struct cw_damage *damage;
    struct cw_motion *motion;
    struct cw_photo *photo;
    struct cw_cache_find *cache;
    struct cw_text *text;
    ZSTD_CCtx *stream;
};

bool cw_settings_want_loss(const struct cw_encoder_settings *s);
bool cw_settings_want_reduced(const struct cw_encoder_settings *s);
int cw_canvas_new(uint32_t width, uint32_t height, const struct cw_encoder_settings *settings,
                  struct cw_canvas *ret_canvas);
void cw_canvas_free(struct cw_canvas *c);
/* Takes the memory that settings need and that is not there yet. It stays: loss may have to be made good. */
int cw_canvas_fit(struct cw_canvas *c, const struct cw_encoder_settings *s);
/* Writes the frame to reduced in these colours: what the hints name, in whole blocks, or without hints all. */
void cw_canvas_reduce(struct cw_canvas *c, const struct cw_dsp *dsp, enum cw_colour_mode colours,
                      const uint8_t *bgrx, size_t stride_bytes, const struct cw_rect *hints,
                      size_t hint_count);
/* A rectangle of the model is one colour. */
bool cw_canvas_is_solid(const struct cw_canvas *c, const struct cw_rect *rect);
/* How many pixels the film and the patches paint. */
size_t cw_canvas_painted_px(const struct cw_canvas *c);

/* Marks and gathers what a keyframe codes from the model: all, or all but what is sent as the JPEG or the moving
 * picture that it came as. */
void cw_canvas_mark_keyframe(struct cw_canvas *c, const struct cw_dsp *dsp, bool is_kept_sent);
/* Sends what came with loss and still looks as it came. */
void cw_canvas_send_kept(struct cw_canvas *c);

#endif
