/* SPDX-License-Identifier: Apache-2.0 */
/* What the appliance tells a Jump Client, as values; and a new program's probation, start by start. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "clients/agent/order.h"
#include "clients/agent/probation.h"
#include "clients/agent/state.h"

static const uint64_t second = UINT64_C(1000000000);
static const uint8_t old_program[CW_PROGRAM_HASH_BYTES] = {1};
static const uint8_t new_program[CW_PROGRAM_HASH_BYTES] = {2};

static int parse(const char *text, struct cw_order *order)
{
    return cw_order_parse((const uint8_t *)text, strlen(text), order);
}

static void settings_are_taken_within_their_ranges(void **state)
{
    (void)state;
    struct cw_order o;
    uint64_t ns = 7;
    assert_int_equal(parse("{\"order\":\"settings\",\"statistics_s\":15,\"thumbnail_s\":0,"
                           "\"checkin_s\":29,\"awake_s\":604801,\"start_quietly\":false,"
                           "\"mode\":\"passive\",\"port\":65535,\"time_unix_ms\":1,"
                           "\"wake_number\":-5}",
                           &o),
                     0);
    assert_int_equal(o.kind, CW_ORDER_SETTINGS);
    assert_int_equal(o.settings.statistics_s, 15);
    assert_int_equal(o.settings.thumbnail_s, 0);
    assert_int_equal(o.settings.checkin_s, CW_ORDER_NONE);
    assert_int_equal(o.settings.awake_s, CW_ORDER_NONE);
    assert_int_equal(o.settings.is_quiet, 0);
    assert_true(o.settings.is_passive && o.settings.port == 65535);
    assert_int_equal(o.settings.wake_number, 0);
    assert_false(o.settings.has_control_key);
    cw_order_take_seconds(o.settings.awake_s, &ns);
    assert_int_equal(ns, 7);
    cw_order_take_seconds(o.settings.statistics_s, &ns);
    assert_int_equal(ns, 15 * second);
    /* Who is told to sleep, and not where or when, stays awake. */
    assert_int_equal(
        parse("{\"order\":\"settings\",\"mode\":\"passive\",\"port\":65536,\"time_unix_ms\":1}",
              &o),
        0);
    assert_false(o.settings.is_passive);
    assert_int_equal(parse("{\"order\":\"settings\",\"mode\":\"passive\",\"port\":4000}", &o), 0);
    assert_false(o.settings.is_passive);
}

static void nonsense_is_no_order(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "{}",
                                        "[]",
                                        "{\"order\":5}",
                                        "{\"order\":\"dance\"}",
                                        "{\"order\":\"uninstall\"",
                                        "{\"order\":\"settings\",\"order\":\"uninstall\"}"};
    struct cw_order o;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_not_equal(parse(texts[i], &o), 0);
    assert_int_equal(parse("{\"order\":\"uninstall\",\"more\":[1]}", &o), 0);
    assert_int_equal(o.kind, CW_ORDER_UNINSTALL);
    assert_int_equal(parse("{\"order\":\"upgrade\",\"size\":67108865}", &o), 0);
    assert_int_equal(o.kind, CW_ORDER_UPGRADE);
    assert_false(o.has_offer);
}

/* ---- probation --------------------------------------------------------------------------------- */

struct place {
    char dir[64];
    char program[96];
    char old[112];
};

static void write_file(const char *path, const char *text)
{
    assert_int_equal(cw_file_replace(path, text, strlen(text), 0600), 0);
}

static char first_of(const char *path)
{
    FILE *f = fopen(path, "re");
    const int first = f != NULL ? fgetc(f) : EOF;
    if (f != NULL)
        fclose(f);
    return (char)first;
}

