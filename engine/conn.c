/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/conn.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/wire/message.h"
#include "engine/worker_state.h"

#define S(name) (1U << CW_CONN_##name)
/* Every state may end in DRAIN or CLOSED. */
static const uint32_t next_states[CW_CONN_STATE_COUNT] = {
    [CW_CONN_HANDSHAKE] = S(HEAD) | S(HELLO) | S(DRAIN) | S(CLOSED),
    [CW_CONN_PLAIN] = S(DRAIN) | S(CLOSED),
    [CW_CONN_HEAD] = S(HELLO) | S(PIPE) | S(DRAIN) | S(CLOSED),
    [CW_CONN_HELLO] = S(AWAITING) | S(HANDOVER) | S(OPEN) | S(DRAIN) | S(CLOSED),
    [CW_CONN_AWAITING] = S(DRAIN) | S(CLOSED),
    [CW_CONN_HANDOVER] = S(DRAIN) | S(CLOSED),
    [CW_CONN_OPEN] = S(DRAIN) | S(CLOSED),
    [CW_CONN_PIPE] = S(DRAIN) | S(CLOSED),
    [CW_CONN_DRAIN] = S(CLOSED),
    [CW_CONN_CLOSED] = 0,
};
#undef S

static const uint64_t second_ns = UINT64_C(1000000000);
static const uint64_t ms_ns = UINT64_C(1000000);

const char *cw_conn_state_name(enum cw_conn_state state)
{
    switch (state) {
#define X(name, text) \
    case CW_CONN_##name: return text;
        CW_CONN_STATES(X)
#undef X
    case CW_CONN_STATE_COUNT: break;
    }
    return "unknown";
}

void cw_conn_check(const struct cw_conn *c)
{
    CW_CHECK(c->state < CW_CONN_STATE_COUNT, "the state is one of the list");
    CW_CHECK(c->participant == NULL || c->state == CW_CONN_OPEN, "only OPEN takes part");
    CW_CHECK(c->held == NULL || c->is_websocket, "only a WebSocket holds a frame");
    CW_CHECK(c->upstream == 0 || c->state >= CW_CONN_PIPE, "only a pipe has an upstream");
}

/* Often enough for stalls and for PING. */
static uint64_t look_again_ns(const struct cw_worker *w)
{
    uint64_t stall_ns = w->settings.stall_ms * ms_ns / 3;
    uint64_t ping_ns = CW_TIME_PING_S * second_ns / 4;
    return stall_ns < ping_ns ? stall_ns : ping_ns;
}

/* When the current state ends by itself; OPEN and PIPE look again every few seconds. */
static uint64_t deadline_ns(const struct cw_worker *w, const struct cw_conn *c)
{
    switch (c->state) {
    case CW_CONN_HANDSHAKE: return c->state_ns + CW_TIME_HANDSHAKE_S_MAX * second_ns;
    case CW_CONN_PLAIN:
    case CW_CONN_HEAD:
    case CW_CONN_HELLO:
    case CW_CONN_AWAITING:
    case CW_CONN_HANDOVER: return c->state_ns + CW_TIME_HELLO_S_MAX * second_ns;
    case CW_CONN_OPEN:
    case CW_CONN_PIPE: return w->now_ns + look_again_ns(w);
    case CW_CONN_DRAIN: return c->state_ns + CW_RELAY_DRAIN_MS_MAX * ms_ns;
    case CW_CONN_CLOSED:
    case CW_CONN_STATE_COUNT: break;
    }
    return UINT64_MAX;
}

void cw_conn_set_state(struct cw_worker *w, struct cw_conn *c, enum cw_conn_state to)
{
    CW_CHECK((next_states[c->state] >> to & 1) != 0, "the state machine in conn.h");
    cw_log(CW_LOG_DEBUG, "engine.conn", "conn=%llu %s -> %s", (unsigned long long)c->number,
           cw_conn_state_name(c->state), cw_conn_state_name(to));
    c->state = to;
    c->state_ns = w->now_ns;
    if (to == CW_CONN_CLOSED)
        cw_timer_stop(&c->timer);
    else
        cw_timer_set(&w->timers, &c->timer, deadline_ns(w, c));
}

