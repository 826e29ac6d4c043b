/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated network keeps its own promises: no byte lost or reordered, repeatable, one CLOSE a socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/err.h"
#include "tests/sim/net.h"

enum { ENDS = 8, BYTES = 20000, SOCKETS = 64, BATCH = 16 };

/* A worker that echoes, and hands every third connection to the other worker once. */
struct echo {
    struct cw_io *io;
    struct echo *other;
    struct {
        cw_socket socket;
        size_t head, tail; /* received, sent */
        bool sending, ended, closed, leaving;
        uint8_t bytes[BYTES + 1];
    } c[SOCKETS];
    unsigned accepts, closes, moves;
};

static unsigned place_of(const struct echo *e, cw_socket s)
{
    for (unsigned i = 0; i < SOCKETS; i++)
        if (e->c[i].socket == s)
            return i;
    fail();
    return 0;
}

static void push(struct echo *e, unsigned i)
{
    if (e->c[i].sending || e->c[i].closed || e->c[i].leaving)
        return;
    if (e->c[i].tail < e->c[i].head) {
        struct iovec iov[2];
        size_t n = e->c[i].head - e->c[i].tail;
        iov[0] = (struct iovec){e->c[i].bytes + e->c[i].tail, n / 2};
        iov[1] = (struct iovec){e->c[i].bytes + e->c[i].tail + n / 2, n - n / 2};
        assert_int_equal(e->io->ops->send(e->io, e->c[i].socket, iov, 2), 0);
        e->c[i].sending = true;
    } else if (e->c[i].ended) {
        e->io->ops->close(e->io, e->c[i].socket, true);
        e->c[i].closed = true;
    }
}

static void move(struct echo *e, unsigned i, int descriptor)
{
    struct echo *to = e->other;
    unsigned at = place_of(to, 0);
    to->c[at] = e->c[i];
    e->c[i].socket = 0;
    to->c[at].leaving = false;
    to->c[at].ended = false;
    assert_int_equal(to->io->ops->adopt(to->io, descriptor, &to->c[at].socket), 0);
    assert_int_equal(to->io->ops->recv_start(to->io, to->c[at].socket), 0);
    e->moves++;
    push(to, at);
}

static void give_up(struct echo *e, unsigned i)
{
    if (!e->c[i].closed)
        e->io->ops->close(e->io, e->c[i].socket, false);
    e->c[i].closed = true;
}

static void on_completion(struct echo *e, const struct cw_io_completion *c)
{
    if (c->op == CW_IO_ACCEPT) {
        unsigned i = place_of(e, 0);
        memset(&e->c[i], 0, sizeof(e->c[i]));
        e->c[i].socket = c->socket;
        e->accepts++;
        assert_int_equal(e->io->ops->recv_start(e->io, c->socket), 0);
        return;
    }
    unsigned i = place_of(e, c->socket);
    if (c->op == CW_IO_RECV) {
        if (c->result > 0) {
            assert_true(e->c[i].head + (size_t)c->result <= BYTES);
            memcpy(e->c[i].bytes + e->c[i].head, c->data, (size_t)c->result);
            e->c[i].head += (size_t)c->result;
            e->io->ops->buffer_return(e->io, c->buffer);
        } else if (c->result == 0) {
            e->c[i].ended = true;
        } else {
            give_up(e, i);
        }
        if (c->socket % 3 == 0 && e->accepts > e->moves && e->other != NULL && !e->c[i].closed &&
            e->io->ops->detach(e->io, c->socket) == 0)
            e->c[i].leaving = true;
    } else if (c->op == CW_IO_SEND) {
        e->c[i].sending = false;
        if (c->result > 0)
            e->c[i].tail += (size_t)c->result;
        else
            give_up(e, i);
    } else if (c->op == CW_IO_CLOSE) {
        if (e->c[i].leaving && !e->c[i].closed) {
            move(e, i, c->result);
        } else {
            e->c[i].socket = 0;
            e->closes++;
        }
        return;
    }
    push(e, i);
}

