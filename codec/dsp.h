/* SPDX-License-Identifier: Apache-2.0 */
/* codec/dsp.h - the pixel kernels: one table of function pointers, one level of instructions.
 *
 * Owner:     the caller owns every buffer; the table is a value.
 * Thread:    any.
 * Units:     pixels of 4 bytes (B, G, R, X); planes of 1 byte a pixel; width_px >= 1.
 * Errors:    the kernels have none. cw_dsp_init: CW_CODEC_ERR_ISA.
 * Invariant: every level gives the bytes of the C level, reads and writes exactly the pixels named,
 *            at any alignment (tests/dsp). X is ignored on input and 0 on output.
 *
 * The DECL macros declare the C version, the others and the checker's prototype, so that a
 * signature changes in one place only.
 */
#ifndef CW_CODEC_DSP_H
#define CW_CODEC_DSP_H

#include <stddef.h>
#include <stdint.h>

#include "codec/moving_dsp.h"

/* Sets bit first_bit + i of bits when pixels [16 i, 16 i + 16) of the rows differ. Clears none. */
#define CW_DECL_DIFF_ROW(name)                                                       \
    void name(const uint8_t *a, const uint8_t *b, uint32_t width_px, uint64_t *bits, \
              uint32_t first_bit)
/* Copies a row and makes X 0. */
#define CW_DECL_TAKE_ROW(name)   void name(uint8_t *out, const uint8_t *in, uint32_t width_px)
/* Pixels x >= 1 that differ from pixel x - 1, each channel by at most CW_SMOOTH_STEP. */
#define CW_DECL_SMOOTH_ROW(name) uint32_t name(const uint8_t *in, uint32_t width_px)
/* Planes G, B - G, R - G modulo 256. The _left form codes pixel x minus pixel x - 1 (pixel -1 is
 * 0). */
#define CW_DECL_SPLIT_ROW(name) \
    void name(const uint8_t *in, uint32_t width_px, uint8_t *g, uint8_t *b, uint8_t *r)
/* The inverse of split_row. */
#define CW_DECL_JOIN_ROW(name) \
    void name(uint8_t *out, uint32_t width_px, const uint8_t *g, const uint8_t *b, const uint8_t *r)
/* R, G, B, 255. */
#define CW_DECL_RGBA_ROW(name) void name(uint8_t *out, const uint8_t *in, uint32_t width_px)
/* Anchors of a row: the windows [x, x + CW_ANCHOR_PX) whose hash has the bits of CW_ANCHOR_VALUE in
 * mask and in which at least CW_ANCHOR_CHANGES pixels differ from the one to the left of them. Their
 * x, rising, go to positions and their hashes to hashes (room for width_px each); gives their number.
 * The hash: exclusive or of mix(pixel i) rotated left by CW_ANCHOR_PX - 1 - i, with mix(c) =
 * (c ^ c >> 11) * 0x9E3779B1, c the pixel without X as a number. */
#define CW_DECL_ANCHOR_ROW(name)                                                            \
    uint32_t name(const uint8_t *in, uint32_t width_px, uint32_t mask, uint32_t *positions, \
                  uint32_t *hashes)
/* Keyed sums of a row of at most CW_SEGMENT_PX pixels, modulo 2^64: pixels 2 i and 2 i + 1 (0 beyond the row), each
 * xor its key, are multiplied and added to sums[i % 8]. keys has one for each pixel, up to a whole block. */
#define CW_DECL_HASH_ROW(name) \
    void name(const uint8_t *in, uint32_t width_px, const uint32_t *keys, uint64_t sums[8])

/* Forward and inverse transform of 8 x 8 samples (codec/jpeg_transform.h has the arithmetic): fdct
 * writes coefficients times 8, row by row, coefficient (0, 0) first. */
#define CW_DECL_FDCT(name)     void name(int16_t coef[64], const uint8_t *in, uint32_t stride)
#define CW_DECL_IDCT(name)     void name(uint8_t *out, uint32_t stride, const int16_t coef[64])
/* coef[i] = sign * (((|coef[i]| + table[i]) * table[64 + i] >> 16) * table[128 + i] >> 16). */
#define CW_DECL_QUANTISE(name) void name(int16_t coef[64], const uint16_t table[192])
/* Luma and chroma of a row of pixels, and back (X = 0). */
#define CW_DECL_TO_YCC_ROW(name) \
    void name(const uint8_t *in, uint32_t width_px, uint8_t *y, uint8_t *cb, uint8_t *cr)
#define CW_DECL_FROM_YCC_ROW(name)                                                  \
    void name(uint8_t *out, uint32_t width_px, const uint8_t *y, const uint8_t *cb, \
              const uint8_t *cr)
/* Bit i: pixel i of the two rows is the same. 1 <= width_px <= 64; the bits above are 0. */
#define CW_DECL_EQUAL_64(name) uint64_t name(const uint8_t *a, const uint8_t *b, uint32_t width_px)
/* Pixels x >= 1 that differ from pixel x - 1. */
#define CW_DECL_CHANGES_ROW(name) uint32_t name(const uint8_t *in, uint32_t width_px)
/* The index of each pixel's colour: table has CW_INDEX_SLOTS entries colour << 8 | index, that of a colour at
 * (colour * CW_INDEX_FACTOR) >> (32 - CW_INDEX_BITS) modulo 2^32; a colour that is not there gets 255. Gives how many
 * are 255. */
