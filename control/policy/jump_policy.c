/* SPDX-License-Identifier: Apache-2.0 */
#include "control/policy/jump_policy.h"

#include <stdio.h>
#include <string.h>

const char *const cw_simultaneous_names[] = {"global", "join", "another", "disallow", NULL};
const char *const cw_jump_recording_names[] = {"global", "off", "on", "required", NULL};

static char lower(char ch)
{
    return ch >= 'A' && ch <= 'Z' ? (char)(ch - 'A' + 'a') : ch;
}

static bool fits_one(char pattern, char ch)
{
    const bool is_letter = lower(ch) >= 'a' && lower(ch) <= 'z';

    switch (pattern) {
    case '#': return ch >= '0' && ch <= '9';
    case '@': return is_letter;
    case '?': return true;
    default: return lower(pattern) == lower(ch);
    }
}

/* One pattern of n bytes. After a "*" that did not work out only the last one is tried further on: that is
 * enough, and takes at most the product of both lengths. */
static bool fits(const char *pattern, size_t n, const char *text)
{
    size_t p = 0;
    size_t star = SIZE_MAX;
    const char *behind = NULL;

    while (*text != '\0') {
        if (p < n && pattern[p] == '*') {
            star = p++;
            behind = text;
        } else if (p < n && fits_one(pattern[p], *text)) {
            p++;
            text++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            text = ++behind;
        } else {
            return false;
        }
    }
    while (p < n && pattern[p] == '*')
        p++;
    return p == n;
}

bool cw_ticket_fits(const char *patterns, const char *text)
{
    bool has_pattern = false;

    while (*patterns != '\0') {
        size_t n = strcspn(patterns, " ");
        has_pattern = has_pattern || n > 0;
        if (n > 0 && fits(patterns, n, text))
            return true;
        patterns += n;
        patterns += strspn(patterns, " ");
    }
    return !has_pattern && text[0] != '\0';
}

void cw_zone_time_text(const struct cw_zone *zone, int64_t unix_s, char *out, size_t size)
{
    static const char days[7][4] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    const int64_t local_s = unix_s + cw_zone_at(zone, unix_s).offset_s;
    const int64_t day = local_s / 86400 - (local_s % 86400 < 0);
    const int minute = (int)((local_s - day * 86400) / 60);
    int64_t year = 0;
    int month = 0;
    int of_month = 0;

    cw_days_to_date(day, &year, &month, &of_month);
    snprintf(out, size, "%s %04lld-%02d-%02d %02d:%02d (%s)", days[((day + 3) % 7 + 7) % 7],
             (long long)year, month, of_month, minute / 60, minute % 60, zone->name);
}
