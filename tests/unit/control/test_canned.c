/* SPDX-License-Identifier: Apache-2.0 */
/* Canned messages and scripts: who sees which, and what a text may have. */
#include "tests/unit/control/rig.h"

#include "control/canned/bbcode.h"

static uint32_t make(struct rig *r, const char *what, json_t *body, const char *object)
{
    assert_int_equal(rig_call(r, what, 0, body), 0);
    return (uint32_t)json_integer_value(json_object_get(
        object != NULL ? json_object_get(r->reply.json, object) : r->reply.json, "id"));
}

static void tags_are_few_and_closed_in_order(void **state)
{
    static const struct {
        const char *text;
        int at; /* -1: good */
    } cases[] = {
        {"", -1},
        {"plain, a[0] = [1, 2] and [] too", -1},
        {"[b]bold[/b] [i][u]both[/u][/i]", -1},
        {"[color=#1A73e8]blue[/color]", -1},
        {"[url=https://help.example/a?b=c]here[/url]", -1},
        {"[b]open", 7},
        {"x[/b]", 1},
        {"[b][i]crossed[/b][/i]", 13},
        {"[B]loud[/B]", 0},
        {"[img=https://x.example/a]", 0},
        {"[script]", 0},
        {"[url=javascript:alert(1)]x[/url]", 0},
        {"[url=http://plain.example]x[/url]", 0},
        {"[url=https://a b]x[/url]", 0},
        {"[url=https://]x[/url]", 0},
        {"[url=https://a\"onclick=x]x[/url]", 0},
        {"[url]x[/url]", 0},
        {"[color=red]x[/color]", 0},
        {"[color=#12345]x[/color]", 0},
        {"[b=1]x[/b]", 0},
        {"[url=https://never", 0},
        {"[b]x[/b=1]", 4},
        {"[b][b][b][b][b][b][b][b]8[/b][/b][/b][/b][/b][/b][/b][/b]", -1},
        {"[b][b][b][b][b][b][b][b][b]9", 24},
    };
    const char *why = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t at = 0;
        const int err = cw_bbcode_check(cases[i].text, &at, &why);
        assert_int_equal(err, cases[i].at < 0 ? 0 : CW_ERR_INVALID);
        if (err != 0)
            assert_int_equal(at, cases[i].at);
    }
}

static size_t seen(struct rig *r, const char *what, const char *list, json_t *body)
{
    assert_int_equal(rig_call(r, what, 0, body), 0);
    return json_array_size(json_object_get(r->reply.json, list));
}

static void teams_decide_who_sees_what(void **state)
{
    struct rig *r = *state;
    const uint32_t category =
        make(r, "canned_message_category.create", json_pack("{s:s}", "name", "Hello"), NULL);
    const uint32_t team = make(r, "team.create", json_pack("{s:s}", "name", "Desk"), "team");
    const uint32_t rita = make(r, "account.create", json_pack("{s:s}", "user", "rita"), "account");
    uint32_t id = 0;

    (void)make(
        r, "canned_message.create",
        json_pack("{s:s, s:i, s:s}", "name", "All", "category", (int)category, "text", "[b]Hi[/b]"),
        NULL);
    id = make(r, "canned_message.create",
              json_pack("{s:s, s:i, s:s, s:[i]}", "name", "Desk", "category", (int)category, "text",
                        "Desk here.", "teams", (int)team),
              NULL);
    assert_int_equal(seen(r, "canned_message.list", "messages", NULL), 1);
    assert_int_equal(seen(r, "canned_message.list", "messages", json_pack("{s:b}", "all", 1)), 2);
    r->account = rita;
    r->is_admin = false;
    assert_int_equal(seen(r, "canned_message.list", "messages", NULL), 1);
    assert_int_equal(rig_call(r, "canned_message.list", 0, json_pack("{s:b}", "all", 1)),
                     CW_ERR_DENIED);
    assert_int_equal(rig_call(r, "canned_message.remove", id, NULL), CW_ERR_DENIED);
    r->account = 1;
    r->is_admin = true;
    assert_int_equal(rig_call(r, "team.member_set", team,
                              json_pack("{s:i, s:s}", "account", (int)rita, "role", "member")),
                     0);
    r->account = rita;
    assert_int_equal(seen(r, "canned_message.list", "messages", NULL), 2);
    assert_int_equal(seen(r, "canned_message.list", "messages", json_pack("{s:i}", "category", 99)),
                     0);
    r->account = 1;
    assert_int_equal(rig_call(r, "canned_message.set", id, json_pack("{s:s}", "text", "[b]open")),
                     CW_ERR_INVALID);
    assert_non_null(strstr(r->reply.message, "not closed"));
    assert_int_equal(rig_call(r, "canned_message.set", id, json_pack("{s:s}", "name", "All")),
                     CW_ERR_CONFLICT);
    assert_int_equal(rig_call(r, "canned_message_category.remove", category, NULL),
                     CW_ERR_CONFLICT);
    assert_int_equal(rig_call(r, "canned_message.remove", id, NULL), 0);
    assert_int_equal(rig_call(r, "canned_message.remove", id, NULL), CW_ERR_NOT_FOUND);
    assert_int_equal(rig_audit(r, "canned.create", "ok"), 2);
}

static void scripts_have_a_platform(void **state)
{
    struct rig *r = *state;
    const uint32_t category =
        make(r, "canned_script_category.create", json_pack("{s:s}", "name", "Disks"), NULL);
    const uint32_t team = make(r, "team.create", json_pack("{s:s}", "name", "Desk"), "team");
    const uint32_t rita = make(r, "account.create", json_pack("{s:s}", "user", "rita"), "account");
    const uint32_t id =
        make(r, "canned_script.create",
             json_pack("{s:s, s:i, s:s, s:s, s:s, s:[i]}", "name", "Space", "category",
                       (int)category, "text", "df -h\n[ -d /x ] && [b]", "platform", "linux",
                       "description", "Free space", "teams", (int)team),
             NULL);

    assert_int_equal(seen(r, "canned_script.list", "scripts",
                          json_pack("{s:b, s:s}", "all", 1, "platform", "linux")),
                     1);
    assert_int_equal(seen(r, "canned_script.list", "scripts",
                          json_pack("{s:b, s:s}", "all", 1, "platform", "windows")),
                     0);
    assert_int_equal(rig_call(r, "canned_script.show", id, NULL), 0);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(r->reply.json, "script"), "text")),
        "df -h\n[ -d /x ] && [b]");
    r->account = rita;
    r->is_admin = false;
    assert_int_equal(rig_call(r, "canned_script.show", id, NULL), CW_ERR_NOT_FOUND);
    r->account = 1;
    r->is_admin = true;
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "canned_script.set", id,
                                 json_pack("{s:s, s:s}", "platform", "any", "teams", "")),
                     0);
    r->account = rita;
    assert_int_equal(rig_call(r, "canned_script.show", id, NULL), 0);
    assert_int_equal(
        seen(r, "canned_script.list", "scripts", json_pack("{s:s}", "platform", "windows")), 1);
    assert_null(
        json_object_get(json_array_get(json_object_get(r->reply.json, "scripts"), 0), "text"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_are_few_and_closed_in_order),
        TEST(teams_decide_who_sees_what),
        TEST(scripts_have_a_platform),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
