/* SPDX-License-Identifier: Apache-2.0 */
/* Jump policies: hours, strict ends, tickets, approval by somebody else, two Jumps to one computer. */
#include "tests/unit/control/jump_policy.h"

/* What the console is told that a Jump needs. */
static const json_t *access_of(struct rig *r, uint32_t item)
{
    assert_int_equal(rig_call(r, "jump_item.access", item, NULL), 0);
    return json_object_get(r->reply.json, "access");
}

static const char *approval_at(struct rig *r, uint32_t item)
{
    return json_string_value(
        json_object_get(json_object_get(access_of(r, item), "approval"), "state"));
}

static void outside_the_hours_one_is_told_when(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t item = 0;

    set_clock(r, 6, 16, 0); /* Monday 18:00 in Vienna */
    rig_link(r, &w);
    item = online(r, &w);
    give(r, "jump_item", item,
         make_policy(r, json_pack("{s:s, s:s, s:s, s:s}", "name", "Hours", "hours",
                                  "mon-fri 08:00-17:00", "time_zone", "Europe/Vienna", "dates",
                                  "2026-07-07 closed")));
    assert_int_equal(jump(r, item, NULL, NULL), CW_ERR_STATE);
    assert_non_null(strstr(r->reply.message, "Wed 2026-07-08 08:00 (Europe/Vienna)"));
    assert_int_equal(rig_audit(r, "jump_item.jump", "STATE"), 1);
    assert_true(json_is_false(json_object_get(access_of(r, item), "is_open")));
    const json_t *next = json_object_get(access_of(r, item), "next_open_unix_ms");
    assert_int_equal(json_integer_value(next), INT64_C(1783490400000)); /* 2026-07-08 6:00 UTC */
    set_clock(r, 8, 6, 0);
    assert_true(json_is_true(json_object_get(access_of(r, item), "is_open")));
    assert_int_equal(jump(r, item, NULL, NULL), 0);
    rig_unlink(r, &w);
}

static void only_the_right_overrides_the_hours(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    const uint32_t bob = make_account(r, "bob");
    const uint32_t ada = r->account;
    uint32_t item = 0;

    set_clock(r, 6, 20, 0);
    rig_link(r, &w);
    item = online(r, &w);
    give(r, "jump_group", 1,
         make_policy(r, json_pack("{s:s, s:s, s:b}", "name", "Hours", "hours", "mon 08:00-17:00",
                                  "strict", 1)));
    (void)act_as(r, bob, false);
    assert_int_equal(jump(r, item, "override", json_true()), CW_ERR_DENIED);
    assert_non_null(strstr(r->reply.message, "override_jump_policy"));
    (void)act_as(r, ada, true);
    assert_int_equal(jump(r, item, "override", json_true()), 0);
    assert_int_equal(rig_audit(r, "jump_policy.override", "ok"), 1);
    /* Who came in so is not removed by the hours. */
    rig_advance(r, 120);
    assert_int_equal(r->c->live_count, 1);
    rig_unlink(r, &w);
}

static void a_strict_end_warns_and_removes(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t item = 0;
    uint32_t session = 0;
    uint32_t policy = 0;

    set_clock(r, 6, 16, 30);
    rig_link(r, &w);
    item = online(r, &w);
    policy = make_policy(r, json_pack("{s:s, s:s, s:b}", "name", "Hours", "hours",
                                      "mon-fri 08:00-17:00", "strict", 1));
    give(r, "jump_item", item, policy);
    assert_int_equal(jump(r, item, NULL, NULL), 0);
    session = (uint32_t)rig_number(r, "session");
    rig_up(r, &w, session, 1, CW_ROLE_REPRESENTATIVE, RIG_REP_BASE);
    rig_up(r, &w, session, 2, CW_ROLE_UNATTENDED, RIG_CUSTOMER);
    rig_advance(r, 14 * 60);
    assert_int_equal(rig_audit(r, "session.end_warning", "ok"), 0);
    for (unsigned s = 0; s < 15 * 60; s += 20)
        rig_advance(r, 20);
    /* At 15, 10, 5, 2 and 1 minutes. */
    assert_int_equal(rig_audit(r, "session.end_warning", "ok"), 5);
    assert_int_equal(r->c->live_count, 1);
    rig_forget(&w);
    rig_advance(r, 60);
    assert_int_equal(rig_need(&w, CW_LINK_END_SESSION, 0, 0)->code, CW_CLOSE_REMOVED);
    assert_int_equal(r->c->live_count, 0);
    /* A change of the policy reaches a live session: longer hours let it be. */
    set_clock(r, 7, 16, 59);
    assert_int_equal(jump(r, item, NULL, NULL), 0);
    assert_int_equal(
        rig_call(r, "jump_policy.set", policy, json_pack("{s:s}", "hours", "tue 08:00-20:00")), 0);
    rig_advance(r, 120);
    assert_int_equal(r->c->live_count, 1);
    assert_int_equal(
        rig_call(r, "jump_policy.set", policy, json_pack("{s:s}", "hours", "tue 08:00-17:00")), 0);
    rig_advance(r, 1);
    assert_int_equal(r->c->live_count, 0);
    rig_unlink(r, &w);
}