static void step(struct echo *e)
{
    struct cw_io_completion batch[BATCH];
    unsigned n = e->io->ops->wait(e->io, 0, batch, BATCH);
    for (unsigned i = 0; i < n; i++)
        on_completion(e, &batch[i]);
}

static uint8_t byte_at(unsigned end, size_t at)
{
    return (uint8_t)(at * 31 + at / 251 + end * 7);
}

struct result {
    uint64_t hash;
    unsigned whole, reset, moves;
};

/* ENDS endpoints send BYTES each and read the echo; some stall for a while. */
static struct result run(uint64_t seed, unsigned reset_ppm)
{
    struct cw_net_options o = {
        .seed = seed,
        .workers = 2,
        .sockets_max = 32,
        .recv_buffers = 3,
        .delay_min_ns = 10000,
        .delay_max_ns = 3000000,
        .short_permille = 300,
        .reset_ppm = reset_ppm,
        .window_bytes = 4096,
    };
    struct cw_net *net = NULL;
    struct result r = {0};
    assert_int_equal(cw_net_new(&o, &net), 0);
    struct echo *e = calloc(2, sizeof(*e));
    assert_non_null(e);
    for (unsigned i = 0; i < 2; i++) {
        e[i].io = cw_net_io(net, i);
        e[i].other = &e[!i];
        assert_int_equal(e[i].io->ops->accept_start(e[i].io, 0), 0);
    }
    struct cw_net_end *ends[ENDS];
    size_t sent[ENDS] = {0}, got[ENDS] = {0};
    for (unsigned i = 0; i < ENDS; i++)
        ends[i] = cw_net_connect(net, CW_NET_ANY_WORKER, 0, NULL);
    unsigned open = ENDS;
    for (unsigned turn = 0; open > 0; turn++) {
        assert_true(turn < 200000);
        step(&e[0]);
        step(&e[1]);
        for (unsigned i = 0; i < ENDS; i++) {
            if (ends[i] == NULL)
                continue;
            cw_net_end_stall(ends[i], cw_net_random(net, 4) == 0);
            uint8_t bytes[1000];
            size_t n = BYTES - sent[i] < sizeof(bytes) ? BYTES - sent[i] : sizeof(bytes);
            for (size_t k = 0; k < n; k++)
                bytes[k] = byte_at(i, sent[i] + k);
            sent[i] += cw_net_end_write(ends[i], bytes, n);
            if (sent[i] == BYTES)
                cw_net_end_shutdown(ends[i]);
            n = cw_net_end_read(ends[i], bytes, sizeof(bytes));
            for (size_t k = 0; k < n; k++)
                assert_int_equal(bytes[k], byte_at(i, got[i] + k));
            got[i] += n;
            enum cw_net_state state = cw_net_end_state(ends[i]);
            if (state == CW_NET_OPEN)
                continue;
            if (state == CW_NET_FINISHED)
                assert_int_equal(got[i], BYTES);
            r.whole += state == CW_NET_FINISHED;
            r.reset += state == CW_NET_RESET;
            ends[i] = cw_net_end_free(ends[i]);
            open--;
        }
        cw_net_step(net, cw_net_now_ns(net) + 1000000);
    }
    for (unsigned turn = 0; turn < 100; turn++) {
        cw_net_step(net, cw_net_now_ns(net) + 1000000);
        step(&e[0]);
        step(&e[1]);
    }
    assert_int_equal(e[0].accepts + e[1].accepts, e[0].closes + e[1].closes);
    r.moves = e[0].moves + e[1].moves;
    r.hash = cw_net_hash(net);
    free(e);
    cw_net_free(net);
    return r;
}

static void echo_is_whole_under_many_seeds(void **state)
{
    (void)state;
    unsigned moves = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct result r = run(seed, 0);
        assert_int_equal(r.whole, ENDS);
        moves += r.moves;
    }
    assert_true(moves > 60);
}

static void resets_are_seen_and_leak_nothing(void **state)
{
    (void)state;
    unsigned whole = 0, reset = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct result r = run(seed, 3000);
        whole += r.whole;
        reset += r.reset;
    }
    assert_true(whole > 20 && reset > 20);
}

