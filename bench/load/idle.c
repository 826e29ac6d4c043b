/* SPDX-License-Identifier: Apache-2.0 */
/* idle: connections that only answer heartbeats, and what one of them costs the relay and the kernel. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/load/devices.h"
#include "bench/load/plain.h"
#include "bench/load/usage.h"
#include "engine/base/check.h"
#include "engine/base/err.h"

enum { PAIRS = 2000 }; /* enough that the slabs of others do not matter */

static void ignore_message(struct cw_plain_end *e, const struct cw_pattern *p, const uint8_t *data)
{
    (void)e;
    (void)p;
    (void)data;
}

static const struct cw_plain_events plain_events = {NULL, ignore_message, NULL};

static void start(struct cw_load *l)
{
    unsigned share = cw_load_share(l, l->options->connections);
    if (l->options->target == CW_TARGET_PLAIN) {
        (void)cw_plain_start(l, share, &plain_events);
        return;
    }
    struct cw_devices *d = calloc(1, sizeof *d);
    CW_CHECK(d != NULL, "the load has memory for its devices");
    l->state = d;
    cw_devices_init(d, l, share, l->options->first + l->index, l->options->processes, false);
}

static uint64_t step(struct cw_load *l, uint64_t now_ns)
{
    if (l->options->target == CW_TARGET_PLAIN) {
        cw_plain_step(l->state);
        return UINT64_MAX;
    }
    return cw_devices_step(l->state, now_ns);
}

/* ---- what one of our own ends costs the kernel --------------------------------------------------- */

static void nothing(struct cw_loop_target *t, enum cw_loop_op op, int32_t result, uint8_t *data,
                    bool more)
{
    (void)t;
    (void)op;
    (void)result;
    (void)data;
    (void)more;
}

/* Connections to ourselves, both ends as the clients are: half of what they take is one end. */
static void measure_own_end(struct cw_load *l)
{
    static struct cw_loop_target target = {nothing};
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t at_size = sizeof at;
    unsigned made = 0;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 ||
        bind(listener, (const struct sockaddr *)(const void *)&at, sizeof at) != 0 ||
        listen(listener, 128) != 0 ||
        getsockname(listener, (struct sockaddr *)(void *)&at, &at_size) != 0)
        return;
    double before = cw_usage_slab_bytes();
    while (made < PAIRS) {
        int out = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (out < 0 || connect(out, (const struct sockaddr *)(const void *)&at, sizeof at) != 0)
            break;
        int in = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (in < 0)
            break;
        cw_loop_recv(&l->loop, &target, out);
        cw_loop_recv(&l->loop, &target, in);
        cw_loop_step(&l->loop, 0);
        made++;
    }
    double after = cw_usage_slab_bytes();
    if (made == PAIRS && after > before)
        l->tally->client_end_bytes = (uint64_t)((after - before) / (2 * PAIRS));
    (void)close(listener);
}

static void phase_changed(struct cw_load *l)
{
    unsigned share = cw_load_share(l, l->options->connections);
    bool has_room = share + 2 * PAIRS + 100 < (unsigned)sysconf(_SC_OPEN_MAX);
    if (l->phase == CW_PHASE_SETTLE && l->index + 1 == l->options->processes && has_room)
        measure_own_end(l);
    if (l->options->target == CW_TARGET_CAUSEWAY && l->phase == CW_PHASE_SETTLE) {
        const struct cw_devices *d = l->state;
        for (unsigned i = 0; i < d->count; i++)
            l->tally->pings += d->all[i].endpoint.pings;
    }
}

/* ---- the scenario ------------------------------------------------------------------------------- */

static unsigned expected(const struct cw_options *o)
{
    return o->connections;
}

static bool report(const struct cw_options *o, const struct cw_tally *sum,
                   const struct cw_measured *m, struct cw_report *r, char *why, size_t why_size)
{
    /* A relay has two TLS connections for each of ours. */
    double count = (double)o->connections * (o->target == CW_TARGET_PLAIN ? 2 : 1);
    double process = (m->busy_bytes - m->idle_bytes) / count;
    double slab = m->busy_slab - m->idle_slab;
    double own_end = (double)sum->client_end_bytes;
    cw_report_add(r, "connections", o->connections, "");
    cw_report_add(r, "relay_tls_connections", count, "");
    cw_report_add(r, "connect_time", m->connect_s, "s");
    cw_report_add(r, "connects_per_s", o->connections / m->connect_s, "1/s");
    cw_report_add(r, "refused_at_first", (double)sum->refused, "");
    cw_report_add(r, "heartbeats", (double)sum->pings, "");
    cw_report_add(r, "slab_bytes", slab, "B");
    if (o->pid_count != 0) {
        cw_report_add(r, "relay_bytes", m->busy_bytes, "B");
        cw_report_add(r, "process_bytes_per_conn", process, "B");
    }
    if (own_end > 0) {
        /* Of a relayed pair of connections four ends are in the slab, two of them ours. */
        double kernel = slab / count - own_end;
        cw_report_add(r, "own_end_bytes", own_end, "B");
        cw_report_add(r, "kernel_bytes_per_conn", kernel, "B");
        if (o->pid_count != 0)
            cw_report_add(r, "total_bytes_per_conn", process + kernel, "B");
    }
    if (sum->connections < o->connections) {
        (void)snprintf(why, why_size, "%llu of %u connections were made",
                       (unsigned long long)sum->connections, o->connections);
        return false;
    }
    return true;
}

static bool prepare(struct cw_options *o, char *why, size_t why_size)
{
    if (o->connections == 0)
        o->connections = 1000;
    if (o->size == 0)
        o->size = 64;
    unsigned most = o->target == CW_TARGET_PLAIN ? 9900 : 19900;
    if (o->connections / o->processes > most) {
        (void)snprintf(why, why_size,
                       "%u connections need at least %u --processes: one has at most %u here",
                       o->connections, o->connections / most + 1, (unsigned)most);
        return false;
    }
    return true;
}

const struct cw_scenario cw_scenario_idle = {
    .name = "idle",
    .summary = "connections that only answer heartbeats, and the memory of one",
    .targets = CW_TARGET_CAUSEWAY | CW_TARGET_PLAIN,
    .prepare = prepare,
    .expected = expected,
    .start = start,
    .phase_changed = phase_changed,
    .step = step,
    .report = report,
};
