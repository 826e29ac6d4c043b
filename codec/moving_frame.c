/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/moving_frame.h"

#include <stdlib.h>
#include <string.h>

#include "codec/check.h"
#include "codec/limits.h"

const uint8_t cw_moving_zigzag[CW_MOVING_COEFS] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
};

const uint8_t cw_moving_near[129] = {
    0, 1, 2, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 6, 6,
    6, 6, 6, 6, 6, 6, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8,
    8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8,
    8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8,
};

const uint8_t cw_moving_left[65] = {
    0,  0,  1,  2,  3,  4,  5,  5,  6,  6,  6,  7,  7,  7,  7,  8,  8,  8,  8,  8,  8,  9,
    9,  9,  9,  9,  9,  9,  9,  9,  10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 11, 11, 11, 11,
    11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11,
};

const uint8_t cw_moving_where[64] = {
    0, 1, 1, 2, 2, 2,  3,  3,  3,  3,  4,  4,  4,  4,  4,  5,  5,  5,  5,  5,  5, 6,
    6, 6, 6, 6, 6, 6,  7,  7,  7,  7,  7,  7,  7,  7,  8,  8,  8,  8,  8,  8,  8, 9,
    9, 9, 9, 9, 9, 10, 10, 10, 10, 10, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11,
};

static uint32_t macros_of(uint32_t samples)
{
    return (samples + CW_MOVING_MACRO - 1) / CW_MOVING_MACRO;
}

static size_t plane_bytes(const struct cw_moving_frame *f)
{
    return f->stride * ((size_t)f->rows * CW_MOVING_MACRO + 2 * (size_t)CW_MOVING_PAD);
}

/* Three planes at at; returns what is behind them. */
static uint8_t *lay_planes(const struct cw_moving_frame *f, uint8_t *at,
                           struct cw_moving_planes *ret_planes)
{
    for (uint32_t p = 0; p < CW_MOVING_PLANES; p++, at += plane_bytes(f))
        ret_planes->plane[p] = at + CW_MOVING_PAD * f->stride + CW_MOVING_PAD;
    return at;
}

static void reset_contexts(struct cw_moving_contexts *c)
{
    struct cw_bit *bits = (struct cw_bit *)c;
    for (size_t i = 0; i < sizeof(*c) / sizeof(*bits); i++)
        bits[i] = (struct cw_bit){CW_BIT_HALF, CW_BIT_HALF};
}

/* Grids and planes for columns and rows, in the memory that was taken. */
static void lay_out(struct cw_moving_frame *f)
{
    f->stride = f->columns * (size_t)CW_MOVING_MACRO + 2 * (size_t)CW_MOVING_PAD;
    f->grid_stride = 2 * (size_t)f->columns + 2;
    f->macro_stride = (size_t)f->columns + 2;
    size_t cells = f->grid_stride * (2 * (size_t)f->rows + 1);
    size_t macros = f->macro_stride * ((size_t)f->rows + 1);
    /* The planes start at a cache line. */
    f->grid_bytes =
        (cells * (sizeof(struct cw_moving_vector) + CW_MOVING_PLANES) + macros + 63) & ~(size_t)63;
    CW_CODEC_CHECK(f->grid_bytes + 2 * CW_MOVING_PLANES * plane_bytes(f) <= f->memory_bytes);
    f->vectors = (struct cw_moving_vector *)(void *)f->memory + f->grid_stride + 1;
    uint8_t *at = f->memory + cells * sizeof(struct cw_moving_vector);
    for (uint32_t p = 0; p < CW_MOVING_PLANES; p++, at += cells)
        f->counts[p] = at + f->grid_stride + 1;
    f->kinds = at + f->macro_stride + 1;
    at = lay_planes(f, f->memory + f->grid_bytes, &f->now);
    lay_planes(f, at, &f->before);
}

