/* SPDX-License-Identifier: Apache-2.0 */
/* Team chat: who may write where, who hears it, what is unread, and what is kept. */
#include "tests/unit/control/desk.h"

#include "control/account/option.h"
#include "control/store/store_team_chat.h"

struct office {
    struct desk d;
    uint32_t ben; /* with ada in the team */
    uint32_t cleo;
    uint32_t dora; /* in no team */
};

static void open_office(struct office *o, struct rig *r)
{
    desk_open(&o->d, r);
    o->ben = desk_hire(&o->d, "ben");
    o->cleo = desk_hire(&o->d, "cleo");
    o->dora = desk_hire(&o->d, "dora");
    desk_put(&o->d, o->d.team, o->ben, "member");
    desk_console(&o->d, o->d.ada);
    desk_console(&o->d, o->ben);
    desk_console(&o->d, o->cleo);
    rig_forget(&o->d.w);
}

static json_t *to_team(struct office *o, const char *text)
{
    return json_pack("{s:I, s:s}", "team", (json_int_t)o->d.team, "text", text);
}

static json_t *to_account(uint32_t account, const char *text)
{
    return json_pack("{s:I, s:s}", "account", (json_int_t)account, "text", text);
}

static bool heard(const struct office *o, uint32_t account, const char *text)
{
    json_t *event = desk_event(&o->d.w, account, "team_chat");
    const bool is_heard =
        event != NULL && strcmp(json_string_value(json_object_get(event, "text")), text) == 0;

    json_decref(event);
    return is_heard;
}

static json_int_t unread(struct office *o, uint32_t account, const char *kind, uint32_t id)
{
    json_t *row = NULL;
    size_t i = 0;

    DESK(&o->d, account, 0, "team_chat.rooms", 0, NULL);
    json_array_foreach(json_object_get(o->d.r->reply.json, "rooms"), i, row)
    {
        if (json_integer_value(json_object_get(row, kind)) == id)
            return json_integer_value(json_object_get(row, "unread"));
    }
    return -1;
}

static void a_team_hears_what_its_members_write(void **state)
{
    struct office o;
    json_t *event = NULL;

    open_office(&o, *state);
    assert_int_equal(unread(&o, o.ben, "team", o.d.team), 0);
    DESK(&o.d, o.d.ada, 0, "team_chat.send", 0, to_team(&o, "printer on fire\nsecond floor"));
    assert_true(heard(&o, o.ben, "printer on fire\nsecond floor"));
    assert_true(heard(&o, o.d.ada, "printer on fire\nsecond floor"));
    assert_null(desk_event(&o.d.w, o.cleo, "team_chat"));
    assert_int_equal(unread(&o, o.ben, "team", o.d.team), 1);
    assert_int_equal(unread(&o, o.d.ada, "team", o.d.team), 0);
    assert_int_equal(unread(&o, o.cleo, "team", o.d.team), -1);
    DESK(&o.d, o.cleo, CW_ERR_NOT_FOUND, "team_chat.send", 0, to_team(&o, "let me in"));
    DESK(&o.d, o.cleo, CW_ERR_NOT_FOUND, "team_chat.list", 0,
         json_pack("{s:I}", "team", (json_int_t)o.d.team));
    DESK(&o.d, o.ben, 0, "team_chat.read", 0,
         json_pack("{s:I, s:i}", "team", (json_int_t)o.d.team, "message", 1));
    event = desk_event(&o.d.w, o.ben, "team_chat_read");
    assert_int_equal(json_integer_value(json_object_get(event, "message")), 1);
    json_decref(event);
    assert_int_equal(unread(&o, o.ben, "team", o.d.team), 0);
    DESK(&o.d, o.ben, CW_ERR_INVALID, "team_chat.read", 0,
         json_pack("{s:I, s:i}", "team", (json_int_t)o.d.team, "message", 2));
    rig_unlink(o.d.r, &o.d.w);
    rig_restart(o.d.r);
    DESK(&o.d, o.ben, 0, "team_chat.list", 0, json_pack("{s:I}", "team", (json_int_t)o.d.team));
    assert_int_equal(json_array_size(json_object_get(o.d.r->reply.json, "messages")), 1);
}

