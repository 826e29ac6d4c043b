/* SPDX-License-Identifier: Apache-2.0 */
/* The encoder's half of mode 5. Rows are looked at twice: a sample of them for the tables, and all of them from the
 * last to the first, because the entropy coder writes backwards what the decoder reads forwards. */
#include "codec/photo.h"

#include <stdlib.h>
#include <string.h>

#include "codec/check.h"
#include "codec/limits.h"
#include "codec/photo_model.h"

enum {
    VECTOR_PX = 32,
    EDGE =
        64, /* bytes before and behind a row: 1 before it is read, VECTOR_PX behind it may be written */
    ROW_BYTES = CW_CODEC_SIDE_PX_MAX + 2 * EDGE,
    PIXEL_BYTES_MAX = CW_PHOTO_PLANES * 4,
    /* Two halves are decoded in little more time than one, for some dozen bytes more. */
    HALVED_PX_MIN = 1 << 16,
    HALVED_WIDTH_MIN = 128,
    /* Below, a few bytes of zstd are less than the coder's own states. */
    PX_MIN = 64,
    /* The sample: groups of rows, one of each so many pixels, at least each sixteenth. */
    GROUP_ROWS = 4,
    SAMPLE_PX = 1 << 13,
    SAMPLE_ONE_IN_MAX = 16,
    COST_BITS = 8, /* costs are bits with so many binary places */
    /* zstd makes about two thirds of the weights. */
    WEIGHTS_COST = CW_PHOTO_WEIGHT_BYTES * 8 * 2 / 3 << COST_BITS,
    RECIPROCAL_BITS = 42,
    /* Of 100 residuals in what looks like text: with more of them zero, zstd finds repeated letters. */
    TEXT_ZEROS_MAX = 65,
};

/* How to code a token: see put_token. */
struct code {
    uint64_t reciprocal;
    uint32_t state_end; /* from here on a word goes out first */
    uint16_t start;
    uint16_t rest; /* CW_PHOTO_SLOTS - frequency */
};

typedef struct code codes[CW_PHOTO_CONTEXTS][CW_PHOTO_TOKEN_STRIDE];
typedef uint32_t counts[CW_PHOTO_CONTEXTS][CW_PHOTO_TOKEN_STRIDE];

struct row {
    uint8_t planes[CW_PHOTO_PLANES][ROW_BYTES];
    uint8_t folded[CW_PHOTO_PLANES][CW_CODEC_SIDE_PX_MAX];
    uint8_t magnitudes[CW_PHOTO_PLANES][ROW_BYTES];
};

/* The rectangle under work. */
struct job {
    const struct cw_dsp *dsp;
    const uint8_t *pixels;
    size_t stride;
    uint32_t w, h;
    unsigned settings;
    uint32_t zeros_max;
};

struct cw_photo {
    uint32_t width, height;
    codes tables[CW_PHOTO_SETS + 1][CW_PHOTO_TABLES]; /* the last set is the one to be sent */
    uint8_t weights[CW_PHOTO_WEIGHT_BYTES];           /* its weights */
    counts seen[CW_PHOTO_PLANES]; /* the last joins the one before when all is counted */
    uint16_t costs[CW_PHOTO_SETS][CW_PHOTO_TABLES][CW_PHOTO_CONTEXTS][CW_PHOTO_TOKENS];
    uint16_t log2_of[CW_PHOTO_SLOTS + 1]; /* bits << COST_BITS that a frequency costs */
    uint8_t token[256];
    struct row rows[3];
    uint16_t indexes[CW_PHOTO_PLANES][CW_CODEC_SIDE_PX_MAX];
    uint8_t *out; /* words, written from the end */
    size_t out_bytes;
};

