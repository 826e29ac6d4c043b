/* SPDX-License-Identifier: Apache-2.0 */
/* control/front/sandbox.h - system calls that control never makes are refused by the kernel.
 *
 * Owner:     the process; it cannot be undone.
 * Thread:    the main thread before any other exists; threads made later inherit it.
 * Errors:    CW_ERR_UNSUPPORTED (a kernel without seccomp filters), CW_ERR_IO.
 * Invariant: afterwards the process starts no program, makes no ring, and has no network but Unix sockets
 *            (the courier has)
 */
#ifndef CW_CONTROL_FRONT_SANDBOX_H
#define CW_CONTROL_FRONT_SANDBOX_H

/* Needs PR_SET_NO_NEW_PRIVS. */
int cw_sandbox_close(void);
/* For the courier, whose work is the network. */
int cw_sandbox_close_courier(void);

#endif
