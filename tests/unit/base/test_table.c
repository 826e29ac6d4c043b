/* SPDX-License-Identifier: Apache-2.0 */
/* engine/base/{table,pool,timer}.h against simple models. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/mman.h>

#include "engine/base/err.h"
#include "engine/base/pool.h"
#include "engine/base/table.h"
#include "engine/base/timer.h"

static uint64_t random_state = 88172645463325252ULL;

static uint64_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* 100,000 operations on few keys, so that runs form and are cut in the middle. */
static void test_table_against_array(void **state)
{
    (void)state;
    enum { KEYS = 64 };
    static char values[KEYS];
    void *model[KEYS] = {0};
    struct cw_table t;
    unsigned used = 0;
    assert_int_equal(cw_table_init(&t, 40), 0);
    for (unsigned i = 0; i < 100000; i++) {
        unsigned key = (unsigned)(next_random() % KEYS);
        if (next_random() % 2 == 0) {
            int expected = model[key] != NULL ? CW_ERR_CONFLICT : used == 40 ? CW_ERR_FULL : CW_OK;
            assert_int_equal(cw_table_put(&t, key, &values[key]), expected);
            if (expected == CW_OK) {
                model[key] = &values[key];
                used++;
            }
        } else {
            assert_ptr_equal(cw_table_remove(&t, key), model[key]);
            used -= model[key] != NULL;
            model[key] = NULL;
        }
        unsigned other = (unsigned)(next_random() % KEYS);
        assert_ptr_equal(cw_table_get(&t, other), model[other]);
        assert_int_equal(t.used, used);
    }
    cw_table_fini(&t);
}

static void test_pool(void **state)
{
    (void)state;
    struct cw_pool p;
    void *items[10];
    assert_int_equal(cw_pool_init(&p, 100, 10), 0);
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 10; i++) {
            items[i] = cw_pool_take(&p);
            assert_non_null(items[i]);
            assert_int_equal((uintptr_t)items[i] % 16, 0);
            memset(items[i], (int)i, 100);
        }
        assert_null(cw_pool_take(&p));
        for (unsigned i = 0; i < 10; i++) {
            assert_int_equal(((uint8_t *)items[i])[99], i);
            cw_pool_give(&p, items[i]);
        }
        assert_int_equal(p.used, 0);
    }
    cw_pool_fini(&p);
}

/* Doubling keeps every entry, and few entries touch few pages. */
static void test_table_grows(void **state)
{
    (void)state;
    enum { ENTRIES = 20000 };
    static char values[ENTRIES];
    struct cw_table t;
    assert_int_equal(cw_table_init(&t, ENTRIES), 0);
    uint32_t least = t.mask + 1;
    for (unsigned i = 0; i < ENTRIES; i++) {
        assert_int_equal(cw_table_put(&t, i * UINT64_C(0x100000001), &values[i]), CW_OK);
        assert_true(t.used <= (t.mask + 1) / 4 * 3);
        assert_true(t.mask + 1 == least || t.used > (t.mask + 1) / 4);
    }
    assert_int_equal(cw_table_put(&t, UINT64_MAX, values), CW_ERR_FULL);
    for (unsigned i = 0; i < ENTRIES; i++)
        assert_ptr_equal(cw_table_remove(&t, i * UINT64_C(0x100000001)), &values[i]);
    assert_int_equal(t.used, 0);
    cw_table_fini(&t);
}

/* Random takes and returns: no item is given twice, and items come from the lowest segments. */
static void test_pool_against_array(void **state)
{
    (void)state;
    enum { ITEMS = 5000, BYTES = 1000 };
    static uint32_t *items[ITEMS];
    struct cw_pool p;
    uint32_t used = 0;
    assert_int_equal(cw_pool_init(&p, BYTES, ITEMS), 0);
    assert_true(p.segment_count > 4);
    for (unsigned i = 0; i < 200000; i++) {
        /* It swings between full and empty. */
        bool takes = next_random() % 8 < (i / 20000 % 2 == 0 ? 6 : 2);
        if (takes && used < ITEMS) {
            items[used] = cw_pool_take(&p);
            assert_non_null(items[used]);
            *items[used] = used;
            used++;
        } else if (!takes && used > 0) {
            uint32_t at = (uint32_t)(next_random() % used);
            assert_int_equal(*items[at], at);
            cw_pool_give(&p, items[at]);
            items[at] = items[--used];
            if (at < used)
                *items[at] = at;
        }
        assert_int_equal(p.used, used);
        if (i % 10000 == 0)
            cw_pool_trim(&p);
    }
    while (used > 0)
        cw_pool_give(&p, items[--used]);
    uint8_t *first = cw_pool_take(&p);
    assert_true(first < p.memory + ((size_t)1 << p.segment_shift));
    cw_pool_give(&p, first);
    cw_pool_fini(&p);
}

static size_t resident_bytes(const struct cw_pool *p)
{
    static unsigned char pages[65536];
    size_t size = (size_t)p->segment_count << p->segment_shift;
    size_t bytes = 0;
    assert_true(size / 4096 <= sizeof pages);
    assert_int_equal(mincore(p->memory, size, pages), 0);
    for (size_t i = 0; i < size / 4096; i++)
        bytes += (pages[i] & 1) * (size_t)4096;
    return bytes;
}

