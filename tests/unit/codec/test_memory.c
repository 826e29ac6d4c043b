/* SPDX-License-Identifier: Apache-2.0 */
/* The codec takes memory where codec.h says so and nowhere else. */
#include "tests/unit/codec/scene.h"

#ifdef CW_DEBUG
/* The address sanitizer has its own allocator, so calls cannot be counted there; leaks it finds by itself. */
static size_t calls_now(void)
{
    return 0;
}
#else
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);

static size_t calls;

/* These take the place of the C library's for the whole program, libzstd included. */
void *malloc(size_t size)
{
    calls++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    calls++;
    return __libc_calloc(count, size);
}

void *realloc(void *p, size_t size)
{
    calls++;
    return __libc_realloc(p, size);
}

static size_t calls_now(void)
{
    return calls;
}
#endif

static void test_steady_state_takes_no_memory(void **state)
{
    (void)state;
    enum { WIDTH = 700, HEIGHT = 500 };
    struct cw_encoder *e;
    struct cw_decoder *d;
#ifndef CW_DEBUG
    size_t before = calls_now();
#endif
    assert_int_equal(cw_encoder_new(WIDTH, HEIGHT, &e), 0);
    assert_int_equal(cw_decoder_new(0, &d), 0);
#ifndef CW_DEBUG
    assert_true(calls_now() > before); /* the counter counts */
#endif
    size_t room = cw_encoder_packet_bytes_max(e);
    uint8_t *packet = malloc(room);
    uint8_t *frame = malloc(scene_stride(WIDTH) * HEIGHT);
    assert_true(packet != NULL && frame != NULL);
    for (uint32_t n = 0; n < 60; n++) {
        size_t bytes;
        scene_draw((enum scene)(n / 10), WIDTH, HEIGHT, n, frame);
        size_t encode_start = calls_now();
        assert_int_equal(
            cw_encoder_update(e, frame, scene_stride(WIDTH), NULL, 0, packet, room, &bytes), 0);
        assert_int_equal(calls_now(), encode_start);
        if (n > 0 && bytes > 0) {
            size_t decode_start = calls_now();
            assert_int_equal(cw_decoder_apply(d, packet, bytes), 0);
            if (n > 1) /* the first update may take the window */
                assert_int_equal(calls_now(), decode_start);
        }
        if (n % 25 == 0) {
            encode_start = calls_now();
            assert_int_equal(cw_encoder_keyframe(e, packet, room, &bytes), 0);
            assert_int_equal(calls_now(), encode_start);
            assert_int_equal(cw_decoder_apply(d, packet, bytes), 0);
        }
        assert_in_sync(d, e, WIDTH, HEIGHT);
    }
    free(packet);
    free(frame);
    cw_encoder_free(e);
    cw_decoder_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steady_state_takes_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
