/* SPDX-License-Identifier: Apache-2.0 */
/* control/policy/jump_check.h - whether a Jump may be made now, and how long it may last.
 *
 * Owner:     the caller.
 * Thread:    the state thread.
 * Errors:    CW_ERR_DENIED, CW_ERR_STATE, CW_ERR_INVALID, CW_ERR_NOT_FOUND with reply->message set, a
 *            sentence that says what to do; refusals that policies make are in the audit log.
 */
#ifndef CW_CONTROL_POLICY_JUMP_CHECK_H
#define CW_CONTROL_POLICY_JUMP_CHECK_H

#include "control/policy/jump_policy.h"
#include "control/state.h"
#include "control/store/store_policy.h"

/* May the account of the request Jump to the item? Looks at its role, the Jump policy's hours, ticket,
 * second factor and approval. Members of the body: copy, ticket, override, code. ret_how: what the
 * session stores (its number is not known yet). */
int cw_jump_check(struct cw_control *c, const struct cw_request *request,
                  const struct cw_jump_detail *detail, struct cw_reply *reply,
                  struct cw_session_jump *ret_how);
/* The policy of an item, or of a copy of it; NULL: none. */
const struct cw_jump_policy *cw_jump_policy_of(struct cw_control *c, uint32_t jump_item,
                                               uint32_t copy);
/* The live session that a Jump by this way meets: the account's own (*ret_is_own), or somebody's that
 * counts. NULL: none. */
struct cw_live_session *cw_jump_met(struct cw_control *c, uint32_t account, uint32_t jump_item,
                                    uint32_t copy, bool *ret_is_own);
/* What then happens: never GLOBAL. */
enum cw_simultaneous cw_jump_simultaneous(struct cw_control *c, uint32_t jump_item, uint32_t copy);
enum cw_recording_policy cw_jump_recording(struct cw_control *c, uint32_t jump_item, uint32_t copy);

/* ---- jump_end.c ------------------------------------------------------------------------------ */

/* A session with a Jump Item began or is about to end: who approves Jumps is told where its policy says so. */
void cw_jump_tell(struct cw_control *c, const struct cw_live_session *session, bool is_start);
/* Event to the consoles of those who may approve Jumps. Takes event. */
void cw_jump_tell_approvers(struct cw_control *c, json_t *event);
/* Removes sessions whose hours or approval are over, and warns before: call once a second. */
void cw_jump_end_tick(struct cw_control *c, uint64_t now_ms, uint32_t from, uint32_t to);

#endif
