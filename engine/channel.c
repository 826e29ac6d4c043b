/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/channel.h"

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/channel_say.h"
#include "engine/session.h"
#include "engine/worker_state.h"

static const uint64_t resume_ns = CW_TIME_STREAM_RESUME_S * UINT64_C(1000000000);

static struct cw_stream_end *other_of(struct cw_relay_stream *rs, const struct cw_stream_end *e)
{
    return e == &rs->ends[0] ? &rs->ends[1] : &rs->ends[0];
}

static struct cw_stream_end *end_of(struct cw_relay_stream *rs, const struct cw_participant *p)
{
    for (unsigned i = 0; i < 2; i++)
        if (rs->ends[i].participant == p)
            return &rs->ends[i];
    return NULL;
}

static uint64_t key_of(const struct cw_session *s, uint8_t channel, uint16_t stream)
{
    return (uint64_t)s->number << 32 | (uint64_t)channel << 16 | stream;
}

void cw_channel_check(const struct cw_session *s)
{
    uint32_t count = 0;
    for (const struct cw_list *n = s->streams.next; n != &s->streams; n = n->next) {
        const struct cw_relay_stream *rs =
            CW_LIST_OWNER((struct cw_list *)(uintptr_t)n, struct cw_relay_stream, node);
        count++;
        for (unsigned i = 0; i < 2; i++) {
            const struct cw_stream_end *e = &rs->ends[i];
            CW_CHECK(e->limit - e->received <= cw_channel_window_bytes_max(rs->id.channel),
                     "a window has a limit");
            CW_CHECK(!e->is_synced || cw_channel_is_here(e), "an end that is synced is connected");
            CW_CHECK(!e->is_close_told ||
                         (e->has_closed && rs->ends[0].is_synced && rs->ends[1].is_synced),
                     "only who is there is told");
            CW_CHECK(!e->is_synced ||
                         (e->received <= e->left && e->left <= e->next && e->next <= e->limit),
                     "what waits for a receiver is what it granted");
        }
        bool is_whole = rs->ends[0].is_synced && rs->ends[1].is_synced;
        CW_CHECK(is_whole != cw_timer_is_set(&rs->timer), "a stream waits for an end for a time");
    }
    CW_CHECK(count == s->stream_count, "counts are kept");
}

/* ---- life --------------------------------------------------------------------------------------- */

static void bind_end(struct cw_stream_end *e, struct cw_participant *p)
{
    if (p == NULL || e->participant == p)
        return;
    e->participant = p;
    e->number = p->number;
    p->stream_count++;
}

/* The receiver's counters, and what all its windows come to. */
static void set_window(struct cw_stream_end *e, uint64_t received, uint64_t limit)
{
    CW_CHECK(e->participant != NULL, "windows are somebody's");
    e->participant->windows_bytes -= (uint32_t)(e->limit - e->received);
    e->participant->windows_bytes += (uint32_t)(limit - received);
    e->received = received;
    e->limit = limit;
    e->is_known = true;
}

static bool has_room(const struct cw_stream_end *e, const struct cw_participant *p,
                     uint64_t received, uint64_t limit)
{
    return p->windows_bytes - (e->limit - e->received) + (limit - received) <=
           CW_STREAM_WINDOWS_BYTES_MAX;
}

static void stream_free(struct cw_worker *w, struct cw_relay_stream *rs)
{
    for (unsigned i = 0; i < 2; i++) {
        struct cw_participant *p = rs->ends[i].participant;
        if (p == NULL)
            continue;
        /* What waits for it is wanted no more, and counts for no window any longer. */
        if (p->conn != NULL && rs->ends[i].next > rs->ends[i].left)
            cw_conn_clear_stream(w, p->conn, rs->id.channel, rs->id.stream);
        p->windows_bytes -= (uint32_t)(rs->ends[i].limit - rs->ends[i].received);
        p->stream_count--;
    }
    cw_timer_stop(&rs->timer);
    cw_list_remove(&rs->node);
    rs->session->stream_count--;
    cw_table_remove(&w->streams, key_of(rs->session, rs->id.channel, rs->id.stream));
    cw_pool_give(&w->stream_pool, rs);
}

