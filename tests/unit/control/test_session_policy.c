/* SPDX-License-Identifier: Apache-2.0 */
/* The fold of session policies against a model that says what it means, word by word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "control/policy/session_policy.h"

enum { LAYERS = 7 };

static uint64_t seed = 7;

static unsigned pick(unsigned below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % below;
}

/* The last layer that is written wins: so the model goes from the least to the most important one. */
static void model(const struct cw_policy_layer *layers, size_t n, bool is_attended,
                  enum cw_tool tool, struct cw_policy_answer *ret)
{
    *ret = (struct cw_policy_answer){.is_allowed = cw_tool_is_allowed_by_default(tool)};
    for (size_t i = n; i-- > 0;) {
        const struct cw_policy_tool *said = &layers[i].policy->tools[tool];
        const struct cw_policy_rule rule = {layers[i].source, layers[i].policy};
        switch ((enum cw_policy_choice)said->choice) {
        case CW_POLICY_NOT_DEFINED: break;
        case CW_POLICY_ALLOW: ret->is_allowed = true, ret->rule = rule; break;
        case CW_POLICY_DENY: ret->is_allowed = false, ret->rule = rule; break;
        }
        switch ((enum cw_policy_prompt)said->prompt) {
        case CW_PROMPT_NOT_DEFINED: break;
        case CW_PROMPT_NEVER:
            ret->is_asked = ret->is_yes = false, ret->time_s = 0, ret->prompt_rule = rule;
            break;
        case CW_PROMPT_ASK:
            ret->is_asked = true, ret->is_yes = said->is_yes, ret->time_s = said->time_s;
            ret->prompt_rule = rule;
            break;
        }
    }
    if (!is_attended) {
        ret->is_asked = ret->is_yes = false;
        ret->time_s = 0;
        ret->prompt_rule = (struct cw_policy_rule){CW_POLICY_BUILT_IN, NULL};
    }
}

static void expect_same(const struct cw_policy_answer *a, const struct cw_policy_answer *b)
{
    assert_int_equal(a->is_allowed, b->is_allowed);
    assert_int_equal(a->is_asked, b->is_asked);
    assert_int_equal(a->time_s, b->time_s);
    assert_int_equal(a->is_yes, b->is_yes);
    assert_int_equal(a->rule.source, b->rule.source);
    assert_ptr_equal(a->rule.policy, b->rule.policy);
    assert_int_equal(a->prompt_rule.source, b->prompt_rule.source);
    assert_ptr_equal(a->prompt_rule.policy, b->prompt_rule.policy);
}

static void the_fold_is_the_model(void **state)
{
    static struct cw_session_policy policies[LAYERS];
    struct cw_policy_answer got[CW_TOOL_COUNT];

    (void)state;
    for (unsigned round = 0; round < 3000; round++) {
        struct cw_policy_layer layers[LAYERS];
        const size_t n = pick(LAYERS + 1);
        const bool is_attended = pick(2) == 0;
        const unsigned silence = 1 + pick(6); /* how rarely a layer says something */
        uint64_t allowed = 0;
        for (size_t i = 0; i < n; i++) {
            layers[i] = (struct cw_policy_layer){(enum cw_policy_source)(i + 1), &policies[i]};
            for (unsigned t = 0; t < CW_TOOL_COUNT; t++)
                policies[i].tools[t] = (struct cw_policy_tool){
                    .choice = (uint8_t)(pick(silence) == 0 ? pick(3) : 0),
                    .prompt = (uint8_t)(pick(silence) == 0 ? pick(3) : 0),
                    .time_s = (uint16_t)pick(100),
                    .is_yes = pick(2) == 0,
                };
        }
        cw_policy_fold(layers, n, is_attended, got);
        for (unsigned t = 0; t < CW_TOOL_COUNT; t++) {
            struct cw_policy_answer wanted;
            model(layers, n, is_attended, (enum cw_tool)t, &wanted);
            expect_same(&got[t], &wanted);
            allowed |= wanted.is_allowed ? UINT64_C(1) << t : 0;
        }
        assert_int_equal(cw_policy_tools(got), allowed);
    }
}

static void nothing_said_is_what_the_catalogue_says(void **state)
{
    struct cw_policy_answer got[CW_TOOL_COUNT];

    (void)state;
    cw_policy_fold(NULL, 0, true, got);
    for (unsigned t = 0; t < CW_TOOL_COUNT; t++) {
        assert_int_equal(got[t].is_allowed, cw_tool_is_allowed_by_default((enum cw_tool)t));
        assert_int_equal(got[t].rule.source, CW_POLICY_BUILT_IN);
        assert_null(got[t].rule.policy);
        assert_false(got[t].is_asked);
    }
    assert_false(got[CW_TOOL_RECORDING_PAUSE].is_allowed);
}

/* What is denied is not possible because something beside it in the same channel is allowed. */
static void a_channel_is_open_when_nothing_in_it_is_denied(void **state)
{
    const uint64_t all = (UINT64_C(1) << CW_TOOL_COUNT) - 1;

    (void)state;
    for (unsigned t = 0; t < CW_TOOL_COUNT; t++) {
        const uint64_t without = all & ~(UINT64_C(1) << t);
        assert_int_equal(cw_tools_permissions(without),
                         cw_tools_permissions(all) & ~cw_tool_permissions((enum cw_tool)t));
    }
    assert_int_equal(cw_tools_permissions(0), 0);
    assert_int_equal(cw_tools_permissions(all),
                     CW_PERMIT(VIEW_SCREEN) | CW_PERMIT(CONTROL_INPUT) | CW_PERMIT(CHAT) |
                         CW_PERMIT(END_SESSION) | CW_PERMIT(SHELL) | CW_PERMIT(CLIPBOARD) |
                         CW_PERMIT(SYSTEM) | CW_PERMIT(FILE) | CW_PERMIT(TUNNEL));
    assert_int_equal(cw_tools_permissions(UINT64_C(1) << CW_TOOL_SHELL), CW_PERMIT(SHELL));
}

static void names_find_their_tools(void **state)
{
    (void)state;
    for (unsigned t = 0; t < CW_TOOL_COUNT; t++) {
        assert_int_equal(cw_tool_find(cw_tool_name((enum cw_tool)t)), t);
        assert_true(strlen(cw_tool_what((enum cw_tool)t)) > 3);
    }
    assert_int_equal(cw_tool_find("no_such_tool"), CW_TOOL_COUNT);
    assert_int_equal(cw_tool_find(""), CW_TOOL_COUNT);
    for (unsigned s = 0; s < CW_POLICY_SOURCE_COUNT; s++)
        assert_true(cw_policy_source_name((enum cw_policy_source)s)[0] != '\0');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fold_is_the_model),
        cmocka_unit_test(nothing_said_is_what_the_catalogue_says),
        cmocka_unit_test(a_channel_is_open_when_nothing_in_it_is_denied),
        cmocka_unit_test(names_find_their_tools),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
