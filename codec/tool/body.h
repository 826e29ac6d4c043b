/* SPDX-License-Identifier: Apache-2.0 */
/* codec/tool/body.h - what a packet's bytes were spent on.
 *
 * Owner:     the command, from tool_body_new to tool_body_free.
 * Thread:    one.
 * Units:     bytes and pixels.
 * Errors:    tool_body_new: NULL without memory; tool_body_read: CW_CODEC_ERR_NOMEM or CW_CODEC_ERR_PACKET.
 * Limits:    those of the packets, which a decoder has accepted before.
 * Invariant: the shares of the compressed bytes sum up to them.
 *
 * All of a packet is compressed as one, so the share of an operation is an estimate: what each mode's data, the table
 * of operations and the colours take when each is compressed alone tells how to divide what they take together.
 */
#ifndef CW_CODEC_TOOL_BODY_H
#define CW_CODEC_TOOL_BODY_H

#include <stdint.h>

#include "codec/packet.h"

enum {
    TOOL_MODES = 16,
    /* Sections of a body beyond the modes' data. */
    TOOL_SECTION_TABLE = TOOL_MODES,
    TOOL_SECTION_COLOURS,
    TOOL_SECTIONS
};

struct tool_share {
    uint64_t operations, pixels;
    uint64_t data_bytes; /* before compression */
    uint64_t raw_bytes;
    double packed_bytes; /* about */
};

struct tool_tally {
    uint64_t packets, bytes, header_bytes;
    struct tool_share sections[TOOL_SECTIONS];
};

struct tool_body;

/* Names of a section, and of what a desktop shows of it; "?" for modes that this program does not know. */
const char *tool_section_name(uint32_t section);
const char *tool_class_name(uint32_t section);

struct tool_body *tool_body_new(void);
struct tool_body *tool_body_free(struct tool_body *b);
/* Takes the next packet of a session, which the decoder has accepted, for pictures of this size. */
int tool_body_read(struct tool_body *b, const uint8_t *packet, size_t packet_bytes, uint32_t width,
                   uint32_t height);
/* What the packet that was read was spent on. */
const struct tool_tally *tool_body_tally(const struct tool_body *b);
void tool_tally_add(struct tool_tally *sum, const struct tool_tally *one);
/* Its operations, and what each takes of the packet. */
uint32_t tool_body_op_count(const struct tool_body *b);
struct cw_op tool_body_op(const struct tool_body *b, uint32_t index, double *ret_bytes);

#endif
