/* SPDX-License-Identifier: Apache-2.0 */
/* bulk and fanout: messages of one size in one direction, as fast as they go or at a rate. */
#include <stdio.h>

#include "bench/load/plain.h"
#include "bench/load/screen.h"

enum { UNSENT_BYTES_MAX = 128 * 1024 };

static const char *const latency_names[4] = {"delay_p50", "delay_p99", "delay_p999", "delay_most"};

static bool is_running(const struct cw_load *l)
{
    return l->phase == CW_PHASE_WARM || l->phase == CW_PHASE_MEASURE;
}

static void count(struct cw_load *l, const struct cw_pattern *p, size_t bytes, unsigned which)
{
    if (!cw_load_counts(l))
        return;
    l->tally->messages++;
    l->tally->bytes += bytes;
    if (p->time_ns != 0)
        cw_histogram_add(&l->tally->latency[which], cw_loop_now_ns() - p->time_ns);
}

/* ---- through a relay ---------------------------------------------------------------------------- */

static void plain_fill(struct cw_plain_end *e)
{
    if (!is_running(e->load) || e->is_server || e->load->options->rate_per_s > 0)
        return;
    while (e->pipe != NULL && cw_pipe_unsent(e->pipe) < UNSENT_BYTES_MAX)
        cw_plain_send(e, cw_loop_now_ns());
}

static void plain_message(struct cw_plain_end *e, const struct cw_pattern *p, const uint8_t *data)
{
    (void)data;
    count(e->load, p, e->load->options->size, 0);
}

static const struct cw_plain_events plain_events = {NULL, plain_message, plain_fill};

static uint64_t plain_paced(struct cw_plain *p, uint64_t now_ns)
{
    uint64_t interval_ns = (uint64_t)(1e9 / p->load->options->rate_per_s);
    uint64_t next_ns = UINT64_MAX;
    for (unsigned i = 0; i < p->count; i++) {
        struct cw_plain_end *e = &p->clients[i];
        if (e->next_ns == 0)
            e->next_ns = now_ns + interval_ns * i / p->count;
        if (e->next_ns <= now_ns) {
            cw_plain_send(e, e->next_ns);
            e->next_ns += interval_ns;
        }
        next_ns = next_ns < e->next_ns ? next_ns : e->next_ns;
    }
    return next_ns;
}

/* ---- sessions ----------------------------------------------------------------------------------- */

static void may_send(struct cw_screen_session *s)
{
    if (is_running(s->load) && s->load->options->rate_per_s <= 0)
        cw_screen_fill(s);
}

static void message(struct cw_screen_viewer *v, const struct cw_pattern *p, size_t bytes)
{
    if (v->kind == CW_VIEWER_LIVE)
        count(v->session->load, p, bytes, 0);
    else
        count(v->session->load, p, bytes, 1);
}

static const struct cw_screen_events screen_events = {.message = message, .may_send = may_send};

static uint64_t screen_paced(struct cw_screen *c, uint64_t now_ns)
{
    const struct cw_options *o = c->load->options;
    uint64_t interval_ns = (uint64_t)(1e9 / o->rate_per_s);
    uint64_t next_ns = UINT64_MAX;
    for (unsigned i = 0; i < c->count; i++) {
        struct cw_screen_session *s = &c->sessions[i];
        if (s->next_ns == 0)
            s->next_ns = now_ns + interval_ns * i / c->count;
        if (s->next_ns <= now_ns) {
            cw_screen_send(s, s->next_ns, o->size);
            s->next_ns += interval_ns;
        }
        next_ns = next_ns < s->next_ns ? next_ns : s->next_ns;
    }
    return next_ns;
}

/* ---- the scenarios ------------------------------------------------------------------------------ */

static void start(struct cw_load *l)
{
    const struct cw_options *o = l->options;
    unsigned share = cw_load_share(l, o->sessions);
    if (o->target == CW_TARGET_PLAIN)
        (void)cw_plain_start(l, share, &plain_events);
    else
        (void)cw_screen_start(l, share, o->viewers, &screen_events);
}

static void phase_changed(struct cw_load *l)
{
    if (l->phase != CW_PHASE_WARM || l->options->rate_per_s > 0)
        return;
    if (l->options->target == CW_TARGET_PLAIN) {
        const struct cw_plain *p = l->state;
        for (unsigned i = 0; i < p->count; i++)
            plain_fill(&p->clients[i]);
    } else {
        const struct cw_screen *c = l->state;
        for (unsigned i = 0; i < c->count; i++)
            may_send(&c->sessions[i]);
    }
}

