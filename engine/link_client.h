/* SPDX-License-Identifier: Apache-2.0 */
/* engine/link_client.h - a worker's end of the link to control: connect, queue, reconnect.
 *
 * Owner:     the worker.
 * Thread:    the worker's.
 * Units:     bytes, ns.
 * Errors:    cw_link_put gives false when the message was not taken (away and not worth keeping, or full).
 * Limits:    CW_LINK_QUEUE_BYTES_MAX while control is away, CW_LINK_MESSAGE_BYTES_MAX a message.
 * Invariant: at <= size <= LINK_QUEUE_ROOM; the queue begins and ends at a message's border but for the bytes
 *            of its first message that were sent.
 *
 * While control is away only what it must store waits: COPY, *_DOWN, SESSION_OVER, REFUSED.
 */
#ifndef CW_ENGINE_LINK_CLIENT_H
#define CW_ENGINE_LINK_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/timer.h"
#include "engine/io.h"
#include "engine/wire/link.h"

struct cw_worker;

enum cw_link_state {
    CW_LINK_AWAY, /* waits for the next attempt */
    CW_LINK_CONNECTING,
    CW_LINK_GREETING, /* the snapshot was sent; control has not answered */
    CW_LINK_UP,       /* CONTROL_HELLO came */
};

struct cw_link {
    enum cw_link_state state;
    cw_socket socket;
    struct cw_timer timer;
    uint64_t retry_ms;
    uint32_t
        tell_next; /* index in worker->by_socket; CW_IO_SOCKETS_MAX: everybody knows the state */
    uint8_t *queue;
    uint64_t queue_at;   /* bytes before this were sent in whole messages */
    uint64_t queue_size; /* end of what waits */
    uint64_t sent_part;  /* bytes of queue_at's messages that were sent already */
    bool is_sending;
    uint8_t *input;
    uint32_t input_size;
    uint64_t number;    /* of the connection: grows with each snapshot */
    char origins[1024]; /* from CONTROL_HELLO; empty: those of the configuration */
};

int cw_link_init(struct cw_worker *w);
void cw_link_fini(struct cw_worker *w);
bool cw_link_is_up(const struct cw_worker *w);
bool cw_link_put(struct cw_worker *w, const struct cw_link_message *m);
void cw_link_flush(struct cw_worker *w);
void cw_link_on_timer(struct cw_worker *w);
void cw_link_on_connected(struct cw_worker *w, int32_t result);
void cw_link_on_received(struct cw_worker *w, const uint8_t *data, int32_t result);
void cw_link_on_sent(struct cw_worker *w, int32_t result);
void cw_link_on_closed(struct cw_worker *w);
/* Who is OPEN hears of the link's new state, some in each step; who waits for control's answer and gets none is
 * closed. */
void cw_link_tell_everybody(struct cw_worker *w);
bool cw_link_is_telling(const struct cw_worker *w);
void cw_link_tell_some(struct cw_worker *w);
/* The link is unusable: try again later. */
void cw_link_break(struct cw_worker *w, const char *why);

/* ---- link_orders.c: what control says ------------------------------------------------------------- */
void cw_link_on_message(struct cw_worker *w, const struct cw_link_message *m);
void cw_link_send_snapshot(struct cw_worker *w);

/* ---- status.c ---------------------------------------------------------------------------------- */
/* JSON for STATUS; gives its size. */
size_t cw_status_write(struct cw_worker *w, char *out, size_t out_size);

#endif
