/* SPDX-License-Identifier: Apache-2.0 */
/* engine/base/pool.h - a fixed number of equal items in one mapping that the kernel commits on first use.
 *
 * Owner:     the caller owns the pool; an item belongs to its taker until it is given back.
 * Thread:    one.
 * Units:     bytes, items.
 * Errors:    cw_pool_init: CW_ERR_NOMEM; cw_pool_take: NULL when every item is taken.
 * Limits:    those given to cw_pool_init.
 * Invariant: used <= fresh <= count; items are 16-byte aligned.
 */
#ifndef CW_ENGINE_BASE_POOL_H
#define CW_ENGINE_BASE_POOL_H

#include <stddef.h>
#include <stdint.h>

struct cw_pool {
    uint8_t *memory;
    void *free_items;
    size_t item_bytes;
    uint32_t count;
    uint32_t fresh; /* items below this were taken at least once since the last trim */
    uint32_t used;
};

int cw_pool_init(struct cw_pool *p, size_t item_bytes, uint32_t count);
void cw_pool_fini(struct cw_pool *p);
/* The content is undefined. */
void *cw_pool_take(struct cw_pool *p);
void cw_pool_give(struct cw_pool *p, void *item);

#endif
