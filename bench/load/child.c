/* SPDX-License-Identifier: Apache-2.0 */
/* One load process: the loop that steps a scenario through the phases. */
#include "bench/load/child.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "engine/base/err.h"

#define TURN_NS UINT64_C(20000000) /* a phase is noticed within this */

void cw_load_fail(struct cw_load *l, const char *format, ...)
{
    if (atomic_load(&l->tally->failed) != 0)
        return;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(l->tally->error, sizeof l->tally->error, format, args);
    va_end(args);
    atomic_store(&l->tally->failed, 1);
}

unsigned cw_load_share(const struct cw_load *l, unsigned total)
{
    unsigned p = l->options->processes;
    return total / p + (l->index < total % p);
}

unsigned cw_load_number(const struct cw_load *l, unsigned i)
{
    return i * l->options->processes + l->index;
}

unsigned cw_load_concurrency(const struct cw_load *l)
{
    unsigned share = cw_load_share(l, l->options->concurrency);
    return share != 0 ? share : 1;
}

static bool set_up(struct cw_load *l)
{
    const struct cw_options *o = l->options;
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    l->net = (struct cw_net){.loop = &l->loop,
                             .secure = &l->secure,
                             .congestion = o->congestion,
                             .is_native = o->target == CW_TARGET_CAUSEWAY};
    cw_list_init(&l->net.dirty);
    if (o->source.s_addr != 0) {
        l->net.source.sin_family = AF_INET;
        l->net.source.sin_addr.s_addr = htonl(ntohl(o->source.s_addr) + l->index);
    }
    int err = cw_record_start();
    if (err == CW_OK)
        err = cw_loop_init(&l->loop);
    if (err == CW_OK)
        err = cw_handshake_start();
    if (err == CW_OK)
        err = cw_secure_init(&l->secure);
    if (err != CW_OK)
        cw_load_fail(l, "a load process cannot start: %s", cw_err_text(err));
    return err == CW_OK;
}

void cw_child_run(struct cw_load *l)
{
    const struct cw_scenario *s = l->options->scenario;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGINT, SIG_IGN); /* the first process ends us */
    if (!set_up(l))
        return;
    s->start(l);
    while (l->phase != CW_PHASE_STOP) {
        uint64_t now_ns = cw_loop_now_ns();
        enum cw_phase phase = (enum cw_phase)atomic_load(&l->shared->phase);
        if (phase != l->phase) {
            l->phase = phase;
            if (s->phase_changed != NULL)
                s->phase_changed(l);
            if (phase == CW_PHASE_SETTLE)
                atomic_store(&l->tally->is_settled, 1);
        }
        uint64_t deadline_ns = s->step(l, now_ns);
        cw_net_flush(&l->net);
        if (deadline_ns > now_ns + TURN_NS)
            deadline_ns = now_ns + TURN_NS;
        cw_loop_step(&l->loop, l->options->use_spin ? 0 : deadline_ns);
    }
}
