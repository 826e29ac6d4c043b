/* SPDX-License-Identifier: Apache-2.0 */
/* The encoder: damage -> patches -> body -> one zstd stream (codec/FORMAT.md). */
#include "codec/codec.h"

#include <stdlib.h>
#include <string.h>

#include "codec/budget.h"
#include "codec/canvas.h"
#include "codec/check.h"
#include "codec/limits.h"
#include "codec/pack.h"
#include "codec/packet.h"
#include "codec/text_join.h"

struct cw_encoder {
    struct cw_dsp dsp;
    struct cw_canvas canvas;
    struct cw_encoder_settings settings;
    struct cw_budget budget;
    uint32_t number;
    bool restart;                 /* the next update starts a new history */
    bool scan_all;                /* the next update compares everything, whatever the hints */
    const struct cw_copy *copies; /* of the update at work */
    size_t copy_count;
    uint32_t
        ops_due; /* of the packet at work: one for each patch that is still to come, and the film's */
};

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
    e->settings = cw_encoder_defaults();
    cw_budget_init(&e->budget);
    if (err == 0)
        err = cw_canvas_new(width_px, height_px, &e->settings, &e->canvas);
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
        cw_canvas_free(&e->canvas);
        free(e);
    }
    return NULL;
}

int cw_encoder_resize(struct cw_encoder *e, uint32_t width_px, uint32_t height_px)
{
    struct cw_canvas c;
    encoder_check(e);
    int err = cw_canvas_new(width_px, height_px, &e->settings, &c);
    if (err != 0)
        return err;
    cw_canvas_free(&e->canvas);
    e->canvas = c;
    /* The change of size is an update that nobody gets: whoever skips the keyframe is out of sync. */
    e->number++;
    e->restart = true;
    return 0;
}

struct cw_encoder_settings cw_encoder_defaults(void)
{
    return (struct cw_encoder_settings){.quality_min = 40, .quality_max = 85};
}

int cw_encoder_set(struct cw_encoder *e, const struct cw_encoder_settings *settings)
{
    encoder_check(e);
    if ((unsigned)settings->colours >= CW_COLOURS_COUNT || settings->quality_min < 1 ||
        settings->quality_max > CW_JPEG_QUALITY_MAX ||
        settings->quality_min > settings->quality_max)
        return CW_CODEC_ERR_ARGUMENT;
    int err = cw_canvas_fit(&e->canvas, settings);
    if (err != 0)
        return err;
    e->scan_all = e->scan_all || settings->colours != e->settings.colours;
    e->settings = *settings;
    return 0;
}

void cw_encoder_turn(struct cw_encoder *e, uint64_t now_ns, size_t budget_bytes)
{
    e->budget.now_ns = now_ns;
    e->budget.bytes = budget_bytes;
}

uint64_t cw_encoder_due_ns(const struct cw_encoder *e)
{
    if (e->scan_all)
        return 0;
    const struct cw_lossy *l = e->canvas.lossy;
    uint64_t oldest_ns = l != NULL ? cw_lossy_oldest_ns(l) : UINT64_MAX;
    if (oldest_ns == UINT64_MAX)
        return UINT64_MAX;
    return cw_settings_want_loss(&e->settings) ? oldest_ns + CW_CODEC_REST_NS : 0;
}

size_t cw_encoder_packet_bytes_max(const struct cw_encoder *e)
{
    /* A flush may end a block early: 3 bytes of header, and the frame's own 18, beyond the
     * bound. Raw bytes take the place of the data of the same pixels (codec/body.h). */
    return CW_HEADER_BYTES_MAX +
           ZSTD_compressBound(cw_body_bytes_max(e->canvas.width, e->canvas.height)) + 64;
}

/* A patch of text that is declined is halved if so many operations are left for tiles of pictures. */
enum { HALVES_OPS_LEFT = 2048 };

/* How a patch of the model is coded. */
struct how {
    bool shown;       /* the rest of the model is what the decoder shows by then */
    bool part;        /* of a patch of text that was declined */
    size_t *spare_px; /* that may be painted beyond it */
};

