/* SPDX-License-Identifier: Apache-2.0 */
/* The control socket's grammar: splitting, quoting, matching, suggestions, and what replies look like. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/front/ctl_line.h"
#include "control/front/ctl_text.h"
#include "engine/base/err.h"

static int never_called(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    (void)c;
    (void)request;
    (void)reply;
    return CW_ERR_INTERNAL;
}

static const struct cw_operation table[] = {
    {.name = "info.show",
     .words = "show info",
     .need = CW_NEED_OPERATOR,
     .handler = never_called,
     .summary = "state"},
    {.name = "session.list",
     .method = "GET",
     .path = "/s",
     .words = "show sessions",
     .need = CW_NEED_SIGNED_IN,
     .handler = never_called,
     .summary = "all"},
    {.name = "audit.list",
     .method = "GET",
     .path = "/a",
     .words = "show audit",
     .need = CW_NEED_ADMIN,
     .handler = never_called,
     .summary = "audit"},
    {.name = "session.end",
     .method = "POST",
     .path = "/e",
     .words = "end session {id}",
     .need = CW_NEED_SIGNED_IN,
     .changes = true,
     .handler = never_called,
     .summary = "end"},
    {.name = "admin.create",
     .words = "create admin {user} [mail=ADDRESS] [note=TEXT]",
     .need = CW_NEED_OPERATOR,
     .changes = true,
     .handler = never_called,
     .summary = "new"},
    {.name = "web.only",
     .method = "GET",
     .path = "/w",
     .need = CW_NEED_NOTHING,
     .handler = never_called,
     .summary = "web"},
    {0},
};

/* First command of a line; the words stay in buffer. */
static int first(char *buffer, size_t size, const char *line, struct cw_ctl_command *c, char **rest)
{
    char message[240] = "";
    assert_true(strlen(line) < size);
    memcpy(buffer, line, strlen(line) + 1);
    *rest = buffer;
    int rc = cw_ctl_next_command(rest, c, message, sizeof message);
    if (rc != 0)
        assert_true(message[0] != '\0');
    return rc;
}

static void words_and_arguments_are_told_apart(void **state)
{
    (void)state;
    char buffer[256];
    char *rest;
    struct cw_ctl_command c;
    assert_int_equal(
        first(buffer, sizeof buffer,
              "  create \t thing \"two words\" a=1 b=true name=\"say \\\"hi\\\" \\\\\" "
              "q=\"7\" n=-5 z=007 t=x=y",
              &c, &rest),
        0);
    assert_int_equal(c.word_count, 3);
    assert_string_equal(c.words[0], "create");
    assert_string_equal(c.words[2], "two words");
    assert_int_equal(json_integer_value(json_object_get(c.body, "a")), 1);
    assert_true(json_is_true(json_object_get(c.body, "b")));
    assert_string_equal(json_string_value(json_object_get(c.body, "name")), "say \"hi\" \\");
    assert_string_equal(json_string_value(json_object_get(c.body, "q")), "7");
    assert_int_equal(json_integer_value(json_object_get(c.body, "n")), -5);
    assert_string_equal(json_string_value(json_object_get(c.body, "z")), "007");
    assert_string_equal(json_string_value(json_object_get(c.body, "t")), "x=y");
    assert_int_equal(*rest, '\0');
    cw_ctl_command_free(&c);
}

static void semicolons_separate_but_not_in_quotes(void **state)
{
    (void)state;
    char line[] = "show info;show sessions ; end \"a;b\" k=\"c;d\";;x";
    static const size_t counts[] = {2, 2, 2, 0, 1};
    char *at = line;
    char message[240];
    for (size_t i = 0; i < 5; i++) {
        struct cw_ctl_command c;
        assert_int_equal(cw_ctl_next_command(&at, &c, message, sizeof message), 0);
        assert_int_equal(c.word_count, counts[i]);
        if (i == 2) {
            assert_string_equal(c.words[1], "a;b");
            assert_string_equal(json_string_value(json_object_get(c.body, "k")), "c;d");
        }
        cw_ctl_command_free(&c);
    }
    assert_int_equal(*at, '\0');
}