static void tickets_must_fit(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    struct cw_session_jump how = {0};
    uint32_t item = 0;
    uint32_t session = 0;

    rig_link(r, &w);
    item = online(r, &w);
    give(r, "jump_item", item,
         make_policy(r, json_pack("{s:s, s:b, s:s}", "name", "Tickets", "ticket", 1,
                                  "ticket_patterns", "INC###### CHG*")));
    assert_int_equal(jump(r, item, NULL, NULL), CW_ERR_INVALID);
    assert_int_equal(jump(r, item, "ticket", json_string("INC12345")), CW_ERR_DENIED);
    assert_int_equal(jump(r, item, "ticket", json_string("two\nlines")), CW_ERR_INVALID);
    assert_int_equal(jump(r, item, "ticket", json_string("inc123456")), 0);
    session = (uint32_t)rig_number(r, "session");
    rig_unlink(r, &w);
    rig_restart(r);
    assert_int_equal(cw_store_session_jump_get(r->c->store, session, &how), 0);
    assert_string_equal(how.ticket, "inc123456");
    assert_string_equal(r->c->live[0]->how.ticket, "inc123456");
}

static void patterns_fit_what_they_say(void **state)
{
    static const struct {
        const char *patterns;
        const char *text;
        bool fits;
    } cases[] = {
        {"", "anything", true},     {"", "", false},
        {"  ", "x", true},          {"#", "7", true},
        {"#", "a", false},          {"@@-#", "ab-1", true},
        {"@@-#", "ab-1 ", false},   {"*", "", true},
        {"a*b*c", "aXXbYYc", true}, {"a*b*c", "aXXbYY", false},
        {"x INC*", "INC-1", true},  {"x INC*", "y", false},
        {"?", "", false},           {"*aaaaaaaaaaaaaaaab", "aaaaaaaaaaaaaaaaaaaaaaaa", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (cw_ticket_fits(cases[i].patterns, cases[i].text) != cases[i].fits)
            fail_msg("\"%s\" and \"%s\"", cases[i].patterns, cases[i].text);
}

static void somebody_else_approves_for_a_while(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    const uint32_t bob = make_account(r, "bob");
    const uint32_t ada = r->account;
    uint32_t item = 0;
    uint32_t request = 0;

    rig_link(r, &w);
    item = online(r, &w);
    assert_int_equal(rig_call(r, "jump_approval.request", item, NULL), CW_ERR_STATE);
    give(r, "jump_item", item,
         make_policy(r, json_pack("{s:s, s:b, s:i}", "name", "Four eyes", "approval", 1,
                                  "approval_minutes", 60)));
    assert_int_equal(jump(r, item, NULL, NULL), CW_ERR_DENIED);
    (void)act_as(r, bob, false);
    assert_int_equal(jump(r, item, NULL, NULL), CW_ERR_DENIED);
    assert_string_equal(approval_at(r, item), "needed");
    assert_int_equal(rig_call(r, "jump_approval.request", item, json_pack("{s:i}", "minutes", 61)),
                     CW_ERR_INVALID);
    assert_int_equal(rig_call(r, "jump_approval.request", item,
                              json_pack("{s:s, s:i}", "reason", "a broken till", "minutes", 30)),
                     0);
    request = id_in(r, "approval");
    assert_string_equal(approval_at(r, item), "waits");
    assert_int_equal(jump(r, item, NULL, NULL), CW_ERR_STATE);
    /* Not without the right, and with it not for oneself. */
    assert_int_equal(rig_call(r, "jump_approval.approve", request, NULL), CW_ERR_DENIED);
    (void)act_as(r, ada, true);
    assert_int_equal(rig_call(r, "jump_approval.request", item, NULL), 0);
    assert_int_equal(rig_call(r, "jump_approval.approve", id_in(r, "approval"), NULL),
                     CW_ERR_DENIED);
    assert_int_equal(rig_audit(r, "jump_approval.approve", "DENIED"), 2);
    assert_int_equal(
        rig_call(r, "jump_approval.approve", request, json_pack("{s:i}", "minutes", 31)),
        CW_ERR_INVALID);
    assert_int_equal(
        rig_call(r, "jump_approval.approve", request, json_pack("{s:s}", "answer", "go on")), 0);
    assert_int_equal(rig_call(r, "jump_approval.approve", request, NULL), CW_ERR_STATE);
    (void)act_as(r, bob, false);
    assert_int_equal(rig_call(r, "jump_approval.list", 0, NULL), 0);
    assert_int_equal(json_array_size(json_object_get(r->reply.json, "approvals")), 1);
    assert_string_equal(approval_at(r, item), "given");
    assert_int_equal(jump(r, item, NULL, NULL), 0);
    rig_up(r, &w, (uint32_t)rig_number(r, "session"), 1, CW_ROLE_REPRESENTATIVE, RIG_REP_BASE);
    rig_up(r, &w, r->c->live[0]->row.id, 2, CW_ROLE_UNATTENDED, RIG_CUSTOMER);
    /* When the half hour is over, the session is, and no other begins. */
    for (unsigned m = 0; m < 29; m++)
        rig_advance(r, 60);
    assert_int_equal(r->c->live_count, 1);
    rig_advance(r, 61);
    assert_int_equal(r->c->live_count, 0);
    assert_int_equal(jump(r, item, NULL, NULL), CW_ERR_DENIED);
    rig_unlink(r, &w);
}

static void a_refusal_ends_what_was_approved(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    const uint32_t bob = make_account(r, "bob");
    const uint32_t ada = r->account;
    uint32_t item = 0;
    uint32_t request = 0;

    rig_link(r, &w);
    item = online(r, &w);
    give(r, "jump_item", item,
         make_policy(r, json_pack("{s:s, s:b}", "name", "Four eyes", "approval", 1)));
    (void)act_as(r, bob, false);
    assert_int_equal(rig_call(r, "jump_approval.request", item, NULL), 0);
    request = id_in(r, "approval");
    (void)act_as(r, ada, true);
    assert_int_equal(rig_call(r, "jump_approval.approve", request, NULL), 0);
    (void)act_as(r, bob, false);
    assert_int_equal(jump(r, item, NULL, NULL), 0);
    (void)act_as(r, ada, true);
    assert_int_equal(rig_call(r, "jump_approval.deny", request, NULL), 0);
    rig_advance(r, 1);
    assert_int_equal(r->c->live_count, 0);
    rig_unlink(r, &w);
}

static size_t requests(struct rig *r)
{
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "jump_approval.list", 0, NULL), 0);
    return json_array_size(json_object_get(r->reply.json, "approvals"));
}

