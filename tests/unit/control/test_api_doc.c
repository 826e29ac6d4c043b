/* SPDX-License-Identifier: Apache-2.0 */
/* control/API.md says what the table of operations says: every path, every command, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "control/front/ctl_line.h"

enum { LINE_MAX_BYTES = 4096, ROWS_MAX = 1024 };

struct row {
    char first[512]; /* in the first cell's back quotes */
    char second[96]; /* the second cell, without back quotes */
};

static struct row rows[ROWS_MAX];
static size_t row_count;

/* Copies the text of a cell that starts at *at, up to "|", without blanks at its ends and back quotes. */
static bool take_cell(const char **at, char *out, size_t size)
{
    const char *end = strchr(*at, '|');
    if (end == NULL)
        return false;
    size_t n = 0;
    for (const char *p = *at; p < end && n + 1 < size; p++)
        if (*p != '`' && !(n == 0 && *p == ' '))
            out[n++] = *p;
    while (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
    *at = end + 1;
    return true;
}

/* The rows of the table under "## section" whose first cell is in back quotes. */
static void read_section(const char *section)
{
    char line[LINE_MAX_BYTES];
    bool is_inside = false;
    FILE *f = fopen("control/API.md", "r");
    if (f == NULL)
        fail_msg("control/API.md is not here: run the test from the top of the tree");
    row_count = 0;
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, "## ", 3) == 0)
            is_inside = strncmp(line + 3, section, strlen(section)) == 0;
        if (!is_inside || strncmp(line, "| `", 3) != 0)
            continue;
        assert_true(row_count < ROWS_MAX);
        const char *at = line + 1;
        assert_true(take_cell(&at, rows[row_count].first, sizeof rows[0].first));
        assert_true(take_cell(&at, rows[row_count].second, sizeof rows[0].second));
        row_count++;
    }
    if (f != NULL)
        (void)fclose(f);
    assert_true(row_count > 5);
}

static size_t count_rows(const char *first, const char *second)
{
    size_t n = 0;
    for (size_t i = 0; i < row_count; i++)
        n += strcmp(rows[i].first, first) == 0 && strcmp(rows[i].second, second) == 0 ? 1 : 0;
    return n;
}

static void every_path_is_documented_and_none_is_invented(void **state)
{
    (void)state;
    size_t with_path = 0;
    read_section("Operations");
    for (const struct cw_operation *o = cw_operations; o->name != NULL; o++) {
        char request[96];
        assert_int_equal(o->path == NULL, o->method == NULL);
        if (o->path == NULL)
            continue;
        with_path++;
        (void)snprintf(request, sizeof request, "%s %s", o->method, o->path);
        if (count_rows(o->name, request) != 1)
            fail_msg("API.md lacks: | `%s` | `%s` |", o->name, request);
    }
    assert_int_equal(row_count, with_path);
}

static void every_command_is_documented_and_none_is_invented(void **state)
{
    (void)state;
    size_t with_words = 0;
    read_section("Commands");
    for (const struct cw_operation *o = cw_operations; o->name != NULL; o++) {
        if (o->words == NULL)
            continue;
        with_words++;
        const char *who = cw_ctl_may_use(o, CW_FRONT_SOCKET_RO) ? "anybody" : "operator";
        if (count_rows(o->words, who) != 1)
            fail_msg("API.md lacks: | `%s` | %s |", o->words, who);
    }
    assert_int_equal(row_count, with_words);
}

static void no_two_operations_share_a_name_a_path_or_words(void **state)
{
    (void)state;
    for (const struct cw_operation *a = cw_operations; a->name != NULL; a++) {
        assert_non_null(a->handler);
        assert_true(a->summary != NULL && a->summary[0] != '\0');
        for (const struct cw_operation *b = a + 1; b->name != NULL; b++) {
            assert_string_not_equal(a->name, b->name);
            if (a->path != NULL && b->path != NULL)
                assert_true(strcmp(a->path, b->path) != 0 || strcmp(a->method, b->method) != 0);
            if (a->words != NULL && b->words != NULL)
                assert_string_not_equal(a->words, b->words);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_path_is_documented_and_none_is_invented),
        cmocka_unit_test(every_command_is_documented_and_none_is_invented),
        cmocka_unit_test(no_two_operations_share_a_name_a_path_or_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
