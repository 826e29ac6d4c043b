/* SPDX-License-Identifier: Apache-2.0 */
/* The encoder: damage -> patches -> body -> one zstd stream (codec/FORMAT.md). */
#include "codec/codec.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "codec/body.h"
#include "codec/cache_find.h"
#include "codec/check.h"
#include "codec/damage.h"
#include "codec/dsp.h"
#include "codec/limits.h"
#include "codec/motion.h"
#include "codec/packet.h"
#include "codec/photo.h"
#include "codec/text.h"

/* Everything whose size follows the picture's. */
struct canvas {
    uint32_t width, height;
    uint8_t *model;
    struct cw_body body;
    struct cw_damage *damage;
    struct cw_motion *motion;
    struct cw_photo *photo;
    struct cw_cache_find *cache;
    struct cw_text *text;
    ZSTD_CCtx *stream;
};

struct cw_encoder {
    struct cw_dsp dsp;
    struct canvas canvas;
    uint32_t number;
    bool restart; /* the next update starts a new history */
};

static void canvas_free(struct canvas *c)
{
    free(c->model);
    cw_body_free(&c->body);
    cw_damage_free(c->damage);
    cw_motion_free(c->motion);
    cw_photo_free(c->photo);
    cw_cache_find_free(c->cache);
    cw_text_free(c->text);
    ZSTD_freeCCtx(c->stream);
    *c = (struct canvas){0};
}

/* zstd takes its memory at the first use of a setting: use it once, so that later packets take
 * none. */
static bool stream_prime(ZSTD_CCtx *stream, uint32_t width, uint32_t height)
{
    uint8_t in = 0;
    uint8_t out[64];
    ZSTD_inBuffer from = {&in, 1, 0};
    ZSTD_outBuffer to = {out, sizeof(out), 0};
    int window_log = cw_window_log(width, height);
    /* Level 1; a larger table than its own finds matches all over a window of this size. */
    if (ZSTD_isError(ZSTD_CCtx_setParameter(stream, ZSTD_c_compressionLevel, 1)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(stream, ZSTD_c_windowLog, window_log)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(stream, ZSTD_c_hashLog, 16)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(stream, ZSTD_c_contentSizeFlag, 0)))
        return false;
    if (ZSTD_isError(ZSTD_compressStream2(stream, &to, &from, ZSTD_e_flush)))
        return false;
    return !ZSTD_isError(ZSTD_CCtx_reset(stream, ZSTD_reset_session_only));
}

static int canvas_new(uint32_t width, uint32_t height, struct canvas *ret_canvas)
{
    if (width == 0 || height == 0 || width > CW_CODEC_SIDE_PX_MAX || height > CW_CODEC_SIDE_PX_MAX)
        return CW_CODEC_ERR_ARGUMENT;
    struct canvas c = {
        .width = width,
        .height = height,
        .model = calloc((size_t)width * height, 4),
        .damage = cw_damage_new(width, height),
        .motion = cw_motion_new(width, height),
        .photo = cw_photo_new(width, height),
        .cache = cw_cache_find_new(width, height),
        .text = cw_text_new(width, height),
        .stream = ZSTD_createCCtx(),
    };
    int err = cw_body_new(&c.body, width, height);
    if (err != 0 || c.model == NULL || c.damage == NULL || c.motion == NULL || c.photo == NULL ||
        c.cache == NULL || c.text == NULL || c.stream == NULL ||
        !stream_prime(c.stream, width, height)) {
        canvas_free(&c);
        return CW_CODEC_ERR_NOMEM;
    }
    *ret_canvas = c;
    return 0;
}

/* The picture has a size, memory of that size, and a history to go on with or to start. */
static void encoder_check(const struct cw_encoder *e)
{
    CW_CODEC_CHECK(e->canvas.width >= 1 && e->canvas.width <= CW_CODEC_SIDE_PX_MAX);
    CW_CODEC_CHECK(e->canvas.height >= 1 && e->canvas.height <= CW_CODEC_SIDE_PX_MAX);
    CW_CODEC_CHECK(e->canvas.model != NULL && e->canvas.stream != NULL);
    CW_CODEC_CHECK(e->canvas.damage->width == e->canvas.width);
    CW_CODEC_CHECK(e->canvas.damage->height == e->canvas.height);
}

