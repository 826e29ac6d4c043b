/* SPDX-License-Identifier: Apache-2.0 */
#include "control/canned/bbcode.h"

#include <stdbool.h>
#include <string.h>

#include "control/limits.h"
#include "engine/base/err.h"

enum tag { TAG_B, TAG_I, TAG_U, TAG_COLOR, TAG_URL, TAG_COUNT };

static const char *const names[TAG_COUNT] = {"b", "i", "u", "color", "url"};

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

static enum tag tag_of(const char *name, size_t n)
{
    for (unsigned t = 0; t < TAG_COUNT; t++)
        if (strlen(names[t]) == n && memcmp(names[t], name, n) == 0)
            return (enum tag)t;
    return TAG_COUNT;
}

static bool is_colour(const char *value, size_t n)
{
    return n == 7 && value[0] == '#' && strspn(value + 1, "0123456789abcdefABCDEF") >= 6;
}

static bool is_link(const char *value, size_t n)
{
    static const char https[] = "https://";

    if (n <= sizeof https - 1 || n > CW_BBCODE_LINK_BYTES_MAX ||
        memcmp(value, https, sizeof https - 1) != 0)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)value[i] <= ' ' || strchr("\"'<>\\[]", value[i]) != NULL)
            return false;
    return true;
}

static const char *why_not(enum tag tag, const char *value, size_t n, bool has_value)
{
    if (tag == TAG_COLOR)
        return has_value && is_colour(value, n) ? NULL : "a colour is like [color=#1a73e8]";
    if (tag == TAG_URL)
        return has_value && is_link(value, n) ? NULL : "a link is like [url=https://help.example]";
    return has_value ? "this tag takes no value" : NULL;
}

int cw_bbcode_check(const char *text, size_t *ret_at, const char **ret_why)
{
    enum tag open[CW_BBCODE_DEPTH_MAX];
    unsigned depth = 0;
    const char *why = NULL;
    const char *at = text;

    while (why == NULL && *(at += strcspn(at, "[")) != '\0') {
        const bool is_end = at[1] == '/';
        const char *name = at + 1 + is_end;
        const size_t n = strspn(name, letters);
        const char *value = name + n + (name[n] == '=');
        const size_t value_bytes = name[n] == '=' ? strcspn(value, "]") : 0;
        const enum tag tag = tag_of(name, n);
        if (n == 0 || (name[n] != ']' && name[n] != '=')) {
            at++;
            continue;
        }
        if (tag == TAG_COUNT)
            why = "tags are [b], [i], [u], [color=#…] and [url=https://…]";
        else if (value[value_bytes] != ']')
            why = "this tag has no end";
        else if (is_end)
            why = name[n] != ']' || depth == 0 || open[depth - 1] != tag
                      ? "this tag closes what is not open"
                      : NULL;
        else if (depth == CW_BBCODE_DEPTH_MAX)
            why = "these are too many tags in each other";
        else
            why = why_not(tag, value, value_bytes, name[n] == '=');
        if (why != NULL)
            break;
        if (is_end)
            depth--;
        else
            open[depth++] = tag;
        at = value + value_bytes + 1;
    }
    if (why == NULL && depth > 0)
        why = "a tag is not closed";
    if (why == NULL)
        return 0;
    *ret_at = (size_t)(at - text);
    *ret_why = why;
    return CW_ERR_INVALID;
}
