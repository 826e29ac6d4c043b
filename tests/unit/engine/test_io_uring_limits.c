/* SPDX-License-Identifier: Apache-2.0 */
/* The io_uring backend at its limits, in every mode the ring can have: waking, buffers, tables, any order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/base/err.h"
#include "engine/io_uring.h"
#include "engine/mailbox.h"
#include "tests/unit/engine/io_fixture.h"

enum { WAKES = 3000 };

struct waker {
    struct cw_io *io;
    struct cw_mailbox *mailbox;
};

static void *wake_often(void *arg)
{
    const struct waker *w = arg;
    for (uint32_t i = 0; i < WAKES; i++) {
        struct cw_mail mail = {.kind = i};
        while (cw_mailbox_push(w->mailbox, &mail) != 0)
            usleep(10);
        w->io->ops->wake(w->io);
        if (i % 64 == 0)
            usleep(200);
    }
    return NULL;
}

static void no_wake_is_lost(void **state)
{
    struct fixture f = open_fixture(mode_of(state));
    struct waker w = {.io = f.io};
    assert_int_equal(cw_mailbox_new(16, &w.mailbox), 0);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, wake_often, &w), 0);
    uint32_t next = 0;
    while (next < WAKES) {
        expect(f.io, CW_IO_WAKE); /* three seconds without one: lost */
        struct cw_mail mail;
        while (cw_mailbox_pop(w.mailbox, &mail))
            assert_int_equal(mail.kind, next++);
    }
    pthread_join(thread, NULL);
    cw_mailbox_free(w.mailbox);
    close_fixture(&f);
}

static void exhausted_buffers_come_back(void **state)
{
    struct fixture f = open_fixture(mode_of(state));
    enum { COUNT = 300 };
    int clients[COUNT];
    uint8_t bytes[2000] = {1};
    for (unsigned i = 0; i < COUNT; i++) {
        cw_socket s = pair(&f, &clients[i]);
        assert_int_equal(f.io->ops->recv_start(f.io, s), 0);
    }
    for (unsigned i = 0; i < COUNT; i++)
        assert_int_equal(send(clients[i], bytes, sizeof(bytes), 0), sizeof(bytes));
    /* A ring's sockets share its buffers. */
    const unsigned holds = URING_BUFFERS * uring_of(f.io)->ring_count;
    uint32_t held[COUNT];
    for (unsigned i = 0; i < holds; i++)
        held[i] = expect(f.io, CW_IO_RECV).buffer;
    expect_nothing(f.io, 50);
    for (unsigned i = 0; i < holds; i++)
        f.io->ops->buffer_return(f.io, held[i]);
    for (unsigned i = holds; i < COUNT; i++) {
        struct cw_io_completion c = expect(f.io, CW_IO_RECV);
        assert_int_equal(c.result, sizeof(bytes));
        f.io->ops->buffer_return(f.io, c.buffer);
    }
    expect_nothing(f.io, 20);
    for (unsigned i = 0; i < COUNT; i++)
        close(clients[i]);
    close_fixture(&f);
}

static void a_full_table_refuses_and_recovers(void **state)
{
    struct fixture f = open_fixture(mode_of(state));
    assert_null(f.io->ops->free(f.io));
    f.io = backend_new(&f, 1);
    assert_int_equal(f.io->ops->accept_start(f.io, 0), 0);
    int client, second;
    cw_socket s = pair(&f, &client);
    second = client_new(&f);
    expect_nothing(f.io, 50);
    char byte;
    assert_true(recv(second, &byte, 1, 0) <= 0 && errno != EAGAIN);
    close(second);
    f.io->ops->close(f.io, s, false);
    expect(f.io, CW_IO_CLOSE);
    f.io->ops->accept_stop(f.io, 0);
    f.io->ops->accept_start(f.io, 0);
    close(client);
    pair(&f, &client);
    close(client);
    close_fixture(&f);
}

/* Whether the kernel had taken the connection already or it still waits in the listening socket: it is given once, and
 * its client is not reset. */