static struct cw_relay_stream *stream_new(struct cw_worker *w, struct cw_session *s,
                                          const struct cw_stream_id *id)
{
    struct cw_relay_stream *rs = cw_pool_take(&w->stream_pool);
    CW_CHECK(rs != NULL, "the caller looked whether there is room");
    *rs = (struct cw_relay_stream){.session = s, .id = *id};
    cw_timer_init(&rs->timer, CW_TIMER_STREAM);
    cw_list_init(&rs->node);
    cw_list_append(&s->streams, &rs->node);
    s->stream_count++;
    int err = cw_table_put(&w->streams, key_of(s, id->channel, id->stream), rs);
    CW_CHECK(err == CW_OK, "the table is as large as the pool, and the number was free");
    cw_timer_set(&w->timers, &rs->timer, w->now_ns + resume_ns);
    w->counters.streams_opened++;
    return rs;
}

/* Tells both ends that are there, and forgets it. */
static void give_up(struct cw_worker *w, struct cw_relay_stream *rs, uint16_t code,
                    const char *text)
{
    struct cw_conn *conns[2] = {NULL, NULL};
    struct cw_stream_id id = rs->id;
    for (unsigned i = 0; i < 2; i++)
        conns[i] = cw_channel_is_here(&rs->ends[i]) ? rs->ends[i].participant->conn : NULL;
    stream_free(w, rs);
    for (unsigned i = 0; i < 2; i++)
        if (conns[i] != NULL)
            cw_channel_say_close(w, conns[i], &id, code, text);
}

/* Everything was said and acknowledged, and is on its way to both: what an end says after it has named the stream again
 * must find it, or the other end waits for it. */
static void end_if_complete(struct cw_worker *w, struct cw_relay_stream *rs)
{
    const struct cw_stream_end *a = &rs->ends[0];
    const struct cw_stream_end *b = &rs->ends[1];
    if (a->is_close_told && b->is_close_told && a->received >= b->final && b->received >= a->final)
        stream_free(w, rs);
}

/* ---- opening and coming back -------------------------------------------------------------------- */

static bool may_open(const struct cw_participant *p, uint8_t channel)
{
    return (p->permissions & cw_channel_permission(channel)) != 0;
}

static bool may_serve(const struct cw_session *s, const struct cw_participant *p, uint8_t channel)
{
    return s->source == p || may_open(p, channel);
}

static bool is_full(const struct cw_worker *w, const struct cw_session *s,
                    const struct cw_participant *p)
{
    return s->stream_count >= CW_STREAMS_PER_SESSION_MAX ||
           p->stream_count >= CW_STREAMS_PER_PARTICIPANT_MAX ||
           w->stream_pool.used >= w->stream_pool.count;
}

/* The end states what it has, on a connection that carried nothing of this stream yet. */
static void sync_end(struct cw_stream_end *e, const struct cw_stream_open *m)
{
    /* Credit once given is not taken back: the other end may be sending on it. */
    uint64_t limit = m->limit > e->limit ? m->limit : e->limit;
    set_window(e, m->received, limit);
    e->next = m->received;
    e->left = m->received;
    e->shorts[0] = e->shorts[1] = 0;
    e->short_end = m->received;
    e->is_synced = true;
}

static void open_new(struct cw_worker *w, struct cw_participant *p, const struct cw_stream_open *m)
{
    struct cw_session *s = p->session;
    struct cw_participant *to =
        m->participant == 0 ? s->source : cw_session_participant(s, m->participant);
    const struct cw_stream_end none = {0};
    if (!may_open(p, m->id.channel)) {
        cw_channel_say_close(w, p->conn, &m->id, CW_CLOSE_NOT_PERMITTED, "");
        return;
    }
    if (m->participant == 0 && to == NULL) {
        cw_channel_say_close(w, p->conn, &m->id, CW_CLOSE_UNAVAILABLE, "");
        return;
    }
    if (to == NULL || to == p || to->conn == NULL || !may_serve(s, to, m->id.channel)) {
        cw_channel_say_close(w, p->conn, &m->id, CW_CLOSE_STREAM_REFUSED,
                             "The other end is not connected.");
        return;
    }
    if (is_full(w, s, p) || is_full(w, s, to) || !has_room(&none, p, 0, m->limit)) {
        cw_channel_say_close(w, p->conn, &m->id, CW_CLOSE_STREAM_REFUSED,
                             "Too many transfers are open.");
        return;
    }
    struct cw_relay_stream *rs = stream_new(w, s, &m->id);
    bind_end(&rs->ends[0], p);
    bind_end(&rs->ends[1], to);
    sync_end(&rs->ends[0], m);
    cw_channel_say_open(w, rs, &rs->ends[1], &rs->ends[0], m);
}

