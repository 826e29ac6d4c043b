/* SPDX-License-Identifier: Apache-2.0 */
/* tests/sim/net_io.c - struct cw_io of one simulated worker: sockets over the pipes of net_stream.c. */
#include <stdlib.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "tests/sim/net.h"
#include "tests/sim/net_stream.h"
#include "tests/sim/net_worker.h"

static cw_socket number_of(const struct net_worker *w, const struct net_socket *s)
{
    return (cw_socket)s->generation << CW_IO_INDEX_BITS | (cw_socket)(s - w->sockets);
}

static struct net_socket *socket_of(struct net_worker *w, cw_socket number)
{
    unsigned index = number & NET_INDEX_MASK;
    CW_CHECK(index < w->net->options.sockets_max, "a socket number comes from the backend");
    struct net_socket *s = &w->sockets[index];
    CW_CHECK(s->state != NET_FREE && s->generation == number >> CW_IO_INDEX_BITS,
             "a socket is used until its CLOSE");
    return s;
}

static struct net_socket *socket_new(struct net_worker *w, enum net_state state)
{
    for (unsigned i = 0; i < w->net->options.sockets_max; i++) {
        struct net_socket *s = &w->sockets[i];
        if (s->state != NET_FREE)
            continue;
        uint16_t generation = s->generation < CW_IO_GENERATION_MAX ? s->generation + 1 : 1;
        *s = (struct net_socket){.state = state, .generation = generation};
        return s;
    }
    return NULL;
}

struct net_worker *net_worker_of(struct cw_io *io)
{
    union {
        struct cw_io *io;
        struct net_worker *worker;
    } u = {.io = io};
    return u.worker;
}

static uint64_t soon(struct cw_net *net)
{
    /* Completions come at once or up to 50 us later. */
    return net->now_ns + (net_draw(net, 2) == 0 ? 0 : net_draw(net, 50000));
}

/* ---- when --------------------------------------------------------------------------------------- */

static uint64_t socket_due(const struct net_worker *w, const struct net_socket *s)
{
    const struct cw_net *net = w->net;
    uint64_t due = NET_NEVER;
    if (s->state == NET_FREE || s->state == NET_GONE)
        return due;
    if (s->state != NET_USED)
        due = s->state_ns;
    if ((s->is_receiving || s->is_late) && s->pipe != NULL && w->free_buffers > 0) {
        uint64_t at = net_pipe_due(s->pipe, s->side);
        due = at < due ? at : due;
    }
    if (s->is_sending && s->state == NET_USED) {
        bool can =
            net_pipe_room(net, s->pipe, s->side) > 0 || net_pipe_is_reset(net, s->pipe, s->side);
        if (can && s->send_ns < due)
            due = s->send_ns;
    }
    return due;
}

static bool is_acceptable(const struct net_worker *w, const struct net_pipe *p)
{
    return p->is_waiting && !p->is_unix && p->worker == (int)w->index && w->accepts[p->listener];
}

static uint64_t worker_due(const struct net_worker *w)
{
    uint64_t due = w->is_woken ? 0 : NET_NEVER;
    for (unsigned i = 0; i < w->net->options.sockets_max; i++) {
        uint64_t at = socket_due(w, &w->sockets[i]);
        due = at < due ? at : due;
    }
    for (const struct net_pipe *p = w->net->pipes; p != NULL; p = p->next)
        if (is_acceptable(w, p) && p->arrives_ns < due)
            due = p->arrives_ns;
    uint64_t files = net_files_due(w);
    return files < due ? files : due;
}

uint64_t net_workers_due(const struct cw_net *net)
{
    uint64_t due = NET_NEVER;
    for (unsigned i = 0; i < net->options.workers; i++) {
        const struct net_worker *w = net->workers[i];
        if (w == NULL)
            continue;
        uint64_t at = worker_due(w);
        due = at < due ? at : due;
        if (w->deadline_ns != 0 && w->deadline_ns < due) {
            /* A deadline that has passed is a worker that was not stepped: time creeps on. */
            due = w->deadline_ns > net->now_ns ? w->deadline_ns : net->now_ns + 1000000;
        }
    }
    return due;
}

/* ---- completions -------------------------------------------------------------------------------- */

