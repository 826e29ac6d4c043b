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
    w->counters.received[f->frame.channel].frames++;
    w->counters.received[f->frame.channel].bytes += f->size;
    if (c->participant != NULL)
        cw_gate_on_live(w);
    cw_relay_on_frame(w, c, f);
}

/* ---- what is partly received --------------------------------------------------------------------- */

static struct cw_input *input_of(struct cw_worker *w, struct cw_conn *c)
{
    return c->input != NULL ? c->input : &w->blank;
}

static bool is_at_rest(const struct cw_input *i)
{
    return i->held == NULL && cw_frame_reader_is_at_rest(&i->reader) &&
           cw_websocket_is_at_rest(&i->websocket);
}

static void clear_input(struct cw_worker *w, struct cw_input *i)
{
    cw_frame_reader_fini(&i->reader, &w->frames);
    cw_frame_unref(&w->frames, i->held);
    *i = (struct cw_input){0};
}

void cw_conn_release_input(struct cw_worker *w, struct cw_conn *c)
{
    if (c->input == NULL)
        return;
    clear_input(w, c->input);
    cw_pool_give(&w->input_pool, c->input);
    c->input = NULL;
}

/* After a round: what is partly received stays with the connection, and nothing else. */
static void keep_input(struct cw_worker *w, struct cw_conn *c)
{
    struct cw_input *i = input_of(w, c);
    if (is_at_rest(i)) {
        cw_conn_release_input(w, c);
    } else if (!takes_frames(c)) {
        cw_conn_release_input(w, c);
        clear_input(w, &w->blank);
    } else if (c->input == NULL) {
        c->input = cw_pool_take(&w->input_pool);
        if (c->input == NULL) {
            clear_input(w, &w->blank);
            cw_conn_drop(w, c, CW_CLOSE_OVERLOADED, false);
            return;
        }
        *c->input = w->blank;
        w->blank = (struct cw_input){0};
    }
}

/* ---- plaintext ------------------------------------------------------------------------------------ */

/* Plaintext that is frames; gives how much of it was taken. On a WebSocket a whole frame waits until its message
 * has ended. */
static size_t push_frames(struct cw_worker *w, struct cw_conn *c, const uint8_t *data, size_t size)
{
    size_t at = 0;
    while (at < size && takes_frames(c)) {
        struct cw_input *i = input_of(w, c);
        size_t used = 0;
        struct cw_frame_buffer *f = NULL;
        int err = i->held != NULL ? CW_ERR_INVALID /* more than one frame in a WebSocket message */
                                  : cw_frame_reader_push(&i->reader, &w->frames, data + at,
                                                         size - at, &used, &f);
        if (err != CW_OK) {
            cw_conn_close(w, c, code_of(err), NULL, 0);
            return size;
        }
        at += used;
        if (f == NULL)
            continue;
        if (c->is_websocket)
            i->held = f;
        else
            on_frame(w, c, f);
    }
    return at;
}

static void on_websocket_end(struct cw_worker *w, struct cw_conn *c)
{
    struct cw_input *i = input_of(w, c);
    struct cw_frame_buffer *f = i->held;
    i->held = NULL;
    if (f == NULL || !cw_frame_reader_is_between(&i->reader)) {
        cw_frame_unref(&w->frames, f);
        cw_conn_close(w, c, CW_CLOSE_MALFORMED, NULL, 0);
        return;
    }
    on_frame(w, c, f);
}

static void answer_ping(struct cw_worker *w, struct cw_conn *c, const struct cw_websocket_reader *r)
{
    uint8_t pong[CW_WEBSOCKET_HEADER_BYTES_MAX + CW_WEBSOCKET_CONTROL_BYTES_MAX];
    size_t at = cw_websocket_header(CW_WEBSOCKET_OP_PONG, r->control_bytes, pong);
    memcpy(pong + at, r->control, r->control_bytes);
    cw_conn_write(w, c, pong, at + r->control_bytes);
}

static void on_websocket_failed(struct cw_worker *w, struct cw_conn *c, int err)
{
    uint16_t code = err == CW_ERR_UNSUPPORTED ? CW_WEBSOCKET_CLOSE_TYPE
                    : err == CW_ERR_TOO_LARGE ? CW_WEBSOCKET_CLOSE_TOO_LARGE
                                              : CW_WEBSOCKET_CLOSE_PROTOCOL;
    cw_conn_set_websocket_close(c, code);
    cw_conn_close(w, c, err == CW_ERR_TOO_LARGE ? CW_CLOSE_TOO_LARGE : CW_CLOSE_MALFORMED, NULL, 0);
}

