/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/thumbnail.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "clients/agent/capture.h"
#include "engine/base/err.h"

enum { CHUNK_BYTES = 12, HEADER_BYTES = 13, COLOUR_MASK = 0xF8 };

static const uint8_t magic[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

static void put_u32(uint8_t *out, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* data is in its place already, 8 bytes behind out. */
static uint8_t *chunk(uint8_t *out, const char *type, size_t size)
{
    put_u32(out, (uint32_t)size);
    memcpy(out + 4, type, 4);
    put_u32(out + 8 + size, (uint32_t)crc32(0, out + 4, (uInt)(4 + size)));
    return out + CHUNK_BYTES + size;
}

/* The mean of the pixels under one of the small picture; five bits a colour, which compress. */
static void mean(const uint8_t *bgrx, size_t stride, uint32_t x0, uint32_t x1, uint32_t y0,
                 uint32_t y1, uint8_t *out)
{
    uint32_t sum[3] = {0, 0, 0};
    const uint32_t count = (x1 - x0) * (y1 - y0);
    for (uint32_t y = y0; y < y1; y++)
        for (uint32_t x = x0; x < x1; x++)
            for (int i = 0; i < 3; i++)
                sum[i] += bgrx[y * stride + x * 4 + (uint32_t)(2 - i)];
    for (int i = 0; i < 3; i++)
        out[i] = (uint8_t)(sum[i] / count) & COLOUR_MASK;
}

/* Rows of R, G, B behind their filter byte (1: each pixel less its left neighbour). */
static void shrink(const uint8_t *bgrx, size_t stride, uint32_t width, uint32_t height,
                   uint32_t small_width, uint32_t small_height, uint8_t *out)
{
    for (uint32_t y = 0; y < small_height; y++) {
        uint8_t left[3] = {0, 0, 0}, now[3];
        const uint32_t y0 = (uint32_t)((uint64_t)y * height / small_height);
        const uint32_t y1 = (uint32_t)((uint64_t)(y + 1) * height / small_height);
        *out++ = 1;
        for (uint32_t x = 0; x < small_width; x++) {
            const uint32_t x0 = (uint32_t)((uint64_t)x * width / small_width);
            const uint32_t x1 = (uint32_t)((uint64_t)(x + 1) * width / small_width);
            mean(bgrx, stride, x0, x1, y0, y1, now);
            for (int i = 0; i < 3; i++) {
                *out++ = (uint8_t)(now[i] - left[i]);
                left[i] = now[i];
            }
        }
    }
}

static int make(const uint8_t *bgrx, size_t stride, uint32_t width, uint32_t height,
                uint32_t small_width, uint8_t *out, size_t out_size, size_t *ret_size)
{
    uint32_t small_height = (uint32_t)((uint64_t)height * small_width / width);
    const size_t fixed = sizeof(magic) + CHUNK_BYTES * 3 + HEADER_BYTES;
    if (small_height == 0)
        small_height = 1;
    if (small_height > small_width * 2)
        small_height = small_width * 2 < height ? small_width * 2 : height;
    const size_t raw_bytes = ((size_t)small_width * 3 + 1) * small_height;
    if (out_size <= fixed)
        return CW_ERR_TOO_LARGE;
    uint8_t *raw = malloc(raw_bytes);
    if (raw == NULL)
        return CW_ERR_NOMEM;
    shrink(bgrx, stride, width, height, small_width, small_height, raw);
    memcpy(out, magic, sizeof(magic));
    uint8_t *at = out + sizeof(magic);
    memset(at + 8, 0, HEADER_BYTES);
    put_u32(at + 8, small_width);
    put_u32(at + 12, small_height);
    at[16] = 8; /* bits */
    at[17] = 2; /* true colour */
    at = chunk(at, "IHDR", HEADER_BYTES);
    uLongf packed = (uLongf)(out_size - fixed);
    const bool fits = compress2(at + 8, &packed, raw, (uLong)raw_bytes, 9) == Z_OK;
    free(raw);
    if (!fits)
        return CW_ERR_TOO_LARGE;
    at = chunk(at, "IDAT", packed);
    at = chunk(at, "IEND", 0);
    *ret_size = (size_t)(at - out);
    return 0;
}

int cw_thumbnail_of(const uint8_t *bgrx, size_t stride_bytes, uint32_t width_px, uint32_t height_px,
                    uint8_t *out, size_t out_size, size_t *ret_size)
{
    static const uint32_t widths[] = {320, 240, 160, 120, 80, 40};
    int err = CW_ERR_TOO_LARGE;
    if (width_px == 0 || height_px == 0)
        return CW_ERR_IO;
    for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]) && err == CW_ERR_TOO_LARGE; i++)
        err = make(bgrx, stride_bytes, width_px, height_px,
                   widths[i] < width_px ? widths[i] : width_px, out, out_size, ret_size);
    return err;
}

int cw_thumbnail(const char *display_name, uint8_t *out, size_t out_size, size_t *ret_size)
{
    char message[256];
    struct cw_capture *capture = NULL;
    struct cw_rect rects[CW_CAPTURE_RECTS_MAX];
    size_t count = 0;
    int err = cw_capture_open(display_name, &capture, message, sizeof(message));
    if (err != 0)
        return CW_ERR_IO;
    err = cw_capture_grab(capture, true, rects, &count);
    if (err == 0)
        err = cw_thumbnail_of(cw_capture_picture(capture), cw_capture_stride(capture),
                              cw_capture_width(capture), cw_capture_height(capture), out, out_size,
                              ret_size);
    cw_capture_close(capture);
    return err;
}