static bool give(struct net_worker *w, const struct net_socket *s, enum cw_io_op op, int32_t result,
                 struct cw_io_completion *c)
{
    *c = (struct cw_io_completion){.op = op, .socket = number_of(w, s), .result = result};
    return true;
}

static bool give_receive(struct net_worker *w, struct net_socket *s, struct cw_io_completion *c)
{
    struct cw_net *net = w->net;
    s->is_late = false;
    if (net_pipe_is_reset(net, s->pipe, s->side)) {
        s->is_receiving = false;
        return give(w, s, CW_IO_RECV, -104 /* ECONNRESET */, c);
    }
    if (net_pipe_is_finished(net, s->pipe, s->side)) {
        s->is_receiving = false;
        return give(w, s, CW_IO_RECV, 0, c);
    }
    unsigned buffer = 0;
    while (w->is_lent[buffer])
        buffer++;
    w->is_lent[buffer] = true;
    w->free_buffers--;
    uint8_t *data = w->buffers + (size_t)buffer * NET_BUFFER_BYTES;
    size_t n = net_pipe_take(net, s->pipe, s->side, data, NET_BUFFER_BYTES);
    give(w, s, CW_IO_RECV, (int32_t)n, c);
    c->buffer = buffer;
    c->data = data;
    return true;
}

static bool give_send(struct net_worker *w, struct net_socket *s, struct cw_io_completion *c)
{
    struct cw_net *net = w->net;
    s->is_sending = false;
    if (net_pipe_is_reset(net, s->pipe, s->side))
        return give(w, s, CW_IO_SEND, -104 /* ECONNRESET */, c);
    size_t total = 0;
    for (unsigned i = 0; i < s->count; i++)
        total += s->iov[i].iov_len;
    size_t left = net_shorten(net, total);
    size_t sent = 0;
    for (unsigned i = 0; i < s->count && left > 0; i++) {
        size_t n = s->iov[i].iov_len < left ? s->iov[i].iov_len : left;
        if (n == 0)
            continue;
        size_t taken = net_pipe_send(net, s->pipe, s->side, s->iov[i].iov_base, n);
        sent += taken;
        left -= taken;
        if (taken < n)
            break;
    }
    return give(w, s, CW_IO_SEND, (int32_t)sent, c);
}

static bool give_connect(struct net_worker *w, struct net_socket *s, struct cw_io_completion *c)
{
    if (s->pipe != NULL) {
        s->state = NET_USED;
        return give(w, s, CW_IO_CONNECT, 0, c);
    }
    s->state = NET_CLOSING;
    s->state_ns = w->net->now_ns;
    return give(w, s, CW_IO_CONNECT, -111 /* ECONNREFUSED */, c);
}

static bool give_close(struct net_worker *w, struct net_socket *s, struct cw_io_completion *c)
{
    struct net_pipe *p = s->pipe;
    int32_t result = s->was_detaching ? -125 /* ECANCELED */ : 0;
    /* A send that is under way completes before, or is dropped: both are allowed. */
    if (s->is_sending) {
        s->is_sending = false;
        if (net_draw(w->net, 2) == 0)
            return give(w, s, CW_IO_SEND, -125 /* ECANCELED */, c);
    }
    if (s->state == NET_DETACHING) {
        p->side[s->side].owner = NET_OWNER_NOBODY;
        result = p->descriptor + (int)s->side;
    } else if (p != NULL) {
        net_pipe_leave(w->net, p, s->side, s->flush);
    }
    s->state = NET_GONE;
    s->pipe = NULL;
    s->is_receiving = false;
    s->is_late = false;
    return give(w, s, CW_IO_CLOSE, result, c);
}

/* One completion of the socket, in the order its requests promise. */
static bool socket_give(struct net_worker *w, struct net_socket *s, struct cw_io_completion *c)
{
    uint64_t now_ns = w->net->now_ns;
    if (socket_due(w, s) > now_ns)
        return false;
    if (s->state == NET_CONNECTING)
        return give_connect(w, s, c);
    bool can_receive = (s->is_receiving || s->is_late) && w->free_buffers > 0 &&
                       net_pipe_due(s->pipe, s->side) <= now_ns;
    bool can_send = s->is_sending && s->state == NET_USED && s->send_ns <= now_ns &&
                    (net_pipe_room(w->net, s->pipe, s->side) > 0 ||
                     net_pipe_is_reset(w->net, s->pipe, s->side));
    if (can_receive && (!can_send || net_draw(w->net, 2) == 0))
        return give_receive(w, s, c);
    if (can_send)
        return give_send(w, s, c);
    return give_close(w, s, c);
}

