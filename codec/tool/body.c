/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/tool/body.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "codec/limits.h"

struct tool_body {
    ZSTD_DCtx *stream; /* follows the session's, beside the decoder's own */
    ZSTD_CCtx *estimate;
    uint8_t *body;     /* of the packet that was read */
    uint8_t *gathered; /* one mode's data */
    uint8_t *packed;
    size_t room, packed_room;
    struct cw_body_view view;
    uint32_t op_count;
    uint32_t colours;          /* in the history's table */
    struct cw_op_data *shares; /* of each operation */
    struct tool_tally tally;
};

/* By the numbers of FORMAT.md, section 6. */
static const struct {
    const char *name, *class;
} sections[TOOL_SECTIONS] = {
    {"copy", "moved"},
    {"solid", "flat"},
    {"planes", "text"},
    {"left", "picture"},
    {"text", "text"},
    {"photo", "picture"},
    {"jpeg", "picture, lossy"},
    {"moving", "moving picture, lossy"},
    {"save", "cache"},
    {"restore", "cache"},
    [TOOL_SECTION_TABLE] = {"table", "operations"},
    [TOOL_SECTION_COLOURS] = {"colours", "text"},
};

const char *tool_section_name(uint32_t section)
{
    return section < TOOL_SECTIONS && sections[section].name != NULL ? sections[section].name : "?";
}

const char *tool_class_name(uint32_t section)
{
    return section < TOOL_SECTIONS && sections[section].class != NULL ? sections[section].class
                                                                      : "?";
}

struct tool_body *tool_body_new(void)
{
    struct tool_body *b = calloc(1, sizeof(*b));
    if (b == NULL)
        return NULL;
    b->stream = ZSTD_createDCtx();
    b->estimate = ZSTD_createCCtx();
    b->shares = calloc(CW_OPS_MAX, sizeof(*b->shares));
    if (b->stream == NULL || b->estimate == NULL || b->shares == NULL)
        return tool_body_free(b);
    return b;
}

struct tool_body *tool_body_free(struct tool_body *b)
{
    if (b != NULL) {
        ZSTD_freeDCtx(b->stream);
        ZSTD_freeCCtx(b->estimate);
        free(b->shares);
        free(b->body);
        free(b->gathered);
        free(b->packed);
        free(b);
    }
    return NULL;
}

static int make_room(struct tool_body *b, size_t bytes)
{
    if (bytes <= b->room)
        return 0;
    free(b->body);
    free(b->gathered);
    free(b->packed);
    b->room = 0;
    b->packed_room = ZSTD_compressBound(bytes);
    b->body = malloc(bytes);
    b->gathered = malloc(bytes);
    b->packed = malloc(b->packed_room);
    if (b->body == NULL || b->gathered == NULL || b->packed == NULL)
        return CW_CODEC_ERR_NOMEM;
    b->room = bytes;
    return 0;
}

static int unpack(struct tool_body *b, const struct cw_header *h, const uint8_t *in,
                  size_t in_bytes)
{
    ZSTD_inBuffer from = {in, in_bytes, 0};
    ZSTD_outBuffer to = {b->body, h->body_bytes, 0};
    if (h->restart)
        (void)ZSTD_DCtx_reset(b->stream, ZSTD_reset_session_only);
    while (from.pos < from.size) {
        size_t before = from.pos + to.pos;
        if (ZSTD_isError(ZSTD_decompressStream(b->stream, &to, &from)) ||
            from.pos + to.pos == before)
            return CW_CODEC_ERR_PACKET;
    }
    return to.pos == h->body_bytes ? 0 : CW_CODEC_ERR_PACKET;
}

/* What data takes by itself; nothing takes nothing. */
static size_t packed_alone(struct tool_body *b, const uint8_t *data, size_t bytes)
{
    size_t packed =
        bytes == 0 ? 0 : ZSTD_compressCCtx(b->estimate, b->packed, b->packed_room, data, bytes, 1);
    return ZSTD_isError(packed) ? bytes : packed;
}

static size_t gather(struct tool_body *b, uint32_t mode)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < b->op_count; i++) {
        if (b->view.table[(size_t)i * CW_OP_BYTES] != mode)
            continue;
        memcpy(b->gathered + bytes, b->shares[i].data, b->shares[i].data_bytes);
        bytes += b->shares[i].data_bytes;
    }
    return bytes;
}

