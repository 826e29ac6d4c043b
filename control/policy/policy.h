/* SPDX-License-Identifier: Apache-2.0 */
/* control/policy/policy.h - what policies answer to the rest of control.
 *
 * Owner:     answers point into struct cw_policies: they are valid until the next change of policies.
 * Thread:    the state thread.
 * Errors:    a store that cannot be read denies.
 */
#ifndef CW_CONTROL_POLICY_POLICY_H
#define CW_CONTROL_POLICY_POLICY_H

#include "control/policy/session_policy.h"
#include "control/state.h"

enum { CW_POLICY_LAYERS_MAX = CW_POLICY_SOURCE_COUNT + 1 }; /* an account has two places */

/* ---- resolve.c: session policies ------------------------------------------------------------- */

struct cw_policy_subject {
    uint32_t account;   /* the representative; 0: the operator */
    uint32_t jump_item; /* 0: none */
    uint32_t copy;      /* 0: the item itself */
    uint32_t portal;
    uint32_t team;   /* whose queue the session came from */
    uint32_t invite; /* the policy of the invitation one came with; it only takes away */
    bool is_attended;
};

struct cw_policy_answers {
    struct cw_policy_layer layers[CW_POLICY_LAYERS_MAX];
    size_t layer_count;
    struct cw_policy_answer tools[CW_TOOL_COUNT];
};

void cw_policy_resolve(struct cw_control *c, const struct cw_policy_subject *subject,
                       struct cw_policy_answers *ret);
/* The subject that a session and one of its representatives are; p NULL: an account that is not in it. Somebody from
 * outside has no policies of its own: those of who has the session count. */
struct cw_policy_subject cw_policy_subject_of(const struct cw_live_session *session,
                                              uint32_t account, const struct cw_participant *p);
/* What is left of a representative's permissions: those that policies allow, and those that no tool is about. A tool
 * that the customer has to be asked about first is left when said_yes (bits) has it. */
uint64_t cw_policy_narrow(struct cw_control *c, const struct cw_live_session *session,
                          const struct cw_participant *p, uint64_t permissions, uint64_t said_yes);
/* What the participant may do with one tool now; ret_answer may be NULL. */
enum cw_tool_state {
    CW_TOOL_STATE_DENY,
    CW_TOOL_STATE_ASK, /* the customer has to say yes first */
    CW_TOOL_STATE_ALLOW,
};
enum cw_tool_state cw_policy_state(struct cw_control *c, const struct cw_live_session *session,
                                   const struct cw_participant *p, enum cw_tool tool,
                                   struct cw_policy_answer *ret_answer);
/* For those who ask before they offer something (invitations, transfers, notes ...): 0, or a refusal that says what to
 * do about it. */
int cw_policy_demand(struct cw_control *c, const struct cw_live_session *session, uint32_t account,
                     enum cw_tool tool, struct cw_reply *reply);
/* After each operation and each second: live sessions follow when accounts or teams changed. */
void cw_policy_follow(struct cw_control *c);
/* Requests for approval that are long over (jump.approval_keep_days) are removed; their end is audited. True: there
 * are more. */
bool cw_approval_purge(struct cw_control *c, uint64_t now_ms);
/* Policies, or who has them, changed: live sessions follow at once. */
void cw_policy_changed(struct cw_control *c);

#endif
