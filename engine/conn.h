/* SPDX-License-Identifier: Apache-2.0 */
/* engine/conn.h - one connection: socket, TLS, framing, what it may do, and what waits for it.
 *
 * Owner:     the worker's pool, like everything attached to it; freed when its sockets' CLOSE completions
 *            have come.
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
 *   HELLO      frames; who is it?
 *   AWAITING   control was asked (ENROLMENT, SESSION_KEY)
 *   HANDOVER   waits until what was sent has left, then its descriptor, TLS and whatever came behind the
 *              HELLO go to the owner
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

/* What is on its way to web.sock: an HTTP head, then bodies. A head may be whole but for a byte when a full
 * record comes. */
struct cw_chunk {
    uint32_t at; /* bytes before this one are done */
    uint32_t size;
    uint8_t bytes[CW_HTTP_HEAD_BYTES_MAX + CW_RELAY_RECORD_BYTES_MAX + 64];
};

struct cw_worker;
struct cw_participant;
struct cw_handover;

/* What a connection needs until it is OPEN, and a page for its life. */
struct cw_arrival {
    uint8_t exporter[CW_EXPORTER_BYTES];
    uint64_t request;             /* AWAITING */
    struct cw_ticket ticket;      /* HANDOVER */
    struct cw_handover *handover; /* HANDOVER: reserved */

    /* HEAD, PIPE */
    struct cw_http_head head;
    struct cw_chunk *chunk;
    cw_socket upstream;
    uint32_t progress_ms; /* when the browser last took a byte */
    uint32_t began_ms;    /* when it was accepted; after a hand-over, when it came here */
    bool upstream_is_connected;
    bool upstream_is_sending;
    bool upstream_is_paused; /* recv_stop was called: the browser is slow */
    bool upstream_has_ended;
    bool
        upstream_is_shut; /* nothing more is sent to control: the browser has ended, or control listens no more */
};

/* What is partly received. */
struct cw_input {
    struct cw_frame_reader reader;
    struct cw_websocket_reader websocket;
    struct cw_frame_buffer *held; /* WebSocket: whole, but its message has not ended */
};

/* What is being sent: bytes [at, size), in one send of the backend. */
struct cw_output {
    uint32_t at;
    uint32_t size;
    uint32_t capacity;
    uint32_t progress_ms; /* when the peer last took a byte, or the send began */
    uint8_t bytes[];
};

/* An idle connection is this, its struct cw_tls and a slot in by_socket. What it needs only sometimes is attached
 * from a pool while it is needed. */
struct cw_conn {
    struct cw_tls *tls;       /* NULL: plain */
    struct cw_output *output; /* while a send is in flight */
    struct cw_queue *queue;   /* while frames wait or a message is cut in two */
    struct cw_input *input;   /* while something is partly received */
    struct cw_list
        dirty; /* in worker->dirty while something may be sent; in worker->starved without an output */
    uint64_t received_bytes;
    uint64_t sent_bytes;

    cw_socket socket;  /* 0 once its CLOSE completion has come */
    uint32_t heard_ms; /* last byte received, by worker->now_ms */
    uint8_t state;     /* enum cw_conn_state */
    uint8_t role;      /* OPEN */
    uint8_t close_code;
    uint8_t
        websocket_close; /* another WebSocket code than 4000 + close_code: less 1000, plus 1; or 0 */
    bool is_websocket : 1;
    bool is_sending : 1;   /* one send is in flight */
    bool is_detaching : 1; /* HANDOVER: the descriptor is leaving; nothing else may happen to it */
    bool is_paused : 1;    /* PIPE: recv_stop was called: control is slow */
    bool has_ended : 1;    /* the peer's end of stream came */
    bool has_last_words : 1; /* DRAIN: the closing bytes of WebSocket and TLS are in the output */
    uint32_t session;        /* OPEN; 0: device or console */
    uint32_t identity;       /* OPEN: participant, device or account number */
    struct cw_participant *participant; /* OPEN, with a session */
    uint64_t permissions;       /* OPEN: of a device or console; a participant has its own */
    struct cw_arrival *arrival; /* before OPEN; PIPE */

