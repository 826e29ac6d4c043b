/* SPDX-License-Identifier: Apache-2.0 */
/* engine/io_uring_request.c - the requests of struct cw_io_ops that begin something. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/io_uring.h"

void uring_accept_arm(struct uring *u, unsigned listener)
{
    struct uring_listener *l = &u->listeners[listener];
    struct io_uring_sqe *sqe = uring_sqe(u->rings[0], URING_KIND_ACCEPT, listener);
    io_uring_prep_multishot_accept(sqe, l->descriptor, NULL, NULL, SOCK_CLOEXEC);
    l->is_armed = true;
    u->accept_retries -= l->retry_ns != 0;
    l->retry_ns = 0;
}

static int ring_accept_start(struct cw_io *io, uint16_t listener)
{
    struct uring *u = uring_of(io);
    if (listener >= u->listener_count)
        return CW_ERR_NOT_FOUND;
    u->listeners[listener].is_wanted = true;
    if (!u->listeners[listener].is_armed)
        uring_accept_arm(u, listener);
    return CW_OK;
}

static void ring_accept_stop(struct cw_io *io, uint16_t listener)
{
    struct uring *u = uring_of(io);
    if (listener >= u->listener_count)
        return;
    struct uring_listener *l = &u->listeners[listener];
    l->is_wanted = false;
    u->accept_retries -= l->retry_ns != 0;
    l->retry_ns = 0;
    if (l->is_armed) {
        struct io_uring_sqe *sqe = uring_sqe(u->rings[0], URING_KIND_CANCEL, listener);
        io_uring_prep_cancel64(sqe, (uint64_t)listener << 8 | URING_KIND_ACCEPT, 0);
    }
}

static int ring_connect_unix(struct cw_io *io, const char *path, cw_socket *ret_socket)
{
    struct uring *u = uring_of(io);
    size_t size = strlen(path) + 1;
    if (size > sizeof(((struct sockaddr_un *)NULL)->sun_path))
        return CW_ERR_TOO_LARGE;
    if (u->ordinary_count >= u->ordinary_max)
        return CW_ERR_FULL;
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return errno == EMFILE || errno == ENFILE ? CW_ERR_FULL : CW_ERR_IO;
    struct uring_socket *s = uring_socket_new(u, descriptor, URING_CONNECTING);
    if (s == NULL) {
        close(descriptor);
        return CW_ERR_FULL;
    }
    s->is_unix = true;
    s->connect_armed = true;
    struct sockaddr_un *address = &uring_stage(u)->address;
    struct io_uring_sqe *sqe = uring_socket_sqe(u, s, URING_KIND_CONNECT);
    memset(address, 0, sizeof(*address));
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, path, size);
    io_uring_prep_connect(sqe, descriptor, (struct sockaddr *)(void *)address, sizeof(*address));
    *ret_socket = uring_socket_number(u, s);
    return CW_OK;
}

void uring_recv_arm(struct uring *u, struct uring_socket *s)
{
    struct io_uring_sqe *sqe = uring_socket_sqe(u, s, URING_KIND_RECV);
    io_uring_prep_recv_multishot(sqe, uring_aim_at(u, s), NULL, 0, 0);
    if (u->has_turns)
        sqe->file_index = URING_TURN_BYTES; /* optlen in newer headers */
    uring_aim(s, sqe);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = URING_BUFFER_GROUP;
    s->recv_armed = true;
    s->recv_got = false;
    s->recv_cancelled = false;
}

static int ring_recv_start(struct cw_io *io, cw_socket number)
{
    struct uring *u = uring_of(io);
    struct uring_socket *s = uring_socket_find(u, number);
    if (s == NULL || s->state != URING_OPEN)
        return CW_ERR_STATE;
    s->recv_wanted = true;
    /* One that is being cancelled is armed again when its last completion comes. */
    if (!s->recv_armed)
        uring_recv_arm(u, s);
    return CW_OK;
}

static void ring_recv_stop(struct cw_io *io, cw_socket number)
{
    struct uring *u = uring_of(io);
    struct uring_socket *s = uring_socket_find(u, number);
    if (s != NULL && s->state == URING_OPEN)
        uring_receive_cancel(u, s);
}

static void ring_buffer_return(struct cw_io *io, uint32_t buffer)
{
    struct uring *u = uring_of(io);
    unsigned ring = buffer >> URING_BUFFER_BITS;
    CW_CHECK(ring < u->ring_count, "a buffer's number comes from the backend");
    uring_buffer_return(u->rings[ring], buffer & ((1u << URING_BUFFER_BITS) - 1));
}

