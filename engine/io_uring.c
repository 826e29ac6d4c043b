/* SPDX-License-Identifier: Apache-2.0 */
/* engine/io_uring.c - the production backend: making it, waiting, and what each completion means. */
#include "engine/io_uring.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

/* Accepted sockets inherit these from their listener. */
static void set_options(int listener, const char *congestion)
{
    int on = 1, notsent = URING_NOTSENT_BYTES;
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(listener, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &notsent, sizeof(notsent));
    setsockopt(listener, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    if (congestion == NULL || congestion[0] == 0)
        return;
    if (setsockopt(listener, IPPROTO_TCP, TCP_CONGESTION, congestion,
                   (socklen_t)strlen(congestion)) != 0)
        cw_log(CW_LOG_WARNING, "engine.io", "tcp_congestion %s cannot be used: %s", congestion,
               strerror(errno));
}

static int tables_new(struct uring *u)
{
    u->sockets = calloc(u->sockets_max, sizeof(*u->sockets));
    u->starved = calloc(u->sockets_max, sizeof(*u->starved));
    u->staging = calloc(URING_SQ_ENTRIES, sizeof(*u->staging));
    if (u->sockets == NULL || u->starved == NULL || u->staging == NULL)
        return CW_ERR_NOMEM;
    u->free_first = URING_NOBODY;
    u->done = (struct uring_list){URING_NOBODY, URING_NOBODY};
    u->linger = u->done;
    for (unsigned i = u->sockets_max; i > 0; i--)
        uring_socket_free(u, &u->sockets[i - 1]);
    u->wake_descriptor = eventfd(0, EFD_CLOEXEC);
    return u->wake_descriptor >= 0 ? uring_files_new(u) : CW_ERR_FULL;
}

int cw_io_uring_new_without(unsigned features, const struct cw_io_uring_config *config,
                            struct cw_io **ret_io)
{
    if (config->listener_count > URING_LISTENERS_MAX || config->sockets_max == 0 ||
        config->sockets_max > CW_IO_SOCKETS_MAX)
        return CW_ERR_INVALID;
    struct uring *u = calloc(1, sizeof(*u));
    if (u == NULL)
        return CW_ERR_NOMEM;
    u->io.ops = &uring_ops;
    u->wake_descriptor = -1;
    u->directory = config->directory;
    u->busy_poll_ns = (uint64_t)config->busy_poll_us * 1000;
    u->sockets_max = config->sockets_max;
    u->listener_count = config->listener_count;
    for (unsigned i = 0; i < config->listener_count; i++) {
        u->listeners[i].descriptor = config->listeners[i];
        set_options(config->listeners[i], config->tcp_congestion);
    }
    int err = tables_new(u);
    if (err == CW_OK)
        err = uring_ring_open(u, features);
    if (err != CW_OK) {
        uring_free(&u->io);
        return err;
    }
    *ret_io = &u->io;
    return CW_OK;
}

int cw_io_uring_new(const struct cw_io_uring_config *config, struct cw_io **ret_io)
{
    return cw_io_uring_new_without(0, config, ret_io);
}

/* Closes that the kernel was not told of yet. */
static void close_unsubmitted(struct uring *u)
{
    const struct io_uring_sq *sq = &u->ring.sq;
    for (unsigned at = sq->sqe_head; u->has_ring && at != sq->sqe_tail; at++) {
        const struct io_uring_sqe *sqe = &sq->sqes[at & (URING_SQ_ENTRIES - 1)];
        if (sqe->opcode == IORING_OP_CLOSE)
            close(sqe->fd);
    }
}

struct cw_io *uring_free(struct cw_io *io)
{
    struct uring *u = (struct uring *)(void *)io;
    if (u == NULL)
        return NULL;
    uring_files_finish(u);
    close_unsubmitted(u);
    uring_ring_close(u);
    for (unsigned i = 0; u->sockets != NULL && i < u->sockets_max; i++) {
        const struct uring_socket *s = &u->sockets[i];
        bool is_detached = s->state == URING_ENDED && s->close_result == s->descriptor;
        if (is_detached ||
            (s->state != URING_FREE && s->state != URING_GONE && s->state != URING_ENDED))
            close(s->descriptor);
    }
    if (u->wake_descriptor >= 0)
        close(u->wake_descriptor);
    uring_files_free(u);
    free(u->sockets);
    free(u->starved);
    free(u->staging);
    free(u);
    return NULL;
}

/* ---- what a completion means ------------------------------------------------------------------- */

static bool give(const struct uring *u, const struct uring_socket *s, enum cw_io_op op,
                 int32_t result, struct cw_io_completion *c)
{
    *c = (struct cw_io_completion){
        .op = op,
        .socket = uring_socket_number(u, s),
        .result = result,
    };
    return true;
}

static void peer_address(int descriptor, uint8_t *out)
{
    union {
        struct sockaddr any;
        struct sockaddr_in6 v6;
        struct sockaddr_in v4;
    } a;
    socklen_t size = sizeof(a);
    memset(&a, 0, sizeof(a));
    memset(out, 0, 18);
    if (getpeername(descriptor, &a.any, &size) != 0)
        return;
    if (a.any.sa_family == AF_INET6) {
        memcpy(out, &a.v6.sin6_addr, 16);
        memcpy(out + 16, &a.v6.sin6_port, 2);
    } else if (a.any.sa_family == AF_INET) {
        out[10] = 0xff; /* ::ffff:a.b.c.d */
        out[11] = 0xff;
        memcpy(out + 12, &a.v4.sin_addr, 4);
        memcpy(out + 16, &a.v4.sin_port, 2);
    }
}

static bool on_accept(struct uring *u, unsigned listener, const struct io_uring_cqe *cqe,
                      struct cw_io_completion *c)
{
    struct uring_listener *l = &u->listeners[listener];
    if ((cqe->flags & IORING_CQE_F_MORE) == 0) {
        l->is_armed = false;
        bool is_short = cqe->res == -EMFILE || cqe->res == -ENFILE || cqe->res == -ENOBUFS ||
                        cqe->res == -ENOMEM;
        if (l->is_wanted && is_short)
            l->retry_ns = uring_now_ns() + URING_ACCEPT_RETRY_NS;
        else if (l->is_wanted)
            uring_accept_arm(u, listener);
    }
    if (cqe->res < 0)
        return false;
    struct uring_socket *s = l->is_wanted ? uring_socket_new(u, cqe->res, URING_OPEN) : NULL;
    if (s == NULL) {
        close(cqe->res); /* the table is full, or we stopped: the client sees a closed connection */
        return false;
    }
    give(u, s, CW_IO_ACCEPT, 0, c);
    c->listener = (uint16_t)listener;
    peer_address(cqe->res, c->address);
    return true;
}

static bool on_connect(struct uring *u, struct uring_socket *s, int32_t result,
                       struct cw_io_completion *c)
{
    s->connect_armed = false;
    if (s->state != URING_CONNECTING) {
        uring_socket_settle(u, s);
        return false;
    }
    s->state = result == 0 ? URING_OPEN : URING_CLOSING;
    if (result != 0)
        uring_socket_settle(u, s);
    return give(u, s, CW_IO_CONNECT, result, c);
}

static void starve(struct uring *u, struct uring_socket *s)
{
    if (s->is_starved)
        return;
    s->is_starved = true;
    u->starved[(u->starved_first + u->starved_count) % u->sockets_max] = (uint32_t)(s - u->sockets);
    u->starved_count++;
}

static bool on_receive(struct uring *u, struct uring_socket *s, const struct io_uring_cqe *cqe,
                       struct cw_io_completion *c)
{
    int32_t result = cqe->res;
    unsigned buffer = cqe->flags >> IORING_CQE_BUFFER_SHIFT;
    bool has_buffer = (cqe->flags & IORING_CQE_F_BUFFER) != 0;
    if (has_buffer) {
        CW_CHECK(buffer < URING_BUFFERS && !u->is_lent[buffer], "the kernel takes a buffer once");
        u->is_lent[buffer] = true;
        u->buffers_free--;
    }
    if ((cqe->flags & IORING_CQE_F_MORE) == 0)
        s->recv_armed = false;
    bool is_retry = result == -ENOBUFS || result == -ECANCELED || result == -EINTR;
    if (result <= 0 && !is_retry)
        s->recv_ended = true;
    if (s->recv_ended)
        s->recv_wanted = false;
    if (!s->recv_armed && s->recv_wanted) {
        if (u->buffers_free == 0 || result == -ENOBUFS)
            starve(u, s);
        else
            uring_recv_arm(u, s);
    }
    bool is_for_caller = !is_retry && (s->state == URING_OPEN || s->state == URING_DETACHING);
    if (has_buffer && (!is_for_caller || result <= 0))
        uring_buffer_return(u, buffer);
    if (is_for_caller) {
        give(u, s, CW_IO_RECV, result, c);
        if (result > 0) {
            c->buffer = buffer;
            c->data = u->buffers + (size_t)buffer * URING_BUFFER_BYTES;
        }
    }
    uring_socket_settle(u, s);
    return is_for_caller;
}

static bool on_send(struct uring *u, struct uring_socket *s, int32_t result,
                    struct cw_io_completion *c)
{
    s->send_armed = false;
    give(u, s, CW_IO_SEND, result, c);
    uring_socket_settle(u, s);
    return true;
}

/* True: *c is a completion for the caller. */
static bool on_cqe(struct uring *u, const struct io_uring_cqe *cqe, struct cw_io_completion *c)
{
    enum uring_kind kind = (enum uring_kind)(cqe->user_data & 0xff);
    uint32_t who = (uint32_t)(cqe->user_data >> 8);
    switch (kind) {
    case URING_KIND_ACCEPT: return on_accept(u, who, cqe, c);
    case URING_KIND_CANCEL: return false; /* what was cancelled tells by itself */
    case URING_KIND_WAKE:
        u->wake_armed = false;
        /* Cleared before the worker looks at what it was woken for: a wake after this writes again. */
        atomic_store(&u->wake_pending, false);
        *c = (struct cw_io_completion){.op = CW_IO_WAKE};
        return true;
    case URING_KIND_FILE: return uring_file_on_done(u, who, cqe->res, c);
    case URING_KIND_CONNECT:
    case URING_KIND_RECV:
    case URING_KIND_SEND:
    case URING_KIND_CLOSE: break;
    }
    struct uring_socket *s = uring_socket_find(u, who);
    CW_CHECK(s != NULL, "a slot is not freed while a request names it");
    switch (kind) {
    case URING_KIND_CONNECT: return on_connect(u, s, cqe->res, c);
    case URING_KIND_RECV: return on_receive(u, s, cqe, c);
    case URING_KIND_SEND: return on_send(u, s, cqe->res, c);
    case URING_KIND_CLOSE: uring_socket_settle(u, s); return false;
    case URING_KIND_ACCEPT:
    case URING_KIND_CANCEL:
    case URING_KIND_FILE:
    case URING_KIND_WAKE: break;
    }
    CW_UNREACHABLE("every kind is handled above");
}

/* ---- waiting ------------------------------------------------------------------------------------ */

/* What is due by time or by returned buffers. */
static void before_wait(struct uring *u, uint64_t now_ns)
{
    if (!u->wake_armed)
        uring_wake_arm(u);
    for (unsigned i = 0; i < u->listener_count; i++)
        if (u->listeners[i].retry_ns != 0 && u->listeners[i].retry_ns <= now_ns)
            uring_accept_arm(u, i);
    while (u->linger.first != URING_NOBODY && u->sockets[u->linger.first].linger_until_ns <= now_ns)
        uring_socket_settle(u, &u->sockets[u->linger.first]);
    /* No more at once than there are buffers, or they only starve each other. */
    for (unsigned n = u->buffers_free; n > 0 && u->starved_count > 0; n--) {
        struct uring_socket *s = &u->sockets[u->starved[u->starved_first]];
        u->starved_first = (u->starved_first + 1) % u->sockets_max;
        u->starved_count--;
        s->is_starved = false;
        if (s->recv_wanted && !s->recv_armed &&
            (s->state == URING_OPEN || s->state == URING_LINGERING))
            uring_recv_arm(u, s);
    }
}

static uint64_t earliest(const struct uring *u, uint64_t deadline_ns)
{
    if (u->linger.first != URING_NOBODY &&
        u->sockets[u->linger.first].linger_until_ns < deadline_ns)
        deadline_ns = u->sockets[u->linger.first].linger_until_ns;
    for (unsigned i = 0; i < u->listener_count; i++)
        if (u->listeners[i].retry_ns != 0 && u->listeners[i].retry_ns < deadline_ns)
            deadline_ns = u->listeners[i].retry_ns;
    return deadline_ns;
}

/* Looks for completions without sleeping, for as long as the busy poll goes on; the time it is then. */
static uint64_t spin(struct uring *u, uint64_t deadline_ns, uint64_t now_ns)
{
    uint64_t until_ns = u->last_ns + u->busy_poll_ns;
    if (until_ns > deadline_ns)
        until_ns = deadline_ns;
    while (now_ns < until_ns) {
        io_uring_submit_and_get_events(&u->ring);
        if (io_uring_cq_ready(&u->ring) > 0)
            break;
        now_ns = uring_now_ns();
    }
    return now_ns;
}

/* Submits, and sleeps unless something is there already. */
static void enter(struct uring *u, uint64_t deadline_ns, uint64_t now_ns)
{
    deadline_ns = earliest(u, deadline_ns);
    if (u->busy_poll_ns != 0)
        now_ns = spin(u, deadline_ns, now_ns);
    if (deadline_ns <= now_ns || io_uring_cq_ready(&u->ring) > 0) {
        io_uring_submit_and_get_events(&u->ring);
        return;
    }
    uint64_t left_ns = deadline_ns - now_ns;
    struct __kernel_timespec timeout = {
        .tv_sec = (int64_t)(left_ns / 1000000000),
        .tv_nsec = (long long)(left_ns % 1000000000),
    };
    struct io_uring_cqe *cqe;
    io_uring_submit_and_wait_timeout(&u->ring, &cqe, 1, &timeout, NULL);
}

static unsigned give_done(struct uring *u, struct cw_io_completion *completions, unsigned max)
{
    unsigned count = 0;
    while (count < max && u->done.first != URING_NOBODY) {
        struct uring_socket *s = &u->sockets[u->done.first];
        u->done.first = s->next;
        if (u->done.first == URING_NOBODY)
            u->done.last = URING_NOBODY;
        give(u, s, CW_IO_CLOSE, s->close_result, &completions[count++]);
        uring_socket_free(u, s);
    }
    return count;
}

static unsigned reap(struct uring *u, struct cw_io_completion *completions, unsigned max)
{
    unsigned count = 0;
    struct io_uring_cqe *cqe;
    while (count < max && io_uring_peek_cqe(&u->ring, &cqe) == 0) {
        struct io_uring_cqe copy = *cqe;
        io_uring_cqe_seen(&u->ring, cqe);
        if (on_cqe(u, &copy, &completions[count]))
            count++;
    }
    return count;
}

unsigned uring_wait(struct cw_io *io, uint64_t deadline_ns, struct cw_io_completion *completions,
                    unsigned max)
{
    struct uring *u = (struct uring *)(void *)io;
    uring_ring_enable(u);
    for (;;) {
        uint64_t now_ns = uring_now_ns();
        before_wait(u, now_ns);
        enter(u, u->done.first != URING_NOBODY ? 0 : deadline_ns, now_ns);
        /* First what came in, then the ends: a socket's CLOSE is its last completion. */
        unsigned count = reap(u, completions, max);
        count += give_done(u, completions + count, max - count);
        if (count > 0)
            u->last_ns = now_ns;
        if (count > 0 || now_ns >= deadline_ns)
            return count;
    }
}
