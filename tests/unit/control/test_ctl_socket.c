/* SPDX-License-Identifier: Apache-2.0 */
/* The control socket's connections with the real operations: modes, pipelining, and peers that misbehave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/front/ctl_socket.h"
#include "control/front/front_limits.h"
#include "control/front/listener.h"
#include "control/front/waiter.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

static char dir[64];
static struct cw_loop *loop;
static struct cw_control *control;
static struct cw_ctl *ctl;
static struct cw_watch hashes;
static char answer[512 * 1024];

static void on_reply(void *user, void *waiter, int err, struct cw_reply *reply)
{
    struct cw_waiter *w = waiter;
    (void)user;
    w->done(w, err, reply);
}

static void on_hashes(void *arg, uint32_t events)
{
    (void)arg;
    (void)events;
    cw_control_on_hashes_ready(control);
}

static int set_up(void **state)
{
    (void)state;
    static char store[80];
    char message[240];
    cw_log_set_level(CW_LOG_ERROR);
    (void)snprintf(dir, sizeof dir, "/tmp/cw-ctl-XXXXXX");
    assert_non_null(mkdtemp(dir));
    (void)snprintf(store, sizeof store, "%s/control", dir);
    assert_int_equal(cw_loop_new(&loop), 0);
    const struct cw_control_config config = {.control_dir = store,
                                             .public_origin = "https://localhost:8443",
                                             .hash_cost = {1024, 1, 1},
                                             .on_reply = on_reply};
    if (cw_control_new(&config, message, sizeof message, &control) != 0)
        fail_msg("%s", message);
    hashes = (struct cw_watch){.fd = cw_control_event_fd(control), .ready = on_hashes};
    assert_int_equal(cw_loop_watch(loop, &hashes, EPOLLIN), 0);
    assert_int_equal(cw_ctl_new(loop, control, &ctl), 0);
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static int tear_down(void **state)
{
    (void)state;
    cw_ctl_free(ctl);
    cw_loop_forget(loop, &hashes);
    cw_control_free(control);
    cw_loop_free(loop);
    return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void turns(int n)
{
    for (int i = 0; i < n; i++)
        assert_int_equal(cw_loop_turn(loop, 2), 0);
}

static int dial_as(uid_t uid, enum cw_front front)
{
    const struct ucred peer = {.pid = 1, .uid = uid, .gid = 1};
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    cw_ctl_accept(ctl, pair[0], &peer, front);
    return pair[1];
}

static void say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* Everything until the other side closes. */
static size_t hear(int fd)
{
    size_t size = 0;
    for (int tries = 0; tries < 3000; tries++) {
        turns(1);
        ssize_t n = recv(fd, answer + size, sizeof answer - 1 - size, 0);
        if (n == 0 || (n < 0 && errno != EAGAIN)) {
            answer[size] = '\0';
            (void)close(fd);
            return size;
        }
        if (n > 0)
            size += (size_t)n;
    }
    fail_msg("no end of the answer");
    return 0;
}

static void ask_as(enum cw_front front, const char *text)
{
    int fd = dial_as(1000, front);
    say(fd, text);
    (void)shutdown(fd, SHUT_WR);
    (void)hear(fd);
}

static void expect_part(const char *part)
{
    if (strstr(answer, part) == NULL)
        fail_msg("\"%s\" is not in:\n%s", part, answer);
}

static unsigned count_part(const char *part)
{
    unsigned n = 0;
    for (const char *at = answer; (at = strstr(at, part)) != NULL; at += strlen(part))
        n++;
    return n;
}

static void each_command_gets_one_reply(void **state)
{
    (void)state;
    ask_as(CW_FRONT_SOCKET, "show info;show sessions\n\n ; \nshow accounts\r\nshow jump-clients");
    assert_int_equal(count_part("\n\n"), 4);
    expect_part("name: localhost\n");
    expect_part("none\n\n");
}

static void json_and_text_are_modes(void **state)
{
    (void)state;
    ask_as(CW_FRONT_SOCKET,
           "json show sessions\nshow sessions\njson\nshow sessions; text show sessions\n"
           "shoe info\ntext\nshoe info\n");
    assert_string_equal(
        answer, "{\"sessions\":[]}\n\nnone\n\n{}\n\n{\"sessions\":[]}\n\nnone\n\n"
                "{\"error\":{\"code\":\"UNKNOWN_COMMAND\",\"message\":\"unknown command "
                "\\\"shoe info\\\"; the nearest is \\\"show info\\\" (\\\"help\\\" lists "
                "all)\"}}\n\nok\n\nerror UNKNOWN_COMMAND: unknown command \"shoe info\"; the "
                "nearest is \"show info\" (\"help\" lists all)\n\n");
}

