/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/x86/colour_x86.h"

#if defined(__x86_64__)
void cw_dsp_fill_sse41_colour(struct cw_dsp *dsp)
{
    fill_colour(dsp);
}
#endif
