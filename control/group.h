/* SPDX-License-Identifier: Apache-2.0 */
/* control/group.h - changes of one turn of the loop are one transaction; who waits for them hears of it afterwards.
 *
 * Owner:     replies that wait belong to struct cw_control until they are given or cancelled.
 * Thread:    the state thread.
 * Errors:    cw_control_commit (control.h).
 * Limits:    one reply for each caller that waits: the fronts limit their connections.
 * Invariant: while a group is open, no reply leaves control, and the fronts hold back what goes to the engine. A reply
 *            that only reads waits, too: it may have read what is not durable.
 *
 * A group that cannot be committed is as if control had been restarted in its turn: memory is read from the store
 * again, who waited is told why, and the links begin anew with a snapshot. Sessions go on. What memory knows better
 * than a store that cannot be written stays: a consent that was withdrawn, a session that is over, lines that wait.
 */
#ifndef CW_CONTROL_GROUP_H
#define CW_CONTROL_GROUP_H

#include "control/state.h"

/* Reads everything that is kept in memory from the store; for the start and for the time after a group that failed. */
int cw_group_load(struct cw_control *c);

/* Gives an answer that a front waits for: now, or after the commit. Takes reply->json. */
void cw_group_answer(struct cw_control *c, void *waiter, int err, struct cw_reply *reply);
/* True: the answer of this call waits for the commit (the reply is emptied). */
bool cw_group_holds(struct cw_control *c, void *waiter, int err, struct cw_reply *reply);
void cw_group_cancel(struct cw_control *c, const void *waiter);
/* A load that failed is tried again. */
void cw_group_tick(struct cw_control *c);
/* Changes are single transactions from now on; what waits is committed. */
void cw_group_leave(struct cw_control *c);
/* Changes are grouped, where the loop commits them and the operator did not switch it off. */
void cw_group_enter(struct cw_control *c);

#endif
