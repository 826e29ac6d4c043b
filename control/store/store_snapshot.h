/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/store_snapshot.h - a copy of the store as it is at one moment, while it is used.
 *
 * Owner:     the caller's texts.
 * Thread:    any: it has connections of its own, and writers of the store do not wait for it.
 * Errors:    CW_ERR_IO with a message.
 */
#ifndef CW_CONTROL_STORE_STORE_SNAPSHOT_H
#define CW_CONTROL_STORE_STORE_SNAPSHOT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How long the copy held on to the store at a time: its steps get smaller when one took CW_SNAPSHOT_STEP_US. */
enum { CW_SNAPSHOT_STEP_US = 10000 };
struct cw_snapshot {
    uint64_t schema;
    uint32_t steps;
    uint64_t longest_step_us;
};

/* Copies the store at path to the new file `to` (mode 0600), which is on the disk afterwards. Pages are copied in
 * steps; *must_stop (may be NULL) ends it between two. ret may be NULL. */
int cw_store_snapshot(const char *path, const char *to, const atomic_bool *must_stop,
                      struct cw_snapshot *ret, char *message, size_t message_size);
/* 0 when SQLite finds every page and index whole; its schema. may_be_used: it is only read. */
int cw_store_check_file(const char *path, bool may_be_used, uint64_t *ret_schema, char *message,
                        size_t message_size);

#endif
