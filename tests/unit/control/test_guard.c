/* SPDX-License-Identifier: Apache-2.0 */
/* What only administrators may: tried by programs with every scope and by people with one right each. */
#include "tests/unit/control/rig.h"

#include "control/account/access.h"
#include "control/account/guard.h"
#include "control/account/sign_in.h"
#include "control/api/api_account.h"
#include "control/policy/jump_group.h"

static int set_up(void **state)
{
    static struct rig r;

    rig_start(&r);
    rig_admin(&r);
    *state = &r;
    return 0;
}

static int tear_down(void **state)
{
    rig_stop(*state);
    return 0;
}

/* Every scope in full, as no API account should have it. */
static uint32_t everything(void)
{
    uint32_t access = 0;

    for (enum cw_scope scope = CW_SCOPE_NONE + 1; scope < CW_SCOPE_COUNT; scope++)
        access = cw_api_access_with(access, scope, CW_API_ACCESS_FULL);
    return access;
}

static int call_with(struct rig *r, uint32_t access, const char *name, uint32_t id, json_t *body)
{
    struct cw_request request = {.front = CW_FRONT_API,
                                 .access = access,
                                 .api_account = 1,
                                 .source = "203.0.113.9",
                                 .now_unix_ms = r->now_ms,
                                 .path_id = id,
                                 .body = body != NULL ? body : json_object(),
                                 .waiter = r};
    int err = 0;

    json_decref(r->reply.json);
    r->reply = (struct cw_reply){0};
    r->is_answered = false;
    err = cw_control_call(r->c, rig_operation(name), &request, &r->reply);
    json_decref((json_t *)(uintptr_t)request.body);
    if (err == CW_OPERATION_PENDING) {
        rig_wait(r);
        err = r->reply_err;
    }
    return err;
}

static uint32_t make_account(struct rig *r, const char *user, bool is_admin)
{
    assert_int_equal(rig_call(r, "account.create", 0,
                              json_pack("{s:s, s:b}", "user", user, "is_admin", is_admin)),
                     0);
    return (uint32_t)json_integer_value(
        json_object_get(json_object_get(r->reply.json, "account"), "id"));
}

static void allow(struct rig *r, uint32_t account, const char *rights)
{
    assert_int_equal(
        rig_call(r, "account.set", account, json_pack("{s:s}", "rights_allowed", rights)), 0);
}

/* From now on that account calls. */
static void be(struct rig *r, uint32_t account, bool is_admin)
{
    r->account = account;
    r->is_admin = is_admin;
    r->sign_in = 0;
}

static uint32_t id_of(struct rig *r, const char *member)
{
    return (uint32_t)json_integer_value(
        json_object_get(json_object_get(r->reply.json, member), "id"));
}

/* ---- programs -------------------------------------------------------------------------------- */

static void a_program_is_no_administrator(void **state)
{
    struct rig *r = *state;
    const uint32_t ada = r->account;
    const uint32_t all = everything();
    const uint32_t bob = make_account(r, "bob", false);
    uint32_t before = 0;

    before = rig_audit(r, "account.reset_password", "DENIED");
    assert_int_equal(call_with(r, all, "account.reset_password", ada, NULL), CW_ERR_DENIED);
    assert_int_equal(rig_audit(r, "account.reset_password", "DENIED"), before + 1);
    assert_int_equal(call_with(r, all, "second_factor.reset", ada, NULL), CW_ERR_DENIED);
    assert_int_equal(call_with(r, all, "account.disable", ada, NULL), CW_ERR_DENIED);
    assert_int_equal(call_with(r, all, "account.remove", ada, NULL), CW_ERR_DENIED);
    assert_int_equal(call_with(r, all, "account.unlock", ada, NULL), CW_ERR_DENIED);
    assert_int_equal(
        call_with(r, all, "account.set", ada, json_pack("{s:s}", "second_factor", "optional")),
        CW_ERR_DENIED);
    assert_int_equal(call_with(r, all, "account.create", 0,
                               json_pack("{s:s, s:b}", "user", "eve", "is_admin", 1)),
                     CW_ERR_DENIED);
    assert_int_equal(call_with(r, all, "account.set", bob, json_pack("{s:b}", "is_admin", 1)),
                     CW_ERR_DENIED);
    /* What it is for it may. */
    assert_int_equal(call_with(r, all, "account.create", 0, json_pack("{s:s}", "user", "carl")), 0);
    assert_int_equal(call_with(r, all, "account.reset_password", bob, NULL), 0);
    assert_int_equal(call_with(r, all, "second_factor.reset", bob, NULL), 0);
}

