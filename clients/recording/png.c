/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/recording/png.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "engine/base/err.h"

static void put_u32(uint8_t out[4], uint32_t value)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static int chunk(FILE *to, const char *type, const uint8_t *data, size_t size)
{
    uint8_t head[8];
    uint8_t sum[4];
    put_u32(head, (uint32_t)size);
    memcpy(head + 4, type, 4);
    uLong crc = crc32(0, head + 4, 4);
    if (size > 0)
        crc = crc32(crc, data, (uInt)size);
    put_u32(sum, (uint32_t)crc);
    bool good = fwrite(head, 1, sizeof head, to) == sizeof head &&
                (size == 0 || fwrite(data, 1, size, to) == size) &&
                fwrite(sum, 1, sizeof sum, to) == sizeof sum;
    return good ? CW_OK : CW_ERR_IO;
}

/* Rows of R, G, B behind their filter byte (1: each pixel less its left neighbour). */
static void filter_rows(const uint8_t *bgrx, uint32_t width_px, uint32_t height_px, uint8_t *out)
{
    for (uint32_t y = 0; y < height_px; y++) {
        uint8_t left[3] = {0, 0, 0};
        *out++ = 1;
        for (uint32_t x = 0; x < width_px; x++, bgrx += 4) {
            for (int i = 0; i < 3; i++) {
                *out++ = (uint8_t)(bgrx[2 - i] - left[i]);
                left[i] = bgrx[2 - i];
            }
        }
    }
}

int cw_png_write(FILE *to, const uint8_t *bgrx, uint32_t width_px, uint32_t height_px)
{
    static const uint8_t magic[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    uint8_t header[13] = {[8] = 8, [9] = 2}; /* 8 bits, true colour */
    size_t raw_bytes = ((size_t)width_px * 3 + 1) * height_px;
    uLongf packed_bytes = compressBound((uLong)raw_bytes);
    uint8_t *raw = malloc(raw_bytes);
    uint8_t *packed = malloc(packed_bytes);
    int err = raw == NULL || packed == NULL ? CW_ERR_NOMEM : CW_OK;
    put_u32(header, width_px);
    put_u32(header + 4, height_px);
    if (err == CW_OK) {
        filter_rows(bgrx, width_px, height_px, raw);
        if (compress2(packed, &packed_bytes, raw, (uLong)raw_bytes, 6) != Z_OK)
            err = CW_ERR_NOMEM;
    }
    if (err == CW_OK && fwrite(magic, 1, sizeof magic, to) != sizeof magic)
        err = CW_ERR_IO;
    if (err == CW_OK)
        err = chunk(to, "IHDR", header, sizeof header);
    if (err == CW_OK)
        err = chunk(to, "IDAT", packed, packed_bytes);
    if (err == CW_OK)
        err = chunk(to, "IEND", NULL, 0);
    free(raw);
    free(packed);
    return err;
}
