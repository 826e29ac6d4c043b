/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a sign-in and its rules: agreement, second factor that is required, remembering, networks, second
 * logins, lock-outs. */
#include "tests/unit/control/rig.h"

#include "control/account/option.h"
#include "control/account/password.h"
#include "control/account/totp.h"

static const char password[] = "a long enough password";

static int set_option(struct rig *r, const char *name, const char *value)
{
    return rig_call_at(r, CW_FRONT_SOCKET, "option.set", 0,
                       json_pack("{s:s, s:s}", "name", name, "value", value));
}

static int set_ada(struct rig *r, json_t *body)
{
    return rig_call_at(r, CW_FRONT_SOCKET, "account.set", 1, body);
}

static void publish(struct rig *r, const char *title)
{
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "agreement.publish", 0,
                                 json_pack("{s:s, s:s}", "title", title, "text",
                                           "Be kind.\nWrite down what you do.")),
                     0);
}

static void the_agreement_comes_first(void **state)
{
    struct rig *r = *state;

    publish(r, "Rules");
    assert_int_equal(rig_call(r, "jump_item.list", 0, NULL),
                     0); /* signed in before: not asked now */
    assert_int_equal(rig_sign_in(r, "ada", password), 0);
    assert_string_equal(rig_text(r, "next"), "agreement");
    assert_int_equal(rig_call(r, "jump_item.list", 0, NULL), CW_ERR_DENIED);
    assert_string_equal(r->reply.code, "AGREEMENT");
    assert_int_equal(rig_call(r, "agreement.show", 0, NULL), 0);
    assert_int_equal(rig_call(r, "agreement.accept", 0, json_pack("{s:i}", "version", 9)),
                     CW_ERR_CONFLICT);
    assert_int_equal(rig_call(r, "agreement.accept", 0, json_pack("{s:i}", "version", 1)), 0);
    assert_true(json_is_null(json_object_get(r->reply.json, "next")));
    assert_int_equal(rig_sign_in(r, "ada", password), 0);
    assert_int_equal(r->due, 0);
    assert_int_equal(rig_audit(r, "agreement.accept", "ok"), 1);
    publish(r, "New rules");
    rig_restart(r);
    assert_int_equal(rig_sign_in(r, "ada", password), 0);
    assert_int_equal(r->due, CW_DUE_AGREEMENT);
    assert_int_equal(rig_call(r, "agreement.accept", 0, json_pack("{s:i}", "version", 1)),
                     CW_ERR_CONFLICT);
    assert_int_equal(rig_call(r, "agreement.accept", 0, json_pack("{s:i}", "version", 2)), 0);
    assert_int_equal(set_option(r, "sign_in.agreement", "always"), 0);
    assert_int_equal(rig_sign_in(r, "ada", password), 0);
    assert_int_equal(r->due, CW_DUE_AGREEMENT);
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "agreement.withdraw", 0, NULL), 0);
    assert_int_equal(rig_sign_in(r, "ada", password), 0);
    assert_int_equal(r->due, 0);
}

static void a_required_second_factor_is_set_up_first(void **state)
{
    struct rig *r = *state;
    char attempt[64], code[16];
    uint8_t secret[20] = {0};
    const char *text = NULL;
    unsigned bits = 0, count = 0;
    size_t n = 0;

    assert_int_equal(set_ada(r, json_pack("{s:s}", "second_factor", "required")), 0);
    assert_int_equal(rig_sign_in(r, "ada", password), 0);
    assert_string_equal(rig_text(r, "next"), "second_factor_setup");
    assert_int_equal(rig_call(r, "jump_item.list", 0, NULL), CW_ERR_DENIED);
    assert_string_equal(r->reply.code, "SECOND_FACTOR_SETUP");
    assert_int_equal(rig_call(r, "totp.begin", 0, NULL), 0);
    snprintf(attempt, sizeof attempt, "%s", rig_text(r, "attempt"));
    for (text = rig_text(r, "secret"); *text != '\0'; text++) {
        static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        bits = bits << 5 | (unsigned)(strchr(alphabet, *text) - alphabet);
        count += 5;
        if (count >= 8) {
            count -= 8;
            secret[n++] = (uint8_t)(bits >> count);
        }
    }
    assert_int_equal(cw_totp_code(secret, sizeof secret, r->now_ms / 30000, 6, code), 0);
    assert_int_equal(
        rig_call(r, "totp.confirm", 0, json_pack("{s:s, s:s}", "attempt", attempt, "code", code)),
        0);
    assert_true(json_is_null(json_object_get(r->reply.json, "next")));
    r->due = 0;
    assert_int_equal(rig_call(r, "totp.remove", 0, NULL), CW_ERR_STATE); /* the only one */
}