static void a_program_gives_what_its_scopes_are_worth(void **state)
{
    struct rig *r = *state;
    const uint32_t bob = make_account(r, "bob", false);
    const uint32_t configuration =
        cw_api_access_with(0, CW_SCOPE_CONFIGURATION, CW_API_ACCESS_FULL);
    static const char *const never[] = {"edit_api", "approve_jumps", "override_jump_policy",
                                        "invite_external"};

    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        assert_int_equal(call_with(r, everything(), "account.set", bob,
                                   json_pack("{s:s}", "rights_allowed", never[i])),
                         CW_ERR_DENIED);
        assert_non_null(strstr(r->reply.message, never[i]));
    }
    assert_int_equal(call_with(r, configuration, "account.set", bob,
                               json_pack("{s:s}", "rights_allowed", "view_audit")),
                     CW_ERR_DENIED);
    assert_int_equal(call_with(r, configuration, "account.set", bob,
                               json_pack("{s:s}", "rights_allowed", "back_up")),
                     CW_ERR_DENIED);
    assert_int_equal(call_with(r, everything(), "account.set", bob,
                               json_pack("{s:s}", "rights_allowed", "view_audit back_up jump")),
                     0);
    /* Nor does it get at somebody who has more. */
    allow(r, bob, "approve_jumps");
    assert_int_equal(call_with(r, everything(), "account.reset_password", bob, NULL),
                     CW_ERR_DENIED);
    assert_int_equal(call_with(r, everything(), "second_factor.reset", bob, NULL), CW_ERR_DENIED);
    assert_non_null(strstr(r->reply.message, "approve_jumps"));
    /* A group policy is no way around. */
    assert_int_equal(call_with(r, everything(), "group_policy.create", 0,
                               json_pack("{s:s, s:s, s:s}", "name", "p", "administration",
                                         "defined", "administration_rights", "edit_api")),
                     CW_ERR_DENIED);
}

static void a_program_names_no_file_and_reads_no_audit_log_by_a_receiver(void **state)
{
    struct rig *r = *state;
    const uint32_t configuration =
        cw_api_access_with(0, CW_SCOPE_CONFIGURATION, CW_API_ACCESS_FULL);
    const json_t *receiver = NULL;

    receiver =
        json_pack("{s:s, s:s, s:s}", "name", "x", "url", "https://hook.example/", "events", "*");
    assert_int_equal(call_with(r, everything(), "backup.create", 0,
                               json_pack("{s:s, s:s}", "passphrase", "a long enough phrase", "path",
                                         "/tmp/anywhere")),
                     CW_ERR_DENIED);
    assert_int_equal(
        call_with(r, configuration, "event_receiver.create", 0, json_deep_copy(receiver)),
        CW_ERR_DENIED);
    assert_non_null(strstr(r->reply.message, "report:read"));
    assert_int_equal(
        call_with(r, everything(), "event_receiver.create", 0, json_deep_copy(receiver)), 0);
    json_decref((json_t *)(uintptr_t)receiver);
}

