/* SPDX-License-Identifier: Apache-2.0 */
/* causeway-codec: the screen codec on recorded frames. */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "codec/codec.h"
#include "codec/tool/tool.h"

static const char usage[] =
    "usage: causeway-codec measure --size WxH [--fps N] [SETTING...] < frames.bgrx\n"
    "       causeway-codec encode --size WxH [--keyframe-every N] [SETTING...] < frames.bgrx\n"
    "           > packets\n"
    "       causeway-codec decode < packets > frames.bgrx\n"
    "       causeway-codec inspect [--packet N] < packets\n"
    "       causeway-codec render [--packet N] < packets > map.png\n"
    "       causeway-codec compare --size WxH [--passes N] [--by NAME,NAME...] < frames.bgrx\n"
    "       causeway-codec --help\n"
    "\n"
    "frames.bgrx: frames of W x H pixels one after another, 4 bytes a pixel (B, G, R, ignored).\n"
    "SETTING:     --colours full|more|few|grey|video, --quality 1..100 (pictures with loss at\n"
    "             first), --budget BYTES (a frame, for what has loss).\n"
    "packets:     each a 4-byte little-endian length and a packet of codec/FORMAT.md.\n"
    "\n"
    "measure prints one JSON object: frames, keyframe_bytes, diff_bytes_mean, encode_ms_mean,\n"
    "decode_ms_mean (CPU time of the frames after the first) and lossless. inspect tells what\n"
    "each packet's bytes were spent on, render draws it: a hue for each kind of operation, the\n"
    "brighter the more it took. compare runs the encoders of others beside this one.\n"
    "Environment: CAUSEWAY_ISA=c|sse41|avx2|avx512 forces the level of the pixel kernels.\n"
    "Exit status: 0, 64 wrong arguments, 65 wrong input, 69 compare is not built, 70 a codec\n"
    "error, 74 an I/O error.\n";

int tool_fail(int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("causeway-codec: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return status;
}

int tool_read(FILE *f, void *data, size_t size, size_t *ret_got)
{
    size_t got = fread(data, 1, size, f);
    *ret_got = got;
    if (got == size)
        return 1;
    return got == 0 && !ferror(f) ? 0 : -1;
}

/* A decimal number of at most max that ends at end. */
static bool parse_number(const char *text, char end, uint32_t max, uint32_t *ret_value,
                         const char **ret_rest)
{
    if (text[0] < '0' || text[0] > '9')
        return false;
    char *rest;
    errno = 0;
    unsigned long v = strtoul(text, &rest, 10);
    if (errno != 0 || *rest != end || v == 0 || v > max)
        return false;
    *ret_value = (uint32_t)v;
    *ret_rest = rest;
    return true;
}

static bool parse_size(const char *text, struct tool_options *o)
{
    const char *rest;
    return parse_number(text, 'x', CW_CODEC_SIDE_PX_MAX, &o->width, &rest) &&
           parse_number(rest + 1, '\0', CW_CODEC_SIDE_PX_MAX, &o->height, &rest);
}

static bool parse_colours(const char *text, uint32_t *ret_colours)
{
    static const char *const names[CW_COLOURS_COUNT] = {
        [CW_COLOURS_FULL] = "full", [CW_COLOURS_MORE] = "more",   [CW_COLOURS_FEW] = "few",
        [CW_COLOURS_GREY] = "grey", [CW_COLOURS_VIDEO] = "video",
    };
    for (uint32_t i = 0; i < CW_COLOURS_COUNT; i++) {
        if (strcmp(text, names[i]) == 0) {
            *ret_colours = i;
            return true;
        }
    }
    return false;
}

/* Takes a setting of the encoder; 0 or an exit status. */
static int parse_setting(int c, struct tool_options *o)
{
    const char *rest;
    if (c == 'c' && !parse_colours(optarg, &o->colours))
        return tool_fail(EXIT_USAGE, "--colours %s: not full, more, few, grey or video", optarg);
    if (c == 'q' && !parse_number(optarg, '\0', 100, &o->quality, &rest))
        return tool_fail(EXIT_USAGE, "--quality %s: not a number of 1 to 100", optarg);
    if (c == 'b' && !parse_number(optarg, '\0', TOOL_PACKET_BYTES_MAX, &o->budget, &rest))
        return tool_fail(EXIT_USAGE, "--budget %s: not a number of 1 to %d bytes", optarg,
                         TOOL_PACKET_BYTES_MAX);
    return 0;
}

/* Fills o; 0 or an exit status. */
static int parse_options(int argc, char **argv, struct tool_options *o)
{
    static const struct option longs[] = {
        {"size", required_argument, NULL, 's'},
        {"fps", required_argument, NULL, 'f'},
        {"keyframe-every", required_argument, NULL, 'k'},
        {"colours", required_argument, NULL, 'c'},
        {"quality", required_argument, NULL, 'q'},
        {"budget", required_argument, NULL, 'b'},
        {"packet", required_argument, NULL, 'p'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const char *rest;
    int c;
    while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        switch (c) {
        case 's':
            if (!parse_size(optarg, o))
                return tool_fail(EXIT_USAGE, "--size %s: not WIDTHxHEIGHT of 1 to %d pixels",
                                 optarg, CW_CODEC_SIDE_PX_MAX);
            break;
        case 'f':
            if (!parse_number(optarg, '\0', 1000, &o->fps, &rest))
                return tool_fail(EXIT_USAGE, "--fps %s: not a number of 1 to 1000", optarg);
            break;
        case 'k':
            if (!parse_number(optarg, '\0', 1000000, &o->keyframe_every, &rest))
                return tool_fail(EXIT_USAGE, "--keyframe-every %s: not a number of 1 to 1000000",
                                 optarg);
            break;
        case 'c':
        case 'q':
        case 'b':
            if (parse_setting(c, o) != 0)
                return EXIT_USAGE;
            break;
        case 'p':
            if (!parse_number(optarg, '\0', UINT32_MAX, &o->packet, &rest))
                return tool_fail(EXIT_USAGE, "--packet %s: not a number of 1 and more", optarg);
            break;
        case 'h': fputs(usage, stdout); exit(0);
        default: return EXIT_USAGE; /* getopt said why */
        }
    }
    if (optind + 1 < argc)
        return tool_fail(EXIT_USAGE, "%s: frames and packets come on standard input",
                         argv[optind + 1]);
    return 0;
}

int main(int argc, char **argv)
{
    struct tool_options o = {.fps = 10};
    if (argc > 1 && strcmp(argv[1], "compare") == 0)
        return tool_compare(argv + 1);
    int err = parse_options(argc, argv, &o);
    if (err != 0)
        return err;
    const char *command = optind < argc ? argv[optind] : "";
    if (strcmp(command, "decode") == 0)
        return tool_decode();
    if (strcmp(command, "inspect") == 0)
        return tool_inspect(&o);
    if (strcmp(command, "render") == 0)
        return tool_render(&o);
    bool measure = strcmp(command, "measure") == 0;
    if (!measure && strcmp(command, "encode") != 0) {
        if (command[0] != '\0')
            tool_fail(EXIT_USAGE, "%s: no such command", command);
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (o.width == 0)
        return tool_fail(EXIT_USAGE, "%s needs --size WIDTHxHEIGHT", command);
    return measure ? tool_measure(&o) : tool_encode(&o);
}
