/* SPDX-License-Identifier: Apache-2.0 */
/* engine/io_uring_socket.c - the table of sockets and the requests of struct cw_io_ops. */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/io_uring.h"

static struct uring *uring_of(struct cw_io *io)
{
    return (struct uring *)(void *)io; /* io is its first member */
}

uint64_t uring_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* ---- the table ---------------------------------------------------------------------------------- */

static uint32_t index_of(const struct uring *u, const struct uring_socket *s)
{
    return (uint32_t)(s - u->sockets);
}

uint32_t uring_socket_number(const struct uring *u, const struct uring_socket *s)
{
    return (uint32_t)s->generation << CW_IO_INDEX_BITS | index_of(u, s);
}

struct uring_socket *uring_socket_find(struct uring *u, uint32_t number)
{
    uint32_t index = number & URING_INDEX_MASK;
    if (index >= u->sockets_max)
        return NULL;
    struct uring_socket *s = &u->sockets[index];
    return s->state != URING_FREE && s->generation == number >> CW_IO_INDEX_BITS ? s : NULL;
}

struct uring_socket *uring_socket_new(struct uring *u, int descriptor, enum uring_state state)
{
    if (u->free_first == URING_NOBODY)
        return NULL;
    struct uring_socket *s = &u->sockets[u->free_first];
    u->free_first = s->next;
    uint16_t generation = s->generation < CW_IO_GENERATION_MAX ? s->generation + 1 : 1;
    /* A slot that still waits in the starved queue for its previous socket keeps its place there. */
    *s = (struct uring_socket){
        .descriptor = descriptor,
        .generation = generation,
        .state = (uint8_t)state,
        .is_starved = s->is_starved,
        .next = URING_NOBODY,
        .previous = URING_NOBODY,
    };
    return s;
}

void uring_socket_free(struct uring *u, struct uring_socket *s)
{
    s->state = URING_FREE;
    s->descriptor = -1;
    s->next = u->free_first;
    u->free_first = index_of(u, s);
}

/* ---- leaving ------------------------------------------------------------------------------------ */

static void cancel(struct uring *u, const struct uring_socket *s, enum uring_kind kind)
{
    uint32_t who = uring_socket_number(u, s);
    struct io_uring_sqe *sqe = uring_sqe(u, URING_KIND_CANCEL, who);
    io_uring_prep_cancel64(sqe, (uint64_t)who << 8 | (uint64_t)kind, 0);
}

static void cancel_receive(struct uring *u, struct uring_socket *s)
{
    s->recv_wanted = false;
    if (s->recv_armed && !s->recv_cancelled) {
        s->recv_cancelled = true;
        cancel(u, s, URING_KIND_RECV);
    }
}

static void linger_add(struct uring *u, struct uring_socket *s)
{
    s->linger_until_ns = uring_now_ns() + URING_LINGER_NS;
    s->next = URING_NOBODY;
    s->previous = u->linger.last;
    if (u->linger.last != URING_NOBODY)
        u->sockets[u->linger.last].next = index_of(u, s);
    else
        u->linger.first = index_of(u, s);
    u->linger.last = index_of(u, s);
}

static void linger_remove(struct uring *u, struct uring_socket *s)
{
    if (s->previous != URING_NOBODY)
        u->sockets[s->previous].next = s->next;
    else
        u->linger.first = s->next;
    if (s->next != URING_NOBODY)
        u->sockets[s->next].previous = s->previous;
    else
        u->linger.last = s->previous;
    s->next = URING_NOBODY;
    s->previous = URING_NOBODY;
}

static void done_add(struct uring *u, struct uring_socket *s, int32_t result)
{
    s->state = URING_ENDED;
    s->close_result = result;
    s->next = URING_NOBODY;
    if (u->done.last != URING_NOBODY)
        u->sockets[u->done.last].next = index_of(u, s);
    else
        u->done.first = index_of(u, s);
    u->done.last = index_of(u, s);
}

static bool may_linger(const struct uring_socket *s)
{
    return s->flush && !s->is_unix && !s->recv_ended;
}

void uring_socket_settle(struct uring *u, struct uring_socket *s)
{
    if (s->state == URING_LINGERING) {
        if (!s->recv_ended && uring_now_ns() < s->linger_until_ns)
            return;
        linger_remove(u, s);
        s->state = URING_CLOSING;
        s->flush = false; /* lingered already */
        cancel_receive(u, s);
    }
    if (s->state == URING_CLOSING && !s->send_armed && !s->connect_armed && may_linger(s)) {
        shutdown(s->descriptor, SHUT_WR);
        s->state = URING_LINGERING;
        linger_add(u, s);
        s->recv_wanted = true;
        if (!s->recv_armed)
            uring_recv_arm(u, s);
        return;
    }
    if (s->recv_armed || s->send_armed || s->connect_armed)
        return;
    if (s->state == URING_DETACHING) {
        done_add(u, s, s->descriptor);
    } else if (s->state == URING_CLOSING) {
        s->state = URING_GONE;
        struct io_uring_sqe *sqe = uring_sqe(u, URING_KIND_CLOSE, uring_socket_number(u, s));
        io_uring_prep_close(sqe, s->descriptor);
    } else if (s->state == URING_GONE) {
        done_add(u, s, s->close_result);
    }
}

/* A descriptor that has come out already, and whose CLOSE the caller has not seen: after close it is not given
 * away any more. */
static void take_back(struct uring_socket *s)
{
    if (s->close_result != s->descriptor)
        return;
    close(s->descriptor);
    s->close_result = -ECANCELED;
}

