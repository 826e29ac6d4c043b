/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/engine/io_fixture.h - an io_uring backend with a listener, in each mode the ring can have.
 *
 * Owner:     a test opens a fixture and closes it.
 * Thread:    the test's.
 * Errors:    a cmocka assertion.
 */
#ifndef CW_TESTS_UNIT_ENGINE_IO_FIXTURE_H
#define CW_TESTS_UNIT_ENGINE_IO_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/io_uring.h"

struct fixture {
    unsigned without;
    bool settles; /* what was accepted at once */
    int listener;
    uint16_t port;
    struct cw_io *io;
};

enum {
    PLAIN = CW_IO_URING_NO_DEFER | CW_IO_URING_NO_COOP | CW_IO_URING_NO_RESTRICTIONS |
            CW_IO_URING_NO_TURNS,
};

static const struct {
    unsigned without;
    bool settles;
} modes[] = {
    {0, false},
    {0, true},
    {CW_IO_URING_NO_DEFER, true},
    {PLAIN | CW_IO_URING_NO_DIRECT, true},
    {CW_IO_URING_SMALL_TABLES, true}, /* 64 sockets a ring */
    {CW_IO_URING_SMALL_TABLES | CW_IO_URING_NO_DEFER | CW_IO_URING_NO_TURNS, false},
    {CW_IO_URING_SMALL_TABLES | PLAIN, true},
};

static inline uint64_t in_ms(unsigned ms)
{
    return uring_now_ns() + (uint64_t)ms * 1000000;
}

/* With the fixture's listener, if it has one. */
static inline struct cw_io *backend_new(const struct fixture *f, unsigned sockets_max)
{
    struct cw_io *io = NULL;
    const struct cw_io_uring_config config = {
        .listeners = &f->listener,
        .listener_count = f->listener >= 0 ? 1 : 0,
        .sockets_max = sockets_max,
        .directory = -1,
    };
    assert_int_equal(cw_io_uring_new_without(f->without, &config, &io), 0);
    return io;
}

static inline struct fixture open_fixture(unsigned mode)
{
    struct fixture f = {.without = modes[mode].without, .settles = modes[mode].settles};
    f.listener = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(f.listener >= 0);
    struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    socklen_t size = sizeof(a);
    assert_int_equal(bind(f.listener, (struct sockaddr *)(void *)&a, size), 0);
    assert_int_equal(listen(f.listener, 1024), 0);
    assert_int_equal(getsockname(f.listener, (struct sockaddr *)(void *)&a, &size), 0);
    f.port = a.sin6_port;
    f.io = backend_new(&f, 1000);
    assert_int_equal(f.io->ops->accept_start(f.io, 0), 0);
    return f;
}

static inline void close_fixture(struct fixture *f)
{
    assert_null(f->io->ops->free(f->io));
    close(f->listener);
}

static inline int client_new(const struct fixture *f)
{
    int s = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(s >= 0);
    struct sockaddr_in6 a = {
        .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT, .sin6_port = f->port};
    int err = connect(s, (struct sockaddr *)(void *)&a, sizeof(a));
    assert_true(err == 0 || errno == EINPROGRESS);
    return s;
}

/* The next completion, which must be of the kind. */
static inline struct cw_io_completion expect(struct cw_io *io, enum cw_io_op op)
{
    struct cw_io_completion c = {0};
    assert_int_equal(io->ops->wait(io, in_ms(3000), &c, 1), 1);
    assert_int_equal(c.op, op);
    return c;
}

static inline void expect_nothing(struct cw_io *io, unsigned ms)
{
    struct cw_io_completion c;
    assert_int_equal(io->ops->wait(io, in_ms(ms), &c, 1), 0);
}

static inline cw_socket unsettled_pair(const struct fixture *f, int *ret_client)
{
    *ret_client = client_new(f);
    return expect(f->io, CW_IO_ACCEPT).socket;
}

static inline cw_socket pair(const struct fixture *f, int *ret_client)
{
    cw_socket s = unsettled_pair(f, ret_client);
    if (f->settles)
        f->io->ops->settle(f->io, s);
    return s;
}

/* Every buffer is with the kernel again. */
static inline void expect_all_buffers(struct cw_io *io)
{
    const struct uring *u = uring_of(io);
    for (unsigned i = 0; i < u->ring_count; i++)
        assert_int_equal(u->rings[i]->buffers_free, URING_BUFFERS);
}

static inline unsigned descriptors_open(void)
{
    unsigned count = 0;
    DIR *d = opendir("/proc/self/fd");
    assert_non_null(d);
    while (readdir(d) != NULL)
        count++;
    closedir(d);
    return count;
}

static inline unsigned mode_of(void **state)
{
    return *(const unsigned *)*state;
}

/* Runs the tests once a mode; the number that failed. */
#define RUN_IN_ALL_MODES(tests)                                                    \
    ({                                                                             \
        int failed = 0;                                                            \
        for (unsigned mode = 0; mode < sizeof(modes) / sizeof(modes[0]); mode++) { \
            for (unsigned i = 0; i < sizeof(tests) / sizeof((tests)[0]); i++)      \
                (tests)[i].initial_state = &mode;                                  \
            failed += cmocka_run_group_tests(tests, NULL, NULL);                   \
        }                                                                          \
        failed;                                                                    \
    })

#endif
