/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/tls_buffer.h"

#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/tls.h"
#include "engine/tls_record.h"

static const uint32_t class_bytes[CW_TLS_BUFFER_CLASS_COUNT] = {
    2048 - sizeof(struct cw_tls_buffer),
    CW_TLS_RECORD_BYTES_MAX + 64,
    CW_TLS_KEPT_BYTES_MAX,
};

enum {
    /* Large ones are for what was on its way when the caller stopped receiving: few at a time. */
    LARGE_MIN = 64,
    LARGE_SHARE = 16,
};

int cw_tls_buffers_init(struct cw_tls_buffers *p, uint32_t connections_max)
{
    /* A connection holds one for what it received, and in its handshake one for output. */
    const uint32_t counts[CW_TLS_BUFFER_CLASS_COUNT] = {2 * connections_max, 2 * connections_max,
                                                        LARGE_MIN + connections_max / LARGE_SHARE};
    *p = (struct cw_tls_buffers){0};
    for (unsigned i = 0; i < CW_TLS_BUFFER_CLASS_COUNT; i++) {
        int err =
            cw_pool_init(&p->pools[i], sizeof(struct cw_tls_buffer) + class_bytes[i], counts[i]);
        if (err != CW_OK) {
            cw_tls_buffers_fini(p);
            return err;
        }
    }
    return CW_OK;
}

void cw_tls_buffers_fini(struct cw_tls_buffers *p)
{
    for (unsigned i = 0; i < CW_TLS_BUFFER_CLASS_COUNT; i++)
        cw_pool_fini(&p->pools[i]);
}

void cw_tls_buffers_trim(struct cw_tls_buffers *p)
{
    for (unsigned i = 0; i < CW_TLS_BUFFER_CLASS_COUNT; i++)
        cw_pool_trim(&p->pools[i]);
}

uint32_t cw_tls_buffers_used(const struct cw_tls_buffers *p)
{
    uint32_t used = 0;
    for (unsigned i = 0; i < CW_TLS_BUFFER_CLASS_COUNT; i++)
        used += p->pools[i].used;
    return used;
}

size_t cw_tls_buffer_bytes(const struct cw_tls_buffer *b)
{
    return b != NULL ? b->size - b->at : 0;
}

void cw_tls_buffer_free(struct cw_tls_buffers *p, struct cw_tls_buffer **b)
{
    if (*b != NULL)
        cw_pool_give(&p->pools[(*b)->class], *b);
    *b = NULL;
}

/* The smallest class for size bytes that has one left. */
static struct cw_tls_buffer *take(struct cw_tls_buffers *p, size_t size)
{
    for (uint32_t i = 0; i < CW_TLS_BUFFER_CLASS_COUNT; i++) {
        if (size > class_bytes[i])
            continue;
        struct cw_tls_buffer *b = cw_pool_take(&p->pools[i]);
        if (b != NULL) {
            b->at = 0;
            b->size = 0;
            b->class = i;
            return b;
        }
    }
    return NULL;
}

bool cw_tls_buffer_append(struct cw_tls_buffers *p, struct cw_tls_buffer **ret_buffer,
                          const uint8_t *data, size_t size)
{
    struct cw_tls_buffer *b = *ret_buffer;
    size_t have = cw_tls_buffer_bytes(b);
    if (size == 0)
        return true;
    if (b == NULL || size > class_bytes[b->class] - have) {
        struct cw_tls_buffer *larger = take(p, have + size);
        if (larger == NULL)
            return false;
        if (b != NULL)
            memcpy(larger->bytes, b->bytes + b->at, have);
        larger->size = (uint32_t)have;
        cw_tls_buffer_free(p, &b);
        *ret_buffer = b = larger;
    } else if (size > class_bytes[b->class] - b->size) {
        memmove(b->bytes, b->bytes + b->at, have);
        b->at = 0;
        b->size = (uint32_t)have;
    }
    memcpy(b->bytes + b->size, data, size);
    b->size += (uint32_t)size;
    return true;
}

void cw_tls_buffer_drop(struct cw_tls_buffers *p, struct cw_tls_buffer **b, size_t n)
{
    if (n == 0)
        return;
    CW_CHECK(n <= cw_tls_buffer_bytes(*b), "no more is dropped than there is");
    (*b)->at += (uint32_t)n;
    if ((*b)->at == (*b)->size)
        cw_tls_buffer_free(p, b);
}
