/* SPDX-License-Identifier: Apache-2.0 */
/* control/ctl: what may come next on a command line, and how a line of several commands is taken apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "control/ctl/complete.h"
#include "control/ctl/prompt.h"

static const char *const commands[] = {
    "show info",
    "show sessions",
    "show accounts",
    "set account {id} enabled",
    "set account {id} disabled [reason=TEXT]",
    "create enrolment-token [name=NAME] [group=GROUP]",
    "engine set {name} {value}",
    "set recording {value}",
};

static json_t *help_of(void)
{
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        json_array_append_new(list, json_pack("{s:s}", "words", commands[i]));
    return json_pack("{s:o}", "commands", list);
}

/* All candidates, a blank between. The words are separated by blanks; the last is the beginning. */
static const char *of(const char *typed)
{
    static char all[1024];
    char copy[256];
    const char *words[16];
    size_t count = 0;
    struct ctl_candidates found;
    json_t *help = help_of();

    (void)snprintf(copy, sizeof copy, "%s", typed);
    char *rest = copy;
    for (char *word; (word = strsep(&rest, " ")) != NULL;)
        words[count++] = word;
    ctl_complete(help, words, count - 1, words[count - 1], &found);
    all[0] = '\0';
    for (size_t i = 0; i < found.count; i++) {
        size_t n = strlen(all);
        (void)snprintf(all + n, sizeof all - n, "%s%s", n > 0 ? " " : "", found.texts[i]);
    }
    ctl_complete_free(&found);
    json_decref(help);
    return all;
}

static void test_words(void **state)
{
    (void)state;
    assert_string_equal(of(""), "create engine help set show");
    assert_string_equal(of("s"), "set show");
    assert_string_equal(of("show "), "accounts info sessions");
    assert_string_equal(of("show s"), "sessions");
    assert_string_equal(of("show x"), "");
    assert_string_equal(of("set "), "account recording");
    assert_string_equal(of("set account "), "");
    assert_string_equal(of("set account 7 "), "disabled enabled");
    assert_string_equal(of("nothing "), "");
}

static void test_arguments(void **state)
{
    (void)state;
    assert_string_equal(of("create enrolment-token "), "group= name=");
    assert_string_equal(of("create enrolment-token n"), "name=");
    assert_string_equal(of("create enrolment-token name=x "), "group=");
    assert_string_equal(of("create enrolment-token name=x group=y "), "");
    assert_string_equal(of("set account 7 disabled "), "reason=");
    assert_string_equal(of("set account 7 enabled "), "");
    assert_string_equal(of("create name=x "), "enrolment-token");
}

static void test_splitting(void **state)
{
    char line[] = "create admin x; set a name=\"a;b \\\"; c\" ;show info";
    char *second = ctl_prompt_split(line);

    (void)state;
    assert_string_equal(line, "create admin x");
    char *third = ctl_prompt_split(second);
    assert_string_equal(second, " set a name=\"a;b \\\"; c\" ");
    assert_null(ctl_prompt_split(third));
    assert_string_equal(third, "show info");
}

static void test_secrets_are_not_kept(void **state)
{
    (void)state;
    assert_true(ctl_prompt_is_secret("certificate prepare pem=\"-----BEGIN\""));
    assert_true(ctl_prompt_is_secret("watch session 7 holder_key=abc"));
    assert_false(ctl_prompt_is_secret("show info"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_splitting),
        cmocka_unit_test(test_secrets_are_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
