/* SPDX-License-Identifier: Apache-2.0 */
/* control/ctl/table.h: how help is shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "control/ctl/table.h"

static char said[4096];

static void show(json_t *commands)
{
    FILE *f = fmemopen(said, sizeof said, "w");

    assert_non_null(f);
    memset(said, 0, sizeof said);
    ctl_table_print_help(commands, f);
    (void)fclose(f);
    json_decref(commands);
}

static void test_help(void **state)
{
    char words[600] = "report things";

    (void)state;
    for (int i = 0; i < 20; i++)
        (void)snprintf(words + strlen(words), 40, " [argument_%d=VALUE]", i);
    show(json_pack("[{s:s, s:s, s:s}, {s:s, s:s, s:s}]", "words", "show info", "permission",
                   "anybody", "summary", "State.", "words", words, "permission", "operator",
                   "summary", "Things\x1b[2J."));
    assert_non_null(strstr(said, "show info                               State. *\n"));
    assert_non_null(strstr(said, "report things [argument_0=VALUE]"));
    assert_non_null(strstr(said, "\n    [argument_"));
    assert_non_null(strstr(said, " Things\\x1b[2J.\n"));
    assert_non_null(strstr(said, "* for everybody"));
    for (const char *line = said; *line != '\0';) {
        size_t n = strcspn(line, "\n");
        assert_true(n <= 100);
        line += n + (line[n] == '\n');
    }
    /* Each argument is whole on some line. */
    for (int i = 0; i < 20; i++) {
        char argument[40];
        (void)snprintf(argument, sizeof argument, "[argument_%d=VALUE]", i);
        assert_non_null(strstr(said, argument));
    }
    show(json_array());
    assert_non_null(strstr(said, "There is no such command"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_help)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