static void remembering_can_be_forbidden(void **state)
{
    struct rig *r = *state;
    char cookie[160];

    assert_int_equal(
        rig_call(r, "sign_in", 0,
                 json_pack("{s:s, s:s, s:b}", "user", "ada", "password", password, "remember", 1)),
        0);
    assert_int_equal(r->reply.cookie_life_s, 14 * 86400);
    snprintf(cookie, sizeof cookie, "%s", r->reply.set_cookie);
    rig_advance(r, 10 * 86400);
    assert_int_equal(rig_come_back(r, cookie), 0);
    assert_int_equal(set_option(r, "sign_in.remember_me", "forbidden"), 0);
    assert_int_equal(rig_come_back(r, cookie), CW_ERR_DENIED);
    assert_int_equal(
        rig_call(r, "sign_in", 0,
                 json_pack("{s:s, s:s, s:b}", "user", "ada", "password", password, "remember", 1)),
        0);
    assert_int_equal(r->reply.cookie_life_s, 0);
    assert_true(json_is_false(json_object_get(r->reply.json, "remembered")));
    snprintf(cookie, sizeof cookie, "%s", r->reply.set_cookie);
    rig_advance(r, 13 * 3600);
    assert_int_equal(rig_come_back(r, cookie), CW_ERR_DENIED);
}

static void networks_count_always_or_the_first_time(void **state)
{
    struct rig *r = *state;
    char cookie[160];

    assert_int_equal(
        set_ada(r, json_pack("{s:s, s:s}", "network_rule", "always", "networks", "10.0.0.0/8")), 0);
    assert_int_equal(rig_sign_in(r, "ada", password), CW_ERR_DENIED);
    assert_non_null(strstr(r->reply.message, "203.0.113.9"));
    assert_int_equal(rig_audit(r, "sign_in", "DENIED"), 1);
    r->source = "10.1.2.3";
    assert_int_equal(rig_sign_in(r, "ada", password), 0);
    snprintf(cookie, sizeof cookie, "%s", r->reply.set_cookie);
    assert_int_equal(rig_come_back(r, cookie), 0);
    r->source = "203.0.113.9";
    assert_int_equal(rig_come_back(r, cookie), CW_ERR_DENIED); /* in every request */
    assert_int_equal(
        set_ada(r, json_pack("{s:s, s:s}", "network_rule", "first", "networks", "2001:db8::/32")),
        0);
    assert_int_equal(rig_sign_in(r, "ada", password), CW_ERR_DENIED);
    r->source = "2001:db8::7";
    assert_int_equal(rig_sign_in(r, "ada", password), 0);
    r->source = "203.0.113.9";
    assert_int_equal(rig_sign_in(r, "ada", password), 0); /* it was there once */
}

static void a_second_login_does_what_the_rule_says(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    char first[160], second[160];
    uint32_t session = 0;

    rig_link(r, &w);
    assert_int_equal(rig_sign_in(r, "ada", password), 0);
    snprintf(first, sizeof first, "%s", r->reply.set_cookie);
    assert_int_equal(rig_sign_in(r, "ada", password), 0);
    assert_int_equal(rig_come_back(r, first), 0); /* both */
    session = rig_attended(r, &w);
    assert_int_equal(set_ada(r, json_pack("{s:s}", "second_login", "move")), 0);
    assert_int_equal(rig_sign_in(r, "ada", password), 0);
    snprintf(second, sizeof second, "%s", r->reply.set_cookie);
    assert_true(rig_event(&w, 1, "signed_out"));
    assert_int_equal(rig_come_back(r, first), CW_ERR_DENIED);
    assert_int_equal(rig_come_back(r, second), 0);
    assert_non_null(cw_live_find(r->c, session)); /* moved along: to be joined from there */
    assert_int_equal(rig_call(r, "session.join", session, rig_holder(5)), 0);
    /* The rules of a lost representative: back to the queue, or the end. */
    assert_int_equal(set_ada(r, json_pack("{s:s}", "second_login", "end")), 0);
    assert_int_equal(rig_sign_in(r, "ada", password), 0);
    assert_non_null(cw_live_find(r->c, session));
    assert_int_equal(cw_live_find(r->c, session)->row.state, CW_SESSION_WAITING);
    assert_int_equal(rig_call(r, "session.accept", session, rig_holder(6)), 0);
    assert_int_equal(set_option(r, "fallback.last_attended", "off"), 0);
    assert_int_equal(set_option(r, "fallback.entered_attended", "off"), 0);
    assert_int_equal(rig_sign_in(r, "ada", password), 0);
    assert_null(cw_live_find(r->c, session));
    rig_unlink(r, &w);
}

