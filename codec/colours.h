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

/* No colour: they have 24 bits. */
#define CW_COLOUR_NONE 0xffffffffU

struct cw_colour_slot {
    uint32_t colour;
    uint32_t index;
};

struct cw_colour_map {
    uint32_t count;
    uint32_t sent; /* how many the decoders have */
    uint32_t colour[CW_COLOURS_MAX];
    struct cw_colour_slot slots[CW_COLOUR_SLOTS]; /* open addressing; all ones: empty */
    uint32_t direct[CW_INDEX_SLOTS];              /* for index_row */
    uint32_t sorted[CW_COLOURS_MAX];              /* scratch of cw_colours_sort */
};

/* Forgets all colours, and that decoders have some. */
void cw_colours_clear(struct cw_colour_map *m);
/* The slot of the colour, or the empty one where it would be. */
static inline uint32_t cw_colours_slot(const struct cw_colour_map *m, uint32_t colour)
{
    uint32_t slot = (colour * CW_INDEX_FACTOR) >> 16 & (CW_COLOUR_SLOTS - 1);
    while (m->slots[slot].colour != colour && m->slots[slot].colour != CW_COLOUR_NONE)
        slot = (slot + 1) & (CW_COLOUR_SLOTS - 1);
    return slot;
}
/* The colour's index, or CW_COLOURS_MAX. Here, as text in many colours asks for each pixel. */
static inline uint32_t cw_colours_find(const struct cw_colour_map *m, uint32_t colour)
{
    uint32_t slot = cw_colours_slot(m, colour);
    return m->slots[slot].colour == colour ? m->slots[slot].index : CW_COLOURS_MAX;
}
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
