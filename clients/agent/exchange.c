/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/exchange.h"

#include <stdio.h>
#include <string.h>

#include "clients/peer/base64.h"
#include "engine/base/err.h"

int cw_json_bytes(const json_t *object, const char *name, uint8_t *out, size_t size)
{
    const char *text = json_string_value(json_object_get(object, name));
    size_t got = 0;
    if (text == NULL || cw_base64_decode(text, out, size, &got) != 0 || got != size)
        return CW_ERR_INVALID;
    return 0;
}

json_t *cw_json_base64(const uint8_t *data, size_t size)
{
    char text[CW_BASE64_TEXT_BYTES(CW_TICKET_BYTES)];
    if (CW_BASE64_TEXT_BYTES(size) > sizeof(text))
        return NULL;
    cw_base64_encode(data, size, text);
    return json_string(text);
}

static int on_message(void *user, uint8_t type, const uint8_t *payload, size_t size)
{
    struct cw_exchange *x = user;
    struct cw_hello_reply reply;
    if (type != CW_MESSAGE_HELLO_REPLY)
        return 0;
    if (cw_hello_reply_decode(payload, size, &reply) != 0)
        return CW_ERR_INVALID;
    x->has_reply = true;
    x->code = reply.code;
    json_decref(x->reply);
    x->reply = json_loadb((const char *)reply.body, reply.body_bytes, JSON_REJECT_DUPLICATES, NULL);
    return 0;
}

int cw_exchange_start(struct cw_exchange *x, const struct cw_address *address, const uint8_t *pin,
                      uint8_t kind, const json_t *body)
{
    struct cw_conn_hello hello = {.kind = body != NULL ? kind : 0};
    memset(x, 0, sizeof(*x));
    if (body != NULL) {
        hello.body_bytes = json_dumpb(body, (char *)hello.body, sizeof(hello.body), JSON_COMPACT);
        if (hello.body_bytes == 0 || hello.body_bytes > sizeof(hello.body))
            return CW_ERR_TOO_LARGE;
    }
    cw_conn_start(&x->conn, address, pin, &hello, on_message, x);
    return 0;
}

void cw_exchange_stop(struct cw_exchange *x)
{
    cw_conn_stop(&x->conn);
    json_decref(x->reply);
    x->reply = NULL;
}

static int take_reply(struct cw_exchange *x)
{
    const char *message = json_string_value(json_object_get(x->reply, "message"));
    if (x->code != CW_CLOSE_OK) {
        bool is_shown = message != NULL && cw_text_is_clean(message, strlen(message));
        snprintf(x->text, sizeof(x->text), "%s", is_shown ? message : cw_close_text(x->code));
        return CW_ERR_DENIED;
    }
    if (!json_is_object(x->reply)) {
        snprintf(x->text, sizeof(x->text),
                 "The appliance's answer makes no sense to this program.");
        return CW_ERR_INVALID;
    }
    return 0;
}

int cw_exchange_process(struct cw_exchange *x, uint64_t now_ns)
{
    int err = cw_conn_process(&x->conn, now_ns);
    if (x->has_reply)
        return take_reply(x);
    if (err == 0 && x->conn.hello.kind == 0 && x->conn.dial.state == CW_DIAL_READY)
        return 0;
    if (err == 0)
        return CW_ERR_AGAIN;
    snprintf(x->text, sizeof(x->text), "%s", cw_conn_reason(&x->conn));
    return err;
}
