/* SPDX-License-Identifier: Apache-2.0 */
/* Time zones against the C library's, and schedules against a model that looks at every minute. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "control/policy/schedule.h"
#include "engine/base/err.h"

/* Whole and half hours, changes of half an hour, two names for summer, no summer, one that skipped a day; rules that
 * start before midnight, on days counted from the year's first, or that never change. */
static const char *const zones[] = {
    "Europe/Vienna",     "America/New_York", "Australia/Lord_Howe",
    "Africa/Casablanca", "Pacific/Apia",     "America/St_Johns",
    "Europe/Dublin",     "Africa/Cairo",     "Asia/Kathmandu",
    "America/Nuuk",      "Asia/Gaza",        "Antarctica/Troll",
    "Asia/Tehran",       "Pacific/Chatham",  "UTC",
    "America/Sao_Paulo", "Europe/Lisbon",    "Australia/Sydney",
    "America/Santiago",  "Etc/GMT+5",
};
enum { ZONES = sizeof zones / sizeof zones[0] };

static uint64_t seed = 1;

static unsigned pick(unsigned below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % below;
}

/* The library's clock is this test's model; the code under test never looks at TZ. */
static struct tm wall(int64_t unix_s)
{
    const time_t t = (time_t)unix_s;
    struct tm parts;

    assert_non_null(localtime_r(&t, &parts));
    return parts;
}

static void set_zone(const char *name)
{
    assert_int_equal(setenv("TZ", name, 1), 0);
    tzset();
}

static int64_t day_of(const struct tm *parts)
{
    return cw_date_to_days(parts->tm_year + INT64_C(1900), parts->tm_mon + 1, parts->tm_mday);
}

static void dates_and_days_agree(void **state)
{
    int64_t year = 0;
    int month = 0;
    int day = 0;

    (void)state;
    assert_int_equal(cw_date_to_days(1970, 1, 1), 0);
    assert_int_equal(cw_date_to_days(2024, 2, 29), 19782);
    assert_int_equal(cw_date_to_days(2024, 3, 1), 19783);
    for (int64_t days = -800000; days < 800000; days++) {
        cw_days_to_date(days, &year, &month, &day);
        assert_true(month >= 1 && month <= 12 && day >= 1 && day <= 31);
        assert_int_equal(cw_date_to_days(year, month, day), days);
    }
}

static void offsets_are_those_of_the_library(void **state)
{
    (void)state;
    for (size_t z = 0; z < ZONES; z++) {
        struct cw_zone *zone = NULL;
        assert_int_equal(cw_zone_load(zones[z], &zone), 0);
        set_zone(zones[z]);
        /* 1980 to 2080: the file's transitions and, from 2037 on, its rule. */
        for (int64_t t = 315532800; t < 3471292800; t += 17 * 3600 + 60) {
            const struct cw_zone_span span = cw_zone_at(zone, t);
            assert_int_equal(span.offset_s, wall(t).tm_gmtoff);
            assert_true(span.until_s > t);
        }
        /* A span holds to its last second, and most end with another offset. */
        for (int64_t t = 1700000000; t < 2600000000;) {
            const struct cw_zone_span span = cw_zone_at(zone, t);
            if (span.until_s == INT64_MAX)
                break;
            assert_int_equal(wall(span.until_s - 1).tm_gmtoff, span.offset_s);
            assert_int_equal(wall(span.until_s).tm_gmtoff, cw_zone_at(zone, span.until_s).offset_s);
            t = span.until_s;
        }
        cw_zone_free(zone);
    }
}

/* ---- the model: one minute, nothing but the definition ---------------------------------------- */

static bool week[CW_WEEK_MINUTES]; /* painted by the schedule's ranges, minute by minute */

static void paint_week(const struct cw_schedule *s)
{
    memset(week, 0, sizeof week);
    for (uint32_t i = 0; i < s->range_count; i++) {
        int m = s->ranges[i].start_min;
        do {
            week[m] = true;
            m = (m + 1) % CW_WEEK_MINUTES;
        } while (m != s->ranges[i].end_min % CW_WEEK_MINUTES);
    }
}

