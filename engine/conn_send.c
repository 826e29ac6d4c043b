/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/conn.h"
#include "engine/worker_state.h"

void cw_conn_mark(struct cw_worker *w, struct cw_conn *c)
{
    if (cw_list_is_empty(&c->dirty) && c->state != CW_CONN_CLOSED)
        cw_list_append(&w->dirty, &c->dirty);
}

void cw_conn_send(struct cw_worker *w, struct cw_conn *c, struct cw_frame_buffer *f)
{
    if (c->state >= CW_CONN_DRAIN)
        return;
    if (cw_queue_push(&c->queue, &w->entry_pool, f) != CW_OK) {
        cw_conn_drop(w, c, CW_CLOSE_OVERLOADED, false);
        return;
    }
    cw_conn_mark(w, c);
    if (cw_queue_reliable_bytes(&c->queue) <= w->settings.reliable_queue_bytes)
        return;
    /* CLOSE itself must go out: what made the queue too long goes first. */
    cw_queue_clear_all(&c->queue, &w->entry_pool, &w->frames);
    cw_conn_close(w, c, CW_CLOSE_TOO_SLOW, NULL, 0);
}

uint32_t cw_conn_queued_bytes(const struct cw_conn *c, uint8_t channel)
{
    return c->queue.channels[channel].bytes;
}

uint32_t cw_conn_waiting_bytes(const struct cw_conn *c)
{
    return c->queue.bytes;
}

uint32_t cw_conn_reliable_bytes(const struct cw_conn *c)
{
    return cw_queue_reliable_bytes(&c->queue);
}

const struct cw_frame_buffer *cw_conn_oldest(const struct cw_conn *c, uint8_t channel)
{
    const struct cw_queue_entry *entry = c->queue.channels[channel].head;
    return entry != NULL ? entry->frame : NULL;
}

void cw_conn_clear(struct cw_worker *w, struct cw_conn *c, uint8_t channel)
{
    cw_queue_clear(&c->queue, &w->entry_pool, &w->frames, channel);
}

bool cw_conn_clear_messages(struct cw_worker *w, struct cw_conn *c, uint8_t channel)
{
    return cw_queue_clear_messages(&c->queue, &w->entry_pool, &w->frames, channel);
}

void cw_conn_send_message(struct cw_worker *w, struct cw_conn *c, uint8_t type, const void *payload,
                          size_t payload_bytes)
{
    if (c->state >= CW_CONN_DRAIN)
        return;
    uint32_t session = c->state == CW_CONN_OPEN ? c->session : 0;
    struct cw_frame_buffer *f = cw_frame_make(&w->frames, type, session, payload, payload_bytes);
    if (f == NULL) {
        cw_conn_drop(w, c, CW_CLOSE_OVERLOADED, false);
        return;
    }
    cw_conn_send(w, c, f);
    cw_frame_unref(&w->frames, f);
}

static const uint8_t *output_of(struct cw_conn *c, size_t *ret_size)
{
    if (c->tls != NULL)
        return cw_tls_output(c->tls, ret_size);
    *ret_size = c->plain_out != NULL ? c->plain_out->size - c->plain_out->at : 0;
    return c->plain_out != NULL ? c->plain_out->bytes + c->plain_out->at : NULL;
}

void cw_conn_write(struct cw_worker *w, struct cw_conn *c, const uint8_t *data, size_t size)
{
    c->unsent_bytes += size;
    if (c->tls != NULL) {
        if (cw_tls_write(c->tls, data, size) != CW_OK)
            cw_conn_drop(w, c, CW_CLOSE_INTERNAL, false);
    } else {
        if (c->plain_out == NULL) {
            c->plain_out = cw_pool_take(&w->chunk_pool);
            if (c->plain_out == NULL) {
                cw_conn_drop(w, c, CW_CLOSE_OVERLOADED, false);
                return;
            }
            c->plain_out->at = 0;
            c->plain_out->size = 0;
        }
        CW_CHECK(size <= sizeof c->plain_out->bytes - c->plain_out->size,
                 "a plain connection gets one answer");
        memcpy(c->plain_out->bytes + c->plain_out->size, data, size);
        c->plain_out->size += (uint32_t)size;
    }
    cw_conn_mark(w, c);
}

