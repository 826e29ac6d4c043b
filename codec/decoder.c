/* SPDX-License-Identifier: Apache-2.0 */
/* The decoder: native and, unchanged, WebAssembly. Every byte it reads is hostile: FORMAT.md, 7. */
#include "codec/codec.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "codec/cache.h"
#include "codec/check.h"
#include "codec/dsp.h"
#include "codec/jpeg.h"
#include "codec/limits.h"
#include "codec/moving.h"
#include "codec/packet.h"
#include "codec/photo.h"
#include "codec/text_decode.h"

struct cw_decoder {
    struct cw_dsp dsp;
    uint64_t pixels_max;
    ZSTD_DCtx *stream;
    uint32_t width, height; /* 0 before the first keyframe */
    uint32_t number;
    bool synced;    /* the picture is the encoder's model of number */
    bool streaming; /* the stream holds the history that number + 1 may go on with */
    uint8_t *picture;
    uint8_t *body;
    struct cw_cache cache; /* of the history */
    struct cw_jpeg jpeg;
    struct cw_palette palette; /* of the history */
    struct cw_photo_reader *photo;
    struct cw_moving_decoder *moving;
    struct cw_rect *damage;
    size_t damage_count;
};

int cw_decoder_new(uint64_t pixels_max, struct cw_decoder **ret_decoder)
{
    struct cw_decoder *d = calloc(1, sizeof(*d));
    if (d == NULL)
        return CW_CODEC_ERR_NOMEM;
    int err = cw_dsp_init(&d->dsp);
    if (err != 0) {
        free(d);
        return err;
    }
    uint64_t all = (uint64_t)CW_CODEC_SIDE_PX_MAX * CW_CODEC_SIDE_PX_MAX;
    d->pixels_max = pixels_max == 0 || pixels_max > all ? all : pixels_max;
    cw_jpeg_init(&d->jpeg);
    d->stream = ZSTD_createDCtx();
    d->damage = calloc(CW_OPS_MAX, sizeof(*d->damage));
    d->photo = cw_photo_reader_new();
    if (d->stream == NULL || d->damage == NULL || d->photo == NULL ||
        ZSTD_isError(ZSTD_DCtx_setParameter(d->stream, ZSTD_d_windowLogMax, CW_WINDOW_LOG_MAX))) {
        cw_decoder_free(d);
        return CW_CODEC_ERR_NOMEM;
    }
    *ret_decoder = d;
    return 0;
}

struct cw_decoder *cw_decoder_free(struct cw_decoder *d)
{
    if (d != NULL) {
        ZSTD_freeDCtx(d->stream);
        free(d->picture);
        free(d->body);
        cw_photo_reader_free(d->photo);
        cw_cache_free(&d->cache);
        cw_moving_decoder_free(d->moving);
        free(d->damage);
        free(d);
    }
    return NULL;
}

/* The whole packet's data must give exactly the body: nothing missing, nothing more. */
static int decompress(struct cw_decoder *d, const struct cw_header *h, uint8_t *body,
                      const uint8_t *in, size_t in_bytes)
{
    ZSTD_inBuffer from = {in, in_bytes, 0};
    /* Room for one byte more than the header says, so that a longer body shows. */
    ZSTD_outBuffer to = {body, (size_t)h->body_bytes + 1, 0};
    size_t left = 1;
    while (from.pos < from.size) {
        size_t before = from.pos + to.pos;
        if (left == 0)
            return CW_CODEC_ERR_PACKET; /* bytes behind the frame's end */
        left = ZSTD_decompressStream(d->stream, &to, &from);
        if (ZSTD_isError(left))
            return CW_CODEC_ERR_PACKET;
        if (from.pos + to.pos == before)
            return CW_CODEC_ERR_PACKET;
    }
    if (to.pos != h->body_bytes || (left == 0) != (h->kind == CW_PACKET_KEYFRAME))
        return CW_CODEC_ERR_PACKET;
    return 0;
}

/* Decompresses and checks the packet's body. */
static int read_body(struct cw_decoder *d, const struct cw_header *h, const uint8_t *packet,
                     size_t packet_bytes, struct cw_body_view *ret_view)
{
    size_t header_bytes = cw_header_bytes(h);
    const uint8_t *raw = packet + packet_bytes - h->raw_bytes;
    int err = decompress(d, h, d->body, packet + header_bytes,
                         packet_bytes - header_bytes - h->raw_bytes);
    return err == 0 ? cw_body_check(h, d->body, raw, d->width, d->height, d->palette.count,
                                    &d->cache, ret_view)
                    : err;
}

static void paint_solid(const struct cw_rect *r, const uint8_t *data, uint8_t *pixels,
                        size_t stride)
{
    const uint8_t colour[4] = {data[0], data[1], data[2], 0};
    for (uint32_t y = 0; y < r->h; y++, pixels += stride)
        for (uint32_t x = 0; x < r->w; x++)
            memcpy(pixels + (size_t)4 * x, colour, 4);
}