struct cw_conn *cw_conn_new(struct cw_worker *w, cw_socket socket, const uint8_t *address,
                            enum cw_conn_state state)
{
    struct cw_conn *c = cw_pool_take(&w->conn_pool);
    if (c == NULL)
        goto refused;
    *c = (struct cw_conn){.socket = socket, .state = state, .number = ++w->next_conn};
    if (state == CW_CONN_HANDSHAKE && cw_tls_new(w->config.tls, &c->tls) != CW_OK) {
        cw_pool_give(&w->conn_pool, c);
        goto refused;
    }
    memcpy(c->address, address, sizeof c->address);
    cw_list_init(&c->all);
    cw_list_init(&c->dirty);
    cw_list_init(&c->group);
    cw_timer_init(&c->timer, CW_TIMER_CONN);
    cw_list_append(&w->conns, &c->all);
    int err = cw_table_put(&w->by_socket, socket, c);
    CW_CHECK(err == CW_OK, "the backend gives each socket number once");
    c->state_ns = w->now_ns;
    c->heard_ns = w->now_ns;
    c->progress_ns = w->now_ns;
    cw_timer_set(&w->timers, &c->timer, deadline_ns(w, c));
    return c;

refused:
    w->counters.closed[CW_CLOSE_OVERLOADED]++;
    w->io->ops->close(w->io, socket, false);
    return NULL;
}

/* Pairs with every way out of a state that took part in something. */
static void detach(struct cw_worker *w, struct cw_conn *c, uint16_t code)
{
    cw_conn_leave(w, c, code);
    if (c->handover != NULL) {
        atomic_store(&c->handover->is_taken, false);
        c->handover = NULL;
    }
    if (code < sizeof w->counters.closed / sizeof w->counters.closed[0])
        w->counters.closed[code]++;
    c->close_code = code;
}

static bool speaks_frames(const struct cw_conn *c)
{
    return c->state == CW_CONN_HELLO || c->state == CW_CONN_AWAITING ||
           c->state == CW_CONN_HANDOVER || c->state == CW_CONN_OPEN;
}

void cw_conn_close(struct cw_worker *w, struct cw_conn *c, uint16_t code, const char *text,
                   size_t text_bytes)
{
    if (c->state >= CW_CONN_DRAIN || c->is_detaching)
        return;
    bool has_frames = speaks_frames(c);
    detach(w, c, code);
    if (has_frames) {
        for (uint8_t channel = CW_CHANNEL_INPUT; channel < CW_CHANNEL_COUNT; channel++)
            cw_queue_clear(&c->queue, &w->entry_pool, &w->frames, channel);
        struct cw_close close = {code, text, text_bytes};
        if (text_bytes == 0 || text_bytes > CW_REASON_TEXT_BYTES_MAX) {
            close.text = cw_close_text(code);
            close.text_bytes = strlen(close.text);
        }
        uint8_t payload[2 + CW_REASON_TEXT_BYTES_MAX];
        size_t size = 0;
        if (cw_close_encode(&close, payload, sizeof payload, &size) == CW_OK)
            cw_conn_send_message(w, c, CW_MESSAGE_CLOSE, payload, size);
        if (c->state >= CW_CONN_DRAIN)
            return; /* not even that could be queued */
    }
    if (c->upstream != 0)
        w->io->ops->close(w->io, c->upstream, false);
    cw_conn_set_state(w, c, CW_CONN_DRAIN);
    /* The peer's end of stream is awaited, so a pipe that was paused listens again. */
    if (c->is_paused && !c->has_ended)
        (void)w->io->ops->recv_start(w->io, c->socket);
    cw_conn_mark(w, c);
}

void cw_conn_refuse(struct cw_worker *w, struct cw_conn *c, uint16_t code, const char *what)
{
    char address[46];
    char text[256];
    /* Who is refused again and again is not written down each time: disks and the audit log are finite. */
    if (!cw_penalty_may(&w->penalties, c->address, CW_PENALTY_REFUSAL, w->now_ns)) {
        cw_conn_close(w, c, code, NULL, 0);
        return;
    }
    cw_penalty_add(&w->penalties, c->address, CW_PENALTY_REFUSAL, w->now_ns);
    cw_address_text(c->address, address);
    int size = snprintf(text, sizeof text, "%s: %s", what, cw_close_text(code));
    cw_log(CW_LOG_WARNING, "engine.conn", "conn=%llu from %s refused: %s",
           (unsigned long long)c->number, address, text);
    struct cw_link_message m = {.type = CW_LINK_REFUSED,
                                .code = code,
                                .bytes = (const uint8_t *)text,
                                .bytes_count =
                                    size > 0 && (size_t)size < sizeof text ? (size_t)size : 0};
    memcpy(m.address, c->address, sizeof m.address);
    (void)cw_link_put(w, &m);
    cw_conn_close(w, c, code, NULL, 0);
}

void cw_conn_drop(struct cw_worker *w, struct cw_conn *c, uint16_t code, bool flush)
{
    if (c->state == CW_CONN_CLOSED || c->is_detaching)
        return; /* a descriptor on its way fails, if it must, at its new worker */
    bool was_draining = c->state == CW_CONN_DRAIN;
    if (!was_draining)
        detach(w, c, code);
    if (c->upstream != 0 && !was_draining)
        w->io->ops->close(w->io, c->upstream, false);
    cw_conn_set_state(w, c, CW_CONN_CLOSED);
    cw_list_remove(&c->dirty);
    cw_queue_clear_all(&c->queue, &w->entry_pool, &w->frames);
    if (c->socket != 0)
        w->io->ops->close(w->io, c->socket, flush);
}

