/* SPDX-License-Identifier: Apache-2.0 */
/* engine/supervisor/directory.h - the user the children run as, and the directories that belong to it.
 *
 * Owner:     values.
 * Thread:    the supervisor's only, before the first child.
 * Errors:    CW_ERR_NOT_FOUND (no such user or group), CW_ERR_DENIED (a directory belongs to somebody else),
 *            CW_ERR_IO; message is a sentence for the operator.
 */
#ifndef CW_ENGINE_SUPERVISOR_DIRECTORY_H
#define CW_ENGINE_SUPERVISOR_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "engine/base/config.h"

struct cw_identity {
    char name[64];
    uid_t uid;
    gid_t gid;
    gid_t operator_gid; /* kept beside gid so that control can give control.sock to it; or gid */
    bool must_switch;   /* we are root: a child gives that up before it runs */
};

/* Root: the configured user. Anybody else: the one who started us. */
int cw_identity_find(const struct cw_config *config, struct cw_identity *ret_identity,
                     char *message, size_t message_size);
/* Makes state_dir (with tls/ and control/) for the user alone and run_dir for all to enter. */
int cw_directories_make(const struct cw_config *config, const struct cw_identity *identity,
                        char *message, size_t message_size);

#endif
