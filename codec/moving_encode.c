/* SPDX-License-Identifier: Apache-2.0 */
/* The encoder: each macroblock is skipped if its residual under the guessed vector is nothing, else searched for; what
 * it is coded as follows from sums of absolute differences and the bits of vectors. */
#include "codec/moving.h"

#include <stdlib.h>
#include <string.h>

#include "codec/check.h"
#include "codec/moving_frame.h"
#include "codec/moving_search.h"
#include "codec/moving_write.h"

enum {
    STEPS_WHOLE = 16, /* steps of a macroblock's search by whole samples */
    STEPS_PART = 3,   /* the same of its quarters, which start at its vector */
    SPLIT_BITS = 4,   /* what a split costs besides its vectors */
    /* In 1/32 of a step: a block with less has no level but 0. At 3 it cannot have, at 5 it hardly ever has. */
    NOTHING_SAD = 5,
    PARTS_SAD = 16,       /* times lambda: predicted so well, a macroblock is not split */
    INTRA_SAD = 1000,     /* predicted so well, a macroblock is not tried without history */
    TRIES = 4,            /* of a frame that is larger than its room */
    TRY_STEP = 12,        /* by how many quantisers the next try is coarser */
    QUANTISER_FIRST = 33, /* gives about FIRST_BITS bits in 64 pixels of lively video */
    FIRST_BITS = 28,
    FIRST_COARSER = 3, /* without history, which costs up to twice as much */
    FINER_NEAR = 2,    /* quantisers from a frame to the next, if there is room */
    FINER_FAR = 3,     /* if there is as much room again */
    FINER_FIRST = 9,   /* the same, from what has no history */
};

struct cw_moving_encoder {
    struct cw_moving_frame frame;
    struct cw_moving_planes source; /* rows of whole macroblocks, no padding */
    uint8_t *source_memory;
    struct cw_moving_vector *past; /* the frame's before, rows without borders */
    uint32_t width, height;
    bool has_history;
    uint32_t rate_quantiser; /* the next frame's under a target; 0: not known yet */
    /* Of the frame at work: */
    const struct cw_moving_dsp *dsp;
    uint32_t lambda;
    uint32_t steps[CW_MOVING_PLANES];
    struct cw_moving_quantiser inter[CW_MOVING_PLANES], intra[CW_MOVING_PLANES];
    struct cw_bits_writer writer;
    struct cw_moving_residual residual;
    struct cw_moving_contexts contexts_before;
};

int cw_moving_encoder_new(uint32_t width_max, uint32_t height_max,
                          struct cw_moving_encoder **ret_encoder)
{
    struct cw_moving_encoder *e = calloc(1, sizeof(*e));
    if (e == NULL)
        return CW_CODEC_ERR_NOMEM;
    int err = cw_moving_frame_new(width_max, height_max, &e->frame);
    if (err == 0) {
        uint64_t pixels = (uint64_t)width_max * height_max;
        uint64_t sides = (uint64_t)width_max + height_max;
        /* Sides grow by 15 to whole macroblocks. */
        size_t samples =
            (size_t)((pixels < CW_MOVING_PX_MAX ? pixels : CW_MOVING_PX_MAX) + 15 * sides + 256);
        e->source_memory = calloc(CW_MOVING_PLANES, samples);
        e->past = calloc(samples / CW_MOVING_COEFS + 1, sizeof(*e->past));
        if (e->source_memory == NULL || e->past == NULL)
            err = CW_CODEC_ERR_NOMEM;
    }
    if (err != 0) {
        cw_moving_encoder_free(e);
        return err;
    }
    *ret_encoder = e;
    return 0;
}

struct cw_moving_encoder *cw_moving_encoder_free(struct cw_moving_encoder *e)
{
    if (e != NULL) {
        cw_moving_frame_free(&e->frame);
        free(e->source_memory);
        free(e->past);
        free(e);
    }
    return NULL;
}

void cw_moving_encoder_restart(struct cw_moving_encoder *e)
{
    e->has_history = false;
}

static size_t source_stride(const struct cw_moving_encoder *e)
{
    return (size_t)e->frame.columns * CW_MOVING_MACRO;
}

