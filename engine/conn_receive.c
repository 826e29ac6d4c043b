/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/conn.h"
#include "engine/worker_state.h"

static bool takes_frames(const struct cw_conn *c)
{
    return c->state == CW_CONN_HELLO || c->state == CW_CONN_AWAITING || c->state == CW_CONN_OPEN;
}

static uint16_t code_of(int err)
{
    return err == CW_ERR_UNSUPPORTED ? CW_CLOSE_VERSION
           : err == CW_ERR_TOO_LARGE ? CW_CLOSE_TOO_LARGE
           : err == CW_ERR_FULL      ? CW_CLOSE_OVERLOADED
                                     : CW_CLOSE_MALFORMED;
}

static void on_frame(struct cw_worker *w, struct cw_conn *c, struct cw_frame_buffer *f)
{
    w->counters.frames_received++;
    cw_relay_on_frame(w, c, f);
}

/* Plaintext that is frames. On a WebSocket a whole frame waits until its message has ended. */
static void push_frames(struct cw_worker *w, struct cw_conn *c, const uint8_t *data, size_t size)
{
    while (size > 0 && takes_frames(c)) {
        size_t used = 0;
        struct cw_frame_buffer *f = NULL;
        int err = c->held != NULL
                      ? CW_ERR_INVALID /* more than one frame in a WebSocket message */
                      : cw_frame_reader_push(&c->reader, &w->frames, data, size, &used, &f);
        if (err != CW_OK) {
            cw_conn_close(w, c, code_of(err), NULL, 0);
            return;
        }
        data += used;
        size -= used;
        if (f == NULL)
            continue;
        if (c->is_websocket)
            c->held = f;
        else
            on_frame(w, c, f);
    }
}

static void on_websocket_end(struct cw_worker *w, struct cw_conn *c)
{
    struct cw_frame_buffer *f = c->held;
    c->held = NULL;
    if (f == NULL || !cw_frame_reader_is_between(&c->reader)) {
        cw_frame_unref(&w->frames, f);
        cw_conn_close(w, c, CW_CLOSE_MALFORMED, NULL, 0);
        return;
    }
    on_frame(w, c, f);
}

static void answer_ping(struct cw_worker *w, struct cw_conn *c)
{
    uint8_t pong[CW_WEBSOCKET_HEADER_BYTES_MAX + CW_WEBSOCKET_CONTROL_BYTES_MAX];
    /* Who pings without reading the answers is not allowed to fill memory with them. */
    if (c->unsent_bytes > CW_RELAY_BATCH_BYTES * 2) {
        cw_conn_close(w, c, CW_CLOSE_TOO_SLOW, NULL, 0);
        return;
    }
    size_t at = cw_websocket_header(CW_WEBSOCKET_OP_PONG, c->websocket.control_bytes, pong);
    memcpy(pong + at, c->websocket.control, c->websocket.control_bytes);
    cw_conn_write(w, c, pong, at + c->websocket.control_bytes);
}

static void push_websocket(struct cw_worker *w, struct cw_conn *c, uint8_t *data, size_t size)
{
    enum cw_websocket_event event = CW_WEBSOCKET_NOTHING;
    do {
        size_t used = 0;
        struct cw_websocket_span payload = {0};
        int err = cw_websocket_read(&c->websocket, data, size, &used, &event, &payload);
        if (err != CW_OK) {
            c->websocket_close = err == CW_ERR_UNSUPPORTED ? CW_WEBSOCKET_CLOSE_TYPE
                                 : err == CW_ERR_TOO_LARGE ? CW_WEBSOCKET_CLOSE_TOO_LARGE
                                                           : CW_WEBSOCKET_CLOSE_PROTOCOL;
            cw_conn_close(w, c, err == CW_ERR_TOO_LARGE ? CW_CLOSE_TOO_LARGE : CW_CLOSE_MALFORMED,
                          NULL, 0);
            return;
        }
        data += used;
        size -= used;
        switch (event) {
        case CW_WEBSOCKET_NOTHING:
        case CW_WEBSOCKET_PONG: break;
        case CW_WEBSOCKET_PAYLOAD: push_frames(w, c, payload.data, payload.size); break;
        case CW_WEBSOCKET_END: on_websocket_end(w, c); break;
        case CW_WEBSOCKET_PING: answer_ping(w, c); break;
        case CW_WEBSOCKET_CLOSE:
            c->websocket_close = 1000;
            cw_conn_close(w, c, CW_CLOSE_OK, NULL, 0);
            break;
        }
    } while (event != CW_WEBSOCKET_NOTHING && takes_frames(c));
}

