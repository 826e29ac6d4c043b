/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/load/pipe.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/base/check.h"
#include "engine/base/err.h"

enum { OUT_BYTES_FIRST = 1024, BACKLOG = 4096, KEY_UPDATE = 24, ALERT_BYTES = 2 };

/* ---- buffers ------------------------------------------------------------------------------------ */

static void buffer_room(struct cw_pipe_buffer *b, size_t size)
{
    if (b->bytes + size <= b->capacity)
        return;
    size_t capacity = b->capacity != 0 ? b->capacity : OUT_BYTES_FIRST;
    while (capacity < b->bytes + size)
        capacity *= 2;
    uint8_t *data = realloc(b->data, capacity);
    CW_CHECK(data != NULL, "the load has memory for its streams");
    b->data = data;
    b->capacity = capacity;
}

static void buffer_free(struct cw_pipe_buffer *b)
{
    free(b->data);
    *b = (struct cw_pipe_buffer){0};
}

/* ---- life --------------------------------------------------------------------------------------- */

static void free_if_done(struct cw_pipe *s)
{
    if (!s->is_closed || s->operations != 0)
        return;
    SSL_free(s->ssl);
    free(s->handshake);
    if (s->is_reset) {
        const struct linger at_once = {.l_onoff = 1};
        (void)setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    (void)close(s->fd);
    free(s->keys);
    buffer_free(&s->in);
    buffer_free(&s->out[0]);
    buffer_free(&s->out[1]);
    free(s);
}

static void cancel_all(struct cw_pipe *s)
{
    if (s->operations == 0)
        return;
    struct io_uring_sqe *sqe = cw_loop_sqe(s->net->loop, &s->target, CW_LOOP_CANCEL);
    sqe->opcode = IORING_OP_ASYNC_CANCEL;
    sqe->fd = s->fd;
    sqe->cancel_flags = IORING_ASYNC_CANCEL_FD | IORING_ASYNC_CANCEL_ALL;
    s->operations++;
}

static void end(struct cw_pipe *s, const char *why)
{
    if (s->is_closed)
        return;
    s->is_closed = true;
    cw_list_remove(&s->dirty);
    cancel_all(s);
    if (why != NULL && s->events->closed != NULL)
        s->events->closed(s, why);
}

static void poll_for(struct cw_pipe *s, short events)
{
    struct io_uring_sqe *sqe = cw_loop_sqe(s->net->loop, &s->target, CW_LOOP_POLL);
    sqe->opcode = IORING_OP_POLL_ADD;
    sqe->fd = s->fd;
    sqe->poll32_events = (uint32_t)events;
    s->operations++;
}

static void receive(struct cw_pipe *s)
{
    if (s->is_closed || s->is_receiving)
        return;
    if (s->recv_bytes_max == 0 && (s->is_ready || s->is_server)) {
        cw_loop_recv(s->net->loop, &s->target, s->fd);
    } else {
        struct io_uring_sqe *sqe = cw_loop_sqe(s->net->loop, &s->target, CW_LOOP_RECV);
        sqe->opcode = IORING_OP_RECV;
        sqe->fd = s->fd;
        sqe->len = s->is_ready ? (uint32_t)s->recv_bytes_max : CW_RECORD_BYTES_MAX;
        sqe->flags = IOSQE_BUFFER_SELECT;
    }
    s->is_receiving = true;
    s->operations++;
}

static void mark(struct cw_pipe *s)
{
    if (cw_list_is_empty(&s->dirty))
        cw_list_append(&s->net->dirty, &s->dirty);
}

static void on_ready(struct cw_pipe *s)
{
    s->keys = aligned_alloc(64, 2 * sizeof *s->keys);
    CW_CHECK(s->keys != NULL, "the load has memory for its streams");
    cw_record_init(&s->keys[0], s->is_server ? s->secrets.client : s->secrets.server);
    cw_record_init(&s->keys[1], s->is_server ? s->secrets.server : s->secrets.client);
    SSL_free(s->ssl);
    s->ssl = NULL;
    s->is_ready = true;
    s->events->ready(s);
    if (s->recv_bytes_max == 0)
        receive(s);
}

static void send_bytes(struct cw_pipe *s, const uint8_t *data, size_t size)
{
    struct cw_pipe_buffer *b = &s->out[s->filling];
    buffer_room(b, size);
    memcpy(b->data + b->bytes, data, size);
    b->bytes += size;
    mark(s);
}

/* The connection is there: a client's first record. Its answers come through take_bytes. */
static void greet(struct cw_pipe *s)
{
    uint8_t hello[CW_HANDSHAKE_HELLO_BYTES];
    int err = 0;
    socklen_t size = sizeof err;
    (void)getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &err, &size);
    if (err != 0) {
        end(s, strerror(err));
        return;
    }
    s->handshake = aligned_alloc(64, sizeof *s->handshake);
    CW_CHECK(s->handshake != NULL, "the load has memory for its streams");
    send_bytes(s, hello, cw_handshake_hello(s->handshake, s->net->is_native, hello));
    receive(s);
}