static const uint8_t *source_at(const struct cw_moving_encoder *e, uint32_t plane, uint32_t bx,
                                uint32_t by)
{
    return e->source.plane[plane] + (size_t)by * CW_MOVING_BLOCK * source_stride(e) +
           (size_t)bx * CW_MOVING_BLOCK;
}

/* The frame as planes, its last column and row repeated up to whole macroblocks. */
static void take_source(struct cw_moving_encoder *e, const uint8_t *bgrx, size_t stride)
{
    size_t side = source_stride(e);
    uint32_t rows = e->frame.rows * CW_MOVING_MACRO;
    for (uint32_t p = 0; p < CW_MOVING_PLANES; p++)
        e->source.plane[p] = e->source_memory + p * side * rows;
    for (uint32_t y = 0; y < rows; y++) {
        uint8_t *row[CW_MOVING_PLANES];
        for (uint32_t p = 0; p < CW_MOVING_PLANES; p++)
            row[p] = e->source.plane[p] + y * side;
        if (y < e->height)
            e->dsp->split(bgrx + y * stride, e->width, row[0], row[1], row[2]);
        for (uint32_t p = 0; p < CW_MOVING_PLANES; p++) {
            if (y >= e->height)
                memcpy(row[p], row[p] - side, side);
            else
                memset(row[p] + e->width, row[p][e->width - 1], side - e->width);
        }
    }
}

static void set_quantiser(struct cw_moving_encoder *e, uint32_t quantiser)
{
    for (uint32_t p = 0; p < CW_MOVING_PLANES; p++) {
        uint32_t step = cw_moving_step(quantiser, p);
        e->steps[p] = step;
        /* Rounded down more than up: levels of 0 are cheap. A quarter of a step measures best between frames, a third
         * without history. */
        e->inter[p].round = (uint16_t)(step / 16);
        e->intra[p].round = (uint16_t)(step / 12);
        e->inter[p].reciprocal = e->intra[p].reciprocal = (uint16_t)(4 * 65536 / step);
    }
    /* Three tenths of a step a bit, in 1/16. */
    e->lambda = (e->steps[0] * 10 >> 6) + 1;
}

/* Transforms and quantises a block against its prediction; true when a level is not 0. */
static bool code_block(struct cw_moving_encoder *e, uint32_t plane, uint32_t block, uint32_t bx,
                       uint32_t by, const struct cw_moving_quantiser *q)
{
    int16_t coefs[CW_MOVING_COEFS];
    struct cw_moving_residual *r = &e->residual;
    const uint8_t *source = source_at(e, plane, bx, by);
    const uint8_t *guess = cw_moving_sample(&e->frame, plane, bx, by);
    size_t stride = source_stride(e);
    r->bits[plane][block] = 0;
    if (e->dsp->sad8(source, stride, guess, e->frame.stride) * 32 < NOTHING_SAD * e->steps[plane])
        return false;
    e->dsp->forward(source, stride, guess, e->frame.stride, coefs);
    r->bits[plane][block] = e->dsp->quantise(coefs, &q[plane], r->levels[plane][block]);
    return r->bits[plane][block] != 0;
}

/* What was done of a macroblock with the guessed vector. */
struct tried {
    struct cw_moving_vector vector;
    uint32_t planes; /* predicted */
    uint32_t blocks; /* transformed, of all planes' */
};

/* The blocks of a macroblock from one on. */
static void code_blocks(struct cw_moving_encoder *e, uint32_t bx, uint32_t by, uint32_t first)
{
    for (uint32_t i = first; i < 4 * CW_MOVING_PLANES; i++)
        code_block(e, i / 4, i % 4, bx + (i & 1), by + (i >> 1 & 1), e->inter);
}

static void rebuild_block(struct cw_moving_encoder *e, uint32_t plane, uint32_t block, uint32_t bx,
                          uint32_t by)
{
    if (e->residual.bits[plane][block] != 0)
        e->dsp->inverse(e->residual.levels[plane][block], e->steps[plane],
                        cw_moving_sample(&e->frame, plane, bx, by), e->frame.stride);
}

