/* SPDX-License-Identifier: Apache-2.0 */
/* control/backup/backup.h - what a backup holds: the store as it was at one moment, and the keys it needs.
 *
 * Owner:     the caller's values.
 * Thread:    any; blocks on files. Control makes backups in a thread of their own (control/job.h).
 * Errors:    negative enum cw_err, and message says what it was about.
 * Limits:    CW_ARCHIVE_*.
 * Invariant: a backup that was made is whole: it gets its name when it is on the disk. A restore replaces everything
 *            or nothing.
 *
 * In it: control/store.sqlite, control/audit.key, control/ticket.key, and the engine's tls folder (identity and
 * certificate). Recordings are not: they are signed files of their own.
 */
#ifndef CW_CONTROL_BACKUP_BACKUP_H
#define CW_CONTROL_BACKUP_BACKUP_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "control/control.h"

struct cw_backup_plan {
    char state_dir[400];
    char path[512]; /* of the archive; nothing is there yet */
    char passphrase[260];
    struct cw_hash_cost cost;
    uint64_t now_ms;
    const atomic_bool *must_stop; /* NULL: nobody asks */
};

struct cw_backup_result {
    uint64_t bytes; /* of the archive */
    uint64_t schema;
    uint64_t created_ms;
    uint32_t files;
    uint32_t steps; /* in which the store was copied, and the longest of them */
    uint64_t longest_step_us;
    char version[64]; /* of the program that made it */
    char message[400];
};

int cw_backup_create(const struct cw_backup_plan *plan, struct cw_backup_result *ret);
/* Reads all of it and compares with its manifest; into a folder when there is one (made here). */
int cw_backup_read(const char *path, const char *passphrase, const char *folder,
                   struct cw_backup_result *ret);
/* Replaces state_dir's control and tls; control does not run. What was there is kept as NAME.before-TIME. */
int cw_backup_restore(const char *path, const char *passphrase, const char *state_dir,
                      uint64_t now_ms, struct cw_backup_result *ret);

#endif