/* After a peak the pages go back to the kernel, also while something from the beginning is still in use. */
static void test_pool_gives_memory_back(void **state)
{
    (void)state;
    enum { ITEMS = 3000, BYTES = 16400 };
    static void *items[ITEMS];
    struct cw_pool p;
    assert_int_equal(cw_pool_init(&p, BYTES, ITEMS), 0);
    assert_int_equal(resident_bytes(&p), 0);
    for (unsigned i = 0; i < ITEMS; i++) {
        items[i] = cw_pool_take(&p);
        memset(items[i], 1, BYTES);
    }
    assert_true(resident_bytes(&p) >= (size_t)ITEMS * BYTES);
    for (unsigned i = ITEMS - 1; i > 0; i--)
        cw_pool_give(&p, items[i]);
    assert_true(resident_bytes(&p) >= (size_t)ITEMS * BYTES);
    cw_pool_trim(&p); /* it was in use since the last one */
    assert_true(resident_bytes(&p) >= (size_t)ITEMS * BYTES);
    for (unsigned i = 0; i < 20; i++)
        cw_pool_trim(&p);
    assert_true(resident_bytes(&p) <= (size_t)2 << p.segment_shift);
    assert_int_equal(*(uint8_t *)items[0], 1);
    cw_pool_give(&p, items[0]);
    cw_pool_fini(&p);
}

static struct cw_timers timers;

/* Never early, at most a tick late, each once; also over several turns of the wheel. */
static void test_timers(void **state)
{
    (void)state;
    enum { TIMERS = 500 };
    static struct cw_timer all[TIMERS];
    static bool has_fired[TIMERS];
    static uint64_t deadline_ns[TIMERS];
    const uint64_t start_ns = 123456789;
    const uint64_t range_ns = UINT64_C(100000000000); /* 100 s: three turns */
    cw_timers_init(&timers, start_ns);
    assert_true(cw_timers_next_ns(&timers) == UINT64_MAX);
    for (unsigned i = 0; i < TIMERS; i++) {
        cw_timer_init(&all[i], i);
        deadline_ns[i] = start_ns + next_random() % range_ns;
        cw_timer_set(&timers, &all[i], deadline_ns[i]);
    }
    for (unsigned i = 0; i < TIMERS; i += 7) {
        cw_timer_stop(&all[i]);
        assert_false(cw_timer_is_set(&all[i]));
    }
    uint64_t now_ns = start_ns;
    while (now_ns < start_ns + range_ns + CW_TIMER_TICK_NS) {
        uint64_t next_ns = cw_timers_next_ns(&timers);
        if (next_ns == UINT64_MAX)
            break;
        assert_true(next_ns >= now_ns - CW_TIMER_TICK_NS);
        now_ns = next_ns > now_ns ? next_ns : now_ns + 1;
        for (struct cw_timer *t = cw_timers_due(&timers, now_ns); t != NULL;
             t = cw_timers_due(&timers, now_ns)) {
            assert_true(deadline_ns[t->kind] <= now_ns);
            assert_true(now_ns - deadline_ns[t->kind] <= CW_TIMER_TICK_NS);
            assert_false(has_fired[t->kind]);
            has_fired[t->kind] = true;
        }
    }
    for (unsigned i = 0; i < TIMERS; i++)
        assert_int_equal(has_fired[i], i % 7 != 0);
}

static void test_timer_in_the_past(void **state)
{
    (void)state;
    struct cw_timer t;
    cw_timers_init(&timers, UINT64_C(5000000000));
    cw_timer_init(&t, 1);
    cw_timer_set(&timers, &t, 1);
    assert_ptr_equal(cw_timers_due(&timers, UINT64_C(5000000000)), &t);
    /* A clock that jumps further than the wheel still finds everything. */
    cw_timer_set(&timers, &t, UINT64_C(6000000000));
    assert_ptr_equal(cw_timers_due(&timers, UINT64_C(500000000000)), &t);
    assert_null(cw_timers_due(&timers, UINT64_C(500000000000)));
}

static void test_timer_left(void **state)
{
    (void)state;
    struct cw_timer t;
    const uint64_t now_ns = UINT64_C(5000000000);
    cw_timers_init(&timers, now_ns);
    cw_timer_init(&t, 1);
    cw_timer_set(&timers, &t, now_ns + UINT64_C(15000000000));
    assert_in_range(cw_timer_left_ns(&t, now_ns), UINT64_C(15000000000),
                    UINT64_C(15000000000) + 2 * CW_TIMER_TICK_NS);
    assert_int_equal(cw_timer_left_ns(&t, now_ns + UINT64_C(16000000000)), 0);
    /* A bound that turned out to be too early costs one look, and is then forgotten. */
    cw_timer_stop(&t);
    uint64_t next_ns = cw_timers_next_ns(&timers);
    assert_true(next_ns < UINT64_MAX);
    assert_null(cw_timers_due(&timers, next_ns));
    assert_true(cw_timers_next_ns(&timers) == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_against_array),
        cmocka_unit_test(test_table_grows),
        cmocka_unit_test(test_pool),
        cmocka_unit_test(test_pool_against_array),
        cmocka_unit_test(test_pool_gives_memory_back),
        cmocka_unit_test(test_timers),
        cmocka_unit_test(test_timer_in_the_past),
        cmocka_unit_test(test_timer_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