/* How many places sign_in.list gives, which must name this one. */
static size_t places(struct rig *r)
{
    size_t i = 0;
    unsigned here = 0;
    const json_t *row = NULL;

    assert_int_equal(rig_call(r, "sign_in.list", 0, NULL), 0);
    json_array_foreach(json_object_get(r->reply.json, "sign_ins"), i, row)
    {
        if (json_is_true(json_object_get(row, "current"))) {
            assert_int_equal(json_integer_value(json_object_get(row, "id")), r->sign_in);
            here++;
        }
    }
    assert_int_equal(here, 1);
    return i;
}

static void a_sign_in_elsewhere_is_listed_and_ended(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    char first[160], second[160];
    uint32_t first_id = 0;
    size_t before = 0;

    rig_link(r, &w);
    before = places(r);
    assert_int_equal(rig_sign_in(r, "ada", password), 0);
    snprintf(first, sizeof first, "%s", r->reply.set_cookie);
    first_id = r->sign_in;
    rig_advance(r, 60);
    assert_int_equal(rig_sign_in(r, "ada", password), 0);
    snprintf(second, sizeof second, "%s", r->reply.set_cookie);
    assert_int_equal(places(r), before + 2);
    assert_int_equal(rig_call(r, "sign_in.end", r->sign_in, NULL), CW_ERR_CONFLICT);
    assert_int_equal(rig_call(r, "sign_in.end", 99999, NULL), CW_ERR_NOT_FOUND);
    assert_int_equal(rig_audit(r, "sign_in.end", "ok"), 0);
    rig_forget(&w);
    assert_int_equal(rig_call(r, "sign_in.end", first_id, NULL), 0);
    assert_true(rig_event(&w, r->account, "sign_ins_changed"));
    assert_int_equal(rig_audit(r, "sign_in.end", "ok"), 1);
    assert_int_equal(places(r), before + 1);
    assert_int_equal(rig_come_back(r, first), CW_ERR_DENIED);
    assert_int_equal(rig_come_back(r, second), 0);
    assert_int_equal(rig_call(r, "sign_in.end_others", 0, NULL), 0);
    assert_int_equal(places(r), 1);
    rig_advance(r, 40 * 86400); /* nobody came: it is over, swept out or not */
    assert_int_equal(rig_sign_in(r, "ada", password), 0);
    assert_int_equal(places(r), 1);
    rig_unlink(r, &w);
}

static void a_name_is_locked_until_somebody_unlocks_it(void **state)
{
    struct rig *r = *state;

    assert_int_equal(set_option(r, "lock_out.for_good", "3"), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(rig_sign_in(r, "ada", "wrong password 1"), CW_ERR_DENIED);
    rig_advance(r, 30 * 86400);
    assert_int_equal(rig_sign_in(r, "ada", password), CW_ERR_DENIED);
    assert_non_null(strstr(r->reply.message, "administrator"));
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "account.list", 0, NULL), 0);
    assert_true(json_is_true(json_object_get(
        json_array_get(json_object_get(r->reply.json, "accounts"), 0), "is_locked")));
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "account.unlock", 1, NULL), 0);
    assert_int_equal(rig_sign_in(r, "ada", password), 0);
}

