/* SPDX-License-Identifier: Apache-2.0 */
#include "control/jump/fold.h"

#include <string.h>

struct fold_range {
    uint32_t first;
    uint32_t last;
    uint32_t step;
    int32_t add;
};

static const struct fold_range ranges[] = {
#include "control/jump/fold_table.inc"
};

uint32_t cw_fold_character(uint32_t character)
{
    size_t low = 0;
    size_t high = sizeof ranges / sizeof ranges[0];

    if (character < 0x80)
        return character >= 'A' && character <= 'Z' ? character + ('a' - 'A') : character;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const struct fold_range *r = &ranges[middle];
        if (character < r->first)
            high = middle;
        else if (character > r->last)
            low = middle + 1;
        else
            return (character - r->first) % r->step == 0 ? (uint32_t)((int32_t)character + r->add)
                                                         : character;
    }
    return character;
}

/* The bytes of the character that begins at text; 1 and 0 through ret_character for one that is not
 * well-formed. */
static size_t decode(const unsigned char *text, size_t bytes, uint32_t *ret_character)
{
    const unsigned first = text[0];
    const size_t n = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    uint32_t value = n == 1 ? first : first & (0x7FU >> n);

    *ret_character = 0;
    if ((first >= 0x80 && first < 0xC2) || first > 0xF4 || n > bytes)
        return 1;
    for (size_t i = 1; i < n; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 1;
        value = value << 6 | (text[i] & 0x3FU);
    }
    *ret_character = value;
    return n;
}

static size_t encode(uint32_t character, unsigned char *out)
{
    if (character < 0x80) {
        out[0] = (unsigned char)character;
        return 1;
    }
    if (character < 0x800) {
        out[0] = (unsigned char)(0xC0 | character >> 6);
        out[1] = (unsigned char)(0x80 | (character & 0x3F));
        return 2;
    }
    if (character < 0x10000) {
        out[0] = (unsigned char)(0xE0 | character >> 12);
        out[1] = (unsigned char)(0x80 | (character >> 6 & 0x3F));
        out[2] = (unsigned char)(0x80 | (character & 0x3F));
        return 3;
    }
    out[0] = (unsigned char)(0xF0 | character >> 18);
    out[1] = (unsigned char)(0x80 | (character >> 12 & 0x3F));
    out[2] = (unsigned char)(0x80 | (character >> 6 & 0x3F));
    out[3] = (unsigned char)(0x80 | (character & 0x3F));
    return 4;
}

size_t cw_fold(const char *text, size_t bytes, char *out, size_t out_size)
{
    const unsigned char *in = (const unsigned char *)text;
    size_t made = 0;

    for (size_t i = 0; i < bytes;) {
        unsigned char folded[4] = {in[i]};
        uint32_t character = 0;
        size_t used = 1;
        size_t n = 1;

        if (in[i] < 0x80) {
            folded[0] = (unsigned char)cw_fold_character(in[i]);
        } else {
            used = decode(in + i, bytes - i, &character);
            if (character != 0)
                n = encode(cw_fold_character(character), folded);
        }
        if (n > out_size - made)
            break;
        memcpy(out + made, folded, n);
        made += n;
        i += used;
    }
    return made;
}
