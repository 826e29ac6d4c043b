/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/worker.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/worker_state.h"

enum { TRIM_MS = 300 };

const char *cw_worker_origins(const struct cw_worker *w)
{
    return w->link.origins[0] != '\0' ? w->link.origins : w->config.public_origin;
}

void cw_address_text(const uint8_t *address, char out[46])
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    bool is_v4 = memcmp(address, mapped, sizeof mapped) == 0;
    if (inet_ntop(is_v4 ? AF_INET : AF_INET6, is_v4 ? address + sizeof mapped : address, out, 46) ==
        NULL)
        out[0] = '\0';
}

/* Zeros, committed as they are touched; NULL: no memory. */
static void *map(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory != MAP_FAILED ? memory : NULL;
}

/* count 0: one a connection. */
static const struct {
    size_t offset; /* in struct cw_worker */
    size_t item_bytes;
    uint32_t count;
} pools[] = {
    {offsetof(struct cw_worker, conn_pool), sizeof(struct cw_conn), 0},
    {offsetof(struct cw_worker, arrival_pool), sizeof(struct cw_arrival), 0},
    {offsetof(struct cw_worker, chunk_pool), sizeof(struct cw_chunk), 0},
    {offsetof(struct cw_worker, input_pool), sizeof(struct cw_input), 0},
    {offsetof(struct cw_worker, queue_pool), sizeof(struct cw_queue), 0},
    {offsetof(struct cw_worker, small_output_pool), CW_RELAY_SMALL_OUTPUT_BYTES,
     CW_RELAY_SMALL_OUTPUTS_MAX},
    {offsetof(struct cw_worker, large_output_pool), CW_RELAY_LARGE_OUTPUT_BYTES,
     CW_RELAY_LARGE_OUTPUTS_MAX},
    {offsetof(struct cw_worker, entry_pool), sizeof(struct cw_queue_entry),
     CW_RELAY_QUEUE_ENTRIES_MAX},
    {offsetof(struct cw_worker, session_pool), sizeof(struct cw_session), CW_RELAY_SESSIONS_MAX},
    {offsetof(struct cw_worker, participant_pool), sizeof(struct cw_participant),
     CW_RELAY_PARTICIPANTS_MAX},
    {offsetof(struct cw_worker, stream_pool), sizeof(struct cw_relay_stream), CW_RELAY_STREAMS_MAX},
};
enum { POOL_COUNT = sizeof pools / sizeof pools[0] };

static struct cw_pool *pool_at(struct cw_worker *w, unsigned i)
{
    return (struct cw_pool *)(void *)((uint8_t *)w + pools[i].offset);
}

/* What was not used lately goes back to the kernel. */
static void trim_pools(struct cw_worker *w)
{
    cw_tls_worker_trim(w->tls);
    cw_admission_trim(&w->admission);
    cw_pool_trim(&w->records.recorders);
    cw_pool_trim(&w->records.blocks);
    for (unsigned i = 0; i < POOL_COUNT; i++)
        cw_pool_trim(pool_at(w, i));
    for (unsigned i = 0; i < CW_FRAME_CLASS_COUNT; i++)
        cw_pool_trim(&w->frames.of[i]);
    cw_timer_set(&w->timers, &w->trim_timer, w->now_ns + TRIM_MS * UINT64_C(1000000));
}

