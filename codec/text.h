/* SPDX-License-Identifier: Apache-2.0 */
/* codec/text.h - text in indexed colours, line by line and column by column (FORMAT.md, 6.1): the encoder's side.
 *
 * Owner:     the encoder; memory is taken in cw_text_new and freed in cw_text_free.
 * Thread:    the encoder's caller.
 * Units:     pixels.
 * Errors:    cw_text_new gives NULL without memory; cw_text_code declines what is no text.
 * Limits:    CW_COLOURS_MAX colours at a time.
 * Invariant: a colour keeps its index until the history ends or the table is given up between two packets.
 */
#ifndef CW_CODEC_TEXT_H
#define CW_CODEC_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/body.h"
#include "codec/dsp.h"

struct cw_text;

struct cw_text *cw_text_new(uint32_t width, uint32_t height);
struct cw_text *cw_text_free(struct cw_text *t);
/* A new history begins: decoders know no colours. */
void cw_text_restart(struct cw_text *t);
/* Of the picture (width * 4 bytes a row), a rectangle that will be coded: if the history is new, its frequent colours
 * get low indexes. All such rectangles of a packet come before the first cw_text_code. */
void cw_text_survey(struct cw_text *t, const uint8_t *picture, const struct cw_rect *r);
/* Codes the rectangle, and what is above and below in the same lines: *spare_px pixels more may be painted in the
 * packet than its rectangles have; it is lowered by what was. False: it is no text; nothing was added. part: of one
 * that was declined; then no part takes most of the colours that are left, and one that would costs little. */
bool cw_text_code(struct cw_text *t, const struct cw_dsp *dsp, const uint8_t *picture,
                  const struct cw_rect *r, bool part, size_t *spare_px, struct cw_body *body);
/* What cw_text_code declined last is coded in another way. */
void cw_text_missed(struct cw_text *t, const struct cw_rect *r);
/* After the packet's last cw_text_code: the body's table of colours. A table that is full and stands in the way is
 * given up for the packets to come. */
void cw_text_finish(struct cw_text *t, struct cw_body *body);

#endif
