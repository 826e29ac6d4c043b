/* SPDX-License-Identifier: Apache-2.0 */
/* codec/text_bands.h - where the lines of text in a rectangle begin and end.
 *
 * Owner:     the encoder; memory is taken in cw_bands_new and freed in cw_bands_free.
 * Thread:    the encoder's caller.
 * Units:     pixels.
 * Errors:    cw_bands_new gives NULL without memory.
 * Invariant: the answer follows from the picture alone; whatever it is, it can be coded.
 */
#ifndef CW_CODEC_TEXT_BANDS_H
#define CW_CODEC_TEXT_BANDS_H

#include <stdint.h>

#include "codec/codec.h"
#include "codec/dsp.h"

/* The tallest band made: rows of pixels of a tile of it fit the first-level cache. */
enum { CW_BAND_PX_MAX = 64 };

struct cw_bands;

struct cw_bands *cw_bands_new(uint32_t height);
struct cw_bands *cw_bands_free(struct cw_bands *b);
/* Cuts the rectangle of the picture (width * 4 bytes a row) into bands, after it was made taller by widen_rows at most
 * so that it holds whole lines of text. ret_heights has room for the picture's height, their sum becomes r->h. Returns
 * how many. */
uint32_t cw_bands_find(struct cw_bands *b, const struct cw_dsp *dsp, const uint8_t *picture,
                       uint32_t width, uint32_t widen_rows, struct cw_rect *r,
                       uint8_t *ret_heights);

#endif
