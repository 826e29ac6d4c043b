/* SPDX-License-Identifier: Apache-2.0 */
/* input: keys pressed at a rate, alone or while the same connections carry a file as fast as it goes. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/load/flow.h"
#include "bench/load/live.h"
#include "engine/base/check.h"
#include "engine/base/err.h"

/* As a client does: no more than one record of a file lies before a key. */
enum { UNSENT_BYTES_MAX = 1 };

static struct cw_live live;
static struct cw_flow (*flows)[2]; /* of each session: the viewer's end and the source's */

static struct cw_flow *flow_of(const struct cw_screen_session *s, unsigned end)
{
    return &flows[s - live.screen->sessions][end];
}

static void fill(struct cw_flow *f)
{
    uint64_t now_ns = cw_loop_now_ns();
    while (f->load->phase >= CW_PHASE_WARM && cw_flow_write(f, now_ns))
        ;
    (void)cw_flow_pump(f, now_ns, UNSENT_BYTES_MAX);
}

static void received(struct cw_flow *f, const struct cw_pattern *p)
{
    (void)p;
    if (cw_load_counts(f->load))
        f->load->tally->bytes += f->unit;
}

static void source_frame(struct cw_screen_session *s, const struct cw_frame *f,
                         const uint8_t *payload)
{
    if (flows != NULL && cw_flow_frame(flow_of(s, 1), f, payload))
        (void)cw_flow_pump(flow_of(s, 1), cw_loop_now_ns(), UNSENT_BYTES_MAX);
}

static void viewer_frame(struct cw_screen_viewer *v, const struct cw_frame *f,
                         const uint8_t *payload)
{
    if (flows != NULL && cw_flow_frame(flow_of(v->session, 0), f, payload))
        fill(flow_of(v->session, 0));
}

static void viewer_drained(struct cw_screen_viewer *v)
{
    if (flows != NULL)
        fill(flow_of(v->session, 0));
}

static void ready(struct cw_screen_session *s)
{
    if (flows == NULL)
        return;
    for (unsigned end = 0; end < 2; end++) {
        cw_flow_init(flow_of(s, end), s->load, end == 0 ? &s->viewers[0].endpoint : &s->source,
                     CW_STREAM_DATA_BYTES_MAX);
        flow_of(s, end)->message = received;
    }
    cw_flow_open(flow_of(s, 0), CW_CHANNEL_FILE);
    (void)cw_flow_pump(flow_of(s, 0), cw_loop_now_ns(), UNSENT_BYTES_MAX);
}

static const struct cw_live_events events = {
    .ready = ready, .source = source_frame, .viewer = viewer_frame, .drained = viewer_drained};

static void start(struct cw_load *l)
{
    unsigned share = cw_load_share(l, l->options->sessions);
    if (l->options->use_file) {
        flows = calloc(share != 0 ? share : 1, sizeof *flows);
        CW_CHECK(flows != NULL, "the load has memory for its streams");
    }
    l->net.unsent_bytes = CW_FRAME_BYTES_MAX;
    cw_live_start(&live, l, share, false);
    live.events = &events;
}

static uint64_t step(struct cw_load *l, uint64_t now_ns)
{
    uint64_t next_ns = cw_live_step(&live, now_ns);
    for (unsigned i = 0; flows != NULL && i < live.screen->count; i++) {
        uint64_t at_ns = cw_flow_pump(&flows[i][1], now_ns, UNSENT_BYTES_MAX);
        next_ns = next_ns < at_ns ? next_ns : at_ns;
        if (l->phase >= CW_PHASE_WARM)
            fill(&flows[i][0]);
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
    static const char *const input[4] = {"input_p50", "input_p99", "input_p999", "input_most"};
    static const char *const echo[4] = {"echo_p50", "echo_p99", "echo_p999", "echo_most"};
    double gb = (double)sum->bytes / 1e9;
    cw_report_add(r, "sessions", o->sessions, "");
    cw_report_add(r, "keys", (double)sum->latency[CW_LIVE_ONE_WAY].count, "");
    cw_report_add(r, "file_per_s", gb * 8 / m->seconds, "Gbit/s");
    cw_report_latency(r, input, &sum->latency[CW_LIVE_ONE_WAY]);
    cw_report_latency(r, echo, &sum->latency[0]);
    if (sum->latency[CW_LIVE_ONE_WAY].count == 0 || (o->use_file && sum->bytes == 0)) {
        (void)snprintf(why, why_size, "no key, or no byte of the file, arrived");
        return false;
    }
    return true;
}

static bool prepare(struct cw_options *o, char *why, size_t why_size)
{
    (void)why;
    (void)why_size;
    if (o->sessions == 0)
        o->sessions = 1;
    if (o->rate_per_s <= 0)
        o->rate_per_s = 100;
    o->viewers = 1;
    o->size = 64;
    return true;
}

const struct cw_scenario cw_scenario_input = {
    .name = "input",
    .summary = "keys at a rate, with --file while a file saturates the same connections",
    .targets = CW_TARGET_CAUSEWAY,
    .prepare = prepare,
    .expected = expected,
    .start = start,
    .step = step,
    .report = report,
};
