/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP heads, and pages as a pipe to control's web.sock. */
#include <string.h>

#include "engine/base/err.h"
#include "engine/conn.h"
#include "engine/http_reply.h"
#include "engine/worker_state.h"

enum { PREFACE_BYTES = 16 + 36 };

static void answer(struct cw_worker *w, struct cw_conn *c, enum cw_http_page page)
{
    size_t size = cw_http_reply_page(page, w->scratch, sizeof w->scratch);
    cw_conn_write(w, c, w->scratch, size);
    if (page == CW_HTTP_PAGE_WRONG_ORIGIN)
        cw_conn_refuse(w, c, CW_CLOSE_NOT_PERMITTED, "WebSocket from a wrong Origin");
    else
        cw_conn_close(w, c,
                      page == CW_HTTP_PAGE_UNAVAILABLE ? CW_CLOSE_UNAVAILABLE : CW_CLOSE_MALFORMED,
                      NULL, 0);
}

static void redirect(struct cw_worker *w, struct cw_conn *c)
{
    const struct cw_http_span *target = &c->arrival->head.target;
    size_t size =
        cw_http_reply_redirect(w->config.public_origin, c->arrival->chunk->bytes + target->at,
                               target->size, w->scratch, sizeof w->scratch);
    w->counters.redirects++;
    cw_conn_write(w, c, w->scratch, size);
    cw_conn_close(w, c, CW_CLOSE_OK, NULL, 0);
}

static void upgrade(struct cw_worker *w, struct cw_conn *c, size_t head_bytes)
{
    char accept[CW_WEBSOCKET_ACCEPT_BYTES];
    struct cw_arrival *a = c->arrival;
    const uint8_t *key = a->chunk->bytes + a->head.key.at;
    if (a->chunk->size != head_bytes ||
        cw_websocket_accept((const char *)key, a->head.key.size, accept) != CW_OK) {
        answer(w, c, CW_HTTP_PAGE_BAD_REQUEST); /* a client waits for 101 before it sends frames */
        return;
    }
    size_t size = cw_http_reply_upgrade(accept, w->scratch, sizeof w->scratch);
    cw_conn_write(w, c, w->scratch, size);
    cw_pool_give(&w->chunk_pool, a->chunk);
    a->chunk = NULL;
    if (c->state != CW_CONN_HEAD)
        return; /* the answer could not be queued */
    c->is_websocket = true;
    w->counters.websockets++;
    cw_conn_set_state(w, c, CW_CONN_HELLO);
    cw_conn_send_message(w, c, CW_MESSAGE_CHALLENGE, a->exporter, sizeof a->exporter);
}

/* PROXY protocol version 2: command PROXY, TCP over IPv6, client's address; ours is not interesting. */
static void write_preface(const struct cw_conn *c, uint8_t out[PREFACE_BYTES])
{
    static const uint8_t start[16] = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51,
                                      0x55, 0x49, 0x54, 0x0A, 0x21, 0x21, 0x00, 36};
    memset(out, 0, PREFACE_BYTES);
    memcpy(out, start, sizeof start);
    memcpy(out + 16, c->address, 16);          /* source address; the destination stays :: */
    memcpy(out + 16 + 32, c->address + 16, 2); /* source port; the destination's stays 0 */
}

/* The head, and whatever came with it, goes to control behind the preface. */
static void begin_pipe(struct cw_worker *w, struct cw_conn *c)
{
    struct cw_arrival *a = c->arrival;
    w->counters.pipes++;
    memmove(a->chunk->bytes + PREFACE_BYTES, a->chunk->bytes, a->chunk->size);
    write_preface(c, a->chunk->bytes);
    a->chunk->size += PREFACE_BYTES;
    a->chunk->at = 0;
    if (w->io->ops->connect_unix(w->io, w->config.web_path, &a->upstream) != CW_OK) {
        a->upstream = 0;
        answer(w, c, CW_HTTP_PAGE_UNAVAILABLE);
        return;
    }
    cw_conn_add_socket(w, a->upstream, c);
    cw_conn_set_state(w, c, CW_CONN_PIPE);
}

static void judge(struct cw_worker *w, struct cw_conn *c, size_t head_bytes)
{
    if (c->state == CW_CONN_PLAIN) {
        redirect(w, c);
        return;
    }
    switch (cw_http_head_judge(&c->arrival->head, c->arrival->chunk->bytes, cw_worker_origins(w))) {
    case CW_HTTP_PIPE: begin_pipe(w, c); break;
    case CW_HTTP_WEBSOCKET: upgrade(w, c, head_bytes); break;
    case CW_HTTP_BAD_UPGRADE: answer(w, c, CW_HTTP_PAGE_BAD_REQUEST); break;
    case CW_HTTP_WRONG_ORIGIN: answer(w, c, CW_HTTP_PAGE_WRONG_ORIGIN); break;
    }
}

void cw_conn_on_head(struct cw_worker *w, struct cw_conn *c, const uint8_t *data, size_t size)
{
    struct cw_chunk *chunk = c->arrival->chunk;
    if (chunk == NULL) {
        chunk = c->arrival->chunk = cw_pool_take(&w->chunk_pool);
        if (chunk == NULL) {
            cw_conn_drop(w, c, CW_CLOSE_OVERLOADED, false);
            return;
        }
        chunk->at = 0;
        chunk->size = 0;
    }
    /* Room for the preface stays. */
    size_t room = sizeof chunk->bytes - PREFACE_BYTES - chunk->size;
    bool is_all_kept = size <= room;
    if (!is_all_kept)
        size = room;
    memcpy(chunk->bytes + chunk->size, data, size);
    chunk->size += (uint32_t)size;
    size_t head_bytes = 0;
    int err = cw_http_head_parse(&c->arrival->head, chunk->bytes, chunk->size, &head_bytes);
    if (err == CW_ERR_AGAIN)
        return;
    if (err != CW_OK || !is_all_kept)
        answer(w, c,
               err == CW_OK || err == CW_ERR_TOO_LARGE ? CW_HTTP_PAGE_HEAD_TOO_LARGE
                                                       : CW_HTTP_PAGE_BAD_REQUEST);
    else
        judge(w, c, head_bytes);
}

