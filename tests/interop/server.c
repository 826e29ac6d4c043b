/* SPDX-License-Identifier: Apache-2.0 */
/* A small server made of engine/tls.c over real sockets, for TLS clients of other people.
 *
 *   server DIRECTORY UPDATE_RECORDS     listens on two ports of 127.0.0.1 and prints them: "echo 4711 http 4712"
 *
 * The echo port sends back what it gets, until the client's close_notify and everything was sent. The http port answers
 * GET /N with N bytes of a pattern, and POST with the number of bytes it got and whether they were that pattern: what
 * `seq -f %08.0f 0 N` prints. UPDATE_RECORDS: our own KeyUpdate after so many records. It reads in pieces of changing
 * size, so that records are cut everywhere. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/tls.h"

enum {
    CONNECTIONS = 16,
    QUEUE_BYTES = 128 * 1024,
    OUT_BYTES = 80 * 1024,
    HEAD_BYTES = 4096,
    READ_BYTES = 40000,
};

struct connection {
    int fd; /* 0: free */
    bool is_http;
    struct cw_tls *tls;
    bool is_open, has_ended, is_closing;
    bool is_headed; /* http: the request's head is over */
    char head[HEAD_BYTES];
    size_t head_bytes;
    uint64_t body_left;           /* of a POST, still to come */
    uint64_t body_bytes;          /* of a POST, so far */
    bool is_wrong;                /* and not the pattern */
    uint64_t send_at, send_bytes; /* of a GET's answer */
    uint8_t queue[QUEUE_BYTES];   /* plaintext to send */
    size_t queue_bytes;
    uint8_t out[OUT_BYTES]; /* ciphertext to send */
    size_t out_at, out_bytes;
};

static struct connection *connections;
static struct cw_tls_worker *worker;
static unsigned long reads;

/* Byte i of lines of eight digits that count up. */
static uint8_t pattern(uint64_t i)
{
    uint64_t line = i / 9;
    if (i % 9 == 8)
        return '\n';
    for (uint64_t k = 7 - i % 9; k > 0; k--)
        line /= 10;
    return (uint8_t)('0' + line % 10);
}

/* ---- what the two ports do ---------------------------------------------------------------------- */

static void queue(struct connection *c, const void *data, size_t size)
{
    CW_CHECK(size <= QUEUE_BYTES - c->queue_bytes, "who opens looks for room first");
    memcpy(c->queue + c->queue_bytes, data, size);
    c->queue_bytes += size;
}

static void answer_post(struct connection *c)
{
    char text[160], body[64];
    int n = snprintf(body, sizeof body, "%" PRIu64 " %s\n", c->body_bytes,
                     c->is_wrong ? "wrong" : "right");
    n = snprintf(text, sizeof text,
                 "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", n, body);
    queue(c, text, (size_t)n);
    c->is_closing = true;
}

static void on_body(struct connection *c, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        c->is_wrong |= data[i] != pattern(c->body_bytes + i);
    c->body_bytes += size;
    c->body_left -= size < c->body_left ? size : c->body_left;
    if (c->body_left == 0)
        answer_post(c);
}

static void on_head(struct connection *c, const uint8_t *rest, size_t rest_bytes)
{
    char text[128];
    c->is_headed = true;
    if (strncmp(c->head, "GET /", 5) == 0) {
        c->send_bytes = strtoull(c->head + 5, NULL, 10);
        int n =
            snprintf(text, sizeof text,
                     "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %" PRIu64 "\r\n\r\n",
                     c->send_bytes);
        queue(c, text, (size_t)n);
        c->is_closing = true;
        return;
    }
    const char *length = strcasestr(c->head, "\r\nContent-Length:");
    c->body_left = length != NULL ? strtoull(length + 17, NULL, 10) : 0;
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    if (strcasestr(c->head, "100-continue") != NULL)
        queue(c, go_on, sizeof go_on - 1);
    on_body(c, rest, rest_bytes);
}

