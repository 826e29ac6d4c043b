/* SPDX-License-Identifier: Apache-2.0 */
/* make test-many-sockets: more connections in one backend than a process may have descriptors. Processes that each
 * hold some connect, send, read the answer, wait, and go; one backend in this process accepts and answers them all. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/check.h"
#include "engine/io.h"

enum {
    CLIENTS = 8,
    /* Below 20,000, which a process may have open here, and 14,116, half of the ports of an address: beyond that
     * finding a free one takes the kernel long. */
    EACH = 13000,
    TOTAL = CLIENTS * EACH,
    ROUNDS = 3,
    BATCH = 256,
    ANSWER_BYTES = 4,
    STUCK_S = 20,
    BYTES_A_SOCKET_MAX = 128, /* here: 32 of the table, 64 of its ring's buffers, and the rings */
};

static unsigned passed, failed;

static void check(const char *what, bool is_good)
{
    passed += is_good;
    failed += !is_good;
    if (!is_good)
        (void)printf("FAILED: %s\n", what);
}

/* A line "NAME:  123 kB" of a file in /proc. */
static long kilobytes(const char *path, const char *name)
{
    char line[256];
    long result = 0;
    FILE *f = fopen(path, "r");
    CW_CHECK(f != NULL, "a process may read what it uses");
    while (fgets(line, sizeof(line), f) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            result = strtol(line + strlen(name), NULL, 10);
    (void)fclose(f);
    return result;
}

static double cpu_s(void)
{
    struct rusage u;
    CW_CHECK(getrusage(RUSAGE_SELF, &u) == 0, "a process may ask for its own times");
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

/* ---- a process of clients ----------------------------------------------------------------------- */

static void must(bool is_good, const char *what)
{
    if (is_good)
        return;
    (void)fprintf(stderr, "a client's %s: %s\n", what, strerror(errno));
    _exit(1);
}

static int connect_from(unsigned client, uint16_t port)
{
    const struct timeval patience = {.tv_sec = STUCK_S};
    const struct linger at_once = {.l_onoff = 1,
                                   .l_linger = 0}; /* no port stays taken afterwards */
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = port};
    struct sockaddr_in from = {.sin_family = AF_INET};
    int on = 1;
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(s >= 0, "socket");
    /* An address of its own has ports of its own. */
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 256 + client);
    (void)setsockopt(s, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
    (void)setsockopt(s, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    (void)setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    must(bind(s, (struct sockaddr *)(void *)&from, sizeof(from)) == 0, "bind");
    must(connect(s, (struct sockaddr *)(void *)&to, sizeof(to)) == 0, "connect");
    return s;
}

static void run_client(unsigned client, uint16_t port, int ready, int go)
{
    static int sockets[EACH];
    char byte = 0;
    for (unsigned i = 0; i < EACH; i++)
        sockets[i] = connect_from(client, port);
    must(write(ready, "r", 1) == 1, "report");
    for (unsigned round = 0; round < ROUNDS; round++) {
        must(read(go, &byte, 1) == 1, "order");
        for (unsigned i = 0; i < EACH; i++) {
            uint8_t out[ANSWER_BYTES] = {(uint8_t)i, (uint8_t)(i >> 8), (uint8_t)client,
                                         (uint8_t)round};
            must(send(sockets[i], out, sizeof(out), 0) == sizeof(out), "send");
        }
        for (unsigned i = 0; i < EACH; i++) {
            uint8_t in[ANSWER_BYTES];
            must(recv(sockets[i], in, sizeof(in), MSG_WAITALL) == sizeof(in), "receive");
            must(in[0] == (uint8_t)i && in[1] == (uint8_t)(i >> 8) && in[2] == client &&
                     in[3] == round,
                 "answer, which is another's");
        }
        must(write(ready, "r", 1) == 1, "report");
    }
    _exit(0); /* closes them all */
}

/* ---- the backend -------------------------------------------------------------------------------- */

struct server {
    struct cw_io *io;
    unsigned accepts, answers, closes;
    uint8_t answer[CW_IO_SOCKETS_MAX][ANSWER_BYTES];
};

static void on_completion(struct server *s, const struct cw_io_completion *c)
{
    struct cw_io *io = s->io;
    unsigned place = c->socket & ((1u << CW_IO_INDEX_BITS) - 1);
    switch (c->op) {
    case CW_IO_ACCEPT:
        s->accepts++;
        CW_CHECK(io->ops->recv_start(io, c->socket) == 0, "a new socket can receive");
        io->ops->settle(io, c->socket);
        break;
    case CW_IO_RECV:
        if (c->result == ANSWER_BYTES) {
            memcpy(s->answer[place], c->data, ANSWER_BYTES);
            struct iovec iov = {s->answer[place], ANSWER_BYTES};
            CW_CHECK(io->ops->send(io, c->socket, &iov, 1) == 0, "an open socket can send");
        } else {
            io->ops->close(io, c->socket, true);
        }
        if (c->result > 0)
            io->ops->buffer_return(io, c->buffer);
        break;
    case CW_IO_SEND: s->answers += c->result == ANSWER_BYTES; break;
    case CW_IO_CLOSE: s->closes++; break;
    case CW_IO_CONNECT:
    case CW_IO_FILE:
    case CW_IO_WAKE: break;
    }
}

/* Until *count is wanted; false when nothing has happened for long. */
static bool serve(struct server *s, const unsigned *count, unsigned wanted)
{
    struct cw_io_completion batch[BATCH];
    while (*count < wanted) {
        uint64_t until_ns = s->io->ops->now_ns(s->io) + STUCK_S * UINT64_C(1000000000);
        unsigned n = s->io->ops->wait(s->io, until_ns, batch, BATCH);
        for (unsigned i = 0; i < n; i++)
            on_completion(s, &batch[i]);
        if (n == 0)
            return false;
    }
    return true;
}

static int listen_on(uint16_t *ret_port)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t size = sizeof(a);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CW_CHECK(s >= 0 && bind(s, (struct sockaddr *)(void *)&a, size) == 0 && listen(s, 4096) == 0 &&
                 getsockname(s, (struct sockaddr *)(void *)&a, &size) == 0,
             "a port is free");
    *ret_port = a.sin_port;
    return s;
}

static void run_rounds(struct server *s, const int *go)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        double before_s = cpu_s();
        for (unsigned i = 0; i < CLIENTS; i++)
            check("a client waits for its order", write(go[i], "g", 1) == 1);
        check("every message is answered", serve(s, &s->answers, (round + 1) * TOTAL));
        (void)printf("round %u: %.1f us of CPU a message\n", round + 1,
                     (cpu_s() - before_s) * 1e6 / TOTAL);
    }
}

