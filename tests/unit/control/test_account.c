/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts: the first administrator, sign-in, forced change, lock-outs, expiry, disabling. */
#include "tests/unit/control/rig.h"

static const char good[] = "a long enough password";

static int start(void **state)
{
    struct rig *r = malloc(sizeof *r);

    assert_non_null(r);
    rig_start(r);
    *state = r;
    return 0;
}

static int stop(void **state)
{
    rig_stop(*state);
    free(*state);
    return 0;
}

static void first_admin_is_made_once_and_must_change_the_password(void **state)
{
    struct rig *r = *state;
    char once[64];

    assert_int_equal(rig_call_at(r, CW_FRONT_HTTP, "admin.create", 0, NULL), CW_ERR_DENIED);
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET_RO, "admin.create", 0, NULL), CW_ERR_DENIED);
    assert_int_equal(
        rig_call_at(r, CW_FRONT_SOCKET, "admin.create", 0, json_pack("{s:s}", "name", "no good")),
        CW_ERR_INVALID);
    assert_int_equal(
        rig_call_at(r, CW_FRONT_SOCKET, "admin.create", 0, json_pack("{s:s}", "name", "ada")), 0);
    snprintf(once, sizeof once, "%s", rig_text(r, "one_time_password"));
    assert_int_equal(strlen(once), 19);
    assert_int_equal(
        rig_call_at(r, CW_FRONT_SOCKET, "admin.create", 0, json_pack("{s:s}", "name", "eve")),
        CW_ERR_CONFLICT);
    assert_int_equal(rig_audit(r, "admin.create", "CONFLICT"), 1);
    assert_int_equal(rig_audit(r, "admin.create", "ok"), 1);

    assert_int_equal(rig_sign_in(r, "ADA", once), 0);
    assert_true(json_is_true(json_object_get(r->reply.json, "must_change_password")));
    assert_true(r->must_change);
    assert_int_equal(rig_call(r, "jump_item.list", 0, NULL), CW_ERR_DENIED);
    assert_string_equal(r->reply.code, "CHANGE_PASSWORD");
    assert_int_equal(rig_call(r, "me.show", 0, NULL), 0);

    assert_int_equal(rig_call(r, "password.change", 0,
                              json_pack("{s:s, s:s}", "current", once, "new", "elevenchars")),
                     CW_ERR_INVALID);
    assert_int_equal(
        rig_call(r, "password.change", 0, json_pack("{s:s, s:s}", "current", once, "new", once)),
        CW_ERR_INVALID);
    assert_int_equal(rig_call(r, "password.change", 0,
                              json_pack("{s:s, s:s}", "current", "wrong one", "new", good)),
                     CW_ERR_DENIED);
    assert_int_equal(
        rig_call(r, "password.change", 0, json_pack("{s:s, s:s}", "current", once, "new", good)),
        0);
    assert_int_equal(strlen(r->reply.set_cookie), CW_TOKEN_TEXT_BYTES);
    assert_int_equal(rig_sign_in(r, "ada", once), CW_ERR_DENIED);
    assert_int_equal(rig_sign_in(r, "ada", good), 0);
    assert_false(r->must_change);
    assert_int_equal(rig_call(r, "jump_item.list", 0, NULL), 0);
}

static int check_password(struct rig *r, const char *password)
{
    return rig_call(r, "password.check", 0, json_pack("{s:s}", "password", password));
}

static void a_locked_console_asks_for_the_password(void **state)
{
    struct rig *r = *state;

    rig_admin(r);
    assert_int_equal(rig_call(r, "password.check", 0, NULL), CW_ERR_INVALID);
    assert_int_equal(check_password(r, "a long enough password"), 0);
    assert_int_equal(rig_audit(r, "password.check", "ok"), 1);
    for (unsigned i = 1; i <= 5; i++) {
        assert_int_equal(check_password(r, "another password"), CW_ERR_DENIED);
        assert_int_equal(rig_audit(r, "password.check", "DENIED"), i);
    }
    /* Guessing here is guessing at the sign-in: the name is locked for both. */
    assert_int_equal(check_password(r, "a long enough password"), CW_ERR_FULL);
    rig_advance(r, 60);
    assert_int_equal(check_password(r, "a long enough password"), 0);
}

static void two_admins_at_once_make_one(void **state)
{
    struct rig *r = *state;
    json_t *body = json_pack("{s:s}", "name", "ada");
    const struct cw_request request = {
        .front = CW_FRONT_SOCKET, .source = "uid 0", .body = body, .waiter = r};
    struct cw_reply reply = {0};

    assert_int_equal(cw_control_call(r->c, rig_operation("admin.create"), &request, &reply),
                     CW_OPERATION_PENDING);
    assert_int_equal(cw_control_call(r->c, rig_operation("admin.create"), &request, &reply),
                     CW_ERR_CONFLICT);
    json_decref(body);
    rig_wait(r);
    assert_int_equal(r->reply_err, 0);
}