static int init_pools(struct cw_worker *w, uint32_t connections_max)
{
    const struct {
        struct cw_table *table;
        uint32_t capacity;
    } tables[] = {
        {&w->displaced, CW_COMPLETIONS_PER_STEP}, {&w->devices, connections_max},
        {&w->sessions, CW_RELAY_SESSIONS_MAX},    {&w->streams, CW_RELAY_STREAMS_MAX},
        {&w->requests, CW_RELAY_REQUESTS_MAX},
    };
    int err = cw_frame_pools_init(&w->frames);
    for (unsigned i = 0; err == CW_OK && i < POOL_COUNT; i++)
        err = cw_pool_init(pool_at(w, i), pools[i].item_bytes,
                           pools[i].count != 0 ? pools[i].count : connections_max);
    for (size_t i = 0; err == CW_OK && i < sizeof tables / sizeof tables[0]; i++)
        err = cw_table_init(tables[i].table, tables[i].capacity);
    if (err == CW_OK)
        err = cw_admission_init(&w->admission);
    w->handovers = map(CW_RELAY_HANDOVERS_MAX * sizeof *w->handovers);
    w->by_socket = map((CW_IO_INDEX_MASK + 1) * sizeof *w->by_socket);
    w->penalties = w->config.penalties;
    if (w->penalties == NULL) {
        w->penalties = map(sizeof *w->penalties);
        if (w->penalties != NULL)
            w->penalties->secret = w->gate.secret;
    }
    if (err == CW_OK && (w->handovers == NULL || w->by_socket == NULL || w->penalties == NULL))
        return CW_ERR_NOMEM;
    return err == CW_OK ? cw_tls_worker_new(w->config.tls, connections_max, &w->tls) : err;
}

static void set_now(struct cw_worker *w)
{
    w->now_ns = w->io->ops->now_ns(w->io);
    w->now_ms = (uint32_t)(w->now_ns / 1000000);
}

int cw_worker_new(const struct cw_worker_config *config, struct cw_worker **ret_worker)
{
    if (config->count == 0 || config->index >= config->count || config->io == NULL)
        return CW_ERR_INVALID;
    struct cw_worker *w = map(sizeof *w);
    if (w == NULL)
        return CW_ERR_NOMEM;
    w->config = *config;
    w->io = config->io;
    set_now(w);
    if (config->settings != NULL)
        w->settings = *config->settings;
    else
        cw_setting_defaults(&w->settings);
    cw_timers_init(&w->timers, w->now_ns);
    cw_timer_init(&w->trim_timer, CW_TIMER_TRIM);
    cw_timer_set(&w->timers, &w->trim_timer, w->now_ns);
    cw_list_init(&w->conns);
    cw_list_init(&w->dirty);
    cw_list_init(&w->starved);
    cw_list_init(&w->session_list);
    cw_list_init(&w->consoles);
    cw_list_init(&w->records.list);
    cw_gate_init(w);
    int err = init_pools(w, config->connections_max != 0 ? config->connections_max
                                                         : CW_RELAY_CONNECTIONS_MAX);
    if (err == CW_OK)
        err = cw_records_init(w);
    if (err == CW_OK)
        err = cw_link_init(w);
    if (err == CW_OK)
        err = cw_worker_begin(w);
    if (err != CW_OK) {
        cw_worker_free(w);
        return err;
    }
    *ret_worker = w;
    return CW_OK;
}

struct cw_worker *cw_worker_free(struct cw_worker *w)
{
    if (w == NULL)
        return NULL;
    while (!cw_list_is_empty(&w->session_list)) {
        struct cw_session *s = CW_LIST_OWNER(w->session_list.next, struct cw_session, node);
        CW_LIST_EACH(node, &s->participants)
        {
            struct cw_participant *p = CW_LIST_OWNER(node, struct cw_participant, node);
            if (p->conn != NULL)
                p->conn->participant = NULL;
            p->conn = NULL;
        }
        cw_session_free(w, s);
    }
    while (!cw_list_is_empty(&w->conns))
        cw_conn_release(w, CW_LIST_OWNER(w->conns.next, struct cw_conn, all));
    struct cw_mail mail;
    while (w->handovers != NULL && cw_mailbox_pop(w->config.mailboxes[w->config.index], &mail)) {
        struct cw_handover *h = mail.connection;
        cw_tls_moved_clear(&h->tls);
        atomic_store(&h->is_taken, false);
    }
    cw_link_fini(w);
    cw_records_fini(w);
    cw_admission_fini(&w->admission);
    cw_frame_pools_fini(&w->frames);
    for (unsigned i = 0; i < POOL_COUNT; i++)
        cw_pool_fini(pool_at(w, i));
    cw_table_fini(&w->displaced);
    cw_table_fini(&w->devices);
    cw_table_fini(&w->sessions);
    cw_table_fini(&w->streams);
    cw_table_fini(&w->requests);
    if (w->handovers != NULL)
        munmap(w->handovers, CW_RELAY_HANDOVERS_MAX * sizeof *w->handovers);
    if (w->by_socket != NULL)
        munmap(w->by_socket, (CW_IO_INDEX_MASK + 1) * sizeof *w->by_socket);
    if (w->penalties != NULL && w->config.penalties == NULL)
        munmap(w->penalties, sizeof *w->penalties);
    cw_tls_worker_free(w->tls);
    munmap(w, sizeof *w);
    return NULL;
}