static void ring_close(struct cw_io *io, cw_socket number, bool flush)
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
    if (!flush && !s->is_unix) {
        /* close(2) then sends a reset, and what the kernel holds is dropped. */
        struct linger at_once = {.l_onoff = 1, .l_linger = 0};
        setsockopt(s->descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    }
    if (may_linger(s))
        s->recv_wanted = false;
    else
        cancel_receive(u, s);
    uring_socket_settle(u, s);
}

static int ring_detach(struct cw_io *io, cw_socket number)
{
    struct uring *u = uring_of(io);
    struct uring_socket *s = uring_socket_find(u, number);
    if (s == NULL || s->state != URING_OPEN || s->send_armed)
        return CW_ERR_STATE;
    if (s->is_settled)
        return CW_ERR_STATE;
    s->state = URING_DETACHING;
    cancel_receive(u, s);
    uring_socket_settle(u, s);
    return CW_OK;
}

/* ---- the other requests ------------------------------------------------------------------------- */

void uring_accept_arm(struct uring *u, unsigned listener)
{
    struct uring_listener *l = &u->listeners[listener];
    struct io_uring_sqe *sqe = uring_sqe(u, URING_KIND_ACCEPT, listener);
    io_uring_prep_multishot_accept(sqe, l->descriptor, NULL, NULL, SOCK_CLOEXEC);
    l->is_armed = true;
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
    l->retry_ns = 0;
    if (l->is_armed) {
        struct io_uring_sqe *sqe = uring_sqe(u, URING_KIND_CANCEL, listener);
        io_uring_prep_cancel64(sqe, (uint64_t)listener << 8 | URING_KIND_ACCEPT, 0);
    }
}

static int ring_connect_unix(struct cw_io *io, const char *path, cw_socket *ret_socket)
{
    struct uring *u = uring_of(io);
    size_t size = strlen(path) + 1;
    if (size > sizeof(((struct sockaddr_un *)NULL)->sun_path))
        return CW_ERR_TOO_LARGE;
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
    struct io_uring_sqe *sqe = uring_sqe(u, URING_KIND_CONNECT, uring_socket_number(u, s));
    struct sockaddr_un *address = &uring_stage(u, sqe)->address;
    memset(address, 0, sizeof(*address));
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, path, size);
    io_uring_prep_connect(sqe, descriptor, (struct sockaddr *)(void *)address, sizeof(*address));
    *ret_socket = uring_socket_number(u, s);
    return CW_OK;
}

void uring_recv_arm(struct uring *u, struct uring_socket *s)
{
    struct io_uring_sqe *sqe = uring_sqe(u, URING_KIND_RECV, uring_socket_number(u, s));
    io_uring_prep_recv_multishot(sqe, s->descriptor, NULL, 0, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = URING_BUFFER_GROUP;
    s->recv_armed = true;
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
        cancel_receive(u, s);
}

static void ring_buffer_return(struct cw_io *io, uint32_t buffer)
{
    uring_buffer_return(uring_of(io), buffer);
}

static int ring_send(struct cw_io *io, cw_socket number, const struct iovec *iov, unsigned count)
{
    struct uring *u = uring_of(io);
    struct uring_socket *s = uring_socket_find(u, number);
    if (s == NULL || s->state != URING_OPEN)
        return CW_ERR_STATE;
    CW_CHECK(!s->send_armed, "one send is in flight a socket");
    CW_CHECK(count > 0 && count <= CW_IO_IOV_MAX, "a send has 1 to CW_IO_IOV_MAX pieces");
    struct io_uring_sqe *sqe = uring_sqe(u, URING_KIND_SEND, number);
    if (count == 1) {
        io_uring_prep_send(sqe, s->descriptor, iov->iov_base, iov->iov_len, MSG_NOSIGNAL);
    } else {
        struct uring_staging *staging = uring_stage(u, sqe);
        memcpy(staging->iov, iov, count * sizeof(*iov));
        memset(&staging->message, 0, sizeof(staging->message));
        staging->message.msg_iov = staging->iov;
        staging->message.msg_iovlen = count;
        io_uring_prep_sendmsg(sqe, s->descriptor, &staging->message, MSG_NOSIGNAL);
    }
    s->send_armed = true;
    return CW_OK;
}

static void ring_shutdown(struct cw_io *io, cw_socket number)
{
    struct uring *u = uring_of(io);
    const struct uring_socket *s = uring_socket_find(u, number);
    if (s == NULL || s->state != URING_OPEN)
        return;
    CW_CHECK(!s->send_armed, "what was sent is complete before its end is said");
    shutdown(s->descriptor, SHUT_WR); /* fails only where the connection is over: reading tells */
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

static void ring_settle(struct cw_io *io, cw_socket number)
{
    struct uring_socket *s = uring_socket_find(uring_of(io), number);
    if (s != NULL && s->state == URING_OPEN)
        s->is_settled = true;
}

/* ---- waking, time, chance ----------------------------------------------------------------------- */

void uring_wake_arm(struct uring *u)
{
    struct io_uring_sqe *sqe = uring_sqe(u, URING_KIND_WAKE, 0);
    io_uring_prep_read(sqe, u->wake_descriptor, &u->wake_value, sizeof(u->wake_value), 0);
    u->wake_armed = true;
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
    uring_of(io)->busy_poll_ns = (uint64_t)busy_poll_us * 1000;
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
    .shutdown = ring_shutdown,
    .close = ring_close,
    .detach = ring_detach,
    .adopt = ring_adopt,
    .settle = ring_settle,
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