static void paint_planes(const struct cw_decoder *d, const struct cw_op *op, const uint8_t *data,
                         uint8_t *pixels, size_t stride)
{
    const struct cw_rect *r = &op->rect;
    size_t plane = (size_t)r->w * r->h;
    for (uint32_t y = 0; y < r->h; y++, pixels += stride) {
        const uint8_t *g = data + (size_t)y * r->w;
        if (op->mode == CW_OP_PLANES)
            d->dsp.join_row(pixels, r->w, g, g + plane, g + 2 * plane);
        else
            d->dsp.join_left_row(pixels, r->w, g, g + plane, g + 2 * plane);
    }
}

static void paint(const struct cw_decoder *d, const struct cw_op *op, const uint8_t *data)
{
    const struct cw_rect *r = &op->rect;
    size_t stride = (size_t)d->width * 4;
    uint8_t *pixels = d->picture + r->y * stride + (size_t)r->x * 4;
    if (op->mode == CW_OP_TEXT)
        cw_text_paint(&d->dsp, &d->palette, r, data, pixels, stride);
    else if (op->mode == CW_OP_SOLID)
        paint_solid(r, data, pixels, stride);
    else
        paint_planes(d, op, data, pixels, stride);
}

static int draw_moving(struct cw_decoder *d, struct cw_rect r, const struct cw_op_data *share)
{
    size_t stride = (size_t)d->width * 4;
    return cw_moving_decode(d->moving, &d->dsp.moving, share->raw, share->raw_bytes,
                            d->picture + r.y * stride + (size_t)r.x * 4, stride, r.w, r.h);
}

static int draw_op(struct cw_decoder *d, const struct cw_op *op, const struct cw_op_data *share)
{
    if (op->mode == CW_OP_JPEG)
        return cw_jpeg_decode(&d->jpeg, &d->dsp, share->data, share->raw, share->raw_bytes,
                              op->rect, d->picture, (size_t)d->width * 4);
    if (op->mode == CW_OP_MOVING)
        return draw_moving(d, op->rect, share);
    if (op->mode == CW_OP_SAVE) {
        cw_cache_save(&d->cache, share->data[0], &op->rect, d->picture);
    } else if (op->mode == CW_OP_COPY) {
        cw_copy_rect(d->picture, d->width, op->rect, cw_read_le16(share->data),
                     cw_read_le16(share->data + 2));
    } else if (op->mode == CW_OP_RESTORE) {
        struct cw_cache_from from = cw_cache_from_read(&op->rect, share->data);
        cw_cache_restore(&d->cache, &from, &op->rect, d->picture);
    } else {
        paint(d, op, share->data);
    }
    return 0;
}

/* Photographs wait for a second one, because two are drawn faster than one after the other. */
struct waiting {
    struct cw_photo_part parts[CW_PHOTO_PARTS_MAX];
    uint32_t count;
};

static int draw_waiting(struct cw_decoder *d, struct waiting *w)
{
    uint32_t count = w->count;
    w->count = 0;
    return count == 0 ? 0 : cw_photo_draw(d->photo, &d->dsp, d->picture, d->width, w->parts, count);
}

/* Draws an operation after what waits, or has it wait, too. */
static int draw_in_turn(struct cw_decoder *d, struct waiting *w, const struct cw_op *op,
                        const struct cw_op_data *share)
{
    bool is_photo = op->mode == CW_OP_PHOTO;
    struct cw_photo_part part = {op->rect, *share};
    int err = 0;
    if (!is_photo || w->count == CW_PHOTO_PARTS_MAX ||
        (w->count > 0 && !cw_photo_apart(&w->parts[0], &part)))
        err = draw_waiting(d, w);
    if (err != 0)
        return err;
    if (!is_photo)
        return draw_op(d, op, share);
    w->parts[w->count++] = part;
    return 0;
}

/* A body that passed cw_body_check onto the picture. */
static int draw(struct cw_decoder *d, const struct cw_header *h, const struct cw_body_view *view)
{
    struct cw_op_data left = {view->data, SIZE_MAX, view->raw, h->raw_bytes};
    struct waiting waiting = {.count = 0};
    size_t count = 0;
    cw_palette_take(&d->palette, &view->colours);
    for (uint32_t i = 0; i < h->op_count; i++) {
        struct cw_op op = cw_op_read(view->table + (size_t)i * CW_OP_BYTES);
        struct cw_op_data share;
        int err = cw_op_measure(&op, &view->colours, &left, &share);
        if (err != 0)
            return err;
        err = draw_in_turn(d, &waiting, &op, &share);
        if (err != 0)
            return err;
        if (op.mode != CW_OP_SAVE)
            d->damage[count++] = op.rect;
        left.data += share.data_bytes;
        if (share.raw_bytes != 0)
            left.raw += share.raw_bytes;
        left.raw_bytes -= share.raw_bytes;
    }
    d->damage_count = count;
    return draw_waiting(d, &waiting);
}

