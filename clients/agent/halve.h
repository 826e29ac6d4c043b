/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/halve.h - a picture at half its size: each pixel the mean of two by two.
 *
 * Owner:     the caller owns both pictures.
 * Thread:    any; pure.
 * Units:     pixels, BGRX; bytes a row.
 * Invariant: means are rounded to the nearest, halves up; at an odd edge a pixel stands for the one that is missing.
 */
#ifndef CW_CLIENTS_AGENT_HALVE_H
#define CW_CLIENTS_AGENT_HALVE_H

#include <stddef.h>
#include <stdint.h>

#include "codec/codec.h"

/* Half of a side, rounded up: no pixel is left out. */
uint32_t cw_half_side(uint32_t side_px);
/* The part of the half picture that an area of the whole one touches. */
struct cw_rect cw_half_area(struct cw_rect area);
/* Writes the area (in pixels of the half picture, within it) of out, whose rows have cw_half_side(width_px) pixels. */
void cw_halve(const uint8_t *bgrx, size_t stride_bytes, uint32_t width_px, uint32_t height_px,
              struct cw_rect area, uint8_t *out);

#endif
