/* SPDX-License-Identifier: Apache-2.0 */
/* What moved is copied, not sent again: scrolls, drags, several at once, and the same rules of
 * size. */
#include "tests/unit/codec/rig.h"

#include <stdio.h>

enum { WIDTH = 640, HEIGHT = 400 };

/* A page of text whose lines differ, below and right of fixed bars. */
static uint32_t page(uint32_t x, uint32_t y)
{
    bool ink = y % 13 < 9 && scene_hash(x / 2, y) % 4 == 0;
    return ink ? 0x101010 + (y / 13 % 7) * 0x1800 : 0xfafaf5;
}

static void put(uint8_t *frame, uint32_t x, uint32_t y, uint32_t p)
{
    uint8_t *at = frame + y * scene_stride(WIDTH) + (size_t)x * 4;
    at[0] = (uint8_t)p;
    at[1] = (uint8_t)(p >> 8);
    at[2] = (uint8_t)(p >> 16);
    at[3] = (uint8_t)(x ^ y);
}

static void start(struct rig *r)
{
    rig_new(r, WIDTH, HEIGHT);
    rig_keyframe(r, r->early);
}

/* A pane at (x0, y0) that shows the page from (dx, dy) on; bars elsewhere. */
static void draw_pane(uint8_t *frame, uint32_t x0, uint32_t y0, uint32_t dx, uint32_t dy)
{
    for (uint32_t y = 0; y < HEIGHT; y++)
        for (uint32_t x = 0; x < WIDTH; x++)
            put(frame, x, y, x < x0 || y < y0 ? scene_text(x, y) : page(x + dx, y + dy));
}

/* A scroll by one vector costs a small part of the first picture, in any direction. */
static void check_scroll(uint32_t step_x, uint32_t step_y, bool backwards)
{
    struct rig r;
    start(&r);
    draw_pane(r.frame, 101, 37, backwards ? 5 * step_x : 0, backwards ? 5 * step_y : 0);
    size_t first = rig_update(&r);
    for (uint32_t n = 1; n < 5; n++) {
        uint32_t at = backwards ? 5 - n : n;
        draw_pane(r.frame, 101, 37, at * step_x, at * step_y);
        assert_true(rig_update(&r) * 4 < first);
    }
    rig_free(&r);
}

static void test_scrolls(void **state)
{
    (void)state;
    check_scroll(0, 13, false);
    check_scroll(0, 13, true);
    check_scroll(0, 1, false);
    check_scroll(24, 0, false);
    check_scroll(24, 0, true);
    check_scroll(3, 17, false);
    check_scroll(17, 3, true);
}

static void draw_window(uint8_t *frame, uint32_t x0, uint32_t y0, uint32_t salt)
{
    for (uint32_t y = 0; y < 150; y++)
        for (uint32_t x = 0; x < 200; x++)
            put(frame, x0 + x, y0 + y, y < 12 ? 0x335577 : page(x + salt, y + salt));
}

/* Two windows dragged over text in different directions, once across each other. */
static void test_drags(void **state)
{
    (void)state;
    struct rig r;
    start(&r);
    size_t first = 0;
    for (uint32_t n = 0; n < 8; n++) {
        for (uint32_t y = 0; y < HEIGHT; y++)
            for (uint32_t x = 0; x < WIDTH; x++)
                put(r.frame, x, y, 0x406080 + y / 4);
        draw_window(r.frame, 10 + n * 37, 20 + n * 11, 0);
        draw_window(r.frame, 430 - n * 41, 240 - n * 9, 1000);
        size_t bytes = rig_update(&r);
        if (n == 0)
            first = bytes;
        else if (n < 3)
            assert_true(bytes * 8 < first);
    }
    rig_free(&r);
}

/* Jumps by random vectors over repeating content: never wrong, whatever it costs. */
static void test_random_jumps(void **state)
{
    (void)state;
    struct rig r;
    start(&r);
    for (uint32_t n = 0; n < 40; n++) {
        uint32_t period = 1 + scene_hash(n, 3) % 90;
        for (uint32_t y = 0; y < HEIGHT; y++)
            for (uint32_t x = 0; x < WIDTH; x++)
                put(r.frame, x, y,
                    n % 2 == 0 ? page((x + n * 7) % period, y + n * 5)
                               : page(x + n * 9, (y + n) % period));
        if (n % 3 == 0)
            draw_window(r.frame, scene_hash(n, 1) % 440, scene_hash(n, 2) % 250, n / 9);
        rig_update(&r);
    }
    rig_free(&r);
}

/* A rectangle of the frame that shows the page from (dx, dy) on. */
static void draw_view(uint8_t *frame, struct cw_rect r, uint32_t dx, uint32_t dy)
{
    for (uint32_t y = 0; y < r.h; y++)
        for (uint32_t x = 0; x < r.w; x++)
            put(frame, r.x + x, r.y + y, page(x + dx, y + dy));
}

static void draw_desk(uint8_t *frame)
{
    for (uint32_t y = 0; y < HEIGHT; y++)
        for (uint32_t x = 0; x < WIDTH; x++)
            put(frame, x, y, scene_text(x, y));
}

/* What is new in an update costs about its share of the first picture of the page; twice that is allowed, and
 * 1,200 bytes, as little text compresses less. */
static void check_share(size_t bytes, size_t first, uint32_t new_px, uint32_t all_px)
{
    if (bytes > 1200 + first * 2 * new_px / all_px)
        fail_msg("%zu bytes for %u of %u pixels, all of which took %zu", bytes, new_px, all_px,
                 first);
}

