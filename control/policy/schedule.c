/* SPDX-License-Identifier: Apache-2.0 */
#include "control/policy/schedule.h"

#include "engine/base/err.h"

enum { DAY_S = 86400, MINUTE_S = 60 };

struct local {
    int64_t day;    /* since 1970-01-01 */
    int minute;     /* of the day */
    int week_start; /* the day's first minute in the week */
};

static struct local local_of(int64_t local_s)
{
    struct local l = {.day = local_s / DAY_S - (local_s % DAY_S < 0)};

    l.minute = (int)((local_s - l.day * DAY_S) / MINUTE_S);
    /* 1970-01-01 was a Thursday: 3 from Monday. */
    l.week_start = (int)(((l.day + 3) % 7 + 7) % 7) * CW_DAY_MINUTES;
    return l;
}

static bool is_in_range(const struct cw_schedule_range *range, int minute)
{
    if (range->start_min < range->end_min)
        return minute >= range->start_min && minute < range->end_min;
    return minute >= range->start_min || minute < range->end_min;
}

static bool is_open_at(const struct cw_schedule *schedule, const struct local *l)
{
    bool has_exception = false;

    for (uint32_t i = 0; i < schedule->exception_count; i++) {
        const struct cw_schedule_exception *e = &schedule->exceptions[i];
        if (e->day != l->day)
            continue;
        has_exception = true;
        if (l->minute >= e->start_min && l->minute < e->end_min)
            return true;
    }
    for (uint32_t i = 0; !has_exception && i < schedule->range_count; i++)
        if (is_in_range(&schedule->ranges[i], l->week_start + l->minute))
            return true;
    return false;
}

bool cw_schedule_is_open(const struct cw_schedule *schedule, int64_t unix_s)
{
    const struct local l = local_of(unix_s + cw_zone_at(schedule->zone, unix_s).offset_s);

    return is_open_at(schedule, &l);
}

static void earlier(int candidate, int minute, int *best)
{
    if (candidate > minute && candidate < *best)
        *best = candidate;
}

/* The minute of the local day, behind l's, at which the answer may be another: midnight at the latest. */
static int next_edge(const struct cw_schedule *schedule, const struct local *l)
{
    int best = CW_DAY_MINUTES;

    for (uint32_t i = 0; i < schedule->exception_count; i++) {
        const struct cw_schedule_exception *e = &schedule->exceptions[i];
        if (e->day != l->day)
            continue;
        earlier(e->start_min, l->minute, &best);
        earlier(e->end_min, l->minute, &best);
    }
    for (uint32_t i = 0; i < schedule->range_count; i++) {
        earlier(schedule->ranges[i].start_min - l->week_start, l->minute, &best);
        earlier(schedule->ranges[i].end_min - l->week_start, l->minute, &best);
    }
    return best;
}

int cw_schedule_next(const struct cw_schedule *schedule, bool open, int64_t from_s,
                     int64_t horizon_s, int64_t *ret_unix_s)
{
    int64_t at_s = from_s;

    while (at_s < horizon_s) {
        const struct cw_zone_span span = cw_zone_at(schedule->zone, at_s);
        const struct local l = local_of(at_s + span.offset_s);
        if (is_open_at(schedule, &l) == open) {
            *ret_unix_s = at_s;
            return 0;
        }
        at_s = l.day * DAY_S + next_edge(schedule, &l) * INT64_C(60) - span.offset_s;
        if (at_s > span.until_s)
            at_s = span.until_s;
    }
    return CW_ERR_NOT_FOUND;
}
