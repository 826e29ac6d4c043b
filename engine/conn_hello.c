/* SPDX-License-Identifier: Apache-2.0 */
/* Who a connection is: the first frame, hand-over to the owner, and leaving. */
#include <stdio.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/conn.h"
#include "engine/operate.h"
#include "engine/wire/message.h"
#include "engine/worker_state.h"

enum { MAIL_CONNECTION = 1 };

static void refuse_ticket(struct cw_worker *w, struct cw_conn *c, const struct cw_ticket *ticket,
                          uint16_t code)
{
    if (code == CW_CLOSE_RECORDING_FAILED) {
        cw_conn_close(w, c, code, w->records.why, strlen(w->records.why));
        return; /* told to control already, and not the fault of who came */
    }
    char what[128];
    (void)snprintf(what, sizeof what, "ticket for session %u, participant %u (%s)",
                   (unsigned)ticket->session, (unsigned)ticket->participant,
                   cw_role_name(ticket->role));
    /* Waiting is not a failure: one who tries on while it must wait would wait for ever. */
    if (code != CW_CLOSE_UNAVAILABLE && code != CW_CLOSE_OVERLOADED &&
        code != CW_CLOSE_TOO_MANY_TRIES)
        cw_gate_fail(w, c->address, CW_PENALTY_TICKET);
    cw_conn_refuse(w, c, code, what);
}

static void put_presence(struct cw_worker *w, const struct cw_conn *c, uint16_t type, uint16_t code)
{
    struct cw_link_message m = {
        .type = type, .request = c->number, .participant = c->identity, .code = code};
    memcpy(m.address, c->address, sizeof m.address);
    (void)cw_link_put(w, &m);
}

/* A device or console: no session, only a place to be found by control. */
static void open_standing(struct cw_worker *w, struct cw_conn *c, const struct cw_ticket *ticket)
{
    if (ticket->role == CW_ROLE_DEVICE) {
        struct cw_conn *earlier = cw_table_get(&w->devices, ticket->participant);
        if (earlier != NULL)
            cw_conn_close(w, earlier, CW_CLOSE_REPLACED, NULL, 0);
        if (cw_table_put(&w->devices, ticket->participant, c) != CW_OK) {
            cw_conn_close(w, c, CW_CLOSE_OVERLOADED, NULL, 0);
            return;
        }
    } else {
        cw_list_append(&w->consoles, &c->group);
    }
    c->role = ticket->role;
    c->identity = ticket->participant;
    c->permissions = ticket->permissions;
    cw_conn_set_state(w, c, CW_CONN_OPEN);
    struct cw_welcome welcome = {
        .participant = c->identity,
        .permissions = c->permissions,
        .role = c->role,
        .control_up = cw_link_is_up(w),
    };
    uint8_t payload[24];
    size_t size = 0;
    if (cw_welcome_encode(&welcome, payload, sizeof payload, &size) == CW_OK)
        cw_conn_send_message(w, c, CW_MESSAGE_WELCOME, payload, size);
    if (c->state == CW_CONN_OPEN)
        put_presence(w, c, ticket->role == CW_ROLE_DEVICE ? CW_LINK_DEVICE_UP : CW_LINK_CONSOLE_UP,
                     0);
}

/* While the worker is drained: no line in any log and no penalty, the operator wants it. */
static void turn_away(struct cw_worker *w, struct cw_conn *c)
{
    w->counters.turned_away[CW_AWAY_DRAINING]++;
    cw_conn_close(w, c, CW_CLOSE_OVERLOADED, cw_operate_drain_text, strlen(cw_operate_drain_text));
}

/* At the owner: the last checks, then the connection is open. */
static void admit(struct cw_worker *w, struct cw_conn *c, const struct cw_ticket *ticket)
{
    uint64_t now_unix_s = w->io->ops->now_unix_s(w->io);
    if (w->is_draining && (ticket->session == 0 || cw_session_find(w, ticket->session) == NULL)) {
        turn_away(w, c);
        return;
    }
    uint16_t code = cw_admission_use(&w->admission, ticket, now_unix_s);
    c->opened_unix_s = (uint32_t)now_unix_s;
    if (code == CW_CLOSE_OK && ticket->session != 0)
        code = cw_session_join(w, c, ticket);
    else if (code == CW_CLOSE_OK)
        open_standing(w, c, ticket);
    if (code != CW_CLOSE_OK)
        refuse_ticket(w, c, ticket, code);
}

static unsigned owner_of(const struct cw_worker *w, const struct cw_ticket *ticket)
{
    return (ticket->session != 0 ? ticket->session : ticket->participant) % w->config.count;
}