static void fill_codes(const uint8_t *weights, codes out)
{
    struct cw_photo_freqs f;
    cw_photo_freqs(weights, &f);
    for (uint32_t c = 0; c < CW_PHOTO_CONTEXTS; c++) {
        uint32_t start = 0;
        for (uint32_t token = 0; token < CW_PHOTO_TOKENS; token++) {
            uint32_t freq = f.of[c][token];
            out[c][token] = (struct code){
                .reciprocal = (((uint64_t)1 << RECIPROCAL_BITS) + freq - 1) / freq,
                .state_end = freq << (32 - CW_PHOTO_SLOTS_LOG),
                .start = (uint16_t)start,
                .rest = (uint16_t)(CW_PHOTO_SLOTS - freq),
            };
            start += freq;
        }
    }
}

/* log2(CW_PHOTO_SLOTS / freq) in binary places, by squaring. */
static uint16_t cost_of(uint32_t freq)
{
    uint64_t v = (uint64_t)freq << 21; /* 2^21 times freq, freq <= 2^10: v < 2^32 */
    uint32_t log = 0;
    uint32_t top = 31;
    while (v < (uint64_t)1 << 31) {
        v <<= 1;
        top--;
    }
    for (unsigned i = 0; i < COST_BITS; i++) {
        v = v * v >> 31;
        log <<= 1;
        if (v >= (uint64_t)1 << 32) {
            v >>= 1;
            log |= 1;
        }
    }
    return (uint16_t)(((31U - top) << COST_BITS) - log);
}

/* Bits that a table's tokens take by these weights, in binary places. */
static void fill_costs(const struct cw_photo *p, const uint8_t *weights,
                       uint16_t costs[CW_PHOTO_CONTEXTS][CW_PHOTO_TOKENS])
{
    struct cw_photo_freqs f;
    cw_photo_freqs(weights, &f);
    for (uint32_t c = 0; c < CW_PHOTO_CONTEXTS; c++)
        for (uint32_t i = 0; i < CW_PHOTO_TOKENS; i++)
            costs[c][i] = p->log2_of[f.of[c][i]];
}

struct cw_photo *cw_photo_new(uint32_t width, uint32_t height)
{
    struct cw_photo *p = calloc(1, sizeof(*p));
    if (p == NULL)
        return NULL;
    p->width = width;
    p->height = height;
    /* A row too many may be written before the limit of 3 bytes a pixel is seen to be broken. */
    p->out_bytes = (size_t)width * height * 3 + (size_t)width * PIXEL_BYTES_MAX + EDGE;
    p->out = malloc(p->out_bytes);
    if (p->out == NULL)
        return cw_photo_free(p);
    for (uint32_t set = 0; set < CW_PHOTO_SETS; set++)
        for (uint32_t t = 0; t < CW_PHOTO_TABLES; t++)
            fill_codes(cw_photo_weights_of(set, t), p->tables[set][t]);
    for (uint32_t freq = 1; freq <= CW_PHOTO_SLOTS; freq++)
        p->log2_of[freq] = cost_of(freq);
    for (uint32_t set = 0; set < CW_PHOTO_SETS; set++)
        for (uint32_t t = 0; t < CW_PHOTO_TABLES; t++)
            fill_costs(p, cw_photo_weights_of(set, t), p->costs[set][t]);
    for (uint32_t v = 0; v < CW_PHOTO_DIRECT; v++)
        p->token[v] = (uint8_t)v;
    for (uint32_t i = 0; i < CW_PHOTO_TOKENS - CW_PHOTO_DIRECT; i++)
        memset(p->token + cw_photo_extra_base[i], (int)(CW_PHOTO_DIRECT + i),
               (size_t)1 << cw_photo_extra_bits[i]);
    return p;
}

struct cw_photo *cw_photo_free(struct cw_photo *p)
{
    if (p != NULL) {
        free(p->out);
        free(p);
    }
    return NULL;
}

/* Planes of w pixels, at some place of the row. Kernels are quick with whole vectors: up to VECTOR_PX results are
 * written behind. */
