/* SPDX-License-Identifier: Apache-2.0 */
/* The decoder's half of mode 5: three entropy decoders take turns, one a plane, on one row of words. Each waits for its
 * own last answer most of the time, so two operations that need nothing of each other are decoded side by side. */
#include <stdlib.h>
#include <string.h>

#include "codec/limits.h"
#include "codec/photo.h"
#include "codec/photo_model.h"
#include "codec/rect.h"

enum {
    EDGE = 64, /* bytes before and behind a row of residuals or pixels, of which 1 or 4 are read */
    ROW_BYTES = CW_CODEC_SIDE_PX_MAX + 2 * EDGE,
    LINE_BYTES = 4 * CW_CODEC_SIDE_PX_MAX + 2 * EDGE,
    /* The most words that a pixel can take: one for each token and one for its extra bits. */
    PIXEL_WORDS_MAX = CW_PHOTO_PLANES * 2,
};

/* A context for decoding: the token of each slot, and frequency | first slot << 16 of each token. Small, so that what a
 * picture needs stays in the nearest cache. */
struct context {
    uint8_t token[CW_PHOTO_SLOTS];
    uint32_t range[CW_PHOTO_TOKEN_STRIDE];
};

struct slots {
    const struct context *by_activity[CW_PHOTO_ACTIVITIES];
    struct context of[CW_PHOTO_CONTEXTS];
};

/* Rows of an operation under work. */
struct rows {
    uint8_t folded[CW_PHOTO_PLANES][ROW_BYTES];
    uint8_t activities[CW_PHOTO_PLANES][CW_CODEC_SIDE_PX_MAX];
    uint8_t lines[2][LINE_BYTES];
};

struct cw_photo_reader {
    /* The last sets are those that were sent. */
    struct slots tables[CW_PHOTO_SETS + CW_PHOTO_PARTS_MAX][CW_PHOTO_TABLES];
    struct rows rows[CW_PHOTO_PARTS_MAX];
};

/* Words still to be read, and the states of the three planes. */
struct cursor {
    const uint8_t *end;
    ptrdiff_t next; /* in words, from the end: not above 0 */
    uint32_t state[CW_PHOTO_PLANES];
    bool over; /* read past the end */
};

/* An operation under work. */
struct job {
    unsigned settings;
    uint32_t w, h;
    uint32_t y; /* the next row */
    uint8_t *pixels;
    size_t stride;
    const struct slots *tables;
    struct cursor cursor;
    size_t twice[CW_PHOTO_PLANES]; /* twice the last magnitude in the row */
    struct rows *rows;
};

static void fill_slots(const uint8_t *weights, struct slots *out)
{
    struct cw_photo_freqs f;
    cw_photo_freqs(weights, &f);
    for (uint32_t c = 0; c < CW_PHOTO_CONTEXTS; c++) {
        uint32_t first = 0;
        for (uint32_t token = 0; token < CW_PHOTO_TOKENS; token++) {
            uint32_t freq = f.of[c][token];
            memset(out->of[c].token + first, (int)token, freq);
            out->of[c].range[token] = freq | first << 16;
            first += freq;
        }
    }
}

