/* SPDX-License-Identifier: Apache-2.0 */
/* clients/peer/peer.h - one native connection's protocol: bytes in, bytes out, no socket and no clock.
 *
 * Owner:     the caller owns the struct from cw_peer_init to cw_peer_clear.
 * Thread:    one.
 * Units:     ns (monotonic, given by the caller), bytes.
 * Errors:    cw_peer_feed: CW_ERR_CLOSED (the appliance said CLOSE), CW_ERR_INVALID, CW_ERR_TOO_LARGE,
 *            CW_ERR_UNSUPPORTED, or what on_message returned; cw_peer_tick: CW_ERR_TIMEOUT;
 *            cw_peer_send: CW_ERR_STATE (not open), CW_ERR_FULL (CW_RELIABLE_QUEUE_BYTES_MAX). After any error
 *            of feed and tick, close_code and close_text say why and nothing may be fed any more.
 * Limits:    engine/limits.h. What the appliance sends to a screen source fits one frame each; a message in
 *            several frames is refused as malformed.
 * Invariant: at most one borrowed (screen) message is queued; frames of one channel never interleave.
 *
 *   NEW --cw_peer_hello--> HELLO --WELCOME or HELLO_REPLY--> OPEN --CLOSE, error--> CLOSED
 *
 * Send order: class 0 (control, input, cursor), 1 (chat ...), 2 (screen), decided anew for each frame, so a
 * cursor move overtakes a keyframe that is on its way.
 */
#ifndef CW_CLIENTS_PEER_PEER_H
#define CW_CLIENTS_PEER_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/limits.h"
#include "engine/wire/frame.h"
#include "engine/wire/hello.h"
#include "engine/wire/message.h"

enum cw_peer_state {
    CW_PEER_NEW,
    CW_PEER_HELLO,
    CW_PEER_OPEN,
    CW_PEER_CLOSED,
};

/* A whole message; not called for PING, PONG and CLOSE. WELCOME comes after ->welcome is set. */
typedef int (*cw_peer_message_fn)(void *user, uint8_t type, const uint8_t *payload, size_t size);

struct cw_peer_queued;

struct cw_peer {
    enum cw_peer_state state;
    cw_peer_message_fn on_message;
    void *user;
    uint16_t
        message_stream; /* of the message that on_message is called with; 0 but for data of streams */
    struct cw_welcome welcome; /* valid once OPEN after a TICKET or DEVICE hello */
    uint16_t close_code;       /* enum cw_close_code, once CLOSED */
    char close_text[CW_REASON_TEXT_BYTES_MAX + 1];

    uint64_t hello_ns;
    uint64_t heard_ns;
    uint64_t pinged_ns;

    struct cw_peer_queued *head[CW_SEND_CLASS_COUNT];
    struct cw_peer_queued *tail[CW_SEND_CLASS_COUNT];
    size_t queued_bytes; /* copied messages */
    bool has_borrowed;
    uint32_t input_size;
    uint32_t output_size;
    uint32_t output_at;
    uint8_t input[CW_FRAME_BYTES_MAX];
    uint8_t output[CW_FRAME_BYTES_MAX];
};

void cw_peer_init(struct cw_peer *p, cw_peer_message_fn on_message, void *user);
/* Frees what is queued; the struct may be initialised again. */
void cw_peer_clear(struct cw_peer *p);

/* Queues the hello. secret_seed and exporter are used by kinds TICKET and DEVICE only. */
int cw_peer_hello_ticket(struct cw_peer *p, uint8_t kind, const uint8_t *ticket,
                         const uint8_t *secret_seed, const uint8_t *exporter, uint64_t now_ns);
int cw_peer_hello_opaque(struct cw_peer *p, uint8_t kind, const void *body, size_t body_bytes,
                         uint64_t now_ns);

int cw_peer_feed(struct cw_peer *p, const uint8_t *data, size_t size, uint64_t now_ns);
/* Keep-alive and time-outs. */
int cw_peer_tick(struct cw_peer *p, uint64_t now_ns);
/* When cw_peer_tick has something to do next. */
uint64_t cw_peer_deadline_ns(const struct cw_peer *p);

/* Copies the payload. */
int cw_peer_send(struct cw_peer *p, uint8_t type, uint8_t flags, const void *payload, size_t size);
/* Data of a stream (engine/wire/byte_stream.h): CW_ERR_FULL when it has to wait. */
int cw_peer_send_stream(struct cw_peer *p, uint8_t type, uint16_t stream, const void *payload,
                        size_t size);
/* Queues the payload in place: the bytes must stay until cw_peer_has_borrowed() is false again.
 * CW_ERR_STATE while another one is queued. */
int cw_peer_send_borrowed(struct cw_peer *p, uint8_t type, uint8_t flags, const uint8_t *payload,
                          size_t size);
bool cw_peer_has_borrowed(const struct cw_peer *p);
/* Drops a borrowed message of which no frame was handed out; false if one was (it must be finished). */
bool cw_peer_drop_borrowed(struct cw_peer *p);
/* Ends the connection from here: CLOSE is queued, the state becomes CLOSED. */
void cw_peer_close(struct cw_peer *p, uint16_t code, const char *text);

/* The next bytes to send, or *ret_size 0. At most one frame: seal it as one TLS record. */
const uint8_t *cw_peer_output(struct cw_peer *p, size_t *ret_size);
void cw_peer_sent(struct cw_peer *p, size_t n);
bool cw_peer_has_output(const struct cw_peer *p);

#endif
