/* SPDX-License-Identifier: Apache-2.0 */
/* FreeRDP's encoders: RemoteFX (lossy, the library's threads and quantisation) and Planar (lossless). */
#include <freerdp/codec/color.h>
#include <freerdp/codec/planar.h>
#include <freerdp/codec/region.h>
#include <freerdp/codec/rfx.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/codec/contestant.h"
#include "bench/harness.h"

/* What a bitmap update says of each tile before its data. */
enum { TILE_PX = FRAMES_TILE_PX, PLANAR_HEADER_BYTES = 12, RECTS_MAX = 2048 };

struct rfx_state {
    const struct frames *frames;
    RFX_CONTEXT *encoder, *decoder;
    wStream *out;
    RFX_RECT *rects;
    REGION16 shown_region;
    uint8_t *shown;
};

static void rfx_stop(void *user)
{
    struct rfx_state *s = user;
    if (s->encoder != NULL)
        rfx_context_free(s->encoder);
    if (s->decoder != NULL)
        rfx_context_free(s->decoder);
    if (s->out != NULL)
        Stream_Free(s->out, TRUE);
    region16_uninit(&s->shown_region);
    free(s->rects);
    free(s->shown);
    free(s);
}

static RFX_CONTEXT *rfx_make(const struct frames *f, bool is_encoder)
{
    RFX_CONTEXT *context = rfx_context_new(is_encoder ? TRUE : FALSE);
    if (context == NULL)
        return NULL;
    rfx_context_set_pixel_format(context, PIXEL_FORMAT_BGRX32);
    context->mode = RLGR3;
    if (!rfx_context_reset(context, f->width, f->height)) {
        rfx_context_free(context);
        return NULL;
    }
    return context;
}

static void *rfx_start(const struct frames *f, const void *setting, bool shows)
{
    struct rfx_state *s = calloc(1, sizeof(*s));
    (void)setting;
    if (s == NULL)
        return NULL;
    s->frames = f;
    region16_init(&s->shown_region);
    s->encoder = rfx_make(f, true);
    s->out = Stream_New(NULL, (size_t)f->width * f->height * 4);
    s->rects = calloc(RECTS_MAX, sizeof(*s->rects));
    bool ok = s->encoder != NULL && s->out != NULL && s->rects != NULL;
    if (ok && shows) {
        s->decoder = rfx_make(f, false);
        s->shown = calloc((size_t)f->width * f->height, 4);
        ok = s->decoder != NULL && s->shown != NULL;
    }
    if (!ok) {
        (void)fprintf(stderr, "RemoteFX: no context\n");
        rfx_stop(s);
        return NULL;
    }
    return s;
}

static bool rfx_encode(void *user, uint32_t n, struct encoded *ret_encoded)
{
    struct rfx_state *s = user;
    const struct frames *f = s->frames;
    const struct frame_damage *d = &f->damage[n];
    *ret_encoded = (struct encoded){0};
    Stream_SetPosition(s->out, 0);
    if (d->count == 0)
        return true;
    if (d->count > RECTS_MAX)
        return false;
    for (uint32_t i = 0; i < d->count; i++)
        s->rects[i] = (RFX_RECT){(UINT16)d->rects[i].x, (UINT16)d->rects[i].y,
                                 (UINT16)d->rects[i].w, (UINT16)d->rects[i].h};
    double begin = bench_cpu_s();
    bool ok = rfx_compose_message(s->encoder, s->out, s->rects, d->count, f->pixels[n], f->width,
                                  f->height, f->width * 4);
    *ret_encoded = (struct encoded){Stream_GetPosition(s->out), bench_cpu_s() - begin};
    if (!ok)
        (void)fprintf(stderr, "RemoteFX: frame %u could not be encoded\n", n);
    return ok;
}

static const uint8_t *rfx_shown(void *user)
{
    struct rfx_state *s = user;
    const struct frames *f = s->frames;
    size_t bytes = Stream_GetPosition(s->out);
    if (bytes > 0 &&
        !rfx_process_message(s->decoder, Stream_Buffer(s->out), (UINT32)bytes, 0, 0, s->shown,
                             PIXEL_FORMAT_BGRX32, f->width * 4, f->height, &s->shown_region)) {
        (void)fprintf(stderr, "RemoteFX: its own message could not be decoded\n");
        return NULL;
    }
    return s->shown;
}

struct planar_state {
    const struct frames *frames;
    BITMAP_PLANAR_CONTEXT *encoder;
    BYTE out[TILE_PX * TILE_PX * 8];
};

static void planar_stop(void *user)
{
    struct planar_state *s = user;
    if (s->encoder != NULL)
        freerdp_bitmap_planar_context_free(s->encoder);
    free(s);
}

static void *planar_start(const struct frames *f, const void *setting, bool shows)
{
    struct planar_state *s = calloc(1, sizeof(*s));
    (void)setting;
    (void)shows;
    if (s == NULL)
        return NULL;
    s->frames = f;
    s->encoder = freerdp_bitmap_planar_context_new(
        PLANAR_FORMAT_HEADER_NA | PLANAR_FORMAT_HEADER_RLE, TILE_PX, TILE_PX);
    if (s->encoder == NULL) {
        (void)fprintf(stderr, "Planar: no context\n");
        planar_stop(s);
        return NULL;
    }
    return s;
}

/* A tile that does not shrink is refused, and goes as it is. */
static size_t planar_tile(struct planar_state *s, const uint8_t *pixels, uint32_t w, uint32_t h)
{
    UINT32 bytes = sizeof(s->out);
    const BYTE *out = freerdp_bitmap_compress_planar(s->encoder, pixels, PIXEL_FORMAT_BGRX32, w, h,
                                                     s->frames->width * 4, s->out, &bytes);
    return PLANAR_HEADER_BYTES + (out != NULL ? bytes : (size_t)w * h * 3);
}

static bool planar_encode(void *user, uint32_t n, struct encoded *ret_encoded)
{
    struct planar_state *s = user;
    const struct frames *f = s->frames;
    const struct frame_damage *d = &f->damage[n];
    size_t bytes = 0;
    double begin = bench_cpu_s();
    for (uint32_t i = 0; i < d->count; i++) {
        const struct cw_rect *r = &d->rects[i];
        for (uint32_t y = r->y; y < r->y + r->h; y += TILE_PX) {
            for (uint32_t x = r->x; x < r->x + r->w; x += TILE_PX) {
                uint32_t w = r->x + r->w - x < TILE_PX ? r->x + r->w - x : TILE_PX;
                uint32_t h = r->y + r->h - y < TILE_PX ? r->y + r->h - y : TILE_PX;
                bytes += planar_tile(s, f->pixels[n] + ((size_t)y * f->width + x) * 4, w, h);
            }
        }
    }
    *ret_encoded = (struct encoded){bytes, bench_cpu_s() - begin};
    return true;
}

const struct contestant rdp_peers[] = {
    {"remotefx", .is_lossy = true, .has_keyframe = true, .start = rfx_start, .encode = rfx_encode,
     .shown = rfx_shown, .stop = rfx_stop},
    {"planar", .has_keyframe = true, .start = planar_start, .encode = planar_encode,
     .stop = planar_stop},
    {0},
};
