/* SPDX-License-Identifier: Apache-2.0 */
/* engine/io_uring.c - the production backend: making it, and waiting. */
#include "engine/io_uring.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

/* ---- making it ---------------------------------------------------------------------------------- */

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

/* How many sockets a ring has: a power of two that its table of direct descriptors may be large, which is what
 * the process may have open, and without such a table all of them. */
static void choose_rings(struct uring *u, unsigned descriptors_max)
{
    struct rlimit files = {.rlim_cur = 1024};
    (void)getrlimit(RLIMIT_NOFILE, &files);
    if (!u->has_direct && descriptors_max != 0 && descriptors_max < u->sockets_max) {
        u->sockets_max = descriptors_max;
        cw_log(CW_LOG_WARNING, "engine.io",
               "at most %u connections on this worker: the kernel has no direct descriptors",
               u->sockets_max);
    }
    rlim_t table_max = u->has_direct ? files.rlim_cur : CW_IO_SOCKETS_MAX;
    if ((u->without & CW_IO_URING_SMALL_TABLES) != 0)
        table_max = URING_SMALL_TABLE;
    while (u->ring_shift < CW_IO_INDEX_BITS && UINT32_C(1) << u->ring_shift < u->sockets_max &&
           UINT32_C(2) << u->ring_shift <= table_max)
        u->ring_shift++;
    uint32_t most = (uint32_t)URING_RINGS_MAX << u->ring_shift;
    if (u->sockets_max > most)
        u->sockets_max = most;
    u->io.sockets_max = u->sockets_max;
    u->ordinary_max = descriptors_max != 0 ? descriptors_max : u->sockets_max;
}

