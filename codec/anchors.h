/* SPDX-License-Identifier: Apache-2.0 */
/* codec/anchors.h - by which vectors content moved from the model to the frame, by vote.
 *
 * Owner:     the encoder's motion search; memory is taken in cw_anchors_new and freed in cw_anchors_free.
 * Thread:    the encoder's caller.
 * Units:     pixels; a vector points from the place in the model to that in the frame.
 * Errors:    cw_anchors_new gives NULL without memory; the rest cannot fail.
 * Limits:    TABLE and VOTES in anchors.c: what is more is left out, the vote goes on with the others.
 * Invariant: votes are guesses. Who uses a vector compares the pixels.
 *
 * An anchor is a window of CW_ANCHOR_PX pixels of one row whose hash has certain bits set: the same content is an
 * anchor wherever it stands, so both pictures choose the same places without knowing of each other. Windows of few
 * colours and windows that occur twice say nothing and are dropped.
 */
#ifndef CW_CODEC_ANCHORS_H
#define CW_CODEC_ANCHORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/damage.h"
#include "codec/dsp.h"

struct cw_vector {
    int32_t dx, dy;
    uint32_t votes;
};

/* Rows of the model, and those of the frame, one in step, that are looked for among them. */
struct cw_rows {
    struct cw_span from, to;
    uint32_t step;
};

struct cw_anchors;

struct cw_anchors *cw_anchors_new(uint32_t width);
struct cw_anchors *cw_anchors_free(struct cw_anchors *a);
/* Forgets all votes and takes new ones: from[y] of the model's rows against to[y] of the frame's, for y in
 * [first, last). Empty spans are not searched. */
void cw_anchors_vote(struct cw_anchors *a, const struct cw_dsp *dsp, const struct cw_span *from,
                     const struct cw_span *to, uint32_t first, uint32_t last, const uint8_t *frame,
                     size_t stride_bytes, const uint8_t *model);
/* The same for scrolls up and down only, and far cheaper: by what the rows show in a few narrow stripes of the columns.
 * keys as cw_damage has them. */
void cw_anchors_vote_rows(struct cw_anchors *a, const struct cw_dsp *dsp, const uint32_t *keys,
                          struct cw_span columns, const struct cw_rows *rows,
                          const struct cw_pair *p);
/* Takes the vector with the most votes out. False: none has votes_min. */
bool cw_anchors_next(struct cw_anchors *a, uint32_t votes_min, struct cw_vector *ret_vector);

#endif
