/* SPDX-License-Identifier: Apache-2.0 */
/* Nobody in a session keeps more than policies, the customer and the own account give now; and what programs see. */
#include "tests/unit/control/desk.h"

#include "control/api/api_account.h"

#define EVERYTHING (RIG_REP_BASE | CW_PERMIT(VIEW_SCREEN) | RIG_CONTROL)

struct room {
    struct desk d;
    uint32_t bob; /* has the session */
    uint32_t cleo;
    uint32_t session;
};

static void open_room(struct room *s, struct rig *r)
{
    memset(s, 0, sizeof *s);
    desk_open(&s->d, r);
    s->bob = desk_hire(&s->d, "bob");
    s->cleo = desk_hire(&s->d, "cleo");
    desk_put(&s->d, s->d.team, s->bob, "member");
    desk_put(&s->d, s->d.team, s->cleo, "lead");
    desk_console(&s->d, s->bob);
    s->session = desk_customer(&s->d, s->d.team);
    DESK(&s->d, s->bob, 0, "session.accept", s->session, rig_holder(3));
    rig_up(r, &s->d.w, s->session, 2, CW_ROLE_REPRESENTATIVE, RIG_REP_BASE);
    rig_consent(r, &s->d.w, s->session, 1, 1, 1);
    rig_forget(&s->d.w);
}

static struct cw_live_participant *participant(struct room *s, uint32_t number)
{
    return cw_live_participant(cw_live_find(s->d.r->c, s->session), number);
}

/* A session policy that denies the shell, and nothing else. */
static uint32_t no_shell(struct room *s)
{
    uint32_t policy = 0;

    DESK(&s->d, s->d.ada, 0, "session_policy.create", 0, json_pack("{s:s}", "name", "No shell"));
    policy = (uint32_t)json_integer_value(
        json_object_get(json_object_get(s->d.r->reply.json, "session_policy"), "id"));
    DESK(&s->d, s->d.ada, 0, "session_policy.set_tool", policy,
         json_pack("{s:s, s:s}", "tool", "shell", "choice", "deny"));
    return policy;
}

static void give_policy(struct room *s, uint32_t account, uint32_t policy)
{
    DESK(&s->d, s->d.ada, 0, "account.set", account,
         json_pack("{s:I}", "session_policy", (json_int_t)policy));
    rig_advance(s->d.r, 1);
}

static void somebody_from_outside_has_no_more_than_the_owner(void **state)
{
    struct room s;
    uint32_t policy = 0;
    uint32_t profile = 0;
    json_t *body = NULL;

    open_room(&s, *state);
    DESK(&s.d, s.d.ada, 0, "invite_profile.create", 0,
         json_pack("{s:s, s:s}", "name", "Vendor", "permissions", "chat view_screen shell"));
    profile = (uint32_t)rig_number(s.d.r, "id");
    policy = no_shell(&s);
    DESK(&s.d, s.d.ada, 0, "account.set", s.bob,
         json_pack("{s:[s]}", "rights_allowed", "invite_external"));
    DESK(&s.d, s.bob, 0, "session.invite_external", s.session,
         json_pack("{s:I}", "profile", (json_int_t)profile));
    body = rig_holder(7);
    (void)json_object_set_new(body, "key", json_string(rig_text(s.d.r, "key")));
    (void)json_object_set_new(body, "name", json_string("Vera"));
    DESK(&s.d, 0, 0, "portal.join_invitation", 0, body);
    rig_up(s.d.r, &s.d.w, s.session, 3, CW_ROLE_REPRESENTATIVE, CW_PERMIT(CHAT));
    rig_consent(s.d.r, &s.d.w, s.session, 1, 1, 1);
    assert_int_equal(participant(&s, 3)->permissions,
                     CW_PERMIT(CHAT) | CW_PERMIT(VIEW_SCREEN) | CW_PERMIT(SHELL));
    rig_forget(&s.d.w);
    give_policy(&s, s.bob, policy);
    assert_int_equal(participant(&s, 2)->permissions, EVERYTHING & ~CW_PERMIT(SHELL));
    assert_int_equal(participant(&s, 3)->permissions, CW_PERMIT(CHAT) | CW_PERMIT(VIEW_SCREEN));
    assert_non_null(rig_sent(&s.d.w, CW_LINK_DENY, 0, 0));
    rig_unlink(s.d.r, &s.d.w);
}

