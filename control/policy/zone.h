/* SPDX-License-Identifier: Apache-2.0 */
/* control/policy/zone.h - time zones: a reader of the system's TZif files (RFC 8536) and of the rule
 * behind their last transition.
 *
 * Owner:     cw_zone_load and cw_zone_parse make a zone, cw_zone_free ends it; constant in between.
 * Thread:    any. The process's own TZ is never touched.
 * Units:     Unix seconds; seconds east of UTC.
 * Errors:    CW_ERR_NOT_FOUND (no such zone), CW_ERR_INVALID (name or file), CW_ERR_UNSUPPORTED (a
 *            zone with leap seconds), CW_ERR_NOMEM, CW_ERR_IO.
 * Limits:    CW_ZONE_*; files are the system's, yet nothing in them is trusted.
 * Invariant: transitions ascend; every offset is within a day and two hours of UTC.
 */
#ifndef CW_CONTROL_POLICY_ZONE_H
#define CW_CONTROL_POLICY_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/limits.h"

enum cw_zone_day {
    CW_ZONE_DAY_MONTH,  /* M3.5.0: week of a month */
    CW_ZONE_DAY_JULIAN, /* J60: 1 to 365, February 29 is never counted */
    CW_ZONE_DAY_ZERO,   /* 59: 0 to 365 */
};

struct cw_zone_change { /* when the offset changes in each year */
    enum cw_zone_day kind;
    int month; /* 1 to 12 */
    int week;  /* 1 to 5, 5: the last */
    int day;   /* weekday from Sunday, or day of the year */
    int32_t time_s;
};

struct cw_zone_rule {
    int32_t standard_s;
    int32_t summer_s;
    bool has_summer;
    struct cw_zone_change to_summer;
    struct cw_zone_change to_standard;
};

struct cw_zone {
    char name[CW_ZONE_NAME_BYTES_MAX + 1];
    uint32_t count;
    int64_t *at_s;     /* transitions, ascending */
    int32_t *offset_s; /* from at_s[i] on */
    int32_t first_s;   /* before the first */
    bool has_rule;     /* after the last */
    struct cw_zone_rule rule;
};

struct cw_zone_span {
    int32_t offset_s;
    int64_t until_s; /* the offset holds before this; INT64_MAX: for ever */
};

/* The zone of that name from the system's database. */
int cw_zone_load(const char *name, struct cw_zone **ret_zone);
/* One file's bytes. The name stays empty. */
int cw_zone_parse(const uint8_t *bytes, size_t n, struct cw_zone **ret_zone);
void cw_zone_free(struct cw_zone *zone);
/* "Europe/Vienna": parts of letters, digits, "_", "+" and "-" with single slashes between. */
bool cw_zone_name_is_good(const char *name);

struct cw_zone_span cw_zone_at(const struct cw_zone *zone, int64_t unix_s);

/* ---- zone_rule.c ----------------------------------------------------------------------------- */

/* "CET-1CEST,M3.5.0,M10.5.0/3", n bytes. CW_ERR_INVALID. */
int cw_zone_rule_parse(const char *text, size_t n, struct cw_zone_rule *ret);
struct cw_zone_span cw_zone_rule_at(const struct cw_zone_rule *rule, int64_t unix_s);

/* Days since 1970-01-01 of a date of the Gregorian calendar, and back. */
int64_t cw_date_to_days(int64_t year, int month, int day);
void cw_days_to_date(int64_t days, int64_t *ret_year, int *ret_month, int *ret_day);

#endif
