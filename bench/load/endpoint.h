/* SPDX-License-Identifier: Apache-2.0 */
/* bench/load/endpoint.h - one end of a session on the engine: HELLO with a ticket, then frames.
 *
 * Owner:     the scenario; a value that stays where it is while connected.
 * Thread:    one.
 * Units:     bytes, ns.
 * Errors:    cw_endpoint_connect: CW_ERR_IO; closed() says why a connection ended.
 * Invariant: PINGs are answered here; the scenario sees session messages only.
 */
#ifndef CW_BENCH_LOAD_ENDPOINT_H
#define CW_BENCH_LOAD_ENDPOINT_H

#include "bench/load/pipe.h"
#include "engine/wire/frame.h"
#include "engine/wire/ticket.h"

/* The keys with which a load signs: control's, and one holder's for all endpoints. */
struct cw_keys {
    uint8_t control_seed[CW_KEY_BYTES], control_key[CW_KEY_BYTES];
    uint8_t holder_seed[CW_KEY_BYTES], holder_key[CW_KEY_BYTES];
};

struct cw_endpoint;
struct cw_endpoint_events {
    void (*secured)(struct cw_endpoint *e); /* TLS is complete; NULL: HELLO is sent */
    void (*welcome)(struct cw_endpoint *e);
    void (*frame)(struct cw_endpoint *e, const struct cw_frame *f, const uint8_t *payload);
    void (*drained)(struct cw_endpoint *e);
    /* code: of the engine's CLOSE, -1 without one. */
    void (*closed)(struct cw_endpoint *e, int code, const char *why);
};

struct cw_endpoint {
    struct cw_pipe *pipe; /* NULL when not connected */
    const struct cw_endpoint_events *events;
    const struct cw_keys *keys;
    void *owner;
    uint8_t ticket_kind, role;
    bool is_welcome;
    uint32_t session, participant;
    uint64_t permissions;
    int close_code;
    bool has_ticket; /* one that can be used again */
    struct cw_ticket ticket;
    size_t recv_bytes_max; /* not 0: see cw_pipe_throttle */
    uint64_t pings;
    uint8_t *part; /* of a frame that goes on in the next record */
    size_t part_bytes;
};

int cw_keys_make(struct cw_keys *k);
int cw_endpoint_connect(struct cw_endpoint *e, struct cw_net *n, const struct sockaddr_in *to);
/* Sends HELLO with a ticket. By itself when there is no secured(). */
void cw_endpoint_hello(struct cw_endpoint *e);
/* Room for a message of one frame, of type info decides the channel; commit sends it. */
uint8_t *cw_endpoint_reserve(struct cw_endpoint *e, uint8_t type, uint8_t flags, uint16_t stream,
                             size_t payload_bytes);
void cw_endpoint_commit(struct cw_endpoint *e, size_t payload_bytes);
void cw_endpoint_send(struct cw_endpoint *e, uint8_t type, const void *payload, size_t bytes);
/* The same for a message whose type and size are not known before it is there: room for the largest payload. */
uint8_t *cw_endpoint_open_frame(struct cw_endpoint *e);
void cw_endpoint_close_frame(struct cw_endpoint *e, uint8_t type, uint16_t stream,
                             size_t payload_bytes);
/* Ends the connection with a reset; closed() is not called. */
void cw_endpoint_reset(struct cw_endpoint *e);

#endif
