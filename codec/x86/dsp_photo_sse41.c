/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/x86/photo_x86.h"

#if defined(__x86_64__)
#    include "codec/photo_simd.h"

void cw_dsp_fill_sse41_photo(struct cw_dsp *dsp)
{
    fill_photo_encoder(dsp);
    dsp->photo_above = photo_above_128;
    dsp->photo_line = photo_line_128;
    dsp->photo_from_green = photo_from_green_128;
    dsp->photo_from_luma = photo_from_luma_128;
}
#endif