/* The mode that leaves least of a block in all planes, which are predicted with it. */
static enum cw_moving_mode use_best_mode(struct cw_moving_encoder *e, uint32_t bx, uint32_t by)
{
    const struct cw_moving_frame *f = &e->frame;
    uint8_t guesses[CW_MOVING_PLANES][CW_MOVING_MODES][CW_MOVING_COEFS];
    unsigned best = CW_MOVING_DC;
    uint32_t sads[CW_MOVING_MODES] = {0};
    for (uint32_t p = 0; p < CW_MOVING_PLANES; p++) {
        cw_moving_intra_all(f, p, bx, by, guesses[p]);
        for (unsigned m = 0; m < CW_MOVING_MODES; m++)
            sads[m] += e->dsp->sad8(source_at(e, p, bx, by), source_stride(e), guesses[p][m],
                                    CW_MOVING_BLOCK);
    }
    for (unsigned m = 1; m < CW_MOVING_MODES; m++)
        best = sads[m] < sads[best] ? m : best;
    for (uint32_t p = 0; p < CW_MOVING_PLANES; p++)
        for (uint32_t y = 0; y < CW_MOVING_BLOCK; y++)
            memcpy(cw_moving_sample(f, p, bx, by) + y * f->stride,
                   &guesses[p][best][y * CW_MOVING_BLOCK], CW_MOVING_BLOCK);
    return (enum cw_moving_mode)best;
}

static void code_intra(struct cw_moving_encoder *e, uint32_t mx, uint32_t my)
{
    struct cw_moving_frame *f = &e->frame;
    for (uint32_t b = 0; b < 4; b++) {
        uint32_t bx = 2 * mx + (b & 1);
        uint32_t by = 2 * my + (b >> 1);
        enum cw_moving_mode mode = use_best_mode(e, bx, by);
        for (uint32_t p = 0; p < CW_MOVING_PLANES; p++) {
            code_block(e, p, b, bx, by, e->intra);
            rebuild_block(e, p, b, bx, by);
        }
        cw_moving_write_mode(&e->writer, &f->contexts, mode);
    }
    cw_moving_set_vector(f, 2 * mx, 2 * my, CW_MOVING_MACRO, (struct cw_moving_vector){0, 0});
    f->kinds[my * f->macro_stride + mx] = CW_MOVING_INTRA;
    cw_moving_write_residual(&e->writer, f, &e->residual, mx, my);
}

/* What is left of a macroblock's luma when each quarter is predicted by its mean. */
static uint32_t flat_sad(const struct cw_moving_encoder *e, uint32_t bx, uint32_t by)
{
    size_t stride = source_stride(e);
    uint32_t sum = 0;
    for (uint32_t b = 0; b < 4; b++) {
        static const uint8_t zero[CW_MOVING_COEFS];
        uint8_t flat[CW_MOVING_COEFS];
        const uint8_t *s = source_at(e, 0, bx + (b & 1), by + (b >> 1));
        uint32_t all = e->dsp->sad8(s, stride, zero, CW_MOVING_BLOCK);
        memset(flat, (int)((all + CW_MOVING_COEFS / 2) / CW_MOVING_COEFS), sizeof(flat));
        sum += e->dsp->sad8(s, stride, flat, CW_MOVING_BLOCK);
    }
    return sum;
}

static struct cw_moving_search search_of(const struct cw_moving_encoder *e, uint32_t bx,
                                         uint32_t by, uint32_t size)
{
    return (struct cw_moving_search){
        .frame = &e->frame,
        .dsp = e->dsp,
        .source = source_at(e, 0, bx, by),
        .source_stride = source_stride(e),
        .bx = bx,
        .by = by,
        .size = size,
        .lambda = e->lambda,
        .guess = cw_moving_guess(&e->frame, bx, by, size),
        .first_sad = UINT32_MAX,
        .steps = size == CW_MOVING_MACRO ? STEPS_WHOLE : STEPS_PART,
    };
}

