/* SPDX-License-Identifier: Apache-2.0 */
/* codec/moving_write.h - the syntax of moving pictures, as it is written.
 *
 * Owner:     the caller.
 * Thread:    any.
 * Units:     bits of the range coder.
 * Errors:    none; the writer counts bytes that had no room.
 * Invariant: moving_decode.c reads the same.
 */
#ifndef CW_CODEC_MOVING_WRITE_H
#define CW_CODEC_MOVING_WRITE_H

#include "codec/moving_frame.h"

/* A macroblock's levels by plane and quarter, by rows of frequency; bit i of bits: level i is not 0. */
struct cw_moving_residual {
    int16_t levels[CW_MOVING_PLANES][4][CW_MOVING_COEFS];
    uint64_t bits[CW_MOVING_PLANES][4];
};

/* A macroblock's coded planes and blocks; kinds and counts of the frame get what the next ones look at. */
void cw_moving_write_residual(struct cw_bits_writer *w, struct cw_moving_frame *f,
                              const struct cw_moving_residual *r, uint32_t mx, uint32_t my);
void cw_moving_write_vector(struct cw_bits_writer *w, struct cw_moving_contexts *c,
                            struct cw_moving_vector v, struct cw_moving_vector guess);
void cw_moving_write_mode(struct cw_bits_writer *w, struct cw_moving_contexts *c,
                          enum cw_moving_mode mode);

#endif
