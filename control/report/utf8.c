/* SPDX-License-Identifier: Apache-2.0 */
#include "control/report/utf8.h"

#include <stdlib.h>
#include <string.h>

size_t cw_utf8_take(const char *text, uint32_t *ret_character)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char first = (unsigned char)text[0];
    size_t n = first < 0x80 ? 1 : (first & 0xE0) == 0xC0 ? 2 : (first & 0xF0) == 0xE0 ? 3 : 4;
    uint32_t character = first;

    *ret_character = CW_UTF8_REPLACEMENT;
    if (n > 1 && (first < 0xC2 || first > 0xF4))
        return 1;
    if (n > 1)
        character = first & (0x7FU >> n);
    /* A NUL is no continuation, so nothing behind the end is looked at. */
    for (size_t i = 1; i < n; i++) {
        const unsigned char next = (unsigned char)text[i];
        if ((next & 0xC0) != 0x80)
            return 1;
        character = character << 6 | (next & 0x3F);
    }
    if (character < least[n] || character > 0x10FFFF || (character >= 0xD800 && character < 0xE000))
        return 1;
    *ret_character = character;
    return n;
}

void cw_utf8_mend(char *text)
{
    char *to = text;
    bool is_broken = false;

    while (*text != '\0') {
        uint32_t character = 0;
        const size_t n = cw_utf8_take(text, &character);
        const bool was_broken = is_broken;
        is_broken = n == 1 && (unsigned char)*text >= 0x80;
        if (is_broken && !was_broken)
            *to++ = '?';
        for (size_t i = 0; i < n && !is_broken; i++)
            *to++ = text[i];
        text += n;
    }
    *to = '\0';
}

size_t cw_utf8_put(uint32_t character, char out[CW_UTF8_BYTES_MAX])
{
    if (character < 0x80) {
        out[0] = (char)character;
        return 1;
    }
    if (character < 0x800) {
        out[0] = (char)(0xC0 | character >> 6);
        out[1] = (char)(0x80 | (character & 0x3F));
        return 2;
    }
    if (character < 0x10000) {
        out[0] = (char)(0xE0 | character >> 12);
        out[1] = (char)(0x80 | (character >> 6 & 0x3F));
        out[2] = (char)(0x80 | (character & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | character >> 18);
    out[1] = (char)(0x80 | (character >> 12 & 0x3F));
    out[2] = (char)(0x80 | (character >> 6 & 0x3F));
    out[3] = (char)(0x80 | (character & 0x3F));
    return 4;
}

uint32_t cw_utf8_shown(uint32_t character)
{
    if (character == '\t' || character == '\n' || character == '\r')
        return character;
    if (character < 0x20)
        return 0x2400 + character;
    if (character == 0x7F)
        return 0x2421;
    /* C1: a terminal may take them for commands. The last two of the plane are no characters. */
    if ((character > 0x7F && character < 0xA0) || character == 0xFFFE || character == 0xFFFF)
        return CW_UTF8_REPLACEMENT;
    return character;
}

bool cw_utf8_needs_change(const char *text)
{
    while (*text != '\0') {
        uint32_t character = 0;
        const size_t n = cw_utf8_take(text, &character);
        if (cw_utf8_shown(character) != character || (character == CW_UTF8_REPLACEMENT && n == 1))
            return true;
        text += n;
    }
    return false;
}

char *cw_utf8_visible(const char *text)
{
    /* A byte becomes three at most. */
    char *copy = malloc(3 * strlen(text) + CW_UTF8_BYTES_MAX);
    size_t bytes = 0;

    while (copy != NULL && *text != '\0') {
        uint32_t character = 0;
        text += cw_utf8_take(text, &character);
        bytes += cw_utf8_put(cw_utf8_shown(character), copy + bytes);
    }
    if (copy != NULL)
        copy[bytes] = '\0';
    return copy;
}
