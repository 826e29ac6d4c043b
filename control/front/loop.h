/* SPDX-License-Identifier: Apache-2.0 */
/* control/front/loop.h - control's one state thread: an epoll set and what to call when a descriptor is ready.
 *
 * Owner:     main owns the loop; whoever watches a descriptor owns its struct cw_watch and the descriptor.
 * Thread:    the state thread only.
 * Units:     times in ms of CLOCK_MONOTONIC.
 * Errors:    CW_ERR_IO, CW_ERR_NOMEM.
 * Invariant: after cw_loop_forget() a watch is never called again, not even for an event that the same
 *            wait already reported; so a callback may free any watch.
 */
#ifndef CW_CONTROL_FRONT_LOOP_H
#define CW_CONTROL_FRONT_LOOP_H

#include <stdint.h>

struct cw_loop;

struct cw_watch {
    int fd; /* -1: not watched */
    void (*ready)(void *arg, uint32_t epoll_events);
    void *arg;
};

int cw_loop_new(struct cw_loop **ret_loop);
void cw_loop_free(struct cw_loop *l);

/* Watches w->fd for EPOLLIN, EPOLLOUT ... (level-triggered). */
int cw_loop_watch(struct cw_loop *l, struct cw_watch *w, uint32_t epoll_events);
int cw_loop_change(struct cw_loop *l, struct cw_watch *w, uint32_t epoll_events);
/* Takes w->fd out of the set; it stays open and w->fd stays as it is. */
void cw_loop_forget(struct cw_loop *l, struct cw_watch *w);
/* Waits at most timeout_ms and calls who is ready, once each. Interrupted by a signal: returns 0. */
int cw_loop_turn(struct cw_loop *l, int timeout_ms);

uint64_t cw_loop_now_ms(void);
uint64_t cw_loop_now_unix_ms(void);

#endif