/* Seals the most urgent frames, up to one batch. Later ones can still be overtaken by input. */
static void fill(struct cw_worker *w, struct cw_conn *c)
{
    size_t at = 0;
    for (uint32_t next = cw_queue_next_size(&c->queue); next != 0;
         next = cw_queue_next_size(&c->queue)) {
        if (at > 0 && at + next + CW_WEBSOCKET_HEADER_BYTES_MAX > CW_RELAY_BATCH_BYTES)
            break;
        struct cw_frame_buffer *f = cw_queue_pop(&c->queue, &w->entry_pool);
        if (c->is_websocket)
            at += cw_websocket_header(CW_WEBSOCKET_OP_BINARY, f->size, w->batch + at);
        memcpy(w->batch + at, f->bytes, f->size);
        at += f->size;
        w->counters.frames_sent++;
        cw_frame_unref(&w->frames, f);
    }
    if (at > 0)
        cw_conn_write(w, c, w->batch, at);
}

/* The closing bytes of the layers below frames. */
static void write_last_words(struct cw_worker *w, struct cw_conn *c)
{
    c->has_last_words = true;
    if (c->is_websocket) {
        const char *text = cw_close_text(c->close_code);
        uint16_t code = c->websocket_close != 0
                            ? c->websocket_close
                            : (uint16_t)(CW_WEBSOCKET_CLOSE_BASE + c->close_code);
        uint8_t frame[2 + CW_WEBSOCKET_CONTROL_BYTES_MAX];
        size_t size = cw_websocket_close_frame(code, text, strlen(text), frame);
        cw_conn_write(w, c, frame, size);
    }
    if (c->tls != NULL && c->state == CW_CONN_DRAIN)
        cw_tls_close(c->tls);
}

/* Everything has left: what the state waited for can happen. */
static void on_idle(struct cw_worker *w, struct cw_conn *c)
{
    if (c->state == CW_CONN_HANDOVER) {
        if (c->is_detaching)
            return;
        c->is_detaching = true;
        if (w->io->ops->detach(w->io, c->socket) != CW_OK) {
            c->is_detaching = false;
            cw_conn_drop(w, c, CW_CLOSE_INTERNAL, false);
        }
    } else if (c->state == CW_CONN_DRAIN) {
        if (c->has_ended)
            cw_conn_drop(w, c, c->close_code, true);
    } else if (c->state == CW_CONN_PIPE) {
        if (c->upstream_has_ended)
            cw_conn_close(w, c, CW_CLOSE_OK, NULL, 0);
    }
}

void cw_conn_flush(struct cw_worker *w, struct cw_conn *c)
{
    if (c->is_sending || c->socket == 0 || c->state == CW_CONN_CLOSED)
        return;
    size_t size = 0;
    const uint8_t *output = output_of(c, &size);
    if (size == 0 && c->queue.bytes > 0) {
        fill(w, c);
        output = output_of(c, &size);
    }
    if (size == 0 && c->state == CW_CONN_DRAIN && !c->has_last_words) {
        write_last_words(w, c);
        output = output_of(c, &size);
    }
    if (c->state == CW_CONN_CLOSED)
        return;
    if (size == 0) {
        c->unsent_bytes = 0;
        on_idle(w, c);
        return;
    }
    struct iovec iov = {.iov_base = (void *)(uintptr_t)output, .iov_len = size};
    if (w->io->ops->send(w->io, c->socket, &iov, 1) != CW_OK) {
        cw_conn_drop(w, c, CW_CLOSE_OVERLOADED, false);
        return;
    }
    c->is_sending = true;
    c->progress_ns = w->now_ns;
}

void cw_conn_on_sent(struct cw_worker *w, struct cw_conn *c, int32_t result)
{
    c->is_sending = false;
    if (c->state == CW_CONN_CLOSED)
        return;
    if (result < 0) {
        cw_conn_drop(w, c, CW_CLOSE_OK, false);
        return;
    }
    size_t sent = (size_t)result;
    c->sent_bytes += sent;
    c->unsent_bytes -= sent < c->unsent_bytes ? sent : c->unsent_bytes;
    w->counters.bytes_sent += sent;
    c->progress_ns = w->now_ns;
    if (c->tls != NULL)
        cw_tls_sent(c->tls, sent);
    else
        c->plain_out->at += (uint32_t)sent;
    if (c->state == CW_CONN_PIPE)
        cw_conn_resume_upstream(w, c);
    if (c->participant != NULL)
        cw_fanout_on_sent(w, c->participant);
    cw_conn_mark(w, c);
}