static void who_comes_while_accepting_stops_is_kept(void **state)
{
    struct fixture f = open_fixture(mode_of(state));
    unsigned behind = 0;
    for (unsigned turn = 0; turn < 40; turn++) {
        struct cw_io_completion c = {0};
        expect_nothing(f.io, 1); /* the accept is with the kernel */
        int client = client_new(&f);
        f.io->ops->accept_stop(f.io, 0);
        unsigned count = f.io->ops->wait(f.io, in_ms(5), &c, 1);
        behind += count;
        assert_int_equal(f.io->ops->accept_start(f.io, 0), 0);
        if (count == 0)
            c = expect(f.io, CW_IO_ACCEPT);
        assert_int_equal(c.op, CW_IO_ACCEPT);
        char byte;
        assert_true(recv(client, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN);
        close(client);
        f.io->ops->close(f.io, c.socket, false);
        expect(f.io, CW_IO_CLOSE);
    }
    print_message("%u of 40 came behind the stop\n", behind);
    close_fixture(&f);
}

/* EMFILE ends the accept in the kernel; it is asked for again after a while. */
static void accepting_outlives_a_shortage_of_descriptors(void **state)
{
    struct fixture f = open_fixture(mode_of(state));
    int client =
        client_new(&f); /* the kernel notes the limit when the accept is submitted: by wait */
    struct rlimit normal, none;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &normal), 0);
    none = (struct rlimit){.rlim_cur = 3, .rlim_max = normal.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    struct cw_io_completion c;
    unsigned n = f.io->ops->wait(f.io, in_ms(250), &c, 1);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &normal), 0);
    assert_int_equal(n, 0);
    assert_int_equal(expect(f.io, CW_IO_ACCEPT).result, 0);
    close(client);
    close_fixture(&f);
}

/* ---- requests in any order ---------------------------------------------------------------------- */

enum { SOAK_SOCKETS = 100, SOAK_TURNS = 8000 };

struct soak_socket {
    cw_socket socket; /* 0: none */
    int client;
    bool sending, closing, leaving;
};

struct soak {
    struct fixture f;
    uint64_t random;
    struct soak_socket sockets[SOAK_SOCKETS];
    uint32_t held[URING_RINGS_MAX * URING_BUFFERS];
    unsigned held_count, opens, closes, adopts;
    uint8_t bytes[60000];
};

static unsigned draw(struct soak *s, unsigned below)
{
    s->random = s->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(s->random >> 33) % below;
}

static struct soak_socket *soak_find(struct soak *s, cw_socket socket)
{
    for (unsigned i = 0; i < SOAK_SOCKETS; i++)
        if (s->sockets[i].socket == socket)
            return &s->sockets[i];
    return NULL;
}