static void password_change_ends_other_sign_ins(void **state)
{
    struct rig *r = *state;
    char other[160];
    struct cw_request fill = {0};

    rig_admin(r);
    snprintf(other, sizeof other, "%s", r->reply.set_cookie);
    assert_int_equal(rig_sign_in(r, "ada", good), 0);
    assert_int_equal(
        rig_call(r, "password.change", 0,
                 json_pack("{s:s, s:s}", "current", good, "new", "another long password")),
        0);
    assert_int_equal(cw_control_sign_in_find(r->c, other, &fill), CW_ERR_DENIED);
    assert_int_equal(cw_control_sign_in_find(r->c, r->reply.set_cookie, &fill), 0);
}

static void sign_out_ends_it(void **state)
{
    struct rig *r = *state;
    char token[160];
    struct cw_request fill = {0};

    rig_admin(r);
    snprintf(token, sizeof token, "%s", r->reply.set_cookie);
    assert_int_equal(cw_control_sign_in_find(r->c, token, &fill), 0);
    assert_int_equal(rig_call(r, "sign_out", 0, NULL), 0);
    assert_string_equal(r->reply.set_cookie, "-");
    assert_int_equal(cw_control_sign_in_find(r->c, token, &fill), CW_ERR_DENIED);
}

static void sign_ins_expire_idle_and_absolutely(void **state)
{
    struct rig *r = *state;
    char token[160];
    struct cw_request fill = {0};

    rig_admin(r);
    snprintf(token, sizeof token, "%s", r->reply.set_cookie);
    rig_advance(r, 12 * 3600 - 1);
    assert_int_equal(cw_control_sign_in_find(r->c, token, &fill), 0);
    rig_advance(r, 11 * 3600);
    assert_int_equal(cw_control_sign_in_find(r->c, token, &fill), 0);
    rig_advance(r, 3601);
    assert_int_equal(cw_control_sign_in_find(r->c, token, &fill), CW_ERR_DENIED);

    assert_int_equal(rig_sign_in(r, "ada", good), 0);
    snprintf(token, sizeof token, "%s", r->reply.set_cookie);
    rig_advance(r, 12 * 3600);
    assert_int_equal(cw_control_sign_in_find(r->c, token, &fill), CW_ERR_DENIED);
    assert_int_equal(cw_control_sign_in_find(r->c, "short", &fill), CW_ERR_DENIED);
}

/* Known and unknown names are refused in the same words and locked in the same way. */
static void lock_out_grows_and_tells_nothing(void **state)
{
    struct rig *r = *state;
    static const char *const names[] = {"ada", "nobody-here"};
    char texts[2][240];
    char sources[64];

    rig_admin(r);
    r->account = 0;
    for (unsigned i = 0; i < 2; i++) {
        for (unsigned k = 0; k < 5; k++) {
            snprintf(sources, sizeof sources, "198.51.100.%u", i * 10 + k);
            r->source = sources;
            assert_int_equal(rig_sign_in(r, names[i], "not the password"), CW_ERR_DENIED);
            snprintf(texts[i], sizeof texts[i], "%s", r->reply.message);
        }
        assert_int_equal(rig_sign_in(r, names[i], good), CW_ERR_FULL);
        assert_int_equal(r->reply.retry_after_s, 15);
    }
    assert_string_equal(texts[0], texts[1]);
    rig_advance(r, 15);
    assert_int_equal(rig_sign_in(r, "ada", "not the password"), CW_ERR_DENIED);
    assert_int_equal(rig_sign_in(r, "ada", good), CW_ERR_FULL);
    assert_int_equal(r->reply.retry_after_s, 30);
    /* A restart forgets nothing. */
    rig_restart(r);
    assert_int_equal(rig_sign_in(r, "ada", good), CW_ERR_FULL);
    rig_advance(r, 30);
    assert_int_equal(rig_sign_in(r, "ada", good), 0);
    assert_int_equal(rig_sign_in(r, "ada", "not the password"), CW_ERR_DENIED);
    assert_int_equal(rig_sign_in(r, "ada", good), 0);
    assert_true(rig_audit(r, "sign_in", "DENIED") >= 12);
    assert_true(rig_audit(r, "sign_in", "FULL") >= 1);
}