/* The engine has forgotten the stream, or never knew it: the end that is back waits for the other. */
static void open_again(struct cw_worker *w, struct cw_participant *p,
                       const struct cw_stream_open *m)
{
    struct cw_session *s = p->session;
    bool is_server = (m->flags & CW_STREAM_OPEN_SERVER) != 0;
    const struct cw_stream_end none = {0};
    if (is_full(w, s, p) || !has_room(&none, p, m->received, m->limit) ||
        m->participant == p->number) {
        cw_channel_say_close(w, p->conn, &m->id, CW_CLOSE_STREAM_REFUSED,
                             "Too many transfers are open.");
        return;
    }
    if (is_server ? !may_serve(s, p, m->id.channel) : !may_open(p, m->id.channel)) {
        cw_channel_say_close(w, p->conn, &m->id, CW_CLOSE_NOT_PERMITTED, "");
        return;
    }
    struct cw_relay_stream *rs = stream_new(w, s, &m->id);
    struct cw_stream_end *e = &rs->ends[is_server];
    struct cw_stream_end *other = other_of(rs, e);
    bind_end(e, p);
    sync_end(e, m);
    struct cw_participant *to =
        m->participant == 0 ? s->source : cw_session_participant(s, m->participant);
    other->number = m->participant;
    if (to != p)
        bind_end(other, to);
    cw_channel_say_open(w, rs, other, e, NULL);
}

/* An end of a stream that is known here names it on its present connection. */
static void resume(struct cw_worker *w, struct cw_relay_stream *rs, struct cw_stream_end *e,
                   const struct cw_stream_open *m)
{
    struct cw_participant *p = e->participant;
    struct cw_stream_end *other = other_of(rs, e);
    bool is_opener = e == &rs->ends[0];
    if (is_opener ? !may_open(p, m->id.channel) : !may_serve(rs->session, p, m->id.channel)) {
        give_up(w, rs, CW_CLOSE_NOT_PERMITTED, "");
        return;
    }
    if ((e->is_known && (m->received < e->received || m->received > e->left)) ||
        !has_room(e, p, m->received, m->limit)) {
        give_up(w, rs, CW_CLOSE_STREAM_UNKNOWN, "");
        return;
    }
    sync_end(e, m);
    if (!other->is_synced)
        return; /* it is told when it names the stream */
    cw_timer_stop(&rs->timer);
    w->counters.streams_resumed++;
    e->is_close_told = other->is_close_told = false; /* RESYNC makes both say it again */
    /* Either of these may close the connection that it is for. */
    cw_channel_say_credit(w, rs, other, e, CW_CREDIT_RESYNC);
    cw_channel_say_credit(w, rs, e, other, CW_CREDIT_RESYNC);
}

static uint16_t on_open(struct cw_worker *w, struct cw_participant *p,
                        const struct cw_stream_open *m)
{
    struct cw_session *s = p->session;
    struct cw_relay_stream *rs = cw_table_get(&w->streams, key_of(s, m->id.channel, m->id.stream));
    bool is_resume = (m->flags & CW_STREAM_OPEN_RESUME) != 0;
    if (rs == NULL) {
        is_resume ? open_again(w, p, m) : open_new(w, p, m);
        return CW_CLOSE_OK;
    }
    if (rs->id.instance != m->id.instance) {
        cw_channel_say_close(w, p->conn, &m->id,
                             is_resume ? CW_CLOSE_STREAM_UNKNOWN : CW_CLOSE_STREAM_REFUSED, "");
        return CW_CLOSE_OK;
    }
    /* "The source" was named before there was one. */
    struct cw_stream_end *server = &rs->ends[1];
    if (server->number == 0 && server->participant == NULL && s->source == p)
        bind_end(server, p);
    struct cw_stream_end *e = end_of(rs, p);
    if (e == NULL)
        cw_channel_say_close(w, p->conn, &m->id, CW_CLOSE_STREAM_REFUSED, "");
    else if (e->is_synced)
        w->counters.dropped[CW_DROP_STREAM_UNEXPECTED]++;
    else
        resume(w, rs, e, m);
    return CW_CLOSE_OK;
}

