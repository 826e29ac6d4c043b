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

enum { TURN_MS = 1000 }; /* of one whose time is over while it waits for us */

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
    CW_CHECK(c->state != CW_CONN_OPEN || c->arrival == NULL, "who is OPEN has arrived");
    CW_CHECK(c->arrival == NULL || c->arrival->upstream == 0 || c->state >= CW_CONN_PIPE,
             "only a pipe has an upstream");
    CW_CHECK(!c->is_sending || c->output != NULL, "what is being sent is in the output");
    CW_CHECK(c->queue == NULL || !cw_queue_is_at_rest(c->queue), "a queue at rest is given back");
    CW_CHECK(c->input == NULL || c->input->held != NULL || c->is_websocket ||
                 !cw_frame_reader_is_at_rest(&c->input->reader),
             "an input at rest is given back");
}

/* When an OPEN connection has to be looked at again: nothing is moved when something is received or sent, the
 * timer finds out what has become of it. */
static uint64_t next_look_ms(const struct cw_worker *w, const struct cw_conn *c)
{
    const uint32_t ping_ms = CW_TIME_PING_S * 1000;
    uint32_t silent_ms = w->now_ms - c->heard_ms;
    uint32_t pinged_ms = w->now_ms - c->pinged_ms;
    uint32_t since_ms = silent_ms < pinged_ms ? silent_ms : pinged_ms;
    uint64_t left_ms = since_ms < ping_ms ? ping_ms - since_ms : 1;
    uint64_t stall_ms = w->settings.stall_ms / 3;
    return c->is_sending && left_ms > stall_ms ? stall_ms : left_ms;
}

/* When the current state ends by itself, or is looked at again. */
static uint64_t state_ms(const struct cw_worker *w, const struct cw_conn *c)
{
    switch ((enum cw_conn_state)c->state) {
    case CW_CONN_HANDSHAKE: return CW_TIME_HANDSHAKE_S_MAX * 1000;
    case CW_CONN_PLAIN:
    case CW_CONN_HEAD:
    case CW_CONN_HELLO:
    case CW_CONN_AWAITING:
    case CW_CONN_HANDOVER: return CW_TIME_HELLO_S_MAX * 1000;
    case CW_CONN_OPEN: return next_look_ms(w, c);
    case CW_CONN_PIPE: return w->settings.stall_ms / 3;
    case CW_CONN_DRAIN: return CW_RELAY_DRAIN_MS_MAX;
    case CW_CONN_CLOSED:
    case CW_CONN_STATE_COUNT: break;
    }
    return CW_TIME_SILENCE_S_MAX * 1000;
}

static void set_timer(struct cw_worker *w, struct cw_conn *c)
{
    cw_timer_set(&w->timers, &c->timer, w->now_ns + state_ms(w, c) * ms_ns);
}

/* The connection has arrived: what it needed for that goes. */
static void end_arrival(struct cw_worker *w, struct cw_conn *c)
{
    if (c->arrival == NULL)
        return;
    if (c->arrival->chunk != NULL)
        cw_pool_give(&w->chunk_pool, c->arrival->chunk);
    if (c->arrival->handover != NULL)
        atomic_store(&c->arrival->handover->is_taken, false);
    cw_pool_give(&w->arrival_pool, c->arrival);
    c->arrival = NULL;
}

void cw_conn_set_state(struct cw_worker *w, struct cw_conn *c, enum cw_conn_state to)
{
    CW_CHECK((next_states[c->state] >> to & 1) != 0, "the state machine in conn.h");
    cw_log(CW_LOG_DEBUG, "engine.conn", "conn=%llu %s -> %s", (unsigned long long)c->number,
           cw_conn_state_name(c->state), cw_conn_state_name(to));
    if (to == CW_CONN_OPEN && c->arrival != NULL)
        cw_latency_add(&w->counters.hello, w->now_ms - c->arrival->began_ms);
    cw_gate_on_state(w, c, c->state, to);
    c->state = (uint8_t)to;
    if (to == CW_CONN_CLOSED) {
        cw_timer_stop(&c->timer);
        return;
    }
    if (to == CW_CONN_OPEN || to == CW_CONN_PIPE)
        w->io->ops->settle(w->io, c->socket);
    if (to == CW_CONN_OPEN) {
        c->pinged_ms = w->now_ms;
        end_arrival(w, c);
    }
    set_timer(w, c);
}

static bool owns_socket(const struct cw_conn *c, cw_socket socket)
{
    return c->socket == socket || (c->arrival != NULL && c->arrival->upstream == socket);
}

struct cw_conn *cw_conn_of_socket(const struct cw_worker *w, cw_socket socket)
{
    struct cw_conn *c = w->by_socket[socket & CW_IO_INDEX_MASK];
    if (c != NULL && owns_socket(c, socket))
        return c;
    return w->displaced.used > 0 ? cw_table_get(&w->displaced, socket) : NULL;
}