static void bad_lines_are_refused(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "say \"open",        "say \"a\"b", "k=1 k=2", "show\x01info", "show \x7f",
        "name=\"\xff\xfe\"", "name=\xc3",  "k=\"a\\", "a\rb",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char buffer[64];
        char *rest;
        struct cw_ctl_command c;
        assert_int_equal(first(buffer, sizeof buffer, lines[i], &c, &rest), CW_ERR_INVALID);
        assert_null(c.body);
    }
    char many[4 * CW_CTL_WORDS_MAX] = "";
    char buffer[sizeof many];
    for (size_t i = 0; i <= CW_CTL_WORDS_MAX; i++)
        memcpy(many + 2 * i, "w ", 3);
    char *rest;
    struct cw_ctl_command c;
    assert_int_equal(first(buffer, sizeof buffer, many, &c, &rest), CW_ERR_FULL);
}

static int match(const char *line, enum cw_front front, const char **name, uint32_t *id,
                 char message[240], char **user)
{
    char buffer[256];
    char *rest;
    struct cw_ctl_command c;
    const struct cw_operation *operation = NULL;
    assert_int_equal(first(buffer, sizeof buffer, line, &c, &rest), 0);
    int rc = cw_ctl_match(table, front, &c, &operation, id, message, 240);
    if (rc == 0)
        *name = operation->name;
    if (rc == 0 && user != NULL)
        *user = strdup(json_string_value(json_object_get(c.body, "user")));
    cw_ctl_command_free(&c);
    return rc;
}

static void words_find_their_operation(void **state)
{
    (void)state;
    const char *name = "";
    uint32_t id = 99;
    char message[240];
    char *user = NULL;
    assert_int_equal(match("show info", CW_FRONT_SOCKET, &name, &id, message, NULL), 0);
    assert_string_equal(name, "info.show");
    assert_int_equal(id, 0);
    assert_int_equal(match("end session 4294967295", CW_FRONT_SOCKET, &name, &id, message, NULL),
                     0);
    assert_string_equal(name, "session.end");
    assert_int_equal(id, UINT32_MAX);
    assert_int_equal(match("create admin 007", CW_FRONT_SOCKET, &name, &id, message, &user), 0);
    assert_string_equal(name, "admin.create");
    assert_string_equal(user, "007");
    free(user);
}

static void what_does_not_fit_gets_a_helpful_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *part;
    } cases[] = {
        {"show sesions", "show sessions"},
        {"shwo info", "show info"},
        {"show", "not complete: \"show info\" \"show sessions\" \"show audit\""},
        {"show info limit=5", "\"show info\" takes no limit="},
        {"show info note=5", "takes no note="},
        {"end session 1 why=late", "\"end session {id}\" takes no why="},
        {"create admin a phone=1", "[mail=ADDRESS] [note=TEXT]\" takes no phone="},
        {"create admin a no=1", "takes no no="},
        {"end session", "end session {id}"},
        {"end session 0", "number from 1"},
        {"end session 4294967296", "number from 1"},
        {"end session 1x", "number from 1"},
        {"end session 01", "number from 1"},
        {"end session 1 2", "end session {id}"},
        {"create admin a user=b extra", "create admin"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *name;
        uint32_t id;
        char message[240] = "";
        assert_int_equal(match(cases[i].line, CW_FRONT_SOCKET, &name, &id, message, NULL),
                         CW_ERR_NOT_FOUND);
        if (strstr(message, cases[i].part) == NULL)
            fail_msg("%s: \"%s\" lacks \"%s\"", cases[i].line, message, cases[i].part);
    }
    const char *name;
    uint32_t id;
    char message[240];
    assert_int_equal(
        match("create admin a mail=b note=c", CW_FRONT_SOCKET, &name, &id, message, NULL), 0);
    assert_int_equal(match("create admin a user=b", CW_FRONT_SOCKET, &name, &id, message, NULL),
                     CW_ERR_INVALID);
}

