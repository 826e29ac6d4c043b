/* SPDX-License-Identifier: Apache-2.0 */
/* pingpong: a small message there and one back, in each session, one after the other. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/load/flow.h"
#include "bench/load/plain.h"
#include "bench/load/screen.h"
#include "engine/base/check.h"

static bool is_running(const struct cw_load *l)
{
    return l->phase == CW_PHASE_WARM || l->phase == CW_PHASE_MEASURE;
}

static void count(struct cw_load *l, uint64_t began_ns, uint64_t now_ns)
{
    if (!cw_load_counts(l))
        return;
    l->tally->messages += 2;
    l->tally->bytes += 2 * (uint64_t)l->options->size;
    cw_histogram_add(&l->tally->latency[0], now_ns - began_ns);
}

/* When the next one is due: at once, or at the rate. */
static uint64_t due_ns(const struct cw_load *l, uint64_t began_ns, uint64_t now_ns)
{
    if (l->options->rate_per_s <= 0)
        return now_ns;
    uint64_t next_ns = began_ns + (uint64_t)(1e9 / l->options->rate_per_s);
    return next_ns > now_ns ? next_ns : now_ns;
}

/* ---- through a relay ---------------------------------------------------------------------------- */

static void plain_message(struct cw_plain_end *e, const struct cw_pattern *p, const uint8_t *data)
{
    uint64_t now_ns = cw_loop_now_ns();
    if (e->is_server) {
        if (p->sequence > 0) /* the first only tells the session */
            cw_pipe_write(e->pipe, data, e->load->options->size);
        else
            e->sequence = 1;
        return;
    }
    count(e->load, p->time_ns, now_ns);
    e->next_ns = due_ns(e->load, p->time_ns, now_ns);
    if (e->next_ns > now_ns || !is_running(e->load))
        return;
    cw_plain_send(e, now_ns);
    e->next_ns = UINT64_MAX;
}

static void plain_ready(struct cw_plain_end *e)
{
    e->next_sequence = 1; /* the first is not answered */
    e->next_ns = 0;
}

static const struct cw_plain_events plain_events = {plain_ready, plain_message, NULL};

static uint64_t plain_step(struct cw_plain *p, uint64_t now_ns)
{
    uint64_t next_ns = UINT64_MAX;
    for (unsigned i = 0; i < p->count; i++) {
        struct cw_plain_end *e = &p->clients[i];
        if (e->next_ns <= now_ns) {
            e->next_ns = UINT64_MAX;
            cw_plain_send(e, now_ns);
        }
        next_ns = next_ns < e->next_ns ? next_ns : e->next_ns;
    }
    return next_ns;
}

/* ---- sessions ----------------------------------------------------------------------------------- */

enum { UNSENT_BYTES_MAX = 128 * 1024 };

/* A shell's stream in each session: the viewer's end and the source's. */
static struct cw_flow (*flows)[2];

static struct cw_flow *flow_of(const struct cw_screen_session *s, unsigned end)
{
    const struct cw_screen *c = s->load->state;
    return &flows[s - c->sessions][end];
}

static void press(struct cw_screen_session *s, uint64_t now_ns)
{
    struct cw_flow *f = flow_of(s, 0);
    s->next_ns = UINT64_MAX;
    if (!cw_flow_write(f, now_ns))
        cw_load_fail(s->load, "session %u: its stream is not open", (unsigned)s->source.session);
    (void)cw_flow_pump(f, now_ns, UNSENT_BYTES_MAX);
}

/* The source's end sends the same back; the viewer's end has its answer. */
static void flow_message(struct cw_flow *f, const struct cw_pattern *p)
{
    struct cw_screen_session *s = f->owner;
    uint64_t now_ns = cw_loop_now_ns();
    if (f == flow_of(s, 1)) {
        if (!cw_flow_write(f, p->time_ns))
            cw_load_fail(s->load, "session %u: no room for an answer", (unsigned)p->session);
        return;
    }
    count(s->load, p->time_ns, now_ns);
    s->next_ns = due_ns(s->load, p->time_ns, now_ns);
    if (s->next_ns <= now_ns && is_running(s->load))
        press(s, now_ns);
}

static void input(struct cw_screen_session *s, const struct cw_frame *f, const uint8_t *payload)
{
    if (cw_flow_frame(flow_of(s, 1), f, payload))
        (void)cw_flow_pump(flow_of(s, 1), cw_loop_now_ns(), UNSENT_BYTES_MAX);
}

static void other(struct cw_screen_viewer *v, const struct cw_frame *f, const uint8_t *payload)
{
    (void)cw_flow_frame(flow_of(v->session, 0), f, payload);
}

static void message(struct cw_screen_viewer *v, const struct cw_pattern *p, size_t bytes)
{
    (void)v;
    (void)p;
    (void)bytes;
}