static void split(const struct job *j, const uint8_t *pixels, uint32_t w, struct row *r, size_t at)
{
    uint8_t few[4 * VECTOR_PX];
    uint8_t *p = r->planes[0] + at;
    uint8_t *q = r->planes[1] + at;
    uint8_t *s = r->planes[2] + at;
    if (w < VECTOR_PX) {
        memcpy(few, pixels, (size_t)4 * w);
        memset(few + (size_t)4 * w, 0, sizeof(few) - (size_t)4 * w);
        pixels = few;
        w = VECTOR_PX;
    }
    switch ((enum cw_photo_transform)(j->settings & CW_PHOTO_TRANSFORM_MASK)) {
    case CW_PHOTO_PLAIN: j->dsp->photo_plain(pixels, w, p, q, s); break;
    case CW_PHOTO_GREEN: j->dsp->photo_green(pixels, w, p, q, s); break;
    case CW_PHOTO_LUMA: j->dsp->photo_luma(pixels, w, p, q, s); break;
    case CW_PHOTO_TRANSFORM_COUNT: break;
    }
}

/* The planes of row y, from -1 on: first the value left of the row, because what is behind it is overwritten. */
static void load_row(const struct job *j, ptrdiff_t y, struct row *r)
{
    const uint8_t *pixels = j->pixels + y * (ptrdiff_t)j->stride;
    bool above = (j->settings & CW_PHOTO_HAS_ABOVE) != 0;
    bool left = (j->settings & CW_PHOTO_HAS_LEFT) != 0;
    if (y < 0 && !above) {
        for (unsigned i = 0; i < CW_PHOTO_PLANES; i++)
            memset(r->planes[i] + EDGE - 1, 128, (size_t)j->w + 1);
        return;
    }
    if (left)
        split(j, pixels - 4, 1, r, EDGE - 1);
    else if (y > 0 || (y == 0 && above))
        split(j, pixels - j->stride, 1, r, EDGE - 1);
    else if (y < 0)
        split(j, pixels, 1, r, EDGE - 1);
    else
        for (unsigned i = 0; i < CW_PHOTO_PLANES; i++)
            r->planes[i][EDGE - 1] = 128;
    split(j, pixels, j->w, r, EDGE);
}

/* Whole vectors of a row's values: what is behind the row is nobody's. */
static uint32_t whole_vectors(uint32_t w)
{
    return (w + VECTOR_PX - 1) / VECTOR_PX * VECTOR_PX;
}

/* Residuals and magnitudes of row y, whose planes are loaded, and those of the row above. */
static void predict_row(const struct job *j, ptrdiff_t y, struct row *r, const struct row *above)
{
    for (unsigned i = 0; i < CW_PHOTO_PLANES; i++) {
        if (y < 0)
            memset(r->magnitudes[i] + EDGE, CW_PHOTO_MAGNITUDE_START, j->w);
        else
            j->dsp->photo_residuals(r->planes[i] + EDGE, above->planes[i] + EDGE,
                                    whole_vectors(j->w), r->folded[i], r->magnitudes[i] + EDGE);
    }
}

/* Contexts and tokens of a row, by the magnitudes of it and of the row above. */
static void index_row(struct cw_photo *p, const struct job *j, struct row *r, struct row *above)
{
    for (unsigned i = 0; i < CW_PHOTO_PLANES; i++) {
        uint8_t *m = above->magnitudes[i] + EDGE;
        m[-1] = m[0];
        m[j->w] = m[j->w - 1];
        r->magnitudes[i][EDGE - 1] = m[0];
        j->dsp->photo_contexts(r->folded[i], r->magnitudes[i] + EDGE, m, whole_vectors(j->w),
                               p->indexes[i]);
    }
}

static inline __attribute__((always_inline)) void count_one(struct cw_photo *p, const struct row *r,
                                                            unsigned plane, uint32_t x)
{
    uint32_t *seen = &p->seen[plane][0][0];
    uint32_t folded = r->folded[plane][x];
    uint32_t index = p->indexes[plane][x];
    if (folded >= CW_PHOTO_DIRECT)
        index += p->token[folded] - (uint32_t)CW_PHOTO_DIRECT;
    seen[index]++;
}

