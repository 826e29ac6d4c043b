/* SPDX-License-Identifier: Apache-2.0 */
/* The decoder's half of mode 5: three entropy decoders take turns, one a plane, on one row of words. */
#include <stdlib.h>
#include <string.h>

#include "codec/limits.h"
#include "codec/photo.h"
#include "codec/photo_model.h"

enum {
    EDGE = 64, /* bytes before and behind a row of magnitudes or pixels, of which 1 or 4 are read */
    ROW_BYTES = CW_CODEC_SIDE_PX_MAX + 2 * EDGE,
    LINE_BYTES = 4 * CW_CODEC_SIDE_PX_MAX + 2 * EDGE,
    /* The most bytes that a pixel can take: a word for each token and for its extra bits. */
    PIXEL_BYTES_MAX = CW_PHOTO_PLANES * 4,
};

/* A table for decoding: the token of each slot, and frequency | first slot << 16 of each token. Small, so that what a
 * picture needs stays in the nearest cache. */
struct slots {
    uint8_t token[CW_PHOTO_CONTEXTS][CW_PHOTO_SLOTS];
    uint32_t range[CW_PHOTO_CONTEXTS][CW_PHOTO_TOKEN_STRIDE];
};

struct cw_photo_reader {
    struct slots tables[CW_PHOTO_SETS + 1]
                       [CW_PHOTO_TABLES]; /* the last set is the one that was sent */
    uint8_t context[CW_PHOTO_ACTIVITIES];
    uint8_t folded[CW_PHOTO_PLANES][CW_CODEC_SIDE_PX_MAX];
    uint8_t activities[CW_PHOTO_PLANES][CW_CODEC_SIDE_PX_MAX];
    uint8_t magnitudes[CW_PHOTO_PLANES][ROW_BYTES];
    uint8_t lines[2][LINE_BYTES];
};

/* Words still to be read, and the states of the three planes. */
struct cursor {
    const uint8_t *at, *end;
    uint32_t state[CW_PHOTO_PLANES];
    bool over; /* read past the end */
};

static void fill_slots(const uint8_t *weights, struct slots *out)
{
    struct cw_photo_freqs f;
    cw_photo_freqs(weights, &f);
    for (uint32_t c = 0; c < CW_PHOTO_CONTEXTS; c++) {
        uint32_t first = 0;
        for (uint32_t token = 0; token < CW_PHOTO_TOKENS; token++) {
            uint32_t freq = f.of[c][token];
            memset(out->token[c] + first, (int)token, freq);
            out->range[c][token] = freq | first << 16;
            first += freq;
        }
    }
}

struct cw_photo_reader *cw_photo_reader_new(void)
{
    struct cw_photo_reader *r = calloc(1, sizeof(*r));
    if (r == NULL)
        return NULL;
    for (uint32_t set = 0; set < CW_PHOTO_SETS; set++)
        for (uint32_t t = 0; t < CW_PHOTO_TABLES; t++)
            fill_slots(cw_photo_weights_of(set, t), &r->tables[set][t]);
    for (uint32_t a = 0; a < CW_PHOTO_ACTIVITIES; a++)
        r->context[a] = (uint8_t)cw_photo_context(a);
    return r;
}

struct cw_photo_reader *cw_photo_reader_free(struct cw_photo_reader *r)
{
    free(r);
    return NULL;
}

int cw_photo_measure(const struct cw_op *op, const struct cw_op_data *left,
                     struct cw_op_data *ret_share)
{
    if (left->data_bytes < CW_PHOTO_HEAD_BYTES)
        return CW_CODEC_ERR_PACKET;
    unsigned settings = left->data[0];
    unsigned set = settings >> CW_PHOTO_SET_SHIFT & CW_PHOTO_SET_MASK;
    if ((settings & CW_PHOTO_TRANSFORM_MASK) >= CW_PHOTO_TRANSFORM_COUNT || set > CW_PHOTO_SENT ||
        settings > CW_PHOTO_SETTINGS_ALL ||
        ((settings & CW_PHOTO_HAS_ABOVE) != 0 && op->rect.y == 0) ||
        ((settings & CW_PHOTO_HAS_LEFT) != 0 && op->rect.x == 0))
        return CW_CODEC_ERR_PACKET;
    struct cw_op_data share = {
        .data = left->data,
        .data_bytes = CW_PHOTO_HEAD_BYTES,
        .raw = left->raw,
        .raw_bytes = cw_read_le32(left->data + 1),
    };
    if (share.raw_bytes < CW_PHOTO_STATE_BYTES || share.raw_bytes % 2 != 0 ||
        share.raw_bytes > left->raw_bytes)
        return CW_CODEC_ERR_PACKET;
    if (set == CW_PHOTO_SENT) {
        share.data_bytes += CW_PHOTO_WEIGHT_BYTES;
        if ((uint64_t)op->rect.w * op->rect.h < CW_PHOTO_TABLES_PX_MIN ||
            left->data_bytes < share.data_bytes ||
            !cw_photo_weights_ok(left->data + CW_PHOTO_HEAD_BYTES, CW_PHOTO_WEIGHT_BYTES))
            return CW_CODEC_ERR_PACKET;
    }
    *ret_share = share;
    return 0;
}

