/* SPDX-License-Identifier: Apache-2.0 */
/* engine/wire/byte_stream.h: credit, short frames and the growth of the window by example; then two ends with random
 * schedules over a model of the relay whose connections break: every byte arrives once and in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/err.h"
#include "engine/wire/stream_set.h"

enum { RING_BYTES = 96 * 1024, MESSAGES_MAX = 4096 };
#define MS UINT64_C(1000000)

static const struct cw_stream_id file_id = {CW_CHANNEL_FILE, 3, 77};

/* ---- by example --------------------------------------------------------------------------------- */

/* An open stream whose other end allows limit. */
static void open_stream(struct cw_byte_stream *s, uint8_t *ring, uint64_t limit)
{
    uint8_t out[2048];
    size_t size = 0;
    cw_byte_stream_init_opener(s, &file_id, 0, "x", 1, ring, RING_BYTES);
    assert_int_equal(cw_byte_stream_next(s, 0, out, sizeof out, &size), CW_MESSAGE_STREAM_OPEN);
    assert_int_equal(cw_byte_stream_next(s, 0, out, sizeof out, &size), 0);
    struct cw_credit m = {.id = file_id, .flags = CW_CREDIT_RESYNC, .limit = limit};
    assert_int_equal(cw_byte_stream_on_credit(s, &m, 0), CW_OK);
    assert_int_equal(s->state, CW_STREAM_OPEN);
}

static size_t next_data(struct cw_byte_stream *s)
{
    static uint8_t out[CW_FRAME_PAYLOAD_BYTES_MAX];
    size_t size = 0;
    struct cw_stream_data m;
    uint8_t type = cw_byte_stream_next(s, 0, out, sizeof out, &size);
    if (type == 0)
        return 0;
    assert_int_equal(type, CW_MESSAGE_FILE_DATA);
    assert_int_equal(cw_stream_data_decode(out, size, &m), CW_OK);
    return m.size;
}

static void test_limit_is_kept(void **state)
{
    (void)state;
    static uint8_t ring[RING_BYTES];
    static uint8_t bytes[RING_BYTES];
    struct cw_byte_stream s;
    open_stream(&s, ring, 20000);
    assert_int_equal(cw_byte_stream_write(&s, bytes, sizeof bytes), RING_BYTES);
    assert_int_equal(cw_byte_stream_write(&s, bytes, 1), 0);
    assert_int_equal(next_data(&s), CW_STREAM_DATA_BYTES_MAX);
    assert_int_equal(next_data(&s), 20000 - CW_STREAM_DATA_BYTES_MAX);
    assert_int_equal(next_data(&s), 0);
    struct cw_credit m = {.id = file_id, .received = 20000, .limit = 20001};
    assert_int_equal(cw_byte_stream_on_credit(&s, &m, 0), CW_OK);
    assert_int_equal(cw_byte_stream_room(&s), 20000);
    assert_int_equal(next_data(&s), 1);
    m.received = 20002;
    assert_int_equal(cw_byte_stream_on_credit(&s, &m, 0), CW_OK);
    assert_int_equal(s.state, CW_STREAM_FAILED); /* acknowledged what was never sent */
    assert_int_equal(s.code, CW_CLOSE_STREAM_UNKNOWN);
}

static void test_short_frames_wait(void **state)
{
    (void)state;
    static uint8_t ring[RING_BYTES];
    struct cw_byte_stream s;
    open_stream(&s, ring, RING_BYTES);
    for (unsigned i = 0; i < CW_STREAM_SHORT_UNACKNOWLEDGED_MAX; i++) {
        assert_int_equal(cw_byte_stream_write(&s, "a", 1), 1);
        assert_int_equal(next_data(&s), 1);
    }
    assert_int_equal(cw_byte_stream_write(&s, "bc", 2), 2);
    assert_int_equal(next_data(&s), 0);
    struct cw_credit m = {.id = file_id, .received = 16, .limit = RING_BYTES};
    assert_int_equal(cw_byte_stream_on_credit(&s, &m, 0), CW_OK);
    m.received = CW_STREAM_SHORT_UNACKNOWLEDGED_MAX;
    assert_int_equal(cw_byte_stream_on_credit(&s, &m, 0), CW_OK);
    assert_int_equal(next_data(&s), 2); /* both in one */
}

/* A sender that fills every window, 10 ms away: the window doubles until the cap. One that is slower than that does
 * not make it grow. */
