/* SPDX-License-Identifier: Apache-2.0 */
/* causeway-codec-compare: one scene through our codec and its peers, interleaved in one process. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/codec/contestant.h"
#include "bench/codec/quality.h"
#include "bench/codec/rows.h"
#include "bench/codec/special.h"
#include "bench/codec/still.h"
#include "bench/harness.h"

static const char usage[] =
    "usage: causeway-codec-compare --size WxH [--passes N] [--frames N] [--skip N]\n"
    "           [--by NAME,NAME...] [--row unchanged|keystroke|jpeg-444|jpeg-420] [--json]\n"
    "           < frames\n"
    "\n"
    "Encodes frames (W x H pixels, 4 bytes a pixel: B, G, R, ignored) with Causeway's codec and\n"
    "with what others use, on the same damage, and prints bytes and processor time of the first\n"
    "frame (key) and the mean of the later ones (diff) but those that are skipped: medians of N\n"
    "passes, 5 if not given.\n"
    "Our own packets are decoded and must give the frames; the lossless output of others is not\n"
    "decoded. dB and SSIM are of what lossy encoders show, on the pixels that changed.\n"
    "Exit status: 0, 1 a contestant failed or did no work, 64 wrong arguments, 65 wrong input.\n";

enum { EXIT_USAGE = 64, EXIT_DATA = 65, ENTRIES_MAX = 40, NAME_BYTES_MAX = 64 };

struct entry {
    const struct contestant *contestant;
    const struct frames *frames;
    uint32_t skip;
    struct samples key_bytes, key_ms, diff_bytes, diff_ms, decode_ms;
    struct samples psnr_db, ssim;
};

struct options {
    uint32_t width, height, passes;
    uint32_t frames_max;
    uint32_t skip; /* frames after the first that are encoded but not counted */
    const char *by;
    const char *row;
    bool is_json;
};

/* Encodes all frames; what a pass measured goes to the samples. Negative: failed. */
static double pass(void *user)
{
    struct entry *e = user;
    const struct contestant *c = e->contestant;
    const struct frames *f = e->frames;
    struct encoded one = {0};
    struct encoded key = {0};
    struct encoded diff = {0};
    double decode_s = 0;
    bool ok = true;
    void *state = c->start(f, c->setting, false);
    if (state == NULL)
        return -1;
    for (uint32_t n = 0; ok && n < f->count; n++) {
        ok = c->encode(state, n, &one);
        if (n > 0 && n <= e->skip)
            continue;
        struct encoded *sum = n == 0 ? &key : &diff;
        sum->bytes += one.bytes;
        sum->cpu_s += one.cpu_s;
    }
    if (ok && c->decode != NULL)
        ok = c->decode(state, &decode_s);
    c->stop(state);
    if (ok && (key.bytes == 0 || diff.bytes == 0)) {
        (void)fprintf(stderr, "%s: did no work\n", c->name);
        ok = false;
    }
    double diffs = f->count - 1 - e->skip;
    samples_add(&e->key_bytes, (double)key.bytes);
    samples_add(&e->key_ms, key.cpu_s * 1e3);
    samples_add(&e->diff_bytes, (double)diff.bytes / diffs);
    samples_add(&e->diff_ms, diff.cpu_s * 1e3 / diffs);
    samples_add(&e->decode_ms, decode_s * 1e3 / (f->count - 1));
    return ok ? key.cpu_s + diff.cpu_s : -1;
}

/* A pass of its own, not timed: what a receiver of a lossy stream sees. */
static bool judge_quality(struct entry *e)
{
    const struct contestant *c = e->contestant;
    const struct frames *f = e->frames;
    struct quality q = {0};
    struct encoded one;
    bool ok = true;
    void *state = c->start(f, c->setting, true);
    if (state == NULL)
        return false;
    for (uint32_t n = 0; ok && n < f->count; n++) {
        ok = c->encode(state, n, &one);
        const uint8_t *shown = ok ? c->shown(state) : NULL;
        ok = ok && shown != NULL;
        if (ok && n > 0)
            quality_add(&q, f, n, shown);
    }
    c->stop(state);
    samples_add(&e->psnr_db, quality_psnr_db(&q));
    samples_add(&e->ssim, quality_ssim(&q));
    return ok;
}

static void print_json(const struct entry *e)
{
    const struct contestant *c = e->contestant;
    struct row row = {.by = c->name, .is_lossy = c->is_lossy};
    const struct {
        const char *measure, *unit;
        const struct samples *samples;
        bool is_there;
    } rows[] = {
        {"key_bytes", "B", &e->key_bytes, c->has_keyframe},
        {"key_encode_ms", "ms", &e->key_ms, c->has_keyframe},
        {"diff_bytes", "B", &e->diff_bytes, true},
        {"diff_encode_ms", "ms", &e->diff_ms, true},
        {"decode_ms", "ms", &e->decode_ms, c->decode != NULL},
        {"psnr_db", "dB", &e->psnr_db, c->is_lossy},
        {"ssim", "", &e->ssim, c->is_lossy},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (!rows[i].is_there)
            continue;
        row.measure = rows[i].measure;
        row.unit = rows[i].unit;
        row.is_more_better = rows[i].samples == &e->psnr_db || rows[i].samples == &e->ssim;
        row_print_json(&row, rows[i].samples);
    }
}

