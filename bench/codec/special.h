/* SPDX-License-Identifier: Apache-2.0 */
/* bench/codec/special.h - rows of one action of our encoder, beside what it is measured against.
 *
 * Owner:     the caller's frames.
 * Thread:    the main thread.
 * Units:     milliseconds of processor time.
 * Errors:    false after a line on stderr.
 * Limits:    none.
 */
#ifndef CW_BENCH_CODEC_SPECIAL_H
#define CW_BENCH_CODEC_SPECIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/codec/frames.h"

/* unchanged: a frame that equals the model, without hints; the peer compares it by tiles of 64 x 64.
 * keystroke: each frame with the bounds of what changed as its hint. Prints JSON. */
bool special_row(const char *row, const struct frames *f, uint32_t passes);

#endif
