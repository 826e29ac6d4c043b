/* SPDX-License-Identifier: Apache-2.0 */
/* engine/channel.h by example, over real connections: who may open what, what a sender and a receiver cannot do, and
 * what happens to a stream when an end is away for long, is replaced, or loses its permission. */
#include "engine/wire/stream_message.h"
#include "tests/unit/engine/connection_world.h"

static const struct cw_stream_id file_id = {CW_CHANNEL_FILE, 9, 0x20001};
static const uint64_t viewer = CW_PERMIT(VIEW_SCREEN) | CW_PERMIT(FILE);

struct cast {
    struct world *w;
    struct cw_double_session *s;
    struct guest *source;
    struct guest *opener;
    struct guest *other; /* a third participant, with the permission too */
};

static void say_open(struct guest *g, uint8_t flags, uint32_t participant, uint64_t received,
                     uint64_t limit)
{
    struct cw_stream_open m = {.id = file_id,
                               .flags = flags,
                               .participant = participant,
                               .received = received,
                               .limit = limit};
    uint8_t payload[28];
    size_t size = 0;
    assert_int_equal(cw_stream_open_encode(&m, payload, sizeof payload, &size), CW_OK);
    guest_send(g, CW_MESSAGE_STREAM_OPEN, 3, 1, payload, size);
}

static void say_credit(struct guest *g, uint64_t received, uint64_t limit)
{
    struct cw_credit m = {.id = file_id, .received = received, .limit = limit};
    uint8_t payload[24];
    size_t size = 0;
    assert_int_equal(cw_credit_encode(&m, payload, sizeof payload, &size), CW_OK);
    guest_send(g, CW_MESSAGE_CREDIT, 3, 1, payload, size);
}

static void say_data_of(struct guest *g, uint32_t instance, uint64_t offset, size_t size)
{
    static uint8_t bytes[CW_STREAM_DATA_BYTES_MAX];
    static uint8_t payload[CW_FRAME_PAYLOAD_BYTES_MAX];
    struct cw_stream_data m = {instance, offset, bytes, size};
    size_t payload_size = 0;
    assert_int_equal(cw_stream_data_encode(&m, payload, sizeof payload, &payload_size), CW_OK);
    struct cw_frame f = {.type = CW_MESSAGE_FILE_DATA,
                         .channel = CW_CHANNEL_FILE,
                         .flags = 3,
                         .stream = file_id.stream,
                         .session = 1,
                         .length = (uint32_t)payload_size};
    cw_endpoint_send(g->end, &f, payload);
}

static void say_data(struct guest *g, uint64_t offset, size_t size)
{
    say_data_of(g, file_id.instance, offset, size);
}

static void say_close(struct guest *g, uint16_t code, uint64_t final)
{
    struct cw_stream_close m = {.id = file_id, .final = final, .code = code, .text = ""};
    uint8_t payload[18];
    size_t size = 0;
    assert_int_equal(cw_stream_close_encode(&m, payload, sizeof payload, &size), CW_OK);
    guest_send(g, CW_MESSAGE_STREAM_CLOSE, 3, 1, payload, size);
}

static uint16_t last_close(const struct guest *g)
{
    const uint8_t *p = g->payload[CW_MESSAGE_STREAM_CLOSE];
    return (uint16_t)(p[16] | p[17] << 8);
}

static struct cw_credit last_credit(const struct guest *g)
{
    struct cw_credit m;
    assert_int_equal(cw_credit_decode(g->payload[CW_MESSAGE_CREDIT], 24, &m), CW_OK);
    return m;
}

static uint64_t last_offset(const struct guest *g)
{
    uint64_t offset;
    memcpy(&offset, g->payload[CW_MESSAGE_FILE_DATA] + 4, sizeof offset);
    return offset;
}

static struct cast cast_open(void)
{
    struct cast c = {.w = world_open()};
    c.s = cw_double_session_add(c.w->control);
    (void)cw_double_participant_add(c.w->control, c.s, CW_ROLE_UNATTENDED,
                                    CW_PERMIT(SOURCE_SCREEN));
    (void)cw_double_participant_add(c.w->control, c.s, CW_ROLE_REPRESENTATIVE, viewer);
    (void)cw_double_participant_add(c.w->control, c.s, CW_ROLE_REPRESENTATIVE, viewer);
    c.source = join(c.w, c.s, 1);
    c.opener = join(c.w, c.s, 2);
    c.other = join(c.w, c.s, 3);
    return c;
}

