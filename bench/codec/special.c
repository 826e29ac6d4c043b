/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/codec/special.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/codec/rows.h"
#include "bench/harness.h"

/* Calls of one pass over an unchanged frame. */
enum { UNCHANGED_CALLS = 40 };

struct work {
    const struct frames *frames;
    struct cw_encoder *encoder;
    uint8_t *out;
    size_t out_bytes;
    uint8_t *copy; /* of the first frame: what the peer compares with */
    struct samples ours, peer;
};

/* An encoder that has sent the first frame and its keyframe. */
static bool prepare(struct work *w)
{
    const struct frames *f = w->frames;
    size_t bytes;
    cw_encoder_free(w->encoder);
    w->encoder = NULL;
    int err = cw_encoder_new(f->width, f->height, &w->encoder);
    if (err == 0 && w->out == NULL) {
        w->out_bytes = cw_encoder_packet_bytes_max(w->encoder);
        w->out = malloc(w->out_bytes);
        err = w->out == NULL ? CW_CODEC_ERR_NOMEM : 0;
    }
    if (err == 0)
        err = cw_encoder_update(w->encoder, f->pixels[0], (size_t)f->width * 4, NULL, 0, w->out,
                                w->out_bytes, &bytes);
    if (err == 0)
        err = cw_encoder_keyframe(w->encoder, w->out, w->out_bytes, &bytes);
    if (err != 0)
        (void)fprintf(stderr, "causeway: %s\n", cw_codec_err_text(err));
    return err == 0;
}

static double pass_unchanged(void *user)
{
    struct work *w = user;
    const struct frames *f = w->frames;
    size_t bytes = 0;
    bool ok = prepare(w);
    double begin = bench_cpu_s();
    for (int i = 0; ok && i < UNCHANGED_CALLS; i++)
        ok = cw_encoder_update(w->encoder, f->pixels[0], (size_t)f->width * 4, NULL, 0, w->out,
                               w->out_bytes, &bytes) == 0 &&
             bytes == 0;
    double spent_s = bench_cpu_s() - begin;
    samples_add(&w->ours, spent_s * 1e3 / UNCHANGED_CALLS);
    return ok ? spent_s : -1;
}

/* How many tiles differ, each compared row by row. */
__attribute__((noinline)) static uint32_t count_tiles(const struct frames *f, const uint8_t *copy)
{
    uint32_t count = 0;
    for (uint32_t y = 0; y < f->height; y += FRAMES_TILE_PX) {
        for (uint32_t x = 0; x < f->width; x += FRAMES_TILE_PX) {
            uint32_t w = f->width - x < FRAMES_TILE_PX ? f->width - x : FRAMES_TILE_PX;
            uint32_t bottom = f->height - y < FRAMES_TILE_PX ? f->height : y + FRAMES_TILE_PX;
            bool differs = false;
            for (uint32_t row = y; !differs && row < bottom; row++) {
                size_t at = ((size_t)row * f->width + x) * 4;
                differs = memcmp(f->pixels[0] + at, copy + at, (size_t)w * 4) != 0;
            }
            count += differs;
        }
    }
    return count;
}

static double pass_memcmp(void *user)
{
    struct work *w = user;
    uint32_t count = 0;
    double begin = bench_cpu_s();
    for (int i = 0; i < UNCHANGED_CALLS; i++)
        count += count_tiles(w->frames, w->copy);
    double spent_s = bench_cpu_s() - begin;
    samples_add(&w->peer, spent_s * 1e3 / UNCHANGED_CALLS);
    return count == 0 ? spent_s : -1;
}

/* Bounds of the pixels that differ from the frame before. False: none does. */
static bool find_bounds(const struct frames *f, uint32_t n, struct cw_rect *ret_bounds)
{
    uint32_t x = f->width;
    uint32_t y = f->height;
    uint32_t right = 0;
    uint32_t bottom = 0;
    for (uint32_t row = 0; row < f->height; row++) {
        for (uint32_t column = 0; column < f->width; column++) {
            size_t at = ((size_t)row * f->width + column) * 4;
            if (memcmp(f->pixels[n] + at, f->pixels[n - 1] + at, 4) == 0)
                continue;
            x = column < x ? column : x;
            right = column + 1 > right ? column + 1 : right;
            y = row < y ? row : y;
            bottom = row + 1;
        }
    }
    if (right <= x || bottom <= y)
        return false;
    *ret_bounds = (struct cw_rect){x, y, right - x, bottom - y};
    return true;
}

static double pass_keystroke(void *user)
{
    struct work *w = user;
    const struct frames *f = w->frames;
    double sum_s = 0;
    uint32_t strokes = 0;
    bool ok = prepare(w);
    for (uint32_t n = 1; ok && n < f->count; n++) {
        struct cw_rect hint;
        size_t bytes;
        if (!find_bounds(f, n, &hint))
            continue;
        double begin = bench_cpu_s();
        ok = cw_encoder_update(w->encoder, f->pixels[n], (size_t)f->width * 4, &hint, 1, w->out,
                               w->out_bytes, &bytes) == 0 &&
             bytes > 0;
        sum_s += bench_cpu_s() - begin;
        strokes++;
    }
    ok = ok && strokes > 0 &&
         memcmp(cw_encoder_model(w->encoder), f->pixels[f->count - 1],
                (size_t)f->width * f->height * 4) == 0;
    samples_add(&w->ours, sum_s * 1e3 / (strokes > 0 ? strokes : 1));
    return ok ? sum_s : -1;
}

bool special_row(const char *row, const struct frames *f, uint32_t passes)
{
    struct work w = {.frames = f};
    struct row shown = {.by = "causeway", .measure = "encode_ms", .unit = "ms"};
    size_t bytes = (size_t)f->width * f->height * 4;
    bool is_unchanged = strcmp(row, "unchanged") == 0;
    if (!is_unchanged && strcmp(row, "keystroke") != 0) {
        (void)fprintf(stderr, "--row %s: there is none of that name\n", row);
        return false;
    }
    w.copy = malloc(bytes);
    if (w.copy == NULL)
        return false;
    memcpy(w.copy, f->pixels[0], bytes);
    bench_add("causeway", is_unchanged ? pass_unchanged : pass_keystroke, &w);
    if (is_unchanged)
        bench_add("memcmp", pass_memcmp, &w);
    bool ok = bench_run(passes);
    if (ok) {
        row_print_json(&shown, &w.ours);
        shown.by = "memcmp";
        if (is_unchanged)
            row_print_json(&shown, &w.peer);
    }
    cw_encoder_free(w.encoder);
    free(w.out);
    free(w.copy);
    return ok;
}