/* Codes one patch of the model. */
static void code_patch(struct cw_encoder *e, const struct cw_patch *p, const struct how *how)
{
    const struct cw_rect *r = &p->rect;
    size_t stride = (size_t)e->canvas.width * 4;
    const uint8_t *pixels = e->canvas.model + r->y * stride + (size_t)r->x * 4;
    struct cw_op op = {.rect = *r};
    bool is_text = p->class == CW_CLASS_TEXT;
    if (cw_canvas_is_solid(&e->canvas, r)) {
        op.mode = CW_OP_SOLID;
        memcpy(cw_body_add(&e->canvas.body, &op, 3), pixels, 3);
        return;
    }
    if (is_text && cw_text_code(e->canvas.text, &e->dsp, e->canvas.model, r, how->part,
                                how->spare_px, &e->canvas.body))
        return;
    struct cw_patch halves[2];
    uint32_t ops_left = cw_body_ops_left(&e->canvas.body);
    if (is_text && ops_left > HALVES_OPS_LEFT && ops_left > e->ops_due + 1 &&
        cw_text_halve(r, halves)) {
        /* A picture among it has too many colours, and the rest may be text. */
        const struct how half = {how->shown, true, how->spare_px};
        e->ops_due++;
        code_patch(e, &halves[0], &half);
        e->ops_due--;
        code_patch(e, &halves[1], &half);
        return;
    }
    if (is_text)
        cw_text_missed(e->canvas.text, r);
    /* Text in too many colours comes here, too; then other text around it may be in the model too early. */
    const struct cw_photo_task task = {
        .rect = *r,
        .class = p->class,
        .shown = how->shown && !is_text,
        .may_halve = cw_body_ops_left(&e->canvas.body) > e->ops_due + 1,
    };
    if (cw_photo_code(e->canvas.photo, &e->dsp, e->canvas.model, &task, &e->canvas.body))
        return;
    op.mode = is_text ? CW_OP_PLANES : CW_OP_LEFT;
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

/* Brings one patch to the model: from what was seen, where that is kept, or from the frame. */
static void take_patch(struct cw_encoder *e, const struct cw_rect *r, const uint8_t *bgrx,
                       size_t stride_bytes)
{
    struct cw_canvas *c = &e->canvas;
    size_t stride = (size_t)c->width * 4;
    if (c->lossy != NULL && c->lossy->is_begun) {
        bgrx = c->lossy->seen;
        stride_bytes = stride;
    }
    for (uint32_t y = r->y; y < r->y + r->h; y++)
        e->dsp.take_row(c->model + y * stride + (size_t)r->x * 4,
                        bgrx + y * stride_bytes + (size_t)r->x * 4, r->w);
}

/* Codes a patch without loss. changed: its content is new. */
static void code_exactly(struct cw_encoder *e, const struct cw_patch *p, const uint8_t *bgrx,
                         size_t stride_bytes, bool changed)
{
    take_patch(e, &p->rect, bgrx, stride_bytes);
    size_t none = 0;
    code_patch(e, p, &(struct how){true, false, &none});
    if (e->canvas.lossy != NULL)
        cw_lossy_exact(e->canvas.lossy, &p->rect, changed, e->budget.now_ns);
}

/* Codes a patch of pictures tile by tile, as long as there are operations for it and for all that is to come. */
static void code_picture(struct cw_encoder *e, const struct cw_patch *p, uint32_t quality)
{
    struct cw_canvas *c = &e->canvas;
    const struct cw_rect *r = &p->rect;
    uint32_t tile_px = c->lossy->tile_px;
    uint32_t tiles = (r->w / tile_px + 2) * (r->h / tile_px + 2);
    if (cw_body_ops_left(&c->body) < tiles + e->ops_due) {
        code_exactly(e, p, NULL, 0, true);
        return;
    }
    for (uint32_t y = r->y; y < r->y + r->h; y = y - y % tile_px + tile_px)
        for (uint32_t x = r->x; x < r->x + r->w; x = x - x % tile_px + tile_px) {
            struct cw_patch part = {cw_lossy_tile_part(c->lossy, r, x, y), CW_CLASS_PHOTO};
            if (!cw_lossy_code(c->lossy, &e->dsp, quality, &part.rect, c->model, &c->body,
                               e->budget.now_ns))
                code_exactly(e, &part, NULL, 0, true);
        }
}

static uint32_t quality_most(const struct cw_encoder *e)
{
    uint32_t max = e->settings.quality_max;
    bool is_video = e->settings.colours == CW_COLOURS_VIDEO;
    return is_video && max > CW_VIDEO_QUALITY_MAX ? CW_VIDEO_QUALITY_MAX : max;
}

/* The quality of this update's pictures, so many pixels. */
static uint32_t picture_quality(const struct cw_encoder *e, size_t pixels)
{
    uint32_t max = quality_most(e);
    uint32_t min = e->settings.quality_min < max ? e->settings.quality_min : max;
    return cw_budget_quality(&e->budget, pixels, min, max);
}

/* All patches but text. Each is taken when its turn comes, so that around it the model is what the decoder shows. */
static void code_smooth(struct cw_encoder *e, const uint8_t *bgrx, size_t stride_bytes)
{
    const struct cw_damage *d = e->canvas.damage;
    size_t pixels = cw_damage_picture_px(d);
    for (uint32_t i = 0; i < d->patch_count; i++) {
        const struct cw_patch *p = &d->patches[i];
        if (p->class != CW_CLASS_TEXT && e->canvas.lossy != NULL &&
            !cw_copies_uncover(e->copies, e->copy_count, &p->rect))
            cw_classify_changed(e->canvas.lossy->cells, &p->rect, e->budget.now_ns);
    }
    /* Little of a picture costs little as it is. */
    bool is_lossy = pixels >= CW_LOSSY_PX_MIN;
    uint32_t quality = picture_quality(e, pixels);
    size_t raw_bytes = e->canvas.body.raw_bytes;
    for (uint32_t i = 0; i < d->patch_count; i++)
        if (is_lossy && d->patches[i].class == CW_CLASS_PICTURE) {
            e->ops_due--;
            code_picture(e, &d->patches[i], quality);
        }
    if (is_lossy)
        cw_budget_pictures(&e->budget, pixels, quality, e->canvas.body.raw_bytes - raw_bytes);
    for (uint32_t i = 0; i < d->patch_count; i++) {
        const struct cw_patch *p = &d->patches[i];
        if (p->class == CW_CLASS_PHOTO || (p->class == CW_CLASS_PICTURE && !is_lossy)) {
            e->ops_due--;
            code_exactly(e, p, bgrx, stride_bytes, true);
        }
    }
}

/* How many pixels may be painted beyond the damage: what is left of the picture, without what may yet be built up. */
static size_t spare_pixels(const struct cw_canvas *c)
{
    bool is_exact = c->lossy == NULL || c->lossy->lossy_blocks == 0;
    return is_exact ? (size_t)c->width * c->height - cw_canvas_painted_px(c) : 0;
}

/* Codes the damage's patches. Text goes first: its colours are counted over all of it. */
static void code_damage(struct cw_encoder *e, const uint8_t *bgrx, size_t stride_bytes)
{
    struct cw_canvas *c = &e->canvas;
    const struct cw_damage *d = c->damage;
    size_t spare_px = spare_pixels(c);
    cw_text_join(c->damage->patches, &c->damage->patch_count, &spare_px);
    e->ops_due = d->patch_count + (cw_film_area(c->film) != 0);
    if (c->lossy != NULL && cw_damage_picture_px(d) >= CW_LOSSY_PX_MIN)
        cw_lossy_begin(c->lossy);
    if (c->lossy != NULL)
        for (uint32_t i = 0; i < d->patch_count; i++)
            cw_lossy_see(c->lossy, &e->dsp, &d->patches[i].rect, bgrx, stride_bytes);
    for (uint32_t i = 0; i < d->patch_count; i++)
        if (d->patches[i].class == CW_CLASS_TEXT) {
            take_patch(e, &d->patches[i].rect, bgrx, stride_bytes);
            cw_text_survey(c->text, c->model, &d->patches[i].rect);
        }
    for (uint32_t i = 0; i < d->patch_count; i++)
        if (d->patches[i].class == CW_CLASS_TEXT) {
            e->ops_due--;
            code_patch(e, &d->patches[i], &(struct how){true, false, &spare_px});
            if (c->lossy != NULL)
                cw_lossy_exact(c->lossy, &d->patches[i].rect, true, e->budget.now_ns);
        }
    code_smooth(e, bgrx, stride_bytes);
    cw_text_finish(c->text, &c->body);
}

/* The patches of the damage that is left. reserve: operations that are none. */
static void gather(struct cw_encoder *e, const uint8_t *bgrx, size_t stride_bytes,
                   const uint8_t *picture, uint32_t reserve)
{
    struct cw_canvas *c = &e->canvas;
    /* Without loss photographs take more than a byte a pixel. */
    c->damage->find_busy = cw_damage_marked_px(c->damage) > e->budget.bytes;
    cw_damage_gather(c->damage, &e->dsp, bgrx, stride_bytes, reserve + 1);
    cw_damage_crop(c->damage, bgrx, stride_bytes, picture);
    if (cw_canvas_painted_px(c) <= (size_t)c->width * c->height)
        return;
    /* Patches reach so far into the film that a packet may not paint both: all as patches. */
    c->film->rect = (struct cw_rect){0};
    cw_damage_all(c->damage);
    cw_damage_gather(c->damage, &e->dsp, bgrx, stride_bytes, reserve);
}

/* Makes exact what has rested, oldest first, as far as the budget goes. Gives how many pixels that were. */
static size_t build_up(struct cw_encoder *e)
{
    struct cw_canvas *c = &e->canvas;
    const bool is_wanted = cw_settings_want_loss(&e->settings);
    uint64_t now_ns = e->budget.now_ns;
    uint64_t rested_ns = now_ns > CW_CODEC_REST_NS ? now_ns - CW_CODEC_REST_NS : 0;
    /* Compressed, what is coded without loss by now takes a third at most. */
    size_t spent = c->body.raw_bytes + c->body.data_bytes / 3;
    size_t left = e->budget.bytes > spent ? e->budget.bytes - spent : 0;
    size_t pixels = 0;
    /* A packet paints no more pixels than the picture has, whatever this update painted already. */
    size_t room = (size_t)c->width * c->height - cw_canvas_painted_px(c);
    struct cw_patch p = {.class = CW_CLASS_PHOTO};
    if (is_wanted && now_ns < CW_CODEC_REST_NS)
        return 0;
    while (cw_body_ops_left(&c->body) > 0 &&
           cw_lossy_oldest(c->lossy, is_wanted ? rested_ns : UINT64_MAX, &p.rect)) {
        size_t area = (size_t)p.rect.w * p.rect.h;
        /* One tile at least, of an update that has nothing else. */
        bool is_first = c->body.op_count == 0 && left != 0;
        if (pixels + area > room ||
            (is_wanted && !is_first && cw_budget_exact(&e->budget, pixels + area) > left))
            break;
        code_exactly(e, &p, NULL, 0, false);
        pixels += area;
    }
    return pixels;
}

/* What an update takes from the previous picture and from the cache. */
struct old {
    const struct cw_cache_move *saves, *restores;
    const struct cw_copy *copies;
    size_t save_count, restore_count, copy_count;
};

static void code_old(struct cw_encoder *e, const struct old *old)
{
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
}

/* The packet to out. After an error the history is in doubt: a keyframe must follow. */
static int write_packet(struct cw_encoder *e, struct cw_header *h, uint8_t *out, size_t out_bytes,
                        size_t *ret_bytes)
{
    int err = cw_pack(e->canvas.stream, &e->canvas.body, h, out, out_bytes, ret_bytes);
    e->number += err != 0;
    e->restart = err != 0 || h->kind == CW_PACKET_KEYFRAME;
    return err;
}

/* Makes the copies on the picture that frames are compared with, and on the model. */
static void make_copies(struct cw_encoder *e, const uint8_t *bgrx, size_t stride_bytes,
                        uint8_t *picture, const struct old *old)
{
    struct cw_canvas *c = &e->canvas;
    for (size_t i = 0; i < old->copy_count; i++) {
        const struct cw_copy *copy = &old->copies[i];
        cw_copy_rect(c->model, c->width, copy->to, copy->from_x, copy->from_y);
        if (picture != c->model)
            cw_copy_rect(picture, c->width, copy->to, copy->from_x, copy->from_y);
        if (c->lossy != NULL) {
            cw_lossy_copied(c->lossy, &copy->to, copy->from_x, copy->from_y, e->budget.now_ns);
        }
    }
    for (size_t i = 0; i < old->copy_count; i++)
        cw_damage_moved(c->damage, &e->dsp, bgrx, stride_bytes, picture, &old->copies[i].to);
}

/* What came back is on the picture; brings it to the model. */
static void make_restores(struct cw_encoder *e, const struct old *old)
{
    for (size_t i = 0; e->canvas.lossy != NULL && i < old->restore_count; i++) {
        if (e->canvas.lossy->is_begun)
            take_patch(e, &old->restores[i].rect, NULL, 0);
        cw_lossy_exact(e->canvas.lossy, &old->restores[i].rect, true, e->budget.now_ns);
    }
}

/* Makes the copies and restores before what differs is found for good: right whatever they are. */
static void find_old(struct cw_encoder *e, const uint8_t *bgrx, size_t stride_bytes,
                     uint8_t *picture, struct old *ret_old)
{
    struct cw_canvas *c = &e->canvas;
    struct cw_cache_view view = {&e->dsp, c->damage, bgrx, stride_bytes, picture, NULL};
    struct old old = {0};
    if (c->lossy != NULL && c->lossy->lossy_blocks != 0)
        view.lossy = c->lossy->blocks;
    if (e->restart)
        cw_cache_find_clear(c->cache);
    if (!cw_cache_find_look(c->cache, &view))
        old.copies = cw_motion_find(c->motion, c->damage, &e->dsp, bgrx, stride_bytes, picture,
                                    &old.copy_count);
    /* Black that nobody has drawn never comes back, and would take a layer's memory. */
    if (c->is_drawn)
        old.saves =
            cw_cache_find_save(c->cache, &view, old.copies, old.copy_count, &old.save_count);
    make_copies(e, bgrx, stride_bytes, picture, &old);
    old.restores = cw_cache_find_restore(c->cache, &view, old.copy_count != 0, &old.restore_count);
    make_restores(e, &old);
    *ret_old = old;
}

/* Where a film plays, and whether it takes part in this update: before copies are looked for, as none moves it. */
static void find_film(struct cw_encoder *e, const uint8_t *bgrx, size_t stride_bytes)
{
    struct cw_canvas *c = &e->canvas;
    c->damage->find_pictures = cw_settings_want_loss(&e->settings);
    c->damage->moving = (struct cw_rect){0};
    if (c->film == NULL)
        return;
    if (c->damage->find_pictures)
        c->damage->moving =
            cw_classify_moving(c->lossy->cells, &e->dsp, bgrx, stride_bytes, e->budget.now_ns);
    cw_film_take(c->film, c->damage, c->lossy, &e->dsp, bgrx, stride_bytes, e->restart,
                 e->budget.now_ns);
}

/* The film over all that was painted, with what the budget has left for it. */
static void code_film(struct cw_encoder *e)
{
    struct cw_canvas *c = &e->canvas;
    if (cw_film_area(c->film) == 0)
        return;
    size_t spent = c->body.raw_bytes + c->body.data_bytes / 3;
    size_t left = SIZE_MAX;
    if (e->budget.bytes != SIZE_MAX)
        left = e->budget.bytes > 2 * spent ? e->budget.bytes - spent : e->budget.bytes / 2;
    cw_film_code(c->film, c->lossy, &e->dsp, c->model, &c->body, quality_most(e), left,
                 e->budget.now_ns);
}

int cw_encoder_update(struct cw_encoder *e, const uint8_t *bgrx, size_t stride_bytes,
                      const struct cw_rect *hints, size_t hint_count, uint8_t *out,
                      size_t out_bytes, size_t *ret_bytes)
{
    struct cw_canvas *c = &e->canvas;
    encoder_check(e);
    if (stride_bytes < (size_t)c->width * 4)
        return CW_CODEC_ERR_ARGUMENT;
    if (out_bytes < cw_encoder_packet_bytes_max(e))
        return CW_CODEC_ERR_FULL;
    if (e->scan_all)
        hint_count = 0;
    e->scan_all = false;
    if (cw_settings_want_reduced(&e->settings)) {
        cw_canvas_reduce(c, &e->dsp, e->settings.colours, bgrx, stride_bytes, hints, hint_count);
        bgrx = c->reduced;
        stride_bytes = (size_t)c->width * 4;
    }
    uint8_t *picture = c->lossy != NULL ? cw_lossy_picture(c->lossy) : c->model;
    struct old old = {0};
    cw_damage_scan(c->damage, &e->dsp, bgrx, stride_bytes, picture, hints, hint_count);
    find_film(e, bgrx, stride_bytes);
    if (c->lossy != NULL) /* a film may be the first loss */
        picture = cw_lossy_picture(c->lossy);
    find_old(e, bgrx, stride_bytes, picture, &old);
    e->copies = old.copies;
    e->copy_count = old.copy_count;
    gather(e, bgrx, stride_bytes, picture,
           CW_COPIES_MAX + (uint32_t)(old.save_count + old.restore_count));
    cw_body_clear(&c->body);
    bool is_changed = old.copy_count != 0 || old.restore_count != 0 ||
                      c->damage->patch_count != 0 || cw_film_area(c->film) != 0;
    if (e->restart)
        cw_text_restart(c->text);
    if (is_changed) {
        c->is_drawn = true;
        code_old(e, &old);
        code_damage(e, bgrx, stride_bytes);
        code_film(e);
    }
    size_t built_up_px = c->lossy != NULL ? build_up(e) : 0;
    if (c->body.op_count == 0) {
        *ret_bytes = 0;
        return 0;
    }
    struct cw_header h = {
        .kind = CW_PACKET_UPDATE,
        .restart = e->restart,
        .number = ++e->number,
    };
    int err = write_packet(e, &h, out, out_bytes, ret_bytes);
    if (err == 0 && !is_changed)
        cw_budget_built_up(&e->budget, built_up_px, *ret_bytes);
    return err;
}

int cw_encoder_keyframe(struct cw_encoder *e, uint8_t *out, size_t out_bytes, size_t *ret_bytes)
{
    struct cw_canvas *c = &e->canvas;
    encoder_check(e);
    if (out_bytes < cw_encoder_packet_bytes_max(e))
        return CW_CODEC_ERR_FULL;
    bool is_kept_sent = c->lossy != NULL && c->lossy->lossy_blocks != 0;
    cw_canvas_mark_keyframe(c, &e->dsp, is_kept_sent);
    if (c->damage->ran_short && is_kept_sent) {
        /* Patches that hold more than their blocks would paint the JPEGs a second time. */
        is_kept_sent = false;
        cw_canvas_mark_keyframe(c, &e->dsp, false);
    }
    struct cw_header h = {
        .kind = CW_PACKET_KEYFRAME,
        .restart = true,
        .number = e->number,
        .width = c->width,
        .height = c->height,
    };
    cw_body_clear(&c->body);
    if (is_kept_sent)
        cw_canvas_send_kept(c);
    size_t spare_px = 0;
    cw_text_restart(c->text);
    for (uint32_t i = 0; i < c->damage->patch_count; i++)
        if (c->damage->patches[i].class == CW_CLASS_TEXT)
            cw_text_survey(c->text, c->model, &c->damage->patches[i].rect);
    for (uint32_t i = 0; i < c->damage->patch_count; i++) {
        e->ops_due = c->damage->patch_count - i - 1;
        code_patch(e, &c->damage->patches[i], &(struct how){false, false, &spare_px});
    }
    cw_text_finish(c->text, &c->body);
    return write_packet(e, &h, out, out_bytes, ret_bytes);
}

void cw_encoder_expect_keyframe(struct cw_encoder *e)
{
    if (e->canvas.film != NULL)
        e->canvas.film->is_keyframe_due = true;
}

bool cw_encoder_plays_film(const struct cw_encoder *e)
{
    return e->canvas.lossy != NULL && e->canvas.lossy->cells->rect.w != 0;
}

uint32_t cw_encoder_update_number(const struct cw_encoder *e)
{
    return e->number;
}

const uint8_t *cw_encoder_model(const struct cw_encoder *e)
{
    return e->canvas.model;
}
