/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/film.h"

#include <stdlib.h>
#include <string.h>

#include "codec/limits.h"
#include "codec/packet.h"
#include "codec/rect.h"

enum {
    FILM_SIDE_PX_MIN = 64, /* a smaller one gains nothing over pictures */
    QUANTISER_BEST = 12,   /* where a JPEG would have quality 100: about 40 dB */
    KEPT_PX_A_BYTE = 2,    /* a frame that takes more is not worth keeping */
};

struct cw_film *cw_film_new(uint32_t width, uint32_t height)
{
    struct cw_film *f = calloc(1, sizeof(*f));
    if (f == NULL || cw_moving_encoder_new(width, height, &f->coder) != 0)
        return cw_film_free(f);
    f->kept_bytes_max = (size_t)width * height / KEPT_PX_A_BYTE;
    f->kept = malloc(f->kept_bytes_max + 1);
    return f->kept != NULL ? f : cw_film_free(f);
}

struct cw_film *cw_film_free(struct cw_film *f)
{
    if (f != NULL) {
        cw_moving_encoder_free(f->coder);
        free(f->kept);
        free(f);
    }
    return NULL;
}

/* How many blocks of a rectangle's rows are marked. */
static size_t marked_blocks(const struct cw_damage *d, const struct cw_rect *r)
{
    size_t count = 0;
    for (uint32_t y = r->y; y < r->y + r->h; y++)
        for (uint32_t i = r->x / CW_BLOCK_PX; i <= (r->x + r->w - 1) / CW_BLOCK_PX; i++)
            count += d->bits[(size_t)y * d->words + i / 64] >> (i % 64) & 1;
    return count;
}

/* How many of the pixels of a row or column of a rectangle differ. */
static uint32_t differing(const struct cw_pair *p, struct cw_rect r)
{
    uint32_t count = 0;
    for (uint32_t y = r.y; y < r.y + r.h; y++)
        for (uint32_t x = r.x; x < r.x + r.w; x++)
            count += memcmp(p->model + ((size_t)y * p->width + x) * 4,
                            p->frame + y * p->stride_bytes + (size_t)4 * x, 3) != 0;
    return count;
}

/* The film's rectangle to the pixel: cells that it fills in part may be in it or not. It ends where less than a quarter
 * of a line differs, and goes on, by less than a cell, where three quarters differ. */
static struct cw_rect fit(const struct cw_lossy *l, struct cw_rect r, const uint8_t *bgrx,
                          size_t stride)
{
    const struct cw_pair p = {bgrx, stride, cw_lossy_picture(l), l->width, l->height};
    while (r.h > 1 && differing(&p, (struct cw_rect){r.x, r.y, r.w, 1}) * 4 < r.w) {
        r.y++;
        r.h--;
    }
    while (r.h > 1 && differing(&p, (struct cw_rect){r.x, r.y + r.h - 1, r.w, 1}) * 4 < r.w)
        r.h--;
    while (r.w > 1 && differing(&p, (struct cw_rect){r.x, r.y, 1, r.h}) * 4 < r.h) {
        r.x++;
        r.w--;
    }
    while (r.w > 1 && differing(&p, (struct cw_rect){r.x + r.w - 1, r.y, 1, r.h}) * 4 < r.h)
        r.w--;
    for (uint32_t i = 1; i < CW_CELL_PX && r.x > 0; i++) {
        if (differing(&p, (struct cw_rect){r.x - 1, r.y, 1, r.h}) * 4 < r.h * 3)
            break;
        r.x--;
        r.w++;
    }
    for (uint32_t i = 1; i < CW_CELL_PX && r.x + r.w < l->width; i++) {
        if (differing(&p, (struct cw_rect){r.x + r.w, r.y, 1, r.h}) * 4 < r.h * 3)
            break;
        r.w++;
    }
    for (uint32_t i = 1; i < CW_BAND_ROWS && r.y > 0; i++) {
        if (differing(&p, (struct cw_rect){r.x, r.y - 1, r.w, 1}) * 4 < r.w * 3)
            break;
        r.y--;
        r.h++;
    }
    for (uint32_t i = 1; i < CW_BAND_ROWS && r.y + r.h < l->height; i++) {
        if (differing(&p, (struct cw_rect){r.x, r.y + r.h, r.w, 1}) * 4 < r.w * 3)
            break;
        r.h++;
    }
    return r;
}

