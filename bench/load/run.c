/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/load/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "bench/load/child.h"
#include "bench/load/control.h"
#include "bench/load/pattern.h"
#include "bench/load/usage.h"
#include "engine/base/err.h"

enum { STEP_MS = 5, LINK_WAIT_S = 20, STALL_S = 20, SETTLE_S = 10, LOOKS = 64 };

struct run {
    const struct cw_options *options;
    struct cw_shared *shared;
    struct cw_keys keys;
    struct cw_control control;
    bool has_control;
    pid_t children[CW_LOAD_PROCESSES_MAX];
    unsigned started;
    struct cw_measured measured;
    char error[256];
};

static volatile sig_atomic_t is_interrupted;

static void on_interrupt(int number)
{
    (void)number;
    is_interrupted = 1;
}

static double now_s(void)
{
    return (double)cw_loop_now_ns() / 1e9;
}

static double children_cpu_s(const struct run *r)
{
    return cw_usage_cpu_s(r->children, r->started);
}

/* ---- watching ----------------------------------------------------------------------------------- */

/* False: something went wrong, and error says what. */
static bool is_good(struct run *r)
{
    for (unsigned i = 0; i < r->started; i++) {
        const struct cw_tally *t = &r->shared->tallies[i];
        if (atomic_load(&t->failed) != 0) {
            (void)snprintf(r->error, sizeof r->error, "%s", t->error);
            return false;
        }
        if (waitpid(r->children[i], NULL, WNOHANG) != 0) {
            (void)snprintf(r->error, sizeof r->error, "a load process died");
            return false;
        }
    }
    bool must_live = !r->options->scenario->outlives_relay;
    for (unsigned i = 0; must_live && i < r->options->pid_count; i++) {
        if (!cw_usage_exists(r->options->pids[i])) {
            (void)snprintf(r->error, sizeof r->error, "process %d, which --pid names, is gone",
                           (int)r->options->pids[i]);
            return false;
        }
    }
    if (is_interrupted)
        (void)snprintf(r->error, sizeof r->error, "interrupted");
    return !is_interrupted;
}

static void pause_a_step(struct run *r)
{
    const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
    if (r->has_control)
        cw_control_step(&r->control, STEP_MS);
    else
        (void)nanosleep(&step, NULL);
}

static unsigned ready_count(const struct run *r)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < r->started; i++)
        sum += atomic_load(&r->shared->tallies[i].ready);
    return sum;
}

static bool is_done(const struct run *r)
{
    for (unsigned i = 0; i < r->started; i++) {
        if (atomic_load(&r->shared->tallies[i].is_done) == 0)
            return false;
    }
    return true;
}

/* ---- phases ------------------------------------------------------------------------------------- */

static bool wait_links(struct run *r)
{
    double end_s = now_s() + LINK_WAIT_S;
    while (r->control.up_count == 0 || r->control.up_count < r->control.workers) {
        cw_control_step(&r->control, STEP_MS);
        if (now_s() > end_s || is_interrupted) {
            (void)snprintf(r->error, sizeof r->error,
                           "no engine came to %s within %d s: is causeway-engine running with this "
                           "run_dir?",
                           r->control.path, LINK_WAIT_S);
            return false;
        }
    }
    return true;
}

/* Until all is connected; gives up when nothing moves. */
static bool wait_ready(struct run *r)
{
    const struct cw_options *o = r->options;
    unsigned wanted = o->scenario->expected(o);
    unsigned last = 0;
    double began_s = now_s();
    double moved_s = began_s;
    for (;;) {
        unsigned ready = ready_count(r);
        if (ready >= wanted)
            break;
        if (ready != last)
            moved_s = now_s();
        last = ready;
        if (!is_good(r))
            return false;
        if (now_s() - moved_s > STALL_S) {
            const char *why = r->control.last_refusal;
            for (unsigned i = 0; i < r->started && why[0] == '\0'; i++)
                why = r->shared->tallies[i].error;
            (void)snprintf(r->error, sizeof r->error,
                           "%u of %u were ready, and nothing has moved for %d s%s%.150s", ready,
                           wanted, STALL_S, why[0] != '\0' ? "; refused: " : "", why);
            return false;
        }
        pause_a_step(r);
    }
    r->measured.connect_s = now_s() - began_s;
    return true;
}

