/* SPDX-License-Identifier: Apache-2.0 */
/* engine/sandbox.h - giving up, for good, whatever the engine does not need once it has started.
 *
 * Owner:     nothing; the process.
 * Thread:    the main thread before any other exists: the kernel keeps these a thread, and children inherit.
 * Units:     none.
 * Errors:    CW_ERR_DENIED (could not be given up), CW_ERR_UNSUPPORTED (the kernel lacks it); message says what.
 * Invariant: nothing that was given up comes back.
 */
#ifndef CW_ENGINE_SANDBOX_H
#define CW_ENGINE_SANDBOX_H

#include <stddef.h>
#include <sys/types.h>

/* From root to this user, with no other groups. */
int cw_sandbox_become(uid_t uid, gid_t gid, char *message, size_t message_size);
/* No new privileges by executing something, no core dump and no debugger that could read keys. */
int cw_sandbox_harden(char *message, size_t message_size);
/* landlock: no file can be opened, made or executed any more, but new ones be made and written in directory
 * (-1: nowhere); and where the kernel can say so no TCP
 * connection be started, no port bound and no process outside be signalled. Connecting to a Unix socket
 * by its path stays. *ret_version: landlock's, for the log. */
int cw_sandbox_close_files(int directory, int *ret_version, char *message, size_t message_size);

#endif
