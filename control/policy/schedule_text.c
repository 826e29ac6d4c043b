/* SPDX-License-Identifier: Apache-2.0 */
/* Hours and dates of schedules as people write them. */
#include "control/policy/jump_policy.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "engine/base/err.h"

static const char *const days[7] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

static void skip_blanks(const char **at)
{
    while (**at == ' ' || **at == '\n')
        ++*at;
}

static bool take(const char **at, char ch)
{
    if (**at != ch)
        return false;
    ++*at;
    return true;
}

static bool take_day(const char **at, int *ret)
{
    for (int d = 0; d < 7; d++) {
        if (strncasecmp(*at, days[d], 3) != 0)
            continue;
        *at += 3;
        *ret = d;
        return true;
    }
    return false;
}

/* Exactly n digits. */
static bool take_digits(const char **at, int n, int *ret)
{
    int value = 0;

    for (int i = 0; i < n; i++) {
        if ((*at)[i] < '0' || (*at)[i] > '9')
            return false;
        value = value * 10 + ((*at)[i] - '0');
    }
    *at += n;
    *ret = value;
    return true;
}

/* HH:MM up to 24:00, in minutes. */
static bool take_time(const char **at, int *ret)
{
    int hour = 0;
    int minute = 0;

    if (!take_digits(at, 2, &hour) || !take(at, ':') || !take_digits(at, 2, &minute))
        return false;
    *ret = hour * 60 + minute;
    return minute < 60 && *ret <= CW_DAY_MINUTES;
}

static int add_range(struct cw_schedule *s, int start, int end)
{
    if (start >= CW_WEEK_MINUTES)
        start -= CW_WEEK_MINUTES;
    while (end > CW_WEEK_MINUTES)
        end -= CW_WEEK_MINUTES;
    if (end == 0)
        end = CW_WEEK_MINUTES;
    /* The same time a week later is the whole week, however it was meant: it is written so. */
    if (start == end || (start == 0 && end == CW_WEEK_MINUTES)) {
        start = 0;
        end = CW_WEEK_MINUTES;
    }
    if (s->range_count == CW_SCHEDULE_RANGES_MAX)
        return CW_ERR_FULL;
    s->ranges[s->range_count++] = (struct cw_schedule_range){(uint16_t)start, (uint16_t)end};
    return 0;
}

/* "mon 08:00-mon 17:00", "mon 08:00-17:00" or "mon-fri 08:00-17:00" */
static int take_hours(const char **at, struct cw_schedule *s)
{
    int first = 0, last = 0, start = 0, end = 0, end_day = -1;
    int err = 0;

    if (!take_day(at, &first))
        return CW_ERR_INVALID;
    last = first;
    if (take(at, '-') && !take_day(at, &last))
        return CW_ERR_INVALID;
    skip_blanks(at);
    if (!take_time(at, &start) || !take(at, '-'))
        return CW_ERR_INVALID;
    if (last == first && take_day(at, &end_day))
        skip_blanks(at);
    if (!take_time(at, &end))
        return CW_ERR_INVALID;
    if (end_day >= 0)
        return add_range(s, first * CW_DAY_MINUTES + start, end_day * CW_DAY_MINUTES + end);
    if (end <= start)
        end += CW_DAY_MINUTES;
    for (int d = first; err == 0; d = (d + 1) % 7) {
        err = add_range(s, d * CW_DAY_MINUTES + start, d * CW_DAY_MINUTES + end);
        if (d == last)
            break;
    }
    return err;
}

static int month_days(int year, int month)
{
    const int64_t first = cw_date_to_days(year, month, 1);

    return (
        int)((month == 12 ? cw_date_to_days(year + 1, 1, 1) : cw_date_to_days(year, month + 1, 1)) -
             first);
}

/* "2026-12-24 closed" or "2026-12-31 08:00-12:00" */
static int take_date(const char **at, struct cw_schedule *s)
{
    int year = 0, month = 0, day = 0, start = 0, end = 0;

    if (!take_digits(at, 4, &year) || !take(at, '-') || !take_digits(at, 2, &month) ||
        !take(at, '-') || !take_digits(at, 2, &day))
        return CW_ERR_INVALID;
    if (year < 2000 || month < 1 || month > 12 || day < 1 || day > month_days(year, month))
        return CW_ERR_INVALID;
    skip_blanks(at);
    if (strncasecmp(*at, "closed", 6) == 0)
        *at += 6;
    else if (!take_time(at, &start) || !take(at, '-') || !take_time(at, &end) || end <= start)
        return CW_ERR_INVALID;
    if (s->exception_count == CW_SCHEDULE_EXCEPTIONS_MAX)
        return CW_ERR_FULL;
    s->exceptions[s->exception_count++] = (struct cw_schedule_exception){
        (int32_t)cw_date_to_days(year, month, day), (uint16_t)start, (uint16_t)end};
    return 0;
}

/* A list with commas between; an empty one is fine. */
static int take_list(const char *text, struct cw_schedule *s,
                     int (*take_one)(const char **at, struct cw_schedule *s), size_t *ret_at)
{
    const char *at = text;
    int err = 0;

    skip_blanks(&at);
    while (err == 0 && *at != '\0') {
        err = take_one(&at, s);
        skip_blanks(&at);
        if (err == 0 && *at != '\0' && !take(&at, ','))
            err = CW_ERR_INVALID;
        skip_blanks(&at);
    }
    *ret_at = (size_t)(at - text);
    return err;
}

int cw_hours_parse(const char *text, struct cw_schedule *schedule, size_t *ret_at)
{
    schedule->range_count = 0;
    return take_list(text, schedule, take_hours, ret_at);
}

int cw_dates_parse(const char *text, struct cw_schedule *schedule, size_t *ret_at)
{
    schedule->exception_count = 0;
    return take_list(text, schedule, take_date, ret_at);
}

void cw_hours_text(const struct cw_schedule *schedule, char *out, size_t size)
{
    size_t at = 0;

    out[0] = '\0';
    for (uint32_t i = 0; i < schedule->range_count && at < size; i++) {
        const int start = schedule->ranges[i].start_min;
        const int end = schedule->ranges[i].end_min;
        /* 24:00 of a day rather than 0:00 of the next. */
        const int end_day = (end - 1) / CW_DAY_MINUTES;
        const int end_min = end - end_day * CW_DAY_MINUTES;
        at +=
            (size_t)snprintf(out + at, size - at, "%s%s %02d:%02d-%s %02d:%02d", i > 0 ? ", " : "",
                             days[start / CW_DAY_MINUTES], start % CW_DAY_MINUTES / 60, start % 60,
                             days[end_day], end_min / 60, end_min % 60);
    }
}

void cw_dates_text(const struct cw_schedule *schedule, char *out, size_t size)
{
    size_t at = 0;

    out[0] = '\0';
    for (uint32_t i = 0; i < schedule->exception_count && at < size; i++) {
        const struct cw_schedule_exception *e = &schedule->exceptions[i];
        int64_t year = 0;
        int month = 0;
        int day = 0;
        cw_days_to_date(e->day, &year, &month, &day);
        at += (size_t)snprintf(out + at, size - at, "%s%04lld-%02d-%02d ", i > 0 ? ", " : "",
                               (long long)year, month, day);
        if (at < size && e->end_min == 0)
            at += (size_t)snprintf(out + at, size - at, "closed");
        else if (at < size)
            at += (size_t)snprintf(out + at, size - at, "%02d:%02d-%02d:%02d", e->start_min / 60,
                                   e->start_min % 60, e->end_min / 60, e->end_min % 60);
    }
}
