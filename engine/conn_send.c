/* SPDX-License-Identifier: Apache-2.0 */
/* What waits for a connection, and one send at a time: sealed when the socket is free, never before. */
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/conn.h"
#include "engine/worker_state.h"

/* ---- the queue ------------------------------------------------------------------------------------ */

void cw_conn_mark(struct cw_worker *w, struct cw_conn *c)
{
    if (cw_list_is_empty(&c->dirty) && c->state != CW_CONN_CLOSED)
        cw_list_append(&w->dirty, &c->dirty);
}

uint32_t cw_conn_queued_bytes(const struct cw_conn *c, uint8_t channel)
{
    return c->queue != NULL ? c->queue->channels[channel].bytes : 0;
}

uint32_t cw_conn_waiting_bytes(const struct cw_conn *c)
{
    return c->queue != NULL ? c->queue->bytes : 0;
}

uint32_t cw_conn_reliable_bytes(const struct cw_conn *c)
{
    return c->queue != NULL ? cw_queue_reliable_bytes(c->queue) : 0;
}

static void release_queue_at_rest(struct cw_worker *w, struct cw_conn *c)
{
    if (c->queue == NULL || !cw_queue_is_at_rest(c->queue))
        return;
    cw_pool_give(&w->queue_pool, c->queue);
    c->queue = NULL;
}

const struct cw_frame_buffer *cw_conn_oldest(const struct cw_conn *c, uint8_t channel)
{
    const struct cw_queue_entry *entry = c->queue != NULL ? c->queue->channels[channel].head : NULL;
    return entry != NULL ? entry->frame : NULL;
}

uint64_t cw_conn_progress_ns(const struct cw_worker *w, const struct cw_conn *c)
{
    uint32_t ago_ms = c->is_sending ? w->now_ms - c->output->progress_ms : 0;
    return w->now_ns - ago_ms * UINT64_C(1000000);
}

static uint32_t queued_frames(const struct cw_conn *c)
{
    return c->queue != NULL ? c->queue->frames : 0;
}

/* Whoever has left hears no more of anything; in between it is the channel that has ended for it. */
void cw_conn_clear(struct cw_worker *w, struct cw_conn *c, uint8_t channel)
{
    uint32_t before = queued_frames(c);
    if (c->queue != NULL)
        cw_queue_clear(c->queue, &w->entry_pool, &w->frames, channel);
    w->counters.dropped[c->role == CW_ROLE_NONE ? CW_DROP_CLOSING : CW_DROP_CHANNEL] +=
        before - queued_frames(c);
    release_queue_at_rest(w, c);
}

void cw_conn_clear_stream(struct cw_worker *w, struct cw_conn *c, uint8_t channel, uint16_t stream)
{
    uint32_t before = queued_frames(c);
    if (c->queue != NULL)
        cw_queue_clear_stream(c->queue, &w->entry_pool, &w->frames, channel, stream);
    w->counters.dropped[CW_DROP_STREAM_CLOSED] += before - queued_frames(c);
    release_queue_at_rest(w, c);
}

bool cw_conn_clear_messages(struct cw_worker *w, struct cw_conn *c, uint8_t channel)
{
    if (c->queue == NULL)
        return false;
    uint32_t before = queued_frames(c);
    bool is_growing = cw_queue_clear_messages(c->queue, &w->entry_pool, &w->frames, channel);
    w->counters.dropped[CW_DROP_VIEWER_BEHIND] += before - queued_frames(c);
    release_queue_at_rest(w, c);
    return is_growing;
}

void cw_conn_clear_all(struct cw_worker *w, struct cw_conn *c)
{
    w->counters.dropped[CW_DROP_CLOSING] += queued_frames(c);
    if (c->queue != NULL)
        cw_queue_clear_all(c->queue, &w->entry_pool, &w->frames);
    release_queue_at_rest(w, c);
}

/* Takes a new reference. */
static int push(struct cw_worker *w, struct cw_conn *c, struct cw_frame_buffer *f)
{
    if (c->queue == NULL) {
        c->queue = cw_pool_take(&w->queue_pool);
        if (c->queue == NULL)
            return CW_ERR_FULL;
        *c->queue = (struct cw_queue){0};
    }
    if (f->frame.channel == CW_CHANNEL_INPUT || f->frame.channel == CW_CHANNEL_SHELL)
        c->urgent_ms = w->now_ms;
    int err = cw_queue_push(c->queue, &w->entry_pool, f);
    release_queue_at_rest(w, c);
    return err;
}

