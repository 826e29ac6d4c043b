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
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine/supervisor/notify.h"

/* Stands for systemd: a datagram socket under a name, "@" for an abstract one. */
static int systemd_at(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t size = strlen(name);
    assert_true(size < sizeof address.sun_path);
    memcpy(address.sun_path, name, size);
    if (name[0] == '@')
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, length), 0);
    return fd;
}

static void expect_told(int fd, const char *text)
{
    char got[64];
    ssize_t n = recv(fd, got, sizeof got, MSG_DONTWAIT);
    assert_int_equal(n, (ssize_t)strlen(text));
    assert_memory_equal(got, text, strlen(text));
}

static void test_socket_in_a_folder(void **state)
{
    char directory[] = "/tmp/causeway-test-XXXXXX";
    char path[64];
    (void)state;
    assert_non_null(mkdtemp(directory));
    (void)snprintf(path, sizeof path, "%s/notify", directory);
    int fd = systemd_at(path);
    assert_int_equal(setenv("NOTIFY_SOCKET", path, 1), 0);
    cw_notify("READY=1");
    expect_told(fd, "READY=1");
    (void)close(fd);
    (void)unlink(path);
    (void)rmdir(directory);
}

static void test_abstract_socket(void **state)
{
    char name[64];
    (void)state;
    (void)snprintf(name, sizeof name, "@causeway-test-%d", (int)getpid());
    int fd = systemd_at(name);
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    cw_notify("STOPPING=1");
    expect_told(fd, "STOPPING=1");
    (void)close(fd);
}

static void test_names_that_are_none_are_left_alone(void **state)
{
    char name[200];
    char got[64];
    (void)state;
    int fd = systemd_at("@causeway-test-unused");
    memset(name, 'a', sizeof name - 1);
    name[0] = '/';
    name[sizeof name - 1] = '\0';
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    cw_notify("READY=1"); /* longer than a socket's name may be */
    assert_int_equal(setenv("NOTIFY_SOCKET", "relative", 1), 0);
    cw_notify("READY=1");
    assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
    cw_notify("READY=1");
    assert_int_equal(recv(fd, got, sizeof got, MSG_DONTWAIT), -1);
    (void)close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_socket_in_a_folder),
        cmocka_unit_test(test_abstract_socket),
        cmocka_unit_test(test_names_that_are_none_are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
