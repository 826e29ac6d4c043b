/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/edit.h - one line of text being typed, and breaking text into lines; both in UTF-8.
 *
 * Owner:     a value inside the window.
 * Thread:    any; pure.
 * Units:     bytes; the cursor is always between two characters.
 * Errors:    cw_edit_insert: CW_ERR_TOO_LARGE, CW_ERR_INVALID (not clean text); nothing is changed then.
 * Limits:    CW_EDIT_BYTES_MAX.
 */
#ifndef CW_CLIENTS_AGENT_EDIT_H
#define CW_CLIENTS_AGENT_EDIT_H

#include <stddef.h>

enum { CW_EDIT_BYTES_MAX = 2000 }; /* what a person types into one line; the wire takes 12,000 */

struct cw_edit {
    size_t bytes;
    size_t cursor;
    char text[CW_EDIT_BYTES_MAX + 1];
};

int cw_edit_insert(struct cw_edit *e, const char *text, size_t bytes);
void cw_edit_backspace(struct cw_edit *e);
void cw_edit_delete(struct cw_edit *e);
void cw_edit_left(struct cw_edit *e);
void cw_edit_right(struct cw_edit *e);
void cw_edit_clear(struct cw_edit *e);

/* Bytes of the character at text (1 where it is no UTF-8). left: bytes that are there, at least 1. */
size_t cw_utf8_bytes(const char *text, size_t left);

/* Width of a piece of text in pixels. */
typedef int (*cw_measure_fn)(void *user, const char *text, size_t bytes);
/* How many bytes of text make its first line of at most width_px: up to a line feed, or the last space that
 * fits, or (a long word) the last character that fits; at least one character. *ret_skip: bytes between the
 * line and the next one. */
size_t cw_break_line(const char *text, size_t bytes, int width_px, cw_measure_fn measure,
                     void *user, size_t *ret_skip);

#endif
