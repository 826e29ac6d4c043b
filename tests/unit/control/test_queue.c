/* SPDX-License-Identifier: Apache-2.0 */
/* Queues through the operations: get next, transfer, decline, offers, overdue, overflow, lost representatives, and
 * what waiting customers are told. The rules themselves are in test_queue_morning.c. */
#include "tests/unit/control/desk.h"

static void the_next_one_is_the_oldest_of_the_highest_priority(void **state)
{
    struct desk d;
    uint32_t bob = 0, first = 0, second = 0, third = 0;
    json_t *row = NULL;

    desk_open(&d, *state);
    bob = desk_hire(&d, "bob");
    DESK(&d, bob, CW_ERR_NOT_FOUND, "queue.next", 0, rig_holder(3));
    first = desk_customer(&d, d.team);
    d.r->now_ms += 1000;
    second = desk_customer(&d, d.team);
    d.r->now_ms += 1000;
    third = desk_customer(&d, d.team);
    /* Not a member: it looks as if there were no such session. */
    assert_null(desk_row(&d, bob, "all", first));
    DESK(&d, bob, CW_ERR_NOT_FOUND, "session.accept", first, rig_holder(3));
    desk_put(&d, d.team, bob, "member");
    DESK(&d, bob, CW_ERR_INVALID, "session.set_priority", third,
         json_pack("{s:s}", "priority", "urgent"));
    DESK(&d, bob, 0, "session.set_priority", third, json_pack("{s:s}", "priority", "high"));
    row = desk_row(&d, bob, "all", first);
    assert_int_equal(json_integer_value(json_object_get(row, "position")), 2);
    assert_int_equal(json_integer_value(json_object_get(row, "in_queue_s")), 2);
    assert_string_equal(json_string_value(json_object_get(row, "status")), "waiting");
    DESK(&d, bob, 0, "queue.next", 0, rig_holder(3));
    assert_int_equal(rig_number(d.r, "session"), third);
    assert_int_equal(rig_ticket_text(d.r, rig_text(d.r, "ticket")).session, third);
    DESK(&d, bob, 0, "queue.next", 0, rig_holder(3));
    assert_int_equal(rig_number(d.r, "session"), first);
    assert_int_equal(rig_audit(d.r, "session.accept", "ok"), 2);
    /* Two are known by now: there is a pace. */
    row = desk_row(&d, bob, "all", second);
    assert_int_equal(json_integer_value(json_object_get(row, "position")), 1);
    rig_unlink(d.r, &d.w);
}

static void a_queue_is_sorted_searched_and_marked(void **state)
{
    struct desk d;
    uint32_t session = 0, other = 0;
    json_t *list = NULL;

    desk_open(&d, *state);
    session = desk_customer(&d, d.team);
    other = desk_customer(&d, d.team);
    DESK(&d, d.ada, 0, "session.rename", session, json_pack("{s:s}", "name", "Zebra printer"));
    DESK(&d, d.ada, 0, "session.favourite", other, NULL);
    DESK(&d, d.ada, 0, "queue.list", 0,
         json_pack("{s:s, s:s, s:s}", "queue", "all", "search", "zebra", "sort", "customer"));
    list = json_object_get(d.r->reply.json, "queue");
    assert_int_equal(json_array_size(list), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "name")),
                        "Zebra printer");
    DESK(&d, d.ada, 0, "queue.list", 0,
         json_pack("{s:s, s:s}", "queue", "all", "favourites", "true"));
    list = json_object_get(d.r->reply.json, "queue");
    assert_int_equal(json_array_size(list), 1);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 0), "session")),
                     other);
    DESK(&d, d.ada, 0, "session.favourite", other, json_pack("{s:b}", "favourite", 0));
    DESK(&d, d.ada, 0, "queue.list", 0, json_pack("{s:s}", "favourites", "true"));
    assert_int_equal(json_array_size(json_object_get(d.r->reply.json, "queue")), 0);
    DESK(&d, d.ada, CW_ERR_INVALID, "queue.list", 0, json_pack("{s:s}", "sort", "colour"));
    DESK(&d, d.ada, CW_ERR_INVALID, "queue.list", 0, json_pack("{s:s}", "order", "up"));
    /* The customer is away. */
    RIG_TELL(d.r, &d.w, .type = CW_LINK_PARTICIPANT_DOWN, .session = other, .participant = 1,
             .code = CW_CLOSE_TIMED_OUT);
    assert_string_equal(
        json_string_value(json_object_get(desk_row(&d, d.ada, "all", other), "status")),
        "customer_absent");
    rig_unlink(d.r, &d.w);
}

