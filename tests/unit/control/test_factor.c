/* SPDX-License-Identifier: Apache-2.0 */
/* Second factors: RFC vectors, replays, recovery codes, authenticators that tell the truth or lie, budgets. */
#include "tests/unit/control/authenticator.h"

#include "control/account/cbor.h"
#include "control/account/factor.h"
#include "control/account/option.h"
#include "control/account/totp.h"

static const char password[] = "a long enough password";

/* ---- vectors --------------------------------------------------------------------------------- */

/* RFC 6238, appendix B, the rows of SHA-1. */
static void codes_are_those_of_the_rfc(void **state)
{
    static const struct {
        uint64_t time_s;
        const char *code;
    } rows[] = {{59, "94287082"},         {1111111109, "07081804"}, {1111111111, "14050471"},
                {1234567890, "89005924"}, {2000000000, "69279037"}, {20000000000, "65353130"}};
    static const uint8_t secret[] = "12345678901234567890";
    char code[16];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(cw_totp_code(secret, 20, rows[i].time_s / 30, 8, code), 0);
        assert_string_equal(code, rows[i].code);
        assert_int_equal(cw_totp_code(secret, 20, rows[i].time_s / 30, 6, code), 0);
        assert_string_equal(code, rows[i].code + 2);
    }
}

/* RFC 4648, section 10, without padding. */
static void base32_is_that_of_the_rfc(void **state)
{
    static const char *const rows[][2] = {{"", ""},
                                          {"f", "MY"},
                                          {"fo", "MZXQ"},
                                          {"foo", "MZXW6"},
                                          {"foob", "MZXW6YQ"},
                                          {"fooba", "MZXW6YTB"},
                                          {"foobar", "MZXW6YTBOI"}};
    char out[32];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cw_totp_base32((const uint8_t *)rows[i][0], strlen(rows[i][0]), out);
        assert_string_equal(out, rows[i][1]);
    }
}

static void cbor_is_read_strictly(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
        bool is_good;
    } rows[] = {
        {"\xA0", 1, true},
        {"\xA1\x61\x61\x01", 4, true},
        {"\x82\x01\x82\x02\x03", 5, true},
        {"\xC1\x00", 2, true},
        {"\xFB\x00\x00\x00\x00\x00\x00\x00\x00", 9, true},
        {"", 0, false},
        {"\xA1\x61\x61", 3, false},
        {"\x18\x17", 2, false},                             /* a longer form than needed */
        {"\x5F\x41\x00\xFF", 4, false},                     /* a length that is not known */
        {"\x9B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 9, false}, /* a length that cannot be */
        {"\x81\x81\x81\x81\x81\x81\x81\x81\x81\x00", 10, false},
        {"\x00\x00", 2, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cw_cbor c = cw_cbor_of((const uint8_t *)rows[i].bytes, rows[i].n);
        cw_cbor_skip(&c);
        assert_int_equal(cw_cbor_is_done(&c), rows[i].is_good);
    }
}

static void sealed_secrets_open_only_where_they_belong(void **state)
{
    struct rig *r = *state;
    uint8_t sealed[20 + CW_SEAL_MORE_BYTES], open[20];

    assert_int_equal(cw_seal(r->c, "totp", 7, (const uint8_t *)"12345678901234567890", 20, sealed),
                     0);
    assert_int_equal(cw_unseal(r->c, "totp", 7, sealed, sizeof sealed, open), 0);
    assert_memory_equal(open, "12345678901234567890", 20);
    assert_int_equal(cw_unseal(r->c, "totp", 8, sealed, sizeof sealed, open), CW_ERR_SIGNATURE);
    assert_int_equal(cw_unseal(r->c, "other", 7, sealed, sizeof sealed, open), CW_ERR_SIGNATURE);
    for (size_t i = 0; i < sizeof sealed; i++) {
        sealed[i] ^= 1;
        assert_int_equal(cw_unseal(r->c, "totp", 7, sealed, sizeof sealed, open), CW_ERR_SIGNATURE);
        sealed[i] ^= 1;
    }
}

/* ---- one-time codes -------------------------------------------------------------------------- */

struct phone {
    uint8_t secret[32];
    size_t secret_bytes;
};

static void phone_code(const struct phone *p, uint64_t now_ms, char *ret_code)
{
    assert_int_equal(cw_totp_code(p->secret, p->secret_bytes, now_ms / 30000, 6, ret_code), 0);
}

/* Base32 back to bytes, as an app on a phone does. */
static void phone_scan(struct phone *p, const char *secret)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    unsigned bits = 0, count = 0;

    p->secret_bytes = 0;
    for (; *secret != '\0'; secret++) {
        bits = bits << 5 | (unsigned)(strchr(alphabet, *secret) - alphabet);
        count += 5;
        if (count >= 8) {
            count -= 8;
            p->secret[p->secret_bytes++] = (uint8_t)(bits >> count);
        }
    }
    assert_true(p->secret_bytes * 8 >= 160);
}