/* ---- credit, data, close ------------------------------------------------------------------------ */

/* The stream of this use of the number that the participant is an end of, or NULL. */
static struct cw_relay_stream *find(struct cw_worker *w, const struct cw_participant *p,
                                    const struct cw_stream_id *id, struct cw_stream_end **ret_end)
{
    struct cw_relay_stream *rs =
        cw_table_get(&w->streams, key_of(p->session, id->channel, id->stream));
    if (rs == NULL || rs->id.instance != id->instance)
        return NULL;
    *ret_end = end_of(rs, p);
    return *ret_end != NULL ? rs : NULL;
}

static void on_acknowledged(struct cw_stream_end *e)
{
    if (e->received < e->short_end)
        return;
    e->shorts[0] = e->shorts[1];
    e->shorts[1] = 0;
    e->short_end = e->next;
}

static uint16_t on_credit(struct cw_worker *w, struct cw_participant *p, const struct cw_credit *m)
{
    struct cw_stream_end *e = NULL;
    struct cw_relay_stream *rs = find(w, p, &m->id, &e);
    if (m->flags != 0)
        return CW_CLOSE_MALFORMED; /* RESYNC is the engine's word */
    /* A server takes what it was offered by its first credit. */
    bool is_taken = rs != NULL && !e->is_synced && e == &rs->ends[1] && !e->is_known;
    if (rs == NULL || (!e->is_synced && !is_taken)) {
        w->counters.dropped[CW_DROP_STREAM_UNEXPECTED]++;
        if (rs == NULL) /* it took an offer that was withdrawn meanwhile, and would wait for ever */
            cw_channel_say_close(w, p->conn, &m->id, CW_CLOSE_STREAM_UNKNOWN, "");
        return CW_CLOSE_OK;
    }
    if (m->received < e->received || m->received > e->left || m->limit < e->limit ||
        !has_room(e, p, m->received, m->limit))
        return CW_CLOSE_CREDIT_EXCEEDED;
    struct cw_stream_end *other = other_of(rs, e);
    set_window(e, m->received, m->limit);
    on_acknowledged(e);
    if (is_taken) {
        e->is_synced = true;
        if (other->is_synced)
            cw_timer_stop(&rs->timer);
    }
    if (other->is_synced)
        cw_channel_say_credit(w, rs, other, e, is_taken ? CW_CREDIT_RESYNC : 0);
    end_if_complete(w, rs);
    return CW_CLOSE_OK;
}

static uint16_t on_close(struct cw_worker *w, struct cw_participant *p,
                         const struct cw_stream_close *m, struct cw_frame_buffer *f)
{
    struct cw_stream_end *e = NULL;
    struct cw_relay_stream *rs = find(w, p, &m->id, &e);
    if (m->code == CW_CLOSE_UNAVAILABLE)
        return CW_CLOSE_MALFORMED; /* the engine's word: an opener waits for PEER after it */
    if (rs == NULL || (m->code == CW_CLOSE_OK && !e->is_synced)) {
        w->counters.dropped[CW_DROP_STREAM_UNEXPECTED]++;
        return CW_CLOSE_OK;
    }
    struct cw_stream_end *other = other_of(rs, e);
    struct cw_conn *to = cw_channel_is_here(other) ? other->participant->conn : NULL;
    if (!cw_record_frame(w, p->session, p->number, false, f))
        return CW_CLOSE_OK;
    if (m->code != CW_CLOSE_OK) {
        stream_free(w, rs);
        if (to != NULL)
            cw_conn_send(w, to, f);
        return CW_CLOSE_OK;
    }
    if ((e->has_closed && e->final != m->final) || m->final < other->next)
        return CW_CLOSE_MALFORMED;
    e->has_closed = true;
    e->final = m->final;
    e->is_close_told = other->is_synced;
    bool is_told = e->is_close_told;
    end_if_complete(w, rs);
    if (is_told)
        cw_conn_send(w, to, f);
    return CW_CLOSE_OK;
}

/* Counts a short frame; false: too many are unacknowledged. */
static bool count_short(struct cw_stream_end *e, size_t size)
{
    if (size >= CW_STREAM_SHORT_BYTES)
        return true;
    e->shorts[1]++;
    return e->shorts[0] + e->shorts[1] <= CW_STREAM_SHORT_FRAMES_MAX;
}

