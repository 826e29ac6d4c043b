/* SPDX-License-Identifier: Apache-2.0 */
/* codec/moving_frame.h - what the encoder and the decoder of moving pictures share: planes, grids, contexts,
 * prediction.
 *
 * Owner:     struct cw_moving_frame owns its memory from cw_moving_frame_new to _free; none is taken in between.
 * Thread:    the owner's.
 * Units:     samples; vectors in quarters of a sample; grids in blocks of 8 and macroblocks of 16 samples.
 * Errors:    cw_moving_frame_new: CW_CODEC_ERR_NOMEM.
 * Limits:    rectangles up to the size given to _new. CW_MOVING_PAD samples around each plane.
 * Invariant: border cells of the grids are 0. No vector that cw_moving_clamp gave reads outside the padding.
 */
#ifndef CW_CODEC_MOVING_FRAME_H
#define CW_CODEC_MOVING_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/codec.h"
#include "codec/moving_dsp.h"
#include "codec/moving_entropy.h"

enum {
    CW_MOVING_MACRO = 16,
    CW_MOVING_PLANES = 3,
    /* Vectors reach CW_MOVING_REACH samples beyond the macroblocks, the filter 3 more. */
    CW_MOVING_PAD = 32,
    CW_MOVING_REACH = 20,
    CW_MOVING_HEAD = 2, /* bytes before the range coder's */
    CW_MOVING_BYTES_MIN = CW_MOVING_HEAD + 4,
    CW_MOVING_LEVEL_LONG = 15, /* levels from here on go on as Exp-Golomb codes */
    CW_MOVING_LEVEL_MAX = 32767,
    CW_MOVING_VECTOR_LOGS = 16, /* a difference is below 2^16 */
};

/* Bits of a macroblock's kind; CW_MOVING_CODED << plane: the plane has coefficients. */
enum cw_moving_kind { CW_MOVING_SKIP = 1, CW_MOVING_INTRA = 2, CW_MOVING_CODED = 4 };
enum cw_moving_mode { CW_MOVING_DC, CW_MOVING_DOWN, CW_MOVING_ACROSS, CW_MOVING_SMOOTH };
enum { CW_MOVING_MODES = CW_MOVING_SMOOTH + 1 };

struct cw_moving_vector {
    int16_t x, y;
};

enum { CW_NNZ_NEAR = 9, CW_NNZ_LUMA = 3, CW_SIG_LEFT = 12, CW_SIG_AT = 12, CW_SIG_NEAR = 3 };

/* One plane's. */
struct cw_moving_coef_contexts {
    struct cw_bit coded[3][3];                    /* by neighbours; by luma */
    struct cw_bit none[CW_NNZ_NEAR][CW_NNZ_LUMA]; /* the block has no coefficient */
    struct cw_bit size[CW_NNZ_NEAR][7];           /* log2 of their number, unary */
    struct cw_bit count[6][32];                   /* the number's lower bits, by prefix */
    struct cw_bit significant[CW_SIG_LEFT][CW_SIG_AT][CW_SIG_NEAR];
    struct cw_bit
        more[4][CW_MOVING_LEVEL_LONG]; /* level above 1, 2, ..., unary; by larger ones before */
};

struct cw_moving_contexts {
    struct cw_bit skip[3], intra[3], split;
    struct cw_bit mode[3];
    struct cw_bit vector_zero[2][3], vector_sign[2], vector_size[2][CW_MOVING_VECTOR_LOGS],
        vector_low[2][4];
    struct cw_moving_coef_contexts plane[CW_MOVING_PLANES];
};

struct cw_moving_planes {
    uint8_t *plane[CW_MOVING_PLANES]; /* sample (0, 0) */
};

struct cw_moving_frame {
    uint32_t columns, rows; /* macroblocks */
    size_t stride;          /* of planes */
    size_t grid_stride, macro_stride;
    size_t memory_bytes;
    size_t grid_bytes; /* of vectors, counts and kinds, at the memory's start */
    uint8_t *memory;
    struct cw_moving_planes now, before;
    struct cw_moving_vector *vectors; /* of blocks; (0, 0), behind a border of 1 */
    uint8_t *counts[CW_MOVING_PLANES];
    uint8_t *kinds; /* of macroblocks: enum cw_moving_kind */
    struct cw_moving_contexts contexts;
};

int cw_moving_frame_new(uint32_t width_max, uint32_t height_max, struct cw_moving_frame *ret_frame);
void cw_moving_frame_free(struct cw_moving_frame *f);
/* A new history for a rectangle of this size: grids and contexts as at first. */
void cw_moving_frame_restart(struct cw_moving_frame *f, uint32_t width, uint32_t height);
/* Smoothes the blocks' edges in now and makes it the reference. */
void cw_moving_finish(struct cw_moving_frame *f, const struct cw_moving_dsp *dsp,
                      const uint32_t steps[CW_MOVING_PLANES]);
/* The quantiser's step of a plane, 4 times the step of coefficients. */
uint32_t cw_moving_step(uint32_t quantiser, uint32_t plane);