/* Every operation with every scope: none that a program may use lets it pass for an administrator. */
static void the_table_gives_programs_no_operators_or_administrators_work(void **state)
{
    (void)state;
    for (const struct cw_operation *o = cw_operations; o->name != NULL; o++) {
        if (o->scope == CW_SCOPE_NONE)
            continue;
        if (o->need != CW_NEED_SIGNED_IN || o->method == NULL)
            fail_msg("%s has a scope", o->name);
        /* To list or change API accounts would be to give oneself every scope. */
        if (strncmp(o->name, "api_account.", 12) == 0)
            fail_msg("%s has a scope", o->name);
    }
}

/* Whatever lets somebody work in a session needs a seat. */
static void work_needs_a_seat_whichever_way(void **state)
{
    static const char *const ways[] = {"session.accept",    "queue.next",
                                       "session.take_over", "invitation.accept",
                                       "jump_item.jump",    "jump_item.search_and_jump",
                                       "events.ticket"};

    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        if (!rig_operation(ways[i])->takes_seat)
            fail_msg("%s", ways[i]);
}

/* ---- people with one right ------------------------------------------------------------------- */

static void one_right_is_not_all_of_them(void **state)
{
    struct rig *r = *state;
    const uint32_t ada = r->account;
    const uint32_t helper = make_account(r, "helper", false);
    const uint32_t boss = make_account(r, "boss", false);
    const uint32_t bob = make_account(r, "bob", false);

    allow(r, helper, "edit_accounts");
    allow(r, boss, "edit_policies back_up");
    be(r, helper, false);
    assert_int_equal(rig_call(r, "account.reset_password", ada, NULL), CW_ERR_DENIED);
    assert_int_equal(rig_call(r, "account.reset_password", boss, NULL), CW_ERR_DENIED);
    assert_non_null(strstr(r->reply.message, "edit_policies"));
    assert_int_equal(rig_call(r, "second_factor.reset", boss, NULL), CW_ERR_DENIED);
    assert_int_equal(rig_call(r, "account.reset_password", bob, NULL), 0);
    assert_int_equal(rig_call(r, "second_factor.reset", bob, NULL), 0);
}

static void who_edits_api_accounts_makes_none_with_more_than_he_has(void **state)
{
    struct rig *r = *state;
    const uint32_t ada = r->account;
    const uint32_t helper = make_account(r, "helper", false);
    uint32_t strong = 0;
    uint32_t weak = 0;

    assert_int_equal(rig_call(r, "api_account.create", 0,
                              json_pack("{s:s, s:s}", "name", "strong", "configuration", "full")),
                     0);
    strong = id_of(r, "api_account");
    allow(r, helper, "edit_api view_audit view_reports view_recordings");
    be(r, helper, false);
    assert_int_equal(rig_call(r, "api_account.create", 0,
                              json_pack("{s:s, s:s}", "name", "a", "configuration", "full")),
                     CW_ERR_DENIED);
    assert_int_equal(rig_call(r, "api_account.create", 0,
                              json_pack("{s:s, s:s}", "name", "a", "configuration", "read")),
                     CW_ERR_DENIED);
    assert_int_equal(rig_call(r, "api_account.create", 0,
                              json_pack("{s:s, s:s}", "name", "a", "command", "read")),
                     CW_ERR_DENIED);
    assert_int_equal(rig_call(r, "api_account.create", 0,
                              json_pack("{s:s, s:s}", "name", "a", "backup", "full")),
                     CW_ERR_DENIED);
    assert_int_equal(rig_call(r, "api_account.create", 0,
                              json_pack("{s:s, s:s}", "name", "a", "report", "full")),
                     0);
    weak = id_of(r, "api_account");
    assert_int_equal(
        rig_call(r, "api_account.set", weak, json_pack("{s:s}", "configuration", "full")),
        CW_ERR_DENIED);
    assert_int_equal(rig_call(r, "api_account.set", weak, json_pack("{s:s}", "comments", "ok")), 0);
    assert_int_equal(rig_call(r, "api_account.new_secret", weak, NULL), 0);
    /* The secret of one that may do more would be the same as making it. */
    assert_int_equal(rig_call(r, "api_account.new_secret", strong, NULL), CW_ERR_DENIED);
    assert_int_equal(rig_call(r, "api_account.set", strong, json_pack("{s:s}", "networks", "")),
                     CW_ERR_DENIED);
    be(r, ada, true);
    assert_int_equal(rig_call(r, "api_account.new_secret", strong, NULL), 0);
}