static uint64_t window_after(uint64_t bytes_per_trip_most)
{
    static uint8_t ring[16];
    static uint8_t bytes[CW_STREAM_DATA_BYTES_MAX];
    uint8_t out[64];
    size_t size = 0;
    struct cw_byte_stream s;
    struct cw_stream_open offer = {.id = file_id, .participant = 1, .limit = 1};
    cw_byte_stream_init_server(&s, &offer, ring, sizeof ring);
    cw_byte_stream_accept(&s);
    cw_byte_stream_set_window_most(&s, 64 * 1024 * 1024);
    assert_int_equal(s.window_most, CW_STREAM_BULK_WINDOW_BYTES_MAX);
    uint64_t granted = 0;
    uint64_t now_ns = MS;
    for (unsigned trip = 0; trip < 40; trip++) {
        while (cw_byte_stream_has_next(&s, now_ns))
            assert_int_equal(cw_byte_stream_next(&s, now_ns, out, sizeof out, &size),
                             CW_MESSAGE_CREDIT);
        granted = s.granted;
        now_ns += 10 * MS;
        for (uint64_t sent = 0; s.expected < granted && sent < bytes_per_trip_most;) {
            uint64_t part =
                granted - s.expected < sizeof bytes ? granted - s.expected : sizeof bytes;
            struct cw_stream_data m = {file_id.instance, s.expected, bytes, (size_t)part};
            const uint8_t *got = NULL;
            assert_int_equal(cw_byte_stream_on_data(&s, &m, now_ns, &got, &size), CW_OK);
            assert_int_equal(size, part);
            cw_byte_stream_consume(&s, size);
            sent += part;
        }
    }
    cw_byte_stream_check(&s);
    return s.window;
}

static void test_window_grows(void **state)
{
    (void)state;
    assert_int_equal(window_after(UINT64_MAX), CW_STREAM_BULK_WINDOW_BYTES_MAX);
    assert_int_equal(window_after(60000), CW_STREAM_FIRST_WINDOW_BYTES);
    uint64_t middle = window_after(500000);
    assert_true(middle > CW_STREAM_FIRST_WINDOW_BYTES && middle <= 2 * 520000 * 2);
}

static void test_refuses_what_breaks_the_rules(void **state)
{
    (void)state;
    static uint8_t ring[RING_BYTES];
    struct cw_byte_stream s;
    const uint8_t *got = NULL;
    size_t size = 0;
    open_stream(&s, ring, 1000);
    struct cw_stream_data m = {file_id.instance, CW_STREAM_FIRST_WINDOW_BYTES, (const uint8_t *)"x",
                               1};
    assert_int_equal(cw_byte_stream_on_data(&s, &m, 0, &got, &size), CW_ERR_INVALID);
    m.offset = 5; /* a gap */
    assert_int_equal(cw_byte_stream_on_data(&s, &m, 0, &got, &size), CW_OK);
    assert_int_equal(size, 0);
    m.offset = 0;
    assert_int_equal(cw_byte_stream_on_data(&s, &m, 0, &got, &size), CW_OK);
    assert_int_equal(size, 1);
    m.instance++;
    assert_int_equal(cw_byte_stream_on_data(&s, &m, 0, &got, &size), CW_ERR_STATE);
    struct cw_credit less = {.id = file_id, .limit = 1000};
    assert_int_equal(cw_byte_stream_write(&s, "xy", 2), 2);
    assert_int_equal(next_data(&s), 2);
    less.received = 2;
    assert_int_equal(cw_byte_stream_on_credit(&s, &less, 0), CW_OK);
    less.received = 1;
    assert_int_equal(cw_byte_stream_on_credit(&s, &less, 0), CW_ERR_INVALID);
}

/* The other end was replaced by a program that knows nothing, and the engine, restarted, cannot tell. The connection is
 * good, so the stream alone ends: were it the connection, it would end again each time it came back. */
static void assert_gives_up(struct cw_byte_stream *s)
{
    uint8_t out[64];
    size_t size = 0;
    struct cw_stream_close m;
    assert_int_equal(s->state, CW_STREAM_FAILED);
    assert_int_equal(cw_byte_stream_next(s, 0, out, sizeof out, &size), CW_MESSAGE_STREAM_CLOSE);
    assert_int_equal(cw_stream_close_decode(out, size, &m), CW_OK);
    assert_int_equal(m.code, CW_CLOSE_STREAM_UNKNOWN);
    assert_true(cw_byte_stream_is_over(s, 0));
}