static void enrol(struct rig *r, struct phone *p, char *ret_recovery)
{
    char code[16], attempt[64];

    assert_int_equal(rig_call(r, "totp.begin", 0, NULL), 0);
    phone_scan(p, rig_text(r, "secret"));
    assert_non_null(strstr(rig_text(r, "uri"), rig_text(r, "secret")));
    snprintf(attempt, sizeof attempt, "%s", rig_text(r, "attempt"));
    assert_int_equal(rig_call(r, "totp.confirm", 0,
                              json_pack("{s:s, s:s}", "attempt", attempt, "code", "000000x")),
                     CW_ERR_DENIED);
    phone_code(p, r->now_ms, code);
    assert_int_equal(
        rig_call(r, "totp.confirm", 0, json_pack("{s:s, s:s}", "attempt", attempt, "code", code)),
        0);
    assert_int_equal(json_array_size(json_object_get(r->reply.json, "recovery_codes")),
                     CW_RECOVERY_CODES);
    snprintf(
        ret_recovery, 24, "%s",
        json_string_value(json_array_get(json_object_get(r->reply.json, "recovery_codes"), 3)));
}

/* The password is right and the second step is asked for: its attempt. */
static void first_step(struct rig *r, char *ret_attempt)
{
    assert_int_equal(rig_sign_in(r, "ada", password), 0);
    assert_string_equal(rig_text(r, "next"), "second_factor");
    assert_string_equal(r->reply.set_cookie, "");
    snprintf(ret_attempt, 64, "%s", rig_text(r, "attempt"));
}

static int second_step(struct rig *r, const char *op, const char *attempt, const char *code)
{
    return rig_call(r, op, 0, json_pack("{s:s, s:s}", "attempt", attempt, "code", code));
}

static void a_code_is_taken_once(void **state)
{
    struct rig *r = *state;
    struct phone p;
    char recovery[24], attempt[64], code[16];

    enrol(r, &p, recovery);
    phone_code(&p, r->now_ms, code);
    first_step(r, attempt);
    assert_int_equal(second_step(r, "sign_in.code", attempt, code),
                     CW_ERR_DENIED); /* enrolment's */
    assert_non_null(strstr(r->reply.message, "used"));
    r->now_ms += 30000;
    phone_code(&p, r->now_ms, code);
    assert_int_equal(second_step(r, "sign_in.code", attempt, code), 0);
    assert_string_not_equal(r->reply.set_cookie, "");
    assert_int_equal(rig_come_back(r, r->reply.set_cookie), 0);
    first_step(r, attempt);
    assert_int_equal(second_step(r, "sign_in.code", attempt, code), CW_ERR_DENIED);
    rig_restart(r); /* the step was remembered where a restart finds it */
    first_step(r, attempt);
    assert_int_equal(second_step(r, "sign_in.code", attempt, code), CW_ERR_DENIED);
    r->now_ms += 60000;
    phone_code(&p, r->now_ms - 30000, code); /* a clock that is behind */
    assert_int_equal(second_step(r, "sign_in.code", attempt, code), 0);
    first_step(r, attempt);
    phone_code(&p, r->now_ms + 30000, code); /* one that is ahead */
    assert_int_equal(second_step(r, "sign_in.code", attempt, code), 0);
    first_step(r, attempt);
    phone_code(&p, r->now_ms + 90000, code);
    assert_int_equal(second_step(r, "sign_in.code", attempt, code), CW_ERR_DENIED);
    assert_true(rig_audit(r, "sign_in.second_factor", "DENIED") >= 4);
}

