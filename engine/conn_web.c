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
    uint8_t *reply = w->batch; /* free between batches */
    size_t size = cw_http_reply_page(page, reply, sizeof w->batch);
    cw_conn_write(w, c, reply, size);
    if (page == CW_HTTP_PAGE_WRONG_ORIGIN)
        cw_conn_refuse(w, c, CW_CLOSE_NOT_PERMITTED, "WebSocket from a wrong Origin");
    else
        cw_conn_close(w, c,
                      page == CW_HTTP_PAGE_UNAVAILABLE ? CW_CLOSE_UNAVAILABLE : CW_CLOSE_MALFORMED,
                      NULL, 0);
}

static void redirect(struct cw_worker *w, struct cw_conn *c)
{
    uint8_t *reply = w->batch; /* free between batches */
    size_t size =
        cw_http_reply_redirect(w->config.public_origin, c->chunk->bytes + c->head.target.at,
                               c->head.target.size, reply, sizeof w->batch);
    w->counters.redirects++;
    cw_conn_write(w, c, reply, size);
    cw_conn_close(w, c, CW_CLOSE_OK, NULL, 0);
}

static void upgrade(struct cw_worker *w, struct cw_conn *c, size_t head_bytes)
{
    char accept[CW_WEBSOCKET_ACCEPT_BYTES];
    uint8_t *reply = w->batch; /* free between batches */
    const uint8_t *key = c->chunk->bytes + c->head.key.at;
    if (c->chunk->size != head_bytes ||
        cw_websocket_accept((const char *)key, c->head.key.size, accept) != CW_OK) {
        answer(w, c, CW_HTTP_PAGE_BAD_REQUEST); /* a client waits for 101 before it sends frames */
        return;
    }
    size_t size = cw_http_reply_upgrade(accept, reply, sizeof w->batch);
    cw_conn_write(w, c, reply, size);
    cw_pool_give(&w->chunk_pool, c->chunk);
    c->chunk = NULL;
    c->is_websocket = true;
    w->counters.websockets++;
    cw_conn_set_state(w, c, CW_CONN_HELLO);
    cw_conn_send_message(w, c, CW_MESSAGE_CHALLENGE, c->exporter, sizeof c->exporter);
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
    w->counters.pipes++;
    memmove(c->chunk->bytes + PREFACE_BYTES, c->chunk->bytes, c->chunk->size);
    write_preface(c, c->chunk->bytes);
    c->chunk->size += PREFACE_BYTES;
    c->chunk->at = 0;
    if (w->io->ops->connect_unix(w->io, w->config.web_path, &c->upstream) != CW_OK) {
        c->upstream = 0;
        answer(w, c, CW_HTTP_PAGE_UNAVAILABLE);
        return;
    }
    (void)cw_table_put(&w->by_upstream, c->upstream, c);
    cw_conn_set_state(w, c, CW_CONN_PIPE);
}

void cw_conn_on_head(struct cw_worker *w, struct cw_conn *c, const uint8_t *data, size_t size)
{
    if (c->chunk == NULL) {
        c->chunk = cw_pool_take(&w->chunk_pool);
        if (c->chunk == NULL) {
            cw_conn_drop(w, c, CW_CLOSE_OVERLOADED, false);
            return;
        }
        c->chunk->at = 0;
        c->chunk->size = 0;
    }
    /* Room for the preface stays. */
    size_t room = sizeof c->chunk->bytes - PREFACE_BYTES - c->chunk->size;
    bool is_all_kept = size <= room;
    if (!is_all_kept)
        size = room;
    memcpy(c->chunk->bytes + c->chunk->size, data, size);
    c->chunk->size += (uint32_t)size;
    size_t head_bytes = 0;
    int err = cw_http_head_parse(&c->head, c->chunk->bytes, c->chunk->size, &head_bytes);
    if (err == CW_ERR_AGAIN)
        return;
    if (err != CW_OK || !is_all_kept) {
        answer(w, c,
               err == CW_OK || err == CW_ERR_TOO_LARGE ? CW_HTTP_PAGE_HEAD_TOO_LARGE
                                                       : CW_HTTP_PAGE_BAD_REQUEST);
        return;
    }
    if (c->state == CW_CONN_PLAIN) {
        redirect(w, c);
        return;
    }
    switch (cw_http_head_judge(&c->head, c->chunk->bytes, cw_worker_origins(w))) {
    case CW_HTTP_PIPE: begin_pipe(w, c); break;
    case CW_HTTP_WEBSOCKET: upgrade(w, c, head_bytes); break;
    case CW_HTTP_BAD_UPGRADE: answer(w, c, CW_HTTP_PAGE_BAD_REQUEST); break;
    case CW_HTTP_WRONG_ORIGIN: answer(w, c, CW_HTTP_PAGE_WRONG_ORIGIN); break;
    }
}