/* Whether the last rectangle goes on: this one is in it and not much smaller. */
static bool goes_on(const struct cw_rect *last, const struct cw_rect *r)
{
    return cw_rect_holds(last, r) && (uint64_t)r->w * r->h * 4 >= (uint64_t)last->w * last->h * 3;
}

/* Whether cells beside a film belong to it: half of their pixels differ, and three in four have nothing like text. */
static bool belongs(const struct cw_pair *p, const struct cw_rect *r)
{
    uint32_t cells = 0;
    uint32_t strokes = 0;
    if (differing(p, *r) * 2 < r->w * r->h)
        return false;
    for (uint32_t y = r->y; y < r->y + r->h; y += CW_BAND_ROWS)
        for (uint32_t x = r->x; x < r->x + r->w; x += CW_CELL_PX) {
            uint32_t w = r->x + r->w - x < CW_CELL_PX ? r->x + r->w - x : CW_CELL_PX;
            uint32_t h = r->y + r->h - y < CW_BAND_ROWS ? r->y + r->h - y : CW_BAND_ROWS;
            const uint8_t *cell = p->frame + y * p->stride_bytes + (size_t)x * 4;
            cells++;
            strokes += cw_classify_edges(cell, p->stride_bytes, w, h) == CW_EDGES_STROKES;
        }
    return strokes * 4 <= cells;
}

/* A new film's rectangle of cells with all rows and columns of cells around it that belong to it. */
static struct cw_rect grow(const struct cw_lossy *l, struct cw_rect r, const uint8_t *bgrx,
                           size_t stride)
{
    const struct cw_pair p = {bgrx, stride, cw_lossy_picture(l), l->width, l->height};
    while (r.x > 0 && belongs(&p, &(struct cw_rect){r.x - CW_CELL_PX, r.y, CW_CELL_PX, r.h})) {
        r.x -= CW_CELL_PX;
        r.w += CW_CELL_PX;
    }
    while (r.x + r.w < l->width) {
        uint32_t w = l->width - r.x - r.w < CW_CELL_PX ? l->width - r.x - r.w : CW_CELL_PX;
        if (!belongs(&p, &(struct cw_rect){r.x + r.w, r.y, w, r.h}))
            break;
        r.w += w;
    }
    while (r.y > 0 && belongs(&p, &(struct cw_rect){r.x, r.y - CW_BAND_ROWS, r.w, CW_BAND_ROWS})) {
        r.y -= CW_BAND_ROWS;
        r.h += CW_BAND_ROWS;
    }
    while (r.y + r.h < l->height) {
        uint32_t h = l->height - r.y - r.h < CW_BAND_ROWS ? l->height - r.y - r.h : CW_BAND_ROWS;
        if (!belongs(&p, &(struct cw_rect){r.x, r.y + r.h, r.w, h}))
            break;
        r.h += h;
    }
    return r;
}

void cw_film_take(struct cw_film *f, struct cw_damage *d, struct cw_lossy *l,
                  const struct cw_dsp *dsp, const uint8_t *bgrx, size_t stride_bytes, bool restart,
                  uint64_t now_ns)
{
    f->rect = (struct cw_rect){0};
    f->kept_bytes = 0;
    if (restart || f->is_keyframe_due)
        cw_moving_encoder_restart(f->coder);
    if (d->moving.w == 0)
        return;
    struct cw_rect part = fit(l, d->moving, bgrx, stride_bytes);
    if (goes_on(&f->last, &part)) {
        part = f->last;
    } else {
        part = grow(l, d->moving, bgrx, stride_bytes);
        part = fit(l, part, bgrx, stride_bytes);
    }
    const struct cw_rect *r = &part;
    if (r->w < FILM_SIDE_PX_MIN || r->h < FILM_SIDE_PX_MIN || !cw_moving_fits(r->w, r->h))
        return;
    /* What stands still in it would lose for nothing: a film changes most of its blocks. */
    if (marked_blocks(d, r) * CW_BLOCK_PX * 2 < (size_t)r->w * r->h)
        return;
    f->rect = *r;
    f->last = *r;
    cw_lossy_begin(l);
    cw_lossy_see(l, dsp, r, bgrx, stride_bytes);
    /* From here on what is seen is not what decoders show: nothing there is to be saved or copied as exact. */
    cw_lossy_moved(l, r, now_ns);
    cw_damage_moved(d, dsp, bgrx, stride_bytes, l->seen, r);
    d->moving = (struct cw_rect){0};
}

