/* SPDX-License-Identifier: Apache-2.0 */
/* History that reports need, written by sessions and consoles as they live: where a session was, who took part and from
 * where, who was there; and the reports on them. */
#include "tests/unit/control/desk.h"

#include "control/store/store_report.h"

/* Totals are made beside the state thread; the tick brings their answer. */
static const json_t *report(struct rig *r, const char *name, uint32_t id, json_t *body)
{
    int err = rig_begin(r, CW_FRONT_SOCKET, name, id, body);

    for (unsigned i = 0; err == CW_OPERATION_PENDING && !r->is_answered; i++) {
        assert_true(i < 5000);
        usleep(2000);
        cw_control_tick(r->c, r->now_ms);
    }
    assert_int_equal(err == CW_OPERATION_PENDING ? r->reply_err : err, 0);
    return json_object_get(r->reply.json, "rows");
}

static json_int_t number(const json_t *rows, size_t row, const char *column)
{
    return json_integer_value(json_object_get(json_array_get(rows, row), column));
}

static const char *text(const json_t *rows, size_t row, const char *column)
{
    return json_string_value(json_object_get(json_array_get(rows, row), column));
}

static bool is_null(const json_t *rows, size_t row, const char *column)
{
    return json_is_null(json_object_get(json_array_get(rows, row), column));
}

static void a_session_leaves_the_places_where_it_was(void **state)
{
    struct desk d;
    const json_t *rows = NULL;
    uint32_t bob = 0, session = 0, second_line = 0;
    const uint64_t start_ms = ((struct rig *)*state)->now_ms;

    desk_open(&d, *state);
    bob = desk_hire(&d, "bob");
    second_line = desk_team(&d, "Second Line");
    desk_put(&d, d.team, bob, "member");
    desk_console(&d, bob);
    session = desk_customer(&d, d.team);
    rig_advance(d.r, 20);
    DESK(&d, bob, 0, "session.accept", session, rig_holder(3));
    rig_up(d.r, &d.w, session, 2, CW_ROLE_REPRESENTATIVE, RIG_REP_BASE);
    rig_advance(d.r, 7);
    DESK(&d, bob, 0, "session.transfer", session,
         json_pack("{s:I, s:s}", "team", (json_int_t)second_line, "reason", "needs a specialist"));
    rig_advance(d.r, 5);
    rows = report(d.r, "report.session", session, json_pack("{s:s}", "part", "queue"));
    assert_int_equal(json_array_size(rows), 3);
    assert_string_equal(text(rows, 0, "state"), "waiting");
    assert_string_equal(text(rows, 0, "team_name"), "First Line");
    assert_int_equal(number(rows, 0, "since_unix_ms"), start_ms);
    assert_int_equal(number(rows, 0, "duration_s"), 20);
    assert_string_equal(text(rows, 1, "state"), "active");
    assert_string_equal(text(rows, 1, "account_name"), "bob");
    assert_string_equal(text(rows, 1, "team_name"), "First Line");
    assert_int_equal(number(rows, 1, "duration_s"), 7);
    assert_int_equal(number(rows, 1, "until_unix_ms"), number(rows, 2, "since_unix_ms"));
    assert_string_equal(text(rows, 2, "team_name"), "Second Line");
    assert_true(is_null(rows, 2, "until_unix_ms"));

    rows = report(d.r, "report.session", session, json_pack("{s:s}", "part", "participants"));
    assert_int_equal(json_array_size(rows), 2);
    assert_string_equal(text(rows, 1, "name"), "bob");
    assert_string_equal(text(rows, 1, "address"), "198.51.100.7");
    assert_int_equal(number(rows, 1, "left_unix_ms") - number(rows, 1, "joined_unix_ms"), 7000);
    assert_int_equal(rig_call_at(d.r, CW_FRONT_SOCKET, "session.end_by_operator", session, NULL),
                     0);
    rows = report(d.r, "report.session", session, NULL);
    assert_string_equal(text(rows, 0, "status"), "ended");
    assert_int_equal(number(rows, 0, "ended_unix_ms") - number(rows, 0, "created_unix_ms"), 32000);
    rows = report(d.r, "report.session", session, json_pack("{s:s}", "part", "queue"));
    assert_int_equal(number(rows, 2, "duration_s"), 5);
    rows = report(d.r, "report.session", session, json_pack("{s:s}", "part", "events"));
    assert_true(json_array_size(rows) >= 4);
    rig_unlink(d.r, &d.w);
}

