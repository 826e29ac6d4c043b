/* SPDX-License-Identifier: Apache-2.0 */
/* Jump Groups, roles, copies: what somebody may do with a Jump Item, and through which of its groups. */
#include "control/policy/jump_group.h"
#include "control/policy/policies.h"
#include "tests/unit/control/rig.h"

#define BIT(name) (1U << CW_JUMP_FLAG_##name)

static uint32_t id_in(struct rig *r, const char *object)
{
    return (uint32_t)json_integer_value(
        json_object_get(json_object_get(r->reply.json, object), "id"));
}

static uint32_t make_account(struct rig *r, const char *user)
{
    assert_int_equal(rig_call(r, "account.create", 0, json_pack("{s:s}", "user", user)), 0);
    return id_in(r, "account");
}

static uint32_t make_group(struct rig *r, const char *name)
{
    assert_int_equal(rig_call(r, "jump_group.create", 0, json_pack("{s:s}", "name", name)), 0);
    return id_in(r, "jump_group");
}

static uint32_t make_role(struct rig *r, const char *name, const char *flags)
{
    assert_int_equal(
        rig_call(r, "jump_role.create", 0, json_pack("{s:s, s:s}", "name", name, "may", flags)), 0);
    return id_in(r, "jump_role");
}

static void member(struct rig *r, uint32_t group, const char *kind, uint32_t who, uint32_t role)
{
    assert_int_equal(rig_call(r, "jump_group.member_set", group,
                              json_pack("{s:s, s:I, s:I}", "kind", kind, "member", (json_int_t)who,
                                        "role", (json_int_t)role)),
                     0);
}

/* As another account; gives who called before. */
static uint32_t act_as(struct rig *r, uint32_t account, bool is_admin)
{
    const uint32_t before = r->account;

    r->account = account;
    r->is_admin = is_admin;
    return before;
}

static void everybody_starts_where_there_were_no_roles(void **state)
{
    struct rig *r = *state;
    const uint32_t bob = make_account(r, "bob");
    const uint32_t group = make_group(r, "Tills");

    assert_int_equal(cw_jump_group_flags(r->c, bob, 1), BIT(START));
    /* A new group is nobody's but the administrators'. */
    assert_int_equal(cw_jump_group_flags(r->c, bob, group), 0);
    assert_false(cw_jump_group_may_see(r->c, bob, group));
    assert_int_equal(cw_jump_group_flags(r->c, r->account, group), CW_JUMP_FLAGS_ALL);
    assert_int_equal(cw_jump_group_flags(r->c, 0, group), CW_JUMP_FLAGS_ALL);
    assert_int_equal(cw_jump_group_flags(r->c, 99, group), 0);
}

static void roles_come_from_the_account_its_teams_and_everybody(void **state)
{
    struct rig *r = *state;
    const uint32_t bob = make_account(r, "bob");
    const uint32_t group = make_group(r, "Tills");
    const uint32_t tagger = make_role(r, "Tagger", "edit_tag, edit_comments");
    uint32_t team = 0;

    assert_int_equal(rig_call(r, "team.create", 0, json_pack("{s:s}", "name", "Desk")), 0);
    team = id_in(r, "team");
    assert_int_equal(
        rig_call(r, "team.member_set", team,
                 json_pack("{s:I, s:s}", "account", (json_int_t)bob, "role", "member")),
        0);
    member(r, group, "team", team, tagger);
    assert_int_equal(cw_jump_group_flags(r->c, bob, group), BIT(EDIT_TAG) | BIT(EDIT_COMMENTS));
    member(r, group, "everybody", 0, 2);
    assert_int_equal(cw_jump_group_flags(r->c, bob, group),
                     BIT(EDIT_TAG) | BIT(EDIT_COMMENTS) | BIT(START));
    /* What the group gives one itself stands alone: here less than the teams give. */
    member(r, group, "account", bob, 4);
    assert_int_equal(cw_jump_group_flags(r->c, bob, group), BIT(VIEW_REPORT));
    /* Role 0 is one's default role, which everybody's row and then one's own say. */
    member(r, group, "account", bob, 0);
    assert_int_equal(cw_jump_group_flags(r->c, bob, group), BIT(START));
    assert_int_equal(rig_call(r, "jump_role.set_defaults", 0,
                              json_pack("{s:s, s:i}", "account", "bob", "default_role", 3)),
                     0);
    assert_int_equal(cw_jump_group_flags(r->c, bob, group), CW_JUMP_FLAGS_ALL);
    /* A change of a role reaches all who have it. */
    assert_int_equal(rig_call(r, "jump_role.set", 3, json_pack("{s:[s]}", "may", "add")), 0);
    assert_int_equal(cw_jump_group_flags(r->c, bob, group), BIT(ADD));
    assert_int_equal(rig_call(r, "jump_group.member_remove", group,
                              json_pack("{s:s, s:s}", "kind", "account", "member", "bob")),
                     0);
    assert_int_equal(cw_jump_group_flags(r->c, bob, group),
                     BIT(EDIT_TAG) | BIT(EDIT_COMMENTS) | BIT(START));
    rig_restart(r);
    assert_int_equal(cw_jump_group_flags(r->c, bob, group),
                     BIT(EDIT_TAG) | BIT(EDIT_COMMENTS) | BIT(START));
}

