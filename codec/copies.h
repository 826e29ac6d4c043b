/* SPDX-License-Identifier: Apache-2.0 */
/* codec/copies.h - a list of copies: made as large as what moved is, and put in an order that works.
 *
 * Owner:     the encoder's motion search owns the list.
 * Thread:    the encoder's caller.
 * Units:     pixels.
 * Errors:    none.
 * Limits:    CW_COPIES_MAX leave cw_copies_order.
 * Invariant: the pixels of a copy equal the frame's where it goes; growing keeps that, and in the order that comes
 *            out no copy writes what a later one reads.
 */
#ifndef CW_CODEC_COPIES_H
#define CW_CODEC_COPIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/codec.h"
#include "codec/damage.h"
#include "codec/dsp.h"

struct cw_copy {
    struct cw_rect to;
    uint32_t from_x, from_y;
};

/* Leaves the CW_COPIES_MAX largest, largest first; of equals the one found first. Returns how many. */
uint32_t cw_copies_keep(struct cw_copy *copies, uint32_t count);
/* Lets copies[index] grow by less than a block on each side while what it takes in is equal, too, and no other's, or a
 * whole border of one that goes by the same vector. */
void cw_copies_grow(struct cw_copy *copies, uint32_t count, uint32_t index,
                    const struct cw_dsp *dsp, const struct cw_pair *p);
/* Puts those first that spoil no other's source. Where all do, one is left out. Returns how many are left. */
uint32_t cw_copies_order(struct cw_copy *copies, uint32_t count);
/* Whether a rectangle meets where a large copy was taken from or went: what is new in it was scrolled or uncovered. */
bool cw_copies_uncover(const struct cw_copy *copies, size_t count, const struct cw_rect *rect);

#endif