static void a_transfer_moves_the_session_and_everybody_leaves_it(void **state)
{
    struct desk d;
    uint32_t bob = 0, cleo = 0, session = 0, second_line = 0;

    desk_open(&d, *state);
    bob = desk_hire(&d, "bob");
    cleo = desk_hire(&d, "cleo");
    second_line = desk_team(&d, "Second Line");
    desk_put(&d, d.team, bob, "member");
    desk_put(&d, second_line, cleo, "member");
    desk_console(&d, cleo);
    session = desk_customer(&d, d.team);
    DESK(&d, bob, 0, "queue.next", 0, rig_holder(3));
    rig_up(d.r, &d.w, session, 2, CW_ROLE_REPRESENTATIVE, RIG_REP_BASE);
    DESK(&d, bob, CW_ERR_INVALID, "session.transfer", session, NULL);
    DESK(&d, bob, CW_ERR_NOT_FOUND, "session.transfer", session, json_pack("{s:i}", "team", 99));
    rig_forget(&d.w);
    DESK(&d, bob, 0, "session.transfer", session,
         json_pack("{s:I, s:s}", "team", (json_int_t)second_line, "reason", "needs a specialist"));
    assert_true(desk_line(&d.w, "The session waits in the queue of Second Line now: needs a"));
    assert_int_equal(rig_need(&d.w, CW_LINK_REMOVE_PARTICIPANT, 0, 0)->participant, 2);
    assert_non_null(rig_sent(&d.w, CW_LINK_DENY, 0, 0));
    assert_true(rig_event(&d.w, cleo, "session_waiting"));
    assert_int_equal(rig_audit(d.r, "session.transfer", "ok"), 1);
    assert_null(desk_row(&d, bob, "all", session));
    assert_non_null(desk_row(&d, cleo, "all", session));
    DESK(&d, bob, CW_ERR_NOT_FOUND, "session.join", session, rig_holder(3));
    /* Cleo hands it to bob, who does not want it: it goes back to where it was. */
    DESK(&d, cleo, 0, "session.transfer", session, json_pack("{s:I}", "account", (json_int_t)bob));
    assert_non_null(desk_row(&d, bob, "personal", session));
    DESK(&d, cleo, CW_ERR_NOT_FOUND, "session.accept", session, rig_holder(4));
    DESK(&d, bob, 0, "session.decline", session, json_pack("{s:s}", "reason", "not again"));
    assert_non_null(desk_row(&d, cleo, "all", session));
    DESK(&d, cleo, 0, "session.accept", session, rig_holder(4));
    assert_int_equal(rig_ticket_text(d.r, rig_text(d.r, "ticket")).participant, 3);
    rig_unlink(d.r, &d.w);
}

static void other_teams_need_a_right(void **state)
{
    struct desk d;
    uint32_t bob = 0, session = 0, second_line = 0;

    desk_open(&d, *state);
    bob = desk_hire(&d, "bob");
    second_line = desk_team(&d, "Second Line");
    desk_put(&d, d.team, bob, "member");
    session = desk_customer(&d, d.team);
    DESK(&d, bob, 0, "session.accept", session, rig_holder(3));
    DESK(&d, d.ada, 0, "account.set", bob,
         json_pack("{s:[s]}", "rights_denied", "transfer_other_team"));
    DESK(&d, bob, CW_ERR_DENIED, "session.transfer", session,
         json_pack("{s:I}", "team", (json_int_t)second_line));
    assert_int_equal(rig_audit(d.r, "session.transfer", "DENIED"), 1);
    DESK(&d, bob, 0, "session.transfer", session, json_pack("{s:I}", "team", (json_int_t)d.team));
    rig_unlink(d.r, &d.w);
}

/* ---- automatic assignment --------------------------------------------------------------------- */

