/* SPDX-License-Identifier: Apache-2.0 */
#include "control/report/filter.h"

#include <stdio.h>
#include <string.h>

#include "control/account/right.h"
#include "control/api/body.h"
#include "control/policy/jump_group.h"
#include "engine/base/err.h"
#include "engine/wire/message.h"

/* ---- times ------------------------------------------------------------------------------------ */

/* Exactly `digits` digits; -1: there are none. */
static int take_digits(const char **at, unsigned digits)
{
    int value = 0;

    for (unsigned i = 0; i < digits; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return -1;
        value = value * 10 + (**at - '0');
    }
    return value;
}

static bool take_char(const char **at, const char *set)
{
    if (**at == '\0' || strchr(set, **at) == NULL)
        return false;
    (*at)++;
    return true;
}

/* Days from 1970-01-01 to a date of the Gregorian calendar. */
static int64_t days_of(int year, int month, int day)
{
    /* Years begin in March, so that the leap day is the last one. */
    const int64_t y = month > 2 ? year : year - 1;
    const int64_t m = month > 2 ? month - 3 : month + 9;

    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static bool is_date(int year, int month, int day)
{
    static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] &&
           (month != 2 || day < 29 || is_leap);
}

/* Z, or +hh:mm. A "+" in a query that was not escaped arrives as a blank from some callers. */
static bool take_offset(const char **at, int *ret_minutes)
{
    int sign = **at == '-' ? -1 : 1;
    int hours = 0;
    int minutes = 0;

    *ret_minutes = 0;
    if (take_char(at, "Zz"))
        return true;
    if (!take_char(at, "+- "))
        return false;
    hours = take_digits(at, 2);
    if (hours < 0 || hours > 23 || !take_char(at, ":"))
        return false;
    minutes = take_digits(at, 2);
    *ret_minutes = sign * (hours * 60 + minutes);
    return minutes >= 0 && minutes < 60;
}

/* Milliseconds of a fraction; further digits are dropped. */
static bool take_fraction(const char **at, int *ret_ms)
{
    int place = 100;

    *ret_ms = 0;
    if (!take_char(at, "."))
        return true;
    if (**at < '0' || **at > '9')
        return false;
    for (; **at >= '0' && **at <= '9'; (*at)++, place /= 10)
        *ret_ms += (**at - '0') * place;
    return true;
}

static int parse_date(const char *at, uint64_t *ret_unix_ms)
{
    const int year = take_digits(&at, 4);
    const int month = take_char(&at, "-") ? take_digits(&at, 2) : -1;
    const int day = take_char(&at, "-") ? take_digits(&at, 2) : -1;
    const int hour = take_char(&at, "Tt ") ? take_digits(&at, 2) : -1;
    const int minute = take_char(&at, ":") ? take_digits(&at, 2) : -1;
    const int second = take_char(&at, ":") ? take_digits(&at, 2) : -1;
    int offset = 0;
    int ms = 0;
    int64_t at_ms = 0;

    /* A leap second is the second behind it. */
    if (!is_date(year, month, day) || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
        second < 0 || second > 60 || !take_fraction(&at, &ms) || !take_offset(&at, &offset) ||
        *at != '\0')
        return CW_ERR_INVALID;
    at_ms = (days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second -
             (int64_t)offset * 60) *
                1000 +
            ms;
    if (at_ms < 0)
        return CW_ERR_INVALID;
    *ret_unix_ms = (uint64_t)at_ms;
    return 0;
}

/* Decimal digits; at most 18, so that SQLite has a number for it. */
static bool take_number(const char **at, uint64_t *ret)
{
    const size_t n = strspn(*at, "0123456789");

    *ret = 0;
    for (size_t i = 0; i < n && n <= 18; i++)
        *ret = *ret * 10 + (uint64_t)((*at)[i] - '0');
    *at += n;
    return n > 0 && n <= 18;
}

int cw_report_time_parse(const char *text, uint64_t *ret_unix_ms)
{
    const char *at = text;
    uint64_t value = 0;

    if (strlen(text) > CW_REPORT_TIME_BYTES_MAX)
        return CW_ERR_INVALID;
    if (!take_number(&at, &value) || *at != '\0')
        return parse_date(text, ret_unix_ms);
    *ret_unix_ms = value;
    return 0;
}

/* ---- cursors ---------------------------------------------------------------------------------- */

int cw_report_cursor_parse(const char *text, struct cw_report_mark *ret)
{
    struct cw_report_mark mark = {0};

    if (strlen(text) >= CW_REPORT_CURSOR_SIZE || !take_number(&text, &mark.time_ms) ||
        !take_char(&text, ".") || !take_number(&text, &mark.id))
        return CW_ERR_INVALID;
    if (*text != '\0' && (!take_char(&text, ".") || !take_number(&text, &mark.row)))
        return CW_ERR_INVALID;
    if (*text != '\0')
        return CW_ERR_INVALID;
    *ret = mark;
    return 0;
}

void cw_report_cursor_text(const struct cw_report_mark *mark, char out[CW_REPORT_CURSOR_SIZE])
{
    const int n = snprintf(out, CW_REPORT_CURSOR_SIZE, "%llu.%llu",
                           (unsigned long long)mark->time_ms, (unsigned long long)mark->id);

    if (mark->row != 0)
        (void)snprintf(out + n, CW_REPORT_CURSOR_SIZE - (size_t)n, ".%llu",
                       (unsigned long long)mark->row);
}

