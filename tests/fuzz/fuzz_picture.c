/* SPDX-License-Identifier: Apache-2.0 */
/* Logos: whatever the bytes are, they are no picture, or one of a sane size that begins as its type does. */
#include <stdint.h>

#include "control/limits.h"
#include "control/portal/picture.h"
#include "engine/base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cw_picture picture = {.width_px = 0};

    if (cw_picture_check(data, size, &picture) != 0)
        return 0;
    CW_CHECK(picture.width_px > 0 && picture.width_px <= CW_LOGO_SIDE_PX_MAX, "a sane width");
    CW_CHECK(picture.height_px > 0 && picture.height_px <= CW_LOGO_SIDE_PX_MAX, "a sane height");
    CW_CHECK(data[0] == (picture.type == CW_PICTURE_PNG ? 0x89 : 0xFF), "the type's first byte");
    return 0;
}