static void two_of_a_team_write_to_each_other(void **state)
{
    struct office o;
    json_t *event = NULL;

    open_office(&o, *state);
    DESK(&o.d, o.ben, CW_ERR_NOT_FOUND, "team_chat.send", 0, to_account(o.dora, "hello"));
    DESK(&o.d, o.ben, CW_ERR_NOT_FOUND, "team_chat.send", 0, to_account(o.ben, "myself"));
    DESK(&o.d, o.ben, CW_ERR_NOT_FOUND, "team_chat.send", 0, to_account(9999, "nobody"));
    DESK(&o.d, o.ben, 0, "team_chat.send", 0, to_account(o.d.ada, "lunch?"));
    event = desk_event(&o.d.w, o.d.ada, "team_chat");
    assert_int_equal(json_integer_value(json_object_get(event, "account")), o.ben);
    assert_true(json_is_null(json_object_get(event, "team")));
    json_decref(event);
    event = desk_event(&o.d.w, o.ben, "team_chat");
    assert_int_equal(json_integer_value(json_object_get(event, "account")), o.d.ada);
    json_decref(event);
    DESK(&o.d, o.d.ada, 0, "team_chat.send", 0, to_account(o.ben, "at noon"));
    assert_int_equal(unread(&o, o.ben, "account", o.d.ada), 1);
    assert_int_equal(unread(&o, o.d.ada, "account", o.ben), 0); /* writing reads */
    DESK(&o.d, o.cleo, CW_ERR_NOT_FOUND, "team_chat.list", 0,
         json_pack("{s:I}", "account", (json_int_t)o.ben));
    /* Out of the team: what was written stays readable, and no more can be written. */
    DESK(&o.d, o.d.ada, 0, "team.member_remove", o.d.team,
         json_pack("{s:I}", "account", (json_int_t)o.ben));
    DESK(&o.d, o.ben, 0, "team_chat.list", 0, json_pack("{s:I}", "account", (json_int_t)o.d.ada));
    assert_int_equal(json_array_size(json_object_get(o.d.r->reply.json, "messages")), 2);
    DESK(&o.d, o.ben, CW_ERR_NOT_FOUND, "team_chat.send", 0, to_account(o.d.ada, "still there?"));
    rig_unlink(o.d.r, &o.d.w);
}

static void messages_come_in_pages(void **state)
{
    struct office o;
    json_t *rows = NULL;
    char text[24];

    open_office(&o, *state);
    for (int i = 1; i <= 25; i++) {
        snprintf(text, sizeof text, "line %d", i);
        rig_advance(o.d.r, 2);
        DESK(&o.d, o.d.ada, 0, "team_chat.send", 0, to_team(&o, text));
    }
    DESK(&o.d, o.ben, 0, "team_chat.list", 0,
         json_pack("{s:I, s:i}", "team", (json_int_t)o.d.team, "limit", 10));
    rows = json_object_get(o.d.r->reply.json, "messages");
    assert_int_equal(json_array_size(rows), 10);
    assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 0), "text")),
                        "line 16");
    assert_true(json_is_true(json_object_get(o.d.r->reply.json, "more")));
    DESK(&o.d, o.ben, 0, "team_chat.list", 0,
         json_pack("{s:s, s:s, s:s}", "team", "1", "limit", "15", "before", "16"));
    rows = json_object_get(o.d.r->reply.json, "messages");
    assert_int_equal(json_array_size(rows), 15);
    assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 14), "text")),
                        "line 15");
    assert_true(json_is_false(json_object_get(o.d.r->reply.json, "more")));
    rig_unlink(o.d.r, &o.d.w);
}