static int ring_send(struct cw_io *io, cw_socket number, const struct iovec *iov, unsigned count)
{
    struct uring *u = uring_of(io);
    struct uring_socket *s = uring_socket_find(u, number);
    if (s == NULL || s->state != URING_OPEN)
        return CW_ERR_STATE;
    CW_CHECK(!s->send_armed, "one send is in flight a socket");
    CW_CHECK(count > 0 && count <= CW_IO_IOV_MAX, "a send has 1 to CW_IO_IOV_MAX pieces");
    struct io_uring_sqe *sqe;
    int at = uring_aim_at(u, s);
    if (count == 1) {
        sqe = uring_socket_sqe(u, s, URING_KIND_SEND);
        io_uring_prep_send(sqe, at, iov->iov_base, iov->iov_len, MSG_NOSIGNAL);
    } else {
        struct uring_staging *staging = uring_stage(u);
        memcpy(staging->iov, iov, count * sizeof(*iov));
        memset(&staging->message, 0, sizeof(staging->message));
        staging->message.msg_iov = staging->iov;
        staging->message.msg_iovlen = count;
        sqe = uring_socket_sqe(u, s, URING_KIND_SEND);
        io_uring_prep_sendmsg(sqe, at, &staging->message, MSG_NOSIGNAL);
    }
    uring_aim(s, sqe);
    s->send_armed = true;
    return CW_OK;
}

static int ring_adopt(struct cw_io *io, int descriptor, cw_socket *ret_socket)
{
    struct uring *u = uring_of(io);
    struct uring_socket *s = uring_socket_new(u, descriptor, URING_OPEN);
    if (s == NULL) {
        close(descriptor);
        return CW_ERR_FULL;
    }
    int domain = 0;
    socklen_t size = sizeof(domain);
    getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size);
    s->is_unix = domain == AF_UNIX;
    *ret_socket = uring_socket_number(u, s);
    return CW_OK;
}

/* ---- waking, time, chance ----------------------------------------------------------------------- */

void uring_wake_arm(struct uring *u)
{
    struct io_uring_sqe *sqe = uring_sqe(u->rings[0], URING_KIND_WAKE, 0);
    io_uring_prep_read(sqe, u->wake_descriptor, &u->wake_value, sizeof(u->wake_value), 0);
    u->wake_armed = true;
}

/* Every ring of it gives a completion; it is never read, as nobody wants the count. */
void uring_bell_arm(struct uring *u)
{
    struct io_uring_sqe *sqe = uring_sqe(u->rings[0], URING_KIND_BELL, 0);
    io_uring_prep_poll_multishot(sqe, u->bell_descriptor, POLLIN);
    u->bell_armed = true;
}

static void ring_wake(struct cw_io *io)
{
    struct uring *u = uring_of(io);
    /* One write until the worker has seen it; the exchange orders what the caller did before. */
    if (atomic_exchange(&u->wake_pending, true))
        return;
    uint64_t one = 1;
    ssize_t n = write(u->wake_descriptor, &one, sizeof(one));
    CW_CHECK(n == (ssize_t)sizeof(one), "an eventfd takes a count");
}

static void ring_set_busy_poll(struct cw_io *io, uint32_t busy_poll_us)
{
    struct uring *u = uring_of(io);
    u->busy_poll_ns = (uint64_t)busy_poll_us * 1000;
    u->last_ns = uring_now_ns();
}

static uint64_t ring_now_ns(struct cw_io *io)
{
    (void)io;
    return uring_now_ns();
}

static uint64_t ring_now_unix_s(struct cw_io *io)
{
    (void)io;
    return (uint64_t)time(NULL);
}

static void ring_random(struct cw_io *io, void *out, size_t bytes)
{
    (void)io;
    uint8_t *p = out;
    while (bytes > 0) {
        ssize_t n = getrandom(p, bytes, 0);
        CW_CHECK(n > 0 || errno == EINTR, "the kernel gives random numbers");
        if (n > 0) {
            p += n;
            bytes -= (size_t)n;
        }
    }
}

const struct cw_io_ops uring_ops = {
    .accept_start = ring_accept_start,
    .accept_stop = ring_accept_stop,
    .connect_unix = ring_connect_unix,
    .recv_start = ring_recv_start,
    .recv_stop = ring_recv_stop,
    .buffer_return = ring_buffer_return,
    .send = ring_send,
    .shutdown = uring_shutdown,
    .close = uring_close,
    .detach = uring_detach,
    .adopt = ring_adopt,
    .settle = uring_settle,
    .file_create = uring_file_create,
    .file_write = uring_file_write,
    .file_sync = uring_file_sync,
    .file_close = uring_file_close,
    .set_busy_poll = ring_set_busy_poll,
    .wait = uring_wait,
    .wake = ring_wake,
    .now_ns = ring_now_ns,
    .now_unix_s = ring_now_unix_s,
    .random = ring_random,
    .free = uring_free,
};