static void a_sponsor_lends_no_more_than_it_has_now(void **state)
{
    struct room s;
    uint32_t policy = 0;
    uint32_t id = 0;

    open_room(&s, *state);
    policy = no_shell(&s);
    give_policy(&s, s.bob, policy);
    DESK(&s.d, s.bob, 0, "session.ask_sponsor", s.session,
         json_pack("{s:I, s:s}", "team", (json_int_t)s.d.team, "message", "a shell, please"));
    id = (uint32_t)rig_number(s.d.r, "invitation");
    DESK(&s.d, s.cleo, 0, "invitation.accept", id, rig_holder(4));
    rig_up(s.d.r, &s.d.w, s.session, 3, CW_ROLE_REPRESENTATIVE, CW_PERMIT(CHAT));
    DESK(&s.d, s.cleo, 0, "session.elevate", s.session, NULL);
    assert_int_equal(participant(&s, 2)->permissions, EVERYTHING);
    rig_forget(&s.d.w);
    give_policy(&s, s.cleo, policy);
    assert_int_equal(participant(&s, 2)->permissions, EVERYTHING & ~CW_PERMIT(SHELL));
    assert_non_null(rig_sent(&s.d.w, CW_LINK_DENY, 0, 0));
    rig_unlink(s.d.r, &s.d.w);
}

static void who_is_disabled_is_out_of_every_session(void **state)
{
    struct room s;
    const struct cw_link_message *m = NULL;

    open_room(&s, *state);
    DESK(&s.d, s.d.ada, 0, "account.disable", s.bob, NULL);
    assert_int_equal(participant(&s, 2)->permissions, 0);
    m = rig_need(&s.d.w, CW_LINK_REMOVE_PARTICIPANT, 0, 0);
    assert_int_equal(m->session, s.session);
    assert_int_equal(m->participant, 2);
    assert_non_null(rig_sent(&s.d.w, CW_LINK_DENY, 0, 0));
    assert_int_equal(rig_audit(s.d.r, "session.policy", "ok"), 1);
    assert_null(rig_sent(&s.d.w, CW_LINK_SEND, CW_MESSAGE_RESUME_TICKET, 0));
    /* Then it is absent, and the session waits for somebody else. */
    RIG_TELL(s.d.r, &s.d.w, .type = CW_LINK_PARTICIPANT_DOWN, .session = s.session,
             .participant = 2, .role = CW_ROLE_REPRESENTATIVE, .code = CW_CLOSE_REMOVED);
    rig_advance(s.d.r, 1);
    rig_advance(s.d.r, CW_TIME_SESSION_GRACE_S + CW_TICKET_SKEW_S + 1);
    assert_int_equal(cw_live_find(s.d.r->c, s.session)->row.state, CW_SESSION_WAITING);
    rig_unlink(s.d.r, &s.d.w);
}

/* A policy that takes silence for a Yes does not overrule a No that was given before control was restarted. */
static void a_no_is_not_forgotten_by_a_restart(void **state)
{
    struct room s;
    uint32_t policy = 0;

    open_room(&s, *state);
    DESK(&s.d, s.d.ada, 0, "session_policy.create", 0, json_pack("{s:s}", "name", "Silence"));
    policy = (uint32_t)json_integer_value(
        json_object_get(json_object_get(s.d.r->reply.json, "session_policy"), "id"));
    DESK(&s.d, s.d.ada, 0, "session_policy.set_tool", policy,
         json_pack("{s:s, s:s, s:s, s:i, s:s}", "tool", "screen_view", "choice", "allow", "prompt",
                   "ask", "time_s", 30, "silence", "yes"));
    give_policy(&s, s.bob, policy);
    rig_consent(s.d.r, &s.d.w, s.session, 1, 0, 0);
    rig_unlink(s.d.r, &s.d.w);
    rig_restart(s.d.r);
    rig_hello(s.d.r, &s.d.w, 0, 1);
    rig_up(s.d.r, &s.d.w, s.session, 1, CW_ROLE_CUSTOMER, RIG_CUSTOMER);
    rig_up(s.d.r, &s.d.w, s.session, 2, CW_ROLE_REPRESENTATIVE, RIG_REP_BASE);
    RIG_TELL(s.d.r, &s.d.w, .type = CW_LINK_SNAPSHOT_END);
    for (int i = 0; i < 5; i++)
        rig_advance(s.d.r, 20);
    assert_false(participant(&s, 2)->row.consent_view);
    assert_int_equal(participant(&s, 2)->permissions, RIG_REP_BASE);
    rig_unlink(s.d.r, &s.d.w);
}

