/* SPDX-License-Identifier: Apache-2.0 */
/* An actor's streams: representatives open them to the source; both ends write, take slowly, end or give up.
 *
 * How much each direction has is in the opening's parameters, and every byte follows from its stream, its direction and
 * its offset: so each end knows alone that everything arrived once and in order.
 */
#include <stdio.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "tests/sim/scenario.h"

static const uint8_t channels[] = {CW_CHANNEL_SHELL, CW_CHANNEL_CLIPBOARD, CW_CHANNEL_SYSTEM,
                                   CW_CHANNEL_FILE, CW_CHANNEL_TUNNEL};

static uint8_t pattern(uint32_t instance, bool is_servers, uint64_t at)
{
    return (uint8_t)(at * 37 + (at >> 9) * 11 + instance * 13 + (is_servers ? 128 : 0));
}

static struct cw_actor_stream *of(struct cw_actor *a, const struct cw_byte_stream *s)
{
    for (unsigned i = 0; i < CW_ACTOR_STREAMS_MAX; i++)
        if (&a->streams[i].stream == s)
            return &a->streams[i];
    CW_UNREACHABLE("the set holds the actor's streams");
}

static struct cw_actor_stream *unused(struct cw_actor *a)
{
    for (unsigned i = 0; i < CW_ACTOR_STREAMS_MAX; i++)
        if (!a->streams[i].is_used)
            return &a->streams[i];
    return NULL;
}

/* Which openings have failed at an end, so that the other may hear that nobody knows them any more. */
static void note_failure(struct cw_actor *a, uint32_t instance)
{
    struct cw_scenario *s = a->scenario;
    CW_CHECK(s->failure_count < CW_SIM_FAILURES_MAX, "the scenario's limit");
    s->failures[s->failure_count].session = a->session->number;
    s->failures[s->failure_count++].instance = instance;
}

static bool has_failed(const struct cw_actor *a, uint32_t instance)
{
    const struct cw_scenario *s = a->scenario;
    for (unsigned i = 0; i < s->failure_count; i++)
        if (s->failures[i].session == a->session->number && s->failures[i].instance == instance)
            return true;
    return false;
}

static void changed(struct cw_actor *a, struct cw_actor_stream *x)
{
    const struct cw_byte_stream *s = &x->stream;
    if (s->state == CW_STREAM_OPEN)
        x->was_open = true;
    if (s->state == CW_STREAM_FAILED) {
        bool is_lost = s->code == CW_CLOSE_STREAM_UNKNOWN || s->code == CW_CLOSE_STREAM_REFUSED;
        CW_CHECK(s->code != CW_CLOSE_TIMED_OUT, "everybody is back within the time");
        CW_CHECK(!is_lost || !x->was_open || has_failed(a, s->id.instance),
                 "a stream that both ends know is not lost");
        note_failure(a, s->id.instance);
        a->scenario->counts->streams_failed++;
    }
}

/* Not at the last message: the owner may still be taking the bytes. */
static void forget_what_is_over(struct cw_actor *a)
{
    for (unsigned i = 0; i < CW_ACTOR_STREAMS_MAX; i++) {
        struct cw_actor_stream *x = &a->streams[i];
        if (!x->is_used)
            continue;
        if (x->stream.state == CW_STREAM_FINISHED && x->to_get != UINT64_MAX) {
            CW_CHECK(x->got == x->to_get && x->stream.other_final == x->to_get,
                     "every byte arrived");
            a->scenario->counts->streams_finished++;
            x->to_get = UINT64_MAX; /* counted */
        }
        bool is_over = x->stream.state == CW_STREAM_FINISHED ||
                       cw_byte_stream_is_over(&x->stream, cw_net_now_ns(a->scenario->net));
        if (!is_over)
            continue;
        cw_stream_set_remove(&a->set, &x->stream);
        x->is_used = false;
    }
}

