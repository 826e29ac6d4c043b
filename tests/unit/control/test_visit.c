/* SPDX-License-Identifier: Apache-2.0 */
/* A customer's page follows its session: ready, waiting, active, over, and what may be kept of it. */
#include "tests/unit/control/rig.h"

#include "control/portal/visit.h"
#include "control/session/session.h"

static const char *text_of(const struct rig *r, const char *member)
{
    return json_string_value(json_object_get(r->reply.json, member));
}

static json_int_t number_of(const struct rig *r, const char *member)
{
    return json_integer_value(json_object_get(r->reply.json, member));
}

static bool is_set(const struct rig *r, const char *member)
{
    return json_is_true(json_object_get(r->reply.json, member));
}

static int visit(struct rig *r, const char *token)
{
    return rig_call(r, "portal.visit", 0, json_pack("{s:s}", "token", token));
}

static void say(struct rig *r, const char *name, const char *text)
{
    assert_int_equal(
        rig_call(r, "customer_message.set", 0, json_pack("{s:s, s:s}", "name", name, "text", text)),
        0);
}

/* A key, and the token that its page got. */
static void check_key(struct rig *r, char *ret_key, char *ret_token)
{
    rig_make_key(r, ret_key);
    assert_int_equal(rig_call(r, "portal.check_key", 0, json_pack("{s:s}", "key", ret_key)), 0);
    assert_string_equal(text_of(r, "key"), ret_key);
    snprintf(ret_token, CW_VISIT_TOKEN_SIZE, "%s", text_of(r, "visit"));
}

static void a_page_follows_its_session(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    char key[CW_SESSION_KEY_TEXT_BYTES];
    char token[CW_VISIT_TOKEN_SIZE];
    uint32_t session = 0;

    rig_link(r, &w);
    check_key(r, key, token);
    assert_int_equal(visit(r, token), 0);
    assert_string_equal(text_of(r, "state"), "ready");
    assert_string_equal(text_of(r, "representative"), "ada");

    assert_int_equal(rig_enter(r, &w, key, 1, &session), CW_CLOSE_OK);
    rig_up(r, &w, session, 1, CW_ROLE_CUSTOMER, RIG_CUSTOMER);
    assert_int_equal(visit(r, token), 0);
    assert_string_equal(text_of(r, "state"), "waiting");
    assert_int_equal(number_of(r, "session"), session);
    assert_int_equal(number_of(r, "position"), 1);
    assert_true(json_is_null(json_object_get(r->reply.json, "wait_ms")));
    assert_string_equal(text_of(r, "message"), "");
    say(r, "greeting", "Hello %CUSTOMER%, you are %POSITION%.");
    say(r, "hold", "Still here, %CUSTOMER%?");
    assert_int_equal(visit(r, token), 0);
    assert_string_equal(text_of(r, "message"), "Hello Carla, you are 1.");
    rig_advance(r, 121);
    assert_int_equal(visit(r, token), 0);
    assert_string_equal(text_of(r, "message"), "Still here, Carla?");
    assert_int_equal(rig_call(r, "portal.transcript", 0, json_pack("{s:s}", "token", token)),
                     CW_ERR_STATE);

    assert_int_equal(rig_call(r, "session.accept", session, rig_holder(3)), 0);
    rig_up(r, &w, session, 2, CW_ROLE_REPRESENTATIVE, RIG_REP_BASE);
    assert_int_equal(visit(r, token), 0);
    assert_string_equal(text_of(r, "state"), "active");
    assert_string_equal(text_of(r, "representative"), "ada");
    assert_null(json_object_get(r->reply.json, "position"));

    rig_say(r, &w, session, 1, CW_ROLE_CUSTOMER, 1, "It <b>jams</b>.");
    assert_int_equal(rig_call(r, "session.end", session, NULL), 0);
    say(r, "finished", "Goodbye, %CUSTOMER%.");
    say(r, "finished_url", "https://example.com/thanks");
    assert_int_equal(visit(r, token), 0);
    assert_string_equal(text_of(r, "state"), "ended");
    assert_true(is_set(r, "served") && is_set(r, "transcript") && !is_set(r, "survey"));
    assert_string_equal(text_of(r, "message"), "Goodbye, Carla.");
    assert_string_equal(text_of(r, "url"), "https://example.com/thanks");
    assert_string_equal(text_of(r, "reason"), "ENDED_BY_REPRESENTATIVE");
    rig_unlink(r, &w);
    rig_restart(r);
    assert_int_equal(visit(r, token), 0);
    assert_string_equal(text_of(r, "state"), "ended");
    r->now_ms += CW_SURVEY_OPEN_S * UINT64_C(1000);
    assert_int_equal(visit(r, token), CW_ERR_EXPIRED);
}

