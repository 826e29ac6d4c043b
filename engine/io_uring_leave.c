/* SPDX-License-Identifier: Apache-2.0 */
/* engine/io_uring_leave.c - how a socket ends: cancelled, told, lingering, closed or handed over. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/io_uring.h"

static void cancel(struct uring *u, const struct uring_socket *s, enum uring_kind kind)
{
    struct io_uring_sqe *sqe = uring_socket_sqe(u, s, URING_KIND_CANCEL);
    io_uring_prep_cancel64(sqe, (uint64_t)uring_socket_number(u, s) << 8 | (uint64_t)kind, 0);
}

void uring_receive_cancel(struct uring *u, struct uring_socket *s)
{
    s->recv_wanted = false;
    if (s->recv_armed && !s->recv_cancelled) {
        s->recv_cancelled = true;
        cancel(u, s, URING_KIND_RECV);
    }
}

/* FIN behind what was sent. It fails only where the connection is over: reading tells. */
static void send_fin(struct uring *u, struct uring_socket *s)
{
    if (s->descriptor >= 0) {
        (void)shutdown(s->descriptor, SHUT_WR);
        return;
    }
    struct io_uring_sqe *sqe = uring_socket_sqe(u, s, URING_KIND_OPTION);
    io_uring_prep_shutdown(sqe, uring_aim_at(u, s), SHUT_WR);
    uring_aim(s, sqe);
    s->options++;
}

/* close(2) then sends a reset, and what the kernel holds is dropped. */
static void reset_at_close(struct uring *u, struct uring_socket *s)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    if (s->descriptor >= 0) {
        (void)setsockopt(s->descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
        return;
    }
    uring_prep_reset(uring_socket_sqe(u, s, URING_KIND_OPTION), uring_aim_at(u, s));
    s->options++;
}

static void close_now(struct uring *u, struct uring_socket *s)
{
    struct io_uring_sqe *sqe = uring_socket_sqe(u, s, URING_KIND_CLOSE);
    s->state = URING_GONE;
    if (s->descriptor >= 0)
        io_uring_prep_close(sqe, s->descriptor);
    else
        io_uring_prep_close_direct(sqe, (unsigned)uring_aim_at(u, s));
}

static bool may_linger(const struct uring_socket *s)
{
    return s->flush && !s->is_unix && !s->recv_ended;
}

void uring_leave(struct uring *u, struct uring_socket *s)
{
    if (s->state == URING_LINGERING) {
        if (!s->recv_ended && uring_now_ns() < s->linger_until_ns)
            return;
        uring_linger_remove(u, s);
        s->state = URING_CLOSING;
        s->flush = false; /* lingered already */
        uring_receive_cancel(u, s);
    }
    if (s->state == URING_CLOSING && !s->send_armed && !s->connect_armed && may_linger(s)) {
        send_fin(u, s);
        s->state = URING_LINGERING;
        uring_linger_add(u, s);
        s->recv_wanted = true;
        if (!s->recv_armed)
            uring_recv_arm(u, s);
        return;
    }
    if (s->recv_armed || s->send_armed || s->connect_armed || s->options > 0)
        return;
    if (s->state == URING_DETACHING)
        uring_done_add(u, s, s->descriptor);
    else if (s->state == URING_CLOSING)
        close_now(u, s);
    else if (s->state == URING_GONE)
        uring_done_add(u, s, s->close_result);
}

/* A descriptor that has come out already, and whose CLOSE the caller has not seen: after close it is not given
 * away any more. */
static void take_back(struct uring_socket *s)
{
    if (s->descriptor < 0 || s->close_result != s->descriptor)
        return;
    close(s->descriptor);
    s->close_result = -ECANCELED;
}

void uring_close(struct cw_io *io, cw_socket number, bool flush)
{
    struct uring *u = uring_of(io);
    struct uring_socket *s = uring_socket_find(u, number);
    if (s != NULL && s->state == URING_ENDED)
        take_back(s);
    if (s == NULL ||
        (s->state != URING_CONNECTING && s->state != URING_OPEN && s->state != URING_DETACHING))
        return;
    if (s->state == URING_DETACHING)
        s->close_result = -ECANCELED;
    s->state = URING_CLOSING;
    s->flush = flush;
    if (s->connect_armed)
        cancel(u, s, URING_KIND_CONNECT);
    if (s->send_armed)
        cancel(u, s, URING_KIND_SEND);
    if (!flush && !s->is_unix)
        reset_at_close(u, s);
    if (may_linger(s))
        s->recv_wanted = false;
    else
        uring_receive_cancel(u, s);
    uring_leave(u, s);
}

int uring_detach(struct cw_io *io, cw_socket number)
{
    struct uring *u = uring_of(io);
    struct uring_socket *s = uring_socket_find(u, number);
    if (s == NULL || s->state != URING_OPEN || s->send_armed || s->is_settled)
        return CW_ERR_STATE;
    s->state = URING_DETACHING;
    uring_receive_cancel(u, s);
    uring_leave(u, s);
    return CW_OK;
}

void uring_shutdown(struct cw_io *io, cw_socket number)
{
    struct uring *u = uring_of(io);
    struct uring_socket *s = uring_socket_find(u, number);
    if (s == NULL || s->state != URING_OPEN)
        return;
    CW_CHECK(!s->send_armed, "what was sent is complete before its end is said");
    send_fin(u, s);
}
