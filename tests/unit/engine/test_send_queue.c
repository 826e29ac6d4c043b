/* SPDX-License-Identifier: Apache-2.0 */
/* engine/send_queue.h and frame_reader.h: order, classes, the floor, whole messages; message rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "engine/base/err.h"
#include "engine/frame_reader.h"
#include "engine/send_queue.h"

static struct cw_frame_pools pools;
static struct cw_pool entries;

static int set_up(void **state)
{
    (void)state;
    assert_int_equal(cw_frame_pools_init(&pools), 0);
    return cw_pool_init(&entries, sizeof(struct cw_queue_entry), 4096);
}

static int tear_down(void **state)
{
    (void)state;
    assert_int_equal(cw_frame_pools_used(&pools) + entries.used, 0);
    cw_frame_pools_fini(&pools);
    cw_pool_fini(&entries);
    return 0;
}

/* The queue does not look at types, so reserved channels can be tried too. */
static void push_stream(struct cw_queue *q, uint8_t channel, uint16_t stream, uint8_t flags,
                        uint32_t mark, uint32_t length)
{
    struct cw_frame frame = {.type = CW_MESSAGE_PING,
                             .channel = channel,
                             .stream = stream,
                             .flags = flags,
                             .session = mark,
                             .length = length};
    struct cw_frame_buffer *f = cw_frame_new(&pools, &frame);
    assert_non_null(f);
    assert_int_equal(cw_queue_push(q, &entries, f), 0);
    cw_frame_unref(&pools, f);
}

static void push(struct cw_queue *q, uint8_t channel, uint8_t flags, uint32_t mark, uint32_t length)
{
    push_stream(q, channel, 0, flags, mark, length);
}

static uint32_t pop(struct cw_queue *q)
{
    const struct cw_frame_buffer *next = cw_queue_peek(q);
    struct cw_frame_buffer *f = cw_queue_pop(q, &entries);
    assert_ptr_equal(f, next);
    if (f == NULL)
        return 0;
    uint32_t mark = f->frame.session;
    cw_frame_unref(&pools, f);
    return mark;
}

enum { WHOLE = CW_FLAG_FIRST | CW_FLAG_LAST };

static void test_classes_and_turns(void **state)
{
    (void)state;
    struct cw_queue q = {0};
    push(&q, CW_CHANNEL_SCREEN, WHOLE, 9, 1000);
    push(&q, CW_CHANNEL_CHAT, WHOLE, 5, 10);
    push(&q, CW_CHANNEL_CHAT, WHOLE, 7, 10);
    push(&q, CW_CHANNEL_EVENT, WHOLE, 6, 10);
    push(&q, CW_CHANNEL_INPUT, WHOLE, 2, 10);
    push(&q, CW_CHANNEL_INPUT, WHOLE, 4, 10);
    push(&q, CW_CHANNEL_CURSOR, WHOLE, 3, 10);
    push(&q, CW_CHANNEL_CONTROL, WHOLE, 1, 10);
    /* Control, then the turns of class 0, class 1, and the screen. */
    static const uint32_t expected[] = {1, 2, 3, 4, 5, 6, 7, 9, 0};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_int_equal(pop(&q), expected[i]);
}

/* WELCOME is the first frame, whatever else was queued with it and whoever had the last turn; and a stream of
 * control messages does not take the turns of the others. */
static void test_control_goes_first(void **state)
{
    (void)state;
    for (uint8_t earlier = CW_CHANNEL_CONTROL; earlier <= CW_CHANNEL_CURSOR; earlier++) {
        struct cw_queue q = {0};
        push(&q, earlier, WHOLE, 9, 10);
        assert_int_equal(pop(&q), 9);
        push(&q, CW_CHANNEL_CURSOR, CW_FLAG_FIRST, 2, 100);
        push(&q, CW_CHANNEL_CURSOR, CW_FLAG_LAST, 3, 100);
        push(&q, CW_CHANNEL_CONTROL, WHOLE, 1, 10);
        push(&q, CW_CHANNEL_CONTROL, WHOLE, 1, 10);
        for (uint32_t i = 0; i < 4; i++)
            assert_int_equal(pop(&q), i < 2 ? 1 : i);
    }
    struct cw_queue q = {0};
    push(&q, CW_CHANNEL_INPUT, WHOLE, 2, 10);
    push(&q, CW_CHANNEL_INPUT, WHOLE, 2, 10);
    push(&q, CW_CHANNEL_CURSOR, WHOLE, 3, 10);
    static const uint32_t expected[] = {1, 2, 1, 3, 1, 2};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        if (i % 2 == 0)
            push(&q, CW_CHANNEL_CONTROL, WHOLE, 1, 10);
        assert_int_equal(pop(&q), expected[i]);
    }
    assert_int_equal(pop(&q), 0);
}

