/* SPDX-License-Identifier: Apache-2.0 */
/* control/report/utf8.h - texts that may hold anything, made fit for files that people open.
 *
 * Owner:     the caller frees what cw_utf8_visible gives.
 * Thread:    any; pure.
 * Errors:    none but memory.
 * Invariant: what comes out is UTF-8 without control characters but tab and newlines; each that was there is shown
 *            as its picture (U+2400 ...), everything else that no file should hold as U+FFFD.
 */
#ifndef CW_CONTROL_REPORT_UTF8_H
#define CW_CONTROL_REPORT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CW_UTF8_BYTES_MAX = 4, CW_UTF8_REPLACEMENT = 0xFFFD };

/* The character at text, which ends with a NUL and is not at its end; how many bytes it takes. What is no UTF-8
 * (overlong, a surrogate, cut) is U+FFFD, a byte each. */
size_t cw_utf8_take(const char *text, uint32_t *ret_character);
/* How many bytes were written. */
size_t cw_utf8_put(uint32_t character, char out[CW_UTF8_BYTES_MAX]);
/* The character itself, or what is shown in its place. */
uint32_t cw_utf8_shown(uint32_t character);
/* False when the text can stay as it is. */
bool cw_utf8_needs_change(const char *text);
/* In place: what is no UTF-8, like the rest of a character that was cut, is one '?'. */
void cw_utf8_mend(char *text);
/* A changed copy, for free(); NULL: no memory. */
char *cw_utf8_visible(const char *text);

#endif