/* Frames of screen have their limit in bytes; keys and lines are small, so their number counts too. */
static bool waits_too_much(const struct cw_worker *w, const struct cw_queue *q)
{
    return cw_queue_reliable_bytes(q) > w->settings.reliable_queue_bytes ||
           cw_queue_reliable_frames(q) > CW_RELAY_QUEUE_FRAMES_MAX;
}

void cw_conn_send(struct cw_worker *w, struct cw_conn *c, struct cw_frame_buffer *f)
{
    if (c->state >= CW_CONN_DRAIN) {
        w->counters.dropped[CW_DROP_CLOSING]++;
        return;
    }
    if (push(w, c, f) != CW_OK) {
        cw_conn_drop(w, c, CW_CLOSE_OVERLOADED, false);
        return;
    }
    cw_conn_mark(w, c);
    if (!waits_too_much(w, c->queue))
        return;
    /* CLOSE itself must go out: what made the queue too long goes first. */
    cw_conn_clear_all(w, c);
    cw_conn_close(w, c, CW_CLOSE_TOO_SLOW, NULL, 0);
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

void cw_conn_write(struct cw_worker *w, struct cw_conn *c, const uint8_t *data, size_t size)
{
    while (size > 0 && c->state < CW_CONN_DRAIN) {
        size_t part = size < CW_FRAME_BYTES_MAX ? size : CW_FRAME_BYTES_MAX;
        struct cw_frame_buffer *f = cw_frame_raw(&w->frames, data, part);
        if (f == NULL) {
            cw_conn_drop(w, c, CW_CLOSE_OVERLOADED, false);
            return;
        }
        cw_conn_send(w, c, f);
        cw_frame_unref(&w->frames, f);
        data += part;
        size -= part;
    }
}

void cw_conn_set_websocket_close(struct cw_conn *c, uint16_t code)
{
    CW_CHECK(code >= 1000 && code < 1000 + UINT8_MAX, "codes of the WebSocket layer itself");
    c->websocket_close = (uint8_t)(code - 1000 + 1);
}

/* ---- the output ----------------------------------------------------------------------------------- */

void cw_conn_release_output(struct cw_worker *w, struct cw_conn *c)
{
    if (c->output == NULL)
        return;
    bool is_large = c->output->capacity > CW_RELAY_SMALL_OUTPUT_BYTES;
    cw_pool_give(is_large ? &w->large_output_pool : &w->small_output_pool, c->output);
    c->output = NULL;
}

/* Large when it pays. A page, which anybody can ask for, leaves half of the large ones to sessions. */
static struct cw_output *take_output(struct cw_worker *w, const struct cw_conn *c)
{
    uint32_t frames = c->queue != NULL ? c->queue->frames : 0;
    size_t need = cw_conn_waiting_bytes(c) + frames * (size_t)CW_WEBSOCKET_HEADER_BYTES_MAX;
    struct cw_pool *large = &w->large_output_pool;
    size_t capacity = CW_RELAY_SMALL_OUTPUT_BYTES;
    struct cw_output *o = NULL;
    if (need + CW_RELAY_OUTPUT_OWN_BYTES <= CW_RELAY_SMALL_OUTPUT_BYTES - sizeof *o)
        o = cw_pool_take(&w->small_output_pool);
    if (o == NULL && (c->state != CW_CONN_PIPE || large->used < large->count / 2)) {
        capacity = CW_RELAY_LARGE_OUTPUT_BYTES;
        o = cw_pool_take(large);
    }
    if (o != NULL)
        *o = (struct cw_output){.capacity = (uint32_t)(capacity - sizeof *o)};
    return o;
}

/* What TLS has to say by itself. */
static void fill_pending(struct cw_worker *w, struct cw_conn *c)
{
    struct cw_output *o = c->output;
    while (cw_tls_has_pending(c->tls) && o->capacity - o->size >= CW_TLS_PENDING_BYTES_MIN) {
        size_t size = cw_tls_pending(w->tls, c->tls, o->bytes + o->size, o->capacity - o->size);
        if (size == 0)
            return;
        o->size += (uint32_t)size;
    }
}

static void gather_piece(struct cw_gather *g, uint8_t *bytes, size_t size)
{
    g->pieces[g->piece_count++] = (struct iovec){.iov_base = bytes, .iov_len = size};
    g->bytes += size;
}

/* Takes the next frame out of the queue and into the record. */
static void gather_frame(struct cw_worker *w, struct cw_conn *c)
{
    struct cw_gather *g = &w->gather;
    struct cw_frame_buffer *f = cw_queue_pop(c->queue, &w->entry_pool);
    if (c->is_websocket && !f->is_raw) {
        uint8_t *header = g->headers[g->frame_count];
        gather_piece(g, header, cw_websocket_header(CW_WEBSOCKET_OP_BINARY, f->size, header));
    }
    gather_piece(g, f->bytes, f->size);
    g->frames[g->frame_count++] = f;
    if (!f->is_raw && cw_message_is_stream_data(f->frame.type))
        cw_channel_on_left(w, c, f);
    w->counters.frames_sent++;
    if (!f->is_raw) {
        w->counters.sent[f->frame.channel].frames++;
        w->counters.sent[f->frame.channel].bytes += f->size;
    }
}

/* Whole frames, most urgent first, for one record of at most this size: always one, then as many as fit. */
static void gather(struct cw_worker *w, struct cw_conn *c, size_t most)
{
    struct cw_gather *g = &w->gather;
    g->piece_count = 0;
    g->frame_count = 0;
    g->bytes = 0;
    const size_t around = c->is_websocket ? CW_WEBSOCKET_HEADER_BYTES_MAX : 0;
    for (const struct cw_frame_buffer *next = cw_queue_peek(c->queue);
         next != NULL && g->frame_count < CW_GATHER_FRAMES_MAX &&
         (g->frame_count == 0 || g->bytes + next->size + around <= most);
         next = cw_queue_peek(c->queue))
        gather_frame(w, c);
}

/* One full frame and its WebSocket header are four bytes more than a record takes: the rest becomes a record of
 * its own. */
static int seal_rest(struct cw_worker *w, struct cw_conn *c, uint8_t *out, size_t *ret_size)
{
    struct cw_gather *g = &w->gather;
    size_t over = g->bytes - CW_FRAME_BYTES_MAX;
    struct iovec *last = &g->pieces[g->piece_count - 1];
    struct iovec rest = {.iov_base = (uint8_t *)last->iov_base + last->iov_len - over,
                         .iov_len = over};
    size_t first = 0;
    size_t second = 0;
    last->iov_len -= over;
    int err = cw_tls_seal(w->tls, c->tls, g->pieces, g->piece_count, out, &first);
    if (err == CW_OK)
        err = cw_tls_seal(w->tls, c->tls, &rest, 1, out + first, &second);
    w->counters.records_sealed++;
    *ret_size = first + second;
    return err;
}

/* The gathered frames go into the output, as a record or as they are. */
static int put_gathered(struct cw_worker *w, struct cw_conn *c)
{
    struct cw_gather *g = &w->gather;
    struct cw_output *o = c->output;
    uint8_t *out = o->bytes + o->size;
    size_t size = 0;
    int err = CW_OK;
    if (c->tls == NULL) {
        for (unsigned i = 0; i < g->piece_count; size += g->pieces[i++].iov_len)
            memcpy(out + size, g->pieces[i].iov_base, g->pieces[i].iov_len);
    } else {
        w->counters.records_sealed++;
        err = g->bytes <= CW_FRAME_BYTES_MAX
                  ? cw_tls_seal(w->tls, c->tls, g->pieces, g->piece_count, out, &size)
                  : seal_rest(w, c, out, &size);
    }
    for (unsigned i = 0; i < g->frame_count; i++)
        cw_frame_unref(&w->frames, g->frames[i]);
    if (err == CW_OK)
        o->size += (uint32_t)size;
    return err;
}

/* Seals the most urgent frames while there is room. What comes later can still overtake the rest. */
static int fill_frames(struct cw_worker *w, struct cw_conn *c)
{
    struct cw_output *o = c->output;
    const size_t bulk_most = w->now_ms - c->urgent_ms < CW_RELAY_URGENT_MS
                                 ? CW_RELAY_BULK_BATCH_URGENT_BYTES
                                 : CW_RELAY_BULK_BATCH_BYTES;
    size_t bulk = 0;
    int err = CW_OK;
    while (err == CW_OK && c->queue != NULL && bulk < bulk_most) {
        const struct cw_frame_buffer *next = cw_queue_peek(c->queue);
        if (next == NULL)
            break;
        size_t room = o->capacity - o->size;
        if (room < next->size + (size_t)CW_RELAY_OUTPUT_OWN_BYTES)
            break;
        room -= CW_RELAY_OUTPUT_OWN_BYTES;
        bool is_bulk = cw_channel_send_class(next->frame.channel) >= CW_RELAY_BULK_CLASS;
        gather(w, c, room < CW_FRAME_BYTES_MAX ? room : CW_FRAME_BYTES_MAX);
        bulk += is_bulk ? w->gather.bytes : 0;
        err = put_gathered(w, c);
        release_queue_at_rest(w, c);
    }
    return err;
}

/* The closing words of the layers below frames: WebSocket's here, TLS's once everything is sealed. */
static void queue_last_words(struct cw_worker *w, struct cw_conn *c)
{
    c->has_last_words = true;
    if (!c->is_websocket)
        return;
    const char *text = cw_close_text(c->close_code);
    uint16_t code = c->websocket_close != 0 ? (uint16_t)(1000 + c->websocket_close - 1)
                                            : (uint16_t)(CW_WEBSOCKET_CLOSE_BASE + c->close_code);
    uint8_t bytes[2 + CW_WEBSOCKET_CONTROL_BYTES_MAX];
    size_t size = cw_websocket_close_frame(code, text, strlen(text), bytes);
    struct cw_frame_buffer *f = cw_frame_raw(&w->frames, bytes, size);
    if (f != NULL)
        (void)push(w, c, f); /* without room it ends without them */
    cw_frame_unref(&w->frames, f);
}

/* Fills the output. CW_OK although nothing was there to say: the output is empty then. */
static int fill(struct cw_worker *w, struct cw_conn *c)
{
    if (c->tls != NULL)
        fill_pending(w, c);
    int err = fill_frames(w, c);
    if (err == CW_OK && c->tls != NULL && c->queue == NULL && c->has_last_words) {
        cw_tls_close(w->tls, c->tls);
        fill_pending(w, c);
    }
    return err;
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
        if (c->arrival->upstream_has_ended)
            cw_conn_close(w, c, CW_CLOSE_OK, NULL, 0);
    }
}

