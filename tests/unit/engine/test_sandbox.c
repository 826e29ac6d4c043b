/* SPDX-License-Identifier: Apache-2.0 */
/* What was given up stays given up, and what the engine lives by stays. Each case is a child process, since
 * nothing of this can be undone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/err.h"
#include "engine/sandbox.h"

enum { SKIPPED = 77 };

static char unix_path[108];
static uint16_t tcp_port;

/* The exit code of what runs in a child. */
static int in_child(int (*run)(void))
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(run());
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int connect_unix(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    memcpy(a.sun_path, unix_path, sizeof(a.sun_path));
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    return connect(fd, (struct sockaddr *)(void *)&a, sizeof(a)) == 0 ? 0 : errno;
}

static int connect_tcp(void)
{
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = tcp_port, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return connect(fd, (struct sockaddr *)(void *)&a, sizeof(a)) == 0 ? 0 : errno;
}

static int closed_files(void)
{
    char message[128];
    int version = 0;
    int err = cw_sandbox_close_files(-1, &version, message, sizeof(message));
    if (err == CW_ERR_UNSUPPORTED)
        return SKIPPED;
    if (err != CW_OK || version < 1)
        return 1;
    if (open("/etc/passwd", O_RDONLY) >= 0 || errno != EACCES)
        return 2;
    if (open("/tmp/cw-test-sandbox-made", O_WRONLY | O_CREAT, 0600) >= 0 || errno != EACCES)
        return 3;
    if (mkdirat(AT_FDCWD, "/tmp/cw-test-sandbox-dir", 0700) == 0 || errno != EACCES)
        return 4;
    execl("/bin/true", "true", (char *)NULL);
    if (errno != EACCES)
        return 5;
    if (connect_unix() != 0)
        return 6;
    if (version >= 4 && connect_tcp() != EACCES)
        return 7;
    return 0;
}

static void files_are_closed_and_unix_sockets_stay(void **state)
{
    (void)state;
    assert_int_equal(connect_tcp(), 0); /* so that a refusal below is landlock's */
    int code = in_child(closed_files);
    if (code == SKIPPED)
        skip();
    assert_int_equal(code, 0);
}

static int hardened(void)
{
    char message[128];
    struct rlimit core;
    if (cw_sandbox_harden(message, sizeof(message)) != CW_OK)
        return 1;
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
        return 2;
    if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_max != 0)
        return 3;
#ifndef __SANITIZE_ADDRESS__
    if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
        return 4;
#endif
    return 0;
}

static void memory_cannot_be_dumped(void **state)
{
    (void)state;
    assert_int_equal(in_child(hardened), 0);
}

static int became(void)
{
    char message[128];
    if (geteuid() != 0)
        return cw_sandbox_become(1, 1, message, sizeof(message)) == CW_ERR_DENIED ? 0 : 1;
    if (cw_sandbox_become(65534, 65534, message, sizeof(message)) != CW_OK)
        return 2;
    if (getuid() != 65534 || getegid() != 65534 || getgroups(0, NULL) != 0)
        return 3;
    return setuid(0) == 0 || setgid(0) == 0 ? 4 : 0;
}

static void root_does_not_come_back(void **state)
{
    (void)state;
    assert_int_equal(in_child(became), 0);
}

int main(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    snprintf(a.sun_path, sizeof(a.sun_path), "/tmp/cw-test-sandbox-%d.sock", (int)getpid());
    memcpy(unix_path, a.sun_path, sizeof(unix_path));
    int server = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(in);
    int tcp = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(server, (struct sockaddr *)(void *)&a, sizeof(a)) != 0 || listen(server, 4) != 0 ||
        bind(tcp, (struct sockaddr *)(void *)&in, size) != 0 || listen(tcp, 4) != 0 ||
        getsockname(tcp, (struct sockaddr *)(void *)&in, &size) != 0)
        return 1;
    tcp_port = in.sin_port;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_closed_and_unix_sockets_stay),
        cmocka_unit_test(memory_cannot_be_dumped),
        cmocka_unit_test(root_does_not_come_back),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(unix_path);
    close(server);
    close(tcp);
    return failed;
}
