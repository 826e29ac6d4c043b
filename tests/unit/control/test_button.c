/* SPDX-License-Identifier: Apache-2.0 */
/* Support Buttons as representatives make them and as customers press them. */
#include "tests/unit/control/rig.h"

#include "control/portal/portal.h"

static uint32_t make(struct rig *r, const char *what, json_t *body, const char *object)
{
    assert_int_equal(rig_call(r, what, 0, body), 0);
    return (uint32_t)json_integer_value(json_object_get(
        object != NULL ? json_object_get(r->reply.json, object) : r->reply.json, "id"));
}

static uint32_t make_button(struct rig *r, json_t *body, char *ret_secret)
{
    const uint32_t id = make(r, "support_button.create", body, "support_button");

    assert_int_equal(strlen(rig_text(r, "secret")), CW_TOKEN_TEXT_BYTES);
    snprintf(ret_secret, CW_TOKEN_TEXT_BYTES + 1, "%s", rig_text(r, "secret"));
    return id;
}

/* What a customer's program gets; session (may be NULL) when it is let in. */
static uint16_t press(struct rig *r, struct rig_worker *w, const char *secret, uint8_t from,
                      bool has_agreed, json_t **ret_reply)
{
    uint8_t seed[CW_KEY_BYTES];
    uint8_t holder[CW_KEY_BYTES];
    char text[CW_HOLDER_KEY_TEXT_BYTES + 1];

    rig_key(20, seed, holder, text);
    return rig_request(r, w, CW_HELLO_SESSION_KEY, from,
                       json_pack("{s:s, s:s, s:s, s:b}", "button", secret, "holder", text, "name",
                                 "Carla", "agreed", has_agreed),
                       ret_reply);
}

static uint16_t press_once(struct rig *r, struct rig_worker *w, const char *secret, uint8_t from)
{
    json_t *reply = NULL;
    const uint16_t code = press(r, w, secret, from, false, &reply);

    json_decref(reply);
    return code;
}

static uint32_t make_account(struct rig *r, const char *user)
{
    return make(r, "account.create", json_pack("{s:s}", "user", user), "account");
}

static void become(struct rig *r, uint32_t account)
{
    r->account = account;
    r->is_admin = account == 1;
}

static const json_t *row(struct rig *r, size_t i)
{
    assert_int_equal(rig_call(r, "support_button.list", 0, NULL), 0);
    return json_array_get(json_object_get(r->reply.json, "support_buttons"), i);
}

static void a_button_leads_into_a_queue_again_and_again(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    char secret[CW_TOKEN_TEXT_BYTES + 1];
    json_t *reply = NULL;
    const uint32_t team = make(
        r, "team.create", json_pack("{s:s, s:b}", "name", "Desk", "persistent_queue", 1), "team");
    const uint32_t id =
        make_button(r, json_pack("{s:s, s:i}", "name", "Help \\ me", "team", (int)team), secret);
    struct cw_live_session *live = NULL;

    assert_non_null(strstr(rig_text(r, "launcher"), "[Desktop Entry]\nType=Application\n"));
    assert_non_null(strstr(rig_text(r, "launcher"), "\nName=Help \\\\ me\n"));
    assert_non_null(strstr(rig_text(r, "launcher"), secret));
    assert_non_null(strstr(rig_text(r, "command"), secret));
    assert_non_null(strstr(rig_text(r, "url"), secret));
    rig_link(r, &w);
    for (int i = 1; i <= 2; i++) {
        assert_int_equal(press(r, &w, secret, 1, false, &reply), CW_CLOSE_OK);
        assert_string_equal(json_string_value(json_object_get(reply, "representative")), "Desk");
        live = cw_live_find(r->c, (uint32_t)json_integer_value(json_object_get(reply, "session")));
        json_decref(reply);
        assert_non_null(live);
        assert_int_equal(live->row.team, team);
        assert_int_equal(live->row.button, id);
        assert_int_equal(live->row.portal, CW_PORTAL_DEFAULT);
        assert_int_equal(json_integer_value(json_object_get(row(r, 0), "uses")), i);
        assert_int_equal(json_integer_value(json_object_get(row(r, 0), "last_used_unix_ms")),
                         r->now_ms);
    }
    assert_int_equal(rig_audit(r, "support_button.use", "ok"), 2);
    assert_int_equal(rig_call(r, "support_button.export", 0, NULL), 0);
    assert_non_null(strstr(rig_text(r, "csv"), "Help \\ me,active,team,Desk,Default,ada,"));
    assert_int_equal(rig_call(r, "portal.check_button", 0, json_pack("{s:s}", "button", secret)),
                     0);
    assert_int_equal(rig_call(r, "support_button.set", id,
                              json_pack("{s:i, s:s}", "account", 1, "name", "To Ada")),
                     0);
    assert_int_equal(press(r, &w, secret, 1, false, &reply), CW_CLOSE_OK);
    live = cw_live_find(r->c, (uint32_t)json_integer_value(json_object_get(reply, "session")));
    json_decref(reply);
    assert_int_equal(live->row.account, 1);
    assert_int_equal(live->row.team, 0);

    assert_int_equal(rig_call(r, "support_button.revoke", id, NULL), 0);
    assert_int_equal(press_once(r, &w, secret, 1), CW_CLOSE_SUPPORT_BUTTON_WRONG);
    assert_int_equal(rig_call(r, "support_button.revoke", id, NULL), CW_ERR_STATE);
    assert_int_equal(rig_call(r, "support_button.set", id, json_pack("{s:s}", "name", "x")),
                     CW_ERR_STATE);
    assert_int_equal(rig_call(r, "portal.check_button", 0, json_pack("{s:s}", "button", secret)),
                     CW_ERR_EXPIRED);
    rig_unlink(r, &w);
}

