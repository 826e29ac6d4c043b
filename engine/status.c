/* SPDX-License-Identifier: Apache-2.0 */
/* A worker's state as JSON, for STATUS. Numbers and fixed names only: nothing a peer said is in it. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "engine/base/version.h"
#include "engine/link_client.h"
#include "engine/worker_state.h"

enum { STATUS_TAIL_BYTES = 64, STATUS_ENTRY_BYTES_MAX = 320 };

struct json {
    char *out;
    size_t size;
    size_t at;
};

__attribute__((format(printf, 2, 3))) static void put(struct json *j, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(j->out + j->at, j->size - j->at, format, arguments);
    va_end(arguments);
    if (size > 0 && (size_t)size < j->size - j->at)
        j->at += (size_t)size;
}

/* A list that grows too long is cut at an entry's border; "truncated" says so. */
static bool has_room(const struct json *j)
{
    return j->size - j->at > STATUS_ENTRY_BYTES_MAX + STATUS_TAIL_BYTES;
}

enum { ROLES_MAX = 16 };

/* Connections by state, and the open ones by role. */
struct tally {
    unsigned states[CW_CONN_STATE_COUNT];
    unsigned roles[ROLES_MAX];
    unsigned participants;
    unsigned standing;
};

static struct tally count(struct cw_worker *w)
{
    struct tally t = {0};
    CW_LIST_EACH(node, &w->conns)
    {
        const struct cw_conn *c = CW_LIST_OWNER(node, struct cw_conn, all);
        t.states[c->state]++;
        if (c->state != CW_CONN_OPEN)
            continue;
        t.roles[c->role % ROLES_MAX]++;
        if (c->participant != NULL)
            t.participants++;
        else
            t.standing++;
    }
    return t;
}

struct name_of {
    const char *text;
};

static void put_list(struct json *j, const char *group, const struct name_of *names,
                     const uint64_t *values, unsigned count)
{
    put(j, "},\"%s\":{", group);
    for (unsigned i = 0; i < count; i++)
        put(j, "%s\"%s\":%" PRIu64, i > 0 ? "," : "", names[i].text, values[i]);
}

static void put_latency(struct json *j, const char *name, const struct cw_latency *l)
{
    put(j, "},\"%s\":{\"sum_ms\":%" PRIu64 ",\"buckets\":[", name, l->sum_ms);
    for (unsigned i = 0; i < CW_LATENCY_BUCKETS; i++)
        put(j, "%s%" PRIu64, i > 0 ? "," : "", l->buckets[i]);
    put(j, "]");
}

static void put_reasons(const struct cw_worker *w, struct json *j)
{
    const struct cw_counters *n = &w->counters;
#define X(name, text) {text},
    static const struct name_of refusals[] = {CW_REFUSALS(X)};
    static const struct name_of failures[] = {CW_HANDSHAKE_FAILURES(X)};
    static const struct name_of away[] = {CW_TURNED_AWAY(X)};
    static const struct name_of drops[] = {CW_DROPS(X)};
#undef X
    put_list(j, "refused", refusals, n->refused, CW_REFUSAL_COUNT);
    put_list(j, "handshakes_failed", failures, n->handshakes_failed, CW_HANDSHAKE_COUNT);
    put_list(j, "turned_away", away, n->turned_away, CW_AWAY_COUNT);
    put_list(j, "dropped", drops, n->dropped, CW_DROP_COUNT);
    put_latency(j, "handshake_latency", &n->handshake);
    put_latency(j, "hello_latency", &n->hello);
    put(j, "},\"channels\":{");
    const char *comma = "";
#define X(name, number, text, send_class)                                              \
    put(j, "%s\"" text "\":[%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "]", comma,  \
        n->received[number].frames, n->received[number].bytes, n->sent[number].frames, \
        n->sent[number].bytes);                                                        \
    comma = ",";
    CW_CHANNELS(X)
#undef X
}

/* "name":[used, count] */
static void put_pools(const struct cw_worker *w, struct json *j)
{
    const struct {
        const char *name;
        const struct cw_pool *pool;
    } pools[] = {
        {"small_frames", &w->frames.of[CW_FRAME_SMALL]},
        {"medium_frames", &w->frames.of[CW_FRAME_MEDIUM]},
        {"large_frames", &w->frames.of[CW_FRAME_LARGE]},
        {"connections", &w->conn_pool},
        {"arrivals", &w->arrival_pool},
        {"inputs", &w->input_pool},
        {"queues", &w->queue_pool},
        {"queue_entries", &w->entry_pool},
        {"small_outputs", &w->small_output_pool},
        {"large_outputs", &w->large_output_pool},
        {"chunks", &w->chunk_pool},
        {"sessions", &w->session_pool},
        {"participants", &w->participant_pool},
        {"streams", &w->stream_pool},
    };
    for (unsigned i = 0; i < sizeof pools / sizeof pools[0]; i++)
        put(j, "%s\"%s\":[%u,%u]", i > 0 ? "," : "", pools[i].name, pools[i].pool->used,
            pools[i].pool->count);
}