static void take_offer(struct cw_actor *a, const struct cw_stream_open *m)
{
    struct cw_actor_stream *x = unused(a);
    CW_CHECK(a->is_source, "streams go to the source");
    if (x == NULL || cw_sim_chance(a->scenario, 20) == 0) {
        cw_stream_set_refuse(&a->set, &m->id, CW_CLOSE_STREAM_REFUSED);
        note_failure(a, m->id.instance);
        return;
    }
    CW_CHECK(m->parameters_bytes == 16, "parameters arrive as they were said");
    memset(x, 0, sizeof *x);
    x->is_used = true;
    memcpy(&x->to_get, m->parameters, 8);
    memcpy(&x->to_write, m->parameters + 8, 8);
    cw_byte_stream_init_server(&x->stream, m, x->ring, sizeof x->ring);
    cw_byte_stream_set_window_most(&x->stream, CW_STREAM_BULK_WINDOW_BYTES_MAX);
    cw_byte_stream_accept(&x->stream);
    CW_CHECK(cw_stream_set_add(&a->set, &x->stream) == CW_OK, "there are few");
}

void cw_actor_take_stream(struct cw_actor *a, const struct cw_frame *f, const uint8_t *payload)
{
    struct cw_stream_event event;
    int err = cw_stream_set_take(&a->set, f->type, f->stream, payload, f->length,
                                 cw_net_now_ns(a->scenario->net), &event);
    CW_CHECK(err == CW_OK, "the relay keeps the rules of streams");
    if (event.kind == CW_STREAM_EVENT_OFFER) {
        take_offer(a, &event.open);
    } else if (event.kind == CW_STREAM_EVENT_CHANGED) {
        changed(a, of(a, event.stream));
    } else if (event.kind == CW_STREAM_EVENT_DATA) {
        struct cw_actor_stream *x = of(a, event.stream);
        for (size_t i = 0; i < event.size; i++)
            CW_CHECK(event.bytes[i] ==
                         pattern(event.stream->id.instance, !event.stream->is_server, x->got + i),
                     "bytes arrive once and in order");
        x->got += event.size;
        x->unconsumed += (uint32_t)event.size;
        a->scenario->counts->stream_bytes += event.size;
    }
    if (event.stream != NULL)
        cw_byte_stream_check(event.stream);
}

void cw_actor_say_streams(struct cw_actor *a)
{
    static uint8_t payload[CW_FRAME_PAYLOAD_BYTES_MAX];
    size_t size = 0;
    struct cw_frame f = {.flags = CW_FLAG_FIRST | CW_FLAG_LAST, .session = a->session->number};
    while (cw_endpoint_state(a->end) == CW_ENDPOINT_OPEN && !a->has_seen_end &&
           cw_endpoint_backlog(a->end) < 65536 &&
           (f.type = cw_stream_set_next(&a->set, cw_net_now_ns(a->scenario->net), payload,
                                        sizeof payload, &size, &f.stream)) != 0) {
        f.channel = cw_message_info(f.type)->channel;
        f.length = (uint32_t)size;
        cw_endpoint_send(a->end, &f, payload);
    }
    forget_what_is_over(a);
}

static void open_one(struct cw_actor *a)
{
    struct cw_scenario *s = a->scenario;
    struct cw_actor_stream *x = unused(a);
    struct cw_stream_id id = {.channel = channels[cw_sim_chance(s, sizeof channels)]};
    if (x == NULL || (a->permissions & cw_channel_permission(id.channel)) == 0)
        return;
    memset(x, 0, sizeof *x);
    x->is_used = true;
    x->to_write = cw_sim_chance(s, cw_sim_chance(s, 4) == 0 ? 400000 : 900);
    x->to_get = cw_sim_chance(s, cw_sim_chance(s, 4) == 0 ? 400000 : 900);
    memcpy(x->parameters, &x->to_write, 8);
    memcpy(x->parameters + 8, &x->to_get, 8);
    a->instance_next++;
    id.stream = (uint16_t)(a->participant << 8 | (a->instance_next & 0xFF));
    id.instance = a->participant << 16 | a->instance_next;
    cw_byte_stream_init_opener(&x->stream, &id, 0, x->parameters, sizeof x->parameters, x->ring,
                               sizeof x->ring);
    cw_byte_stream_set_window_most(&x->stream, CW_STREAM_BULK_WINDOW_BYTES_MAX);
    CW_CHECK(cw_stream_set_add(&a->set, &x->stream) == CW_OK, "there are few");
    s->counts->streams_opened++;
}

