/* SPDX-License-Identifier: Apache-2.0 */
/* bench/load/flow.h - one stream (shell, file) between the two ends of a session, each end checked.
 *
 * What is written are messages of one size (pattern.h); the other end takes the bytes apart again.
 *
 * Owner:     the scenario owns a flow for each end; cw_flow_free frees its memory.
 * Thread:    one.
 * Units:     bytes, ns.
 * Errors:    what breaks the protocol, a byte that nobody sent and a message out of turn end the run.
 */
#ifndef CW_BENCH_LOAD_FLOW_H
#define CW_BENCH_LOAD_FLOW_H

#include "bench/load/load.h"
#include "bench/load/pattern.h"
#include "engine/wire/byte_stream.h"

struct cw_flow {
    struct cw_load *load;
    struct cw_endpoint *endpoint;
    struct cw_byte_stream stream;
    bool is_open;
    uint8_t *ring;
    size_t unit;            /* bytes of a message */
    uint64_t sequence;      /* to be written */
    uint64_t next_sequence; /* to be received */
    uint8_t *part;
    size_t part_bytes;
    /* NULL: only checked. */
    void (*message)(struct cw_flow *f, const struct cw_pattern *p);
    void *owner;
};

void cw_flow_init(struct cw_flow *f, struct cw_load *l, struct cw_endpoint *e, size_t unit);
/* The opener's end; the other one opens by the STREAM_OPEN it receives. */
void cw_flow_open(struct cw_flow *f, uint8_t channel);
/* False: the frame is not about streams. */
bool cw_flow_frame(struct cw_flow *f, const struct cw_frame *frame, const uint8_t *payload);
/* False: the ring is full. */
bool cw_flow_write(struct cw_flow *f, uint64_t now_ns);
/* Sends what may be sent while less than unsent_most waits. Returns when it wants to be called again. */
uint64_t cw_flow_pump(struct cw_flow *f, uint64_t now_ns, size_t unsent_most);

#endif