static void quit_ends_and_what_follows_is_not_run(void **state)
{
    (void)state;
    ask_as(CW_FRONT_SOCKET, "show sessions; quit; create admin alice\ncreate admin bob\n");
    assert_string_equal(answer, "none\n\n");
    ask_as(CW_FRONT_SOCKET, "json show accounts\n");
    assert_string_equal(answer, "{\"accounts\":[],\"next\":null}\n\n");
}

/* Hashing takes a while; the commands behind it wait their turn. */
static void a_slow_command_keeps_the_order(void **state)
{
    (void)state;
    ask_as(CW_FRONT_SOCKET, "json create admin alice; create admin bob; json show accounts\n");
    const char *password = strstr(answer, "\"one_time_password\":\"");
    const char *refusal = strstr(answer, "error CONFLICT: ");
    const char *list = strstr(answer, "{\"accounts\":[{");
    assert_true(password != NULL && refusal != NULL && list != NULL);
    assert_true(password < refusal && refusal < list);
    ask_as(CW_FRONT_SOCKET, "show audit\n");
    expect_part("source=\"uid 1000\"");
}

static void who_hangs_up_while_waiting_disturbs_nobody(void **state)
{
    (void)state;
    int fd = dial_as(1000, CW_FRONT_SOCKET);
    say(fd, "create admin alice\n");
    turns(1);
    (void)close(fd);
    turns(50);
    ask_as(CW_FRONT_SOCKET, "show sessions\n");
    assert_string_equal(answer, "none\n\n");
}

static void the_read_only_socket_changes_nothing(void **state)
{
    (void)state;
    ask_as(CW_FRONT_SOCKET_RO, "create admin alice\nshow accounts\nshow audit\nshow info\nhelp\n");
    assert_int_equal(count_part("error PERMISSION: "), 3);
    expect_part("name: localhost\n");
    assert_null(strstr(answer, "[operator]"));
    ask_as(CW_FRONT_SOCKET, "show audit\n");
    expect_part("control_socket.command");
    ask_as(CW_FRONT_SOCKET, "json show accounts\n");
    assert_string_equal(answer, "{\"accounts\":[],\"next\":null}\n\n");
}

static void a_line_without_an_end_is_refused(void **state)
{
    (void)state;
    static char line[CW_CTL_LINE_BYTES_MAX + 1];
    memset(line, 'a', sizeof line - 1);
    int fd = dial_as(1000, CW_FRONT_SOCKET);
    say(fd, line);
    (void)hear(fd);
    assert_string_equal(answer, "error TOO_LARGE: a line has at most 8191 bytes\n\n");
    line[CW_CTL_LINE_BYTES_MAX - 1] = '\n';
    fd = dial_as(1000, CW_FRONT_SOCKET);
    say(fd, line);
    (void)shutdown(fd, SHUT_WR);
    (void)hear(fd);
    expect_part("error UNKNOWN_COMMAND: ");
    fd = dial_as(1000, CW_FRONT_SOCKET);
    assert_int_equal(send(fd, "show\0info\n", 10, MSG_NOSIGNAL), 10);
    (void)shutdown(fd, SHUT_WR);
    (void)hear(fd);
    assert_string_equal(answer, "error INVALID: the line holds a control character\n\n");
}

/* It asks a lot and reads nothing: no more is run than fits, and after a while it is closed. */
static void a_peer_that_does_not_read_is_closed(void **state)
{
    (void)state;
    static char lines[4096];
    for (size_t i = 0; i + 5 < sizeof lines; i += 5)
        memcpy(lines + i, "help\n", 5);
    int fd = dial_as(1000, CW_FRONT_SOCKET);
    size_t sent = 0;
    for (int i = 0; i < 3000; i++) {
        ssize_t n = send(fd, lines, 4090, MSG_NOSIGNAL);
        sent += n > 0 ? (size_t)n : 0;
        turns(n > 0 ? 1 : 0);
    }
    assert_true(sent < 1024 * 1024); /* it has stopped reading us */
    cw_ctl_tick(ctl, cw_loop_now_ms() + CW_CTL_STALL_MS_MAX / 2);
    ask_as(CW_FRONT_SOCKET, "show sessions\n");
    assert_string_equal(answer, "none\n\n");
    cw_ctl_tick(ctl, cw_loop_now_ms() + CW_CTL_STALL_MS_MAX + 1);
    for (int i = 0; i < 1000; i++)
        if (recv(fd, answer, sizeof answer, 0) <= 0)
            break;
    assert_true(send(fd, "x", 1, MSG_NOSIGNAL) < 0 && errno == EPIPE);
    (void)close(fd);
}