/* Opened and accepted, with these limits. */
static struct cast cast_with_stream(uint64_t opener_limit, uint64_t source_limit)
{
    struct cast c = cast_open();
    say_open(c.opener, 0, 0, 0, opener_limit);
    run_ms(c.w, 100);
    assert_int_equal(c.source->seen[CW_MESSAGE_STREAM_OPEN], 1);
    say_credit(c.source, 0, source_limit);
    run_ms(c.w, 100);
    assert_int_equal(c.opener->seen[CW_MESSAGE_CREDIT], 1);
    assert_int_equal(last_credit(c.opener).flags, CW_CREDIT_RESYNC);
    assert_int_equal(last_credit(c.opener).limit, source_limit);
    return c;
}

static void test_who_may_open(void **state)
{
    (void)state;
    struct cast c = cast_open();
    assert_int_equal(c.opener->seen[CW_MESSAGE_PEER], 1); /* the source is there */
    cw_double_set_permissions(c.w->control, c.s, 2, CW_PERMIT(VIEW_SCREEN));
    run_ms(c.w, 100);
    say_open(c.opener, 0, 0, 0, 1000);
    run_ms(c.w, 100);
    assert_int_equal(last_close(c.opener), CW_CLOSE_NOT_PERMITTED);
    assert_int_equal(c.source->seen[CW_MESSAGE_STREAM_OPEN], 0);
    cw_double_set_permissions(c.w->control, c.s, 2, viewer);
    run_ms(c.w, 100);
    say_open(c.opener, 0, 77, 0, 1000); /* nobody */
    run_ms(c.w, 100);
    assert_int_equal(last_close(c.opener), CW_CLOSE_STREAM_REFUSED);
    say_open(c.opener, 0, 2, 0, 1000); /* itself */
    run_ms(c.w, 100);
    assert_int_equal(c.opener->seen[CW_MESSAGE_STREAM_CLOSE], 3);
    guest_go(c.w, c.source);
    run_ms(c.w, 200);
    say_open(c.opener, 0, 0, 0, 1000);
    run_ms(c.w, 100);
    assert_int_equal(last_close(c.opener), CW_CLOSE_UNAVAILABLE);
    /* It is told when to say it again. */
    unsigned told = c.opener->seen[CW_MESSAGE_PEER];
    struct guest *back = join(c.w, c.s, 1);
    assert_int_equal(c.opener->seen[CW_MESSAGE_PEER], told + 1);
    say_open(c.opener, 0, 0, 0, 1000);
    run_ms(c.w, 100);
    assert_int_equal(back->seen[CW_MESSAGE_STREAM_OPEN], 1);
    assert_true(is_open(c.opener));
    /* An end that says so itself would leave the opener waiting for a PEER that never comes. */
    unsigned closes = c.opener->seen[CW_MESSAGE_STREAM_CLOSE];
    say_close(back, CW_CLOSE_UNAVAILABLE, 0);
    run_ms(c.w, 100);
    assert_closed(back, CW_CLOSE_MALFORMED);
    assert_int_equal(c.opener->seen[CW_MESSAGE_STREAM_CLOSE], closes);
    world_close(c.w);
}

/* Nobody told it of the source while it could open nothing; an opener may wait for that word. */
static void test_the_source_is_told_with_the_permission(void **state)
{
    (void)state;
    struct cast c = cast_open();
    guest_go(c.w, c.source);
    run_ms(c.w, 100);
    say_open(c.opener, 0, 0, 0, 1000);
    run_ms(c.w, 100);
    assert_int_equal(last_close(c.opener), CW_CLOSE_UNAVAILABLE);
    cw_double_set_permissions(c.w->control, c.s, 2, CW_PERMIT(VIEW_SCREEN));
    run_ms(c.w, 100);
    (void)join(c.w, c.s, 1);
    unsigned told = c.opener->seen[CW_MESSAGE_PEER];
    cw_double_set_permissions(c.w->control, c.s, 2, viewer);
    run_ms(c.w, 100);
    assert_int_equal(c.opener->seen[CW_MESSAGE_PEER], told + 1);
    assert_int_equal(c.opener->payload[CW_MESSAGE_PEER][5], 1);
    world_close(c.w);
}

