/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/tool/png.h"

#include <string.h>

/* The chunk that is being written: its checksum, and that of the data before they are packed. */
struct writer {
    FILE *to;
    uint32_t crc;
    uint32_t adler_a, adler_b;
    bool ok;
};

static void write_bytes(struct writer *w, const uint8_t *data, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        w->crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            w->crc = (w->crc >> 1) ^ (0xEDB88320U & (0U - (w->crc & 1)));
    }
    w->ok = w->ok && fwrite(data, 1, bytes, w->to) == bytes;
}

static void write_be32(struct writer *w, uint32_t v)
{
    const uint8_t bytes[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8),
                              (uint8_t)v};
    write_bytes(w, bytes, 4);
}

static void begin_chunk(struct writer *w, const char *type, uint32_t bytes)
{
    write_be32(w, bytes);
    w->crc = 0xFFFFFFFFU;
    write_bytes(w, (const uint8_t *)type, 4);
}

static void end_chunk(struct writer *w)
{
    write_be32(w, ~w->crc);
}

/* One row as a stored block of deflate. */
static void write_row(struct writer *w, const uint8_t *row, uint32_t bytes, bool is_last)
{
    uint32_t stored = bytes + 1; /* and the filter's number: none */
    const uint8_t head[6] = {is_last,          (uint8_t)stored,         (uint8_t)(stored >> 8),
                             (uint8_t)~stored, (uint8_t)(~stored >> 8), 0};
    write_bytes(w, head, sizeof(head));
    write_bytes(w, row, bytes);
    w->adler_b = (w->adler_b + w->adler_a) % 65521;
    for (uint32_t i = 0; i < bytes; i++) {
        w->adler_a = (w->adler_a + row[i]) % 65521;
        w->adler_b = (w->adler_b + w->adler_a) % 65521;
    }
}

bool tool_png_write(FILE *to, const uint8_t *rgb, uint32_t width, uint32_t height)
{
    static const uint8_t magic[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    static const uint8_t kind[5] = {8, 2, 0, 0, 0};   /* 8 bits, true colour */
    static const uint8_t zlib_head[2] = {0x78, 0x01}; /* a window of 32 KB, not compressed */
    struct writer w = {.to = to, .adler_a = 1, .ok = true};
    uint32_t row_bytes = width * 3;
    write_bytes(&w, magic, sizeof(magic));
    begin_chunk(&w, "IHDR", 13);
    write_be32(&w, width);
    write_be32(&w, height);
    write_bytes(&w, kind, sizeof(kind));
    end_chunk(&w);
    begin_chunk(&w, "IDAT", 2 + height * (row_bytes + 6) + 4);
    write_bytes(&w, zlib_head, sizeof(zlib_head));
    for (uint32_t y = 0; y < height; y++)
        write_row(&w, rgb + (size_t)y * row_bytes, row_bytes, y + 1 == height);
    write_be32(&w, w.adler_b << 16 | w.adler_a);
    end_chunk(&w);
    begin_chunk(&w, "IEND", 0);
    end_chunk(&w);
    return w.ok;
}