static void idle_connections_and_too_many_of_one_user_are_closed(void **state)
{
    (void)state;
    int fds[CW_CTL_PER_UID_MAX];
    for (int i = 0; i < CW_CTL_PER_UID_MAX; i++)
        fds[i] = dial_as(1001, CW_FRONT_SOCKET_RO);
    (void)hear(dial_as(1001, CW_FRONT_SOCKET_RO));
    expect_part("error FULL: ");
    ask_as(CW_FRONT_SOCKET_RO, "show sessions\n"); /* another user */
    assert_string_equal(answer, "none\n\n");
    cw_ctl_tick(ctl, cw_loop_now_ms() + CW_CTL_IDLE_MS_MAX + 1);
    for (int i = 0; i < CW_CTL_PER_UID_MAX; i++)
        assert_int_equal(hear(fds[i]), 0);
}

static void a_refused_peer_hears_why_and_the_audit_log_knows(void **state)
{
    (void)state;
    const struct ucred peer = {.pid = 77, .uid = 4242, .gid = 4242};
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    cw_ctl_refuse(ctl, pair[0], &peer, "operators only");
    (void)hear(pair[1]);
    assert_string_equal(answer, "error PERMISSION: operators only\n\n");
    ask_as(CW_FRONT_SOCKET, "show audit\n");
    expect_part("uid 4242");
    expect_part("control_socket.connect");
}

/* ---- listener.h ------------------------------------------------------------------------------- */

static void operators_are_root_we_and_the_group(void **state)
{
    (void)state;
    const struct ucred root = {.uid = 0, .gid = 0};
    const struct ucred self = {.uid = geteuid(), .gid = 12345};
    const struct ucred member = {.uid = 54321, .gid = 600};
    assert_true(cw_peer_is_operator(&root, (gid_t)-1));
    assert_true(cw_peer_is_operator(&self, (gid_t)-1));
    assert_true(cw_peer_is_self(&self));
    assert_true(cw_peer_is_operator(&member, 600));
    assert_false(cw_peer_is_operator(&member, 601));
    assert_false(cw_peer_is_operator(&member, (gid_t)-1));
    assert_false(cw_peer_is_self(&member));
}

static void a_socket_is_taken_over_only_when_nobody_listens(void **state)
{
    (void)state;
    struct cw_listener first;
    struct cw_listener second;
    char message[256] = "";
    const uid_t nobody = (uid_t)-1;
    const gid_t no_group = (gid_t)-1;
    assert_int_equal(
        cw_listener_open(&first, dir, "a.sock", 0600, nobody, no_group, message, sizeof message),
        0);
    assert_int_equal(
        cw_listener_open(&second, dir, "a.sock", 0600, nobody, no_group, message, sizeof message),
        CW_ERR_USED);
    assert_non_null(strstr(message, "another process listens"));
    (void)close(first.watch.fd); /* as after kill -9: the file stays */
    assert_int_equal(access(first.path, F_OK), 0);
    assert_int_equal(
        cw_listener_open(&second, dir, "a.sock", 0600, nobody, no_group, message, sizeof message),
        0);
    first.watch.fd = dup(0);
    cw_listener_close(&first); /* the file is no longer its own */
    assert_int_equal(access(second.path, F_OK), 0);
    cw_listener_close(&second);
    assert_int_equal(access(second.path, F_OK), -1);
    (void)snprintf(answer, sizeof answer, "%s/file.sock", dir);
    FILE *f = fopen(answer, "w");
    assert_non_null(f);
    (void)fclose(f);
    assert_int_equal(
        cw_listener_open(&first, dir, "file.sock", 0600, nobody, no_group, message, sizeof message),
        CW_ERR_USED);
    assert_non_null(strstr(message, "not a socket"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(each_command_gets_one_reply),
        TEST(json_and_text_are_modes),
        TEST(quit_ends_and_what_follows_is_not_run),
        TEST(a_slow_command_keeps_the_order),
        TEST(who_hangs_up_while_waiting_disturbs_nobody),
        TEST(the_read_only_socket_changes_nothing),
        TEST(a_line_without_an_end_is_refused),
        TEST(a_peer_that_does_not_read_is_closed),
        TEST(idle_connections_and_too_many_of_one_user_are_closed),
        TEST(a_refused_peer_hears_why_and_the_audit_log_knows),
        TEST(operators_are_root_we_and_the_group),
        TEST(a_socket_is_taken_over_only_when_nobody_listens),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
