/* SPDX-License-Identifier: Apache-2.0 */
/* codec/photo_rows.h - how kernels of photographs walk along a row.
 *
 * Owner:     none.
 * Thread:    any.
 * Units:     pixels, or values of a plane.
 * Errors:    none.
 * Invariant: none.
 */
#ifndef CW_CODEC_PHOTO_ROWS_H
#define CW_CODEC_PHOTO_ROWS_H

#include "codec/dsp.h"

/* For rows that are shorter than a vector. */
static inline struct cw_dsp plain_c(void)
{
    struct cw_dsp c;
    cw_dsp_fill_c_photo(&c);
    return c;
}

/* The next whole vector of so many values; the last one may overlap the one before. */
static inline uint32_t next_of(uint32_t x, uint32_t width_px, uint32_t values)
{
    x += values;
    return x < width_px && x + values > width_px ? width_px - values : x;
}

#endif