static void test_another_program_at_the_other_end(void **state)
{
    (void)state;
    static uint8_t ring[RING_BYTES];
    struct cw_byte_stream s;
    const uint8_t *got = NULL;
    size_t size = 0;
    struct cw_stream_data m = {file_id.instance, 0, (const uint8_t *)"xyz", 3};
    struct cw_stream_close end = {.id = file_id, .final = 2}; /* three bytes came already */
    open_stream(&s, ring, 1000);
    assert_int_equal(cw_byte_stream_on_data(&s, &m, 0, &got, &size), CW_OK);
    assert_int_equal(cw_byte_stream_on_close(&s, &end, 0), CW_OK);
    assert_gives_up(&s);

    open_stream(&s, ring, 1000);
    assert_int_equal(cw_byte_stream_on_close(&s, &end, 0), CW_OK);
    end.final = 3; /* another end than before */
    assert_int_equal(cw_byte_stream_on_close(&s, &end, 0), CW_OK);
    assert_gives_up(&s);

    open_stream(&s, ring, 1000);
    end.final = 2;
    assert_int_equal(cw_byte_stream_on_close(&s, &end, 0), CW_OK);
    assert_int_equal(cw_byte_stream_on_data(&s, &m, 0, &got, &size), CW_OK); /* beyond it */
    assert_int_equal(size, 0);
    assert_gives_up(&s);

    open_stream(&s, ring, 1000);
    struct cw_credit less = {.id = file_id, .flags = CW_CREDIT_RESYNC, .limit = 999};
    assert_int_equal(cw_byte_stream_on_credit(&s, &less, 0), CW_OK);
    assert_gives_up(&s);

    open_stream(&s, ring, 1000);
    less.limit = 2000;
    less.received = 1; /* of what was never sent */
    assert_int_equal(cw_byte_stream_on_credit(&s, &less, 0), CW_OK);
    assert_gives_up(&s);
}

static void take_credit(struct cw_stream_set *set, const struct cw_stream_id *id, uint8_t flags,
                        uint64_t received)
{
    uint8_t payload[24];
    size_t size = 0;
    struct cw_stream_event event;
    struct cw_credit m = {.id = *id, .flags = flags, .received = received, .limit = 1000};
    assert_int_equal(cw_credit_encode(&m, payload, sizeof payload, &size), CW_OK);
    assert_int_equal(cw_stream_set_take(set, CW_MESSAGE_CREDIT, 0, payload, size, 1, &event),
                     CW_OK);
    assert_int_equal(event.kind, CW_STREAM_EVENT_NONE);
}

/* The code of the STREAM_CLOSE that comes next, of this stream; -1: nothing does. */
static int next_close(struct cw_stream_set *set, const struct cw_stream_id *id)
{
    uint8_t out[64];
    size_t size = 0;
    uint16_t stream = 0;
    struct cw_stream_close m;
    uint8_t type = cw_stream_set_next(set, 1, out, sizeof out, &size, &stream);
    if (type == 0)
        return -1;
    assert_int_equal(type, CW_MESSAGE_STREAM_CLOSE);
    assert_int_equal(cw_stream_close_decode(out, size, &m), CW_OK);
    assert_int_equal(m.id.instance, id->instance);
    return m.code;
}

/* RESYNC says that the engine takes the stream for whole, so no time runs: an end that does not know it, or knows
 * that it is done, must say so, or the other end waits for ever. */
