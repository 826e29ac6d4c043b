/* SPDX-License-Identifier: Apache-2.0 */
/* control/queue/equilibrium.h - automatic assignment: who is asked to take a waiting session.
 *
 * Among the members of the team who can be given sessions now: the best qualified, then the least busy,
 * then who has waited longest for a session, then the lowest account number.
 *
 * Best qualified: what a session needs is a list of skills. Their roots are put in the order of rank; who
 * has them all comes first, then who has all but the lowest ranked one, and so on down to nobody's. Among
 * those who are equal in that, who has the needed skills themselves, the highest ranked weighing most.
 *
 * Owner:     the model is the caller's; m->order is scratch.
 * Thread:    any one; pure.
 * Units:     Unix milliseconds.
 * Errors:    none.
 * Limits:    CW_SESSION_SKILLS_MAX.
 * Invariant: nobody is asked twice about a session in one queue, nor has two offers, nor is asked
 *            beyond its limit of sessions.
 */
#ifndef CW_CONTROL_QUEUE_EQUILIBRIUM_H
#define CW_CONTROL_QUEUE_EQUILIBRIUM_H

#include "control/queue/rules.h"

/* NULL: nobody can be asked now. *ret_is_over: and nobody is left who could be asked later. */
const struct cw_queue_rep *cw_equilibrium_match(const struct cw_queue_model *m,
                                                const struct cw_queue_session *s, uint64_t now_ms,
                                                bool *ret_is_over);
/* The next OFFER or MANUAL, sessions in the order of rules.h. */
bool cw_equilibrium_due(struct cw_queue_model *m, uint64_t now_ms, struct cw_queue_change *ret);

#endif