static bool model_is_open(const struct cw_schedule *s, int64_t unix_s)
{
    const struct tm parts = wall(unix_s);
    const int minute = parts.tm_hour * 60 + parts.tm_min;
    const int64_t day = day_of(&parts);
    bool is_special = false;
    bool is_open = false;

    for (uint32_t i = 0; i < s->exception_count; i++) {
        const struct cw_schedule_exception *e = &s->exceptions[i];
        is_special = is_special || e->day == day;
        is_open = is_open || (e->day == day && minute >= e->start_min && minute < e->end_min);
    }
    return is_special ? is_open : week[(parts.tm_wday + 6) % 7 * 1440 + minute];
}

/* Some ranges of the week, over midnight and over its end among them, and dates near day. */
static void make_schedule(struct cw_schedule *s, int64_t day)
{
    s->range_count = pick(5);
    for (uint32_t i = 0; i < s->range_count; i++) {
        s->ranges[i].start_min = (uint16_t)pick(CW_WEEK_MINUTES);
        s->ranges[i].end_min = (uint16_t)(pick(CW_WEEK_MINUTES) + 1);
        if (s->ranges[i].start_min == s->ranges[i].end_min % CW_WEEK_MINUTES)
            s->ranges[i] = (struct cw_schedule_range){0, CW_WEEK_MINUTES};
        else if (pick(2) == 0) /* within the hours that changes of the clock concern */
            s->ranges[i] = (struct cw_schedule_range){(uint16_t)(6 * 1440 + pick(180)),
                                                      (uint16_t)(6 * 1440 + 181 + pick(120))};
    }
    s->exception_count = pick(4);
    for (uint32_t i = 0; i < s->exception_count; i++) {
        s->exceptions[i] = (struct cw_schedule_exception){.day = (int32_t)(day + pick(9))};
        if (pick(3) != 0) {
            s->exceptions[i].start_min = (uint16_t)pick(1440);
            s->exceptions[i].end_min = (uint16_t)(s->exceptions[i].start_min + 1 +
                                                  pick(1440U - s->exceptions[i].start_min));
        }
    }
}

/* Nine days minute by minute: is it open, and when does that change? */
static void check_days(const struct cw_schedule *s, int64_t from_s)
{
    enum { MINUTES = 9 * 1440 };
    static bool open[MINUTES];
    const int64_t horizon_s = from_s + MINUTES * INT64_C(60);
    int64_t next[2] = {horizon_s, horizon_s};

    paint_week(s);
    for (int i = 0; i < MINUTES; i++)
        open[i] = model_is_open(s, from_s + i * INT64_C(60));
    for (int i = MINUTES - 1; i >= 0; i--) {
        const int64_t at_s = from_s + i * INT64_C(60);
        next[open[i]] = at_s;
        assert_int_equal(cw_schedule_is_open(s, at_s), open[i]);
        assert_int_equal(cw_schedule_is_open(s, at_s + 59), open[i]);
        if (i % 11 != 0)
            continue;
        for (int wanted = 0; wanted < 2; wanted++) {
            int64_t found = horizon_s;
            int err = cw_schedule_next(s, wanted == 1, at_s, horizon_s, &found);
            assert_int_equal(err, next[wanted] < horizon_s ? 0 : CW_ERR_NOT_FOUND);
            assert_int_equal(found, next[wanted]);
        }
    }
}

