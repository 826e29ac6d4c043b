/* SPDX-License-Identifier: Apache-2.0 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/config.h"
#include "engine/base/err.h"

static char message[256];

static int parse(const char *text, struct cw_config *ret_config)
{
    message[0] = '\0';
    return cw_config_parse(text, strlen(text), "a.conf", ret_config, message, sizeof message);
}

static void test_empty_file_is_the_defaults(void **state)
{
    struct cw_config config;
    struct cw_config defaults;
    (void)state;
    cw_config_default(&defaults);
    assert_int_equal(parse("", &config), CW_OK);
    assert_memory_equal(&config, &defaults, sizeof config);
    assert_string_equal(config.listen_https, "[::]:443");
    assert_string_equal(config.listen_http, "[::]:80");
    assert_string_equal(config.state_dir, "/var/lib/causeway");
    assert_string_equal(config.run_dir, "/run/causeway");
    assert_string_equal(config.user, "causeway");
    assert_string_equal(config.operator_group, "");
    assert_string_equal(config.log_level, "info");
    assert_int_equal(config.workers, 0);
}

static void test_every_key(void **state)
{
    struct cw_config c;
    (void)state;
    assert_int_equal(parse("# whole line\n"
                           "listen_https=[::1]:8443\n"
                           "  listen_http =\toff  # after a blank\r\n"
                           "public_origin = https://localhost:8443 https://help.example\n"
                           "state_dir = /a b#c\nrun_dir = /r\npages_dir = /p\ndownload_dir = /d\n"
                           "user = u\noperator_group = g\nlog_level = debug\nworkers = 256\n"
                           "recordings_dir = /rec\nrecordings_key = /k\nrecordings_free_mb = 12\n"
                           "recording = required\ntcp_congestion = cubic",
                           &c),
                     CW_OK);
    assert_string_equal(c.listen_https, "[::1]:8443");
    assert_string_equal(c.listen_http, "off");
    assert_string_equal(c.public_origin, "https://localhost:8443 https://help.example");
    assert_string_equal(c.state_dir, "/a b#c");
    assert_string_equal(c.run_dir, "/r");
    assert_string_equal(c.pages_dir, "/p");
    assert_string_equal(c.download_dir, "/d");
    assert_string_equal(c.user, "u");
    assert_string_equal(c.operator_group, "g");
    assert_string_equal(c.log_level, "debug");
    assert_string_equal(c.recordings_dir, "/rec");
    assert_string_equal(c.recordings_key, "/k");
    assert_string_equal(c.recordings_free_mb, "12");
    assert_string_equal(c.recording, "required");
    assert_string_equal(c.tcp_congestion, "cubic");
    assert_int_equal(c.workers, 256);
}

static void test_refusals_say_line_and_reason(void **state)
{
    static const struct {
        const char *text;
        const char *says;
    } cases[] = {
        {"\n\nlisten_htps = x\n", "a.conf:3: unknown key \"listen_htps\"; the nearest known one is "
                                  "\"listen_https\""},
        {"worker = 1\n", "nearest known one is \"workers\""},
        {"user = a\nuser = a\n", "a.conf:2: user comes twice"},
        {"user\n", "a.conf:1: a line must be \"key = value\""},
        {"= a\n", "a.conf:1: a line must be"},
        {"user =\n", "a.conf:1: user: a value is missing"},
        {"user = root me\n", "has only letters"},
        {"user = -x\n", "must not start with '-'"},
        {"user = a\x01\n", "control character (0x01)"},
        {"workers = 257\n", "from 0 (one a core) to 256"},
        {"workers = -1\n", "from 0 (one a core) to 256"},
        {"workers = 0x2\n", "from 0 (one a core) to 256"},
        {"listen_https = off\n", "must be ADDRESS:PORT"},
        {"listen_https = 443\n", "must be ADDRESS:PORT"},
        {"listen_https = [::]:0\n", "must be ADDRESS:PORT"},
        {"listen_https = [::]:65536\n", "must be ADDRESS:PORT"},
        {"listen_https = [::]:+5\n", "must be ADDRESS:PORT"},
        {"listen_https = localhost:443\n", "must be ADDRESS:PORT"},
        {"listen_http = of\n", "or off"},
        {"public_origin = http://a\n", "start with https://"},
        {"public_origin = https://\n", "start with https://"},
        {"public_origin = https://a/\n", "no slash at its end"},
        {"public_origin = https://A\n", "has only a-z"},
        {"public_origin = https://:1\n", "needs a host"},
        {"public_origin = https://a:443\n", "leave :443 out"},
        {"public_origin = https://a:99999\n", "1 to 65535"},
        {"public_origin = https://a https://b/c\n", "no path"},
        {"state_dir = here\n", "absolute path"},
        {"log_level = loud\n", "error, warning, info or debug"},
    };
    struct cw_config before;
    struct cw_config config;
    (void)state;
    memset(&before, 0x5A, sizeof before);
    config = before;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(parse(cases[i].text, &config), CW_ERR_INVALID);
        if (strstr(message, cases[i].says) == NULL)
            fail_msg("%s: said \"%s\"", cases[i].text, message);
        assert_memory_equal(&config, &before, sizeof config);
    }
}

static void test_a_nul_byte_is_refused(void **state)
{
    static const char text[] = "user = a\0b\n";
    struct cw_config config;
    (void)state;
    assert_int_equal(
        cw_config_parse(text, sizeof text - 1, "a.conf", &config, message, sizeof message),
        CW_ERR_INVALID);
}

static void test_sockets_must_fit_the_run_dir(void **state)
{
    struct cw_config config;
    char text[200] = "run_dir = /";
    size_t start = strlen(text);
    (void)state;
    /* "/control-ro.sock" and its NUL are 17 of sun_path's 108 bytes. */
    memset(text + start, 'a', 90);
    assert_int_equal(parse(text, &config), CW_OK);
    text[start + 90] = 'a';
    assert_int_equal(parse(text, &config), CW_ERR_INVALID);
    assert_non_null(strstr(message, "too long"));
}