/* The number that this connection has under an index. */
static cw_socket socket_with_index(const struct cw_conn *c, uint32_t index)
{
    bool is_own = c->socket != 0 && (c->socket & CW_IO_INDEX_MASK) == index;
    return is_own ? c->socket : c->arrival->upstream;
}

void cw_conn_add_socket(struct cw_worker *w, cw_socket socket, struct cw_conn *c)
{
    uint32_t index = socket & CW_IO_INDEX_MASK;
    struct cw_conn *earlier = w->by_socket[index];
    /* Its CLOSE is further on in the completions of this step, so the backend has given the index away again. */
    if (earlier != NULL) {
        int err = cw_table_put(&w->displaced, socket_with_index(earlier, index), earlier);
        CW_CHECK(err == CW_OK, "no more sockets close than there are completions in a step");
    }
    w->by_socket[index] = c;
    w->socket_count++;
}

void cw_conn_remove_socket(struct cw_worker *w, cw_socket socket)
{
    struct cw_conn **at = &w->by_socket[socket & CW_IO_INDEX_MASK];
    w->socket_count--;
    if (*at != NULL && owns_socket(*at, socket)) {
        *at = NULL;
        return;
    }
    const void *displaced = cw_table_remove(&w->displaced, socket);
    CW_CHECK(displaced != NULL, "a socket that goes was there");
}

struct cw_conn *cw_conn_new(struct cw_worker *w, cw_socket socket, const uint8_t *address,
                            enum cw_conn_state state)
{
    struct cw_conn *c = cw_pool_take(&w->conn_pool);
    struct cw_arrival *arrival = cw_pool_take(&w->arrival_pool);
    struct cw_tls *tls = NULL;
    if (c == NULL || arrival == NULL ||
        (state == CW_CONN_HANDSHAKE && cw_tls_new(w->tls, &tls) != CW_OK)) {
        if (c != NULL)
            cw_pool_give(&w->conn_pool, c);
        if (arrival != NULL)
            cw_pool_give(&w->arrival_pool, arrival);
        w->counters.refused[CW_REFUSAL_POOL]++;
        w->io->ops->close(w->io, socket, false);
        return NULL;
    }
    *arrival = (struct cw_arrival){.progress_ms = w->now_ms, .began_ms = w->now_ms};
    *c = (struct cw_conn){
        .tls = tls,
        .arrival = arrival,
        .socket = socket,
        .state = (uint8_t)state,
        .number = ++w->next_conn,
        .heard_ms = w->now_ms,
        .urgent_ms = w->now_ms - CW_RELAY_URGENT_MS,
    };
    memcpy(c->address, address, sizeof c->address);
    cw_list_init(&c->all);
    cw_list_init(&c->dirty);
    cw_list_init(&c->group);
    cw_timer_init(&c->timer, CW_TIMER_CONN);
    cw_list_append(&w->conns, &c->all);
    cw_conn_add_socket(w, socket, c);
    cw_gate_on_begin(w, c);
    set_timer(w, c);
    return c;
}

/* Why a connection went before TLS was complete; TLS's own failures are counted where they are seen. */
static unsigned handshake_failure(uint16_t code)
{
    switch (code) {
    case CW_CLOSE_TIMED_OUT: return CW_HANDSHAKE_TIMED_OUT;
    case CW_CLOSE_OVERLOADED: return CW_HANDSHAKE_FULL;
    case CW_CLOSE_SHUTTING_DOWN:
    case CW_CLOSE_RESTARTING: return CW_HANDSHAKE_STOPPING;
    default: return CW_HANDSHAKE_GONE;
    }
}

/* Pairs with every way out of a state that took part in something. */
static void detach(struct cw_worker *w, struct cw_conn *c, uint16_t code)
{
    cw_conn_leave(w, c, code);
    if (c->arrival != NULL && c->arrival->handover != NULL) {
        atomic_store(&c->arrival->handover->is_taken, false);
        c->arrival->handover = NULL;
    }
    if (c->state == CW_CONN_HANDSHAKE)
        w->counters.handshakes_failed[handshake_failure(code)]++;
    if (code < sizeof w->counters.closed / sizeof w->counters.closed[0])
        w->counters.closed[code]++;
    c->close_code = (uint8_t)code;
}

void cw_conn_close_upstream(struct cw_worker *w, struct cw_conn *c)
{
    if (c->arrival != NULL && c->arrival->upstream != 0)
        w->io->ops->close(w->io, c->arrival->upstream, false);
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
            cw_conn_clear(w, c, channel);
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
    cw_conn_close_upstream(w, c);
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
    if (!cw_gate_may(w, c->address, CW_PENALTY_REFUSAL)) {
        cw_conn_close(w, c, code, NULL, 0);
        return;
    }
    cw_gate_fail(w, c->address, CW_PENALTY_REFUSAL);
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
    if (!was_draining)
        cw_conn_close_upstream(w, c);
    cw_conn_set_state(w, c, CW_CONN_CLOSED);
    cw_list_remove(&c->dirty);
    cw_conn_clear_all(w, c);
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
        cw_conn_remove_socket(w, c->socket);
    if (c->arrival != NULL && c->arrival->upstream != 0)
        cw_conn_remove_socket(w, c->arrival->upstream);
    cw_conn_clear_all(w, c);
    cw_conn_release_output(w, c);
    cw_conn_release_input(w, c);
    end_arrival(w, c);
    cw_tls_free(w->tls, c->tls);
    cw_pool_give(&w->conn_pool, c);
}