static void the_read_only_socket_only_shows(void **state)
{
    (void)state;
    const char *name;
    uint32_t id;
    char message[240];
    assert_int_equal(match("show info", CW_FRONT_SOCKET_RO, &name, &id, message, NULL), 0);
    assert_int_equal(match("show sessions", CW_FRONT_SOCKET_RO, &name, &id, message, NULL), 0);
    assert_int_equal(match("show audit", CW_FRONT_SOCKET_RO, &name, &id, message, NULL),
                     CW_ERR_DENIED);
    assert_int_equal(match("end session 1", CW_FRONT_SOCKET_RO, &name, &id, message, NULL),
                     CW_ERR_DENIED);
    assert_int_equal(match("create admin x", CW_FRONT_SOCKET_RO, &name, &id, message, NULL),
                     CW_ERR_DENIED);
    char *text;
    size_t size;
    assert_int_equal(cw_ctl_render_help(table, CW_FRONT_SOCKET_RO, NULL, 0, false, &text, &size),
                     0);
    assert_null(memmem(text, size, "end session", 11));
    assert_non_null(memmem(text, size, "show info", 9));
    free(text);
    assert_int_equal(cw_ctl_render_help(table, CW_FRONT_SOCKET, NULL, 0, true, &text, &size), 0);
    json_t *help = json_loadb(text, size, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(help, "commands")), 5);
    json_decref(help);
    free(text);
}

static void replies_end_with_the_only_empty_line(void **state)
{
    (void)state;
    json_t *reply = json_pack("{s:s, s:i, s:b, s:n, s:[{s:i, s:s}, {s:i, s:s}], s:[]}", "name",
                              "a\n\nb\x1b[2J", "count", 3, "on", 1, "nothing", "list", "id", 1,
                              "name", "x y", "id", 2, "name", "", "empty");
    assert_non_null(reply);
    char *text;
    size_t size;
    assert_int_equal(cw_ctl_render(reply, false, &text, &size), 0);
    static const char want[] = "name: a\\x0a\\x0ab\\x1b[2J\ncount: 3\non: yes\nnothing: -\n"
                               "id=1 name=\"x y\"\nid=2 name=\"\"\n\n";
    assert_int_equal(size, sizeof want - 1);
    assert_memory_equal(text, want, size);
    free(text);
    assert_int_equal(cw_ctl_render(reply, true, &text, &size), 0);
    assert_ptr_equal(memmem(text, size, "\n\n", 2), text + size - 2);
    json_t *again = json_loadb(text, size, 0, NULL);
    assert_true(json_equal(reply, again));
    json_decref(again);
    json_decref(reply);
    free(text);
    assert_int_equal(cw_ctl_render_error("DENIED", "no\nway", false, &text, &size), 0);
    assert_memory_equal(text, "error DENIED: no\\x0away\n\n", size);
    free(text);
}

static void a_reply_over_the_limit_is_refused_whole(void **state)
{
    (void)state;
    char *large = malloc(CW_CTL_REPLY_BYTES_MAX + 1);
    assert_non_null(large);
    memset(large, 'a', CW_CTL_REPLY_BYTES_MAX);
    large[CW_CTL_REPLY_BYTES_MAX] = '\0';
    json_t *reply = json_pack("{s:s}", "text", large);
    char *text;
    size_t size;
    assert_int_equal(cw_ctl_render(reply, false, &text, &size), CW_ERR_TOO_LARGE);
    assert_int_equal(cw_ctl_render(reply, true, &text, &size), CW_ERR_TOO_LARGE);
    json_decref(reply);
    free(large);
}

static void ids_are_decimal_and_fit_32_bits(void **state)
{
    (void)state;
    assert_int_equal(cw_ctl_id("1", 1), 1);
    assert_int_equal(cw_ctl_id("4294967295", 10), UINT32_MAX);
    static const char *const bad[] = {"",           "0",           "00", "01", "-1",  "+1",
                                      "4294967296", "99999999999", "1 ", " 1", "0x1", "1e3"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(cw_ctl_id(bad[i], strlen(bad[i])), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_arguments_are_told_apart),
        cmocka_unit_test(semicolons_separate_but_not_in_quotes),
        cmocka_unit_test(bad_lines_are_refused),
        cmocka_unit_test(words_find_their_operation),
        cmocka_unit_test(what_does_not_fit_gets_a_helpful_sentence),
        cmocka_unit_test(the_read_only_socket_only_shows),
        cmocka_unit_test(replies_end_with_the_only_empty_line),
        cmocka_unit_test(a_reply_over_the_limit_is_refused_whole),
        cmocka_unit_test(ids_are_decimal_and_fit_32_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
