/* SPDX-License-Identifier: Apache-2.0 */
/* engine/conn.h - one connection: socket, TLS, framing, what it may do, and what waits for it.
 *
 * Owner:     the worker's pool; freed when its sockets' CLOSE completions have come.
 * Thread:    its worker's; a hand-over moves it to another worker's pool.
 * Units:     bytes, ns.
 * Errors:    functions that can end the connection end it themselves; callers look at the state.
 * Limits:    engine/limits.h, engine/relay_limits.h.
 * Invariant: cw_conn_check; a connection has a participant only while OPEN.
 *
 *   PLAIN ------------------------------------------------------------\
 *   HANDSHAKE -> HEAD -> PIPE (pages)                                  \
 *        \          \--> HELLO (WebSocket)                              > DRAIN -> CLOSED
 *         \-> HELLO (native) -> AWAITING | HANDOVER | OPEN             /
 *   HANDSHAKE  TLS; nothing was said
 *   PLAIN      the redirect port: an HTTP head without TLS
 *   HEAD       an HTTP head inside TLS
 *   HELLO      frames; who is it? bytes beyond the HELLO stay in the TLS object
 *   AWAITING   control was asked (ENROLMENT, SESSION_KEY)
 *   HANDOVER   waits until what was sent has left, then its descriptor and TLS go to the owner
 *   OPEN       authenticated; role fixed for life
 *   PIPE       bytes to and from control's web.sock
 *   DRAIN      last words go out; nothing received is looked at
 *   CLOSED     the sockets are being closed; only the completions are awaited
 */
#ifndef CW_ENGINE_CONN_H
#define CW_ENGINE_CONN_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/list.h"
#include "engine/base/timer.h"
#include "engine/frame_reader.h"
#include "engine/http_head.h"
#include "engine/io.h"
#include "engine/send_queue.h"
#include "engine/tls.h"
#include "engine/websocket.h"
#include "engine/wire/hello.h"
#include "engine/wire/link.h"

#define CW_CONN_STATES(X)     \
    X(HANDSHAKE, "handshake") \
    X(PLAIN, "plain")         \
    X(HEAD, "head")           \
    X(HELLO, "hello")         \
    X(AWAITING, "awaiting")   \
    X(HANDOVER, "handover")   \
    X(OPEN, "open")           \
    X(PIPE, "pipe")           \
    X(DRAIN, "drain")         \
    X(CLOSED, "closed")

enum cw_conn_state {
#define X(name, text) CW_CONN_##name,
    CW_CONN_STATES(X)
#undef X
        CW_CONN_STATE_COUNT
};

/* Raw bytes: an HTTP head, a plain answer, what goes to web.sock. */
struct cw_chunk {
    uint32_t at; /* bytes before this one are done */
    uint32_t size;
    uint8_t bytes[CW_FRAME_BYTES_MAX];
};

struct cw_worker;
struct cw_participant;
struct cw_handover;

struct cw_conn {
    struct cw_list all;   /* in worker->conns */
    struct cw_list dirty; /* in worker->dirty while something may be sent */
    struct cw_list group; /* in worker->consoles */
    struct cw_timer timer;
    enum cw_conn_state state;
    cw_socket socket;     /* 0 once its CLOSE completion has come */
    uint64_t number;      /* of this worker's connections */
    uint64_t state_ns;    /* when the state began */
    uint64_t heard_ns;    /* last byte received */
    uint64_t progress_ns; /* last byte taken by the peer, or the first that waits for it */
    uint64_t pinged_ns;
    uint64_t opened_unix_s;
    uint64_t received_bytes;
    uint64_t sent_bytes;
    uint64_t
        unsent_bytes; /* plaintext given to the output since it was last empty, less what left */
    uint8_t address[CW_ADDRESS_BYTES];

    struct cw_tls *tls; /* NULL: plain */
    uint8_t exporter[CW_EXPORTER_BYTES];
    bool is_websocket;
    bool is_sending;     /* one send is in flight */
    bool is_detaching;   /* HANDOVER: the descriptor is leaving; nothing else may happen to it */
    bool has_ended;      /* the peer's end of stream came */
    bool has_last_words; /* DRAIN: the closing bytes of WebSocket and TLS are in the output */
    uint16_t close_code;
    uint16_t websocket_close; /* another code than 4000 + close_code, or 0 */
    struct cw_chunk *plain_out;

    struct cw_frame_reader reader;
    struct cw_websocket_reader websocket;
    struct cw_frame_buffer *held; /* WebSocket: whole, but its message has not ended */
    struct cw_queue queue;

    /* HEAD, PIPE */
    struct cw_http_head head;
    struct cw_chunk *chunk;
    cw_socket upstream;
    bool upstream_is_connected;
    bool upstream_is_sending;
    bool upstream_is_paused; /* recv_stop was called: the browser is slow */
    bool upstream_has_ended;
    bool
        upstream_is_shut; /* nothing more is sent to control: the browser has ended, or control listens no more */
    bool is_paused; /* recv_stop was called: control is slow */

    /* OPEN */
    uint8_t role;
    uint32_t identity;     /* participant, device or account number */
    uint32_t session;      /* 0: device or console */
    uint64_t permissions;  /* of a device or console; a participant has its own */
    uint64_t withdrawn_ns; /* when the last permission was taken away */
    uint64_t request;      /* AWAITING */
    struct cw_participant *participant;
    struct cw_ticket ticket;      /* HANDOVER */
    struct cw_handover *handover; /* HANDOVER: reserved */
};

