/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/colours.h"

#include <string.h>

#include "codec/check.h"
#include "codec/packet.h"

void cw_colours_clear(struct cw_colour_map *m)
{
    m->count = 0;
    m->sent = 0;
    memset(m->slots, 0xff, sizeof(m->slots));
    /* Black at index 255, which means that it is not known. Other colours never equal it. */
    for (uint32_t i = 0; i < CW_INDEX_SLOTS; i++)
        m->direct[i] = 255;
}

static uint32_t *direct_of(struct cw_colour_map *m, uint32_t colour)
{
    return &m->direct[(colour * CW_INDEX_FACTOR) >> (32 - CW_INDEX_BITS)];
}

uint32_t cw_colours_add(struct cw_colour_map *m, uint32_t colour)
{
    uint32_t slot = cw_colours_slot(m, colour);
    CW_CODEC_CHECK(m->count < CW_COLOURS_MAX && m->slots[slot].colour == CW_COLOUR_NONE);
    uint32_t index = m->count++;
    m->colour[index] = colour;
    m->slots[slot] = (struct cw_colour_slot){colour, index};
    /* Where two share a slot the earlier, more frequent one keeps it. */
    uint32_t *direct = direct_of(m, colour);
    if (index < 255 && *direct == 255)
        *direct = colour << 8 | index;
    return index;
}

void cw_colours_drop(struct cw_colour_map *m, uint32_t count)
{
    CW_CODEC_CHECK(m->sent <= count);
    while (m->count > count) {
        uint32_t index = --m->count;
        uint32_t colour = m->colour[index];
        /* The newest ends its chain: no other was placed behind it. */
        m->slots[cw_colours_slot(m, colour)].colour = CW_COLOUR_NONE;
        uint32_t *direct = direct_of(m, colour);
        if (*direct == (colour << 8 | index))
            *direct = 255;
    }
}

void cw_colours_sort(struct cw_colour_map *m, const uint32_t *uses, uint32_t keep)
{
    uint32_t starts[33] = {
        0}; /* of the colours used 2^(31 - i) times and more, below the next power */
    uint32_t count = m->count;
    CW_CODEC_CHECK(m->sent == 0);
    /* By powers of two, the first seen first within one: cheap, and as good as a full order. */
    for (uint32_t i = 0; i < count; i++)
        starts[1 + (unsigned)__builtin_clz(uses[i] | 1)]++;
    for (uint32_t i = 0; i < 32; i++)
        starts[i + 1] += starts[i];
    for (uint32_t i = 0; i < count; i++)
        m->sorted[starts[__builtin_clz(uses[i] | 1)]++] = m->colour[i];
    cw_colours_clear(m);
    for (uint32_t i = 0; i < count && i < keep; i++)
        cw_colours_add(m, m->sorted[i]);
}

void cw_colours_write(struct cw_colour_map *m, struct cw_body *b)
{
    uint32_t count = m->count - m->sent;
    if (count == 0)
        return;
    uint8_t *out = b->colours;
    cw_write_le16(out, m->sent);
    cw_write_le16(out + 2, count);
    out += 4;
    for (uint32_t i = m->sent; i < m->count; i++, out += 3) {
        out[0] = (uint8_t)m->colour[i];
        out[1] = (uint8_t)(m->colour[i] >> 8);
        out[2] = (uint8_t)(m->colour[i] >> 16);
    }
    b->colour_bytes = 4 + (size_t)3 * count;
    m->sent = m->count;
}
