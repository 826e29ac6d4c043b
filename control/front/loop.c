/* SPDX-License-Identifier: Apache-2.0 */
#include "control/front/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/err.h"

enum { LOOP_BATCH = 64 };

struct cw_loop {
    int epoll_fd;
    int ready_count; /* events of this turn; those before ready_at are done */
    int ready_at;
    struct epoll_event ready[LOOP_BATCH];
};

int cw_loop_new(struct cw_loop **ret_loop)
{
    struct cw_loop *l = calloc(1, sizeof *l);
    if (l == NULL)
        return CW_ERR_NOMEM;
    l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (l->epoll_fd < 0) {
        free(l);
        return CW_ERR_IO;
    }
    *ret_loop = l;
    return 0;
}

void cw_loop_free(struct cw_loop *l)
{
    if (l == NULL)
        return;
    (void)close(l->epoll_fd);
    free(l);
}

static int loop_control(struct cw_loop *l, int what, struct cw_watch *w, uint32_t epoll_events)
{
    struct epoll_event event = {.events = epoll_events, .data.ptr = w};
    return epoll_ctl(l->epoll_fd, what, w->fd, &event) == 0 ? 0 : CW_ERR_IO;
}

int cw_loop_watch(struct cw_loop *l, struct cw_watch *w, uint32_t epoll_events)
{
    return loop_control(l, EPOLL_CTL_ADD, w, epoll_events);
}

int cw_loop_change(struct cw_loop *l, struct cw_watch *w, uint32_t epoll_events)
{
    return loop_control(l, EPOLL_CTL_MOD, w, epoll_events);
}

void cw_loop_forget(struct cw_loop *l, struct cw_watch *w)
{
    (void)loop_control(l, EPOLL_CTL_DEL, w, 0);
    for (int i = l->ready_at; i < l->ready_count; i++)
        if (l->ready[i].data.ptr == w)
            l->ready[i].data.ptr = NULL;
}

int cw_loop_turn(struct cw_loop *l, int timeout_ms)
{
    int n = epoll_wait(l->epoll_fd, l->ready, LOOP_BATCH, timeout_ms);
    if (n < 0)
        return errno == EINTR ? 0 : CW_ERR_IO;
    l->ready_count = n;
    for (l->ready_at = 0; l->ready_at < l->ready_count;) {
        const struct epoll_event *e = &l->ready[l->ready_at++];
        struct cw_watch *w = e->data.ptr;
        if (w != NULL)
            w->ready(w->arg, e->events);
    }
    l->ready_count = 0;
    l->ready_at = 0;
    return 0;
}

static uint64_t loop_clock_ms(clockid_t clock)
{
    struct timespec t;
    (void)clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

uint64_t cw_loop_now_ms(void)
{
    return loop_clock_ms(CLOCK_MONOTONIC);
}

uint64_t cw_loop_now_unix_ms(void)
{
    return loop_clock_ms(CLOCK_REALTIME);
}
