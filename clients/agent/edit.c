/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/edit.h"

#include <stdint.h>
#include <string.h>

#include "engine/base/err.h"
#include "engine/wire/message.h"

int cw_edit_insert(struct cw_edit *e, const char *text, size_t bytes)
{
    if (!cw_text_is_clean(text, bytes) || memchr(text, '\n', bytes) != NULL)
        return CW_ERR_INVALID;
    if (bytes > CW_EDIT_BYTES_MAX - e->bytes)
        return CW_ERR_TOO_LARGE;
    memmove(e->text + e->cursor + bytes, e->text + e->cursor, e->bytes - e->cursor + 1);
    memcpy(e->text + e->cursor, text, bytes);
    e->bytes += bytes;
    e->cursor += bytes;
    return 0;
}

static int is_inside(char c)
{
    return ((uint8_t)c & 0xc0) == 0x80;
}

void cw_edit_left(struct cw_edit *e)
{
    if (e->cursor == 0)
        return;
    e->cursor--;
    while (e->cursor > 0 && is_inside(e->text[e->cursor]))
        e->cursor--;
}

void cw_edit_right(struct cw_edit *e)
{
    if (e->cursor < e->bytes)
        e->cursor += cw_utf8_bytes(e->text + e->cursor, e->bytes - e->cursor);
}

static void cut(struct cw_edit *e, size_t from, size_t to)
{
    memmove(e->text + from, e->text + to, e->bytes - to + 1);
    e->bytes -= to - from;
    e->cursor = from;
}

void cw_edit_backspace(struct cw_edit *e)
{
    size_t end = e->cursor;
    cw_edit_left(e);
    cut(e, e->cursor, end);
}

void cw_edit_delete(struct cw_edit *e)
{
    size_t start = e->cursor;
    cw_edit_right(e);
    cut(e, start, e->cursor);
}

void cw_edit_clear(struct cw_edit *e)
{
    memset(e, 0, sizeof(*e));
}

size_t cw_utf8_bytes(const char *text, size_t left)
{
    uint8_t c = (uint8_t)text[0];
    size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    if (c >= 0x80 && c < 0xc0)
        return 1;
    return n <= left ? n : 1;
}

size_t cw_break_line(const char *text, size_t bytes, int width_px, cw_measure_fn measure,
                     void *user, size_t *ret_skip)
{
    size_t at = 0, space = 0;
    *ret_skip = 0;
    while (at < bytes) {
        if (text[at] == '\n') {
            *ret_skip = 1;
            return at;
        }
        size_t n = cw_utf8_bytes(text + at, bytes - at);
        if (measure(user, text, at + n) > width_px)
            break;
        if (text[at] == ' ')
            space = at;
        at += n;
    }
    if (at == bytes)
        return at;
    if (text[at] == ' ') { /* the line fits exactly up to a space */
        *ret_skip = 1;
        return at;
    }
    if (space > 0) {
        *ret_skip = 1;
        return space;
    }
    return at > 0 ? at : cw_utf8_bytes(text, bytes);
}
