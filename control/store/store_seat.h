/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/store_seat.h - which accounts are reachable without a console; settings of consoles.
 *
 * Owner:     rows are values in the caller's memory.
 * Thread:    the state thread.
 * Errors:    those of store.h.
 * Limits:    one row an account; the settings of setting_list.h.
 */
#ifndef CW_CONTROL_STORE_STORE_SEAT_H
#define CW_CONTROL_STORE_STORE_SEAT_H

#include "control/store/store.h"

typedef int (*cw_extended_fn)(void *user, uint32_t account);
typedef int (*cw_console_setting_fn)(void *user, const char *name, uint64_t value, bool is_forced);

int cw_store_extended_set(struct cw_store *s, uint32_t account, bool is_on);
int cw_store_extended_each(struct cw_store *s, cw_extended_fn each, void *user);

/* account 0: the administrators'. is_forced is theirs only. */
int cw_store_console_setting_put(struct cw_store *s, uint32_t account, const char *name,
                                 uint64_t value, bool is_forced);
/* name NULL: all of the account's. */
int cw_store_console_setting_remove(struct cw_store *s, uint32_t account, const char *name);
int cw_store_console_setting_each(struct cw_store *s, uint32_t account, cw_console_setting_fn each,
                                  void *user);

#endif