struct cw_photo_reader *cw_photo_reader_new(void)
{
    struct cw_photo_reader *r = calloc(1, sizeof(*r));
    if (r == NULL)
        return NULL;
    for (uint32_t set = 0; set < CW_PHOTO_SETS + CW_PHOTO_PARTS_MAX; set++)
        for (uint32_t t = 0; t < CW_PHOTO_TABLES; t++) {
            struct slots *slots = &r->tables[set][t];
            for (uint32_t a = 0; a < CW_PHOTO_ACTIVITIES; a++)
                slots->by_activity[a] = &slots->of[cw_photo_context(a)];
            if (set < CW_PHOTO_SETS)
                fill_slots(cw_photo_weights_of(set, t), slots);
        }
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

static inline uint32_t read_word(const uint8_t *at)
{
    uint16_t word;
    _Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words are read as they lie");
    memcpy(&word, at, sizeof(word));
    return word;
}

/* Brings a state back into range with the next word. near: the words may end here. No branch where they do not:
 * it would be guessed wrong too often. */
static inline __attribute__((always_inline)) uint32_t refill(struct cursor *c, uint32_t state,
                                                             bool near)
{
    bool low = state < CW_PHOTO_STATE_MIN;
    if (near && c->next == 0) {
        c->over = c->over || low;
        return low ? CW_PHOTO_STATE_MIN : state;
    }
    size_t mask = 0 - (size_t)low; /* of a choice compilers make a branch */
    uint32_t longer = state << 16 | read_word(c->end + 2 * c->next);
    c->next -= (ptrdiff_t)mask;
    return state ^ ((longer ^ state) & (uint32_t)mask);
}

/* The next residual of a plane, folded; *twice is twice the magnitude of the last one, and then of this one. */
static inline __attribute__((always_inline)) uint32_t read_one(const struct slots *table,
                                                               struct cursor *c, unsigned plane,
                                                               size_t activity, size_t *twice,
                                                               bool near)
{
    const struct context *context = table->by_activity[activity + *twice];
    uint32_t slot = c->state[plane] % CW_PHOTO_SLOTS;
    uint32_t folded = context->token[slot];
    uint32_t range = context->range[folded];
    uint32_t state = (range & 0xffff) * (c->state[plane] >> CW_PHOTO_SLOTS_LOG);
    state = refill(c, state + slot - (range >> 16), near);
    *twice = ((size_t)folded + 1) & ~(size_t)1;
    if (__builtin_expect(folded >= CW_PHOTO_DIRECT, 0)) {
        uint32_t bits = cw_photo_extra_bits[folded - CW_PHOTO_DIRECT];
        folded = cw_photo_extra_base[folded - CW_PHOTO_DIRECT] + (state & ((1U << bits) - 1));
        state = refill(c, state >> bits, near);
        uint32_t magnitude = (folded + 1) / 2;
        *twice = 2 * (magnitude < CW_PHOTO_MAGNITUDE_MAX ? magnitude : CW_PHOTO_MAGNITUDE_MAX);
    }
    c->state[plane] = state;
    return folded;
}

/* A pixel's residuals, plane by plane. */
static inline __attribute__((always_inline)) void read_pixel(const struct job *j, struct cursor *c,
                                                             size_t *twice, uint32_t x, bool near)
{
    struct rows *rows = j->rows;
    const struct slots *first = &j->tables[0];
    const struct slots *others = &j->tables[1];
    uint32_t f0 = read_one(first, c, 0, rows->activities[0][x], &twice[0], near);
    uint32_t f1 = read_one(others, c, 1, rows->activities[1][x], &twice[1], near);
    uint32_t f2 = read_one(others, c, 2, rows->activities[2][x], &twice[2], near);
    rows->folded[0][EDGE + x] = (uint8_t)f0;
    rows->folded[1][EDGE + x] = (uint8_t)f1;
    rows->folded[2][EDGE + x] = (uint8_t)f2;
}

/* Pixels [x, x1) of a row. */
static inline __attribute__((always_inline)) void read_pixels(struct job *job, uint32_t x,
                                                              uint32_t x1, bool near)
{
    /* In copies, which are kept in registers. */
    struct job j = *job;
    struct cursor c = j.cursor;
    size_t twice[CW_PHOTO_PLANES] = {j.twice[0], j.twice[1], j.twice[2]};
    for (; x < x1; x++)
        read_pixel(&j, &c, twice, x, near);
    job->cursor = c;
    memcpy(job->twice, twice, sizeof(twice));
}

/* These are functions of their own, called for each row: a browser brings in better code for the next call of a
 * function that runs long, not for its next loop, and the first picture should not wait for that. */

static __attribute__((noinline)) void read_near(struct job *j, uint32_t x)
{
    read_pixels(j, x, j->w, true);
}

static __attribute__((noinline)) void read_far(struct job *j, uint32_t x)
{
    read_pixels(j, x, j->w, false);
}

/* The first w pixels of a row of each of two operations, far from the end of their words. */
static __attribute__((noinline)) void read_both(struct job *a, struct job *b, uint32_t w)
{
    struct job ja = *a;
    struct job jb = *b;
    struct cursor ca = ja.cursor;
    struct cursor cb = jb.cursor;
    size_t ta[CW_PHOTO_PLANES] = {ja.twice[0], ja.twice[1], ja.twice[2]};
    size_t tb[CW_PHOTO_PLANES] = {jb.twice[0], jb.twice[1], jb.twice[2]};
    for (uint32_t x = 0; x < w; x++) {
        read_pixel(&ja, &ca, ta, x, false);
        read_pixel(&jb, &cb, tb, x, false);
    }
    a->cursor = ca;
    b->cursor = cb;
    memcpy(a->twice, ta, sizeof(ta));
    memcpy(b->twice, tb, sizeof(tb));
}

/* What the row above gives to the contexts of the next one. */
static void take_activities(struct job *j, const struct cw_dsp *dsp)
{
    for (unsigned i = 0; i < CW_PHOTO_PLANES; i++) {
        uint8_t *folded = j->rows->folded[i] + EDGE;
        uint32_t magnitude = (folded[0] + 1U) / 2;
        folded[-1] = folded[0];
        folded[j->w] = folded[j->w - 1];
        dsp->photo_above(folded, j->w, j->rows->activities[i]);
        j->twice[i] = 2 * (magnitude < CW_PHOTO_MAGNITUDE_MAX ? magnitude : CW_PHOTO_MAGNITUDE_MAX);
    }
}

/* One pixel or a row of the picture as Q, P, S, 0, by way of the activities' memory. */
static void take_line(const struct cw_dsp *dsp, enum cw_photo_transform transform,
                      const uint8_t *pixels, uint32_t w, struct rows *r, uint8_t *line)
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
static void start_line(struct job *j, const struct cw_dsp *dsp, uint8_t *line)
{
    enum cw_photo_transform transform = j->settings & CW_PHOTO_TRANSFORM_MASK;
    if ((j->settings & CW_PHOTO_HAS_ABOVE) == 0) {
        for (size_t x = 0; x < 4 * (size_t)j->w; x++)
            line[x] = x % 4 == 3 ? 0 : 128;
        memcpy(line - 4, line, 4);
        return;
    }
    take_line(dsp, transform, j->pixels - j->stride, j->w, j->rows, line);
    if ((j->settings & CW_PHOTO_HAS_LEFT) != 0)
        take_line(dsp, transform, j->pixels - j->stride - 4, 1, j->rows, line - 4);
    else
        memcpy(line - 4, line, 4);
}

static unsigned set_of(const struct cw_op_data *share)
{
    return share->data[0] >> CW_PHOTO_SET_SHIFT & CW_PHOTO_SET_MASK;
}

/* The tables of an operation. Those that the second brings are mostly those of the first: then it has them in the
 * nearest cache. */
static const struct slots *take_tables(struct cw_photo_reader *r, const struct cw_photo_part *parts,
                                       uint32_t sent)
{
    const struct cw_op_data *share = &parts[sent].share;
    if (set_of(share) != CW_PHOTO_SENT)
        return r->tables[set_of(share)];
    if (sent == 1 && set_of(&parts[0].share) == CW_PHOTO_SENT &&
        memcmp(share->data + CW_PHOTO_HEAD_BYTES, parts[0].share.data + CW_PHOTO_HEAD_BYTES,
               CW_PHOTO_WEIGHT_BYTES) == 0)
        return r->tables[CW_PHOTO_SETS];
    for (uint32_t t = 0; t < CW_PHOTO_TABLES; t++)
        fill_slots(share->data + CW_PHOTO_HEAD_BYTES + (size_t)t * CW_PHOTO_TABLE_WEIGHTS,
                   &r->tables[CW_PHOTO_SETS + sent][t]);
    return r->tables[CW_PHOTO_SETS + sent];
}

static int start_job(struct job *j, const struct cw_dsp *dsp, const struct cw_op_data *share)
{
    j->cursor = (struct cursor){
        .end = share->raw + share->raw_bytes,
        .next = -(ptrdiff_t)((share->raw_bytes - CW_PHOTO_STATE_BYTES) / 2),
    };
    for (unsigned i = 0; i < CW_PHOTO_PLANES; i++) {
        j->cursor.state[i] = cw_read_le32(share->raw + (size_t)4 * i);
        if (j->cursor.state[i] < CW_PHOTO_STATE_MIN)
            return CW_CODEC_ERR_PACKET;
        memset(j->rows->folded[i], 2 * CW_PHOTO_MAGNITUDE_START, (size_t)j->w + 2 * EDGE);
    }
    start_line(j, dsp, j->rows->lines[1] + EDGE);
    take_activities(j, dsp);
    return 0;
}

static bool is_near_end(const struct job *j)
{
    return (size_t)-j->cursor.next < (size_t)j->w * PIXEL_WORDS_MAX;
}

/* Reads the next row from pixel x on and draws it. */
static int end_row(const struct cw_dsp *dsp, struct job *j, uint32_t x)
{
    enum cw_photo_transform transform = j->settings & CW_PHOTO_TRANSFORM_MASK;
    struct rows *rows = j->rows;
    uint8_t *line = rows->lines[j->y % 2] + EDGE;
    const uint8_t *above = rows->lines[1 - j->y % 2] + EDGE;
    if (is_near_end(j))
        read_near(j, x);
    else
        read_far(j, x);
    if (j->cursor.over)
        return CW_CODEC_ERR_PACKET;
    if ((j->settings & CW_PHOTO_HAS_LEFT) != 0)
        take_line(dsp, transform, j->pixels - 4, 1, rows, line - 4);
    else
        memcpy(line - 4, above, 4);
    dsp->photo_line(line, above, j->w, rows->folded[0] + EDGE, rows->folded[1] + EDGE,
                    rows->folded[2] + EDGE);
    give_line(dsp, transform, line, j->w, j->pixels);
    j->pixels += j->stride;
    j->y++;
    take_activities(j, dsp);
    return 0;
}

static bool is_ended(const struct job *j)
{
    bool ended = j->cursor.next == 0;
    for (unsigned i = 0; i < CW_PHOTO_PLANES; i++)
        ended = ended && j->cursor.state[i] == CW_PHOTO_STATE_MIN;
    return ended;
}

/* What the operation reads or draws. */
static struct cw_rect reach(const struct cw_photo_part *p)
{
    struct cw_rect r = p->rect;
    unsigned above = (p->share.data[0] & CW_PHOTO_HAS_ABOVE) != 0;
    unsigned left = (p->share.data[0] & CW_PHOTO_HAS_LEFT) != 0;
    return (struct cw_rect){r.x - left, r.y - above, r.w + left, r.h + above};
}

bool cw_photo_apart(const struct cw_photo_part *a, const struct cw_photo_part *b)
{
    struct cw_rect reach_a = reach(a);
    struct cw_rect reach_b = reach(b);
    return !cw_rects_meet(&reach_a, &b->rect) && !cw_rects_meet(&reach_b, &a->rect);
}

int cw_photo_draw(struct cw_photo_reader *r, const struct cw_dsp *dsp, uint8_t *picture,
                  uint32_t width, const struct cw_photo_part *parts, uint32_t count)
{
    struct job jobs[CW_PHOTO_PARTS_MAX];
    size_t stride = (size_t)width * 4;
    uint32_t rows = 0; /* that two have */
    uint32_t both = 0; /* pixels of each that two have */
    for (uint32_t i = 0; i < count; i++) {
        const struct cw_photo_part *p = &parts[i];
        jobs[i] = (struct job){
            .settings = p->share.data[0],
            .w = p->rect.w,
            .h = p->rect.h,
            .pixels = picture + p->rect.y * stride + (size_t)p->rect.x * 4,
            .stride = stride,
            .tables = take_tables(r, parts, i),
            .rows = &r->rows[i],
        };
        int err = start_job(&jobs[i], dsp, &p->share);
        if (err != 0)
            return err;
    }
    if (count == 2) {
        rows = jobs[0].h < jobs[1].h ? jobs[0].h : jobs[1].h;
        both = jobs[0].w < jobs[1].w ? jobs[0].w : jobs[1].w;
    }
    for (uint32_t y = 0; y < rows; y++) {
        bool is_near = is_near_end(&jobs[0]) || is_near_end(&jobs[1]);
        if (!is_near)
            read_both(&jobs[0], &jobs[1], both);
        for (uint32_t i = 0; i < count; i++)
            if (end_row(dsp, &jobs[i], is_near ? 0 : both) != 0)
                return CW_CODEC_ERR_PACKET;
    }
    for (uint32_t i = 0; i < count; i++) {
        while (jobs[i].y < jobs[i].h)
            if (end_row(dsp, &jobs[i], 0) != 0)
                return CW_CODEC_ERR_PACKET;
        if (!is_ended(&jobs[i]))
            return CW_CODEC_ERR_PACKET;
    }
    return 0;
}
