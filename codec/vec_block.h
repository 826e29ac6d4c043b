/* SPDX-License-Identifier: Apache-2.0 */
/* codec/vec_block.h - blocks of 8 x 8 words and of 16 x 16 bytes, a vector of 128 bits a row, for x86 and WebAssembly
 * alike.
 *
 * Owner:     none.
 * Thread:    any.
 * Units:     bytes, words of 16 bits.
 * Errors:    none.
 * Limits:    none.
 * Invariant: the includer has the operations of codec/x86/vec.h or codec/wasm/vec.h.
 */
#ifndef CW_CODEC_VEC_BLOCK_H
#define CW_CODEC_VEC_BLOCK_H

/* In lanes of 16, 32 and 64 bits: by a sixth faster than three rounds of 16. */
static inline void transpose(vec r[8])
{
    vec a[8];
    vec b[8];
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; i++) {
        a[2 * i] = v_low16(r[2 * i], r[2 * i + 1]);
        a[2 * i + 1] = v_high16(r[2 * i], r[2 * i + 1]);
    }
#pragma GCC unroll 2
    for (unsigned i = 0; i < 8; i += 4) {
        b[i] = v_low32(a[i], a[i + 2]);
        b[i + 1] = v_high32(a[i], a[i + 2]);
        b[i + 2] = v_low32(a[i + 1], a[i + 3]);
        b[i + 3] = v_high32(a[i + 1], a[i + 3]);
    }
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; i++) {
        r[2 * i] = v_low64(b[i], b[i + 4]);
        r[2 * i + 1] = v_high64(b[i], b[i + 4]);
    }
}

/* 16 x 16 bytes: each round interleaves vector i with i + 8; four rounds bring bit after bit of the row's number below
 * the column's. */
static inline __attribute__((always_inline)) void transpose_bytes(vec v[16])
{
    vec w[16];
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < 8; i++) {
            w[2 * i] = v_low8(v[i], v[i + 8]);
            w[2 * i + 1] = v_high8(v[i], v[i + 8]);
        }
        for (unsigned i = 0; i < 8; i++) {
            v[2 * i] = v_low8(w[i], w[i + 8]);
            v[2 * i + 1] = v_high8(w[i], w[i + 8]);
        }
    }
}

#endif
