/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/x86/moving_x86.h"

#if defined(__x86_64__)

void cw_moving_fill_sse41(struct cw_moving_dsp *dsp)
{
#    define USE(field, DECL) dsp->field = field##_128;
    CW_MOVING_KERNELS(USE)
#    undef USE
}
#endif