/* Brings a state back into range with the next word. near: the words may end here. No branch where they do not:
 * it would be guessed wrong too often. */
static inline __attribute__((always_inline)) uint32_t refill(struct cursor *c, uint32_t state,
                                                             bool near)
{
    bool low = state < CW_PHOTO_STATE_MIN;
    if (near && c->end - c->at < 2) {
        c->over = c->over || low;
        return low ? CW_PHOTO_STATE_MIN : state;
    }
    uint32_t word = (uint32_t)c->at[0] | (uint32_t)c->at[1] << 8;
    c->at += low ? 2 : 0;
    return low ? state << 16 | word : state;
}

/* The next residual of a plane, folded; *twice is twice the magnitude of the last one, and then of this one. */
static inline __attribute__((always_inline)) uint32_t read_one(const struct cw_photo_reader *r,
                                                               const struct slots *table,
                                                               struct cursor *c, unsigned plane,
                                                               uint32_t activity, uint32_t *twice,
                                                               bool near)
{
    uint32_t context = r->context[activity + *twice];
    uint32_t slot = c->state[plane] % CW_PHOTO_SLOTS;
    uint32_t folded = table->token[context][slot];
    uint32_t range = table->range[context][folded];
    uint32_t state = (range & 0xffff) * (c->state[plane] >> CW_PHOTO_SLOTS_LOG);
    state = refill(c, state + slot - (range >> 16), near);
    *twice = (folded + 1) & ~1U;
    if (folded >= CW_PHOTO_DIRECT) {
        uint32_t bits = cw_photo_extra_bits[folded - CW_PHOTO_DIRECT];
        folded = cw_photo_extra_base[folded - CW_PHOTO_DIRECT] + (state & ((1U << bits) - 1));
        state = refill(c, state >> bits, near);
        uint32_t magnitude = (folded + 1) / 2;
        *twice = 2 * (magnitude < CW_PHOTO_MAGNITUDE_MAX ? magnitude : CW_PHOTO_MAGNITUDE_MAX);
    }
    c->state[plane] = state;
    return folded;
}

/* The residuals of a row, plane by plane within each pixel. */
static inline __attribute__((always_inline)) void read_row(struct cw_photo_reader *r,
                                                           const struct slots *tables,
                                                           struct cursor *cursor, uint32_t w,
                                                           bool near)
{
    struct cursor c = *cursor;
    uint32_t t0 = 2U * r->magnitudes[0][EDGE];
    uint32_t t1 = 2U * r->magnitudes[1][EDGE];
    uint32_t t2 = 2U * r->magnitudes[2][EDGE];
    for (uint32_t x = 0; x < w; x++) {
        uint32_t f0 = read_one(r, &tables[0], &c, 0, r->activities[0][x], &t0, near);
        uint32_t f1 = read_one(r, &tables[1], &c, 1, r->activities[1][x], &t1, near);
        uint32_t f2 = read_one(r, &tables[1], &c, 2, r->activities[2][x], &t2, near);
        r->folded[0][x] = (uint8_t)f0;
        r->folded[1][x] = (uint8_t)f1;
        r->folded[2][x] = (uint8_t)f2;
        r->magnitudes[0][EDGE + x] = (uint8_t)(t0 / 2);
        r->magnitudes[1][EDGE + x] = (uint8_t)(t1 / 2);
        r->magnitudes[2][EDGE + x] = (uint8_t)(t2 / 2);
    }
    *cursor = c;
}

/* What the row above gives to the contexts of the next one. */
static void take_activities(struct cw_photo_reader *r, const struct cw_dsp *dsp, uint32_t w)
{
    for (unsigned i = 0; i < CW_PHOTO_PLANES; i++) {
        uint8_t *m = r->magnitudes[i] + EDGE;
        m[-1] = m[0];
        m[w] = m[w - 1];
        dsp->photo_above(m, w, r->activities[i]);
    }
}

/* One pixel or a row of the picture as Q, P, S, 0, by way of the activities' memory. */
static void take_line(const struct cw_dsp *dsp, enum cw_photo_transform transform,
                      const uint8_t *pixels, uint32_t w, struct cw_photo_reader *r, uint8_t *line)
{
    uint8_t **planes = (uint8_t *[]){r->activities[0], r->activities[1], r->activities[2]};
    switch (transform) {
    case CW_PHOTO_PLAIN: dsp->photo_plain(pixels, w, planes[0], planes[1], planes[2]); break;
    case CW_PHOTO_GREEN: dsp->photo_green(pixels, w, planes[0], planes[1], planes[2]); break;
    case CW_PHOTO_LUMA: dsp->photo_luma(pixels, w, planes[0], planes[1], planes[2]); break;
    case CW_PHOTO_TRANSFORM_COUNT: break;
    }
    for (uint32_t x = 0; x < w; x++) {
        line[4 * x] = planes[1][x];
        line[4 * x + 1] = planes[0][x];
        line[4 * x + 2] = planes[2][x];
        line[4 * x + 3] = 0;
    }
}