void cw_conn_on_closed(struct cw_worker *w, struct cw_conn *c, cw_socket socket, int32_t result)
{
    cw_conn_remove_socket(w, socket);
    if (socket != c->socket) {
        c->arrival->upstream = 0;
        c->arrival->upstream_is_sending = false;
    } else {
        c->socket = 0;
        c->is_sending = false;
        bool is_detached = c->is_detaching && result >= 0;
        c->is_detaching = false;
        if (is_detached)
            cw_conn_hand_over(w, c, result);
        else
            cw_conn_drop(w, c, c->close_code, false);
    }
    bool has_upstream = c->arrival != NULL && c->arrival->upstream != 0;
    if (c->socket == 0 && !has_upstream && c->state == CW_CONN_CLOSED)
        cw_conn_release(w, c);
}

static void keep_alive(struct cw_worker *w, struct cw_conn *c)
{
    const uint32_t ping_ms = CW_TIME_PING_S * 1000;
    uint32_t silent_ms = w->now_ms - c->heard_ms;
    if (silent_ms >= CW_TIME_SILENCE_S_MAX * 1000) {
        cw_conn_close(w, c, CW_CLOSE_TIMED_OUT, NULL, 0);
    } else if (silent_ms >= ping_ms && w->now_ms - c->pinged_ms >= ping_ms) {
        c->pinged_ms = w->now_ms;
        cw_conn_send_message(w, c, CW_MESSAGE_PING, &w->now_ns, sizeof w->now_ns);
    }
}

/* The browser has ended, and nothing moves any more. */
static bool lingers(const struct cw_worker *w, const struct cw_conn *c)
{
    return c->has_ended && w->now_ms - c->heard_ms >= CW_RELAY_PIPE_LINGER_MS &&
           w->now_ms - c->arrival->progress_ms >= CW_RELAY_PIPE_LINGER_MS;
}

/* It has said what it has to say and waits for its turn (gate.h): that time is ours, and it is looked at again soon. */
static bool waits_for_us(struct cw_worker *w, struct cw_conn *c)
{
    if (!cw_gate_is_newcomer(c) || cw_list_is_empty(&c->group))
        return false;
    cw_timer_set(&w->timers, &c->timer, w->now_ns + TURN_MS * ms_ns);
    return true;
}

void cw_conn_on_timer(struct cw_worker *w, struct cw_conn *c)
{
    if (waits_for_us(w, c))
        return;
    bool is_stalled = c->is_sending && w->now_ms - c->output->progress_ms >= w->settings.stall_ms;
    switch ((enum cw_conn_state)c->state) {
    case CW_CONN_HANDSHAKE:
    case CW_CONN_PLAIN:
    case CW_CONN_HEAD: cw_conn_drop(w, c, CW_CLOSE_TIMED_OUT, false); return;
    case CW_CONN_HELLO: cw_conn_close(w, c, CW_CLOSE_TIMED_OUT, NULL, 0); return;
    case CW_CONN_AWAITING: cw_conn_close(w, c, CW_CLOSE_UNAVAILABLE, NULL, 0); return;
    case CW_CONN_HANDOVER: cw_conn_drop(w, c, CW_CLOSE_TOO_SLOW, false); return;
    case CW_CONN_OPEN:
        if (is_stalled)
            cw_conn_drop(w, c, CW_CLOSE_TOO_SLOW,
                         false); /* nothing can be said: it takes no byte */
        else
            keep_alive(w, c);
        break;
    case CW_CONN_PIPE:
        if (is_stalled)
            cw_conn_drop(w, c, CW_CLOSE_TOO_SLOW, false);
        else if (lingers(w, c))
            cw_conn_drop(w, c, CW_CLOSE_OK, true);
        break;
    case CW_CONN_DRAIN: cw_conn_drop(w, c, c->close_code, !c->is_sending); return;
    case CW_CONN_CLOSED:
    case CW_CONN_STATE_COUNT: return;
    }
    if (c->state == CW_CONN_OPEN || c->state == CW_CONN_PIPE)
        set_timer(w, c);
}

void cw_conn_watch_send(struct cw_worker *w, struct cw_conn *c)
{
    /* One that rests is looked at when it is to be pinged; one that sends, before it can have stalled. */
    uint64_t stall_ns = w->settings.stall_ms * ms_ns;
    if (c->state == CW_CONN_OPEN && cw_timer_left_ns(&c->timer, w->now_ns) > stall_ns)
        cw_timer_set(&w->timers, &c->timer, w->now_ns + stall_ns);
}