/* The planes take turns: to count one thing twice in a row waits for the memory. */
static void count_row(struct cw_photo *p, const struct job *j, const struct row *r)
{
    for (uint32_t x = 0; x < j->w; x++) {
        count_one(p, r, 0, x);
        count_one(p, r, 1, x);
        count_one(p, r, 2, x);
    }
}

/* How many rows there are from the start of one group of the sample to the next. */
static uint32_t sample_step(const struct job *j)
{
    uint32_t one_in = j->w * j->h / SAMPLE_PX;
    if (one_in < 1)
        return GROUP_ROWS;
    return GROUP_ROWS * (one_in < SAMPLE_ONE_IN_MAX ? one_in : SAMPLE_ONE_IN_MAX);
}

static void sample(struct cw_photo *p, const struct job *j)
{
    memset(p->seen, 0, sizeof(p->seen));
    uint32_t step = sample_step(j);
    for (uint32_t y0 = 0; y0 < j->h; y0 += step) {
        ptrdiff_t end = (ptrdiff_t)(j->h - y0 < GROUP_ROWS ? j->h : y0 + GROUP_ROWS);
        struct row *old = &p->rows[0];
        struct row *above = &p->rows[1];
        struct row *row = &p->rows[2];
        if (y0 > 0)
            load_row(j, (ptrdiff_t)y0 - 2, old);
        load_row(j, (ptrdiff_t)y0 - 1, above);
        predict_row(j, (ptrdiff_t)y0 - 1, above, old);
        for (ptrdiff_t y = (ptrdiff_t)y0; y < end; y++) {
            load_row(j, y, row);
            predict_row(j, y, row, above);
            index_row(p, j, row, above);
            count_row(p, j, row);
            struct row *free_row = old;
            old = above;
            above = row;
            row = free_row;
        }
    }
    for (uint32_t c = 0; c < CW_PHOTO_CONTEXTS; c++)
        for (uint32_t i = 0; i < CW_PHOTO_TOKENS; i++)
            p->seen[1][c][i] += p->seen[2][c][i];
}

/* The sum over the sample of about log2 of each residual. */
static uint64_t transform_cost(struct cw_photo *p, const struct job *j)
{
    static const uint8_t bits[CW_PHOTO_MAGNITUDE_MAX + 1] = {
        1, 3, 4, 5, 6, 6, 7, 7,  7,  8,  8,  8,  8,  8,  9,  9,
        9, 9, 9, 9, 9, 9, 9, 10, 10, 10, 10, 10, 10, 10, 10, 11};
    uint64_t cost = 0;
    uint32_t step = sample_step(j);
    for (uint32_t y = j->h > 1; y < j->h; y += step) {
        load_row(j, (ptrdiff_t)y - 1, &p->rows[0]);
        load_row(j, (ptrdiff_t)y, &p->rows[1]);
        predict_row(j, (ptrdiff_t)y, &p->rows[1], &p->rows[0]);
        for (unsigned i = 0; i < CW_PHOTO_PLANES; i++)
            for (uint32_t x = 0; x < j->w; x++)
                cost += bits[p->rows[1].magnitudes[i][EDGE + x]];
    }
    return cost;
}

static void choose_transform(struct cw_photo *p, struct job *j)
{
    unsigned others = j->settings;
    unsigned best = CW_PHOTO_PLAIN;
    uint64_t least = UINT64_MAX;
    for (unsigned t = 0; t < CW_PHOTO_TRANSFORM_COUNT; t++) {
        j->settings = others | t;
        uint64_t cost = transform_cost(p, j);
        if (cost < least) {
            least = cost;
            best = t;
        }
    }
    j->settings = others | best;
}

