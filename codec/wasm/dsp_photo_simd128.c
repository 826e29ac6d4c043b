/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/wasm/vec.h"

#include "codec/photo_simd.h"

void cw_dsp_fill_simd128_photo(struct cw_dsp *dsp)
{
    dsp->photo_above = photo_above_128;
    dsp->photo_line = photo_line_128;
    dsp->photo_from_green = photo_from_green_128;
    dsp->photo_from_luma = photo_from_luma_128;
}
