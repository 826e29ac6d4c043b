/* SPDX-License-Identifier: Apache-2.0 */
/* engine/base/table.h - a hash table from 64-bit keys to pointers with a fixed capacity.
 *
 * Owner:     the caller owns the table and what the pointers point to.
 * Thread:    one.
 * Units:     entries.
 * Errors:    cw_table_init: CW_ERR_NOMEM; cw_table_put: CW_ERR_FULL, CW_ERR_CONFLICT (the key is there).
 * Limits:    the capacity given to cw_table_init.
 * Invariant: at most three quarters of the slots are taken; no value is NULL.
 *
 * Addresses are reserved for the capacity, twice; the table itself doubles, from one half of them to the other,
 * as it fills, so that few entries take little memory. It never shrinks: its size is that of the peak.
 */
#ifndef CW_ENGINE_BASE_TABLE_H
#define CW_ENGINE_BASE_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct cw_table_slot {
    uint64_t key;
    void *value; /* NULL: free */
};

struct cw_table {
    struct cw_table_slot *slots;
    struct cw_table_slot *halves[2];
    size_t half_bytes;
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