static void same_seed_same_history(void **state)
{
    (void)state;
    struct result a = run(42, 500), b = run(42, 500), c = run(43, 500);
    assert_true(a.hash == b.hash);
    assert_true(a.hash != c.hash);
}

/* Steps until an operation of the kind comes, or fails after a second of simulated time. */
static struct cw_io_completion expect(struct cw_net *net, struct cw_io *io, enum cw_io_op op)
{
    uint64_t end_ns = cw_net_now_ns(net) + 1000000000;
    for (;;) {
        struct cw_io_completion c;
        if (io->ops->wait(io, end_ns, &c, 1) == 1) {
            assert_int_equal(c.op, op);
            return c;
        }
        assert_true(cw_net_now_ns(net) < end_ns);
        cw_net_step(net, end_ns);
    }
}

static void unix_servers_answer_or_refuse(void **state)
{
    (void)state;
    struct cw_net_options o = {.seed = 7, .workers = 1};
    struct cw_net *net = NULL;
    assert_int_equal(cw_net_new(&o, &net), 0);
    struct cw_io *io = cw_net_io(net, 0);
    cw_socket s = 0;
    assert_int_equal(io->ops->connect_unix(io, "/run/link.sock", &s), 0);
    assert_true(expect(net, io, CW_IO_CONNECT).result < 0);
    assert_int_equal(expect(net, io, CW_IO_CLOSE).socket, s);

    cw_net_unix_listen(net, "/run/link.sock");
    assert_int_equal(io->ops->connect_unix(io, "/run/link.sock", &s), 0);
    assert_int_equal(expect(net, io, CW_IO_CONNECT).result, 0);
    struct cw_net_end *end = cw_net_unix_accept(net, "/run/link.sock");
    assert_non_null(end);
    assert_null(cw_net_unix_accept(net, "/run/link.sock"));
    assert_int_equal(cw_net_end_write(end, "hello", 5), 5);
    assert_int_equal(io->ops->recv_start(io, s), 0);
    struct cw_io_completion c = expect(net, io, CW_IO_RECV);
    assert_int_equal(c.result, 5);
    assert_memory_equal(c.data, "hello", 5);
    io->ops->buffer_return(io, c.buffer);
    end = cw_net_end_free(end);
    c = expect(net, io, CW_IO_RECV);
    assert_true(c.result < 0);
    io->ops->close(io, s, true);
    assert_int_equal(expect(net, io, CW_IO_CLOSE).result, 0);
    cw_net_unix_close(net, "/run/link.sock");
    assert_int_equal(io->ops->connect_unix(io, "/run/link.sock", &s), 0);
    assert_true(expect(net, io, CW_IO_CONNECT).result < 0);
    cw_net_free(net);
}

static void after_shutdown_reading_goes_on(void **state)
{
    (void)state;
    struct cw_net_options o = {.seed = 8, .workers = 1, .delay_max_ns = 1000};
    struct cw_net *net = NULL;
    assert_int_equal(cw_net_new(&o, &net), 0);
    struct cw_io *io = cw_net_io(net, 0);
    assert_int_equal(io->ops->accept_start(io, 0), 0);
    struct cw_net_end *end = cw_net_connect(net, 0, 0, NULL);
    cw_socket s = expect(net, io, CW_IO_ACCEPT).socket;
    assert_int_equal(io->ops->recv_start(io, s), 0);
    struct iovec iov = {(void *)(uintptr_t) "all", 3};
    assert_int_equal(io->ops->send(io, s, &iov, 1), 0);
    assert_int_equal(expect(net, io, CW_IO_SEND).result, 3);
    io->ops->shutdown(io, s);
    cw_net_step(net, cw_net_now_ns(net) + 1000000);
    cw_net_step(net, cw_net_now_ns(net) + 1000000);
    uint8_t bytes[8];
    assert_int_equal(cw_net_end_read(end, bytes, sizeof(bytes)), 3);
    assert_int_equal(cw_net_end_state(end), CW_NET_FINISHED);
    assert_int_equal(cw_net_end_write(end, "answer", 6), 6);
    struct cw_io_completion c = expect(net, io, CW_IO_RECV);
    assert_int_equal(c.result, 6);
    io->ops->buffer_return(io, c.buffer);
    cw_net_end_free(end);
    cw_net_free(net);
}

