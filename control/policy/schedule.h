/* SPDX-License-Identifier: Apache-2.0 */
/* control/policy/schedule.h - when a Jump may be: hours of the week in a time zone, and dates that differ.
 *
 * Owner:     the caller; the zone must outlive the schedule.
 * Thread:    any; pure.
 * Units:     Unix seconds; minutes of the local week from Monday 0:00; days since 1970-01-01.
 * Errors:    cw_schedule_next: CW_ERR_NOT_FOUND (not before the horizon).
 * Limits:    CW_SCHEDULE_RANGES_MAX, CW_SCHEDULE_EXCEPTIONS_MAX, CW_SCHEDULE_HORIZON_S.
 * Invariant: the wall clock decides: an hour that a change of the clock repeats is in or out both
 *            times, one that it leaves out does not come. A date with exceptions follows them alone
 *            for its whole day, whatever the week says.
 */
#ifndef CW_CONTROL_POLICY_SCHEDULE_H
#define CW_CONTROL_POLICY_SCHEDULE_H

#include "control/policy/zone.h"

enum { CW_WEEK_MINUTES = 7 * 24 * 60, CW_DAY_MINUTES = 24 * 60 };

/* [start, end) of each week; an end that is not behind the start goes over the end of the week. */
struct cw_schedule_range {
    uint16_t start_min; /* 0 to 10079 */
    uint16_t end_min;   /* 1 to 10080 */
};

/* [start, end) of one date; 0 and 0: closed all day. */
struct cw_schedule_exception {
    int32_t day;
    uint16_t start_min;
    uint16_t end_min;
};

struct cw_schedule {
    const struct cw_zone *zone;
    struct cw_schedule_range ranges[CW_SCHEDULE_RANGES_MAX];
    uint32_t range_count;
    struct cw_schedule_exception exceptions[CW_SCHEDULE_EXCEPTIONS_MAX];
    uint32_t exception_count;
};

bool cw_schedule_is_open(const struct cw_schedule *schedule, int64_t unix_s);
/* The first time from from_s on, and before horizon_s, at which it is open (or closed). */
int cw_schedule_next(const struct cw_schedule *schedule, bool open, int64_t from_s,
                     int64_t horizon_s, int64_t *ret_unix_s);

#endif