#define CW_DECL_INDEX_ROW(name) \
    uint32_t name(uint8_t *out, const uint8_t *in, uint32_t width_px, const uint32_t *table)
/* Bit i: byte i is 255. 1 <= bytes <= 64; the bits above are 0. */
#define CW_DECL_FULL_64(name) uint64_t name(const uint8_t *in, uint32_t bytes)
/* Bytes: out[x * out_stride + y] = in[y * in_stride + x] for x < columns, y < rows; both >= 1. */
#define CW_DECL_TRANSPOSE(name)                                                     \
    void name(uint8_t *out, size_t out_stride, const uint8_t *in, size_t in_stride, \
              uint32_t columns, uint32_t rows)

/* Photographs (codec/photo_model.h, FORMAT.md 6.5). A row of pixels to its three planes. */
#define CW_DECL_PHOTO_PLANES(name) \
    void name(const uint8_t *in, uint32_t width_px, uint8_t *p, uint8_t *q, uint8_t *s)
/* One plane's row: each value minus its prediction from left, above and above left, folded, and its magnitude. line
 * and above are read from -1 on. */
#define CW_DECL_PHOTO_RESIDUALS(name)                                                        \
    void name(const uint8_t *line, const uint8_t *above, uint32_t width_px, uint8_t *folded, \
              uint8_t *magnitudes)
/* Context * 32 + the smaller of folded and 16. magnitudes are read from -1 on, above from -1 to width_px. */
#define CW_DECL_PHOTO_CONTEXTS(name)                                                  \
    void name(const uint8_t *folded, const uint8_t *magnitudes, const uint8_t *above, \
              uint32_t width_px, uint16_t *indexes)
/* What the magnitudes of the row above give to the activity; folded is read from -1 to width_px. */
#define CW_DECL_PHOTO_ABOVE(name) \
    void name(const uint8_t *folded, uint32_t width_px, uint8_t *activities)
/* The inverse of planes and residuals together, but for the transform: pixels of Q, P, S, 0 from their folded
 * residuals. line is read at pixel -1 and written from 0 on; above is read from -1 on. */
#define CW_DECL_PHOTO_LINE(name)                                                        \
    void name(uint8_t *line, const uint8_t *above, uint32_t width_px, const uint8_t *p, \
              const uint8_t *q, const uint8_t *s)
/* The transform's inverse on pixels of Q, P, S, 0. */
#define CW_DECL_PHOTO_PIXELS(name) void name(uint8_t *out, const uint8_t *line, uint32_t width_px)

/* Adds to counts how many pixels x >= 1 equal pixel x - 1, differ by at most CW_SMOOTH_STEP in each
 * channel, and by more than CW_HARD_STEP in one. */
#define CW_DECL_TEXTURE_ROW(name) \
    void name(const uint8_t *in, uint32_t width_px, uint32_t counts[3])
/* A row in the colours of a mode (codec/colours.h). */
#define CW_DECL_REDUCE_ROW(name) void name(uint8_t *out, const uint8_t *in, uint32_t width_px)

enum { CW_SMOOTH_STEP = 24, CW_HARD_STEP = 64 };
/* 4096 entries: half of the first-level cache, and 255 colours seldom share a slot. */
enum { CW_INDEX_BITS = 12, CW_INDEX_SLOTS = 1 << CW_INDEX_BITS };
#define CW_INDEX_FACTOR 0x9E3779B1U

/* KERNEL(field, DECL) for each kernel: the struct, the levels and the checker walk this list. */
#define CW_DSP_KERNELS(KERNEL)                \
    KERNEL(diff_row, CW_DECL_DIFF_ROW)        \
    KERNEL(take_row, CW_DECL_TAKE_ROW)        \
    KERNEL(smooth_row, CW_DECL_SMOOTH_ROW)    \
    KERNEL(split_row, CW_DECL_SPLIT_ROW)      \
    KERNEL(split_left_row, CW_DECL_SPLIT_ROW) \
    KERNEL(join_row, CW_DECL_JOIN_ROW)        \
    KERNEL(join_left_row, CW_DECL_JOIN_ROW)   \
    KERNEL(rgba_row, CW_DECL_RGBA_ROW)        \
    KERNEL(anchor_row, CW_DECL_ANCHOR_ROW)    \
    KERNEL(equal_64, CW_DECL_EQUAL_64)        \
    KERNEL(hash_row, CW_DECL_HASH_ROW)

/* The same, for JPEG. */
#define CW_DSP_JPEG_KERNELS(KERNEL)        \
    KERNEL(fdct, CW_DECL_FDCT)             \
    KERNEL(idct, CW_DECL_IDCT)             \
    KERNEL(quantise, CW_DECL_QUANTISE)     \
    KERNEL(to_ycc_row, CW_DECL_TO_YCC_ROW) \
    KERNEL(from_ycc_row, CW_DECL_FROM_YCC_ROW)
