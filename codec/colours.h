/* SPDX-License-Identifier: Apache-2.0 */
/* codec/colours.h - which index a colour has in the session's table of colours.
 *
 * Owner:     the encoder; a value, no memory of its own.
 * Thread:    the encoder's caller.
 * Units:     colours are R << 16 | G << 8 | B.
 * Errors:    none; cw_colours_add asks for room.
 * Limits:    CW_COLOURS_MAX colours.
 * Invariant: indexes do not change until cw_colours_clear; direct holds colours of index < 255 only, so what it does
 *            not know is found by cw_colours_find.
 */
#ifndef CW_CODEC_COLOURS_H
#define CW_CODEC_COLOURS_H

#include <stdint.h>

#include "codec/body.h"
#include "codec/dsp.h"
#include "codec/limits.h"

/* Twice the colours: half full at worst. */
enum { CW_COLOUR_SLOTS = 2 * CW_COLOURS_MAX };

struct cw_colour_map {
    uint32_t count;
    uint32_t sent; /* how many the decoders have */
    uint32_t colour[CW_COLOURS_MAX];
    uint32_t slot_colour[CW_COLOUR_SLOTS]; /* open addressing; CW_COLOUR_NONE: empty */
    uint16_t slot_index[CW_COLOUR_SLOTS];
    uint32_t direct[CW_INDEX_SLOTS]; /* for index_row */
    uint32_t sorted[CW_COLOURS_MAX]; /* scratch of cw_colours_sort */
};

/* Forgets all colours, and that decoders have some. */
void cw_colours_clear(struct cw_colour_map *m);
/* The colour's index, or CW_COLOURS_MAX. */
uint32_t cw_colours_find(const struct cw_colour_map *m, uint32_t colour);
/* Adds a colour that is not there. count < CW_COLOURS_MAX. Returns its index. */
uint32_t cw_colours_add(struct cw_colour_map *m, uint32_t colour);
/* Takes the newest away until count are left, sent <= count. */
void cw_colours_drop(struct cw_colour_map *m, uint32_t count);
/* Gives the most frequent colours the lowest indexes and forgets those beyond the first keep; uses[i] counts colour i.
 * Nothing was sent. */
void cw_colours_sort(struct cw_colour_map *m, const uint32_t *uses, uint32_t keep);
/* The colours that decoders lack into the body's table. */
void cw_colours_write(struct cw_colour_map *m, struct cw_body *b);

#endif