static void test_only_what_continues_passes(void **state)
{
    (void)state;
    struct cast c = cast_with_stream(1000, 100000);
    say_data(c.opener, 10, 20); /* a gap */
    say_data(c.opener, 0, 10);
    say_data(c.opener, 0, 10); /* again */
    say_data(c.opener, 5, 10); /* half of it is new */
    say_data_of(c.opener, file_id.instance + 1, 15, 10);
    say_data(c.other, 15, 10); /* not its stream */
    run_ms(c.w, 100);
    assert_int_equal(c.source->seen[CW_MESSAGE_FILE_DATA], 2);
    assert_int_equal(last_offset(c.source), 10);
    assert_int_equal(c.source->last[CW_MESSAGE_FILE_DATA].length, 12 + 5);
    assert_true(is_open(c.opener) && is_open(c.other));
    say_close(c.opener, CW_CLOSE_OK, 15);
    say_credit(c.source, 15, 100000);
    say_close(c.source, CW_CLOSE_OK, 0);
    run_ms(c.w, 100);
    assert_int_equal(c.w->workers[1]->stream_pool.used, 0); /* complete */
    assert_int_equal(c.opener->seen[CW_MESSAGE_STREAM_CLOSE], 1);
    world_close(c.w);
}

/* The server took an offer while the opener gave it up: it must not wait for ever. */
static void test_credit_for_what_was_withdrawn(void **state)
{
    (void)state;
    struct cast c = cast_open();
    say_open(c.opener, 0, 0, 0, 1000);
    run_ms(c.w, 100);
    assert_int_equal(c.source->seen[CW_MESSAGE_STREAM_OPEN], 1);
    say_close(c.opener, CW_CLOSE_STREAM_REFUSED, 0);
    run_ms(c.w, 100);
    assert_int_equal(last_close(c.source), CW_CLOSE_STREAM_REFUSED);
    say_credit(c.source, 0, 1000);
    run_ms(c.w, 100);
    assert_int_equal(last_close(c.source), CW_CLOSE_STREAM_UNKNOWN);
    assert_true(is_open(c.source));
    world_close(c.w);
}

/* Both had closed before one came back: the engine must not take the first STREAM_CLOSE that is said again for the
 * last word, as the second would find no stream and never arrive. */
static void test_both_ends_are_said_again(void **state)
{
    (void)state;
    struct cast c = cast_with_stream(1000, 1000);
    say_close(c.source, CW_CLOSE_OK, 0);
    run_ms(c.w, 100);
    assert_int_equal(c.opener->seen[CW_MESSAGE_STREAM_CLOSE], 1);
    guest_go(c.w, c.source);
    run_ms(c.w, 100);
    say_close(c.opener, CW_CLOSE_OK, 0);
    run_ms(c.w, 100);
    assert_int_equal(c.w->workers[1]->stream_pool.used, 1);
    struct guest *back = join(c.w, c.s, 1);
    say_open(back, CW_STREAM_OPEN_RESUME | CW_STREAM_OPEN_SERVER, 2, 0, 1000);
    run_ms(c.w, 100);
    assert_int_equal(last_credit(back).flags, CW_CREDIT_RESYNC);
    say_close(back, CW_CLOSE_OK, 0);
    run_ms(c.w, 100);
    assert_int_equal(c.opener->seen[CW_MESSAGE_STREAM_CLOSE], 2);
    say_close(c.opener, CW_CLOSE_OK, 0);
    run_ms(c.w, 100);
    assert_int_equal(back->seen[CW_MESSAGE_STREAM_CLOSE], 1);
    assert_int_equal(last_close(back), CW_CLOSE_OK);
    assert_int_equal(c.w->workers[1]->stream_pool.used, 0);
    world_close(c.w);
}

static void test_beyond_the_limit(void **state)
{
    (void)state;
    struct cast c = cast_with_stream(1000, 100);
    say_data(c.opener, 0, 101);
    run_ms(c.w, 200);
    assert_closed(c.opener, CW_CLOSE_CREDIT_EXCEEDED);
    assert_int_equal(c.source->seen[CW_MESSAGE_FILE_DATA], 0);
    /* The stream waits for it. */
    struct guest *back = join(c.w, c.s, 2);
    say_open(back, CW_STREAM_OPEN_RESUME, 1, 0, 1000);
    run_ms(c.w, 100);
    assert_int_equal(last_credit(back).flags, CW_CREDIT_RESYNC);
    assert_int_equal(last_credit(c.source).flags, CW_CREDIT_RESYNC);
    say_data(back, 0, 100);
    run_ms(c.w, 100);
    assert_int_equal(c.source->seen[CW_MESSAGE_FILE_DATA], 1);
    world_close(c.w);
}