static void a_cut_cable_delays_everything(void **state)
{
    (void)state;
    struct cw_net_options o = {.seed = 9, .workers = 1, .delay_max_ns = 1000};
    struct cw_net *net = NULL;
    assert_int_equal(cw_net_new(&o, &net), 0);
    struct cw_io *io = cw_net_io(net, 0);
    assert_int_equal(io->ops->accept_start(io, 0), 0);
    struct cw_net_end *end = cw_net_connect(net, 0, 0, NULL);
    cw_socket s = expect(net, io, CW_IO_ACCEPT).socket;
    assert_int_equal(io->ops->recv_start(io, s), 0);
    cw_net_end_cut(end, true);
    assert_int_equal(cw_net_end_write(end, "x", 1), 1);
    struct cw_io_completion c;
    uint64_t end_ns = cw_net_now_ns(net) + UINT64_C(60000000000);
    while (cw_net_now_ns(net) < end_ns) {
        assert_int_equal(io->ops->wait(io, end_ns, &c, 1), 0);
        cw_net_step(net, end_ns);
    }
    cw_net_end_cut(end, false);
    c = expect(net, io, CW_IO_RECV);
    assert_int_equal(c.result, 1);
    io->ops->wake(io);
    io->ops->wake(io);
    expect(net, io, CW_IO_WAKE);
    assert_int_equal(io->ops->wait(io, 0, &c, 1), 0);
    cw_net_end_free(end);
    cw_net_free(net);
}

/* ---- files -------------------------------------------------------------------------------------- */

static void write_all(struct cw_net *net, struct cw_io *io, cw_file f, const void *data,
                      size_t size, uint64_t offset)
{
    struct iovec iov[2] = {{(void *)(uintptr_t)data, size / 2},
                           {(uint8_t *)(uintptr_t)data + size / 2, size - size / 2}};
    assert_int_equal(io->ops->file_write(io, f, iov, 2, offset), 0);
    struct cw_io_completion c = expect(net, io, CW_IO_FILE);
    assert_int_equal(c.socket, f);
    assert_int_equal(c.result, size);
}

static void a_disk_keeps_what_is_written(void **state)
{
    (void)state;
    struct cw_net_options o = {.seed = 10, .workers = 1};
    struct cw_net *net = NULL;
    assert_int_equal(cw_net_new(&o, &net), 0);
    struct cw_io *io = cw_net_io(net, 0);
    cw_file f, g;
    size_t size;
    assert_int_equal(io->ops->file_create(io, "a", &f), 0);
    assert_int_equal(io->ops->file_create(io, "a", &g), CW_ERR_CONFLICT);
    assert_int_equal(io->ops->file_create(io, "x/a", &g), CW_ERR_INVALID);
    write_all(net, io, f, "hello", 5, 0);
    write_all(net, io, f, "there", 5, 7);
    assert_memory_equal(cw_net_file(net, "a", &size), "hello\0\0there", 12);
    assert_int_equal(size, 12);
    /* Short, then full. */
    const struct cw_net_disk small = {.is_limited = true, .room_bytes = 3};
    cw_net_disk_set(net, &small);
    struct iovec iov = {(void *)(uintptr_t) "12345", 5};
    assert_int_equal(io->ops->file_write(io, f, &iov, 1, 12), 0);
    assert_int_equal(expect(net, io, CW_IO_FILE).result, 3);
    assert_int_equal(io->ops->file_write(io, f, &iov, 1, 15), 0);
    assert_int_equal(expect(net, io, CW_IO_FILE).result, -28 /* ENOSPC */);
    assert_int_equal(io->ops->file_create(io, "b", &g), CW_ERR_FULL);
    const struct cw_net_disk broken = {.fail_permille = 1000};
    cw_net_disk_set(net, &broken);
    assert_int_equal(io->ops->file_sync(io, f), 0);
    assert_int_equal(expect(net, io, CW_IO_FILE).result, -5 /* EIO */);
    /* Slow: nothing before its time. */
    const struct cw_net_disk slow = {.delay_min_ns = 500000000, .delay_max_ns = 600000000};
    cw_net_disk_set(net, &slow);
    uint64_t start_ns = cw_net_now_ns(net);
    assert_int_equal(io->ops->file_sync(io, f), 0);
    assert_int_equal(expect(net, io, CW_IO_FILE).result, 0);
    assert_in_range(cw_net_now_ns(net) - start_ns, slow.delay_min_ns, slow.delay_max_ns);
    io->ops->file_close(io, f);
    assert_string_equal(cw_net_file_name(net, 0), "a");
    assert_null(cw_net_file_name(net, 1));
    cw_net_free(net);
}

