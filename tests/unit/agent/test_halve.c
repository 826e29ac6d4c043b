/* SPDX-License-Identifier: Apache-2.0 */
/* The half picture against the plain definition: every size up to 9 by 9, every area of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "clients/agent/halve.h"

enum { SIDE_MAX = 9, SLACK_BYTES = 12, GUARD = 0xA5 };

static uint8_t picture[SIDE_MAX * (SIDE_MAX * 4 + SLACK_BYTES)];

static unsigned value_at(size_t stride, uint32_t width, uint32_t height, uint32_t x, uint32_t y,
                         unsigned channel)
{
    x = x < width ? x : width - 1;
    y = y < height ? y : height - 1;
    return picture[y * stride + (size_t)x * 4 + channel];
}

static uint8_t expected(size_t stride, uint32_t width, uint32_t height, uint32_t x, uint32_t y,
                        unsigned channel)
{
    unsigned sum = 2;
    for (uint32_t i = 0; i < 4; i++)
        sum += value_at(stride, width, height, x * 2 + i % 2, y * 2 + i / 2, channel);
    return (uint8_t)(sum / 4);
}

static void check_area(uint32_t width, uint32_t height, struct cw_rect area)
{
    uint8_t out[(SIDE_MAX + 1) * (SIDE_MAX + 1)];
    size_t stride = (size_t)width * 4 + SLACK_BYTES;
    uint32_t half_width = cw_half_side(width);
    uint32_t half_height = cw_half_side(height);
    memset(out, GUARD, sizeof out);
    cw_halve(picture, stride, width, height, area, out);
    for (uint32_t y = 0; y < half_height; y++) {
        for (uint32_t at = 0; at < half_width * 4; at++) {
            uint32_t x = at / 4;
            int is_in = x >= area.x && x < area.x + area.w && y >= area.y && y < area.y + area.h;
            uint8_t want = is_in ? expected(stride, width, height, x, y, at % 4) : GUARD;
            assert_int_equal(out[y * half_width * 4 + at], want);
        }
    }
    for (size_t at = (size_t)half_width * half_height * 4; at < sizeof out; at++)
        assert_int_equal(out[at], GUARD);
}

static void every_area_of_every_size(void **state)
{
    (void)state;
    uint32_t random = 1;
    for (size_t i = 0; i < sizeof picture; i++) {
        random = random * 1664525 + 1013904223;
        picture[i] = (uint8_t)(random >> 24 > 200 ? 255 : random >> 16);
    }
    for (uint32_t width = 1; width <= SIDE_MAX; width++) {
        for (uint32_t height = 1; height <= SIDE_MAX; height++) {
            for (uint32_t x = 0; x < width; x++) {
                for (uint32_t y = 0; y < height; y++) {
                    check_area(width, height, cw_half_area((struct cw_rect){x, y, width - x, 1}));
                    check_area(width, height, cw_half_area((struct cw_rect){x, y, 1, height - y}));
                }
            }
        }
    }
}

static void an_area_holds_all_it_touches(void **state)
{
    (void)state;
    const struct {
        struct cw_rect whole;
        struct cw_rect half;
    } cases[] = {
        {{0, 0, 1, 1}, {0, 0, 1, 1}}, {{1, 1, 1, 1}, {0, 0, 1, 1}}, {{1, 1, 2, 2}, {0, 0, 2, 2}},
        {{2, 4, 4, 2}, {1, 2, 2, 1}}, {{3, 3, 5, 1}, {1, 1, 3, 1}}, {{0, 0, 7, 5}, {0, 0, 4, 3}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cw_rect half = cw_half_area(cases[i].whole);
        assert_memory_equal(&half, &cases[i].half, sizeof half);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_area_of_every_size),
        cmocka_unit_test(an_area_holds_all_it_touches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
