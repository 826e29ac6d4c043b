/* SPDX-License-Identifier: Apache-2.0 */
/* Our codec as a contestant: with the damage that the peers are given, or finding it by itself; without loss, or with
 * some of it for pictures and what moves, under a budget of bytes a frame. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/codec/contestant.h"
#include "bench/harness.h"

struct setting {
    bool has_hints;
    bool is_lossy;
    enum cw_colour_mode colours;
    size_t budget_bytes; /* a frame */
};

/* What scenes are recorded with. */
enum { FRAME_NS = 100000000 };

struct packet {
    uint8_t *bytes;
    size_t size;
};

struct state {
    const struct frames *frames;
    const struct setting *setting;
    struct cw_encoder *encoder;
    uint8_t *out;
    size_t out_bytes;
    struct packet *packets;    /* of each frame; size 0: nothing changed */
    struct cw_decoder *viewer; /* NULL unless pictures are asked for */
    uint32_t last;             /* frame */
};

static void stop(void *user)
{
    struct state *s = user;
    for (uint32_t n = 0; s->packets != NULL && n < s->frames->count; n++)
        free(s->packets[n].bytes);
    free(s->packets);
    free(s->out);
    cw_encoder_free(s->encoder);
    cw_decoder_free(s->viewer);
    free(s);
}

static int apply_setting(struct state *s)
{
    struct cw_encoder_settings settings = cw_encoder_defaults();
    settings.colours = s->setting->colours;
    settings.lossy_pictures = s->setting->is_lossy;
    return s->setting->is_lossy ? cw_encoder_set(s->encoder, &settings) : 0;
}

static void *start(const struct frames *f, const void *setting, bool shows)
{
    struct state *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return NULL;
    s->frames = f;
    s->setting = setting;
    int err = cw_encoder_new(f->width, f->height, &s->encoder);
    if (err == 0)
        err = apply_setting(s);
    if (err == 0 && shows)
        err = cw_decoder_new(0, &s->viewer);
    if (err == 0) {
        s->out_bytes = cw_encoder_packet_bytes_max(s->encoder);
        s->out = malloc(s->out_bytes);
        s->packets = calloc(f->count, sizeof(*s->packets));
    }
    if (err != 0 || s->out == NULL || s->packets == NULL) {
        (void)fprintf(stderr, "causeway: %s\n",
                      cw_codec_err_text(err != 0 ? err : CW_CODEC_ERR_NOMEM));
        stop(s);
        return NULL;
    }
    /* The first touch of fresh memory is the kernel's work. */
    memset(s->out, 0, s->out_bytes);
    return s;
}

static bool keep_packet(struct state *s, uint32_t n, size_t bytes)
{
    struct packet *p = &s->packets[n];
    p->bytes = malloc(bytes + 1);
    if (p->bytes == NULL)
        return false;
    memcpy(p->bytes, s->out, bytes);
    p->size = bytes;
    return true;
}

static bool encode(void *user, uint32_t n, struct encoded *ret_encoded)
{
    struct state *s = user;
    const struct frames *f = s->frames;
    const struct frame_damage *d = &f->damage[n];
    /* A hint of no pixels: time for what rests, though nothing changed. */
    static const struct cw_rect nothing = {0};
    bool is_hinted = s->setting->has_hints && n > 0;
    const struct cw_rect *hints = d->count > 0 ? d->rects : &nothing;
    uint32_t hint_count = d->count > 0 ? d->count : 1;
    size_t bytes = 0;
    s->last = n;
    if (s->setting->is_lossy)
        cw_encoder_turn(s->encoder, (uint64_t)n * FRAME_NS, s->setting->budget_bytes);
    double begin = bench_cpu_s();
    int err =
        cw_encoder_update(s->encoder, f->pixels[n], (size_t)f->width * 4, is_hinted ? hints : NULL,
                          is_hinted ? hint_count : 0, s->out, s->out_bytes, &bytes);
    if (err == 0 && n == 0) {
        /* The keyframe alone, as for each viewer who comes later. */
        begin = bench_cpu_s();
        err = cw_encoder_keyframe(s->encoder, s->out, s->out_bytes, &bytes);
    }
    *ret_encoded = (struct encoded){bytes, bench_cpu_s() - begin};
    if (err == 0 && !keep_packet(s, n, bytes))
        err = CW_CODEC_ERR_NOMEM;
    if (err != 0)
        (void)fprintf(stderr, "causeway: frame %u: %s\n", n, cw_codec_err_text(err));
    return err == 0;
}