static void put_counters(struct cw_worker *w, const struct tally *t, struct json *j)
{
    put(j, "\"connections\":{");
    for (unsigned i = 0; i < CW_CONN_STATE_COUNT; i++)
        put(j, "%s\"%s\":%u", i > 0 ? "," : "", cw_conn_state_name((enum cw_conn_state)i),
            t->states[i]);
    put(j, "},\"roles\":{");
    const char *comma = "";
    for (uint8_t role = 0; role < ROLES_MAX; role++) {
        if (t->roles[role] == 0)
            continue;
        put(j, "%s\"%s\":%u", comma, cw_role_name(role), t->roles[role]);
        comma = ",";
    }
    put(j, "},\"counters\":{");
    comma = "";
#define X(name)                                                  \
    put(j, "%s\"" #name "\":%" PRIu64, comma, w->counters.name); \
    comma = ",";
    CW_COUNTERS(X)
#undef X
    put_reasons(w, j);
    put(j, "},\"closed\":{");
    comma = "";
    for (uint16_t code = 0; code < sizeof w->counters.closed / sizeof w->counters.closed[0];
         code++) {
        if (w->counters.closed[code] == 0)
            continue;
        put(j, "%s\"%s\":%" PRIu64, comma, cw_close_name(code), w->counters.closed[code]);
        comma = ",";
    }
    put(j, "},\"pools\":{");
    put_pools(w, j);
    put(j, "},\"link\":{\"up\":%d,\"queue_bytes\":%" PRIu64 "},\"gate\":{\"handshakes\":%u",
        cw_link_is_up(w), w->link.queue_size - w->link.queue_at, w->gate.handshakes);
    put(j, ",\"unauthenticated\":%u,\"step_us\":%" PRIu64 "}", w->gate.unauthenticated,
        w->gate.step_ns / 1000);
}

static void put_connection(const struct cw_conn *c, struct json *j)
{
    char address[46];
    cw_address_text(c->address, address);
    put(j,
        "\"address\":\"%s\",\"since_unix_s\":%u,\"bytes_in\":%" PRIu64 ",\"bytes_out\":%" PRIu64
        ",\"queue_bytes\":%u,\"websocket\":%s",
        address, c->opened_unix_s, c->received_bytes, c->sent_bytes, cw_conn_waiting_bytes(c),
        c->is_websocket ? "true" : "false");
}

static bool put_session(struct cw_session *s, struct json *j, const char *comma)
{
    put(j, "%s{\"session\":%u,\"connected\":%u,\"recording\":\"%s\",\"participants\":[", comma,
        s->number, s->connected, cw_record_state_name(s));
    bool is_whole = true;
    const char *inner = "";
    CW_LIST_EACH(node, &s->participants)
    {
        struct cw_participant *p = CW_LIST_OWNER(node, struct cw_participant, node);
        if (p->conn == NULL)
            continue;
        if (!has_room(j)) {
            is_whole = false;
            break;
        }
        put(j,
            "%s{\"participant\":%u,\"role\":\"%s\",\"permissions\":%" PRIu64 ",\"in_sync\":%s,"
            "\"rendition\":%u,",
            inner, p->number, cw_role_name(p->role), p->permissions,
            p->viewer.sync == CW_VIEWER_IN ? "true" : "false", (unsigned)p->viewer.rendition);
        put_connection(p->conn, j);
        put(j, "}");
        inner = ",";
    }
    put(j, "]}");
    return is_whole;
}

size_t cw_status_write(struct cw_worker *w, char *out, size_t out_size)
{
    struct json j = {.out = out, .size = out_size};
    put(&j, "{\"version\":1,\"worker\":%u,\"workers\":%u,", w->config.index, w->config.count);
    const struct tally t = count(w);
    put_counters(w, &t, &j);
    struct cw_usage usage = {0};
    if (w->config.usage != NULL)
        w->config.usage(&usage);
    put(&j,
        ",\"build\":\"" CW_VERSION "\",\"process\":{\"started_unix_s\":%" PRIu64
        ",\"resident_bytes\":%" PRIu64 ",\"cpu_us\":%" PRIu64 ",\"worker_cpu_us\":%" PRIu64 "}",
        usage.started_unix_s, usage.resident_bytes, usage.cpu_us, usage.worker_cpu_us);
    put(&j, ",\"draining\":%s,\"left\":{\"sessions\":%u,\"participants\":%u,\"standing\":%u}",
        w->is_draining ? "true" : "false", w->session_pool.used, t.participants, t.standing);
    put(&j, ",\"settings\":{");
    for (unsigned i = 0; i < CW_SETTING_COUNT; i++)
        put(&j, "%s\"%s\":%" PRIu64, i > 0 ? "," : "", cw_setting_info((enum cw_setting)i)->name,
            i == CW_SETTING_workers ? w->config.count
                                    : cw_setting_get(&w->settings, (enum cw_setting)i));
    put(&j, "},\"sessions\":[");
    bool is_whole = true;
    const char *comma = "";
    CW_LIST_EACH(node, &w->session_list)
    {
        if (!has_room(&j)) {
            is_whole = false;
            break;
        }
        is_whole &= put_session(CW_LIST_OWNER(node, struct cw_session, node), &j, comma);
        comma = ",";
    }
    put(&j, "],\"standing\":[");
    comma = "";
    CW_LIST_EACH(node, &w->conns)
    {
        const struct cw_conn *c = CW_LIST_OWNER(node, struct cw_conn, all);
        if (c->state != CW_CONN_OPEN || c->participant != NULL)
            continue;
        if (!has_room(&j)) {
            is_whole = false;
            break;
        }
        put(&j, "%s{\"role\":\"%s\",\"number\":%u,", comma, cw_role_name(c->role), c->identity);
        put_connection(c, &j);
        put(&j, "}");
        comma = ",";
    }
    put(&j, "],\"truncated\":%s}", is_whole ? "false" : "true");
    return j.at;
}
