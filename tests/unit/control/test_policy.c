/* SPDX-License-Identifier: Apache-2.0 */
/* Session policies in the store and in live sessions: precedence, explanations, changes while people work. */
#include "control/policy/policies.h"
#include "control/policy/policy.h"
#include "tests/unit/control/rig.h"

#define REP_ALL (RIG_REP_BASE | CW_PERMIT(VIEW_SCREEN) | RIG_CONTROL)

/* A policy with one tool denied (or allowed). */
static uint32_t make_policy(struct rig *r, const char *name, const char *tool, const char *choice)
{
    assert_int_equal(rig_call(r, "session_policy.create", 0,
                              json_pack("{s:s, s:{s:s}}", "name", name, "tools", tool, choice)),
                     0);
    return (uint32_t)json_integer_value(
        json_object_get(json_object_get(r->reply.json, "session_policy"), "id"));
}

static void assign(struct rig *r, const char *kind, uint32_t object, const char *which,
                   uint32_t policy)
{
    assert_int_equal(rig_call(r, "policy.assign", 0,
                              json_pack("{s:s, s:I, s:I}", "kind", kind, "object",
                                        (json_int_t)object, which, (json_int_t)policy)),
                     0);
}

static void set_tool(struct rig *r, uint32_t policy, const char *tool, const char *choice)
{
    assert_int_equal(rig_call(r, "session_policy.set_tool", policy,
                              json_pack("{s:s, s:s}", "tool", tool, "choice", choice)),
                     0);
}

/* What explain says of a tool. */
static bool explained(struct rig *r, json_t *question, const char *tool, const char *source,
                      const char *name)
{
    json_t *row = NULL;
    bool is_allowed = false;

    json_object_set_new(question, "tool", json_string(tool));
    assert_int_equal(rig_call(r, "policy.explain", 0, question), 0);
    row = json_array_get(json_object_get(r->reply.json, "answers"), 0);
    assert_string_equal(json_string_value(json_object_get(row, "tool")), tool);
    assert_string_equal(json_string_value(json_object_get(row, "source")), source);
    assert_string_equal(json_string_value(json_object_get(row, "policy_name")), name);
    is_allowed = json_is_true(json_object_get(row, "allowed"));
    return is_allowed;
}

/* A session with a Jump Item, its representative connected with that ticket to come back; sent messages are
 * forgotten. */
static uint32_t jump(struct rig *r, struct rig_worker *w, uint32_t *ret_item,
                     struct cw_ticket *ret_ticket)
{
    uint32_t session = 0;

    *ret_item = rig_enrol(r, w, 9, "Till");
    RIG_TELL(r, w, .type = CW_LINK_DEVICE_UP, .participant = *ret_item);
    assert_int_equal(rig_call(r, "jump_item.jump", *ret_item, rig_holder(3)), 0);
    session = (uint32_t)rig_number(r, "session");
    *ret_ticket = rig_ticket_text(r, rig_text(r, "ticket"));
    rig_up(r, w, session, 1, CW_ROLE_REPRESENTATIVE, ret_ticket->permissions);
    *ret_ticket = rig_ticket(r, rig_need(w, CW_LINK_SEND, CW_MESSAGE_RESUME_TICKET, 0)->bytes);
    rig_forget(w);
    return session;
}

static bool was_denied(struct rig_worker *w, const struct cw_ticket *ticket)
{
    bool is_denied = false;

    for (unsigned i = 0; rig_sent(w, CW_LINK_DENY, 0, i) != NULL; i++)
        is_denied = is_denied || memcmp(rig_need(w, CW_LINK_DENY, 0, i)->ticket_id, ticket->id,
                                        sizeof ticket->id) == 0;
    return is_denied;
}

