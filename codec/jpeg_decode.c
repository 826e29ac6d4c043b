/* SPDX-License-Identifier: Apache-2.0 */
/* A total decoder of baseline JPEG's entropy-coded data, without byte stuffing and markers. */
#include <stdbool.h>
#include <string.h>

#include "codec/jpeg.h"
#include "codec/packet.h"

/* Bits from the highest of each byte on; behind the end there are zeros, which the caller finds out by counting. */
struct bits {
    const uint8_t *next, *end;
    uint64_t held; /* the next bits, highest first */
    unsigned count;
    uint64_t taken;
};

static void bits_fill(struct bits *b)
{
    while (b->count <= 56) {
        uint64_t byte = b->next < b->end ? *b->next++ : 0;
        b->held |= byte << (56 - b->count);
        b->count += 8;
    }
}

static uint32_t bits_take(struct bits *b, unsigned count)
{
    uint32_t v = (uint32_t)(b->held >> 1 >> (63 - count));
    b->held <<= count;
    b->count -= count;
    b->taken += count;
    return v;
}

/* A symbol and room for the 16 bits that may follow it; -1: no such code. */
static int bits_symbol(struct bits *b, const struct cw_jpeg_codes *c)
{
    if (b->count < 32)
        bits_fill(b);
    uint32_t fast = c->fast[b->held >> (64 - CW_JPEG_FAST_BITS)];
    if (fast != 0) {
        bits_take(b, fast >> 8);
        return (int)(fast & 0xff);
    }
    uint32_t next = (uint32_t)(b->held >> 48);
    unsigned length = CW_JPEG_FAST_BITS + 1;
    while (length <= 16 && next >= c->end[length])
        length++;
    if (length > 16)
        return -1;
    bits_take(b, length);
    return c->symbols[(int32_t)(next >> (16 - length)) + c->first[length]];
}

/* A number of that many bits: the lower half of them are negative. */
static int32_t bits_number(struct bits *b, unsigned count)
{
    int32_t v = (int32_t)bits_take(b, count);
    return count == 0 || v >> (count - 1) != 0 ? v : v - (1 << count) + 1;
}

struct scan {
    struct cw_jpeg *jpeg;
    const struct cw_dsp *dsp;
    struct bits bits;
    int32_t dc[3];
};

/* The next block of a plane; false: the data are broken. */
static bool scan_block(struct scan *s, unsigned plane, uint32_t x, uint32_t y)
{
    struct cw_jpeg *j = s->jpeg;
    const unsigned t = plane != 0;
    int16_t coef[64] = {0};
    uint8_t *out = j->plane[plane] + (size_t)y * CW_JPEG_SIDE_PX_MAX + x;
    int symbol = bits_symbol(&s->bits, &j->dc[t]);
    if (symbol < 0)
        return false;
    s->dc[plane] += bits_number(&s->bits, (unsigned)symbol);
    coef[0] = cw_jpeg_multiply(s->dc[plane], j->divisor[t][0]);
    for (unsigned k = 1; k < 64; k++) {
        symbol = bits_symbol(&s->bits, &j->ac[t]);
        if (symbol <= 0) {
            if (symbol < 0)
                return false;
            break;
        }
        k += (unsigned)symbol >> 4;
        if (k > 63)
            return false;
        unsigned at = cw_jpeg_zigzag[k];
        coef[at] =
            cw_jpeg_multiply(bits_number(&s->bits, (unsigned)symbol & 15), j->divisor[t][at]);
    }
    s->dsp->idct(out, CW_JPEG_SIDE_PX_MAX, coef);
    return true;
}

/* All blocks in the order of JPEG's minimum coded units. */
static bool scan_blocks(struct scan *s, enum cw_jpeg_sampling sampling, uint32_t w, uint32_t h)
{
    const uint32_t across = sampling == CW_JPEG_444 ? 8 : 16;
    const uint32_t down = sampling == CW_JPEG_420 ? 16 : 8;
    for (uint32_t y = 0; y < h; y += down)
        for (uint32_t x = 0; x < w; x += across) {
            bool ok = true;
            for (uint32_t v = 0; v < down; v += 8)
                for (uint32_t u = 0; u < across; u += 8)
                    ok = ok && scan_block(s, 0, x + u, y + v);
            uint32_t cx = x * 8 / across;
            uint32_t cy = y * 8 / down;
            if (!ok || !scan_block(s, 1, cx, cy) || !scan_block(s, 2, cx, cy))
                return false;
        }
    return true;
}

int cw_jpeg_decode(struct cw_jpeg *j, const struct cw_dsp *dsp, const uint8_t *head,
                   const uint8_t *in, size_t in_bytes, struct cw_rect rect, uint8_t *picture,
                   size_t stride_bytes)
{
    const enum cw_jpeg_sampling sampling = (enum cw_jpeg_sampling)head[1];
    struct scan s = {.jpeg = j, .dsp = dsp, .bits = {.next = in, .end = in + in_bytes}};
    uint32_t w;
    uint32_t h;
    cw_jpeg_set_quality(j, head[0]);
    cw_jpeg_plane_size(sampling, rect.w, rect.h, &w, &h);
    if (!scan_blocks(&s, sampling, w, h) || (s.bits.taken + 7) / 8 != in_bytes)
        return CW_CODEC_ERR_PACKET;
    cw_jpeg_draw(j, dsp, sampling, rect, picture, stride_bytes);
    return 0;
}