/* The part of a data frame from byte at on, as a frame of its own. */
static struct cw_frame_buffer *cut(struct cw_worker *w, const struct cw_frame_buffer *f,
                                   const struct cw_stream_data *m, uint64_t at)
{
    size_t skipped = (size_t)(at - m->offset);
    struct cw_stream_data rest = {.instance = m->instance,
                                  .offset = at,
                                  .bytes = m->bytes + skipped,
                                  .size = m->size - skipped};
    struct cw_frame frame = f->frame;
    frame.length = (uint32_t)(CW_STREAM_DATA_HEADER_BYTES + rest.size);
    struct cw_frame_buffer *part = cw_frame_new(&w->frames, &frame);
    size_t size = 0;
    if (part != NULL) {
        int err = cw_stream_data_encode(&rest, cw_frame_payload(part), frame.length, &size);
        CW_CHECK(err == CW_OK && size == frame.length, "it was made for this");
    }
    return part;
}

static uint16_t on_data(struct cw_worker *w, struct cw_participant *p,
                        const struct cw_stream_data *m, struct cw_frame_buffer *f)
{
    struct cw_stream_id id = {f->frame.channel, f->frame.stream, m->instance};
    struct cw_stream_end *e = NULL;
    struct cw_relay_stream *rs = find(w, p, &id, &e);
    if (rs == NULL || !e->is_synced) {
        w->counters.dropped[CW_DROP_STREAM_UNEXPECTED]++;
        return CW_CLOSE_OK;
    }
    struct cw_stream_end *to = other_of(rs, e);
    uint64_t end = m->offset + m->size;
    if (end > to->limit || (e->has_closed && end > e->final))
        return CW_CLOSE_CREDIT_EXCEEDED;
    if (!to->is_synced) {
        w->counters.dropped[CW_DROP_STREAM_AWAY]++; /* its sender keeps it */
        return CW_CLOSE_OK;
    }
    if (m->offset > to->next || end <= to->next) {
        w->counters.dropped[CW_DROP_STREAM_REPEATED]++;
        return CW_CLOSE_OK;
    }
    if (!count_short(to, m->size))
        return CW_CLOSE_CREDIT_EXCEEDED;
    struct cw_frame_buffer *part = NULL;
    if (m->offset < to->next && (part = cut(w, f, m, to->next)) == NULL)
        return CW_CLOSE_OVERLOADED;
    struct cw_frame_buffer *passes = part != NULL ? part : f;
    if (cw_record_frame(w, p->session, p->number, false, passes)) {
        to->next = end;
        cw_conn_send(w, to->participant->conn, passes);
    }
    cw_frame_unref(&w->frames, part);
    return CW_CLOSE_OK;
}

uint16_t cw_channel_on_frame(struct cw_worker *w, struct cw_conn *c, struct cw_frame_buffer *f)
{
    const uint8_t *payload = cw_frame_payload(f);
    struct cw_participant *p = c->participant;
    union {
        struct cw_stream_open open;
        struct cw_stream_close close;
        struct cw_credit credit;
        struct cw_stream_data data;
    } m;
    switch (f->frame.type) {
    case CW_MESSAGE_STREAM_OPEN:
        if (cw_stream_open_decode(payload, f->frame.length, &m.open) == CW_OK)
            return on_open(w, p, &m.open);
        break;
    case CW_MESSAGE_STREAM_CLOSE:
        if (cw_stream_close_decode(payload, f->frame.length, &m.close) == CW_OK)
            return on_close(w, p, &m.close, f);
        break;
    case CW_MESSAGE_CREDIT:
        if (cw_credit_decode(payload, f->frame.length, &m.credit) == CW_OK)
            return on_credit(w, p, &m.credit);
        break;
    default:
        if (cw_stream_data_decode(payload, f->frame.length, &m.data) == CW_OK)
            return on_data(w, p, &m.data, f);
    }
    return CW_CLOSE_MALFORMED;
}

void cw_channel_on_left(struct cw_worker *w, struct cw_conn *c, struct cw_frame_buffer *f)
{
    struct cw_stream_data m;
    struct cw_stream_end *e = NULL;
    if (c->participant == NULL ||
        cw_stream_data_decode(cw_frame_payload(f), f->frame.length, &m) != CW_OK)
        return;
    struct cw_stream_id id = {f->frame.channel, f->frame.stream, m.instance};
    if (find(w, c->participant, &id, &e) != NULL && m.offset + m.size > e->left)
        e->left = m.offset + m.size;
}

