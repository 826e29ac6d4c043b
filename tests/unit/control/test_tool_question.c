/* SPDX-License-Identifier: Apache-2.0 */
/* The customer is asked before a tool is used: nothing of it before the yes, silence, what is taken back, hostile
 * answers; and what the policy of an invitation takes away. */
#include "control/policy/tool.h"
#include "tests/unit/control/rig.h"

#define EVERYTHING (RIG_REP_BASE | CW_PERMIT(VIEW_SCREEN) | RIG_CONTROL)

static void ask_about(struct rig *r, const char *tool, unsigned time_s, const char *silence)
{
    assert_int_equal(
        rig_call(r, "session_policy.set_tool", 1,
                 json_pack("{s:s, s:s, s:s, s:i, s:s}", "tool", tool, "choice", "allow", "prompt",
                           "ask", "time_s", (int)time_s, "silence", silence)),
        0);
}

static int want(struct rig *r, uint32_t session, const char *tool)
{
    return rig_call(r, "session.ask_tool", session, json_pack("{s:s}", "tool", tool));
}

static void answer(struct rig *r, struct rig_worker *w, uint32_t session, uint8_t role,
                   uint32_t from, uint32_t about, uint16_t tool, uint8_t yes)
{
    uint8_t payload[8];
    size_t n = 0;
    const struct cw_tool_answer m = {about, tool, yes};

    assert_int_equal(cw_tool_answer_encode(&m, payload, sizeof payload, &n), 0);
    RIG_TELL(r, w, .type = CW_LINK_COPY, .session = session, .participant = from, .role = role,
             .message = CW_MESSAGE_TOOL_ANSWER, .bytes = payload, .bytes_count = n);
}

static void says(struct rig *r, struct rig_worker *w, uint32_t session, enum cw_tool tool,
                 uint8_t yes)
{
    answer(r, w, session, CW_ROLE_CUSTOMER, 1, 2, (uint16_t)tool, yes);
}

static uint64_t mask_of(struct rig *r, uint32_t session, uint32_t participant)
{
    return cw_live_participant(cw_live_find(r->c, session), participant)->permissions;
}

/* The n-th TOOL_ASK that was sent; its text is empty where it was taken back. */
static struct cw_tool_ask asked(struct rig_worker *w, unsigned n)
{
    struct cw_tool_ask ask = {0};
    const struct cw_link_message *m = rig_need(w, CW_LINK_SEND, CW_MESSAGE_TOOL_ASK, n);

    assert_int_equal(m->participant, 1);
    assert_int_equal(cw_tool_ask_decode(m->bytes, m->bytes_count, &ask), 0);
    return ask;
}

static const char *state_of(struct rig *r, uint32_t session, enum cw_tool tool)
{
    assert_int_equal(rig_call(r, "session.tools", session, NULL), 0);
    return json_string_value(
        json_object_get(json_array_get(json_object_get(r->reply.json, "answers"), tool), "state"));
}