int cw_moving_frame_new(uint32_t width_max, uint32_t height_max, struct cw_moving_frame *ret_frame)
{
    struct cw_moving_frame f = {0};
    uint64_t pixels = (uint64_t)width_max * height_max;
    uint64_t sides = (uint64_t)width_max + height_max;
    if (pixels > CW_MOVING_PX_MAX)
        pixels = CW_MOVING_PX_MAX;
    /* Of the largest rectangle: sides grow by 15 to whole macroblocks and by the padding, grids by their borders. */
    uint64_t plane = pixels + (15 + 2 * CW_MOVING_PAD) * sides + 6400;
    uint64_t cells = pixels / 64 + sides + 64;
    f.memory_bytes = (size_t)(2 * CW_MOVING_PLANES * plane + 8 * cells + 64);
    /* Untouched until a rectangle moves, so a picture without one costs address space only. */
    f.memory = calloc(1, f.memory_bytes);
    if (f.memory == NULL)
        return CW_CODEC_ERR_NOMEM;
    *ret_frame = f;
    return 0;
}

void cw_moving_frame_free(struct cw_moving_frame *f)
{
    free(f->memory);
    *f = (struct cw_moving_frame){0};
}

void cw_moving_frame_restart(struct cw_moving_frame *f, uint32_t width, uint32_t height)
{
    f->columns = macros_of(width);
    f->rows = macros_of(height);
    lay_out(f);
    memset(f->memory, 0, f->grid_bytes);
    reset_contexts(&f->contexts);
}

/* Repeats a plane's edges into its padding. */
static void pad(const struct cw_moving_frame *f, uint8_t *plane)
{
    size_t width = (size_t)f->columns * CW_MOVING_MACRO;
    size_t height = (size_t)f->rows * CW_MOVING_MACRO;
    uint8_t *row = plane;
    for (size_t y = 0; y < height; y++, row += f->stride) {
        memset(row - CW_MOVING_PAD, row[0], CW_MOVING_PAD);
        memset(row + width, row[width - 1], CW_MOVING_PAD);
    }
    uint8_t *first = plane - CW_MOVING_PAD;
    uint8_t *last = first + (height - 1) * f->stride;
    for (size_t y = 1; y <= CW_MOVING_PAD; y++) {
        memcpy(first - y * f->stride, first, f->stride);
        memcpy(last + y * f->stride, last, f->stride);
    }
}

/* Whether the edge between two blocks is smoothed. */
static bool is_rough(const struct cw_moving_frame *f, uint32_t plane, size_t a, size_t b)
{
    const struct cw_moving_vector *v = f->vectors;
    return (f->counts[plane][a] | f->counts[plane][b]) != 0 || abs(v[a].x - v[b].x) >= 4 ||
           abs(v[a].y - v[b].y) >= 4;
}

static uint8_t at_most(uint32_t v, uint32_t most)
{
    return (uint8_t)(v < most ? v : most);
}

/* All edges between blocks side by side, then all between blocks one above the other. */
static void smooth(const struct cw_moving_frame *f, const struct cw_moving_dsp *dsp, uint32_t plane,
                   uint32_t step)
{
    struct cw_moving_smoothing s = {
        .step = at_most((step * 13 >> 8) + 1, 255),
        .slope = at_most((step * 21 >> 11) + 1, 255),
        .change = at_most((step * 31 + 4096) >> 13, 127),
    };
    if (s.change == 0)
        return;
    for (uint32_t by = 0; by < 2 * f->rows; by++)
        for (uint32_t bx = 1; bx < 2 * f->columns; bx++)
            if (is_rough(f, plane, cw_moving_at(f, bx, by), cw_moving_at(f, bx - 1, by)))
                dsp->smooth_across(cw_moving_sample(f, plane, bx, by), f->stride, &s);
    for (uint32_t by = 1; by < 2 * f->rows; by++)
        for (uint32_t bx = 0; bx < 2 * f->columns; bx++)
            if (is_rough(f, plane, cw_moving_at(f, bx, by), cw_moving_at(f, bx, by - 1)))
                dsp->smooth_down(cw_moving_sample(f, plane, bx, by), f->stride, &s);
}

void cw_moving_finish(struct cw_moving_frame *f, const struct cw_moving_dsp *dsp,
                      const uint32_t steps[CW_MOVING_PLANES])
{
    for (uint32_t p = 0; p < CW_MOVING_PLANES; p++) {
        smooth(f, dsp, p, steps[p]);
        pad(f, f->now.plane[p]);
    }
    struct cw_moving_planes now = f->now;
    f->now = f->before;
    f->before = now;
}

