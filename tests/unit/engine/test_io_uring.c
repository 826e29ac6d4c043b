/* SPDX-License-Identifier: Apache-2.0 */
/* The io_uring backend against real sockets, in every mode the ring can have: bytes, closing, hand-over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine/base/err.h"
#include "engine/io_uring.h"
#include "tests/unit/engine/io_fixture.h"

enum { CLIENTS = 200, BATCH = 64 };

/* ---- echo --------------------------------------------------------------------------------------- */

struct echo_socket {
    cw_socket socket;
    uint8_t bytes[4096];
    size_t head, tail;
    bool sending, ended, closed;
};

static void echo_push(struct cw_io *io, struct echo_socket *s)
{
    if (s->sending || s->closed)
        return;
    size_t n = s->head - s->tail;
    if (n > 0) {
        struct iovec iov[2] = {{s->bytes + s->tail, n / 2},
                               {s->bytes + s->tail + n / 2, n - n / 2}};
        assert_int_equal(io->ops->send(io, s->socket, iov, 2), 0);
        s->sending = true;
    } else if (s->ended) {
        io->ops->close(io, s->socket, true);
        s->closed = true;
    }
}

static void echo_on(struct cw_io *io, struct echo_socket *s, const struct cw_io_completion *c)
{
    if (c->op == CW_IO_RECV) {
        assert_true(c->result >= 0);
        if (c->result > 0) {
            assert_true(s->head + (size_t)c->result <= sizeof(s->bytes));
            memcpy(s->bytes + s->head, c->data, (size_t)c->result);
            io->ops->buffer_return(io, c->buffer);
        }
        s->head += (size_t)c->result;
        s->ended = c->result == 0;
    } else {
        assert_int_equal(c->op, CW_IO_SEND);
        assert_true(c->result > 0);
        s->tail += (size_t)c->result;
        s->sending = false;
    }
    echo_push(io, s);
}

static unsigned echo_step(const struct fixture *f, struct echo_socket *sockets, unsigned *accepts)
{
    struct cw_io *io = f->io;
    struct cw_io_completion batch[BATCH];
    unsigned n = io->ops->wait(io, in_ms(20), batch, BATCH), closes = 0;
    for (unsigned i = 0; i < n; i++) {
        if (batch[i].op == CW_IO_ACCEPT) {
            assert_true(*accepts < CLIENTS);
            sockets[(*accepts)++].socket = batch[i].socket;
            assert_int_equal(io->ops->recv_start(io, batch[i].socket), 0);
            if (f->settles)
                io->ops->settle(io, batch[i].socket);
            continue;
        }
        unsigned k = 0;
        while (sockets[k].socket != batch[i].socket)
            assert_true(++k < CLIENTS);
        if (batch[i].op == CW_IO_CLOSE) {
            assert_true(sockets[k].closed);
            closes++;
        } else {
            echo_on(io, &sockets[k], &batch[i]);
        }
    }
    return closes;
}

static void echoes_200_connections(void **state)
{
    unsigned before = descriptors_open();
    struct fixture f = open_fixture(mode_of(state));
    struct echo_socket *sockets = calloc(CLIENTS, sizeof(*sockets));
    assert_non_null(sockets);
    int clients[CLIENTS];
    size_t got[CLIENTS] = {0};
    uint8_t bytes[3000];
    for (unsigned i = 0; i < CLIENTS; i++)
        clients[i] = client_new(&f);
    unsigned accepts = 0, closes = 0, open = CLIENTS;
    while (accepts < CLIENTS)
        closes += echo_step(&f, sockets, &accepts);
    for (unsigned i = 0; i < CLIENTS; i++) {
        memset(bytes, (int)i, sizeof(bytes));
        assert_int_equal(send(clients[i], bytes, sizeof(bytes), 0), sizeof(bytes));
        shutdown(clients[i], SHUT_WR);
    }
    for (unsigned turn = 0; open > 0 || closes < CLIENTS; turn++) {
        assert_true(turn < 2000);
        closes += echo_step(&f, sockets, &accepts);
        for (unsigned i = 0; i < CLIENTS; i++) {
            ssize_t n = clients[i] < 0 ? -1 : recv(clients[i], bytes, sizeof(bytes), 0);
            for (ssize_t k = 0; k < n; k++)
                assert_int_equal(bytes[k], (uint8_t)i);
            if (n > 0)
                got[i] += (size_t)n;
            if (n != 0)
                continue;
            assert_int_equal(got[i], sizeof(bytes));
            close(clients[i]);
            clients[i] = -1;
            open--;
        }
    }
    expect_all_buffers(f.io);
    free(sockets);
    close_fixture(&f);
    assert_int_equal(descriptors_open(), before);
}

