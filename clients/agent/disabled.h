/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/disabled.h - whether this computer's user lets nobody in now: a file beside the credential.
 *
 * Owner:     a value of the caller; cw_disabled_close.
 * Thread:    one.
 * Errors:    cw_disabled_set: CW_ERR_IO with errno. Without inotify a change is seen at the next report.
 * Invariant: the file outlives restarts and upgrades: who said no is asked again, not overruled.
 */
#ifndef CW_CLIENTS_AGENT_DISABLED_H
#define CW_CLIENTS_AGENT_DISABLED_H

#include <stdbool.h>

struct cw_disabled {
    int fd; /* inotify on the state directory; -1: none */
    bool is_disabled;
    char path[4200];
};

void cw_disabled_open(struct cw_disabled *d, const char *state_dir);
void cw_disabled_close(struct cw_disabled *d);
/* Looks again; true when it is another answer than before. */
bool cw_disabled_look(struct cw_disabled *d);
int cw_disabled_set(const char *state_dir, bool is_disabled);

/* The commands "disable" and "enable": the exit code. */
int cw_disabled_run(const char *state_dir, bool is_disabled);

#endif