static bool accept_give(struct net_worker *w, struct cw_io_completion *c)
{
    for (struct net_pipe *p = w->net->pipes; p != NULL; p = p->next) {
        if (!is_acceptable(w, p) || p->arrives_ns > w->net->now_ns)
            continue;
        struct net_socket *s = socket_new(w, NET_USED);
        if (s == NULL)
            return false;
        p->is_waiting = false;
        p->side[1].owner = NET_OWNER_WORKER;
        s->pipe = p;
        s->side = 1;
        give(w, s, CW_IO_ACCEPT, 0, c);
        c->listener = p->listener;
        memcpy(c->address, p->address, sizeof(c->address));
        return true;
    }
    return false;
}

static void hash_completion(struct net_worker *w, const struct cw_io_completion *c)
{
    struct cw_net *net = w->net;
    net_hash_u64(net, (uint64_t)w->index << 40 | (uint64_t)c->op << 32 | (uint32_t)c->result);
    net_hash_u64(net, c->socket);
    net_hash_u64(net, net->now_ns);
    if (c->data != NULL)
        net_hash(net, c->data, (size_t)c->result);
}

static unsigned net_wait(struct cw_io *io, uint64_t deadline_ns,
                         struct cw_io_completion *completions, unsigned max)
{
    struct net_worker *w = net_worker_of(io);
    unsigned count = 0;
    w->deadline_ns = deadline_ns;
    for (unsigned i = 0; i < w->net->options.sockets_max; i++)
        if (w->sockets[i].state == NET_GONE)
            w->sockets[i].state = NET_FREE;
    if (w->is_woken && count < max) {
        w->is_woken = false;
        completions[count++] = (struct cw_io_completion){.op = CW_IO_WAKE};
    }
    while (count < max && accept_give(w, &completions[count]))
        count++;
    /* Rounds over the sockets from a random start, until a round gives nothing. */
    for (bool any = true; any && count < max;) {
        any = false;
        unsigned sockets = w->net->options.sockets_max;
        unsigned start = (unsigned)net_draw(w->net, sockets);
        for (unsigned i = 0; i < sockets && count < max; i++) {
            struct net_socket *s = &w->sockets[(start + i) % sockets];
            if (s->state != NET_FREE && socket_give(w, s, &completions[count])) {
                count++;
                any = true;
            }
        }
    }
    while (count < max && net_files_give(w, &completions[count]))
        count++;
    for (unsigned i = 0; i < count; i++)
        hash_completion(w, &completions[i]);
    return count;
}

/* ---- requests ----------------------------------------------------------------------------------- */

static int net_accept_start(struct cw_io *io, uint16_t listener)
{
    CW_CHECK(listener < NET_LISTENERS, "a listener exists");
    net_worker_of(io)->accepts[listener] = true;
    return CW_OK;
}

static void net_accept_stop(struct cw_io *io, uint16_t listener)
{
    CW_CHECK(listener < NET_LISTENERS, "a listener exists");
    net_worker_of(io)->accepts[listener] = false;
}

static bool is_listening(const struct cw_net *net, const char *path)
{
    for (const struct net_unix *u = net->servers; u != NULL; u = u->next)
        if (u->is_open && strncmp(u->path, path, sizeof(u->path)) == 0)
            return true;
    return false;
}

static int net_connect_unix(struct cw_io *io, const char *path, cw_socket *ret_socket)
{
    struct net_worker *w = net_worker_of(io);
    size_t size = strlen(path) + 1;
    if (size > CW_NET_PATH_BYTES)
        return CW_ERR_TOO_LARGE;
    struct net_socket *s = socket_new(w, NET_CONNECTING);
    if (s == NULL)
        return CW_ERR_FULL;
    s->state_ns = soon(w->net);
    if (is_listening(w->net, path)) {
        struct net_pipe *p = net_pipe_new(w->net, true);
        memcpy(p->path, path, size);
        p->is_waiting = true;
        p->side[0].owner = NET_OWNER_WORKER;
        s->pipe = p;
    }
    *ret_socket = number_of(w, s);
    return CW_OK;
}

