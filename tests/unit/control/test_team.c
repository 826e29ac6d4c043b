/* SPDX-License-Identifier: Apache-2.0 */
/* Teams, their members and roles; options: through the operations, as people use them. */
#include "tests/unit/control/rig.h"

#include "control/account/option.h"
#include "control/team/team.h"

static uint32_t make_team(struct rig *r, const char *name)
{
    assert_int_equal(rig_call(r, "team.create", 0, json_pack("{s:s}", "name", name)), 0);
    return (uint32_t)json_integer_value(
        json_object_get(json_object_get(r->reply.json, "team"), "id"));
}

static uint32_t make_account(struct rig *r, const char *user)
{
    assert_int_equal(rig_call(r, "account.create", 0, json_pack("{s:s}", "user", user)), 0);
    return (uint32_t)json_integer_value(
        json_object_get(json_object_get(r->reply.json, "account"), "id"));
}

static int set_member(struct rig *r, uint32_t team, uint32_t account, const char *role)
{
    return rig_call(r, "team.member_set", team,
                    json_pack("{s:i, s:s}", "account", (int)account, "role", role));
}

static const char *team_text(struct rig *r, const char *member)
{
    return json_string_value(json_object_get(json_object_get(r->reply.json, "team"), member));
}

static void a_team_is_made_renamed_and_removed(void **state)
{
    struct rig *r = *state;
    const uint32_t team = make_team(r, "Second line (DE)");

    assert_string_equal(team_text(r, "code"), "second_line_de");
    assert_int_equal(rig_call(r, "team.rename", team,
                              json_pack("{s:s, s:s, s:b}", "name", "Networks", "comments",
                                        "LAN\nand Wi-Fi", "persistent_queue", 1)),
                     0);
    assert_string_equal(team_text(r, "name"), "Networks");
    assert_string_equal(team_text(r, "code"), "second_line_de");
    assert_string_equal(team_text(r, "comments"), "LAN\nand Wi-Fi");
    rig_restart(r);
    assert_int_equal(rig_call(r, "team.members", team, NULL), 0);
    assert_string_equal(team_text(r, "name"), "Networks");
    assert_int_equal(rig_call(r, "team.remove", team, NULL), 0);
    assert_int_equal(rig_call(r, "team.members", team, NULL), CW_ERR_NOT_FOUND);
    assert_int_equal(rig_audit(r, "team.create", "ok"), 1);
    assert_int_equal(rig_audit(r, "team.rename", "ok"), 1);
    assert_int_equal(rig_audit(r, "team.remove", "ok"), 1);
}

static void names_and_codes_are_each_teams_own(void **state)
{
    struct rig *r = *state;
    const uint32_t first = make_team(r, "Desk");
    const uint32_t second = make_team(r, "Field");

    assert_int_equal(rig_call(r, "team.create", 0, json_pack("{s:s}", "name", "DESK")),
                     CW_ERR_CONFLICT);
    assert_int_equal(rig_call(r, "team.rename", second, json_pack("{s:s}", "code", "desk")),
                     CW_ERR_CONFLICT);
    assert_int_equal(rig_call(r, "team.rename", first, json_pack("{s:s}", "name", "desk")), 0);
    assert_int_equal(
        rig_call(r, "team.create", 0, json_pack("{s:s, s:s}", "name", "x", "code", "a b")),
        CW_ERR_INVALID);
    assert_int_equal(rig_call(r, "team.create", 0, NULL), CW_ERR_INVALID);
    assert_int_equal(
        rig_call(r, "team.create", 0, json_pack("{s:s, s:i}", "name", "x", "color", 1)),
        CW_ERR_INVALID);
    assert_non_null(strstr(r->reply.message, "color"));
    assert_int_equal(rig_call(r, "team.create", 0, json_pack("{s:s}", "name", "网络")),
                     CW_ERR_INVALID);
    assert_int_equal(
        rig_call(r, "team.create", 0, json_pack("{s:s, s:s}", "name", "网络", "code", "net")), 0);
}

static void members_have_roles(void **state)
{
    struct rig *r = *state;
    const uint32_t team = make_team(r, "Desk");
    const uint32_t bob = make_account(r, "bob");
    struct cw_team row;

    assert_int_equal(cw_team_role_of(r->c, team, bob), CW_TEAM_NONE);
    assert_int_equal(set_member(r, team, bob, "member"), 0);
    assert_int_equal(cw_team_role_of(r->c, team, bob), CW_TEAM_MEMBER);
    assert_int_equal(set_member(r, team, bob, "manager"), 0);
    assert_int_equal(cw_team_role_of(r->c, team, bob), CW_TEAM_MANAGER);
    assert_int_equal(set_member(r, team, bob, "none"), CW_ERR_INVALID);
    assert_int_equal(set_member(r, team, bob, "boss"), CW_ERR_INVALID);
    assert_int_equal(set_member(r, team, 999, "lead"), CW_ERR_NOT_FOUND);
    assert_int_equal(set_member(r, 999, bob, "lead"), CW_ERR_NOT_FOUND);
    assert_int_equal(cw_store_team_find(r->c->store, "desk", &row), 0);
    assert_int_equal(row.member_count, 1);
    assert_int_equal(rig_call(r, "account.disable", bob, NULL), 0);
    assert_int_equal(cw_team_role_of(r->c, team, bob), CW_TEAM_NONE);
    assert_int_equal(
        rig_call(r, "team.member_remove", team, json_pack("{s:i}", "account", (int)bob)), 0);
    assert_int_equal(
        rig_call(r, "team.member_remove", team, json_pack("{s:i}", "account", (int)bob)),
        CW_ERR_NOT_FOUND);
    assert_int_equal(rig_audit(r, "team.member_set", "ok"), 2);
    assert_int_equal(rig_audit(r, "team.member_remove", "ok"), 1);
}

