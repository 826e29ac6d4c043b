/* SPDX-License-Identifier: Apache-2.0 */
#include "control/link/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "control/jump/device.h"
#include "control/link/link_server.h"
#include "control/link/metrics_text.h"
#include "control/link/order.h"
#include "engine/base/err.h"

/* ---- the engine's, from STATUS ----------------------------------------------------------------- */

/* One family for each member of STATUS that is one number. */
static const struct single {
    const char *group; /* an object in STATUS */
    const char *member;
    const char *name;
    const char *type;
    const char *help;
    double scale;
} singles[] = {
#define COUNTER(member, family, help)                                     \
    {                                                                     \
        "counters", member, "engine_" family "_total", "counter", help, 1 \
    }
    COUNTER("accepted", "accepted", "Connections accepted."),
    COUNTER("handshakes", "handshakes", "TLS handshakes finished."),
    COUNTER("handshakes_deferred", "handshakes_deferred",
            "Handshakes that waited for frames of live sessions."),
    COUNTER("websockets", "websockets", "WebSockets opened."),
    COUNTER("pipes", "pages", "Connections piped to control."),
    COUNTER("redirects", "redirects", "Redirects to https."),
    COUNTER("handovers", "handovers", "Connections handed to another worker."),
    COUNTER("bytes_received", "received_bytes", "Bytes received from the network."),
    COUNTER("bytes_sent", "sent_bytes", "Bytes sent to the network."),
    COUNTER("records_opened", "tls_records_opened", "TLS records decrypted."),
    COUNTER("records_sealed", "tls_records_sealed", "TLS records encrypted."),
    COUNTER("sends", "sends", "Send requests to the kernel."),
    COUNTER("outputs_starved", "outputs_starved", "Sends that waited for an output buffer."),
    COUNTER("syncs_requested", "syncs_requested", "Keyframes asked for."),
    COUNTER("viewers_dropped_out", "viewers_dropped_out", "Viewers that fell out of sync."),
    COUNTER("viewers_reduced", "viewers_reduced", "Viewers moved to the reduced rendition."),
    COUNTER("viewers_restored", "viewers_restored", "Viewers moved back to the full rendition."),
    COUNTER("streams_opened", "streams_opened", "Shells, files and tunnels opened."),
    COUNTER("streams_resumed", "streams_resumed", "Streams taken up again after a break."),
    COUNTER("recordings", "recordings", "Recordings begun."),
    COUNTER("recordings_failed", "recordings_failed", "Recordings that could not be written on."),
    COUNTER("recordings_refused", "recordings_refused", "Recordings that could not begin."),
    COUNTER("recordings_gapped", "recordings_gapped", "Recordings with a gap."),
    COUNTER("recorded_bytes", "recorded_bytes", "Bytes written to recordings."),
    {"left", "sessions", "engine_sessions", "gauge", "Sessions that live.", 1},
    {"gate", "handshakes", "engine_handshakes_under_way", "gauge", "TLS handshakes under way.", 1},
    {"gate", "unauthenticated", "engine_unauthenticated_connections", "gauge",
     "Connections that have not said who they are.", 1},
    {"gate", "step_us", "engine_step_seconds", "gauge",
     "Time one turn of the worker takes of late.", 1e-6},
    {"link", "up", "engine_link_up", "gauge", "1: the worker is linked to control.", 1},
    {"link", "queue_bytes", "engine_link_queue_bytes", "gauge", "Bytes that wait for control.", 1},
    {"process", "worker_cpu_us", "engine_worker_cpu_seconds_total", "counter",
     "Processor time of the worker.", 1e-6},
#undef COUNTER
};

/* One family with a label for each object of numbers. */
static const struct labelled {
    const char *group;
    const char *label;
    const char *name;
    const char *type;
    const char *help;
} labelleds[] = {
    {"connections", "state", "engine_connections", "gauge", "Connections by state."},
    {"roles", "role", "engine_authenticated_connections", "gauge",
     "Authenticated connections by role."},
    {"closed", "code", "engine_closed_total", "counter", "Connections closed, by close code."},
    {"refused", "reason", "engine_refused_total", "counter",
     "Connections closed when they were accepted, by the limit that they met."},
    {"handshakes_failed", "reason", "engine_handshakes_failed_total", "counter",
     "TLS handshakes that did not finish."},
    {"turned_away", "reason", "engine_hellos_turned_away_total", "counter",
     "Hellos not looked at."},
    {"dropped", "reason", "engine_dropped_total", "counter",
     "Frames and messages that did not reach their receiver."},
};