static void schedules_do_what_the_model_does(void **state)
{
    (void)state;
    for (size_t z = 0; z < ZONES; z++) {
        struct cw_zone *zone = NULL;
        struct cw_schedule s = {0};
        int64_t from_s[8];
        size_t windows = 0;
        assert_int_equal(cw_zone_load(zones[z], &zone), 0);
        set_zone(zones[z]);
        s.zone = zone;
        /* Around both changes of the clock of a year in the file and of one behind it. */
        for (int64_t t = 1766000000; windows < 4; t += INT64_C(366) * 86400) {
            const struct cw_zone_span first = cw_zone_at(zone, windows == 0 ? t : t + 600000000);
            if (first.until_s == INT64_MAX)
                break;
            from_s[windows++] = (first.until_s - 4 * 86400) / 60 * 60;
            const struct cw_zone_span second = cw_zone_at(zone, first.until_s);
            if (second.until_s == INT64_MAX)
                break;
            from_s[windows++] = (second.until_s - 4 * 86400) / 60 * 60;
        }
        from_s[windows++] = 1708900000 / 60 * 60; /* with February 29, 2024 */
        from_s[windows++] =
            cw_date_to_days(2099, 12, 27) * 86400; /* a year ends; 2100 has no leap day */
        for (size_t w = 0; w < windows; w++) {
            for (int n = 0; n < 2; n++) {
                make_schedule(&s, from_s[w] / 86400 - 1);
                check_days(&s, from_s[w]);
            }
        }
        cw_zone_free(zone);
    }
}

static struct cw_zone *vienna(struct cw_schedule *s)
{
    struct cw_zone *zone = NULL;

    assert_int_equal(cw_zone_load("Europe/Vienna", &zone), 0);
    *s = (struct cw_schedule){.zone = zone};
    return zone;
}

/* 2026-03-29 2:00 becomes 3:00 at 1:00 UTC; 2026-10-25 3:00 becomes 2:00 at 1:00 UTC. */
static void an_hour_that_is_left_out_or_comes_twice(void **state)
{
    struct cw_schedule s;
    struct cw_zone *zone = vienna(&s);
    const int64_t spring = cw_date_to_days(2026, 3, 29) * 86400;
    const int64_t autumn = cw_date_to_days(2026, 10, 25) * 86400;
    int64_t at_s = 0;

    (void)state;
    s.range_count = 1; /* Sunday 2:00 to 3:00 */
    s.ranges[0] = (struct cw_schedule_range){6 * 1440 + 120, 6 * 1440 + 180};
    for (int64_t t = spring; t < spring + 86400; t += 60)
        assert_false(cw_schedule_is_open(&s, t));
    assert_false(cw_schedule_is_open(&s, autumn - 1));
    assert_true(cw_schedule_is_open(&s, autumn));
    assert_int_equal(cw_schedule_next(&s, false, autumn, autumn + 86400, &at_s), 0);
    assert_int_equal(at_s, autumn + 7200);
    /* A strict end at 3:00 on the day without an hour is the end of the hour before. */
    s.ranges[0].start_min = 6 * 1440 + 60;
    assert_int_equal(cw_schedule_next(&s, false, spring + 1800, spring + 86400, &at_s), 0);
    assert_int_equal(at_s, spring + 3600);
    cw_zone_free(zone);
}

