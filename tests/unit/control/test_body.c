/* SPDX-License-Identifier: Apache-2.0 */
/* Members of bodies: numbers and truth values as JSON and as words of a command; unknown members. */
#include "tests/unit/control/rig.h"

#include "control/api/body.h"

static json_t *body_of(const char *text)
{
    json_t *body = json_loads(text, 0, NULL);

    assert_non_null(body);
    return body;
}

static void test_numbers(void **state)
{
    static const struct {
        const char *text;
        int err;
        uint64_t value;
    } cases[] = {
        {"{}", 0, 7},
        {"{\"n\": null}", 0, 7},
        {"{\"n\": 5}", 0, 5},
        {"{\"n\": \"100\"}", 0, 100},
        {"{\"n\": \"0\"}", CW_ERR_INVALID, 7},
        {"{\"n\": 101}", CW_ERR_INVALID, 7},
        {"{\"n\": -1}", CW_ERR_INVALID, 7},
        {"{\"n\": 5.0}", CW_ERR_INVALID, 7},
        {"{\"n\": \"\"}", CW_ERR_INVALID, 7},
        {"{\"n\": \"05\"}", CW_ERR_INVALID, 7},
        {"{\"n\": \"5 \"}", CW_ERR_INVALID, 7},
        {"{\"n\": \"+5\"}", CW_ERR_INVALID, 7},
        {"{\"n\": \"99999999999999999999\"}", CW_ERR_INVALID, 7},
        {"{\"n\": true}", CW_ERR_INVALID, 7},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *body = body_of(cases[i].text);
        uint64_t value = 7;
        assert_int_equal(cw_body_number(body, "n", 1, 100, &value), cases[i].err);
        assert_int_equal(value, cases[i].value);
        json_decref(body);
    }
}

static void test_bools(void **state)
{
    static const struct {
        const char *text;
        int err;
        bool value;
    } cases[] = {
        {"{}", 0, true},
        {"{\"b\": false}", 0, false},
        {"{\"b\": \"no\"}", 0, false},
        {"{\"b\": \"off\"}", 0, false},
        {"{\"b\": \"on\"}", 0, true},
        {"{\"b\": \"maybe\"}", CW_ERR_INVALID, true},
        {"{\"b\": 1}", CW_ERR_INVALID, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *body = body_of(cases[i].text);
        bool value = true;
        assert_int_equal(cw_body_bool(body, "b", &value), cases[i].err);
        assert_int_equal(value, cases[i].value);
        json_decref(body);
    }
}

static void test_unknown_members(void **state)
{
    struct cw_reply reply = {0};
    json_t *body = body_of("{\"name\": \"a\", \"nam\": \"b\"}");

    (void)state;
    assert_int_equal(cw_body_only(body, "name nam", &reply), 0);
    assert_int_equal(cw_body_only(body, "nam names", &reply), CW_ERR_INVALID);
    assert_non_null(strstr(reply.message, "\"name\""));
    assert_non_null(strstr(reply.message, "nam names"));
    json_decref(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_bools),
        cmocka_unit_test(test_unknown_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
