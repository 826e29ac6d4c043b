/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/dsp.h"

#include <stdlib.h>
#include <string.h>

#include "codec/codec.h"

static const char *const isa_names[CW_ISA_COUNT] = {"c", "sse41", "avx2", "avx512"};

const char *cw_isa_name(enum cw_isa isa)
{
    return isa_names[isa];
}

enum cw_isa cw_isa_best(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("sse4.1"))
        return CW_ISA_C;
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi2"))
        return CW_ISA_SSE41;
    /* Taken only as the whole bundle that the files of that level are compiled for. */
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("avx512dq"))
        return CW_ISA_AVX2;
    return CW_ISA_AVX512;
#else
    return CW_ISA_C;
#endif
}

void cw_dsp_fill(struct cw_dsp *dsp, enum cw_isa isa)
{
    cw_dsp_fill_c(dsp);
    cw_dsp_fill_c_jpeg(dsp);
    cw_dsp_fill_c_text(dsp);
    cw_dsp_fill_c_colour(dsp);
    cw_dsp_fill_c_photo(dsp);
    cw_moving_fill_c(&dsp->moving);
#if defined(__x86_64__)
    if (isa >= CW_ISA_SSE41) {
        cw_dsp_fill_sse41(dsp);
        cw_dsp_fill_sse41_jpeg(dsp);
        cw_dsp_fill_sse41_text(dsp);
        cw_dsp_fill_sse41_colour(dsp);
        cw_dsp_fill_sse41_photo(dsp);
        cw_moving_fill_sse41(&dsp->moving);
    }
    if (isa >= CW_ISA_AVX2) {
        cw_dsp_fill_avx2(dsp);
        cw_dsp_fill_avx2_jpeg(dsp);
        cw_dsp_fill_avx2_text(dsp);
        cw_dsp_fill_avx2_colour(dsp);
        cw_dsp_fill_avx2_photo(dsp);
        cw_moving_fill_avx2(&dsp->moving);
    }
    if (isa >= CW_ISA_AVX512) {
        cw_dsp_fill_avx512(dsp);
        cw_dsp_fill_avx512_text(dsp);
    }
#elif defined(__wasm_simd128__)
    (void)isa;
    cw_dsp_fill_simd128(dsp);
    cw_dsp_fill_simd128_jpeg(dsp);
    cw_dsp_fill_simd128_text(dsp);
    cw_dsp_fill_simd128_photo(dsp);
    cw_moving_fill_simd128(&dsp->moving);
#else
    (void)isa;
#endif
}

int cw_dsp_init(struct cw_dsp *dsp)
{
    enum cw_isa best = cw_isa_best();
#if !defined(__wasm__) /* a WebAssembly module has no environment and must import none */
    const char *wanted = getenv("CAUSEWAY_ISA");
    if (wanted != NULL && wanted[0] != '\0') {
        unsigned isa = 0;
        while (isa < CW_ISA_COUNT && strcmp(wanted, isa_names[isa]) != 0)
            isa++;
        if (isa > best)
            return CW_CODEC_ERR_ISA;
        best = (enum cw_isa)isa;
    }
#endif
    cw_dsp_fill(dsp, best);
    return 0;
}
