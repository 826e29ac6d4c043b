/* SPDX-License-Identifier: Apache-2.0 */
/* engine/io_uring_complete.c - what each completion of a ring means. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/base/check.h"
#include "engine/io_uring.h"

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
        if (l->is_wanted && is_short) {
            u->accept_retries += l->retry_ns == 0;
            l->retry_ns = uring_now_ns() + URING_ACCEPT_RETRY_NS;
        } else if (l->is_wanted) {
            uring_accept_arm(u, listener);
        }
    }
    if (cqe->res < 0)
        return false;
    struct uring_socket *s = NULL;
    /* Also what was accepted before accept_stop reached the kernel: its client has a connection, and may have spoken.
     * The last eighth is for what we connect to. */
    if (u->ordinary_count < u->ordinary_max - u->ordinary_max / 8)
        s = uring_socket_new(u, cqe->res, URING_OPEN);
    if (s == NULL) {
        close(cqe->res); /* no room: the client sees a closed connection */
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
        uring_leave(u, s);
        return false;
    }
    s->state = result == 0 ? URING_OPEN : URING_CLOSING;
    if (result != 0)
        uring_leave(u, s);
    return give(u, s, CW_IO_CONNECT, result, c);
}

static bool on_receive(struct uring *u, struct uring_ring *r, struct uring_socket *s,
                       const struct io_uring_cqe *cqe, struct cw_io_completion *c)
{
    int32_t result = cqe->res;
    unsigned buffer = cqe->flags >> IORING_CQE_BUFFER_SHIFT;
    bool has_buffer = (cqe->flags & IORING_CQE_F_BUFFER) != 0;
    if (has_buffer) {
        CW_CHECK(buffer < URING_BUFFERS && !r->is_lent[buffer], "the kernel takes a buffer once");
        r->is_lent[buffer] = true;
        r->buffers_free--;
    }
    if ((cqe->flags & IORING_CQE_F_MORE) == 0)
        s->recv_armed = false;
    bool is_retry = result == -ENOBUFS || result == -ECANCELED || result == -EINTR;
    if (result <= 0 && !is_retry)
        s->recv_ended = true;
    if (result > 0)
        s->recv_got = true;
    if (s->recv_ended)
        s->recv_wanted = false;
    if (!s->recv_armed && s->recv_wanted) {
        if (r->buffers_free == 0 || result == -ENOBUFS)
            uring_starve(u, r, s);
        else
            uring_recv_arm(u, s);
    }
    bool is_for_caller = !is_retry && (s->state == URING_OPEN || s->state == URING_DETACHING);
    if (has_buffer && (!is_for_caller || result <= 0))
        uring_buffer_return(r, buffer);
    if (is_for_caller) {
        give(u, s, CW_IO_RECV, result, c);
        if (result > 0) {
            c->buffer = r->number << URING_BUFFER_BITS | buffer;
            c->data = r->buffers + (size_t)buffer * URING_BUFFER_BYTES;
        }
    }
    uring_leave(u, s);
    return is_for_caller;
}

static bool on_send(struct uring *u, struct uring_socket *s, int32_t result,
                    struct cw_io_completion *c)
{
    s->send_armed = false;
    give(u, s, CW_IO_SEND, result, c);
    uring_leave(u, s);
    return true;
}

bool uring_on_cqe(struct uring *u, struct uring_ring *r, const struct io_uring_cqe *cqe,
                  struct cw_io_completion *c)
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
    case URING_KIND_BELL:
        u->bell_armed = (cqe->flags & IORING_CQE_F_MORE) != 0;
        return false; /* every ring is looked at in every turn */
    case URING_KIND_FILE: return uring_file_on_done(u, who, cqe->res, c);
    case URING_KIND_CONNECT:
    case URING_KIND_RECV:
    case URING_KIND_SEND:
    case URING_KIND_OPTION:
    case URING_KIND_CLOSE: break;
    }
    struct uring_socket *s = uring_socket_find(u, who);
    CW_CHECK(s != NULL, "a slot is not freed while a request names it");
    switch (kind) {
    case URING_KIND_CONNECT: return on_connect(u, s, cqe->res, c);
    case URING_KIND_RECV: return on_receive(u, r, s, cqe, c);
    case URING_KIND_SEND: return on_send(u, s, cqe->res, c);
    case URING_KIND_OPTION:
        s->options--;
        uring_leave(u, s);
        return false;
    case URING_KIND_CLOSE: uring_leave(u, s); return false;
    case URING_KIND_ACCEPT:
    case URING_KIND_CANCEL:
    case URING_KIND_FILE:
    case URING_KIND_BELL:
    case URING_KIND_WAKE: break;
    }
    CW_UNREACHABLE("every kind is handled above");
}
