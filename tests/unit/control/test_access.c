/* SPDX-License-Identifier: Apache-2.0 */
/* The fold of rights against a naive model; group policies and accounts through the operations; networks. */
#include "tests/unit/control/rig.h"

#include "control/account/access.h"

/* ---- the fold against a model ---------------------------------------------------------------- */

enum { POLICIES_MAX = 5, ROUNDS = 20000 };

static uint64_t random_state = 0x9E3779B97F4A7C15u;

static uint64_t random_number(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static void random_policy(struct cw_group_policy *p, uint32_t id)
{
    memset(p, 0, sizeof *p);
    p->id = id;
    p->administration = (enum cw_block)(random_number() % 3);
    p->administration_rights = random_number() & cw_rights_administration();
    p->representative = (enum cw_block)(random_number() % 3);
    p->representative_rights = random_number() & cw_rights_representative();
    p->session = (enum cw_block)(random_number() % 3);
    p->session_policy = (uint32_t)(random_number() % 4);
    p->sign_in = (enum cw_block)(random_number() % 3);
    p->rules.second_factor = (uint8_t)(random_number() % 3);
    p->rules.second_login = (uint8_t)(random_number() % 5);
}

/* The policy that has the last word about a block, told slowly: the first final one, or else the last
 * defined one; -1: none. */
static int model_winner(const struct cw_group_policy *policies, int count, int block)
{
    int winner = -1;

    for (int i = 0; i < count; i++) {
        const enum cw_block states[] = {policies[i].administration, policies[i].representative,
                                        policies[i].session, policies[i].sign_in};
        if (states[block] == CW_BLOCK_FINAL)
            return i;
        if (states[block] == CW_BLOCK_DEFINED)
            winner = i;
    }
    return winner;
}

static bool model_right(const struct cw_account *own, const struct cw_group_policy *policies,
                        int count, enum cw_right right, uint32_t *ret_rule)
{
    const bool is_first_block = right < CW_RIGHT_GENERATE_SESSION_KEY;
    const int winner = model_winner(policies, count, is_first_block ? 0 : 1);

    *ret_rule = CW_RULE_ADMIN;
    if (own->is_admin)
        return true;
    *ret_rule = CW_RULE_ACCOUNT;
    if (((own->rights_denied >> right) & 1) != 0)
        return false;
    if (((own->rights_allowed >> right) & 1) != 0)
        return true;
    *ret_rule = CW_RULE_DEFAULT;
    if (winner < 0)
        return cw_right_is_default(right);
    *ret_rule = policies[winner].id;
    return (((is_first_block ? policies[winner].administration_rights
                             : policies[winner].representative_rights) >>
             right) &
            1) != 0;
}

static uint8_t model_rule(uint8_t own, const struct cw_group_policy *policies, int count,
                          bool is_factor, uint8_t initial)
{
    const int winner = model_winner(policies, count, 3);
    uint8_t said = 0;

    if (own != 0)
        return own;
    if (winner >= 0)
        said =
            is_factor ? policies[winner].rules.second_factor : policies[winner].rules.second_login;
    return said != 0 ? said : initial;
}

static void fold_and_compare(const struct cw_account *own, const struct cw_group_policy *policies,
                             int count)
{
    const struct cw_sign_in_rules initial = {.second_factor = CW_FACTOR_OPTIONAL,
                                             .remember_me = CW_REMEMBER_ALLOWED,
                                             .second_login = CW_LOGIN_MOVE,
                                             .network_rule = CW_NETWORK_ANY};
    const int session = model_winner(policies, count, 2);
    struct cw_access_fold f;
    uint32_t rule = 0;

    cw_access_begin(&f, &initial);
    for (int i = 0; i < count; i++)
        cw_access_apply(&f, &policies[i]);
    cw_access_end(&f, own);
    for (unsigned i = 1; i < CW_RIGHT_COUNT; i++) {
        const bool may = model_right(own, policies, count, (enum cw_right)i, &rule);
        assert_int_equal((f.answer.rights >> i) & 1, may);
        assert_int_equal(f.trail.right[i], rule);
    }
    assert_int_equal(f.answer.session_policy, own->session_policy != 0 ? own->session_policy
                                              : session >= 0 ? policies[session].session_policy
                                                             : 0);
    assert_int_equal(f.answer.rules.second_factor, model_rule(own->rules.second_factor, policies,
                                                              count, true, initial.second_factor));
    assert_int_equal(f.answer.rules.second_login, model_rule(own->rules.second_login, policies,
                                                             count, false, initial.second_login));
    assert_int_equal(f.answer.rules.remember_me, CW_REMEMBER_ALLOWED);
}

static void the_fold_is_what_the_model_says(void **state)
{
    static struct cw_group_policy policies[POLICIES_MAX];

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct cw_account own = {.id = 1, .is_enabled = true};
        const int count = (int)(random_number() % (POLICIES_MAX + 1));
        for (int i = 0; i < count; i++)
            random_policy(&policies[i], (uint32_t)i + 10);
        own.is_admin = random_number() % 16 == 0;
        own.rights_allowed = random_number() & random_number() &
                             (cw_rights_administration() | cw_rights_representative());
        own.rights_denied = random_number() & random_number() & ~own.rights_allowed &
                            (cw_rights_administration() | cw_rights_representative());
        own.session_policy = (uint32_t)(random_number() % 2);
        own.rules.second_factor = (uint8_t)(random_number() % 3);
        fold_and_compare(&own, policies, count);
    }
}

