/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/codec.h"

const char *cw_codec_err_text(int err)
{
    switch ((enum cw_codec_err)err) {
    case CW_CODEC_OK: return "no error";
    case CW_CODEC_ERR_NOMEM: return "not enough memory for a picture of this size";
    case CW_CODEC_ERR_ARGUMENT: return "a size, stride or buffer is out of range";
    case CW_CODEC_ERR_FULL: return "the output buffer is smaller than the largest packet";
    case CW_CODEC_ERR_PACKET: return "the packet breaks the format of codec/FORMAT.md";
    case CW_CODEC_ERR_SYNC: return "the update does not follow the picture: a keyframe is needed";
    case CW_CODEC_ERR_ISA:
        return "CAUSEWAY_ISA must be c, sse41, avx2 or avx512, and one that this processor has";
    }
    return "unknown codec error";
}