/* ---- flow, closing ------------------------------------------------------------------------------ */

static void a_peer_that_does_not_read_holds_the_send(void **state)
{
    struct fixture f = open_fixture(mode_of(state));
    int client;
    cw_socket s = pair(&f, &client);
    enum { BIG = 16 << 20 };
    uint8_t *big = malloc(BIG), *in = malloc(BIG);
    assert_true(big != NULL && in != NULL);
    for (size_t i = 0; i < BIG; i++)
        big[i] = (uint8_t)(i * 7 + i / 253);
    size_t sent = 0, got = 0;
    struct cw_io_completion c;
    for (;;) {
        struct iovec iov = {big + sent, BIG - sent};
        assert_int_equal(f.io->ops->send(f.io, s, &iov, 1), 0);
        if (f.io->ops->wait(f.io, in_ms(200), &c, 1) == 0)
            break;
        assert_true(c.op == CW_IO_SEND && c.result > 0);
        sent += (size_t)c.result;
        assert_true(sent < BIG);
    }
    while (got < BIG) {
        ssize_t n = recv(client, in + got, BIG - got, 0);
        got += n > 0 ? (size_t)n : 0;
        if (f.io->ops->wait(f.io, in_ms(n > 0 ? 0 : 20), &c, 1) == 0)
            continue;
        assert_true(c.op == CW_IO_SEND && c.result > 0);
        sent += (size_t)c.result;
        struct iovec iov = {big + sent, BIG - sent};
        if (sent < BIG)
            assert_int_equal(f.io->ops->send(f.io, s, &iov, 1), 0);
    }
    assert_memory_equal(big, in, BIG);
    free(big);
    free(in);
    close(client);
    close_fixture(&f);
}

static void after_shutdown_reading_goes_on(void **state)
{
    struct fixture f = open_fixture(mode_of(state));
    int client;
    cw_socket s = pair(&f, &client);
    assert_int_equal(f.io->ops->recv_start(f.io, s), 0);
    struct iovec iov = {(void *)(uintptr_t) "all", 3};
    assert_int_equal(f.io->ops->send(f.io, s, &iov, 1), 0);
    assert_int_equal(expect(f.io, CW_IO_SEND).result, 3);
    f.io->ops->shutdown(f.io, s);
    expect_nothing(f.io, 20);
    uint8_t bytes[8];
    assert_int_equal(recv(client, bytes, sizeof(bytes), MSG_WAITALL), 3); /* and no more */
    assert_int_equal(recv(client, bytes, sizeof(bytes), 0), 0);
    assert_int_equal(send(client, "answer", 6, 0), 6);
    struct cw_io_completion c = expect(f.io, CW_IO_RECV);
    assert_int_equal(c.result, 6);
    f.io->ops->buffer_return(f.io, c.buffer);
    close(client);
    assert_int_equal(expect(f.io, CW_IO_RECV).result, 0);
    f.io->ops->close(f.io, s, true);
    assert_int_equal(expect(f.io, CW_IO_CLOSE).socket, s);
    f.io->ops->shutdown(f.io, s); /* of an earlier generation: nothing happens */
    close_fixture(&f);
}

