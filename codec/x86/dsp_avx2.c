/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/dsp.h"

#if defined(__x86_64__)
#    include <immintrin.h>
#    include <stdbool.h>
#    include <stddef.h>
#    include <string.h>

#    include "codec/limits.h"

/* Each kernel takes whole vectors and ends the row pixel by pixel. */
static __m256i load(const uint8_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

static void store(uint8_t *p, __m256i v)
{
    _mm256_storeu_si256((__m256i *)(void *)p, v);
}

static void set_bit(uint64_t *bits, uint32_t bit)
{
    bits[bit / 64] |= (uint64_t)1 << (bit % 64);
}

/* Whether 16 pixels differ. */
static bool block_differs(const uint8_t *p, const uint8_t *q)
{
    __m256i d0 = _mm256_xor_si256(load(p), load(q));
    __m256i d1 = _mm256_xor_si256(load(p + 32), load(q + 32));
    return !_mm256_testz_si256(_mm256_or_si256(d0, d1), _mm256_set1_epi32(0x00ffffff));
}

static CW_DECL_DIFF_ROW(diff_row_avx2)
{
    const __m256i colours = _mm256_set1_epi32(0x00ffffff);
    uint32_t bit = first_bit;
    uint32_t x = 0;
    /* Most of a row is equal: four blocks at once. */
    for (; x + 64 <= width_px; x += 64, bit += 4) {
        const uint8_t *p = a + (size_t)4 * x;
        const uint8_t *q = b + (size_t)4 * x;
        __m256i any = _mm256_setzero_si256();
        for (unsigned i = 0; i < 8; i++)
            any = _mm256_or_si256(
                any, _mm256_xor_si256(load(p + (size_t)32 * i), load(q + (size_t)32 * i)));
        if (_mm256_testz_si256(any, colours))
            continue;
        for (uint32_t i = 0; i < 4; i++)
            if (block_differs(p + (size_t)64 * i, q + (size_t)64 * i))
                set_bit(bits, bit + i);
    }
    for (; x + 16 <= width_px; x += 16, bit++)
        if (block_differs(a + (size_t)4 * x, b + (size_t)4 * x))
            set_bit(bits, bit);
    unsigned differs = 0;
    for (; x < width_px; x++)
        differs |= (unsigned)(a[4 * x] ^ b[4 * x]) | (unsigned)(a[4 * x + 1] ^ b[4 * x + 1]) |
                   (unsigned)(a[4 * x + 2] ^ b[4 * x + 2]);
    if (differs != 0)
        set_bit(bits, bit);
}

static CW_DECL_TAKE_ROW(take_row_avx2)
{
    const __m256i colours = _mm256_set1_epi32(0x00ffffff);
    uint32_t x = 0;
    for (; x + 8 <= width_px; x += 8)
        store(out + (size_t)4 * x, _mm256_and_si256(load(in + (size_t)4 * x), colours));
    for (; x < width_px; x++) {
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

static CW_DECL_SMOOTH_ROW(smooth_row_avx2)
{
    const __m256i colours = _mm256_set1_epi32(0x00ffffff);
    const __m256i step = _mm256_set1_epi8(CW_SMOOTH_STEP);
    const __m256i zero = _mm256_setzero_si256();
    uint32_t count = 0;
    uint32_t x = 1;
    for (; x + 8 <= width_px; x += 8) {
        __m256i p = load(in + (size_t)4 * x);
        __m256i q = load(in + (size_t)4 * x - 4);
        __m256i away = _mm256_or_si256(_mm256_subs_epu8(p, q), _mm256_subs_epu8(q, p));
        away = _mm256_and_si256(away, colours);
        __m256i near = _mm256_cmpeq_epi32(_mm256_subs_epu8(away, step), zero);
        __m256i hit = _mm256_andnot_si256(_mm256_cmpeq_epi32(away, zero), near);
        count +=
            (uint32_t)__builtin_popcount((unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(hit)));
    }
    for (; x < width_px; x++) {
        unsigned db = distance(in[4 * x], in[4 * x - 4]);
        unsigned dg = distance(in[4 * x + 1], in[4 * x - 3]);
        unsigned dr = distance(in[4 * x + 2], in[4 * x - 2]);
        count += db <= CW_SMOOTH_STEP && dg <= CW_SMOOTH_STEP && dr <= CW_SMOOTH_STEP &&
                 (db | dg | dr) != 0;
    }
    return count;
}

/* Thirty-two pixels in four vectors to 32 bytes of each plane, with B - G and R - G. */
static void planes(const __m256i v[4], uint8_t *g, uint8_t *b, uint8_t *r)
{
    /* Within each half: 4 B, 4 G, 4 R, 4 X; then the same channel of 32 pixels side by side. */
    const __m256i gather = _mm256_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15, 0,
                                            4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    __m256i s0 = _mm256_shuffle_epi8(v[0], gather);
    __m256i s1 = _mm256_shuffle_epi8(v[1], gather);
    __m256i s2 = _mm256_shuffle_epi8(v[2], gather);
    __m256i s3 = _mm256_shuffle_epi8(v[3], gather);
    __m256i bg01 = _mm256_unpacklo_epi32(s0, s1); /* B0 B1 G0 G1 in each half */
    __m256i bg23 = _mm256_unpacklo_epi32(s2, s3);
    __m256i rx01 = _mm256_unpackhi_epi32(s0, s1);
    __m256i rx23 = _mm256_unpackhi_epi32(s2, s3);
    __m256i blue = _mm256_permutevar8x32_epi32(_mm256_unpacklo_epi64(bg01, bg23), order);
    __m256i green = _mm256_permutevar8x32_epi32(_mm256_unpackhi_epi64(bg01, bg23), order);
    __m256i red = _mm256_permutevar8x32_epi32(_mm256_unpacklo_epi64(rx01, rx23), order);
    store(g, green);
    store(b, _mm256_sub_epi8(blue, green));
    store(r, _mm256_sub_epi8(red, green));
}

static CW_DECL_SPLIT_ROW(split_row_avx2)
{
    uint32_t x = 0;
    for (; x + 32 <= width_px; x += 32) {
        const uint8_t *p = in + (size_t)4 * x;
        const __m256i v[4] = {load(p), load(p + 32), load(p + 64), load(p + 96)};
        planes(v, g + x, b + x, r + x);
    }
    for (; x < width_px; x++) {
        g[x] = in[4 * x + 1];
        b[x] = (uint8_t)(in[4 * x] - in[4 * x + 1]);
        r[x] = (uint8_t)(in[4 * x + 2] - in[4 * x + 1]);
    }
}

static CW_DECL_SPLIT_ROW(split_left_row_avx2)
{
    g[0] = in[1];
    b[0] = (uint8_t)(in[0] - in[1]);
    r[0] = (uint8_t)(in[2] - in[1]);
    uint32_t x = 1;
    for (; x + 32 <= width_px; x += 32) {
        const uint8_t *p = in + (size_t)4 * x;
        __m256i v[4];
        for (unsigned i = 0; i < 4; i++)
            v[i] = _mm256_sub_epi8(load(p + (size_t)32 * i), load(p + (size_t)32 * i - 4));
        planes(v, g + x, b + x, r + x);
    }
    for (; x < width_px; x++) {
        uint8_t dg = (uint8_t)(in[4 * x + 1] - in[4 * x - 3]);
        g[x] = dg;
        b[x] = (uint8_t)(in[4 * x] - in[4 * x - 4] - dg);
        r[x] = (uint8_t)(in[4 * x + 2] - in[4 * x - 2] - dg);
    }
}

static CW_DECL_JOIN_ROW(join_row_avx2)
{
    const __m256i zero = _mm256_setzero_si256();
    uint32_t x = 0;
    for (; x + 32 <= width_px; x += 32) {
        __m256i green = load(g + x);
        __m256i blue = _mm256_add_epi8(load(b + x), green);
        __m256i red = _mm256_add_epi8(load(r + x), green);
        __m256i bg_low = _mm256_unpacklo_epi8(blue, green); /* pixels 0..7 and 16..23 */
        __m256i bg_high = _mm256_unpackhi_epi8(blue, green);
        __m256i rx_low = _mm256_unpacklo_epi8(red, zero);
        __m256i rx_high = _mm256_unpackhi_epi8(red, zero);
        __m256i p0 = _mm256_unpacklo_epi16(bg_low, rx_low); /* 0..3 and 16..19 */
        __m256i p1 = _mm256_unpackhi_epi16(bg_low, rx_low);
        __m256i p2 = _mm256_unpacklo_epi16(bg_high, rx_high);
        __m256i p3 = _mm256_unpackhi_epi16(bg_high, rx_high);
        uint8_t *p = out + (size_t)4 * x;
        store(p, _mm256_permute2x128_si256(p0, p1, 0x20));
        store(p + 32, _mm256_permute2x128_si256(p2, p3, 0x20));
        store(p + 64, _mm256_permute2x128_si256(p0, p1, 0x31));
        store(p + 96, _mm256_permute2x128_si256(p2, p3, 0x31));
    }
    for (; x < width_px; x++) {
        out[4 * x] = (uint8_t)(b[x] + g[x]);
        out[4 * x + 1] = g[x];
        out[4 * x + 2] = (uint8_t)(r[x] + g[x]);
        out[4 * x + 3] = 0;
    }
}

static CW_DECL_RGBA_ROW(rgba_row_avx2)
{
    const __m256i order = _mm256_setr_epi8(2, 1, 0, -1, 6, 5, 4, -1, 10, 9, 8, -1, 14, 13, 12, -1,
                                           2, 1, 0, -1, 6, 5, 4, -1, 10, 9, 8, -1, 14, 13, 12, -1);
    const __m256i opaque = _mm256_set1_epi32((int)0xff000000);
    uint32_t x = 0;
    for (; x + 8 <= width_px; x += 8) {
        __m256i v = _mm256_shuffle_epi8(load(in + (size_t)4 * x), order);
        store(out + (size_t)4 * x, _mm256_or_si256(v, opaque));
    }
    for (; x < width_px; x++) {
        out[4 * x] = in[4 * x + 2];
        out[4 * x + 1] = in[4 * x + 1];
        out[4 * x + 2] = in[4 * x];
        out[4 * x + 3] = 255;
    }
}

static __m256i load_words(const uint32_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

static void store_words(uint32_t *p, __m256i v)
{
    _mm256_storeu_si256((__m256i *)(void *)p, v);
}

/* Positions that are hashed together: their hashes stay in the first cache. */
enum { ANCHOR_CHUNK = 256 };

/* One doubling of the window for the hashes in [0, count), in place; count is a multiple of 8. What is beyond reads
 * junk that is never looked at. */
static inline __attribute__((always_inline)) void double_window(uint32_t *h, uint32_t count,
                                                                int size)
{
    for (uint32_t x = 0; x < count; x += 8) {
        __m256i v = load_words(h + x);
        v = _mm256_or_si256(_mm256_slli_epi32(v, size), _mm256_srli_epi32(v, 32 - size));
        store_words(h + x, _mm256_xor_si256(v, load_words(h + x + size)));
    }
}

/* Pixels of a window that differ from the one to their left. */
static unsigned window_changes(const uint8_t *p)
{
    const __m256i colours = _mm256_set1_epi32(0x00ffffff);
    const __m256i zero = _mm256_setzero_si256();
    unsigned same = 0;
    /* Pixels 1 to 8, 9 to 16, 17 to 24 and 24 to 31: one of them is seen twice. */
    for (unsigned i = 0; i < 4; i++) {
        const uint8_t *at = p + (size_t)4 * (i < 3 ? 1 + 8 * i : 24);
        __m256i d = _mm256_and_si256(_mm256_xor_si256(load(at), load(at - 4)), colours);
        unsigned equal =
            (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(d, zero)));
        same += (unsigned)__builtin_popcount(i < 3 ? equal : equal >> 1);
    }
    return CW_ANCHOR_PX - 1 - same;
}

static CW_DECL_ANCHOR_ROW(anchor_row_avx2)
{
    const __m256i colours = _mm256_set1_epi32(0x00ffffff);
    const __m256i factor = _mm256_set1_epi32((int)0x9E3779B1U);
    const __m256i looked_at = _mm256_set1_epi32((int)mask);
    const __m256i wanted = _mm256_set1_epi32((int)(mask & CW_ANCHOR_VALUE));
    uint32_t h[ANCHOR_CHUNK + 64];
    uint32_t found = 0;
    for (uint32_t start = 0; start + CW_ANCHOR_PX <= width_px; start += ANCHOR_CHUNK) {
        const uint8_t *p = in + (size_t)4 * start;
        uint32_t px = width_px - start;
        px = px < ANCHOR_CHUNK + CW_ANCHOR_PX - 1 ? px : ANCHOR_CHUNK + CW_ANCHOR_PX - 1;
        uint32_t x = 0;
        for (; x + 8 <= px; x += 8) {
            __m256i c = _mm256_and_si256(load(p + (size_t)4 * x), colours);
            c = _mm256_xor_si256(c, _mm256_srli_epi32(c, 11));
            store_words(h + x, _mm256_mullo_epi32(c, factor));
        }
        for (; x < px; x++) {
            uint32_t c =
                (uint32_t)p[4 * x] | (uint32_t)p[4 * x + 1] << 8 | (uint32_t)p[4 * x + 2] << 16;
            h[x] = (c ^ c >> 11) * 0x9E3779B1U;
        }
        uint32_t count = px - CW_ANCHOR_PX + 1;
        uint32_t whole = (count + 7) & ~7U;
        double_window(h, whole + 32, 1);
        double_window(h, whole + 32, 2);
        double_window(h, whole + 24, 4);
        double_window(h, whole + 16, 8);
        double_window(h, whole, 16);
        for (x = 0; x < whole; x += 8) {
            __m256i hit =
                _mm256_cmpeq_epi32(_mm256_and_si256(load_words(h + x), looked_at), wanted);
            unsigned bits = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(hit));
            for (; bits != 0; bits &= bits - 1) {
                uint32_t at = x + (uint32_t)__builtin_ctz(bits);
                if (at >= count || window_changes(p + (size_t)4 * at) < CW_ANCHOR_CHANGES)
                    continue;
                positions[found] = start + at;
                hashes[found++] = h[at];
            }
        }
    }
    return found;
}

static CW_DECL_EQUAL_64(equal_64_avx2)
{
    const __m256i colours = _mm256_set1_epi32(0x00ffffff);
    uint64_t equal = 0;
    uint32_t x = 0;
    for (; x + 8 <= width_px; x += 8) {
        __m256i d = _mm256_xor_si256(load(a + (size_t)4 * x), load(b + (size_t)4 * x));
        __m256i same = _mm256_cmpeq_epi32(_mm256_and_si256(d, colours), _mm256_setzero_si256());
        equal |= (uint64_t)(unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(same)) << x;
    }
    for (; x < width_px; x++)
        equal |= (uint64_t)(memcmp(a + (size_t)4 * x, b + (size_t)4 * x, 3) == 0) << x;
    return equal;
}

static CW_DECL_HASH_ROW(hash_row_avx2)
{
    const __m256i colours = _mm256_set1_epi32(0x00ffffff);
    __m256i sum[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
    for (uint32_t x = 0; x < width_px; x += CW_BLOCK_PX) {
        uint8_t end[CW_BLOCK_PX * 4];
        const uint8_t *p = in + (size_t)4 * x;
        if (width_px - x < CW_BLOCK_PX) {
            memset(end, 0, sizeof(end));
            memcpy(end, p, (size_t)4 * (width_px - x));
            p = end;
        }
        for (unsigned i = 0; i < 2; i++) {
            __m256i v = _mm256_and_si256(load(p + (size_t)32 * i), colours);
            v = _mm256_xor_si256(v, load_words(keys + x + (size_t)8 * i));
            sum[i] = _mm256_add_epi64(sum[i], _mm256_mul_epu32(v, _mm256_srli_epi64(v, 32)));
        }
    }
    for (unsigned i = 0; i < 2; i++)
        _mm256_storeu_si256((__m256i *)(void *)(sums + (size_t)4 * i), sum[i]);
}

void cw_dsp_fill_avx2(struct cw_dsp *dsp)
{
    dsp->anchor_row = anchor_row_avx2;
    dsp->diff_row = diff_row_avx2;
    dsp->hash_row = hash_row_avx2;
    dsp->take_row = take_row_avx2;
    dsp->smooth_row = smooth_row_avx2;
    dsp->split_row = split_row_avx2;
    dsp->split_left_row = split_left_row_avx2;
    dsp->join_row = join_row_avx2;
    dsp->rgba_row = rgba_row_avx2;
    dsp->equal_64 = equal_64_avx2;
}
#endif
