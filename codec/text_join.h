/* SPDX-License-Identifier: Apache-2.0 */
/* codec/text_join.h - patches of text that the damage's grid cut apart become one again; halves of one.
 *
 * Owner:     the encoder's patches.
 * Thread:    the encoder's caller.
 * Units:     pixels.
 * Errors:    none.
 * Limits:    CW_JOIN_PATCHES_MAX patches are looked at; of more, none.
 * Invariant: what was in a patch of text stays in one, and no patch of text comes to overlap one of another class.
 */
#ifndef CW_CODEC_TEXT_JOIN_H
#define CW_CODEC_TEXT_JOIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/damage.h"

/* Each is compared with each, and their union with all: some ten thousand comparisons. */
enum { CW_JOIN_PATCHES_MAX = 64 };

/* *spare_px pixels more may be painted than the patches have; it is lowered by what was added. */
void cw_text_join(struct cw_patch *patches, uint32_t *count, size_t *spare_px);
/* Halves a rectangle on the blocks' grid, across its longer side. False: it is too small. */
bool cw_text_halve(const struct cw_rect *r, struct cw_patch halves[2]);

#endif