/* A frame that lies behind the body's raw bytes. */
static void add_frame(struct cw_body *body, const struct cw_rect *r, size_t bytes)
{
    const struct cw_op op = {.rect = *r, .mode = CW_OP_MOVING};
    cw_write_le32(cw_body_add(body, &op, CW_MOVING_HEAD_BYTES), (uint32_t)bytes);
    body->raw_bytes += bytes;
}

void cw_film_code(struct cw_film *f, struct cw_lossy *l, const struct cw_dsp *dsp, uint8_t *model,
                  struct cw_body *body, uint32_t quality, size_t bytes, uint64_t now_ns)
{
    const struct cw_rect *r = &f->rect;
    const size_t stride = (size_t)l->width * 4;
    const size_t at = r->y * stride + (size_t)r->x * 4;
    const struct cw_moving_settings settings = {
        .bytes_target = bytes == SIZE_MAX    ? 0
                        : bytes > UINT32_MAX ? UINT32_MAX
                        : bytes != 0         ? (uint32_t)bytes
                                             : 1,
        .quantiser = QUANTISER_BEST + (100 - quality) * 2 / 5,
    };
    size_t room = 3 * cw_film_area(f);
    size_t coded = 0;
    if (room > body->raw_bytes_max - body->raw_bytes)
        room = body->raw_bytes_max - body->raw_bytes;
    if (r->w == 0)
        return;
    cw_classify_changed(l->cells, r, now_ns);
    cw_lossy_moved(l, r, now_ns); /* what patches and restores painted into it, too */
    /* Without room the model stays as it is: lossy, so made good at rest. */
    if (cw_moving_encode(f->coder, &dsp->moving, l->seen + at, stride, r->w, r->h, &settings,
                         body->raw + body->raw_bytes, room, &coded, model + at, stride) != 0)
        return;
    bool has_history = body->raw[body->raw_bytes] != 0;
    if (!has_history && coded <= f->kept_bytes_max) {
        memcpy(f->kept, body->raw + body->raw_bytes, coded);
        f->kept_bytes = coded;
        f->kept_rect = *r;
    }
    f->is_keyframe_due = false;
    add_frame(body, r, coded);
}

struct cw_rect cw_film_kept_blocks(const struct cw_film *f)
{
    const struct cw_rect *r = &f->kept_rect;
    uint32_t x0 = (r->x + CW_BLOCK_PX - 1) / CW_BLOCK_PX * CW_BLOCK_PX;
    uint32_t y0 = (r->y + CW_BAND_ROWS - 1) / CW_BAND_ROWS * CW_BAND_ROWS;
    uint32_t x1 = (r->x + r->w) / CW_BLOCK_PX * CW_BLOCK_PX;
    uint32_t y1 = (r->y + r->h) / CW_BAND_ROWS * CW_BAND_ROWS;
    /* A packet has room for three bytes of each pixel, and patches paint all that is not in these blocks. */
    if (f->kept_bytes == 0 || x1 <= x0 || y1 <= y0 ||
        f->kept_bytes > (size_t)3 * (x1 - x0) * (y1 - y0))
        return (struct cw_rect){0};
    return (struct cw_rect){x0, y0, x1 - x0, y1 - y0};
}

void cw_film_send_kept(const struct cw_film *f, struct cw_body *body)
{
    memcpy(body->raw + body->raw_bytes, f->kept, f->kept_bytes);
    add_frame(body, &f->kept_rect, f->kept_bytes);
}
