/* SPDX-License-Identifier: Apache-2.0 */
/* What consoles hear of queues without asking: offers with their time, alerts, changes of the dashboard; and what a
 * long list of a queue has. */
#include "tests/unit/control/desk.h"

static json_int_t number_of(const json_t *event, const char *member)
{
    return json_integer_value(json_object_get(event, member));
}

/* An offer to bob, and what its event says. */
static uint32_t offer_to(struct desk *d, uint32_t bob)
{
    const uint32_t session = desk_customer(d, d->team);
    json_t *event = NULL;

    rig_forget(&d->w);
    rig_advance(d->r, 1);
    event = desk_event(&d->w, bob, "session_offered");
    assert_non_null(event);
    assert_int_equal(number_of(event, "session"), session);
    assert_int_equal(number_of(event, "team"), d->team);
    assert_int_equal(number_of(event, "offer_s"), 20);
    assert_int_equal(number_of(event, "until_unix_ms"), number_of(event, "now_unix_ms") + 20000);
    assert_string_equal(json_string_value(json_object_get(event, "customer")), "Carla");
    assert_string_equal(json_string_value(json_object_get(event, "priority")), "medium");
    json_decref(event);
    rig_forget(&d->w);
    return session;
}

static void assert_over(struct desk *d, uint32_t account, uint32_t session, const char *reason)
{
    json_t *event = desk_event(&d->w, account, "offer_over");

    assert_non_null(event);
    assert_int_equal(number_of(event, "session"), session);
    assert_string_equal(json_string_value(json_object_get(event, "reason")), reason);
    json_decref(event);
}

static void an_offer_says_how_long_and_how_it_ended(void **state)
{
    struct desk d;
    uint32_t bob = 0, session = 0;

    desk_open(&d, *state);
    bob = desk_hire(&d, "bob");
    desk_put(&d, d.team, bob, "member");
    DESK(&d, d.ada, 0, "queue.set", d.team, json_pack("{s:b, s:i}", "automatic", 1, "offer_s", 20));
    desk_console(&d, bob);
    session = offer_to(&d, bob);
    /* A page that was loaded again finds it. */
    assert_int_equal(number_of(desk_row(&d, bob, "all", session), "offered_to"), bob);
    assert_int_equal(rig_number(d.r, "now_unix_ms"), d.r->now_ms);
    DESK(&d, bob, 0, "session.accept", session, rig_holder(3));
    assert_over(&d, bob, session, "taken");
    DESK(&d, bob, 0, "session.end", session, NULL);
    session = offer_to(&d, bob);
    DESK(&d, bob, 0, "session.decline", session, NULL);
    assert_over(&d, bob, session, "declined");
    session = offer_to(&d, bob);
    rig_advance(d.r, 21);
    assert_over(&d, bob, session, "timed_out");
    session = offer_to(&d, bob);
    DESK(&d, bob, 0, "availability.set", 0, json_pack("{s:s}", "status", "busy"));
    rig_advance(d.r, 1);
    assert_over(&d, bob, session, "withdrawn");
    DESK(&d, bob, 0, "availability.set", 0, json_pack("{s:s}", "status", "available"));
    rig_advance(d.r, 1);
    assert_int_equal(number_of(desk_row(&d, bob, "all", session), "offered_to"), bob);
    rig_forget(&d.w);
    assert_int_equal(rig_call_at(d.r, CW_FRONT_SOCKET, "session.transfer", session,
                                 json_pack("{s:I}", "account", (json_int_t)d.ada)),
                     0);
    assert_over(&d, bob, session, "moved");
    session = offer_to(&d, bob);
    RIG_TELL(d.r, &d.w, .type = CW_LINK_SESSION_OVER, .session = session, .participant = 1,
             .code = CW_CLOSE_ENDED_BY_CUSTOMER);
    assert_over(&d, bob, session, "ended");
    rig_unlink(d.r, &d.w);
}