static void test_resync_is_always_answered(void **state)
{
    (void)state;
    static struct cw_stream_set set;
    static uint8_t ring[RING_BYTES];
    struct cw_byte_stream s;
    take_credit(&set, &file_id, 0, 0);
    assert_int_equal(next_close(&set, &file_id), -1); /* it is on its way already */
    take_credit(&set, &file_id, CW_CREDIT_RESYNC, 0);
    assert_int_equal(next_close(&set, &file_id), CW_CLOSE_STREAM_UNKNOWN);
    assert_int_equal(next_close(&set, &file_id), -1);

    /* However many offers wait to be refused. */
    struct cw_stream_id other = file_id;
    other.instance++;
    for (unsigned i = 0; i < CW_STREAM_ANSWERS_MAX; i++)
        cw_stream_set_refuse(&set, &other, CW_CLOSE_STREAM_REFUSED);
    take_credit(&set, &file_id, CW_CREDIT_RESYNC, 0);
    for (unsigned i = 0; i < CW_STREAM_ANSWERS_MAX - 1; i++)
        assert_int_equal(next_close(&set, &other), CW_CLOSE_STREAM_REFUSED);
    assert_int_equal(next_close(&set, &file_id), CW_CLOSE_STREAM_UNKNOWN);
    assert_int_equal(next_close(&set, &file_id), -1);

    /* One that has finished says its last word again to whom it fits. */
    open_stream(&s, ring, 1000);
    assert_int_equal(cw_stream_set_add(&set, &s), CW_OK);
    struct cw_stream_close end = {.id = file_id, .final = 0};
    cw_byte_stream_end(&s);
    assert_int_equal(next_close(&set, &file_id), CW_CLOSE_OK);
    assert_int_equal(cw_byte_stream_on_close(&s, &end, 1), CW_OK);
    assert_int_equal(s.state, CW_STREAM_FINISHED);
    cw_stream_set_remove(&set, &s);
    take_credit(&set, &file_id, CW_CREDIT_RESYNC, 0);
    assert_int_equal(next_close(&set, &file_id), CW_CLOSE_OK);
    take_credit(&set, &file_id, CW_CREDIT_RESYNC, 5);
    assert_int_equal(next_close(&set, &file_id), CW_CLOSE_STREAM_UNKNOWN);
    assert_int_equal(next_close(&set, &file_id), -1);
}

/* A server that heard of the opener going before it had said that it accepts waited for ever, and so did the opener:
 * each for the other's word. */
static void test_acceptance_is_said_to_one_who_is_away(void **state)
{
    (void)state;
    static uint8_t ring[RING_BYTES];
    uint8_t out[64];
    size_t size = 0;
    uint16_t stream = 0;
    static struct cw_stream_set set;
    struct cw_byte_stream s;
    struct cw_stream_event event;
    struct cw_stream_open offer = {.id = file_id, .participant = 2, .limit = 100};
    cw_byte_stream_init_server(&s, &offer, ring, sizeof ring);
    assert_int_equal(cw_stream_set_add(&set, &s), CW_OK);
    cw_byte_stream_accept(&s);
    static const uint8_t gone[8] = {2, 0, 0, 0, CW_ROLE_REPRESENTATIVE, 0, 0, 0};
    assert_int_equal(cw_stream_set_take(&set, CW_MESSAGE_PEER, 0, gone, sizeof gone, 1, &event),
                     CW_OK);
    assert_int_equal(event.kind, CW_STREAM_EVENT_PEER);
    assert_int_equal(cw_byte_stream_write(&s, "x", 1), 1);
    assert_int_equal(cw_stream_set_next(&set, 1, out, sizeof out, &size, &stream),
                     CW_MESSAGE_CREDIT);
    assert_int_equal(cw_stream_set_next(&set, 1, out, sizeof out, &size, &stream), 0);
}

/* ---- by random schedule ------------------------------------------------------------------------- */

struct message {
    uint8_t type;
    uint16_t stream;
    size_t size;
    uint8_t payload[CW_FRAME_PAYLOAD_BYTES_MAX];
};

/* One end and its connection to the model. */
struct side {
    struct cw_stream_set set;
    struct cw_byte_stream stream;
    bool has_stream;
    uint8_t ring[RING_BYTES];
    bool is_connected;
    bool is_synced; /* the model's view */
    bool is_known;
    uint64_t received;
    uint64_t limit;
    uint64_t total; /* bytes it will write */
    uint64_t written;
    uint64_t got;
    unsigned unconsumed;
    struct message *queue[MESSAGES_MAX]; /* on the way to it */
    unsigned queue_count;
};

struct model {
    struct side sides[2];
    uint64_t now_ns;
    uint32_t random;
    unsigned breaks;
};

static uint32_t chance(struct model *m, uint32_t below)
{
    m->random = m->random * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(m->random >> 4) * below >> 28);
}

static uint8_t pattern(unsigned side, uint64_t at)
{
    return (uint8_t)((at * 31 + (at >> 8) * 7 + side * 101) & 0xFF);
}