static void send_upstream(struct cw_worker *w, struct cw_conn *c)
{
    struct cw_arrival *a = c->arrival;
    struct iovec iov = {.iov_base = a->chunk->bytes + a->chunk->at,
                        .iov_len = a->chunk->size - a->chunk->at};
    if (w->io->ops->send(w->io, a->upstream, &iov, 1) != CW_OK)
        cw_conn_drop(w, c, CW_CLOSE_OVERLOADED, false);
    else
        a->upstream_is_sending = true;
}

void cw_conn_on_connected(struct cw_worker *w, struct cw_conn *c, int32_t result)
{
    if (c->state != CW_CONN_PIPE)
        return;
    if (result != 0) {
        answer(w, c, CW_HTTP_PAGE_UNAVAILABLE);
        return;
    }
    c->arrival->upstream_is_connected = true;
    if (w->io->ops->recv_start(w->io, c->arrival->upstream) != CW_OK)
        cw_conn_drop(w, c, CW_CLOSE_OVERLOADED, false);
    else
        send_upstream(w, c);
}

/* Everything the browser sent has been passed on, and so is its end: control finishes the answer under way,
 * if any, and closes; that closes the browser's side. Without it both would stay until control's idle time. */
static void end_upstream(struct cw_worker *w, struct cw_conn *c)
{
    c->has_ended = true;
    c->arrival->upstream_is_shut = true;
    w->io->ops->shutdown(w->io, c->arrival->upstream);
}

/* Nothing whole is left in TLS. */
static void on_pulled_all(struct cw_worker *w, struct cw_conn *c)
{
    if (c->has_ended) {
        end_upstream(w, c);
    } else if (c->is_paused) {
        c->is_paused = false;
        if (w->io->ops->recv_start(w->io, c->socket) != CW_OK)
            cw_conn_drop(w, c, CW_CLOSE_OVERLOADED, false);
    }
}

bool cw_conn_pull(struct cw_worker *w, struct cw_conn *c)
{
    struct cw_arrival *a = c->arrival;
    if (!a->upstream_is_connected || a->upstream_is_sending || a->upstream_is_shut ||
        a->upstream_has_ended) {
        /* Control is slow, or takes nothing more: the browser's bytes wait in its kernel, not here. */
        if (!c->is_paused && !c->has_ended) {
            c->is_paused = true;
            w->io->ops->recv_stop(w->io, c->socket);
        }
        return false;
    }
    if (cw_tls_next(w->tls, c->tls) == 0) {
        on_pulled_all(w, c);
        return false;
    }
    size_t size = 0;
    int err = cw_tls_open(w->tls, c->tls, a->chunk->bytes, &size);
    if (err == CW_ERR_CLOSED) {
        end_upstream(w, c);
    } else if (err != CW_OK) {
        cw_conn_drop(w, c, CW_CLOSE_MALFORMED, false);
    } else if (size > 0) {
        a->chunk->at = 0;
        a->chunk->size = (uint32_t)size;
        send_upstream(w, c);
    }
    return c->state == CW_CONN_PIPE && !a->upstream_is_shut;
}

void cw_conn_on_upstream_sent(struct cw_worker *w, struct cw_conn *c, int32_t result)
{
    struct cw_arrival *a = c->arrival;
    a->upstream_is_sending = false;
    if (c->state != CW_CONN_PIPE)
        return;
    if (result < 0) {
        /* Control closed its side for reading; what it has answered is still to be received. */
        a->upstream_is_shut = true;
        return;
    }
    a->chunk->at += (uint32_t)result;
    if (a->chunk->at < a->chunk->size)
        send_upstream(w, c);
    else
        cw_conn_read(w, c, NULL, 0);
}

/* What waits for the browser, sealed or not. */
static size_t waiting_bytes(const struct cw_conn *c)
{
    return cw_conn_waiting_bytes(c) + (c->output != NULL ? c->output->size - c->output->at : 0);
}

void cw_conn_on_upstream(struct cw_worker *w, struct cw_conn *c, const uint8_t *data,
                         int32_t result)
{
    if (c->state != CW_CONN_PIPE)
        return;
    if (result <= 0) {
        c->arrival->upstream_has_ended = true;
        cw_conn_mark(w, c);
        return;
    }
    cw_conn_write(w, c, data, (size_t)result);
    if (c->state == CW_CONN_PIPE && waiting_bytes(c) > CW_RELAY_PIPE_OUTPUT_BYTES_MAX &&
        !c->arrival->upstream_is_paused) {
        c->arrival->upstream_is_paused = true;
        w->io->ops->recv_stop(w->io, c->arrival->upstream);
    }
}

void cw_conn_resume_upstream(struct cw_worker *w, struct cw_conn *c)
{
    struct cw_arrival *a = c->arrival;
    if (!a->upstream_is_paused || a->upstream_has_ended ||
        waiting_bytes(c) > CW_RELAY_PIPE_OUTPUT_BYTES_MAX / 2)
        return;
    a->upstream_is_paused = false;
    if (w->io->ops->recv_start(w->io, a->upstream) != CW_OK)
        cw_conn_drop(w, c, CW_CLOSE_OVERLOADED, false);
}