static int tables_new(struct uring *u)
{
    u->sockets = calloc(u->sockets_max, sizeof(*u->sockets));
    u->staging = calloc(URING_STAGING, sizeof(*u->staging));
    if (u->sockets == NULL || u->staging == NULL)
        return CW_ERR_NOMEM;
    u->done = (struct uring_list){URING_NOBODY, URING_NOBODY};
    u->linger = u->done;
    u->wake_descriptor = eventfd(0, EFD_CLOEXEC);
    if (u->wake_descriptor < 0)
        return CW_ERR_FULL;
    if (UINT32_C(1) << u->ring_shift < u->sockets_max) {
        u->bell_descriptor = eventfd(0, EFD_CLOEXEC);
        if (u->bell_descriptor < 0)
            return CW_ERR_FULL;
    }
    return uring_files_new(u);
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
    u->without = features;
    u->wake_descriptor = -1;
    u->bell_descriptor = -1;
    u->directory = config->directory;
    u->busy_poll_ns = (uint64_t)config->busy_poll_us * 1000;
    u->sockets_max = config->sockets_max;
    u->listener_count = config->listener_count;
    for (unsigned i = 0; i < config->listener_count; i++) {
        u->listeners[i].descriptor = config->listeners[i];
        set_options(config->listeners[i], config->tcp_congestion);
    }
    uring_probe(u);
    choose_rings(u, config->descriptors_max);
    int err = tables_new(u);
    if (err == CW_OK)
        err = uring_ring_open(u);
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
static void close_unsubmitted(const struct uring_ring *r)
{
    const struct io_uring_sq *sq = &r->ring.sq;
    for (unsigned at = sq->sqe_head; at != sq->sqe_tail; at++) {
        const struct io_uring_sqe *sqe = &sq->sqes[at & (URING_SQ_ENTRIES - 1)];
        if (sqe->opcode == IORING_OP_CLOSE && sqe->file_index == 0)
            close(sqe->fd);
    }
}

struct cw_io *uring_free(struct cw_io *io)
{
    if (io == NULL)
        return NULL;
    struct uring *u = uring_of(io);
    uring_files_finish(u);
    for (unsigned i = 0; i < u->ring_count; i++) {
        close_unsubmitted(u->rings[i]);
        uring_ring_close(u, i);
    }
    for (unsigned i = 0; u->sockets != NULL && i < u->sockets_max; i++) {
        const struct uring_socket *s = &u->sockets[i];
        bool is_detached = s->state == URING_ENDED && s->close_result == s->descriptor;
        if (s->descriptor >= 0 &&
            (is_detached ||
             (s->state != URING_FREE && s->state != URING_GONE && s->state != URING_ENDED)))
            close(s->descriptor);
    }
    if (u->wake_descriptor >= 0)
        close(u->wake_descriptor);
    if (u->bell_descriptor >= 0)
        close(u->bell_descriptor);
    uring_files_free(u);
    free(u->sockets);
    free(u->staging);
    free(u);
    return NULL;
}

/* ---- waiting ------------------------------------------------------------------------------------ */

/* What is due by time or by returned buffers. */
static void before_wait(struct uring *u, uint64_t now_ns)
{
    if (!u->wake_armed)
        uring_wake_arm(u);
    if (u->ring_count > 1 && !u->bell_armed)
        uring_bell_arm(u);
    for (unsigned i = 0; u->accept_retries > 0 && i < u->listener_count; i++)
        if (u->listeners[i].retry_ns != 0 && u->listeners[i].retry_ns <= now_ns)
            uring_accept_arm(u, i);
    while (u->linger.first != URING_NOBODY && u->sockets[u->linger.first].linger_until_ns <= now_ns)
        uring_leave(u, &u->sockets[u->linger.first]);
    for (unsigned i = 0; i < u->ring_count; i++)
        if (u->rings[i]->starved_count > 0)
            uring_feed(u, u->rings[i]);
}

static uint64_t earliest(const struct uring *u, uint64_t deadline_ns)
{
    if (u->linger.first != URING_NOBODY &&
        u->sockets[u->linger.first].linger_until_ns < deadline_ns)
        deadline_ns = u->sockets[u->linger.first].linger_until_ns;
    for (unsigned i = 0; u->accept_retries > 0 && i < u->listener_count; i++)
        if (u->listeners[i].retry_ns != 0 && u->listeners[i].retry_ns < deadline_ns)
            deadline_ns = u->listeners[i].retry_ns;
    return deadline_ns;
}

/* Gives the other rings what is queued, and lets the kernel write down what has come to them. */
static void enter_others(struct uring *u)
{
    for (unsigned i = 1; i < u->ring_count; i++) {
        struct uring_ring *r = u->rings[i];
        if (io_uring_sq_ready(&r->ring) > 0 || uring_is_pending(r))
            (void)io_uring_submit_and_get_events(&r->ring);
    }
}

static bool has_completions(const struct uring *u)
{
    for (unsigned i = 0; i < u->ring_count; i++)
        if (io_uring_cq_ready(&u->rings[i]->ring) > 0)
            return true;
    return false;
}

static bool has_news(const struct uring *u)
{
    for (unsigned i = 0; i < u->ring_count; i++)
        if (uring_is_pending(u->rings[i]))
            return true;
    return has_completions(u);
}

/* Whether the other rings ring the bell; while we are awake it would only be noise. */
static void set_bell(struct uring *u, bool is_on)
{
    for (unsigned i = 1; i < u->ring_count; i++)
        (void)io_uring_cq_eventfd_toggle(&u->rings[i]->ring, is_on);
}

/* Looks for news without sleeping, for as long as the busy poll goes on; the time it is then. */
static uint64_t spin(struct uring *u, uint64_t deadline_ns, uint64_t now_ns)
{
    uint64_t until_ns = u->last_ns + u->busy_poll_ns;
    if (until_ns > deadline_ns)
        until_ns = deadline_ns;
    if (now_ns < until_ns)
        (void)io_uring_submit_and_get_events(&u->rings[0]->ring);
    while (now_ns < until_ns && !has_news(u)) {
        __builtin_ia32_pause();
        now_ns = uring_now_ns();
    }
    return now_ns;
}

static void sleep_until(struct uring *u, uint64_t deadline_ns, uint64_t now_ns)
{
    uint64_t left_ns = deadline_ns - now_ns;
    struct __kernel_timespec timeout = {
        .tv_sec = (int64_t)(left_ns / 1000000000),
        .tv_nsec = (long long)(left_ns % 1000000000),
    };
    struct io_uring_cqe *cqe;
    bool others_ready = false;
    if (u->ring_count > 1) {
        set_bell(u, true);
        atomic_thread_fence(
            memory_order_seq_cst); /* the kernel looks at the bell after it has come */
        for (unsigned i = 1; i < u->ring_count; i++)
            others_ready = others_ready || uring_is_pending(u->rings[i]) ||
                           io_uring_cq_ready(&u->rings[i]->ring) > 0;
    }
    if (others_ready)
        (void)io_uring_submit_and_get_events(&u->rings[0]->ring);
    else
        (void)io_uring_submit_and_wait_timeout(&u->rings[0]->ring, &cqe, 1, &timeout, NULL);
    set_bell(u, false);
}

/* Submits, and sleeps unless something is there already. */
static void enter(struct uring *u, uint64_t deadline_ns, uint64_t now_ns)
{
    deadline_ns = earliest(u, deadline_ns);
    enter_others(u);
    if (u->busy_poll_ns != 0)
        now_ns = spin(u, deadline_ns, now_ns);
    if (deadline_ns <= now_ns || has_completions(u))
        (void)io_uring_submit_and_get_events(&u->rings[0]->ring);
    else
        sleep_until(u, deadline_ns, now_ns);
    enter_others(u);
    uring_submitted(u);
}

static unsigned give_done(struct uring *u, struct cw_io_completion *completions, unsigned max)
{
    unsigned count = 0;
    while (count < max && u->done.first != URING_NOBODY) {
        struct uring_socket *s = &u->sockets[u->done.first];
        u->done.first = s->next;
        if (u->done.first == URING_NOBODY)
            u->done.last = URING_NOBODY;
        completions[count++] = (struct cw_io_completion){
            .op = CW_IO_CLOSE,
            .socket = uring_socket_number(u, s),
            .result = s->close_result,
        };
        uring_socket_free(u, s);
    }
    return count;
}

static unsigned reap(struct uring *u, struct uring_ring *r, struct cw_io_completion *completions,
                     unsigned max)
{
    unsigned count = 0;
    unsigned head;
    struct io_uring_cqe *cqe;
    io_uring_for_each_cqe(&r->ring, head, cqe)
    {
        if (count == max)
            break;
        struct io_uring_cqe copy = *cqe;
        io_uring_cq_advance(&r->ring, 1);
        if (uring_on_cqe(u, r, &copy, &completions[count]))
            count++;
    }
    return count;
}

static unsigned reap_all(struct uring *u, struct cw_io_completion *completions, unsigned max)
{
    unsigned count = 0;
    for (unsigned i = 0; i < u->ring_count; i++) {
        struct uring_ring *r = u->rings[(u->ring_turn + i) % u->ring_count];
        count += reap(u, r, completions + count, max - count);
    }
    u->ring_turn = (u->ring_turn + 1) % u->ring_count;
    return count;
}

unsigned uring_wait(struct cw_io *io, uint64_t deadline_ns, struct cw_io_completion *completions,
                    unsigned max)
{
    struct uring *u = uring_of(io);
    for (unsigned i = 0; i < u->ring_count; i++)
        uring_ring_enable(u->rings[i]);
    for (;;) {
        uint64_t now_ns = uring_now_ns();
        before_wait(u, now_ns);
        enter(u, u->done.first != URING_NOBODY ? 0 : deadline_ns, now_ns);
        /* First what came in, then the ends: a socket's CLOSE is its last completion. */
        unsigned count = reap_all(u, completions, max);
        count += give_done(u, completions + count, max - count);
        if (count > 0 && u->busy_poll_ns != 0)
            u->last_ns = uring_now_ns(); /* it may have slept since it looked */
        if (count > 0 || now_ns >= deadline_ns)
            return count;
    }
}
