/* SPDX-License-Identifier: Apache-2.0 */
/* codec/text_decode.h - text in indexed colours (FORMAT.md, section 6.1): the decoder's side.
 *
 * Owner:     the decoder; values.
 * Thread:    the decoder's caller.
 * Units:     pixels and bytes.
 * Errors:    CW_CODEC_ERR_PACKET from cw_text_measure, for whatever would not be safe to paint.
 * Invariant: cw_text_paint needs no check of what cw_text_measure accepted.
 */
#ifndef CW_CODEC_TEXT_DECODE_H
#define CW_CODEC_TEXT_DECODE_H

#include <stddef.h>
#include <stdint.h>

#include "codec/dsp.h"
#include "codec/limits.h"
#include "codec/packet.h"

/* The history's table of colours, as pixels B, G, R, 0. */
struct cw_palette {
    uint32_t count;
    uint8_t bgrx[CW_COLOURS_MAX][4];
};

/* Puts the body's colours into the table; cw_body_check accepted them. */
void cw_palette_take(struct cw_palette *p, const struct cw_colours *colours);
/* The bytes of data that the rectangle needs; checks them. colours: how many the table has. */
int cw_text_measure(const struct cw_rect *r, uint32_t colours, const uint8_t *data,
                    size_t data_bytes, size_t *ret_bytes);
/* Paints the rectangle; pixels is its first, rows are stride bytes apart. */
void cw_text_paint(const struct cw_dsp *dsp, const struct cw_palette *p, const struct cw_rect *r,
                   const uint8_t *data, uint8_t *pixels, size_t stride);

#endif
