/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/peer/conn.h"

#include <string.h>

#include <openssl/crypto.h>

#include "engine/base/err.h"

void cw_conn_start(struct cw_conn *c, const struct cw_address *address, const uint8_t *pin,
                   const struct cw_conn_hello *hello, cw_peer_message_fn on_message, void *user)
{
    c->hello = *hello;
    c->is_active = true;
    c->is_reading_paused = false;
    cw_peer_init(&c->peer, on_message, user);
    cw_dial_start(&c->dial, address, pin);
}

void cw_conn_stop(struct cw_conn *c)
{
    if (!c->is_active)
        return;
    c->is_active = false;
    cw_dial_stop(&c->dial);
    cw_peer_clear(&c->peer);
    OPENSSL_cleanse(c->hello.secret_seed, sizeof(c->hello.secret_seed));
}

void cw_conn_close(struct cw_conn *c, uint16_t code, const char *text)
{
    if (c->is_active && c->dial.state == CW_DIAL_READY) {
        cw_peer_close(&c->peer, code, text);
        (void)cw_conn_flush(c);
    }
    cw_conn_stop(c);
}

int cw_conn_flush(struct cw_conn *c)
{
    if (c->dial.state != CW_DIAL_READY)
        return 0;
    for (;;) {
        size_t size = 0;
        const uint8_t *data = cw_peer_output(&c->peer, &size);
        if (size == 0) {
            c->dial.wants_write = false;
            return 0;
        }
        int err = cw_dial_write(&c->dial, data, size);
        if (err == CW_ERR_AGAIN)
            return 0;
        if (err != 0)
            return err;
        cw_peer_sent(&c->peer, size);
    }
}

static int say_hello(struct cw_conn *c, uint64_t now_ns)
{
    struct cw_conn_hello *h = &c->hello;
    if (h->kind == CW_HELLO_TICKET || h->kind == CW_HELLO_DEVICE)
        return cw_peer_hello_ticket(&c->peer, h->kind, h->ticket, h->secret_seed, c->dial.exporter,
                                    now_ns);
    if (h->kind == CW_HELLO_ENROLMENT || h->kind == CW_HELLO_SESSION_KEY)
        return cw_peer_hello_opaque(&c->peer, h->kind, h->body, h->body_bytes, now_ns);
    return 0;
}

static int read_all(struct cw_conn *c, uint64_t now_ns)
{
    while (!c->is_reading_paused) {
        size_t n = 0;
        int err = cw_dial_read(&c->dial, c->plain, sizeof(c->plain), &n);
        if (err == CW_ERR_AGAIN)
            return 0;
        if (err == 0)
            err = cw_peer_feed(&c->peer, c->plain, n, now_ns);
        if (err != 0)
            return err;
    }
    return 0;
}

int cw_conn_process(struct cw_conn *c, uint64_t now_ns)
{
    if (c->dial.state != CW_DIAL_READY) {
        int err = cw_dial_step(&c->dial, now_ns);
        if (err == 0)
            err = say_hello(c, now_ns);
        if (err != 0)
            return err == CW_ERR_AGAIN ? 0 : err;
    }
    int err = read_all(c, now_ns);
    if (err == 0)
        err = cw_peer_tick(&c->peer, now_ns);
    if (err == 0)
        err = cw_conn_flush(c);
    return err;
}

uint64_t cw_conn_poll(struct cw_conn *c, struct pollfd *ret_poll)
{
    short events = 0;
    *ret_poll = (struct pollfd){.fd = cw_dial_poll(&c->dial, &events)};
    if (c->dial.state != CW_DIAL_READY) {
        ret_poll->events = events;
        return c->dial.state == CW_DIAL_NAME ? UINT64_MAX : c->dial.deadline_ns;
    }
    ret_poll->events = c->is_reading_paused ? 0 : POLLIN;
    if (c->dial.wants_write)
        ret_poll->events |= POLLOUT;
    else if (cw_peer_has_output(&c->peer))
        return 0; /* queued since the last flush */
    return cw_peer_deadline_ns(&c->peer);
}

const char *cw_conn_reason(const struct cw_conn *c)
{
    if (c->peer.close_text[0] != '\0')
        return c->peer.close_text;
    if (c->dial.message[0] != '\0')
        return c->dial.message;
    return "The connection to the appliance was lost.";
}
