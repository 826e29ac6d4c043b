/* SPDX-License-Identifier: Apache-2.0 */
/* After cw_sandbox_close the kernel refuses what control never does, and leaves what it does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "control/front/sandbox.h"

static int close_sandbox(void **state)
{
    (void)state;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return -1;
    return cw_sandbox_close();
}

static void no_program_and_no_ring_can_be_started(void **state)
{
    (void)state;
    char *const nothing[] = {NULL};
    errno = 0;
    assert_int_equal(syscall(SYS_execve, "/bin/true", nothing, nothing), -1);
    assert_int_equal(errno, EPERM);
    errno = 0;
    assert_int_equal(syscall(SYS_io_uring_setup, 4, NULL), -1);
    assert_int_equal(errno, EPERM);
}

static void only_unix_sockets_can_be_made(void **state)
{
    (void)state;
    static const int families[] = {AF_INET, AF_INET6, AF_NETLINK, AF_PACKET};
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        errno = 0;
        assert_int_equal(socket(families[i], SOCK_STREAM, 0), -1);
        assert_int_equal(errno, EAFNOSUPPORT);
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    (void)close(fd);
    fd = epoll_create1(EPOLL_CLOEXEC);
    assert_true(fd >= 0);
    (void)close(fd);
    fd = eventfd(0, EFD_CLOEXEC);
    assert_true(fd >= 0);
    (void)close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_program_and_no_ring_can_be_started),
        cmocka_unit_test(only_unix_sockets_can_be_made),
    };
    return cmocka_run_group_tests(tests, close_sandbox, NULL);
}