static void a_denied_tool_is_in_no_ticket(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    struct cw_ticket ticket;
    uint32_t item = 0;

    rig_link(r, &w);
    set_tool(r, 1, "shell", "deny");
    (void)jump(r, &w, &item, &ticket);
    assert_int_equal(ticket.permissions, REP_ALL & ~CW_PERMIT(SHELL));
    assert_false(explained(r,
                           json_pack("{s:s, s:I}", "account", "ada", "jump_item", (json_int_t)item),
                           "shell", "default", "Appliance default"));
    assert_true(explained(r, json_pack("{s:s}", "account", "ada"), "clipboard_to_customer",
                          "built_in", ""));
    rig_unlink(r, &w);
}

static void a_change_reaches_live_sessions_at_once(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    struct cw_ticket ticket;
    struct cw_ticket resumed;
    uint32_t item = 0;
    const uint64_t without = REP_ALL & ~CW_PERMIT(SHELL);

    rig_link(r, &w);
    (void)jump(r, &w, &item, &ticket);
    assert_int_equal(ticket.permissions, REP_ALL);
    /* Less: the mask shrinks, the tickets that say more are denied, and a new one says less. */
    set_tool(r, 1, "shell", "deny");
    assert_int_equal(rig_need(&w, CW_LINK_SET_PERMISSIONS, 0, 0)->participant, 1);
    assert_int_equal(rig_need(&w, CW_LINK_SET_PERMISSIONS, 0, 0)->permissions, without);
    assert_true(was_denied(&w, &ticket));
    resumed = rig_ticket(r, rig_need(&w, CW_LINK_SEND, CW_MESSAGE_RESUME_TICKET, 0)->bytes);
    assert_int_equal(resumed.permissions, without);
    assert_int_equal(rig_audit(r, "session.policy", "ok"), 1);
    /* The same again changes nothing in the session. */
    rig_forget(&w);
    set_tool(r, 1, "shell", "deny");
    assert_null(rig_sent(&w, CW_LINK_SET_PERMISSIONS, 0, 0));
    assert_null(rig_sent(&w, CW_LINK_DENY, 0, 0));
    /* More: the mask grows; no ticket has to be denied. */
    set_tool(r, 1, "shell", "allow");
    assert_int_equal(rig_need(&w, CW_LINK_SET_PERMISSIONS, 0, 0)->permissions, REP_ALL);
    assert_null(rig_sent(&w, CW_LINK_DENY, 0, 0));
    /* A policy that is given to the item does the same. */
    rig_forget(&w);
    assign(r, "jump_item", item, "unattended", make_policy(r, "No files", "file_upload", "deny"));
    assert_int_equal(rig_need(&w, CW_LINK_SET_PERMISSIONS, 0, 0)->permissions,
                     REP_ALL & ~CW_PERMIT(FILE));
    rig_unlink(r, &w);
}

static void one_who_is_on_the_way_gets_no_more_than_policies_allow(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    struct cw_ticket ticket;
    uint32_t item = 0;

    rig_link(r, &w);
    item = rig_enrol(r, &w, 9, "Till");
    RIG_TELL(r, &w, .type = CW_LINK_DEVICE_UP, .participant = item);
    assert_int_equal(rig_call(r, "jump_item.jump", item, rig_holder(3)), 0);
    ticket = rig_ticket_text(r, rig_text(r, "ticket"));
    rig_forget(&w);
    set_tool(r, 1, "shell", "deny");
    assert_true(was_denied(&w, &ticket));
    rig_unlink(r, &w);
}

static void attended_and_unattended_have_their_own_answers(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    struct cw_ticket ticket;
    uint32_t item = 0;
    uint32_t attended = 0;
    uint32_t quiet = make_policy(r, "Quiet", "shell", "deny");

    rig_link(r, &w);
    assign(r, "account", r->account, "attended", quiet);
    (void)jump(r, &w, &item, &ticket);
    assert_int_equal(ticket.permissions, REP_ALL);
    attended = rig_attended(r, &w);
    rig_consent(r, &w, attended, 1, 1, 1);
    assert_int_equal(rig_need(&w, CW_LINK_SET_PERMISSIONS, 0, 0)->permissions,
                     REP_ALL & ~CW_PERMIT(SHELL));
    /* Consent narrows what a policy allows, as before. */
    rig_forget(&w);
    rig_consent(r, &w, attended, 1, 1, 0);
    assert_int_equal(rig_need(&w, CW_LINK_SET_PERMISSIONS, 0, 0)->permissions,
                     RIG_REP_BASE | CW_PERMIT(VIEW_SCREEN));
    rig_unlink(r, &w);
}