static int net_recv_start(struct cw_io *io, cw_socket number)
{
    struct net_socket *s = socket_of(net_worker_of(io), number);
    if (s->state != NET_USED)
        return CW_ERR_STATE;
    s->is_receiving = true;
    s->is_late = false;
    return CW_OK;
}

static void stop_receiving(struct net_worker *w, struct net_socket *s)
{
    if (s->is_receiving && s->pipe != NULL && net_pipe_due(s->pipe, s->side) <= w->net->now_ns)
        s->is_late = net_draw(w->net, 2) == 0;
    s->is_receiving = false;
}

static void net_recv_stop(struct cw_io *io, cw_socket number)
{
    struct net_worker *w = net_worker_of(io);
    stop_receiving(w, socket_of(w, number));
}

static void net_buffer_return(struct cw_io *io, uint32_t buffer)
{
    struct net_worker *w = net_worker_of(io);
    CW_CHECK(buffer < w->net->options.recv_buffers && w->is_lent[buffer],
             "a buffer is returned once");
    w->is_lent[buffer] = false;
    w->free_buffers++;
    memset(w->buffers + (size_t)buffer * NET_BUFFER_BYTES, 0xdb, NET_BUFFER_BYTES);
}

static int net_send(struct cw_io *io, cw_socket number, const struct iovec *iov, unsigned count)
{
    struct net_worker *w = net_worker_of(io);
    struct net_socket *s = socket_of(w, number);
    CW_CHECK(!s->is_sending, "one send is in flight a socket");
    CW_CHECK(count > 0 && count <= CW_IO_IOV_MAX, "a send has 1 to CW_IO_IOV_MAX pieces");
    if (s->state != NET_USED)
        return CW_ERR_STATE;
    CW_CHECK(!s->is_shut, "nothing is sent behind FIN");
    memcpy(s->iov, iov, count * sizeof(*iov));
    s->count = count;
    s->is_sending = true;
    s->send_ns = soon(w->net);
    return CW_OK;
}

static void net_shutdown(struct cw_io *io, cw_socket number)
{
    struct net_worker *w = net_worker_of(io);
    struct net_socket *s = socket_of(w, number);
    if (s->state != NET_USED)
        return;
    CW_CHECK(!s->is_sending, "what was sent is complete before its end is said");
    s->is_shut = true;
    net_pipe_finish(w->net, s->pipe, s->side);
}

static void net_close(struct cw_io *io, cw_socket number, bool flush)
{
    struct net_worker *w = net_worker_of(io);
    struct net_socket *s = socket_of(w, number);
    if (s->state == NET_CLOSING || s->state == NET_GONE)
        return;
    s->was_detaching = s->state == NET_DETACHING;
    stop_receiving(w, s);
    s->state = NET_CLOSING;
    s->flush = flush;
    s->state_ns = soon(w->net);
}

static int net_detach(struct cw_io *io, cw_socket number)
{
    struct net_worker *w = net_worker_of(io);
    struct net_socket *s = socket_of(w, number);
    if (s->state != NET_USED || s->is_sending || s->is_settled)
        return CW_ERR_STATE;
    stop_receiving(w, s);
    s->state = NET_DETACHING;
    s->state_ns = soon(w->net);
    return CW_OK;
}

static int net_adopt(struct cw_io *io, int descriptor, cw_socket *ret_socket)
{
    struct net_worker *w = net_worker_of(io);
    for (struct net_pipe *p = w->net->pipes; p != NULL; p = p->next) {
        unsigned side = (unsigned)(descriptor - p->descriptor);
        if (side > 1)
            continue;
        CW_CHECK(p->side[side].owner == NET_OWNER_NOBODY, "a descriptor is adopted once");
        struct net_socket *s = socket_new(w, NET_USED);
        if (s == NULL) {
            net_pipe_leave(w->net, p, side, false);
            return CW_ERR_FULL;
        }
        p->side[side].owner = NET_OWNER_WORKER;
        s->pipe = p;
        s->side = side;
        *ret_socket = number_of(w, s);
        return CW_OK;
    }
    CW_UNREACHABLE("a descriptor comes from a CLOSE completion");
}