static bool wait_s(struct run *r, double seconds)
{
    double end_s = now_s() + seconds;
    while (now_s() < end_s && !is_done(r)) {
        if (!is_good(r))
            return false;
        pause_a_step(r);
    }
    return true;
}

static bool watches_growth(const struct run *r)
{
    return r->options->scenario->watches_growth && r->options->pid_count != 0;
}

/* Takes the load away for a while, and looks at what the relay holds then. */
static bool look_in_calm(struct run *r, struct cw_usage *ret_usage)
{
    const struct cw_options *o = r->options;
    if (!watches_growth(r))
        return true;
    atomic_store(&r->shared->is_calm, 1);
    if (!wait_s(r, o->seconds < CW_GROWTH_CALM_S ? o->seconds : CW_GROWTH_CALM_S))
        return false;
    *ret_usage = cw_usage_of(o->pids, o->pid_count);
    atomic_store(&r->shared->is_calm, 0);
    return true;
}

/* Until the time is over or all is done. */
static bool wait_and_watch(struct run *r, double seconds)
{
    struct cw_growth *g = &r->measured.growth;
    unsigned looks = watches_growth(r) ? LOOKS : 1;
    for (unsigned i = 0; i < looks && !is_done(r); i++) {
        if (!wait_s(r, seconds / looks))
            return false;
        double bytes =
            looks > 1 ? cw_usage_of(r->options->pids, r->options->pid_count).own_bytes : 0;
        g->bytes_peak = bytes > g->bytes_peak ? bytes : g->bytes_peak;
    }
    return true;
}

static bool settle(struct run *r)
{
    double end_s = now_s() + SETTLE_S;
    atomic_store(&r->shared->phase, CW_PHASE_SETTLE);
    for (unsigned i = 0; i < r->started; i++) {
        while (atomic_load(&r->shared->tallies[i].is_settled) == 0 && now_s() < end_s) {
            if (!is_good(r))
                return false;
            pause_a_step(r);
        }
    }
    return true;
}

static bool measure(struct run *r)
{
    const struct cw_options *o = r->options;
    struct cw_measured *m = &r->measured;
    atomic_store(&r->shared->phase, CW_PHASE_WARM);
    if (!wait_s(r, o->warm_up_s) || !look_in_calm(r, &m->growth.first))
        return false;
    double cpu_s = cw_usage_cpu_s(o->pids, o->pid_count);
    double own_s = children_cpu_s(r);
    double began_s = now_s();
    atomic_store(&r->shared->phase, CW_PHASE_MEASURE);
    (void)fprintf(stderr, "causeway-load: measuring\n"); /* scripts wait for it */
    if (!wait_and_watch(r, o->seconds))
        return false;
    m->cpu_s = cw_usage_cpu_s(o->pids, o->pid_count) - cpu_s;
    m->own_cpu_s = children_cpu_s(r) - own_s;
    m->seconds = now_s() - began_s;
    m->busy_slab = cw_usage_slab_bytes();
    m->busy_bytes = cw_usage_of(o->pids, o->pid_count).memory_bytes;
    return look_in_calm(r, &m->growth.last) && settle(r);
}

/* ---- the processes ------------------------------------------------------------------------------ */

static bool start_children(struct run *r)
{
    (void)fflush(NULL);
    for (unsigned i = 0; i < r->options->processes; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            static struct cw_load load;
            load = (struct cw_load){.options = r->options,
                                    .shared = r->shared,
                                    .tally = &r->shared->tallies[i],
                                    .keys = &r->keys,
                                    .index = i};
            cw_child_run(&load);
            while (atomic_load(&r->shared->phase) != CW_PHASE_STOP)
                (void)usleep(1000 * STEP_MS);
            _exit(0);
        }
        if (pid < 0) {
            (void)snprintf(r->error, sizeof r->error, "a process cannot be started: %s",
                           strerror(errno));
            return false;
        }
        r->children[r->started++] = pid;
    }
    return true;
}

