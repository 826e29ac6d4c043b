/* SPDX-License-Identifier: Apache-2.0 */
/* Engine links over real sockets: a worker is answered, one that breaks the protocol or leaves is forgotten. */
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
#include <sys/socket.h>
#include <unistd.h>

#include "control/front/front_limits.h"
#include "control/front/link_socket.h"
#include "engine/base/log.h"
#include "engine/limits.h"
#include "engine/wire/link.h"
#include "tests/unit/control/faulty_vfs.h"

static char dir[64];
static struct cw_loop *loop;
static struct cw_control *control;
static struct cw_links *links;
static uint8_t received[CW_LINK_MESSAGE_BYTES_MAX];
static size_t received_size;

static void on_commit(void *user, bool is_done)
{
    (void)user;
    if (links != NULL)
        cw_links_release(links, is_done);
}

static int set_up(void **state)
{
    (void)state;
    static char store[80];
    char message[240];
    cw_log_set_level(CW_LOG_ERROR);
    faulty_install();
    faulty_after(-1);
    (void)snprintf(dir, sizeof dir, "/tmp/cw-links-XXXXXX");
    assert_non_null(mkdtemp(dir));
    (void)snprintf(store, sizeof store, "%s/control", dir);
    const struct cw_control_config config = {.control_dir = store,
                                             .public_origin = "https://localhost:8443",
                                             .hash_cost = {1024, 1, 1},
                                             .on_commit = on_commit};
    assert_int_equal(cw_loop_new(&loop), 0);
    if (cw_control_new(&config, message, sizeof message, &control) != 0)
        fail_msg("%s", message);
    return cw_links_new(loop, control, &links);
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
    cw_links_free(links);
    links = NULL;
    cw_control_free(control);
    cw_loop_free(loop);
    return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static int dial(void)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    cw_links_accept(links, pair[0]);
    return pair[1];
}

static void turns_without_commit(void)
{
    for (int i = 0; i < 10; i++) {
        assert_int_equal(cw_loop_turn(loop, 1), 0);
        cw_links_after_turn(links);
    }
}

static void turns(void)
{
    turns_without_commit();
    assert_int_equal(cw_control_commit(control), 0);
    turns_without_commit();
}

static void say(int fd, const struct cw_link_message *m)
{
    uint8_t bytes[512];
    size_t size;
    assert_int_equal(cw_link_encode(m, bytes, sizeof bytes, &size), 0);
    /* Byte by byte: control joins what comes in pieces. */
    for (size_t i = 0; i < size; i++)
        assert_int_equal(send(fd, bytes + i, 1, MSG_NOSIGNAL), 1);
    turns();
}

/* Type of the next message, 0 when there is none. */
static uint16_t hear(int fd)
{
    ssize_t n = recv(fd, received + received_size, sizeof received - received_size, 0);
    received_size += n > 0 ? (size_t)n : 0;
    struct cw_link_message m;
    size_t used;
    if (cw_link_decode(received, received_size, &m, &used) != 0)
        return 0;
    uint16_t type = m.type;
    received_size -= used;
    memmove(received, received + used, received_size);
    return type;
}

static bool is_closed(int fd)
{
    uint8_t byte;
    ssize_t n = recv(fd, &byte, 1, MSG_PEEK);
    return n == 0 || (n < 0 && errno == ECONNRESET);
}

static void a_worker_is_answered(void **state)
{
    (void)state;
    const struct cw_link_message hello = {.type = CW_LINK_ENGINE_HELLO,
                                          .version = CW_LINK_VERSION,
                                          .worker_count = 1,
                                          .engine_instance = 7};
    const struct cw_link_message end = {.type = CW_LINK_SNAPSHOT_END};
    received_size = 0;
    int fd = dial();
    assert_int_equal(cw_links_count(links), 1);
    say(fd, &hello);
    say(fd, &end);
    assert_int_equal(hear(fd), CW_LINK_CONTROL_HELLO);
    assert_int_equal(hear(fd), CW_LINK_DRAIN);
    assert_int_equal(hear(fd), CW_LINK_WANTED_END);
    assert_false(is_closed(fd));
    (void)close(fd);
    turns();
    assert_int_equal(cw_links_count(links), 0);
}

static void what_is_not_the_protocol_is_closed(void **state)
{
    (void)state;
    static const uint8_t huge[8] = {0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0};
    int good = dial();
    int bad = dial();
    assert_int_equal(cw_links_count(links), 2);
    assert_int_equal(send(bad, huge, sizeof huge, MSG_NOSIGNAL), sizeof huge);
    turns();
    assert_true(is_closed(bad));
    assert_false(is_closed(good));
    assert_int_equal(cw_links_count(links), 1);
    (void)close(bad);
    (void)close(good);
}

static void links_are_bounded(void **state)
{
    (void)state;
    static int fds[CW_LINK_CONNECTIONS_MAX];
    for (int i = 0; i < CW_LINK_CONNECTIONS_MAX; i++)
        fds[i] = dial();
    int fd = dial();
    assert_true(is_closed(fd));
    (void)close(fd);
    for (int i = 0; i < CW_LINK_CONNECTIONS_MAX; i++)
        (void)close(fds[i]);
    for (int i = 0; i < 3; i++)
        turns();
    assert_int_equal(cw_links_count(links), 0);
}

static int link_one(void)
{
    const struct cw_link_message hello = {.type = CW_LINK_ENGINE_HELLO,
                                          .version = CW_LINK_VERSION,
                                          .worker_count = 1,
                                          .engine_instance = 7};
    int fd = dial();
    received_size = 0;
    say(fd, &hello);
    return fd;
}

/* A refusal's audit row is a change like any other: what is said after it waits for its commit. */
static void open_group(const char *source)
{
    cw_control_audit_refusal(control, source, "test", "a change");
    assert_true(cw_control_has_group(control));
}

static void say_end_of_snapshot(int fd)
{
    const struct cw_link_message end = {.type = CW_LINK_SNAPSHOT_END};
    uint8_t bytes[64];
    size_t size;
    assert_int_equal(cw_link_encode(&end, bytes, sizeof bytes, &size), 0);
    assert_int_equal(send(fd, bytes, size, MSG_NOSIGNAL), size);
}

static void bytes_wait_for_the_commit(void **state)
{
    (void)state;
    int fd = link_one();
    open_group("198.51.100.1");
    say_end_of_snapshot(fd);
    turns_without_commit();
    assert_int_equal(hear(fd), 0);
    assert_int_equal(cw_control_commit(control), 0);
    assert_int_equal(hear(fd), CW_LINK_CONTROL_HELLO);
    assert_int_equal(hear(fd), CW_LINK_DRAIN);
    assert_int_equal(hear(fd), CW_LINK_WANTED_END);
    (void)close(fd);
    turns();
}

static void a_lost_group_ends_the_links_and_says_nothing(void **state)
{
    (void)state;
    int fd = link_one();
    open_group("198.51.100.2");
    say_end_of_snapshot(fd);
    turns_without_commit();
    faulty_after(0);
    assert_true(cw_control_commit(control) < 0);
    assert_false(is_closed(fd)); /* when the turn is over */
    cw_links_after_turn(links);
    assert_int_equal(hear(fd), 0);
    assert_true(is_closed(fd));
    assert_int_equal(cw_links_count(links), 0);
    faulty_after(-1);
    (void)close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(a_worker_is_answered),
        TEST(what_is_not_the_protocol_is_closed),
        TEST(links_are_bounded),
        TEST(bytes_wait_for_the_commit),
        TEST(a_lost_group_ends_the_links_and_says_nothing),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
