/* SPDX-License-Identifier: Apache-2.0 */
/* JPEG's transforms with both halves of a row in one vector. */
#include "codec/x86/vec_wide_256.h"

#if defined(__x86_64__)
#    include "codec/jpeg_simd.h"

void cw_dsp_fill_avx2_jpeg(struct cw_dsp *dsp)
{
    dsp->fdct = fdct_128;
    dsp->idct = idct_128;
}
#endif
