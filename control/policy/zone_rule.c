/* SPDX-License-Identifier: Apache-2.0 */
/* The rule that says how a zone goes on after its file's last transition (POSIX TZ with RFC 8536's
 * wider hours). */
#include "control/policy/zone.h"

#include "engine/base/err.h"

enum { DAY_S = 86400, RULE_HOURS_MAX = 167, OFFSET_HOURS_MAX = 24 };

struct cursor {
    const char *at;
    const char *end;
};

static char peek(const struct cursor *c)
{
    return c->at < c->end ? *c->at : '\0';
}

static bool take(struct cursor *c, char ch)
{
    if (peek(c) != ch)
        return false;
    c->at++;
    return true;
}

/* 1 to 3 digits, up to max. */
static int take_number(struct cursor *c, int min, int max, int *ret)
{
    int value = 0;
    int digits = 0;

    while (digits < 3 && peek(c) >= '0' && peek(c) <= '9') {
        value = value * 10 + (*c->at++ - '0');
        digits++;
    }
    if (digits == 0 || value < min || value > max)
        return CW_ERR_INVALID;
    *ret = value;
    return 0;
}

/* "CEST", or anything of letters, digits and signs between "<" and ">". */
static int take_name(struct cursor *c)
{
    const bool is_quoted = take(c, '<');
    int n = 0;

    for (;; n++) {
        char ch = peek(c);
        bool is_letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
        bool is_more = is_quoted && ((ch >= '0' && ch <= '9') || ch == '+' || ch == '-');
        if (!is_letter && !is_more)
            break;
        c->at++;
    }
    if (is_quoted && !take(c, '>'))
        return CW_ERR_INVALID;
    return n >= 3 ? 0 : CW_ERR_INVALID;
}

/* "-3:30" and the like. */
static int take_time(struct cursor *c, int hours_max, int32_t *ret)
{
    const bool is_negative = take(c, '-');
    int part[3] = {0, 0, 0};
    int err = 0;

    if (!is_negative)
        (void)take(c, '+');
    err = take_number(c, 0, hours_max, &part[0]);
    for (int i = 1; err == 0 && i < 3 && take(c, ':'); i++)
        err = take_number(c, 0, 59, &part[i]);
    if (err == 0)
        *ret = (part[0] * 3600 + part[1] * 60 + part[2]) * (is_negative ? -1 : 1);
    return err;
}

static int take_change(struct cursor *c, struct cw_zone_change *ret)
{
    int err = 0;

    *ret = (struct cw_zone_change){.kind = CW_ZONE_DAY_ZERO, .time_s = 2 * 3600};
    if (take(c, 'M')) {
        ret->kind = CW_ZONE_DAY_MONTH;
        err = take_number(c, 1, 12, &ret->month);
        if (err == 0)
            err = take(c, '.') ? take_number(c, 1, 5, &ret->week) : CW_ERR_INVALID;
        if (err == 0)
            err = take(c, '.') ? take_number(c, 0, 6, &ret->day) : CW_ERR_INVALID;
    } else if (take(c, 'J')) {
        ret->kind = CW_ZONE_DAY_JULIAN;
        err = take_number(c, 1, 365, &ret->day);
    } else {
        err = take_number(c, 0, 365, &ret->day);
    }
    if (err == 0 && take(c, '/'))
        err = take_time(c, RULE_HOURS_MAX, &ret->time_s);
    return err;
}

