/* SPDX-License-Identifier: Apache-2.0 */
/* bench/load/plain.h - messages of one size over plain TLS byte streams: through a relay, and to the servers
 * behind it, which are this process too.
 *
 * Owner:     cw_plain_start's memory lives as long as the process.
 * Thread:    one.
 * Units:     bytes.
 */
#ifndef CW_BENCH_LOAD_PLAIN_H
#define CW_BENCH_LOAD_PLAIN_H

#include "bench/load/load.h"
#include "bench/load/pattern.h"

/* One end of a relayed stream. */
struct cw_plain_end {
    struct cw_load *load;
    struct cw_pipe *pipe;
    bool is_server;
    bool is_known; /* a server has seen its first message */
    uint32_t session;
    uint64_t next_sequence; /* to be received */
    uint64_t sequence;      /* to be sent */
    uint64_t next_ns;       /* when it is due */
    uint8_t *part;
    size_t part_bytes;
};

struct cw_plain_events {
    void (*ready)(struct cw_plain_end *e); /* a client is through TLS */
    /* Checked and in order; the raw bytes are there to be sent back. */
    void (*message)(struct cw_plain_end *e, const struct cw_pattern *p, const uint8_t *data);
    void (*drained)(struct cw_plain_end *e);
};

struct cw_plain {
    struct cw_load *load;
    const struct cw_plain_events *events;
    struct cw_loop_target listener;
    int fd;
    unsigned count, dialled, up; /* clients */
    struct cw_plain_end *clients;
};

struct cw_plain *cw_plain_start(struct cw_load *l, unsigned count,
                                const struct cw_plain_events *events);
/* Dials what is still to be dialled. */
void cw_plain_step(struct cw_plain *p);
void cw_plain_send(struct cw_plain_end *e, uint64_t now_ns);

#endif