void cw_conn_release(struct cw_worker *w, struct cw_conn *c)
{
    cw_timer_stop(&c->timer);
    cw_list_remove(&c->all);
    cw_list_remove(&c->dirty);
    cw_list_remove(&c->group);
    if (c->socket != 0)
        cw_table_remove(&w->by_socket, c->socket);
    if (c->upstream != 0)
        cw_table_remove(&w->by_upstream, c->upstream);
    cw_queue_clear_all(&c->queue, &w->entry_pool, &w->frames);
    cw_frame_reader_fini(&c->reader, &w->frames);
    cw_frame_unref(&w->frames, c->held);
    if (c->chunk != NULL)
        cw_pool_give(&w->chunk_pool, c->chunk);
    if (c->plain_out != NULL)
        cw_pool_give(&w->chunk_pool, c->plain_out);
    if (c->handover != NULL)
        atomic_store(&c->handover->is_taken, false);
    cw_tls_free(c->tls);
    cw_pool_give(&w->conn_pool, c);
}

void cw_conn_on_closed(struct cw_worker *w, struct cw_conn *c, cw_socket socket, int32_t result)
{
    if (socket == c->upstream) {
        cw_table_remove(&w->by_upstream, socket);
        c->upstream = 0;
    } else {
        cw_table_remove(&w->by_socket, socket);
        c->socket = 0;
        c->is_sending = false;
        bool is_detached = c->is_detaching && result >= 0;
        c->is_detaching = false;
        if (is_detached)
            cw_conn_hand_over(w, c, result);
        else
            cw_conn_drop(w, c, c->close_code, false);
    }
    if (c->socket == 0 && c->upstream == 0 && c->state == CW_CONN_CLOSED)
        cw_conn_release(w, c);
}

static void keep_alive(struct cw_worker *w, struct cw_conn *c)
{
    uint64_t silent_ns = w->now_ns - c->heard_ns;
    if (silent_ns >= CW_TIME_SILENCE_S_MAX * second_ns) {
        cw_conn_close(w, c, CW_CLOSE_TIMED_OUT, NULL, 0);
    } else if (silent_ns >= CW_TIME_PING_S * second_ns &&
               w->now_ns - c->pinged_ns >= CW_TIME_PING_S * second_ns) {
        c->pinged_ns = w->now_ns;
        cw_conn_send_message(w, c, CW_MESSAGE_PING, &w->now_ns, sizeof w->now_ns);
    }
}

void cw_conn_on_timer(struct cw_worker *w, struct cw_conn *c)
{
    bool is_stalled = c->is_sending && w->now_ns - c->progress_ns >= w->settings.stall_ms * ms_ns;
    switch (c->state) {
    case CW_CONN_HANDSHAKE:
    case CW_CONN_PLAIN:
    case CW_CONN_HEAD: cw_conn_drop(w, c, CW_CLOSE_TIMED_OUT, false); return;
    case CW_CONN_HELLO: cw_conn_close(w, c, CW_CLOSE_TIMED_OUT, NULL, 0); return;
    case CW_CONN_AWAITING: cw_conn_close(w, c, CW_CLOSE_UNAVAILABLE, NULL, 0); return;
    case CW_CONN_HANDOVER: cw_conn_drop(w, c, CW_CLOSE_TOO_SLOW, false); return;
    case CW_CONN_OPEN:
        if (is_stalled)
            cw_conn_drop(w, c, CW_CLOSE_TOO_SLOW,
                         false); /* it takes no byte: nothing can be said */
        else
            keep_alive(w, c);
        break;
    case CW_CONN_PIPE:
        if (is_stalled)
            cw_conn_drop(w, c, CW_CLOSE_TOO_SLOW, false);
        else if (c->has_ended && w->now_ns - c->heard_ns >= CW_RELAY_PIPE_LINGER_MS * ms_ns &&
                 w->now_ns - c->progress_ns >= CW_RELAY_PIPE_LINGER_MS * ms_ns)
            cw_conn_drop(w, c, CW_CLOSE_OK, true);
        break;
    case CW_CONN_DRAIN: cw_conn_drop(w, c, c->close_code, !c->is_sending); return;
    case CW_CONN_CLOSED:
    case CW_CONN_STATE_COUNT: return;
    }
    if (c->state == CW_CONN_OPEN || c->state == CW_CONN_PIPE)
        cw_timer_set(&w->timers, &c->timer, deadline_ns(w, c));
}