    struct cw_timer timer;
    struct cw_list all;   /* in worker->conns */
    struct cw_list group; /* in worker->consoles */
    uint64_t number;      /* of this worker's connections */
    uint32_t opened_unix_s;
    uint32_t pinged_ms;
    uint32_t urgent_ms; /* when a key, or a word of a shell, was last queued for it */
    uint8_t address[CW_ADDRESS_BYTES];
};

enum {
    CW_TIMER_CONN = 1,
    CW_TIMER_SESSION_GRACE,
    CW_TIMER_SESSION_SYNC,
    CW_TIMER_LINK,
    CW_TIMER_STOP,
    CW_TIMER_STREAM,
    CW_TIMER_ACCEPT,
    CW_TIMER_TRIM,
    CW_TIMER_RECORD
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
void cw_conn_close_upstream(struct cw_worker *w, struct cw_conn *c);
/* A send has begun. */
void cw_conn_watch_send(struct cw_worker *w, struct cw_conn *c);
/* The connection that a socket, its own or its upstream, belongs to; NULL: none does. */
struct cw_conn *cw_conn_of_socket(const struct cw_worker *w, cw_socket socket);
void cw_conn_add_socket(struct cw_worker *w, cw_socket socket, struct cw_conn *c);
void cw_conn_remove_socket(struct cw_worker *w, cw_socket socket);
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
/* When the kernel last took a byte of what is being sent; now, when nothing is. */
uint64_t cw_conn_progress_ns(const struct cw_worker *w, const struct cw_conn *c);
/* As cw_queue_clear and cw_queue_clear_messages. */
void cw_conn_clear(struct cw_worker *w, struct cw_conn *c, uint8_t channel);
void cw_conn_clear_stream(struct cw_worker *w, struct cw_conn *c, uint8_t channel, uint16_t stream);
bool cw_conn_clear_messages(struct cw_worker *w, struct cw_conn *c, uint8_t channel);
/* The WebSocket code to end with instead of 4000 + close_code: 1000 to 1254. */
void cw_conn_set_websocket_close(struct cw_conn *c, uint16_t code);
/* Bytes outside frames: HTTP, WebSocket control frames. */
void cw_conn_write(struct cw_worker *w, struct cw_conn *c, const uint8_t *data, size_t size);
void cw_conn_flush(struct cw_worker *w, struct cw_conn *c);
void cw_conn_on_sent(struct cw_worker *w, struct cw_conn *c, int32_t result);
/* Drops everything that waits. */
void cw_conn_clear_all(struct cw_worker *w, struct cw_conn *c);
void cw_conn_release_output(struct cw_worker *w, struct cw_conn *c);

/* ---- conn_receive.c ---------------------------------------------------------------------------- */
void cw_conn_on_received(struct cw_worker *w, struct cw_conn *c, const uint8_t *data,
                         int32_t result);
/* A round of TLS: what it kept, then data (size 0: nothing). */
/* A newcomer that had to wait. */
void cw_conn_go_on(struct cw_worker *w, struct cw_conn *c);
void cw_conn_read(struct cw_worker *w, struct cw_conn *c, const uint8_t *data, size_t size);
/* Plaintext that came behind a HELLO and moved here with the connection. */
void cw_conn_read_rest(struct cw_worker *w, struct cw_conn *c, const uint8_t *data, size_t size);
void cw_conn_release_input(struct cw_worker *w, struct cw_conn *c);

/* ---- conn_web.c -------------------------------------------------------------------------------- */
void cw_conn_on_head(struct cw_worker *w, struct cw_conn *c, const uint8_t *data, size_t size);
void cw_conn_on_connected(struct cw_worker *w, struct cw_conn *c, int32_t result);
void cw_conn_on_upstream(struct cw_worker *w, struct cw_conn *c, const uint8_t *data,
                         int32_t result);
void cw_conn_on_upstream_sent(struct cw_worker *w, struct cw_conn *c, int32_t result);
/* In a round: moves one record to control if it takes it. False: nothing more can be done now. */
bool cw_conn_pull(struct cw_worker *w, struct cw_conn *c);
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
