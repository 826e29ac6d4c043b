/* SPDX-License-Identifier: Apache-2.0 */
/* Only where 512 bits measure better than AVX2: comparing a block is one load pair and one mask
 * test. */
#include "codec/dsp.h"

#if defined(__x86_64__)
#    include <immintrin.h>
#    include <stddef.h>

#    include "codec/limits.h"

/* So far ahead a row is asked for: what is compared or hashed mostly comes from beyond the second cache. */
enum { PREFETCH_BYTES = 4096 };

static __m512i load(const uint8_t *p)
{
    return _mm512_loadu_si512((const void *)p);
}

/* 1 when 16 pixels differ. */
static uint64_t block_differs(const uint8_t *p, const uint8_t *q)
{
    __m512i d = _mm512_xor_si512(load(p), load(q));
    return _mm512_test_epi32_mask(d, _mm512_set1_epi32(0x00ffffff)) != 0;
}

static CW_DECL_DIFF_ROW(diff_row_avx512)
{
    const __m512i colours = _mm512_set1_epi32(0x00ffffff);
    uint32_t bit = first_bit;
    uint32_t x = 0;
    /* Most of a row is equal: four blocks at once. 0xF6 is a | (b ^ c). */
    for (; x + 64 <= width_px; x += 64, bit += 4) {
        const uint8_t *p = a + (size_t)4 * x;
        const uint8_t *q = b + (size_t)4 * x;
        __m512i any = _mm512_xor_si512(load(p), load(q));
        any = _mm512_ternarylogic_epi32(any, load(p + 64), load(q + 64), 0xF6);
        any = _mm512_ternarylogic_epi32(any, load(p + 128), load(q + 128), 0xF6);
        any = _mm512_ternarylogic_epi32(any, load(p + 192), load(q + 192), 0xF6);
        if (_mm512_test_epi32_mask(any, colours) == 0)
            continue;
        uint64_t four = block_differs(p, q) | block_differs(p + 64, q + 64) << 1 |
                        block_differs(p + 128, q + 128) << 2 | block_differs(p + 192, q + 192) << 3;
        bits[bit / 64] |= four << (bit % 64);
        if (bit % 64 > 60)
            bits[bit / 64 + 1] |= four >> (64 - bit % 64);
    }
    for (; x < width_px; x += CW_BLOCK_PX, bit++) {
        uint32_t left = width_px - x;
        __mmask16 lanes = (__mmask16)(left < CW_BLOCK_PX ? (1U << left) - 1 : 0xffffU);
        __m512i p = _mm512_maskz_loadu_epi32(lanes, a + (size_t)4 * x);
        __m512i q = _mm512_maskz_loadu_epi32(lanes, b + (size_t)4 * x);
        if (_mm512_test_epi32_mask(_mm512_xor_si512(p, q), colours) != 0)
            bits[bit / 64] |= (uint64_t)1 << (bit % 64);
    }
}

static CW_DECL_SMOOTH_ROW(smooth_row_avx512)
{
    const __m512i colours = _mm512_set1_epi32(0x00ffffff);
    const __m512i step = _mm512_set1_epi8(CW_SMOOTH_STEP);
    uint32_t count = 0;
    for (uint32_t x = 1; x < width_px; x += CW_BLOCK_PX) {
        uint32_t left = width_px - x;
        __mmask16 lanes = (__mmask16)(left < CW_BLOCK_PX ? (1U << left) - 1 : 0xffffU);
        __m512i p = _mm512_maskz_loadu_epi32(lanes, in + (size_t)4 * x);
        __m512i q = _mm512_maskz_loadu_epi32(lanes, in + (size_t)4 * x - 4);
        __m512i away = _mm512_or_si512(_mm512_subs_epu8(p, q), _mm512_subs_epu8(q, p));
        unsigned differ = _mm512_test_epi32_mask(away, colours);
        unsigned near = _mm512_testn_epi32_mask(_mm512_subs_epu8(away, step), colours);
        count += (uint32_t)__builtin_popcount(differ & near);
    }
    return count;
}

static CW_DECL_EQUAL_64(equal_64_avx512)
{
    const __m512i colours = _mm512_set1_epi32(0x00ffffff);
    uint64_t equal = 0;
    for (uint32_t x = 0; x < width_px; x += 16) {
        uint32_t left = width_px - x;
        __mmask16 lanes = (__mmask16)(left < 16 ? (1U << left) - 1 : 0xffffU);
        __m512i p = _mm512_maskz_loadu_epi32(lanes, a + (size_t)4 * x);
        __m512i q = _mm512_maskz_loadu_epi32(lanes, b + (size_t)4 * x);
        uint64_t same = _mm512_mask_testn_epi32_mask(lanes, _mm512_xor_si512(p, q), colours);
        equal |= same << x;
    }
    return equal;
}

/* Sixteen pixels from x on, 0 beyond the row, without X. */
static __m512i pixels_at(const uint8_t *in, uint32_t width_px, uint32_t x)
{
    const __m512i colours = _mm512_set1_epi32(0x00ffffff);
    if (x + CW_BLOCK_PX <= width_px)
        return _mm512_and_si512(load(in + (size_t)4 * x), colours);
    uint32_t left = x < width_px ? width_px - x : 0;
    __mmask16 lanes = (__mmask16)((1U << left) - 1);
    return _mm512_and_si512(_mm512_maskz_loadu_epi32(lanes, in + (size_t)4 * x), colours);
}

