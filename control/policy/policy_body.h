/* SPDX-License-Identifier: Apache-2.0 */
/* control/policy/policy_body.h - inside control/policy: members that bodies of its operations share.
 *
 * Thread:    the state thread.
 * Errors:    CW_ERR_INVALID or CW_ERR_NOT_FOUND with reply->message set.
 */
#ifndef CW_CONTROL_POLICY_POLICY_BODY_H
#define CW_CONTROL_POLICY_POLICY_BODY_H

#include "control/api/body.h"
#include "control/audit/audit.h"
#include "control/policy/policies.h"
#include "control/policy/policy.h"

/* Members name, code and description over what is there; a new thing needs a name. code may be NULL. */
int cw_policy_take_texts(const json_t *body, char name[CW_NAME_SIZE], char *code,
                         char description[CW_DESCRIPTION_BYTES_MAX + 1], struct cw_reply *reply);
/* A number or a user name; missing: *ret stays. CW_ERR_NOT_FOUND: there is no such account. */
int cw_policy_take_account(struct cw_control *c, const json_t *body, const char *member,
                           uint32_t *ret, struct cw_reply *reply);
/* A number from 0 to 4294967295; missing: *ret stays. */
int cw_policy_take_id(const json_t *body, const char *member, uint32_t *ret,
                      struct cw_reply *reply);
/* The names of flags of a role. */
json_t *cw_jump_flags_json(uint32_t flags);
/* Members time_zone, hours and dates over what is there. The zone must exist; none is UTC. */
int cw_policy_take_schedule(const json_t *body, char zone[CW_ZONE_NAME_BYTES_MAX + 1],
                            struct cw_schedule *schedule, struct cw_reply *reply);
/* null for 0. */
json_t *cw_policy_id_json(uint32_t id);
/* After a change was committed: these parts are loaded, live sessions and consoles follow. */
void cw_policy_apply(struct cw_control *c, unsigned parts);
/* Commits what came out as err, with its audit row, and applies it. */
__attribute__((format(printf, 7, 8))) int cw_policy_finish(struct cw_control *c,
                                                           const struct cw_request *request,
                                                           int err, unsigned parts,
                                                           const char *action, const char *object,
                                                           const char *detail, ...);

/* "invite", or "session_policy" of what is about invitations: a session policy that is for them; 0: none. */
int cw_policy_take_invite(struct cw_control *c, const json_t *body, uint32_t *ret,
                          struct cw_reply *reply);

#endif
