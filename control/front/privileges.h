/* SPDX-License-Identifier: Apache-2.0 */
/* control/front/privileges.h - becoming an ordinary user for good, and what that user needs to find.
 *
 * Owner:     values.
 * Thread:    the main thread before any other exists.
 * Errors:    CW_ERR_NOT_FOUND (no such user or group), CW_ERR_DENIED, CW_ERR_IO; message is a sentence.
 */
#ifndef CW_CONTROL_FRONT_PRIVILEGES_H
#define CW_CONTROL_FRONT_PRIVILEGES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct cw_privileges {
    bool is_root; /* started as root: user is to be taken on */
    char user[64];
    uid_t uid; /* whom run_dir and state_dir belong to; (uid_t)-1 when not root */
    gid_t gid;
};

/* Looks user up when the process is root's; does nothing otherwise. */
int cw_privileges_find(struct cw_privileges *p, const char *user, char *message,
                       size_t message_size);
/* The gid of a group; an empty name gives (gid_t)-1. */
int cw_group_find(const char *name, gid_t *ret_gid, char *message, size_t message_size);
/* Makes path and what is above it; a folder that was made last belongs to p's user and has this mode. */
int cw_privileges_make_dir(const struct cw_privileges *p, const char *path, mode_t mode,
                           char *message, size_t message_size);
/* All ids and groups; checks that root cannot be had back. Also for non-root: no new privileges, not
 * dumpable, umask 077. */
int cw_privileges_drop(const struct cw_privileges *p, char *message, size_t message_size);

#endif