/* One family for each place in an object of arrays. */
static const struct placed {
    const char *group;
    const char *label;
    unsigned place;
    const char *name;
    const char *type;
    const char *help;
} placeds[] = {
    {"channels", "channel", 0, "engine_channel_received_frames_total", "counter",
     "Frames received from endpoints."},
    {"channels", "channel", 1, "engine_channel_received_bytes_total", "counter",
     "Bytes of frames received from endpoints."},
    {"channels", "channel", 2, "engine_channel_sent_frames_total", "counter",
     "Frames sent to endpoints."},
    {"channels", "channel", 3, "engine_channel_sent_bytes_total", "counter",
     "Bytes of frames sent to endpoints."},
    {"pools", "pool", 0, "engine_pool_used", "gauge", "Items of a pool in use."},
    {"pools", "pool", 1, "engine_pool_limit", "gauge", "Items a pool has."},
};

static void put_singles(struct cw_control *c, struct cw_metrics_text *t)
{
    char labels[32];
    for (size_t k = 0; k < sizeof singles / sizeof singles[0]; k++) {
        const struct single *s = &singles[k];
        cw_metrics_family(t, s->name, s->type, s->help);
        for (uint32_t i = 0; i < c->link_count; i++) {
            const json_t *value =
                json_object_get(json_object_get(c->links[i]->status, s->group), s->member);
            (void)snprintf(labels, sizeof labels, "worker=\"%u\"", c->links[i]->worker);
            if (json_is_number(value) && c->links[i]->is_synced)
                cw_metrics_sample(t, s->name, labels, json_number_value(value) * s->scale);
        }
    }
}

/* Members are names of the engine's own lists; a name that is none is left out all the same. */
static bool is_label(const char *text)
{
    size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    return n > 0 && n < 64 && text[n] == '\0';
}

/* place -1: the member itself is the number. */
static void put_members(struct cw_control *c, struct cw_metrics_text *t, const char *group,
                        const char *label, int place, const char *name)
{
    char labels[128];
    for (uint32_t i = 0; i < c->link_count; i++) {
        const char *member;
        json_t *value;
        if (!c->links[i]->is_synced)
            continue; /* an earlier connection of a worker that has linked again */
        json_object_foreach(json_object_get(c->links[i]->status, group), member, value)
        {
            const json_t *number = place < 0 ? value : json_array_get(value, (size_t)place);
            if (!json_is_number(number) || !is_label(member))
                continue;
            (void)snprintf(labels, sizeof labels, "worker=\"%u\",%s=\"%s\"", c->links[i]->worker,
                           label, member);
            cw_metrics_sample(t, name, labels, json_number_value(number));
        }
    }
}

static void put_latency(struct cw_control *c, struct cw_metrics_text *t, const char *group,
                        const char *name, const char *help)
{
    static const double edges_s[] = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1,
                                     0.2,   0.5,   1,     2,    5,    10};
    enum { BUCKETS = sizeof edges_s / sizeof edges_s[0] + 1 };
    cw_metrics_family(t, name, "histogram", help);
    for (uint32_t i = 0; i < c->link_count; i++) {
        const json_t *latency = json_object_get(c->links[i]->status, group);
        const json_t *buckets = json_object_get(latency, "buckets");
        uint64_t counts[BUCKETS];
        char labels[32];
        if (json_array_size(buckets) != BUCKETS || !c->links[i]->is_synced)
            continue;
        for (unsigned k = 0; k < BUCKETS; k++)
            counts[k] = (uint64_t)json_integer_value(json_array_get(buckets, k));
        (void)snprintf(labels, sizeof labels, "worker=\"%u\"", c->links[i]->worker);
        cw_metrics_histogram(t, name, labels, edges_s, counts, BUCKETS,
                             (double)json_integer_value(json_object_get(latency, "sum_ms")) / 1000);
    }
}