static void offers_go_round_and_then_wait_for_somebody(void **state)
{
    struct desk d;
    uint32_t bob = 0, cleo = 0, session = 0;

    desk_open(&d, *state);
    bob = desk_hire(&d, "bob");
    cleo = desk_hire(&d, "cleo");
    desk_put(&d, d.team, bob, "member");
    desk_put(&d, d.team, cleo, "member");
    DESK(&d, d.ada, 0, "queue.set", d.team, json_pack("{s:b, s:i}", "automatic", 1, "offer_s", 20));
    desk_console(&d, bob);
    d.r->now_ms += 5000;
    desk_console(&d, cleo);
    session = desk_customer(&d, d.team);
    rig_forget(&d.w);
    rig_advance(d.r, 1);
    assert_true(rig_event(&d.w, bob, "session_offered")); /* is there for longer */
    assert_false(rig_event(&d.w, cleo, "session_offered"));
    DESK(&d, cleo, CW_ERR_CONFLICT, "session.accept", session, rig_holder(4));
    DESK(&d, bob, 0, "session.decline", session, json_pack("{s:s}", "reason", "lunch"));
    rig_advance(d.r, 1);
    assert_true(rig_event(&d.w, cleo, "session_offered"));
    rig_advance(d.r, 25);
    assert_true(rig_event(&d.w, cleo, "offer_over"));
    assert_int_equal(rig_audit(d.r, "queue.offer", "ok"), 2);
    assert_int_equal(rig_audit(d.r, "queue.refuse", "ok"), 1);
    assert_int_equal(rig_audit(d.r, "queue.time_out", "ok"), 1);
    assert_int_equal(rig_audit(d.r, "queue.manual", "ok"), 1);
    /* Nobody is asked again, and a restart does not change that. */
    rig_unlink(d.r, &d.w);
    rig_restart(d.r);
    rig_link(d.r, &d.w);
    desk_console(&d, bob);
    rig_advance(d.r, 5);
    assert_false(rig_event(&d.w, bob, "session_offered"));
    assert_true(json_is_true(
        json_object_get(desk_row(&d, bob, "all", session), "waits_for_manual_accept")));
    /* A transfer begins anew; who is asked may take it. */
    DESK(&d, bob, 0, "session.transfer", session, json_pack("{s:I}", "account", (json_int_t)bob));
    DESK(&d, bob, 0, "session.transfer", session, json_pack("{s:I}", "team", (json_int_t)d.team));
    rig_advance(d.r, 1);
    assert_true(rig_event(&d.w, bob, "session_offered"));
    DESK(&d, bob, 0, "session.accept", session, rig_holder(3));
    rig_unlink(d.r, &d.w);
}

static void who_cannot_be_given_sessions_is_not_asked(void **state)
{
    struct desk d;
    uint32_t bob = 0;

    desk_open(&d, *state);
    bob = desk_hire(&d, "bob");
    desk_put(&d, d.team, bob, "member");
    DESK(&d, d.ada, 0, "queue.set", d.team, json_pack("{s:b}", "automatic", 1));
    DESK(&d, d.ada, 0, "status_code.create", 0,
         json_pack("{s:s, s:s}", "name", "In training", "shown_as", "busy"));
    desk_console(&d, bob);
    DESK(&d, bob, 0, "availability.show", 0, NULL);
    assert_true(json_is_true(json_object_get(d.r->reply.json, "can_be_assigned")));
    DESK(&d, bob, 0, "availability.set", 0, json_pack("{s:s}", "status", "In training"));
    assert_string_equal(rig_text(d.r, "status"), "busy");
    assert_string_equal(rig_text(d.r, "status_code"), "In training");
    assert_false(json_is_true(json_object_get(d.r->reply.json, "can_be_assigned")));
    DESK(&d, bob, CW_ERR_NOT_FOUND, "availability.set", 0, json_pack("{s:s}", "status", "tired"));
    DESK(&d, bob, 0, "availability.set", 0,
         json_pack("{s:s, s:b}", "status", "available", "opted_out", 1));
    assert_false(json_is_true(json_object_get(d.r->reply.json, "can_be_assigned")));
    DESK(&d, bob, 0, "availability.set", 0, json_pack("{s:b}", "opted_out", 0));
    DESK(&d, bob, 0, "availability.report", 0, json_pack("{s:b}", "screen_locked", 1));
    assert_false(json_is_true(json_object_get(d.r->reply.json, "can_be_assigned")));
    DESK(&d, bob, 0, "availability.report", 0,
         json_pack("{s:b, s:i}", "screen_locked", 0, "idle_s", 901));
    assert_false(json_is_true(json_object_get(d.r->reply.json, "can_be_assigned")));
    DESK(&d, bob, 0, "availability.report", 0, json_pack("{s:i}", "idle_s", 3));
    assert_true(json_is_true(json_object_get(d.r->reply.json, "can_be_assigned")));
    DESK(&d, d.ada, 0, "assignment.set", bob, json_pack("{s:i}", "sessions_max", 1));
    (void)desk_customer(&d, d.team);
    rig_advance(d.r, 1);
    DESK(&d, bob, 0, "queue.next", 0, rig_holder(3));
    rig_forget(&d.w);
    (void)desk_customer(&d, d.team);
    rig_advance(d.r, 1);
    assert_false(rig_event(&d.w, bob, "session_offered")); /* has one */
    rig_unlink(d.r, &d.w);
}