/* The predicted vector of the block at (bx, by) of 8 x 8, or of the macroblock there. */
struct cw_moving_vector cw_moving_guess(const struct cw_moving_frame *f, uint32_t bx, uint32_t by,
                                        uint32_t size);
/* So that a block of size x size samples stays within reach. */
struct cw_moving_vector cw_moving_clamp(const struct cw_moving_frame *f, int x, int y, uint32_t bx,
                                        uint32_t by, uint32_t size);
/* Stores the vector for the blocks that size x size samples cover. */
void cw_moving_set_vector(struct cw_moving_frame *f, uint32_t bx, uint32_t by, uint32_t size,
                          struct cw_moving_vector v);
/* Predicts a block of a plane of now from before. */
void cw_moving_inter(struct cw_moving_frame *f, const struct cw_moving_dsp *dsp, uint32_t plane,
                     uint32_t bx, uint32_t by, uint32_t size, struct cw_moving_vector v);
/* Predicts a block of 8 x 8 of a plane from its neighbours. */
void cw_moving_intra(const struct cw_moving_frame *f, uint32_t plane, uint32_t bx, uint32_t by,
                     enum cw_moving_mode mode, uint8_t *out, size_t out_stride);
/* The same for each mode in turn. */
void cw_moving_intra_all(const struct cw_moving_frame *f, uint32_t plane, uint32_t bx, uint32_t by,
                         uint8_t (*out)[CW_MOVING_COEFS]);
/* Notes that a macroblock is predicted with v and nothing else. */
void cw_moving_set_skip(struct cw_moving_frame *f, uint32_t mx, uint32_t my,
                        struct cw_moving_vector v);
/* The reference as pixels. */
void cw_moving_show(const struct cw_moving_frame *f, const struct cw_moving_dsp *dsp, uint8_t *out,
                    size_t stride, uint32_t width, uint32_t height);

extern const uint8_t cw_moving_zigzag[CW_MOVING_COEFS];

/* ---- contexts ------------------------------------------------------------------------------- */
static inline size_t cw_moving_at(const struct cw_moving_frame *f, uint32_t bx, uint32_t by)
{
    return by * f->grid_stride + bx;
}

extern const uint8_t cw_moving_near[129]; /* class of the sum of two neighbours' counts */
extern const uint8_t cw_moving_left[65];  /* class of coefficients yet to come */
extern const uint8_t cw_moving_where[64]; /* class of a place in the scan */

static inline uint32_t cw_moving_near_class(const struct cw_moving_frame *f, uint32_t plane,
                                            uint32_t bx, uint32_t by)
{
    const uint8_t *at = f->counts[plane] + cw_moving_at(f, bx, by);
    return cw_moving_near[at[-1] + *(at - f->grid_stride)];
}

static inline uint32_t cw_moving_luma_class(const struct cw_moving_frame *f, uint32_t plane,
                                            uint32_t bx, uint32_t by)
{
    if (plane == 0)
        return 0;
    /* The third plane looks at the second. */
    uint32_t count = f->counts[plane - 1][cw_moving_at(f, bx, by)];
    return count == 0 ? 0 : count < 6 ? 1 : 2;
}

/* Sample (0, 0) of a block of now. */
static inline uint8_t *cw_moving_sample(const struct cw_moving_frame *f, uint32_t plane,
                                        uint32_t bx, uint32_t by)
{
    return f->now.plane[plane] + (size_t)by * CW_MOVING_BLOCK * f->stride +
           (size_t)bx * CW_MOVING_BLOCK;
}

/* How many of the neighbours to the left and above have one of kinds. */
static inline uint32_t cw_moving_kind_class(const struct cw_moving_frame *f, uint32_t mx,
                                            uint32_t my, unsigned kinds)
{
    const uint8_t *at = f->kinds + my * f->macro_stride + mx;
    return ((at[-1] & kinds) != 0 ? 1U : 0U) + ((*(at - f->macro_stride) & kinds) != 0 ? 1U : 0U);
}

/* Whether a macroblock's plane has coefficients: by the neighbours' and by the planes before. */
static inline struct cw_bit *cw_moving_coded(struct cw_moving_frame *f, uint32_t plane, uint32_t mx,
                                             uint32_t my)
{
    unsigned kind = f->kinds[my * f->macro_stride + mx];
    unsigned first = (kind & CW_MOVING_CODED) != 0 ? 1 : 0;
    unsigned second = (kind & 2 * CW_MOVING_CODED) != 0 ? 1 : 0;
    unsigned luma = plane == 0 ? 0U : plane == 1 ? 2 * first : second != 0 ? 2U : first;
    return &f->contexts.plane[plane]
                .coded[cw_moving_kind_class(f, mx, my, (unsigned)CW_MOVING_CODED << plane)][luma];
}

/* Whether the coefficient at a place of the scan is not 0, with left of them to come. */
static inline struct cw_bit *cw_moving_significant(struct cw_moving_coef_contexts *c, uint32_t left,
                                                   uint32_t place, uint32_t near)
{
    return &c->significant[cw_moving_left[left]][cw_moving_where[place]][near];
}

#endif