uint32_t cw_moving_step(uint32_t quantiser, uint32_t plane)
{
    /* Six quantisers double the step. */
    static const uint8_t steps[6] = {32, 36, 40, 45, 51, 57};
    uint32_t step = (uint32_t)steps[quantiser % 6] << (quantiser / 6);
    /* U moves two channels by 1, Y and V three: errors weigh alike when U's are sqrt(3/2) larger. */
    return plane == 1 ? (step * 39 + 16) / 32 : step;
}

static int16_t middle(int16_t a, int16_t b, int16_t c)
{
    int16_t low = a < b ? a : b;
    int16_t high = a < b ? b : a;
    return c < low ? low : c > high ? high : c;
}

struct cw_moving_vector cw_moving_guess(const struct cw_moving_frame *f, uint32_t bx, uint32_t by,
                                        uint32_t size)
{
    const struct cw_moving_vector *at = f->vectors + cw_moving_at(f, bx, by);
    const struct cw_moving_vector *up = at - f->grid_stride;
    /* The lower right block of a macroblock has nothing to the upper right yet. */
    bool late = size == CW_MOVING_BLOCK && (bx & by & 1) != 0;
    struct cw_moving_vector a = at[-1];
    struct cw_moving_vector c = late ? up[-1] : up[size / CW_MOVING_BLOCK];
    return (struct cw_moving_vector){middle(a.x, up->x, c.x), middle(a.y, up->y, c.y)};
}

/* One coordinate; at is the block's place. */
static int16_t clamp_reach(int v, uint32_t at, uint32_t size, uint32_t side)
{
    int low = -4 * (int)(at + CW_MOVING_REACH);
    int high = 4 * ((int)(side + CW_MOVING_REACH) - (int)(at + size));
    return (int16_t)(v < low ? low : v > high ? high : v);
}

struct cw_moving_vector cw_moving_clamp(const struct cw_moving_frame *f, int x, int y, uint32_t bx,
                                        uint32_t by, uint32_t size)
{
    return (struct cw_moving_vector){
        clamp_reach(x, bx * CW_MOVING_BLOCK, size, f->columns * CW_MOVING_MACRO),
        clamp_reach(y, by * CW_MOVING_BLOCK, size, f->rows * CW_MOVING_MACRO)};
}

void cw_moving_set_vector(struct cw_moving_frame *f, uint32_t bx, uint32_t by, uint32_t size,
                          struct cw_moving_vector v)
{
    struct cw_moving_vector *at = f->vectors + cw_moving_at(f, bx, by);
    at[0] = v;
    if (size == CW_MOVING_MACRO) {
        at[1] = v;
        at[f->grid_stride] = v;
        at[f->grid_stride + 1] = v;
    }
}

void cw_moving_set_skip(struct cw_moving_frame *f, uint32_t mx, uint32_t my,
                        struct cw_moving_vector v)
{
    cw_moving_set_vector(f, 2 * mx, 2 * my, CW_MOVING_MACRO, v);
    f->kinds[my * f->macro_stride + mx] = CW_MOVING_SKIP;
    for (uint32_t p = 0; p < CW_MOVING_PLANES; p++) {
        uint8_t *count = f->counts[p] + cw_moving_at(f, 2 * mx, 2 * my);
        memset(count, 0, 2);
        memset(count + f->grid_stride, 0, 2);
    }
}

void cw_moving_inter(struct cw_moving_frame *f, const struct cw_moving_dsp *dsp, uint32_t plane,
                     uint32_t bx, uint32_t by, uint32_t size, struct cw_moving_vector v)
{
    size_t at = (size_t)by * CW_MOVING_BLOCK * f->stride + (size_t)bx * CW_MOVING_BLOCK;
    ptrdiff_t by_vector = (v.y >> 2) * (ptrdiff_t)f->stride + (v.x >> 2);
    dsp->predict(f->now.plane[plane] + at, f->stride, f->before.plane[plane] + at + by_vector,
                 f->stride, size, v.x & 3, v.y & 3);
}

