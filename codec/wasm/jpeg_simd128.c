/* SPDX-License-Identifier: Apache-2.0 */
/* What a JPEG decoder needs, with WebAssembly SIMD. */
#include "codec/wasm/vec.h"

#include "codec/jpeg_simd.h"

void cw_dsp_fill_simd128_jpeg(struct cw_dsp *dsp)
{
    dsp->idct = idct_128;
    dsp->from_ycc_row = from_ycc_row_128;
}