static void personal_lists_are_their_owners_and_their_leads(void **state)
{
    struct rig *r = *state;
    const uint32_t bob = make_account(r, "bob");
    const uint32_t eve = make_account(r, "eve");
    const uint32_t ada = r->account;
    uint32_t list = 0;
    uint32_t team = 0;

    (void)act_as(r, bob, false);
    assert_int_equal(rig_call(r, "jump_group.personal", 0, NULL), 0);
    list = id_in(r, "jump_group");
    assert_int_equal(rig_call(r, "jump_group.personal", 0, NULL), 0);
    assert_int_equal(id_in(r, "jump_group"), list);
    (void)act_as(r, ada, true);
    assert_int_equal(cw_jump_group_flags(r->c, bob, list), CW_JUMP_FLAGS_ALL);
    assert_int_equal(cw_jump_group_flags(r->c, eve, list), 0);
    /* Beside each other in a team: nothing. As its lead: the team role. */
    assert_int_equal(rig_call(r, "team.create", 0, json_pack("{s:s}", "name", "Desk")), 0);
    team = id_in(r, "team");
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(rig_call(r, "team.member_set", team,
                                  json_pack("{s:I, s:s}", "account",
                                            (json_int_t)(i == 0 ? bob : eve), "role", "member")),
                         0);
    assert_int_equal(cw_jump_group_flags(r->c, eve, list), 0);
    assert_int_equal(rig_call(r, "team.member_set", team,
                              json_pack("{s:I, s:s}", "account", (json_int_t)eve, "role", "lead")),
                     0);
    assert_int_equal(cw_jump_group_flags(r->c, eve, list), BIT(START));
}

/* An item is found once, with its copies in groups that the caller may see. */
static void an_item_with_copies_is_found_once(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    const uint32_t bob = make_account(r, "bob");
    const uint32_t open = make_group(r, "Open");
    const uint32_t groups[] = {open, make_group(r, "Closed"), make_group(r, "Other")};
    const json_t *row = NULL;
    const json_t *copy = NULL;
    uint32_t item = 0;

    rig_link(r, &w);
    item = rig_enrol(r, &w, 9, "Till");
    assert_int_equal(
        rig_call(r, "jump_item.move", item, json_pack("{s:I}", "group", (json_int_t)groups[1])), 0);
    member(r, open, "account", bob, 2);
    assert_int_equal(
        rig_call(r, "jump_copy.create", item, json_pack("{s:I}", "group", (json_int_t)open)), 0);
    assert_int_equal(
        rig_call(r, "jump_copy.create", item, json_pack("{s:I}", "group", (json_int_t)groups[2])),
        0);
    (void)act_as(r, bob, false);
    assert_int_equal(rig_call(r, "jump_item.search", 0, json_pack("{s:s}", "text", "till")), 0);
    assert_int_equal(rig_number(r, "count"), 1);
    row = json_array_get(json_object_get(r->reply.json, "jump_items"), 0);
    assert_int_equal(json_array_size(json_object_get(row, "copies")), 1);
    copy = json_array_get(json_object_get(row, "copies"), 0);
    assert_int_equal(json_integer_value(json_object_get(copy, "group_id")), open);
    rig_unlink(r, &w);
}