static void a_recovery_code_is_taken_once(void **state)
{
    struct rig *r = *state;
    struct phone p;
    char recovery[24], attempt[64];

    enrol(r, &p, recovery);
    first_step(r, attempt);
    assert_int_equal(second_step(r, "sign_in.recovery_code", attempt, "AAAA-BBBB-CCCC"),
                     CW_ERR_DENIED);
    assert_int_equal(second_step(r, "sign_in.recovery_code", attempt, recovery), 0);
    assert_int_equal(rig_come_back(r, r->reply.set_cookie), 0);
    first_step(r, attempt);
    assert_int_equal(second_step(r, "sign_in.recovery_code", attempt, recovery), CW_ERR_DENIED);
    assert_int_equal(rig_call(r, "factor.list", 0, NULL), 0);
    assert_int_equal(rig_number(r, "recovery_codes_left"), CW_RECOVERY_CODES - 1);
}

/* Everything an attacker can do who knows the password, for a year: the number of codes that were looked at. */
static void guessing_codes_stays_within_its_budget(void **state)
{
    struct rig *r = *state;
    struct phone p;
    char recovery[24], attempt[64] = "";
    unsigned looked_at = 0;
    char source[32];

    enrol(r, &p, recovery);
    for (unsigned hour = 0; hour < 365 * 24; hour += 6) {
        snprintf(source, sizeof source, "198.51.100.%u", hour % 250); /* never the same address */
        r->source = source;
        for (unsigned i = 0; i < 4; i++) {
            if (rig_sign_in(r, "ada", password) != 0)
                break;
            snprintf(attempt, sizeof attempt, "%s", rig_text(r, "attempt"));
            if (second_step(r, "sign_in.code", attempt, "123456") == CW_ERR_DENIED &&
                strstr(r->reply.message, "wrong.") != NULL)
                looked_at++;
        }
        r->now_ms += 6 * 3600 * 1000;
    }
    assert_true(looked_at >= 10);
    assert_true(looked_at <= 20);
    r->account = 1;
    r->is_fresh = true;
    assert_int_not_equal(rig_sign_in(r, "ada", password), 0);
    assert_non_null(strstr(r->reply.message, "administrator"));
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "account.unlock", 1, NULL), 0);
    assert_int_equal(rig_sign_in(r, "ada", password), 0);
}

static void who_was_signed_in_long_ago_changes_no_factor(void **state)
{
    struct rig *r = *state;

    r->is_fresh = false;
    assert_int_equal(rig_call(r, "totp.begin", 0, NULL), CW_ERR_DENIED);
    assert_string_equal(r->reply.code, "SIGN_IN_AGAIN");
    assert_int_equal(rig_call(r, "authenticator.begin", 0, NULL), CW_ERR_DENIED);
    assert_int_equal(rig_call(r, "totp.remove", 0, NULL), CW_ERR_DENIED);
}

static void an_attempt_is_tried_five_times_and_ends(void **state)
{
    struct rig *r = *state;
    struct phone p;
    char recovery[24], attempt[64], code[16];

    enrol(r, &p, recovery);
    first_step(r, attempt);
    r->now_ms += 301 * 1000;
    phone_code(&p, r->now_ms, code);
    assert_int_equal(second_step(r, "sign_in.code", attempt, code), CW_ERR_EXPIRED);
    assert_int_equal(second_step(r, "sign_in.code", "x", code), CW_ERR_EXPIRED);
    assert_int_equal(rig_call(r, "totp.begin", 0, NULL), 0);
    snprintf(attempt, sizeof attempt, "%s", rig_text(r, "attempt"));
    /* An attempt to set one up is none to sign in. */
    assert_int_equal(second_step(r, "sign_in.code", attempt, code), CW_ERR_EXPIRED);
}