static void nothing_of_a_tool_before_the_yes(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    struct cw_tool_ask ask;
    const char *text = "ada wants to: use a command shell. Do you allow it?";
    uint32_t session = 0;

    rig_link(r, &w);
    ask_about(r, "shell", 30, "no");
    session = rig_attended(r, &w);
    assert_int_equal(want(r, session, "shell"), CW_ERR_STATE);
    rig_consent(r, &w, session, 1, 1, 1);
    assert_int_equal(mask_of(r, session, 2), EVERYTHING & ~CW_PERMIT(SHELL));
    assert_string_equal(state_of(r, session, CW_TOOL_SHELL), "ask");
    assert_string_equal(state_of(r, session, CW_TOOL_TUNNEL), "allow");
    assert_int_equal(want(r, session, "tunnel"), 0);
    assert_string_equal(rig_text(r, "state"), "allow");
    assert_null(rig_sent(&w, CW_LINK_SEND, CW_MESSAGE_TOOL_ASK, 0));

    assert_int_equal(want(r, session, "shell"), 0);
    assert_string_equal(rig_text(r, "state"), "waits");
    assert_string_equal(state_of(r, session, CW_TOOL_SHELL), "waits");
    ask = asked(&w, 0);
    assert_int_equal(ask.participant, 2);
    assert_int_equal(ask.tool, CW_TOOL_SHELL);
    assert_int_equal(ask.time_s, 30);
    assert_int_equal(ask.silence, 0);
    assert_int_equal(ask.text_bytes, strlen(text));
    assert_memory_equal(ask.text, text, ask.text_bytes);
    assert_int_equal(mask_of(r, session, 2), EVERYTHING & ~CW_PERMIT(SHELL));

    rig_forget(&w);
    says(r, &w, session, CW_TOOL_SHELL, 1);
    assert_int_equal(mask_of(r, session, 2), EVERYTHING);
    assert_int_equal(rig_need(&w, CW_LINK_SET_PERMISSIONS, 0, 0)->permissions, EVERYTHING);
    assert_true(rig_event(&w, r->account, "tool_answered"));
    assert_string_equal(state_of(r, session, CW_TOOL_SHELL), "allow");
    /* Taken back: the mask at once, and the tickets that say more. */
    rig_forget(&w);
    says(r, &w, session, CW_TOOL_SHELL, 0);
    assert_int_equal(mask_of(r, session, 2), EVERYTHING & ~CW_PERMIT(SHELL));
    assert_non_null(rig_sent(&w, CW_LINK_DENY, 0, 0));
    assert_int_equal(rig_audit(r, "session.ask_tool", "ok"), 1);
    assert_int_equal(rig_audit(r, "session.tool_answer", "ok"), 2);
    rig_unlink(r, &w);
}

/* Every tool that opens a channel, also where others share it. */
static void each_channel_waits_for_its_tools(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t session = 0;
    unsigned seen = 0;

    rig_link(r, &w);
    session = rig_attended(r, &w);
    rig_consent(r, &w, session, 1, 1, 1);
    for (unsigned t = 0; t < CW_TOOL_COUNT; t++) {
        const enum cw_tool tool = (enum cw_tool)t;
        const uint64_t opens = cw_tool_permissions(tool);
        if (tool == CW_TOOL_SCREEN_VIEW || tool == CW_TOOL_SCREEN_CONTROL || opens == 0)
            continue;
        rig_forget(&w);
        ask_about(r, cw_tool_name(tool), 0, "no");
        assert_int_equal(mask_of(r, session, 2), EVERYTHING & ~opens);
        assert_int_equal(want(r, session, cw_tool_name(tool)), 0);
        assert_int_equal(asked(&w, 0).time_s, 0);
        assert_int_equal(mask_of(r, session, 2), EVERYTHING & ~opens);
        says(r, &w, session, tool, 1);
        assert_int_equal(mask_of(r, session, 2), EVERYTHING);
        seen++;
    }
    assert_int_equal(seen, 15);
    /* Whoever takes control back takes every yes with it. */
    rig_consent(r, &w, session, 1, 1, 0);
    rig_consent(r, &w, session, 1, 1, 1);
    assert_int_equal(mask_of(r, session, 2), CW_PERMIT(VIEW_SCREEN) | CW_PERMIT(CONTROL_INPUT));
    rig_unlink(r, &w);
}

