/* SPDX-License-Identifier: Apache-2.0 */
/* Several rings in one backend: more sockets than a table holds, nothing lost between the rings, each ring able to
 * do what it must and no more. Tables of 64 stand for those of 16,384; `make test-many-sockets` has the latter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/base/err.h"
#include "tests/unit/engine/io_fixture.h"

enum { SOCKETS = 300, RINGS = (SOCKETS + URING_SMALL_TABLE - 1) / URING_SMALL_TABLE };

static const unsigned small_modes[] = {
    CW_IO_URING_SMALL_TABLES,
    CW_IO_URING_SMALL_TABLES | CW_IO_URING_NO_DEFER,
    CW_IO_URING_SMALL_TABLES | PLAIN,
};

struct crowd {
    struct fixture f;
    int clients[SOCKETS];
    cw_socket sockets[SOCKETS];
};

static struct fixture small_fixture(unsigned without)
{
    struct fixture f = open_fixture(0);
    assert_null(f.io->ops->free(f.io));
    f.without = without;
    f.settles = true;
    f.io = backend_new(&f, 1000);
    assert_int_equal(f.io->ops->accept_start(f.io, 0), 0);
    return f;
}

static struct crowd *crowd_new(unsigned without)
{
    struct crowd *c = calloc(1, sizeof(*c));
    assert_non_null(c);
    c->f = small_fixture(without);
    for (unsigned i = 0; i < SOCKETS; i++) {
        c->sockets[i] = pair(&c->f, &c->clients[i]);
        assert_int_equal(c->f.io->ops->recv_start(c->f.io, c->sockets[i]), 0);
    }
    expect_nothing(c->f.io, 10);
    return c;
}

static void crowd_free(struct crowd *c)
{
    for (unsigned i = 0; i < SOCKETS; i++)
        close(c->clients[i]);
    close_fixture(&c->f);
    free(c);
}

/* One byte comes, is recognised and answered. */
static void echo_one(struct cw_io *io, cw_socket s, uint8_t byte)
{
    struct cw_io_completion c = expect(io, CW_IO_RECV);
    assert_int_equal(c.socket, s);
    assert_int_equal(c.result, 1);
    assert_int_equal(c.data[0], byte);
    struct iovec iov = {&byte, 1};
    assert_int_equal(io->ops->send(io, s, &iov, 1), 0);
    io->ops->buffer_return(io, c.buffer);
    assert_int_equal(expect(io, CW_IO_SEND).result, 1);
}

static void sockets_of_five_rings_are_no_descriptors(void **state)
{
    unsigned before = descriptors_open();
    struct crowd *c = crowd_new(*(const unsigned *)*state);
    struct cw_io *io = c->f.io;
    assert_int_equal(uring_of(io)->ring_count, RINGS);
    /* Its rings, two eventfds and the listener, and the clients. */
    assert_int_equal(descriptors_open() - before, SOCKETS + RINGS + 3);
    for (unsigned turn = 0; turn < 2 * SOCKETS; turn++) {
        unsigned i = turn * 97 % SOCKETS;
        uint8_t byte = (uint8_t)i, back = 0;
        assert_int_equal(send(c->clients[i], &byte, 1, 0), 1);
        echo_one(io, c->sockets[i], byte);
        assert_int_equal(recv(c->clients[i], &back, 1, 0), 1);
        assert_int_equal(back, byte);
    }
    /* Places come back: no ring more for as many again. */
    for (unsigned i = 0; i < SOCKETS; i++) {
        io->ops->close(io, c->sockets[i], false);
        assert_int_equal(expect(io, CW_IO_CLOSE).socket, c->sockets[i]);
        close(c->clients[i]);
        c->sockets[i] = pair(&c->f, &c->clients[i]);
    }
    assert_int_equal(uring_of(io)->ring_count, RINGS);
    crowd_free(c);
    assert_int_equal(descriptors_open(), before);
}

/* ---- sleeping ----------------------------------------------------------------------------------- */

enum { KNOCKS = 600 };