static size_t push_websocket(struct cw_worker *w, struct cw_conn *c, uint8_t *data, size_t size)
{
    enum cw_websocket_event event = CW_WEBSOCKET_NOTHING;
    size_t at = 0;
    do {
        size_t used = 0;
        struct cw_websocket_span payload = {0};
        struct cw_websocket_reader *r = &input_of(w, c)->websocket;
        int err = cw_websocket_read(r, data + at, size - at, &used, &event, &payload);
        if (err != CW_OK) {
            on_websocket_failed(w, c, err);
            return size;
        }
        at += used;
        switch (event) {
        case CW_WEBSOCKET_NOTHING:
        case CW_WEBSOCKET_PONG: break;
        case CW_WEBSOCKET_PAYLOAD: (void)push_frames(w, c, payload.data, payload.size); break;
        case CW_WEBSOCKET_END: on_websocket_end(w, c); break;
        case CW_WEBSOCKET_PING: answer_ping(w, c, r); break;
        case CW_WEBSOCKET_CLOSE:
            cw_conn_set_websocket_close(c, 1000);
            cw_conn_close(w, c, CW_CLOSE_OK, NULL, 0);
            break;
        }
    } while (event != CW_WEBSOCKET_NOTHING && takes_frames(c));
    return at;
}

/* What came behind a HELLO whose connection belongs to another worker goes there with it. */
static void keep_rest(struct cw_conn *c, const uint8_t *data, size_t size)
{
    struct cw_handover *h = c->arrival->handover;
    memcpy(h->rest, data, size);
    h->rest_bytes = (uint32_t)size;
}

/* Often a record, or the WebSocket message in it, is one frame: then the buffer it was opened into is that frame.
 * CW_ERR_AGAIN: it is not. */
static int adopt(struct cw_worker *w, struct cw_conn *c, struct cw_frame_buffer *f, size_t size)
{
    struct cw_input *i = input_of(w, c);
    if (c->is_websocket) {
        struct cw_websocket_span payload;
        if (i->held != NULL || !cw_frame_reader_is_between(&i->reader) ||
            !cw_websocket_read_whole(&i->websocket, f->bytes, size, &payload))
            return CW_ERR_AGAIN;
        f->bytes = payload.data;
        size = payload.size;
        int err = cw_frame_reader_adopt(&i->reader, f, size);
        return err == CW_ERR_AGAIN ? CW_ERR_INVALID : err; /* not one frame in a message */
    }
    return cw_frame_reader_adopt(&i->reader, f, size);
}

/* One record's plaintext in a buffer, whose reference is taken over. */
static void consume(struct cw_worker *w, struct cw_conn *c, struct cw_frame_buffer *f, size_t size)
{
    int err = takes_frames(c) ? adopt(w, c, f, size) : CW_ERR_AGAIN;
    if (err == CW_OK) {
        w->counters.frames_adopted++;
        on_frame(w, c, f);
        return;
    }
    size_t used = size;
    if (err != CW_ERR_AGAIN)
        cw_conn_close(w, c, code_of(err), NULL, 0);
    else if (c->state == CW_CONN_HEAD)
        cw_conn_on_head(w, c, f->bytes, size);
    else if (c->is_websocket)
        used = push_websocket(w, c, f->bytes, size);
    else
        used = push_frames(w, c, f->bytes, size);
    if (used < size && c->state == CW_CONN_HANDOVER)
        keep_rest(c, f->bytes + used, size - used);
    cw_frame_unref(&w->frames, f);
}

/* ---- rounds --------------------------------------------------------------------------------------- */

static void on_tls_failed(struct cw_worker *w, struct cw_conn *c)
{
    int alert = -1;
    const char *why = cw_tls_error(c->tls, &alert);
    cw_log(CW_LOG_DEBUG, "engine.conn", "conn=%llu TLS: %s", (unsigned long long)c->number, why);
    if (c->state == CW_CONN_HANDSHAKE) {
        w->counters.handshakes_failed[alert == 46 ? CW_HANDSHAKE_CERTIFICATE : CW_HANDSHAKE_TLS]++;
        /* Alert 46: a person has not accepted the self-signed certificate yet. */
        if (alert != 46)
            cw_gate_fail(w, c->address, CW_PENALTY_HANDSHAKE);
    }
    /* Nothing can be sealed any more; an alert may still be pending. */
    cw_conn_leave(w, c, CW_CLOSE_MALFORMED);
    cw_conn_clear_all(w, c);
    c->has_last_words = true;
    c->has_ended = true;
    if (c->state < CW_CONN_DRAIN) {
        cw_conn_close_upstream(w, c);
        cw_conn_set_state(w, c, CW_CONN_DRAIN);
    }
    cw_conn_mark(w, c);
}

static void on_end(struct cw_worker *w, struct cw_conn *c)
{
    c->has_ended = true;
    if (c->state == CW_CONN_DRAIN)
        cw_conn_mark(w, c);
    else if (c->state !=
             CW_CONN_PIPE) /* there the other direction goes on until control has ended it */
        cw_conn_drop(w, c, CW_CLOSE_OK, true);
}

