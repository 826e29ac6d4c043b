/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/load/endpoint.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/wire/hello.h"
#include "engine/wire/message.h"

int cw_keys_make(struct cw_keys *k)
{
    if (RAND_bytes(k->control_seed, sizeof k->control_seed) != 1 ||
        RAND_bytes(k->holder_seed, sizeof k->holder_seed) != 1)
        return CW_ERR_INTERNAL;
    int err = cw_key_public(k->control_seed, k->control_key);
    return err != CW_OK ? err : cw_key_public(k->holder_seed, k->holder_key);
}

static void make_ticket(struct cw_endpoint *e, struct cw_ticket *ret_ticket)
{
    if (e->has_ticket) {
        *ret_ticket = e->ticket;
        return;
    }
    uint64_t now_unix_s = (uint64_t)time(NULL);
    bool is_short = e->ticket_kind == CW_TICKET_KIND_JOIN;
    struct cw_ticket t = {
        .kind = e->ticket_kind,
        .role = e->role,
        .session = e->session,
        .participant = e->participant,
        .permissions = e->permissions,
        .not_before_unix_s = now_unix_s,
        .not_after_unix_s = now_unix_s + (is_short ? CW_TICKET_JOIN_S : CW_TICKET_RESUME_S),
    };
    memcpy(t.holder_key, e->keys->holder_key, sizeof t.holder_key);
    CW_CHECK(RAND_bytes(t.id, sizeof t.id) == 1, "there is randomness");
    CW_CHECK(cw_ticket_sign(&t, e->keys->control_seed) == CW_OK, "a ticket can be signed");
    *ret_ticket = t;
    e->ticket = t;
    e->has_ticket = !is_short;
}

void cw_endpoint_hello(struct cw_endpoint *e)
{
    struct cw_hello hello = {.kind = e->role == CW_ROLE_DEVICE ? CW_HELLO_DEVICE : CW_HELLO_TICKET};
    uint8_t payload[CW_HELLO_BYTES_MAX];
    size_t size = 0;
    make_ticket(e, &hello.ticket);
    int err = cw_possession_sign(e->pipe->secrets.exporter, hello.ticket.id, e->keys->holder_seed,
                                 hello.possession);
    if (err == CW_OK)
        err = cw_hello_encode(&hello, payload, sizeof payload, &size);
    CW_CHECK(err == CW_OK, "a hello can be made");
    uint32_t session = e->session;
    e->session = 0; /* before WELCOME */
    cw_endpoint_send(e, CW_MESSAGE_HELLO, payload, size);
    e->session = session;
}

uint8_t *cw_endpoint_reserve(struct cw_endpoint *e, uint8_t type, uint8_t flags, uint16_t stream,
                             size_t payload_bytes)
{
    const struct cw_message_info *info = cw_message_info(type);
    CW_CHECK(info != NULL, "a message of this protocol");
    const struct cw_frame frame = {.type = type,
                                   .channel = info->channel,
                                   .flags = flags,
                                   .stream = stream,
                                   .session = e->session,
                                   .length = (uint32_t)payload_bytes};
    uint8_t *at = cw_pipe_reserve(e->pipe, CW_FRAME_HEADER_BYTES + payload_bytes);
    cw_frame_encode(&frame, at);
    return at + CW_FRAME_HEADER_BYTES;
}

void cw_endpoint_commit(struct cw_endpoint *e, size_t payload_bytes)
{
    cw_pipe_commit(e->pipe, CW_FRAME_HEADER_BYTES + payload_bytes);
}

uint8_t *cw_endpoint_open_frame(struct cw_endpoint *e)
{
    return cw_pipe_reserve(e->pipe, CW_FRAME_BYTES_MAX) + CW_FRAME_HEADER_BYTES;
}

void cw_endpoint_close_frame(struct cw_endpoint *e, uint8_t type, uint16_t stream,
                             size_t payload_bytes)
{
    /* Nothing was committed meanwhile, so this is the same place. */
    (void)cw_endpoint_reserve(e, type, CW_FLAG_FIRST | CW_FLAG_LAST, stream, payload_bytes);
    cw_endpoint_commit(e, payload_bytes);
}

