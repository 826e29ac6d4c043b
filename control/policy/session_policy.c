/* SPDX-License-Identifier: Apache-2.0 */
#include "control/policy/session_policy.h"

const char *cw_policy_source_name(enum cw_policy_source source)
{
    static const char *const names[CW_POLICY_SOURCE_COUNT] = {
        [CW_POLICY_BUILT_IN] = "built_in",
        [CW_POLICY_JUMP_ITEM] = "jump_item",
        [CW_POLICY_JUMP_GROUP] = "jump_group",
        [CW_POLICY_PORTAL] = "portal",
        [CW_POLICY_ACCOUNT] = "account",
        [CW_POLICY_GROUP_POLICY] = "group_policy",
        [CW_POLICY_TEAM] = "team",
        [CW_POLICY_DEFAULT] = "default",
        [CW_POLICY_INVITE] = "invite",
    };

    return names[source];
}

/* Nothing is asked twice: who lets a representative see and control has been asked by the customer's
 * side already (CONSENT), which no policy can turn off. */
static struct cw_policy_answer built_in(enum cw_tool tool)
{
    return (struct cw_policy_answer){.is_allowed = cw_tool_is_allowed_by_default(tool)};
}

static struct cw_policy_answer fold_one(const struct cw_policy_layer *layers, size_t n,
                                        bool is_attended, enum cw_tool tool)
{
    struct cw_policy_answer answer = built_in(tool);
    bool has_choice = false;
    bool has_prompt = !is_attended;

    for (size_t i = 0; i < n && !(has_choice && has_prompt); i++) {
        const struct cw_policy_tool *said = &layers[i].policy->tools[tool];
        const struct cw_policy_rule rule = {layers[i].source, layers[i].policy};
        if (!has_choice && said->choice != CW_POLICY_NOT_DEFINED) {
            has_choice = true;
            answer.is_allowed = said->choice == CW_POLICY_ALLOW;
            answer.rule = rule;
        }
        if (!has_prompt && said->prompt != CW_PROMPT_NOT_DEFINED) {
            has_prompt = true;
            answer.is_asked = said->prompt == CW_PROMPT_ASK;
            answer.time_s = answer.is_asked ? said->time_s : 0;
            answer.is_yes = answer.is_asked && said->is_yes;
            answer.prompt_rule = rule;
        }
    }
    return answer;
}

void cw_policy_fold(const struct cw_policy_layer *layers, size_t n, bool is_attended,
                    struct cw_policy_answer ret[CW_TOOL_COUNT])
{
    for (unsigned tool = 0; tool < CW_TOOL_COUNT; tool++)
        ret[tool] = fold_one(layers, n, is_attended, (enum cw_tool)tool);
}

void cw_policy_fold_invite(const struct cw_session_policy *policy, bool is_attended,
                           struct cw_policy_answer answers[CW_TOOL_COUNT])
{
    const struct cw_policy_rule rule = {CW_POLICY_INVITE, policy};

    for (unsigned tool = 0; tool < CW_TOOL_COUNT; tool++) {
        const struct cw_policy_tool *said = &policy->tools[tool];
        struct cw_policy_answer *answer = &answers[tool];
        if (said->choice == CW_POLICY_DENY && answer->is_allowed) {
            answer->is_allowed = false;
            answer->rule = rule;
        }
        if (said->prompt == CW_PROMPT_ASK && is_attended && !answer->is_asked) {
            answer->is_asked = true;
            answer->time_s = said->time_s;
            answer->is_yes = said->is_yes;
            answer->prompt_rule = rule;
        }
    }
}

uint64_t cw_policy_tools(const struct cw_policy_answer answers[CW_TOOL_COUNT])
{
    uint64_t tools = 0;

    for (unsigned tool = 0; tool < CW_TOOL_COUNT; tool++)
        if (answers[tool].is_allowed)
            tools |= UINT64_C(1) << tool;
    return tools;
}
