/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/packet.h"

#include <string.h>

#include "codec/limits.h"

uint32_t cw_read_le16(const uint8_t *in)
{
    return (uint32_t)in[0] | (uint32_t)in[1] << 8;
}

void cw_write_le16(uint8_t *out, uint32_t v)
{
    out[0] = (uint8_t)v;
    out[1] = (uint8_t)(v >> 8);
}

static uint32_t read_le32(const uint8_t *in)
{
    return cw_read_le16(in) | cw_read_le16(in + 2) << 16;
}

static void write_le32(uint8_t *out, uint32_t v)
{
    cw_write_le16(out, v & 0xffff);
    cw_write_le16(out + 2, v >> 16);
}

uint32_t cw_ops_max(uint32_t width, uint32_t height)
{
    uint32_t columns = (width + CW_BLOCK_PX - 1) / CW_BLOCK_PX;
    uint32_t bands = (height + CW_BAND_ROWS - 1) / CW_BAND_ROWS;
    uint32_t all = columns * bands + CW_COPIES_MAX;
    return all < CW_OPS_MAX ? all : CW_OPS_MAX;
}

size_t cw_body_bytes_max(uint32_t width, uint32_t height)
{
    /* Copies carry 4 bytes and rectangles of one pixel 3, so 4 more an operation covers every
     * mode. */
    return (size_t)width * height * 3 + (size_t)cw_ops_max(width, height) * (CW_OP_BYTES + 4);
}

int cw_window_log(uint32_t width, uint32_t height)
{
    int log = CW_WINDOW_LOG_MIN;
    while (log < CW_WINDOW_LOG_MAX && ((size_t)1 << log) < (size_t)width * height * 3)
        log++;
    return log;
}

size_t cw_op_data_bytes(const struct cw_op *op)
{
    switch (op->mode) {
    case CW_OP_COPY: return 4;
    case CW_OP_SOLID: return 3;
    case CW_OP_PLANES:
    case CW_OP_LEFT: return (size_t)op->rect.w * op->rect.h * 3;
    case CW_OP_MODE_COUNT: break;
    }
    return 0;
}

size_t cw_header_bytes(enum cw_packet_kind kind)
{
    return kind == CW_PACKET_KEYFRAME ? CW_HEADER_KEYFRAME_BYTES : CW_HEADER_UPDATE_BYTES;
}

void cw_header_write(const struct cw_header *h, uint8_t *out)
{
    out[0] = CW_PACKET_MAGIC;
    out[1] = CW_PACKET_VERSION;
    out[2] = (uint8_t)h->kind;
    out[3] = h->restart ? CW_PACKET_FLAG_RESTART : 0;
    write_le32(out + 4, h->number);
    write_le32(out + 8, h->body_bytes);
    cw_write_le16(out + 12, h->op_count);
    if (h->kind == CW_PACKET_KEYFRAME) {
        cw_write_le16(out + 14, h->width);
        cw_write_le16(out + 16, h->height);
    }
}

int cw_header_read(const uint8_t *in, size_t in_bytes, struct cw_header *ret_header)
{
    if (in_bytes < CW_HEADER_UPDATE_BYTES || in[0] != CW_PACKET_MAGIC || in[1] != CW_PACKET_VERSION)
        return CW_CODEC_ERR_PACKET;
    if (in[2] != CW_PACKET_KEYFRAME && in[2] != CW_PACKET_UPDATE)
        return CW_CODEC_ERR_PACKET;
    if ((in[3] & ~CW_PACKET_FLAG_RESTART) != 0)
        return CW_CODEC_ERR_PACKET;
    struct cw_header h = {
        .kind = (enum cw_packet_kind)in[2],
        .restart = in[3] == CW_PACKET_FLAG_RESTART,
        .number = read_le32(in + 4),
        .body_bytes = read_le32(in + 8),
        .op_count = cw_read_le16(in + 12),
    };
    if (h.op_count == 0)
        return CW_CODEC_ERR_PACKET;
    if (h.kind == CW_PACKET_KEYFRAME) {
        if (in_bytes < CW_HEADER_KEYFRAME_BYTES || !h.restart)
            return CW_CODEC_ERR_PACKET;
        h.width = cw_read_le16(in + 14);
        h.height = cw_read_le16(in + 16);
        if (h.width == 0 || h.height == 0 || h.width > CW_CODEC_SIDE_PX_MAX ||
            h.height > CW_CODEC_SIDE_PX_MAX)
            return CW_CODEC_ERR_PACKET;
    }
    *ret_header = h;
    return 0;
}