/* ---- members of the query --------------------------------------------------------------------- */

static int take_time(const json_t *body, const char *member, uint64_t *ret, struct cw_reply *reply)
{
    const json_t *value = json_object_get(body, member);
    uint64_t time_ms = *ret;
    int err = 0;

    if (value == NULL || json_is_null(value))
        return 0;
    if (json_is_string(value))
        err = cw_report_time_parse(json_string_value(value), &time_ms);
    else
        err = cw_body_number(body, member, 0, INT64_MAX, &time_ms);
    if (err != 0)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "%s must be a time: Unix milliseconds, or a date with its time zone like "
                         "2026-11-22T10:00:00+01:00 (in a URL, + is %%2B).",
                         member);
    *ret = time_ms;
    return 0;
}

static int take_cursor(const json_t *body, struct cw_report_query_of *ret, struct cw_reply *reply)
{
    const char *text = NULL;

    ret->is_first = json_object_get(body, "after") == NULL;
    /* No row has the number 0: this is right before what happened in the first millisecond. */
    ret->after = (struct cw_report_mark){.time_ms = ret->filter.from_ms};
    if (ret->is_first)
        return 0;
    if (cw_body_text(body, "after", CW_REPORT_CURSOR_SIZE - 1, &text) != 0 ||
        cw_report_cursor_parse(text, &ret->after) != 0)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "after must be what an earlier answer had as next, as it was.");
    return 0;
}

int cw_report_take_page(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply, struct cw_report_query_of *ret)
{
    static const char *const formats[] = {"json", "csv", "xml", NULL};
    const json_t *body = request->body;
    unsigned format = CW_REPORT_JSON;
    uint64_t limit = CW_REPORT_ROWS;
    int err = 0;

    *ret = (struct cw_report_query_of){
        .filter = {.to_ms = INT64_MAX, .now_ms = cw_control_now_unix_ms(c)}};
    err = take_time(body, "from", &ret->filter.from_ms, reply);
    if (err == 0)
        err = take_time(body, "to", &ret->filter.to_ms, reply);
    if (err == 0 && ret->filter.from_ms >= ret->filter.to_ms)
        err = cw_refuse(reply, CW_ERR_INVALID, "to must be later than from.");
    if (err == 0 && cw_body_choice(body, "format", formats, &format) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "format must be json, csv or xml.");
    if (err == 0 && cw_body_number(body, "limit", 1, CW_REPORT_ROWS_MAX, &limit) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "limit must be a number from 1 to %d.",
                        CW_REPORT_ROWS_MAX);
    ret->format = (enum cw_report_format)format;
    ret->limit = (uint32_t)limit;
    return err == 0 ? take_cursor(body, ret, reply) : err;
}

static int take_id(const json_t *body, const char *member, uint32_t *ret, struct cw_reply *reply)
{
    uint64_t id = *ret;

    if (cw_body_number(body, member, 1, UINT32_MAX, &id) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "%s must be a number of 1 or more.", member);
    *ret = (uint32_t)id;
    return 0;
}

static int take_text(const json_t *body, const char *member, char *out, size_t size,
                     struct cw_reply *reply)
{
    const char *text = NULL;

    if (json_object_get(body, member) == NULL)
        return 0;
    if (cw_body_text(body, member, size - 1, &text) != 0 || !cw_text_is_clean(text, strlen(text)))
        return cw_refuse(reply, CW_ERR_INVALID, "%s must be a text of 1 to %zu bytes.", member,
                         size - 1);
    (void)snprintf(out, size, "%s", text);
    return 0;
}

int cw_report_take_sessions(const struct cw_request *request, struct cw_reply *reply,
                            struct cw_report_filter *filter)
{
    static const char *const states[] = {"any", "waiting", "active", "ended", NULL};
    const json_t *body = request->body;
    int err = take_id(body, "session", &filter->session, reply);

    if (err == 0)
        err = take_id(body, "account", &filter->account, reply);
    if (err == 0)
        err = take_id(body, "team", &filter->team, reply);
    if (err == 0)
        err = take_id(body, "jump_item", &filter->item, reply);
    if (err == 0)
        err = take_id(body, "group", &filter->group, reply);
    if (err == 0)
        err = take_text(body, "external_key", filter->external_key, sizeof filter->external_key,
                        reply);
    if (err == 0)
        err = take_text(body, "customer", filter->customer, sizeof filter->customer, reply);
    if (err == 0 && cw_body_choice(body, "status", states, &filter->state) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "status must be any, waiting, active or ended.");
    return err;
}

int cw_report_take_viewer(struct cw_control *c, const struct cw_request *request,
                          struct cw_report_filter *filter)
{
    /* An API account came here with the scope, an operator by the socket. */
    if (request->front != CW_FRONT_HTTP || cw_right_has(c, request->account, CW_RIGHT_VIEW_REPORTS))
        return 0;
    filter->viewer = request->account;
    if (filter->item != 0 &&
        cw_jump_item_may(c, request->account, filter->item, CW_JUMP_FLAG_VIEW_REPORT))
        filter->viewer_item = filter->item;
    return 0;
}