/* ---- through the operations ------------------------------------------------------------------ */

static uint32_t id_in(struct rig *r, const char *member)
{
    return (uint32_t)json_integer_value(
        json_object_get(json_object_get(r->reply.json, member), "id"));
}

static uint32_t make_account(struct rig *r, const char *user)
{
    assert_int_equal(rig_call(r, "account.create", 0, json_pack("{s:s}", "user", user)), 0);
    return id_in(r, "account");
}

static uint32_t make_policy(struct rig *r, const char *name, const char *state, const char *rights)
{
    assert_int_equal(rig_call(r, "group_policy.create", 0,
                              json_pack("{s:s, s:s, s:s}", "name", name, "administration", state,
                                        "administration_rights", rights)),
                     0);
    return id_in(r, "group_policy");
}

static void policies_count_at_once_and_in_their_order(void **state)
{
    struct rig *r = *state;
    const uint32_t bob = make_account(r, "bob");
    const uint32_t first = make_policy(r, "first", "defined", "edit_teams edit_skills");
    const uint32_t second = make_policy(r, "second", "defined", "view_audit");
    uint32_t team = 0;

    assert_false(cw_right_has(r->c, bob, CW_RIGHT_EDIT_TEAMS));
    assert_true(cw_right_has(r->c, bob, CW_RIGHT_JUMP));
    assert_int_equal(
        rig_call(r, "group_policy.member_add", first, json_pack("{s:i}", "account", (int)bob)), 0);
    assert_true(cw_right_has(r->c, bob, CW_RIGHT_EDIT_TEAMS));
    assert_true(cw_right_has(r->c, bob, CW_RIGHT_JUMP)); /* the other block is not touched */
    assert_int_equal(rig_call(r, "team.create", 0, json_pack("{s:s}", "name", "Desk")), 0);
    team = id_in(r, "team");
    assert_int_equal(
        rig_call(r, "group_policy.member_add", second, json_pack("{s:i}", "team", (int)team)), 0);
    assert_true(cw_right_has(r->c, bob, CW_RIGHT_EDIT_TEAMS));
    assert_int_equal(rig_call(r, "team.member_set", team,
                              json_pack("{s:i, s:s}", "account", (int)bob, "role", "member")),
                     0);
    assert_false(cw_right_has(r->c, bob, CW_RIGHT_EDIT_TEAMS)); /* the later one replaces */
    assert_true(cw_right_has(r->c, bob, CW_RIGHT_VIEW_AUDIT));
    assert_int_equal(rig_call(r, "group_policy.move", second, json_pack("{s:i}", "place", 1)), 0);
    assert_true(cw_right_has(r->c, bob, CW_RIGHT_EDIT_TEAMS));
    assert_int_equal(
        rig_call(r, "group_policy.set", second, json_pack("{s:s}", "administration", "final")), 0);
    assert_false(cw_right_has(r->c, bob, CW_RIGHT_EDIT_TEAMS));
    assert_int_equal(rig_call(r, "account.set", bob,
                              json_pack("{s:[s], s:[s]}", "rights_allowed", "edit_teams",
                                        "rights_denied", "view_audit")),
                     0);
    assert_true(cw_right_has(r->c, bob, CW_RIGHT_EDIT_TEAMS));
    assert_false(cw_right_has(r->c, bob, CW_RIGHT_VIEW_AUDIT));
    rig_restart(r);
    assert_true(cw_right_has(r->c, bob, CW_RIGHT_EDIT_TEAMS));
    assert_false(cw_right_has(r->c, bob, CW_RIGHT_VIEW_AUDIT));
    assert_int_equal(rig_call(r, "group_policy.remove", second, NULL), 0);
    assert_int_equal(rig_call(r, "account.disable", bob, NULL), 0);
    assert_false(cw_right_has(r->c, bob, CW_RIGHT_EDIT_TEAMS));
}