static void skills_decide_who_is_asked(void **state)
{
    struct desk d;
    uint32_t bob = 0, cleo = 0, session = 0, database = 0, oracle = 0;

    desk_open(&d, *state);
    bob = desk_hire(&d, "bob");
    cleo = desk_hire(&d, "cleo");
    desk_put(&d, d.team, bob, "member");
    desk_put(&d, d.team, cleo, "member");
    DESK(&d, d.ada, 0, "skill.create", 0, json_pack("{s:s, s:i}", "name", "Databases", "rank", 1));
    database = (uint32_t)rig_number(d.r, "id");
    DESK(&d, d.ada, 0, "skill.create", 0,
         json_pack("{s:s, s:i, s:I}", "name", "Recovery", "rank", 1, "parent",
                   (json_int_t)database));
    oracle = (uint32_t)rig_number(d.r, "id");
    DESK(&d, d.ada, CW_ERR_CONFLICT, "skill.create", 0, json_pack("{s:s}", "name", "databases"));
    DESK(&d, d.ada, 0, "account.set_skills", bob,
         json_pack("{s:[I]}", "skills", (json_int_t)database));
    DESK(&d, d.ada, 0, "account.set_skills", cleo,
         json_pack("{s:[I]}", "skills", (json_int_t)oracle));
    DESK(&d, d.ada, CW_ERR_NOT_FOUND, "account.set_skills", cleo,
         json_pack("{s:[i]}", "skills", 99));
    desk_console(&d, bob);
    d.r->now_ms += 60000;
    desk_console(&d, cleo);
    session = desk_customer(&d, d.team);
    DESK(&d, d.ada, 0, "session.set_skills", session,
         json_pack("{s:[I]}", "skills", (json_int_t)oracle));
    DESK(&d, d.ada, 0, "queue.set", d.team, json_pack("{s:b}", "automatic", 1));
    rig_forget(&d.w);
    rig_advance(d.r, 1);
    assert_true(rig_event(&d.w, cleo, "session_offered"));
    assert_false(rig_event(&d.w, bob, "session_offered"));
    rig_unlink(d.r, &d.w);
}

/* ---- time ------------------------------------------------------------------------------------- */

static void who_waits_too_long_is_noticed_and_moved(void **state)
{
    struct desk d;
    uint32_t session = 0, second_line = 0, bob = 0;

    desk_open(&d, *state);
    bob = desk_hire(&d, "bob");
    second_line = desk_team(&d, "Second Line");
    desk_put(&d, second_line, bob, "member");
    DESK(&d, d.ada, CW_ERR_INVALID, "queue.set", d.team,
         json_pack("{s:I}", "overflow_team", (json_int_t)d.team));
    DESK(&d, d.ada, 0, "queue.set", d.team,
         json_pack("{s:i, s:i, s:I}", "overdue_s", 30, "overflow_s", 60, "overflow_team",
                   (json_int_t)second_line));
    desk_console(&d, d.ada);
    desk_console(&d, bob);
    session = desk_customer(&d, d.team);
    rig_forget(&d.w);
    rig_advance(d.r, 31);
    assert_true(rig_event(&d.w, d.ada, "session_overdue"));
    assert_false(rig_event(&d.w, bob, "session_overdue"));
    rig_advance(d.r, 30);
    assert_int_equal(rig_audit(d.r, "queue.overflow", "ok"), 1);
    assert_true(rig_event(&d.w, bob, "session_waiting"));
    assert_null(desk_row(&d, d.ada, "all", session));
    assert_non_null(desk_row(&d, bob, "all", session));
    /* A team whose queue has somebody is not removed. */
    DESK(&d, d.ada, CW_ERR_STATE, "team.remove", second_line, NULL);
    DESK(&d, bob, 0, "session.accept", session, rig_holder(3));
    DESK(&d, bob, 0, "session.end", session, NULL);
    DESK(&d, d.ada, 0, "team.remove", second_line, NULL);
    rig_unlink(d.r, &d.w);
}

