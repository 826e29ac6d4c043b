/* SPDX-License-Identifier: Apache-2.0 */
/* engine/base/span.h - read and write cursors over caller-owned bytes, little-endian.
 *
 * Owner:     the caller owns the bytes; a cursor is a value.
 * Thread:    any.
 * Units:     bytes.
 * Errors:    sticky: a read past the end gives zeros and sets failed; a write past the end writes
 *            nothing and sets failed. Look once, after the last access.
 * Invariant: at <= size.
 */
#ifndef CW_ENGINE_BASE_SPAN_H
#define CW_ENGINE_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cw_reader {
    const uint8_t *data;
    size_t size;
    size_t at;
    bool failed;
};

struct cw_writer {
    uint8_t *data;
    size_t size;
    size_t at;
    bool failed;
};

struct cw_reader cw_reader_of(const void *data, size_t size);
/* The next n bytes in place, or NULL (and failed). n == 0 gives a non-NULL pointer. */
const uint8_t *cw_read_bytes(struct cw_reader *r, size_t n);
uint8_t cw_read_u8(struct cw_reader *r);
uint16_t cw_read_u16(struct cw_reader *r);
uint32_t cw_read_u32(struct cw_reader *r);
uint64_t cw_read_u64(struct cw_reader *r);
/* Bytes not yet read. */
size_t cw_reader_left(const struct cw_reader *r);
/* True when nothing failed and every byte was consumed: the check that ends each parser. */
bool cw_reader_done(const struct cw_reader *r);

struct cw_writer cw_writer_of(void *data, size_t size);
void cw_write_bytes(struct cw_writer *w, const void *data, size_t n);
void cw_write_u8(struct cw_writer *w, uint8_t v);
void cw_write_u16(struct cw_writer *w, uint16_t v);
void cw_write_u32(struct cw_writer *w, uint32_t v);
void cw_write_u64(struct cw_writer *w, uint64_t v);

#endif
