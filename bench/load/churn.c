/* SPDX-License-Identifier: Apache-2.0 */
/* churn: connections of every kind that come and go, beyond what the engine takes, beside sessions in use. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "bench/load/live.h"
#include "engine/base/check.h"
#include "engine/base/err.h"

enum { VIEWER_SESSIONS = 90000 }; /* numbers apart from those in use */

/* What becomes of a connection. */
enum fate {
    FATE_DEVICE, /* a Jump Client that stays a while */
    FATE_VIEWER, /* a representative in a session without a source */
    FATE_SILENT, /* TLS, and then nothing */
    FATE_CUT,    /* reset at any moment of the handshake */
    FATE_FORGED, /* a ticket by another key, from another address */
    FATE_POLITE, /* close_notify right after TLS */
    FATE_COUNT,
};

struct slot {
    struct cw_endpoint endpoint;
    struct cw_load *load;
    enum fate fate;
    uint64_t at_ns; /* of what comes next: dial, or end */
};

static struct {
    struct slot *slots;
    unsigned count;
    uint32_t first, stride; /* of the numbers */
    uint64_t random;
    struct cw_keys forged;
    struct cw_live live;
} churn;

static uint64_t next_random(void)
{
    churn.random ^= churn.random << 13;
    churn.random ^= churn.random >> 7;
    churn.random ^= churn.random << 17;
    return churn.random >> 11;
}

/* Uniform up to twice the mean. */
static uint64_t some_ns(double mean_s)
{
    return next_random() % ((uint64_t)(2e9 * mean_s) + 1);
}

static void secured(struct cw_endpoint *e)
{
    const struct slot *s = e->owner;
    s->load->tally->connections++;
    if (s->fate == FATE_POLITE)
        cw_pipe_finish(e->pipe);
    else if (s->fate != FATE_SILENT && s->fate != FATE_CUT)
        cw_endpoint_hello(e);
}

static void welcome(struct cw_endpoint *e)
{
    const struct slot *s = e->owner;
    s->load->tally->messages++;
    if (s->fate == FATE_FORGED)
        cw_load_fail(s->load, "a forged ticket was welcome");
}

static void closed(struct cw_endpoint *e, int code, const char *why)
{
    struct slot *s = e->owner;
    (void)why;
    s->load->tally->closed++;
    s->load->tally->refused += code > 0;
    s->at_ns = cw_loop_now_ns() + some_ns(s->load->options->hold_s / 10);
}

static const struct cw_endpoint_events events = {
    .secured = secured, .welcome = welcome, .closed = closed};

static void dial(struct slot *s, unsigned i, uint64_t now_ns)
{
    struct cw_load *l = s->load;
    struct cw_net *n = &l->net;
    uint32_t own = n->source.sin_addr.s_addr;
    uint32_t number = churn.first + i * churn.stride;
    s->fate = (enum fate)(next_random() % FATE_COUNT);
    bool is_viewer = s->fate == FATE_VIEWER;
    s->endpoint = (struct cw_endpoint){
        .events = &events,
        .keys = s->fate == FATE_FORGED ? &churn.forged : l->keys,
        .owner = s,
        .part = s->endpoint.part,
        .ticket_kind = is_viewer ? CW_TICKET_KIND_RESUME : CW_TICKET_KIND_DEVICE,
        .role = is_viewer ? CW_ROLE_REPRESENTATIVE : CW_ROLE_DEVICE,
        .session = is_viewer ? l->options->first + VIEWER_SESSIONS + number % 100 : 0,
        .participant = number,
        .permissions = is_viewer ? CW_PERMIT(VIEW_SCREEN) : CW_PERMIT(STATISTICS),
    };
    if (s->fate == FATE_FORGED && n->source.sin_family == AF_INET)
        n->source.sin_addr.s_addr = htonl(ntohl(own) + CW_LOAD_PROCESSES_MAX);
    int err = cw_endpoint_connect(&s->endpoint, n, &l->options->to);
    n->source.sin_addr.s_addr = own;
    if (err != CW_OK)
        cw_load_fail(l, "%s", n->message);
    s->at_ns = now_ns + some_ns(s->fate == FATE_CUT ? 0.005 : l->options->hold_s);
}