/* Pixels of a window that differ from the one to their left. */
static unsigned window_changes(const uint8_t *p)
{
    const __m512i colours = _mm512_set1_epi32(0x00ffffff);
    __m512i low = _mm512_xor_si512(load(p + 4), load(p));
    __m512i high = _mm512_xor_si512(load(p + 64), load(p + 60)); /* pixel 16 a second time */
    unsigned changes = _mm512_test_epi32_mask(low, colours);
    changes |= (unsigned)_mm512_test_epi32_mask(high, colours) >> 1 << 16;
    return (unsigned)__builtin_popcount(changes);
}

static CW_DECL_ANCHOR_ROW(anchor_row_avx512)
{
    const __m512i factor = _mm512_set1_epi32((int)0x9E3779B1U);
    const __m512i looked_at = _mm512_set1_epi32((int)mask);
    const __m512i wanted = _mm512_set1_epi32((int)(mask & CW_ANCHOR_VALUE));
    __m512i last[5] = {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(),
                       _mm512_setzero_si512(), _mm512_setzero_si512()};
    uint32_t found = 0;
    if (width_px < CW_ANCHOR_PX)
        return 0;
    /* Windows of 2, 4, 8, 16, 32 pixels, each of two of half the size. Of each size the vector before is kept, as
     * the half to the left may stand in it: hashes come five vectors behind the pixels. */
    for (uint32_t x = 0; x < width_px + 64; x += CW_BLOCK_PX) {
        __m512i v = pixels_at(in, width_px, x);
        v = _mm512_mullo_epi32(_mm512_xor_si512(v, _mm512_srli_epi32(v, 11)), factor);
        __m512i w =
            _mm512_xor_si512(_mm512_rol_epi32(last[0], 1), _mm512_alignr_epi32(v, last[0], 1));
        last[0] = v;
        v = _mm512_xor_si512(_mm512_rol_epi32(last[1], 2), _mm512_alignr_epi32(w, last[1], 2));
        last[1] = w;
        w = _mm512_xor_si512(_mm512_rol_epi32(last[2], 4), _mm512_alignr_epi32(v, last[2], 4));
        last[2] = v;
        v = _mm512_xor_si512(_mm512_rol_epi32(last[3], 8), _mm512_alignr_epi32(w, last[3], 8));
        last[3] = w;
        w = _mm512_xor_si512(_mm512_rol_epi32(last[4], 16), v);
        last[4] = v;
        unsigned hits = _mm512_cmpeq_epi32_mask(_mm512_and_si512(w, looked_at), wanted);
        if (hits == 0 || x < 80)
            continue;
        uint32_t h[CW_BLOCK_PX];
        _mm512_storeu_si512(h, w);
        for (; hits != 0; hits &= hits - 1) {
            uint32_t lane = (uint32_t)__builtin_ctz(hits);
            uint32_t at = x - 80 + lane;
            if (at + CW_ANCHOR_PX > width_px ||
                window_changes(in + (size_t)4 * at) < CW_ANCHOR_CHANGES)
                continue;
            positions[found] = at;
            hashes[found++] = h[lane];
        }
    }
    return found;
}

/* The products of a block's pixels with their keys; 0x6A is (a & b) ^ c. */
static __m512i products(__m512i v, const uint32_t *keys)
{
    v = _mm512_ternarylogic_epi32(v, _mm512_set1_epi32(0x00ffffff),
                                  _mm512_loadu_si512((const void *)keys), 0x6A);
    return _mm512_mul_epu32(v, _mm512_srli_epi64(v, 32));
}

static CW_DECL_HASH_ROW(hash_row_avx512)
{
    __m512i s0 = _mm512_setzero_si512();
    __m512i s1 = s0;
    __m512i s2 = s0;
    __m512i s3 = s0;
    uint32_t x = 0;
    for (; x + 64 <= width_px; x += 64) {
        const uint8_t *p = in + (size_t)4 * x;
        const uint32_t *k = keys + x;
        for (unsigned i = 0; i < 256; i += 64)
            _mm_prefetch((const char *)p + PREFETCH_BYTES + i, _MM_HINT_T0);
        s0 = _mm512_add_epi64(s0, products(load(p), k));
        s1 = _mm512_add_epi64(s1, products(load(p + 64), k + 16));
        s2 = _mm512_add_epi64(s2, products(load(p + 128), k + 32));
        s3 = _mm512_add_epi64(s3, products(load(p + 192), k + 48));
    }
    for (; x < width_px; x += CW_BLOCK_PX)
        s0 = _mm512_add_epi64(s0, products(pixels_at(in, width_px, x), keys + x));
    s0 = _mm512_add_epi64(_mm512_add_epi64(s0, s1), _mm512_add_epi64(s2, s3));
    _mm512_storeu_si512((void *)sums, s0);
}

void cw_dsp_fill_avx512(struct cw_dsp *dsp)
{
    dsp->anchor_row = anchor_row_avx512;
    dsp->diff_row = diff_row_avx512;
    dsp->smooth_row = smooth_row_avx512;
    dsp->equal_64 = equal_64_avx512;
    dsp->hash_row = hash_row_avx512;
}
#endif
