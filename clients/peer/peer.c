/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/peer/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/base/span.h"
#include "engine/wire/stream_message.h"
#include "engine/wire/ticket.h"

static const uint64_t second_ns = UINT64_C(1000000000);

struct cw_peer_queued {
    struct cw_peer_queued *next;
    const uint8_t *payload; /* data below, or the caller's bytes */
    size_t size;
    size_t at;
    uint8_t type;
    uint8_t flags;
    uint16_t stream;
    bool is_started; /* a frame of it was handed out */
    bool is_borrowed;
    uint8_t data[];
};

void cw_peer_init(struct cw_peer *p, cw_peer_message_fn on_message, void *user)
{
    memset(p, 0, sizeof(*p));
    p->on_message = on_message;
    p->user = user;
}

void cw_peer_clear(struct cw_peer *p)
{
    for (unsigned c = 0; c < CW_SEND_CLASS_COUNT; c++) {
        while (p->head[c] != NULL) {
            struct cw_peer_queued *q = p->head[c];
            p->head[c] = q->next;
            free(q);
        }
        p->tail[c] = NULL;
    }
    p->queued_bytes = 0;
    p->has_borrowed = false;
    p->input_size = p->output_size = p->output_at = 0;
    p->state = CW_PEER_CLOSED;
}

static int fail(struct cw_peer *p, int err, uint16_t code, const char *text)
{
    if (p->state != CW_PEER_CLOSED) {
        p->state = CW_PEER_CLOSED;
        p->close_code = code;
        snprintf(p->close_text, sizeof(p->close_text), "%s", text);
    }
    return err;
}

/* ---- sending ---------------------------------------------------------------------------------- */

static struct cw_peer_queued *enqueue(struct cw_peer *p, uint8_t type, uint8_t flags, size_t extra)
{
    const struct cw_message_info *info = cw_message_info(type);
    CW_CHECK(info != NULL, "only known types are sent");
    struct cw_peer_queued *q = calloc(1, sizeof(*q) + extra);
    if (q == NULL)
        return NULL;
    q->type = type;
    q->flags = flags;
    uint8_t c = cw_channel_send_class(info->channel);
    if (p->tail[c] != NULL)
        p->tail[c]->next = q;
    else
        p->head[c] = q;
    p->tail[c] = q;
    return q;
}

static int queue_copy(struct cw_peer *p, uint8_t type, uint8_t flags, const void *payload,
                      size_t size)
{
    if (p->queued_bytes + size > CW_RELIABLE_QUEUE_BYTES_MAX)
        return CW_ERR_FULL;
    struct cw_peer_queued *q = enqueue(p, type, flags, size);
    if (q == NULL)
        return CW_ERR_NOMEM;
    if (size > 0)
        memcpy(q->data, payload, size);
    q->payload = q->data;
    q->size = size;
    p->queued_bytes += size;
    return 0;
}

int cw_peer_send(struct cw_peer *p, uint8_t type, uint8_t flags, const void *payload, size_t size)
{
    if (p->state != CW_PEER_OPEN)
        return CW_ERR_STATE;
    return queue_copy(p, type, flags, payload, size);
}

int cw_peer_send_stream(struct cw_peer *p, uint8_t type, uint16_t stream, const void *payload,
                        size_t size)
{
    int err = cw_peer_send(p, type, 0, payload, size);
    if (err == 0)
        p->tail[cw_channel_send_class(cw_message_info(type)->channel)]->stream = stream;
    return err;
}

int cw_peer_send_borrowed(struct cw_peer *p, uint8_t type, uint8_t flags, const uint8_t *payload,
                          size_t size)
{
    if (p->state != CW_PEER_OPEN || p->has_borrowed)
        return CW_ERR_STATE;
    struct cw_peer_queued *q = enqueue(p, type, flags, 0);
    if (q == NULL)
        return CW_ERR_NOMEM;
    q->payload = payload;
    q->size = size;
    q->is_borrowed = true;
    p->has_borrowed = true;
    return 0;
}

bool cw_peer_has_borrowed(const struct cw_peer *p)
{
    return p->has_borrowed;
}

bool cw_peer_drop_borrowed(struct cw_peer *p)
{
    for (unsigned c = 0; c < CW_SEND_CLASS_COUNT; c++) {
        struct cw_peer_queued *before = NULL;
        for (struct cw_peer_queued *q = p->head[c]; q != NULL; before = q, q = q->next) {
            if (!q->is_borrowed)
                continue;
            if (q->is_started)
                return false;
            if (before != NULL)
                before->next = q->next;
            else
                p->head[c] = q->next;
            if (p->tail[c] == q)
                p->tail[c] = before;
            free(q);
            p->has_borrowed = false;
            return true;
        }
    }
    return true;
}

void cw_peer_close(struct cw_peer *p, uint16_t code, const char *text)
{
    if (p->state == CW_PEER_CLOSED)
        return;
    uint8_t out[2 + CW_REASON_TEXT_BYTES_MAX];
    size_t size = 0;
    struct cw_close m = {.code = code, .text = text, .text_bytes = strlen(text)};
    if (cw_close_encode(&m, out, sizeof(out), &size) == 0)
        (void)queue_copy(p, CW_MESSAGE_CLOSE, 0, out,
                         size); /* full: the end of stream says it too */
    fail(p, 0, code, text);
}