/* The byte whose number is nearest below: the place of the highest bit and the two bits after it. */
static uint8_t weight_code(uint64_t weight)
{
    if (weight < 4)
        return (uint8_t)weight;
    uint32_t top = 63 - (uint32_t)__builtin_clzll(weight);
    uint32_t code = 4 * (top - 1) + (uint32_t)(weight >> (top - 2) & 3);
    return (uint8_t)(code < CW_PHOTO_WEIGHT_MAX ? code : CW_PHOTO_WEIGHT_MAX);
}

/* Weights from the counts of the sample. A context that was not seen has the second set's. */
static void make_weights(const struct cw_photo *p, uint8_t *weights)
{
    for (uint32_t t = 0; t < CW_PHOTO_TABLES; t++)
        memcpy(weights + (size_t)t * CW_PHOTO_TABLE_WEIGHTS, cw_photo_weights_of(1, t),
               CW_PHOTO_TABLE_WEIGHTS);
    for (uint32_t t = 0; t < CW_PHOTO_TABLES; t++)
        for (uint32_t c = 0; c < CW_PHOTO_CONTEXTS; c++) {
            const uint32_t *seen = p->seen[t][c];
            uint64_t sum = 0;
            for (uint32_t i = 0; i < CW_PHOTO_TOKENS; i++)
                sum += seen[i];
            uint8_t *w = weights + ((size_t)t * CW_PHOTO_CONTEXTS + c) * CW_PHOTO_TOKENS;
            for (uint32_t i = 0; sum != 0 && i < CW_PHOTO_TOKENS; i++)
                w[i] = weight_code(((uint64_t)seen[i] * 8192 + sum / 2) / sum);
        }
}

/* Bits of the sample's tokens in a table. */
static uint64_t table_cost(const struct cw_photo *p, uint32_t table,
                           const uint16_t costs[CW_PHOTO_CONTEXTS][CW_PHOTO_TOKENS])
{
    uint64_t cost = 0;
    for (uint32_t c = 0; c < CW_PHOTO_CONTEXTS; c++)
        for (uint32_t i = 0; i < CW_PHOTO_TOKENS; i++)
            cost += (uint64_t)p->seen[table][c][i] * costs[c][i];
    return cost;
}

/* A word goes out if the state would not fit otherwise. No branch: it would be guessed wrong too often. */
static inline __attribute__((always_inline)) uint32_t make_room(uint32_t state, uint32_t end,
                                                                uint8_t **at)
{
    uint32_t full = state >= end;
    (*at)[-2] = (uint8_t)state;
    (*at)[-1] = (uint8_t)(state >> 8);
    *at -= (size_t)2 * full;
    return full != 0 ? state >> 16 : state;
}

/* Extra bits are tokens of equal frequency. */
static inline uint32_t put_extra(uint32_t state, uint32_t folded, uint32_t token, uint8_t **at)
{
    uint32_t bits = cw_photo_extra_bits[token - CW_PHOTO_DIRECT];
    state = make_room(state, (uint32_t)1 << (32 - bits), at);
    return state << bits | (folded - cw_photo_extra_base[token - CW_PHOTO_DIRECT]);
}

/* Codes a value; the decoder gives it back with the state from before. */
static inline __attribute__((always_inline)) uint32_t put(const struct cw_photo *p,
                                                          const struct code *c, uint32_t folded,
                                                          uint32_t state, uint8_t **at)
{
    if (folded >= CW_PHOTO_DIRECT) {
        uint32_t token = p->token[folded];
        state = put_extra(state, folded, token, at);
        c += token - CW_PHOTO_DIRECT;
    }
    state = make_room(state, c->state_end, at);
    /* state / frequency: exact, as the state is below frequency << 22 and the product below 2^64. */
    uint32_t quotient = (uint32_t)(state * c->reciprocal >> RECIPROCAL_BITS);
    return state + c->start + quotient * c->rest;
}