/* Data beyond every limit: the connection ends, the streams go on over the next one. */
static void cheat(struct cw_actor *a, const struct cw_byte_stream *s)
{
    uint8_t payload[13];
    size_t size = 0;
    struct cw_stream_data m = {s->id.instance, s->send_limit, (const uint8_t *)"x", 1};
    CW_CHECK(cw_stream_data_encode(&m, payload, sizeof payload, &size) == CW_OK, "fits");
    struct cw_frame f = {.type = cw_channel_data_type(s->id.channel),
                         .channel = s->id.channel,
                         .flags = CW_FLAG_FIRST | CW_FLAG_LAST,
                         .stream = s->id.stream,
                         .session = a->session->number,
                         .length = (uint32_t)size};
    cw_endpoint_send(a->end, &f, payload);
    a->has_cheated = true;
}

static void write_some(struct cw_actor *a, struct cw_actor_stream *x)
{
    static uint8_t bytes[32768];
    struct cw_byte_stream *s = &x->stream;
    uint64_t left = x->to_write - s->written;
    size_t size =
        1 + cw_sim_chance(a->scenario, cw_sim_chance(a->scenario, 2) == 0 ? 60 : sizeof bytes);
    if (size > left)
        size = (size_t)left;
    for (size_t i = 0; i < size; i++)
        bytes[i] = pattern(s->id.instance, s->is_server, s->written + i);
    (void)cw_byte_stream_write(s, bytes, size);
    if (s->written == x->to_write)
        cw_byte_stream_end(s);
}

void cw_actor_stream_act(struct cw_actor *a)
{
    struct cw_scenario *s = a->scenario;
    if (!s->is_settling && !a->is_source && cw_sim_chance(s, 12) == 0)
        open_one(a);
    for (unsigned i = 0; i < CW_ACTOR_STREAMS_MAX; i++) {
        struct cw_actor_stream *x = &a->streams[i];
        if (!x->is_used || x->stream.state >= CW_STREAM_FINISHED)
            continue;
        write_some(a, x);
        if (x->unconsumed > 0 && (s->is_settling || cw_sim_chance(s, 3) == 0)) {
            uint32_t part = 1 + (uint32_t)cw_sim_chance(s, x->unconsumed);
            cw_byte_stream_consume(&x->stream, part);
            x->unconsumed -= part;
        }
        if (s->is_settling)
            continue;
        uint64_t dice = cw_sim_chance(s, 600);
        if (dice == 0) {
            note_failure(a, x->stream.id.instance);
            cw_byte_stream_abort(&x->stream, CW_CLOSE_STREAM_REFUSED);
        } else if (dice == 1 && x->stream.is_synced && !a->has_cheated) {
            cheat(a, &x->stream);
            s->counts->cheats++;
        }
    }
}

bool cw_actor_streams_are_settled(const struct cw_actor *a)
{
    for (unsigned i = 0; i < CW_ACTOR_STREAMS_MAX; i++)
        if (a->streams[i].is_used && a->streams[i].stream.state < CW_STREAM_FINISHED)
            return false;
    return true;
}

void cw_actor_explain_streams(const struct cw_actor *a)
{
    for (unsigned i = 0; i < CW_ACTOR_STREAMS_MAX; i++) {
        const struct cw_byte_stream *s = &a->streams[i].stream;
        if (a->streams[i].is_used)
            (void)fprintf(
                stderr,
                "  stream %u instance %x state %d, synced %d, acknowledged %llu, sent %llu, "
                "written %llu of %llu, limit %llu; consumed %llu, expected %llu of %llu, "
                "granted %llu; ended %d, %d\n",
                s->id.stream, (unsigned)s->id.instance, s->state, s->is_synced,
                (unsigned long long)s->acknowledged, (unsigned long long)s->sent,
                (unsigned long long)s->written, (unsigned long long)a->streams[i].to_write,
                (unsigned long long)s->send_limit, (unsigned long long)s->consumed,
                (unsigned long long)s->expected, (unsigned long long)a->streams[i].to_get,
                (unsigned long long)s->granted, s->is_ending, s->other_has_ended);
    }
}
