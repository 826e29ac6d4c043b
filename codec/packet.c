/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/packet.h"

#include <string.h>

#include "codec/cache.h"
#include "codec/jpeg.h"
#include "codec/limits.h"
#include "codec/moving.h"
#include "codec/photo.h"
#include "codec/text_decode.h"

uint32_t cw_read_le16(const uint8_t *in)
{
    return (uint32_t)in[0] | (uint32_t)in[1] << 8;
}

void cw_write_le16(uint8_t *out, uint32_t v)
{
    out[0] = (uint8_t)v;
    out[1] = (uint8_t)(v >> 8);
}

uint32_t cw_read_le32(const uint8_t *in)
{
    return cw_read_le16(in) | cw_read_le16(in + 2) << 16;
}

void cw_write_le32(uint8_t *out, uint32_t v)
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
    return (size_t)width * height * 3 + (size_t)cw_ops_max(width, height) * (CW_OP_BYTES + 4) + 4 +
           3 * CW_COLOURS_MAX;
}

size_t cw_raw_bytes_max(uint32_t width, uint32_t height)
{
    return (size_t)width * height * 3;
}

int cw_window_log(uint32_t width, uint32_t height)
{
    int log = CW_WINDOW_LOG_MIN;
    while (log < CW_WINDOW_LOG_MAX && ((size_t)1 << log) < (size_t)width * height * 3)
        log++;
    return log;
}

size_t cw_header_bytes(const struct cw_header *h)
{
    size_t bytes =
        h->kind == CW_PACKET_KEYFRAME ? CW_HEADER_KEYFRAME_BYTES : CW_HEADER_UPDATE_BYTES;
    return h->raw_bytes != 0 ? bytes + CW_HEADER_RAW_BYTES : bytes;
}

size_t cw_header_write(const struct cw_header *h, uint8_t *out)
{
    size_t bytes = CW_HEADER_UPDATE_BYTES;
    out[0] = CW_PACKET_MAGIC;
    out[1] = CW_PACKET_VERSION;
    out[2] = (uint8_t)h->kind;
    out[3] = (uint8_t)((h->restart ? CW_PACKET_FLAG_RESTART : 0) |
                       (h->raw_bytes != 0 ? CW_PACKET_FLAG_RAW : 0) |
                       (h->has_colours ? CW_PACKET_FLAG_COLOURS : 0));
    cw_write_le32(out + 4, h->number);
    cw_write_le32(out + 8, h->body_bytes);
    cw_write_le16(out + 12, h->op_count);
    if (h->kind == CW_PACKET_KEYFRAME) {
        cw_write_le16(out + 14, h->width);
        cw_write_le16(out + 16, h->height);
        bytes = CW_HEADER_KEYFRAME_BYTES;
    }
    if (h->raw_bytes != 0) {
        cw_write_le32(out + bytes, h->raw_bytes);
        bytes += CW_HEADER_RAW_BYTES;
    }
    return bytes;
}