static bool me_has(struct rig *r, const char *right)
{
    size_t i = 0;
    const json_t *name = NULL;

    assert_int_equal(rig_call(r, "me.show", 0, NULL), 0);
    json_array_foreach(json_object_get(r->reply.json, "rights"), i, name)
    {
        if (strcmp(json_string_value(name), right) == 0)
            return true;
    }
    return false;
}

static void everybody_is_told_rights_and_teams(void **state)
{
    struct rig *r = *state;
    const uint32_t admin = r->account;
    const uint32_t bob = make_account(r, "bob");
    const json_t *team = NULL;

    assert_true(me_has(r, "edit_teams"));
    assert_int_equal(rig_call(r, "team.create", 0, json_pack("{s:s}", "name", "Desk")), 0);
    assert_int_equal(rig_call(r, "team.member_set", id_in(r, "team"),
                              json_pack("{s:i, s:s}", "account", (int)bob, "role", "lead")),
                     0);
    r->account = bob;
    assert_false(me_has(r, "edit_teams"));
    assert_true(me_has(r, "jump"));
    team = json_array_get(json_object_get(r->reply.json, "teams"), 0);
    assert_string_equal(json_string_value(json_object_get(team, "name")), "Desk");
    assert_string_equal(json_string_value(json_object_get(team, "role")), "lead");
    r->account = admin;
}

/* What rights.explain says about a name. */
static const json_t *explained(struct rig *r, uint32_t account, const char *name)
{
    size_t i = 0;
    const json_t *row = NULL;

    assert_int_equal(rig_call(r, "rights.explain", account, NULL), 0);
    json_array_foreach(json_object_get(r->reply.json, "answers"), i, row)
    {
        if (strcmp(json_string_value(json_object_get(row, "name")), name) == 0)
            return row;
    }
    return NULL;
}

static void explain_names_the_rule(void **state)
{
    struct rig *r = *state;
    const uint32_t bob = make_account(r, "bob");
    const uint32_t policy = make_policy(r, "Night shift", "final", "edit_teams");
    const json_t *row = NULL;

    assert_int_equal(
        rig_call(r, "group_policy.member_add", policy, json_pack("{s:i}", "account", (int)bob)), 0);
    row = explained(r, bob, "edit_teams");
    assert_string_equal(json_string_value(json_object_get(row, "answer")), "allow");
    assert_non_null(strstr(json_string_value(json_object_get(row, "rule")), "Night shift"));
    row = explained(r, bob, "jump");
    assert_string_equal(json_string_value(json_object_get(row, "rule")), "the appliance's default");
    row = explained(r, r->account, "edit_teams");
    assert_string_equal(json_string_value(json_object_get(row, "rule")), "administrator");
    r->account = bob;
    r->is_admin = false;
    assert_non_null(explained(r, bob, "jump"));
    assert_int_equal(rig_call(r, "rights.explain", 1, NULL), CW_ERR_DENIED);
}

static void nobody_lifts_himself_up(void **state)
{
    struct rig *r = *state;
    const uint32_t ada = r->account;
    const uint32_t bob = make_account(r, "bob");
    const uint32_t carol = make_account(r, "carol");

    assert_int_equal(
        rig_call(r, "account.set", bob,
                 json_pack("{s:[s,s]}", "rights_allowed", "edit_accounts", "edit_policies")),
        0);
    r->account = bob;
    r->is_admin = false;
    assert_int_equal(
        rig_call(r, "account.set", carol, json_pack("{s:[s]}", "rights_allowed", "view_audit")),
        CW_ERR_DENIED);
    assert_non_null(strstr(r->reply.message, "view_audit"));
    assert_int_equal(
        rig_call(r, "account.set", carol, json_pack("{s:[s]}", "rights_allowed", "edit_accounts")),
        0);
    assert_int_equal(rig_call(r, "account.set", bob, json_pack("{s:[s]}", "rights_denied", "jump")),
                     CW_ERR_DENIED);
    assert_int_equal(rig_call(r, "account.set", carol, json_pack("{s:b}", "is_admin", 1)),
                     CW_ERR_DENIED);
    assert_int_equal(
        rig_call(r, "account.create", 0, json_pack("{s:s, s:b}", "user", "dave", "is_admin", 1)),
        CW_ERR_DENIED);
    assert_int_equal(rig_call(r, "account.set", ada, json_pack("{s:s}", "comments", "x")),
                     CW_ERR_DENIED);
    assert_int_equal(rig_call(r, "account.disable", ada, NULL), CW_ERR_DENIED);
    assert_int_equal(rig_call(r, "account.reset_password", ada, NULL), CW_ERR_DENIED);
    assert_int_equal(rig_call(r, "account.remove", ada, NULL), CW_ERR_DENIED);
    assert_int_equal(rig_call(r, "group_policy.create", 0,
                              json_pack("{s:s, s:s, s:s}", "name", "x", "administration", "defined",
                                        "administration_rights", "view_audit")),
                     CW_ERR_DENIED);
    assert_int_equal(rig_audit(r, "account.remove", "DENIED"), 1);
}