static void copies_are_ways_of_their_own(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    const uint32_t bob = make_account(r, "bob");
    const uint32_t closed = make_group(r, "Closed");
    const uint32_t open = make_group(r, "Open");
    const uint32_t ada = r->account;
    uint32_t item = 0;
    uint32_t copy = 0;
    uint32_t way = 9;
    uint32_t group = 0;

    rig_link(r, &w);
    item = rig_enrol(r, &w, 9, "Till");
    assert_int_equal(
        rig_call(r, "jump_item.move", item, json_pack("{s:I}", "group", (json_int_t)closed)), 0);
    member(r, open, "account", bob, 2);
    assert_int_equal(cw_jump_item_flags(r->c, bob, item), 0);
    assert_int_equal(cw_jump_way(r->c, bob, item, UINT32_MAX, &way, &group), CW_ERR_DENIED);
    assert_int_equal(
        rig_call(r, "jump_copy.create", item, json_pack("{s:I}", "group", (json_int_t)open)), 0);
    copy = id_in(r, "copy");
    assert_true(cw_jump_item_may(r->c, bob, item, CW_JUMP_FLAG_START));
    assert_int_equal(cw_jump_way(r->c, bob, item, UINT32_MAX, &way, &group), 0);
    assert_int_equal(way, copy);
    assert_int_equal(group, open);
    assert_int_equal(cw_jump_way(r->c, bob, item, 0, &way, &group), CW_ERR_DENIED);
    assert_int_equal(cw_jump_way(r->c, bob, item, 99, &way, &group), CW_ERR_NOT_FOUND);
    assert_int_equal(cw_jump_way(r->c, ada, item, UINT32_MAX, &way, &group), 0);
    assert_int_equal(way, 0);
    /* Once in a group; a group with something in it stays. */
    assert_int_equal(
        rig_call(r, "jump_copy.create", item, json_pack("{s:I}", "group", (json_int_t)open)),
        CW_ERR_CONFLICT);
    assert_int_equal(
        rig_call(r, "jump_copy.create", item, json_pack("{s:I}", "group", (json_int_t)closed)),
        CW_ERR_CONFLICT);
    assert_int_equal(rig_call(r, "jump_group.remove", open, NULL), CW_ERR_CONFLICT);
    /* Who only starts does not copy, move or remove. */
    (void)act_as(r, bob, false);
    assert_int_equal(
        rig_call(r, "jump_copy.create", item, json_pack("{s:I}", "group", (json_int_t)1)),
        CW_ERR_DENIED);
    assert_non_null(strstr(r->reply.message, "assign_jump_group"));
    assert_int_equal(
        rig_call(r, "jump_item.move", item, json_pack("{s:I}", "group", (json_int_t)1)),
        CW_ERR_DENIED);
    assert_int_equal(rig_call(r, "jump_copy.remove", copy, NULL), CW_ERR_DENIED);
    assert_int_equal(rig_call(r, "jump_copy.list", item, NULL), 0);
    assert_int_equal(json_array_size(json_object_get(r->reply.json, "copies")), 1);
    assert_int_equal(rig_call(r, "jump_copy.all", 0, NULL), 0);
    assert_string_equal(json_string_value(json_object_get(
                            json_array_get(json_object_get(r->reply.json, "copies"), 0), "name")),
                        "Till");
    (void)act_as(r, ada, true);
    assert_int_equal(rig_call(r, "jump_copy.remove", copy, NULL), 0);
    assert_false(cw_jump_item_may(r->c, bob, item, CW_JUMP_FLAG_START));
    /* A copy of an item that was removed holds nothing; a token that would bring one does. */
    assert_int_equal(
        rig_call(r, "jump_copy.create", item, json_pack("{s:I}", "group", (json_int_t)open)), 0);
    assert_int_equal(rig_call(r, "jump_item.remove", item, NULL), 0);
    assert_int_equal(rig_call(r, "enrolment_token.create", 0, json_pack("{s:s}", "group", "Open")),
                     0);
    assert_int_equal(rig_call(r, "jump_group.remove", open, NULL), CW_ERR_CONFLICT);
    assert_int_equal(rig_call(r, "jump_group.remove", closed, NULL), 0);
    rig_advance(r, 25 * 3600);
    assert_int_equal(rig_call(r, "jump_group.remove", open, NULL), 0);
    rig_unlink(r, &w);
}

