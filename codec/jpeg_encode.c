/* SPDX-License-Identifier: Apache-2.0 */
/* The encoder of operation 6. Its tables are JPEG's own, so no pass over the data is needed to make them, and what it
 * quantised is at hand to be drawn. */
#include <stdlib.h>
#include <string.h>

#include "codec/check.h"
#include "codec/jpeg.h"
#include "codec/packet.h"

struct writer {
    uint8_t *out;
    uint64_t held;
    unsigned count;
};

/* At most 32 bits. */
static void put(struct writer *w, uint32_t bits, unsigned count)
{
    w->held = w->held << count | bits;
    w->count += count;
    if (w->count < 32)
        return;
    w->count -= 32;
    uint32_t full = (uint32_t)(w->held >> w->count);
    w->out[0] = (uint8_t)(full >> 24);
    w->out[1] = (uint8_t)(full >> 16);
    w->out[2] = (uint8_t)(full >> 8);
    w->out[3] = (uint8_t)full;
    w->out += 4;
}

/* Fills the last byte with ones. */
static void finish(struct writer *w)
{
    unsigned spare = (8 - w->count % 8) % 8;
    put(w, (1U << spare) - 1, spare);
    while (w->count > 0) {
        w->count -= 8;
        *w->out++ = (uint8_t)(w->held >> w->count);
    }
}

static unsigned size_of(int32_t v)
{
    return v == 0 ? 0 : 32 - (unsigned)__builtin_clz((unsigned)abs(v));
}

/* A code, and the number of so many bits behind it: 16 and 11 at most. */
static void put_code(struct writer *w, const struct cw_jpeg_codes *c, unsigned symbol, int32_t v,
                     unsigned size)
{
    uint32_t bits = (uint32_t)(v < 0 ? v + (1 << size) - 1 : v);
    put(w, (c->code[symbol] & 0xffff) << size | bits, (c->code[symbol] >> 16) + size);
}

/* Bit k: the coefficient that is sent as number k is not 0. */
static uint64_t coefs_there(const struct cw_jpeg *j, const int16_t coef[64])
{
    uint64_t there = 0;
    for (unsigned i = 0; i < 64; i += 4) {
        uint64_t four;
        memcpy(&four, coef + i, sizeof(four));
        for (unsigned k = i; k < i + 4 && four != 0; k++)
            there |= (uint64_t)(coef[k] != 0) << j->place[k];
    }
    return there;
}

struct scan {
    struct cw_jpeg *jpeg;
    const struct cw_dsp *dsp;
    struct writer writer;
    int32_t dc[3];
};

/* Codes a block of a plane and puts what a decoder will make of it in its place. */
static void scan_block(struct scan *s, unsigned plane, uint32_t x, uint32_t y)
{
    struct cw_jpeg *j = s->jpeg;
    struct writer *w = &s->writer;
    const unsigned t = plane != 0;
    uint8_t *samples = j->plane[plane] + (size_t)y * CW_JPEG_SIDE_PX_MAX + x;
    int16_t coef[64];
    s->dsp->fdct(coef, samples, CW_JPEG_SIDE_PX_MAX);
    s->dsp->quantise(coef, j->quantise[t]);
    int32_t step = coef[0] - s->dc[plane];
    unsigned size = size_of(step);
    s->dc[plane] = coef[0];
    put_code(w, &j->dc[t], size, step, size);
    uint64_t there = coefs_there(j, coef) & ~(uint64_t)1;
    coef[0] = cw_jpeg_multiply(coef[0], j->divisor[t][0]);
    unsigned next = 1;
    for (; there != 0; there &= there - 1) {
        unsigned k = (unsigned)__builtin_ctzll(there);
        unsigned at = cw_jpeg_zigzag[k];
        for (; k - next > 15; next += 16)
            put_code(w, &j->ac[t], 0xf0, 0, 0);
        /* Ten bits are what the codes have: only quality near 100 comes close. */
        int32_t level = coef[at] < -1023 ? -1023 : coef[at] > 1023 ? 1023 : coef[at];
        size = size_of(level);
        put_code(w, &j->ac[t], (k - next) << 4 | size, level, size);
        coef[at] = cw_jpeg_multiply(level, j->divisor[t][at]);
        next = k + 1;
    }
    if (next != 64)
        put_code(w, &j->ac[t], 0, 0, 0);
    s->dsp->idct(samples, CW_JPEG_SIDE_PX_MAX, coef);
}