static void leads_hear_when_many_wait(void **state)
{
    struct desk d;
    uint32_t bob = 0, last = 0;
    json_t *event = NULL;

    desk_open(&d, *state);
    bob = desk_hire(&d, "bob");
    desk_put(&d, d.team, bob, "lead");
    DESK(&d, d.ada, CW_ERR_INVALID, "queue.set", d.team, json_pack("{s:i}", "alert_count", -1));
    DESK(&d, d.ada, 0, "queue.set", d.team, json_pack("{s:i}", "alert_count", 2));
    desk_console(&d, d.ada);
    desk_console(&d, bob);
    (void)desk_customer(&d, d.team);
    rig_advance(d.r, 1);
    assert_false(rig_event(&d.w, bob, "queue_alert"));
    last = desk_customer(&d, d.team);
    rig_advance(d.r, 1);
    event = desk_event(&d.w, bob, "queue_alert");
    assert_non_null(event);
    assert_int_equal(number_of(event, "team"), d.team);
    assert_int_equal(number_of(event, "waiting"), 2);
    assert_string_equal(json_string_value(json_object_get(event, "name")), "First Line");
    json_decref(event);
    assert_false(rig_event(&d.w, d.ada, "queue_alert")); /* a member */
    assert_int_equal(rig_audit(d.r, "queue.alert", "ok"), 1);
    /* Once, until fewer wait. */
    rig_forget(&d.w);
    (void)desk_customer(&d, d.team);
    rig_advance(d.r, 60);
    assert_false(rig_event(&d.w, bob, "queue_alert"));
    DESK(&d, d.ada, 0, "queue.next", 0, rig_holder(3));
    DESK(&d, bob, 0, "queue.next", 0, rig_holder(4));
    rig_advance(d.r, 1);
    (void)desk_customer(&d, d.team);
    rig_advance(d.r, 1);
    assert_true(rig_event(&d.w, bob, "queue_alert"));
    assert_int_equal(rig_audit(d.r, "queue.alert", "ok"), 2);
    DESK(&d, bob, 0, "queue.rules", 0, NULL);
    assert_int_equal(
        number_of(json_array_get(json_object_get(d.r->reply.json, "queues"), 0), "alert_count"), 2);
    assert_non_null(desk_row(&d, bob, "all", last + 1));
    rig_unlink(d.r, &d.w);
}

static json_t *dashboard_row(struct desk *d, uint32_t lead, uint32_t session)
{
    json_t *row = NULL;
    size_t i = 0;

    DESK(d, lead, 0, "dashboard", 0, NULL);
    json_array_foreach(
        json_object_get(json_array_get(json_object_get(d->r->reply.json, "teams"), 0), "sessions"),
        i, row)
    {
        if (number_of(row, "session") == session)
            return row;
    }
    return NULL;
}

static void a_dashboard_is_live_and_says_who_has_what(void **state)
{
    struct desk d;
    uint32_t bob = 0, session = 0;
    json_t *row = NULL;

    desk_open(&d, *state);
    bob = desk_hire(&d, "bob");
    desk_put(&d, d.team, bob, "lead");
    desk_console(&d, bob);
    DESK(&d, d.ada, 0, "queue.set", d.team, json_pack("{s:i}", "overdue_s", 100));
    session = desk_customer(&d, d.team);
    row = dashboard_row(&d, bob, session);
    assert_string_equal(json_string_value(json_object_get(row, "colour")), "green");
    assert_true(json_is_null(json_object_get(row, "representative")));
    rig_advance(d.r, 60);
    assert_string_equal(
        json_string_value(json_object_get(dashboard_row(&d, bob, session), "colour")), "yellow");
    rig_advance(d.r, 50);
    assert_string_equal(
        json_string_value(json_object_get(dashboard_row(&d, bob, session), "colour")), "red");
    rig_forget(&d.w);
    DESK(&d, d.ada, 0, "session.accept", session, rig_holder(3));
    rig_advance(d.r, 2);
    assert_true(rig_event(&d.w, bob, "dashboard_changed"));
    assert_false(rig_event(&d.w, d.ada, "dashboard_changed"));
    row = dashboard_row(&d, bob, session);
    assert_string_equal(json_string_value(json_object_get(row, "colour")), "green");
    assert_int_equal(number_of(row, "account"), d.ada);
    assert_int_equal(json_array_size(json_object_get(row, "participants")), 2);
    assert_string_equal(json_string_value(json_object_get(row, "kind")), "key");
    RIG_TELL(d.r, &d.w, .type = CW_LINK_PARTICIPANT_DOWN, .session = session, .participant = 1);
    assert_string_equal(
        json_string_value(json_object_get(dashboard_row(&d, bob, session), "colour")), "yellow");
    DESK(&d, bob, 0, "session.join", session, rig_holder(4));
    DESK(&d, bob, 0, "session.take_over", session, rig_holder(5));
    DESK(&d, bob, 0, "session.transfer", session, json_pack("{s:I}", "team", (json_int_t)d.team));
    rig_forget(&d.w);
    rig_advance(d.r, 2);
    rig_forget(&d.w);
    rig_advance(d.r, 5);
    assert_false(rig_event(&d.w, bob, "dashboard_changed")); /* nothing changes, nothing is said */
    rig_unlink(d.r, &d.w);
}

