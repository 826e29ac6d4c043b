/* SPDX-License-Identifier: Apache-2.0 */
/* engine/base/pool.h - a fixed number of equal items in one mapping that the kernel commits on first use.
 *
 * Owner:     the caller owns the pool; an item belongs to its taker until it is given back.
 * Thread:    one.
 * Units:     bytes, items.
 * Errors:    cw_pool_init: CW_ERR_NOMEM; cw_pool_take: NULL when every item is taken.
 * Limits:    those given to cw_pool_init.
 * Invariant: used is the sum of the segments' used; items are 16-byte aligned.
 *
 * The mapping is cut into segments. Items come from the lowest segment that has any, so that a peak drains
 * from the top; what was in use last is used next: it is still in the cache. Segments that were empty all the
 * time between two calls of cw_pool_trim give their pages back to the kernel: so neither does a peak stay for
 * ever, nor does a load that swings pay for its pages again and again.
 */
#ifndef CW_ENGINE_BASE_POOL_H
#define CW_ENGINE_BASE_POOL_H

#include <stddef.h>
#include <stdint.h>

struct cw_pool_segment {
    void *free_items;
    uint32_t used;
    uint32_t fresh; /* items below this were taken at least once since the pages came */
};

struct cw_pool {
    uint8_t *memory;
    struct cw_pool_segment *segments;
    uint64_t *has_room; /* a bit a segment */
    size_t mapped_bytes;
    size_t item_bytes;
    uint32_t count;
    uint32_t used;
    uint32_t segment_shift; /* a segment is 1 << segment_shift bytes */
    uint32_t segment_items;
    uint32_t segment_count;
    uint32_t current;    /* no segment below it has room */
    uint32_t top;        /* no segment from here on has pages */
    uint32_t warm;       /* empty segments that have pages */
    uint32_t warm_least; /* since the last trim */
};

int cw_pool_init(struct cw_pool *p, size_t item_bytes, uint32_t count);
void cw_pool_fini(struct cw_pool *p);
/* The content is undefined. */
void *cw_pool_take(struct cw_pool *p);
void cw_pool_give(struct cw_pool *p, void *item);
/* For a timer. */
void cw_pool_trim(struct cw_pool *p);

#endif