int cw_zone_rule_parse(const char *text, size_t n, struct cw_zone_rule *ret)
{
    struct cursor c = {text, text + n};
    struct cw_zone_rule rule = {0};
    int32_t west_s = 0;
    int err = take_name(&c);

    if (err == 0)
        err = take_time(&c, OFFSET_HOURS_MAX, &west_s);
    rule.standard_s = -west_s;
    if (err == 0 && c.at < c.end) {
        rule.has_summer = true;
        west_s -= 3600;
        err = take_name(&c);
        if (err == 0 && peek(&c) != ',')
            err = take_time(&c, OFFSET_HOURS_MAX, &west_s);
        rule.summer_s = -west_s;
        if (err == 0)
            err = take(&c, ',') ? take_change(&c, &rule.to_summer) : CW_ERR_INVALID;
        if (err == 0)
            err = take(&c, ',') ? take_change(&c, &rule.to_standard) : CW_ERR_INVALID;
    }
    if (err == 0 && c.at != c.end)
        err = CW_ERR_INVALID;
    if (err == 0)
        *ret = rule;
    return err;
}

/* ---- the calendar ---------------------------------------------------------------------------- */

static int64_t divide_down(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/* Years begin in March, so that the leap day is the last: then months have a simple formula. */
int64_t cw_date_to_days(int64_t year, int month, int day)
{
    const int64_t y = month <= 2 ? year - 1 : year;
    const int64_t era = divide_down(y, 400);
    const int64_t year_of_era = y - era * 400;
    const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

void cw_days_to_date(int64_t days, int64_t *ret_year, int *ret_month, int *ret_day)
{
    const int64_t from_era = days + 719468;
    const int64_t era = divide_down(from_era, 146097);
    const int64_t day_of_era = from_era - era * 146097;
    const int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t month = (5 * day_of_year + 2) / 153;

    *ret_day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    *ret_month = (int)(month < 10 ? month + 3 : month - 9);
    *ret_year = year_of_era + era * 400 + (*ret_month <= 2);
}

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* The change's day in a year, in days since 1970. */
static int64_t change_day(const struct cw_zone_change *change, int64_t year)
{
    const int64_t first = cw_date_to_days(year, 1, 1);
    int64_t day = 0;
    int64_t next = 0;

    switch (change->kind) {
    case CW_ZONE_DAY_JULIAN: return first + change->day - 1 + (is_leap(year) && change->day >= 60);
    case CW_ZONE_DAY_ZERO: return first + change->day;
    case CW_ZONE_DAY_MONTH: break;
    }
    day = cw_date_to_days(year, change->month, 1);
    next = change->month == 12 ? cw_date_to_days(year + 1, 1, 1)
                               : cw_date_to_days(year, change->month + 1, 1);
    /* 1970-01-01 was a Thursday: weekday 4 from Sunday. */
    day += ((change->day - (day + 4)) % 7 + 7) % 7 + (change->week - 1) * INT64_C(7);
    while (day >= next)
        day -= 7;
    return day;
}

struct cw_zone_span cw_zone_rule_at(const struct cw_zone_rule *rule, int64_t unix_s)
{
    struct cw_zone_span span = {rule->standard_s, INT64_MAX};
    int64_t latest = INT64_MIN;
    int64_t year = 0;
    int month = 0;
    int day = 0;

    if (!rule->has_summer || unix_s < -CW_ZONE_TIME_S_MAX || unix_s > CW_ZONE_TIME_S_MAX)
        return span;
    cw_days_to_date(divide_down(unix_s, DAY_S), &year, &month, &day);
    for (int64_t y = year - 1; y <= year + 2; y++) {
        /* A change is told by the clock that was right before it. Where summer never ends both come at the same time:
         * summer is looked at last. */
        const int64_t to_standard =
            change_day(&rule->to_standard, y) * DAY_S + rule->to_standard.time_s - rule->summer_s;
        const int64_t to_summer =
            change_day(&rule->to_summer, y) * DAY_S + rule->to_summer.time_s - rule->standard_s;
        const int64_t at[2] = {to_standard, to_summer};
        for (int i = 0; i < 2; i++) {
            if (at[i] <= unix_s && at[i] >= latest) {
                latest = at[i];
                span.offset_s = i == 0 ? rule->standard_s : rule->summer_s;
            } else if (at[i] > unix_s && at[i] < span.until_s) {
                span.until_s = at[i];
            }
        }
    }
    return span;
}