static int set_up(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    snprintf(p->dir, sizeof p->dir, "/tmp/causeway-probation-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    snprintf(p->program, sizeof p->program, "%s/program", p->dir);
    snprintf(p->old, sizeof p->old, "%s.old", p->program);
    write_file(p->program, "new");
    write_file(p->old, "old");
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    struct place *p = *state;
    char path[160];
    snprintf(path, sizeof path, "%s/" CW_STATE_PROBATION_FILE, p->dir);
    (void)unlink(path);
    (void)unlink(p->program);
    (void)unlink(p->old);
    assert_int_equal(rmdir(p->dir), 0);
    free(p);
    return 0;
}

static bool start(struct place *place, struct cw_probation *p, const uint8_t *own)
{
    return cw_probation_start(p, place->dir, own, 1000 * second);
}

static void three_bad_starts_and_it_goes_back(void **state)
{
    struct place *place = *state;
    struct cw_probation p = {.state_dir = place->dir};
    assert_int_equal(cw_probation_prepare(&p, new_program), 0);
    for (int i = 0; i < CW_PROBATION_STARTS; i++) {
        assert_false(start(place, &p, new_program));
        assert_true(p.is_on);
        assert_false(cw_probation_process(&p, 1001 * second));
    }
    assert_true(start(place, &p, new_program));
    /* Without power before the old one is back: the same again. */
    assert_true(start(place, &p, new_program));
    assert_int_equal(cw_probation_go_back(&p, place->program), 0);
    assert_int_equal(first_of(place->program), 'o');
    /* The old one refuses it, once, whatever else it is ordered before, and over restarts. */
    assert_false(start(place, &p, old_program));
    assert_false(start(place, &p, old_program));
    assert_false(cw_probation_refuses(&p, old_program));
    assert_true(cw_probation_refuses(&p, new_program));
    assert_non_null(strstr(p.why, "ended 3 times"));
    assert_false(cw_probation_refuses(&p, new_program));
    assert_false(start(place, &p, old_program));
    assert_false(cw_probation_refuses(&p, new_program));
}

static void who_is_answered_and_lives_stays(void **state)
{
    struct place *place = *state;
    struct cw_probation p = {.state_dir = place->dir};
    assert_int_equal(cw_probation_prepare(&p, new_program), 0);
    assert_false(start(place, &p, new_program));
    cw_probation_answered(&p);
    assert_int_equal(cw_probation_due_ns(&p), (1000 + CW_PROBATION_S) * second);
    assert_false(cw_probation_process(&p, (1000 + CW_PROBATION_S) * second - 1));
    assert_true(p.is_on);
    assert_false(cw_probation_process(&p, (1000 + CW_PROBATION_S) * second));
    assert_false(p.is_on);
    assert_int_equal(cw_probation_due_ns(&p), UINT64_MAX);
    for (int i = 0; i < 2 * CW_PROBATION_STARTS; i++)
        assert_false(start(place, &p, new_program));
    assert_int_equal(first_of(place->program), 'n');
}

static void who_is_not_answered_goes_back(void **state)
{
    struct place *place = *state;
    struct cw_probation p = {.state_dir = place->dir};
    assert_int_equal(cw_probation_prepare(&p, new_program), 0);
    assert_false(start(place, &p, new_program));
    assert_false(cw_probation_process(&p, (1000 + CW_PROBATION_ANSWER_S) * second - 1));
    assert_true(cw_probation_process(&p, (1000 + CW_PROBATION_ANSWER_S) * second));
    /* Nothing to go back to: it goes on, and does not try again. */
    assert_int_equal(unlink(place->old), 0);
    assert_int_not_equal(cw_probation_go_back(&p, place->program), 0);
    assert_false(cw_probation_process(&p, UINT64_MAX));
    assert_int_equal(first_of(place->program), 'n');
}

static void one_that_never_came_is_forgotten(void **state)
{
    struct place *place = *state;
    struct cw_probation p = {.state_dir = place->dir};
    assert_int_equal(cw_probation_prepare(&p, new_program), 0);
    assert_false(start(place, &p, old_program));
    assert_false(p.is_on || p.has_failed);
    assert_false(start(place, &p, new_program));
    assert_false(p.is_on);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_are_taken_within_their_ranges),
        cmocka_unit_test(nonsense_is_no_order),
        CASE(three_bad_starts_and_it_goes_back),
        CASE(who_is_answered_and_lives_stays),
        CASE(who_is_not_answered_goes_back),
        CASE(one_that_never_came_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