int cw_header_read(const uint8_t *in, size_t in_bytes, struct cw_header *ret_header)
{
    if (in_bytes < CW_HEADER_UPDATE_BYTES || in[0] != CW_PACKET_MAGIC || in[1] < 1 ||
        in[1] > CW_PACKET_VERSION)
        return CW_CODEC_ERR_PACKET;
    if (in[2] != CW_PACKET_KEYFRAME && in[2] != CW_PACKET_UPDATE)
        return CW_CODEC_ERR_PACKET;
    unsigned known = CW_PACKET_FLAG_RESTART;
    if (in[1] >= 2)
        known |= CW_PACKET_FLAG_RAW | CW_PACKET_FLAG_COLOURS;
    if ((in[3] & ~known) != 0)
        return CW_CODEC_ERR_PACKET;
    struct cw_header h = {
        .kind = (enum cw_packet_kind)in[2],
        .version = in[1],
        .restart = (in[3] & CW_PACKET_FLAG_RESTART) != 0,
        .has_colours = (in[3] & CW_PACKET_FLAG_COLOURS) != 0,
        .number = cw_read_le32(in + 4),
        .body_bytes = cw_read_le32(in + 8),
        .op_count = cw_read_le16(in + 12),
    };
    size_t bytes = CW_HEADER_UPDATE_BYTES;
    if (h.op_count == 0)
        return CW_CODEC_ERR_PACKET;
    if (h.kind == CW_PACKET_KEYFRAME) {
        if (in_bytes < CW_HEADER_KEYFRAME_BYTES || !h.restart)
            return CW_CODEC_ERR_PACKET;
        bytes = CW_HEADER_KEYFRAME_BYTES;
        h.width = cw_read_le16(in + 14);
        h.height = cw_read_le16(in + 16);
        if (h.width == 0 || h.height == 0 || h.width > CW_CODEC_SIDE_PX_MAX ||
            h.height > CW_CODEC_SIDE_PX_MAX)
            return CW_CODEC_ERR_PACKET;
    }
    if ((in[3] & CW_PACKET_FLAG_RAW) != 0) {
        if (in_bytes - bytes < CW_HEADER_RAW_BYTES)
            return CW_CODEC_ERR_PACKET;
        h.raw_bytes = cw_read_le32(in + bytes);
        bytes += CW_HEADER_RAW_BYTES;
        if (h.raw_bytes == 0 || h.raw_bytes > in_bytes - bytes)
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

int cw_op_measure(const struct cw_op *op, const struct cw_colours *colours,
                  const struct cw_op_data *left, struct cw_op_data *ret_share)
{
    struct cw_op_data share = {.data = left->data, .raw = left->raw};
    size_t area = (size_t)op->rect.w * op->rect.h;
    switch (op->mode) {
    case CW_OP_COPY: share.data_bytes = 4; break;
    case CW_OP_SOLID: share.data_bytes = 3; break;
    case CW_OP_PLANES:
    case CW_OP_LEFT: share.data_bytes = area * 3; break;
    case CW_OP_JPEG:
        share.data_bytes = CW_JPEG_HEAD_BYTES;
        if (left->data_bytes < CW_JPEG_HEAD_BYTES ||
            cw_jpeg_measure(left->data, &op->rect, &share.raw_bytes) != 0)
            return CW_CODEC_ERR_PACKET;
        break;
    case CW_OP_PHOTO: return cw_photo_measure(op, left, ret_share);
    case CW_OP_MOVING:
        share.data_bytes = CW_MOVING_HEAD_BYTES;
        if (left->data_bytes < CW_MOVING_HEAD_BYTES || !cw_moving_fits(op->rect.w, op->rect.h))
            return CW_CODEC_ERR_PACKET;
        share.raw_bytes = cw_read_le32(left->data);
        break;
    case CW_OP_SAVE: share.data_bytes = 1; break;
    case CW_OP_RESTORE: share.data_bytes = 4; break;
    case CW_OP_TEXT:
        if (cw_text_measure(&op->rect, colours->total, left->data, left->data_bytes,
                            &share.data_bytes) != 0)
            return CW_CODEC_ERR_PACKET;
        break;
    case CW_OP_MODE_COUNT:
    default: return CW_CODEC_ERR_PACKET;
    }
    if (share.data_bytes > left->data_bytes || share.raw_bytes > left->raw_bytes)
        return CW_CODEC_ERR_PACKET;
    *ret_share = share;
    return 0;
}

/* Takes the table of colours off the body's start. */
static int take_colours(const uint8_t *body, size_t body_bytes, uint32_t before,
                        struct cw_colours *ret_colours, size_t *ret_bytes)
{
    if (body_bytes < 4)
        return CW_CODEC_ERR_PACKET;
    uint32_t first = cw_read_le16(body);
    uint32_t count = cw_read_le16(body + 2);
    if (first > before || count == 0 || first + count > CW_COLOURS_MAX ||
        body_bytes - 4 < (size_t)3 * count)
        return CW_CODEC_ERR_PACKET;
    uint32_t total = first + count > before ? first + count : before;
    *ret_colours = (struct cw_colours){body + 4, first, count, total};
    *ret_bytes = 4 + (size_t)3 * count;
    return 0;
}

/* Saves come before copies, and copies before all that paints. Restores are a sort of their own only
 * for the sum of their areas. */
enum sort { SORT_SAVE, SORT_COPY, SORT_RESTORE, SORT_PAINT, SORT_COUNT };

static enum sort sort_of(enum cw_op_mode mode)
{
    if (mode == CW_OP_SAVE)
        return SORT_SAVE;
    if (mode == CW_OP_COPY)
        return SORT_COPY;
    return mode == CW_OP_RESTORE ? SORT_RESTORE : SORT_PAINT;
}

int cw_body_check(const struct cw_header *h, const uint8_t *body, const uint8_t *raw,
                  uint32_t width, uint32_t height, uint32_t colours, struct cw_cache *cache,
                  struct cw_body_view *ret_view)
{
    struct cw_body_view view = {.table = body, .raw = raw, .colours.total = colours};
    size_t table_bytes = (size_t)h->op_count * CW_OP_BYTES;
    size_t colour_bytes = 0;
    if (h->has_colours &&
        take_colours(body, h->body_bytes, colours, &view.colours, &colour_bytes) != 0)
        return CW_CODEC_ERR_PACKET;
    if (h->op_count > cw_ops_max(width, height) || h->body_bytes - colour_bytes < table_bytes)
        return CW_CODEC_ERR_PACKET;
    view.table = body + colour_bytes;
    view.data = view.table + table_bytes;
    uint64_t px[SORT_COUNT] = {0};
    enum sort newest = SORT_SAVE;
    uint32_t moving = 0;
    uint32_t modes = h->version == 1 ? CW_OP_V1_COUNT : CW_OP_MODE_COUNT;
    struct cw_op_data left = {view.data, h->body_bytes - colour_bytes - table_bytes, raw,
                              h->raw_bytes};
    for (uint32_t i = 0; i < h->op_count; i++) {
        const uint8_t *entry = view.table + (size_t)i * CW_OP_BYTES;
        if (entry[0] >= modes)
            return CW_CODEC_ERR_PACKET;
        struct cw_op op = cw_op_read(entry);
        struct cw_op_data share;
        if (!rect_inside(&op.rect, width, height) ||
            cw_op_measure(&op, &view.colours, &left, &share) != 0)
            return CW_CODEC_ERR_PACKET;
        enum sort sort = sort_of(op.mode);
        if ((sort != SORT_PAINT && h->kind == CW_PACKET_KEYFRAME) ||
            (sort < newest && sort <= SORT_COPY))
            return CW_CODEC_ERR_PACKET;
        newest = sort;
        if (op.mode == CW_OP_COPY) {
            struct cw_rect from = {cw_read_le16(share.data), cw_read_le16(share.data + 2),
                                   op.rect.w, op.rect.h};
            if (!rect_inside(&from, width, height))
                return CW_CODEC_ERR_PACKET;
        }
        if ((op.mode == CW_OP_SAVE || op.mode == CW_OP_RESTORE) && cache != NULL &&
            cw_cache_check_op(cache, &op, share.data) != 0)
            return CW_CODEC_ERR_PACKET;
        /* There is one history of moving pictures. A keyframe may paint over what moves in it. */
        bool is_moving = op.mode == CW_OP_MOVING;
        moving += is_moving;
        if (moving > 1)
            return CW_CODEC_ERR_PACKET;
        if (!is_moving || h->kind != CW_PACKET_KEYFRAME)
            px[sort] += (uint64_t)op.rect.w * op.rect.h;
        left.data += share.data_bytes;
        left.data_bytes -= share.data_bytes;
        if (share.raw_bytes != 0)
            left.raw += share.raw_bytes;
        left.raw_bytes -= share.raw_bytes;
    }
    /* Each pixel at most once of each sort, in sum: bounds the work that a packet can ask for. */
    for (unsigned i = 0; i < SORT_COUNT; i++)
        if (px[i] > (uint64_t)width * height)
            return CW_CODEC_ERR_PACKET;
    if (left.data_bytes != 0 || left.raw_bytes != 0 || newest == SORT_SAVE)
        return CW_CODEC_ERR_PACKET;
    *ret_view = view;
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
