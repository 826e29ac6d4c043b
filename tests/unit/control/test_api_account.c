/* SPDX-License-Identifier: Apache-2.0 */
/* API accounts: access by scope, tokens and what ends them, networks, how often; the header and forms. */
#include "tests/unit/control/rig.h"

#include "control/api/api_account.h"
#include "control/front/http_authorization.h"

struct client {
    uint32_t id;
    char client_id[32];
    char secret[64];
};

static struct client make(struct rig *r, json_t *body)
{
    struct client k = {0};
    const json_t *row = NULL;

    assert_int_equal(rig_call(r, "api_account.create", 0, body), 0);
    row = json_object_get(r->reply.json, "api_account");
    k.id = (uint32_t)json_integer_value(json_object_get(row, "id"));
    snprintf(k.client_id, sizeof k.client_id, "%s",
             json_string_value(json_object_get(row, "client_id")));
    snprintf(k.secret, sizeof k.secret, "%s", rig_text(r, "client_secret"));
    return k;
}

/* The token's text is in r->reply. */
static int token(struct rig *r, const struct client *k, const char *secret, const char *scope)
{
    json_t *body = json_pack("{s:s, s:s, s:s}", "grant_type", "client_credentials", "client_id",
                             k->client_id, "client_secret", secret);

    if (scope != NULL)
        json_object_set_new(body, "scope", json_string(scope));
    return rig_call(r, "oauth.token", 0, body);
}

/* One call with a bearer token from an address. */
static int call_as(struct rig *r, const char *bearer, const char *source, const char *name,
                   uint32_t id, json_t *body)
{
    struct cw_request request = {.now_unix_ms = r->now_ms, .path_id = id, .waiter = r};
    uint32_t wait_s = 0;
    int err = 0;

    snprintf(request.source, sizeof request.source, "%s", source);
    request.body = body != NULL ? body : json_object();
    err = cw_control_bearer_find(r->c, bearer, &request, &wait_s);
    json_decref(r->reply.json);
    r->reply = (struct cw_reply){0};
    if (err == 0)
        err = cw_control_call(r->c, rig_operation(name), &request, &r->reply);
    json_decref((json_t *)(uintptr_t)request.body);
    return err;
}

static void test_access(void **state)
{
    uint32_t a = 0;
    char text[CW_API_ACCESS_TEXT_BYTES];

    (void)state;
    assert_int_equal(cw_access_parse("report:read  command", &a), 0);
    assert_int_equal(cw_api_access_of(a, CW_SCOPE_REPORT), CW_API_ACCESS_READ);
    assert_int_equal(cw_api_access_of(a, CW_SCOPE_COMMAND), CW_API_ACCESS_FULL);
    assert_int_equal(cw_api_access_of(a, CW_SCOPE_BACKUP), CW_API_ACCESS_NONE);
    cw_api_access_text(a, text);
    assert_string_equal(text, "command report:read");
    assert_int_equal(cw_access_parse("report:read report report:read", &a), 0);
    assert_int_equal(cw_api_access_of(a, CW_SCOPE_REPORT), CW_API_ACCESS_FULL);
    assert_int_equal(cw_access_parse("", &a), 0);
    assert_int_equal(a, 0);
    assert_int_equal(cw_access_parse("reports", &a), CW_ERR_INVALID);
    assert_int_equal(cw_access_parse(":read", &a), CW_ERR_INVALID);
    assert_int_equal(cw_access_parse("report:write", &a), CW_ERR_INVALID);
    for (uint32_t x = 0; x < 3; x++)
        for (uint32_t y = 0; y < 3; y++) {
            uint32_t p = cw_api_access_with(0, CW_SCOPE_BACKUP, (enum cw_api_access)x);
            uint32_t q = cw_api_access_with(0, CW_SCOPE_BACKUP, (enum cw_api_access)y);
            assert_int_equal(cw_api_access_of(cw_api_access_least(p, q), CW_SCOPE_BACKUP),
                             x < y ? x : y);
        }
}