static void push(struct side *to, uint8_t type, uint16_t stream, const void *payload, size_t size)
{
    struct message *m = malloc(sizeof *m);
    assert_non_null(m);
    assert_true(to->queue_count < MESSAGES_MAX);
    m->type = type;
    m->stream = stream;
    m->size = size;
    memcpy(m->payload, payload, size);
    to->queue[to->queue_count++] = m;
}

static void push_credit(struct side *to, const struct side *about, uint8_t flags)
{
    uint8_t payload[24];
    size_t size = 0;
    struct cw_credit m = {
        .id = file_id, .flags = flags, .received = about->received, .limit = about->limit};
    assert_int_equal(cw_credit_encode(&m, payload, sizeof payload, &size), CW_OK);
    push(to, CW_MESSAGE_CREDIT, 0, payload, size);
}

static void model_open(struct side *from, struct side *other, const uint8_t *payload, size_t size)
{
    struct cw_stream_open m;
    assert_int_equal(cw_stream_open_decode(payload, size, &m), CW_OK);
    bool is_first = !other->is_known && (m.flags & CW_STREAM_OPEN_RESUME) == 0;
    from->received = m.received;
    from->limit = m.limit > from->limit ? m.limit : from->limit;
    from->is_synced = true;
    from->is_known = true;
    if (is_first && other->is_connected) {
        push(other, CW_MESSAGE_STREAM_OPEN, 0, payload, size);
    } else if (other->is_synced) {
        push_credit(other, from, CW_CREDIT_RESYNC);
        push_credit(from, other, CW_CREDIT_RESYNC);
    }
}

/* What the relay does with a message, without its checks: duplicates go through. */
static void model_take(struct model *model, unsigned i, uint8_t type, uint16_t stream,
                       const uint8_t *payload, size_t size)
{
    struct side *from = &model->sides[i];
    struct side *other = &model->sides[1 - i];
    if (type == CW_MESSAGE_STREAM_OPEN) {
        model_open(from, other, payload, size);
        return;
    }
    if (type == CW_MESSAGE_CREDIT) {
        struct cw_credit m;
        assert_int_equal(cw_credit_decode(payload, size, &m), CW_OK);
        assert_true(m.limit >= from->limit && m.received >= from->received);
        bool is_taken = !from->is_known;
        from->is_known = true;
        from->is_synced = true;
        from->received = m.received;
        from->limit = m.limit;
        if (other->is_synced)
            push_credit(other, from, is_taken ? CW_CREDIT_RESYNC : 0);
        return;
    }
    if (cw_message_is_stream_data(type)) {
        struct cw_stream_data m;
        assert_int_equal(cw_stream_data_decode(payload, size, &m), CW_OK);
        assert_true(m.offset + m.size <= other->limit);
        assert_int_equal(stream, file_id.stream);
    }
    if (other->is_synced)
        push(other, type, stream, payload, size);
}

static void take_event(struct model *model, unsigned i, const struct cw_stream_event *event)
{
    struct side *side = &model->sides[i];
    if (event->kind == CW_STREAM_EVENT_OFFER) {
        assert_true(!side->has_stream);
        cw_byte_stream_init_server(&side->stream, &event->open, side->ring, RING_BYTES);
        cw_byte_stream_set_window_most(&side->stream, CW_STREAM_BULK_WINDOW_BYTES_MAX);
        assert_int_equal(cw_stream_set_add(&side->set, &side->stream), CW_OK);
        cw_byte_stream_accept(&side->stream);
        side->has_stream = true;
    } else if (event->kind == CW_STREAM_EVENT_DATA) {
        for (size_t k = 0; k < event->size; k++)
            assert_int_equal(event->bytes[k], pattern(1 - i, side->got + k));
        side->got += event->size;
        side->unconsumed += (unsigned)event->size;
    }
}

static void deliver(struct model *model, unsigned i)
{
    struct side *side = &model->sides[i];
    if (side->queue_count == 0)
        return;
    struct message *m = side->queue[0];
    side->queue_count--;
    memmove(&side->queue[0], &side->queue[1], side->queue_count * sizeof side->queue[0]);
    struct cw_stream_event event;
    assert_int_equal(cw_stream_set_take(&side->set, m->type, m->stream, m->payload, m->size,
                                        model->now_ns, &event),
                     CW_OK);
    take_event(model, i, &event);
    free(m);
}