int cw_encoder_new(uint32_t width_px, uint32_t height_px, struct cw_encoder **ret_encoder)
{
    struct cw_encoder *e = calloc(1, sizeof(*e));
    if (e == NULL)
        return CW_CODEC_ERR_NOMEM;
    int err = cw_dsp_init(&e->dsp);
    if (err == 0)
        err = canvas_new(width_px, height_px, &e->canvas);
    if (err != 0) {
        free(e);
        return err;
    }
    e->restart = true;
    *ret_encoder = e;
    return 0;
}

struct cw_encoder *cw_encoder_free(struct cw_encoder *e)
{
    if (e != NULL) {
        canvas_free(&e->canvas);
        free(e);
    }
    return NULL;
}

int cw_encoder_resize(struct cw_encoder *e, uint32_t width_px, uint32_t height_px)
{
    struct canvas c;
    encoder_check(e);
    int err = canvas_new(width_px, height_px, &c);
    if (err != 0)
        return err;
    canvas_free(&e->canvas);
    e->canvas = c;
    /* The change of size is an update that nobody gets: whoever skips the keyframe is out of
     * sync. */
    e->number++;
    e->restart = true;
    return 0;
}

size_t cw_encoder_packet_bytes_max(const struct cw_encoder *e)
{
    /* A flush may end a block early: 3 bytes of header, and the frame's own 18, beyond the
     * bound. Raw bytes take the place of the data of the same pixels (codec/body.h). */
    return CW_HEADER_BYTES_MAX +
           ZSTD_compressBound(cw_body_bytes_max(e->canvas.width, e->canvas.height)) + 64;
}

/* True when the patch is one colour. */
static bool patch_is_solid(const uint8_t *picture, size_t stride, const struct cw_rect *r)
{
    const uint8_t *first = picture + r->y * stride + (size_t)r->x * 4;
    for (uint32_t x = 1; x < r->w; x++)
        if (memcmp(first, first + (size_t)4 * x, 4) != 0)
            return false;
    for (uint32_t y = 1; y < r->h; y++)
        if (memcmp(first, first + y * stride, (size_t)4 * r->w) != 0)
            return false;
    return true;
}

/* Codes one patch of the model. shown: the rest of the model is what the decoder shows by then. */
static void code_patch(struct cw_encoder *e, const struct cw_patch *p, bool shown)
{
    const struct cw_rect *r = &p->rect;
    size_t stride = (size_t)e->canvas.width * 4;
    const uint8_t *pixels = e->canvas.model + r->y * stride + (size_t)r->x * 4;
    struct cw_op op = {.rect = *r};
    if (patch_is_solid(e->canvas.model, stride, r)) {
        op.mode = CW_OP_SOLID;
        memcpy(cw_body_add(&e->canvas.body, &op, 3), pixels, 3);
        return;
    }
    if (p->class == CW_CLASS_TEXT &&
        cw_text_code(e->canvas.text, &e->dsp, e->canvas.model, r, &e->canvas.body))
        return;
    if (p->class == CW_CLASS_PHOTO &&
        cw_photo_code(e->canvas.photo, &e->dsp, e->canvas.model, *r, shown, &e->canvas.body))
        return;
    op.mode = p->class == CW_CLASS_PHOTO ? CW_OP_LEFT : CW_OP_PLANES;
    size_t plane = (size_t)r->w * r->h;
    uint8_t *data = cw_body_add(&e->canvas.body, &op, 3 * plane);
    for (uint32_t y = 0; y < r->h; y++) {
        uint8_t *g = data + (size_t)y * r->w;
        if (op.mode == CW_OP_LEFT)
            e->dsp.split_left_row(pixels + y * stride, r->w, g, g + plane, g + 2 * plane);
        else
            e->dsp.split_row(pixels + y * stride, r->w, g, g + plane, g + 2 * plane);
    }
}

/* Takes one patch of the frame into the model. */
static void take_patch(struct cw_encoder *e, const struct cw_rect *r, const uint8_t *bgrx,
                       size_t stride_bytes)
{
    size_t stride = (size_t)e->canvas.width * 4;
    for (uint32_t y = r->y; y < r->y + r->h; y++)
        e->dsp.take_row(e->canvas.model + y * stride + (size_t)r->x * 4,
                        bgrx + y * stride_bytes + (size_t)r->x * 4, r->w);
}

