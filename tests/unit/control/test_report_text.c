/* SPDX-License-Identifier: Apache-2.0 */
/* What reports read and publish without a store: times, cursors, the schema. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/report/filter.h"
#include "control/report/schema.h"
#include "engine/base/err.h"

/* control/report/report.xsd is what people download: it must be what the tables say. */
static void the_schema_is_the_one_that_is_published(void **state)
{
    char *schema = cw_report_schema();
    FILE *f = fopen("control/report/report.xsd", "r");
    char line[512];
    const char *at = schema;

    (void)state;
    if (f == NULL)
        fail_msg("control/report/report.xsd is not here: run the test from the top of the tree");
    assert_non_null(schema);
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        const size_t n = strlen(line);
        if (strncmp(at, line, n) != 0)
            fail_msg("control/report/report.xsd has another line than GET /api/v1/report.xsd: %s",
                     line);
        at += n;
    }
    assert_string_equal(at, "");
    if (f != NULL)
        (void)fclose(f);
    free(schema);
}

static void times_are_read(void **state)
{
    static const struct {
        const char *text;
        uint64_t ms;
    } good[] = {
        {"0", 0},
        {"1800000000000", UINT64_C(1800000000000)},
        {"1970-01-01T00:00:00Z", 0},
        {"2000-02-29T12:34:56Z", UINT64_C(951827696000)},
        {"2000-02-29t12:34:56.789z", UINT64_C(951827696789)},
        {"2000-02-29T12:34:56.7891+00:00", UINT64_C(951827696789)},
        {"2000-02-29T14:04:56+01:30", UINT64_C(951827696000)},
        {"2000-02-29T14:04:56 01:30", UINT64_C(951827696000)},
        {"2000-02-29T04:34:56-08:00", UINT64_C(951827696000)},
        {"2016-12-31T23:59:60Z", UINT64_C(1483228800000)},
    };
    static const char *const bad[] = {"",
                                      "-1",
                                      "1e3",
                                      "9999999999999999999",
                                      "2000-02-30T00:00:00Z",
                                      "1900-01-01T00:00:00Z",
                                      "2001-02-29T00:00:00Z",
                                      "2000-13-01T00:00:00Z",
                                      "2000-01-01T24:00:00Z",
                                      "2000-01-01T00:60:00Z",
                                      "2000-01-01T00:00:61Z",
                                      "2000-01-01T00:00:00",
                                      "2000-01-01T00:00:00.Z",
                                      "2000-01-01T00:00:00+1:00",
                                      "2000-01-01T00:00:00+01:60",
                                      "2000-01-01T00:00:00Zx",
                                      "1970-01-01T00:00:00+00:01",
                                      "2000-1-1T00:00:00Z"};
    uint64_t ms = 7;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(cw_report_time_parse(good[i].text, &ms), 0);
        assert_int_equal(ms, good[i].ms);
    }
    ms = 7;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(cw_report_time_parse(bad[i], &ms), CW_ERR_INVALID);
    assert_int_equal(ms, 7);
}

static void cursors_come_back(void **state)
{
    static const char *const bad[] = {"",     "7",       ".",      "1.",
                                      ".1",   "1.2.",    "1.2.3.", "1.2x",
                                      " 1.2", "1.2.3.4", "-1.2",   "1234567890123456789.1"};
    const struct cw_report_mark marks[] = {{0, 0, 0}, {1, 2, 0}, {UINT64_C(1800000000000), 17, 5}};
    struct cw_report_mark mark;
    char text[CW_REPORT_CURSOR_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        cw_report_cursor_text(&marks[i], text);
        assert_int_equal(cw_report_cursor_parse(text, &mark), 0);
        assert_int_equal(mark.time_ms, marks[i].time_ms);
        assert_int_equal(mark.id, marks[i].id);
        assert_int_equal(mark.row, marks[i].row);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(cw_report_cursor_parse(bad[i], &mark), CW_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_schema_is_the_one_that_is_published),
        cmocka_unit_test(times_are_read),
        cmocka_unit_test(cursors_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