static void team_activity_adds_up_what_each_did(void **state)
{
    struct desk d;
    const json_t *rows = NULL;
    uint32_t bob = 0, one = 0;

    desk_open(&d, *state);
    bob = desk_hire(&d, "bob");
    desk_put(&d, d.team, bob, "lead");
    desk_console(&d, bob);
    rig_advance(d.r, 100);
    DESK(&d, bob, 0, "availability.set", 0, json_pack("{s:s}", "status", "busy"));
    rig_advance(d.r, 30);
    DESK(&d, bob, 0, "availability.set", 0, json_pack("{s:s}", "status", "available"));
    one = desk_customer(&d, d.team);
    DESK(&d, bob, 0, "session.accept", one, rig_holder(3));
    rig_up(d.r, &d.w, one, 2, CW_ROLE_REPRESENTATIVE, RIG_REP_BASE);
    rig_advance(d.r, 10);
    RIG_TELL(d.r, &d.w, .type = CW_LINK_CONSOLE_DOWN, .participant = bob, .request = 1000 + bob);
    rig_advance(d.r, 10);
    rows = report(d.r, "report.team_activity", 0, NULL);
    assert_int_equal(json_array_size(rows), 2);
    assert_string_equal(text(rows, 1, "user"), "bob");
    assert_string_equal(text(rows, 1, "role"), "lead");
    assert_int_equal(number(rows, 1, "sessions"), 1);
    assert_int_equal(number(rows, 1, "session_s"), 20);
    assert_int_equal(number(rows, 1, "available_s"), 110);
    assert_int_equal(number(rows, 1, "busy_s"), 30);
    assert_int_equal(number(rows, 1, "connected_s"), 140);
    assert_string_equal(text(rows, 0, "user"), "ada");
    assert_int_equal(number(rows, 0, "sessions"), 0);
    assert_true(number(rows, 0, "sign_ins") >= 1);
    rows = report(d.r, "report.session_summary", 0, json_pack("{s:s}", "by", "representative"));
    assert_int_equal(json_array_size(rows), 1);
    assert_string_equal(text(rows, 0, "name"), "bob");
    assert_int_equal(number(rows, 0, "session_s"), 20);
    rig_unlink(d.r, &d.w);
}

static void who_does_not_come_back_was_there_until_control_ended(void **state)
{
    struct desk d;
    const json_t *rows = NULL;
    uint32_t bob = 0;

    desk_open(&d, *state);
    bob = desk_hire(&d, "bob");
    desk_put(&d, d.team, bob, "member");
    desk_console(&d, bob);
    rig_advance(d.r, 50);
    /* As a control that was killed leaves it. */
    rig_unlink(d.r, &d.w);
    assert_int_equal(cw_store_begin(d.r->c->store), 0);
    assert_int_equal(cw_store_end(d.r->c->store,
                                  cw_store_presence_put(d.r->c->store, bob, CW_AWAY, d.r->now_ms)),
                     0);
    d.r->now_ms += 20000;
    rig_restart(d.r);
    rig_advance(d.r, CW_PRESENCE_SETTLE_S + 1);
    rig_advance(d.r, 1000);
    rows = report(d.r, "report.team_activity", 0, NULL);
    assert_string_equal(text(rows, 1, "user"), "bob");
    assert_int_equal(number(rows, 1, "available_s"), 50);
    assert_int_equal(number(rows, 1, "away_s"), 20);
}

static void a_representative_sees_its_own_sign_ins(void **state)
{
    struct desk d;
    const json_t *rows = NULL;
    uint32_t bob = 0;

    desk_open(&d, *state);
    bob = desk_hire(&d, "bob");
    rows = report(d.r, "report.logins", 0, NULL);
    assert_true(json_array_size(rows) >= 2);
    DESK(&d, bob, 0, "report.logins", 0, NULL);
    rows = json_object_get(d.r->reply.json, "rows");
    for (size_t i = 0; i < json_array_size(rows); i++)
        assert_string_equal(text(rows, i, "actor"), "bob");
    DESK(&d, bob, CW_ERR_DENIED, "report.configuration_changes", 0, NULL);
    rows = report(d.r, "report.configuration_changes", 0, NULL);
    bool has_team = false;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        has_team = has_team || strcmp(text(rows, i, "action"), "team.create") == 0;
        assert_string_equal(text(rows, i, "result"), "ok");
        assert_string_not_equal(text(rows, i, "action"), "sign_in");
    }
    assert_true(has_team);
    rig_unlink(d.r, &d.w);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_session_leaves_the_places_where_it_was),
        CASE(team_activity_adds_up_what_each_did),
        CASE(who_does_not_come_back_was_there_until_control_ended),
        CASE(a_representative_sees_its_own_sign_ins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