static void on_tls_failed(struct cw_worker *w, struct cw_conn *c)
{
    int alert = -1;
    const char *why = cw_tls_error(c->tls, &alert);
    cw_log(CW_LOG_DEBUG, "engine.conn", "conn=%llu TLS: %s", (unsigned long long)c->number, why);
    if (c->state == CW_CONN_HANDSHAKE) {
        w->counters.handshakes_failed++;
        /* Alert 46: a person has not accepted the self-signed certificate yet. */
        if (alert != 46)
            cw_penalty_add(&w->penalties, c->address, CW_PENALTY_HANDSHAKE, w->now_ns);
    }
    /* Nothing can be sealed any more; an alert may still be waiting in the output. */
    cw_conn_leave(w, c, CW_CLOSE_MALFORMED);
    cw_queue_clear_all(&c->queue, &w->entry_pool, &w->frames);
    c->has_last_words = true;
    c->has_ended = true;
    if (c->state < CW_CONN_DRAIN) {
        if (c->upstream != 0)
            w->io->ops->close(w->io, c->upstream, false);
        cw_conn_set_state(w, c, CW_CONN_DRAIN);
    }
    cw_conn_mark(w, c);
}

static void on_handshake_done(struct cw_worker *w, struct cw_conn *c)
{
    w->counters.handshakes++;
    if (cw_tls_exporter(c->tls, c->exporter) != CW_OK) {
        cw_conn_drop(w, c, CW_CLOSE_INTERNAL, false);
        return;
    }
    cw_conn_set_state(w, c, cw_tls_is_native(c->tls) ? CW_CONN_HELLO : CW_CONN_HEAD);
}

static void on_end(struct cw_worker *w, struct cw_conn *c)
{
    c->has_ended = true;
    if (c->state == CW_CONN_PIPE)
        cw_conn_pull(w, c); /* the other direction goes on until control has ended it */
    else if (c->state == CW_CONN_DRAIN)
        cw_conn_mark(w, c);
    else
        cw_conn_drop(w, c, CW_CLOSE_OK, true);
}

/* How much plaintext may be taken now. Before WELCOME never more than the HELLO itself: what follows
 * stays in the TLS object, which a hand-over takes along. */
static size_t read_limit(const struct cw_worker *w, const struct cw_conn *c)
{
    size_t limit = sizeof w->plain;
    if (c->state == CW_CONN_HELLO)
        limit = c->is_websocket ? cw_websocket_wanted(&c->websocket)
                                : cw_frame_reader_wanted(&c->reader);
    /* A head and not much more: what follows it is pulled at control's pace. One byte over the limit tells. */
    if (c->state == CW_CONN_HEAD)
        limit = CW_HTTP_HEAD_BYTES_MAX + 1 - (c->chunk != NULL ? c->chunk->size : 0);
    return limit < sizeof w->plain ? limit : sizeof w->plain;
}

static void consume(struct cw_worker *w, struct cw_conn *c, size_t size)
{
    if (c->state == CW_CONN_HEAD)
        cw_conn_on_head(w, c, w->plain, size);
    else if (c->is_websocket)
        push_websocket(w, c, w->plain, size);
    else
        push_frames(w, c, w->plain, size);
}

void cw_conn_read(struct cw_worker *w, struct cw_conn *c)
{
    cw_conn_mark(w, c); /* TLS may have something to say by itself */
    if (c->state == CW_CONN_HANDSHAKE) {
        int err = cw_tls_handshake(c->tls);
        if (err == CW_OK)
            on_handshake_done(w, c);
        else if (err != CW_ERR_AGAIN)
            on_tls_failed(w, c);
    }
    while (takes_frames(c) || c->state == CW_CONN_HEAD) {
        size_t size = 0;
        int err = cw_tls_read(c->tls, w->plain, read_limit(w, c), &size);
        if (err == CW_ERR_AGAIN)
            break;
        if (err == CW_ERR_CLOSED)
            on_end(w, c);
        else if (err != CW_OK)
            on_tls_failed(w, c);
        else
            consume(w, c, size);
    }
    if (c->state == CW_CONN_PIPE)
        cw_conn_pull(w, c);
}

void cw_conn_on_received(struct cw_worker *w, struct cw_conn *c, const uint8_t *data,
                         int32_t result)
{
    if (c->state == CW_CONN_CLOSED)
        return;
    if (result < 0) {
        cw_conn_drop(w, c, CW_CLOSE_OK, false);
        return;
    }
    if (result == 0) {
        on_end(w, c);
        return;
    }
    size_t size = (size_t)result;
    c->heard_ns = w->now_ns;
    c->received_bytes += size;
    w->counters.bytes_received += size;
    if (c->state == CW_CONN_DRAIN)
        return;
    if (c->tls == NULL) {
        cw_conn_on_head(w, c, data, size);
        return;
    }
    if (cw_tls_feed(c->tls, data, size) != CW_OK) {
        cw_conn_drop(w, c, CW_CLOSE_INTERNAL, false);
        return;
    }
    cw_conn_read(w, c);
}
