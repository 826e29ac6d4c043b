/* SPDX-License-Identifier: Apache-2.0 */
/* engine/supervisor/supervise.h - keeps the children running until a signal or a spent budget ends all.
 *
 * Owner:     the caller owns the children.
 * Thread:    the process has one.
 * Errors:    none; the result is the exit code (enum cw_supervisor_exit).
 * Invariant: on return no child runs.
 *
 *   RUNNING --SIGTERM, SIGINT, SIGHUP; budget spent; a child says its configuration is wrong--> ENDING
 *   A child that is optional ends nothing: when its budget is spent it is tried again each minute.
 *   ENDING  --last child reaped--> returns; children get SIGTERM, after CW_STOP_TIME_NS SIGKILL, and a
 *             second signal kills at once
 *
 * While RUNNING an order on supervisor.sock upgrades the engine (upgrade.h).
 */
#ifndef CW_ENGINE_SUPERVISOR_SUPERVISE_H
#define CW_ENGINE_SUPERVISOR_SUPERVISE_H

#include <stddef.h>

#include "engine/supervisor/upgrade.h"

#define CW_STOP_TIME_NS UINT64_C(5000000000)

/* sysexits.h's numbers, which systemd and scripts know. */
enum cw_supervisor_exit {
    CW_EXIT_OK = 0,
    CW_EXIT_USAGE = 64,
    CW_EXIT_SOFTWARE = 70, /* a child keeps dying */
    CW_EXIT_OS = 71,       /* a socket or directory cannot be opened */
    CW_EXIT_BUSY = 75,     /* a port is in use: may go away */
    CW_EXIT_CONFIG = 78,
};

/* Signals must be blocked by cw_supervise_block before the first thread or child. */
void cw_supervise_block(void);
/* The last child is the engine; setup and orders (its listener -1: none) are what upgrading it needs. */
int cw_supervise(struct cw_child *children, size_t count, const struct cw_upgrade_setup *setup,
                 struct cw_caller *caller);

#endif
