/* SPDX-License-Identifier: Apache-2.0 */
/* storm: Jump Clients and live sessions that lose their engine, and how long until all are back. */
#include <stdio.h>
#include <sys/resource.h>

#include "bench/load/devices.h"
#include "bench/load/live.h"

static struct cw_devices devices;
static struct cw_live live;

/* With more than one process the first has the sessions alone: what is measured there is the engine, not our own
 * handshakes. */
static void start(struct cw_load *l)
{
    const struct cw_options *o = l->options;
    unsigned apart = o->processes > 1;
    unsigned stride = o->processes - apart;
    unsigned index = l->index - apart;
    bool has_sessions = l->index == 0;
    if (has_sessions && apart != 0)
        (void)setpriority(PRIO_PROCESS, 0, -10); /* before our own handshakes, if we may */
    bool has_devices = !has_sessions || apart == 0;
    unsigned share = has_devices ? o->connections / stride + (index < o->connections % stride) : 0;
    cw_devices_init(&devices, l, share, o->first + index, stride, true);
    cw_live_start(&live, l, has_sessions ? o->sessions : 0, true);
}

/* Which latency: before the loss, or while the others come back. Nothing counts when it is over. */
static uint64_t step(struct cw_load *l, uint64_t now_ns)
{
    bool was_lost = atomic_load(&l->shared->outage_ns) != 0;
    live.which = was_lost ? 1 : 0;
    uint64_t first_ns = cw_devices_step(&devices, now_ns);
    uint64_t second_ns = cw_live_step(&live, now_ns);
    bool is_back = devices.up == devices.count && live.up == live.screen->count;
    atomic_store(&l->tally->is_done, was_lost && is_back);
    return first_ns < second_ns ? first_ns : second_ns;
}

static unsigned expected(const struct cw_options *o)
{
    return o->connections + o->sessions;
}

static bool report(const struct cw_options *o, const struct cw_tally *sum,
                   const struct cw_measured *m, struct cw_report *r, char *why, size_t why_size)
{
    static const char *const before[4] = {"input_before_p50", "input_before_p99",
                                          "input_before_p999", "input_before_most"};
    static const char *const during[4] = {"input_during_p50", "input_during_p99",
                                          "input_during_p999", "input_during_most"};
    (void)m;
    cw_report_add(r, "devices", o->connections, "");
    cw_report_add(r, "live_sessions", o->sessions, "");
    cw_report_add(r, "first_connect_time", m->connect_s, "s");
    if (sum->outage_ns == 0) {
        (void)snprintf(why, why_size, "the engine was never lost: end it while this measures");
        return false;
    }
    cw_report_add(r, "all_back", (double)(sum->back_ns - sum->outage_ns) / 1e9, "s");
    cw_report_add(r, "reconnects", (double)sum->reconnects, "");
    cw_report_add(r, "timeouts", (double)sum->timeouts, "");
    cw_report_add(r, "lost_connections", (double)sum->closed, "");
    cw_report_latency(r, before, &sum->latency[0]);
    cw_report_latency(r, during, &sum->latency[1]);
    if (sum->reconnects < o->connections) {
        (void)snprintf(why, why_size, "%llu of %u devices came back",
                       (unsigned long long)sum->reconnects, o->connections);
        return false;
    }
    return true;
}

static bool prepare(struct cw_options *o, char *why, size_t why_size)
{
    if (o->connections == 0)
        o->connections = 1000;
    if (o->sessions == 0)
        o->sessions = 10;
    if (o->rate_per_s <= 0)
        o->rate_per_s = 20;
    o->viewers = 1;
    o->size = 64;
    if (o->connections / (o->processes > 1 ? o->processes - 1 : 1) > 19500 || o->sessions > 9000) {
        (void)snprintf(why, why_size, "one process has at most 19900 sockets: more --processes");
        return false;
    }
    return true;
}

const struct cw_scenario cw_scenario_storm = {
    .name = "storm",
    .summary = "Jump Clients that come back after the engine was restarted by somebody else",
    .targets = CW_TARGET_CAUSEWAY,
    .outlives_relay = true,
    .prepare = prepare,
    .expected = expected,
    .start = start,
    .step = step,
    .report = report,
};