/* The best vector of a macroblock, whose luma is predicted with the one that was tried. */
static struct cw_moving_found find_whole(const struct cw_moving_encoder *e, uint32_t bx,
                                         uint32_t by, const struct tried *tried)
{
    const struct cw_moving_frame *f = &e->frame;
    const struct cw_moving_vector *at = f->vectors + cw_moving_at(f, bx, by);
    struct cw_moving_search s = search_of(e, bx, by, CW_MOVING_MACRO);
    s.first = tried->vector;
    s.first_sad =
        e->dsp->sad16(s.source, s.source_stride, cw_moving_sample(f, 0, bx, by), f->stride);
    s.starts[s.start_count++] = s.guess;
    s.starts[s.start_count++] = at[-1];
    s.starts[s.start_count++] = *(at - f->grid_stride);
    s.starts[s.start_count++] = *(at - f->grid_stride + 2);
    s.starts[s.start_count++] = e->past[(size_t)by * 2 * f->columns + bx];
    s.starts[s.start_count++] = (struct cw_moving_vector){0, 0};
    return cw_moving_search(&s);
}

/* The vectors of the quarters; true when they are worth it. The grid then has them. */
static bool find_parts(struct cw_moving_encoder *e, uint32_t bx, uint32_t by,
                       const struct cw_moving_found *whole, struct cw_moving_vector parts[4])
{
    uint32_t cost = e->lambda * SPLIT_BITS / 16;
    for (uint32_t b = 0; b < 4 && cost < whole->cost; b++) {
        uint32_t x = bx + (b & 1);
        uint32_t y = by + (b >> 1);
        struct cw_moving_search s = search_of(e, x, y, CW_MOVING_BLOCK);
        s.starts[s.start_count++] = whole->vector;
        s.starts[s.start_count++] = s.guess;
        struct cw_moving_found found = cw_moving_search(&s);
        cost += found.cost;
        parts[b] = found.vector;
        cw_moving_set_vector(&e->frame, x, y, CW_MOVING_BLOCK, found.vector);
    }
    return cost < whole->cost;
}

/* Stores a block's vector, writes it and predicts the planes from one on with it. */
static void use_vector(struct cw_moving_encoder *e, uint32_t bx, uint32_t by, uint32_t size,
                       struct cw_moving_vector v, uint32_t first)
{
    struct cw_moving_frame *f = &e->frame;
    struct cw_moving_vector guess = cw_moving_guess(f, bx, by, size);
    cw_moving_write_vector(&e->writer, &f->contexts, v, guess);
    cw_moving_set_vector(f, bx, by, size, v);
    for (uint32_t p = first; p < CW_MOVING_PLANES; p++)
        cw_moving_inter(f, e->dsp, p, bx, by, size, v);
}

/* Codes a macroblock as skipped if that leaves no residual; else says how far it came. */
static bool try_skip(struct cw_moving_encoder *e, uint32_t mx, uint32_t my, struct tried *ret_tried)
{
    struct cw_moving_frame *f = &e->frame;
    struct cw_moving_vector v = cw_moving_guess(f, 2 * mx, 2 * my, CW_MOVING_MACRO);
    struct tried t = {cw_moving_clamp(f, v.x, v.y, 2 * mx, 2 * my, CW_MOVING_MACRO), 0, 0};
    bool skip = true;
    while (skip && t.planes < CW_MOVING_PLANES) {
        cw_moving_inter(f, e->dsp, t.planes, 2 * mx, 2 * my, CW_MOVING_MACRO, t.vector);
        t.planes++;
        for (; skip && t.blocks < 4 * t.planes; t.blocks++)
            skip = !code_block(e, t.planes - 1, t.blocks % 4, 2 * mx + (t.blocks & 1),
                               2 * my + (t.blocks >> 1 & 1), e->inter);
    }
    cw_bits_put(&e->writer, &f->contexts.skip[cw_moving_kind_class(f, mx, my, CW_MOVING_SKIP)],
                skip);
    if (skip)
        cw_moving_set_skip(f, mx, my, t.vector);
    *ret_tried = t;
    return skip;
}

static bool vectors_equal(struct cw_moving_vector a, struct cw_moving_vector b)
{
    return a.x == b.x && a.y == b.y;
}

