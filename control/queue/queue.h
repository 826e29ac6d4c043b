/* SPDX-License-Identifier: Apache-2.0 */
/* control/queue/queue.h - changes of queues carried out: stored, audited, said, told.
 *
 * Thread:    the state thread.
 * Units:     Unix milliseconds.
 * Errors:    those of the store. Nothing changed unless 0.
 * Limits:    CW_QUEUE_CHANGES_PER_TICK: what is left is done by the next tick.
 * Invariant: a change is in the model only after it was committed.
 */
#ifndef CW_CONTROL_QUEUE_QUEUE_H
#define CW_CONTROL_QUEUE_QUEUE_H

#include "control/audit/audit.h"
#include "control/queue/desk.h"

/* Any change but TAKE and OWNER, which bring somebody into the session (people.h). reason: what a person
 * said about it; may be empty. After END the session is gone. */
int cw_queue_carry_out(struct cw_control *c, const struct cw_actor *actor,
                       struct cw_live_session *session, const struct cw_queue_change *change,
                       const char *reason);
/* What the rules for a lost representative need to know. */
struct cw_fallback_facts cw_queue_facts(struct cw_control *c, struct cw_live_session *session);
/* The customer is there and waits: the greeting. */
void cw_queue_greet(struct cw_control *c, struct cw_live_session *session);
/* Offers, overflow, overdue, assignments; positions and hold messages; orphans. */
void cw_queue_tick(struct cw_control *c, uint64_t now_ms);

#endif
