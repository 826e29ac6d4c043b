/* SPDX-License-Identifier: Apache-2.0 */
/* A worker's state as JSON, for STATUS. Numbers and fixed names only: nothing a peer said is in it. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

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
#define X(name) put(j, "\"" #name "\":%" PRIu64 ",", w->counters.name);
    CW_COUNTERS(X)
#undef X
    put(j, "\"link_dropped\":%" PRIu64 "},\"closed\":{", w->link.dropped);
    comma = "";
    for (uint16_t code = 0; code < sizeof w->counters.closed / sizeof w->counters.closed[0];
         code++) {
        if (w->counters.closed[code] == 0)
            continue;
        put(j, "%s\"%s\":%" PRIu64, comma, cw_close_name(code), w->counters.closed[code]);
        comma = ",";
    }
    put(j,
        "},\"pools\":{\"small_frames\":%u,\"medium_frames\":%u,\"large_frames\":%u,\"queues\":%u,"
        "\"queue_entries\":%u,\"inputs\":%u,\"outputs\":%u,\"arrivals\":%u,\"chunks\":%u}",
        w->frames.of[CW_FRAME_SMALL].used, w->frames.of[CW_FRAME_MEDIUM].used,
        w->frames.of[CW_FRAME_LARGE].used, w->queue_pool.used, w->entry_pool.used,
        w->input_pool.used, w->small_output_pool.used + w->large_output_pool.used,
        w->arrival_pool.used, w->chunk_pool.used);
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