/* What an update takes from the previous picture and from the cache. */
struct old {
    const struct cw_cache_move *saves, *restores;
    const struct cw_copy *copies;
    size_t save_count, restore_count, copy_count;
};

/* Codes what is old and the damage's patches into the body. Text goes first: its colours are counted over all of it.
 * bgrx:
 * each other patch is taken from this frame when its turn comes, so that around it the model is what the decoder shows;
 * NULL: the model is coded as it is. */
static void code_body(struct cw_encoder *e, bool restart, const struct old *old,
                      const uint8_t *bgrx, size_t stride_bytes)
{
    const struct cw_damage *d = e->canvas.damage;
    cw_body_clear(&e->canvas.body);
    if (restart)
        cw_text_restart(e->canvas.text);
    for (size_t i = 0; i < old->save_count; i++) {
        struct cw_op op = {.rect = old->saves[i].rect, .mode = CW_OP_SAVE};
        *cw_body_add(&e->canvas.body, &op, 1) = (uint8_t)old->saves[i].from.layer;
    }
    for (size_t i = 0; i < old->copy_count; i++) {
        struct cw_op op = {.rect = old->copies[i].to, .mode = CW_OP_COPY};
        uint8_t *data = cw_body_add(&e->canvas.body, &op, 4);
        cw_write_le16(data, old->copies[i].from_x);
        cw_write_le16(data + 2, old->copies[i].from_y);
    }
    for (size_t i = 0; i < old->restore_count; i++) {
        struct cw_op op = {.rect = old->restores[i].rect, .mode = CW_OP_RESTORE};
        cw_cache_from_write(&old->restores[i].from, &op.rect, cw_body_add(&e->canvas.body, &op, 4));
    }
    for (uint32_t i = 0; i < d->patch_count; i++) {
        if (d->patches[i].class != CW_CLASS_TEXT)
            continue;
        if (bgrx != NULL)
            take_patch(e, &d->patches[i].rect, bgrx, stride_bytes);
        cw_text_survey(e->canvas.text, e->canvas.model, &d->patches[i].rect);
    }
    for (uint32_t i = 0; i < d->patch_count; i++)
        if (d->patches[i].class == CW_CLASS_TEXT)
            code_patch(e, &d->patches[i], bgrx != NULL);
    for (uint32_t i = 0; i < d->patch_count; i++) {
        if (d->patches[i].class == CW_CLASS_TEXT)
            continue;
        if (bgrx != NULL)
            take_patch(e, &d->patches[i].rect, bgrx, stride_bytes);
        code_patch(e, &d->patches[i], bgrx != NULL);
    }
    cw_text_finish(e->canvas.text, &e->canvas.body);
}

/* One part of the body into the stream. False: no room or no memory. */
static bool compress(struct cw_encoder *e, const void *part, size_t bytes, ZSTD_EndDirective end,
                     ZSTD_outBuffer *to)
{
    ZSTD_inBuffer from = {part, bytes, 0};
    size_t left = ZSTD_compressStream2(e->canvas.stream, to, &from, end);
    return !ZSTD_isError(left) && from.pos == from.size && (end == ZSTD_e_continue || left == 0);
}

/* Header, compressed body and raw bytes to out. After an error the history is in doubt: a keyframe must
 * follow. */
static int write_packet(struct cw_encoder *e, struct cw_header *h, uint8_t *out, size_t out_bytes,
                        size_t *ret_bytes)
{
    const struct cw_body *b = &e->canvas.body;
    bool keyframe = h->kind == CW_PACKET_KEYFRAME;
    h->op_count = b->op_count;
    h->body_bytes = (uint32_t)cw_body_bytes(b);
    h->has_colours = b->colour_bytes != 0;
    h->raw_bytes = (uint32_t)b->raw_bytes;
    size_t header_bytes = cw_header_write(h, out);
    ZSTD_outBuffer to = {out + header_bytes, out_bytes - header_bytes - b->raw_bytes, 0};
    bool ok =
        !h->restart || !ZSTD_isError(ZSTD_CCtx_reset(e->canvas.stream, ZSTD_reset_session_only));
    ok = ok && compress(e, b->colours, b->colour_bytes, ZSTD_e_continue, &to);
    ok = ok && compress(e, b->table, (size_t)b->op_count * CW_OP_BYTES, ZSTD_e_continue, &to);
    ok = ok && compress(e, b->data, b->data_bytes, keyframe ? ZSTD_e_end : ZSTD_e_flush, &to);
    if (!ok) {
        e->number++;
        e->restart = true;
        return CW_CODEC_ERR_NOMEM;
    }
    memcpy(out + header_bytes + to.pos, b->raw, b->raw_bytes);
    e->restart = keyframe;
    *ret_bytes = header_bytes + to.pos + b->raw_bytes;
    return 0;
}