static void teams_and_policies_are_no_way_to_more_rights(void **state)
{
    struct rig *r = *state;
    const uint32_t helper = make_account(r, "helper", false);
    const uint32_t ada = r->account;
    uint32_t team = 0;
    uint32_t giving = 0;
    uint32_t taking = 0;
    uint32_t own = 0;

    assert_int_equal(rig_call(r, "team.create", 0, json_pack("{s:s}", "name", "Chiefs")), 0);
    team = id_of(r, "team");
    assert_int_equal(
        rig_call(r, "group_policy.create", 0,
                 json_pack("{s:s, s:s, s:s}", "name", "chiefs", "administration", "defined",
                           "administration_rights", "edit_settings edit_policies edit_teams")),
        0);
    giving = id_of(r, "group_policy");
    assert_int_equal(rig_call(r, "group_policy.member_add", giving,
                              json_pack("{s:I}", "team", (json_int_t)team)),
                     0);
    allow(r, helper, "edit_teams edit_policies edit_accounts");
    be(r, helper, false);
    /* Rights of the team's policy that he has not himself. */
    assert_int_equal(
        rig_call(r, "team.member_set", team,
                 json_pack("{s:I, s:s}", "account", (json_int_t)helper, "role", "member")),
        CW_ERR_DENIED);
    assert_non_null(strstr(r->reply.message, "edit_settings"));

    /* What is denied to him by a policy he does not lift. */
    be(r, ada, true);
    assert_int_equal(rig_call(r, "group_policy.create", 0,
                              json_pack("{s:s, s:s, s:s}", "name", "no jumps", "representative",
                                        "final", "representative_rights", "get_next_session")),
                     0);
    taking = id_of(r, "group_policy");
    assert_int_equal(rig_call(r, "group_policy.member_add", taking,
                              json_pack("{s:I}", "account", (json_int_t)helper)),
                     0);
    assert_false(cw_right_has(r->c, helper, CW_RIGHT_JUMP));
    be(r, helper, false);
    assert_int_equal(rig_call(r, "group_policy.remove", taking, NULL), CW_ERR_DENIED);
    assert_int_equal(rig_call(r, "group_policy.member_remove", taking,
                              json_pack("{s:I}", "account", (json_int_t)helper)),
                     CW_ERR_DENIED);
    assert_int_equal(rig_call(r, "group_policy.set", taking,
                              json_pack("{s:s}", "representative", "not_defined")),
                     CW_ERR_DENIED);
    assert_false(cw_right_has(r->c, helper, CW_RIGHT_JUMP));

    /* Nor does he change how administrators sign in. */
    assert_int_equal(rig_call(r, "group_policy.create", 0,
                              json_pack("{s:s, s:s, s:s, s:s}", "name", "shut", "sign_in", "final",
                                        "network_rule", "always", "networks", "192.0.2.0/24")),
                     0);
    own = id_of(r, "group_policy");
    assert_int_equal(
        rig_call(r, "group_policy.member_add", own, json_pack("{s:I}", "account", (json_int_t)ada)),
        CW_ERR_DENIED);
    assert_non_null(strstr(r->reply.message, "administrators sign in"));
    be(r, ada, true);
    assert_int_equal(
        rig_call(r, "group_policy.member_add", own, json_pack("{s:I}", "account", (json_int_t)ada)),
        0);
}

static void the_read_only_socket_shows_no_rights(void **state)
{
    struct rig *r = *state;

    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET_RO, "rights.explain", r->account, NULL),
                     CW_ERR_DENIED);
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET_RO, "account.list", 0, NULL), CW_ERR_DENIED);
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET_RO, "api_account.list", 0, NULL),
                     CW_ERR_DENIED);
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "rights.explain", r->account, NULL), 0);
}

