/* SPDX-License-Identifier: Apache-2.0 */
#include "control/portal/picture.h"

#include <stdbool.h>
#include <string.h>

#include "control/limits.h"
#include "engine/base/err.h"

const char *cw_picture_ending(enum cw_picture_type type)
{
    return type == CW_PICTURE_JPEG ? "jpg" : "png";
}

const char *cw_picture_media_type(enum cw_picture_type type)
{
    return type == CW_PICTURE_JPEG ? "image/jpeg" : "image/png";
}

static uint32_t u16(const uint8_t *p)
{
    return ((uint32_t)p[0] << 8) | p[1];
}

static uint32_t u32(const uint8_t *p)
{
    return (u16(p) << 16) | u16(p + 2);
}

static int check_sides(const struct cw_picture *p)
{
    if (p->width_px == 0 || p->height_px == 0)
        return CW_ERR_INVALID;
    return p->width_px > CW_LOGO_SIDE_PX_MAX || p->height_px > CW_LOGO_SIDE_PX_MAX
               ? CW_ERR_TOO_LARGE
               : 0;
}

/* Chunks of length, name, data and checksum: IHDR first, IEND last and nothing behind it. */
static int check_png(const uint8_t *bytes, size_t n, struct cw_picture *ret)
{
    enum { SIGNATURE_BYTES = 8, CHUNK_BYTES = 12, HEADER_BYTES = 13 };
    size_t at = SIGNATURE_BYTES;
    bool has_data = false;

    while (n - at >= CHUNK_BYTES) {
        const uint32_t length = u32(bytes + at);
        const uint8_t *name = bytes + at + 4;
        if (length > n - at - CHUNK_BYTES)
            return CW_ERR_INVALID;
        if ((at == SIGNATURE_BYTES) != (memcmp(name, "IHDR", 4) == 0))
            return CW_ERR_INVALID;
        if (at == SIGNATURE_BYTES) {
            if (length != HEADER_BYTES)
                return CW_ERR_INVALID;
            ret->width_px = u32(name + 4);
            ret->height_px = u32(name + 8);
        }
        has_data = has_data || memcmp(name, "IDAT", 4) == 0;
        at += CHUNK_BYTES + length;
        if (memcmp(name, "IEND", 4) == 0)
            return at == n && has_data ? check_sides(ret) : CW_ERR_INVALID;
    }
    return CW_ERR_INVALID;
}

/* A marker that says how large the picture is: SOF0 to SOF15 but for tables and arithmetic coding's. */
static bool is_frame(uint8_t marker)
{
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

/* Segments up to the first scan; its coded data goes on to the end, which is EOI. */
static int check_jpeg(const uint8_t *bytes, size_t n, struct cw_picture *ret)
{
    enum { SCAN = 0xDA, END = 0xD9 };
    size_t at = 2;

    if (bytes[n - 2] != 0xFF || bytes[n - 1] != END)
        return CW_ERR_INVALID;
    while (n - at >= 4) {
        const uint8_t marker = bytes[at + 1];
        const uint32_t length = u16(bytes + at + 2);
        if (bytes[at] != 0xFF || marker < 0xC0 || marker == 0xFF || length < 2 ||
            length > n - at - 2)
            return CW_ERR_INVALID;
        if (is_frame(marker)) {
            if (length < 8)
                return CW_ERR_INVALID;
            ret->height_px = u16(bytes + at + 5);
            ret->width_px = u16(bytes + at + 7);
        }
        if (marker == SCAN)
            return check_sides(ret);
        at += 2 + length;
    }
    return CW_ERR_INVALID;
}

int cw_picture_check(const uint8_t *bytes, size_t n, struct cw_picture *ret)
{
    static const uint8_t png[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    struct cw_picture picture = {.type = CW_PICTURE_PNG};
    int err = CW_ERR_INVALID;

    if (n >= sizeof png && memcmp(bytes, png, sizeof png) == 0) {
        err = check_png(bytes, n, &picture);
    } else if (n >= 6 && bytes[0] == 0xFF && bytes[1] == 0xD8) {
        picture.type = CW_PICTURE_JPEG;
        err = check_jpeg(bytes, n, &picture);
    }
    if (err == 0)
        *ret = picture;
    return err;
}