/* Repeats a plane's last column and row up to whole blocks. */
static void extend(uint8_t *plane, uint32_t w, uint32_t h, uint32_t full_w, uint32_t full_h)
{
    for (uint32_t y = 0; y < h; y++) {
        uint8_t *row = plane + (size_t)y * CW_JPEG_SIDE_PX_MAX;
        memset(row + w, row[w - 1], full_w - w);
    }
    for (uint32_t y = h; y < full_h; y++)
        memcpy(plane + (size_t)y * CW_JPEG_SIDE_PX_MAX,
               plane + (size_t)(h - 1) * CW_JPEG_SIDE_PX_MAX, full_w);
}

/* Halves a plane in place: means, rounded up. */
static void reduce(uint8_t *plane, uint32_t w, uint32_t h, enum cw_jpeg_sampling sampling)
{
    const uint32_t down = sampling == CW_JPEG_420 ? 2 : 1;
    for (uint32_t y = 0; y < h; y += down) {
        const uint8_t *a = plane + (size_t)y * CW_JPEG_SIDE_PX_MAX;
        const uint8_t *b = a + (size_t)(down - 1) * CW_JPEG_SIDE_PX_MAX;
        uint8_t *out = plane + (size_t)(y / down) * CW_JPEG_SIDE_PX_MAX;
        for (uint32_t x = 0; x < w; x += 2)
            out[x / 2] = (uint8_t)((a[x] + a[x + 1] + b[x] + b[x + 1] + 2) >> 2);
    }
}

static void load(struct cw_jpeg *j, const struct cw_dsp *dsp, enum cw_jpeg_sampling sampling,
                 struct cw_rect rect, const uint8_t *source, size_t stride_bytes)
{
    uint32_t w;
    uint32_t h;
    cw_jpeg_plane_size(sampling, rect.w, rect.h, &w, &h);
    for (uint32_t y = 0; y < rect.h; y++) {
        size_t at = (size_t)y * CW_JPEG_SIDE_PX_MAX;
        dsp->to_ycc_row(source + (rect.y + y) * stride_bytes + (size_t)rect.x * 4, rect.w,
                        j->plane[0] + at, j->plane[1] + at, j->plane[2] + at);
    }
    for (unsigned i = 0; i < 3; i++) {
        extend(j->plane[i], rect.w, rect.h, w, h);
        if (i != 0 && sampling != CW_JPEG_444)
            reduce(j->plane[i], w, h, sampling);
    }
}

size_t cw_jpeg_encode(struct cw_jpeg *j, const struct cw_dsp *dsp, uint32_t quality,
                      enum cw_jpeg_sampling sampling, struct cw_rect rect, const uint8_t *source,
                      uint8_t *model, size_t stride_bytes, uint8_t head[CW_JPEG_HEAD_BYTES],
                      uint8_t *out)
{
    const uint32_t across = sampling == CW_JPEG_444 ? 8 : 16;
    const uint32_t down = sampling == CW_JPEG_420 ? 16 : 8;
    CW_CODEC_CHECK(rect.w <= CW_JPEG_SIDE_PX_MAX && rect.h <= CW_JPEG_SIDE_PX_MAX);
    cw_jpeg_set_quality(j, quality);
    load(j, dsp, sampling, rect, source, stride_bytes);
    struct scan s = {.jpeg = j, .dsp = dsp, .writer = {.out = out}};
    for (uint32_t y = 0; y < rect.h; y += down)
        for (uint32_t x = 0; x < rect.w; x += across) {
            for (uint32_t v = 0; v < down; v += 8)
                for (uint32_t u = 0; u < across; u += 8)
                    scan_block(&s, 0, x + u, y + v);
            scan_block(&s, 1, x * 8 / across, y * 8 / down);
            scan_block(&s, 2, x * 8 / across, y * 8 / down);
        }
    finish(&s.writer);
    cw_jpeg_draw(j, dsp, sampling, rect, model, stride_bytes);
    size_t bytes = (size_t)(s.writer.out - out);
    head[0] = (uint8_t)quality;
    head[1] = (uint8_t)sampling;
    cw_write_le16(head + 2, bytes & 0xffff);
    head[4] = (uint8_t)(bytes >> 16);
    return bytes;
}