static void take_handshake(struct cw_pipe *s, uint8_t *record, size_t size)
{
    static char text[80];
    uint8_t finished[CW_HANDSHAKE_FINISHED_BYTES];
    int err = cw_handshake_take(s->handshake, record, size, finished, &s->secrets);
    if (err == CW_OK) {
        send_bytes(s, finished, sizeof finished);
        free(s->handshake);
        s->handshake = NULL;
        on_ready(s);
    } else if (err == CW_ERR_DENIED) {
        (void)snprintf(text, sizeof text, "the handshake was refused with alert %u",
                       s->handshake->alert);
        end(s, text);
    } else if (err != CW_ERR_AGAIN) {
        (void)snprintf(text, sizeof text, "the handshake failed: %s", cw_err_text(err));
        end(s, text);
    }
}

static void shake_hands(struct cw_pipe *s)
{
    short events = POLLIN;
    int err = cw_secure_step(s->ssl, &s->secrets, &events);
    if (err == CW_OK)
        on_ready(s);
    else if (err == CW_ERR_AGAIN)
        poll_for(s, events);
    else
        end(s, cw_secure_why());
}

/* ---- sending ------------------------------------------------------------------------------------ */

static void flush(struct cw_pipe *s)
{
    struct cw_pipe_buffer *b = &s->out[s->filling];
    if (s->is_closed || s->is_sending || b->bytes == 0)
        return;
    s->filling ^= 1;
    s->is_sending = true;
    struct io_uring_sqe *sqe = cw_loop_sqe(s->net->loop, &s->target, CW_LOOP_SEND);
    sqe->opcode = IORING_OP_SEND;
    sqe->fd = s->fd;
    sqe->addr = (uintptr_t)b->data;
    sqe->len = (uint32_t)b->bytes;
    sqe->msg_flags = MSG_WAITALL | MSG_NOSIGNAL;
    s->operations++;
}

void cw_net_flush(struct cw_net *n)
{
    CW_LIST_EACH(node, &n->dirty)
    {
        struct cw_pipe *s = CW_LIST_OWNER(node, struct cw_pipe, dirty);
        cw_list_remove(node);
        flush(s);
    }
}

static void seal(struct cw_pipe *s, uint8_t type, size_t size)
{
    struct cw_pipe_buffer *b = &s->out[s->filling];
    uint8_t *at = b->data + b->bytes;
    b->bytes += cw_record_seal(&s->keys[1], type, at + CW_RECORD_HEADER_BYTES, size, at);
    mark(s);
}

uint8_t *cw_pipe_reserve(struct cw_pipe *s, size_t size)
{
    struct cw_pipe_buffer *b = &s->out[s->filling];
    buffer_room(b, size + CW_RECORD_OVERHEAD_BYTES);
    return b->data + b->bytes + CW_RECORD_HEADER_BYTES;
}

void cw_pipe_commit(struct cw_pipe *s, size_t size)
{
    s->sent_bytes += size;
    seal(s, CW_RECORD_DATA, size);
}

void cw_pipe_write(struct cw_pipe *s, const void *plain, size_t size)
{
    if (s->is_closed)
        return;
    memcpy(cw_pipe_reserve(s, size), plain, size);
    cw_pipe_commit(s, size);
}

size_t cw_pipe_unsent(const struct cw_pipe *s)
{
    return s->out[0].bytes + s->out[1].bytes;
}