static void a_role_is_enough_to_give_an_item_its_policies(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    const uint32_t bob = make_account(r, "bob");
    const uint32_t role = make_role(r, "Keeper", "edit_session_policy");
    uint32_t item = 0;
    uint32_t policy = 0;
    json_t *body = NULL;

    rig_link(r, &w);
    item = rig_enrol(r, &w, 9, "Till");
    assert_int_equal(rig_call(r, "session_policy.create", 0, json_pack("{s:s}", "name", "Tills")),
                     0);
    policy = id_in(r, "session_policy");
    member(r, 1, "account", bob, role);
    (void)act_as(r, bob, false);
    body = json_pack("{s:s, s:I, s:I}", "kind", "jump_item", "object", (json_int_t)item,
                     "unattended", (json_int_t)policy);
    assert_int_equal(rig_call(r, "policy.assign", 0, json_copy(body)), 0);
    json_object_set_new(body, "jump_policy", json_integer(0));
    assert_int_equal(rig_call(r, "policy.assign", 0, json_copy(body)), CW_ERR_DENIED);
    assert_non_null(strstr(r->reply.message, "edit_jump_policy"));
    json_object_set_new(body, "kind", json_string("jump_group"));
    json_object_set_new(body, "object", json_integer(1));
    assert_int_equal(rig_call(r, "policy.assign", 0, body), CW_ERR_DENIED);
    assert_non_null(strstr(r->reply.message, "edit_policies"));
    rig_unlink(r, &w);
}

static void what_cannot_be_is_refused_in_words(void **state)
{
    struct rig *r = *state;

#define REFUSED(err, name, id, ...) \
    assert_int_equal(rig_call(r, name, id, json_pack(__VA_ARGS__)), err)
    REFUSED(CW_ERR_CONFLICT, "jump_group.create", 0, "{s:s}", "name", "All");
    REFUSED(CW_ERR_CONFLICT, "jump_group.remove", 1, "{}");
    REFUSED(CW_ERR_NOT_FOUND, "jump_group.set", 99, "{s:s}", "name", "x");
    REFUSED(CW_ERR_INVALID, "jump_role.create", 0, "{s:s, s:s}", "name", "x", "may", "start fly");
    assert_non_null(strstr(r->reply.message, "fly"));
    REFUSED(CW_ERR_INVALID, "jump_role.create", 0, "{s:s, s:i}", "name", "x", "may", 7);
    REFUSED(CW_ERR_CONFLICT, "jump_role.remove", 2, "{}");
    REFUSED(CW_ERR_NOT_FOUND, "jump_group.member_set", 1, "{s:s, s:s}", "kind", "account", "member",
            "nobody");
    REFUSED(CW_ERR_NOT_FOUND, "jump_group.member_set", 1, "{s:s, s:i, s:i}", "kind", "everybody",
            "member", 0, "role", 99);
    REFUSED(CW_ERR_INVALID, "jump_group.member_set", 1, "{s:s}", "kind", "cat");
    REFUSED(CW_ERR_NOT_FOUND, "jump_role.set_defaults", 0, "{s:i}", "team_role", 99);
    REFUSED(CW_ERR_NOT_FOUND, "jump_item.move", 99, "{s:i}", "group", 1);
#undef REFUSED
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(everybody_starts_where_there_were_no_roles),
        CASE(roles_come_from_the_account_its_teams_and_everybody),
        CASE(personal_lists_are_their_owners_and_their_leads),
        CASE(an_item_with_copies_is_found_once),
        CASE(copies_are_ways_of_their_own),
        CASE(a_role_is_enough_to_give_an_item_its_policies),
        CASE(what_cannot_be_is_refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