static void an_account_is_removed_and_its_name_free(void **state)
{
    struct rig *r = *state;
    const uint32_t bob = make_account(r, "bob");
    const uint32_t ada = r->account;

    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "account.remove", ada, NULL), CW_ERR_STATE);
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "account.disable", ada, NULL), CW_ERR_STATE);
    assert_int_equal(rig_call(r, "account.remove", bob, NULL), 0);
    assert_int_equal(rig_call(r, "account.show", bob, NULL), CW_ERR_NOT_FOUND);
    assert_int_not_equal(make_account(r, "bob"), bob);
    assert_int_equal(rig_call(r, "account.list", 0, json_pack("{s:i}", "limit", 1)), 0);
    assert_int_equal(json_array_size(json_object_get(r->reply.json, "accounts")), 1);
    assert_int_equal(rig_number(r, "next"), ada);
}

/* Who puts people into teams finds them by name, and reads nothing else of their accounts. */
static void people_are_found_by_who_may_put_them_into_something(void **state)
{
    struct rig *r = *state;
    const uint32_t admin = r->account;
    const uint32_t bob = make_account(r, "bob");
    const json_t *found = NULL;

    (void)make_account(r, "carol");
    r->account = bob;
    r->is_admin = false;
    assert_int_equal(rig_call(r, "account.find", 0, json_pack("{s:s}", "text", "CAR")),
                     CW_ERR_DENIED);
    r->account = admin;
    r->is_admin = true;
    assert_int_equal(
        rig_call(r, "account.set", bob, json_pack("{s:[s]}", "rights_allowed", "edit_teams")), 0);
    r->account = bob;
    r->is_admin = false;
    assert_int_equal(rig_call(r, "account.find", 0, json_pack("{s:s}", "text", "CAR")), 0);
    found = json_object_get(r->reply.json, "accounts");
    assert_int_equal(json_array_size(found), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(found, 0), "user")),
                        "carol");
    assert_int_equal(rig_call(r, "account.find", 0, json_pack("{s:s}", "text", "%")), 0);
    assert_int_equal(json_array_size(json_object_get(r->reply.json, "accounts")), 0);
    assert_int_equal(rig_call(r, "account.find", 0, json_pack("{s:i}", "limit", 2)), 0);
    assert_int_equal(json_array_size(json_object_get(r->reply.json, "accounts")), 2);
    assert_int_equal(rig_call(r, "account.list", 0, NULL), CW_ERR_DENIED);
    assert_int_equal(rig_call(r, "account.sign_ins", admin, NULL), CW_ERR_DENIED);
    r->account = admin;
    r->is_admin = true;
}

static void sign_ins_of_an_account_are_listed_and_ended(void **state)
{
    struct rig *r = *state;
    const uint32_t admin = r->account;
    const uint32_t bob = make_account(r, "bob");
    char once[64];

    snprintf(once, sizeof once, "%s", rig_text(r, "one_time_password"));
    assert_int_equal(rig_sign_in(r, "bob", once), 0);
    r->account = admin;
    r->is_admin = true;
    r->must_change = false;
    assert_int_equal(rig_call(r, "account.sign_ins", bob, NULL), 0);
    assert_int_equal(json_array_size(json_object_get(r->reply.json, "sign_ins")), 1);
    assert_int_equal(rig_call(r, "account.end_sign_ins", admin, NULL), CW_ERR_STATE);
    assert_int_equal(rig_call(r, "account.end_sign_ins", bob, NULL), 0);
    assert_int_equal(rig_audit(r, "account.end_sign_ins", "ok"), 1);
    assert_int_equal(rig_call(r, "account.sign_ins", bob, NULL), 0);
    assert_int_equal(json_array_size(json_object_get(r->reply.json, "sign_ins")), 0);
}

