/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/base/span.h"

#include <string.h>

struct cw_reader cw_reader_of(const void *data, size_t size)
{
    static const uint8_t nothing[1];
    struct cw_reader r = {.data = data != NULL ? data : nothing, .size = data != NULL ? size : 0};
    return r;
}

const uint8_t *cw_read_bytes(struct cw_reader *r, size_t n)
{
    if (r->failed || n > r->size - r->at) {
        r->failed = true;
        return NULL;
    }
    const uint8_t *p = r->data + r->at;
    r->at += n;
    return p;
}

uint8_t cw_read_u8(struct cw_reader *r)
{
    const uint8_t *p = cw_read_bytes(r, 1);
    return p != NULL ? p[0] : 0;
}

uint16_t cw_read_u16(struct cw_reader *r)
{
    const uint8_t *p = cw_read_bytes(r, 2);
    return p != NULL ? (uint16_t)(p[0] | (unsigned)p[1] << 8) : 0;
}

uint32_t cw_read_u32(struct cw_reader *r)
{
    const uint8_t *p = cw_read_bytes(r, 4);
    return p != NULL ? (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                           (uint32_t)p[3] << 24
                     : 0;
}

uint64_t cw_read_u64(struct cw_reader *r)
{
    uint64_t low = cw_read_u32(r);
    uint64_t high = cw_read_u32(r);
    return low | high << 32;
}

size_t cw_reader_left(const struct cw_reader *r)
{
    return r->size - r->at;
}

bool cw_reader_done(const struct cw_reader *r)
{
    return !r->failed && r->at == r->size;
}

struct cw_writer cw_writer_of(void *data, size_t size)
{
    struct cw_writer w = {.data = data, .size = size};
    return w;
}

void cw_write_bytes(struct cw_writer *w, const void *data, size_t n)
{
    if (w->failed || n > w->size - w->at) {
        w->failed = true;
        return;
    }
    if (n > 0)
        memcpy(w->data + w->at, data, n);
    w->at += n;
}

void cw_write_u8(struct cw_writer *w, uint8_t v)
{
    cw_write_bytes(w, &v, 1);
}

void cw_write_u16(struct cw_writer *w, uint16_t v)
{
    uint8_t b[2] = {(uint8_t)v, (uint8_t)(v >> 8)};
    cw_write_bytes(w, b, sizeof b);
}

void cw_write_u32(struct cw_writer *w, uint32_t v)
{
    uint8_t b[4] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};
    cw_write_bytes(w, b, sizeof b);
}

void cw_write_u64(struct cw_writer *w, uint64_t v)
{
    uint8_t b[8];
    for (unsigned i = 0; i < 8; i++)
        b[i] = (uint8_t)(v >> (8 * i));
    cw_write_bytes(w, b, sizeof b);
}