static void give_line(const struct cw_dsp *dsp, enum cw_photo_transform transform,
                      const uint8_t *line, uint32_t w, uint8_t *pixels)
{
    switch (transform) {
    case CW_PHOTO_PLAIN: memcpy(pixels, line, (size_t)4 * w); break;
    case CW_PHOTO_GREEN: dsp->photo_from_green(pixels, line, w); break;
    case CW_PHOTO_LUMA: dsp->photo_from_luma(pixels, line, w); break;
    case CW_PHOTO_TRANSFORM_COUNT: break;
    }
}

/* The line above the first row, with the pixel before it. */
static void start_line(struct cw_photo_reader *r, const struct cw_dsp *dsp, unsigned settings,
                       const uint8_t *pixels, size_t stride, uint32_t w, uint8_t *line)
{
    enum cw_photo_transform transform = settings & CW_PHOTO_TRANSFORM_MASK;
    if ((settings & CW_PHOTO_HAS_ABOVE) == 0) {
        for (size_t x = 0; x < 4 * (size_t)w; x++)
            line[x] = x % 4 == 3 ? 0 : 128;
        memcpy(line - 4, line, 4);
        return;
    }
    take_line(dsp, transform, pixels - stride, w, r, line);
    if ((settings & CW_PHOTO_HAS_LEFT) != 0)
        take_line(dsp, transform, pixels - stride - 4, 1, r, line - 4);
    else
        memcpy(line - 4, line, 4);
}

int cw_photo_draw(struct cw_photo_reader *r, const struct cw_dsp *dsp, uint8_t *picture,
                  uint32_t width, struct cw_rect rect, const struct cw_op_data *share)
{
    unsigned settings = share->data[0];
    enum cw_photo_transform transform = settings & CW_PHOTO_TRANSFORM_MASK;
    size_t stride = (size_t)width * 4;
    uint8_t *pixels = picture + rect.y * stride + (size_t)rect.x * 4;
    unsigned set = settings >> CW_PHOTO_SET_SHIFT & CW_PHOTO_SET_MASK;
    for (uint32_t t = 0; set == CW_PHOTO_SENT && t < CW_PHOTO_TABLES; t++)
        fill_slots(share->data + CW_PHOTO_HEAD_BYTES + (size_t)t * CW_PHOTO_TABLE_WEIGHTS,
                   &r->tables[set][t]);
    const struct slots *tables = r->tables[set];
    struct cursor c = {
        share->raw + CW_PHOTO_STATE_BYTES, share->raw + share->raw_bytes, {0}, false};
    for (unsigned i = 0; i < CW_PHOTO_PLANES; i++) {
        c.state[i] = cw_read_le32(share->raw + (size_t)4 * i);
        if (c.state[i] < CW_PHOTO_STATE_MIN)
            return CW_CODEC_ERR_PACKET;
        memset(r->magnitudes[i], CW_PHOTO_MAGNITUDE_START, (size_t)rect.w + 2 * EDGE);
    }
    start_line(r, dsp, settings, pixels, stride, rect.w, r->lines[1] + EDGE);
    for (uint32_t y = 0; y < rect.h; y++, pixels += stride) {
        uint8_t *line = r->lines[y % 2] + EDGE;
        const uint8_t *above = r->lines[1 - y % 2] + EDGE;
        take_activities(r, dsp, rect.w);
        if ((size_t)(c.end - c.at) >= (size_t)rect.w * PIXEL_BYTES_MAX)
            read_row(r, tables, &c, rect.w, false);
        else
            read_row(r, tables, &c, rect.w, true);
        if (c.over)
            return CW_CODEC_ERR_PACKET;
        if ((settings & CW_PHOTO_HAS_LEFT) != 0)
            take_line(dsp, transform, pixels - 4, 1, r, line - 4);
        else
            memcpy(line - 4, above, 4);
        dsp->photo_line(line, above, rect.w, r->folded[0], r->folded[1], r->folded[2]);
        give_line(dsp, transform, line, rect.w, pixels);
    }
    bool ended = c.at == c.end;
    for (unsigned i = 0; i < CW_PHOTO_PLANES; i++)
        ended = ended && c.state[i] == CW_PHOTO_STATE_MIN;
    return ended ? 0 : CW_CODEC_ERR_PACKET;
}
