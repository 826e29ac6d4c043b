/* SPDX-License-Identifier: Apache-2.0 */
/* What wakes a passive Jump Client, by the clock: once, from its own appliance, now, and not too often. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "clients/agent/wake_gate.h"
#include "engine/wire/ticket.h"

static const uint8_t seed[CW_KEY_BYTES] = {3, 1, 4, 1, 5};
static const uint64_t boot_ms = 50000;
static const uint64_t time_ms = UINT64_C(1800000000000);

static struct cw_wake_gate gate_of_7(void)
{
    struct cw_wake_gate g = {
        .item = 7, .has_key = true, .number = 100, .offset_ms = (int64_t)(time_ms - boot_ms)};
    assert_int_equal(cw_key_public(seed, g.control_key), 0);
    return g;
}

static void make(uint32_t item, uint64_t number, uint64_t at_ms, uint8_t *out)
{
    struct cw_wake w = {.item = item, .number = number, .time_unix_ms = at_ms};
    assert_int_equal(cw_wake_sign(&w, seed), 0);
    cw_wake_encode(&w, out);
}

static void a_number_wakes_once(void **state)
{
    (void)state;
    struct cw_wake_gate g = gate_of_7();
    uint8_t first[CW_WAKE_BYTES], second[CW_WAKE_BYTES];
    make(7, 101, time_ms, first);
    make(7, 105, time_ms + 1000, second);
    assert_int_equal(cw_wake_gate_take(&g, first, sizeof first, boot_ms), CW_WAKE_YES);
    assert_int_equal(cw_wake_gate_take(&g, first, sizeof first, boot_ms), CW_WAKE_AGAIN);
    assert_int_equal(cw_wake_gate_take(&g, second, sizeof second, boot_ms + 1000), CW_WAKE_YES);
    assert_int_equal(cw_wake_gate_take(&g, first, sizeof first, boot_ms + 1000), CW_WAKE_OLD);
    assert_int_equal(g.number, 105);
    assert_int_equal(g.counts[CW_WAKE_YES], 2);
    /* Restarted with the number that was kept. */
    struct cw_wake_gate again = gate_of_7();
    again.number = g.number;
    assert_int_equal(cw_wake_gate_take(&again, first, sizeof first, boot_ms), CW_WAKE_OLD);
    assert_int_equal(cw_wake_gate_take(&again, second, sizeof second, boot_ms), CW_WAKE_AGAIN);
}

static void others_do_not_wake(void **state)
{
    (void)state;
    struct cw_wake_gate g = gate_of_7();
    uint8_t d[CW_WAKE_BYTES + 1] = {0};
    make(8, 101, time_ms, d);
    assert_int_equal(cw_wake_gate_take(&g, d, CW_WAKE_BYTES, boot_ms), CW_WAKE_ITEM);
    make(7, 101, time_ms, d);
    assert_int_equal(cw_wake_gate_take(&g, d, CW_WAKE_BYTES - 1, boot_ms), CW_WAKE_FORM);
    assert_int_equal(cw_wake_gate_take(&g, d, CW_WAKE_BYTES + 1, boot_ms), CW_WAKE_FORM);
    assert_int_equal(cw_wake_gate_take(&g, d, 0, boot_ms), CW_WAKE_FORM);
    for (size_t i = 0; i < CW_WAKE_BYTES; i++) { /* every bit of it counts */
        d[i] ^= 1;
        assert_int_not_equal(cw_wake_gate_take(&g, d, CW_WAKE_BYTES, boot_ms), CW_WAKE_YES);
        d[i] ^= 1;
    }
    assert_true(g.counts[CW_WAKE_FORGED] > 60);
    assert_int_equal(g.number, 100);
    g.has_key = false;
    assert_int_equal(cw_wake_gate_take(&g, d, CW_WAKE_BYTES, boot_ms), CW_WAKE_FORM);
}

static void what_was_held_back_does_not_wake(void **state)
{
    (void)state;
    struct cw_wake_gate g = gate_of_7();
    uint8_t d[CW_WAKE_BYTES];
    make(7, 101, time_ms, d);
    assert_int_equal(cw_wake_gate_take(&g, d, sizeof d, boot_ms + CW_WAKE_TIME_MS_MAX + 1),
                     CW_WAKE_TIME);
    make(7, 102, time_ms + CW_WAKE_TIME_MS_MAX + 1, d);
    assert_int_equal(cw_wake_gate_take(&g, d, sizeof d, boot_ms), CW_WAKE_TIME);
    make(7, 103, UINT64_MAX, d);
    assert_int_equal(cw_wake_gate_take(&g, d, sizeof d, boot_ms), CW_WAKE_TIME);
    make(7, 104, time_ms + CW_WAKE_TIME_MS_MAX, d);
    assert_int_equal(cw_wake_gate_take(&g, d, sizeof d, boot_ms), CW_WAKE_YES);
}

static void signatures_are_verified_at_a_rate(void **state)
{
    (void)state;
    struct cw_wake_gate g = gate_of_7();
    uint8_t good[CW_WAKE_BYTES], bad[CW_WAKE_BYTES];
    make(7, 101, time_ms, good);
    memcpy(bad, good, sizeof bad);
    bad[50] ^= 1;
    for (int i = 0; i < CW_WAKE_CHECKS_PER_S; i++)
        assert_int_equal(cw_wake_gate_take(&g, bad, sizeof bad, boot_ms), CW_WAKE_FORGED);
    assert_int_equal(cw_wake_gate_take(&g, good, sizeof good, boot_ms + 999), CW_WAKE_RATE);
    assert_int_equal(cw_wake_gate_take(&g, good, sizeof good, boot_ms + 1000), CW_WAKE_YES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_wakes_once),
        cmocka_unit_test(others_do_not_wake),
        cmocka_unit_test(what_was_held_back_does_not_wake),
        cmocka_unit_test(signatures_are_verified_at_a_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