/* A stream that begins does not wait behind all that another has queued. */
static void test_streams_take_turns(void **state)
{
    (void)state;
    struct cw_queue q = {0};
    for (uint32_t i = 1; i <= 4; i++)
        push_stream(&q, CW_CHANNEL_FILE, 7, WHOLE, 70 + i, 100);
    push_stream(&q, CW_CHANNEL_FILE, 8, WHOLE, 81, 100);
    push_stream(&q, CW_CHANNEL_FILE, 9, WHOLE, 91, 100);
    push_stream(&q, CW_CHANNEL_FILE, 8, WHOLE, 82, 100);
    static const uint32_t expected[] = {71, 81, 91, 72, 82, 73, 74, 0};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_int_equal(pop(&q), expected[i]);
    assert_true(cw_queue_is_at_rest(&q));
}

static void test_one_stream_is_dropped(void **state)
{
    (void)state;
    for (uint16_t dropped = 1; dropped <= 4; dropped++) {
        struct cw_queue q = {0};
        for (uint32_t i = 1; i <= 2; i++)
            for (uint16_t stream = 1; stream <= 3; stream++)
                push_stream(&q, CW_CHANNEL_TUNNEL, stream, WHOLE, stream * 10 + i, 100);
        cw_queue_clear_stream(&q, &entries, &pools, CW_CHANNEL_TUNNEL, dropped);
        push_stream(&q, CW_CHANNEL_TUNNEL, 5, WHOLE, 51, 100);
        for (uint32_t i = 1; i <= 2; i++) {
            for (uint16_t stream = 1; stream <= 3; stream++)
                if (stream != dropped)
                    assert_int_equal(pop(&q), stream * 10 + i);
            if (i == 1)
                assert_int_equal(pop(&q), 51);
        }
        assert_int_equal(pop(&q), 0);
        assert_true(cw_queue_is_at_rest(&q) && q.bytes == 0 && q.frames == 0);
        push_stream(&q, CW_CHANNEL_TUNNEL, 1, WHOLE, 1, 100);
        cw_queue_clear_stream(&q, &entries, &pools, CW_CHANNEL_TUNNEL, 1);
        assert_true(cw_queue_is_at_rest(&q) && q.bytes == 0 && q.frames == 0);
    }
}

static void test_floor_of_the_last_class(void **state)
{
    (void)state;
    struct cw_queue q = {0};
    uint64_t file_bytes = 0;
    uint64_t bytes = 0;
    for (unsigned i = 0; i < 400; i++) {
        push(&q, CW_CHANNEL_SCREEN, WHOLE, 1, 16000);
        push(&q, CW_CHANNEL_FILE, WHOLE, 2, 16000);
    }
    for (unsigned i = 0; i < 400; i++) {
        bytes += 16016;
        if (pop(&q) == 2)
            file_bytes += 16016;
    }
    assert_true(file_bytes * 100 >= bytes * 4 && file_bytes * 100 <= bytes * 6);
    cw_queue_clear_all(&q, &entries, &pools);
    assert_int_equal(q.bytes, 0);
}

static void test_clear_keeps_what_has_begun(void **state)
{
    (void)state;
    struct cw_queue q = {0};
    push(&q, CW_CHANNEL_SCREEN, CW_FLAG_FIRST, 1, 100);
    push(&q, CW_CHANNEL_SCREEN, 0, 2, 100);
    push(&q, CW_CHANNEL_SCREEN, CW_FLAG_LAST, 3, 100);
    push(&q, CW_CHANNEL_SCREEN, WHOLE, 4, 100);
    assert_int_equal(pop(&q), 1);
    assert_false(cw_queue_clear_messages(&q, &entries, &pools, CW_CHANNEL_SCREEN));
    assert_int_equal(pop(&q), 2);
    push(&q, CW_CHANNEL_SCREEN, WHOLE, 5, 100);
    assert_int_equal(pop(&q), 3);
    assert_false(cw_queue_clear_messages(&q, &entries, &pools, CW_CHANNEL_SCREEN));
    assert_int_equal(pop(&q), 0);
    /* Begun, and its end has not come yet: the rest will be taken. */
    push(&q, CW_CHANNEL_SCREEN, CW_FLAG_FIRST, 6, 100);
    assert_int_equal(pop(&q), 6);
    assert_true(cw_queue_clear_messages(&q, &entries, &pools, CW_CHANNEL_SCREEN));
    push(&q, CW_CHANNEL_SCREEN, CW_FLAG_LAST, 7, 100);
    assert_int_equal(pop(&q), 7);
    /* Not begun: all of it goes, also when its end is still to come. */
    push(&q, CW_CHANNEL_SCREEN, CW_FLAG_FIRST, 8, 100);
    assert_false(cw_queue_clear_messages(&q, &entries, &pools, CW_CHANNEL_SCREEN));
    assert_int_equal(q.bytes, 0);
}

/* ---- frame reader -------------------------------------------------------------------------------- */