static const uint8_t *shown(void *user)
{
    struct state *s = user;
    const struct packet *p = &s->packets[s->last];
    int err = p->size == 0 ? 0 : cw_decoder_apply(s->viewer, p->bytes, p->size);
    if (err != 0 || memcmp(cw_decoder_picture(s->viewer), cw_encoder_model(s->encoder),
                           (size_t)s->frames->width * s->frames->height * 4) != 0) {
        (void)fprintf(stderr, "causeway: frame %u: the decoder does not show the model: %s\n",
                      s->last, cw_codec_err_text(err));
        return NULL;
    }
    return cw_decoder_picture(s->viewer);
}

static bool decode(void *user, double *ret_diff_cpu_s)
{
    struct state *s = user;
    const struct frames *f = s->frames;
    struct cw_decoder *decoder;
    double sum_s = 0;
    int err = cw_decoder_new(0, &decoder);
    if (err != 0)
        return false;
    for (uint32_t n = 0; err == 0 && n < f->count; n++) {
        double begin = bench_cpu_s();
        if (s->packets[n].size > 0)
            err = cw_decoder_apply(decoder, s->packets[n].bytes, s->packets[n].size);
        if (n > 0)
            sum_s += bench_cpu_s() - begin;
        if (err != 0)
            (void)fprintf(stderr, "causeway: frame %u: %s\n", n, cw_codec_err_text(err));
        else if (!s->setting->is_lossy && memcmp(cw_decoder_picture(decoder), f->pixels[n],
                                                 (size_t)f->width * f->height * 4) != 0) {
            (void)fprintf(stderr, "causeway: frame %u: the decoded picture is another\n", n);
            err = CW_CODEC_ERR_PACKET;
        }
    }
    cw_decoder_free(decoder);
    *ret_diff_cpu_s = sum_s;
    return err == 0;
}

static const struct setting hinted = {.has_hints = true};
static const struct setting unhinted = {.has_hints = false};
static const struct setting pictures = {
    .has_hints = true, .is_lossy = true, .budget_bytes = SIZE_MAX};
#define VIDEO(kilobytes)                                                  \
    {                                                                     \
        .has_hints = true, .is_lossy = true, .colours = CW_COLOURS_VIDEO, \
        .budget_bytes = (kilobytes) * (size_t)1000                        \
    }
static const struct setting video[] = {VIDEO(15), VIDEO(29), VIDEO(60)};
#undef VIDEO

#define OURS(contestant_name, its_setting)                                                      \
    .name = (contestant_name), .is_ours = true, .has_keyframe = true, .setting = (its_setting), \
    .start = start, .encode = encode, .decode = decode, .stop = stop
#define OURS_LOSSY(contestant_name, its_setting) \
    OURS(contestant_name, its_setting), .is_lossy = true, .shown = shown
const struct contestant ours[] = {
    {OURS("causeway", &hinted)},
    {OURS("causeway-unhinted", &unhinted)},
    {OURS_LOSSY("causeway-pictures", &pictures)},
    {OURS_LOSSY("causeway-video-15k", &video[0])},
    {OURS_LOSSY("causeway-video-29k", &video[1])},
    {OURS_LOSSY("causeway-video-60k", &video[2])},
    {0},
};
#undef OURS
#undef OURS_LOSSY
