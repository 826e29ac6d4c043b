/* SPDX-License-Identifier: Apache-2.0 */
/* The rate control against a simulated link: steps of its rate, jitter, lost acknowledgements. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "clients/agent/rate.h"

enum { MS = 1000000 };

/* A queue of one server, behind a delay; an update is acknowledged when its last byte was shown. */
struct link {
    struct cw_rate rate;
    uint64_t now_ns, free_ns;
    uint64_t bytes_per_s, delay_ns, jitter_ns;
    uint32_t update;
    uint32_t lost_of_100; /* acknowledgements */
    uint64_t seed;
    uint64_t worst_ns; /* from sending to showing */
};

static uint32_t next_random(struct link *l)
{
    l->seed = l->seed * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(l->seed >> 33);
}

/* Sends updates of what the budget says, one after another, each when the one before is acknowledged. */
static void run(struct link *l, unsigned updates)
{
    l->worst_ns = 0;
    for (unsigned i = 0; i < updates; i++) {
        size_t bytes = cw_rate_budget(&l->rate);
        uint64_t sent_ns = l->now_ns;
        cw_rate_sent(&l->rate, ++l->update, bytes, sent_ns);
        uint64_t start_ns = sent_ns > l->free_ns ? sent_ns : l->free_ns;
        l->free_ns = start_ns + bytes * 1000000000 / l->bytes_per_s;
        uint64_t shown_ns = l->free_ns + l->delay_ns / 2;
        uint64_t acked_ns = shown_ns + l->delay_ns / 2;
        if (l->jitter_ns != 0)
            acked_ns += next_random(l) % l->jitter_ns;
        l->worst_ns = shown_ns - sent_ns > l->worst_ns ? shown_ns - sent_ns : l->worst_ns;
        l->now_ns = acked_ns;
        if (next_random(l) % 100 >= l->lost_of_100)
            cw_rate_acked(&l->rate, l->update, l->now_ns);
    }
}

static struct link link_of(uint64_t bytes_per_s, uint64_t delay_ms)
{
    return (struct link){.now_ns = (uint64_t)1000 * MS,
                         .bytes_per_s = bytes_per_s,
                         .delay_ns = delay_ms * MS,
                         .seed = 7};
}

static void assert_near(size_t budget, uint64_t bytes_per_s)
{
    assert_in_range(budget, bytes_per_s / 20 / 3, bytes_per_s / 20 * 3);
}

static void test_learns_steady_links(void **state)
{
    (void)state;
    static const uint64_t rates[] = {250000, 2500000, 12500000};
    for (unsigned i = 0; i < 3; i++)
        for (uint64_t delay_ms = 1; delay_ms <= 100; delay_ms += 33) {
            struct link l = link_of(rates[i], delay_ms);
            run(&l, 40);
            assert_near(cw_rate_budget(&l.rate), rates[i]);
        }
}

static void test_follows_steps(void **state)
{
    (void)state;
    struct link l = link_of(12500000, 20);
    run(&l, 40);
    l.bytes_per_s = 625000;
    run(&l, 12);
    assert_near(cw_rate_budget(&l.rate), 625000);
    /* Once it knows, nothing waits long. */
    run(&l, 40);
    assert_true(l.worst_ns < (uint64_t)200 * MS);
    l.bytes_per_s = 12500000;
    run(&l, 120);
    assert_near(cw_rate_budget(&l.rate), 12500000);
}

static void test_bears_jitter_and_losses(void **state)
{
    (void)state;
    struct link l = link_of(2500000, 30);
    l.jitter_ns = (uint64_t)15 * MS;
    l.lost_of_100 = 20;
    run(&l, 200);
    assert_in_range(cw_rate_budget(&l.rate), 2500000 / 20 / 4, 2500000 / 20 * 3);
    l.lost_of_100 = 100; /* a silent viewer: nothing is learnt, nothing grows without bound */
    size_t before = cw_rate_budget(&l.rate);
    run(&l, 100);
    assert_int_equal(cw_rate_budget(&l.rate), before);
    assert_int_equal(l.rate.count, CW_RATE_SENT_MAX);
    assert_false(cw_rate_is_idle(&l.rate));
    cw_rate_acked(&l.rate, l.update, l.now_ns);
    assert_true(cw_rate_is_idle(&l.rate));
}

static void test_has_bounds(void **state)
{
    (void)state;
    struct link slow = link_of(3000, 200);
    struct cw_rate fresh = {0};
    assert_int_equal(cw_rate_budget(&fresh), CW_RATE_BUDGET_FIRST);
    assert_true(cw_rate_is_idle(&fresh));
    run(&slow, 20);
    assert_int_equal(cw_rate_budget(&slow.rate), CW_RATE_BUDGET_MIN);
    struct link fast = link_of(UINT64_C(4000000000), 1);
    run(&fast, 100);
    assert_in_range(cw_rate_budget(&fast.rate), 1 << 20, CW_RATE_BUDGET_MAX);
    /* What was never sent, and what was acknowledged before, changes nothing. */
    size_t before = cw_rate_budget(&fast.rate);
    cw_rate_acked(&fast.rate, fast.update - 3, fast.now_ns + 5);
    assert_int_equal(cw_rate_budget(&fast.rate), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_learns_steady_links),
        cmocka_unit_test(test_follows_steps),
        cmocka_unit_test(test_bears_jitter_and_losses),
        cmocka_unit_test(test_has_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
