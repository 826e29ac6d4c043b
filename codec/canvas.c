/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/canvas.h"

#include <stdlib.h>
#include <string.h>

#include "codec/packet.h"

void cw_canvas_free(struct cw_canvas *c)
{
    free(c->model);
    free(c->reduced);
    cw_lossy_free(c->lossy);
    cw_film_free(c->film);
    cw_body_free(&c->body);
    cw_damage_free(c->damage);
    cw_motion_free(c->motion);
    cw_photo_free(c->photo);
    cw_cache_find_free(c->cache);
    cw_text_free(c->text);
    ZSTD_freeCCtx(c->stream);
    *c = (struct cw_canvas){0};
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

bool cw_settings_want_loss(const struct cw_encoder_settings *s)
{
    return s->lossy_pictures || s->colours == CW_COLOURS_VIDEO;
}

bool cw_settings_want_reduced(const struct cw_encoder_settings *s)
{
    return s->colours == CW_COLOURS_MORE || s->colours == CW_COLOURS_FEW ||
           s->colours == CW_COLOURS_GREY;
}

int cw_canvas_fit(struct cw_canvas *c, const struct cw_encoder_settings *s)
{
    uint8_t *reduced = NULL;
    struct cw_lossy *lossy = NULL;
    struct cw_film *film = NULL;
    if (cw_settings_want_reduced(s) && c->reduced == NULL)
        reduced = calloc((size_t)c->width * c->height, 4);
    if (cw_settings_want_loss(s) && c->lossy == NULL)
        lossy = cw_lossy_new(c->width, c->height, c->model);
    if (lossy != NULL)
        film = cw_film_new(c->width, c->height);
    if ((cw_settings_want_reduced(s) && c->reduced == NULL && reduced == NULL) ||
        (cw_settings_want_loss(s) && c->lossy == NULL && film == NULL)) {
        free(reduced);
        cw_lossy_free(lossy);
        cw_film_free(film);
        return CW_CODEC_ERR_NOMEM;
    }
    c->reduced = reduced != NULL ? reduced : c->reduced;
    c->lossy = lossy != NULL ? lossy : c->lossy;
    c->film = film != NULL ? film : c->film;
    return 0;
}

int cw_canvas_new(uint32_t width, uint32_t height, const struct cw_encoder_settings *settings,
                  struct cw_canvas *ret_canvas)
{
    if (width == 0 || height == 0 || width > CW_CODEC_SIDE_PX_MAX || height > CW_CODEC_SIDE_PX_MAX)
        return CW_CODEC_ERR_ARGUMENT;
    struct cw_canvas c = {
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
        !stream_prime(c.stream, width, height) || cw_canvas_fit(&c, settings) != 0) {
        cw_canvas_free(&c);
        return CW_CODEC_ERR_NOMEM;
    }
    c.damage->on_band = cw_motion_watch;
    c.damage->on_band_context = c.motion;
    *ret_canvas = c;
    return 0;
}

bool cw_canvas_is_solid(const struct cw_canvas *c, const struct cw_rect *rect)
{
    size_t stride = (size_t)c->width * 4;
    const uint8_t *first = c->model + rect->y * stride + (size_t)rect->x * 4;
    for (uint32_t x = 1; x < rect->w; x++)
        if (memcmp(first, first + (size_t)4 * x, 4) != 0)
            return false;
    for (uint32_t y = 1; y < rect->h; y++)
        if (memcmp(first, first + y * stride, (size_t)4 * rect->w) != 0)
            return false;
    return true;
}

size_t cw_canvas_painted_px(const struct cw_canvas *c)
{
    size_t pixels = cw_film_area(c->film);
    for (uint32_t i = 0; i < c->damage->patch_count; i++)
        pixels += (size_t)c->damage->patches[i].rect.w * c->damage->patches[i].rect.h;
    return pixels;
}

/* Writes a rectangle of the frame in these colours. */
static void reduce_rect(struct cw_canvas *c, const struct cw_dsp *dsp, enum cw_colour_mode colours,
                        const uint8_t *bgrx, size_t stride_bytes, const struct cw_rect *rect)
{
    CW_DECL_REDUCE_ROW((*reduce)) = colours == CW_COLOURS_GREY  ? dsp->reduce_grey_row
                                    : colours == CW_COLOURS_FEW ? dsp->reduce_8_row
                                                                : dsp->reduce_16_row;
    if (rect->x >= c->width || rect->y >= c->height || rect->w == 0 || rect->h == 0)
        return;
    /* Whole blocks: the scan widens hints to these. */
    uint32_t x0 = rect->x - rect->x % CW_BLOCK_PX;
    uint32_t x1 = rect->w < c->width - rect->x ? rect->x + rect->w : c->width;
    x1 += (CW_BLOCK_PX - x1 % CW_BLOCK_PX) % CW_BLOCK_PX;
    x1 = x1 < c->width ? x1 : c->width;
    uint32_t y1 = rect->h < c->height - rect->y ? rect->y + rect->h : c->height;
    for (uint32_t y = rect->y; y < y1; y++)
        reduce(c->reduced + ((size_t)y * c->width + x0) * 4,
               bgrx + y * stride_bytes + (size_t)x0 * 4, x1 - x0);
}

void cw_canvas_reduce(struct cw_canvas *c, const struct cw_dsp *dsp, enum cw_colour_mode colours,
                      const uint8_t *bgrx, size_t stride_bytes, const struct cw_rect *hints,
                      size_t hint_count)
{
    const struct cw_rect all = {0, 0, c->width, c->height};
    if (hint_count == 0)
        reduce_rect(c, dsp, colours, bgrx, stride_bytes, &all);
    for (size_t i = 0; i < hint_count; i++)
        reduce_rect(c, dsp, colours, bgrx, stride_bytes, &hints[i]);
}

void cw_canvas_mark_keyframe(struct cw_canvas *c, const struct cw_dsp *dsp, bool is_kept_sent)
{
    const struct cw_lossy *l = c->lossy;
    cw_damage_all(c->damage);
    for (uint32_t i = 0; is_kept_sent && i < l->tile_columns * l->tile_rows; i++)
        if (l->tiles[i].kept_bytes != 0)
            cw_damage_clear(c->damage, &l->tiles[i].kept_rect);
    struct cw_rect film = is_kept_sent ? cw_film_kept_blocks(c->film) : (struct cw_rect){0};
    if (film.w != 0)
        cw_damage_clear(c->damage, &film);
    c->damage->is_strict = is_kept_sent;
    c->damage->find_pictures = false;
    cw_damage_gather(c->damage, dsp, c->model, (size_t)c->width * 4,
                     is_kept_sent ? cw_lossy_kept_count(l) + 1 : 0);
    c->damage->is_strict = false;
}

void cw_canvas_send_kept(struct cw_canvas *c)
{
    const struct cw_lossy *l = c->lossy;
    if (cw_film_kept_blocks(c->film).w != 0)
        cw_film_send_kept(c->film, &c->body);
    for (uint32_t i = 0; i < l->tile_columns * l->tile_rows; i++)
        if (l->tiles[i].kept_bytes != 0)
            cw_lossy_send_kept(l, &l->tiles[i], &c->body);
}
