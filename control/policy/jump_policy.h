/* SPDX-License-Identifier: Apache-2.0 */
/* control/policy/jump_policy.h - whether a Jump may be made now: hours, tickets, approval, second factor.
 *
 * Owner:     values; the schedule's zone belongs to struct cw_policies.
 * Thread:    any; pure.
 * Limits:    CW_TICKET_*, CW_APPROVAL_MINUTES_MAX, those of schedule.h.
 */
#ifndef CW_CONTROL_POLICY_JUMP_POLICY_H
#define CW_CONTROL_POLICY_JUMP_POLICY_H

#include "control/policy/schedule.h"
#include "control/store/store.h"

/* What a second representative finds who Jumps to an item that is in a session. */
enum cw_simultaneous {
    CW_SIMULTANEOUS_GLOBAL, /* what the option jump.second says */
    CW_SIMULTANEOUS_JOIN, /* becomes part of that session; the first one is told, and is not asked */
    CW_SIMULTANEOUS_ANOTHER,  /* has a session of its own */
    CW_SIMULTANEOUS_DISALLOW, /* is refused, with the name of who is there */
    CW_SIMULTANEOUS_COUNT,
};

enum cw_jump_recording {
    CW_JUMP_RECORDING_GLOBAL,
    CW_JUMP_RECORDING_OFF,
    CW_JUMP_RECORDING_ON,
    CW_JUMP_RECORDING_MUST,
    CW_JUMP_RECORDING_COUNT,
};

struct cw_jump_policy {
    uint32_t id;
    char name[CW_NAME_SIZE];
    char code[CW_CODE_BYTES_MAX + 1];
    char description[CW_DESCRIPTION_BYTES_MAX + 1];
    bool has_schedule;
    bool is_strict; /* who is in a session at the end of the hours is removed */
    char zone[CW_ZONE_NAME_BYTES_MAX + 1];
    struct cw_schedule schedule;
    bool needs_ticket;
    char ticket_patterns[CW_TICKET_PATTERNS_BYTES_MAX + 1]; /* a blank between; none: any text */
    bool needs_second_factor;
    enum cw_simultaneous simultaneous;
    bool with_copies; /* a session through another copy counts, too */
    bool needs_approval;
    uint32_t approval_minutes; /* the most that may be asked for */
    enum cw_jump_recording recording;
    bool tells_start; /* events to who may approve */
    bool tells_end;
};

extern const char *const cw_simultaneous_names[];
extern const char *const cw_jump_recording_names[];

/* Whether one of the patterns fits the whole text, without regard to case: "#" is a digit, "@" a letter,
 * "?" any character, "*" any number of them. */
bool cw_ticket_fits(const char *patterns, const char *text);
/* ---- schedule_text.c ------------------------------------------------------------------------- */

/* Hours of the week: "mon 08:00-mon 17:00, sat 22:00-sun 06:00", and shorter "mon-fri 08:00-17:00" (an end that
 * is not later is on the next day). CW_ERR_INVALID, and *ret_at is where it was not understood; CW_ERR_FULL. */
int cw_hours_parse(const char *text, struct cw_schedule *schedule, size_t *ret_at);
/* Dates that differ: "2026-12-24 closed, 2026-12-31 08:00-12:00". */
int cw_dates_parse(const char *text, struct cw_schedule *schedule, size_t *ret_at);
/* The same forms, with both days. size: CW_SCHEDULE_TEXT_BYTES_MAX + 1. */
void cw_hours_text(const struct cw_schedule *schedule, char *out, size_t size);
void cw_dates_text(const struct cw_schedule *schedule, char *out, size_t size);
/* "Mon 2026-03-30 08:00 (Europe/Vienna)". */
void cw_zone_time_text(const struct cw_zone *zone, int64_t unix_s, char *out, size_t size);

#endif
