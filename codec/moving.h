/* SPDX-License-Identifier: Apache-2.0 */
/* codec/moving.h - coder of a rectangle that plays video (FORMAT.md, section 6.3): frames predicted from the frame
 * before, lossy, exact integers on both ends.
 *
 * Owner:     the caller; all memory is taken in *_new, none afterwards.
 * Thread:    one at a time per object.
 * Units:     pixels, bytes; rows of pixels of stride bytes, B, G, R, X.
 * Errors:    encode: CW_CODEC_ERR_FULL, and nothing changed. decode: CW_CODEC_ERR_PACKET, then the rectangle's pixels
 *            and the history are undefined until the next frame without history.
 * Limits:    rectangles up to the size of *_new that fit cw_moving_fits; quantisers 0 to CW_MOVING_QUANTISER_MAX.
 * Invariant: after each frame the decoder's rectangle is the encoder's model, on every level of instructions.
 */
#ifndef CW_CODEC_MOVING_H
#define CW_CODEC_MOVING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/limits.h"
#include "codec/moving_dsp.h"

enum {
    CW_MOVING_QUANTISER_MAX = 51,
    CW_MOVING_HEAD_BYTES = 4, /* data of the operation: how many raw bytes */
};

/* Whether a rectangle of this size may be one (codec/limits.h). */
static inline bool cw_moving_fits(uint32_t width, uint32_t height)
{
    return width >= 1 && height >= 1 && width <= CW_MOVING_SIDE_PX_MAX &&
           height <= CW_MOVING_SIDE_PX_MAX && (uint64_t)width * height <= CW_MOVING_PX_MAX;
}

struct cw_moving_settings {
    uint32_t bytes_target; /* a frame; 0: the quantiser as given */
    uint32_t
        quantiser; /* a step of about 2^(quantiser / 6) in R, G, B; with a target: the best allowed */
};

struct cw_moving_encoder;
struct cw_moving_decoder;

int cw_moving_encoder_new(uint32_t width_max, uint32_t height_max,
                          struct cw_moving_encoder **ret_encoder);
struct cw_moving_encoder *cw_moving_encoder_free(struct cw_moving_encoder *e);
/* The next frame has no history. */
void cw_moving_encoder_restart(struct cw_moving_encoder *e);
/* Codes width x height pixels at bgrx (within the sizes of _new, and such as cw_moving_fits) and writes what the
 * decoder will show to model. Another size than the frame's before restarts. */
int cw_moving_encode(struct cw_moving_encoder *e, const struct cw_moving_dsp *dsp,
                     const uint8_t *bgrx, size_t stride, uint32_t width, uint32_t height,
                     const struct cw_moving_settings *settings, uint8_t *out, size_t out_bytes,
                     size_t *ret_bytes, uint8_t *model, size_t model_stride);

int cw_moving_decoder_new(uint32_t width_max, uint32_t height_max,
                          struct cw_moving_decoder **ret_decoder);
struct cw_moving_decoder *cw_moving_decoder_free(struct cw_moving_decoder *d);
/* The next frame must have no history. */
void cw_moving_decoder_restart(struct cw_moving_decoder *d);
int cw_moving_decode(struct cw_moving_decoder *d, const struct cw_moving_dsp *dsp,
                     const uint8_t *in, size_t in_bytes, uint8_t *picture, size_t stride,
                     uint32_t width, uint32_t height);

#endif