static void what_may_be_written_is_limited(void **state)
{
    struct office o;
    char *text = malloc(CW_TEAM_CHAT_TEXT_BYTES_MAX + 2);

    open_office(&o, *state);
    assert_non_null(text);
    memset(text, '"', CW_TEAM_CHAT_TEXT_BYTES_MAX + 1);
    text[CW_TEAM_CHAT_TEXT_BYTES_MAX + 1] = '\0';
    DESK(&o.d, o.d.ada, CW_ERR_INVALID, "team_chat.send", 0, to_team(&o, text));
    text[CW_TEAM_CHAT_TEXT_BYTES_MAX] = '\0';
    DESK(&o.d, o.d.ada, 0, "team_chat.send", 0, to_team(&o, text));
    assert_true(heard(&o, o.ben, text)); /* the longest, all of it escaped, fits an event */
    DESK(&o.d, o.d.ada, CW_ERR_INVALID, "team_chat.send", 0, to_team(&o, " \n "));
    DESK(&o.d, o.d.ada, CW_ERR_INVALID, "team_chat.send", 0, to_team(&o, "bell \a"));
    DESK(&o.d, o.d.ada, CW_ERR_INVALID, "team_chat.send", 0,
         json_pack("{s:s}", "text", "where to"));
    for (int i = 1; i < CW_TEAM_CHAT_TRIES; i++)
        DESK(&o.d, o.d.ada, 0, "team_chat.send", 0, to_team(&o, "again"));
    DESK(&o.d, o.d.ada, CW_ERR_FULL, "team_chat.send", 0, to_team(&o, "again"));
    assert_int_equal(o.d.r->reply.retry_after_s, 1);
    DESK(&o.d, o.ben, 0, "team_chat.send", 0, to_team(&o, "others still may"));
    rig_advance(o.d.r, 1);
    DESK(&o.d, o.d.ada, 0, "team_chat.send", 0, to_team(&o, "again"));
    free(text);
    rig_unlink(o.d.r, &o.d.w);
}

static int count_one(void *user, const struct cw_team_message *m)
{
    uint64_t *numbers = user;

    numbers[0]++;
    if (numbers[1] == 0)
        numbers[1] = m->sequence;
    return 0;
}

static void old_messages_go(void **state)
{
    struct office o;
    struct cw_team_room room = {0};
    uint64_t numbers[2] = {0}; /* how many, the oldest */

    open_office(&o, *state);
    room.team = o.d.team;
    assert_int_equal(cw_store_begin(o.d.r->c->store), 0);
    for (unsigned i = 0; i < CW_TEAM_CHAT_ROOM_MESSAGES_MAX + 3; i++) {
        struct cw_team_message m = {.time_ms = o.d.r->now_ms + (i < 100 ? 0 : 86400000u),
                                    .account = o.ben,
                                    .name = "",
                                    .text = "x",
                                    .text_bytes = 1};
        assert_int_equal(cw_store_team_message_add(o.d.r->c->store, &room, &m), 0);
    }
    assert_int_equal(cw_store_end(o.d.r->c->store, 0), 0);
    assert_int_equal(cw_store_team_message_each(o.d.r->c->store, room.id, INT64_MAX, UINT32_MAX,
                                                count_one, numbers),
                     0);
    assert_int_equal(numbers[0], CW_TEAM_CHAT_ROOM_MESSAGES_MAX);
    assert_int_equal(numbers[1], 4);
    assert_int_equal(unread(&o, o.d.ada, "team", o.d.team), CW_TEAM_CHAT_UNREAD_MAX);
    rig_advance(o.d.r, 90 * 86400 + 60);
    memset(numbers, 0, sizeof numbers);
    assert_int_equal(cw_store_team_message_each(o.d.r->c->store, room.id, INT64_MAX, UINT32_MAX,
                                                count_one, numbers),
                     0);
    assert_int_equal(numbers[1], 101); /* the first hundred were a day older */
    DESK(&o.d, o.d.ada, 0, "team.remove", o.d.team, NULL);
    room = (struct cw_team_room){.team = o.d.team};
    assert_int_equal(cw_store_team_room_find(o.d.r->c->store, &room), CW_ERR_NOT_FOUND);
    rig_unlink(o.d.r, &o.d.w);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_team_hears_what_its_members_write),
        CASE(two_of_a_team_write_to_each_other),
        CASE(messages_come_in_pages),
        CASE(what_may_be_written_is_limited),
        CASE(old_messages_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