/* Who was signed out by an administrator works in no session any more: its tickets are void, and so is its seat. */
static void out_of_sessions_after(struct rig *r, const char *operation)
{
    struct rig_worker w;
    const uint32_t ada = r->account;
    const uint32_t bob = make_account(r, "bob");
    struct cw_live_session *live = NULL;
    uint32_t session = 0;

    assert_int_equal(rig_call(r, "account.set", bob, json_pack("{s:b}", "is_admin", 1)), 0);
    rig_link(r, &w);
    session = rig_attended(r, &w);
    live = cw_live_find(r->c, session);
    assert_int_equal(live->row.account, ada);
    assert_int_equal(live->row.state, CW_SESSION_ACTIVE);
    r->account = bob;
    assert_int_equal(rig_call(r, operation, ada, NULL), 0);
    assert_non_null(rig_sent(&w, CW_LINK_DENY, 0, 0));
    live = cw_live_find(r->c, session);
    assert_true(live == NULL || live->is_over || live->row.state == CW_SESSION_WAITING);
    assert_true(live == NULL || cw_live_member(live, ada) == NULL);
    r->account = ada;
    rig_unlink(r, &w);
}

static void who_is_signed_out_everywhere_is_out_of_sessions(void **state)
{
    out_of_sessions_after(*state, "account.end_sign_ins");
}

static void whose_password_is_reset_is_out_of_sessions(void **state)
{
    out_of_sessions_after(*state, "account.reset_password");
}

static void automatic_assignment_of_an_account_is_shown_and_goes_back(void **state)
{
    struct rig *r = *state;
    const uint32_t bob = make_account(r, "bob");

    assert_int_equal(rig_call(r, "assignment.set", bob, json_pack("{s:i}", "sessions_max", 5)), 0);
    assert_int_equal(rig_call(r, "account.show", bob, NULL), 0);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(r->reply.json, "account"),
                                                        "sessions_max")),
                     5);
    assert_int_equal(rig_call(r, "assignment.set", bob, json_pack("{s:i}", "sessions_max", 0)), 0);
    assert_int_equal(rig_call(r, "account.show", bob, NULL), 0);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(r->reply.json, "account"),
                                                        "sessions_max")),
                     0);
}

static void a_reset_password_is_for_one_use(void **state)
{
    struct rig *r = *state;
    const uint32_t bob = make_account(r, "bob");
    char once[64];

    assert_int_equal(rig_call(r, "account.reset_password", bob, NULL), 0);
    snprintf(once, sizeof once, "%s", rig_text(r, "one_time_password"));
    assert_int_equal(rig_sign_in(r, "bob", once), 0);
    assert_true(r->must_change);
}

static void bad_bodies_are_refused_with_a_reason(void **state)
{
    struct rig *r = *state;
    const uint32_t bob = make_account(r, "bob");
    static const struct {
        const char *body;
        const char *says;
    } cases[] = {
        {"{\"rights_allowed\": [\"fly\"]}", "fly"},
        {"{\"rights_allowed\": \"jump fly\"}", "fly"},
        {"{\"rights_allowed\": 7}", "rights_allowed"},
        {"{\"rights_allowed\": [\"jump\"], \"rights_denied\": [\"jump\"]}", "both"},
        {"{\"second_factor\": \"maybe\"}", "optional"},
        {"{\"network_rule\": \"always\"}", "networks"},
        {"{\"networks\": \"10.0.0.1/8\"}", "10.0.0.1/8"},
        {"{\"session_policy\": \"x\"}", "session_policy"},
        {"{\"is_admin\": 3}", "is_admin"},
        {"{\"password\": \"x\"}", "password"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(rig_call(r, "account.set", bob, json_loads(cases[i].body, 0, NULL)),
                         CW_ERR_INVALID);
        assert_non_null(strstr(r->reply.message, cases[i].says));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)
        cmocka_unit_test(the_fold_is_what_the_model_says),
        CASE(policies_count_at_once_and_in_their_order),
        CASE(everybody_is_told_rights_and_teams),
        CASE(explain_names_the_rule),
        CASE(nobody_lifts_himself_up),
        CASE(an_account_is_removed_and_its_name_free),
        CASE(people_are_found_by_who_may_put_them_into_something),
        CASE(sign_ins_of_an_account_are_listed_and_ended),
        CASE(who_is_signed_out_everywhere_is_out_of_sessions),
        CASE(whose_password_is_reset_is_out_of_sessions),
        CASE(automatic_assignment_of_an_account_is_shown_and_goes_back),
        CASE(a_reset_password_is_for_one_use),
        CASE(bad_bodies_are_refused_with_a_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