static void silence_is_what_the_policy_says(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t session = 0;

    rig_link(r, &w);
    ask_about(r, "shell", 30, "no");
    ask_about(r, "tunnel", 20, "yes");
    session = rig_attended(r, &w);
    rig_consent(r, &w, session, 1, 1, 1);
    assert_int_equal(want(r, session, "shell"), 0);
    assert_int_equal(want(r, session, "tunnel"), 0);
    /* A customer that connects again is asked again, for what is left of the time. */
    rig_advance(r, 10);
    rig_forget(&w);
    rig_up(r, &w, session, 1, CW_ROLE_CUSTOMER, RIG_CUSTOMER);
    assert_int_equal(asked(&w, 0).time_s, 20);
    assert_int_equal(asked(&w, 1).time_s, 10);
    rig_advance(r, 9);
    assert_int_equal(mask_of(r, session, 2), EVERYTHING & ~CW_PERMIT(SHELL) & ~CW_PERMIT(TUNNEL));
    rig_forget(&w);
    rig_advance(r, 2);
    assert_int_equal(asked(&w, 0).tool, CW_TOOL_TUNNEL);
    assert_int_equal(asked(&w, 0).text_bytes, 0);
    assert_int_equal(mask_of(r, session, 2), EVERYTHING & ~CW_PERMIT(SHELL));
    rig_advance(r, 10);
    assert_int_equal(asked(&w, 1).tool, CW_TOOL_SHELL);
    /* Too late: nobody asks any more. */
    says(r, &w, session, CW_TOOL_SHELL, 1);
    assert_int_equal(mask_of(r, session, 2), EVERYTHING & ~CW_PERMIT(SHELL));
    assert_string_equal(state_of(r, session, CW_TOOL_SHELL), "ask");
    /* A policy that asks no more takes the question back. */
    assert_int_equal(want(r, session, "shell"), 0);
    rig_forget(&w);
    assert_int_equal(rig_call(r, "session_policy.set_tool", 1,
                              json_pack("{s:s, s:s}", "tool", "shell", "prompt", "never")),
                     0);
    assert_int_equal(mask_of(r, session, 2), EVERYTHING);
    rig_advance(r, 1);
    assert_int_equal(asked(&w, 0).text_bytes, 0);
    rig_unlink(r, &w);
}

/* Who is not the customer, about who is not there, of what nobody asked. */
static void strange_answers_change_nothing(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t session = 0;
    const uint64_t less = EVERYTHING & ~CW_PERMIT(SHELL);

    rig_link(r, &w);
    ask_about(r, "shell", 0, "no");
    session = rig_attended(r, &w);
    rig_consent(r, &w, session, 1, 1, 1);
    says(r, &w, session, CW_TOOL_SHELL, 1);
    assert_int_equal(want(r, session, "shell"), 0);
    says(r, &w, session, CW_TOOL_TUNNEL, 1);
    answer(r, &w, session, CW_ROLE_REPRESENTATIVE, 2, 2, CW_TOOL_SHELL, 1);
    answer(r, &w, session, CW_ROLE_CUSTOMER, 1, 99, CW_TOOL_SHELL, 1);
    answer(r, &w, session, CW_ROLE_CUSTOMER, 1, 1, CW_TOOL_SHELL, 1);
    answer(r, &w, session, CW_ROLE_CUSTOMER, 1, 2, CW_TOOL_COUNT, 1);
    answer(r, &w, session, CW_ROLE_CUSTOMER, 1, 2, UINT16_MAX, 1);
    answer(r, &w, session + 7, CW_ROLE_CUSTOMER, 1, 2, CW_TOOL_SHELL, 1);
    RIG_TELL(r, &w, .type = CW_LINK_COPY, .session = session, .participant = 1,
             .role = CW_ROLE_CUSTOMER, .message = CW_MESSAGE_TOOL_ANSWER,
             .bytes = (const uint8_t *)"\2\0\0\0", .bytes_count = 4);
    assert_int_equal(mask_of(r, session, 2), less);
    assert_int_equal(rig_audit(r, "session.tool_answer", "ok"), 0);

    assert_int_equal(want(r, session, "shel"), CW_ERR_NOT_FOUND);
    assert_int_equal(want(r, session, "screen_view"), CW_ERR_STATE);
    assert_int_equal(want(r, session, "screen_control"), CW_ERR_STATE);
    assert_int_equal(rig_call(r, "session_policy.set_tool", 1,
                              json_pack("{s:s, s:s}", "tool", "shell", "choice", "deny")),
                     0);
    assert_int_equal(want(r, session, "shell"), CW_ERR_DENIED);
    assert_non_null(strstr(r->reply.message, "policy"));
    rig_unlink(r, &w);
}