static void test_tokens(void **state)
{
    struct rig r;
    struct client k;
    char bearer[64];

    (void)state;
    rig_start(&r);
    rig_admin(&r);
    k = make(&r, json_pack("{s:s, s:s, s:s}", "name", "Ticketing", "configuration", "read",
                           "command", "full"));
    assert_int_equal(token(&r, &k, k.secret, NULL), 0);
    assert_string_equal(rig_text(&r, "scope"), "command configuration:read");
    assert_string_equal(rig_text(&r, "token_type"), "Bearer");
    assert_int_equal(rig_number(&r, "expires_in"), 3600);
    snprintf(bearer, sizeof bearer, "%s", rig_text(&r, "access_token"));
    assert_int_equal(call_as(&r, bearer, "203.0.113.9", "team.list", 0, NULL), 0);
    /* To read is not to change; what has no scope is not for programs. */
    assert_int_equal(
        call_as(&r, bearer, "203.0.113.9", "team.create", 0, json_pack("{s:s}", "name", "x")),
        CW_ERR_DENIED);
    assert_non_null(strstr(r.reply.message, "\"configuration\""));
    assert_int_equal(call_as(&r, bearer, "203.0.113.9", "api_account.list", 0, NULL),
                     CW_ERR_DENIED);
    assert_int_equal(call_as(&r, bearer, "203.0.113.9", "show.info", 0, NULL), CW_ERR_DENIED);
    /* Given more, a token that was asked for less keeps less. */
    assert_int_equal(token(&r, &k, k.secret, "command:read"), 0);
    assert_string_equal(rig_text(&r, "scope"), "command:read");
    assert_int_equal(token(&r, &k, k.secret, "report"), CW_ERR_INVALID);
    assert_string_equal(r.reply.code, "invalid_scope");
    assert_int_equal(token(&r, &k, k.secret, "configuration"), CW_ERR_INVALID);
    assert_int_equal(
        rig_call(&r, "api_account.set", k.id, json_pack("{s:s}", "configuration", "full")), 0);
    assert_int_equal(
        call_as(&r, bearer, "203.0.113.9", "team.create", 0, json_pack("{s:s}", "name", "x")),
        CW_ERR_DENIED);
    assert_int_equal(token(&r, &k, k.secret, NULL), 0);
    assert_int_equal(call_as(&r, rig_text(&r, "access_token"), "203.0.113.9", "team.create", 0,
                             json_pack("{s:s}", "name", "x")),
                     0);
    /* Less counts at once. */
    assert_int_equal(
        rig_call(&r, "api_account.set", k.id, json_pack("{s:s}", "configuration", "none")), 0);
    assert_int_equal(call_as(&r, bearer, "203.0.113.9", "team.list", 0, NULL), CW_ERR_DENIED);
    r.now_ms += 3600 * 1000;
    assert_int_equal(call_as(&r, bearer, "203.0.113.9", "session.list", 0, NULL), CW_ERR_DENIED);
    rig_stop(&r);
}

static void test_what_ends_tokens(void **state)
{
    struct rig r;
    struct client k;
    char first[64];
    char bearer[64];

    (void)state;
    rig_start(&r);
    rig_admin(&r);
    k = make(&r, json_pack("{s:s, s:s}", "name", "Reports", "configuration", "read"));
    assert_int_equal(token(&r, &k, k.secret, NULL), 0);
    snprintf(first, sizeof first, "%s", rig_text(&r, "access_token"));
    /* The oldest of 31 goes. */
    for (int i = 0; i < CW_API_TOKENS_PER_ACCOUNT_MAX; i++) {
        assert_int_equal(call_as(&r, first, "203.0.113.9", "team.list", 0, NULL), 0);
        assert_int_equal(token(&r, &k, k.secret, NULL), 0);
        r.now_ms += 100;
    }
    snprintf(bearer, sizeof bearer, "%s", rig_text(&r, "access_token"));
    assert_int_equal(call_as(&r, first, "203.0.113.9", "team.list", 0, NULL), CW_ERR_DENIED);
    assert_int_equal(call_as(&r, bearer, "203.0.113.9", "team.list", 0, NULL), 0);
    /* Restarts do not end them. */
    rig_restart(&r);
    assert_int_equal(call_as(&r, bearer, "203.0.113.9", "team.list", 0, NULL), 0);
    assert_int_equal(rig_call(&r, "oauth.revoke", 0,
                              json_pack("{s:s, s:s, s:s}", "token", bearer, "client_id",
                                        k.client_id, "client_secret", k.secret)),
                     0);
    assert_int_equal(call_as(&r, bearer, "203.0.113.9", "team.list", 0, NULL), CW_ERR_DENIED);
    assert_int_equal(rig_call(&r, "oauth.revoke", 0,
                              json_pack("{s:s, s:s, s:s}", "token", "nothing", "client_id",
                                        k.client_id, "client_secret", k.secret)),
                     0);
    /* Another secret. */
    assert_int_equal(token(&r, &k, k.secret, NULL), 0);
    snprintf(bearer, sizeof bearer, "%s", rig_text(&r, "access_token"));
    assert_int_equal(rig_call(&r, "api_account.new_secret", k.id, NULL), 0);
    char secret[64];
    snprintf(secret, sizeof secret, "%s", rig_text(&r, "client_secret"));
    assert_int_equal(call_as(&r, bearer, "203.0.113.9", "team.list", 0, NULL), CW_ERR_DENIED);
    assert_int_equal(token(&r, &k, k.secret, NULL), CW_ERR_DENIED);
    assert_string_equal(r.reply.code, "invalid_client");
    assert_int_equal(token(&r, &k, secret, NULL), 0);
    snprintf(bearer, sizeof bearer, "%s", rig_text(&r, "access_token"));
    /* Disabled, enabled, removed. */
    assert_int_equal(rig_call(&r, "api_account.set", k.id, json_pack("{s:b}", "enabled", 0)), 0);
    assert_int_equal(call_as(&r, bearer, "203.0.113.9", "team.list", 0, NULL), CW_ERR_DENIED);
    assert_int_equal(token(&r, &k, secret, NULL), CW_ERR_DENIED);
    assert_int_equal(rig_call(&r, "api_account.set", k.id, json_pack("{s:b}", "enabled", 1)), 0);
    assert_int_equal(call_as(&r, bearer, "203.0.113.9", "team.list", 0, NULL), CW_ERR_DENIED);
    assert_int_equal(token(&r, &k, secret, NULL), 0);
    assert_int_equal(rig_call(&r, "api_account.remove", k.id, NULL), 0);
    assert_int_equal(rig_call(&r, "api_account.remove", k.id, NULL), CW_ERR_NOT_FOUND);
    assert_int_equal(token(&r, &k, secret, NULL), CW_ERR_DENIED);
    rig_stop(&r);
}