static void *knock_often(void *arg)
{
    const struct crowd *c = arg;
    for (unsigned k = 0; k < KNOCKS; k++) {
        unsigned i = k * 131 % SOCKETS;
        uint8_t byte = (uint8_t)k;
        if (k % 3 == 0)
            usleep(k % 100); /* the worker is asleep, or just about to be */
        if (send(c->clients[i], &byte, 1, 0) != 1 || recv(c->clients[i], &byte, 1, 0) != 1)
            return arg;
    }
    return NULL;
}

/* Sleeping on another ring's descriptor was seen to lose four of five. */
static void no_ring_is_slept_through(void **state)
{
    struct crowd *c = crowd_new(*(const unsigned *)*state);
    const struct timeval patience = {.tv_sec = 5};
    pthread_t thread;
    void *result = NULL;
    unsigned heard = 0, sent = 0; /* completions of two rings come in any order */
    uint8_t bytes[KNOCKS];
    for (unsigned i = 0; i < SOCKETS; i++) {
        (void)fcntl(c->clients[i], F_SETFL, 0);
        (void)setsockopt(c->clients[i], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    }
    assert_int_equal(pthread_create(&thread, NULL, knock_often, c), 0);
    while (heard < KNOCKS || sent < KNOCKS) {
        struct cw_io_completion e = {0};
        if (c->f.io->ops->wait(c->f.io, in_ms(3000), &e, 1) != 1)
            break;
        if (e.op == CW_IO_RECV && e.socket == c->sockets[heard * 131 % SOCKETS]) {
            struct iovec iov = {&bytes[heard], 1};
            bytes[heard] = e.data[0];
            c->f.io->ops->buffer_return(c->f.io, e.buffer);
            if (bytes[heard] != (uint8_t)heard ||
                c->f.io->ops->send(c->f.io, e.socket, &iov, 1) != 0)
                break;
            heard++;
        }
        sent += e.op == CW_IO_SEND;
    }
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_null(result);
    assert_int_equal(heard, KNOCKS);
    assert_int_equal(sent, KNOCKS);
    crowd_free(c);
}

static void *knock_once(void *arg)
{
    struct crowd *c = arg;
    usleep(20000);
    return send(c->clients[SOCKETS - 1], "x", 1, 0) == 1 ? NULL : arg;
}

static long sleeps(void)
{
    struct rusage u;
    assert_int_equal(getrusage(RUSAGE_THREAD, &u), 0);
    return u.ru_nvcsw;
}

static void busy_polling_does_not_sleep(void **state)
{
    struct crowd *c = crowd_new(*(const unsigned *)*state);
    struct cw_io *io = c->f.io;
    void *result;
    for (unsigned busy = 0; busy < 2; busy++) {
        pthread_t thread;
        io->ops->set_busy_poll(io, busy != 0 ? 2000000 : 0);
        assert_int_equal(pthread_create(&thread, NULL, knock_once, c), 0);
        long before = sleeps();
        struct cw_io_completion e = expect(io, CW_IO_RECV);
        long slept = sleeps() - before;
        assert_int_equal(e.socket, c->sockets[SOCKETS - 1]);
        io->ops->buffer_return(io, e.buffer);
        assert_int_equal(pthread_join(thread, &result), 0);
        assert_null(result);
        if (busy != 0)
            assert_int_equal(slept, 0);
        else
            assert_true(slept > 0);
    }
    /* What ends a long sleep begins the next busy poll. */
    uring_of(io)->last_ns = 0;
    for (unsigned busy = 0; busy < 2; busy++) {
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, knock_once, c), 0);
        long before = sleeps();
        struct cw_io_completion e = expect(io, CW_IO_RECV);
        assert_int_equal(sleeps() > before, busy == 0);
        io->ops->buffer_return(io, e.buffer);
        assert_int_equal(pthread_join(thread, &result), 0);
    }
    /* It ends by its own time, and by the caller's. */
    io->ops->set_busy_poll(io, 1000);
    long before = sleeps();
    expect_nothing(io, 100);
    assert_true(sleeps() > before);
    io->ops->set_busy_poll(io, 1000000000);
    uint64_t start_ns = uring_now_ns();
    expect_nothing(io, 30);
    assert_true(uring_now_ns() - start_ns >= 30000000);
    /* Another thread is heard. */
    io->ops->wake(io);
    expect(io, CW_IO_WAKE);
    crowd_free(c);
}