static void the_read_only_socket_shows_what_everybody_sees(void **state)
{
    struct rig *r = *state;
    static const char *const hidden[] = {
        "jump_item.list",      "jump_item.search", "jump_item.export",   "jump_item.show",
        "jump_item.thumbnail", "session.tools",    "jump_approval.list", "jump_copy.list",
        "jump_group.list",     "show.jump_clients"};

    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        if (rig_call_at(r, CW_FRONT_SOCKET_RO, hidden[i], 1, NULL) != CW_ERR_DENIED)
            fail_msg("%s", hidden[i]);
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET_RO, "show.info", 0, NULL), 0);
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET_RO, "team.list", 0, NULL), 0);
}

static void who_deploys_gives_no_policies(void **state)
{
    struct rig *r = *state;
    const uint32_t helper = make_account(r, "helper", false);
    json_t *body = json_pack("{s:s, s:i}", "label", "Tills", "session_policy", 1);

    allow(r, helper, "deploy_jump_clients");
    be(r, helper, false);
    assert_int_equal(rig_call(r, "installer.create", 0, json_deep_copy(body)), CW_ERR_DENIED);
    assert_non_null(strstr(r->reply.message, "edit_session_policy"));
    assert_int_equal(rig_call(r, "installer.create", 0, json_pack("{s:s}", "label", "Tills")), 0);
    be(r, 1, true);
    allow(r, helper, "deploy_jump_clients edit_policies");
    be(r, helper, false);
    assert_int_equal(rig_call(r, "installer.create", 0, body), 0);
}

/* ---- what is not there for somebody ----------------------------------------------------------- */

static void what_one_does_not_see_is_not_there(void **state)
{
    struct rig *r = *state;
    const uint32_t ada = r->account;
    const uint32_t bob = make_account(r, "bob", false);
    struct rig_worker w;
    uint32_t item = 0;
    char unknown[240];
    json_t *body = NULL;

    rig_link(r, &w);
    item = rig_enrol(r, &w, 9, "Till");
    /* Bob sees a group of his own, and nothing else. */
    assert_int_equal(rig_call(r, "jump_group.create", 0, json_pack("{s:s}", "name", "Secret")), 0);
    assert_int_equal(
        rig_call(r, "jump_group.member_remove", 1, json_pack("{s:s}", "kind", "everybody")), 0);
    be(r, bob, false);
    assert_int_equal(cw_jump_item_flags(r->c, bob, item), 0);
    body = rig_holder(3);
    assert_int_equal(rig_call(r, "jump_item.jump", item, json_incref(body)), CW_ERR_NOT_FOUND);
    snprintf(unknown, sizeof unknown, "%s", r->reply.message);
    (void)json_object_set_new(body, "copy", json_integer(77));
    assert_int_equal(rig_call(r, "jump_item.jump", item, body), CW_ERR_NOT_FOUND);
    assert_string_equal(r->reply.message, unknown);
    assert_int_equal(rig_call(r, "jump_item.edit", item, json_pack("{s:s}", "group", "Nowhere")),
                     CW_ERR_NOT_FOUND);
    snprintf(unknown, sizeof unknown, "%s", r->reply.message);
    assert_int_equal(rig_call(r, "jump_item.edit", item, json_pack("{s:s}", "group", "Secret")),
                     CW_ERR_NOT_FOUND);
    assert_string_equal(r->reply.message, unknown);
    be(r, ada, true);
    rig_unlink(r, &w);
}

/* ---- texts ------------------------------------------------------------------------------------ */