static void send_upstream(struct cw_worker *w, struct cw_conn *c)
{
    struct iovec iov = {.iov_base = c->chunk->bytes + c->chunk->at,
                        .iov_len = c->chunk->size - c->chunk->at};
    if (w->io->ops->send(w->io, c->upstream, &iov, 1) != CW_OK)
        cw_conn_drop(w, c, CW_CLOSE_OVERLOADED, false);
    else
        c->upstream_is_sending = true;
}

void cw_conn_on_connected(struct cw_worker *w, struct cw_conn *c, int32_t result)
{
    if (c->state != CW_CONN_PIPE)
        return;
    if (result != 0) {
        answer(w, c, CW_HTTP_PAGE_UNAVAILABLE);
        return;
    }
    c->upstream_is_connected = true;
    if (w->io->ops->recv_start(w->io, c->upstream) != CW_OK)
        cw_conn_drop(w, c, CW_CLOSE_OVERLOADED, false);
    else
        send_upstream(w, c);
}

/* Everything the browser sent has been passed on, and so is its end: control finishes the answer under way,
 * if any, and closes; that closes the browser's side. Without it both would stay until control's idle time. */
static void end_upstream(struct cw_worker *w, struct cw_conn *c)
{
    c->has_ended = true;
    c->upstream_is_shut = true;
    w->io->ops->shutdown(w->io, c->upstream);
}

void cw_conn_pull(struct cw_worker *w, struct cw_conn *c)
{
    if (!c->upstream_is_connected || c->upstream_is_sending || c->upstream_is_shut ||
        c->upstream_has_ended) {
        /* Control is slow, or takes nothing more: the browser's bytes wait in its kernel, not here. */
        if (!c->is_paused && !c->has_ended) {
            c->is_paused = true;
            w->io->ops->recv_stop(w->io, c->socket);
        }
        return;
    }
    c->chunk->at = 0;
    size_t size = 0;
    int err = cw_tls_read(c->tls, c->chunk->bytes, sizeof c->chunk->bytes, &size);
    if (err == CW_OK) {
        c->chunk->size = (uint32_t)size;
        send_upstream(w, c);
    } else if (err == CW_ERR_CLOSED || (err == CW_ERR_AGAIN && c->has_ended)) {
        end_upstream(w, c);
    } else if (err != CW_ERR_AGAIN) {
        cw_conn_drop(w, c, CW_CLOSE_MALFORMED, false);
    } else if (c->is_paused) {
        c->is_paused = false;
        if (w->io->ops->recv_start(w->io, c->socket) != CW_OK)
            cw_conn_drop(w, c, CW_CLOSE_OVERLOADED, false);
    }
}

void cw_conn_on_upstream_sent(struct cw_worker *w, struct cw_conn *c, int32_t result)
{
    c->upstream_is_sending = false;
    if (c->state != CW_CONN_PIPE)
        return;
    if (result < 0) {
        /* Control closed its side for reading; what it has answered is still to be received. */
        c->upstream_is_shut = true;
        return;
    }
    c->chunk->at += (uint32_t)result;
    if (c->chunk->at < c->chunk->size)
        send_upstream(w, c);
    else
        cw_conn_pull(w, c);
}

void cw_conn_on_upstream(struct cw_worker *w, struct cw_conn *c, const uint8_t *data,
                         int32_t result)
{
    if (c->state != CW_CONN_PIPE)
        return;
    if (result <= 0) {
        c->upstream_has_ended = true;
        cw_conn_mark(w, c);
        return;
    }
    cw_conn_write(w, c, data, (size_t)result);
    if (c->state == CW_CONN_PIPE && c->unsent_bytes > CW_RELAY_PIPE_OUTPUT_BYTES_MAX &&
        !c->upstream_is_paused) {
        c->upstream_is_paused = true;
        w->io->ops->recv_stop(w->io, c->upstream);
    }
}

void cw_conn_resume_upstream(struct cw_worker *w, struct cw_conn *c)
{
    if (!c->upstream_is_paused || c->upstream_has_ended ||
        c->unsent_bytes > CW_RELAY_PIPE_OUTPUT_BYTES_MAX / 2)
        return;
    c->upstream_is_paused = false;
    if (w->io->ops->recv_start(w->io, c->upstream) != CW_OK)
        cw_conn_drop(w, c, CW_CLOSE_OVERLOADED, false);
}
