/* SPDX-License-Identifier: Apache-2.0 */
/* Jump policies that ask for a second factor: a code, or an authenticator. */
#include "tests/unit/control/jump_policy.h"

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

#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_second_factor_is_asked_for_each_time),
        CASE(an_authenticator_opens_a_jump),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
