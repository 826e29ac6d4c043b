/* SPDX-License-Identifier: Apache-2.0 */
/* The decoder of moving pictures: total on any bytes (FORMAT.md, section 6.3). */
#include "codec/moving.h"

#include <stdlib.h>
#include <string.h>

#include "codec/moving_frame.h"

struct cw_moving_decoder {
    struct cw_moving_frame frame;
    uint32_t width, height;
    bool has_history;
    /* Of the frame at work: */
    const struct cw_moving_dsp *dsp;
    uint32_t steps[CW_MOVING_PLANES];
    struct cw_bits_reader reader;
    int16_t levels[CW_MOVING_COEFS]; /* 0 between blocks */
};

int cw_moving_decoder_new(uint32_t width_max, uint32_t height_max,
                          struct cw_moving_decoder **ret_decoder)
{
    struct cw_moving_decoder *d = calloc(1, sizeof(*d));
    if (d == NULL)
        return CW_CODEC_ERR_NOMEM;
    int err = cw_moving_frame_new(width_max, height_max, &d->frame);
    if (err != 0) {
        free(d);
        return err;
    }
    *ret_decoder = d;
    return 0;
}

struct cw_moving_decoder *cw_moving_decoder_free(struct cw_moving_decoder *d)
{
    if (d != NULL) {
        cw_moving_frame_free(&d->frame);
        free(d);
    }
    return NULL;
}

void cw_moving_decoder_restart(struct cw_moving_decoder *d)
{
    d->has_history = false;
}

/* An Exp-Golomb code of plain bits; 0 and broken if it is longer than any level's. */
static inline uint32_t get_golomb(struct cw_bits_reader *r)
{
    unsigned size = 0;
    while (cw_bits_get_plain(r, 1) != 0)
        if (++size == 16) {
            r->broken = true;
            return 0;
        }
    return (1U << size) - 1 + cw_bits_get_plain(r, size);
}

/* How many coefficients a block has, 1 to 64; more is broken. */
static inline uint32_t get_count(struct cw_bits_reader *r, struct cw_moving_coef_contexts *c,
                                 uint32_t near)
{
    unsigned size = 0;
    while (size < 6 && cw_bits_get(r, &c->size[near][size]) != 0)
        size++;
    if (size == 6)
        return CW_MOVING_COEFS;
    uint32_t prefix = 1;
    for (unsigned i = 0; i < size; i++)
        prefix = 2 * prefix + cw_bits_get(r, &c->count[size][prefix]);
    return prefix;
}

static inline int get_level(struct cw_bits_reader *r, struct cw_moving_coef_contexts *c,
                            uint32_t larger)
{
    struct cw_bit *more = c->more[larger < 3 ? larger : 3];
    uint32_t size = 1;
    while (size < CW_MOVING_LEVEL_LONG && cw_bits_get(r, &more[size]) != 0)
        size++;
    if (size == CW_MOVING_LEVEL_LONG)
        size += get_golomb(r);
    if (size > CW_MOVING_LEVEL_MAX) {
        r->broken = true;
        size = 1;
    }
    return cw_bits_get_plain(r, 1) != 0 ? -(int)size : (int)size;
}

/* Reads a block's levels; returns how many are not 0. */
static uint32_t get_block(struct cw_moving_decoder *d, struct cw_moving_coef_contexts *c,
                          uint32_t near, uint32_t luma)
{
    /* A copy that nothing written can be part of stays in registers. */
    struct cw_bits_reader r = d->reader;
    bool none = cw_bits_get(&r, &c->none[near][luma]) != 0;
    uint32_t count = none ? 0 : get_count(&r, c, near);
    uint32_t left = count;
    uint32_t larger = 0;
    unsigned last = 0;
    unsigned before_last = 0;
    for (uint32_t i = 0; left != 0; i++) {
        unsigned one = 1;
        if (left < CW_MOVING_COEFS - i)
            one = cw_bits_get(&r, cw_moving_significant(c, left, i, last + before_last));
        before_last = last;
        last = one;
        if (one == 0)
            continue;
        int level = get_level(&r, c, larger);
        d->levels[cw_moving_zigzag[i]] = (int16_t)level;
        larger += abs(level) > 1;
        left--;
    }
    d->reader = r;
    return count;
}

