/* SPDX-License-Identifier: Apache-2.0 */
/* bench/codec/still.h - our JPEG beside libjpeg-turbo: the first frame, at one quality.
 *
 * Owner:     the caller's frames.
 * Thread:    the main thread.
 * Units:     bytes; milliseconds of processor time; dB.
 * Errors:    false after a line on stderr.
 * Limits:    none.
 *
 * causeway codes the frame in tiles of 64 x 64, as operations of a packet. Its time to encode includes drawing what a
 * decoder will have, which the peer leaves to its decoder. libjpeg-turbo codes the whole frame as one JPEG, and
 * libjpeg-turbo-tiles the same tiles, with the tables sent once. It decodes with chroma repeated, as the format has it.
 */
#ifndef CW_BENCH_CODEC_STILL_H
#define CW_BENCH_CODEC_STILL_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/codec/frames.h"

/* jpeg-444 or jpeg-420. */
bool still_is_row(const char *row);
/* Prints JSON. */
bool still_row(const char *row, const struct frames *f, uint32_t passes);

#endif
