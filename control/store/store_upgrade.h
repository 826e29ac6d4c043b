/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/store_upgrade.h - which Jump Clients could not be brought to a program, and why.
 *
 * Owner:     rows are values in the caller's memory.
 * Thread:    the state thread.
 * Units:     Unix milliseconds.
 * Errors:    those of store.h.
 * Limits:    CW_UPGRADE_WHY_BYTES_MAX; one row a Jump Item.
 */
#ifndef CW_CONTROL_STORE_STORE_UPGRADE_H
#define CW_CONTROL_STORE_STORE_UPGRADE_H

#include "control/secret.h"
#include "control/store/store.h"

struct cw_upgrade_failure {
    uint32_t item;
    char name[CW_NAME_SIZE]; /* only from cw_store_upgrade_each */
    uint8_t program[CW_SHA256_BYTES];
    uint64_t time_ms;
    char why[CW_UPGRADE_WHY_BYTES_MAX + 1];
};

typedef int (*cw_upgrade_failure_fn)(void *user, const struct cw_upgrade_failure *failure);

int cw_store_upgrade_put(struct cw_store *s, const struct cw_upgrade_failure *failure);
int cw_store_upgrade_get(struct cw_store *s, uint32_t item, struct cw_upgrade_failure *ret);
int cw_store_upgrade_remove(struct cw_store *s, uint32_t item);
/* With this program, behind the number `after`, by number. */
int cw_store_upgrade_each(struct cw_store *s, const uint8_t *program, uint32_t after,
                          uint32_t count_max, cw_upgrade_failure_fn each, void *user);
int cw_store_upgrade_count(struct cw_store *s, const uint8_t *program, uint64_t *ret_count);

#endif