/* Requests go when they are over for as long as the option says, and the audit log tells how they ended. */
static void requests_that_are_long_over_are_removed(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    const uint32_t bob = make_account(r, "bob");
    const uint32_t ada = r->account;
    uint32_t item = 0;
    uint32_t request = 0;

    rig_link(r, &w);
    item = online(r, &w);
    give(r, "jump_item", item,
         make_policy(r, json_pack("{s:s, s:b, s:i}", "name", "Four eyes", "approval", 1,
                                  "approval_minutes", 2880)));
    assert_int_equal(
        rig_call_at(r, CW_FRONT_SOCKET, "option.set", 0,
                    json_pack("{s:s, s:i}", "name", "jump.approval_keep_days", "value", 3)),
        0);
    (void)act_as(r, bob, false);
    assert_int_equal(rig_call(r, "jump_approval.request", item, NULL), 0);
    assert_int_equal(rig_call(r, "jump_approval.request", item, NULL), 0);
    request = id_in(r, "approval");
    (void)act_as(r, ada, true);
    assert_int_equal(rig_call(r, "jump_approval.approve", request, NULL), 0);
    rig_advance(r, UINT64_C(3) * 86400 - 60);
    rig_advance(r, 1);
    assert_int_equal(requests(r), 2);
    /* The one that nobody decided; the approval itself was good for two days more. */
    rig_advance(r, CW_PURGE_EVERY_S + 60);
    assert_int_equal(requests(r), 1);
    assert_int_equal(rig_audit(r, "jump_approval.purge", "ok"), 1);
    rig_advance(r, UINT64_C(2) * 86400);
    assert_int_equal(requests(r), 0);
    assert_int_equal(rig_audit(r, "jump_approval.purge", "ok"), 2);
    assert_int_equal(rig_audit(r, "jump_approval.request", "ok"), 2);
    rig_unlink(r, &w);
}