/* Somebody is signed in at the computer: the Jump is attended, and stays so. Nobody there can be asked, so a prompt
 * is what silence means. */
static void a_jump_to_somebody_is_attended(void **state)
{
    static const char report[] = "{\"presence\":\"logged_in\"}";
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t item = 0;
    uint32_t policy = make_policy(r, "With people", "shell", "deny");

    rig_link(r, &w);
    assert_int_equal(
        rig_call(r, "session_policy.set", policy,
                 json_pack("{s:{s:{s:s, s:s}, s:{s:s, s:s}}}", "tools", "tunnel", "prompt", "ask",
                           "silence", "no", "screen_view", "prompt", "ask", "silence", "yes")),
        0);
    assign(r, "account", r->account, "attended", policy);
    item = rig_enrol(r, &w, 9, "Till");
    RIG_TELL(r, &w, .type = CW_LINK_DEVICE_UP, .participant = item);
    RIG_TELL(r, &w, .type = CW_LINK_COPY, .participant = item, .role = CW_ROLE_DEVICE,
             .message = CW_MESSAGE_STATISTICS, .bytes = (const uint8_t *)report,
             .bytes_count = sizeof report - 1);
    assert_int_equal(rig_call(r, "jump_item.jump", item, rig_holder(3)), 0);
    assert_int_equal(rig_ticket_text(r, rig_text(r, "ticket")).permissions,
                     REP_ALL & ~CW_PERMIT(SHELL) & ~CW_PERMIT(TUNNEL));
    rig_unlink(r, &w);
    rig_restart(r);
    assert_true(r->c->live[0]->how.is_attended);
}

/* Each layer in turn says the opposite of the one behind it. */
static void layers_are_asked_in_their_order(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t item = 0;
    json_int_t team = 0;
    json_t *question = NULL;
    const struct {
        const char *source;
        const char *kind;
        const char *name;
    } layers[] = {{"team", "team", "T"},
                  {"account", "account", "A"},
                  {"portal", "portal", "P"},
                  {"jump_group", "jump_group", "G"},
                  {"jump_item", "jump_item", "I"}};

    rig_link(r, &w);
    item = rig_enrol(r, &w, 9, "Till");
    assert_int_equal(rig_call(r, "team.create", 0, json_pack("{s:s}", "name", "Desk")), 0);
    team = json_integer_value(json_object_get(json_object_get(r->reply.json, "team"), "id"));
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++) {
        const bool is_allowed = i % 2 == 1;
        const uint32_t object[] = {(uint32_t)team, r->account, 1, 1, item};
        assign(r, layers[i].kind, object[i], "unattended",
               make_policy(r, layers[i].name, "shell", is_allowed ? "allow" : "deny"));
        question = json_pack("{s:s, s:I, s:I, s:i}", "account", "ada", "jump_item",
                             (json_int_t)item, "team", team, "portal", 1);
        assert_int_equal(explained(r, question, "shell", layers[i].source, layers[i].name),
                         is_allowed);
    }
    /* All of them are named, in order; attended ones were given none of these. */
    assert_int_equal(rig_call(r, "policy.explain", 0,
                              json_pack("{s:s, s:I, s:I, s:i}", "account", "ada", "jump_item",
                                        (json_int_t)item, "team", team, "portal", 1)),
                     0);
    assert_int_equal(json_array_size(json_object_get(r->reply.json, "layers")), 6);
    assert_int_equal(json_array_size(json_object_get(r->reply.json, "answers")), CW_TOOL_COUNT);
    assert_true(explained(r,
                          json_pack("{s:s, s:I, s:s}", "account", "ada", "jump_item",
                                    (json_int_t)item, "attended", "true"),
                          "shell", "built_in", ""));
    rig_unlink(r, &w);
}