static void on_sent(struct cw_pipe *s, int32_t result)
{
    struct cw_pipe_buffer *b = &s->out[s->filling ^ 1];
    s->is_sending = false;
    if (s->is_closed)
        return;
    if (result < 0) {
        end(s, strerror(-result));
        return;
    }
    if ((size_t)result < b->bytes) { /* the peer reset it meanwhile, or a signal came */
        memmove(b->data, b->data + result, b->bytes - (size_t)result);
        b->bytes -= (size_t)result;
        s->filling ^= 1;
        struct cw_pipe_buffer *next = &s->out[s->filling ^ 1];
        buffer_room(b, next->bytes);
        if (next->bytes != 0)
            memcpy(b->data + b->bytes, next->data, next->bytes);
        b->bytes += next->bytes;
        next->bytes = 0;
        mark(s);
        return;
    }
    b->bytes = 0;
    if (s->out[s->filling].bytes != 0)
        mark(s);
    else if (s->events->drained != NULL && s->is_ready)
        s->events->drained(s);
}

void cw_pipe_finish(struct cw_pipe *s)
{
    static const uint8_t close_notify[ALERT_BYTES] = {1, 0};
    if (s->is_closed || !s->is_ready)
        return;
    memcpy(cw_pipe_reserve(s, sizeof close_notify), close_notify, sizeof close_notify);
    seal(s, CW_RECORD_ALERT, sizeof close_notify);
}

void cw_pipe_reset(struct cw_pipe *s)
{
    s->is_reset = true;
    end(s, NULL);
    free_if_done(s);
}

/* ---- receiving ---------------------------------------------------------------------------------- */

static void on_handshake_message(struct cw_pipe *s, const uint8_t *plain, size_t size)
{
    static const uint8_t answer[5] = {KEY_UPDATE, 0, 0, 1, 0};
    if (size != sizeof answer || plain[0] != KEY_UPDATE)
        return; /* a session ticket, which we do not use */
    bool is_asked = plain[4] == 1;
    cw_record_update(&s->keys[0]);
    if (is_asked) {
        memcpy(cw_pipe_reserve(s, sizeof answer), answer, sizeof answer);
        seal(s, CW_RECORD_HANDSHAKE, sizeof answer);
        cw_record_update(&s->keys[1]);
    }
}

/* One record at the front of data: what it took, 0 when it is not whole or the stream was ended. */
static size_t take_record(struct cw_pipe *s, uint8_t *data, size_t size)
{
    size_t used = 0;
    size_t plain_size = 0;
    uint8_t type = 0;
    uint8_t *plain = NULL;
    if (!s->is_ready) {
        size_t whole = CW_RECORD_HEADER_BYTES;
        if (size >= whole)
            whole += (size_t)data[3] << 8 | data[4];
        if (size < CW_RECORD_HEADER_BYTES || size < whole)
            return 0;
        take_handshake(s, data, whole);
        return s->is_closed ? 0 : whole;
    }
    int err = cw_record_open(&s->keys[0], data, size, &used, &type, &plain, &plain_size);
    if (err == CW_ERR_AGAIN)
        return 0;
    if (err != CW_OK) {
        end(s, err == CW_ERR_SIGNATURE ? "a record's tag is wrong" : "a record is malformed");
        return 0;
    }
    if (type == CW_RECORD_DATA) {
        s->received_bytes += plain_size;
        s->events->data(s, plain, plain_size);
    } else if (type == CW_RECORD_HANDSHAKE) {
        on_handshake_message(s, plain, plain_size);
    } else if (type == CW_RECORD_ALERT && plain_size == ALERT_BYTES) {
        static char text[40];
        (void)snprintf(text, sizeof text, "TLS alert %u", plain[1]);
        end(s, plain[1] == 0 ? "closed by the other side" : text);
    } else {
        end(s, "a record of an unknown type");
    }
    return s->is_closed ? 0 : used;
}

static void take_bytes(struct cw_pipe *s, uint8_t *data, size_t size)
{
    struct cw_pipe_buffer *b = &s->in;
    while (b->bytes != 0 && size != 0) { /* completes the record that had begun */
        bool has_header = b->bytes >= CW_RECORD_HEADER_BYTES;
        size_t wanted = CW_RECORD_HEADER_BYTES;
        if (has_header)
            wanted += (size_t)b->data[3] << 8 | b->data[4];
        size_t part = wanted - b->bytes < size ? wanted - b->bytes : size;
        buffer_room(b, part);
        memcpy(b->data + b->bytes, data, part);
        b->bytes += part;
        data += part;
        size -= part;
        if (!has_header || b->bytes < wanted)
            continue;
        size_t whole = b->bytes;
        b->bytes = 0;
        if (take_record(s, b->data, whole) == 0)
            return;
    }
    while (size != 0) {
        size_t used = take_record(s, data, size);
        if (s->is_closed)
            return;
        if (used == 0)
            break;
        data += used;
        size -= used;
    }
    if (size != 0) {
        buffer_room(b, size > CW_RECORD_BYTES_MAX ? size : CW_RECORD_BYTES_MAX);
        memcpy(b->data + b->bytes, data, size);
        b->bytes += size;
    }
}