/* The samples above and to the left of a block; 128 outside. */
struct around {
    uint8_t up[CW_MOVING_BLOCK], left[CW_MOVING_BLOCK];
    uint8_t mean;
};

static void look_around(const struct cw_moving_frame *f, uint32_t plane, uint32_t bx, uint32_t by,
                        struct around *ret_around)
{
    const uint8_t *at = cw_moving_sample(f, plane, bx, by);
    struct around a;
    uint32_t sum = 0;
    uint32_t count = (by > 0 ? 8U : 0) + (bx > 0 ? 8U : 0);
    memset(&a, 128, sizeof(a));
    if (by > 0)
        memcpy(a.up, at - f->stride, sizeof(a.up));
    for (uint32_t y = 0; y < CW_MOVING_BLOCK && bx > 0; y++)
        a.left[y] = *(at + y * f->stride - 1); /* no index below 0, which would wrap */
    for (uint32_t i = 0; i < CW_MOVING_BLOCK; i++)
        sum += (by > 0 ? a.up[i] : 0U) + (bx > 0 ? a.left[i] : 0U);
    a.mean = (uint8_t)(count == 0 ? 128 : (sum + count / 2) / count);
    *ret_around = a;
}

/* The mean of two slopes: from the left column to the upper row's last sample, and from the upper row to the left
 * column's last. Sums are below 2^13. */
static void fill_smooth(const struct around *a, uint8_t *out, size_t out_stride)
{
    uint16_t across[CW_MOVING_BLOCK];
    uint16_t up[CW_MOVING_BLOCK];
    for (uint32_t x = 0; x < CW_MOVING_BLOCK; x++) {
        across[x] = (uint16_t)((x + 1) * a->up[7] + 8);
        up[x] = a->up[x];
    }
    for (uint32_t y = 0; y < CW_MOVING_BLOCK; y++, out += out_stride) {
        uint16_t down = (uint16_t)((y + 1) * a->left[7]);
        uint8_t row[CW_MOVING_BLOCK];
        for (uint32_t x = 0; x < CW_MOVING_BLOCK; x++)
            row[x] =
                (uint8_t)((uint16_t)((7 - x) * a->left[y] + across[x] + (7 - y) * up[x] + down) >>
                          4);
        memcpy(out, row, sizeof(row));
    }
}

static void fill(const struct around *a, enum cw_moving_mode mode, uint8_t *out, size_t out_stride)
{
    if (mode == CW_MOVING_SMOOTH) {
        fill_smooth(a, out, out_stride);
        return;
    }
    for (uint32_t y = 0; y < CW_MOVING_BLOCK; y++, out += out_stride)
        if (mode == CW_MOVING_DOWN)
            memcpy(out, a->up, CW_MOVING_BLOCK);
        else
            memset(out, mode == CW_MOVING_DC ? a->mean : a->left[y], CW_MOVING_BLOCK);
}

void cw_moving_intra(const struct cw_moving_frame *f, uint32_t plane, uint32_t bx, uint32_t by,
                     enum cw_moving_mode mode, uint8_t *out, size_t out_stride)
{
    struct around a;
    look_around(f, plane, bx, by, &a);
    fill(&a, mode, out, out_stride);
}

void cw_moving_intra_all(const struct cw_moving_frame *f, uint32_t plane, uint32_t bx, uint32_t by,
                         uint8_t (*out)[CW_MOVING_COEFS])
{
    struct around a;
    look_around(f, plane, bx, by, &a);
    for (unsigned m = CW_MOVING_DC; m <= CW_MOVING_SMOOTH; m++)
        fill(&a, (enum cw_moving_mode)m, out[m], CW_MOVING_BLOCK);
}

void cw_moving_show(const struct cw_moving_frame *f, const struct cw_moving_dsp *dsp, uint8_t *out,
                    size_t stride, uint32_t width, uint32_t height)
{
    for (uint32_t y = 0; y < height; y++) {
        size_t at = y * f->stride;
        dsp->join(out + y * stride, width, f->before.plane[0] + at, f->before.plane[1] + at,
                  f->before.plane[2] + at);
    }
}