/* Vectors, prediction and residual of a macroblock that is predicted from the last frame. */
static void code_inter(struct cw_moving_encoder *e, uint32_t bx, uint32_t by,
                       const struct cw_moving_found *whole, const struct tried *tried)
{
    struct cw_moving_vector parts[4];
    bool split = whole->sad > PARTS_SAD * e->lambda && find_parts(e, bx, by, whole, parts);
    bool same = !split && vectors_equal(whole->vector, tried->vector);
    cw_bits_put(&e->writer, &e->frame.contexts.split, split);
    if (split)
        for (uint32_t b = 0; b < 4; b++)
            use_vector(e, bx + (b & 1), by + (b >> 1), CW_MOVING_BLOCK, parts[b], 0);
    else
        use_vector(e, bx, by, CW_MOVING_MACRO, whole->vector, same ? tried->planes : 0);
    code_blocks(e, bx, by, same ? tried->blocks : 0);
    for (uint32_t p = 0; p < CW_MOVING_PLANES; p++)
        for (uint32_t b = 0; b < 4; b++)
            rebuild_block(e, p, b, bx + (b & 1), by + (b >> 1));
}

static void code_macro(struct cw_moving_encoder *e, uint32_t mx, uint32_t my)
{
    struct cw_moving_frame *f = &e->frame;
    uint32_t bx = 2 * mx;
    uint32_t by = 2 * my;
    struct tried tried;
    if (!e->has_history) {
        code_intra(e, mx, my);
        return;
    }
    if (try_skip(e, mx, my, &tried))
        return;
    struct cw_moving_found whole = find_whole(e, bx, by, &tried);
    bool intra = whole.sad > INTRA_SAD && 2 * flat_sad(e, bx, by) < whole.cost;
    cw_bits_put(&e->writer, &f->contexts.intra[cw_moving_kind_class(f, mx, my, CW_MOVING_INTRA)],
                intra);
    if (intra) {
        code_intra(e, mx, my);
        return;
    }
    code_inter(e, bx, by, &whole, &tried);
    f->kinds[my * f->macro_stride + mx] = 0;
    cw_moving_write_residual(&e->writer, f, &e->residual, mx, my);
}

/* One try: all macroblocks, or rows of them until the bytes are above a limit. Returns the frame's bytes, whether there
 * was room or not; about, if it was given up. */
static size_t code_frame(struct cw_moving_encoder *e, uint32_t quantiser, uint8_t *out,
                         size_t out_bytes, size_t limit)
{
    struct cw_moving_frame *f = &e->frame;
    out[0] = e->has_history;
    out[1] = (uint8_t)quantiser;
    set_quantiser(e, quantiser);
    cw_bits_start(&e->writer, out + CW_MOVING_HEAD, out_bytes - CW_MOVING_HEAD);
    for (uint32_t my = 0; my < f->rows; my++) {
        for (uint32_t mx = 0; mx < f->columns; mx++)
            code_macro(e, mx, my);
        if (e->writer.bytes > limit)
            return e->writer.bytes * f->rows / (my + 1);
    }
    return CW_MOVING_HEAD + cw_bits_end(&e->writer);
}

static uint32_t at_most_coarsest(uint32_t quantiser)
{
    return quantiser < CW_MOVING_QUANTISER_MAX ? quantiser : CW_MOVING_QUANTISER_MAX;
}

/* By how many quantisers a frame of so many bytes was too fine: one for each eighth, about. */
static uint32_t too_fine(uint64_t bytes, uint64_t target)
{
    uint32_t count = 0;
    for (; bytes * 15 > target * 16 && count < CW_MOVING_QUANTISER_MAX; bytes = bytes * 8 / 9)
        count++;
    return count;
}

/* The quantiser of the next frame: as much coarser as this one was too large, less coarse step by step. */
static void learn_rate(struct cw_moving_encoder *e, uint32_t quantiser, uint64_t bytes,
                       uint64_t target)
{
    if (target == 0)
        return;
    uint32_t coarser = e->has_history ? too_fine(bytes, target) : 0;
    uint32_t finer = bytes * 2 < target ? FINER_FAR : FINER_NEAR;
    if (!e->has_history) {
        /* It takes up to twice as much as what follows. */
        quantiser = quantiser > FIRST_COARSER ? quantiser - FIRST_COARSER : 1;
        finer = bytes * 2 < target ? FINER_FIRST : 0;
    }
    for (; finer != 0 && bytes * 7 < target * 6 && quantiser > 1; finer--) {
        quantiser--;
        bytes = bytes * 9 / 8;
    }
    e->rate_quantiser = at_most_coarsest(quantiser + coarser);
}

