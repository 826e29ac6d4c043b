/* SPDX-License-Identifier: Apache-2.0 */
/* codec/moving_dsp.h - the kernels of the moving-picture coder, in the manner of codec/dsp.h.
 *
 * Owner:     the caller owns every buffer; the table is a value.
 * Thread:    any.
 * Units:     samples of 1 byte in planes; strides in bytes; blocks of 8 x 8 and 16 x 16 samples.
 * Errors:    none.
 * Invariant: every level gives the bytes of the C level, and reads and writes exactly the samples
 *            named, at any alignment (tests/dsp/check_moving.c).
 */
#ifndef CW_CODEC_MOVING_DSP_H
#define CW_CODEC_MOVING_DSP_H

#include <stddef.h>
#include <stdint.h>

enum {
    CW_MOVING_BLOCK = 8,
    CW_MOVING_COEFS = CW_MOVING_BLOCK * CW_MOVING_BLOCK,
    CW_MOVING_TAPS = 6,
    CW_MOVING_TAPS_BEFORE = 2, /* samples that the filter reads before the first, and 3 behind */
};

/* Quantiser of one plane: level = (|c| + round) * reciprocal >> 16. */
struct cw_moving_quantiser {
    uint16_t round;
    uint16_t reciprocal; /* at most 8192 */
};

/* Across an edge between blocks, p1 p0 | q0 q1: if |p0 - q0| < step, |p1 - p0| < slope and |q1 - q0| < slope,
 * p0 gains and q0 loses (4 (q0 - p0) + p1 - q1 + 4) >> 3, at most change either way. */
struct cw_moving_smoothing {
    uint8_t step, slope;
    uint8_t change; /* at most 127 */
};

/* A row of pixels as planes Y, U, V (FORMAT.md, section 6.3). */
#define CW_DECL_MOVING_SPLIT(name) \
    void name(const uint8_t *in, uint32_t width_px, uint8_t *y, uint8_t *u, uint8_t *v)
/* And back. */
#define CW_DECL_MOVING_JOIN(name) \
    void name(uint8_t *out, uint32_t width_px, const uint8_t *y, const uint8_t *u, const uint8_t *v)
/* Sum of absolute differences of a block of 16 x 16 or 8 x 8. */
#define CW_DECL_MOVING_SAD(name) \
    uint32_t name(const uint8_t *a, size_t a_stride, const uint8_t *b, size_t b_stride)
/* The block of size x size (8 or 16) at in, moved by fx, fy quarters (0 to 3): filtered along rows, then along
 * columns, rounded to bytes each time. Reads CW_MOVING_TAPS_BEFORE samples before and 3 behind in a direction
 * whose fraction is not 0. */
#define CW_DECL_MOVING_PREDICT(name)                                                               \
    void name(uint8_t *out, size_t out_stride, const uint8_t *in, size_t in_stride, uint32_t size, \
              uint32_t fx, uint32_t fy)
/* Coefficients of a - b, 8 x 8, by rows of frequency, 8 times an orthonormal cosine transform's. */
#define CW_DECL_MOVING_FORWARD(name) \
    void name(const uint8_t *a, size_t a_stride, const uint8_t *b, size_t b_stride, int16_t *coefs)
/* Levels of the 64 coefficients; bit i of the result is set when level i is not 0. */
#define CW_DECL_MOVING_QUANTISE(name) \
    uint64_t name(const int16_t *coefs, const struct cw_moving_quantiser *q, int16_t *levels)
/* Adds the inverse transform of the levels to a block; a coefficient is level * step >> 2, step at most 32767. */
#define CW_DECL_MOVING_INVERSE(name) \
    void name(const int16_t *levels, uint32_t step, uint8_t *out, size_t stride)

/* The edge to the left of the block at out (across), or above it (down). */
#define CW_DECL_MOVING_SMOOTH(name) \
    void name(uint8_t *out, size_t stride, const struct cw_moving_smoothing *s)

#define CW_MOVING_KERNELS(KERNEL)                \
    KERNEL(split, CW_DECL_MOVING_SPLIT)          \
    KERNEL(join, CW_DECL_MOVING_JOIN)            \
    KERNEL(sad16, CW_DECL_MOVING_SAD)            \
    KERNEL(sad8, CW_DECL_MOVING_SAD)             \
    KERNEL(predict, CW_DECL_MOVING_PREDICT)      \
    KERNEL(forward, CW_DECL_MOVING_FORWARD)      \
    KERNEL(quantise, CW_DECL_MOVING_QUANTISE)    \
    KERNEL(inverse, CW_DECL_MOVING_INVERSE)      \
    KERNEL(smooth_across, CW_DECL_MOVING_SMOOTH) \
    KERNEL(smooth_down, CW_DECL_MOVING_SMOOTH)

#define CW_MOVING_FIELD(field, DECL) DECL((*field));
struct cw_moving_dsp {
    CW_MOVING_KERNELS(CW_MOVING_FIELD)
};
#undef CW_MOVING_FIELD

/* By quarter of a sample; each sums to 64. */
extern const int8_t cw_moving_taps[4][CW_MOVING_TAPS];
/* Rows: frequencies; times an orthonormal cosine transform's row: 128 * sqrt(2). Here, so that kernels have it in
 * their instructions. */
static const int16_t cw_moving_cosines[CW_MOVING_BLOCK][CW_MOVING_BLOCK] = {
    {64, 64, 64, 64, 64, 64, 64, 64},     {89, 75, 50, 18, -18, -50, -75, -89},
    {83, 36, -36, -83, -83, -36, 36, 83}, {75, -18, -89, -50, 50, 89, 18, -75},
    {64, -64, -64, 64, 64, -64, -64, 64}, {50, -89, 18, 75, -75, -18, 89, -50},
    {36, -83, 83, -36, -36, 83, -83, 36}, {18, -50, 75, -89, 89, -75, 50, -18},
};

/* Each overwrites the pointers it has a version for. */
void cw_moving_fill_c(struct cw_moving_dsp *dsp);
void cw_moving_fill_sse41(struct cw_moving_dsp *dsp);
void cw_moving_fill_avx2(struct cw_moving_dsp *dsp);
void cw_moving_fill_simd128(struct cw_moving_dsp *dsp); /* WebAssembly: its only level */

#endif