/* Of the process, which every worker tells alike. */
static void put_process(struct cw_control *c, struct cw_metrics_text *t)
{
    static const struct {
        const char *member, *name, *type, *help;
        double scale;
    } all[] = {
        {"started_unix_s", "engine_process_start_time_seconds", "gauge",
         "When the engine's process was started, Unix time.", 1},
        {"resident_bytes", "engine_process_resident_memory_bytes", "gauge",
         "Memory of the engine's process.", 1},
        {"cpu_us", "engine_process_cpu_seconds_total", "counter",
         "Processor time of the engine's process.", 1e-6},
    };
    const json_t *process =
        c->link_count > 0 ? json_object_get(c->links[0]->status, "process") : NULL;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        const json_t *value = json_object_get(process, all[i].member);
        cw_metrics_family(t, all[i].name, all[i].type, all[i].help);
        if (json_is_number(value))
            cw_metrics_sample(t, all[i].name, "", json_number_value(value) * all[i].scale);
    }
}

static void put_engine(struct cw_control *c, struct cw_metrics_text *t)
{
    char labels[160];
    put_singles(c, t);
    for (size_t k = 0; k < sizeof labelleds / sizeof labelleds[0]; k++) {
        const struct labelled *l = &labelleds[k];
        cw_metrics_family(t, l->name, l->type, l->help);
        put_members(c, t, l->group, l->label, -1, l->name);
    }
    for (size_t k = 0; k < sizeof placeds / sizeof placeds[0]; k++) {
        const struct placed *p = &placeds[k];
        cw_metrics_family(t, p->name, p->type, p->help);
        put_members(c, t, p->group, p->label, (int)p->place, p->name);
    }
    put_latency(c, t, "handshake_latency", "engine_handshake_duration_seconds",
                "From accepting a connection to TLS Finished.");
    put_latency(c, t, "hello_latency", "engine_hello_duration_seconds",
                "From accepting a connection to WELCOME.");
    put_process(c, t);
    cw_metrics_family(t, "engine_build_info", "gauge", "The engine's version.");
    const json_t *build = c->link_count > 0 ? json_object_get(c->links[0]->status, "build") : NULL;
    (void)snprintf(labels, sizeof labels, "version=\"%.60s\"", json_string_value(build));
    if (json_is_string(build) && strpbrk(json_string_value(build), "\"\\\n") == NULL)
        cw_metrics_sample(t, "engine_build_info", labels, 1);
    cw_metrics_family(t, "engine_workers_linked", "gauge", "Workers that are linked to control.");
    cw_metrics_sample(t, "engine_workers_linked", "", c->link_count);
    cw_metrics_family(t, "engine_draining", "gauge", "1: the engine takes nothing new.");
    cw_metrics_sample(t, "engine_draining", "", c->is_draining);
}

/* ---- control's own ----------------------------------------------------------------------------- */

static const double edges_s[] = {0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1};

void cw_metrics_on_operation(struct cw_control *c, const struct cw_operation *operation, int err,
                             uint64_t took_us)
{
    struct cw_control_counts *n = &c->counts;
    size_t which = (size_t)(operation - cw_operations);
    double took_s = (double)took_us * 1e-6;
    unsigned bucket = 0;
    if (which < CW_OPERATIONS_COUNTED_MAX)
        n->operations[which][err < 0]++;
    while (bucket < CW_TOOK_BUCKETS - 1 && took_s > edges_s[bucket])
        bucket++;
    n->took[bucket]++;
    n->took_us += took_us;
}

static void put_operations(struct cw_control *c, struct cw_metrics_text *t)
{
    char labels[128];
    cw_metrics_family(t, "control_operations_total", "counter",
                      "Operations by name and result; those that wait for the engine count as ok.");
    for (size_t i = 0; cw_operations[i].name != NULL && i < CW_OPERATIONS_COUNTED_MAX; i++)
        for (unsigned refused = 0; refused < 2; refused++) {
            (void)snprintf(labels, sizeof labels, "operation=\"%s\",result=\"%s\"",
                           cw_operations[i].name, refused == 0 ? "ok" : "refused");
            cw_metrics_sample(t, "control_operations_total", labels,
                              (double)c->counts.operations[i][refused]);
        }
    cw_metrics_family(t, "control_operation_duration_seconds", "histogram",
                      "Time an operation kept the state thread.");
    cw_metrics_histogram(t, "control_operation_duration_seconds", "", edges_s, c->counts.took,
                         CW_TOOK_BUCKETS, (double)c->counts.took_us * 1e-6);
}

static void put_gauge(struct cw_metrics_text *t, const char *name, const char *help, double value)
{
    cw_metrics_family(t, name, "gauge", help);
    cw_metrics_sample(t, name, "", value);
}