static void the_waiting_customer_is_told(void **state)
{
    struct desk d;
    uint32_t session = 0;

    desk_open(&d, *state);
    desk_console(&d, d.ada);
    DESK(&d, d.ada, 0, "customer_message.set", 0,
         json_pack("{s:s, s:s}", "name", "hold", "text",
                   "%CUSTOMER%: still %POSITION% in %QUEUE%, 100%, %NOTHING%"));
    session = desk_customer(&d, d.team);
    assert_true(desk_line(&d.w, "Welcome, Carla. You are number 1 in the queue. Estimated wait: "
                                "not known."));
    rig_forget(&d.w);
    rig_advance(d.r, 121);
    assert_true(desk_line(&d.w, "Carla: still 1 in First Line, 100%, %NOTHING%"));
    DESK(&d, d.ada, CW_ERR_INVALID, "customer_message.set", 0,
         json_pack("{s:s, s:s}", "name", "orphan_url", "text", "http://example.com"));
    DESK(&d, d.ada, 0, "customer_message.set", 0,
         json_pack("{s:s, s:s}", "name", "orphan_url", "text", "https://example.com/later"));
    /* Everybody goes home. */
    RIG_TELL(d.r, &d.w, .type = CW_LINK_CONSOLE_DOWN, .participant = d.ada,
             .request = 1000 + d.ada);
    rig_forget(&d.w);
    rig_advance(d.r, 1);
    rig_advance(d.r, 61);
    assert_true(desk_line(&d.w, "Nobody is available at the moment."));
    assert_int_equal(rig_audit(d.r, "session.orphan", "ok"), 1);
    assert_memory_equal(rig_need(&d.w, CW_LINK_END_SESSION, 0, 0)->bytes,
                        "https://example.com/later", 25);
    assert_null(cw_live_find(d.r->c, session));
    rig_unlink(d.r, &d.w);
}

static void a_persistent_queue_keeps_its_sessions(void **state)
{
    struct desk d;
    uint32_t session = 0;

    desk_open(&d, *state);
    DESK(&d, d.ada, 0, "team.rename", d.team, json_pack("{s:b}", "persistent_queue", 1));
    session = desk_customer(&d, d.team);
    rig_advance(d.r, 1);
    rig_advance(d.r, 4000);
    assert_non_null(cw_live_find(d.r->c, session));
    /* Its lost representative does not change that, whatever the rules are. */
    DESK(&d, d.ada, 0, "option.set", 0,
         json_pack("{s:s, s:s}", "name", "fallback.last_attended", "value", "off"));
    DESK(&d, d.ada, 0, "session.accept", session, rig_holder(3));
    rig_advance(d.r, 1);
    rig_advance(d.r, 64);
    assert_non_null(desk_row(&d, d.ada, "all", session));
    rig_unlink(d.r, &d.w);
}

