/* SPDX-License-Identifier: Apache-2.0 */
/* codec/motion.h - content that moved: scrolls and drags, as exact copies within the picture.
 *
 * Owner:     the encoder; memory is taken in cw_motion_new and freed in cw_motion_free.
 * Thread:    the encoder's caller.
 * Units:     pixels; blocks of CW_BLOCK_PX columns and CW_BAND_ROWS rows on the picture's grid.
 * Errors:    cw_motion_new gives NULL without memory; the rest cannot fail.
 * Limits:    CW_COPIES_MAX copies, CW_MOTION_VECTORS vectors a frame.
 * Invariant: a copy's two rectangles are inside the picture; the areas together are at most its
 *            area.
 *
 * Each copy was compared pixel by pixel, and no copy writes what a later one reads: made in order on the model, they
 * make it equal to the frame where they go. Vectors are guesses until then: a useless one costs time and nothing else.
 */
#ifndef CW_CODEC_MOTION_H
#define CW_CODEC_MOTION_H

#include <stddef.h>
#include <stdint.h>

#include "codec/codec.h"
#include "codec/copies.h"
#include "codec/damage.h"
#include "codec/dsp.h"
#include "codec/limits.h"

struct cw_motion;

struct cw_motion *cw_motion_new(uint32_t width, uint32_t height);
struct cw_motion *cw_motion_free(struct cw_motion *m);
/* Set as the damage's on_band, with the motion as its context: what went on in the last frames is looked for while the
 * damage is scanned. */
void cw_motion_watch(void *context, const struct cw_damage *d, const struct cw_dsp *dsp,
                     const struct cw_pair *p, uint32_t band);
/* Looks in what damage marks. Valid until the next call. */
const struct cw_copy *cw_motion_find(struct cw_motion *m, const struct cw_damage *damage,
                                     const struct cw_dsp *dsp, const uint8_t *frame,
                                     size_t stride_bytes, const uint8_t *model, size_t *ret_count);

#endif
