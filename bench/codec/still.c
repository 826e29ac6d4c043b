/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/codec/still.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "bench/codec/rows.h"
#include "bench/harness.h"
#include "codec/jpeg.h"

enum { QUALITY = 80, PEERS = 2 };

struct measured {
    struct samples bytes, encode_ms, decode_ms, psnr_db;
};

struct still {
    const struct frames *frames;
    bool is_420;
    uint8_t *model, *shown; /* pictures */
    struct cw_dsp dsp;
    struct cw_jpeg jpeg;
    uint8_t *out;          /* every tile's bytes, one behind the other */
    struct cw_rect *rects; /* tiles */
    struct tile {
        uint8_t head[CW_JPEG_HEAD_BYTES];
        size_t at, bytes;
    } * tiles;
    uint32_t tile_count;
    struct measured ours;
};

struct peer {
    struct still *still;
    const char *name;
    const struct cw_rect *rects;
    uint32_t count;
    unsigned char **out; /* of each rectangle */
    unsigned long *bytes;
    struct measured measured;
};

static size_t stride_of(const struct still *s)
{
    return (size_t)s->frames->width * 4;
}

static double psnr_db(const struct still *s)
{
    size_t count = stride_of(s) * s->frames->height;
    const uint8_t *a = s->frames->pixels[0];
    double squares = 0;
    for (size_t i = 0; i < count; i++) {
        int d = i % 4 == 3 ? 0 : a[i] - s->shown[i];
        squares += d * d;
    }
    return squares == 0 ? 99 : 10 * log10(255.0 * 255.0 * (double)(count / 4 * 3) / squares);
}

static void add(struct measured *m, size_t bytes, double encode_s, double decode_s, double db)
{
    samples_add(&m->bytes, (double)bytes);
    samples_add(&m->encode_ms, encode_s * 1e3);
    samples_add(&m->decode_ms, decode_s * 1e3);
    samples_add(&m->psnr_db, db);
}

static double pass_ours(void *user)
{
    struct still *s = user;
    size_t bytes = 0;
    size_t heads = (size_t)s->tile_count * CW_JPEG_HEAD_BYTES;
    bool ok = true;
    double begin = bench_cpu_s();
    for (uint32_t i = 0; i < s->tile_count; i++) {
        struct tile *t = &s->tiles[i];
        t->at = bytes;
        t->bytes = cw_jpeg_encode(&s->jpeg, &s->dsp, QUALITY, s->is_420 ? CW_JPEG_420 : CW_JPEG_444,
                                  s->rects[i], s->frames->pixels[0], s->model, stride_of(s),
                                  t->head, s->out + bytes);
        bytes += t->bytes;
    }
    double middle = bench_cpu_s();
    for (uint32_t i = 0; i < s->tile_count && ok; i++)
        ok = cw_jpeg_decode(&s->jpeg, &s->dsp, s->tiles[i].head, s->out + s->tiles[i].at,
                            s->tiles[i].bytes, s->rects[i], s->shown, stride_of(s)) == 0;
    double end = bench_cpu_s();
    ok = ok && memcmp(s->model, s->shown, stride_of(s) * s->frames->height) == 0;
    if (!ok)
        (void)fprintf(stderr, "causeway: a tile is not decoded as it was coded\n");
    add(&s->ours, bytes + heads, middle - begin, end - middle, psnr_db(s));
    return ok ? end - begin : -1;
}

static void set_up(const struct still *s, struct jpeg_compress_struct *c)
{
    c->input_components = 4;
    c->in_color_space = JCS_EXT_BGRX;
    jpeg_set_defaults(c);
    jpeg_set_quality(c, QUALITY, TRUE);
    c->comp_info[0].h_samp_factor = c->comp_info[0].v_samp_factor = s->is_420 ? 2 : 1;
}

/* Codes a rectangle; tables are part of it when it is alone. */
static void compress(const struct peer *p, struct jpeg_compress_struct *c, uint32_t i)
{
    const struct cw_rect *r = &p->rects[i];
    const struct still *s = p->still;
    c->image_width = r->w;
    c->image_height = r->h;
    p->bytes[i] = 0;
    jpeg_mem_dest(c, &p->out[i], &p->bytes[i]);
    if (p->count != 1)
        jpeg_suppress_tables(c, TRUE);
    jpeg_start_compress(c, p->count == 1);
    for (uint32_t y = 0; y < r->h; y++) {
        JSAMPROW row = s->frames->pixels[0] + (r->y + y) * stride_of(s) + (size_t)r->x * 4;
        (void)jpeg_write_scanlines(c, &row, 1);
    }
    jpeg_finish_compress(c);
}

static bool decompress(const struct peer *p, struct jpeg_decompress_struct *d, uint32_t i)
{
    const struct cw_rect *r = &p->rects[i];
    jpeg_mem_src(d, p->out[i], p->bytes[i]);
    if (jpeg_read_header(d, TRUE) != JPEG_HEADER_OK || d->image_width != r->w ||
        d->image_height != r->h)
        return false;
    d->out_color_space = JCS_EXT_BGRX;
    d->do_fancy_upsampling = FALSE;
    (void)jpeg_start_decompress(d);
    for (uint32_t y = 0; y < r->h; y++) {
        JSAMPROW row = p->still->shown + (r->y + y) * stride_of(p->still) + (size_t)r->x * 4;
        (void)jpeg_read_scanlines(d, &row, 1);
    }
    return jpeg_finish_decompress(d) != FALSE;
}

