/* SPDX-License-Identifier: Apache-2.0 */
/* codec/wasm/vec.h - vectors and what is done with them in WebAssembly, under the names of codec/x86/vec.h.
 *
 * Owner:     none.
 * Thread:    any.
 * Units:     bytes, words of 16 bits, numbers of 32 bits: the 8, 16 or 32 in a name.
 * Errors:    none.
 * Invariant: each does what its namesake does on x86, but for v_scale16 of two words of -32768, which nobody uses.
 */
#ifndef CW_CODEC_WASM_VEC_H
#define CW_CODEC_WASM_VEC_H

#include <stddef.h>
#include <stdint.h>
#include <wasm_simd128.h>

typedef v128_t vec;

#define v_load        wasm_v128_load
#define v_load4       wasm_v128_load32_zero
#define v_load8       wasm_v128_load64_zero
#define v_widen8      wasm_u16x8_load8x8
#define v_store       wasm_v128_store
#define v_set8        wasm_i8x16_splat
#define v_set16       wasm_i16x8_splat
#define v_set32       wasm_i32x4_splat
#define v_add8        wasm_i8x16_add
#define v_sub8        wasm_i8x16_sub
#define v_min8        wasm_u8x16_min
#define v_max8        wasm_u8x16_max
#define v_mean8       wasm_u8x16_avgr
#define v_half8(v)    wasm_u8x16_shr(v, 1)
#define v_add16       wasm_i16x8_add
#define v_sub16       wasm_i16x8_sub
#define v_add32       wasm_i32x4_add
#define v_sub32       wasm_i32x4_sub
#define v_min16       wasm_i16x8_min
#define v_max16       wasm_i16x8_max
#define v_gt16        wasm_i16x8_gt
#define v_and         wasm_v128_and
#define v_xor         wasm_v128_xor
#define v_shl16       wasm_i16x8_shl
#define v_sar16       wasm_i16x8_shr
#define v_sar32(v, n) wasm_i32x4_shr(v, (uint32_t)(n))
#define v_dot16       wasm_i32x4_dot_i16x8
#define v_scale16     wasm_i16x8_q15mulr_sat
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
#define v_low64(a, b)  wasm_i64x2_shuffle(a, b, 0, 2)
#define v_high64(a, b) wasm_i64x2_shuffle(a, b, 1, 3)

#define V_NONE           16
#define v_order8(v, ...) wasm_i8x16_shuffle(v, wasm_i8x16_const_splat(0), __VA_ARGS__)

static inline void v_store4(void *p, vec v)
{
    wasm_v128_store32_lane(p, v, 0);
}

static inline void v_store8(void *p, vec v)
{
    wasm_v128_store64_lane(p, v, 0);
}

#endif