/* A month of somebody who tries as often as he is let, from ever new addresses. */
static void guessing_passwords_stays_within_its_budget(void **state)
{
    struct rig *r = *state;
    unsigned looked_at = 0;
    char source[32];

    for (unsigned minute = 0; minute < 30 * 24 * 60; minute += 5) {
        snprintf(source, sizeof source, "198.51.%u.%u", minute / 250 % 250, minute % 250);
        r->source = source;
        if (rig_sign_in(r, "ada", "wrong password 1") == CW_ERR_DENIED)
            looked_at++;
        r->now_ms += 5 * 60 * 1000;
    }
    assert_true(looked_at > 30 * 20);
    assert_true(looked_at < 30 * 25 + 20); /* one an hour, and what the first hours allow */
}

/* ---- seats ----------------------------------------------------------------------------------- */

static uint32_t make_account(struct rig *r, const char *user)
{
    assert_int_equal(
        rig_call_at(r, CW_FRONT_SOCKET, "account.create", 0, json_pack("{s:s}", "user", user)), 0);
    return (uint32_t)json_integer_value(
        json_object_get(json_object_get(r->reply.json, "account"), "id"));
}

static uint64_t seats_used(struct rig *r)
{
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "seat.list", 0, NULL), 0);
    return rig_number(r, "used");
}

static int open_console(struct rig *r, uint32_t account)
{
    r->account = account;
    r->is_admin = account == 1;
    return rig_call(r, "events.ticket", 0, rig_holder(9));
}

static void seats_are_counted_and_enforced(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    const uint32_t bob = make_account(r, "bob");
    const uint32_t carol = make_account(r, "carol");

    rig_link(r, &w);
    assert_int_equal(set_option(r, "licence.seats", "2"), 0);
    assert_int_equal(open_console(r, 1), 0);
    assert_int_equal(seats_used(r), 1);
    RIG_TELL(r, &w, .type = CW_LINK_CONSOLE_UP, .participant = 1, .request = 100);
    RIG_TELL(r, &w, .type = CW_LINK_CONSOLE_UP, .participant = 1, .request = 101);
    assert_int_equal(seats_used(r), 1); /* two consoles, one person */
    assert_int_equal(open_console(r, bob), 0);
    assert_int_equal(open_console(r, carol), CW_ERR_FULL);
    assert_non_null(strstr(r->reply.message, "2 seats"));
    assert_int_equal(rig_audit(r, "licence.seat", "FULL"), 1);
    rig_advance(r, 61); /* bob never came */
    assert_int_equal(open_console(r, carol), 0);
    RIG_TELL(r, &w, .type = CW_LINK_CONSOLE_UP, .participant = carol, .request = 102);
    assert_int_equal(open_console(r, bob), CW_ERR_FULL);
    assert_int_equal(open_console(r, carol), 0); /* who has one keeps it */
    RIG_TELL(r, &w, .type = CW_LINK_CONSOLE_DOWN, .participant = carol, .request = 102);
    rig_advance(r, 61);
    assert_int_equal(open_console(r, bob), 0);
    rig_advance(r, 61);
    assert_int_equal(set_ada(r, json_pack("{s:[s]}", "rights_allowed", "extended_availability")),
                     0);
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "account.set", carol,
                                 json_pack("{s:[s]}", "rights_allowed", "extended_availability")),
                     0);
    r->account = carol;
    r->is_admin = false;
    assert_int_equal(rig_call(r, "availability.extended", 0, json_pack("{s:b}", "extended", 1)), 0);
    rig_unlink(r, &w);
    rig_restart(r);
    assert_int_equal(seats_used(r), 1); /* reserved without a console, and kept */
    r->account = carol;
    assert_int_equal(rig_call(r, "availability.extended", 0, json_pack("{s:b}", "extended", 0)), 0);
    assert_int_equal(seats_used(r), 0);
}

static void an_account_in_use_is_refused_when_the_rule_says_so(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;

    rig_link(r, &w);
    assert_int_equal(set_option(r, "sign_in.second_login", "refuse"), 0);
    assert_int_equal(rig_sign_in(r, "ada", password), 0); /* nobody is there */
    RIG_TELL(r, &w, .type = CW_LINK_CONSOLE_UP, .participant = 1, .request = 100);
    assert_int_equal(rig_sign_in(r, "ada", password), CW_ERR_STATE);
    assert_non_null(strstr(r->reply.message, "in use"));
    RIG_TELL(r, &w, .type = CW_LINK_CONSOLE_DOWN, .participant = 1, .request = 100);
    assert_int_equal(rig_sign_in(r, "ada", password), 0);
    rig_unlink(r, &w);
}

