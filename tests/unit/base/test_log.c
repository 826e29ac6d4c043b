/* SPDX-License-Identifier: Apache-2.0 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/err.h"
#include "engine/base/log.h"

/* stderr goes into a pipe around each test; captured() is what came since then. */
static int real_stderr;
static int pipe_read;
static char text[32768];

static int capture(void **state)
{
    int ends[2];
    (void)state;
    if (pipe(ends) != 0)
        return -1;
    real_stderr = dup(STDERR_FILENO);
    pipe_read = ends[0];
    if (dup2(ends[1], STDERR_FILENO) < 0)
        return -1;
    (void)close(ends[1]);
    cw_log_set_level(CW_LOG_INFO);
    return 0;
}

static int release(void **state)
{
    (void)state;
    if (real_stderr >= 0)
        (void)dup2(real_stderr, STDERR_FILENO);
    (void)close(pipe_read);
    return 0;
}

static const char *captured(void)
{
    size_t size = 0;
    ssize_t n;
    /* Closes the pipe's writing end, so that reading ends. */
    (void)dup2(real_stderr, STDERR_FILENO);
    (void)close(real_stderr);
    real_stderr = -1;
    while ((n = read(pipe_read, text + size, sizeof text - 1 - size)) > 0)
        size += (size_t)n;
    text[size] = '\0';
    return text;
}

static void test_a_line_has_time_level_area_text(void **state)
{
    (void)state;
    cw_log(CW_LOG_INFO, "engine.conn", "conn=%d open", 7);
    const char *line = captured();
    int used = 0;
    int number[6];
    assert_int_equal(sscanf(line, "%4d-%2d-%2dT%2d:%2d:%2d.%*3dZ%n", &number[0], &number[1],
                            &number[2], &number[3], &number[4], &number[5], &used),
                     6);
    assert_int_equal(used, 24);
    assert_string_equal(line + used, " info  engine.conn conn=7 open\n");
}

static void test_a_peer_cannot_forge_a_line(void **state)
{
    (void)state;
    cw_log(CW_LOG_WARNING, "a", "name=%s", "x\n2026 error a forged\x1b[2J\x7f\xc2\x9b");
    const char *line = captured();
    assert_non_null(strstr(line, "name=x\\x0a2026 error a forged\\x1b[2J\\x7f"));
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
    assert_null(strchr(line, '\x1b'));
    assert_null(strchr(line, '\x9b'));
}

static void test_text_of_other_languages_stays(void **state)
{
    (void)state;
    cw_log(CW_LOG_INFO, "a", "%s", "h\xc3\xa9 \xe6\xbc\xa2 \xe2\x80\x9c");
    assert_non_null(strstr(captured(), "a h\xc3\xa9 \xe6\xbc\xa2 \xe2\x80\x9c\n"));
}

static void test_a_long_line_is_cut_and_still_ends(void **state)
{
    char big[3000];
    (void)state;
    memset(big, '\x01', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    cw_log(CW_LOG_INFO, "a", "%s", big);
    const char *line = captured();
    size_t size = strlen(line);
    assert_true(size > 900 && size <= 1000);
    assert_int_equal(line[size - 1], '\n');
}

static void test_levels_filter(void **state)
{
    (void)state;
    assert_int_equal(cw_log_set_level_name("warning"), CW_OK);
    cw_log(CW_LOG_INFO, "a", "not this");
    cw_log(CW_LOG_DEBUG, "a", "nor this");
    cw_log(CW_LOG_ERROR, "a", "but this");
    assert_int_equal(cw_log_set_level_name("loud"), CW_ERR_INVALID);
    cw_log(CW_LOG_WARNING, "a", "and this");
    const char *lines = captured();
    assert_null(strstr(lines, "not this"));
    assert_null(strstr(lines, "nor this"));
    assert_non_null(strstr(lines, "error a but this\n"));
    assert_non_null(strstr(lines, "warning a and this\n"));
}

static void test_json_has_the_fields_as_members(void **state)
{
    (void)state;
    assert_int_equal(cw_log_set_format_name("xml"), CW_ERR_INVALID);
    assert_int_equal(cw_log_set_format_name("json"), CW_OK);
    cw_log(CW_LOG_WARNING, "engine.conn", "conn=%d from=%s said \"%s\"", 7, "::1",
           "x\n\xff h\xc3\xa9 \xc2\x9b\\");
    cw_log(CW_LOG_INFO, "a", "port=007 big=12345678901234567890");
    assert_int_equal(cw_log_set_format_name("text"), CW_OK);
    const char *line = captured();
    assert_non_null(strstr(line,
                           "Z\",\"level\":\"warning\",\"component\":\"engine.conn\",\"conn\":7,"
                           "\"from\":\"::1\",\"message\":\"said \\\"x\\u000a\\ufffd h\xc3\xa9 "
                           "\\u009b\\\\\\\"\"}\n"));
    assert_non_null(
        strstr(line, "\"port\":\"007\",\"big\":\"12345678901234567890\",\"message\":\"\"}\n"));
}

static void test_a_flood_is_cut_and_told(void **state)
{
    unsigned count = 0;
    (void)state;
    for (unsigned i = 0; i < 1000; i++)
        cw_log(CW_LOG_INFO, "a", "flood %u", i);
    cw_log(CW_LOG_INFO, "a", "something else");
    const char *lines = captured();
    for (const char *at = strstr(lines, "flood"); at != NULL; at = strstr(at + 1, "flood"))
        count++;
    assert_in_range(count, 100, 110);
    assert_non_null(strstr(lines, "something else\n"));
}

static void test_what_was_left_out_is_counted(void **state)
{
    (void)state;
    const struct timespec pause = {.tv_nsec = 150 * 1000 * 1000};
    for (unsigned i = 0; i < 302; i++) {
        cw_log(CW_LOG_INFO, "a", "much of it");
        if (i == 300)
            (void)nanosleep(&pause, NULL);
    }
    const char *at = strstr(captured(), "left_out=");
    assert_non_null(at);
    assert_in_range(strtol(at + 9, NULL, 10), 150, 201);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_line_has_time_level_area_text, capture, release),
        cmocka_unit_test_setup_teardown(test_a_peer_cannot_forge_a_line, capture, release),
        cmocka_unit_test_setup_teardown(test_text_of_other_languages_stays, capture, release),
        cmocka_unit_test_setup_teardown(test_a_long_line_is_cut_and_still_ends, capture, release),
        cmocka_unit_test_setup_teardown(test_levels_filter, capture, release),
        cmocka_unit_test_setup_teardown(test_json_has_the_fields_as_members, capture, release),
        cmocka_unit_test_setup_teardown(test_a_flood_is_cut_and_told, capture, release),
        cmocka_unit_test_setup_teardown(test_what_was_left_out_is_counted, capture, release),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
