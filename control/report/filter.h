/* SPDX-License-Identifier: Apache-2.0 */
/* control/report/filter.h - what a caller asks a report for: filters, format, page.
 *
 * Owner:     values in the caller's memory.
 * Thread:    the state thread; the parsers are pure.
 * Units:     Unix milliseconds.
 * Errors:    CW_ERR_INVALID with a sentence that names the member.
 * Limits:    CW_REPORT_*.
 * Invariant: a cursor names a place in an order that does not change, so pages neither repeat nor leave out a row.
 */
#ifndef CW_CONTROL_REPORT_FILTER_H
#define CW_CONTROL_REPORT_FILTER_H

#include "control/report/sheet.h"
#include "control/state.h"

struct cw_report_query_of {
    struct cw_report_filter filter;
    struct cw_report_mark after;
    bool is_first; /* no cursor was given */
    enum cw_report_format format;
    uint32_t limit;
};

enum { CW_REPORT_CURSOR_SIZE = CW_REPORT_CURSOR_BYTES_MAX };

/* "1800000000000", or RFC 3339: "2026-11-22T10:00:00+01:00", with a Z or with fractions of a second. */
int cw_report_time_parse(const char *text, uint64_t *ret_unix_ms);
/* "1800000000000.17" or, in a part of a session, "1800000000000.17.5". */
int cw_report_cursor_parse(const char *text, struct cw_report_mark *ret);
void cw_report_cursor_text(const struct cw_report_mark *mark, char out[CW_REPORT_CURSOR_SIZE]);

/* Members of the query that every report takes: from, to, format, after, limit. now_ms is set, viewer is not. */
int cw_report_take_page(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply, struct cw_report_query_of *ret);
/* session, account, team, jump_item, group, external_key, customer, status. */
int cw_report_take_sessions(const struct cw_request *request, struct cw_reply *reply,
                            struct cw_report_filter *filter);
/* Who asks sees everything, or (viewer) what is its own or its teams'. */
int cw_report_take_viewer(struct cw_control *c, const struct cw_request *request,
                          struct cw_report_filter *filter);

#endif
