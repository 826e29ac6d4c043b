/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/base/pool.h"

#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "engine/base/check.h"
#include "engine/base/err.h"

enum {
    POOL_ALIGN = 16,
    POOL_PAGE_BYTES = 4096,
    POOL_SEGMENT_SHIFT = 18, /* 256 KB, or as much as 4 items need */
    POOL_SEGMENT_ITEMS_MIN = 4,
    /* Items that are filled as a whole lie in huge pages: relaying 16 KB records takes a tenth less CPU. */
    POOL_HUGE_ITEM_BYTES = 16384,
    POOL_HUGE_SHIFT = 21,
    POOL_TRIM_BYTES_MAX = 8 << 20, /* at once: unmapping that takes half a millisecond */
};

static size_t up_to(size_t size, size_t unit)
{
    return (size + unit - 1) / unit * unit;
}

int cw_pool_init(struct cw_pool *p, size_t item_bytes, uint32_t count)
{
    size_t size = up_to(item_bytes, POOL_ALIGN);
    bool is_huge = size >= POOL_HUGE_ITEM_BYTES && size * count >= (size_t)2 << POOL_HUGE_SHIFT;
    uint32_t shift = is_huge ? POOL_HUGE_SHIFT : POOL_SEGMENT_SHIFT;
    while ((size_t)1 << shift < size * POOL_SEGMENT_ITEMS_MIN)
        shift++;
    uint32_t items = (uint32_t)(((size_t)1 << shift) / size);
    uint32_t segments = (count + items - 1) / items;
    size_t words = (segments + 63U) / 64U;
    size_t table_bytes =
        up_to(segments * sizeof *p->segments + words * sizeof *p->has_room, POOL_PAGE_BYTES);
    size_t items_bytes = (size_t)segments << shift;
    /* Addresses, no memory, for the way to where the first segment may begin. */
    size_t mapped = table_bytes + items_bytes + ((size_t)1 << shift);
    uint8_t *memory = mmap(NULL, mapped, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return CW_ERR_NOMEM;
    size_t first = up_to((uintptr_t)memory + table_bytes, (size_t)1 << shift) - (uintptr_t)memory;
    /* Refused where the kernel has none: then it is only slower. */
    if (is_huge)
        (void)madvise(memory + first, items_bytes, MADV_HUGEPAGE);
    *p = (struct cw_pool){
        .memory = memory + first,
        .segments = (void *)memory,
        .has_room = (void *)(memory + segments * sizeof *p->segments),
        .mapped_bytes = mapped,
        .item_bytes = size,
        .count = count,
        .segment_shift = shift,
        .segment_items = items,
        .segment_count = segments,
    };
    for (uint32_t i = 0; i < segments; i++)
        p->has_room[i / 64] |= UINT64_C(1) << i % 64;
    return CW_OK;
}

void cw_pool_fini(struct cw_pool *p)
{
    if (p->segments != NULL)
        munmap(p->segments, p->mapped_bytes);
    *p = (struct cw_pool){0};
}

/* The last segment may be shorter. */
static uint32_t items_of(const struct cw_pool *p, uint32_t segment)
{
    return segment + 1 < p->segment_count ? p->segment_items
                                          : p->count - segment * p->segment_items;
}

/* Moves current to the first segment that has room; used < count says that there is one. */
static void find_room(struct cw_pool *p)
{
    uint32_t word = p->current / 64;
    uint64_t bits = p->has_room[word] & ~UINT64_C(0) << p->current % 64;
    while (bits == 0)
        bits = p->has_room[++word];
    p->current = word * 64 + (uint32_t)__builtin_ctzll(bits);
}

void *cw_pool_take(struct cw_pool *p)
{
    if (p->used == p->count)
        return NULL;
    if ((p->has_room[p->current / 64] >> p->current % 64 & 1) == 0)
        find_room(p);
    struct cw_pool_segment *s = &p->segments[p->current];
    void *item = s->free_items;
    if (item != NULL) {
        memcpy(&s->free_items, item, sizeof s->free_items);
        p->warm -= s->used == 0;
        if (p->warm < p->warm_least)
            p->warm_least = p->warm;
    } else {
        item = p->memory + ((size_t)p->current << p->segment_shift) + p->item_bytes * s->fresh++;
        if (p->current >= p->top)
            p->top = p->current + 1;
    }
    if (++s->used == items_of(p, p->current))
        p->has_room[p->current / 64] &= ~(UINT64_C(1) << p->current % 64);
    p->used++;
    return item;
}

void cw_pool_give(struct cw_pool *p, void *item)
{
    size_t offset = (size_t)((uint8_t *)item - p->memory);
    uint32_t segment = (uint32_t)(offset >> p->segment_shift);
    CW_CHECK(offset >> p->segment_shift < p->segment_count && p->segments[segment].used > 0,
             "an item goes back to the pool it came from");
    CW_DCHECK((offset & (((size_t)1 << p->segment_shift) - 1)) % p->item_bytes == 0,
              "an item begins where it was taken");
    struct cw_pool_segment *s = &p->segments[segment];
#ifdef CW_DEBUG
    memset(item, 0xDD, p->item_bytes);
#endif
    memcpy(item, &s->free_items, sizeof s->free_items);
    s->free_items = item;
    p->has_room[segment / 64] |= UINT64_C(1) << segment % 64;
    if (segment < p->current)
        p->current = segment;
    p->used--;
    p->warm += --s->used == 0;
}

void cw_pool_trim(struct cw_pool *p)
{
    uint32_t most = (uint32_t)POOL_TRIM_BYTES_MAX >> p->segment_shift;
    uint32_t count = p->warm_least < most ? p->warm_least : most;
    for (uint32_t at = p->top; count > 0 && at-- > 0;) {
        struct cw_pool_segment *s = &p->segments[at];
        if (s->used > 0 || s->fresh == 0)
            continue;
        madvise(p->memory + ((size_t)at << p->segment_shift), (size_t)1 << p->segment_shift,
                MADV_DONTNEED);
        *s = (struct cw_pool_segment){0};
        p->warm--;
        count--;
    }
    while (p->top > 0 && p->segments[p->top - 1].fresh == 0)
        p->top--;
    p->warm_least = p->warm;
}