static void put_sessions(struct cw_control *c, struct cw_metrics_text *t)
{
    uint32_t by_state[CW_SESSION_ENDED + 1] = {0};
    uint32_t items = 0;
    for (uint32_t i = 0; i < c->live_count; i++)
        if (!c->live[i]->is_over)
            by_state[c->live[i]->row.state]++;
    (void)cw_store_jump_item_count(c->store, &items);
    cw_metrics_family(t, "sessions", "gauge", "Sessions by state.");
    cw_metrics_sample(t, "sessions", "state=\"waiting\"", by_state[CW_SESSION_WAITING]);
    cw_metrics_sample(t, "sessions", "state=\"active\"", by_state[CW_SESSION_ACTIVE]);
    cw_metrics_family(t, "jump_clients", "gauge", "Jump Clients by state.");
    uint32_t online = cw_device_online_count(c);
    cw_metrics_sample(t, "jump_clients", "state=\"online\"", online);
    cw_metrics_sample(t, "jump_clients", "state=\"offline\"", items > online ? items - online : 0);
    put_gauge(t, "control_consoles", "Accounts with an open console.", c->console_count);
    put_gauge(t, "control_chat_waiting", "Chat lines that wait for the store.",
              c->waiting_chat_count);
}

static uint64_t resident_bytes(void)
{
    unsigned long long total = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f == NULL)
        return 0;
    int n = fscanf(f, "%llu %llu", &total, &resident);
    (void)fclose(f);
    return n == 2 ? resident * 4096 : 0;
}

static void put_control(struct cw_control *c, struct cw_metrics_text *t)
{
    struct cw_store_counts store;
    struct rusage usage = {0};
    uint32_t orders = 0;
    char labels[96];
    cw_store_counts(c->store, &store);
    for (const struct cw_order *o = c->orders; o != NULL; o = cw_order_next(o))
        orders++;
    (void)getrusage(RUSAGE_SELF, &usage);
    (void)snprintf(labels, sizeof labels, "version=\"%.60s\"", c->version);
    cw_metrics_family(t, "control_build_info", "gauge", "Control's version.");
    cw_metrics_sample(t, "control_build_info", labels, 1);
    put_operations(c, t);
    put_sessions(c, t);
    put_gauge(t, "control_ready", "1: the store can be written, workers are linked, no drain.",
              cw_store_is_writable(c->store, NULL) && cw_links_are_complete(c) && !c->is_draining);
    put_gauge(t, "control_store_writable", "1: the store can be written.",
              cw_store_is_writable(c->store, NULL));
    cw_metrics_family(t, "control_store_changes_total", "counter", "Changes, several a commit.");
    cw_metrics_sample(t, "control_store_changes_total", "", (double)store.changes);
    cw_metrics_family(t, "control_store_commits_total", "counter", "Transactions committed.");
    cw_metrics_sample(t, "control_store_commits_total", "", (double)store.commits);
    cw_metrics_family(t, "control_store_failures_total", "counter", "Transactions rolled back.");
    cw_metrics_sample(t, "control_store_failures_total", "", (double)store.failures);
    cw_metrics_family(t, "control_store_commit_seconds_total", "counter", "Time spent in commits.");
    cw_metrics_sample(t, "control_store_commit_seconds_total", "", (double)store.commit_us * 1e-6);
    put_gauge(t, "control_orders_waiting", "Operators' commands that wait for the engine.", orders);
    put_gauge(t, "control_process_start_time_seconds", "When control was started, Unix time.",
              (double)c->started_ms / 1000);
    put_gauge(t, "control_process_resident_memory_bytes", "Memory of control's process.",
              (double)resident_bytes());
    cw_metrics_family(t, "control_process_cpu_seconds_total", "counter",
                      "Processor time of control's process.");
    cw_metrics_sample(t, "control_process_cpu_seconds_total", "",
                      (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                          (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6);
}

int cw_metrics_write(struct cw_control *c, char **ret_text, size_t *ret_size)
{
    struct cw_metrics_text t = {0};
    put_control(c, &t);
    put_engine(c, &t);
    if (t.is_full) {
        free(t.text);
        return CW_ERR_NOMEM;
    }
    *ret_text = t.text;
    *ret_size = t.size;
    return 0;
}
