/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/store_report.h - rows of reports as the store selects them, and the history that is kept for them.
 *
 * Owner:     texts of a row live until the callback returns.
 * Thread:    the state thread; totals also on a connection of their own beside it (cw_store_open_reader).
 * Units:     Unix milliseconds.
 * Errors:    those of store.h. A callback's non-zero value ends a listing and is returned.
 * Limits:    CW_REPORT_*: a call looks at no more sessions or audit rows than a window has.
 */
#ifndef CW_CONTROL_STORE_STORE_REPORT_H
#define CW_CONTROL_STORE_STORE_REPORT_H

#include "control/store/store.h"

/* A place in the order of a report. */
struct cw_report_mark {
    uint64_t time_ms;
    uint64_t id;
    uint64_t row; /* in a part of the session id; 0: behind all of it */
};

struct cw_report_filter {
    uint64_t from_ms;
    uint64_t to_ms;   /* not included */
    uint32_t session; /* 0 or "" in each: whichever */
    uint32_t account;
    uint32_t team;
    uint32_t item;
    uint32_t group;
    char user[CW_USER_BYTES_MAX + 1]; /* audit rows: whose */
    char external_key[CW_EXTERNAL_KEY_BYTES_MAX + 1];
    char customer[CW_NAME_SIZE]; /* in the name, ASCII letters of either case */
    unsigned state;              /* enum cw_session_state */
    unsigned kind;               /* enum cw_session_kind */
    uint32_t viewer;             /* sees its own and those of whom it leads; 0: everything */
    uint32_t viewer_item;        /* and those with this Jump Item */
    uint64_t now_ms;
};

enum cw_report_query {
    CW_REPORT_SESSIONS,
    CW_REPORT_ACCESSES,
    CW_REPORT_BUTTONS,
    CW_REPORT_PARTICIPANTS,
    CW_REPORT_QUEUE,
    CW_REPORT_EVENTS,
    CW_REPORT_CHAT,
    CW_REPORT_NOTES,
    CW_REPORT_ATTRIBUTES,
    CW_REPORT_SURVEYS,
    CW_REPORT_RECORDINGS,
    CW_REPORT_TEAMS,
    CW_REPORT_BY_DAY,
    CW_REPORT_BY_REPRESENTATIVE,
    CW_REPORT_BY_TEAM,
    CW_REPORT_BY_GROUP,
    CW_REPORT_AUDIT,
    CW_REPORT_QUERY_COUNT,
};

/* One row, its columns as control/report/tables.h has them. */
struct cw_report_row;

typedef int (*cw_report_fn)(void *user, const struct cw_report_row *row);

struct cw_report_mark cw_report_row_mark(const struct cw_report_row *row);
uint64_t cw_report_row_number(const struct cw_report_row *row, unsigned column);
const char *cw_report_row_text(const struct cw_report_row *row, unsigned column);

/* Where a window of `rows` sessions behind `after` ends, and whether there is more after it. */
int cw_store_report_window(struct cw_store *s, const struct cw_report_filter *filter,
                           const struct cw_report_mark *after, uint32_t rows,
                           struct cw_report_mark *ret_end, bool *ret_is_last);
/* SESSIONS, ACCESSES and BUTTONS: those between the marks that fit the filter, oldest first. */
int cw_store_report_sessions(struct cw_store *s, enum cw_report_query query,
                             const struct cw_report_filter *filter,
                             const struct cw_report_mark *after, const struct cw_report_mark *end,
                             uint32_t rows, cw_report_fn each, void *user);
/* PARTICIPANTS to RECORDINGS of a session: those behind the row `after`. */
int cw_store_report_part(struct cw_store *s, enum cw_report_query query, uint32_t session,
                         uint64_t after, uint32_t rows, cw_report_fn each, void *user);
/* TEAMS and BY_*. Reads everything between from and to. */
int cw_store_report_totals(struct cw_store *s, enum cw_report_query query,
                           const struct cw_report_filter *filter, uint64_t after, uint32_t rows,
                           cw_report_fn each, void *user);
/* Oldest first. */
int cw_store_report_audit(struct cw_store *s, const struct cw_report_filter *filter,
                          const struct cw_report_mark *after, uint32_t rows, cw_report_fn each,
                          void *user);

/* ---- history: inside a transaction ------------------------------------------------------------ */

/* Where a session that was just added is. */
int cw_store_stay_begin(struct cw_store *s, const struct cw_session *session, uint64_t now_ms);
/* Where the session is now; nothing is written when that is where it was. */
int cw_store_stay_put(struct cw_store *s, const struct cw_session *session, uint64_t now_ms);
int cw_store_visit_put(struct cw_store *s, const struct cw_participant *participant);
int cw_store_visit_address(struct cw_store *s, const struct cw_participant *participant,
                           const char *address);
/* The session is over. */
int cw_store_stay_end(struct cw_store *s, uint32_t session, uint64_t now_ms);
/* state: enum cw_availability, negative: it is not there. */
int cw_store_presence_put(struct cw_store *s, uint32_t account, int state, uint64_t now_ms);

typedef int (*cw_presence_fn)(void *user, uint32_t account);

/* Who is there, as the store has it. */
int cw_store_presence_each(struct cw_store *s, cw_presence_fn each, void *user);

struct cw_report_purged {
    uint32_t sessions;
    uint32_t first;
    uint32_t last;
    uint64_t rows; /* of their chat, notes, answers ... */
    uint64_t presences;
};

/* Removes at most `sessions` of the sessions that ended before that time, and presences. */
int cw_store_report_purge(struct cw_store *s, uint64_t before_ms, uint32_t sessions,
                          struct cw_report_purged *ret);

#endif