static void listings_come_in_pages(void **state)
{
    struct rig *r = *state;
    const json_t *rows = NULL;
    uint64_t after = 0;
    size_t seen = 0;

    for (int i = 0; i < 7; i++) {
        char name[24];
        snprintf(name, sizeof name, "Team %d", i);
        (void)make_team(r, name);
    }
    for (size_t page = 0; page < 3; page++) {
        assert_int_equal(
            rig_call(r, "team.list", 0,
                     json_pack("{s:I, s:s}", "after", (json_int_t)after, "limit", "3")),
            0);
        rows = json_object_get(r->reply.json, "teams");
        assert_int_equal(json_array_size(rows), page < 2 ? 3 : 1);
        seen += json_array_size(rows);
        after = rig_number(r, "next");
    }
    assert_int_equal(seen, 7);
    assert_true(json_is_null(json_object_get(r->reply.json, "next")));
    assert_int_equal(rig_call(r, "team.list", 0, json_pack("{s:i}", "limit", 101)), CW_ERR_INVALID);
}

static void only_who_may_changes_teams(void **state)
{
    struct rig *r = *state;
    const uint32_t bob = make_account(r, "bob");

    r->account = bob;
    r->is_admin = false;
    assert_int_equal(rig_call(r, "team.list", 0, NULL), 0);
    assert_int_equal(rig_call(r, "team.create", 0, json_pack("{s:s}", "name", "Mine")),
                     CW_ERR_DENIED);
    assert_non_null(strstr(r->reply.message, "edit_teams"));
    assert_int_equal(rig_audit(r, "team.create", "DENIED"), 1);
}

/* ---- options --------------------------------------------------------------------------------- */

static int set_option(struct rig *r, const char *name, json_t *value)
{
    return rig_call(r, "option.set", 0, json_pack("{s:s, s:o}", "name", name, "value", value));
}

static void options_are_kept_and_have_ranges(void **state)
{
    struct rig *r = *state;

    assert_int_equal(cw_option(r->c, CW_OPTION_LOCK_FREE_TRIES), 4);
    assert_int_equal(set_option(r, "lock_out.free_tries", json_integer(2)), 0);
    assert_int_equal(cw_option(r->c, CW_OPTION_LOCK_FREE_TRIES), 2);
    assert_int_equal(set_option(r, "lock_out.free_tries", json_string("3")), 0);
    assert_int_equal(set_option(r, "lock_out.free_tries", json_integer(0)), CW_ERR_INVALID);
    assert_non_null(strstr(r->reply.message, "1-50"));
    assert_int_equal(set_option(r, "lock_out.free_tries", json_string("many")), CW_ERR_INVALID);
    assert_int_equal(set_option(r, "lock_out.free_tries", json_null()), CW_ERR_INVALID);
    assert_int_equal(set_option(r, "no.such", json_integer(1)), CW_ERR_NOT_FOUND);
    rig_restart(r);
    assert_int_equal(cw_option(r->c, CW_OPTION_LOCK_FREE_TRIES), 3);
    assert_int_equal(
        rig_call(r, "option.reset", 0, json_pack("{s:s}", "name", "lock_out.free_tries")), 0);
    assert_int_equal(cw_option(r->c, CW_OPTION_LOCK_FREE_TRIES), 4);
    rig_restart(r);
    assert_int_equal(cw_option(r->c, CW_OPTION_LOCK_FREE_TRIES), 4);
    assert_int_equal(rig_audit(r, "option.set", "ok"), 2);
    assert_int_equal(rig_audit(r, "option.reset", "ok"), 1);
}

static void the_list_says_what_is_stored(void **state)
{
    struct rig *r = *state;
    const json_t *row = NULL;

    assert_int_equal(set_option(r, "lock_out.first_s", json_integer(20)), 0);
    assert_int_equal(rig_call(r, "option.list", 0, NULL), 0);
    row = json_array_get(json_object_get(r->reply.json, "options"), CW_OPTION_LOCK_FIRST_S);
    assert_string_equal(json_string_value(json_object_get(row, "name")), "lock_out.first_s");
    assert_string_equal(json_string_value(json_object_get(row, "running")), "20");
    assert_string_equal(json_string_value(json_object_get(row, "stored")), "20");
    assert_string_equal(json_string_value(json_object_get(row, "default")), "15");
    row = json_array_get(json_object_get(r->reply.json, "options"), CW_OPTION_LOCK_MOST_S);
    assert_string_equal(json_string_value(json_object_get(row, "stored")), "-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)
        CASE(a_team_is_made_renamed_and_removed),
        CASE(names_and_codes_are_each_teams_own),
        CASE(members_have_roles),
        CASE(listings_come_in_pages),
        CASE(only_who_may_changes_teams),
        CASE(options_are_kept_and_have_ranges),
        CASE(the_list_says_what_is_stored),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
