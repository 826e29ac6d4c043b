/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/base/pool.h"

#include <string.h>
#include <sys/mman.h>

#include "engine/base/check.h"
#include "engine/base/err.h"

enum {
    POOL_ALIGN = 16,
    /* An empty pool that once held this many bytes gives its pages back to the kernel. */
    POOL_TRIM_BYTES = 16 * 1024 * 1024,
};

int cw_pool_init(struct cw_pool *p, size_t item_bytes, uint32_t count)
{
    size_t size = (item_bytes + POOL_ALIGN - 1) / POOL_ALIGN * POOL_ALIGN;
    void *memory = mmap(NULL, size * count, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return CW_ERR_NOMEM;
    *p = (struct cw_pool){.memory = memory, .item_bytes = size, .count = count};
    return CW_OK;
}

void cw_pool_fini(struct cw_pool *p)
{
    if (p->memory != NULL)
        munmap(p->memory, p->item_bytes * p->count);
    *p = (struct cw_pool){0};
}

void *cw_pool_take(struct cw_pool *p)
{
    void *item = p->free_items;
    if (item != NULL) {
        memcpy(&p->free_items, item, sizeof p->free_items);
    } else if (p->fresh < p->count) {
        item = p->memory + p->item_bytes * p->fresh;
        p->fresh++;
    } else {
        return NULL;
    }
    p->used++;
    return item;
}

void cw_pool_give(struct cw_pool *p, void *item)
{
    size_t offset = (size_t)((uint8_t *)item - p->memory);
    CW_CHECK(p->used > 0 && offset % p->item_bytes == 0 && offset / p->item_bytes < p->fresh,
             "an item goes back to the pool it came from");
#ifdef CW_DEBUG
    memset(item, 0xDD, p->item_bytes);
#endif
    memcpy(item, &p->free_items, sizeof p->free_items);
    p->free_items = item;
    p->used--;
    if (p->used == 0 && p->fresh * p->item_bytes > POOL_TRIM_BYTES) {
        madvise(p->memory, p->fresh * p->item_bytes, MADV_DONTNEED);
        p->free_items = NULL;
        p->fresh = 0;
    }
}
