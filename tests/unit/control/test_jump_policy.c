/* SPDX-License-Identifier: Apache-2.0 */
/* Jump policies: hours, strict ends, tickets, approval by somebody else, two Jumps to one computer. */
#include "control/account/totp.h"
#include "control/policy/jump_check.h"
#include "control/policy/policies.h"
#include "tests/unit/control/authenticator.h"

static uint32_t id_in(struct rig *r, const char *object)
{
    return (uint32_t)json_integer_value(
        json_object_get(json_object_get(r->reply.json, object), "id"));
}

/* Takes body. */
static uint32_t make_policy(struct rig *r, json_t *body)
{
    assert_int_equal(rig_call(r, "jump_policy.create", 0, body), 0);
    return id_in(r, "jump_policy");
}

static void give(struct rig *r, const char *kind, uint32_t object, uint32_t policy)
{
    assert_int_equal(rig_call(r, "policy.assign", 0,
                              json_pack("{s:s, s:I, s:I}", "kind", kind, "object",
                                        (json_int_t)object, "jump_policy", (json_int_t)policy)),
                     0);
}

/* A Jump Item that is online. */
static uint32_t online(struct rig *r, struct rig_worker *w)
{
    const uint32_t item = rig_enrol(r, w, 9, "Till");

    RIG_TELL(r, w, .type = CW_LINK_DEVICE_UP, .participant = item);
    return item;
}

static int jump(struct rig *r, uint32_t item, const char *member, json_t *value)
{
    json_t *body = rig_holder(3);

    if (member != NULL)
        json_object_set_new(body, member, value);
    return rig_call(r, "jump_item.jump", item, body);
}

/* Sets the clock to a UTC time of July 2026; the 6th is a Monday. */
static void set_clock(struct rig *r, int day, int hour, int minute)
{
    r->now_ms = (uint64_t)(cw_date_to_days(2026, 7, day) * 86400 + hour * 3600 + minute * 60) *
                UINT64_C(1000);
}

static uint32_t make_account(struct rig *r, const char *user)
{
    assert_int_equal(rig_call(r, "account.create", 0, json_pack("{s:s}", "user", user)), 0);
    return id_in(r, "account");
}

static uint32_t act_as(struct rig *r, uint32_t account, bool is_admin)
{
    const uint32_t before = r->account;

    r->account = account;
    r->is_admin = is_admin;
    return before;
}

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

/* Sets a second factor up for who calls; gives the secret. */
static void make_factor(struct rig *r, uint8_t secret[20])
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    char attempt[64];
    char code[16];
    unsigned bits = 0;
    unsigned count = 0;
    size_t n = 0;

    assert_int_equal(rig_call(r, "totp.begin", 0, NULL), 0);
    snprintf(attempt, sizeof attempt, "%s", rig_text(r, "attempt"));
    for (const char *text = rig_text(r, "secret"); *text != '\0' && n < 20; text++) {
        bits = bits << 5 | (unsigned)(strchr(alphabet, *text) - alphabet);
        count += 5;
        if (count >= 8) {
            count -= 8;
            secret[n++] = (uint8_t)(bits >> count);
        }
    }
    assert_int_equal(cw_totp_code(secret, 20, r->now_ms / 30000, 6, code), 0);
    assert_int_equal(
        rig_call(r, "totp.confirm", 0, json_pack("{s:s, s:s}", "attempt", attempt, "code", code)),
        0);
}

static void a_second_factor_is_asked_for_each_time(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint8_t secret[20] = {0};
    char code[16];
    uint32_t item = 0;

    rig_link(r, &w);
    item = online(r, &w);
    give(r, "jump_item", item,
         make_policy(r, json_pack("{s:s, s:b}", "name", "Codes", "second_factor", 1)));
    assert_int_equal(jump(r, item, NULL, NULL), CW_ERR_STATE);
    make_factor(r, secret);
    rig_advance(r, 60);
    assert_int_equal(jump(r, item, NULL, NULL), CW_ERR_INVALID);
    assert_int_equal(cw_totp_code(secret, 20, r->now_ms / 30000, 6, code), 0);
    code[0] = code[0] == '0' ? '1' : '0';
    assert_int_equal(jump(r, item, "code", json_string(code)), CW_ERR_DENIED);
    assert_int_equal(r->c->live_count, 0);
    assert_int_equal(cw_totp_code(secret, 20, r->now_ms / 30000, 6, code), 0);
    assert_int_equal(jump(r, item, "code", json_string(code)), 0);
    assert_int_equal(r->c->live_count, 1);
    rig_unlink(r, &w);
}

