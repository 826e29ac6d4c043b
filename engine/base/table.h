/* SPDX-License-Identifier: Apache-2.0 */
/* engine/base/table.h - a hash table from 64-bit keys to pointers with a fixed capacity.
 *
 * Owner:     the caller owns the table and what the pointers point to.
 * Thread:    one.
 * Units:     entries.
 * Errors:    cw_table_init: CW_ERR_NOMEM; cw_table_put: CW_ERR_FULL, CW_ERR_CONFLICT (the key is there).
 * Limits:    the capacity given to cw_table_init.
 * Invariant: at most half of the slots are taken; no value is NULL.
 */
#ifndef CW_ENGINE_BASE_TABLE_H
#define CW_ENGINE_BASE_TABLE_H

#include <stdint.h>

struct cw_table_slot {
    uint64_t key;
    void *value; /* NULL: free */
};

struct cw_table {
    struct cw_table_slot *slots;
    uint32_t mask;
    uint32_t capacity;
    uint32_t used;
};

int cw_table_init(struct cw_table *t, uint32_t capacity);
void cw_table_fini(struct cw_table *t);
int cw_table_put(struct cw_table *t, uint64_t key, void *value);
/* NULL when absent. */
void *cw_table_get(const struct cw_table *t, uint64_t key);
/* Gives what was there, or NULL. */
void *cw_table_remove(struct cw_table *t, uint64_t key);

#endif