static void an_issue_gives_priority_and_the_end_comes(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    char secret[CW_TOKEN_TEXT_BYTES + 1];
    json_t *reply = NULL;
    const uint32_t team = make(
        r, "team.create", json_pack("{s:s, s:b}", "name", "Desk", "persistent_queue", 1), "team");
    const uint32_t issue = make(r, "issue.create",
                                json_pack("{s:s, s:s, s:i, s:s}", "name", "Jam", "code", "jam",
                                          "team", (int)team, "priority", "high"),
                                NULL);
    const struct cw_live_session *live = NULL;

    (void)make_button(
        r, json_pack("{s:s, s:i, s:i}", "name", "Jams", "issue", (int)issue, "life_days", 2),
        secret);
    rig_link(r, &w);
    assert_int_equal(press(r, &w, secret, 1, false, &reply), CW_CLOSE_OK);
    live = cw_live_find(r->c, (uint32_t)json_integer_value(json_object_get(reply, "session")));
    json_decref(reply);
    assert_int_equal(live->row.team, team);
    assert_int_equal(live->row.issue, issue);
    assert_int_equal(live->row.priority, CW_PRIORITY_HIGH);
    r->now_ms += UINT64_C(2) * 86400 * 1000;
    assert_int_equal(press_once(r, &w, secret, 1), CW_CLOSE_SUPPORT_BUTTON_WRONG);
    assert_string_equal(json_string_value(json_object_get(row(r, 0), "state")), "expired");
    rig_unlink(r, &w);
}

static void guesses_and_floods_run_out(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    char secret[CW_TOKEN_TEXT_BYTES + 1];
    unsigned tries = 0;
    uint16_t code = CW_CLOSE_OK;

    (void)make_button(r, json_pack("{s:s}", "name", "Mine"), secret);
    rig_link(r, &w);
    assert_int_equal(press_once(r, &w, "short", 2), CW_CLOSE_SUPPORT_BUTTON_WRONG);
    while (tries < 100 && (code = press_once(r, &w, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                                             2)) == CW_CLOSE_SUPPORT_BUTTON_WRONG)
        tries++;
    assert_int_equal(code, CW_CLOSE_TOO_MANY_TRIES);
    assert_int_equal(tries, CW_KEY_TRIES - 1);
    assert_int_equal(press_once(r, &w, secret, 2), CW_CLOSE_TOO_MANY_TRIES);
    for (tries = 0; tries < 100 && press_once(r, &w, secret, 3) == CW_CLOSE_OK;)
        tries++;
    assert_int_equal(tries, CW_ISSUE_TRIES);
    rig_unlink(r, &w);
}