static void net_settle(struct cw_io *io, cw_socket number)
{
    struct net_socket *s = socket_of(net_worker_of(io), number);
    if (s->state == NET_USED)
        s->is_settled = true;
}

static void net_set_busy_poll(struct cw_io *io, uint32_t busy_poll_us)
{
    (void)io;
    (void)busy_poll_us; /* here nobody waits for a processor */
}

static void net_wake(struct cw_io *io)
{
    net_worker_of(io)->is_woken = true;
}

static uint64_t net_now_ns(struct cw_io *io)
{
    return net_worker_of(io)->net->now_ns;
}

static uint64_t net_now_unix_s(struct cw_io *io)
{
    return CW_NET_EPOCH_UNIX_S + (net_worker_of(io)->net->now_ns - CW_NET_EPOCH_NS) / 1000000000;
}

static void net_random(struct cw_io *io, void *out, size_t bytes)
{
    uint8_t *p = out;
    for (size_t i = 0; i < bytes; i++)
        p[i] = (uint8_t)net_random_next(&net_worker_of(io)->random_state);
}

/* As when the process dies: every connection is reset. */
static struct cw_io *net_free(struct cw_io *io)
{
    if (io == NULL)
        return NULL;
    struct net_worker *w = net_worker_of(io);
    struct cw_net *net = w->net;
    for (unsigned i = 0; i < net->options.sockets_max; i++)
        if (w->sockets[i].pipe != NULL)
            net_pipe_leave(net, w->sockets[i].pipe, w->sockets[i].side, false);
    struct net_pipe *next;
    for (struct net_pipe *p = net->pipes; p != NULL; p = next) {
        next = p->next;
        if (p->is_waiting && !p->is_unix && p->worker == (int)w->index)
            net_pipe_leave(net, p, 1, false);
    }
    net_files_stop(w);
    net->workers[w->index] = NULL;
    free(w->sockets);
    free(w->is_lent);
    free(w->buffers);
    free(w);
    return NULL;
}

void net_worker_free_all(struct cw_net *net)
{
    for (unsigned i = 0; i < net->options.workers; i++)
        if (net->workers[i] != NULL)
            net_free(&net->workers[i]->io);
}

struct cw_io *cw_net_io(struct cw_net *net, unsigned worker)
{
    static const struct cw_io_ops ops = {
        .accept_start = net_accept_start,
        .accept_stop = net_accept_stop,
        .connect_unix = net_connect_unix,
        .recv_start = net_recv_start,
        .recv_stop = net_recv_stop,
        .buffer_return = net_buffer_return,
        .send = net_send,
        .shutdown = net_shutdown,
        .close = net_close,
        .detach = net_detach,
        .adopt = net_adopt,
        .settle = net_settle,
        .file_create = net_file_create,
        .file_write = net_file_write,
        .file_sync = net_file_sync,
        .file_close = net_file_close,
        .set_busy_poll = net_set_busy_poll,
        .wait = net_wait,
        .wake = net_wake,
        .now_ns = net_now_ns,
        .now_unix_s = net_now_unix_s,
        .random = net_random,
        .free = net_free,
    };
    CW_CHECK(worker < net->options.workers, "a worker is one of the network's");
    if (net->workers[worker] != NULL)
        return &net->workers[worker]->io;
    struct net_worker *w = calloc(1, sizeof(*w));
    CW_CHECK(w != NULL, "the test machine has memory");
    w->io.ops = &ops;
    w->io.sockets_max = net->options.sockets_max;
    w->net = net;
    w->index = worker;
    w->random_state = net_random_next(&net->random_state);
    w->free_buffers = net->options.recv_buffers;
    w->sockets = calloc(net->options.sockets_max, sizeof(*w->sockets));
    w->is_lent = calloc(net->options.recv_buffers, sizeof(*w->is_lent));
    w->buffers = malloc((size_t)net->options.recv_buffers * NET_BUFFER_BYTES);
    CW_CHECK(w->sockets != NULL && w->is_lent != NULL && w->buffers != NULL,
             "the test machine has memory");
    net->workers[worker] = w;
    return &w->io;
}
