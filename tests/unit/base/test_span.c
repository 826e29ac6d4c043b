/* SPDX-License-Identifier: Apache-2.0 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <string.h>

#include "engine/base/span.h"

static void test_reads_are_little_endian(void **state)
{
    static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    struct cw_reader r = cw_reader_of(bytes, sizeof bytes);
    (void)state;
    assert_int_equal(cw_read_u8(&r), 0x01);
    assert_int_equal(cw_read_u16(&r), 0x0302);
    assert_int_equal(cw_read_u32(&r), 0x07060504);
    assert_true(cw_read_u64(&r) == UINT64_C(0x0F0E0D0C0B0A0908));
    assert_true(cw_reader_done(&r));
}

static void test_read_past_the_end_sticks(void **state)
{
    static const uint8_t bytes[] = {0xFF, 0xFF, 0xFF};
    struct cw_reader r = cw_reader_of(bytes, sizeof bytes);
    (void)state;
    assert_int_equal(cw_read_u32(&r), 0);
    assert_true(r.failed);
    assert_int_equal(cw_read_u8(&r), 0);
    assert_null(cw_read_bytes(&r, 1));
    assert_false(cw_reader_done(&r));
}

static void test_read_of_a_huge_count_does_not_wrap(void **state)
{
    static const uint8_t bytes[] = {1, 2, 3};
    struct cw_reader r = cw_reader_of(bytes, sizeof bytes);
    (void)state;
    assert_int_equal(cw_read_u8(&r), 1);
    assert_null(cw_read_bytes(&r, SIZE_MAX));
    assert_true(r.failed);
}

static void test_nothing_can_be_read_from_nothing(void **state)
{
    struct cw_reader r = cw_reader_of(NULL, 5);
    (void)state;
    assert_int_equal(cw_reader_left(&r), 0);
    assert_non_null(cw_read_bytes(&r, 0));
    assert_true(cw_reader_done(&r));
    assert_int_equal(cw_read_u8(&r), 0);
    assert_true(r.failed);
}

static void test_left_over_bytes_are_not_done(void **state)
{
    static const uint8_t bytes[] = {1, 2};
    struct cw_reader r = cw_reader_of(bytes, sizeof bytes);
    (void)state;
    (void)cw_read_u8(&r);
    assert_int_equal(cw_reader_left(&r), 1);
    assert_false(cw_reader_done(&r));
}

static void test_write_then_read_is_the_same(void **state)
{
    uint8_t out[15];
    struct cw_writer w = cw_writer_of(out, sizeof out);
    (void)state;
    cw_write_u8(&w, 0xA5);
    cw_write_u16(&w, 0xBEEF);
    cw_write_u32(&w, 0xDEADC0DE);
    cw_write_u64(&w, UINT64_C(0x0123456789ABCDEF));
    assert_false(w.failed);
    assert_int_equal(w.at, sizeof out);
    assert_int_equal(out[1], 0xEF);
    struct cw_reader r = cw_reader_of(out, sizeof out);
    assert_int_equal(cw_read_u8(&r), 0xA5);
    assert_int_equal(cw_read_u16(&r), 0xBEEF);
    assert_int_equal(cw_read_u32(&r), 0xDEADC0DE);
    assert_true(cw_read_u64(&r) == UINT64_C(0x0123456789ABCDEF));
}

static void test_write_past_the_end_writes_nothing(void **state)
{
    uint8_t out[4] = {9, 9, 9, 9};
    struct cw_writer w = cw_writer_of(out, 3);
    (void)state;
    cw_write_u32(&w, 0);
    assert_true(w.failed);
    cw_write_u8(&w, 0);
    assert_int_equal(w.at, 0);
    for (size_t i = 0; i < sizeof out; i++)
        assert_int_equal(out[i], 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_are_little_endian),
        cmocka_unit_test(test_read_past_the_end_sticks),
        cmocka_unit_test(test_read_of_a_huge_count_does_not_wrap),
        cmocka_unit_test(test_nothing_can_be_read_from_nothing),
        cmocka_unit_test(test_left_over_bytes_are_not_done),
        cmocka_unit_test(test_write_then_read_is_the_same),
        cmocka_unit_test(test_write_past_the_end_writes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