static void test_a_receiver_that_lies(void **state)
{
    (void)state;
    struct cast c = cast_with_stream(1000, 1000);
    say_credit(c.source, 1, 1000); /* it cannot have that byte */
    run_ms(c.w, 200);
    assert_closed(c.source, CW_CLOSE_CREDIT_EXCEEDED);
    world_close(c.w);
    c = cast_with_stream(1000, 1000);
    say_credit(c.source, 0, 999); /* takes credit back */
    run_ms(c.w, 200);
    assert_closed(c.source, CW_CLOSE_CREDIT_EXCEEDED);
    world_close(c.w);
    c = cast_with_stream(1000, 1000);
    say_credit(c.source, 0, CW_STREAM_BULK_WINDOW_BYTES_MAX + 1);
    run_ms(c.w, 200);
    assert_closed(c.source, CW_CLOSE_MALFORMED);
    world_close(c.w);
}

static void test_too_many_short_frames(void **state)
{
    (void)state;
    struct cast c = cast_with_stream(1000, 100000);
    for (unsigned i = 0; i < CW_STREAM_SHORT_FRAMES_MAX; i++)
        say_data(c.opener, i, 1);
    run_ms(c.w, 200);
    assert_true(is_open(c.opener));
    say_credit(c.source, CW_STREAM_SHORT_FRAMES_MAX, 100000);
    run_ms(c.w, 200);
    for (unsigned i = 0; i < 2 * CW_STREAM_SHORT_FRAMES_MAX; i++)
        say_data(c.opener, CW_STREAM_SHORT_FRAMES_MAX + i, 1);
    run_ms(c.w, 200);
    assert_closed(c.opener, CW_CLOSE_CREDIT_EXCEEDED);
    world_close(c.w);
}

static void test_permission_withdrawn(void **state)
{
    (void)state;
    struct cast c = cast_with_stream(1000, 1000);
    c.source->is_silent = true;
    say_data(c.opener, 0, 500);
    run_ms(c.w, 100);
    cw_double_set_permissions(c.w->control, c.s, 2, CW_PERMIT(VIEW_SCREEN));
    run_ms(c.w, 100);
    c.source->is_silent = false;
    run_ms(c.w, 100);
    assert_int_equal(last_close(c.opener), CW_CLOSE_NOT_PERMITTED);
    assert_int_equal(last_close(c.source), CW_CLOSE_NOT_PERMITTED);
    assert_int_equal(c.w->workers[1]->stream_pool.used, 0);
    say_data(c.opener, 500, 10); /* under way when it was taken away */
    run_ms(c.w, 100);
    assert_true(is_open(c.opener));
    world_close(c.w);
}

static void test_an_end_that_stays_away(void **state)
{
    (void)state;
    struct cast c = cast_with_stream(1000, 1000);
    guest_go(c.w, c.source);
    run_ms(c.w, 200);
    assert_int_equal(c.opener->seen[CW_MESSAGE_PEER], 2);
    assert_int_equal(c.opener->payload[CW_MESSAGE_PEER][5], 0);
    say_data(c.opener, 0, 100); /* dropped: its sender keeps it */
    run_ms(c.w, 50000);
    assert_int_equal(c.opener->seen[CW_MESSAGE_STREAM_CLOSE], 0);
    run_ms(c.w, 11000);
    assert_int_equal(last_close(c.opener), CW_CLOSE_TIMED_OUT);
    assert_int_equal(c.w->workers[1]->stream_pool.used, 0);
    /* When it is back after all, it asks for a stream that the opener has forgotten. */
    struct guest *back = join(c.w, c.s, 1);
    say_open(back, CW_STREAM_OPEN_RESUME | CW_STREAM_OPEN_SERVER, 2, 0, 1000);
    run_ms(c.w, 100);
    assert_int_equal(c.opener->seen[CW_MESSAGE_STREAM_OPEN], 1);
    say_close(c.opener, CW_CLOSE_STREAM_UNKNOWN, 0);
    run_ms(c.w, 100);
    assert_int_equal(last_close(back), CW_CLOSE_STREAM_UNKNOWN);
    assert_int_equal(c.w->workers[1]->stream_pool.used, 0);
    world_close(c.w);
}

