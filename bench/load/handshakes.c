/* SPDX-License-Identifier: Apache-2.0 */
/* handshakes: TLS to Finished, or through the authenticated hello, one connection after the other. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/load/load.h"
#include "engine/base/check.h"
#include "engine/base/err.h"

struct slot {
    struct cw_endpoint endpoint;
    struct cw_load *load;
    uint64_t began_ns;
    uint64_t next_ns; /* UINT64_MAX: on its way */
    bool is_secured;
};

struct slots {
    struct slot *all;
    unsigned count;
};

static uint64_t interval_ns(const struct cw_load *l)
{
    double rate = l->options->connect_rate_per_s;
    return rate > 0 ? (uint64_t)(1e9 * l->options->concurrency / rate) : 0;
}

static void done(struct slot *s)
{
    uint64_t now_ns = cw_loop_now_ns();
    struct cw_tally *t = s->load->tally;
    if (cw_load_counts(s->load)) {
        t->connections++;
        cw_histogram_add(&t->latency[0], now_ns - s->began_ns);
    }
    s->next_ns = s->began_ns + interval_ns(s->load);
}

static void secured(struct cw_endpoint *e)
{
    struct slot *s = e->owner;
    s->is_secured = true;
    if (s->load->options->use_hello)
        cw_endpoint_hello(e);
    else
        cw_pipe_finish(e->pipe); /* its answer shows that our Finished was good */
}

static void welcome(struct cw_endpoint *e)
{
    struct slot *s = e->owner;
    done(s);
    cw_endpoint_reset(e);
}

static void closed(struct cw_endpoint *e, int code, const char *why)
{
    struct slot *s = e->owner;
    if (atomic_load(&s->load->shared->phase) > CW_PHASE_MEASURE)
        return;
    if (s->is_secured && !s->load->options->use_hello && code < 0) {
        done(s);
        return;
    }
    if (cw_load_counts(s->load))
        s->load->tally->refused++;
    if (s->load->tally->connections == 0 && s->load->tally->refused > 100)
        cw_load_fail(s->load, "the first hundred handshakes were refused: %s", why);
    s->next_ns = cw_loop_now_ns() + interval_ns(s->load);
}

static const struct cw_endpoint_events events = {
    .secured = secured, .welcome = welcome, .closed = closed};

static void start(struct cw_load *l)
{
    struct slots *s = calloc(1, sizeof *s);
    CW_CHECK(s != NULL, "the load has memory");
    s->count = cw_load_share(l, l->options->concurrency);
    s->all = calloc(s->count != 0 ? s->count : 1, sizeof *s->all);
    CW_CHECK(s->all != NULL, "the load has memory");
    for (unsigned i = 0; i < s->count; i++) {
        s->all[i].load = l;
        s->all[i].next_ns = cw_loop_now_ns() + interval_ns(l) * i / s->count;
        s->all[i].endpoint = (struct cw_endpoint){
            .events = &events,
            .keys = l->keys,
            .owner = &s->all[i],
            .ticket_kind = CW_TICKET_KIND_DEVICE,
            .role = CW_ROLE_DEVICE,
            .participant = l->options->first + cw_load_number(l, i),
            .permissions = CW_PERMIT(STATISTICS),
        };
    }
    l->state = s;
}

static uint64_t step(struct cw_load *l, uint64_t now_ns)
{
    const struct slots *all = l->state;
    uint64_t next_ns = UINT64_MAX;
    for (unsigned i = 0; i < all->count && atomic_load(&l->tally->failed) == 0; i++) {
        struct slot *s = &all->all[i];
        if (s->next_ns <= now_ns) {
            s->began_ns = now_ns;
            s->next_ns = UINT64_MAX;
            s->is_secured = false;
            if (cw_endpoint_connect(&s->endpoint, &l->net, &l->options->to) != CW_OK)
                cw_load_fail(l, "%s", l->net.message);
        }
        next_ns = next_ns < s->next_ns ? next_ns : s->next_ns;
    }
    return next_ns;
}

static unsigned expected(const struct cw_options *o)
{
    (void)o;
    return 0;
}

static bool report(const struct cw_options *o, const struct cw_tally *sum,
                   const struct cw_measured *m, struct cw_report *r, char *why, size_t why_size)
{
    static const char *const names[4] = {"time_p50", "time_p99", "time_p999", "time_most"};
    double count = (double)sum->connections;
    cw_report_add(r, "hellos", o->use_hello, "");
    cw_report_add(r, "handshakes", count, "");
    cw_report_add(r, "handshakes_per_s", count / m->seconds, "1/s");
    if (m->cpu_s > 0)
        cw_report_add(r, "handshakes_per_cpu_s", count / m->cpu_s, "1/s");
    cw_report_add(r, "refused", (double)sum->refused, "");
    cw_report_latency(r, names, &sum->latency[0]);
    if (sum->connections == 0) {
        (void)snprintf(why, why_size, "no handshake was completed");
        return false;
    }
    return true;
}

static bool prepare(struct cw_options *o, char *why, size_t why_size)
{
    if (o->use_hello && o->target == CW_TARGET_PLAIN) {
        (void)snprintf(why, why_size, "--hello needs --target causeway");
        return false;
    }
    return true;
}

const struct cw_scenario cw_scenario_handshakes = {
    .name = "handshakes",
    .summary = "connections that are closed once TLS, or the hello, is complete",
    .targets = CW_TARGET_CAUSEWAY | CW_TARGET_PLAIN,
    .prepare = prepare,
    .expected = expected,
    .start = start,
    .step = step,
    .report = report,
};