static void every_weekday_and_the_week_end_to_end(void **state)
{
    struct cw_schedule s;
    struct cw_zone *zone = vienna(&s);
    const int64_t monday = cw_date_to_days(2026, 7, 6) * 86400 - 7200; /* 0:00 in Vienna */
    int64_t at_s = 0;

    (void)state;
    s.range_count = 1;
    for (int day = 0; day < 7; day++) {
        s.ranges[0] = (struct cw_schedule_range){(uint16_t)(day * 1440 + 9 * 60),
                                                 (uint16_t)(day * 1440 + 17 * 60)};
        assert_int_equal(cw_schedule_next(&s, true, monday, monday + 604800, &at_s), 0);
        assert_int_equal(at_s, monday + day * 86400 + 9 * 3600);
        assert_int_equal(cw_schedule_next(&s, false, at_s, monday + 604800, &at_s), 0);
        assert_int_equal(at_s, monday + day * 86400 + 17 * 3600);
    }
    /* Sunday 22:00 to Monday 6:00. */
    s.ranges[0] = (struct cw_schedule_range){6 * 1440 + 22 * 60, 6 * 60};
    assert_true(cw_schedule_is_open(&s, monday));
    assert_false(cw_schedule_is_open(&s, monday + 6 * 3600));
    assert_true(cw_schedule_is_open(&s, monday + 6 * 86400 + 22 * 3600));
    assert_true(cw_schedule_is_open(&s, monday + 7 * 86400 - 1));
    /* The whole week never ends; nothing never begins. */
    s.ranges[0] = (struct cw_schedule_range){0, CW_WEEK_MINUTES};
    assert_int_equal(cw_schedule_next(&s, false, monday, monday + CW_SCHEDULE_HORIZON_S, &at_s),
                     CW_ERR_NOT_FOUND);
    s.range_count = 0;
    assert_int_equal(cw_schedule_next(&s, true, monday, monday + CW_SCHEDULE_HORIZON_S, &at_s),
                     CW_ERR_NOT_FOUND);
    /* Open on one date only, two weeks on. */
    s.exception_count = 1;
    s.exceptions[0] =
        (struct cw_schedule_exception){(int32_t)cw_date_to_days(2026, 7, 20), 600, 660};
    assert_int_equal(cw_schedule_next(&s, true, monday, monday + CW_SCHEDULE_HORIZON_S, &at_s), 0);
    assert_int_equal(at_s, monday + 14 * 86400 + 36000);
    cw_zone_free(zone);
}

static void names_that_are_no_zones(void **state)
{
    static const char *const bad[] = {
        "",
        "/etc/passwd",
        "../passwd",
        "Europe//Vienna",
        "Europe/",
        "Europe/./Vienna",
        "a b",
        "Europe/Vienna\n",
        "a123456789012345678901234567890123456789012345678901234567890123",
    };
    struct cw_zone *zone = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(cw_zone_load(bad[i], &zone), CW_ERR_INVALID);
    assert_int_equal(cw_zone_load("Europe/Atlantis", &zone), CW_ERR_NOT_FOUND);
    assert_int_equal(cw_zone_load("Europe", &zone), CW_ERR_NOT_FOUND);
    assert_int_equal(cw_zone_load("zone1970", &zone), CW_ERR_NOT_FOUND);
    assert_null(zone);
}

static void rules_are_read_or_refused(void **state)
{
    static const char *const good[] = {"UTC0", "<+0330>-3:30", "EST5EDT,M3.2.0,M11.1.0",
                                       "XXX3EDT4,0/0,J365/23", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0"};
    static const char *const bad[] = {"",
                                      "U0",
                                      "UTC",
                                      "UTC25",
                                      "EST5EDT",
                                      "EST5EDT,",
                                      "EST5EDT,M3.2.0",
                                      "EST5EDT,M13.2.0,M11.1.0",
                                      "<+03-3",
                                      "UTC0 ",
                                      "EST5EDT,M3.2.0,M11.1.0,",
                                      "EST5EDT,J0,J365",
                                      "EST5EDT,0/168,365"};
    struct cw_zone_rule rule;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_int_equal(cw_zone_rule_parse(good[i], strlen(good[i]), &rule), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(cw_zone_rule_parse(bad[i], strlen(bad[i]), &rule), CW_ERR_INVALID);
    /* Summer all year round. */
    assert_int_equal(cw_zone_rule_parse(good[3], strlen(good[3]), &rule), 0);
    for (int64_t t = 1700000000; t < 1800000000; t += 3601)
        assert_int_equal(cw_zone_rule_at(&rule, t).offset_s, -4 * 3600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_and_days_agree),
        cmocka_unit_test(offsets_are_those_of_the_library),
        cmocka_unit_test(schedules_do_what_the_model_does),
        cmocka_unit_test(an_hour_that_is_left_out_or_comes_twice),
        cmocka_unit_test(every_weekday_and_the_week_end_to_end),
        cmocka_unit_test(names_that_are_no_zones),
        cmocka_unit_test(rules_are_read_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
