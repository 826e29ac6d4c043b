/* SPDX-License-Identifier: Apache-2.0 */
/* engine/tls_buffer.h - bytes that wait with a connection: part of a record, or a handshake's output.
 *
 * Owner:     the pools are a worker's; a buffer belongs to its connection while it holds anything.
 * Thread:    the worker's.
 * Units:     bytes.
 * Errors:    append: false when the largest class, or its pool, is full; nothing was taken then.
 * Limits:    the classes below; a peer makes us hold no larger class than what it has sent needs.
 * Invariant: at <= size <= the class; an empty buffer is given back.
 */
#ifndef CW_ENGINE_TLS_BUFFER_H
#define CW_ENGINE_TLS_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/pool.h"

enum cw_tls_buffer_class {
    CW_TLS_BUFFER_SMALL,  /* a ClientHello, a HELLO */
    CW_TLS_BUFFER_RECORD, /* any record; a handshake flight with its chain */
    CW_TLS_BUFFER_LARGE,  /* what came before a caller could stop receiving */
    CW_TLS_BUFFER_CLASS_COUNT
};

struct cw_tls_buffer {
    uint32_t at; /* bytes before this one are done */
    uint32_t size;
    uint32_t class;
    uint8_t bytes[];
};

struct cw_tls_buffers {
    struct cw_pool pools[CW_TLS_BUFFER_CLASS_COUNT];
};

int cw_tls_buffers_init(struct cw_tls_buffers *p, uint32_t connections_max);
void cw_tls_buffers_fini(struct cw_tls_buffers *p);
void cw_tls_buffers_trim(struct cw_tls_buffers *p);
uint32_t cw_tls_buffers_used(const struct cw_tls_buffers *p);

/* *b NULL: empty. What it holds moves to a larger class when it must. */
bool cw_tls_buffer_append(struct cw_tls_buffers *p, struct cw_tls_buffer **b, const uint8_t *data,
                          size_t size);
/* The first n bytes are done. */
void cw_tls_buffer_drop(struct cw_tls_buffers *p, struct cw_tls_buffer **b, size_t n);
void cw_tls_buffer_free(struct cw_tls_buffers *p, struct cw_tls_buffer **b);
size_t cw_tls_buffer_bytes(const struct cw_tls_buffer *b);

#endif