static void close_with_a_pending_send_resets(void **state)
{
    struct fixture f = open_fixture(mode_of(state));
    int client;
    cw_socket s = pair(&f, &client);
    enum { BIG = 16 << 20 };
    uint8_t *big = calloc(1, BIG);
    assert_non_null(big);
    struct iovec iov = {big, BIG};
    struct cw_io_completion c;
    do {
        assert_int_equal(f.io->ops->send(f.io, s, &iov, 1), 0);
    } while (f.io->ops->wait(f.io, in_ms(200), &c, 1) == 1);
    f.io->ops->close(f.io, s, false);
    assert_int_equal(expect(f.io, CW_IO_SEND).result, -ECANCELED);
    c = expect(f.io, CW_IO_CLOSE);
    assert_int_equal(c.socket, s);
    assert_int_equal(c.result, 0);
    free(big);
    ssize_t n;
    static uint8_t bytes[65536];
    while ((n = recv(client, bytes, sizeof(bytes), 0)) > 0)
        ;
    assert_true(n < 0 && errno == ECONNRESET);
    /* The number is of an earlier generation now. */
    assert_int_equal(f.io->ops->send(f.io, s, &iov, 1), CW_ERR_STATE);
    assert_int_equal(f.io->ops->recv_start(f.io, s), CW_ERR_STATE);
    assert_int_equal(f.io->ops->detach(f.io, s), CW_ERR_STATE);
    f.io->ops->close(f.io, s, true);
    expect_nothing(f.io, 30);
    close(client);
    close_fixture(&f);
}

/* A reset in answer to unread bytes would overtake the last words. */
static void last_words_reach_a_peer_that_is_sending(void **state)
{
    struct fixture f = open_fixture(mode_of(state));
    int client;
    cw_socket s = pair(&f, &client);
    static uint8_t bytes[100000];
    assert_true(send(client, bytes, sizeof(bytes), 0) > 0);
    struct iovec iov = {bytes, 1000};
    assert_int_equal(f.io->ops->send(f.io, s, &iov, 1), 0);
    assert_int_equal(expect(f.io, CW_IO_SEND).result, 1000);
    f.io->ops->close(f.io, s, true);
    expect_nothing(f.io, 20);
    size_t got = 0;
    for (int turn = 0; turn < 20; turn++) {
        assert_true(send(client, bytes, sizeof(bytes), MSG_NOSIGNAL) > 0);
        expect_nothing(f.io, 5);
        ssize_t n = recv(client, bytes, 100, 0);
        assert_true(n >= 0);
        got += (size_t)n;
    }
    assert_int_equal(got, 1000);
    close(client);
    assert_int_equal(expect(f.io, CW_IO_CLOSE).socket, s);

    /* One that never ends is closed after the linger time. */
    s = pair(&f, &client);
    f.io->ops->close(f.io, s, true);
    uint64_t start_ns = uring_now_ns();
    assert_int_equal(expect(f.io, CW_IO_CLOSE).socket, s);
    uint64_t took_ns = uring_now_ns() - start_ns;
    assert_true(took_ns >= URING_LINGER_NS - 10000000 && took_ns < 2 * URING_LINGER_NS);
    close(client);
    close_fixture(&f);
}