static uint32_t choose_quantiser(const struct cw_moving_encoder *e,
                                 const struct cw_moving_settings *s)
{
    uint32_t quantiser = e->rate_quantiser;
    if (s->bytes_target == 0)
        return s->quantiser;
    if (quantiser == 0) {
        /* Six quantisers halve the bytes, about. */
        uint64_t bits = (uint64_t)s->bytes_target * 8 * 64;
        uint64_t usual = (uint64_t)e->width * e->height * FIRST_BITS;
        quantiser = QUANTISER_FIRST;
        for (; bits > 2 * usual && quantiser > 6; bits /= 2)
            quantiser -= 6;
        for (; bits * 2 < usual && quantiser + 6 <= CW_MOVING_QUANTISER_MAX; bits *= 2)
            quantiser += 6;
    }
    if (!e->has_history)
        quantiser += FIRST_COARSER;
    quantiser = at_most_coarsest(quantiser);
    return quantiser > s->quantiser ? quantiser : s->quantiser;
}

/* The vectors of the last frame, for the search and for another try. */
static void keep_vectors(struct cw_moving_encoder *e)
{
    const struct cw_moving_frame *f = &e->frame;
    size_t row = 2 * (size_t)f->columns;
    for (uint32_t y = 0; y < 2 * f->rows; y++)
        memcpy(e->past + y * row, f->vectors + y * f->grid_stride, row * sizeof(*e->past));
}

int cw_moving_encode(struct cw_moving_encoder *e, const struct cw_moving_dsp *dsp,
                     const uint8_t *bgrx, size_t stride, uint32_t width, uint32_t height,
                     const struct cw_moving_settings *settings, uint8_t *out, size_t out_bytes,
                     size_t *ret_bytes, uint8_t *model, size_t model_stride)
{
    struct cw_moving_frame *f = &e->frame;
    CW_CODEC_CHECK(settings->quantiser <= CW_MOVING_QUANTISER_MAX);
    if (out_bytes < CW_MOVING_BYTES_MIN)
        return CW_CODEC_ERR_FULL;
    e->dsp = dsp;
    e->has_history = e->has_history && width == e->width && height == e->height;
    e->width = width;
    e->height = height;
    if (!e->has_history)
        cw_moving_frame_restart(f, width, height);
    take_source(e, bgrx, stride);
    keep_vectors(e);
    e->contexts_before = f->contexts;
    uint32_t quantiser = choose_quantiser(e, settings);
    uint32_t target = settings->bytes_target;
    size_t bytes = 0;
    for (unsigned i = 0; i < TRIES; i++) {
        /* What has no room, or takes twice what it may, as a new scene does, is tried again. */
        bool is_last = i == TRIES - 1 || quantiser == CW_MOVING_QUANTISER_MAX;
        size_t limit =
            target == 0 || is_last || target > out_bytes / 2 ? out_bytes : 2 * (size_t)target;
        bytes = code_frame(e, quantiser, out, out_bytes, limit);
        if (bytes <= limit || is_last)
            break;
        uint32_t coarser = i + 2 < TRIES && target != 0 ? too_fine(bytes, target) : 0;
        quantiser += coarser != 0 ? coarser : TRY_STEP;
        quantiser = at_most_coarsest(quantiser);
        f->contexts = e->contexts_before;
    }
    if (bytes > out_bytes) {
        e->has_history = false;
        return CW_CODEC_ERR_FULL;
    }
    learn_rate(e, quantiser, bytes, target);
    cw_moving_finish(f, dsp, e->steps);
    cw_moving_show(f, dsp, model, model_stride, width, height);
    e->has_history = true;
    *ret_bytes = bytes;
    return 0;
}