static void policies_are_what_they_were_after_a_restart(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    struct cw_ticket ticket;
    uint32_t item = 0;
    uint32_t policy = 0;
    uint32_t session = 0;
    json_t *tool = NULL;

    rig_link(r, &w);
    session = jump(r, &w, &item, &ticket);
    assert_int_equal(
        rig_call(r, "session_policy.create", 0,
                 json_pack("{s:s, s:s, s:s, s:b, s:{s:s, s:{s:s, s:s, s:i, s:s}}}", "name", "Kiosk",
                           "code", "kiosk", "description", "two\nlines", "for_invites", 0, "tools",
                           "shell", "deny", "file_upload", "choice", "allow", "prompt", "ask",
                           "time_s", 30, "silence", "yes")),
        0);
    policy = (uint32_t)json_integer_value(
        json_object_get(json_object_get(r->reply.json, "session_policy"), "id"));
    assign(r, "jump_item", item, "unattended", policy);
    rig_unlink(r, &w);
    rig_restart(r);
    assert_int_equal(rig_call(r, "session_policy.show", policy, NULL), 0);
    tool = json_array_get(json_object_get(r->reply.json, "tools"), 0);
    assert_string_equal(json_string_value(json_object_get(tool, "tool")), "file_upload");
    assert_int_equal(json_integer_value(json_object_get(tool, "time_s")), 30);
    assert_string_equal(json_string_value(json_object_get(tool, "silence")), "yes");
    assert_false(json_is_true(
        json_object_get(json_object_get(r->reply.json, "session_policy"), "for_invites")));
    /* The engine is told what policies say, whatever it still holds. */
    rig_hello(r, &w, 0, 1);
    rig_up(r, &w, session, 1, CW_ROLE_REPRESENTATIVE, REP_ALL);
    RIG_TELL(r, &w, .type = CW_LINK_SNAPSHOT_END);
    assert_int_equal(rig_need(&w, CW_LINK_PARTICIPANT_WANTED, 0, 0)->permissions,
                     REP_ALL & ~CW_PERMIT(SHELL));
    assert_int_equal(rig_call(r, "session.tools", session, NULL), 0);
    rig_unlink(r, &w);
}

/* A prompt with a time: what silence means, and an answer that comes later all the same. */
static void silence_is_an_answer_where_a_policy_says_so(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t session = 0;

    rig_link(r, &w);
    assert_int_equal(rig_call(r, "session_policy.set", 1,
                              json_pack("{s:{s:{s:s, s:i, s:s}}}", "tools", "screen_view", "prompt",
                                        "ask", "time_s", 30, "silence", "no")),
                     0);
    session = rig_attended(r, &w);
    rig_advance(r, 1);
    rig_advance(r, 29);
    assert_int_equal(rig_audit(r, "session.consent", "ok"), 0);
    rig_advance(r, 1);
    assert_int_equal(rig_audit(r, "session.consent", "ok"), 1);
    assert_null(rig_sent(&w, CW_LINK_SET_PERMISSIONS, 0, 0));
    rig_advance(r, 60);
    assert_int_equal(rig_audit(r, "session.consent", "ok"), 1);
    rig_consent(r, &w, session, 1, 1, 0);
    assert_int_equal(rig_need(&w, CW_LINK_SET_PERMISSIONS, 0, 0)->permissions,
                     RIG_REP_BASE | CW_PERMIT(VIEW_SCREEN));
    /* Yes by silence: to view, and nothing that was not asked about. */
    assert_int_equal(rig_call(r, "session_policy.set_tool", 1,
                              json_pack("{s:s, s:s}", "tool", "screen_view", "silence", "yes")),
                     0);
    (void)rig_attended(r, &w);
    rig_advance(r, 1);
    rig_advance(r, 30);
    assert_int_equal(rig_need(&w, CW_LINK_SET_PERMISSIONS, 0, 0)->permissions,
                     RIG_REP_BASE | CW_PERMIT(VIEW_SCREEN));
    rig_unlink(r, &w);
}