static void end_children(struct run *r)
{
    atomic_store(&r->shared->phase, CW_PHASE_STOP);
    double end_s = now_s() + 2;
    for (unsigned i = 0; i < r->started; i++) {
        int status = 0;
        while (waitpid(r->children[i], &status, WNOHANG) == 0) {
            if (now_s() > end_s)
                (void)kill(r->children[i], SIGKILL);
            pause_a_step(r);
        }
    }
}

static void add_up(const struct run *r, struct cw_tally *sum)
{
    for (unsigned i = 0; i < r->started; i++) {
        const struct cw_tally *t = &r->shared->tallies[i];
        sum->connections += t->connections;
        sum->refused += t->refused;
        sum->closed += t->closed;
        sum->reconnects += t->reconnects;
        sum->timeouts += t->timeouts;
        sum->messages += t->messages;
        sum->bytes += t->bytes;
        sum->sent_messages += t->sent_messages;
        sum->pings += t->pings;
        sum->corrupt += t->corrupt;
        sum->lost += t->lost;
        sum->resyncs += t->resyncs;
        sum->client_end_bytes += t->client_end_bytes;
        if (t->back_ns > sum->back_ns)
            sum->back_ns = t->back_ns;
        for (unsigned k = 0; k < CW_LATENCIES; k++)
            cw_histogram_merge(&sum->latency[k], &t->latency[k]);
    }
    sum->outage_ns = atomic_load(&r->shared->outage_ns);
}

static bool tell(struct run *r)
{
    static struct cw_tally sum;
    const struct cw_options *o = r->options;
    struct cw_report report = {.scenario = o->scenario->name,
                               .target = o->target == CW_TARGET_PLAIN ? "plain-relay" : "causeway"};
    add_up(r, &sum);
    bool is_ok = o->scenario->report(o, &sum, &r->measured, &report, r->error, sizeof r->error);
    cw_report_add(&report, "corrupt", (double)sum.corrupt, "");
    cw_report_add(&report, "lost", (double)sum.lost, "");
    cw_report_add(&report, "measured_for", r->measured.seconds, "s");
    if (o->pid_count != 0)
        cw_report_add(&report, "relay_cpu", 100 * r->measured.cpu_s / r->measured.seconds, "%");
    cw_report_add(&report, "load_cpu", 100 * r->measured.own_cpu_s / r->measured.seconds, "%");
    if (o->json == NULL || strcmp(o->json, "-") != 0)
        cw_report_print(&report);
    if (o->json != NULL && cw_report_write(&report, o->json) != CW_OK) {
        (void)snprintf(r->error, sizeof r->error, "%s cannot be written: %s", o->json,
                       strerror(errno));
        return false;
    }
    return is_ok;
}

static bool prepare(struct run *r)
{
    const struct cw_options *o = r->options;
    cw_pattern_start();
    r->shared =
        mmap(NULL, sizeof *r->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (r->shared == MAP_FAILED || cw_keys_make(&r->keys) != CW_OK) {
        (void)snprintf(r->error, sizeof r->error, "there is not enough memory or randomness");
        return false;
    }
    if (o->target == CW_TARGET_CAUSEWAY) {
        if (cw_control_start(&r->control, o->run_dir, &r->keys, r->error, sizeof r->error) != CW_OK)
            return false;
        r->has_control = true;
        r->control.settings = o->settings;
        r->control.setting_count = o->setting_count;
        if (!wait_links(r))
            return false;
    }
    r->measured.idle_bytes = cw_usage_of(o->pids, o->pid_count).memory_bytes;
    r->measured.idle_slab = cw_usage_slab_bytes();
    return true;
}

int cw_run(const struct cw_options *o)
{
    static struct run run;
    struct run *r = &run;
    *r = (struct run){.options = o};
    (void)signal(SIGINT, on_interrupt);
    (void)signal(SIGTERM, on_interrupt);
    (void)signal(SIGPIPE, SIG_IGN);
    bool is_ok = prepare(r) && start_children(r) && wait_ready(r) && measure(r);
    if (r->started != 0)
        end_children(r);
    if (is_ok)
        is_ok = tell(r);
    if (r->has_control)
        cw_control_stop(&r->control);
    if (!is_ok)
        (void)fprintf(stderr, "causeway-load: %s\n", r->error);
    return is_ok ? EX_OK : is_interrupted ? EX_TEMPFAIL : EX_SOFTWARE;
}
