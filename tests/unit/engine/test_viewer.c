/* SPDX-License-Identifier: Apache-2.0 */
/* engine/viewer.h and rendition.h by tables: every transition, when a viewer falls, goes down and comes back, when
 * a sync is asked for, and whose acknowledgements the source hears. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/rendition.h"
#include "engine/viewer.h"

#define MS UINT64_C(1000000)
enum { FULL = CW_RENDITION_FULL, REDUCED = CW_RENDITION_REDUCED, KEY = 1, UPDATE = 0 };
static const uint64_t start_ns = UINT64_C(1000000000000);

/* ---- what begins for whom ------------------------------------------------------------------------ */

static void messages_that_begin(void **state)
{
    (void)state;
    static const struct {
        uint8_t sync, has, wants, rendition, is_keyframe;
        uint8_t takes, sync_after, has_after, is_switch;
    } cases[] = {
        /* In sync: updates of its rendition, no keyframes. */
        {CW_VIEWER_IN, FULL, FULL, FULL, UPDATE, 1, CW_VIEWER_IN, FULL, 0},
        {CW_VIEWER_IN, FULL, FULL, FULL, KEY, 0, CW_VIEWER_IN, FULL, 0},
        {CW_VIEWER_IN, FULL, FULL, REDUCED, UPDATE, 0, CW_VIEWER_IN, FULL, 0},
        {CW_VIEWER_IN, FULL, FULL, REDUCED, KEY, 0, CW_VIEWER_IN, FULL, 0},
        {CW_VIEWER_IN, REDUCED, REDUCED, REDUCED, UPDATE, 1, CW_VIEWER_IN, REDUCED, 0},
        {CW_VIEWER_IN, REDUCED, REDUCED, FULL, UPDATE, 0, CW_VIEWER_IN, REDUCED, 0},
        {CW_VIEWER_IN, REDUCED, REDUCED, FULL, KEY, 0, CW_VIEWER_IN, REDUCED, 0},
        /* Out of sync: the keyframe of the rendition it wants, nothing else. */
        {CW_VIEWER_OUT, FULL, FULL, FULL, UPDATE, 0, CW_VIEWER_OUT, FULL, 0},
        {CW_VIEWER_OUT, FULL, FULL, FULL, KEY, 1, CW_VIEWER_JOINING, FULL, 0},
        {CW_VIEWER_OUT, FULL, FULL, REDUCED, KEY, 0, CW_VIEWER_OUT, FULL, 0},
        {CW_VIEWER_OUT, FULL, REDUCED, FULL, KEY, 0, CW_VIEWER_OUT, FULL, 0},
        {CW_VIEWER_OUT, FULL, REDUCED, REDUCED, KEY, 1, CW_VIEWER_JOINING, REDUCED, 1},
        {CW_VIEWER_OUT, REDUCED, FULL, FULL, KEY, 1, CW_VIEWER_JOINING, FULL, 1},
        /* In sync on one and going to the other: it stays until that one's keyframe. */
        {CW_VIEWER_IN, FULL, REDUCED, FULL, UPDATE, 1, CW_VIEWER_IN, FULL, 0},
        {CW_VIEWER_IN, FULL, REDUCED, REDUCED, UPDATE, 0, CW_VIEWER_IN, FULL, 0},
        {CW_VIEWER_IN, FULL, REDUCED, REDUCED, KEY, 1, CW_VIEWER_JOINING, REDUCED, 1},
        {CW_VIEWER_IN, REDUCED, FULL, REDUCED, UPDATE, 1, CW_VIEWER_IN, REDUCED, 0},
        {CW_VIEWER_IN, REDUCED, FULL, FULL, KEY, 1, CW_VIEWER_JOINING, FULL, 1},
        /* Blocked: nothing at all. */
        {CW_VIEWER_BLOCKED, FULL, FULL, FULL, UPDATE, 0, CW_VIEWER_BLOCKED, FULL, 0},
        {CW_VIEWER_BLOCKED, FULL, FULL, FULL, KEY, 0, CW_VIEWER_BLOCKED, FULL, 0},
        {CW_VIEWER_BLOCKED, FULL, REDUCED, REDUCED, KEY, 0, CW_VIEWER_BLOCKED, FULL, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cw_viewer v;
        bool is_switch = true;
        cw_viewer_init(&v);
        v.sync = cases[i].sync;
        v.rendition = cases[i].has;
        v.wanted = cases[i].wants;
        bool takes = cw_viewer_begin(&v, cases[i].rendition, cases[i].is_keyframe != 0, &is_switch);
        if (takes != cases[i].takes || v.takes_screen != takes || v.sync != cases[i].sync_after ||
            v.rendition != cases[i].has_after || is_switch != cases[i].is_switch ||
            v.reset_is_due != is_switch)
            fail_msg("case %zu", i);
        cw_viewer_end(&v);
        assert_false(v.takes_screen);
        assert_int_equal(v.sync, cases[i].sync_after == CW_VIEWER_JOINING ? CW_VIEWER_IN
                                                                          : cases[i].sync_after);
    }
}

static void falls_and_drains(void **state)
{
    (void)state;
    struct cw_viewer v;
    bool is_switch;
    cw_viewer_init(&v);
    assert_int_equal(v.sync, CW_VIEWER_OUT);
    assert_true(cw_viewer_needs(&v, FULL));
    assert_false(cw_viewer_needs(&v, REDUCED));
    assert_true(cw_viewer_begin(&v, FULL, true, &is_switch));
    assert_false(cw_viewer_needs(&v, FULL));
    cw_viewer_fall(&v, true, start_ns); /* while joining */
    assert_int_equal(v.sync, CW_VIEWER_BLOCKED);
    assert_false(cw_viewer_needs(&v, FULL));
    cw_viewer_end(&v); /* the rest of the keyframe came: it does not make it in sync */
    assert_int_equal(v.sync, CW_VIEWER_BLOCKED);
    cw_viewer_drained(&v);
    assert_int_equal(v.sync, CW_VIEWER_OUT);
    assert_true(cw_viewer_needs(&v, FULL));
    cw_viewer_fall(&v, false, start_ns);
    assert_int_equal(v.sync, CW_VIEWER_OUT);
    v.sync = CW_VIEWER_IN;
    cw_viewer_restart(&v, false);
    assert_int_equal(v.sync, CW_VIEWER_OUT);
    cw_viewer_restart(&v, true);
    assert_int_equal(v.sync, CW_VIEWER_BLOCKED);
}

/* ---- when it falls ------------------------------------------------------------------------------- */

static void looks(void **state)
{
    (void)state;
    enum { PICTURE = 100000, MOST = 1000000 };
    static const struct {
        uint8_t sync;
        uint32_t age_ms, silent_ms, bytes;
        bool falls;
    } cases[] = {
        {CW_VIEWER_IN, 0, 0, 20000, false},
        {CW_VIEWER_IN, 999, 0, MOST, false},
        {CW_VIEWER_IN, 0, 0, MOST + 1, true}, /* memory has a bound whatever the time */
        {CW_VIEWER_JOINING, 0, 0, MOST + 1, true},
        {CW_VIEWER_IN, 1000, 999, 2 * PICTURE, false},    /* slow, and cheaper than a new picture */
        {CW_VIEWER_IN, 1000, 0, 2 * PICTURE + 1, true},   /* slow, and dearer */
        {CW_VIEWER_IN, 999, 999, 2 * PICTURE + 1, false}, /* a burst on its way */
        {CW_VIEWER_IN, 1000, 1000, 1, true},              /* stalled, however little waits */
        {CW_VIEWER_IN, 999, 5000, 1, false},              /* what waits is young */
        {CW_VIEWER_JOINING, 1000, 1000, PICTURE, true},
        {CW_VIEWER_JOINING, 9000, 0, 2 * PICTURE, false},
        {CW_VIEWER_OUT, 9000, 9000, MOST + 1, false}, /* it is out already */
        {CW_VIEWER_BLOCKED, 9000, 9000, MOST + 1, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cw_viewer v;
        cw_viewer_init(&v);
        v.sync = cases[i].sync;
        struct cw_viewer_look look = {.now_ns = start_ns,
                                      .oldest_ns = start_ns - cases[i].age_ms * MS,
                                      .progress_ns = start_ns - cases[i].silent_ms * MS,
                                      .bytes = cases[i].bytes,
                                      .bytes_max = MOST,
                                      .picture_bytes = PICTURE};
        if (cw_viewer_look(&v, &look) != cases[i].falls)
            fail_msg("case %zu", i);
    }
}

/* ---- down and up --------------------------------------------------------------------------------- */

static void falls_often(void **state)
{
    (void)state;
    static const struct {
        uint32_t at_ms[4];
        unsigned count;
        bool is_slow;
    } cases[] = {
        {{0}, 1, false},
        {{0, 10}, 2, false},
        {{0, 10, 20}, 3, true},
        {{0, 10, 29999}, 3, true},
        {{0, 10, 30000}, 3, false}, /* another half minute has begun */
        {{0, 29999, 30000, 30001}, 4, false},
        {{0, 31000, 31001, 31002}, 4, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cw_viewer v;
        cw_viewer_init(&v);
        uint64_t now_ns = start_ns;
        for (unsigned k = 0; k < cases[i].count; k++) {
            now_ns = start_ns + cases[i].at_ms[k] * MS;
            cw_viewer_fall(&v, false, now_ns);
        }
        if (cw_viewer_is_slow(&v, now_ns) != cases[i].is_slow)
            fail_msg("case %zu", i);
        cw_viewer_reduce(&v, now_ns);
        assert_false(cw_viewer_is_slow(&v, now_ns)); /* there is nothing smaller */
    }
}

static bool look_at(struct cw_viewer *v, uint64_t now_ns, uint64_t oldest_ns)
{
    struct cw_viewer_look look = {.now_ns = now_ns,
                                  .oldest_ns = oldest_ns,
                                  .progress_ns = now_ns,
                                  .bytes = 1000,
                                  .bytes_max = 1000000,
                                  .picture_bytes = 100000};
    return cw_viewer_look(v, &look);
}

static void never_catches_up(void **state)
{
    (void)state;
    struct cw_viewer v;
    cw_viewer_init(&v);
    v.sync = CW_VIEWER_IN;
    /* Always 1.5 s behind, never out of sync. */
    for (unsigned ms = 1500; ms < 5000; ms += 100) {
        assert_false(look_at(&v, start_ns + ms * MS, start_ns + (ms - 1500) * MS));
        assert_false(cw_viewer_is_slow(&v, start_ns + ms * MS));
    }
    assert_false(look_at(&v, start_ns + 5000 * MS, start_ns + 3500 * MS));
    assert_true(cw_viewer_is_slow(&v, start_ns + 5000 * MS));
    /* One moment without anything waiting, and the time begins anew. */
    assert_false(look_at(&v, start_ns + 5100 * MS, start_ns + 5100 * MS));
    assert_false(cw_viewer_is_slow(&v, start_ns + 5100 * MS));
    assert_false(look_at(&v, start_ns + 6200 * MS, start_ns + 5200 * MS));
    assert_false(cw_viewer_is_slow(&v, start_ns + 10199 * MS));
    assert_true(cw_viewer_is_slow(&v, start_ns + 10200 * MS));
}

/* Reduced at now_ns, on the rendition at once: after how many seconds of calm it goes back. */
static unsigned seconds_until_back(struct cw_viewer *v, uint64_t *now_ns)
{
    bool is_switch;
    cw_viewer_reduce(v, *now_ns);
    v->sync = CW_VIEWER_OUT;
    assert_true(cw_viewer_begin(v, REDUCED, true, &is_switch) && is_switch);
    cw_viewer_end(v);
    for (unsigned s = 1; s < 1000; s++) {
        *now_ns += 1000 * MS;
        if (cw_viewer_review(v, true, *now_ns)) {
            assert_int_equal(v->wanted, FULL);
            assert_true(cw_viewer_begin(v, FULL, true, &is_switch) && is_switch);
            cw_viewer_end(v);
            return s;
        }
    }
    fail();
    return 0;
}

static void comes_back_later_each_time(void **state)
{
    (void)state;
    static const unsigned wanted_s[] = {10, 20, 40, 80, 160, 320, 320};
    struct cw_viewer v;
    uint64_t now_ns = start_ns;
    cw_viewer_init(&v);
    for (size_t i = 0; i < sizeof wanted_s / sizeof wanted_s[0]; i++)
        assert_int_equal(seconds_until_back(&v, &now_ns), wanted_s[i]);
    now_ns += (CW_VIEWER_RETURNS_MS - 1) * MS;
    assert_int_equal(seconds_until_back(&v, &now_ns), 320);
    now_ns += CW_VIEWER_RETURNS_MS * MS; /* five good minutes */
    assert_int_equal(seconds_until_back(&v, &now_ns), 10);
}

static void is_not_calm(void **state)
{
    (void)state;
    struct cw_viewer v;
    uint64_t now_ns = start_ns;
    cw_viewer_init(&v);
    cw_viewer_reduce(&v, now_ns);
    assert_false(cw_viewer_review(&v, true, now_ns + 60000 * MS)); /* not on it yet */
    v.rendition = REDUCED;
    v.sync = CW_VIEWER_IN;
    for (unsigned s = 0; s < 9; s++)
        assert_false(cw_viewer_review(&v, true, now_ns += 1000 * MS));
    assert_false(cw_viewer_review(&v, false, now_ns += 1000 * MS)); /* something waits */
    for (unsigned s = 0; s < 9; s++)
        assert_false(cw_viewer_review(&v, true, now_ns += 1000 * MS));
    assert_false(look_at(&v, now_ns + 500 * MS, now_ns)); /* so it does between two reviews */
    assert_false(cw_viewer_review(&v, true, now_ns += 1000 * MS));
    /* It shows late what the engine has long sent: that lies in buffers on the way. */
    cw_viewer_sent(&v, now_ns);
    cw_viewer_sent(&v, now_ns + 500 * MS);
    assert_false(cw_viewer_review(&v, true, now_ns += 9000 * MS));
    cw_viewer_shown(&v, true, now_ns);
    assert_false(cw_viewer_review(&v, true, now_ns += 9999 * MS));
    cw_viewer_sent(&v, now_ns);
    cw_viewer_shown(&v, false, now_ns + 999 * MS); /* one of several, in time */
    cw_viewer_shown(&v, true, now_ns + 2000 * MS); /* too late again */
    assert_false(cw_viewer_review(&v, true, now_ns += 11999 * MS));
    v.sync = CW_VIEWER_OUT;
    assert_false(cw_viewer_review(&v, true, now_ns += 60000 * MS));
    v.sync = CW_VIEWER_IN;
    assert_true(cw_viewer_review(&v, true, now_ns += 10000 * MS));
    assert_false(cw_viewer_review(&v, true, now_ns += 10000 * MS)); /* once */
}

/* ---- syncs --------------------------------------------------------------------------------------- */

static struct cw_frame frame_of(uint8_t flags)
{
    return (struct cw_frame){.type = CW_MESSAGE_SCREEN_UPDATE, .flags = flags};
}

static void update(struct cw_rendition *r, uint8_t flags, uint64_t now_ns)
{
    struct cw_frame f = frame_of(flags | CW_FLAG_FIRST | CW_FLAG_LAST);
    cw_rendition_on_update(r, &f, 1000, now_ns);
}

static void syncs_are_merged(void **state)
{
    (void)state;
    const uint64_t interval_ns = 500 * MS;
    struct cw_rendition r;
    unsigned sent = 0;
    cw_rendition_init(&r);
    /* For ten seconds somebody needs one every 10 ms, and the source answers at once. */
    for (unsigned ms = 0; ms < 10000; ms += 10) {
        if (cw_rendition_sync(&r, interval_ns, start_ns + ms * MS)) {
            sent++;
            update(&r, CW_FLAG_KEYFRAME, start_ns + ms * MS);
        } else {
            assert_true(r.sync_look_ns <= start_ns + ms * MS + interval_ns);
        }
    }
    assert_int_equal(sent, 20);
    /* A source that does not answer is not asked again before the retry. */
    uint64_t now_ns = start_ns + 20000 * MS;
    assert_true(cw_rendition_sync(&r, interval_ns, now_ns));
    assert_false(cw_rendition_sync(&r, interval_ns, now_ns + 1900 * MS));
    assert_int_equal(r.sync_look_ns, now_ns + CW_RELAY_SYNC_RETRY_MS * MS);
}

/* ---- acknowledgements ---------------------------------------------------------------------------- */

static struct cw_rendition begun(uint32_t number)
{
    static struct cw_frame_buffer reset_frame;
    struct cw_screen_reset reset = {.update = number};
    struct cw_rendition r;
    cw_rendition_init(&r);
    r.reset = &reset_frame;
    cw_rendition_on_reset(&r, &reset, start_ns);
    update(&r, CW_FLAG_KEYFRAME, start_ns);
    return r;
}

static void what_was_not_sent_is_not_heard(void **state)
{
    (void)state;
    static const struct {
        uint32_t base, updates, ack;
        bool is_heard;
    } cases[] = {
        {41, 0, 41, true},
        {41, 0, 40, false},
        {41, 0, 42, false},
        {41, 3, 44, true},
        {41, 3, 42, true},
        {41, 3, 45, false},
        {41, 3, 41U + 0x7fffffff, false},
        {0, 0, 0, true},
        {0, 0, 0xffffffff, false},
        {0xffffffff, 2, 1, true},
        {0xffffffff, 2, 2, false},
        {0xffffffff, 2, 0xffffffff, true},
        {0xffffffff, 2, 0xfffffffe, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cw_rendition r = begun(cases[i].base);
        uint32_t told = 0;
        for (uint32_t k = 0; k < cases[i].updates; k++)
            update(&r, 0, start_ns);
        bool is_heard = cw_rendition_ack(&r, cases[i].ack, true, true, start_ns, &told);
        if (is_heard != cases[i].is_heard || (is_heard && told != cases[i].ack))
            fail_msg("case %zu", i);
        assert_false(cw_rendition_ack(&r, cases[i].ack, true, true, start_ns, &told)); /* once */
    }
    struct cw_rendition none;
    uint32_t told = 0;
    cw_rendition_init(&none);
    assert_false(cw_rendition_ack(&none, 0, true, true, start_ns, &told));
}

static void who_controls_sets_the_pace(void **state)
{
    (void)state;
    struct cw_rendition r = begun(10);
    uint32_t told = 0;
    /* An observer is not heard while those in control have time left. */
    assert_false(cw_rendition_ack(&r, 10, false, true, start_ns + 20 * MS, &told));
    assert_int_equal(r.ack_look_ns, start_ns + CW_RELAY_ACK_STALE_MS * MS);
    assert_false(cw_rendition_ack_due(&r, start_ns + 499 * MS, &told));
    assert_true(cw_rendition_ack(&r, 10, true, true, start_ns + 499 * MS, &told));
    assert_int_equal(r.ack_look_ns, UINT64_MAX);
    assert_false(cw_rendition_ack_due(&r, start_ns + 999 * MS, &told)); /* nothing is owed */
    /* Those in control are silent: after half a second everybody is heard, and at once from then on. */
    uint64_t now_ns = start_ns + 60000 * MS;
    update(&r, 0, now_ns);
    assert_false(cw_rendition_ack(&r, 11, false, true, now_ns, &told));
    assert_true(cw_rendition_ack_due(&r, now_ns + 500 * MS, &told));
    assert_int_equal(told, 11);
    now_ns += 510 * MS;
    for (uint32_t number = 12; number < 20; number++) {
        update(&r, 0, now_ns);
        assert_true(cw_rendition_ack(&r, number, false, true, now_ns, &told));
        assert_int_equal(told, number);
    }
    /* One of them that lags sets no pace; once it keeps up it does again. */
    assert_false(cw_rendition_ack(&r, 12, true, true, now_ns, &told));
    update(&r, 0, now_ns);
    assert_true(cw_rendition_ack(&r, 20, false, true, now_ns, &told));
    assert_false(cw_rendition_ack(&r, 20, true, true, now_ns, &told));
    update(&r, 0, now_ns);
    assert_false(cw_rendition_ack(&r, 21, false, true, now_ns, &told));
    assert_true(cw_rendition_ack(&r, 21, true, true, now_ns, &told));
    /* With nobody in control the fastest is followed. */
    update(&r, 0, now_ns);
    assert_true(cw_rendition_ack(&r, 22, false, false, now_ns, &told));
}

static void what_a_picture_costs(void **state)
{
    (void)state;
    struct cw_rendition r = begun(1);
    assert_int_equal(cw_rendition_picture_bytes(&r),
                     CW_RELAY_BULK_BATCH_BYTES); /* at least a batch */
    struct cw_frame f = frame_of(CW_FLAG_FIRST);
    cw_rendition_on_update(&r, &f, 60000, start_ns);
    f = frame_of(0);
    cw_rendition_on_update(&r, &f, 60000, start_ns);
    assert_int_equal(cw_rendition_picture_bytes(&r), 120000); /* a large update counts at once */
    f = frame_of(CW_FLAG_FIRST | CW_FLAG_LAST | CW_FLAG_KEYFRAME);
    cw_rendition_on_update(&r, &f, 80000, start_ns);
    assert_int_equal(cw_rendition_picture_bytes(&r),
                     80000); /* until a keyframe says what it costs now */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_that_begin),
        cmocka_unit_test(falls_and_drains),
        cmocka_unit_test(looks),
        cmocka_unit_test(falls_often),
        cmocka_unit_test(never_catches_up),
        cmocka_unit_test(comes_back_later_each_time),
        cmocka_unit_test(is_not_calm),
        cmocka_unit_test(syncs_are_merged),
        cmocka_unit_test(what_was_not_sent_is_not_heard),
        cmocka_unit_test(who_controls_sets_the_pace),
        cmocka_unit_test(what_a_picture_costs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
