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

/* For pictures of that size. NULL without memory. */
struct cw_photo *cw_photo_new(uint32_t width, uint32_t height);
struct cw_photo *cw_photo_free(struct cw_photo *p);
/* Adds the rectangle as an operation. shown: around the rectangle the picture is what the decoder shows when it
 * comes to this operation, so that these pixels may predict. False: nothing was added. */
bool cw_photo_code(struct cw_photo *p, const struct cw_dsp *dsp, const uint8_t *picture,
                   struct cw_rect rect, enum cw_class class, bool shown, struct cw_body *body);

/* The operation's share; see cw_op_measure. */
int cw_photo_measure(const struct cw_op *op, const struct cw_op_data *left,
                     struct cw_op_data *ret_share);
struct cw_photo_reader *cw_photo_reader_new(void);
struct cw_photo_reader *cw_photo_reader_free(struct cw_photo_reader *r);
/* Draws an operation that cw_photo_measure took. After an error the rectangle holds anything. */
int cw_photo_draw(struct cw_photo_reader *r, const struct cw_dsp *dsp, uint8_t *picture,
                  uint32_t width, struct cw_rect rect, const struct cw_op_data *share);

#endif