static void on_accept(struct cw_worker *w, const struct cw_io_completion *e)
{
    if (e->result < 0)
        return;
    w->counters.accepted++;
    bool is_plain = cw_worker_is_plain(w, e->listener);
    if (!cw_gate_admits(w, e->address, is_plain)) {
        w->io->ops->close(w->io, e->socket, false);
        return;
    }
    struct cw_conn *c =
        cw_conn_new(w, e->socket, e->address, is_plain ? CW_CONN_PLAIN : CW_CONN_HANDSHAKE);
    if (c != NULL && w->io->ops->recv_start(w->io, e->socket) != CW_OK)
        cw_conn_drop(w, c, CW_CLOSE_OVERLOADED, false);
}

static void on_link(struct cw_worker *w, const struct cw_io_completion *e)
{
    switch (e->op) {
    case CW_IO_CONNECT: cw_link_on_connected(w, e->result); break;
    case CW_IO_RECV: cw_link_on_received(w, e->data, e->result); break;
    case CW_IO_SEND: cw_link_on_sent(w, e->result); break;
    case CW_IO_CLOSE: cw_link_on_closed(w); break;
    case CW_IO_ACCEPT:
    case CW_IO_FILE:
    case CW_IO_WAKE: break;
    }
}

static void on_upstream(struct cw_worker *w, struct cw_conn *c, const struct cw_io_completion *e)
{
    switch (e->op) {
    case CW_IO_CONNECT: cw_conn_on_connected(w, c, e->result); break;
    case CW_IO_RECV: cw_conn_on_upstream(w, c, e->data, e->result); break;
    case CW_IO_SEND: cw_conn_on_upstream_sent(w, c, e->result); break;
    case CW_IO_CLOSE: cw_conn_on_closed(w, c, e->socket, e->result); break;
    case CW_IO_ACCEPT:
    case CW_IO_FILE:
    case CW_IO_WAKE: break;
    }
}

static void on_conn(struct cw_worker *w, struct cw_conn *c, const struct cw_io_completion *e)
{
    switch (e->op) {
    case CW_IO_RECV: cw_conn_on_received(w, c, e->data, e->result); break;
    case CW_IO_SEND: cw_conn_on_sent(w, c, e->result); break;
    case CW_IO_CLOSE: cw_conn_on_closed(w, c, e->socket, e->result); break;
    case CW_IO_ACCEPT:
    case CW_IO_CONNECT:
    case CW_IO_FILE:
    case CW_IO_WAKE: break;
    }
}

static void on_completion(struct cw_worker *w, const struct cw_io_completion *e)
{
    struct cw_conn *c = NULL;
    if (e->op == CW_IO_ACCEPT)
        on_accept(w, e);
    else if (e->op == CW_IO_WAKE)
        return; /* the mailbox is looked at in every step */
    else if (e->op == CW_IO_FILE)
        cw_record_on_file(w, e->socket, e->result);
    else if (e->socket == w->link.socket)
        on_link(w, e);
    else if ((c = cw_conn_of_socket(w, e->socket)) != NULL && c->socket == e->socket)
        on_conn(w, c, e);
    else if (c != NULL)
        on_upstream(w, c, e);
    if (e->op == CW_IO_RECV && e->result > 0)
        w->io->ops->buffer_return(w->io, e->buffer);
}

static void flush_dirty(struct cw_worker *w)
{
    /* Sends that have completed since may have left an output for some who had none. */
    uint32_t room = w->small_output_pool.count - w->small_output_pool.used +
                    w->large_output_pool.count - w->large_output_pool.used;
    for (; room > 0 && !cw_list_is_empty(&w->starved); room--) {
        struct cw_list *node = w->starved.next;
        cw_list_remove(node);
        cw_list_append(&w->dirty, node);
    }
    while (!cw_list_is_empty(&w->dirty)) {
        struct cw_conn *c = CW_LIST_OWNER(w->dirty.next, struct cw_conn, dirty);
        cw_list_remove(&c->dirty);
        cw_conn_flush(w, c);
    }
}

