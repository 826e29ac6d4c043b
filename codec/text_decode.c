/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/text_decode.h"

#include <string.h>

enum { TILE_PX = 48, ESCAPE = 255 };

void cw_palette_take(struct cw_palette *p, const struct cw_colours *colours)
{
    for (uint32_t i = 0; i < colours->count; i++) {
        memcpy(p->bgrx[colours->first + i], colours->bgr + (size_t)3 * i, 3);
        p->bgrx[colours->first + i][3] = 0;
    }
    p->count = colours->total;
}

/* How many bands there are; 0: the heights are wrong. */
static size_t count_bands(const struct cw_rect *r, const uint8_t *data, size_t data_bytes)
{
    size_t count = 0;
    uint32_t rows = 0;
    while (rows < r->h) {
        if (count == data_bytes || data[count] == 0)
            return 0;
        rows += data[count++];
    }
    return rows == r->h ? count : 0;
}

/* Sixteen bytes at a time in the compiler's own vectors: this is the decoder's only pass over bytes it does not
 * trust, so it need not differ by level. */
typedef uint8_t bytes16 __attribute__((vector_size(16)));

/* How many bytes are ESCAPE, and the largest that is not. */
static size_t count_escapes(const uint8_t *data, size_t bytes, uint8_t *ret_largest)
{
    enum { LANES = sizeof(bytes16) };
    bytes16 largest = {0};
    size_t escapes = 0;
    size_t i = 0;
    while (i + LANES <= bytes) {
        bytes16 here = {0}; /* a lane counts to 255 at most */
        size_t end = bytes - i < (size_t)LANES * UINT8_MAX ? bytes : i + (size_t)LANES * UINT8_MAX;
        for (; i + LANES <= end; i += LANES) {
            bytes16 v;
            memcpy(&v, data + i, LANES);
            bytes16 is_escape = (bytes16)(v == ESCAPE);
            here -= is_escape;
            v &= ~is_escape;
            bytes16 larger = (bytes16)(v > largest);
            largest = (v & larger) | (largest & ~larger);
        }
        for (unsigned k = 0; k < LANES; k++)
            escapes += here[k];
    }
    uint8_t most = 0;
    for (unsigned k = 0; k < LANES; k++)
        most = largest[k] > most ? largest[k] : most;
    for (; i < bytes; i++) {
        escapes += data[i] == ESCAPE;
        most = data[i] != ESCAPE && data[i] > most ? data[i] : most;
    }
    *ret_largest = most;
    return escapes;
}

int cw_text_measure(const struct cw_rect *r, uint32_t colours, const uint8_t *data,
                    size_t data_bytes, size_t *ret_bytes)
{
    size_t area = (size_t)r->w * r->h;
    size_t bands = count_bands(r, data, data_bytes);
    if (bands == 0 || area > data_bytes - bands)
        return CW_CODEC_ERR_PACKET;
    uint8_t largest;
    size_t escapes = count_escapes(data + bands, area, &largest);
    size_t bytes = bands + area + 2 * escapes;
    if (largest >= colours || bytes > data_bytes)
        return CW_CODEC_ERR_PACKET;
    for (size_t i = bands + area; i < bytes; i += 2) {
        uint32_t index = cw_read_le16(data + i);
        if (index < ESCAPE || index >= colours)
            return CW_CODEC_ERR_PACKET;
    }
    *ret_bytes = bytes;
    return 0;
}

/* A row of indexes to pixels; those of 255 get any colour. */
static void paint_row(const struct cw_palette *p, const uint8_t *indexes, uint32_t width_px,
                      uint8_t *pixels)
{
    for (uint32_t x = 0; x < width_px; x++)
        memcpy(pixels + (size_t)4 * x, p->bgrx[indexes[x]], 4);
}

/* One band. Returns the escapes behind those it used. */
static const uint8_t *paint_band(const struct cw_dsp *dsp, const struct cw_palette *p,
                                 uint32_t width, uint32_t rows, const uint8_t *columns,
                                 const uint8_t *escapes, uint8_t *pixels, size_t stride)
{
    uint8_t tile[TILE_PX * UINT8_MAX];
    for (uint32_t x = 0; x < width; x += TILE_PX) {
        uint32_t px = width - x < TILE_PX ? width - x : TILE_PX;
        dsp->transpose(tile, TILE_PX, columns + (size_t)x * rows, rows, rows, px);
        for (uint32_t y = 0; y < rows; y++)
            paint_row(p, tile + (size_t)y * TILE_PX, px, pixels + y * stride + (size_t)4 * x);
    }
    const uint8_t *end = columns + (size_t)width * rows;
    for (const uint8_t *at = columns; (at = memchr(at, ESCAPE, (size_t)(end - at))) != NULL; at++) {
        size_t i = (size_t)(at - columns);
        memcpy(pixels + i % rows * stride + i / rows * 4, p->bgrx[cw_read_le16(escapes)], 4);
        escapes += 2;
    }
    return escapes;
}

void cw_text_paint(const struct cw_dsp *dsp, const struct cw_palette *p, const struct cw_rect *r,
                   const uint8_t *data, uint8_t *pixels, size_t stride)
{
    size_t bands = count_bands(r, data, r->h);
    const uint8_t *columns = data + bands;
    const uint8_t *escapes = columns + (size_t)r->w * r->h;
    for (size_t i = 0; i < bands; i++) {
        escapes = paint_band(dsp, p, r->w, data[i], columns, escapes, pixels, stride);
        columns += (size_t)data[i] * r->w;
        pixels += data[i] * stride;
    }
}