static const char *challenge_of(struct rig *r, char *ret_attempt, size_t size)
{
    snprintf(ret_attempt, size, "%s", rig_text(r, "attempt"));
    return json_string_value(
        json_object_get(json_object_get(r->reply.json, "webauthn"), "challenge"));
}

static int jump_with(struct rig *r, uint32_t item, const char *attempt, json_t *credential)
{
    json_t *body = rig_holder(3);

    json_object_set_new(body, "attempt", json_string(attempt));
    json_object_set_new(body, "credential", credential);
    return rig_call(r, "jump_item.jump", item, body);
}

/* An authenticator in place of the code: its own, for this challenge, once, and with its person verified. */
static void an_authenticator_opens_a_jump(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    struct soft a, other;
    char attempt[64];
    const char *challenge = NULL;
    json_t *credential = NULL;
    uint32_t item = 0;

    rig_link(r, &w);
    item = online(r, &w);
    give(r, "jump_item", item,
         make_policy(r, json_pack("{s:s, s:b}", "name", "Touch", "second_factor", 1)));
    assert_int_equal(rig_call(r, "second_factor.challenge", 0, NULL), CW_ERR_STATE);
    soft_new(&a, 1);
    soft_new_of(&other, 2, SOFT_EDDSA);
    assert_int_equal(rig_call(r, "authenticator.begin", 0, NULL), 0);
    challenge = challenge_of(r, attempt, sizeof attempt);
    assert_int_equal(rig_call(r, "authenticator.add", 0,
                              json_pack("{s:s, s:o}", "attempt", attempt, "credential",
                                        soft_register(&a, challenge))),
                     0);
    assert_int_equal(jump(r, item, NULL, NULL), CW_ERR_INVALID);
    assert_non_null(strstr(r->reply.message, "second_factor.challenge"));
    assert_int_equal(jump(r, item, "code", json_string("000000")), CW_ERR_STATE);

    assert_int_equal(rig_call(r, "second_factor.challenge", 0, NULL), 0);
    challenge = challenge_of(r, attempt, sizeof attempt);
    credential = soft_sign(&other, "webauthn.get", challenge);
    a.flags = SOFT_PRESENT;
    json_t *unverified = soft_sign(&a, "webauthn.get", challenge);
    a.flags = SOFT_PRESENT | SOFT_VERIFIED;
    json_t *good = soft_sign(&a, "webauthn.get", challenge);
    assert_int_equal(jump_with(r, item, "AAAA", json_incref(good)), CW_ERR_EXPIRED);
    assert_int_equal(jump_with(r, item, attempt, credential), CW_ERR_DENIED);
    assert_int_equal(jump_with(r, item, attempt, unverified), CW_ERR_DENIED);
    assert_int_equal(r->c->live_count, 0);
    assert_int_equal(jump_with(r, item, attempt, json_incref(good)), 0);
    assert_int_equal(r->c->live_count, 1);
    assert_int_equal(rig_call(r, "session.end", (uint32_t)rig_number(r, "session"), NULL), 0);
    assert_int_equal(jump_with(r, item, attempt, good), CW_ERR_EXPIRED);
    assert_int_equal(rig_audit(r, "second_factor.challenge", "ok"), 1);
    assert_int_equal(rig_audit(r, "second_factor.challenge", "DENIED"), 2);
    soft_free(&a);
    soft_free(&other);
    rig_unlink(r, &w);
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
        CASE(a_second_factor_is_asked_for_each_time),
        CASE(an_authenticator_opens_a_jump),
        CASE(what_cannot_be_is_refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
