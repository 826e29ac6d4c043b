/* SPDX-License-Identifier: Apache-2.0 */
/* engine/wire/setting.h: the table is sound, ranges are kept, words and numbers are read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "engine/base/err.h"
#include "engine/wire/setting.h"

static void the_table_is_sound(void **state)
{
    (void)state;
    struct cw_setting_values values;
    cw_setting_defaults(&values);
    assert_true(CW_SETTING_COUNT > 10);
    for (unsigned i = 0; i < CW_SETTING_COUNT; i++) {
        const struct cw_setting_info *info = cw_setting_info((enum cw_setting)i);
        assert_true(info->least <= info->initial && info->initial <= info->most);
        assert_int_equal(cw_setting_get(&values, (enum cw_setting)i), info->initial);
        assert_int_equal(cw_setting_find(info->name, strlen(info->name)), i);
        assert_int_equal(cw_setting_find(info->name, strlen(info->name) - 1), CW_SETTING_COUNT);
        assert_true(strlen(info->name) < 64 && strlen(info->meaning) > 10);
    }
    assert_null(cw_setting_info(CW_SETTING_COUNT));
    assert_int_equal(cw_setting_find("", 0), CW_SETTING_COUNT);
}

static void ranges_are_kept(void **state)
{
    (void)state;
    struct cw_setting_values values;
    char why[200];
    cw_setting_defaults(&values);
    for (unsigned i = 0; i < CW_SETTING_COUNT; i++) {
        enum cw_setting s = (enum cw_setting)i;
        const struct cw_setting_info *info = cw_setting_info(s);
        why[0] = '\0';
        assert_int_equal(cw_setting_set(&values, s, info->most + 1, why, sizeof why),
                         CW_ERR_INVALID);
        assert_non_null(strstr(why, info->name));
        assert_int_equal(cw_setting_get(&values, s), info->initial);
        assert_int_equal(cw_setting_set(&values, s, info->most, why, sizeof why), CW_OK);
        assert_int_equal(cw_setting_get(&values, s), info->most);
        assert_int_equal(cw_setting_set(&values, s, info->least, why, sizeof why), CW_OK);
        if (info->least > 0)
            assert_int_equal(cw_setting_set(&values, s, info->least - 1, why, sizeof why),
                             CW_ERR_INVALID);
        assert_int_equal(cw_setting_get(&values, s), info->least);
    }
    assert_int_equal(cw_setting_set(&values, CW_SETTING_COUNT, 0, why, sizeof why), CW_ERR_INVALID);
}

static void words_and_numbers_are_read(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",    " 1000", "1000 ",         "-1",   "+5",
        "1e3", "0x10",  "9999999999999", "info", "99999999999999999999"};
    uint64_t value = 7;
    char text[32], why[200];
    assert_int_equal(cw_setting_parse(CW_SETTING_log_level, "debug", &value, why, sizeof why), 0);
    assert_int_equal(value, 3);
    cw_setting_text(CW_SETTING_log_level, value, text, sizeof text);
    assert_string_equal(text, "debug");
    assert_int_equal(cw_setting_parse(CW_SETTING_log_level, "3", &value, why, sizeof why),
                     CW_ERR_INVALID);
    assert_non_null(strstr(why, "error, warning, info or debug"));
    assert_int_equal(cw_setting_parse(CW_SETTING_stall_ms, "20000", &value, why, sizeof why), 0);
    assert_int_equal(value, 20000);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(cw_setting_parse(CW_SETTING_stall_ms, bad[i], &value, why, sizeof why),
                         CW_ERR_INVALID);
        assert_non_null(strstr(why, "1000 to 300000"));
    }
    assert_int_equal(value, 20000);
    cw_setting_text(CW_SETTING_stall_ms, value, text, sizeof text);
    assert_string_equal(text, "20000");
    assert_int_equal(cw_setting_parse(CW_SETTING_COUNT, "1", &value, why, sizeof why),
                     CW_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_sound),
        cmocka_unit_test(ranges_are_kept),
        cmocka_unit_test(words_and_numbers_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
