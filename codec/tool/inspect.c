/* SPDX-License-Identifier: Apache-2.0 */
/* Packets explained: in words, or as a picture. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "codec/codec.h"
#include "codec/packet.h"
#include "codec/tool/body.h"
#include "codec/tool/png.h"
#include "codec/tool/tool.h"

struct walk {
    struct cw_decoder *decoder;
    struct tool_body *body;
    struct tool_tally sum;
    uint8_t *packet;
    size_t room, bytes;
    uint64_t number;  /* of the packet, from 0 */
    float *cost;      /* bits a pixel */
    uint8_t *section; /* what was drawn there last; TOOL_SECTIONS: nothing */
    uint32_t width, height;
};

static void show_share(uint32_t section, const struct tool_share *s)
{
    printf("  %-8s %-21s operations=%llu pixels=%llu data=%llu raw=%llu packed~%.0f\n",
           tool_section_name(section), tool_class_name(section), (unsigned long long)s->operations,
           (unsigned long long)s->pixels, (unsigned long long)s->data_bytes,
           (unsigned long long)s->raw_bytes, s->packed_bytes);
}

static void show_shares(const struct tool_tally *t)
{
    for (uint32_t i = 0; i < TOOL_SECTIONS; i++)
        if (t->sections[i].data_bytes != 0 || t->sections[i].operations != 0)
            show_share(i, &t->sections[i]);
}

static int show_packet(struct walk *w)
{
    struct cw_header h;
    if (cw_header_read(w->packet, w->bytes, &h) != 0)
        return tool_fail(EXIT_DATA, "%s", cw_codec_err_text(CW_CODEC_ERR_PACKET));
    printf("%s number=%u bytes=%zu header=%zu body=%u raw=%u operations=%u%s",
           h.kind == CW_PACKET_KEYFRAME ? "keyframe" : "update", h.number, w->bytes,
           cw_header_bytes(&h), h.body_bytes, h.raw_bytes, h.op_count, h.restart ? " restart" : "");
    if (h.kind == CW_PACKET_KEYFRAME)
        printf(" size=%ux%u", h.width, h.height);
    printf("\n");
    show_shares(tool_body_tally(w->body));
    return 0;
}

/* The maps start anew when the picture has another size. */
static int fit_maps(struct walk *w)
{
    uint32_t width = cw_decoder_width(w->decoder);
    uint32_t height = cw_decoder_height(w->decoder);
    if (width == w->width && height == w->height)
        return 0;
    size_t pixels = (size_t)width * height;
    free(w->cost);
    free(w->section);
    w->cost = calloc(pixels, sizeof(*w->cost));
    w->section = malloc(pixels);
    if (w->cost == NULL || w->section == NULL)
        return tool_fail(EXIT_SOFTWARE, "%s", cw_codec_err_text(CW_CODEC_ERR_NOMEM));
    memset(w->section, TOOL_SECTIONS, pixels);
    w->width = width;
    w->height = height;
    return 0;
}

static int map_packet(struct walk *w)
{
    int status = fit_maps(w);
    for (uint32_t i = 0; status == 0 && i < tool_body_op_count(w->body); i++) {
        double bytes;
        struct cw_op op = tool_body_op(w->body, i, &bytes);
        float bits = (float)(bytes * 8 / ((double)op.rect.w * op.rect.h));
        for (uint32_t y = op.rect.y; y < op.rect.y + op.rect.h; y++) {
            size_t at = (size_t)y * w->width + op.rect.x;
            memset(w->section + at, op.mode, op.rect.w);
            for (uint32_t x = 0; x < op.rect.w; x++)
                w->cost[at + x] += bits;
        }
    }
    return status;
}

/* The hue of a mode; the last is for the unknown. */
static const uint8_t hues[][3] = {
    {60, 120, 255}, {150, 150, 150}, {80, 220, 80},   {255, 170, 40},
    {40, 200, 120}, {255, 120, 40},  {255, 60, 60},   {255, 60, 220},
    {120, 80, 255}, {60, 220, 255},  {255, 255, 255},
};
enum { HUES = sizeof(hues) / sizeof(hues[0]) };