/* Whether it is of nobody yet, or of one who has not said who it is. */
static bool is_newcomers(struct cw_worker *w, const struct cw_io_completion *e)
{
    if (e->op == CW_IO_ACCEPT)
        return true;
    if (e->op == CW_IO_WAKE || e->op == CW_IO_FILE || e->socket == w->link.socket)
        return false;
    const struct cw_conn *c = cw_conn_of_socket(w, e->socket);
    return c == NULL || c->state < CW_CONN_OPEN;
}

/* Where sessions live those who are here come first, and what they sent has left before newcomers are looked at. Each
 * socket's completions keep their order: all of them are told apart before the first is handled. */
static void on_completions(struct cw_worker *w, const struct cw_io_completion *completions,
                           unsigned count)
{
    bool is_later[CW_COMPLETIONS_PER_STEP];
    bool is_strict = cw_gate_is_strict(w);
    for (unsigned i = 0; i < count; i++)
        is_later[i] = is_strict && is_newcomers(w, &completions[i]);
    for (unsigned i = 0; i < count; i++)
        if (!is_later[i])
            on_completion(w, &completions[i]);
    if (!is_strict)
        return;
    flush_dirty(w);
    for (unsigned i = 0; i < count; i++)
        if (is_later[i])
            on_completion(w, &completions[i]);
}

static void on_timer(struct cw_worker *w, struct cw_timer *timer)
{
    switch (timer->kind) {
    case CW_TIMER_CONN: cw_conn_on_timer(w, CW_LIST_OWNER(timer, struct cw_conn, timer)); break;
    case CW_TIMER_SESSION_GRACE:
        cw_session_end(w, CW_LIST_OWNER(timer, struct cw_session, grace), 0,
                       CW_CLOSE_ENDED_NOBODY_LEFT, NULL, 0);
        break;
    case CW_TIMER_SESSION_SYNC:
        cw_fanout_on_timer(w, CW_LIST_OWNER(timer, struct cw_session, sync));
        break;
    case CW_TIMER_STREAM:
        cw_channel_on_timer(w, CW_LIST_OWNER(timer, struct cw_relay_stream, timer));
        break;
    case CW_TIMER_LINK: cw_link_on_timer(w); break;
    case CW_TIMER_STOP: cw_worker_on_stop_timer(w); break;
    case CW_TIMER_ACCEPT: (void)cw_worker_accept(w); break;
    case CW_TIMER_TRIM: trim_pools(w); break;
    case CW_TIMER_RECORD:
        cw_record_on_timer(w, CW_LIST_OWNER(timer, struct cw_recorder, timer));
        break;
    default: CW_UNREACHABLE("timers have the kinds in conn.h");
    }
}

bool cw_worker_step(struct cw_worker *w, uint64_t deadline_ns)
{
    struct cw_io_completion *completions = w->completions;
    uint64_t timer_ns = cw_timers_next_ns(&w->timers);
    if (cw_gate_has_waiting(w) || cw_link_is_telling(w))
        deadline_ns = 0; /* only a look at what has come meanwhile */
    unsigned count = w->io->ops->wait(w->io, timer_ns < deadline_ns ? timer_ns : deadline_ns,
                                      completions, CW_COMPLETIONS_PER_STEP);
    set_now(w);
    on_completions(w, completions, count);
    cw_conn_take_over(w);
    for (struct cw_timer *timer = cw_timers_due(&w->timers, w->now_ns); timer != NULL;
         timer = cw_timers_due(&w->timers, w->now_ns))
        on_timer(w, timer);
    cw_worker_look_at_stop(w);
    flush_dirty(w);
    cw_link_flush(w);
    cw_link_tell_some(w);
    flush_dirty(w);
    cw_gate_go_on(w);
    flush_dirty(w);
    cw_gate_on_step(w, w->io->ops->now_ns(w->io) - w->now_ns);
    return !cw_worker_has_stopped(w);
}