static void print_table_row(const struct entry *e)
{
    const struct contestant *c = e->contestant;
    (void)printf("%-20s", c->name);
    if (c->has_keyframe)
        (void)printf(" %9.0f %8.2f", samples_median(&e->key_bytes), samples_median(&e->key_ms));
    else
        (void)printf(" %9s %8s", "-", "-");
    (void)printf(" %9.0f %8.3f", samples_median(&e->diff_bytes), samples_median(&e->diff_ms));
    if (c->decode != NULL)
        (void)printf(" %8.3f", samples_median(&e->decode_ms));
    else
        (void)printf(" %8s", "-");
    if (c->is_lossy)
        (void)printf(" %7.2f %6.4f\n", samples_median(&e->psnr_db), samples_median(&e->ssim));
    else
        (void)printf(" lossless\n");
}

/* Is the name one of the list, in which commas part names? */
static bool is_named(const char *list, const char *name)
{
    size_t size = strlen(name);
    for (const char *p = list; p != NULL; p = strchr(p, ',')) {
        p += *p == ',';
        if (strncmp(p, name, size) == 0 && (p[size] == ',' || p[size] == '\0'))
            return true;
    }
    return false;
}

static uint32_t choose(const struct options *o, const struct frames *f, struct entry *entries)
{
    static const struct contestant *const lists[] = {ours, vnc_peers, rdp_peers, video_peers};
    uint32_t count = 0;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        for (const struct contestant *c = lists[i]; c->name != NULL && count < ENTRIES_MAX; c++)
            if (o->by == NULL || is_named(o->by, c->name))
                entries[count++] = (struct entry){.contestant = c, .frames = f, .skip = o->skip};
    return count;
}

static bool compare(const struct options *o, const struct frames *f)
{
    struct entry *entries = calloc(ENTRIES_MAX, sizeof(*entries));
    if (entries == NULL)
        return false;
    uint32_t count = choose(o, f, entries);
    bool ok = count > 0;
    if (!ok)
        (void)fprintf(stderr, "--by %s: no contestant has such a name\n", o->by);
    for (uint32_t i = 0; i < count; i++)
        bench_add(entries[i].contestant->name, pass, &entries[i]);
    ok = ok && bench_run(o->passes);
    for (uint32_t i = 0; ok && i < count; i++)
        ok = !entries[i].contestant->is_lossy || judge_quality(&entries[i]);
    if (ok && !o->is_json)
        (void)printf("%-20s %9s %8s %9s %8s %8s %7s %6s\n", "", "key B", "key ms", "diff B",
                     "diff ms", "dec ms", "dB", "SSIM");
    for (uint32_t i = 0; ok && i < count; i++) {
        if (o->is_json)
            print_json(&entries[i]);
        else
            print_table_row(&entries[i]);
    }
    free(entries);
    return ok;
}

static bool parse_number(const char *text, char end, uint32_t max, uint32_t *ret_value,
                         const char **ret_rest)
{
    char *rest;
    errno = 0;
    unsigned long v = strtoul(text, &rest, 10);
    if (text[0] < '0' || text[0] > '9' || errno != 0 || *rest != end || v == 0 || v > max)
        return false;
    *ret_value = (uint32_t)v;
    *ret_rest = rest;
    return true;
}

static int parse_options(int argc, char **argv, struct options *o)
{
    static const struct option longs[] = {
        {"size", required_argument, NULL, 's'},
        {"passes", required_argument, NULL, 'p'},
        {"by", required_argument, NULL, 'b'},
        {"row", required_argument, NULL, 'r'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {"frames", required_argument, NULL, 'f'},
        {"skip", required_argument, NULL, 'k'},
        {NULL, 0, NULL, 0},
    };
    const char *rest = NULL;
    bool ok = true;
    int c;
    while (ok && (c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        switch (c) {
        case 's':
            ok = parse_number(optarg, 'x', CW_CODEC_SIDE_PX_MAX, &o->width, &rest) &&
                 parse_number(rest + 1, '\0', CW_CODEC_SIDE_PX_MAX, &o->height, &rest);
            break;
        case 'p': ok = parse_number(optarg, '\0', SAMPLES_MAX, &o->passes, &rest); break;
        case 'f': ok = parse_number(optarg, '\0', FRAMES_MAX, &o->frames_max, &rest); break;
        case 'k': ok = parse_number(optarg, '\0', FRAMES_MAX, &o->skip, &rest); break;
        case 'b': o->by = optarg; break;
        case 'r': o->row = optarg; break;
        case 'j': o->is_json = true; break;
        case 'h': (void)fputs(usage, stdout); exit(0);
        default: ok = false; break;
        }
    }
    if (ok && o->height != 0 && optind == argc)
        return 0;
    (void)fputs(usage, stderr);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    struct options o = {.passes = 5, .frames_max = FRAMES_MAX};
    struct frames frames;
    int status = parse_options(argc, argv, &o);
    (void)setenv("WLOG_LEVEL", "OFF", 1); /* FreeRDP */
    if (status != 0)
        return status;
    if (frames_read(stdin, o.width, o.height, o.frames_max, &frames) != 0)
        return EXIT_DATA;
    if (frames.count <= o.skip + 1) {
        (void)fprintf(stderr, "%u frames, and %u of them to be skipped\n", frames.count, o.skip);
        return EXIT_DATA;
    }
    if (frames.moving.w == 0) {
        (void)fprintf(stderr, "all %u frames are the same\n", frames.count);
        return EXIT_DATA;
    }
    bool ok = o.row == NULL         ? compare(&o, &frames)
              : still_is_row(o.row) ? still_row(o.row, &frames, o.passes)
                                    : special_row(o.row, &frames, o.passes);
    frames_free(&frames);
    return ok ? 0 : 1;
}
