/* SPDX-License-Identifier: Apache-2.0 */
/* control/policy/session_policy.h - a session policy, and the fold that makes answers of several.
 *
 * For each tool a policy allows it, denies it, or says nothing. The answer is that of the first layer, in
 * this order, which says something:
 *
 *   1 jump_item     the Jump Item's policy, or that of the copy one came through; one for when a person
 *                   is there (attended), one for when nobody is
 *   2 jump_group    the Jump Group's
 *   3 portal        the public portal's
 *   4 account       the representative's own
 *   5 group_policy  the one its group policies give it
 *   6 team          of the team whose queue the session came from
 *   7 default       the appliance's
 *   8 built_in      what tool.h says
 *
 * The policy of an invitation (invite) stands beside them: what it denies is denied, what it asks about is asked about,
 * and what it allows is left to the others.
 *
 * Whether the customer is asked before a tool is used is found the same way, by itself: a layer may ask
 * without saying who is allowed. In a customer's session seeing and control are asked by the customer's own side
 * (CONSENT); the prompt of screen_view says how long there is for it, and what silence means. Every other tool is
 * asked about when a representative wants to use it (session/tool_question.h). A Jump Client asks nobody: there the
 * answer is what silence means.
 *
 * Owner:     the caller.
 * Thread:    any; pure.
 * Units:     seconds.
 */
#ifndef CW_CONTROL_POLICY_SESSION_POLICY_H
#define CW_CONTROL_POLICY_SESSION_POLICY_H

#include <stddef.h>

#include "control/limits.h"
#include "control/policy/tool.h"

enum cw_policy_source {
    CW_POLICY_BUILT_IN,
    CW_POLICY_JUMP_ITEM,
    CW_POLICY_JUMP_GROUP,
    CW_POLICY_PORTAL,
    CW_POLICY_ACCOUNT,
    CW_POLICY_GROUP_POLICY,
    CW_POLICY_TEAM,
    CW_POLICY_DEFAULT,
    CW_POLICY_INVITE,
    CW_POLICY_SOURCE_COUNT,
};

enum cw_policy_choice { CW_POLICY_NOT_DEFINED, CW_POLICY_ALLOW, CW_POLICY_DENY };
enum cw_policy_prompt { CW_PROMPT_NOT_DEFINED, CW_PROMPT_NEVER, CW_PROMPT_ASK };

struct cw_policy_tool {
    uint8_t choice;  /* enum cw_policy_choice */
    uint8_t prompt;  /* enum cw_policy_prompt */
    uint16_t time_s; /* with ASK: how long the customer has; 0: for ever */
    bool is_yes;     /* what the customer's silence means then */
};

struct cw_session_policy {
    uint32_t id;
    char name[CW_NAME_BYTES_MAX + 1];
    char code[CW_CODE_BYTES_MAX + 1]; /* for programs; may be empty */
    char description[CW_DESCRIPTION_BYTES_MAX + 1];
    bool for_accounts; /* what it may be given to */
    bool for_invites;
    bool for_jump_items;
    struct cw_policy_tool tools[CW_TOOL_COUNT];
};

struct cw_policy_layer {
    enum cw_policy_source source;
    const struct cw_session_policy *policy;
};

struct cw_policy_rule { /* who said so */
    enum cw_policy_source source;
    const struct cw_session_policy *policy; /* NULL: built in */
};

struct cw_policy_answer {
    bool is_allowed;
    bool is_asked; /* only where somebody is there to be asked */
    uint16_t time_s;
    bool is_yes;
    struct cw_policy_rule rule;
    struct cw_policy_rule prompt_rule;
};

/* "jump_item". */
const char *cw_policy_source_name(enum cw_policy_source source);
/* layers in the order of precedence. Unattended: nobody is asked. */
void cw_policy_fold(const struct cw_policy_layer *layers, size_t n, bool is_attended,
                    struct cw_policy_answer ret[CW_TOOL_COUNT]);
/* What the policy of an invitation leaves of answers. */
void cw_policy_fold_invite(const struct cw_session_policy *policy, bool is_attended,
                           struct cw_policy_answer answers[CW_TOOL_COUNT]);
/* The tools that are allowed, as a set. */
uint64_t cw_policy_tools(const struct cw_policy_answer answers[CW_TOOL_COUNT]);

#endif