/* Codes a row backwards; returns the new end of the words. */
static uint8_t *write_row(const struct cw_photo *p, const struct row *r, const codes *tables,
                          uint32_t w, uint32_t *states, uint8_t *at)
{
    const struct code *first = &tables[0][0][0];
    const struct code *others = &tables[1][0][0];
    uint32_t s0 = states[0];
    uint32_t s1 = states[1];
    uint32_t s2 = states[2];
    for (uint32_t x = w; x-- > 0;) {
        s2 = put(p, others + p->indexes[2][x], r->folded[2][x], s2, &at);
        s1 = put(p, others + p->indexes[1][x], r->folded[1][x], s1, &at);
        s0 = put(p, first + p->indexes[0][x], r->folded[0][x], s0, &at);
    }
    states[0] = s0;
    states[1] = s1;
    states[2] = s2;
    return at;
}

/* All rows, from the last. Returns where the raw bytes start, NULL when they are more than bytes_max. */
static const uint8_t *write_rows(struct cw_photo *p, const struct job *j, const codes *tables,
                                 size_t bytes_max)
{
    uint32_t states[CW_PHOTO_PLANES] = {CW_PHOTO_STATE_MIN, CW_PHOTO_STATE_MIN, CW_PHOTO_STATE_MIN};
    uint8_t *end = p->out + p->out_bytes;
    uint8_t *at = end;
    struct row *row = &p->rows[0];
    struct row *above = &p->rows[1];
    struct row *old = &p->rows[2];
    ptrdiff_t last = (ptrdiff_t)j->h - 1;
    load_row(j, last, row);
    load_row(j, last - 1, above);
    predict_row(j, last, row, above);
    for (ptrdiff_t y = last; y >= 0; y--) {
        if (y > 0)
            load_row(j, y - 2, old);
        predict_row(j, y - 1, above, old);
        index_row(p, j, row, above);
        at = write_row(p, row, tables, j->w, states, at);
        if ((size_t)(end - at) + CW_PHOTO_STATE_BYTES > bytes_max)
            return NULL;
        struct row *free_row = row;
        row = above;
        above = old;
        old = free_row;
    }
    for (unsigned i = CW_PHOTO_PLANES; i-- > 0;) {
        at -= 4;
        cw_write_le32(at, states[i]);
    }
    return at;
}

/* How many of 100 residuals of the sample are zero. */
static uint64_t zeros_of_100(const struct cw_photo *p)
{
    uint64_t zeros = 0;
    uint64_t all = 0;
    for (uint32_t t = 0; t < CW_PHOTO_TABLES; t++)
        for (uint32_t c = 0; c < CW_PHOTO_CONTEXTS; c++) {
            zeros += p->seen[t][c][0];
            for (uint32_t i = 0; i < CW_PHOTO_TOKENS; i++)
                all += p->seen[t][c][i];
        }
    return zeros * 100 / all;
}

/* Chooses the set of tables by the sample. False: there is so little to code that zstd does it better. */
static bool choose_tables(struct cw_photo *p, struct job *j)
{
    sample(p, j);
    if (zeros_of_100(p) > j->zeros_max)
        return false;
    uint64_t area = (uint64_t)j->w * j->h;
    uint64_t times = sample_step(j) / GROUP_ROWS;
    uint64_t least = UINT64_MAX;
    unsigned best = 0;
    for (unsigned set = 0; set < CW_PHOTO_SETS; set++) {
        uint64_t cost = 0;
        for (uint32_t t = 0; t < CW_PHOTO_TABLES; t++)
            cost += times * table_cost(p, t, p->costs[set][t]);
        if (cost < least) {
            least = cost;
            best = set;
        }
    }
    if (area >= CW_PHOTO_TABLES_PX_MIN) {
        make_weights(p, p->weights);
        uint64_t cost = WEIGHTS_COST;
        for (uint32_t t = 0; t < CW_PHOTO_TABLES; t++) {
            uint16_t costs[CW_PHOTO_CONTEXTS][CW_PHOTO_TOKENS];
            fill_costs(p, p->weights + (size_t)t * CW_PHOTO_TABLE_WEIGHTS, costs);
            cost += times * table_cost(p, t, costs);
        }
        if (cost < least) {
            least = cost;
            best = CW_PHOTO_SENT;
            for (uint32_t t = 0; t < CW_PHOTO_TABLES; t++)
                fill_codes(p->weights + (size_t)t * CW_PHOTO_TABLE_WEIGHTS, p->tables[best][t]);
        }
    }
    j->settings |= best << CW_PHOTO_SET_SHIFT;
    return least >> COST_BITS >= area;
}