/* Two panes scroll each its own way, one line of text and five columns; between and above them is what stays. */
static void test_two_panes(void **state)
{
    (void)state;
    const struct cw_rect a = {5, 21, 301, 350};
    const struct cw_rect b = {333, 43, 290, 341};
    struct rig r;
    start(&r);
    draw_desk(r.frame);
    rig_update(&r);
    size_t first = 0;
    for (uint32_t n = 0; n < 6; n++) {
        draw_view(r.frame, a, 100, 13 * n);
        draw_view(r.frame, b, 5 * n, 2000);
        size_t bytes = rig_update(&r);
        if (n == 0)
            first = bytes;
        else
            check_share(bytes, first, a.w * 13 + 5 * b.h, a.w * a.h + b.w * b.h);
    }
    rig_free(&r);
}

/* A window is dragged while the text in it scrolls: two vectors, one inside the other. */
static void test_drag_of_a_scrolling_window(void **state)
{
    (void)state;
    struct rig r;
    start(&r);
    size_t first = 0;
    for (uint32_t n = 0; n < 6; n++) {
        const struct cw_rect window = {20 + 7 * n, 30 + 5 * n, 420, 260};
        const struct cw_rect text = {window.x + 90, window.y + 40, 310, 200};
        for (uint32_t y = 0; y < HEIGHT; y++)
            for (uint32_t x = 0; x < WIDTH; x++)
                put(r.frame, x, y, 0x406080);
        draw_view(r.frame, window, 0, 0);
        draw_view(r.frame, text, 3000, 13 * n);
        size_t bytes = rig_update(&r);
        if (n == 0)
            first = bytes;
        else
            check_share(bytes, first, text.w * 13, window.w * window.h);
    }
    rig_free(&r);
}

/* A scroll by most of the pane leaves little to copy, and that is copied. */
static void test_fast_scroll(void **state)
{
    (void)state;
    const struct cw_rect pane = {37, 11, 571, 377};
    struct rig r;
    start(&r);
    size_t first = 0;
    for (uint32_t n = 0; n < 5; n++) {
        draw_view(r.frame, pane, 0, 300 * n);
        size_t bytes = rig_update(&r);
        if (n == 0)
            first = bytes;
        else
            assert_true(bytes * 20 < first * 18);
    }
    rig_free(&r);
}

/* A small thing that moves: a tool tip, an icon. */
static void test_small_things(void **state)
{
    (void)state;
    struct rig r;
    start(&r);
    size_t first = 0;
    for (uint32_t n = 0; n < 8; n++) {
        const struct cw_rect tip = {33 + 61 * n, 50 + 37 * n, 117, 71};
        for (uint32_t y = 0; y < HEIGHT; y++)
            for (uint32_t x = 0; x < WIDTH; x++)
                put(r.frame, x, y, 0x909090);
        draw_view(r.frame, tip, 0, 0);
        size_t bytes = rig_update(&r);
        if (n == 0)
            first = bytes;
        else
            assert_true(bytes * 4 < first);
    }
    rig_free(&r);
}

/* Two windows change places: each copy spoils the other's source, so one is sent and one copied. */
static void test_circle(void **state)
{
    (void)state;
    const struct cw_rect left = {16, 32, 240, 240};
    const struct cw_rect right = {320, 64, 240, 240};
    struct rig r;
    start(&r);
    size_t first = 0;
    for (uint32_t n = 0; n < 4; n++) {
        draw_view(r.frame, n % 2 == 0 ? left : right, 0, 0);
        draw_view(r.frame, n % 2 == 0 ? right : left, 1000, 1000);
        size_t bytes = rig_update(&r);
        if (n == 0)
            first = bytes;
        else
            assert_true(bytes * 3 < first * 2);
    }
    rig_free(&r);
}

/* What a hint leaves out is not looked at, but a copy next to it may not break it. */
static void test_motion_in_a_hint(void **state)
{
    (void)state;
    const struct cw_rect pane = {101, 37, WIDTH - 101, HEIGHT - 37};
    struct rig r;
    start(&r);
    draw_pane(r.frame, 101, 37, 0, 0);
    size_t first = rig_update(&r);
    for (uint32_t n = 1; n < 5; n++) {
        size_t bytes;
        draw_pane(r.frame, 101, 37, 0, 13 * n);
        assert_int_equal(cw_encoder_update(r.e, r.frame, scene_stride(WIDTH), &pane, 1, r.packet,
                                           r.room, &bytes),
                         0);
        assert_true(
            scene_equals(cw_encoder_model(r.e), r.frame, scene_stride(WIDTH), WIDTH, HEIGHT));
        assert_int_equal(cw_decoder_apply(r.early, r.packet, bytes), 0);
        assert_in_sync(r.early, r.e, WIDTH, HEIGHT);
        check_share(bytes, first, pane.w * 13, pane.w * pane.h);
    }
    rig_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scrolls),      cmocka_unit_test(test_drags),
        cmocka_unit_test(test_two_panes),    cmocka_unit_test(test_drag_of_a_scrolling_window),
        cmocka_unit_test(test_fast_scroll),  cmocka_unit_test(test_small_things),
        cmocka_unit_test(test_circle),       cmocka_unit_test(test_motion_in_a_hint),
        cmocka_unit_test(test_random_jumps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