static void test_networks_and_guesses(void **state)
{
    struct rig r;
    struct client k;
    char bearer[64];

    (void)state;
    rig_start(&r);
    rig_admin(&r);
    assert_int_equal(rig_call(&r, "api_account.create", 0,
                              json_pack("{s:s, s:s}", "name", "x", "networks", "10.0.0.1/8")),
                     CW_ERR_INVALID);
    assert_non_null(strstr(r.reply.message, "10.0.0.1/8"));
    assert_int_equal(rig_call(&r, "api_account.create", 0, json_pack("{s:s}", "nam", "x")),
                     CW_ERR_INVALID);
    assert_int_equal(rig_call(&r, "api_account.create", 0,
                              json_pack("{s:s, s:s}", "name", "x", "report", "write")),
                     CW_ERR_INVALID);
    k = make(&r, json_pack("{s:s, s:s, s:s}", "name", "Near", "configuration", "read", "networks",
                           "203.0.113.0/24"));
    assert_int_equal(rig_call(&r, "api_account.create", 0, json_pack("{s:s}", "name", "near")),
                     CW_ERR_CONFLICT);
    assert_int_equal(token(&r, &k, k.secret, NULL), 0);
    snprintf(bearer, sizeof bearer, "%s", rig_text(&r, "access_token"));
    assert_int_equal(call_as(&r, bearer, "203.0.113.77", "team.list", 0, NULL), 0);
    assert_int_equal(call_as(&r, bearer, "198.51.100.1", "team.list", 0, NULL), CW_ERR_DENIED);
    r.source = "198.51.100.1";
    assert_int_equal(token(&r, &k, k.secret, NULL), CW_ERR_DENIED);
    /* Guesses spend the source's budget; then even the right secret waits. */
    r.source = "203.0.113.50";
    int tries = 0;
    while (tries < 100 && token(&r, &k, "wrong", NULL) == CW_ERR_DENIED)
        tries++;
    assert_int_equal(tries, CW_SIGN_IN_TRIES);
    assert_int_equal(token(&r, &k, k.secret, NULL), CW_ERR_FULL);
    assert_true(r.reply.retry_after_s > 0);
    r.source = "203.0.113.51";
    assert_int_equal(token(&r, &k, k.secret, NULL), 0);
    rig_stop(&r);
}