static uint64_t step(struct cw_load *l, uint64_t now_ns)
{
    bool is_paced = is_running(l) && l->options->rate_per_s > 0;
    if (l->options->target == CW_TARGET_PLAIN) {
        cw_plain_step(l->state);
        return is_paced ? plain_paced(l->state, now_ns) : UINT64_MAX;
    }
    uint64_t slow_ns = cw_screen_step(l->state, now_ns);
    uint64_t paced_ns = is_paced ? screen_paced(l->state, now_ns) : UINT64_MAX;
    return slow_ns < paced_ns ? slow_ns : paced_ns;
}

static unsigned expected(const struct cw_options *o)
{
    return o->sessions;
}

static bool report(const struct cw_options *o, const struct cw_tally *sum,
                   const struct cw_measured *m, struct cw_report *r, char *why, size_t why_size)
{
    static const char *const slow_names[4] = {"slow_delay_p50", "slow_delay_p99", "slow_delay_p999",
                                              "slow_delay_most"};
    double gb = (double)sum->bytes / 1e9;
    cw_report_add(r, "sessions", o->sessions, "");
    if (o->target == CW_TARGET_CAUSEWAY)
        cw_report_add(r, "viewers_a_session", o->viewers, "");
    cw_report_add(r, "message_bytes", o->size, "B");
    cw_report_add(r, "delivered", gb, "GB");
    cw_report_add(r, "delivered_per_s", gb * 8 / m->seconds, "Gbit/s");
    cw_report_add(r, "messages_per_s", (double)sum->messages / m->seconds, "1/s");
    if (m->cpu_s > 0 && gb > 0) {
        cw_report_add(r, "cpu_s_per_gb", m->cpu_s / gb, "s/GB");
        cw_report_add(r, "cpu_us_per_message", m->cpu_s * 1e6 / (double)sum->messages, "us");
    }
    if (gb > 0)
        cw_report_add(r, "load_cpu_s_per_gb", m->own_cpu_s / gb, "s/GB");
    cw_report_latency(r, latency_names, &sum->latency[0]);
    cw_report_latency(r, slow_names, &sum->latency[1]);
    cw_report_add(r, "resyncs", (double)sum->resyncs, "");
    if (sum->latency[0].count == 0) {
        (void)snprintf(why, why_size, "no message arrived");
        return false;
    }
    return true;
}

static bool prepare_size(struct cw_options *o, char *why, size_t why_size)
{
    unsigned least = CW_PATTERN_BYTES_MIN + CW_FRAME_HEADER_BYTES;
    if (o->size < least || o->size > CW_FRAME_BYTES_MAX) {
        (void)snprintf(why, why_size, "--size must be %u to %d bytes", least, CW_FRAME_BYTES_MAX);
        return false;
    }
    return true;
}

static bool prepare_bulk(struct cw_options *o, char *why, size_t why_size)
{
    if (o->sessions == 0)
        o->sessions = 8;
    if (o->size == 0)
        o->size = CW_FRAME_BYTES_MAX;
    if (o->slow + o->stalled + o->viewers != 0) {
        (void)snprintf(why, why_size, "bulk has one viewer a session; for more there is fanout");
        return false;
    }
    o->viewers = 1;
    return prepare_size(o, why, why_size);
}

static bool prepare_fanout(struct cw_options *o, char *why, size_t why_size)
{
    if (o->sessions == 0)
        o->sessions = 1;
    if (o->viewers == 0)
        o->viewers = 16;
    if (o->size == 0)
        o->size = CW_FRAME_BYTES_MAX;
    if (o->viewers > CW_PARTICIPANTS_PER_SESSION_MAX - 2 || o->slow + o->stalled >= o->viewers) {
        (void)snprintf(why, why_size,
                       "--viewers is 1 to %d, and at least one must be neither slow nor stalled",
                       CW_PARTICIPANTS_PER_SESSION_MAX - 2);
        return false;
    }
    return prepare_size(o, why, why_size);
}

const struct cw_scenario cw_scenario_bulk = {
    .name = "bulk",
    .summary = "messages from one end of each session to the other",
    .targets = CW_TARGET_CAUSEWAY | CW_TARGET_PLAIN,
    .prepare = prepare_bulk,
    .expected = expected,
    .start = start,
    .phase_changed = phase_changed,
    .step = step,
    .report = report,
};

const struct cw_scenario cw_scenario_fanout = {
    .name = "fanout",
    .summary = "one source to many viewers, some of them slow or stalled",
    .targets = CW_TARGET_CAUSEWAY,
    .prepare = prepare_fanout,
    .expected = expected,
    .start = start,
    .phase_changed = phase_changed,
    .step = step,
    .report = report,
};