static int read_frame(struct cw_frame_reader *r, uint8_t type, uint8_t flags, uint16_t stream,
                      uint32_t length, size_t step)
{
    static uint8_t bytes[CW_FRAME_BYTES_MAX];
    struct cw_frame frame = {.type = type,
                             .channel = cw_message_info(type)->channel,
                             .flags = flags,
                             .stream = stream,
                             .length = length};
    cw_frame_encode(&frame, bytes);
    size_t size = CW_FRAME_HEADER_BYTES + length;
    for (size_t at = 0; at < size;) {
        size_t used = 0;
        struct cw_frame_buffer *f = NULL;
        size_t left = size - at < step ? size - at : step;
        int err = cw_frame_reader_push(r, &pools, bytes + at, left, &used, &f);
        if (err != CW_OK)
            return err;
        at += used;
        if (f != NULL) {
            assert_int_equal(at, size);
            assert_memory_equal(f->bytes, bytes, size);
            cw_frame_unref(&pools, f);
        }
    }
    assert_true(cw_frame_reader_is_between(r));
    return CW_OK;
}

static void test_reader_in_pieces(void **state)
{
    (void)state;
    for (size_t step = 1; step < 40; step++) {
        struct cw_frame_reader r = {0};
        assert_int_equal(read_frame(&r, CW_MESSAGE_PING, WHOLE, 0, 8, step), 0);
        assert_int_equal(read_frame(&r, CW_MESSAGE_SCREEN_UPDATE, CW_FLAG_FIRST, 0, 500, step), 0);
        assert_int_equal(read_frame(&r, CW_MESSAGE_PING, WHOLE, 0, 8, step), 0);
        assert_int_equal(read_frame(&r, CW_MESSAGE_SCREEN_UPDATE, 0, 0, 3, step), 0);
        assert_int_equal(read_frame(&r, CW_MESSAGE_SCREEN_UPDATE, CW_FLAG_LAST, 0, 0, step), 0);
        cw_frame_reader_fini(&r, &pools);
    }
}

static int second_of(uint8_t first_flags, uint8_t type, uint8_t flags, uint32_t length)
{
    struct cw_frame_reader r = {0};
    assert_int_equal(read_frame(&r, CW_MESSAGE_SCREEN_UPDATE, first_flags, 0, 10, 4096), 0);
    int err = read_frame(&r, type, flags, 0, length, 4096);
    cw_frame_reader_fini(&r, &pools);
    return err;
}

static void test_reader_refuses(void **state)
{
    (void)state;
    struct cw_frame_reader r = {0};
    assert_int_equal(read_frame(&r, CW_MESSAGE_PING, CW_FLAG_FIRST, 0, 8, 99), CW_ERR_INVALID);
    r = (struct cw_frame_reader){0};
    assert_int_equal(read_frame(&r, CW_MESSAGE_PING, WHOLE, 1, 8, 99), CW_ERR_INVALID);
    r = (struct cw_frame_reader){0};
    assert_int_equal(read_frame(&r, CW_MESSAGE_PING, WHOLE, 0, 7, 99), CW_ERR_INVALID);
    r = (struct cw_frame_reader){0};
    assert_int_equal(read_frame(&r, CW_MESSAGE_SCREEN_UPDATE, CW_FLAG_LAST, 0, 7, 99),
                     CW_ERR_INVALID);
    const uint8_t update = CW_MESSAGE_SCREEN_UPDATE;
    assert_int_equal(second_of(CW_FLAG_FIRST, update, CW_FLAG_FIRST, 5), CW_ERR_INVALID);
    assert_int_equal(second_of(CW_FLAG_FIRST, update, CW_FLAG_KEYFRAME, 5), CW_ERR_INVALID);
    assert_int_equal(second_of(CW_FLAG_FIRST, CW_MESSAGE_SCREEN_RESET, WHOLE, 12), CW_ERR_INVALID);
    assert_int_equal(second_of(CW_FLAG_FIRST, update, 0, 0), CW_ERR_INVALID);
    assert_int_equal(second_of(CW_FLAG_FIRST, update, CW_FLAG_LAST, 0), 0);
    assert_int_equal(second_of(WHOLE, update, 0, 5), CW_ERR_INVALID);
}

static void test_reader_bounds_a_message(void **state)
{
    (void)state;
    struct cw_frame_reader r = {0};
    const uint32_t part = CW_FRAME_PAYLOAD_BYTES_MAX;
    const uint32_t most = 8 + CW_CURSOR_SIDE_PX_MAX * CW_CURSOR_SIDE_PX_MAX * 4;
    assert_int_equal(read_frame(&r, CW_MESSAGE_CURSOR_SHAPE, CW_FLAG_FIRST, 0, part, 4096), 0);
    for (uint32_t total = part; total + part <= most; total += part)
        assert_int_equal(read_frame(&r, CW_MESSAGE_CURSOR_SHAPE, 0, 0, part, 4096), 0);
    assert_int_equal(read_frame(&r, CW_MESSAGE_CURSOR_SHAPE, CW_FLAG_LAST, 0, part, 4096),
                     CW_ERR_TOO_LARGE);
    cw_frame_reader_fini(&r, &pools);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes_and_turns),
        cmocka_unit_test(test_control_goes_first),
        cmocka_unit_test(test_streams_take_turns),
        cmocka_unit_test(test_one_stream_is_dropped),
        cmocka_unit_test(test_floor_of_the_last_class),
        cmocka_unit_test(test_clear_keeps_what_has_begun),
        cmocka_unit_test(test_reader_in_pieces),
        cmocka_unit_test(test_reader_refuses),
        cmocka_unit_test(test_reader_bounds_a_message),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