/* Tools without a channel wait in the same way: their operations are refused till then. */
static void operations_wait_for_the_yes_too(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t session = 0;

    rig_link(r, &w);
    ask_about(r, "notes", 0, "no");
    session = rig_attended(r, &w);
    assert_int_equal(
        rig_call(r, "session.add_note", session, json_pack("{s:s}", "text", "printer")),
        CW_ERR_DENIED);
    assert_non_null(strstr(r->reply.message, "session.ask_tool"));
    assert_int_equal(want(r, session, "notes"), 0);
    says(r, &w, session, CW_TOOL_NOTES, 1);
    assert_int_equal(
        rig_call(r, "session.add_note", session, json_pack("{s:s}", "text", "printer")), 0);
    rig_unlink(r, &w);
}

static void too_many_questions_are_refused(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t session = 0;

    rig_link(r, &w);
    session = rig_attended(r, &w);
    for (unsigned t = CW_TOOL_INVITE; t <= CW_TOOL_INVITE + CW_TOOL_QUESTIONS_MAX; t++) {
        ask_about(r, cw_tool_name((enum cw_tool)t), 0, "no");
        assert_int_equal(rig_call(r, "session_policy.set_tool", 1,
                                  json_pack("{s:s, s:s}", "tool", cw_tool_name((enum cw_tool)t),
                                            "choice", "allow")),
                         0);
        assert_int_equal(want(r, session, cw_tool_name((enum cw_tool)t)),
                         t < CW_TOOL_INVITE + CW_TOOL_QUESTIONS_MAX ? 0 : CW_ERR_FULL);
    }
    /* One that is open already is asked again. */
    assert_int_equal(want(r, session, cw_tool_name(CW_TOOL_INVITE)), 0);
    rig_unlink(r, &w);
}

/* What is stored: the yes outlives control; an old yes is no answer to a question of later. */
static void a_yes_is_stored(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t session = 0;

    rig_link(r, &w);
    ask_about(r, "shell", 0, "no");
    session = rig_attended(r, &w);
    rig_consent(r, &w, session, 1, 1, 1);
    assert_int_equal(want(r, session, "shell"), 0);
    says(r, &w, session, CW_TOOL_SHELL, 1);
    rig_unlink(r, &w);
    rig_restart(r);
    rig_link(r, &w);
    rig_up(r, &w, session, 1, CW_ROLE_CUSTOMER, RIG_CUSTOMER);
    rig_up(r, &w, session, 2, CW_ROLE_REPRESENTATIVE, RIG_REP_BASE);
    assert_int_equal(mask_of(r, session, 2), EVERYTHING);
    rig_unlink(r, &w);
}

static void nobody_asks_until_the_customer_gives_in(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t session = 0;

    rig_link(r, &w);
    ask_about(r, "shell", 30, "no");
    ask_about(r, "tunnel", 30, "no");
    session = rig_attended(r, &w);
    rig_consent(r, &w, session, 1, 1, 1);
    for (unsigned i = 0; i < CW_ISSUE_TRIES; i++) {
        assert_int_equal(want(r, session, "shell"), 0);
        says(r, &w, session, CW_TOOL_SHELL, 0);
    }
    rig_forget(&w);
    assert_int_equal(want(r, session, "shell"), CW_ERR_FULL);
    assert_true(r->reply.retry_after_s > 0);
    assert_null(rig_sent(&w, CW_LINK_SEND, CW_MESSAGE_TOOL_ASK, 0));
    assert_int_equal(rig_audit(r, "session.ask_tool", "ok"), CW_ISSUE_TRIES);
    assert_int_equal(want(r, session, "tunnel"), 0);
    rig_advance(r, CW_ISSUE_TRY_S);
    assert_int_equal(want(r, session, "shell"), 0);
    rig_unlink(r, &w);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(nothing_of_a_tool_before_the_yes),
        CASE(each_channel_waits_for_its_tools),
        CASE(silence_is_what_the_policy_says),
        CASE(strange_answers_change_nothing),
        CASE(operations_wait_for_the_yes_too),
        CASE(too_many_questions_are_refused),
        CASE(a_yes_is_stored),
        CASE(nobody_asks_until_the_customer_gives_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