/* Codes the job as one operation. False: nothing was added. */
static bool code_one(struct cw_photo *p, const struct job *j, struct cw_rect rect,
                     struct cw_body *body)
{
    unsigned set = j->settings >> CW_PHOTO_SET_SHIFT & CW_PHOTO_SET_MASK;
    size_t weight_bytes = set == CW_PHOTO_SENT ? CW_PHOTO_WEIGHT_BYTES : 0;
    size_t bytes_max = (size_t)rect.w * rect.h * 3 + 4 - CW_PHOTO_HEAD_BYTES - weight_bytes;
    size_t room = body->raw_bytes_max - body->raw_bytes;
    const uint8_t *raw = write_rows(p, j, p->tables[set], bytes_max < room ? bytes_max : room);
    if (raw == NULL)
        return false;
    size_t raw_bytes = (size_t)(p->out + p->out_bytes - raw);
    struct cw_op op = {.rect = rect, .mode = CW_OP_PHOTO};
    uint8_t *data = cw_body_add(body, &op, CW_PHOTO_HEAD_BYTES + weight_bytes);
    data[0] = (uint8_t)j->settings;
    cw_write_le32(data + 1, (uint32_t)raw_bytes);
    memcpy(data + CW_PHOTO_HEAD_BYTES, p->weights, weight_bytes);
    memcpy(body->raw + body->raw_bytes, raw, raw_bytes);
    body->raw_bytes += raw_bytes;
    return true;
}

/* Codes the left and the right half as operations that need nothing of each other. */
static bool code_halves(struct cw_photo *p, const struct job *j, struct cw_rect rect,
                        struct cw_body *body)
{
    struct job left = *j;
    struct job right = *j;
    struct cw_rect left_rect = rect;
    struct cw_rect right_rect = rect;
    const struct cw_body before = *body;
    left.w = left_rect.w = (rect.w + 1) / 2;
    right.w = right_rect.w = rect.w - left.w;
    right.pixels += (size_t)4 * left.w;
    right_rect.x += left.w;
    right.settings &= ~(unsigned)CW_PHOTO_HAS_LEFT;
    if (code_one(p, &left, left_rect, body) && code_one(p, &right, right_rect, body))
        return true;
    *body = before;
    return false;
}

bool cw_photo_code(struct cw_photo *p, const struct cw_dsp *dsp, const uint8_t *picture,
                   const struct cw_photo_task *task, struct cw_body *body)
{
    struct cw_rect rect = task->rect;
    size_t area = (size_t)rect.w * rect.h;
    CW_CODEC_CHECK(rect.x + rect.w <= p->width && rect.y + rect.h <= p->height);
    struct job j = {
        .dsp = dsp,
        .stride = (size_t)p->width * 4,
        .w = rect.w,
        .h = rect.h,
        .zeros_max = task->class == CW_CLASS_TEXT ? TEXT_ZEROS_MAX : 100,
        .settings = (task->shown && rect.y > 0 ? (unsigned)CW_PHOTO_HAS_ABOVE : 0) |
                    (task->shown && rect.x > 0 ? (unsigned)CW_PHOTO_HAS_LEFT : 0),
    };
    j.pixels = picture + rect.y * j.stride + (size_t)rect.x * 4;
    if (area < PX_MIN)
        return false;
    choose_transform(p, &j);
    if (!choose_tables(p, &j))
        return false;
    if (task->may_halve && area >= HALVED_PX_MIN && rect.w >= HALVED_WIDTH_MIN)
        return code_halves(p, &j, rect, body);
    return code_one(p, &j, rect, body);
}