/* A connection made without the backend, and adopted by it. */
static void soak_connect(struct soak *s, struct soak_socket *k)
{
    k->client = client_new(&s->f);
    int descriptor = accept4(s->f.listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(descriptor >= 0);
    assert_int_equal(s->f.io->ops->adopt(s->f.io, descriptor, &k->socket), 0);
    if (s->f.settles && draw(s, 2) == 0)
        s->f.io->ops->settle(s->f.io, k->socket);
    k->sending = false;
    k->closing = false;
    k->leaving = false;
    s->opens++;
}

static void soak_on_close(struct soak *s, struct soak_socket *k, int32_t result)
{
    struct cw_io *io = s->f.io;
    if (k->leaving && !k->closing) {
        assert_true(result > 2);
        assert_int_equal(io->ops->adopt(io, result, &k->socket), 0);
        k->leaving = false;
        s->adopts++;
        return;
    }
    assert_true(result <= 0);
    s->closes++;
    close(k->client);
    k->socket = 0;
}

static void soak_act(struct soak *s, struct soak_socket *k)
{
    struct cw_io *io = s->f.io;
    switch (draw(s, 9)) {
    case 0: io->ops->recv_stop(io, k->socket); break;
    case 1:
        if (!k->closing && !k->leaving && !k->sending)
            k->leaving = io->ops->detach(io, k->socket) == 0;
        break;
    case 2:
        io->ops->close(io, k->socket, draw(s, 2) == 0);
        k->closing = true;
        if (draw(s, 2) == 0)
            shutdown(k->client, SHUT_RDWR); /* or a linger of a second */
        break;
    case 3:
    case 4:
        if (!k->closing && !k->leaving && !k->sending) {
            struct iovec iov[2] = {{s->bytes, 1 + draw(s, 30000)}, {s->bytes, 30000}};
            assert_int_equal(io->ops->send(io, k->socket, iov, 2), 0);
            k->sending = true;
        }
        break;
    case 5: (void)send(k->client, s->bytes, 1 + draw(s, 50000), MSG_NOSIGNAL); break;
    case 6:
        while (recv(k->client, s->bytes, sizeof(s->bytes), 0) > 0)
            ;
        break;
    default: (void)io->ops->recv_start(io, k->socket); break;
    }
}

static void soak_turn(struct soak *s)
{
    struct cw_io *io = s->f.io;
    struct cw_io_completion c[8];
    unsigned n = io->ops->wait(io, 0, c, 8);
    for (unsigned i = 0; i < n; i++) {
        if (c[i].op == CW_IO_RECV && c[i].result > 0)
            s->held[s->held_count++] = c[i].buffer;
        struct soak_socket *k = soak_find(s, c[i].socket);
        assert_non_null(k);
        if (c[i].op == CW_IO_SEND)
            k->sending = false;
        if (c[i].op == CW_IO_CLOSE)
            soak_on_close(s, k, c[i].result);
    }
    while (s->held_count > 0 && draw(s, 3) != 0)
        io->ops->buffer_return(io, s->held[--s->held_count]);
}

static void any_order_of_requests_ends_in_one_close(void **state)
{
    unsigned before = descriptors_open();
    struct soak *s = calloc(1, sizeof(*s));
    assert_non_null(s);
    s->f = open_fixture(mode_of(state));
    s->random = 42 + mode_of(state);
    struct cw_io *io = s->f.io;
    io->ops->accept_stop(io, 0);
    expect_nothing(io, 1);
    for (unsigned turn = 0; turn < SOAK_TURNS; turn++) {
        struct soak_socket *k = &s->sockets[draw(s, SOAK_SOCKETS)];
        if (k->socket == 0)
            soak_connect(s, k);
        else
            soak_act(s, k);
        if (draw(s, 3) == 0)
            soak_turn(s);
    }
    for (unsigned i = 0; i < SOAK_SOCKETS; i++) {
        s->sockets[i].closing = true;
        if (s->sockets[i].socket != 0)
            io->ops->close(io, s->sockets[i].socket, false);
    }
    uint64_t until_ns = in_ms(3000);
    while (s->closes < s->opens && uring_now_ns() < until_ns)
        soak_turn(s);
    assert_int_equal(s->closes, s->opens);
    assert_true(s->opens > 200 && s->adopts > 50);
    while (s->held_count > 0)
        io->ops->buffer_return(io, s->held[--s->held_count]);
    expect_all_buffers(io);
    close_fixture(&s->f);
    free(s);
    assert_int_equal(descriptors_open(), before);
}

/* Only the operations of this backend pass: the kernel refuses all others. */
static void the_ring_is_restricted(void **state)
{
    struct fixture f = open_fixture(mode_of(state));
    struct uring_ring *r = uring_of(f.io)->rings[0];
    expect_nothing(f.io, 1);
    struct io_uring_sqe *sqe = uring_sqe(r, URING_KIND_CANCEL, 0);
    io_uring_prep_openat(sqe, AT_FDCWD, "/etc/passwd", O_RDONLY, 0);
    struct io_uring_cqe *cqe;
    assert_true(io_uring_submit(&r->ring) >= 0);
    assert_int_equal(io_uring_wait_cqe(&r->ring, &cqe), 0);
    if ((f.without & CW_IO_URING_NO_RESTRICTIONS) == 0)
        assert_int_equal(cqe->res, -EACCES);
    else
        assert_int_equal(close(cqe->res), 0);
    io_uring_cqe_seen(&r->ring, cqe);
    unsigned modes_wanted =
        (f.without & CW_IO_URING_NO_DEFER) == 0 ? IORING_SETUP_DEFER_TASKRUN : 0;
    assert_int_equal(r->ring.flags & IORING_SETUP_DEFER_TASKRUN, modes_wanted);
    close_fixture(&f);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        cmocka_unit_test(no_wake_is_lost),
        cmocka_unit_test(exhausted_buffers_come_back),
        cmocka_unit_test(a_full_table_refuses_and_recovers),
        cmocka_unit_test(who_comes_while_accepting_stops_is_kept),
        cmocka_unit_test(accepting_outlives_a_shortage_of_descriptors),
        cmocka_unit_test(any_order_of_requests_ends_in_one_close),
        cmocka_unit_test(the_ring_is_restricted),
    };
    return RUN_IN_ALL_MODES(tests);
}