static void a_challenge_in_the_middle_of_the_work(void **state)
{
    struct rig *r = *state;
    const struct cw_actor actor = cw_actor_named("ada", "-");
    struct cw_reply reply = {0};
    struct phone p;
    char recovery[24], code[16];

    assert_int_equal(cw_totp_check_now(r->c, &actor, 1, "123456", &reply), CW_ERR_STATE);
    enrol(r, &p, recovery);
    r->now_ms += 30000;
    phone_code(&p, r->now_ms, code);
    assert_int_equal(cw_totp_check_now(r->c, &actor, 1, "12345", &reply), CW_ERR_DENIED);
    assert_int_equal(cw_totp_check_now(r->c, &actor, 1, code, &reply), 0);
    assert_int_equal(cw_totp_check_now(r->c, &actor, 1, code, &reply), CW_ERR_DENIED);
    assert_non_null(strstr(reply.message, "used"));
    assert_int_equal(rig_audit(r, "second_factor.challenge", "ok"), 1);
}

/* ---- authenticators -------------------------------------------------------------------------- */

static const char *challenge_of(struct rig *r)
{
    return json_string_value(
        json_object_get(json_object_get(r->reply.json, "webauthn"), "challenge"));
}

static int register_one(struct rig *r, struct soft *a)
{
    char attempt[64];

    if (rig_call(r, "authenticator.begin", 0, NULL) != 0)
        return CW_ERR_FULL;
    snprintf(attempt, sizeof attempt, "%s", rig_text(r, "attempt"));
    snprintf(a->handle, sizeof a->handle, "%s",
             json_string_value(
                 json_object_get(json_object_get(r->reply.json, "webauthn"), "user_handle")));
    return rig_call(r, "authenticator.add", 0,
                    json_pack("{s:s, s:s, s:o}", "attempt", attempt, "name", "Key", "credential",
                              soft_register(a, challenge_of(r))));
}

static int sign_with(struct rig *r, struct soft *a, const char *attempt, const char *type,
                     const char *challenge)
{
    return rig_call(
        r, "sign_in.webauthn", 0,
        json_pack("{s:s, s:o}", "attempt", attempt, "credential", soft_sign(a, type, challenge)));
}

/* The second step with an authenticator, the password being right. */
static int second_touch(struct rig *r, struct soft *a)
{
    char attempt[64], challenge[64];

    first_step(r, attempt);
    snprintf(challenge, sizeof challenge, "%s", challenge_of(r));
    return sign_with(r, a, attempt, "webauthn.get", challenge);
}

static int alone(struct rig *r, struct soft *a)
{
    char attempt[64], challenge[64];

    assert_int_equal(rig_call(r, "sign_in.webauthn_begin", 0, NULL), 0);
    snprintf(attempt, sizeof attempt, "%s", rig_text(r, "attempt"));
    snprintf(challenge, sizeof challenge, "%s", challenge_of(r));
    return sign_with(r, a, attempt, "webauthn.get", challenge);
}

static void an_authenticator_signs_in(void **state)
{
    struct rig *r = *state;
    struct soft a;

    soft_new(&a, 7);
    assert_int_equal(register_one(r, &a), 0);
    assert_int_equal(json_array_size(json_object_get(r->reply.json, "recovery_codes")),
                     CW_RECOVERY_CODES);
    assert_int_equal(register_one(r, &a), CW_ERR_CONFLICT);
    assert_int_equal(second_touch(r, &a), 0);
    assert_int_equal(rig_come_back(r, r->reply.set_cookie), 0);
    assert_int_equal(alone(r, &a), 0);
    assert_int_equal(rig_come_back(r, r->reply.set_cookie), 0);
    assert_int_equal(r->account, 1);
    rig_restart(r);
    assert_int_equal(alone(r, &a), 0);
    soft_free(&a);
}