/* One block of a macroblock that has some in this plane: levels, and onto the prediction. */
static void draw_block(struct cw_moving_decoder *d, uint32_t plane, uint32_t bx, uint32_t by)
{
    struct cw_moving_frame *f = &d->frame;
    uint32_t count = get_block(d, &f->contexts.plane[plane], cw_moving_near_class(f, plane, bx, by),
                               cw_moving_luma_class(f, plane, bx, by));
    f->counts[plane][cw_moving_at(f, bx, by)] = (uint8_t)count;
    if (count == 0)
        return;
    d->dsp->inverse(d->levels, d->steps[plane], cw_moving_sample(f, plane, bx, by), f->stride);
    memset(d->levels, 0, sizeof(d->levels));
}

/* Which planes are coded comes before each plane's blocks. */
static void draw_residual(struct cw_moving_decoder *d, uint32_t mx, uint32_t my,
                          const enum cw_moving_mode *modes)
{
    struct cw_moving_frame *f = &d->frame;
    uint8_t *kind = f->kinds + my * f->macro_stride + mx;
    for (uint32_t p = 0; p < CW_MOVING_PLANES; p++) {
        unsigned coded = cw_bits_get(&d->reader, cw_moving_coded(f, p, mx, my));
        *kind |= (uint8_t)(coded * CW_MOVING_CODED << p);
        for (uint32_t b = 0; b < 4; b++) {
            uint32_t bx = 2 * mx + (b & 1);
            uint32_t by = 2 * my + (b >> 1);
            if (modes != NULL)
                cw_moving_intra(f, p, bx, by, modes[b], cw_moving_sample(f, p, bx, by), f->stride);
            if (coded != 0)
                draw_block(d, p, bx, by);
            else
                f->counts[p][cw_moving_at(f, bx, by)] = 0;
        }
    }
}

static void draw_intra(struct cw_moving_decoder *d, uint32_t mx, uint32_t my)
{
    struct cw_moving_frame *f = &d->frame;
    enum cw_moving_mode modes[4];
    for (uint32_t b = 0; b < 4; b++) {
        unsigned high = cw_bits_get(&d->reader, &f->contexts.mode[0]);
        unsigned low = cw_bits_get(&d->reader, &f->contexts.mode[1 + high]);
        modes[b] = (enum cw_moving_mode)(2 * high + low);
    }
    cw_moving_set_vector(f, 2 * mx, 2 * my, CW_MOVING_MACRO, (struct cw_moving_vector){0, 0});
    f->kinds[my * f->macro_stride + mx] = CW_MOVING_INTRA;
    draw_residual(d, mx, my, modes);
}

/* One part of a vector's difference. */
static int get_part(struct cw_moving_decoder *d, unsigned part, unsigned near)
{
    struct cw_moving_contexts *c = &d->frame.contexts;
    if (cw_bits_get(&d->reader, &c->vector_zero[part][near]) != 0)
        return 0;
    bool negative = cw_bits_get(&d->reader, &c->vector_sign[part]) != 0;
    unsigned log = 0;
    while (cw_bits_get(&d->reader, &c->vector_size[part][log]) != 0)
        if (++log == CW_MOVING_VECTOR_LOGS) {
            d->reader.broken = true;
            return 0;
        }
    uint32_t size = 1;
    if (log > 0) {
        size = 2 + cw_bits_get(&d->reader, &c->vector_low[part][log < 4 ? log : 0]);
        size = size << (log - 1) | cw_bits_get_plain(&d->reader, log - 1);
    }
    return negative ? -(int)size : (int)size;
}