static void on_received(struct cw_pipe *s, int32_t result, uint8_t *data, bool more)
{
    s->is_receiving = more;
    if (s->is_closed)
        return;
    if (result > 0 && data != NULL)
        take_bytes(s, data, (size_t)result);
    else if (result == 0)
        end(s, "the connection ended");
    else if (result != -ENOBUFS)
        end(s, strerror(-result));
    if (!more && (s->recv_bytes_max == 0 || !s->is_ready))
        receive(s);
}

void cw_pipe_throttle(struct cw_pipe *s, size_t recv_bytes_max)
{
    s->recv_bytes_max = recv_bytes_max;
}

void cw_pipe_recv_once(struct cw_pipe *s)
{
    if (s->is_ready)
        receive(s);
}

static void completed(struct cw_loop_target *t, enum cw_loop_op op, int32_t result, uint8_t *data,
                      bool more)
{
    struct cw_pipe *s = (struct cw_pipe *)t;
    if (!more)
        s->operations--;
    s->operations++; /* held while the callbacks run */
    if (op == CW_LOOP_RECV)
        on_received(s, result, data, more);
    else if (op == CW_LOOP_SEND)
        on_sent(s, result);
    else if (op == CW_LOOP_POLL && !s->is_closed && s->is_server)
        shake_hands(s);
    else if (op == CW_LOOP_POLL && !s->is_closed)
        greet(s);
    s->operations--;
    free_if_done(s);
}

/* ---- sockets ------------------------------------------------------------------------------------ */

static void set_options(const struct cw_net *n, int fd)
{
    const int one = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    const int unsent = (int)n->unsent_bytes;
    if (unsent != 0)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
    if (n->congestion != NULL)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, n->congestion,
                         (socklen_t)strlen(n->congestion));
}

static struct cw_pipe *stream_new(struct cw_net *n, int fd, bool is_server,
                                  const struct cw_pipe_events *events, void *owner)
{
    struct cw_pipe *s = aligned_alloc(64, (sizeof *s + 63) & ~(size_t)63);
    CW_CHECK(s != NULL, "the load has memory for its streams");
    *s = (struct cw_pipe){.target = {completed},
                          .net = n,
                          .events = events,
                          .owner = owner,
                          .fd = fd,
                          .is_server = is_server};
    cw_list_init(&s->dirty);
    if (is_server) {
        s->ssl = cw_secure_new(n->secure, fd, &s->secrets);
        CW_CHECK(s->ssl != NULL, "the load has memory for its streams");
    }
    poll_for(s, is_server ? POLLIN : POLLOUT);
    return s;
}

struct cw_pipe *cw_pipe_dial(struct cw_net *n, const struct sockaddr_in *to,
                             const struct cw_pipe_events *events, void *owner)
{
    const int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const char *what = "a socket";
    if (fd >= 0 && n->source.sin_family == AF_INET) {
        what = "the source address cannot be used";
        (void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
        if (bind(fd, (const struct sockaddr *)(const void *)&n->source, sizeof n->source) != 0)
            goto out;
    }
    if (fd < 0)
        goto out;
    set_options(n, fd);
    what = "connecting";
    if (connect(fd, (const struct sockaddr *)(const void *)to, sizeof *to) == 0 ||
        errno == EINPROGRESS)
        return stream_new(n, fd, false, events, owner);
out:
    (void)snprintf(n->message, sizeof n->message, "%s: %s", what, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return NULL;
}

struct cw_pipe *cw_pipe_accept(struct cw_net *n, int fd, const struct cw_pipe_events *events,
                               void *owner)
{
    set_options(n, fd);
    return stream_new(n, fd, true, events, owner);
}

int cw_net_listen(struct cw_net *n, uint16_t port, int *ret_fd)
{
    const int one = 1;
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
        if (bind(fd, (const struct sockaddr *)(const void *)&at, sizeof at) == 0 &&
            listen(fd, BACKLOG) == 0) {
            *ret_fd = fd;
            return CW_OK;
        }
    }
    (void)snprintf(n->message, sizeof n->message, "port %u cannot be opened: %s", (unsigned)port,
                   strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return CW_ERR_IO;
}