static void ready(struct cw_screen_session *s)
{
    for (unsigned end = 0; end < 2; end++) {
        struct cw_flow *f = flow_of(s, end);
        cw_flow_init(f, s->load, end == 0 ? &s->viewers[0].endpoint : &s->source,
                     s->load->options->size - CW_FRAME_HEADER_BYTES - CW_STREAM_DATA_HEADER_BYTES);
        f->message = flow_message;
        f->owner = s;
    }
    cw_flow_open(flow_of(s, 0), CW_CHANNEL_SHELL);
    (void)cw_flow_pump(flow_of(s, 0), cw_loop_now_ns(), UNSENT_BYTES_MAX);
}

static const struct cw_screen_events screen_events = {
    .ready = ready, .message = message, .input = input, .other = other};

static uint64_t screen_step(struct cw_screen *c, uint64_t now_ns)
{
    uint64_t next_ns = UINT64_MAX;
    for (unsigned i = 0; i < c->count; i++) {
        struct cw_screen_session *s = &c->sessions[i];
        if (s->next_ns <= now_ns)
            press(s, now_ns);
        next_ns = next_ns < s->next_ns ? next_ns : s->next_ns;
        for (unsigned end = 0; end < 2; end++) { /* acknowledgements that are due */
            uint64_t at_ns = cw_flow_pump(flow_of(s, end), now_ns, UNSENT_BYTES_MAX);
            next_ns = next_ns < at_ns ? next_ns : at_ns;
        }
    }
    return next_ns;
}

/* ---- the scenario ------------------------------------------------------------------------------- */

static void start(struct cw_load *l)
{
    unsigned share = cw_load_share(l, l->options->sessions);
    if (l->options->target == CW_TARGET_PLAIN)
        (void)cw_plain_start(l, share, &plain_events);
    else {
        flows = calloc(share != 0 ? share : 1, sizeof *flows);
        CW_CHECK(flows != NULL, "the load has memory for its streams");
        (void)cw_screen_start(l, share, 1, &screen_events);
    }
}

static uint64_t step(struct cw_load *l, uint64_t now_ns)
{
    if (l->options->target == CW_TARGET_PLAIN) {
        cw_plain_step(l->state);
        return is_running(l) ? plain_step(l->state, now_ns) : UINT64_MAX;
    }
    (void)cw_screen_step(l->state, now_ns);
    return is_running(l) ? screen_step(l->state, now_ns) : UINT64_MAX;
}

static unsigned expected(const struct cw_options *o)
{
    return o->sessions;
}

static bool report(const struct cw_options *o, const struct cw_tally *sum,
                   const struct cw_measured *m, struct cw_report *r, char *why, size_t why_size)
{
    static const char *const names[4] = {"round_trip_p50", "round_trip_p99", "round_trip_p999",
                                         "round_trip_most"};
    cw_report_add(r, "sessions", o->sessions, "");
    cw_report_add(r, "message_bytes", o->size, "B");
    cw_report_add(r, "round_trips_per_s", (double)sum->latency[0].count / m->seconds, "1/s");
    if (m->cpu_s > 0 && sum->messages > 0)
        cw_report_add(r, "cpu_us_per_message", m->cpu_s * 1e6 / (double)sum->messages, "us");
    if (sum->messages > 0)
        cw_report_add(r, "load_cpu_us_per_message", m->own_cpu_s * 1e6 / (double)sum->messages,
                      "us");
    cw_report_latency(r, names, &sum->latency[0]);
    if (sum->messages < 2 * (uint64_t)o->sessions) {
        (void)snprintf(why, why_size, "%llu messages came back in %u sessions",
                       (unsigned long long)sum->messages, o->sessions);
        return false;
    }
    return true;
}

static bool prepare(struct cw_options *o, char *why, size_t why_size)
{
    unsigned least = CW_PATTERN_BYTES_MIN + CW_FRAME_HEADER_BYTES + CW_STREAM_DATA_HEADER_BYTES;
    if (o->sessions == 0)
        o->sessions = 1;
    if (o->size == 0)
        o->size = 64;
    o->viewers = 1;
    o->window = UINT32_MAX / 2; /* the answer is the acknowledgement */
    if (o->size < least || o->size > CW_FRAME_BYTES_MAX) {
        (void)snprintf(why, why_size, "--size must be %u to %d bytes", least, CW_FRAME_BYTES_MAX);
        return false;
    }
    return true;
}

const struct cw_scenario cw_scenario_pingpong = {
    .name = "pingpong",
    .summary = "a small message there and back in each session, with its latency",
    .targets = CW_TARGET_CAUSEWAY | CW_TARGET_PLAIN,
    .prepare = prepare,
    .expected = expected,
    .start = start,
    .step = step,
    .report = report,
};
