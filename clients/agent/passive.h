/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/passive.h - the sleep of a passive Jump Client: it listens for datagrams, and looks in now and then.
 *
 * Owner:     a value of the device, from cw_passive_start to cw_passive_stop; it owns the socket.
 * Thread:    one.
 * Units:     ns (CLOCK_MONOTONIC).
 * Errors:    none: without a socket or a file it goes on, and the log says so.
 * Limits:    CW_PASSIVE_READS_PER_S datagrams are read; what comes beyond them waits in the kernel, or is lost there.
 *            What was dropped is one line of the log a minute.
 * Invariant: the number of a datagram is in the file before it wakes; a file from before a restart is listened with at
 *            once.
 */
#ifndef CW_CLIENTS_AGENT_PASSIVE_H
#define CW_CLIENTS_AGENT_PASSIVE_H

#include "clients/agent/loop.h"
#include "clients/agent/order.h"
#include "clients/agent/wake_gate.h"

enum {
    CW_PASSIVE_READS_PER_S = 500,
    CW_PASSIVE_VISIT_S = 5, /* a visit without a session: long enough for orders to come */
};

struct cw_passive {
    bool is_on;
    const char *state_dir;
    uint16_t port;
    int fd; /* -1: none */
    struct cw_wake_gate gate;
    uint64_t visit_every_ns;
    uint64_t awake_ns; /* how long it stays when it was woken, or a session has ended */
    uint64_t leave_ns;
    bool was_woken; /* and not connected since */
    uint64_t second_ns;
    uint32_t reads; /* in that second */
    uint64_t told_ns;
    uint64_t told; /* how many were dropped by the last line */
};

/* state_dir NULL: a program on trial, which leaves the port and the file to the one in use. */
void cw_passive_start(struct cw_passive *p, const char *state_dir, uint32_t item);
void cw_passive_stop(struct cw_passive *p);
/* With a control_key that is the appliance's. */
void cw_passive_settings(struct cw_passive *p, const struct cw_order_settings *s, uint64_t now_ns);
/* Reads what has come; true: it was woken. */
bool cw_passive_process(struct cw_passive *p, uint64_t now_ns);
void cw_passive_poll(const struct cw_passive *p, struct cw_loop *loop);

void cw_passive_on_welcome(struct cw_passive *p, uint64_t now_ns);
/* Whether it is time to leave. is_busy: a session runs. */
bool cw_passive_leaves(struct cw_passive *p, bool is_busy, uint64_t now_ns);
/* When the next visit is; random spreads those of many computers over a tenth of the time. */
uint64_t cw_passive_next_ns(const struct cw_passive *p, uint64_t now_ns, uint32_t random);

#endif