enum {
    CW_TIMER_CONN = 1,
    CW_TIMER_SESSION_GRACE,
    CW_TIMER_SESSION_SYNC,
    CW_TIMER_LINK,
    CW_TIMER_STOP
};

const char *cw_conn_state_name(enum cw_conn_state state);
void cw_conn_check(const struct cw_conn *c);

/* ---- conn.c: life ------------------------------------------------------------------------------ */
/* NULL: at the limit (the socket is closed then). In HANDSHAKE it gets a TLS object. */
struct cw_conn *cw_conn_new(struct cw_worker *w, cw_socket socket, const uint8_t *address,
                            enum cw_conn_state state);
/* The only writer of the state. */
void cw_conn_set_state(struct cw_worker *w, struct cw_conn *c, enum cw_conn_state to);
/* Says CLOSE with the code (and text, or the code's own), lets it go out and closes. */
void cw_conn_close(struct cw_worker *w, struct cw_conn *c, uint16_t code, const char *text,
                   size_t text_bytes);
/* Closes with the code; control is told too, for the audit log, up to the source's budget. */
void cw_conn_refuse(struct cw_worker *w, struct cw_conn *c, uint16_t code, const char *what);
/* Closes at once without a word. flush: what the kernel has goes out. */
void cw_conn_drop(struct cw_worker *w, struct cw_conn *c, uint16_t code, bool flush);
void cw_conn_on_closed(struct cw_worker *w, struct cw_conn *c, cw_socket socket, int32_t result);
void cw_conn_on_timer(struct cw_worker *w, struct cw_conn *c);
/* Frees everything but the sockets; for cw_worker_free. */
void cw_conn_release(struct cw_worker *w, struct cw_conn *c);

/* ---- conn_send.c ------------------------------------------------------------------------------- */
void cw_conn_mark(struct cw_worker *w, struct cw_conn *c);
/* Queues one frame (a new reference). A queue over its limit closes the connection. */
void cw_conn_send(struct cw_worker *w, struct cw_conn *c, struct cw_frame_buffer *f);
/* Makes and queues a message of one frame. */
void cw_conn_send_message(struct cw_worker *w, struct cw_conn *c, uint8_t type, const void *payload,
                          size_t payload_bytes);
/* What waits for it: bytes of one channel, of all, of all but screen. */
uint32_t cw_conn_queued_bytes(const struct cw_conn *c, uint8_t channel);
uint32_t cw_conn_waiting_bytes(const struct cw_conn *c);
uint32_t cw_conn_reliable_bytes(const struct cw_conn *c);
/* The frame of a channel that goes next, or NULL. */
const struct cw_frame_buffer *cw_conn_oldest(const struct cw_conn *c, uint8_t channel);
/* As cw_queue_clear and cw_queue_clear_messages. */
void cw_conn_clear(struct cw_worker *w, struct cw_conn *c, uint8_t channel);
bool cw_conn_clear_messages(struct cw_worker *w, struct cw_conn *c, uint8_t channel);
/* Bytes outside frames: HTTP, WebSocket control frames. */
void cw_conn_write(struct cw_worker *w, struct cw_conn *c, const uint8_t *data, size_t size);
void cw_conn_flush(struct cw_worker *w, struct cw_conn *c);
void cw_conn_on_sent(struct cw_worker *w, struct cw_conn *c, int32_t result);

/* ---- conn_receive.c ---------------------------------------------------------------------------- */
void cw_conn_on_received(struct cw_worker *w, struct cw_conn *c, const uint8_t *data,
                         int32_t result);
/* Works through what the TLS object holds. */
void cw_conn_read(struct cw_worker *w, struct cw_conn *c);

/* ---- conn_web.c -------------------------------------------------------------------------------- */
void cw_conn_on_head(struct cw_worker *w, struct cw_conn *c, const uint8_t *data, size_t size);
void cw_conn_on_connected(struct cw_worker *w, struct cw_conn *c, int32_t result);
void cw_conn_on_upstream(struct cw_worker *w, struct cw_conn *c, const uint8_t *data,
                         int32_t result);
void cw_conn_on_upstream_sent(struct cw_worker *w, struct cw_conn *c, int32_t result);
/* Moves plaintext to control while it takes it. */
void cw_conn_pull(struct cw_worker *w, struct cw_conn *c);
void cw_conn_resume_upstream(struct cw_worker *w, struct cw_conn *c);

/* ---- conn_hello.c ------------------------------------------------------------------------------ */
void cw_conn_on_hello(struct cw_worker *w, struct cw_conn *c, struct cw_frame_buffer *f);
void cw_conn_on_reply(struct cw_worker *w, const struct cw_link_message *m);
/* The descriptor has left the backend: puts the connection into the owner's mailbox. */
void cw_conn_hand_over(struct cw_worker *w, struct cw_conn *c, int descriptor);
/* Takes connections out of this worker's mailbox. */
void cw_conn_take_over(struct cw_worker *w);
/* Session, device or console entries forget it; control hears of it. */
void cw_conn_leave(struct cw_worker *w, struct cw_conn *c, uint16_t code);

/* ---- relay.c ----------------------------------------------------------------------------------- */
/* A whole frame from an endpoint; the reference is the callee's. */
void cw_relay_on_frame(struct cw_worker *w, struct cw_conn *c, struct cw_frame_buffer *f);

#endif
