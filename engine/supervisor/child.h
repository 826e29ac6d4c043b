/* SPDX-License-Identifier: Apache-2.0 */
/* engine/supervisor/child.h - one process that must always run.
 *
 * Owner:     the supervisor; descriptors and strings belong to its caller and live as long as it.
 * Thread:    the supervisor's only.
 * Errors:    CW_ERR_IO (fork); a program that cannot be executed ends with code 127 and says why.
 * Invariant: pid > 0 exactly while the process has not been reaped.
 */
#ifndef CW_ENGINE_SUPERVISOR_CHILD_H
#define CW_ENGINE_SUPERVISOR_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "engine/supervisor/budget.h"
#include "engine/supervisor/directory.h"
#include "engine/supervisor/listen.h"

enum { CW_TALK_BYTES = 512 };

struct cw_child {
    const char *name;                        /* "causeway-engine" */
    const char *program;                     /* its path */
    const char *config_path;                 /* given as --config */
    const struct cw_listen_set *inherits[2]; /* or NULL: listeners it gets */
    const char *environment;                 /* "CAUSEWAY_LISTEN=..." or NULL */
    pid_t pid;                               /* 0: not running */
    uint64_t start_ns;                       /* not running: when to start; 0: not at all */
    struct cw_restart_budget budget;
    bool is_optional; /* the appliance goes on without it: it is tried again once a minute */
    bool talks;       /* it has one end of a socket pair and tells how far it is */
    bool is_standby;  /* it waits for "go" before it does anything that others see */
    int talk;         /* our end; -1: none */
    size_t talk_size;
    char talk_line[CW_TALK_BYTES];
};

/* A child that talks and is no standby is told to go at once. */
int cw_child_start(struct cw_child *child, const struct cw_identity *identity);
/* SIGKILL goes to the child's whole process group. */
void cw_child_signal(const struct cw_child *child, int signal_number);

/* The next whole line that a child said, without its newline. */
bool cw_child_hear(struct cw_child *child, char *line, size_t size);
void cw_child_say(const struct cw_child *child, const char *line);
/* Closes our end. */
void cw_child_hang_up(struct cw_child *child);

#endif
