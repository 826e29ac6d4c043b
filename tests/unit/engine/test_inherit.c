/* SPDX-License-Identifier: Apache-2.0 */
/* The listening sockets that come in the environment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/base/err.h"
#include "engine/inherit.h"

static void good_texts_give_their_numbers(void **state)
{
    (void)state;
    struct cw_listen_set https, http;
    unsigned workers;
    char message[256] = "";
    assert_int_equal(cw_inherit_parse("https=3,4 http=5,6", &https, &http, &workers, message, 256),
                     0);
    assert_int_equal(https.count, 2);
    assert_int_equal(https.descriptors[1], 4);
    assert_int_equal(http.count, 2);
    assert_int_equal(http.descriptors[0], 5);
    assert_int_equal(cw_inherit_parse("https=123456", &https, &http, &workers, message, 256), 0);
    assert_int_equal(https.descriptors[0], 123456);
    assert_int_equal(http.count, 0);
    assert_int_equal(cw_inherit_parse("http=5 https=3", &https, &http, &workers, message, 256), 0);
    assert_int_equal(workers, 1);
    assert_int_equal(
        cw_inherit_parse("https=3,4,5 workers=2", &https, &http, &workers, message, 256), 0);
    assert_int_equal(workers, 2);
    assert_string_equal(message, "");
}

static void bad_texts_are_refused_and_shown(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "http=3",
        "https=",
        "https=3,",
        "https=,3",
        "https=3;4",
        "https=-3",
        "https=0x3",
        "https=3 https=4",
        "https=3 ftp=4",
        "https=2",
        "https=12345678",
        "https=3 http=",
        "https=3,4 http=5",
        "3,4",
        "https=3\n",
        "https= 3",
        "https=3 workers=2",
        "https=3 workers=0",
        "https=3 workers=",
        "workers=1",
        "https=3 workers=1 workers=1",
        "https=3 workers=1x",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct cw_listen_set https, http;
        unsigned workers;
        char message[256] = "";
        assert_int_equal(cw_inherit_parse(bad[i], &https, &http, &workers, message, 256),
                         CW_ERR_INVALID);
        assert_non_null(strstr(message, bad[i]));
    }
    char many[2048] = "https=3";
    for (int i = 0; i < CW_LISTEN_WORKERS_MAX; i++)
        snprintf(many + strlen(many), 8, ",%d", 10);
    struct cw_listen_set https, http;
    unsigned workers;
    char message[256];
    assert_int_equal(cw_inherit_parse(many, &https, &http, &workers, message, 256), CW_ERR_FULL);
}

static void only_listening_sockets_pass(void **state)
{
    (void)state;
    char message[256] = "";
    struct cw_listen_set set = {.count = 1};
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    set.descriptors[0] = fd;
    assert_int_equal(cw_inherit_check(&set, true, message, 256), CW_ERR_INVALID);
    assert_non_null(strstr(message, "not a listening socket"));
    assert_int_equal(cw_inherit_check(&set, false, message, 256), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(cw_inherit_check(&set, true, message, 256), 0);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    close(fd);
    assert_int_equal(cw_inherit_check(&set, true, message, 256), CW_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_texts_give_their_numbers),
        cmocka_unit_test(bad_texts_are_refused_and_shown),
        cmocka_unit_test(only_listening_sockets_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