/* The same for text, in files of their own. */
#define CW_DSP_TEXT_KERNELS(KERNEL)          \
    KERNEL(changes_row, CW_DECL_CHANGES_ROW) \
    KERNEL(index_row, CW_DECL_INDEX_ROW)     \
    KERNEL(full_64, CW_DECL_FULL_64)         \
    KERNEL(transpose, CW_DECL_TRANSPOSE)

/* The same, for classes and colour modes: 2 bits of grey, 8 bits, 16 bits. */
#define CW_DSP_COLOUR_KERNELS(KERNEL)           \
    KERNEL(texture_row, CW_DECL_TEXTURE_ROW)    \
    KERNEL(reduce_grey_row, CW_DECL_REDUCE_ROW) \
    KERNEL(reduce_8_row, CW_DECL_REDUCE_ROW)    \
    KERNEL(reduce_16_row, CW_DECL_REDUCE_ROW)
/* The same for photographs. */
#define CW_DSP_PHOTO_KERNELS(KERNEL)                 \
    KERNEL(photo_plain, CW_DECL_PHOTO_PLANES)        \
    KERNEL(photo_green, CW_DECL_PHOTO_PLANES)        \
    KERNEL(photo_luma, CW_DECL_PHOTO_PLANES)         \
    KERNEL(photo_residuals, CW_DECL_PHOTO_RESIDUALS) \
    KERNEL(photo_contexts, CW_DECL_PHOTO_CONTEXTS)   \
    KERNEL(photo_above, CW_DECL_PHOTO_ABOVE)         \
    KERNEL(photo_line, CW_DECL_PHOTO_LINE)           \
    KERNEL(photo_from_green, CW_DECL_PHOTO_PIXELS)   \
    KERNEL(photo_from_luma, CW_DECL_PHOTO_PIXELS)

#define CW_DSP_FIELD(field, DECL) DECL((*field));
struct cw_dsp {
    CW_DSP_KERNELS(CW_DSP_FIELD)
    CW_DSP_JPEG_KERNELS(CW_DSP_FIELD)
    CW_DSP_TEXT_KERNELS(CW_DSP_FIELD)
    CW_DSP_PHOTO_KERNELS(CW_DSP_FIELD)
    CW_DSP_COLOUR_KERNELS(CW_DSP_FIELD)
    struct cw_moving_dsp moving;
};
#undef CW_DSP_FIELD

/* Ordered: each level includes the ones before it. */
enum cw_isa { CW_ISA_C, CW_ISA_SSE41, CW_ISA_AVX2, CW_ISA_AVX512, CW_ISA_COUNT };

const char *cw_isa_name(enum cw_isa isa);
/* The best level this processor has. */
enum cw_isa cw_isa_best(void);
/* isa <= cw_isa_best(). */
void cw_dsp_fill(struct cw_dsp *dsp, enum cw_isa isa);
/* The level CAUSEWAY_ISA names, or the best; CW_CODEC_ERR_ISA when it names no level or a missing
 * one. */
int cw_dsp_init(struct cw_dsp *dsp);

/* Each overwrites the pointers it has a version for. */
void cw_dsp_fill_c(struct cw_dsp *dsp);
void cw_dsp_fill_sse41(struct cw_dsp *dsp);
void cw_dsp_fill_avx2(struct cw_dsp *dsp);
void cw_dsp_fill_avx512(struct cw_dsp *dsp);
void cw_dsp_fill_simd128(struct cw_dsp *dsp); /* WebAssembly: its only level */
/* Of colours; no other level is faster by much than AVX2, and a decoder needs none. */
void cw_dsp_fill_c_colour(struct cw_dsp *dsp);
void cw_dsp_fill_sse41_colour(struct cw_dsp *dsp);
void cw_dsp_fill_avx2_colour(struct cw_dsp *dsp);
/* The same for JPEG's kernels; AVX-512 adds none. */
void cw_dsp_fill_c_jpeg(struct cw_dsp *dsp);
void cw_dsp_fill_sse41_jpeg(struct cw_dsp *dsp);
void cw_dsp_fill_avx2_jpeg(struct cw_dsp *dsp);
void cw_dsp_fill_simd128_jpeg(struct cw_dsp *dsp);
void cw_dsp_fill_c_text(struct cw_dsp *dsp);
void cw_dsp_fill_sse41_text(struct cw_dsp *dsp);
void cw_dsp_fill_avx2_text(struct cw_dsp *dsp);
void cw_dsp_fill_avx512_text(struct cw_dsp *dsp);
void cw_dsp_fill_simd128_text(struct cw_dsp *dsp);
void cw_dsp_fill_c_photo(struct cw_dsp *dsp);
void cw_dsp_fill_sse41_photo(struct cw_dsp *dsp);
void cw_dsp_fill_avx2_photo(struct cw_dsp *dsp);
void cw_dsp_fill_simd128_photo(struct cw_dsp *dsp);

#endif
