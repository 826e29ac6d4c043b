/* SPDX-License-Identifier: Apache-2.0 */
/* A worker's beginning and end: when it accepts, how it stops, and how it makes way for another engine. */
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/worker_state.h"

enum {
    ACCEPT_WITHOUT_LINK_MS = 1000, /* control is away: pages get their 503 then */
    STOP_MS = 1000,                /* last words */
    RESTART_PAGES_MS = 10000,      /* pages under way when another engine takes over */
    RESTART_LOOK_MS = 250,
    PAGE_IDLE_MS = 2000, /* kept alive by its browser, with no answer under way */
};

static const uint64_t ms_ns = UINT64_C(1000000);

/* Every listener of both kinds. */
static uint16_t listener_count(const struct cw_worker_config *c)
{
    bool has_http = c->http_listener != CW_LISTENER_NONE;
    uint16_t each = c->listener_count != 0 ? c->listener_count : 1;
    return has_http ? (uint16_t)(2 * each) : each;
}

static uint16_t nth_listener(const struct cw_worker_config *c, uint16_t n)
{
    uint16_t each = c->listener_count != 0 ? c->listener_count : 1;
    return n < each ? (uint16_t)(c->https_listener + n) : (uint16_t)(c->http_listener + n - each);
}

bool cw_worker_is_plain(const struct cw_worker *w, uint16_t listener)
{
    uint16_t each = w->config.listener_count != 0 ? w->config.listener_count : 1;
    return w->config.http_listener != CW_LISTENER_NONE && listener >= w->config.http_listener &&
           listener < w->config.http_listener + each;
}

int cw_worker_accept(struct cw_worker *w)
{
    int err = CW_OK;
    if (atomic_load(&w->is_accepting) || atomic_load(&w->stop_wanted) != 0)
        return CW_OK;
    for (uint16_t i = 0; i < listener_count(&w->config) && err == CW_OK; i++)
        err = w->io->ops->accept_start(w->io, nth_listener(&w->config, i));
    cw_timer_stop(&w->accept_timer);
    atomic_store(&w->is_accepting, err == CW_OK);
    return err;
}

int cw_worker_begin(struct cw_worker *w)
{
    cw_timer_init(&w->accept_timer, CW_TIMER_ACCEPT);
    cw_timer_init(&w->stop_timer, CW_TIMER_STOP);
    if (!w->config.accepts_when_linked)
        return cw_worker_accept(w);
    /* Who comes with a ticket before control has said its key would be sent away. */
    cw_timer_set(&w->timers, &w->accept_timer, w->now_ns + ACCEPT_WITHOUT_LINK_MS * ms_ns);
    return CW_OK;
}

static bool speaks_frames(const struct cw_conn *c)
{
    return c->state >= CW_CONN_HELLO && c->state <= CW_CONN_OPEN;
}

static void stop_accepting(struct cw_worker *w)
{
    if (atomic_exchange(&w->is_accepting, false))
        for (uint16_t i = 0; i < listener_count(&w->config); i++)
            w->io->ops->accept_stop(w->io, nth_listener(&w->config, i));
    cw_timer_stop(&w->accept_timer);
}

/* Everybody who speaks frames is told; pages are let finish when another engine takes over. */
static void begin_stop(struct cw_worker *w, bool is_restart)
{
    w->is_stopping = true;
    w->is_restarting = is_restart;
    stop_accepting(w);
    w->stop_ns = w->now_ns + (is_restart ? RESTART_PAGES_MS : STOP_MS) * ms_ns;
    cw_timer_set(&w->timers, &w->stop_timer,
                 is_restart ? w->now_ns + RESTART_LOOK_MS * ms_ns : w->stop_ns);
    cw_record_stop_all(w, cw_worker_stop_code(w));
    CW_LIST_EACH(node, &w->conns)
    {
        struct cw_conn *c = CW_LIST_OWNER(node, struct cw_conn, all);
        if (!is_restart || speaks_frames(c))
            cw_conn_close(w, c, cw_worker_stop_code(w), NULL, 0);
    }
}

uint16_t cw_worker_stop_code(const struct cw_worker *w)
{
    return w->is_restarting ? CW_CLOSE_RESTARTING : CW_CLOSE_SHUTTING_DOWN;
}

static void close_idle_pages(struct cw_worker *w)
{
    CW_LIST_EACH(node, &w->conns)
    {
        struct cw_conn *c = CW_LIST_OWNER(node, struct cw_conn, all);
        if (c->state == CW_CONN_PIPE && !c->is_sending && w->now_ms - c->heard_ms > PAGE_IDLE_MS &&
            w->now_ms - c->arrival->progress_ms > PAGE_IDLE_MS)
            cw_conn_close(w, c, cw_worker_stop_code(w), NULL, 0);
    }
}

/* The time for last words is over, or it is time to look which pages have been finished. */
void cw_worker_on_stop_timer(struct cw_worker *w)
{
    if (w->is_restarting && w->now_ns < w->stop_ns) {
        close_idle_pages(w);
        cw_timer_set(&w->timers, &w->stop_timer, w->now_ns + RESTART_LOOK_MS * ms_ns);
        return;
    }
    CW_LIST_EACH(node, &w->conns)
    cw_conn_drop(w, CW_LIST_OWNER(node, struct cw_conn, all), cw_worker_stop_code(w), true);
    cw_link_break(w, "the engine stops");
}

void cw_worker_look_at_stop(struct cw_worker *w)
{
    int wanted = atomic_load(&w->stop_wanted);
    if (wanted == CW_WORKER_HOLD)
        stop_accepting(w);
    else if (wanted == CW_WORKER_RESTART && !w->is_stopping)
        begin_stop(w, true);
    else if (wanted == CW_WORKER_STOP && (!w->is_stopping || w->is_restarting))
        begin_stop(w, false);
}

bool cw_worker_has_stopped(struct cw_worker *w)
{
    /* The next engine reads what this one has recorded. */
    bool is_recording = !cw_record_is_idle(w) && cw_timer_is_set(&w->stop_timer);
    bool is_owed = is_recording || w->link.is_sending ||
                   (w->link.queue_size > 0 && w->link.state != CW_LINK_AWAY);
    if (!w->is_stopping)
        return false;
    /* Nothing that control must hear comes any more: everybody has left. */
    if (!is_owed && (w->is_restarting || cw_list_is_empty(&w->conns)))
        cw_link_break(w, "the engine stops");
    if (w->is_restarting && w->link.socket == 0 && !is_recording)
        atomic_store(&w->is_quiet, true);
    return cw_list_is_empty(&w->conns) && w->link.socket == 0 && !is_recording;
}

static void order(struct cw_worker *w, int wanted)
{
    atomic_store(&w->stop_wanted, wanted);
    w->io->ops->wake(w->io);
}

void cw_worker_stop(struct cw_worker *w)
{
    order(w, CW_WORKER_STOP);
}

void cw_worker_hold(struct cw_worker *w)
{
    order(w, CW_WORKER_HOLD);
}

void cw_worker_restart(struct cw_worker *w)
{
    order(w, CW_WORKER_RESTART);
}

bool cw_worker_is_accepting(const struct cw_worker *w)
{
    return atomic_load(&w->is_accepting);
}

bool cw_worker_is_quiet(const struct cw_worker *w)
{
    return atomic_load(&w->is_quiet);
}