static void test_counters_that_do_not_fit(void **state)
{
    (void)state;
    struct cast c = cast_with_stream(1000, 1000);
    say_data(c.opener, 0, 100);
    run_ms(c.w, 100);
    say_credit(c.source, 100, 1100);
    run_ms(c.w, 100);
    guest_go(c.w, c.source);
    run_ms(c.w, 100);
    /* A program that was started anew and guessed the instance: it wants bytes that are gone. */
    struct guest *back = join(c.w, c.s, 1);
    say_open(back, CW_STREAM_OPEN_RESUME | CW_STREAM_OPEN_SERVER, 2, 0, 1000);
    run_ms(c.w, 100);
    assert_int_equal(last_close(back), CW_CLOSE_STREAM_UNKNOWN);
    assert_int_equal(last_close(c.opener), CW_CLOSE_STREAM_UNKNOWN);
    world_close(c.w);
}

/* The engine knows nothing: either end may be first, and the second one's word joins them. */
static void come_back(bool opener_first)
{
    struct cast c = cast_open();
    struct guest *first = opener_first ? c.opener : c.source;
    struct guest *second = opener_first ? c.source : c.opener;
    uint8_t server = CW_STREAM_OPEN_RESUME | CW_STREAM_OPEN_SERVER;
    say_open(first, opener_first ? CW_STREAM_OPEN_RESUME : server, opener_first ? 0 : 2, 50, 1000);
    run_ms(c.w, 100);
    assert_int_equal(second->seen[CW_MESSAGE_STREAM_OPEN], 1);
    assert_int_equal(first->seen[CW_MESSAGE_CREDIT], 0);
    say_open(second, opener_first ? server : CW_STREAM_OPEN_RESUME, opener_first ? 2 : 1, 70, 2000);
    run_ms(c.w, 100);
    assert_int_equal(last_credit(first).received, 70);
    assert_int_equal(last_credit(first).limit, 2000);
    assert_int_equal(last_credit(second).received, 50);
    say_data(first, 70, 5);
    say_data(second, 50, 5);
    run_ms(c.w, 100);
    assert_int_equal(last_offset(second), 70);
    assert_int_equal(last_offset(first), 50);
    world_close(c.w);
}

static void test_after_a_restart(void **state)
{
    (void)state;
    come_back(true);
    come_back(false);
}

static void test_windows_together(void **state)
{
    (void)state;
    struct cast c = cast_open();
    uint8_t payload[28];
    size_t size = 0;
    struct cw_stream_open m = {.id = file_id, .limit = CW_STREAM_BULK_WINDOW_BYTES_MAX};
    for (uint16_t i = 0; i < 5; i++) {
        m.id.stream = (uint16_t)(100 + i);
        assert_int_equal(cw_stream_open_encode(&m, payload, sizeof payload, &size), CW_OK);
        guest_send(c.opener, CW_MESSAGE_STREAM_OPEN, 3, 1, payload, size);
    }
    run_ms(c.w, 200);
    assert_int_equal(c.source->seen[CW_MESSAGE_STREAM_OPEN], 4);
    assert_int_equal(last_close(c.opener), CW_CLOSE_STREAM_REFUSED);
    m.limit = 0;
    for (uint16_t i = 0; i < CW_STREAMS_PER_PARTICIPANT_MAX; i++) {
        m.id.stream = (uint16_t)(200 + i);
        assert_int_equal(cw_stream_open_encode(&m, payload, sizeof payload, &size), CW_OK);
        guest_send(c.opener, CW_MESSAGE_STREAM_OPEN, 3, 1, payload, size);
    }
    run_ms(c.w, 200);
    assert_int_equal(c.source->seen[CW_MESSAGE_STREAM_OPEN], CW_STREAMS_PER_PARTICIPANT_MAX);
    assert_int_equal(c.opener->seen[CW_MESSAGE_STREAM_CLOSE], 5);
    world_close(c.w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_may_open),
        cmocka_unit_test(test_the_source_is_told_with_the_permission),
        cmocka_unit_test(test_only_what_continues_passes),
        cmocka_unit_test(test_credit_for_what_was_withdrawn),
        cmocka_unit_test(test_both_ends_are_said_again),
        cmocka_unit_test(test_beyond_the_limit),
        cmocka_unit_test(test_a_receiver_that_lies),
        cmocka_unit_test(test_too_many_short_frames),
        cmocka_unit_test(test_permission_withdrawn),
        cmocka_unit_test(test_an_end_that_stays_away),
        cmocka_unit_test(test_counters_that_do_not_fit),
        cmocka_unit_test(test_after_a_restart),
        cmocka_unit_test(test_windows_together),
    };
    return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
