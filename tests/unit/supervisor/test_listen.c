/* SPDX-License-Identifier: Apache-2.0 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/base/err.h"
#include "engine/supervisor/listen.h"

/* A listener of "another program"; the kernel chooses the port. */
static int other_program(unsigned *ret_port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof in;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&in, sizeof in), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &size), 0);
    *ret_port = ntohs(in.sin_port);
    return fd;
}

static void test_busy_port_names_setting_and_file(void **state)
{
    struct cw_listen_set set;
    char address[64];
    char expected[128];
    char message[256] = "";
    unsigned port = 0;
    int other = other_program(&port);
    (void)state;
    (void)snprintf(address, sizeof address, "0.0.0.0:%u", port);
    int r = cw_listen_open(address, 2, "listen_https", "a.conf", &set, message, sizeof message);
    assert_int_equal(r, CW_ERR_CONFLICT);
    (void)snprintf(expected, sizeof expected, "port %u is in use by another program; ", port);
    assert_memory_equal(message, expected, strlen(expected));
    assert_non_null(strstr(message, "set listen_https in a.conf"));
    (void)close(other);
}

static void test_one_socket_a_worker_and_a_second_set_is_refused(void **state)
{
    struct cw_listen_set set;
    struct cw_listen_set second;
    char address[64];
    char message[256] = "";
    unsigned port = 0;
    (void)state;
    (void)close(other_program(&port));
    (void)snprintf(address, sizeof address, "127.0.0.1:%u", port);
    assert_int_equal(
        cw_listen_open(address, 3, "listen_https", "a.conf", &set, message, sizeof message), CW_OK);
    assert_int_equal(set.count, 3);
    for (unsigned i = 0; i < set.count; i++) {
        int accepting = 0;
        socklen_t size = sizeof accepting;
        assert_int_equal(
            getsockopt(set.descriptors[i], SOL_SOCKET, SO_ACCEPTCONN, &accepting, &size), 0);
        assert_int_equal(accepting, 1);
        assert_int_equal(fcntl(set.descriptors[i], F_GETFL) & O_NONBLOCK, 0);
    }
    assert_int_equal(
        cw_listen_open(address, 1, "listen_https", "a.conf", &second, message, sizeof message),
        CW_ERR_CONFLICT);
    for (unsigned i = 0; i < set.count; i++)
        (void)close(set.descriptors[i]);
}

static void test_foreign_address_is_refused(void **state)
{
    struct cw_listen_set set;
    char message[256] = "";
    (void)state;
    assert_int_equal(
        cw_listen_open("192.0.2.7:9549", 1, "listen_http", "a.conf", &set, message, sizeof message),
        CW_ERR_INVALID);
    assert_non_null(strstr(message, "not an address of this machine"));
}

static void test_describe(void **state)
{
    struct cw_listen_set https = {.descriptors = {3, 4}, .count = 2};
    struct cw_listen_set http = {.descriptors = {15, 6}, .count = 2};
    struct cw_listen_set none = {.count = 0};
    char text[32];
    (void)state;
    assert_int_equal(cw_listen_describe(&https, &http, text, sizeof text), CW_OK);
    assert_string_equal(text, "https=3,4 http=15,6");
    assert_int_equal(cw_listen_describe(&https, &none, text, sizeof text), CW_OK);
    assert_string_equal(text, "https=3,4");
    assert_int_equal(cw_listen_describe(&https, &http, text, 19), CW_ERR_FULL);
    assert_int_equal(cw_listen_describe(&https, &http, text, 20), CW_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_busy_port_names_setting_and_file),
        cmocka_unit_test(test_one_socket_a_worker_and_a_second_set_is_refused),
        cmocka_unit_test(test_foreign_address_is_refused),
        cmocka_unit_test(test_describe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