static void pop(struct cw_peer *p, unsigned c)
{
    struct cw_peer_queued *q = p->head[c];
    p->head[c] = q->next;
    if (p->head[c] == NULL)
        p->tail[c] = NULL;
    if (q->is_borrowed)
        p->has_borrowed = false;
    else
        p->queued_bytes -= q->size;
    free(q);
}

/* Builds the next frame in p->output from the first message of the most urgent class. */
static void build_frame(struct cw_peer *p)
{
    unsigned c = 0;
    while (c < CW_SEND_CLASS_COUNT && p->head[c] == NULL)
        c++;
    if (c == CW_SEND_CLASS_COUNT)
        return;
    struct cw_peer_queued *q = p->head[c];
    size_t n = q->size - q->at;
    bool is_last = n <= CW_FRAME_PAYLOAD_BYTES_MAX;
    if (!is_last)
        n = CW_FRAME_PAYLOAD_BYTES_MAX;
    unsigned flags = q->flags;
    if (!q->is_started)
        flags |= CW_FLAG_FIRST;
    if (is_last)
        flags |= CW_FLAG_LAST;
    struct cw_frame frame = {
        .type = q->type,
        .channel = cw_message_info(q->type)->channel,
        .flags = (uint8_t)flags,
        .stream = q->stream,
        .session = p->welcome.session,
        .length = (uint32_t)n,
    };
    cw_frame_encode(&frame, p->output);
    if (n > 0)
        memcpy(p->output + CW_FRAME_HEADER_BYTES, q->payload + q->at, n);
    p->output_at = 0;
    p->output_size = (uint32_t)(CW_FRAME_HEADER_BYTES + n);
    q->at += n;
    q->is_started = true;
    if (is_last)
        pop(p, c);
}

const uint8_t *cw_peer_output(struct cw_peer *p, size_t *ret_size)
{
    if (p->output_at == p->output_size) {
        p->output_at = p->output_size = 0;
        build_frame(p);
    }
    *ret_size = p->output_size - p->output_at;
    return p->output + p->output_at;
}

void cw_peer_sent(struct cw_peer *p, size_t n)
{
    CW_CHECK(n <= p->output_size - p->output_at, "no more than was offered");
    p->output_at += (uint32_t)n;
}

bool cw_peer_has_output(const struct cw_peer *p)
{
    bool any = p->output_at < p->output_size;
    for (unsigned c = 0; c < CW_SEND_CLASS_COUNT; c++)
        any = any || p->head[c] != NULL;
    return any;
}

/* ---- hello ------------------------------------------------------------------------------------ */

static int send_hello(struct cw_peer *p, const struct cw_hello *hello, uint64_t now_ns)
{
    uint8_t out[CW_HELLO_BYTES_MAX];
    size_t size = 0;
    CW_CHECK(p->state == CW_PEER_NEW, "one hello a connection");
    int err = cw_hello_encode(hello, out, sizeof(out), &size);
    if (err == 0)
        err = queue_copy(p, CW_MESSAGE_HELLO, 0, out, size);
    if (err != 0)
        return err;
    p->state = CW_PEER_HELLO;
    p->hello_ns = p->heard_ns = p->pinged_ns = now_ns;
    return 0;
}

int cw_peer_hello_ticket(struct cw_peer *p, uint8_t kind, const uint8_t *ticket,
                         const uint8_t *secret_seed, const uint8_t *exporter, uint64_t now_ns)
{
    struct cw_hello hello = {.kind = kind};
    int err = cw_ticket_decode(ticket, CW_TICKET_BYTES, &hello.ticket);
    if (err == 0)
        err = cw_possession_sign(exporter, hello.ticket.id, secret_seed, hello.possession);
    return err == 0 ? send_hello(p, &hello, now_ns) : err;
}

int cw_peer_hello_opaque(struct cw_peer *p, uint8_t kind, const void *body, size_t body_bytes,
                         uint64_t now_ns)
{
    struct cw_hello hello = {.kind = kind, .body = body, .body_bytes = body_bytes};
    return send_hello(p, &hello, now_ns);
}

/* ---- receiving -------------------------------------------------------------------------------- */

static int take_close(struct cw_peer *p, const uint8_t *payload, size_t size)
{
    struct cw_close m;
    char text[CW_REASON_TEXT_BYTES_MAX + 1];
    if (cw_close_decode(payload, size, &m) != 0)
        return CW_ERR_INVALID;
    const char *shown = cw_close_text(m.code);
    if (m.text_bytes > 0 && m.text_bytes < sizeof(text) && cw_text_is_clean(m.text, m.text_bytes)) {
        memcpy(text, m.text, m.text_bytes);
        text[m.text_bytes] = '\0';
        shown = text;
    }
    return fail(p, CW_ERR_CLOSED, m.code, shown);
}