/* A request for help makes its key itself. */
static void a_request_is_followed_like_a_key(void **state)
{
    struct rig *r = *state;
    char token[CW_VISIT_TOKEN_SIZE];
    json_int_t team = 0;
    json_int_t issue = 0;

    assert_int_equal(rig_call(r, "team.create", 0, json_pack("{s:s}", "name", "First Line")), 0);
    team = json_integer_value(json_object_get(json_object_get(r->reply.json, "team"), "id"));
    assert_int_equal(rig_call(r, "issue.create", 0,
                              json_pack("{s:s, s:s, s:I, s:s}", "name", "It jams", "code", "jam",
                                        "team", team, "priority", "low")),
                     0);
    issue = number_of(r, "id");
    assert_int_equal(
        rig_call(r, "portal.set", 1, json_pack("{s:b, s:[I]}", "show_issues", 1, "issues", issue)),
        0);
    assert_int_equal(rig_call(r, "portal.submit_issue", 0,
                              json_pack("{s:s, s:s}", "issue", "jam", "name", "Ina")),
                     0);
    assert_string_equal(text_of(r, "representative"), "First Line");
    snprintf(token, sizeof token, "%s", text_of(r, "visit"));
    assert_int_equal(visit(r, token), 0);
    assert_string_equal(text_of(r, "state"), "ready");
    assert_string_equal(text_of(r, "customer"), "Ina");
    assert_string_equal(text_of(r, "representative"), "First Line");
}

/* For representatives only. */
static void say_aside(struct rig *r, struct rig_worker *w, uint32_t session, const char *text)
{
    uint8_t payload[256];
    size_t n = 0;
    const struct cw_chat_say said = {9, text, strlen(text)};

    assert_int_equal(cw_chat_say_encode(&said, payload, sizeof payload, &n), 0);
    RIG_TELL(r, w, .type = CW_LINK_COPY, .session = session, .participant = 2,
             .role = CW_ROLE_REPRESENTATIVE, .message = CW_MESSAGE_SIDE_SAY, .bytes = payload,
             .bytes_count = n);
}

static void a_transcript_is_what_the_customer_saw(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    char key[CW_SESSION_KEY_TEXT_BYTES];
    char token[CW_VISIT_TOKEN_SIZE];
    const json_t *lines = NULL;
    const json_t *last = NULL;
    uint32_t session = 0;

    rig_link(r, &w);
    check_key(r, key, token);
    assert_int_equal(rig_enter(r, &w, key, 1, &session), CW_CLOSE_OK);
    rig_up(r, &w, session, 1, CW_ROLE_CUSTOMER, RIG_CUSTOMER);
    assert_int_equal(rig_call(r, "session.accept", session, rig_holder(3)), 0);
    rig_up(r, &w, session, 2, CW_ROLE_REPRESENTATIVE, RIG_REP_BASE);
    for (uint32_t i = 1; i <= CW_TRANSCRIPT_LINES; i++)
        rig_say(r, &w, session, 1, CW_ROLE_CUSTOMER, i, i == 1 ? "It <b>jams</b>." : "Hello?");
    rig_say(r, &w, session, 2, CW_ROLE_REPRESENTATIVE, 1, "I see.");
    say_aside(r, &w, session, "Not again.");
    assert_int_equal(rig_call(r, "session.end", session, NULL), 0);

    assert_int_equal(rig_call(r, "portal.transcript", 0, json_pack("{s:s}", "token", token)), 0);
    assert_int_equal(json_array_size(json_object_get(r->reply.json, "lines")), CW_TRANSCRIPT_LINES);
    assert_int_equal(rig_call(r, "portal.transcript", 0,
                              json_pack("{s:s, s:o}", "token", token, "after",
                                        json_incref(json_object_get(r->reply.json, "next")))),
                     0);
    assert_true(json_is_null(json_object_get(r->reply.json, "next")));
    lines = json_object_get(r->reply.json, "lines");
    for (size_t i = 0; i < json_array_size(lines); i++) {
        assert_string_not_equal(
            json_string_value(json_object_get(json_array_get(lines, i), "text")), "Not again.");
        if (strcmp(json_string_value(json_object_get(json_array_get(lines, i), "text")),
                   "I see.") == 0)
            last = json_array_get(lines, i);
    }
    assert_non_null(last);
    assert_string_equal(json_string_value(json_object_get(last, "role")), "representative");
    assert_string_equal(json_string_value(json_object_get(last, "name")), "ada");
    last = json_object_get(r->reply.json, "session");
    assert_int_equal(json_integer_value(json_object_get(last, "id")), session);
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(last, "representatives"), 0)), "ada");

    assert_int_equal(rig_call(r, "option.set", 0,
                              json_pack("{s:s, s:s}", "name", "portal.transcript", "value", "off")),
                     0);
    assert_int_equal(visit(r, token), 0);
    assert_false(is_set(r, "transcript"));
    assert_int_equal(rig_call(r, "portal.transcript", 0, json_pack("{s:s}", "token", token)),
                     CW_ERR_DENIED);
    rig_unlink(r, &w);
}