/* A prefix of what came after the last sync stays, over many seeds every length of it. */
static void a_crash_keeps_a_prefix(void **state)
{
    (void)state;
    enum { RECORD = 10, RECORDS = 8 };
    bool seen[RECORD * RECORDS + 1] = {false};
    unsigned gone = 0;
    for (uint64_t seed = 1; seed <= 600; seed++) {
        struct cw_net_options o = {.seed = seed, .workers = 1};
        struct cw_net *net = NULL;
        assert_int_equal(cw_net_new(&o, &net), 0);
        struct cw_io *io = cw_net_io(net, 0);
        cw_file f, g;
        uint8_t record[RECORD];
        size_t size;
        assert_int_equal(io->ops->file_create(io, "synced", &f), 0);
        assert_int_equal(io->ops->file_create(io, "never", &g), 0);
        write_all(net, io, g, "x", 1, 0);
        for (unsigned i = 0; i < RECORDS; i++) {
            memset(record, 'a' + (int)i, sizeof(record));
            write_all(net, io, f, record, sizeof(record), i * RECORD);
            if (i == 3) {
                assert_int_equal(io->ops->file_sync(io, f), 0);
                assert_int_equal(expect(net, io, CW_IO_FILE).result, 0);
            }
        }
        io->ops->free(io);
        assert_non_null(cw_net_file(net, "never", &size)); /* a process that dies loses nothing */
        cw_net_disk_crash(net);
        const uint8_t *data = cw_net_file(net, "synced", &size);
        assert_true(size >= 4 * RECORD && size <= RECORDS * RECORD);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(data[i], 'a' + i / RECORD);
        seen[size] = true;
        gone += cw_net_file(net, "never", &size) == NULL;
        cw_net_free(net);
    }
    for (unsigned i = 4 * RECORD; i <= RECORDS * RECORD; i++)
        assert_true(seen[i]);
    assert_true(gone > 200 && gone < 400);
}

static void settled_sockets_stay(void **state)
{
    (void)state;
    struct cw_net_options o = {.seed = 11, .workers = 1};
    struct cw_net *net = NULL;
    assert_int_equal(cw_net_new(&o, &net), 0);
    struct cw_io *io = cw_net_io(net, 0);
    assert_int_equal(io->ops->accept_start(io, 0), 0);
    struct cw_net_end *end = cw_net_connect(net, 0, 0, NULL);
    cw_socket s = expect(net, io, CW_IO_ACCEPT).socket;
    io->ops->settle(io, s);
    assert_int_equal(io->ops->detach(io, s), CW_ERR_STATE);
    io->ops->close(io, s, true);
    assert_int_equal(expect(net, io, CW_IO_CLOSE).result, 0);
    cw_net_end_free(end);
    cw_net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(echo_is_whole_under_many_seeds),
        cmocka_unit_test(resets_are_seen_and_leak_nothing),
        cmocka_unit_test(same_seed_same_history),
        cmocka_unit_test(unix_servers_answer_or_refuse),
        cmocka_unit_test(after_shutdown_reading_goes_on),
        cmocka_unit_test(a_cut_cable_delays_everything),
        cmocka_unit_test(a_disk_keeps_what_is_written),
        cmocka_unit_test(a_crash_keeps_a_prefix),
        cmocka_unit_test(settled_sockets_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