static void a_source_has_a_budget(void **state)
{
    struct rig *r = *state;
    char name[32];

    rig_admin(r);
    r->account = 0;
    r->source = "2001:db8::1";
    for (unsigned i = 0; i < CW_SIGN_IN_TRIES; i++) {
        snprintf(name, sizeof name, "guess%u", i);
        assert_int_equal(rig_sign_in(r, name, "not the password"), CW_ERR_DENIED);
    }
    /* Another address of the same customer's network. */
    r->source = "2001:db8::2";
    assert_int_equal(rig_sign_in(r, "ada", good), CW_ERR_FULL);
    assert_true(r->reply.retry_after_s > 0);
    r->source = "2001:db8:0:1::2";
    assert_int_equal(rig_sign_in(r, "ada", good), 0);
    r->source = "2001:db8::1";
    rig_advance(r, CW_SIGN_IN_TRY_S);
    assert_int_equal(rig_sign_in(r, "ada", good), 0);
}

static void disabled_accounts_are_out_at_once(void **state)
{
    struct rig *r = *state;
    char once[64];
    char token[160];
    struct cw_request fill = {0};
    uint32_t id = 0;
    struct rig other;

    rig_admin(r);
    assert_int_equal(rig_call(r, "account.create", 0,
                              json_pack("{s:s, s:s}", "user", "bob", "display_name", "Bob B.")),
                     0);
    id = (uint32_t)json_integer_value(
        json_object_get(json_object_get(r->reply.json, "account"), "id"));
    snprintf(once, sizeof once, "%s", rig_text(r, "one_time_password"));
    assert_int_equal(rig_call(r, "account.create", 0, json_pack("{s:s}", "user", "BOB")),
                     CW_ERR_CONFLICT);
    other = *r;
    assert_int_equal(rig_sign_in(r, "bob", once), 0);
    snprintf(token, sizeof token, "%s", r->reply.set_cookie);
    r->must_change = false;
    assert_int_equal(rig_call(r, "account.create", 0, json_pack("{s:s}", "user", "mallory")),
                     CW_ERR_DENIED);
    assert_int_equal(rig_audit(r, "account.create", "DENIED"), 1);
    r->account = other.account;
    r->is_admin = true;
    assert_int_equal(rig_call(r, "account.disable", other.account, NULL), CW_ERR_STATE);
    assert_int_equal(rig_call(r, "account.disable", 999, NULL), CW_ERR_NOT_FOUND);
    assert_int_equal(rig_call(r, "account.disable", id, NULL), 0);
    assert_int_equal(cw_control_sign_in_find(r->c, token, &fill), CW_ERR_DENIED);
    r->account = 0;
    assert_int_equal(rig_sign_in(r, "bob", once), CW_ERR_DENIED);
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "account.enable", id, NULL), 0);
    assert_int_equal(rig_sign_in(r, "bob", once), 0);
}

static void nobody_signed_in_may_do_nothing_but_sign_in(void **state)
{
    struct rig *r = *state;

    for (const struct cw_operation *op = cw_operations; op->name != NULL; op++) {
        if (op->need == CW_NEED_NOTHING || op->method == NULL)
            continue;
        assert_int_equal(rig_call(r, op->name, 1, NULL), CW_ERR_DENIED);
        assert_string_equal(r->reply.code, "SIGN_IN");
    }
}

static void a_cancelled_waiter_hears_nothing_and_gets_nothing(void **state)
{
    struct rig *r = *state;
    json_t *body = json_pack("{s:s, s:s}", "user", "ada", "password", good);
    struct cw_request request = {
        .front = CW_FRONT_HTTP, .source = "203.0.113.9", .body = body, .waiter = r};
    struct cw_reply reply = {0};
    uint32_t before = 0;
    uint32_t after = 0;

    rig_admin(r);
    assert_int_equal(cw_store_sign_in_count(r->c->store, r->account, &before), 0);
    r->is_answered = false;
    assert_int_equal(cw_control_call(r->c, rig_operation("sign_in"), &request, &reply),
                     CW_OPERATION_PENDING);
    cw_control_cancel(r->c, r);
    json_decref(body);
    while (r->c->pending != NULL) {
        struct pollfd fd = {.fd = cw_control_event_fd(r->c), .events = POLLIN};
        assert_int_equal(poll(&fd, 1, 20000), 1);
        cw_control_on_hashes_ready(r->c);
    }
    assert_false(r->is_answered);
    assert_int_equal(cw_store_sign_in_count(r->c->store, r->account, &after), 0);
    assert_int_equal(before, after);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        CASE(first_admin_is_made_once_and_must_change_the_password),
        CASE(two_admins_at_once_make_one),
        CASE(a_locked_console_asks_for_the_password),
        CASE(password_change_ends_other_sign_ins),
        CASE(sign_out_ends_it),
        CASE(sign_ins_expire_idle_and_absolutely),
        CASE(lock_out_grows_and_tells_nothing),
        CASE(a_source_has_a_budget),
        CASE(disabled_accounts_are_out_at_once),
        CASE(nobody_signed_in_may_do_nothing_but_sign_in),
        CASE(a_cancelled_waiter_hears_nothing_and_gets_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