static void shake_hands(struct cw_worker *w, struct cw_conn *c)
{
    int err = cw_tls_handshake(w->tls, c->tls, c->arrival->exporter);
    if (err == CW_OK) {
        w->counters.handshakes++;
        cw_latency_add(&w->counters.handshake, w->now_ms - c->arrival->began_ms);
        cw_conn_set_state(w, c, cw_tls_is_native(c->tls) ? CW_CONN_HELLO : CW_CONN_HEAD);
    } else if (err == CW_ERR_FULL) {
        cw_conn_drop(w, c, CW_CLOSE_OVERLOADED, false);
    } else if (err != CW_ERR_AGAIN) {
        on_tls_failed(w, c);
    }
}

/* Opens the next record, straight into what may become a frame. False: nothing more can be read now. */
static bool read_record(struct cw_worker *w, struct cw_conn *c)
{
    size_t most = cw_tls_next(w->tls, c->tls);
    if (most == 0)
        return false;
    struct cw_frame_buffer *f = cw_frame_room(&w->frames, most);
    if (f == NULL) {
        cw_conn_close(w, c, CW_CLOSE_OVERLOADED, NULL, 0);
        return false;
    }
    size_t size = 0;
    int err = cw_tls_open(w->tls, c->tls, f->bytes, &size);
    w->counters.records_opened++;
    if (err == CW_OK && size > 0) {
        consume(w, c, f, size);
        return true;
    }
    cw_frame_unref(&w->frames, f);
    if (err == CW_ERR_CLOSED)
        on_end(w, c);
    else if (err != CW_OK)
        on_tls_failed(w, c);
    return err == CW_OK;
}

/* What TLS has by now, and the end of the round. */
static void go_on_reading(struct cw_worker *w, struct cw_conn *c)
{
    while ((takes_frames(c) || c->state == CW_CONN_HEAD) && read_record(w, c))
        continue;
    if (c->state != CW_CONN_PIPE)
        keep_input(w, c);
    while (c->state == CW_CONN_PIPE && cw_conn_pull(w, c))
        continue;
    int err = cw_tls_keep(w->tls, c->tls);
    if (err != CW_OK && c->state < CW_CONN_DRAIN)
        cw_conn_drop(w, c, CW_CLOSE_INTERNAL, false);
    if (cw_tls_has_pending(c->tls))
        cw_conn_mark(w, c);
}

void cw_conn_read(struct cw_worker *w, struct cw_conn *c, const uint8_t *data, size_t size)
{
    cw_tls_feed(w->tls, c->tls, data, size);
    if (cw_gate_is_newcomer(c) && cw_gate_defers(w, c)) {
        if (cw_tls_keep(w->tls, c->tls) != CW_OK)
            cw_conn_drop(w, c, CW_CLOSE_OVERLOADED, false);
        return;
    }
    if (c->state == CW_CONN_HANDSHAKE)
        shake_hands(w, c);
    go_on_reading(w, c);
}

/* One step of a newcomer: a flight of its handshake, or its HELLO. */
void cw_conn_go_on(struct cw_worker *w, struct cw_conn *c)
{
    bool was_shaking = c->state == CW_CONN_HANDSHAKE;
    cw_tls_feed(w->tls, c->tls, NULL, 0);
    if (was_shaking)
        shake_hands(w, c);
    if (was_shaking && c->state == CW_CONN_HELLO && cw_tls_next(w->tls, c->tls) > 0 &&
        cw_tls_keep(w->tls, c->tls) == CW_OK) {
        cw_gate_puts_first(w,
                           c); /* its HELLO came with the last flight, and is a step of its own */
        if (cw_tls_has_pending(c->tls))
            cw_conn_mark(w, c);
        return;
    }
    go_on_reading(w, c);
}

void cw_conn_read_rest(struct cw_worker *w, struct cw_conn *c, const uint8_t *data, size_t size)
{
    struct cw_frame_buffer *f = takes_frames(c) ? cw_frame_room(&w->frames, size) : NULL;
    if (f == NULL) {
        cw_conn_close(w, c, CW_CLOSE_OVERLOADED, NULL, 0);
        return;
    }
    memcpy(f->bytes, data, size);
    consume(w, c, f, size);
    keep_input(w, c);
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
        if (c->state == CW_CONN_PIPE)
            cw_conn_read(w, c, NULL, 0);
        return;
    }
    size_t size = (size_t)result;
    c->heard_ms = w->now_ms;
    c->received_bytes += size;
    w->counters.bytes_received += size;
    if (c->state == CW_CONN_DRAIN)
        return;
    if (c->tls == NULL)
        cw_conn_on_head(w, c, data, size);
    else
        cw_conn_read(w, c, data, size);
}