static bool has_something(const struct cw_conn *c)
{
    return cw_conn_waiting_bytes(c) > 0 || (c->tls != NULL && cw_tls_has_pending(c->tls));
}

static void send_output(struct cw_worker *w, struct cw_conn *c)
{
    struct cw_output *o = c->output;
    struct iovec iov = {.iov_base = o->bytes + o->at, .iov_len = o->size - o->at};
    if (w->io->ops->send(w->io, c->socket, &iov, 1) != CW_OK) {
        cw_conn_drop(w, c, CW_CLOSE_OVERLOADED, false);
        return;
    }
    w->counters.sends++;
    c->is_sending = true;
    o->progress_ms = w->now_ms;
    cw_conn_watch_send(w, c);
}

void cw_conn_flush(struct cw_worker *w, struct cw_conn *c)
{
    if (c->is_sending || c->socket == 0 || c->state == CW_CONN_CLOSED)
        return;
    if (c->output == NULL) {
        bool is_last = c->state == CW_CONN_DRAIN && !c->has_last_words;
        if (is_last && c->tls != NULL)
            queue_last_words(w, c);
        if (!is_last && !has_something(c)) {
            on_idle(w, c);
            return;
        }
        c->output = take_output(w, c);
        if (c->output == NULL) {
            w->counters.outputs_starved++;
            cw_list_append(&w->starved, &c->dirty);
            return;
        }
        if (fill(w, c) != CW_OK) {
            cw_conn_release_output(w, c);
            cw_conn_drop(w, c, CW_CLOSE_INTERNAL, false);
            return;
        }
        if (c->output->size == 0) {
            CW_CHECK(cw_conn_waiting_bytes(c) == 0, "an output has room for at least one frame");
            cw_conn_release_output(w, c);
            on_idle(w, c);
            return;
        }
    }
    send_output(w, c);
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
    struct cw_output *o = c->output;
    c->sent_bytes += (uint32_t)result;
    w->counters.bytes_sent += (uint32_t)result;
    o->at += (uint32_t)result;
    o->progress_ms = w->now_ms;
    if (c->state == CW_CONN_PIPE)
        c->arrival->progress_ms = w->now_ms;
    if (o->at == o->size)
        cw_conn_release_output(w, c);
    if (c->state == CW_CONN_PIPE)
        cw_conn_resume_upstream(w, c);
    if (c->participant != NULL)
        cw_fanout_on_sent(w, c->participant);
    cw_conn_mark(w, c);
}