/* Makes the copies and restores on the model before what differs is found for good: right whatever
 * they are. */
static void find_old(struct cw_encoder *e, const uint8_t *bgrx, size_t stride_bytes,
                     struct old *ret_old)
{
    struct canvas *c = &e->canvas;
    struct cw_cache_view view = {&e->dsp, c->damage, bgrx, stride_bytes, c->model};
    struct old old = {0};
    if (e->restart)
        cw_cache_find_clear(c->cache);
    if (!cw_cache_find_look(c->cache, &view))
        old.copies = cw_motion_find(c->motion, c->damage, &e->dsp, bgrx, stride_bytes, c->model,
                                    &old.copy_count);
    old.saves = cw_cache_find_save(c->cache, &view, old.copies, old.copy_count, &old.save_count);
    for (size_t i = 0; i < old.copy_count; i++)
        cw_copy_rect(c->model, c->width, old.copies[i].to, old.copies[i].from_x,
                     old.copies[i].from_y);
    for (size_t i = 0; i < old.copy_count; i++)
        cw_damage_moved(c->damage, &e->dsp, bgrx, stride_bytes, c->model, &old.copies[i].to);
    old.restores = cw_cache_find_restore(c->cache, &view, old.copy_count != 0, &old.restore_count);
    *ret_old = old;
}

int cw_encoder_update(struct cw_encoder *e, const uint8_t *bgrx, size_t stride_bytes,
                      const struct cw_rect *hints, size_t hint_count, uint8_t *out,
                      size_t out_bytes, size_t *ret_bytes)
{
    struct canvas *c = &e->canvas;
    encoder_check(e);
    if (stride_bytes < (size_t)c->width * 4)
        return CW_CODEC_ERR_ARGUMENT;
    if (out_bytes < cw_encoder_packet_bytes_max(e))
        return CW_CODEC_ERR_FULL;
    cw_damage_scan(c->damage, &e->dsp, bgrx, stride_bytes, c->model, hints, hint_count);
    struct old old = {0};
    find_old(e, bgrx, stride_bytes, &old);
    cw_damage_gather(c->damage, &e->dsp, bgrx, stride_bytes,
                     CW_COPIES_MAX + (uint32_t)(old.save_count + old.restore_count));
    if (old.copy_count == 0 && old.restore_count == 0 && c->damage->patch_count == 0) {
        *ret_bytes = 0;
        return 0;
    }
    cw_damage_crop(c->damage, bgrx, stride_bytes, c->model);
    struct cw_header h = {
        .kind = CW_PACKET_UPDATE,
        .restart = e->restart,
        .number = ++e->number,
    };
    code_body(e, h.restart, &old, bgrx, stride_bytes);
    return write_packet(e, &h, out, out_bytes, ret_bytes);
}

int cw_encoder_keyframe(struct cw_encoder *e, uint8_t *out, size_t out_bytes, size_t *ret_bytes)
{
    struct canvas *c = &e->canvas;
    encoder_check(e);
    if (out_bytes < cw_encoder_packet_bytes_max(e))
        return CW_CODEC_ERR_FULL;
    cw_damage_all(c->damage);
    cw_damage_gather(c->damage, &e->dsp, c->model, (size_t)c->width * 4, 0);
    struct cw_header h = {
        .kind = CW_PACKET_KEYFRAME,
        .restart = true,
        .number = e->number,
        .width = c->width,
        .height = c->height,
    };
    code_body(e, true, &(struct old){0}, NULL, 0);
    return write_packet(e, &h, out, out_bytes, ret_bytes);
}

uint32_t cw_encoder_update_number(const struct cw_encoder *e)
{
    return e->number;
}

const uint8_t *cw_encoder_model(const struct cw_encoder *e)
{
    return e->canvas.model;
}