/* ---- settings of the console ----------------------------------------------------------------- */

static const char *setting(struct rig *r, const char *name, const char *member)
{
    size_t i = 0;
    const json_t *row = NULL;

    assert_int_equal(rig_call(r, "console_setting.list", 0, NULL), 0);
    json_array_foreach(json_object_get(r->reply.json, "settings"), i, row)
    {
        if (strcmp(json_string_value(json_object_get(row, "name")), name) == 0)
            return json_string_value(json_object_get(row, member));
    }
    return "";
}

static int choose(struct rig *r, const char *name, const char *value)
{
    return rig_call(r, "console_setting.choose", 0,
                    json_pack("{s:s, s:s}", "name", name, "value", value));
}

static void settings_are_suggested_chosen_and_forced(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;

    rig_link(r, &w);
    assert_string_equal(setting(r, "theme", "value"), "system");
    assert_int_equal(rig_call(r, "console_setting.set", 0,
                              json_pack("{s:s, s:s}", "name", "theme", "value", "dark")),
                     0);
    assert_true(rig_event(&w, 0, "settings_changed"));
    assert_string_equal(setting(r, "theme", "value"), "dark");
    assert_string_equal(setting(r, "theme", "rule"), "suggested");
    assert_int_equal(choose(r, "theme", "light"), 0);
    assert_string_equal(setting(r, "theme", "value"), "light");
    assert_int_equal(rig_call(r, "console_setting.set", 0,
                              json_pack("{s:s, s:s, s:b}", "name", "theme", "value",
                                        "high_contrast", "forced", 1)),
                     0);
    assert_string_equal(setting(r, "theme", "value"), "high_contrast");
    assert_string_equal(setting(r, "theme", "rule"), "forced");
    assert_int_equal(choose(r, "theme", "light"), CW_ERR_DENIED);
    assert_int_equal(choose(r, "theme", "pink"), CW_ERR_INVALID);
    assert_int_equal(choose(r, "colour", "pink"), CW_ERR_NOT_FOUND);
    rig_unlink(r, &w);
    rig_restart(r);
    assert_string_equal(setting(r, "theme", "value"), "high_contrast");
    assert_int_equal(rig_call(r, "console_setting.reset", 0, json_pack("{s:s}", "name", "theme")),
                     0);
    assert_string_equal(setting(r, "theme", "value"), "light");
    assert_int_equal(rig_call(r, "console_setting.restore", 0, NULL), 0);
    assert_string_equal(setting(r, "theme", "value"), "system");
    assert_string_equal(setting(r, "theme", "rule"), "default");
}

/* ---- passwords ------------------------------------------------------------------------------- */

static void common_passwords_are_refused(void **state)
{
    static const char *const common[] = {
        "password2024!",  "Passw0rd1234",  "123456789012",    "qwertyuiop123", "aaaaaaaaaaaaaaa",
        "letmeinletmein", "Summer2026!!!", "adalovelace1815", "abcdefghijklm", "W3lc0meW3lc0me"};
    static const char *const good[] = {"correct horse battery", "a long enough password",
                                       "tQ7-vLx9-pRm2", "Fischbr\xC3\xB6tchen am Hafen"};

    (void)state;
    for (size_t i = 0; i < sizeof common / sizeof common[0]; i++)
        assert_non_null(cw_password_objection(common[i], strlen(common[i]), "adalovelace", NULL));
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_null(cw_password_objection(good[i], strlen(good[i]), "adalovelace", NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)
        CASE(the_agreement_comes_first),
        CASE(a_required_second_factor_is_set_up_first),
        CASE(remembering_can_be_forbidden),
        CASE(networks_count_always_or_the_first_time),
        CASE(a_second_login_does_what_the_rule_says),
        CASE(a_sign_in_elsewhere_is_listed_and_ended),
        CASE(a_name_is_locked_until_somebody_unlocks_it),
        CASE(guessing_passwords_stays_within_its_budget),
        CASE(seats_are_counted_and_enforced),
        CASE(an_account_in_use_is_refused_when_the_rule_says_so),
        CASE(settings_are_suggested_chosen_and_forced),
        cmocka_unit_test(common_passwords_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