static void on_ticket(struct cw_worker *w, struct cw_conn *c, const struct cw_hello *hello)
{
    uint16_t code = CW_CLOSE_TOO_MANY_TRIES;
    if (cw_gate_may(w, c->address, CW_PENALTY_TICKET))
        code = cw_admission_check(&w->admission, hello, c->arrival->exporter,
                                  w->io->ops->now_unix_s(w->io));
    if (code != CW_CLOSE_OK) {
        refuse_ticket(w, c, &hello->ticket, code);
        return;
    }
    unsigned owner = owner_of(w, &hello->ticket);
    if (owner == w->config.index) {
        admit(w, c, &hello->ticket);
        return;
    }
    struct cw_handover *h = NULL;
    for (unsigned i = 0; i < CW_RELAY_HANDOVERS_MAX && h == NULL; i++)
        if (!atomic_load(&w->handovers[i].is_taken))
            h = &w->handovers[i];
    if (h == NULL) {
        refuse_ticket(w, c, &hello->ticket, CW_CLOSE_OVERLOADED);
        return;
    }
    atomic_store(&h->is_taken, true);
    h->rest_bytes = 0;
    c->arrival->handover = h;
    c->arrival->ticket = hello->ticket;
    cw_conn_set_state(w, c, CW_CONN_HANDOVER);
    w->io->ops->recv_stop(w->io, c->socket);
    cw_conn_mark(w, c);
}

static void on_request(struct cw_worker *w, struct cw_conn *c, const struct cw_hello *hello)
{
    if (w->is_draining) {
        turn_away(w, c);
        return;
    }
    if (!cw_gate_may(w, c->address, CW_PENALTY_REQUEST)) {
        cw_conn_refuse(w, c, CW_CLOSE_TOO_MANY_TRIES,
                       hello->kind == CW_HELLO_SESSION_KEY ? "session key" : "enrolment token");
        return;
    }
    struct cw_link_message m = {
        .type = CW_LINK_REQUEST,
        .request = ++w->next_request,
        .kind = hello->kind,
        .bytes = hello->body,
        .bytes_count = hello->body_bytes,
    };
    memcpy(m.address, c->address, sizeof m.address);
    if (!cw_link_is_up(w) || cw_table_put(&w->requests, m.request, c) != CW_OK) {
        cw_conn_close(w, c, CW_CLOSE_UNAVAILABLE, NULL, 0);
        return;
    }
    c->arrival->request = m.request;
    cw_conn_set_state(w, c, CW_CONN_AWAITING);
    cw_gate_fail(w, c->address, CW_PENALTY_REQUEST);
    if (!cw_link_put(w, &m))
        cw_conn_close(w, c, CW_CLOSE_UNAVAILABLE, NULL, 0);
}

void cw_conn_on_hello(struct cw_worker *w, struct cw_conn *c, struct cw_frame_buffer *f)
{
    struct cw_hello hello;
    if (w->is_stopping) {
        w->counters.turned_away[CW_AWAY_STOPPING]++;
        cw_conn_close(w, c, cw_worker_stop_code(w), NULL, 0);
        return;
    }
    if (!cw_gate_admits_hello(w)) {
        w->counters.turned_away[CW_AWAY_RATE]++;
        cw_conn_close(w, c, CW_CLOSE_OVERLOADED, NULL, 0);
        return;
    }
    int err = cw_hello_decode(cw_frame_payload(f), f->frame.length, &hello);
    if (err != CW_OK)
        cw_conn_refuse(w, c,
                       err == CW_ERR_UNSUPPORTED ? CW_CLOSE_VERSION
                       : err == CW_ERR_TOO_LARGE ? CW_CLOSE_TOO_LARGE
                                                 : CW_CLOSE_MALFORMED,
                       "HELLO");
    else if (hello.kind == CW_HELLO_TICKET || hello.kind == CW_HELLO_DEVICE)
        on_ticket(w, c, &hello);
    else
        on_request(w, c, &hello);
}

void cw_conn_on_reply(struct cw_worker *w, const struct cw_link_message *m)
{
    struct cw_conn *c = cw_table_get(&w->requests, m->request);
    if (c == NULL)
        return; /* it gave up meanwhile */
    struct cw_hello_reply reply = {.code = m->code, .body = m->bytes, .body_bytes = m->bytes_count};
    uint8_t payload[4 + CW_HELLO_REPLY_BODY_BYTES_MAX];
    size_t size = 0;
    if (cw_hello_reply_encode(&reply, payload, sizeof payload, &size) == CW_OK)
        cw_conn_send_message(w, c, CW_MESSAGE_HELLO_REPLY, payload, size);
    if (m->code == CW_CLOSE_OK)
        cw_gate_forgive(w, c->address, CW_PENALTY_REQUEST);
    cw_conn_close(w, c, m->code, NULL, 0);
}

