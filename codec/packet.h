/* SPDX-License-Identifier: Apache-2.0 */
/* codec/packet.h - the packet header and the operations of a body, as FORMAT.md numbers them.
 *
 * Owner:     values; bytes are the caller's.
 * Thread:    any.
 * Units:     pixels and bytes.
 * Errors:    CW_CODEC_ERR_PACKET.
 * Invariant: what cw_header_read and cw_body_check accept is safe to draw.
 */
#ifndef CW_CODEC_PACKET_H
#define CW_CODEC_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/codec.h"

enum {
    CW_PACKET_MAGIC = 0xC5,
    CW_PACKET_VERSION = 2, /* what the encoder writes; decoders read 1, too */
    CW_HEADER_UPDATE_BYTES = 14,
    CW_HEADER_KEYFRAME_BYTES = 18,
    CW_HEADER_RAW_BYTES = 4, /* more, with CW_PACKET_FLAG_RAW */
    CW_HEADER_BYTES_MAX = CW_HEADER_KEYFRAME_BYTES + CW_HEADER_RAW_BYTES,
    CW_OP_BYTES = 9,
};

enum cw_packet_kind { CW_PACKET_KEYFRAME = 1, CW_PACKET_UPDATE = 2 };
enum {
    CW_PACKET_FLAG_RESTART = 1,
    CW_PACKET_FLAG_RAW = 2,     /* version 2: raw_bytes follow what is compressed */
    CW_PACKET_FLAG_COLOURS = 4, /* version 2: the body starts with a table of colours */
};

/* Saves and copies come before all others in a body: they take pixels of the previous picture. Numbers from
 * CW_OP_V1_COUNT on need version 2. */
enum cw_op_mode {
    CW_OP_COPY = 0,    /* data: x, y of the source */
    CW_OP_SOLID = 1,   /* data: B, G, R */
    CW_OP_PLANES = 2,  /* data: planes G, B - G, R - G */
    CW_OP_LEFT = 3,    /* data: the same, each pixel minus its left neighbour */
    CW_OP_TEXT = 4,    /* data: heights of bands, indexes of colours (codec/text_decode.h) */
    CW_OP_PHOTO = 5,   /* data: settings, raw bytes, tables; raw: tokens (codec/photo.h) */
    CW_OP_JPEG = 6,    /* data: head, raw: entropy-coded (codec/jpeg.h) */
    CW_OP_MOVING = 7,  /* data: raw bytes, raw: a frame (codec/moving.h) */
    CW_OP_SAVE = 8,    /* data: a layer of the cache */
    CW_OP_RESTORE = 9, /* data: a layer, and where in it */
    CW_OP_MODE_COUNT,
};
enum { CW_OP_V1_COUNT = CW_OP_LEFT + 1 };

struct cw_cache;

struct cw_header {
    enum cw_packet_kind kind;
    uint32_t version; /* 1 or 2 */
    bool restart;
    bool has_colours;
    uint32_t raw_bytes; /* at the packet's end, not compressed */
    uint32_t number;
    uint32_t body_bytes;
    uint32_t op_count;
    uint32_t width, height; /* keyframes; 0 in updates */
};

struct cw_op {
    struct cw_rect rect;
    enum cw_op_mode mode;
};

/* The most bytes a body of a picture can have, and the most its raw part can. */
size_t cw_body_bytes_max(uint32_t width, uint32_t height);
size_t cw_raw_bytes_max(uint32_t width, uint32_t height);
uint32_t cw_ops_max(uint32_t width, uint32_t height);
/* log2 of the compression window for a picture, by the format. */
int cw_window_log(uint32_t width, uint32_t height);

/* What of a body belongs to one operation. */
struct cw_op_data {
    const uint8_t *data; /* compressed with the body */
    size_t data_bytes;
    const uint8_t *raw; /* from the packet's end */
    size_t raw_bytes;
};

/* What the body's start puts into the history's table of colours: count colours of 3 bytes B, G, R from place first
 * on; total is the table's length after that. */
struct cw_colours {
    const uint8_t *bgr;
    uint32_t first, count;
    uint32_t total;
};

/* A body that was checked, taken apart. */
struct cw_body_view {
    const uint8_t *table; /* of the operations */
    const uint8_t *data;
    const uint8_t *raw;
    struct cw_colours colours;
};

size_t cw_header_bytes(const struct cw_header *h);
/* Returns cw_header_bytes(h). */
size_t cw_header_write(const struct cw_header *h, uint8_t *out);
/* Checks everything the header says of itself and the picture's bounds for a keyframe's size. */
int cw_header_read(const uint8_t *in, size_t in_bytes, struct cw_header *ret_header);

void cw_op_write(const struct cw_op *op, uint8_t *out);
/* The operation at in, unchecked. */
struct cw_op cw_op_read(const uint8_t *in);
uint32_t cw_read_le16(const uint8_t *in);
void cw_write_le16(uint8_t *out, uint32_t v);
uint32_t cw_read_le32(const uint8_t *in);
void cw_write_le32(uint8_t *out, uint32_t v);
/* The operation's share of what is left: left->data_bytes and raw_bytes are what the body still has from there on.
 * CW_CODEC_ERR_PACKET when the mode's own rules are broken or more is needed than is left. */
int cw_op_measure(const struct cw_op *op, const struct cw_colours *colours,
                  const struct cw_op_data *left, struct cw_op_data *ret_share);
/* All rules of a body for a picture of this size, but those of the raw bytes' contents; body has h->body_bytes bytes,
 * raw h->raw_bytes. colours: how many the history's table has, 0 at a restart. The tiles that it saves become valid in
 * the cache; without a cache the rules of saves and restores are not looked at. */
int cw_body_check(const struct cw_header *h, const uint8_t *body, const uint8_t *raw,
                  uint32_t width, uint32_t height, uint32_t colours, struct cw_cache *cache,
                  struct cw_body_view *ret_view);
/* Moves a rectangle of a packed picture; the two may overlap. */
void cw_copy_rect(uint8_t *picture, uint32_t width, struct cw_rect to, uint32_t from_x,
                  uint32_t from_y);

#endif
