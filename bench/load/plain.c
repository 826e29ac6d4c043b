/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/load/plain.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/check.h"
#include "engine/base/err.h"

static void take_message(struct cw_plain_end *e, const uint8_t *data, size_t size)
{
    const struct cw_plain *p = e->load->state;
    struct cw_pattern got;
    if (cw_pattern_read(data, size, &got) != CW_OK) {
        e->load->tally->corrupt++;
        cw_load_fail(e->load, "session %u received bytes that nobody sent", (unsigned)e->session);
        return;
    }
    if (e->is_server && !e->is_known) {
        e->is_known = true;
        e->session = got.session;
        e->load->tally->ready++;
    }
    if (got.session != e->session || got.sequence != e->next_sequence) {
        e->load->tally->lost++;
        cw_load_fail(e->load, "session %u expected message %llu and received %llu of session %u",
                     (unsigned)e->session, (unsigned long long)e->next_sequence,
                     (unsigned long long)got.sequence, (unsigned)got.session);
        return;
    }
    e->next_sequence++;
    p->events->message(e, &got, data);
}

static void on_data(struct cw_pipe *s, uint8_t *plain, size_t size)
{
    struct cw_plain_end *e = s->owner;
    size_t unit = e->load->options->size;
    if (e->part_bytes != 0) {
        size_t part = unit - e->part_bytes < size ? unit - e->part_bytes : size;
        memcpy(e->part + e->part_bytes, plain, part);
        e->part_bytes += part;
        plain += part;
        size -= part;
        if (e->part_bytes < unit)
            return;
        e->part_bytes = 0;
        take_message(e, e->part, unit);
    }
    for (; size >= unit; plain += unit, size -= unit)
        take_message(e, plain, unit);
    if (size == 0)
        return;
    if (e->part == NULL)
        e->part = malloc(unit);
    CW_CHECK(e->part != NULL, "the load has memory for its streams");
    memcpy(e->part, plain, size);
    e->part_bytes = size;
}

static void on_ready(struct cw_pipe *s)
{
    struct cw_plain_end *e = s->owner;
    struct cw_plain *p = e->load->state;
    if (e->is_server)
        return;
    p->up++;
    e->load->tally->connections++;
    cw_plain_send(e, cw_loop_now_ns()); /* tells the server which session it is */
    if (p->events->ready != NULL)
        p->events->ready(e);
}

static void on_drained(struct cw_pipe *s)
{
    struct cw_plain_end *e = s->owner;
    const struct cw_plain *p = e->load->state;
    if (p->events->drained != NULL && s->is_ready)
        p->events->drained(e);
}

static void on_closed(struct cw_pipe *s, const char *why)
{
    struct cw_plain_end *e = s->owner;
    e->pipe = NULL;
    e->load->tally->closed++;
    if (atomic_load(&e->load->shared->phase) <= CW_PHASE_MEASURE)
        cw_load_fail(e->load, "a %s connection ended: %s", e->is_server ? "server's" : "client's",
                     why);
}

static const struct cw_pipe_events stream_events = {on_ready, on_data, on_drained, on_closed};

static void accept_next(struct cw_plain *p)
{
    struct io_uring_sqe *sqe = cw_loop_sqe(&p->load->loop, &p->listener, CW_LOOP_ACCEPT);
    uint64_t data = sqe->user_data;
    io_uring_prep_multishot_accept(sqe, p->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    sqe->user_data = data;
}

static void accepted(struct cw_loop_target *t, enum cw_loop_op op, int32_t result, uint8_t *data,
                     bool more)
{
    struct cw_plain *p =
        (struct cw_plain *)(void *)((char *)t - offsetof(struct cw_plain, listener));
    (void)op;
    (void)data;
    if (result >= 0) {
        struct cw_plain_end *e = calloc(1, sizeof *e);
        CW_CHECK(e != NULL, "the load has memory for its streams");
        *e = (struct cw_plain_end){.load = p->load, .is_server = true};
        e->pipe = cw_pipe_accept(&p->load->net, result, &stream_events, e);
    } else {
        cw_load_fail(p->load, "accepting from the relay: %s", strerror(-result));
    }
    if (!more)
        accept_next(p);
}

struct cw_plain *cw_plain_start(struct cw_load *l, unsigned count,
                                const struct cw_plain_events *events)
{
    struct cw_plain *p = aligned_alloc(16, (sizeof *p + 15) & ~(size_t)15);
    CW_CHECK(p != NULL, "the load has memory for its streams");
    *p = (struct cw_plain){.load = l, .events = events, .listener = {accepted}, .count = count};
    p->clients = calloc(count != 0 ? count : 1, sizeof *p->clients);
    CW_CHECK(p->clients != NULL, "the load has memory for its streams");
    l->state = p;
    if (cw_net_listen(&l->net, l->options->backend_port, &p->fd) != CW_OK)
        cw_load_fail(l, "%s", l->net.message);
    else
        accept_next(p);
    return p;
}

void cw_plain_step(struct cw_plain *p)
{
    struct cw_load *l = p->load;
    while (p->dialled < p->count && p->dialled - p->up < cw_load_concurrency(l)) {
        struct cw_plain_end *e = &p->clients[p->dialled];
        *e = (struct cw_plain_end){.load = l,
                                   .session = l->options->first + cw_load_number(l, p->dialled)};
        p->dialled++;
        e->pipe = cw_pipe_dial(&l->net, &l->options->to, &stream_events, e);
        if (e->pipe == NULL)
            cw_load_fail(l, "%s", l->net.message);
    }
}

void cw_plain_send(struct cw_plain_end *e, uint64_t now_ns)
{
    const struct cw_pattern pattern = {
        .sequence = e->sequence++, .time_ns = now_ns, .session = e->session};
    size_t size = e->load->options->size;
    if (e->pipe == NULL)
        return;
    cw_pattern_write(&pattern, cw_pipe_reserve(e->pipe, size), size);
    cw_pipe_commit(e->pipe, size);
}
