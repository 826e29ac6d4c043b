/* SPDX-License-Identifier: Apache-2.0 */
/* Orders of all rows: by name, and by when they were accessed. A change moves one row: at most 300 KB of numbers. */
#include <stdlib.h>
#include <string.h>

#include "control/jump/search_rows.h"
#include "engine/base/err.h"

static int compare_names(const struct cw_search_row *a, const struct cw_search_row *b)
{
    if (a->name_key != b->name_key)
        return a->name_key < b->name_key ? -1 : 1;
    const int order = strcmp(a->text, b->text);

    return order != 0 ? order : a->id < b->id ? -1 : a->id > b->id;
}

static int compare_accesses(const struct cw_search_row *a, const struct cw_search_row *b)
{
    if (a->accessed_ms != b->accessed_ms)
        return a->accessed_ms > b->accessed_ms ? -1 : 1;
    return compare_names(a, b);
}

typedef int (*compare_fn)(const struct cw_search_row *a, const struct cw_search_row *b);

static compare_fn comparison_of(const struct cw_search *s, const struct cw_search_order *order)
{
    return order == &s->by_name ? compare_names : compare_accesses;
}

/* How many rows come before this one, which may be in the order or not. */
static uint32_t place_of(const struct cw_search *s, const struct cw_search_order *order,
                         const struct cw_search_row *row)
{
    const compare_fn compare = comparison_of(s, order);
    uint32_t low = 0;
    uint32_t high = order->count;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (compare(cw_search_row_at(s, order->slots[middle]), row) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void take_out(struct cw_search *s, struct cw_search_order *order, uint32_t slot)
{
    if (!order->is_sorted)
        return;
    const uint32_t at = place_of(s, order, cw_search_row_at(s, slot));

    order->count--;
    memmove(&order->slots[at], &order->slots[at + 1], (order->count - at) * sizeof order->slots[0]);
}

static void put_in(struct cw_search *s, struct cw_search_order *order, uint32_t slot)
{
    if (!order->is_sorted)
        return;
    const uint32_t at = place_of(s, order, cw_search_row_at(s, slot));

    memmove(&order->slots[at + 1], &order->slots[at], (order->count - at) * sizeof order->slots[0]);
    order->slots[at] = slot;
    order->count++;
}

void cw_search_order_remove(struct cw_search *s, uint32_t slot)
{
    take_out(s, &s->by_name, slot);
    take_out(s, &s->by_access, slot);
}

void cw_search_order_add(struct cw_search *s, uint32_t slot)
{
    put_in(s, &s->by_name, slot);
    put_in(s, &s->by_access, slot);
}

/* spare: half as much memory. */
static void merge_sort(const struct cw_search *s, compare_fn compare, uint32_t *slots,
                       uint32_t *spare, uint32_t count)
{
    const uint32_t half = count / 2;
    uint32_t a = 0;
    uint32_t b = half;

    if (count < 2)
        return;
    merge_sort(s, compare, slots, spare, half);
    merge_sort(s, compare, slots + half, spare, count - half);
    memcpy(spare, slots, half * sizeof *slots);
    for (uint32_t i = 0; a < half; i++) {
        const bool takes_right =
            b < count && compare(cw_search_row_at(s, slots[b]), cw_search_row_at(s, spare[a])) < 0;
        slots[i] = takes_right ? slots[b++] : spare[a++];
    }
}

int cw_search_order_make(struct cw_search *s, struct cw_search_order *order)
{
    uint32_t *spare = NULL;

    if (order->is_sorted)
        return 0;
    spare = malloc((s->count / 2 + 1U) * sizeof *spare);
    if (spare == NULL)
        return CW_ERR_NOMEM;
    order->count = 0;
    for (uint32_t slot = 0; slot < s->block_count * CW_SEARCH_BLOCK_ITEMS; slot++)
        if (cw_search_row_at(s, slot)->text != NULL)
            order->slots[order->count++] = slot;
    merge_sort(s, comparison_of(s, order), order->slots, spare, order->count);
    order->is_sorted = true;
    free(spare);
    return 0;
}

uint32_t cw_search_order_place(const struct cw_search *s, const struct cw_search_row *row)
{
    return place_of(s, &s->by_name, row);
}

uint32_t cw_search_order_accessed(const struct cw_search *s)
{
    uint32_t low = 0;
    uint32_t high = s->by_access.count;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (cw_search_row_at(s, s->by_access.slots[middle])->accessed_ms != 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int by_text(const void *a, const void *b)
{
    const struct cw_search_group *x = *(const struct cw_search_group *const *)a;
    const struct cw_search_group *y = *(const struct cw_search_group *const *)b;
    const size_t bytes = x->bytes < y->bytes ? x->bytes : y->bytes;
    const int order = memcmp(x->text, y->text, bytes);

    if (order != 0)
        return order;
    return x->bytes != y->bytes ? (x->bytes < y->bytes ? -1 : 1) : x->id < y->id ? -1 : 1;
}

int cw_search_order_groups(struct cw_search *s)
{
    struct cw_search_group **sorted = NULL;

    if (!s->ranks_are_old)
        return 0;
    sorted = calloc(s->group_count, sizeof(struct cw_search_group *));
    if (sorted == NULL)
        return CW_ERR_NOMEM;
    for (uint32_t i = 0; i < s->group_count; i++)
        sorted[i] = &s->groups[i];
    qsort(sorted, s->group_count, sizeof(struct cw_search_group *), by_text);
    for (uint32_t i = 0; i < s->group_count; i++)
        sorted[i]->rank = i;
    free(sorted);
    s->ranks_are_old = false;
    return 0;
}
