/* SPDX-License-Identifier: Apache-2.0 */
/* control/jump/fold.h - text as searches compare it: Unicode simple case folding.
 *
 * Thread:    any; pure.
 * Units:     bytes of UTF-8.
 * Errors:    none: bytes that are not well-formed UTF-8 are copied as they are.
 * Limits:    a character grows by at most one byte: out needs 3 bytes for each 2 of text, and 1 more.
 * Invariant: folding what was folded changes nothing.
 */
#ifndef CW_CONTROL_JUMP_FOLD_H
#define CW_CONTROL_JUMP_FOLD_H

#include <stddef.h>
#include <stdint.h>

#define CW_FOLD_BYTES(bytes) ((bytes) + (bytes) / 2 + 1)

uint32_t cw_fold_character(uint32_t character);
/* Gives the bytes written; text ends where out is full, at a whole character. */
size_t cw_fold(const char *text, size_t bytes, char *out, size_t out_size);

#endif
