/* SPDX-License-Identifier: Apache-2.0 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <string.h>

#include "engine/base/err.h"

static void test_every_code_has_its_own_name_and_text(void **state)
{
    static const int codes[] = {
#define X(name, value, text) (value),
        CW_ERRORS(X)
#undef X
    };
    size_t count = sizeof codes / sizeof codes[0];
    (void)state;
    for (size_t i = 0; i < count; i++) {
        assert_true(codes[i] < 0);
        assert_string_not_equal(cw_err_name(codes[i]), "UNKNOWN");
        assert_string_not_equal(cw_err_text(codes[i]), "unknown error");
        for (size_t j = 0; j < i; j++) {
            assert_int_not_equal(codes[i], codes[j]);
            assert_string_not_equal(cw_err_name(codes[i]), cw_err_name(codes[j]));
        }
    }
    assert_string_equal(cw_err_name(CW_ERR_TOO_LARGE), "TOO_LARGE");
    assert_string_equal(cw_err_name(CW_OK), "OK");
}

static void test_unknown_values_are_total(void **state)
{
    static const int strange[] = {1, -1000, INT32_MAX, INT32_MIN};
    (void)state;
    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++) {
        assert_string_equal(cw_err_name(strange[i]), "UNKNOWN");
        assert_string_equal(cw_err_text(strange[i]), "unknown error");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_code_has_its_own_name_and_text),
        cmocka_unit_test(test_unknown_values_are_total),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
