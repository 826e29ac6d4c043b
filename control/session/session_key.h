/* SPDX-License-Identifier: Apache-2.0 */
/* control/session/session_key.h - one-time keys that bring a customer into a representative's queue.
 *
 * Thread:    the state thread.
 * Units:     50 random bits as 10 characters, shown as ABCD-EFGH-JK.
 * Errors:    CW_ERR_NOT_FOUND (wrong), CW_ERR_EXPIRED, CW_ERR_USED, CW_ERR_FULL (too many tries),
 *            and those of the store. What is wrong is told only to somebody who has a key that
 *            really existed.
 * Limits:    CW_SESSION_KEY_*, CW_KEY_TRIES*.
 */
#ifndef CW_CONTROL_SESSION_SESSION_KEY_H
#define CW_CONTROL_SESSION_SESSION_KEY_H

#include "control/audit/audit.h"
#include "control/state.h"

/* Makes one in a transaction of its own and sets key->id and key->expires_ms; team 0: into the account's own queue.
 * ret_text: CW_SESSION_KEY_TEXT_BYTES. */
int cw_session_key_make(struct cw_control *c, const struct cw_actor *actor,
                        struct cw_session_key *key, uint64_t life_s, char *ret_text);
/* Looks at what somebody entered; a failure is charged to actor->source and audited under action.
 * Does not use it up. ret_wait_s: with CW_ERR_FULL. */
int cw_session_key_check(struct cw_control *c, const struct cw_actor *actor, const char *action,
                         const char *text, size_t text_bytes, struct cw_session_key *ret_key,
                         uint32_t *ret_wait_s);
/* enum cw_close_code for an error of cw_session_key_check. */
uint16_t cw_session_key_code(int err);

#endif