static double pass_peer(void *user)
{
    struct peer *p = user;
    struct jpeg_error_mgr errors;
    struct jpeg_compress_struct c = {.err = jpeg_std_error(&errors)};
    struct jpeg_decompress_struct d = {.err = &errors};
    unsigned char *tables = NULL;
    unsigned long table_bytes = 0;
    bool ok = true;
    jpeg_create_compress(&c);
    jpeg_create_decompress(&d);
    set_up(p->still, &c);
    for (uint32_t i = 0; i < p->count; i++) {
        free(p->out[i]); /* which has no room of its own for the next */
        p->out[i] = NULL;
    }
    double begin = bench_cpu_s();
    if (p->count != 1) {
        jpeg_mem_dest(&c, &tables, &table_bytes);
        jpeg_write_tables(&c);
    }
    size_t bytes = table_bytes;
    for (uint32_t i = 0; i < p->count; i++) {
        compress(p, &c, i);
        bytes += p->bytes[i];
    }
    double middle = bench_cpu_s();
    if (p->count != 1) {
        jpeg_mem_src(&d, tables, table_bytes);
        ok = jpeg_read_header(&d, FALSE) == JPEG_HEADER_TABLES_ONLY;
    }
    for (uint32_t i = 0; i < p->count && ok; i++)
        ok = decompress(p, &d, i);
    double end = bench_cpu_s();
    jpeg_destroy_compress(&c);
    jpeg_destroy_decompress(&d);
    free(tables);
    add(&p->measured, bytes, middle - begin, end - middle, psnr_db(p->still));
    return ok ? end - begin : -1;
}

static void print_measured(const char *by, const struct measured *m)
{
    const struct {
        const char *measure, *unit;
        const struct samples *samples;
        bool is_more_better;
    } rows[] = {
        {"bytes", "B", &m->bytes, false},
        {"encode_ms", "ms", &m->encode_ms, false},
        {"decode_ms", "ms", &m->decode_ms, false},
        {"psnr_db", "dB", &m->psnr_db, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct row row = {by, rows[i].measure, rows[i].unit, rows[i].is_more_better, true};
        row_print_json(&row, rows[i].samples);
    }
}

static void make_tiles(struct still *s)
{
    const struct frames *f = s->frames;
    for (uint32_t y = 0; y < f->height; y += FRAMES_TILE_PX)
        for (uint32_t x = 0; x < f->width; x += FRAMES_TILE_PX)
            s->rects[s->tile_count++] = (struct cw_rect){
                x, y, f->width - x < FRAMES_TILE_PX ? f->width - x : FRAMES_TILE_PX,
                f->height - y < FRAMES_TILE_PX ? f->height - y : FRAMES_TILE_PX};
}

static bool still_new(struct still *s)
{
    const struct frames *f = s->frames;
    size_t columns = (f->width + FRAMES_TILE_PX - 1) / FRAMES_TILE_PX;
    size_t tiles = columns * ((f->height + FRAMES_TILE_PX - 1) / FRAMES_TILE_PX);
    size_t picture_bytes = stride_of(s) * f->height;
    s->model = calloc(1, picture_bytes);
    s->shown = calloc(1, picture_bytes);
    s->out = malloc(picture_bytes + CW_JPEG_BYTES_MAX);
    s->rects = calloc(tiles, sizeof(*s->rects));
    s->tiles = calloc(tiles, sizeof(*s->tiles));
    if (s->model == NULL || s->shown == NULL || s->out == NULL || s->rects == NULL ||
        s->tiles == NULL)
        return false;
    make_tiles(s);
    cw_jpeg_init(&s->jpeg);
    return cw_dsp_init(&s->dsp) == 0;
}

static void still_free(struct still *s)
{
    free(s->model);
    free(s->shown);
    free(s->out);
    free(s->rects);
    free(s->tiles);
    free(s);
}

static void peer_free(struct peer *p)
{
    for (uint32_t i = 0; p->out != NULL && i < p->count; i++)
        free(p->out[i]);
    free(p->out);
    free(p->bytes);
}

bool still_is_row(const char *row)
{
    return strcmp(row, "jpeg-444") == 0 || strcmp(row, "jpeg-420") == 0;
}

bool still_row(const char *row, const struct frames *f, uint32_t passes)
{
    struct still *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return false;
    s->frames = f;
    s->is_420 = strcmp(row, "jpeg-420") == 0;
    const struct cw_rect all = {0, 0, f->width, f->height};
    bool ok = still_new(s);
    struct peer peers[PEERS] = {
        {.still = s, .name = "libjpeg-turbo", .rects = &all, .count = 1},
        {.still = s, .name = "libjpeg-turbo-tiles", .rects = s->rects, .count = s->tile_count},
    };
    bench_add("causeway", pass_ours, s);
    for (unsigned i = 0; i < PEERS; i++) {
        peers[i].out = calloc(peers[i].count, sizeof(*peers[i].out));
        peers[i].bytes = calloc(peers[i].count, sizeof(*peers[i].bytes));
        ok = ok && peers[i].out != NULL && peers[i].bytes != NULL;
        bench_add(peers[i].name, pass_peer, &peers[i]);
    }
    ok = ok && bench_run(passes);
    if (ok)
        print_measured("causeway", &s->ours);
    for (unsigned i = 0; i < PEERS; i++) {
        if (ok)
            print_measured(peers[i].name, &peers[i].measured);
        peer_free(&peers[i]);
    }
    still_free(s);
    return ok;
}