static void who_came_late_learns_nothing(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    char key[CW_SESSION_KEY_TEXT_BYTES];
    char token[CW_VISIT_TOKEN_SIZE];
    char forged[CW_VISIT_TOKEN_SIZE];
    uint32_t session = 0;
    unsigned tries = 0;

    rig_link(r, &w);
    check_key(r, key, token);
    assert_int_equal(rig_enter(r, &w, key, 1, &session), CW_CLOSE_OK);
    assert_int_equal(rig_call(r, "portal.check_key", 0, json_pack("{s:s}", "key", key)),
                     CW_ERR_USED);
    assert_null(json_object_get(r->reply.json, "visit"));
    r->source = "203.0.113.50";
    snprintf(forged, sizeof forged, "S%s", token + 1); /* the key's MAC for a session */
    assert_int_equal(visit(r, forged), CW_ERR_NOT_FOUND);
    while (tries < 100 && visit(r, "K1.AAAA") == CW_ERR_NOT_FOUND)
        tries++;
    assert_true(tries > 0 && tries < 100);
    assert_true(r->reply.retry_after_s > 0);
    r->source = "203.0.113.51";
    assert_int_equal(visit(r, token), 0);
    assert_int_equal(visit(r, ""), CW_ERR_NOT_FOUND);
    assert_int_equal(visit(r, "K"), CW_ERR_NOT_FOUND);
    assert_int_equal(visit(r, "K99999999999.x"), CW_ERR_NOT_FOUND);
    rig_unlink(r, &w);
}

static void a_page_asks_in_moderation(void **state)
{
    struct rig *r = *state;
    char key[CW_SESSION_KEY_TEXT_BYTES];
    char token[CW_VISIT_TOKEN_SIZE];
    unsigned asked = 0;

    check_key(r, key, token);
    while (asked < 1000 && visit(r, token) == 0)
        asked++;
    assert_int_equal(asked, CW_VISIT_TRIES);
    r->source = "203.0.113.60"; /* the budget is the token's */
    assert_int_equal(visit(r, token), CW_ERR_FULL);
    r->now_ms += 3000;
    assert_int_equal(visit(r, token), 0);
    r->now_ms += CW_SESSION_KEY_LIFE_S * UINT64_C(1000);
    assert_int_equal(visit(r, token), 0);
    assert_string_equal(text_of(r, "state"), "expired");
}

static void a_survey_is_answered_with_the_visit(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    char key[CW_SESSION_KEY_TEXT_BYTES];
    char token[CW_VISIT_TOKEN_SIZE];
    char answer[16];
    uint32_t session = 0;

    rig_link(r, &w);
    assert_int_equal(rig_call(r, "survey.question_create", 0,
                              json_pack("{s:s, s:s, s:s, s:b}", "for", "customer", "kind", "rating",
                                        "text", "How was it?", "required", 1)),
                     0);
    snprintf(answer, sizeof answer, "%lld", (long long)number_of(r, "id"));
    check_key(r, key, token);
    assert_int_equal(rig_call(r, "portal.survey", 0, json_pack("{s:s}", "token", token)),
                     CW_ERR_STATE);
    assert_int_equal(rig_enter(r, &w, key, 1, &session), CW_CLOSE_OK);
    rig_up(r, &w, session, 1, CW_ROLE_CUSTOMER, RIG_CUSTOMER);
    assert_int_equal(rig_call(r, "session.accept", session, rig_holder(3)), 0);
    assert_int_equal(rig_call(r, "session.end", session, NULL), 0);
    assert_int_equal(visit(r, token), 0);
    assert_true(is_set(r, "survey"));
    assert_int_equal(rig_call(r, "portal.survey", 0, json_pack("{s:s}", "token", token)), 0);
    assert_int_equal(json_array_size(json_object_get(r->reply.json, "questions")), 1);
    assert_int_equal(rig_call(r, "portal.answer_survey", 0,
                              json_pack("{s:s, s:{s:s}}", "token", token, "answers", answer, "5")),
                     0);
    assert_int_equal(rig_audit(r, "survey.answer", "ok"), 1);
    assert_int_equal(rig_call(r, "portal.survey", 0, json_pack("{s:s}", "token", "K1.AAAA")),
                     CW_ERR_NOT_FOUND);
    rig_unlink(r, &w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_page_follows_its_session),
        TEST(a_request_is_followed_like_a_key),
        TEST(a_transcript_is_what_the_customer_saw),
        TEST(who_came_late_learns_nothing),
        TEST(a_page_asks_in_moderation),
        TEST(a_survey_is_answered_with_the_visit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
