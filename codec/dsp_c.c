/* SPDX-License-Identifier: Apache-2.0 */
/* The reference: what every other level must equal, and what WebAssembly compiles. */
#include "codec/dsp.h"

#include <stdbool.h>
#include <string.h>

#include "codec/limits.h"

static CW_DECL_DIFF_ROW(diff_row_c)
{
    for (uint32_t x = 0; x < width_px; x += CW_BLOCK_PX) {
        uint32_t end = width_px - x < CW_BLOCK_PX ? width_px : x + CW_BLOCK_PX;
        unsigned differs = 0;
        for (uint32_t i = x; i < end; i++)
            differs |= (unsigned)(a[4 * i] ^ b[4 * i]) | (unsigned)(a[4 * i + 1] ^ b[4 * i + 1]) |
                       (unsigned)(a[4 * i + 2] ^ b[4 * i + 2]);
        uint32_t bit = first_bit + x / CW_BLOCK_PX;
        if (differs != 0)
            bits[bit / 64] |= (uint64_t)1 << (bit % 64);
    }
}

static CW_DECL_TAKE_ROW(take_row_c)
{
    for (uint32_t x = 0; x < width_px; x++) {
        out[4 * x] = in[4 * x];
        out[4 * x + 1] = in[4 * x + 1];
        out[4 * x + 2] = in[4 * x + 2];
        out[4 * x + 3] = 0;
    }
}

static unsigned distance(uint8_t a, uint8_t b)
{
    return a > b ? (unsigned)(a - b) : (unsigned)(b - a);
}

static CW_DECL_SMOOTH_ROW(smooth_row_c)
{
    uint32_t count = 0;
    for (uint32_t x = 1; x < width_px; x++) {
        unsigned b = distance(in[4 * x], in[4 * x - 4]);
        unsigned g = distance(in[4 * x + 1], in[4 * x - 3]);
        unsigned r = distance(in[4 * x + 2], in[4 * x - 2]);
        bool near = b <= CW_SMOOTH_STEP && g <= CW_SMOOTH_STEP && r <= CW_SMOOTH_STEP;
        count += near && (b | g | r) != 0;
    }
    return count;
}

static CW_DECL_SPLIT_ROW(split_row_c)
{
    for (uint32_t x = 0; x < width_px; x++) {
        g[x] = in[4 * x + 1];
        b[x] = (uint8_t)(in[4 * x] - in[4 * x + 1]);
        r[x] = (uint8_t)(in[4 * x + 2] - in[4 * x + 1]);
    }
}

static CW_DECL_SPLIT_ROW(split_left_row_c)
{
    split_row_c(in, 1, g, b, r);
    for (uint32_t x = 1; x < width_px; x++) {
        uint8_t dg = (uint8_t)(in[4 * x + 1] - in[4 * x - 3]);
        g[x] = dg;
        b[x] = (uint8_t)(in[4 * x] - in[4 * x - 4] - dg);
        r[x] = (uint8_t)(in[4 * x + 2] - in[4 * x - 2] - dg);
    }
}

static CW_DECL_JOIN_ROW(join_row_c)
{
    for (uint32_t x = 0; x < width_px; x++) {
        out[4 * x] = (uint8_t)(b[x] + g[x]);
        out[4 * x + 1] = g[x];
        out[4 * x + 2] = (uint8_t)(r[x] + g[x]);
        out[4 * x + 3] = 0;
    }
}

static CW_DECL_JOIN_ROW(join_left_row_c)
{
    uint8_t sum_b = 0;
    uint8_t sum_g = 0;
    uint8_t sum_r = 0;
    for (uint32_t x = 0; x < width_px; x++) {
        sum_b = (uint8_t)(sum_b + b[x] + g[x]);
        sum_g = (uint8_t)(sum_g + g[x]);
        sum_r = (uint8_t)(sum_r + r[x] + g[x]);
        out[4 * x] = sum_b;
        out[4 * x + 1] = sum_g;
        out[4 * x + 2] = sum_r;
        out[4 * x + 3] = 0;
    }
}

static CW_DECL_RGBA_ROW(rgba_row_c)
{
    for (uint32_t x = 0; x < width_px; x++) {
        out[4 * x] = in[4 * x + 2];
        out[4 * x + 1] = in[4 * x + 1];
        out[4 * x + 2] = in[4 * x];
        out[4 * x + 3] = 255;
    }
}

static uint32_t rotate(uint32_t v, unsigned by)
{
    return v << by | v >> (32 - by);
}

static uint32_t pixel_at(const uint8_t *in, uint32_t x)
{
    return (uint32_t)in[4 * x] | (uint32_t)in[4 * x + 1] << 8 | (uint32_t)in[4 * x + 2] << 16;
}

static uint32_t mix(const uint8_t *in, uint32_t x)
{
    uint32_t c = pixel_at(in, x);
    return (c ^ c >> 11) * 0x9E3779B1U;
}

static CW_DECL_ANCHOR_ROW(anchor_row_c)
{
    uint32_t hash = 0;
    uint32_t changes = 0; /* of pixels 1 to CW_ANCHOR_PX - 1 of the window */
    uint32_t found = 0;
    for (uint32_t end = 0; end < width_px; end++) {
        hash = rotate(hash, 1) ^ mix(in, end);
        changes += end > 0 && pixel_at(in, end) != pixel_at(in, end - 1);
        if (end + 1 < CW_ANCHOR_PX)
            continue;
        uint32_t x = end + 1 - CW_ANCHOR_PX;
        if (x > 0) {
            /* The pixel that left was rotated all the way round. */
            hash ^= mix(in, x - 1);
            changes -= pixel_at(in, x) != pixel_at(in, x - 1);
        }
        if (((hash ^ CW_ANCHOR_VALUE) & mask) == 0 && changes >= CW_ANCHOR_CHANGES) {
            positions[found] = x;
            hashes[found++] = hash;
        }
    }
    return found;
}

static CW_DECL_EQUAL_64(equal_64_c)
{
    uint64_t equal = 0;
    for (uint32_t x = 0; x < width_px; x++)
        equal |= (uint64_t)(memcmp(a + (size_t)4 * x, b + (size_t)4 * x, 3) == 0) << x;
    return equal;
}

static CW_DECL_HASH_ROW(hash_row_c)
{
    memset(sums, 0, 8 * sizeof(*sums));
    for (uint32_t x = 0; x < width_px || x % CW_BLOCK_PX != 0; x += 2) {
        uint32_t even = x < width_px ? pixel_at(in, x) : 0;
        uint32_t odd = x + 1 < width_px ? pixel_at(in, x + 1) : 0;
        sums[x / 2 % 8] += (uint64_t)(even ^ keys[x]) * (odd ^ keys[x + 1]);
    }
}

void cw_dsp_fill_c(struct cw_dsp *dsp)
{
#define USE(field, DECL) dsp->field = field##_c;
    CW_DSP_KERNELS(USE)
#undef USE
}