static void a_button_rests_with_its_portal_and_asks_for_terms(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    char secret[CW_TOKEN_TEXT_BYTES + 1];
    json_t *reply = NULL;

    (void)make_button(r, json_pack("{s:s}", "name", "Mine"), secret);
    assert_int_equal(rig_call(r, "customer_message.set", 0,
                              json_pack("{s:s, s:s}", "name", "agreement", "text", "Be kind.")),
                     0);
    rig_link(r, &w);
    assert_int_equal(press(r, &w, secret, 1, false, &reply), CW_CLOSE_AGREEMENT);
    assert_string_equal(json_string_value(json_object_get(reply, "agreement")), "Be kind.");
    json_decref(reply);
    assert_int_equal(press(r, &w, secret, 1, true, &reply), CW_CLOSE_OK);
    json_decref(reply);
    assert_int_equal(rig_audit(r, "agreement.accept", "ok"), 1);
    assert_int_equal(rig_call(r, "portal.set", 1, json_pack("{s:s}", "hours", "sat 08:00-12:00")),
                     0);
    assert_int_equal(press(r, &w, secret, 1, true, &reply), CW_CLOSE_PORTAL_CLOSED);
    assert_string_equal(json_string_value(json_object_get(reply, "message")),
                        "Support is closed now. It opens Sat 2027-01-16 08:00 (UTC).");
    json_decref(reply);
    rig_unlink(r, &w);
}

static void a_key_asks_for_terms_too(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    char key[CW_SESSION_KEY_TEXT_BYTES];
    uint32_t session = 0;

    assert_int_equal(rig_call(r, "customer_message.set", 0,
                              json_pack("{s:s, s:s}", "name", "agreement", "text", "Be kind.")),
                     0);
    rig_link(r, &w);
    rig_make_key(r, key);
    assert_int_equal(rig_enter(r, &w, key, 1, &session), CW_CLOSE_AGREEMENT);
    assert_int_equal(
        rig_call(r, "portal.check_key", 0, json_pack("{s:s, s:b}", "key", key, "agreed", 1)), 0);
    assert_int_equal(rig_enter(r, &w, key, 1, &session), CW_CLOSE_OK);
    rig_unlink(r, &w);
}

static void representatives_have_their_own(void **state)
{
    struct rig *r = *state;
    char secret[CW_TOKEN_TEXT_BYTES + 1];
    const uint32_t rita = make_account(r, "rita");
    const uint32_t otto = make_account(r, "otto");
    const uint32_t team = make(r, "team.create", json_pack("{s:s}", "name", "Desk"), "team");
    uint32_t id = 0;

    assert_int_equal(rig_call(r, "team.member_set", team,
                              json_pack("{s:i, s:s}", "account", (int)rita, "role", "member")),
                     0);
    become(r, rita);
    id = make_button(r, json_pack("{s:s}", "name", "Rita's"), secret);
    (void)make_button(r, json_pack("{s:s, s:i}", "name", "Desk's", "team", (int)team), secret);
    assert_int_equal(rig_call(r, "support_button.create", 0,
                              json_pack("{s:s, s:i}", "name", "Otto's", "account", (int)otto)),
                     CW_ERR_DENIED);
    become(r, otto);
    assert_null(row(r, 0));
    assert_int_equal(rig_call(r, "support_button.create", 0,
                              json_pack("{s:s, s:i}", "name", "Desk's", "team", (int)team)),
                     CW_ERR_DENIED);
    assert_int_equal(rig_call(r, "support_button.revoke", id, NULL), CW_ERR_NOT_FOUND);
    become(r, 1);
    assert_non_null(row(r, 1));
    assert_int_equal(rig_call(r, "account.set", rita,
                              json_pack("{s:[s]}", "rights_denied", "own_support_buttons")),
                     0);
    become(r, rita);
    assert_int_equal(rig_call(r, "support_button.create", 0, json_pack("{s:s}", "name", "More")),
                     CW_ERR_DENIED);
    become(r, 1);
    assert_int_equal(
        rig_call(r, "support_button.create", 0,
                 json_pack("{s:s, s:i, s:i}", "name", "Two", "team", (int)team, "account", 1)),
        CW_ERR_INVALID);
    assert_int_equal(rig_call(r, "support_button.create", 0, NULL), CW_ERR_INVALID);
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "support_button.create", 0,
                                 json_pack("{s:s}", "name", "Nobody's")),
                     CW_ERR_INVALID);
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "support_button.revoke", id, NULL), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_button_leads_into_a_queue_again_and_again),
        TEST(an_issue_gives_priority_and_the_end_comes),
        TEST(guesses_and_floods_run_out),
        TEST(a_button_rests_with_its_portal_and_asks_for_terms),
        TEST(a_key_asks_for_terms_too),
        TEST(representatives_have_their_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