/* ---- what a ring may do ------------------------------------------------------------------------- */

/* The result of a submission that was prepared on r. */
static int result_of(struct uring_ring *r)
{
    struct io_uring_cqe *cqe;
    assert_true(io_uring_submit(&r->ring) >= 0);
    assert_int_equal(io_uring_wait_cqe(&r->ring, &cqe), 0);
    int result = cqe->res;
    io_uring_cqe_seen(&r->ring, cqe);
    return result;
}

static int try_operation(struct uring_ring *r, uint8_t operation, uint8_t flags)
{
    struct io_uring_sqe *sqe = uring_sqe(r, URING_KIND_CANCEL, 0);
    io_uring_prep_rw(operation, sqe, -1, NULL, 0, 0);
    sqe->flags = flags;
    return result_of(r);
}

static void rings_do_what_they_must_and_no_more(void **state)
{
    enum { OPERATIONS = 48 };
    static const uint8_t of_all[] = {
        IORING_OP_CONNECT, IORING_OP_RECV,         IORING_OP_SEND,     IORING_OP_SENDMSG,
        IORING_OP_CLOSE,   IORING_OP_ASYNC_CANCEL, IORING_OP_SHUTDOWN, IORING_OP_URING_CMD,
    };
    static const uint8_t of_main[] = {IORING_OP_ACCEPT, IORING_OP_READ, IORING_OP_POLL_ADD};
    unsigned without = *(const unsigned *)*state;
    struct crowd *c = crowd_new(without & ~(unsigned)CW_IO_URING_NO_RESTRICTIONS);
    const struct uring *u = uring_of(c->f.io);
    for (unsigned ring = 0; ring < 2; ring++) {
        bool allowed[OPERATIONS] = {false};
        for (unsigned i = 0; i < sizeof(of_all); i++)
            allowed[of_all[i]] = true;
        for (unsigned i = 0; i < sizeof(of_main); i++)
            allowed[of_main[i]] = ring == 0;
        for (uint8_t operation = 0; operation < OPERATIONS; operation++)
            if (!allowed
                    [operation]) /* as an allowed one without a descriptor may have side effects */
                assert_int_equal(try_operation(u->rings[ring], operation, 0), -EACCES);
        assert_int_equal(try_operation(u->rings[ring], IORING_OP_CLOSE, 0), -EBADF);
        assert_int_equal(try_operation(u->rings[ring], IORING_OP_CLOSE, IOSQE_ASYNC), -EACCES);
        assert_int_equal(try_operation(u->rings[ring], IORING_OP_CLOSE, IOSQE_IO_DRAIN), -EACCES);
        struct iovec iov = {c, 16};
        assert_int_equal(io_uring_register_buffers(&u->rings[ring]->ring, &iov, 1), -EACCES);
        assert_int_equal(io_uring_unregister_files(&u->rings[ring]->ring), -EACCES);
    }
    crowd_free(c);
}

/* ---- limits ------------------------------------------------------------------------------------- */

static struct cw_io *limited_backend(const struct fixture *f, unsigned sockets_max,
                                     unsigned descriptors_max, const char *congestion)
{
    struct cw_io *io = NULL;
    const struct cw_io_uring_config config = {
        .listeners = &f->listener,
        .listener_count = 1,
        .sockets_max = sockets_max,
        .descriptors_max = descriptors_max,
        .directory = -1,
        .tcp_congestion = congestion,
    };
    assert_int_equal(cw_io_uring_new_without(f->without, &config, &io), 0);
    assert_int_equal(io->ops->accept_start(io, 0), 0);
    return io;
}

static void expect_closed(int client)
{
    char byte;
    struct timeval three_s = {.tv_sec = 3};
    (void)fcntl(client, F_SETFL, 0);
    assert_int_equal(setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &three_s, sizeof(three_s)), 0);
    assert_true(recv(client, &byte, 1, 0) <= 0 && errno != EAGAIN);
    close(client);
}