static int take_message(struct cw_peer *p, uint8_t type, const uint8_t *payload, size_t size)
{
    switch (type) {
    case CW_MESSAGE_PING: return queue_copy(p, CW_MESSAGE_PONG, 0, payload, size);
    case CW_MESSAGE_PONG: return 0;
    case CW_MESSAGE_CLOSE: return take_close(p, payload, size);
    case CW_MESSAGE_WELCOME:
        if (p->state != CW_PEER_HELLO || cw_welcome_decode(payload, size, &p->welcome) != 0)
            return CW_ERR_INVALID;
        p->state = CW_PEER_OPEN;
        break;
    case CW_MESSAGE_HELLO_REPLY:
        if (p->state != CW_PEER_HELLO)
            return CW_ERR_INVALID;
        p->state = CW_PEER_OPEN;
        break;
    default:
        if (p->state != CW_PEER_OPEN)
            return CW_ERR_INVALID;
        break;
    }
    return p->on_message(p->user, type, payload, size);
}

static int take_frame(struct cw_peer *p, const struct cw_frame *frame, const uint8_t *payload)
{
    const struct cw_message_info *info = cw_message_info(frame->type);
    const uint8_t whole = CW_FLAG_FIRST | CW_FLAG_LAST;
    if (info == NULL || (frame->flags & whole) != whole)
        return CW_ERR_INVALID;
    if (frame->length < info->least || frame->length > info->most)
        return CW_ERR_INVALID;
    if (frame->stream != 0 && !cw_message_is_stream_data(frame->type))
        return CW_ERR_INVALID;
    p->message_stream = frame->stream;
    return take_message(p, frame->type, payload, frame->length);
}

/* Takes one frame out of p->input if it is all there. CW_ERR_AGAIN: more bytes are needed. */
static int take_input(struct cw_peer *p)
{
    struct cw_frame frame;
    int err = cw_frame_decode(p->input, p->input_size, &frame);
    if (err != 0)
        return err;
    size_t whole = CW_FRAME_HEADER_BYTES + (size_t)frame.length;
    if (p->input_size < whole)
        return CW_ERR_AGAIN;
    err = take_frame(p, &frame, p->input + CW_FRAME_HEADER_BYTES);
    p->input_size -= (uint32_t)whole;
    memmove(p->input, p->input + whole, p->input_size);
    return err;
}

int cw_peer_feed(struct cw_peer *p, const uint8_t *data, size_t size, uint64_t now_ns)
{
    p->heard_ns = now_ns;
    while (p->state != CW_PEER_CLOSED) {
        size_t n = sizeof(p->input) - p->input_size;
        if (n > size)
            n = size;
        if (n > 0)
            memcpy(p->input + p->input_size, data, n);
        p->input_size += (uint32_t)n;
        data += n;
        size -= n;
        int err = take_input(p);
        if (err == CW_ERR_AGAIN && size == 0)
            return 0;
        if (err == CW_ERR_AGAIN)
            continue;
        if (err != 0)
            return fail(p, err, CW_CLOSE_MALFORMED,
                        "The appliance sent data that this program does not understand.");
    }
    return CW_ERR_CLOSED;
}

/* ---- time ------------------------------------------------------------------------------------- */

int cw_peer_tick(struct cw_peer *p, uint64_t now_ns)
{
    if (p->state == CW_PEER_HELLO && now_ns - p->hello_ns >= CW_TIME_HELLO_S_MAX * second_ns)
        return fail(p, CW_ERR_TIMEOUT, CW_CLOSE_TIMED_OUT, "The appliance did not answer in time.");
    if (p->state != CW_PEER_OPEN)
        return 0;
    if (now_ns - p->heard_ns >= CW_TIME_SILENCE_S_MAX * second_ns)
        return fail(p, CW_ERR_TIMEOUT, CW_CLOSE_TIMED_OUT,
                    "Nothing was heard from the appliance for too long.");
    uint64_t last = p->heard_ns > p->pinged_ns ? p->heard_ns : p->pinged_ns;
    if (now_ns - last >= CW_TIME_PING_S * second_ns) {
        uint8_t echo[8];
        struct cw_writer w = cw_writer_of(echo, sizeof(echo));
        cw_write_u64(&w, now_ns);
        p->pinged_ns = now_ns;
        return queue_copy(p, CW_MESSAGE_PING, 0, echo, sizeof(echo));
    }
    return 0;
}

uint64_t cw_peer_deadline_ns(const struct cw_peer *p)
{
    if (p->state == CW_PEER_HELLO)
        return p->hello_ns + CW_TIME_HELLO_S_MAX * second_ns;
    if (p->state != CW_PEER_OPEN)
        return UINT64_MAX;
    uint64_t last = p->heard_ns > p->pinged_ns ? p->heard_ns : p->pinged_ns;
    uint64_t ping = last + CW_TIME_PING_S * second_ns;
    uint64_t silence = p->heard_ns + CW_TIME_SILENCE_S_MAX * second_ns;
    return ping < silence ? ping : silence;
}