/* Keys of the other two algorithms that are offered: registered, good, and refused when one bit is another. */
static void each_algorithm_signs_in(void **state)
{
    static const enum soft_algorithm algorithms[] = {SOFT_EDDSA, SOFT_RS256};

    for (unsigned i = 0; i < 2; i++) {
        struct rig *r = *state;
        struct soft a;
        char attempt[64], challenge[64];
        json_t *credential = NULL;
        char *signature = NULL;

        soft_new_of(&a, (uint8_t)(40 + i), algorithms[i]);
        assert_int_equal(register_one(r, &a), 0);
        assert_int_equal(second_touch(r, &a), 0);
        assert_int_equal(alone(r, &a), 0);
        first_step(r, attempt);
        snprintf(challenge, sizeof challenge, "%s", challenge_of(r));
        credential = soft_sign(&a, "webauthn.get", challenge);
        signature = strdup(json_string_value(json_object_get(credential, "signature")));
        signature[20] = signature[20] == 'A' ? 'B' : 'A';
        (void)json_object_set_new(credential, "signature", json_string(signature));
        free(signature);
        assert_int_equal(
            rig_call(r, "sign_in.webauthn", 0,
                     json_pack("{s:s, s:o}", "attempt", attempt, "credential", credential)),
            CW_ERR_DENIED);
        assert_int_equal(sign_with(r, &a, attempt, "webauthn.get", challenge), 0);
        soft_free(&a);
    }
}

static void lies_of_authenticators_are_refused(void **state)
{
    struct rig *r = *state;
    struct soft a, stranger;
    char attempt[64], challenge[64];

    soft_new(&a, 7);
    soft_new(&stranger, 7); /* the same name, another key */
    a.origin = "https://evil.example";
    assert_int_equal(register_one(r, &a), CW_ERR_DENIED);
    a.origin = "https://help.example";
    a.rp_id = "evil.example";
    assert_int_equal(register_one(r, &a), CW_ERR_DENIED);
    a.rp_id = "help.example";
    a.flags = 0;
    assert_int_equal(register_one(r, &a), CW_ERR_DENIED);
    a.flags = SOFT_PRESENT;
    assert_int_equal(register_one(r, &a), 0);
    assert_int_equal(second_touch(r, &a), 0);      /* touched is enough for the second step */
    assert_int_equal(alone(r, &a), CW_ERR_DENIED); /* alone it must know who touched it */
    a.flags = SOFT_PRESENT | SOFT_VERIFIED;
    assert_int_equal(alone(r, &a), 0);
    a.flags = 0;
    assert_int_equal(second_touch(r, &a), CW_ERR_DENIED);
    a.flags = SOFT_PRESENT | SOFT_VERIFIED;
    a.origin = "https://evil.example";
    assert_int_equal(second_touch(r, &a), CW_ERR_DENIED);
    a.origin = "https://help.example";
    a.count = 1; /* a copy that does not know how often the other was used */
    assert_int_equal(second_touch(r, &a), CW_ERR_DENIED);
    assert_non_null(strstr(r->reply.message, "copied"));
    a.count = 100;
    assert_int_equal(second_touch(r, &a), 0);
    memcpy(stranger.handle, a.handle, sizeof a.handle);
    stranger.count = 200;
    assert_int_equal(second_touch(r, &stranger), CW_ERR_DENIED);
    assert_int_equal(alone(r, &stranger), CW_ERR_DENIED);
    first_step(r, attempt);
    snprintf(challenge, sizeof challenge, "%s", challenge_of(r));
    assert_int_equal(sign_with(r, &a, attempt, "webauthn.create", challenge), CW_ERR_DENIED);
    challenge[3] = challenge[3] == 'A' ? 'B' : 'A';
    assert_int_equal(sign_with(r, &a, attempt, "webauthn.get", challenge), CW_ERR_DENIED);
    soft_free(&a);
    soft_free(&stranger);
}