/* Connections in their handshake may not take the descriptors that everything else needs. */
static void unsettled_sockets_have_a_limit(void **state)
{
    enum { LIMIT = 16, ACCEPTED = LIMIT - LIMIT / 8 };
    struct fixture f = small_fixture(*(const unsigned *)*state);
    assert_null(f.io->ops->free(f.io));
    f.io = limited_backend(&f, 200, LIMIT, NULL);
    assert_int_equal(f.io->sockets_max, 200);
    int clients[ACCEPTED + 1];
    cw_socket sockets[ACCEPTED];
    for (unsigned i = 0; i < ACCEPTED; i++)
        sockets[i] = unsettled_pair(&f, &clients[i]);
    int refused = client_new(&f);
    expect_nothing(f.io, 50);
    expect_closed(refused);
    f.io->ops->settle(f.io, sockets[3]);
    (void)unsettled_pair(&f, &clients[ACCEPTED]);
    refused = client_new(&f);
    expect_nothing(f.io, 50);
    expect_closed(refused);
    /* What we connect to has the rest. */
    cw_socket s;
    for (unsigned i = ACCEPTED; i < LIMIT; i++)
        assert_int_equal(f.io->ops->connect_unix(f.io, "/nowhere", &s), 0);
    assert_int_equal(f.io->ops->connect_unix(f.io, "/nowhere", &s), CW_ERR_FULL);
    for (unsigned i = 0; i <= ACCEPTED; i++)
        close(clients[i]);
    close_fixture(&f);
}

static void without_direct_descriptors_the_process_is_the_limit(void **state)
{
    (void)state;
    struct fixture f = small_fixture(CW_IO_URING_NO_DIRECT);
    assert_null(f.io->ops->free(f.io));
    f.io = limited_backend(&f, 1000, 20, NULL);
    assert_int_equal(f.io->sockets_max, 20);
    int client;
    cw_socket s = pair(&f, &client);
    assert_int_equal(f.io->ops->detach(f.io, s), CW_ERR_STATE);
    struct iovec iov = {&client, 1};
    assert_int_equal(f.io->ops->send(f.io, s, &iov, 1), 0);
    assert_int_equal(expect(f.io, CW_IO_SEND).result, 1);
    close(client);
    close_fixture(&f);
}

static void a_backend_has_no_more_than_its_places(void **state)
{
    struct fixture f = small_fixture(*(const unsigned *)*state);
    assert_null(f.io->ops->free(f.io));
    enum { PLACES = URING_SMALL_TABLE + 5 };
    f.io = limited_backend(&f, PLACES, 0, NULL);
    int clients[PLACES];
    cw_socket last = 0;
    for (unsigned i = 0; i < PLACES; i++)
        last = pair(&f, &clients[i]);
    int refused = client_new(&f);
    expect_nothing(f.io, 50);
    expect_closed(refused);
    assert_int_equal(uring_of(f.io)->ring_count, 2);
    f.io->ops->close(f.io, last, false);
    assert_int_equal(expect(f.io, CW_IO_CLOSE).socket, last);
    close(clients[PLACES - 1]);
    (void)pair(&f, &clients[PLACES - 1]);
    for (unsigned i = 0; i < PLACES; i++)
        close(clients[i]);
    close_fixture(&f);
}

/* A number comes again after 16,383 others of its place, and none of them is 0. */
static void numbers_of_one_place_differ(void **state)
{
    (void)state;
    struct fixture f = {.without = 0, .listener = -1};
    struct cw_io *io = backend_new(&f, 1);
    enum { USES = CW_IO_GENERATION_MAX + 2 };
    static bool seen[CW_IO_GENERATION_MAX + 1];
    for (unsigned i = 0; i < USES; i++) {
        cw_socket s;
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(io->ops->adopt(io, fd, &s), 0);
        uint32_t generation = s >> CW_IO_INDEX_BITS;
        assert_true(generation > 0 && generation <= CW_IO_GENERATION_MAX);
        assert_true(!seen[generation] || i >= CW_IO_GENERATION_MAX);
        seen[generation] = true;
        io->ops->close(io, s, false);
        assert_int_equal(expect(io, CW_IO_CLOSE).socket, s);
    }
    assert_null(io->ops->free(io));
}