static void a_lost_session_follows_the_rules(void **state)
{
    struct desk d;
    uint32_t session = 0, rest = 0;
    char value[16];

    desk_open(&d, *state);
    rest = desk_team(&d, "Rest");
    desk_put(&d, rest, d.ada, "member");
    desk_console(&d, d.ada);
    snprintf(value, sizeof value, "%u", rest);
    DESK(&d, d.ada, 0, "option.set", 0,
         json_pack("{s:s, s:s}", "name", "fallback.last_attended", "value", "off"));
    DESK(&d, d.ada, 0, "option.set", 0,
         json_pack("{s:s, s:s}", "name", "fallback.entered_attended", "value", "off"));
    DESK(&d, d.ada, 0, "option.set", 0,
         json_pack("{s:s, s:s}", "name", "fallback.team", "value", value));
    session = desk_customer(&d, d.team);
    DESK(&d, d.ada, 0, "session.accept", session, rig_holder(3));
    rig_advance(d.r, 1);
    rig_forget(&d.w);
    rig_advance(d.r, 64);
    assert_true(desk_line(&d.w, "ada did not come back. The session waits in the queue of Rest"));
    assert_non_null(desk_row(&d, d.ada, value, session));
    DESK(&d, d.ada, 0, "option.set", 0,
         json_pack("{s:s, s:s}", "name", "fallback.team_attended", "value", "off"));
    DESK(&d, d.ada, 0, "session.accept", session, rig_holder(3));
    rig_advance(d.r, 1);
    rig_advance(d.r, 64);
    assert_null(cw_live_find(d.r->c, session));
    rig_unlink(d.r, &d.w);
}

static void operators_see_and_move_everything(void **state)
{
    struct desk d;
    uint32_t session = 0, rest = 0;
    char id[16];

    desk_open(&d, *state);
    rest = desk_team(&d, "Rest");
    session = desk_customer(&d, d.team);
    assert_int_equal(rig_call_at(d.r, CW_FRONT_SOCKET_RO, "queue.list", 0, NULL), 0);
    assert_int_equal(json_array_size(json_object_get(d.r->reply.json, "queue")), 1);
    assert_int_equal(rig_call_at(d.r, CW_FRONT_SOCKET_RO, "dashboard", 0, NULL), 0);
    assert_int_equal(json_array_size(json_object_get(d.r->reply.json, "teams")), 2);
    snprintf(id, sizeof id, "%u", rest);
    assert_int_equal(rig_call_at(d.r, CW_FRONT_SOCKET_RO, "session.transfer", session,
                                 json_pack("{s:s}", "team", id)),
                     CW_ERR_DENIED);
    assert_int_equal(rig_call_at(d.r, CW_FRONT_SOCKET, "session.transfer", session,
                                 json_pack("{s:s}", "team", id)),
                     0);
    assert_int_equal(
        rig_call_at(d.r, CW_FRONT_SOCKET, "queue.list", 0, json_pack("{s:s}", "queue", id)), 0);
    assert_int_equal(json_array_size(json_object_get(d.r->reply.json, "queue")), 1);
    assert_null(desk_row(&d, d.ada, "all", session));
    rig_unlink(d.r, &d.w);
}

static void issues_name_their_team(void **state)
{
    struct desk d;
    json_t *list = NULL;

    desk_open(&d, *state);
    DESK(&d, d.ada, 0, "issue.create", 0,
         json_pack("{s:s, s:s, s:I, s:s}", "name", "Printer on fire", "code", "printer", "team",
                   (json_int_t)d.team, "priority", "high"));
    DESK(&d, d.ada, CW_ERR_CONFLICT, "issue.create", 0,
         json_pack("{s:s, s:s, s:I}", "name", "Other", "code", "printer", "team",
                   (json_int_t)d.team));
    DESK(&d, d.ada, 0, "issue.list", 0, NULL);
    list = json_object_get(d.r->reply.json, "issues");
    assert_int_equal(json_array_size(list), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "priority")),
                        "high");
    rig_unlink(d.r, &d.w);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_next_one_is_the_oldest_of_the_highest_priority),
        CASE(a_queue_is_sorted_searched_and_marked),
        CASE(a_transfer_moves_the_session_and_everybody_leaves_it),
        CASE(other_teams_need_a_right),
        CASE(offers_go_round_and_then_wait_for_somebody),
        CASE(who_cannot_be_given_sessions_is_not_asked),
        CASE(skills_decide_who_is_asked),
        CASE(who_waits_too_long_is_noticed_and_moved),
        CASE(the_waiting_customer_is_told),
        CASE(a_persistent_queue_keeps_its_sessions),
        CASE(a_lost_session_follows_the_rules),
        CASE(operators_see_and_move_everything),
        CASE(issues_name_their_team),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
