/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/link_client.h"

#include <openssl/crypto.h>
#include <string.h>
#include <sys/mman.h>

#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/base/span.h"
#include "engine/worker_state.h"

enum {
    /* What waits while control is away, and room for a snapshot of everything that lives. */
    LINK_QUEUE_ROOM = CW_LINK_QUEUE_BYTES_MAX + 2 * 1024 * 1024,
    LINK_INPUT_ROOM = 2 * CW_LINK_MESSAGE_BYTES_MAX,
    LINK_SEND_BYTES = 256 * 1024,
    LINK_TELL_MAX = 256, /* connections a step: 100,000 at once would stop everything else */
};

static const uint64_t ms_ns = UINT64_C(1000000);

int cw_link_init(struct cw_worker *w)
{
    struct cw_link *l = &w->link;
    *l = (struct cw_link){.retry_ms = CW_RELAY_LINK_RETRY_MS_MIN, .tell_next = CW_IO_SOCKETS_MAX};
    cw_timer_init(&l->timer, CW_TIMER_LINK);
    void *memory = mmap(NULL, LINK_QUEUE_ROOM + LINK_INPUT_ROOM, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return CW_ERR_NOMEM;
    l->queue = memory;
    l->input = l->queue + LINK_QUEUE_ROOM;
    cw_timer_set(&w->timers, &l->timer, w->now_ns);
    return CW_OK;
}

void cw_link_fini(struct cw_worker *w)
{
    cw_timer_stop(&w->link.timer);
    if (w->link.queue != NULL)
        munmap(w->link.queue, LINK_QUEUE_ROOM + LINK_INPUT_ROOM);
    w->link.queue = NULL;
}

bool cw_link_is_up(const struct cw_worker *w)
{
    return w->link.state == CW_LINK_UP;
}

/* What control must store although it was away. */
static bool is_kept(uint16_t type)
{
    return type == CW_LINK_COPY || type == CW_LINK_PARTICIPANT_DOWN ||
           type == CW_LINK_DEVICE_DOWN || type == CW_LINK_CONSOLE_DOWN ||
           type == CW_LINK_SESSION_OVER || type == CW_LINK_REFUSED || type == CW_LINK_RECORDING ||
           type == CW_LINK_RECORDED;
}

/* Moves what waits to the front of the queue; nothing is in flight then. */
static void compact(struct cw_link *l)
{
    if (l->queue_at == 0 || l->is_sending)
        return;
    memmove(l->queue, l->queue + l->queue_at, l->queue_size - l->queue_at);
    l->queue_size -= l->queue_at;
    l->queue_at = 0;
}

bool cw_link_put(struct cw_worker *w, const struct cw_link_message *m)
{
    struct cw_link *l = &w->link;
    bool is_there = l->state == CW_LINK_GREETING || l->state == CW_LINK_UP;
    if (!is_there && !is_kept(m->type)) {
        w->counters.dropped[CW_DROP_CONTROL_AWAY]++;
        return false;
    }
    /* Half of the room is moved at once at the most, so moving is rare. */
    if (l->queue_at > LINK_QUEUE_ROOM / 2)
        compact(l);
    uint64_t limit = is_there ? (uint64_t)LINK_QUEUE_ROOM : (uint64_t)CW_LINK_QUEUE_BYTES_MAX;
    /* Strangers make REFUSED; they must not crowd out what sessions have to say. */
    if (!is_there && m->type == CW_LINK_REFUSED)
        limit /= 8;
    size_t size = 0;
    if (l->queue_size >= limit ||
        cw_link_encode(m, l->queue + l->queue_size, limit - l->queue_size, &size) != CW_OK) {
        w->counters.dropped[CW_DROP_CONTROL_BEHIND]++;
        if (is_there)
            cw_link_break(w, "control does not take what it is sent");
        return false;
    }
    l->queue_size += size;
    return true;
}

void cw_link_flush(struct cw_worker *w)
{
    struct cw_link *l = &w->link;
    if ((l->state != CW_LINK_GREETING && l->state != CW_LINK_UP) || l->is_sending)
        return;
    uint64_t from = l->queue_at + l->sent_part;
    uint64_t waiting = l->queue_size - from;
    if (waiting == 0) {
        l->queue_at = 0;
        l->queue_size = 0;
        l->sent_part = 0;
        return;
    }
    struct iovec iov = {.iov_base = l->queue + from,
                        .iov_len = waiting < LINK_SEND_BYTES ? waiting : LINK_SEND_BYTES};
    if (w->io->ops->send(w->io, l->socket, &iov, 1) == CW_OK)
        l->is_sending = true;
    else
        cw_link_break(w, "the backend has no room");
}

/* Size of the message at p, which was encoded here. */
static uint64_t message_bytes(const uint8_t *p)
{
    struct cw_reader r = cw_reader_of(p, 4);
    return 4 + (uint64_t)cw_read_u32(&r);
}

void cw_link_on_sent(struct cw_worker *w, int32_t result)
{
    struct cw_link *l = &w->link;
    l->is_sending = false;
    if (result < 0) {
        cw_link_break(w, "sending failed");
        return;
    }
    l->sent_part += (uint64_t)result;
    while (l->sent_part > 0) {
        uint64_t size = message_bytes(l->queue + l->queue_at);
        if (size > l->sent_part)
            break;
        l->queue_at += size;
        l->sent_part -= size;
    }
}

/* After a break: only what control must store stays, and a message that was cut is sent again whole. */
static void keep_what_matters(struct cw_link *l)
{
    uint64_t to = 0;
    for (uint64_t at = l->queue_at; at < l->queue_size;) {
        uint64_t size = message_bytes(l->queue + at);
        struct cw_reader r = cw_reader_of(l->queue + at + 4, 2);
        if (is_kept(cw_read_u16(&r)) && to + size <= CW_LINK_QUEUE_BYTES_MAX) {
            memmove(l->queue + to, l->queue + at, size);
            to += size;
        }
        at += size;
    }
    l->queue_at = 0;
    l->queue_size = to;
    l->sent_part = 0;
}

void cw_link_tell_everybody(struct cw_worker *w)
{
    w->link.tell_next = 0;
}

bool cw_link_is_telling(const struct cw_worker *w)
{
    return w->link.tell_next < CW_IO_SOCKETS_MAX;
}

static void tell(struct cw_worker *w, struct cw_conn *c, struct cw_frame_buffer *standing)
{
    const uint8_t is_up = cw_link_is_up(w);
    if (c->state == CW_CONN_OPEN && c->session == 0)
        cw_conn_send(w, c, standing);
    else if (c->state == CW_CONN_OPEN)
        cw_conn_send_message(w, c, CW_MESSAGE_LINK_STATE, &is_up, sizeof is_up);
    else if (c->state == CW_CONN_AWAITING && !is_up)
        cw_conn_close(w, c, CW_CLOSE_UNAVAILABLE, NULL, 0);
}

void cw_link_tell_some(struct cw_worker *w)
{
    struct cw_link *l = &w->link;
    const uint8_t is_up = cw_link_is_up(w);
    struct cw_frame_buffer *standing =
        cw_link_is_telling(w)
            ? cw_frame_make(&w->frames, CW_MESSAGE_LINK_STATE, 0, &is_up, sizeof is_up)
            : NULL;
    if (standing == NULL)
        return; /* in the next step, if there was no room for it */
    unsigned told = 0;
    for (; l->tell_next < CW_IO_SOCKETS_MAX && told < LINK_TELL_MAX; l->tell_next++) {
        struct cw_conn *c = w->by_socket[l->tell_next];
        if (c == NULL || (c->socket & CW_IO_INDEX_MASK) != l->tell_next)
            continue; /* nobody, or the upstream of a page */
        tell(w, c, standing);
        told++;
    }
    cw_frame_unref(&w->frames, standing);
}

void cw_link_break(struct cw_worker *w, const char *why)
{
    struct cw_link *l = &w->link;
    bool was_up = l->state == CW_LINK_UP;
    if (l->state == CW_LINK_AWAY)
        return;
    if (was_up)
        cw_log(CW_LOG_WARNING, "engine.link", "worker=%u control is away: %s", w->config.index,
               why);
    l->state = CW_LINK_AWAY;
    l->input_size = 0;
    if (l->socket != 0)
        w->io->ops->close(w->io, l->socket, false); /* CLOSE brings the next attempt */
    if (was_up)
        cw_link_tell_everybody(w);
}

void cw_link_on_closed(struct cw_worker *w)
{
    struct cw_link *l = &w->link;
    l->socket = 0;
    l->is_sending = false;
    cw_link_break(w, "it closed");
    keep_what_matters(l);
    cw_timer_set(&w->timers, &l->timer, w->now_ns + l->retry_ms * ms_ns);
    l->retry_ms *= 2;
    if (l->retry_ms > CW_RELAY_LINK_RETRY_MS_MAX)
        l->retry_ms = CW_RELAY_LINK_RETRY_MS_MAX;
}

void cw_link_on_timer(struct cw_worker *w)
{
    struct cw_link *l = &w->link;
    if (l->state != CW_LINK_AWAY || l->socket != 0 || w->is_stopping)
        return;
    if (w->io->ops->connect_unix(w->io, w->config.link_path, &l->socket) == CW_OK) {
        l->state = CW_LINK_CONNECTING;
    } else {
        l->socket = 0;
        cw_timer_set(&w->timers, &l->timer, w->now_ns + CW_RELAY_LINK_RETRY_MS_MAX * ms_ns);
    }
}

/* ENGINE_HELLO goes before what waited, the snapshot behind it. */
static void greet(struct cw_worker *w)
{
    struct cw_link *l = &w->link;
    struct cw_link_message hello = {
        .type = CW_LINK_ENGINE_HELLO,
        .version = CW_LINK_VERSION,
        .worker = (uint16_t)w->config.index,
        .worker_count = (uint16_t)w->config.count,
        .engine_instance = w->config.engine_instance,
    };
    uint8_t bytes[64];
    size_t size = 0;
    if (cw_link_encode(&hello, bytes, sizeof bytes, &size) != CW_OK)
        return;
    compact(l);
    memmove(l->queue + size, l->queue, l->queue_size);
    memcpy(l->queue, bytes, size);
    l->queue_size += size;
    l->state = CW_LINK_GREETING;
    l->number++;
    cw_link_send_snapshot(w);
}

void cw_link_on_connected(struct cw_worker *w, int32_t result)
{
    struct cw_link *l = &w->link;
    if (result != 0 || l->state != CW_LINK_CONNECTING)
        return; /* a CLOSE follows */
    if (w->io->ops->recv_start(w->io, l->socket) != CW_OK) {
        cw_link_break(w, "the backend has no room");
        return;
    }
    greet(w);
}

void cw_link_on_received(struct cw_worker *w, const uint8_t *data, int32_t result)
{
    struct cw_link *l = &w->link;
    if (l->state != CW_LINK_GREETING && l->state != CW_LINK_UP)
        return;
    if (result <= 0) {
        cw_link_break(w, result == 0 ? "it closed the link" : "receiving failed");
        return;
    }
    size_t size = (size_t)result;
    while (size > 0 && l->state != CW_LINK_AWAY) {
        size_t part = LINK_INPUT_ROOM - l->input_size;
        if (part > size)
            part = size;
        memcpy(l->input + l->input_size, data, part);
        l->input_size += (uint32_t)part;
        data += part;
        size -= part;
        uint32_t at = 0;
        while (l->state != CW_LINK_AWAY) {
            struct cw_link_message m;
            size_t used = 0;
            int err = cw_link_decode(l->input + at, l->input_size - at, &m, &used);
            if (err == CW_ERR_AGAIN)
                break;
            if (err != CW_OK) {
                cw_link_break(w, "it sent something that is no message");
                return;
            }
            cw_link_on_message(w, &m);
            if (m.type ==
                CW_LINK_CERTIFICATE) /* it brought a private key, and nothing reads it again */
                OPENSSL_cleanse(l->input + at, used);
            at += (uint32_t)used;
        }
        if (l->state == CW_LINK_AWAY)
            return;
        memmove(l->input, l->input + at, l->input_size - at);
        l->input_size -= at;
    }
}
