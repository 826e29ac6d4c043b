/* SPDX-License-Identifier: Apache-2.0 */
/* control/portal/picture.h - whether bytes that somebody sent are a PNG or JPEG picture of a sane size.
 *
 * Owner:     the bytes are the caller's.
 * Thread:    any; pure.
 * Errors:    CW_ERR_INVALID (neither, cut, or with something behind its end), CW_ERR_TOO_LARGE (sides).
 * Limits:    CW_LOGO_SIDE_PX_MAX.
 *
 * Only the structure is looked at, so that the type it is served with is the type it has. SVG, which is a
 * document with scripts, is none.
 */
#ifndef CW_CONTROL_PORTAL_PICTURE_H
#define CW_CONTROL_PORTAL_PICTURE_H

#include <stddef.h>
#include <stdint.h>

enum cw_picture_type { CW_PICTURE_PNG = 1, CW_PICTURE_JPEG = 2 };

struct cw_picture {
    enum cw_picture_type type;
    uint32_t width_px;
    uint32_t height_px;
};

int cw_picture_check(const uint8_t *bytes, size_t n, struct cw_picture *ret);
/* "png", "jpg". */
const char *cw_picture_ending(enum cw_picture_type type);
/* "image/png". */
const char *cw_picture_media_type(enum cw_picture_type type);

#endif