/* Teams are for who takes nothing from their queues, too: to talk in, and to lead. */
static void who_takes_nothing_from_teams_still_is_in_them(void **state)
{
    struct desk d;
    desk_open(&d, *state);
    const uint32_t bob = desk_hire(&d, "bob");
    desk_put(&d, d.team, bob, "member");
    desk_as(&d, d.ada);
    assert_int_equal(rig_call(d.r, "account.set", bob,
                              json_pack("{s:[s]}", "rights_denied", "accept_team_sessions")),
                     0);
    const uint32_t session = desk_customer(&d, d.team);
    char queue[16];
    (void)snprintf(queue, sizeof queue, "%u", d.team);

    DESK(&d, bob, 0, "team_chat.send", 0,
         json_pack("{s:I, s:s}", "team", (json_int_t)d.team, "text", "Good morning"));
    assert_null(desk_row(&d, bob, queue, session));
    DESK(&d, bob, CW_ERR_NOT_FOUND, "session.accept", session, rig_holder(3));

    desk_put(&d, d.team, bob, "lead");
    assert_non_null(desk_row(&d, bob, queue, session));
    DESK(&d, bob, 0, "dashboard", 0, NULL);
    assert_int_equal(json_array_size(json_object_get(d.r->reply.json, "teams")), 1);
    DESK(&d, bob, CW_ERR_DENIED, "session.accept", session, rig_holder(3));
    rig_unlink(d.r, &d.w);
}

static void a_long_queue_comes_whole_and_in_parts(void **state)
{
    enum { WAITING = 500 };
    struct desk d;
    json_t *rows = NULL;
    json_int_t tenth = 0;

    desk_open(&d, *state);
    for (unsigned i = 0; i < WAITING; i++) {
        const uint32_t session = desk_customer(&d, d.team);
        if (i % 7 == 3)
            DESK(&d, d.ada, 0, "session.set_priority", session,
                 json_pack("{s:s}", "priority", "high"));
        d.r->now_ms += 10;
        rig_forget(&d.w);
    }
    DESK(&d, d.ada, 0, "queue.list", 0, json_pack("{s:s}", "queue", "all"));
    rows = json_object_get(d.r->reply.json, "queue");
    assert_int_equal(json_array_size(rows), WAITING);
    assert_int_equal(rig_number(d.r, "total"), WAITING);
    for (unsigned i = 0; i < WAITING; i++)
        assert_int_equal(number_of(json_array_get(rows, i), "position"), i + 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 70), "priority")),
                        "high");
    assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 71), "priority")),
                        "medium");
    tenth = number_of(json_array_get(rows, 10), "session");
    DESK(&d, d.ada, 0, "queue.list", 0,
         json_pack("{s:s, s:s, s:s}", "queue", "all", "offset", "10", "limit", "5"));
    rows = json_object_get(d.r->reply.json, "queue");
    assert_int_equal(json_array_size(rows), 5);
    assert_int_equal(rig_number(d.r, "total"), WAITING);
    assert_int_equal(number_of(json_array_get(rows, 0), "session"), tenth);
    assert_int_equal(number_of(json_array_get(rows, 0), "position"), 11);
    DESK(&d, d.ada, 0, "queue.list", 0, json_pack("{s:s, s:i}", "queue", "all", "offset", WAITING));
    assert_int_equal(json_array_size(json_object_get(d.r->reply.json, "queue")), 0);
    DESK(&d, d.ada, CW_ERR_INVALID, "queue.list", 0, json_pack("{s:i}", "limit", 501));
    rig_unlink(d.r, &d.w);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_offer_says_how_long_and_how_it_ended),
        CASE(leads_hear_when_many_wait),
        CASE(a_dashboard_is_live_and_says_who_has_what),
        CASE(a_long_queue_comes_whole_and_in_parts),
        CASE(who_takes_nothing_from_teams_still_is_in_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
