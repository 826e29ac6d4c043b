/* SPDX-License-Identifier: Apache-2.0 */
#define CW_VEC_256
#include "codec/x86/photo_x86.h"

#if defined(__x86_64__)
void cw_dsp_fill_avx2_photo(struct cw_dsp *dsp)
{
    fill_photo_encoder(dsp);
}
#endif