static void an_assertion_is_taken_once(void **state)
{
    struct rig *r = *state;
    struct soft a;
    char attempt[64], challenge[64];
    json_t *body = NULL;

    soft_new(&a, 9);
    assert_int_equal(register_one(r, &a), 0);
    first_step(r, attempt);
    snprintf(challenge, sizeof challenge, "%s", challenge_of(r));
    body = json_pack("{s:s, s:o}", "attempt", attempt, "credential",
                     soft_sign(&a, "webauthn.get", challenge));
    assert_int_equal(rig_call(r, "sign_in.webauthn", 0, json_incref(body)), 0);
    assert_int_equal(rig_call(r, "sign_in.webauthn", 0, body), CW_ERR_EXPIRED);
    soft_free(&a);
}

static void somebody_elses_authenticator_does_not_fit(void **state)
{
    struct rig *r = *state;
    struct soft a, b;
    const uint32_t ada = r->account;
    uint32_t bob = 0;

    soft_new(&a, 1);
    soft_new(&b, 2);
    assert_int_equal(register_one(r, &a), 0);
    assert_int_equal(rig_call(r, "account.create", 0, json_pack("{s:s}", "user", "bob")), 0);
    bob = (uint32_t)json_integer_value(
        json_object_get(json_object_get(r->reply.json, "account"), "id"));
    r->account = bob;
    assert_int_equal(register_one(r, &b), 0);
    r->account = ada;
    assert_int_equal(second_touch(r, &b), CW_ERR_DENIED);
    memcpy(b.handle, a.handle, sizeof a.handle); /* says it is ada's */
    assert_int_equal(alone(r, &b), CW_ERR_DENIED);
    b.handle[0] = '\0'; /* says nothing */
    assert_int_equal(alone(r, &b), CW_ERR_DENIED);
    soft_free(&a);
    soft_free(&b);
}

static void ten_authenticators_an_account(void **state)
{
    struct rig *r = *state;

    for (uint8_t i = 0; i < CW_AUTHENTICATORS_MAX; i++) {
        struct soft a;
        soft_new(&a, (uint8_t)(i + 1));
        assert_int_equal(register_one(r, &a), 0);
        soft_free(&a);
    }
    assert_int_equal(rig_call(r, "authenticator.begin", 0, NULL), CW_ERR_FULL);
    assert_int_equal(rig_call(r, "factor.list", 0, NULL), 0);
    assert_int_equal(json_array_size(json_object_get(r->reply.json, "authenticators")), 10);
    assert_int_equal(rig_call(r, "authenticator.remove", 3, NULL), 0);
    assert_int_equal(rig_call(r, "authenticator.remove", 3, NULL), CW_ERR_NOT_FOUND);
    assert_int_equal(rig_call(r, "authenticator.begin", 0, NULL), 0);
}

static void an_administrator_resets_a_second_factor(void **state)
{
    struct rig *r = *state;
    struct phone p;
    char recovery[24];

    enrol(r, &p, recovery);
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "second_factor.reset", 1, NULL), 0);
    assert_int_equal(rig_sign_in(r, "ada", password), 0);
    assert_string_not_equal(r->reply.set_cookie, "");
    assert_int_equal(rig_audit(r, "second_factor.reset", "ok"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)
        cmocka_unit_test(codes_are_those_of_the_rfc),
        cmocka_unit_test(base32_is_that_of_the_rfc),
        cmocka_unit_test(cbor_is_read_strictly),
        CASE(sealed_secrets_open_only_where_they_belong),
        CASE(a_code_is_taken_once),
        CASE(a_recovery_code_is_taken_once),
        CASE(guessing_codes_stays_within_its_budget),
        CASE(who_was_signed_in_long_ago_changes_no_factor),
        CASE(an_attempt_is_tried_five_times_and_ends),
        CASE(a_challenge_in_the_middle_of_the_work),
        CASE(an_authenticator_signs_in),
        CASE(each_algorithm_signs_in),
        CASE(lies_of_authenticators_are_refused),
        CASE(an_assertion_is_taken_once),
        CASE(somebody_elses_authenticator_does_not_fit),
        CASE(ten_authenticators_an_account),
        CASE(an_administrator_resets_a_second_factor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