void cw_conn_hand_over(struct cw_worker *w, struct cw_conn *c, int descriptor)
{
    struct cw_handover *h = c->arrival->handover;
    CW_CHECK(h != NULL, "the slot was reserved with the HELLO");
    unsigned owner = owner_of(w, &c->arrival->ticket);
    h->is_websocket = c->is_websocket;
    h->ticket = c->arrival->ticket;
    h->received_bytes = c->received_bytes;
    h->sent_bytes = c->sent_bytes;
    memcpy(h->address, c->address, sizeof h->address);
    memcpy(h->exporter, c->arrival->exporter, sizeof h->exporter);
    struct cw_mail mail = {.kind = MAIL_CONNECTION, .descriptor = descriptor, .connection = h};
    bool is_packed = cw_tls_export(w->tls, c->tls, &h->tls) == CW_OK;
    if (is_packed)
        c->tls = NULL;
    if (is_packed && cw_mailbox_push(w->config.mailboxes[owner], &mail) == CW_OK) {
        struct cw_io *io = w->config.ios[owner];
        io->ops->wake(io);
        c->arrival->handover = NULL; /* the receiver gives the slot back */
        w->counters.handovers++;
    } else {
        /* The owner is overrun: the descriptor comes back only to be closed. */
        cw_socket socket = 0;
        if (is_packed)
            cw_tls_moved_clear(&h->tls);
        if (w->io->ops->adopt(w->io, descriptor, &socket) == CW_OK)
            w->io->ops->close(w->io, socket, false);
    }
    cw_conn_set_state(w, c, CW_CONN_CLOSED);
}

/* Unpacks what came; NULL: there is no room for it. */
static struct cw_conn *unpack(struct cw_worker *w, struct cw_handover *h, int descriptor)
{
    cw_socket socket = 0;
    if (w->io->ops->adopt(w->io, descriptor, &socket) != CW_OK)
        return NULL;
    struct cw_conn *c = cw_conn_new(w, socket, h->address, CW_CONN_HELLO);
    if (c == NULL)
        return NULL;
    c->is_websocket = h->is_websocket;
    c->received_bytes = h->received_bytes;
    c->sent_bytes = h->sent_bytes;
    memcpy(c->arrival->exporter, h->exporter, sizeof h->exporter);
    if (cw_tls_import(w->tls, &h->tls, &c->tls) == CW_OK &&
        w->io->ops->recv_start(w->io, socket) == CW_OK)
        return c;
    cw_conn_drop(w, c, CW_CLOSE_OVERLOADED, false);
    return NULL;
}

static void take(struct cw_worker *w, const struct cw_mail *mail)
{
    struct cw_handover *h = mail->connection;
    struct cw_conn *c = unpack(w, h, mail->descriptor);
    if (c != NULL && w->is_stopping) {
        cw_conn_close(w, c, cw_worker_stop_code(w), NULL, 0); /* it came behind the others' end */
    } else if (c != NULL) {
        struct cw_ticket ticket = h->ticket;
        admit(w, c, &ticket);
        /* What came before the descriptor left the other worker: plaintext, then ciphertext. */
        if (h->rest_bytes > 0)
            cw_conn_read_rest(w, c, h->rest, h->rest_bytes);
        cw_conn_read(w, c, NULL, 0);
    }
    cw_tls_moved_clear(&h->tls);
    atomic_store(&h->is_taken, false);
}

void cw_conn_take_over(struct cw_worker *w)
{
    struct cw_mail mail;
    while (cw_mailbox_pop(w->config.mailboxes[w->config.index], &mail)) {
        CW_CHECK(mail.kind == MAIL_CONNECTION, "workers send each other connections only");
        take(w, &mail);
    }
}

void cw_conn_leave(struct cw_worker *w, struct cw_conn *c, uint16_t code)
{
    if (c->arrival != NULL && c->arrival->request != 0) {
        cw_table_remove(&w->requests, c->arrival->request);
        c->arrival->request = 0;
    }
    if (c->state != CW_CONN_OPEN)
        return;
    if (c->participant != NULL) {
        cw_session_leave(w, c, code);
    } else if (c->role == CW_ROLE_DEVICE) {
        if (cw_table_get(&w->devices, c->identity) == c)
            cw_table_remove(&w->devices, c->identity);
        put_presence(w, c, CW_LINK_DEVICE_DOWN, code);
    } else if (c->role == CW_ROLE_CONSOLE) {
        cw_list_remove(&c->group);
        put_presence(w, c, CW_LINK_CONSOLE_DOWN, code);
    }
    c->role = CW_ROLE_NONE; /* leaving happens once */
}
