/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/codec/frames.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool tile_differs(const struct frames *f, uint32_t n, uint32_t x, uint32_t y)
{
    uint32_t w = f->width - x < FRAMES_TILE_PX ? f->width - x : FRAMES_TILE_PX;
    uint32_t h = f->height - y < FRAMES_TILE_PX ? f->height - y : FRAMES_TILE_PX;
    for (uint32_t row = y; row < y + h; row++) {
        size_t at = ((size_t)row * f->width + x) * 4;
        if (memcmp(f->pixels[n] + at, f->pixels[n - 1] + at, (size_t)w * 4) != 0)
            return true;
    }
    return false;
}

/* A run of tiles of one row of tiles: to the rectangle right above it, or one of its own. */
static void add_run(struct frame_damage *d, struct cw_rect run)
{
    for (uint32_t i = d->count; i > 0; i--) {
        struct cw_rect *r = &d->rects[i - 1];
        if (r->x == run.x && r->w == run.w && r->y + r->h == run.y) {
            r->h += run.h;
            return;
        }
    }
    d->rects[d->count++] = run;
}

static int find_damage(struct frames *f, uint32_t n)
{
    struct frame_damage *d = &f->damage[n];
    size_t columns = (f->width + FRAMES_TILE_PX - 1) / FRAMES_TILE_PX;
    size_t rows = (f->height + FRAMES_TILE_PX - 1) / FRAMES_TILE_PX;
    d->rects = calloc(columns * rows, sizeof(*d->rects));
    if (d->rects == NULL)
        return -1;
    if (n == 0) {
        d->rects[d->count++] = (struct cw_rect){0, 0, f->width, f->height};
        return 0;
    }
    for (uint32_t y = 0; y < f->height; y += FRAMES_TILE_PX) {
        uint32_t h = f->height - y < FRAMES_TILE_PX ? f->height - y : FRAMES_TILE_PX;
        for (uint32_t x = 0; x < f->width;) {
            uint32_t end = x;
            while (end < f->width && tile_differs(f, n, end, y))
                end += FRAMES_TILE_PX;
            if (end > x)
                add_run(d, (struct cw_rect){x, y, (end < f->width ? end : f->width) - x, h});
            x = end + FRAMES_TILE_PX;
        }
    }
    return 0;
}

static void find_moving(struct frames *f)
{
    uint32_t x = f->width;
    uint32_t y = f->height;
    uint32_t right = 0;
    uint32_t bottom = 0;
    for (uint32_t n = 1; n < f->count; n++) {
        for (uint32_t i = 0; i < f->damage[n].count; i++) {
            const struct cw_rect *r = &f->damage[n].rects[i];
            x = r->x < x ? r->x : x;
            y = r->y < y ? r->y : y;
            right = r->x + r->w > right ? r->x + r->w : right;
            bottom = r->y + r->h > bottom ? r->y + r->h : bottom;
        }
    }
    /* A tile starts at an even place: only the picture's own edge can be odd. */
    if (right > x)
        f->moving = (struct cw_rect){x, y, (right - x) & ~1U, (bottom - y) & ~1U};
}

/* 1: a frame. 0: the end. -1: a part of one, or no memory. */
static int read_frame(FILE *from, struct frames *f)
{
    size_t bytes = (size_t)f->width * f->height * 4;
    uint8_t *pixels = malloc(bytes);
    size_t got = pixels == NULL ? 0 : fread(pixels, 1, bytes, from);
    if (got != bytes) {
        free(pixels);
        if (pixels != NULL && got == 0 && !ferror(from))
            return 0;
        (void)fprintf(stderr, "frame %u: %zu of %zu bytes: is the size %ux%u right?\n", f->count,
                      got, bytes, f->width, f->height);
        return -1;
    }
    for (size_t i = 3; i < bytes; i += 4)
        pixels[i] = 0;
    f->pixels[f->count++] = pixels;
    return 1;
}

int frames_read(FILE *from, uint32_t width, uint32_t height, uint32_t count_max,
                struct frames *ret_frames)
{
    struct frames f = {.width = width, .height = height};
    int more = -1;
    f.pixels = calloc(FRAMES_MAX, sizeof(*f.pixels));
    f.damage = calloc(FRAMES_MAX, sizeof(*f.damage));
    if (f.pixels == NULL || f.damage == NULL)
        goto out;
    do
        more = read_frame(from, &f);
    while (more > 0 && f.count < count_max && f.count < FRAMES_MAX);
    if (more >= 0 && f.count < 2) {
        (void)fprintf(stderr, "%u frames: at least two are needed\n", f.count);
        more = -1;
    }
    for (uint32_t n = 0; more >= 0 && n < f.count; n++)
        more = find_damage(&f, n);
    find_moving(&f);
out:
    if (more < 0) {
        frames_free(&f);
        return -1;
    }
    *ret_frames = f;
    return 0;
}

void frames_free(struct frames *f)
{
    for (uint32_t n = 0; n < f->count; n++) {
        free(f->pixels[n]);
        free(f->damage[n].rects);
    }
    free(f->pixels);
    free(f->damage);
    *f = (struct frames){0};
}