static void a_congestion_control_can_be_named(void **state)
{
    (void)state;
    struct fixture f = small_fixture(0);
    static const char *const names[] = {"reno", "cubic", "no-such-thing"};
    char before[16] = "";
    for (unsigned i = 0; i < 3; i++) {
        assert_null(f.io->ops->free(f.io));
        f.io = limited_backend(&f, 10, 0, names[i]); /* one that does not exist is logged */
        int client;
        cw_socket s = unsettled_pair(&f, &client);
        assert_int_equal(f.io->ops->detach(f.io, s), 0);
        int fd = expect(f.io, CW_IO_CLOSE).result;
        char name[16] = "";
        socklen_t size = sizeof(name);
        assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &size), 0);
        assert_string_equal(name, i < 2 ? names[i] : before);
        memcpy(before, name, sizeof(name));
        close(fd);
        close(client);
    }
    close_fixture(&f);
}

/* ---- fairness ----------------------------------------------------------------------------------- */

static void one_that_sends_much_leaves_the_others_their_turn(void **state)
{
    struct fixture f = small_fixture(*(const unsigned *)*state);
    enum { OTHERS = 50, ROUNDS = 20 };
    static uint8_t bytes[1 << 20];
    int hog, others[OTHERS];
    cw_socket s = pair(&f, &hog);
    assert_int_equal(f.io->ops->recv_start(f.io, s), 0);
    for (unsigned i = 0; i < OTHERS; i++)
        assert_int_equal(f.io->ops->recv_start(f.io, pair(&f, &others[i])), 0);
    for (unsigned round = 0; round < ROUNDS; round++) {
        while (send(hog, bytes, sizeof(bytes), 0) > 0)
            ; /* until all buffers on the way are full */
        for (unsigned i = 0; i < OTHERS; i++)
            assert_int_equal(send(others[i], "x", 1, 0), 1);
        unsigned heard = 0, of_hog = 0;
        while (heard < OTHERS) {
            struct cw_io_completion c[16];
            unsigned n = f.io->ops->wait(f.io, in_ms(3000), c, 16);
            assert_true(n > 0);
            for (unsigned i = 0; i < n; i++) {
                assert_int_equal(c[i].op, CW_IO_RECV);
                assert_true(c[i].result > 0);
                f.io->ops->buffer_return(f.io, c[i].buffer);
                if (c[i].socket == s)
                    of_hog++;
                else
                    heard++;
            }
        }
        /* A turn or two while the kernel goes round; without turns, all buffers each time it does. */
        assert_true(of_hog <= (uring_of(f.io)->has_turns ? URING_BUFFERS / 2 : 3 * URING_BUFFERS));
    }
    close(hog);
    for (unsigned i = 0; i < OTHERS; i++)
        close(others[i]);
    close_fixture(&f);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        cmocka_unit_test(sockets_of_five_rings_are_no_descriptors),
        cmocka_unit_test(no_ring_is_slept_through),
        cmocka_unit_test(busy_polling_does_not_sleep),
        cmocka_unit_test(rings_do_what_they_must_and_no_more),
        cmocka_unit_test(unsettled_sockets_have_a_limit),
        cmocka_unit_test(a_backend_has_no_more_than_its_places),
        cmocka_unit_test(one_that_sends_much_leaves_the_others_their_turn),
    };
    const struct CMUnitTest once[] = {
        cmocka_unit_test(without_direct_descriptors_the_process_is_the_limit),
        cmocka_unit_test(numbers_of_one_place_differ),
        cmocka_unit_test(a_congestion_control_can_be_named),
    };
    int failed = cmocka_run_group_tests(once, NULL, NULL);
    for (unsigned m = 0; m < sizeof(small_modes) / sizeof(small_modes[0]); m++) {
        unsigned without = small_modes[m];
        for (unsigned i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
            tests[i].initial_state = &without;
        failed += cmocka_run_group_tests(tests, NULL, NULL);
    }
    return failed;
}