/* A dim picture under the hue of what was drawn, brighter the more bits it took: 24 a pixel are all. */
static void map_pixel(const struct walk *w, const uint8_t *picture, size_t i, uint8_t *rgb)
{
    const uint8_t *bgr = picture + i * 4;
    double grey = (bgr[0] + 2 * bgr[1] + bgr[2]) / 4.0 * 0.35;
    double heat = w->section[i] == TOOL_SECTIONS
                      ? 0
                      : 0.25 + 0.75 * log2(1 + (double)w->cost[i]) / log2(1 + 24.0);
    const uint8_t *hue = hues[w->section[i] < HUES ? w->section[i] : HUES - 1];
    heat = heat > 1 ? 1 : heat;
    for (int c = 0; c < 3; c++)
        rgb[c] = (uint8_t)(grey * (1 - heat) + hue[c] * heat);
}

static int write_map(const struct walk *w)
{
    size_t pixels = (size_t)w->width * w->height;
    const uint8_t *picture = cw_decoder_picture(w->decoder);
    uint8_t *rgb = malloc(pixels * 3);
    if (rgb == NULL)
        return tool_fail(EXIT_SOFTWARE, "%s", cw_codec_err_text(CW_CODEC_ERR_NOMEM));
    for (size_t i = 0; i < pixels; i++)
        map_pixel(w, picture, i, rgb + i * 3);
    bool ok = tool_png_write(stdout, rgb, w->width, w->height);
    free(rgb);
    return ok ? 0 : tool_fail(EXIT_IO, "standard output cannot be written");
}

/* Each packet through the decoder, which judges it, and then taken apart. */
static int take_packet(struct walk *w)
{
    int err = cw_decoder_apply(w->decoder, w->packet, w->bytes);
    if (err == 0)
        err = tool_body_read(w->body, w->packet, w->bytes, cw_decoder_width(w->decoder),
                             cw_decoder_height(w->decoder));
    if (err != 0)
        return tool_fail(EXIT_DATA, "packet %llu: %s", (unsigned long long)w->number,
                         cw_codec_err_text(err));
    tool_tally_add(&w->sum, tool_body_tally(w->body));
    return 0;
}

static int walk_packets(struct walk *w, const struct tool_options *o, int (*visit)(struct walk *))
{
    int more = 1;
    int status = 0;
    while (status == 0 && (more = tool_read_packet(stdin, &w->packet, &w->room, &w->bytes)) > 0) {
        status = take_packet(w);
        bool is_wanted = o->packet == 0 || w->number == o->packet - 1;
        if (status == 0 && is_wanted)
            status = visit(w);
        w->number++;
        if (o->packet != 0 && w->number == o->packet)
            return status;
    }
    if (status == 0 && more < 0)
        status = -more;
    if (status == 0 && w->number == 0)
        status = tool_fail(EXIT_DATA, "no packet on standard input");
    if (status == 0 && o->packet != 0)
        status = tool_fail(EXIT_DATA, "--packet %u: there are %llu", o->packet,
                           (unsigned long long)w->number);
    return status;
}

static int run(const struct tool_options *o, int (*visit)(struct walk *),
               int (*finish)(const struct walk *))
{
    struct walk w = {.body = tool_body_new()};
    int err = w.body == NULL ? CW_CODEC_ERR_NOMEM : cw_decoder_new(0, &w.decoder);
    int status = err != 0 ? tool_fail(EXIT_SOFTWARE, "%s", cw_codec_err_text(err))
                          : walk_packets(&w, o, visit);
    if (status == 0)
        status = finish(&w);
    if (status == 0 && fflush(stdout) != 0)
        status = tool_fail(EXIT_IO, "standard output cannot be written");
    free(w.packet);
    free(w.cost);
    free(w.section);
    tool_body_free(w.body);
    cw_decoder_free(w.decoder);
    return status;
}

static int show_sum(const struct walk *w)
{
    printf("total packets=%llu bytes=%llu headers=%llu\n", (unsigned long long)w->sum.packets,
           (unsigned long long)w->sum.bytes, (unsigned long long)w->sum.header_bytes);
    show_shares(&w->sum);
    return 0;
}

int tool_inspect(const struct tool_options *o)
{
    return run(o, show_packet, show_sum);
}

int tool_render(const struct tool_options *o)
{
    return run(o, map_packet, write_map);
}
