/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wire/hello.h"

#include <string.h>

#include "engine/base/err.h"
#include "engine/base/span.h"

static bool is_signed(uint8_t kind)
{
    return kind == CW_HELLO_TICKET || kind == CW_HELLO_DEVICE;
}

int cw_hello_decode(const uint8_t *data, size_t size, struct cw_hello *ret_hello)
{
    struct cw_reader r = cw_reader_of(data, size);
    uint8_t version = cw_read_u8(&r);
    struct cw_hello hello = {0};
    hello.kind = cw_read_u8(&r);
    uint16_t body_bytes = cw_read_u16(&r);
    if (r.failed)
        return CW_ERR_INVALID;
    if (version != CW_HELLO_VERSION)
        return CW_ERR_UNSUPPORTED;
    if (hello.kind < CW_HELLO_TICKET || hello.kind > CW_HELLO_SESSION_KEY)
        return CW_ERR_INVALID;
    if (body_bytes > CW_HELLO_BODY_BYTES_MAX)
        return CW_ERR_TOO_LARGE;
    const uint8_t *body = cw_read_bytes(&r, body_bytes);
    if (!cw_reader_done(&r) || body == NULL)
        return CW_ERR_INVALID;
    if (is_signed(hello.kind)) {
        if (body_bytes != CW_TICKET_BYTES + CW_SIGNATURE_BYTES)
            return CW_ERR_INVALID;
        int err = cw_ticket_decode(body, CW_TICKET_BYTES, &hello.ticket);
        if (err != CW_OK)
            return err;
        memcpy(hello.possession, body + CW_TICKET_BYTES, sizeof hello.possession);
    } else {
        if (body_bytes == 0)
            return CW_ERR_INVALID;
        hello.body = body;
        hello.body_bytes = body_bytes;
    }
    *ret_hello = hello;
    return CW_OK;
}

int cw_hello_encode(const struct cw_hello *hello, uint8_t *out, size_t out_size, size_t *ret_size)
{
    if (hello->kind < CW_HELLO_TICKET || hello->kind > CW_HELLO_SESSION_KEY)
        return CW_ERR_INVALID;
    uint8_t signed_body[CW_TICKET_BYTES + CW_SIGNATURE_BYTES];
    const uint8_t *body = hello->body;
    size_t body_bytes = hello->body_bytes;
    if (is_signed(hello->kind)) {
        cw_ticket_encode(&hello->ticket, signed_body);
        memcpy(signed_body + CW_TICKET_BYTES, hello->possession, CW_SIGNATURE_BYTES);
        body = signed_body;
        body_bytes = sizeof signed_body;
    } else if (body_bytes == 0) {
        return CW_ERR_INVALID;
    }
    if (body_bytes > CW_HELLO_BODY_BYTES_MAX)
        return CW_ERR_TOO_LARGE;
    struct cw_writer w = cw_writer_of(out, out_size);
    cw_write_u8(&w, CW_HELLO_VERSION);
    cw_write_u8(&w, hello->kind);
    cw_write_u16(&w, (uint16_t)body_bytes);
    cw_write_bytes(&w, body, body_bytes);
    if (w.failed)
        return CW_ERR_FULL;
    *ret_size = w.at;
    return CW_OK;
}

int cw_hello_reply_decode(const uint8_t *data, size_t size, struct cw_hello_reply *ret_reply)
{
    struct cw_reader r = cw_reader_of(data, size);
    struct cw_hello_reply reply = {0};
    reply.code = cw_read_u16(&r);
    reply.body_bytes = cw_read_u16(&r);
    if (r.failed)
        return CW_ERR_INVALID;
    if (reply.body_bytes > CW_HELLO_REPLY_BODY_BYTES_MAX)
        return CW_ERR_TOO_LARGE;
    reply.body = cw_read_bytes(&r, reply.body_bytes);
    if (!cw_reader_done(&r))
        return CW_ERR_INVALID;
    *ret_reply = reply;
    return CW_OK;
}

int cw_hello_reply_encode(const struct cw_hello_reply *reply, uint8_t *out, size_t out_size,
                          size_t *ret_size)
{
    if (reply->body_bytes > CW_HELLO_REPLY_BODY_BYTES_MAX)
        return CW_ERR_TOO_LARGE;
    struct cw_writer w = cw_writer_of(out, out_size);
    cw_write_u16(&w, reply->code);
    cw_write_u16(&w, (uint16_t)reply->body_bytes);
    cw_write_bytes(&w, reply->body, reply->body_bytes);
    if (w.failed)
        return CW_ERR_FULL;
    *ret_size = w.at;
    return CW_OK;
}