static void start(struct cw_load *l)
{
    const struct cw_options *o = l->options;
    unsigned apart = o->processes > 1; /* the first has the sessions alone */
    unsigned stride = o->processes - apart;
    unsigned index = l->index - apart;
    bool has_sessions = l->index == 0;
    if (has_sessions && apart != 0)
        (void)setpriority(PRIO_PROCESS, 0, -10); /* before our own handshakes, if we may */
    if (!has_sessions || apart == 0)
        churn.count = o->connections / stride + (index < o->connections % stride);
    churn.first = o->first + index;
    churn.stride = stride;
    churn.random = cw_loop_now_ns() * 2 + 1 + l->index;
    churn.slots = calloc(churn.count != 0 ? churn.count : 1, sizeof *churn.slots);
    CW_CHECK(churn.slots != NULL && cw_keys_make(&churn.forged) == CW_OK, "the load has memory");
    for (unsigned i = 0; i < churn.count; i++)
        churn.slots[i] = (struct slot){.load = l, .at_ns = cw_loop_now_ns() + some_ns(o->hold_s)};
    cw_live_start(&churn.live, l, has_sessions ? o->sessions : 0, false);
}

static uint64_t step(struct cw_load *l, uint64_t now_ns)
{
    uint64_t next_ns = cw_live_step(&churn.live, now_ns);
    /* The sessions in use first: they have their place before the others fill the engine. */
    bool may_dial = l->phase == CW_PHASE_WARM || l->phase == CW_PHASE_MEASURE;
    bool is_calm = atomic_load(&l->shared->is_calm) != 0;
    for (unsigned i = 0; i < churn.count && may_dial; i++) {
        struct slot *s = &churn.slots[i];
        if (is_calm && s->endpoint.pipe != NULL) {
            cw_endpoint_reset(&s->endpoint);
            s->at_ns = now_ns + some_ns(l->options->hold_s);
        } else if (is_calm) {
            continue;
        } else if (s->at_ns <= now_ns && s->endpoint.pipe == NULL) {
            dial(s, i, now_ns);
        } else if (s->at_ns <= now_ns) {
            cw_endpoint_reset(&s->endpoint);
            s->at_ns = now_ns + some_ns(l->options->hold_s / 10);
        }
        next_ns = next_ns < s->at_ns ? next_ns : s->at_ns;
    }
    return next_ns;
}

static unsigned expected(const struct cw_options *o)
{
    return o->sessions;
}

static bool report(const struct cw_options *o, const struct cw_tally *sum,
                   const struct cw_measured *m, struct cw_report *r, char *why, size_t why_size)
{
    static const char *const names[4] = {"input_p50", "input_p99", "input_p999", "input_most"};
    cw_report_add(r, "connections_at_once", o->connections, "");
    cw_report_add(r, "tls_connections", (double)sum->connections, "");
    cw_report_add(r, "welcomed", (double)(sum->messages - sum->latency[0].count), "");
    cw_report_add(r, "refused", (double)sum->refused, "");
    cw_report_add(r, "closed_by_the_engine", (double)sum->closed, "");
    if (o->pid_count != 0) {
        const struct cw_growth *g = &m->growth;
        cw_report_add(r, "relay_bytes_first", g->first.own_bytes, "B");
        cw_report_add(r, "relay_bytes_last", g->last.own_bytes, "B");
        cw_report_add(r, "relay_bytes_peak", g->bytes_peak, "B");
        cw_report_add(r, "relay_descriptors_first", g->first.descriptors, "");
        cw_report_add(r, "relay_descriptors_last", g->last.descriptors, "");
    }
    cw_report_latency(r, names, &sum->latency[0]);
    if (sum->connections == 0 || (o->sessions != 0 && sum->latency[0].count == 0)) {
        (void)snprintf(why, why_size, "no connection was made, or no key was answered");
        return false;
    }
    return o->pid_count == 0 || cw_growth_is_none(&m->growth, why, why_size);
}

static bool prepare(struct cw_options *o, char *why, size_t why_size)
{
    if (o->connections == 0)
        o->connections = 1000;
    if (o->rate_per_s <= 0)
        o->rate_per_s = 20;
    if (o->hold_s <= 0)
        o->hold_s = 2;
    o->viewers = 1;
    o->size = 64;
    if ((o->connections + 2 * o->sessions) / o->processes > 19900) {
        (void)snprintf(why, why_size, "one process has at most 19900 sockets: more --processes");
        return false;
    }
    return true;
}

const struct cw_scenario cw_scenario_churn = {
    .name = "churn",
    .summary = "connections of every kind that come and go, and the engine's memory meanwhile",
    .targets = CW_TARGET_CAUSEWAY,
    .watches_growth = true,
    .prepare = prepare,
    .expected = expected,
    .start = start,
    .step = step,
    .report = report,
};