static void a_reset_is_told_once(void **state)
{
    struct fixture f = open_fixture(mode_of(state));
    int client;
    cw_socket s = pair(&f, &client);
    assert_int_equal(f.io->ops->recv_start(f.io, s), 0);
    struct linger l = {.l_onoff = 1, .l_linger = 0};
    setsockopt(client, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
    close(client);
    assert_int_equal(expect(f.io, CW_IO_RECV).result, -ECONNRESET);
    expect_nothing(f.io, 30);
    f.io->ops->close(f.io, s, true);
    assert_int_equal(expect(f.io, CW_IO_CLOSE).socket, s);
    close_fixture(&f);
}

static void stopped_receives_start_again(void **state)
{
    struct fixture f = open_fixture(mode_of(state));
    int client;
    cw_socket s = pair(&f, &client);
    assert_int_equal(f.io->ops->recv_start(f.io, s), 0);
    expect_nothing(f.io, 10);
    f.io->ops->recv_stop(f.io, s);
    expect_nothing(f.io, 10);
    assert_int_equal(send(client, "abc", 3, 0), 3);
    expect_nothing(f.io, 30);
    f.io->ops->recv_start(f.io, s);
    /* Stop and start in one batch: the receive that is being cancelled comes back by itself. */
    f.io->ops->recv_stop(f.io, s);
    f.io->ops->recv_start(f.io, s);
    struct cw_io_completion c = expect(f.io, CW_IO_RECV);
    assert_int_equal(c.result, 3);
    assert_memory_equal(c.data, "abc", 3);
    f.io->ops->buffer_return(f.io, c.buffer);
    assert_int_equal(send(client, "de", 2, 0), 2);
    c = expect(f.io, CW_IO_RECV);
    assert_int_equal(c.result, 2);
    f.io->ops->buffer_return(f.io, c.buffer);
    close(client);
    close_fixture(&f);
}

/* ---- hand-over ---------------------------------------------------------------------------------- */

static void hand_over_loses_no_byte(void **state)
{
    struct fixture f = open_fixture(mode_of(state));
    struct cw_io *ios[2] = {f.io, NULL};
    const struct fixture deaf = {.without = f.without, .listener = -1};
    ios[1] = backend_new(&deaf, 8);
    int client;
    cw_socket s = unsettled_pair(&f, &client);
    assert_int_equal(f.io->ops->recv_start(f.io, s), 0);
    enum { TOTAL = 4 << 20 };
    size_t sent = 0, got = 0;
    unsigned at = 0, moves = 0;
    bool leaving = false;
    while (got < TOTAL) {
        uint8_t out[3001];
        size_t n = TOTAL - sent < sizeof(out) ? TOTAL - sent : sizeof(out);
        for (size_t i = 0; i < n; i++)
            out[i] = (uint8_t)((sent + i) * 13 + (sent + i) / 255);
        ssize_t taken = n > 0 ? send(client, out, n, 0) : 0;
        sent += taken > 0 ? (size_t)taken : 0;
        struct cw_io *io = ios[at];
        struct cw_io_completion c;
        if (io->ops->wait(io, in_ms(n > 0 ? 0 : 100), &c, 1) == 0)
            continue;
        if (c.op == CW_IO_CLOSE) {
            assert_true(leaving && c.result > 2);
            leaving = false;
            moves++;
            at = !at;
            assert_int_equal(ios[at]->ops->adopt(ios[at], c.result, &s), 0);
            assert_int_equal(ios[at]->ops->recv_start(ios[at], s), 0);
            continue;
        }
        assert_int_equal(c.op, CW_IO_RECV);
        assert_true(c.result > 0);
        for (int32_t i = 0; i < c.result; i++, got++)
            assert_int_equal(c.data[i], (uint8_t)(got * 13 + got / 255));
        io->ops->buffer_return(io, c.buffer);
        if (!leaving && got < TOTAL)
            assert_int_equal(io->ops->detach(io, s), 0);
        leaving = true;
    }
    assert_true(moves > 20);
    assert_null(ios[1]->ops->free(ios[1]));
    close(client);
    close_fixture(&f);
}

static void accepted_sockets_have_their_options(void **state)
{
    struct fixture f = open_fixture(mode_of(state));
    int client = client_new(&f);
    struct cw_io_completion c = expect(f.io, CW_IO_ACCEPT);
    struct sockaddr_in6 a;
    socklen_t size = sizeof(a);
    assert_int_equal(getsockname(client, (struct sockaddr *)(void *)&a, &size), 0);
    assert_memory_equal(c.address, &a.sin6_addr, 16);
    assert_memory_equal(c.address + 16, &a.sin6_port, 2);
    assert_int_equal(f.io->ops->detach(f.io, c.socket), 0);
    int descriptor = expect(f.io, CW_IO_CLOSE).result;
    const struct {
        int level, name, value;
    } options[] = {
        {IPPROTO_TCP, TCP_NODELAY, 1},
        {IPPROTO_TCP, TCP_NOTSENT_LOWAT, URING_NOTSENT_BYTES},
        {SOL_SOCKET, SO_KEEPALIVE, 1},
    };
    for (unsigned i = 0; i < 3; i++) {
        int value = 0;
        size = sizeof(value);
        assert_int_equal(getsockopt(descriptor, options[i].level, options[i].name, &value, &size),
                         0);
        assert_int_equal(value, options[i].value);
    }
    /* Detach, and closed before the descriptor came out: it never does. */
    cw_socket s;
    assert_int_equal(f.io->ops->adopt(f.io, descriptor, &s), 0);
    assert_int_equal(f.io->ops->recv_start(f.io, s), 0);
    expect_nothing(f.io, 10);
    assert_int_equal(f.io->ops->detach(f.io, s), 0);
    f.io->ops->close(f.io, s, false);
    assert_int_equal(expect(f.io, CW_IO_CLOSE).result, -ECANCELED);
    assert_int_equal(fcntl(descriptor, F_GETFD), -1);
    close(client);
    close_fixture(&f);
}

/* ---- Unix sockets --------------------------------------------------------------- */

static void unix_sockets_connect_or_refuse(void **state)
{
    struct fixture f = open_fixture(mode_of(state));
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    snprintf(a.sun_path, sizeof(a.sun_path), "/tmp/cw-test-io-%d.sock", (int)getpid());
    cw_socket s;
    assert_int_equal(f.io->ops->connect_unix(f.io, a.sun_path, &s), 0);
    assert_int_equal(expect(f.io, CW_IO_CONNECT).result, -ENOENT);
    assert_int_equal(expect(f.io, CW_IO_CLOSE).socket, s);
    int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server, (struct sockaddr *)(void *)&a, sizeof(a)), 0);
    assert_int_equal(f.io->ops->connect_unix(f.io, a.sun_path, &s), 0);
    assert_int_equal(expect(f.io, CW_IO_CONNECT).result, -ECONNREFUSED);
    expect(f.io, CW_IO_CLOSE);
    assert_int_equal(listen(server, 4), 0);
    assert_int_equal(f.io->ops->connect_unix(f.io, a.sun_path, &s), 0);
    assert_int_equal(expect(f.io, CW_IO_CONNECT).result, 0);
    int peer = accept(server, NULL, NULL);
    assert_true(peer >= 0);
    assert_int_equal(f.io->ops->recv_start(f.io, s), 0);
    assert_int_equal(send(peer, "hi", 2, 0), 2);
    struct cw_io_completion c = expect(f.io, CW_IO_RECV);
    assert_int_equal(c.result, 2);
    f.io->ops->buffer_return(f.io, c.buffer);
    struct iovec iov = {a.sun_path, 4};
    assert_int_equal(f.io->ops->send(f.io, s, &iov, 1), 0);
    assert_int_equal(expect(f.io, CW_IO_SEND).result, 4);
    f.io->ops->close(f.io, s, true);
    expect(f.io, CW_IO_CLOSE);
    char in[8];
    assert_int_equal(recv(peer, in, sizeof(in), 0), 4);
    assert_int_equal(recv(peer, in, sizeof(in), 0), 0);
    char longest[200];
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = 0;
    assert_int_equal(f.io->ops->connect_unix(f.io, longest, &s), CW_ERR_TOO_LARGE);
    unlink(a.sun_path);
    close(peer);
    close(server);
    close_fixture(&f);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        cmocka_unit_test(echoes_200_connections),
        cmocka_unit_test(a_peer_that_does_not_read_holds_the_send),
        cmocka_unit_test(after_shutdown_reading_goes_on),
        cmocka_unit_test(close_with_a_pending_send_resets),
        cmocka_unit_test(last_words_reach_a_peer_that_is_sending),
        cmocka_unit_test(a_reset_is_told_once),
        cmocka_unit_test(stopped_receives_start_again),
        cmocka_unit_test(hand_over_loses_no_byte),
        cmocka_unit_test(accepted_sockets_have_their_options),
        cmocka_unit_test(unix_sockets_connect_or_refuse),
    };
    return RUN_IN_ALL_MODES(tests);
}