int main(void)
{
    static struct server server;
    struct server *s = &server;
    int ready[2], go[CLIENTS];
    pid_t clients[CLIENTS];
    uint16_t port;
    struct rlimit files;
    CW_CHECK(getrlimit(RLIMIT_NOFILE, &files) == 0, "a process may ask for its limits");
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    int listener = listen_on(&port);
    CW_CHECK(pipe(ready) == 0, "a pipe can be made");
    for (unsigned i = 0; i < CLIENTS; i++) {
        int order[2];
        CW_CHECK(pipe(order) == 0, "a pipe can be made");
        clients[i] = fork();
        CW_CHECK(clients[i] >= 0, "a process can be made");
        if (clients[i] == 0) {
            (void)close(listener);
            run_client(i, port, ready[1], order[0]);
        }
        (void)close(order[0]);
        go[i] = order[1];
    }
    const struct cw_io_uring_config config = {
        .listeners = &listener,
        .listener_count = 1,
        .sockets_max = CW_IO_SOCKETS_MAX,
        .directory = -1,
    };
    CW_CHECK(cw_io_uring_new(&config, &s->io) == 0, "io_uring can be used");
    check("the table has room for all", s->io->sockets_max >= TOTAL);
    long process_kb = kilobytes("/proc/self/status", "VmRSS:");
    long slab_kb = kilobytes("/proc/meminfo", "Slab:");
    CW_CHECK(s->io->ops->accept_start(s->io, 0) == 0, "a listener accepts");
    check("all are accepted", serve(s, &s->accepts, TOTAL));
    process_kb = kilobytes("/proc/self/status", "VmRSS:") - process_kb;
    slab_kb = kilobytes("/proc/meminfo", "Slab:") - slab_kb;
    (void)printf(
        "%u sockets in one backend (%lu descriptors a process): %.0f bytes each here, %.2f KB of "
        "kernel slab with the client's end\n",
        s->accepts, (unsigned long)files.rlim_cur, (double)process_kb * 1024 / TOTAL,
        (double)slab_kb / TOTAL);
    check("a socket takes little of the process", process_kb * 1024 / TOTAL < BYTES_A_SOCKET_MAX);
    run_rounds(s, go);
    check("all are closed", serve(s, &s->closes, TOTAL));
    for (unsigned i = 0; i < CLIENTS; i++) {
        int status = 0;
        (void)waitpid(clients[i], &status, 0);
        check("a client has seen all its answers", WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    (void)s->io->ops->free(s->io);
    (void)printf("%u passed, %u failed\n", passed, failed);
    return failed == 0 ? 0 : 1;
}