static void say(struct model *model, unsigned i)
{
    static uint8_t out[CW_FRAME_PAYLOAD_BYTES_MAX];
    size_t size = 0;
    uint16_t stream = 0;
    uint8_t type =
        cw_stream_set_next(&model->sides[i].set, model->now_ns, out, sizeof out, &size, &stream);
    if (type != 0)
        model_take(model, i, type, stream, out, size);
}

static void write_some(struct model *model, unsigned i)
{
    struct side *side = &model->sides[i];
    uint8_t bytes[4096];
    uint64_t left = side->total - side->written;
    size_t size = 1 + chance(model, chance(model, 2) == 0 ? 40 : sizeof bytes);
    if (!side->has_stream)
        return;
    if (size > left)
        size = (size_t)left;
    for (size_t k = 0; k < size; k++)
        bytes[k] = pattern(i, side->written + k);
    side->written += cw_byte_stream_write(&side->stream, bytes, size);
    if (side->written == side->total)
        cw_byte_stream_end(&side->stream);
}

static void break_side(struct model *model, unsigned i)
{
    struct side *side = &model->sides[i];
    for (unsigned k = 0; k < side->queue_count; k++)
        free(side->queue[k]);
    side->queue_count = 0;
    side->is_connected = false;
    side->is_synced = false;
    cw_stream_set_disconnected(&side->set);
    model->breaks++;
}

static void step(struct model *model, bool may_break)
{
    unsigned i = chance(model, 2);
    struct side *side = &model->sides[i];
    model->now_ns += chance(model, 1000000);
    if (!side->is_connected) {
        if (chance(model, 8) != 0)
            return;
        side->is_connected = true;
        cw_stream_set_connected(&side->set);
        return;
    }
    switch (chance(model, 5)) {
    case 0: write_some(model, i); break;
    case 1:
    case 2: say(model, i); break;
    case 3: deliver(model, i); break;
    default:
        if (side->has_stream && side->unconsumed > 0) {
            unsigned part = 1 + chance(model, side->unconsumed);
            cw_byte_stream_consume(&side->stream, part);
            side->unconsumed -= part;
        }
    }
    if (may_break && chance(model, 400) == 0)
        break_side(model, i);
    /* The first opening is the relay's business, and its simulation's. */
    if (side->has_stream)
        cw_byte_stream_check(&side->stream);
}

static bool is_finished(const struct model *m)
{
    return m->sides[0].has_stream && m->sides[1].has_stream &&
           m->sides[0].stream.state == CW_STREAM_FINISHED &&
           m->sides[1].stream.state == CW_STREAM_FINISHED;
}

static unsigned run_schedule(uint32_t seed)
{
    struct model *m = calloc(1, sizeof *m);
    assert_non_null(m);
    m->random = seed * 2654435761u + 1;
    struct side *opener = &m->sides[0];
    cw_byte_stream_init_opener(&opener->stream, &file_id, 2, NULL, 0, opener->ring, RING_BYTES);
    assert_int_equal(cw_stream_set_add(&opener->set, &opener->stream), CW_OK);
    opener->has_stream = true;
    for (unsigned i = 0; i < 2; i++) {
        m->sides[i].is_connected = true;
        m->sides[i].total = chance(m, chance(m, 2) == 0 ? 500 : 600000);
    }
    while (!m->sides[1].is_known)
        step(m, false);
    for (unsigned i = 0; i < 40000; i++)
        step(m, true);
    for (unsigned i = 0; i < 2000000 && !is_finished(m); i++)
        step(m, false);
    assert_true(is_finished(m));
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(m->sides[i].got, m->sides[1 - i].total);
        assert_true(cw_byte_stream_is_over(&m->sides[i].stream, m->now_ns + 61000 * MS));
        break_side(m, i);
    }
    unsigned breaks = m->breaks;
    free(m);
    return breaks;
}

static void test_random_schedules(void **state)
{
    (void)state;
    unsigned breaks = 0;
    for (uint32_t seed = 1; seed <= 60; seed++)
        breaks += run_schedule(seed);
    assert_true(breaks > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limit_is_kept),
        cmocka_unit_test(test_short_frames_wait),
        cmocka_unit_test(test_window_grows),
        cmocka_unit_test(test_refuses_what_breaks_the_rules),
        cmocka_unit_test(test_another_program_at_the_other_end),
        cmocka_unit_test(test_resync_is_always_answered),
        cmocka_unit_test(test_acceptance_is_said_to_one_who_is_away),
        cmocka_unit_test(test_random_schedules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
