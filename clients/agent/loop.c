/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/loop.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/check.h"
#include "engine/base/err.h"

uint64_t cw_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

int cw_loop_init(struct cw_loop *l)
{
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGHUP);
    signal(SIGPIPE, SIG_IGN);
    *l = (struct cw_loop){.signals = -1};
    if (sigprocmask(SIG_BLOCK, &mask, NULL) != 0)
        return CW_ERR_IO;
    l->signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
    return l->signals >= 0 ? 0 : CW_ERR_IO;
}

void cw_loop_begin(struct cw_loop *l)
{
    l->count = 0;
    l->deadline_ns = UINT64_MAX;
    cw_loop_add(l, l->signals, POLLIN);
}

void cw_loop_add(struct cw_loop *l, int fd, short events)
{
    CW_CHECK(l->count < CW_LOOP_FDS_MAX, "sized for all that is ever added");
    l->fds[l->count++] = (struct pollfd){.fd = fd, .events = events};
}

void cw_loop_until(struct cw_loop *l, uint64_t deadline_ns)
{
    if (deadline_ns < l->deadline_ns)
        l->deadline_ns = deadline_ns;
}

bool cw_loop_wait(struct cw_loop *l)
{
    struct timespec timeout = {0};
    uint64_t now_ns = cw_now_ns();
    if (l->deadline_ns > now_ns && l->deadline_ns != UINT64_MAX) {
        timeout.tv_sec = (time_t)((l->deadline_ns - now_ns) / 1000000000);
        timeout.tv_nsec = (long)((l->deadline_ns - now_ns) % 1000000000);
    }
    (void)ppoll(l->fds, l->count, l->deadline_ns == UINT64_MAX ? NULL : &timeout, NULL);
    return l->fds[0].revents == 0;
}