static void what_cannot_be_is_refused_in_words(void **state)
{
    struct rig *r = *state;
    uint32_t policy = make_policy(r, "Till", "shell", "deny");
    uint32_t mine = r->account;

#define REFUSED(err, name, id, ...) \
    assert_int_equal(rig_call(r, name, id, json_pack(__VA_ARGS__)), err)
    REFUSED(CW_ERR_CONFLICT, "session_policy.create", 0, "{s:s}", "name", "till");
    REFUSED(CW_ERR_INVALID, "session_policy.create", 0, "{s:s}", "name", "");
    REFUSED(CW_ERR_INVALID, "session_policy.create", 0, "{s:s, s:{s:s}}", "name", "x", "tools",
            "shel", "deny");
    assert_non_null(strstr(r->reply.message, "shel"));
    REFUSED(CW_ERR_INVALID, "session_policy.create", 0, "{s:s, s:{s:s}}", "name", "x", "tools",
            "shell", "perhaps");
    REFUSED(CW_ERR_INVALID, "session_policy.create", 0, "{s:s, s:s}", "name", "x", "tool", "shell");
    REFUSED(CW_ERR_INVALID, "session_policy.set_tool", policy, "{s:s, s:s, s:i}", "tool", "shell",
            "prompt", "ask", "time_s", CW_PROMPT_S_MAX + 1);
    REFUSED(CW_ERR_NOT_FOUND, "session_policy.show", 99, "{}");
    REFUSED(CW_ERR_CONFLICT, "session_policy.remove", 1, "{}");
    REFUSED(CW_ERR_NOT_FOUND, "policy.assign", 0, "{s:s, s:i, s:i}", "kind", "team", "object", 9,
            "attended", 1);
    REFUSED(CW_ERR_NOT_FOUND, "policy.assign", 0, "{s:s, s:i, s:i}", "kind", "account", "object",
            (int)mine, "attended", 99);
    /* Only what the policy is for. */
    assert_int_equal(
        rig_call(r, "session_policy.set", policy, json_pack("{s:b}", "for_accounts", 0)), 0);
    REFUSED(CW_ERR_CONFLICT, "policy.assign", 0, "{s:s, s:i, s:i}", "kind", "account", "object",
            (int)mine, "attended", (int)policy);
    assert_int_equal(
        rig_call(r, "session_policy.set", policy, json_pack("{s:b}", "for_accounts", 1)), 0);
    assign(r, "account", mine, "attended", policy);
    REFUSED(CW_ERR_CONFLICT, "session_policy.remove", policy, "{}");
    assert_non_null(strstr(r->reply.message, "account"));
    assign(r, "account", mine, "attended", 0);
    assert_int_equal(rig_call(r, "session_policy.remove", policy, NULL), 0);
    assert_int_equal(rig_audit(r, "session_policy.remove", "ok"), 1);
    /* Not everybody's to change. */
    {
        char once[64];
        assert_int_equal(rig_call(r, "account.create", 0, json_pack("{s:s}", "user", "bob")), 0);
        snprintf(once, sizeof once, "%s", rig_text(r, "one_time_password"));
        assert_int_equal(rig_sign_in(r, "bob", once), 0);
        r->must_change = false;
        REFUSED(CW_ERR_DENIED, "session_policy.set_tool", 1, "{s:s, s:s}", "tool", "shell",
                "choice", "allow");
        REFUSED(CW_ERR_DENIED, "policy.explain", 0, "{}");
    }
#undef REFUSED
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_denied_tool_is_in_no_ticket),
        CASE(a_change_reaches_live_sessions_at_once),
        CASE(one_who_is_on_the_way_gets_no_more_than_policies_allow),
        CASE(attended_and_unattended_have_their_own_answers),
        CASE(a_jump_to_somebody_is_attended),
        CASE(layers_are_asked_in_their_order),
        CASE(policies_are_what_they_were_after_a_restart),
        CASE(silence_is_an_answer_where_a_policy_says_so),
        CASE(what_cannot_be_is_refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