static void on_plaintext(struct connection *c, const uint8_t *data, size_t size)
{
    if (!c->is_http) {
        queue(c, data, size);
    } else if (c->is_headed) {
        if (size > 0 && !c->is_closing)
            on_body(c, data, size);
    } else {
        size_t n = HEAD_BYTES - 1 - c->head_bytes;
        n = size < n ? size : n;
        memcpy(c->head + c->head_bytes, data, n);
        c->head_bytes += n;
        char *end = strstr(c->head, "\r\n\r\n");
        if (end != NULL) {
            size_t used = (size_t)(end + 4 - c->head) - (c->head_bytes - n);
            on_head(c, data + used, size - used);
        }
    }
}

/* ---- TLS ---------------------------------------------------------------------------------------- */

static void drop(struct connection *c)
{
    cw_tls_free(worker, c->tls);
    close(c->fd);
    memset(c, 0, sizeof *c);
}

static bool has_room(const struct connection *c)
{
    return QUEUE_BYTES - c->queue_bytes >= CW_TLS_OPEN_BYTES_MAX;
}

/* One round. Records for which there is no room are left to TLS. */
static void serve(struct connection *c, const uint8_t *data, size_t bytes)
{
    static uint8_t plain[CW_TLS_OPEN_BYTES_MAX];
    uint8_t exporter[CW_EXPORTER_BYTES];
    size_t size;
    int err = CW_OK;
    cw_tls_feed(worker, c->tls, data, bytes);
    if (!c->is_open) {
        err = cw_tls_handshake(worker, c->tls, exporter);
        c->is_open = err == CW_OK;
    }
    while (err == CW_OK && has_room(c) && cw_tls_next(worker, c->tls) != 0) {
        err = cw_tls_open(worker, c->tls, plain, &size);
        on_plaintext(c, plain, size);
    }
    c->has_ended |= err == CW_ERR_CLOSED;
    if (cw_tls_keep(worker, c->tls) != CW_OK)
        err = CW_ERR_INTERNAL;
    if (err == CW_OK || err == CW_ERR_AGAIN || err == CW_ERR_CLOSED)
        return;
    int alert = -1;
    const char *why = cw_tls_error(c->tls, &alert);
    printf("error %s (alert %d)\n", why, alert);
    c->has_ended = true;
    c->is_closing = true;
    c->queue_bytes = 0;
    c->send_bytes = c->send_at;
}

static void fill(struct connection *c)
{
    c->out_at = 0;
    c->out_bytes = 0;
    for (size_t n = 1; n > 0; c->out_bytes += n)
        n = cw_tls_pending(worker, c->tls, c->out + c->out_bytes, OUT_BYTES - c->out_bytes);
    while (c->send_at < c->send_bytes && c->queue_bytes < QUEUE_BYTES) {
        uint8_t byte = pattern(c->send_at);
        queue(c, &byte, 1);
        c->send_at++;
    }
    size_t at = 0;
    while (c->is_open && at < c->queue_bytes &&
           OUT_BYTES - c->out_bytes >= CW_FRAME_BYTES_MAX + CW_TLS_OVERHEAD_BYTES) {
        size_t n = c->queue_bytes - at < CW_FRAME_BYTES_MAX ? c->queue_bytes - at
                                                            : CW_FRAME_BYTES_MAX,
               written = 0;
        const struct iovec pieces[2] = {{.iov_base = c->queue + at, .iov_len = n / 2},
                                        {.iov_base = c->queue + at + n / 2, .iov_len = n - n / 2}};
        if (cw_tls_seal(worker, c->tls, pieces, 2, c->out + c->out_bytes, &written) != CW_OK)
            break;
        c->out_bytes += written;
        at += n;
    }
    memmove(c->queue, c->queue + at, c->queue_bytes - at);
    c->queue_bytes -= at;
    bool is_done = c->queue_bytes == 0 && c->send_at == c->send_bytes;
    if (is_done && c->is_open && (c->is_closing || c->has_ended)) {
        cw_tls_close(worker, c->tls);
        c->is_closing = true;
        c->out_bytes +=
            cw_tls_pending(worker, c->tls, c->out + c->out_bytes, OUT_BYTES - c->out_bytes);
    }
}

