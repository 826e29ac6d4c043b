/* SPDX-License-Identifier: Apache-2.0 */
/* control/session/tool_question.h - what a customer is asked before a representative uses a tool.
 *
 * Owner:     questions are values inside their session; what was allowed is in the participant's row (tools).
 * Thread:    the state thread.
 * Units:     Unix milliseconds.
 * Errors:    those of the store; CW_ERR_FULL: as many questions as one person can be asked are open.
 * Limits:    CW_TOOL_QUESTIONS_MAX.
 * Invariant: a yes counts only while its question is open; a no always does, and at once, whatever the store says.
 *
 * Where a policy asks about a tool, the permissions of that tool are not in the mask of who would use it before the
 * customer has said yes (cw_policy_narrow): the engine refuses what needs them. To see the screen and to control are
 * asked by CONSENT. A Jump asks nobody.
 */
#ifndef CW_CONTROL_SESSION_TOOL_QUESTION_H
#define CW_CONTROL_SESSION_TOOL_QUESTION_H

#include "control/audit/audit.h"
#include "control/link/link_server.h"
#include "control/policy/policy.h"

/* p wants to use the tool, which its policy (answer) allows and asks about. A question that is open is asked again. */
int cw_tool_ask(struct cw_control *c, const struct cw_actor *actor, struct cw_live_session *session,
                const struct cw_live_participant *p, enum cw_tool tool,
                const struct cw_policy_answer *answer);
bool cw_tool_is_open(const struct cw_live_session *session, uint32_t participant,
                     enum cw_tool tool);
/* TOOL_ANSWER. */
void cw_tool_on_answer(struct cw_control *c, const struct cw_link_message *m);
/* The customer is there (again): it is sent what is open. */
void cw_tool_send_open(struct cw_control *c, struct cw_live_session *session);
/* Each second: time that is over, people who are gone, policies that ask no more. */
void cw_tool_refresh(struct cw_control *c, struct cw_live_session *session, uint64_t now_ms);

#endif