void cw_endpoint_send(struct cw_endpoint *e, uint8_t type, const void *payload, size_t bytes)
{
    if (e->pipe == NULL)
        return;
    uint8_t *at = cw_endpoint_reserve(e, type, CW_FLAG_FIRST | CW_FLAG_LAST, 0, bytes);
    if (bytes != 0)
        memcpy(at, payload, bytes);
    cw_endpoint_commit(e, bytes);
}

void cw_endpoint_reset(struct cw_endpoint *e)
{
    if (e->pipe == NULL)
        return;
    struct cw_pipe *s = e->pipe;
    e->pipe = NULL;
    e->is_welcome = false;
    e->part_bytes = 0;
    cw_pipe_reset(s);
}

/* ---- receiving ---------------------------------------------------------------------------------- */

static void take_frame(struct cw_endpoint *e, const struct cw_frame *f, const uint8_t *payload)
{
    struct cw_close close;
    switch (f->type) {
    case CW_MESSAGE_PING:
        e->pings++;
        cw_endpoint_send(e, CW_MESSAGE_PONG, payload, f->length);
        break;
    case CW_MESSAGE_CLOSE:
        if (cw_close_decode(payload, f->length, &close) == CW_OK)
            e->close_code = close.code;
        break;
    case CW_MESSAGE_WELCOME:
        e->is_welcome = true;
        if (e->events->welcome != NULL)
            e->events->welcome(e);
        break;
    default:
        if (e->events->frame != NULL)
            e->events->frame(e, f, payload);
        break;
    }
}

static size_t take_one(struct cw_endpoint *e, const uint8_t *data, size_t size)
{
    struct cw_frame f;
    int err = cw_frame_decode(data, size, &f);
    if (err == CW_ERR_AGAIN || (err == CW_OK && size - CW_FRAME_HEADER_BYTES < f.length))
        return 0;
    CW_CHECK(err == CW_OK, "the engine sends frames of the protocol");
    take_frame(e, &f, data + CW_FRAME_HEADER_BYTES);
    return CW_FRAME_HEADER_BYTES + f.length;
}

static void on_data(struct cw_pipe *s, uint8_t *plain, size_t size)
{
    struct cw_endpoint *e = s->owner;
    if (e->part_bytes != 0) {
        CW_CHECK(e->part_bytes + size <= 2 * CW_FRAME_BYTES_MAX, "less than a frame waits");
        memcpy(e->part + e->part_bytes, plain, size);
        plain = e->part;
        size += e->part_bytes;
        e->part_bytes = 0;
    }
    while (size != 0) {
        size_t used = take_one(e, plain, size);
        if (e->pipe != s)
            return; /* the scenario ended it */
        if (used == 0)
            break;
        plain += used;
        size -= used;
    }
    if (size == 0)
        return;
    if (e->part == NULL)
        e->part = malloc(2 * CW_FRAME_BYTES_MAX);
    CW_CHECK(e->part != NULL, "the load has memory for its streams");
    memmove(e->part, plain, size);
    e->part_bytes = size;
}

static void on_ready(struct cw_pipe *s)
{
    struct cw_endpoint *e = s->owner;
    if (e->recv_bytes_max != 0)
        cw_pipe_throttle(s, e->recv_bytes_max);
    if (e->events->secured != NULL)
        e->events->secured(e);
    else
        cw_endpoint_hello(e);
}

static void on_drained(struct cw_pipe *s)
{
    struct cw_endpoint *e = s->owner;
    if (e->events->drained != NULL && e->is_welcome)
        e->events->drained(e);
}

static void on_closed(struct cw_pipe *s, const char *why)
{
    struct cw_endpoint *e = s->owner;
    int code = e->close_code;
    e->pipe = NULL;
    e->is_welcome = false;
    e->part_bytes = 0;
    if (e->events->closed != NULL)
        e->events->closed(e, code, code >= 0 ? cw_close_text((uint16_t)code) : why);
}

int cw_endpoint_connect(struct cw_endpoint *e, struct cw_net *n, const struct sockaddr_in *to)
{
    static const struct cw_pipe_events events = {on_ready, on_data, on_drained, on_closed};
    e->close_code = -1;
    e->is_welcome = false;
    e->pipe = cw_pipe_dial(n, to, &events, e);
    return e->pipe != NULL ? CW_OK : CW_ERR_IO;
}
