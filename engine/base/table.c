/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/base/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>

#include "engine/base/err.h"

/* The finaliser of splitmix64: neighbouring numbers land far apart. */
static uint64_t mix(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xBF58476D1CE4E5B9);
    x ^= x >> 27;
    x *= UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

enum { TABLE_SLOTS_FIRST = 256 }; /* a page */

static bool is_full(uint32_t used, uint32_t slots)
{
    return used > slots / 4 * 3;
}

int cw_table_init(struct cw_table *t, uint32_t capacity)
{
    uint32_t most = TABLE_SLOTS_FIRST;
    while (is_full(capacity, most))
        most *= 2;
    size_t half = most * sizeof *t->slots;
    void *memory = mmap(NULL, half * 2, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return CW_ERR_NOMEM;
    *t = (struct cw_table){
        .slots = memory,
        .halves = {memory, (struct cw_table_slot *)memory + most},
        .half_bytes = half,
        .mask = TABLE_SLOTS_FIRST - 1,
        .capacity = capacity,
    };
    return CW_OK;
}

void cw_table_fini(struct cw_table *t)
{
    if (t->slots != NULL)
        munmap(t->halves[0], t->half_bytes * 2);
    *t = (struct cw_table){0};
}

/* The key's slot, or the free slot where it would go. */
static uint32_t find(const struct cw_table *t, uint64_t key)
{
    uint32_t at = (uint32_t)mix(key) & t->mask;
    while (t->slots[at].value != NULL && t->slots[at].key != key)
        at = (at + 1) & t->mask;
    return at;
}

/* Every entry moves to the other half, which has twice as many slots. */
static void grow(struct cw_table *t)
{
    struct cw_table_slot *old = t->slots;
    uint32_t old_count = t->mask + 1;
    t->slots = t->halves[old == t->halves[0]];
    t->mask = old_count * 2 - 1;
    for (uint32_t i = 0; i < old_count; i++)
        if (old[i].value != NULL)
            t->slots[find(t, old[i].key)] = old[i];
    madvise(old, t->half_bytes, MADV_DONTNEED);
}

int cw_table_put(struct cw_table *t, uint64_t key, void *value)
{
    struct cw_table_slot *slot = &t->slots[find(t, key)];
    if (slot->value != NULL)
        return CW_ERR_CONFLICT;
    if (t->used >= t->capacity)
        return CW_ERR_FULL;
    if (is_full(t->used + 1, t->mask + 1)) {
        grow(t);
        slot = &t->slots[find(t, key)];
    }
    *slot = (struct cw_table_slot){key, value};
    t->used++;
    return CW_OK;
}

void *cw_table_get(const struct cw_table *t, uint64_t key)
{
    return t->slots[find(t, key)].value;
}

void *cw_table_remove(struct cw_table *t, uint64_t key)
{
    uint32_t hole = find(t, key);
    void *value = t->slots[hole].value;
    if (value == NULL)
        return NULL;
    t->slots[hole].value = NULL;
    t->used--;
    /* Later entries of the run move into the hole, so that a look-up never stops too early. */
    for (uint32_t at = (hole + 1) & t->mask; t->slots[at].value != NULL; at = (at + 1) & t->mask) {
        uint32_t home = (uint32_t)mix(t->slots[at].key) & t->mask;
        if (((at - home) & t->mask) >= ((at - hole) & t->mask)) {
            t->slots[hole] = t->slots[at];
            t->slots[at].value = NULL;
            hole = at;
        }
    }
    return value;
}