static int measure_operations(struct tool_body *b, const struct cw_header *h)
{
    const uint8_t *end = b->body + h->body_bytes;
    struct cw_op_data left = {b->view.data, (size_t)(end - b->view.data), b->view.raw,
                              h->raw_bytes};
    b->op_count = h->op_count;
    for (uint32_t i = 0; i < h->op_count; i++) {
        struct cw_op op = cw_op_read(b->view.table + (size_t)i * CW_OP_BYTES);
        int err = cw_op_measure(&op, &b->view.colours, &left, &b->shares[i]);
        if (err != 0)
            return err;
        struct tool_share *s = &b->tally.sections[(uint32_t)op.mode % TOOL_MODES];
        s->operations++;
        s->pixels += (uint64_t)op.rect.w * op.rect.h;
        s->data_bytes += b->shares[i].data_bytes;
        s->raw_bytes += b->shares[i].raw_bytes;
        left.data += b->shares[i].data_bytes;
        left.data_bytes -= b->shares[i].data_bytes;
        if (b->shares[i].raw_bytes != 0)
            left.raw += b->shares[i].raw_bytes;
        left.raw_bytes -= b->shares[i].raw_bytes;
    }
    return 0;
}

/* Divides what the packet's compressed part takes. */
static void divide(struct tool_body *b, size_t compressed_bytes)
{
    struct tool_share *s = b->tally.sections;
    size_t alone[TOOL_SECTIONS] = {0};
    size_t sum = 0;
    s[TOOL_SECTION_TABLE].data_bytes = (uint64_t)b->op_count * CW_OP_BYTES;
    s[TOOL_SECTION_TABLE].operations = b->op_count;
    s[TOOL_SECTION_COLOURS].data_bytes = (uint64_t)3 * b->view.colours.count;
    for (uint32_t mode = 0; mode < TOOL_MODES; mode++)
        alone[mode] = packed_alone(b, b->gathered, gather(b, mode));
    alone[TOOL_SECTION_TABLE] = packed_alone(b, b->view.table, s[TOOL_SECTION_TABLE].data_bytes);
    alone[TOOL_SECTION_COLOURS] =
        packed_alone(b, b->view.colours.bgr, s[TOOL_SECTION_COLOURS].data_bytes);
    for (uint32_t i = 0; i < TOOL_SECTIONS; i++)
        sum += alone[i];
    for (uint32_t i = 0; i < TOOL_SECTIONS && sum > 0; i++)
        s[i].packed_bytes = (double)compressed_bytes * (double)alone[i] / (double)sum;
}

int tool_body_read(struct tool_body *b, const uint8_t *packet, size_t packet_bytes, uint32_t width,
                   uint32_t height)
{
    struct cw_header h;
    int err = cw_header_read(packet, packet_bytes, &h);
    if (err == 0)
        err = make_room(b, (size_t)h.body_bytes + 1);
    if (err != 0)
        return err;
    size_t header_bytes = cw_header_bytes(&h);
    size_t compressed_bytes = packet_bytes - header_bytes - h.raw_bytes;
    b->tally =
        (struct tool_tally){.packets = 1, .bytes = packet_bytes, .header_bytes = header_bytes};
    err = unpack(b, &h, packet + header_bytes, compressed_bytes);
    if (err == 0)
        err = cw_body_check(&h, b->body, packet + packet_bytes - h.raw_bytes, width, height,
                            h.restart ? 0 : b->colours, NULL, &b->view);
    if (err == 0) {
        b->colours = b->view.colours.total;
        err = measure_operations(b, &h);
    }
    if (err == 0)
        divide(b, compressed_bytes);
    return err;
}

const struct tool_tally *tool_body_tally(const struct tool_body *b)
{
    return &b->tally;
}

void tool_tally_add(struct tool_tally *sum, const struct tool_tally *one)
{
    sum->packets += one->packets;
    sum->bytes += one->bytes;
    sum->header_bytes += one->header_bytes;
    for (uint32_t i = 0; i < TOOL_SECTIONS; i++) {
        sum->sections[i].operations += one->sections[i].operations;
        sum->sections[i].pixels += one->sections[i].pixels;
        sum->sections[i].data_bytes += one->sections[i].data_bytes;
        sum->sections[i].raw_bytes += one->sections[i].raw_bytes;
        sum->sections[i].packed_bytes += one->sections[i].packed_bytes;
    }
}

uint32_t tool_body_op_count(const struct tool_body *b)
{
    return b->op_count;
}

struct cw_op tool_body_op(const struct tool_body *b, uint32_t index, double *ret_bytes)
{
    struct cw_op op = cw_op_read(b->view.table + (size_t)index * CW_OP_BYTES);
    const struct tool_share *s = &b->tally.sections[(uint32_t)op.mode % TOOL_MODES];
    const struct tool_share *table = &b->tally.sections[TOOL_SECTION_TABLE];
    double part =
        s->data_bytes == 0 ? 0 : (double)b->shares[index].data_bytes / (double)s->data_bytes;
    *ret_bytes = s->packed_bytes * part + table->packed_bytes / b->op_count +
                 (double)b->shares[index].raw_bytes;
    return op;
}
