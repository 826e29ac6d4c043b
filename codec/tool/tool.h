/* SPDX-License-Identifier: Apache-2.0 */
/* codec/tool/tool.h - the commands of causeway-codec.
 *
 * Owner:     each command owns what it takes and frees it before it returns.
 * Thread:    the main thread.
 * Units:     pixels and bytes; times in ms of this process's CPU.
 * Errors:    each returns the exit status, after one line on stderr if it is not 0.
 * Limits:    pictures up to CW_CODEC_SIDE_PX_MAX a side; packets up to TOOL_PACKET_BYTES_MAX.
 */
#ifndef CW_CODEC_TOOL_TOOL_H
#define CW_CODEC_TOOL_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* As sysexits.h names them. */
enum { EXIT_USAGE = 64, EXIT_DATA = 65, EXIT_NO_PROGRAM = 69, EXIT_SOFTWARE = 70, EXIT_IO = 74 };

/* A packet of the largest picture, and as much again would be no packet of ours. */
enum { TOOL_PACKET_BYTES_MAX = 256 * 1024 * 1024 };

struct cw_encoder;

struct tool_options {
    uint32_t width, height;
    uint32_t fps;
    uint32_t keyframe_every; /* 0: only the first */
    uint32_t colours;        /* enum cw_colour_mode */
    uint32_t quality;        /* of pictures at first; 0: without loss */
    uint32_t budget;         /* bytes a frame for pictures with loss; 0: any number */
    uint32_t packet;         /* the only one to be shown, from 1; 0: all */
};

/* An encoder with the options' settings; 0 or an exit status. */
int tool_encoder_new(const struct tool_options *o, struct cw_encoder **ret_encoder);
/* Tells it that the next frame is the n-th. */
void tool_encoder_turn(const struct tool_options *o, struct cw_encoder *e, uint64_t n);

int tool_measure(const struct tool_options *o);
int tool_encode(const struct tool_options *o);
int tool_decode(void);
int tool_inspect(const struct tool_options *o);
int tool_render(const struct tool_options *o);
/* Becomes causeway-codec-compare with these arguments; returns only if there is no such program. */
int tool_compare(char **argv);

/* One line on stderr, after "causeway-codec: ". Returns status. */
__attribute__((format(printf, 2, 3))) int tool_fail(int status, const char *format, ...);

/* Reads size bytes. 1: read. 0: the input ended before the first. Negative: it ended in the middle,
 * or could not be read; *ret_got tells how far. */
int tool_read(FILE *f, void *data, size_t size, size_t *ret_got);
/* The next packet into *packet (grown as needed). 1, 0 at the end, or a negative exit status. */
int tool_read_packet(FILE *f, uint8_t **packet, size_t *room, size_t *ret_bytes);

#endif
