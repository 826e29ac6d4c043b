/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/loop.h - one turn of the program: collect descriptors and times, wait, go on.
 *
 * Owner:     a value of the caller.
 * Thread:    one.
 * Units:     ns (CLOCK_MONOTONIC).
 * Errors:    cw_loop_init: CW_ERR_IO.
 * Limits:    CW_LOOP_FDS_MAX.
 */
#ifndef CW_CLIENTS_AGENT_LOOP_H
#define CW_CLIENTS_AGENT_LOOP_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

enum { CW_LOOP_FDS_MAX = 32 }; /* 4 sessions of 2, their windows, device, input, signals */

struct cw_loop {
    int signals; /* SIGINT, SIGTERM, SIGHUP as a descriptor */
    unsigned count;
    uint64_t deadline_ns;
    struct pollfd fds[CW_LOOP_FDS_MAX];
};

uint64_t cw_now_ns(void);

int cw_loop_init(struct cw_loop *l);
/* Starts a turn. */
void cw_loop_begin(struct cw_loop *l);
void cw_loop_add(struct cw_loop *l, int fd, short events);
void cw_loop_until(struct cw_loop *l, uint64_t deadline_ns);
/* False: a signal says that the program should end. */
bool cw_loop_wait(struct cw_loop *l);

#endif