/* Sentences and audit rows cut long names: never in the middle of a character, which no JSON takes. */
static void a_name_that_is_cut_stays_a_text(void **state)
{
    struct rig *r = *state;

    for (size_t blanks = 70; blanks < 90; blanks++) {
        char name[200];
        memset(name, 'a', blanks);
        snprintf(name + blanks, sizeof name - blanks,
                 "\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80%zu", blanks);
        assert_int_equal(rig_call(r, "group_policy.create", 0, json_pack("{s:s}", "name", name)),
                         0);
        assert_int_equal(rig_call(r, "audit.list", 0, NULL), 0);
        assert_non_null(r->reply.json);
        /* And what refuses it. */
        (void)rig_call(r, "account.set", 99999, json_pack("{s:s}", name, "x"));
        (void)rig_call(r, "account.set", r->account, json_pack("{s:s}", name, "x"));
        json_t *sentence = json_string(r->reply.message);
        assert_non_null(sentence);
        json_decref(sentence);
    }
}

/* ---- signing in ------------------------------------------------------------------------------ */

static void another_password_is_not_a_second_factor(void **state)
{
    struct rig *r = *state;

    r->now_ms += CW_SIGN_IN_FRESH_S * 1000;
    r->is_fresh = false;
    assert_int_equal(rig_call(r, "password.change", 0,
                              json_pack("{s:s, s:s}", "current", "a long enough password", "new",
                                        "another long password")),
                     0);
    assert_int_equal(rig_come_back(r, r->reply.set_cookie), 0);
    assert_false(r->is_fresh);
    assert_int_equal(rig_call(r, "authenticator.begin", 0, NULL), CW_ERR_DENIED);
    assert_string_equal(r->reply.code, "SIGN_IN_AGAIN");
    assert_int_equal(rig_sign_in(r, "ada", "another long password"), 0);
    assert_true(r->is_fresh);
}

/* Whoever begins again and again ends only what he began himself. */
static void attempts_of_one_crowd_nobody_out(void **state)
{
    struct rig *r = *state;
    char first[CW_TOKEN_TEXT_BYTES + 1];
    char token[CW_TOKEN_TEXT_BYTES + 1];
    char stranger[CW_TOKEN_TEXT_BYTES + 1];

    assert_non_null(cw_attempt_new(r->c, CW_ATTEMPT_SIGN_IN, 7, "203.0.113.9", first));
    assert_non_null(cw_attempt_new(r->c, CW_ATTEMPT_SIGN_IN, 0, "203.0.113.9", stranger));
    r->now_ms += 1000;
    for (int i = 0; i < 2 * CW_SIGN_IN_ATTEMPTS_MAX; i++) {
        assert_non_null(cw_attempt_new(r->c, CW_ATTEMPT_SIGN_IN, 8, "198.51.100.1", token));
        assert_non_null(cw_attempt_find(r->c, CW_ATTEMPT_SIGN_IN, token));
        assert_non_null(cw_attempt_new(r->c, CW_ATTEMPT_SIGN_IN, 0, "198.51.100.1", token));
        assert_non_null(cw_attempt_find(r->c, CW_ATTEMPT_SIGN_IN, token));
    }
    assert_non_null(cw_attempt_find(r->c, CW_ATTEMPT_SIGN_IN, first));
    assert_non_null(cw_attempt_find(r->c, CW_ATTEMPT_SIGN_IN, stranger));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(a_program_is_no_administrator),
        CASE(a_program_gives_what_its_scopes_are_worth),
        CASE(a_program_names_no_file_and_reads_no_audit_log_by_a_receiver),
        CASE(the_table_gives_programs_no_operators_or_administrators_work),
        CASE(work_needs_a_seat_whichever_way),
        CASE(one_right_is_not_all_of_them),
        CASE(who_edits_api_accounts_makes_none_with_more_than_he_has),
        CASE(teams_and_policies_are_no_way_to_more_rights),
        CASE(the_read_only_socket_shows_no_rights),
        CASE(the_read_only_socket_shows_what_everybody_sees),
        CASE(who_deploys_gives_no_policies),
        CASE(what_one_does_not_see_is_not_there),
        CASE(a_name_that_is_cut_stays_a_text),
        CASE(another_password_is_not_a_second_factor),
        CASE(attempts_of_one_crowd_nobody_out),
#undef CASE
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
