/* SPDX-License-Identifier: Apache-2.0 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "engine/base/err.h"
#include "engine/supervisor/budget.h"

#define MS UINT64_C(1000000)
#define S  (1000 * MS)

static void test_delay_doubles_inside_the_window(void **state)
{
    struct cw_restart_budget b = {0};
    uint64_t start = 0;
    uint64_t now = 7 * S;
    static const uint64_t delays_ms[CW_RESTART_MAX] = {100, 200, 400, 800, 1600};
    (void)state;
    for (unsigned i = 0; i < CW_RESTART_MAX; i++) {
        assert_int_equal(cw_restart_budget_take(&b, now, &start), CW_OK);
        assert_int_equal(start - now, delays_ms[i] * MS);
        now = start;
    }
}

static void test_sixth_death_within_a_minute_is_refused(void **state)
{
    struct cw_restart_budget b = {0};
    uint64_t start = 0;
    (void)state;
    for (unsigned i = 0; i < CW_RESTART_MAX; i++)
        assert_int_equal(cw_restart_budget_take(&b, i * S, &start), CW_OK);
    struct cw_restart_budget before = b;
    start = 42;
    assert_int_equal(cw_restart_budget_take(&b, 59 * S, &start), CW_ERR_FULL);
    assert_int_equal(start, 42);
    assert_memory_equal(&before, &b, sizeof b);
}

static void test_window_slides(void **state)
{
    struct cw_restart_budget b = {0};
    uint64_t start = 0;
    (void)state;
    for (unsigned i = 0; i < CW_RESTART_MAX; i++)
        assert_int_equal(cw_restart_budget_take(&b, i * S, &start), CW_OK);
    /* At 60 s the first restart is exactly a window old and counts no more; the second still does. */
    assert_int_equal(cw_restart_budget_take(&b, 60 * S, &start), CW_OK);
    assert_int_equal(start - 60 * S, 1600 * MS);
    assert_int_equal(cw_restart_budget_take(&b, 60 * S + 1, &start), CW_ERR_FULL);
    assert_int_equal(cw_restart_budget_take(&b, 61 * S, &start), CW_OK);
}

static void test_rare_deaths_never_spend_it(void **state)
{
    struct cw_restart_budget b = {0};
    uint64_t start = 0;
    (void)state;
    for (uint64_t i = 1; i < 1000; i++) {
        assert_int_equal(cw_restart_budget_take(&b, i * CW_RESTART_WINDOW_NS, &start), CW_OK);
        assert_int_equal(start - i * CW_RESTART_WINDOW_NS, 100 * MS);
        assert_int_equal(b.count, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delay_doubles_inside_the_window),
        cmocka_unit_test(test_sixth_death_within_a_minute_is_refused),
        cmocka_unit_test(test_window_slides),
        cmocka_unit_test(test_rare_deaths_never_spend_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