/* false: it is over. */
static bool flush(struct connection *c)
{
    for (;;) {
        if (c->out_at == c->out_bytes)
            fill(c);
        if (c->out_at == c->out_bytes)
            return !(c->is_closing && c->has_ended);
        ssize_t n = send(c->fd, c->out + c->out_at, c->out_bytes - c->out_at, MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN;
        c->out_at += (size_t)n;
    }
}

/* Sends, and takes up again what was kept for want of room. */
static void pump(struct connection *c)
{
    bool goes_on = flush(c);
    while (goes_on && !c->has_ended && has_room(c) && cw_tls_next(worker, c->tls) != 0) {
        serve(c, NULL, 0);
        goes_on = flush(c);
    }
    if (!goes_on)
        drop(c);
}

/* ---- sockets ------------------------------------------------------------------------------------ */

static void on_readable(struct connection *c)
{
    static uint8_t bytes[READ_BYTES];
    /* 1, 2, 3 ... bytes at first, then more: every cut of a record happens. */
    size_t size = reads < 3000 ? 1 + reads % 37 : 1 + reads * 977 % READ_BYTES;
    reads++;
    ssize_t n = recv(c->fd, bytes, size, 0);
    if (n > 0) {
        serve(c, bytes, (size_t)n);
    } else if (n == 0 || errno != EAGAIN) {
        c->has_ended = true;
        if (n < 0 || c->is_closing || !c->is_open) {
            drop(c);
            return;
        }
    }
    pump(c);
}

static int listen_on(uint16_t *ret_port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CW_CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 16) == 0 &&
                 getsockname(fd, (struct sockaddr *)&a, &size) == 0,
             "a port is free");
    *ret_port = ntohs(a.sin_port);
    return fd;
}

static void take(int listener, bool is_http)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        struct connection *c = &connections[i];
        if (c->fd != 0)
            continue;
        *c = (struct connection){.fd = fd, .is_http = is_http};
        CW_CHECK(cw_tls_new(worker, &c->tls) == CW_OK, "the worker has as many");
        return;
    }
    close(fd);
}

static bool wants_to_write(const struct connection *c)
{
    return c->out_at < c->out_bytes || c->queue_bytes > 0 || c->send_at < c->send_bytes ||
           cw_tls_has_pending(c->tls);
}

static void run(const int listeners[2])
{
    struct pollfd p[2 + CONNECTIONS];
    for (;;) {
        for (unsigned i = 0; i < 2; i++)
            p[i] = (struct pollfd){.fd = listeners[i], .events = POLLIN};
        for (unsigned i = 0; i < CONNECTIONS; i++) {
            const struct connection *c = &connections[i];
            bool reads_on = c->fd != 0 && !c->has_ended && has_room(c);
            p[2 + i] =
                (struct pollfd){.fd = c->fd != 0 ? c->fd : -1, .events = reads_on ? POLLIN : 0};
            if (c->fd != 0 && wants_to_write(c))
                p[2 + i].events |= POLLOUT;
        }
        if (poll(p, 2 + CONNECTIONS, -1) < 0)
            continue;
        for (unsigned i = 0; i < 2; i++)
            if (p[i].revents != 0)
                take(listeners[i], i == 1);
        for (unsigned i = 0; i < CONNECTIONS; i++) {
            struct connection *c = &connections[i];
            if ((p[2 + i].revents & (POLLERR | POLLHUP)) != 0 && (p[2 + i].events & POLLIN) == 0)
                drop(c);
            else if ((p[2 + i].revents & POLLOUT) != 0)
                pump(c);
            else if (p[2 + i].revents != 0)
                on_readable(c);
        }
    }
}

int main(int argc, char **argv)
{
    char message[256] = "";
    struct cw_tls_context *context = NULL;
    int listeners[2];
    uint16_t ports[2];
    connections = calloc(CONNECTIONS, sizeof *connections);
    if (argc != 3 || connections == NULL) {
        (void)fprintf(stderr, "usage: %s DIRECTORY UPDATE_RECORDS\n", argv[0]);
        return 2;
    }
    if (cw_tls_context_new(argv[1], "localhost", message, sizeof message, &context) != CW_OK ||
        cw_tls_worker_new(context, CONNECTIONS, &worker) != CW_OK) {
        (void)fprintf(stderr, "%s\n", message);
        return 1;
    }
    cw_tls_worker_set_update_records(worker, strtoull(argv[2], NULL, 10));
    for (unsigned i = 0; i < 2; i++)
        listeners[i] = listen_on(&ports[i]);
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    printf("echo %u http %u\n", ports[0], ports[1]);
    run(listeners);
    return 0;
}