/* Against a plain count: never more than a second's worth over what the rate gives, and no less. */
static void test_how_often(void **state)
{
    struct cw_api_budget b = {0};
    uint64_t now_ms = 1000000;
    uint32_t taken = 0;
    uint32_t seed = 7;

    (void)state;
    for (int i = 0; i < 200000; i++) {
        seed = seed * 1664525 + 1013904223;
        now_ms += seed >> 28;
        taken += cw_api_budget_take(&b, now_ms, 20, 1000000) == 0;
    }
    uint64_t spent_ms = now_ms - 1000000;
    assert_in_range(taken, spent_ms * 20 / 1000 - 20, spent_ms * 20 / 1000 + 21);
    /* The hour's limit names a wait that is enough. */
    b = (struct cw_api_budget){0};
    for (int i = 0; i < 100; i++)
        assert_int_equal(cw_api_budget_take(&b, now_ms + (uint64_t)i * 1000, 20, 100), 0);
    now_ms += 100000;
    uint32_t wait_s = cw_api_budget_take(&b, now_ms, 20, 100);
    uint32_t more = 0;
    for (int i = 0; i < 10 && cw_api_budget_take(&b, now_ms, 20, 100) == 0; i++)
        more++;
    assert_true(more < 5);
    wait_s = cw_api_budget_take(&b, now_ms, 20, 100);
    assert_true(wait_s > 0);
    assert_int_equal(cw_api_budget_take(&b, now_ms + wait_s * UINT64_C(1000), 20, 100), 0);
}

static void test_header(void **state)
{
    static const struct {
        const char *value;
        int err;
        const char *user;
        const char *secret;
    } cases[] = {
        {"Bearer abc-_DEF", 0, "", "abc-_DEF"},
        {"bearer   abc", 0, "", "abc"},
        {"Bearer", CW_ERR_INVALID, "", ""},
        {"Bearer a b", CW_ERR_INVALID, "", ""},
        {"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", 0, "Aladdin", "open sesame"},
        {"Basic YSUzQWI6Yys=", 0, "a:b", "c "},
        {"Basic Og==", 0, "", ""},
        {"Basic", CW_ERR_INVALID, "", ""},
        {"Basic QQ==", CW_ERR_INVALID, "", ""},
        {"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ", CW_ERR_INVALID, "", ""},
        {"Basic !!!!", CW_ERR_INVALID, "", ""},
        {"Basic OiUw", CW_ERR_INVALID, "", ""},
        {"Basic OiUwMA==", CW_ERR_INVALID, "", ""},
        {"Negotiate abcd", CW_ERR_UNSUPPORTED, "", ""},
        {"", CW_ERR_UNSUPPORTED, "", ""},
    };
    struct cw_http_authorization a;
    char longest[300] = "Bearer ";

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (cw_http_authorization_parse(cases[i].value, &a) != cases[i].err)
            fail_msg("%s", cases[i].value);
        if (cases[i].err == 0) {
            assert_string_equal(a.user, cases[i].user);
            assert_string_equal(a.secret, cases[i].secret);
        }
    }
    memset(longest + 7, 'a', CW_HTTP_CREDENTIAL_BYTES_MAX);
    assert_int_equal(cw_http_authorization_parse(longest, &a), 0);
    longest[7 + CW_HTTP_CREDENTIAL_BYTES_MAX] = 'a';
    assert_int_equal(cw_http_authorization_parse(longest, &a), CW_ERR_INVALID);
}

static void test_forms(void **state)
{
    static const char good[] = "grant_type=client_credentials&scope=a+b%3Ac&&empty=&bare";
    static const char *const bad[] = {"a=1&a=2", "a=%",   "a=%4",  "a=%zz",
                                      "=1",      "a=%00", "a=%ff", "%ff=a"};
    json_t *body = NULL;
    char many[400] = "";

    (void)state;
    assert_int_equal(cw_http_form_parse(good, sizeof good - 1, &body), 0);
    assert_string_equal(json_string_value(json_object_get(body, "scope")), "a b:c");
    assert_string_equal(json_string_value(json_object_get(body, "empty")), "");
    assert_string_equal(json_string_value(json_object_get(body, "bare")), "");
    assert_int_equal(json_object_size(body), 4);
    json_decref(body);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (cw_http_form_parse(bad[i], strlen(bad[i]), &body) != CW_ERR_INVALID)
            fail_msg("%s", bad[i]);
    for (int i = 0; i <= CW_HTTP_QUERY_MEMBERS_MAX; i++)
        snprintf(many + strlen(many), 24, "m%d=1&", i);
    assert_int_equal(cw_http_form_parse(many, strlen(many), &body), CW_ERR_FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_access),
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_what_ends_tokens),
        cmocka_unit_test(test_networks_and_guesses),
        cmocka_unit_test(test_how_often),
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