/* ---- ends that come and go ---------------------------------------------------------------------- */

static bool shares_stream(struct cw_session *s, const struct cw_participant *a,
                          const struct cw_participant *b)
{
    CW_LIST_EACH(node, &s->streams)
    {
        struct cw_relay_stream *rs = CW_LIST_OWNER(node, struct cw_relay_stream, node);
        if (end_of(rs, a) != NULL && end_of(rs, b) != NULL)
            return true;
    }
    return false;
}

static void tell_sharers(struct cw_worker *w, struct cw_participant *about, bool connected)
{
    struct cw_session *s = about->session;
    CW_LIST_EACH(node, &s->participants)
    {
        struct cw_participant *p = CW_LIST_OWNER(node, struct cw_participant, node);
        if (p != about && p->conn != NULL && !cw_channel_hears_of_source(p, about) &&
            shares_stream(s, about, p))
            cw_channel_say_peer(w, p, about, connected);
    }
}

void cw_channel_join(struct cw_worker *w, struct cw_participant *p)
{
    struct cw_session *s = p->session;
    if ((p->permissions & cw_stream_permissions) != 0 && s->source != NULL && s->source != p)
        cw_channel_say_peer(w, p, s->source, true);
    if (cw_list_is_empty(&s->streams))
        return;
    CW_LIST_EACH(node, &s->streams)
    {
        struct cw_relay_stream *rs = CW_LIST_OWNER(node, struct cw_relay_stream, node);
        for (unsigned i = 0; i < 2; i++)
            if (rs->ends[i].participant == NULL &&
                (rs->ends[i].number == p->number || (rs->ends[i].number == 0 && s->source == p)))
                bind_end(&rs->ends[i], p);
        struct cw_stream_end *e = end_of(rs, p);
        if (e != NULL && p->conn != NULL)
            cw_channel_say_open(w, rs, e, other_of(rs, e), NULL);
    }
    tell_sharers(w, p, true);
}

void cw_channel_leave(struct cw_worker *w, struct cw_participant *p)
{
    struct cw_session *s = p->session;
    if (cw_list_is_empty(&s->streams))
        return;
    CW_LIST_EACH(node, &s->streams)
    {
        struct cw_relay_stream *rs = CW_LIST_OWNER(node, struct cw_relay_stream, node);
        struct cw_stream_end *e = end_of(rs, p);
        if (e == NULL)
            continue;
        e->is_synced = false;
        e->is_close_told = other_of(rs, e)->is_close_told = false;
        if (!cw_timer_is_set(&rs->timer))
            cw_timer_set(&w->timers, &rs->timer, w->now_ns + resume_ns);
    }
    tell_sharers(w, p, false);
}

void cw_channel_withdraw(struct cw_worker *w, struct cw_participant *p, uint64_t lost)
{
    struct cw_session *s = p->session;
    if (s->source == p || (lost & cw_stream_permissions) == 0)
        return;
    CW_LIST_EACH(node, &s->streams)
    {
        struct cw_relay_stream *rs = CW_LIST_OWNER(node, struct cw_relay_stream, node);
        if (end_of(rs, p) == NULL || (lost & cw_channel_permission(rs->id.channel)) == 0)
            continue;
        give_up(w, rs, CW_CLOSE_NOT_PERMITTED, "");
    }
}

void cw_channel_forget(struct cw_worker *w, struct cw_participant *p)
{
    struct cw_session *s = p->session;
    CW_LIST_EACH(node, &s->streams)
    {
        struct cw_relay_stream *rs = CW_LIST_OWNER(node, struct cw_relay_stream, node);
        if (end_of(rs, p) != NULL)
            give_up(w, rs, CW_CLOSE_STREAM_UNKNOWN, "");
    }
}

void cw_channel_on_timer(struct cw_worker *w, struct cw_relay_stream *rs)
{
    give_up(w, rs, CW_CLOSE_TIMED_OUT, "The other end did not come back in time.");
}

void cw_channel_end_all(struct cw_worker *w, struct cw_session *s)
{
    CW_LIST_EACH(node, &s->streams)
    stream_free(w, CW_LIST_OWNER(node, struct cw_relay_stream, node));
}