static void a_second_jump_joins_starts_or_is_refused(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    const uint32_t bob = make_account(r, "bob");
    const uint32_t ada = r->account;
    uint32_t item = 0;
    uint32_t first = 0;
    uint32_t policy = 0;

    rig_link(r, &w);
    item = online(r, &w);
    policy = make_policy(r, json_pack("{s:s, s:s}", "name", "One", "simultaneous", "disallow"));
    give(r, "jump_item", item, policy);
    assert_int_equal(jump(r, item, NULL, NULL), 0);
    first = (uint32_t)rig_number(r, "session");
    (void)act_as(r, bob, false);
    assert_int_equal(jump(r, item, NULL, NULL), CW_ERR_CONFLICT);
    assert_non_null(strstr(r->reply.message, "ada"));
    (void)act_as(r, ada, true);
    assert_int_equal(
        rig_call(r, "jump_policy.set", policy, json_pack("{s:s}", "simultaneous", "join")), 0);
    (void)act_as(r, bob, false);
    assert_int_equal(jump(r, item, NULL, NULL), 0);
    assert_int_equal(rig_number(r, "session"), first);
    (void)act_as(r, ada, true);
    assert_int_equal(
        rig_call(r, "jump_policy.set", policy, json_pack("{s:s}", "simultaneous", "another")), 0);
    (void)act_as(r, bob, false);
    assert_int_equal(jump(r, item, NULL, NULL), 0);
    assert_int_not_equal(rig_number(r, "session"), first);
    assert_int_equal(r->c->live_count, 2);
    rig_unlink(r, &w);
}

static void recordings_are_as_the_policy_says(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t item = 0;

    rig_link(r, &w);
    item = online(r, &w);
    give(r, "jump_item", item,
         make_policy(r, json_pack("{s:s, s:s}", "name", "Kept", "recording", "required")));
    assert_int_equal(jump(r, item, NULL, NULL), 0);
    assert_int_equal(r->c->live[0]->row.recording, CW_RECORDING_MUST);
    rig_unlink(r, &w);
}