/* ---- programs -------------------------------------------------------------------------------- */

static int call_with(struct rig *r, const char *name, uint32_t id, json_t *body)
{
    struct cw_request request = {.front = CW_FRONT_API,
                                 .access =
                                     cw_api_access_with(0, CW_SCOPE_COMMAND, CW_API_ACCESS_FULL),
                                 .api_account = 1,
                                 .source = "203.0.113.9",
                                 .now_unix_ms = r->now_ms,
                                 .path_id = id,
                                 .body = body != NULL ? body : json_object(),
                                 .waiter = r};
    int err = 0;

    json_decref(r->reply.json);
    r->reply = (struct cw_reply){0};
    err = cw_control_call(r->c, rig_operation(name), &request, &r->reply);
    json_decref((json_t *)(uintptr_t)request.body);
    return err;
}

static void a_program_commands_every_session(void **state)
{
    struct room s;
    char key[CW_SESSION_KEY_TEXT_BYTES];
    uint32_t waiting = 0;

    open_room(&s, *state);
    assert_int_equal(call_with(s.d.r, "session.list", 0, NULL), 0);
    assert_int_equal(json_array_size(json_object_get(s.d.r->reply.json, "sessions")), 1);
    assert_int_equal(call_with(s.d.r, "session.chat", s.session, NULL), 0);
    assert_int_equal(call_with(s.d.r, "session.chat", s.session + 1, NULL), CW_ERR_NOT_FOUND);
    /* A key is somebody's. */
    assert_int_equal(call_with(s.d.r, "session_key.create", 0, NULL), CW_ERR_INVALID);
    assert_int_equal(call_with(s.d.r, "session_key.create", 0, json_pack("{s:i}", "account", 9999)),
                     CW_ERR_NOT_FOUND);
    assert_int_equal(call_with(s.d.r, "session_key.create", 0,
                               json_pack("{s:I}", "account", (json_int_t)s.d.ada)),
                     0);
    snprintf(key, sizeof key, "%s", rig_text(s.d.r, "key"));
    assert_int_equal(rig_enter(s.d.r, &s.d.w, key, 1, &waiting), CW_CLOSE_OK);
    assert_non_null(desk_row(&s.d, s.d.ada, "personal", waiting));
    assert_int_equal(call_with(s.d.r, "session.end", waiting, NULL), 0);
    assert_int_equal(call_with(s.d.r, "session.chat", waiting, NULL), 0);
    /* What somebody may not himself, nobody makes for him. */
    DESK(&s.d, s.d.ada, 0, "account.set", s.bob,
         json_pack("{s:[s]}", "rights_denied", "generate_session_key"));
    DESK(&s.d, s.bob, CW_ERR_DENIED, "session_key.create", 0, NULL);
    assert_int_equal(
        call_with(s.d.r, "session_key.create", 0, json_pack("{s:I}", "account", (json_int_t)s.bob)),
        CW_ERR_DENIED);
    DESK(&s.d, s.d.ada, CW_ERR_INVALID, "session_key.create", 0,
         json_pack("{s:I}", "account", (json_int_t)s.cleo));
    rig_unlink(s.d.r, &s.d.w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)
        CASE(somebody_from_outside_has_no_more_than_the_owner),
        CASE(a_sponsor_lends_no_more_than_it_has_now),
        CASE(who_is_disabled_is_out_of_every_session),
        CASE(a_no_is_not_forgotten_by_a_restart),
        CASE(a_program_commands_every_session),
#undef CASE
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