static void test_listen_address(void **state)
{
    struct cw_listen_address a;
    (void)state;
    assert_int_equal(cw_listen_address_parse("[2001:db8::1]:8443", &a), CW_OK);
    assert_true(a.is_ipv6);
    assert_string_equal(a.host, "2001:db8::1");
    assert_int_equal(a.port, 8443);
    assert_int_equal(cw_listen_address_parse("192.0.2.1:1", &a), CW_OK);
    assert_false(a.is_ipv6);
    assert_int_equal(cw_listen_address_parse("2001:db8::1:8443", &a), CW_ERR_INVALID);
    assert_int_equal(cw_listen_address_parse("[192.0.2.1]:1", &a), CW_ERR_INVALID);
    assert_int_equal(cw_listen_address_parse("", &a), CW_ERR_INVALID);
}

static void test_files(void **state)
{
    char path[] = "/tmp/causeway-test-XXXXXX";
    static char big[CW_CONFIG_BYTES_MAX + 1];
    struct cw_config config;
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "workers = 2\n", 12), 12);
    assert_int_equal(cw_config_load(path, &config, message, sizeof message), CW_OK);
    assert_int_equal(config.workers, 2);
    memset(big, '\n', sizeof big);
    assert_int_equal(pwrite(fd, big, sizeof big, 0), (ssize_t)sizeof big);
    assert_int_equal(cw_config_load(path, &config, message, sizeof message), CW_ERR_INVALID);
    (void)close(fd);
    (void)unlink(path);
    assert_int_equal(cw_config_load(path, &config, message, sizeof message), CW_ERR_IO);
    assert_non_null(strstr(message, "No such file"));
}

static void count_problem(void *user, const char *problem)
{
    char *all = user;
    size_t n = strlen(all);
    (void)snprintf(all + n, 1024 - n, "%s\n", problem);
}

static void test_a_check_says_everything(void **state)
{
    static const char text[] = "workers = x\nworkers = 2\nfoo = 1\nuser = me\n[section]\n";
    char path[] = "/tmp/causeway-test-XXXXXX";
    char all[1024] = "";
    struct cw_config config;
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, sizeof text - 1), (ssize_t)(sizeof text - 1));
    (void)close(fd);
    assert_int_equal(cw_config_check(path, count_problem, all, &config), 4);
    assert_non_null(strstr(all, ":1: workers: must be a number"));
    assert_non_null(strstr(all, ":2: workers comes twice"));
    assert_non_null(strstr(all, ":3: unknown key \"foo\""));
    assert_non_null(strstr(all, ":5: a line must be"));
    assert_string_equal(config.user, "me");
    (void)unlink(path);
    all[0] = '\0';
    assert_int_equal(cw_config_check(path, count_problem, all, &config), 1);
    assert_non_null(strstr(all, "No such file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty_file_is_the_defaults),
        cmocka_unit_test(test_every_key),
        cmocka_unit_test(test_refusals_say_line_and_reason),
        cmocka_unit_test(test_a_nul_byte_is_refused),
        cmocka_unit_test(test_sockets_must_fit_the_run_dir),
        cmocka_unit_test(test_listen_address),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_a_check_says_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
