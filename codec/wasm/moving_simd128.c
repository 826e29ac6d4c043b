/* SPDX-License-Identifier: Apache-2.0 */
/* The decoder's kernels of moving pictures with WebAssembly SIMD. */
#include "codec/moving_dsp.h"

#include "codec/wasm/vec.h"

static inline vec v_turn4(vec v)
{
    return wasm_i8x16_shuffle(v, v, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
}

/* Levels times the step >> 2, saturated. */
static inline vec v_scale(vec level, uint32_t step)
{
    const vec factor = v_set16((int16_t)step);
    return v_pack32(v_sar32(wasm_i32x4_extmul_low_i16x8(level, factor), 2),
                    v_sar32(wasm_i32x4_extmul_high_i16x8(level, factor), 2));
}

/* Bytes without sign times bytes with sign, the same two in all pairs: sums of neighbours. */
static inline vec v_dot8(vec bytes, vec weights)
{
    vec even = wasm_v128_and(bytes, v_set16(255));
    vec odd = wasm_u16x8_shr(bytes, 8);
    return v_add16(wasm_i16x8_mul(even, wasm_i16x8_shr(wasm_i16x8_shl(weights, 8), 8)),
                   wasm_i16x8_mul(odd, wasm_i16x8_shr(weights, 8)));
}

#include "codec/moving_simd.h"

void cw_moving_fill_simd128(struct cw_moving_dsp *dsp)
{
    dsp->join = join_128;
    dsp->predict = predict_128;
    dsp->inverse = inverse_128;
    dsp->smooth_across = smooth_across_128;
    dsp->smooth_down = smooth_down_128;
}
