/* SPDX-License-Identifier: Apache-2.0 */
/* engine/base/options.h: what a program of the appliance takes, and what it ends with else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "engine/base/options.h"

static const struct cw_program program = {"causeway-test", "Is tested.\n", "Not more.\n"};
static char said[1024];

/* The words after the name; what it says, on either stream, is in said. */
static int parse(char *one, char *two, char *three, const char **ret_path)
{
    char name[] = "causeway-test";
    char *argv[] = {name, one, two, three, NULL};
    int argc = 1 + (one != NULL) + (two != NULL) + (three != NULL);
    FILE *f = tmpfile();
    assert_non_null(f);
    (void)fflush(NULL);
    int out = dup(1), err = dup(2);
    assert_true(dup2(fileno(f), 1) == 1 && dup2(fileno(f), 2) == 2);
    int status = cw_options_parse(&program, argc, argv, ret_path);
    (void)fflush(NULL);
    assert_true(dup2(out, 1) == 1 && dup2(err, 2) == 2);
    (void)close(out);
    (void)close(err);
    rewind(f);
    said[fread(said, 1, sizeof said - 1, f)] = '\0';
    (void)fclose(f);
    return status;
}

static void test_options(void **state)
{
    char check[] = "--check", config[] = "--config", file[] = "a.conf", both[] = "--config=b.conf",
         help[] = "--help", version[] = "--version", other[] = "--verbose", short_ones[] = "-xy";
    const char *path = NULL;
    (void)state;
    assert_int_equal(parse(config, file, NULL, &path), -1);
    assert_string_equal(path, "a.conf");
    assert_string_equal(said, "");
    assert_int_equal(parse(both, NULL, NULL, &path), -1);
    assert_string_equal(path, "b.conf");
    assert_int_equal(parse(help, NULL, NULL, &path), EX_OK);
    assert_non_null(strstr(said, "Usage: causeway-test --config FILE [--check]\nIs tested.\n"));
    assert_int_equal(parse(version, NULL, NULL, &path), EX_OK);
    assert_memory_equal(said, "causeway-test ", 14);
    assert_int_equal(parse(NULL, NULL, NULL, &path), EX_USAGE);
    assert_non_null(strstr(said, "causeway-test: --config FILE is missing\n"));
    assert_int_equal(parse(config, NULL, NULL, &path), EX_USAGE);
    assert_non_null(strstr(said, "--config takes a file\n"));
    assert_int_equal(parse(config, file, other, &path), EX_USAGE);
    assert_non_null(strstr(said, "--verbose is not an option\n"));
    assert_int_equal(parse(short_ones, NULL, NULL, &path), EX_USAGE);
    assert_non_null(strstr(said, "-xy is not an option\n"));
    assert_int_equal(parse(config, file, file, &path), EX_USAGE);
    assert_non_null(strstr(said, "a.conf is not an option\n"));
    assert_int_equal(parse(check, NULL, NULL, &path), EX_USAGE);
    assert_int_equal(parse(check, config, file, &path), EX_CONFIG);
    assert_non_null(strstr(said, "a.conf: cannot be read"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_options)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