static void draw_vector(struct cw_moving_decoder *d, uint32_t bx, uint32_t by, uint32_t size)
{
    struct cw_moving_frame *f = &d->frame;
    struct cw_moving_vector v = cw_moving_guess(f, bx, by, size);
    int dx = get_part(d, 0, 0);
    int dy = get_part(d, 1, dx != 0 ? 2 : 1);
    v = cw_moving_clamp(f, v.x + dx, v.y + dy, bx, by, size);
    cw_moving_set_vector(f, bx, by, size, v);
    for (uint32_t p = 0; p < CW_MOVING_PLANES; p++)
        cw_moving_inter(f, d->dsp, p, bx, by, size, v);
}

static void draw_macro(struct cw_moving_decoder *d, uint32_t mx, uint32_t my)
{
    struct cw_moving_frame *f = &d->frame;
    uint32_t bx = 2 * mx;
    uint32_t by = 2 * my;
    if (!d->has_history) {
        draw_intra(d, mx, my);
        return;
    }
    uint32_t skips = cw_moving_kind_class(f, mx, my, CW_MOVING_SKIP);
    if (cw_bits_get(&d->reader, &f->contexts.skip[skips]) != 0) {
        struct cw_moving_vector v = cw_moving_guess(f, bx, by, CW_MOVING_MACRO);
        v = cw_moving_clamp(f, v.x, v.y, bx, by, CW_MOVING_MACRO);
        for (uint32_t p = 0; p < CW_MOVING_PLANES; p++)
            cw_moving_inter(f, d->dsp, p, bx, by, CW_MOVING_MACRO, v);
        cw_moving_set_skip(f, mx, my, v);
        return;
    }
    uint32_t intras = cw_moving_kind_class(f, mx, my, CW_MOVING_INTRA);
    if (cw_bits_get(&d->reader, &f->contexts.intra[intras]) != 0) {
        draw_intra(d, mx, my);
        return;
    }
    if (cw_bits_get(&d->reader, &f->contexts.split) != 0)
        for (uint32_t b = 0; b < 4; b++)
            draw_vector(d, bx + (b & 1), by + (b >> 1), CW_MOVING_BLOCK);
    else
        draw_vector(d, bx, by, CW_MOVING_MACRO);
    f->kinds[my * f->macro_stride + mx] = 0;
    draw_residual(d, mx, my, NULL);
}

/* All macroblocks; stops at what is broken. */
static int draw_frame(struct cw_moving_decoder *d)
{
    const struct cw_moving_frame *f = &d->frame;
    for (uint32_t my = 0; my < f->rows; my++) {
        for (uint32_t mx = 0; mx < f->columns; mx++)
            draw_macro(d, mx, my);
        if (d->reader.broken || d->reader.at > d->reader.bytes)
            return CW_CODEC_ERR_PACKET;
    }
    return cw_bits_done(&d->reader) ? 0 : CW_CODEC_ERR_PACKET;
}

int cw_moving_decode(struct cw_moving_decoder *d, const struct cw_moving_dsp *dsp,
                     const uint8_t *in, size_t in_bytes, uint8_t *picture, size_t stride,
                     uint32_t width, uint32_t height)
{
    bool can_follow = d->has_history && width == d->width && height == d->height;
    d->has_history = false;
    if (in_bytes < CW_MOVING_BYTES_MIN || in[0] > 1 || in[1] > CW_MOVING_QUANTISER_MAX ||
        (in[0] == 1 && !can_follow))
        return CW_CODEC_ERR_PACKET;
    d->dsp = dsp;
    d->width = width;
    d->height = height;
    d->has_history = in[0] == 1;
    if (!d->has_history)
        cw_moving_frame_restart(&d->frame, width, height);
    for (uint32_t p = 0; p < CW_MOVING_PLANES; p++)
        d->steps[p] = cw_moving_step(in[1], p);
    cw_bits_open(&d->reader, in + CW_MOVING_HEAD, in_bytes - CW_MOVING_HEAD);
    int err = draw_frame(d);
    d->has_history = err == 0;
    if (err != 0)
        return err;
    cw_moving_finish(&d->frame, dsp, d->steps);
    cw_moving_show(&d->frame, dsp, picture, stride, width, height);
    return 0;
}