static void hours_and_dates_are_read_and_written(void **state)
{
    static const struct {
        const char *text;
        const char *written; /* NULL: not understood */
    } hours[] = {
        {"", ""},
        {"mon 08:00-mon 17:00", "mon 08:00-mon 17:00"},
        {" Mon-Wed 08:00-17:00 ", "mon 08:00-mon 17:00, tue 08:00-tue 17:00, wed 08:00-wed 17:00"},
        {"sat 22:00-06:00", "sat 22:00-sun 06:00"},
        {"sun 22:00-mon 06:00", "sun 22:00-mon 06:00"},
        {"sun 22:00-06:00", "sun 22:00-mon 06:00"},
        {"mon 00:00-sun 24:00", "mon 00:00-sun 24:00"},
        {"fri 08:00-24:00, sat 00:00-12:00", "fri 08:00-fri 24:00, sat 00:00-sat 12:00"},
        {"mon 24:00-tue 08:00", "tue 00:00-tue 08:00"},
        {"sun 24:00-06:00", "mon 00:00-mon 06:00"},
        {"mon 25:00-26:00", NULL},
        {"mon 08:60-09:00", NULL},
        {"mon 08:00", NULL},
        {"mon 8:00-9:00", NULL},
        {"mon 08:00-09:00,", "mon 08:00-mon 09:00"},
        {"mon 08:00-09:00 tue", NULL},
        {"day 08:00-09:00", NULL},
    };
    static const struct {
        const char *text;
        const char *written;
    } dates[] = {
        {"2026-12-24 closed", "2026-12-24 closed"},
        {"2024-02-29 08:00-12:00,2024-02-29 13:00-24:00",
         "2024-02-29 08:00-12:00, 2024-02-29 13:00-24:00"},
        {"2026-02-29 closed", NULL},
        {"2026-13-01 closed", NULL},
        {"1999-01-01 closed", NULL},
        {"2026-01-01 12:00-08:00", NULL},
        {"2026-01-01", NULL},
    };
    struct cw_schedule schedule = {0};
    char text[512];
    size_t at = 0;

    (void)state;
    for (size_t i = 0; i < sizeof hours / sizeof hours[0]; i++) {
        int err = cw_hours_parse(hours[i].text, &schedule, &at);
        if (err != (hours[i].written != NULL ? 0 : CW_ERR_INVALID))
            fail_msg("hours \"%s\": %d", hours[i].text, err);
        cw_hours_text(&schedule, text, sizeof text);
        if (err == 0)
            assert_string_equal(text, hours[i].written);
        assert_true(at <= strlen(hours[i].text));
    }
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        int err = cw_dates_parse(dates[i].text, &schedule, &at);
        if (err != (dates[i].written != NULL ? 0 : CW_ERR_INVALID))
            fail_msg("dates \"%s\": %d", dates[i].text, err);
        cw_dates_text(&schedule, text, sizeof text);
        if (err == 0)
            assert_string_equal(text, dates[i].written);
    }
}

static void what_cannot_be_is_refused_in_words(void **state)
{
    struct rig *r = *state;
    uint32_t policy = make_policy(r, json_pack("{s:s}", "name", "Till"));

#define REFUSED(err, name, id, ...) \
    assert_int_equal(rig_call(r, name, id, json_pack(__VA_ARGS__)), err)
    REFUSED(CW_ERR_CONFLICT, "jump_policy.create", 0, "{s:s}", "name", "TILL");
    REFUSED(CW_ERR_NOT_FOUND, "jump_policy.create", 0, "{s:s, s:s}", "name", "x", "time_zone",
            "Europe/Atlantis");
    REFUSED(CW_ERR_INVALID, "jump_policy.create", 0, "{s:s, s:s}", "name", "x", "hours",
            "mon 08:00-noon");
    assert_non_null(strstr(r->reply.message, "noon"));
    REFUSED(CW_ERR_INVALID, "jump_policy.set", policy, "{s:s}", "simultaneous", "maybe");
    REFUSED(CW_ERR_INVALID, "jump_policy.set", policy, "{s:i}", "approval_minutes", 0);
    REFUSED(CW_ERR_INVALID, "jump_policy.set", policy, "{s:s}", "strict", "perhaps");
    REFUSED(CW_ERR_INVALID, "jump_policy.set", policy, "{s:s}", "hour", "x");
    REFUSED(CW_ERR_NOT_FOUND, "jump_policy.show", 99, "{}");
    give(r, "jump_group", 1, policy);
    REFUSED(CW_ERR_CONFLICT, "jump_policy.remove", policy, "{}");
    give(r, "jump_group", 1, 0);
    assert_int_equal(rig_call(r, "jump_policy.remove", policy, NULL), 0);
    REFUSED(CW_ERR_NOT_FOUND, "jump_approval.approve", 99, "{}");
#undef REFUSED
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(outside_the_hours_one_is_told_when),
        CASE(only_the_right_overrides_the_hours),
        CASE(a_strict_end_warns_and_removes),
        CASE(tickets_must_fit),
        cmocka_unit_test(patterns_fit_what_they_say),
        CASE(somebody_else_approves_for_a_while),
        CASE(a_refusal_ends_what_was_approved),
        CASE(requests_that_are_long_over_are_removed),
        CASE(a_second_jump_joins_starts_or_is_refused),
        CASE(recordings_are_as_the_policy_says),
        cmocka_unit_test(hours_and_dates_are_read_and_written),
        CASE(what_cannot_be_is_refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