static int apply_keyframe(struct cw_decoder *d, const struct cw_header *h, const uint8_t *packet,
                          size_t packet_bytes)
{
    uint64_t pixels = (uint64_t)h->width * h->height;
    if (pixels > d->pixels_max || h->body_bytes > cw_body_bytes_max(h->width, h->height) ||
        h->raw_bytes > cw_raw_bytes_max(h->width, h->height))
        return CW_CODEC_ERR_PACKET;
    if (h->width != d->width || h->height != d->height) {
        size_t body_bytes = cw_body_bytes_max(h->width, h->height) + 1;
        uint8_t *picture = malloc((size_t)pixels * 4);
        uint8_t *body = malloc(body_bytes);
        struct cw_cache cache = {0};
        struct cw_moving_decoder *moving = NULL;
        if (picture == NULL || body == NULL || cw_cache_new(&cache, h->width, h->height) != 0 ||
            cw_moving_decoder_new(h->width, h->height, &moving) != 0) {
            cw_cache_free(&cache);
            free(picture);
            free(body);
            return CW_CODEC_ERR_NOMEM;
        }
        free(d->picture);
        free(d->body);
        cw_cache_free(&d->cache);
        d->cache = cache;
        cw_moving_decoder_free(d->moving);
        d->moving = moving;
        d->picture = picture;
        d->body = body;
        d->width = h->width;
        d->height = h->height;
        memset(d->picture, 0, (size_t)pixels * 4);
    }
    struct cw_body_view view;
    int err = read_body(d, h, packet, packet_bytes, &view);
    if (err != 0)
        return err;
    memset(d->picture, 0, (size_t)pixels * 4);
    err = draw(d, h, &view);
    if (err != 0)
        return err;
    /* What no operation painted became black, so all of the picture may have changed. */
    d->damage[0] = (struct cw_rect){0, 0, d->width, d->height};
    d->damage_count = 1;
    d->streaming = false;
    return 0;
}

static int apply_update(struct cw_decoder *d, const struct cw_header *h, const uint8_t *packet,
                        size_t packet_bytes)
{
    if (!d->synced || h->number != d->number + 1 || (!h->restart && !d->streaming))
        return CW_CODEC_ERR_SYNC;
    if (h->body_bytes > cw_body_bytes_max(d->width, d->height) ||
        h->raw_bytes > cw_raw_bytes_max(d->width, d->height))
        return CW_CODEC_ERR_PACKET;
    struct cw_body_view view;
    int err = read_body(d, h, packet, packet_bytes, &view);
    if (err == 0)
        err = draw(d, h, &view);
    if (err != 0)
        return err;
    d->streaming = true;
    return 0;
}

/* A picture has a size and memory, and in sync there is a picture. */
static void decoder_check(const struct cw_decoder *d)
{
    CW_CODEC_CHECK((d->width == 0) == (d->picture == NULL));
    CW_CODEC_CHECK((d->height == 0) == (d->body == NULL));
    CW_CODEC_CHECK((uint64_t)d->width * d->height <= d->pixels_max);
    CW_CODEC_CHECK(!d->synced || d->width != 0);
    CW_CODEC_CHECK(d->damage_count <= CW_OPS_MAX);
}

int cw_decoder_apply(struct cw_decoder *d, const uint8_t *packet, size_t packet_bytes)
{
    struct cw_header h;
    decoder_check(d);
    d->damage_count = 0;
    int err = cw_header_read(packet, packet_bytes, &h);
    if (err == 0 && h.restart) {
        ZSTD_DCtx_reset(d->stream, ZSTD_reset_session_only);
        cw_cache_clear(&d->cache);
        d->palette.count = 0;
        if (d->moving != NULL)
            cw_moving_decoder_restart(d->moving);
    }
    if (err == 0 && h.kind == CW_PACKET_KEYFRAME)
        err = apply_keyframe(d, &h, packet, packet_bytes);
    else if (err == 0)
        err = apply_update(d, &h, packet, packet_bytes);
    d->synced = err == 0;
    if (err == 0)
        d->number = h.number;
    decoder_check(d);
    return err;
}

const struct cw_rect *cw_decoder_damage(const struct cw_decoder *d, size_t *ret_count)
{
    *ret_count = d->damage_count;
    return d->damage;
}

uint32_t cw_decoder_width(const struct cw_decoder *d)
{
    return d->width;
}

uint32_t cw_decoder_height(const struct cw_decoder *d)
{
    return d->height;
}

uint32_t cw_decoder_update_number(const struct cw_decoder *d)
{
    return d->number;
}

const uint8_t *cw_decoder_picture(const struct cw_decoder *d)
{
    return d->picture;
}

int cw_decoder_copy_rgba(const struct cw_decoder *d, struct cw_rect rect, uint8_t *rgba,
                         size_t rgba_bytes)
{
    if (rect.x > d->width || rect.w > d->width - rect.x || rect.y > d->height ||
        rect.h > d->height - rect.y || rgba_bytes / 4 < (size_t)rect.w * rect.h)
        return CW_CODEC_ERR_ARGUMENT;
    for (uint32_t y = 0; y < rect.h && rect.w > 0; y++)
        d->dsp.rgba_row(rgba + (size_t)y * rect.w * 4,
                        d->picture + ((size_t)(rect.y + y) * d->width + rect.x) * 4, rect.w);
    return 0;
}