void cw_op_write(const struct cw_op *op, uint8_t *out)
{
    out[0] = (uint8_t)op->mode;
    cw_write_le16(out + 1, op->rect.x);
    cw_write_le16(out + 3, op->rect.y);
    cw_write_le16(out + 5, op->rect.w);
    cw_write_le16(out + 7, op->rect.h);
}

struct cw_op cw_op_read(const uint8_t *in)
{
    return (struct cw_op){
        .rect = {cw_read_le16(in + 1), cw_read_le16(in + 3), cw_read_le16(in + 5),
                 cw_read_le16(in + 7)},
        .mode = (enum cw_op_mode)in[0],
    };
}

static bool rect_inside(const struct cw_rect *r, uint32_t width, uint32_t height)
{
    /* No sum wraps: every field came from 16 bits. */
    return r->w >= 1 && r->h >= 1 && r->x + r->w <= width && r->y + r->h <= height;
}

int cw_body_check(const struct cw_header *h, const uint8_t *body, uint32_t width, uint32_t height)
{
    size_t table_bytes = (size_t)h->op_count * CW_OP_BYTES;
    if (h->op_count > cw_ops_max(width, height) || h->body_bytes < table_bytes)
        return CW_CODEC_ERR_PACKET;
    uint64_t copied_px = 0;
    uint64_t painted_px = 0;
    size_t at = table_bytes;
    for (uint32_t i = 0; i < h->op_count; i++) {
        const uint8_t *entry = body + (size_t)i * CW_OP_BYTES;
        if (entry[0] >= CW_OP_MODE_COUNT)
            return CW_CODEC_ERR_PACKET;
        struct cw_op op = cw_op_read(entry);
        size_t data_bytes = cw_op_data_bytes(&op);
        if (!rect_inside(&op.rect, width, height) || data_bytes > h->body_bytes - at)
            return CW_CODEC_ERR_PACKET;
        if (op.mode == CW_OP_COPY) {
            struct cw_rect from = {cw_read_le16(body + at), cw_read_le16(body + at + 2), op.rect.w,
                                   op.rect.h};
            if (h->kind == CW_PACKET_KEYFRAME || painted_px != 0 ||
                !rect_inside(&from, width, height))
                return CW_CODEC_ERR_PACKET;
            copied_px += (uint64_t)op.rect.w * op.rect.h;
        } else {
            painted_px += (uint64_t)op.rect.w * op.rect.h;
        }
        at += data_bytes;
    }
    /* Each pixel at most once of either sort, in sum: bounds the work that a packet can ask for. */
    uint64_t picture_px = (uint64_t)width * height;
    if (at != h->body_bytes || copied_px > picture_px || painted_px > picture_px)
        return CW_CODEC_ERR_PACKET;
    return 0;
}

void cw_copy_rect(uint8_t *picture, uint32_t width, struct cw_rect to, uint32_t from_x,
                  uint32_t from_y)
{
    size_t stride = (size_t)width * 4;
    for (uint32_t i = 0; i < to.h; i++) {
        /* Rows in the order that reads each before it is written; memmove sees to one row. */
        uint32_t row = from_y < to.y ? to.h - 1 - i : i;
        memmove(picture + (to.y + row) * stride + (size_t)to.x * 4,
                picture + (from_y + row) * stride + (size_t)from_x * 4, (size_t)to.w * 4);
    }
}
