/* SPDX-License-Identifier: Apache-2.0 */
/* The decoder's kernels of moving pictures with WebAssembly SIMD. */
#include "codec/moving_dsp.h"

#include <stddef.h>
#include <wasm_simd128.h>

typedef v128_t vec;

#define v_load        wasm_v128_load
#define v_load8       wasm_v128_load64_zero
#define v_store       wasm_v128_store
#define v_set16       wasm_i16x8_splat
#define v_set32       wasm_i32x4_splat
#define v_add16       wasm_i16x8_add
#define v_sub16       wasm_i16x8_sub
#define v_add32       wasm_i32x4_add
#define v_sub32       wasm_i32x4_sub
#define v_min16       wasm_i16x8_min
#define v_max16       wasm_i16x8_max
#define v_gt16        wasm_i16x8_gt
#define v_and         wasm_v128_and
#define v_shl16       wasm_i16x8_shl
#define v_sar16       wasm_i16x8_shr
#define v_sar32(v, n) wasm_i32x4_shr(v, (uint32_t)(n))
#define v_dot16       wasm_i32x4_dot_i16x8
#define v_pack32      wasm_i16x8_narrow_i32x4
#define v_pack16      wasm_u8x16_narrow_i16x8

#define v_low8(a, b) \
    wasm_i8x16_shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define v_high8(a, b) \
    wasm_i8x16_shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#define v_low16(a, b)  wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define v_high16(a, b) wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define v_low32(a, b)  wasm_i32x4_shuffle(a, b, 0, 4, 1, 5)
#define v_high32(a, b) wasm_i32x4_shuffle(a, b, 2, 6, 3, 7)

static inline vec v_turn4(vec v)
{
    return wasm_i8x16_shuffle(v, v, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
}

static inline void v_store8(void *p, vec v)
{
    wasm_v128_store64_lane(p, v, 0);
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
