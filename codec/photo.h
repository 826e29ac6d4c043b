/* SPDX-License-Identifier: Apache-2.0 */
/* codec/photo.h - operation mode 5: lossless photographs (codec/FORMAT.md, 6.5).
 *
 * Owner:     the encoder or decoder; all memory is taken in *_new.
 * Thread:    one at a time per object.
 * Units:     pixels and bytes; pictures of width * 4 bytes a row, X = 0.
 * Errors:    CW_CODEC_ERR_PACKET: the operation's data or raw bytes break the format. cw_photo_code gives false when
 *            another mode serves better.
 * Limits:    an operation is coded in at most 3 bytes a pixel and 4 more, data and raw together.
 * Invariant: drawing gives the pixels that were coded, at every level of kernels.
 */
#ifndef CW_CODEC_PHOTO_H
#define CW_CODEC_PHOTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/body.h"
#include "codec/codec.h"
#include "codec/damage.h"
#include "codec/dsp.h"
#include "codec/packet.h"

struct cw_photo;
struct cw_photo_reader;

/* What is to be coded. */
struct cw_photo_task {
    struct cw_rect rect;
    enum cw_class class;
    bool
        shown; /* around the rectangle the picture is what the decoder shows when it comes to this operation, so
                     * that these pixels may predict */
    bool may_halve; /* there is room for one operation more */
};

enum { CW_PHOTO_PARTS_MAX = 2 };

/* An operation, and its data and raw bytes. */
struct cw_photo_part {
    struct cw_rect rect;
    struct cw_op_data share;
};

/* For pictures of that size. NULL without memory. */
struct cw_photo *cw_photo_new(uint32_t width, uint32_t height);
struct cw_photo *cw_photo_free(struct cw_photo *p);
/* Adds the rectangle as an operation, or two. False: nothing was added. */
bool cw_photo_code(struct cw_photo *p, const struct cw_dsp *dsp, const uint8_t *picture,
                   const struct cw_photo_task *task, struct cw_body *body);

/* The operation's share; see cw_op_measure. */
int cw_photo_measure(const struct cw_op *op, const struct cw_op_data *left,
                     struct cw_op_data *ret_share);
struct cw_photo_reader *cw_photo_reader_new(void);
struct cw_photo_reader *cw_photo_reader_free(struct cw_photo_reader *r);
/* Whether the order in which the two are drawn does not matter. */
bool cw_photo_apart(const struct cw_photo_part *a, const struct cw_photo_part *b);
/* Draws operations that cw_photo_measure took: one, or two that are apart, in little more time than the longer of them.
 * After an error their rectangles hold anything. */
int cw_photo_draw(struct cw_photo_reader *r, const struct cw_dsp *dsp, uint8_t *picture,
                  uint32_t width, const struct cw_photo_part *parts, uint32_t count);

#endif
