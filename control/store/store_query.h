/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/store_query.h - inside the store: every statement by name, and a cursor to run one.
 *
 * Owner:     statements are prepared once and kept by struct cw_store; a cw_query borrows one from
 *            cw_query_on to cw_query_end.
 * Thread:    the state thread.
 * Errors:    sticky in cw_query.err: bind and step after a failure do nothing.
 */
#ifndef CW_CONTROL_STORE_STORE_QUERY_H
#define CW_CONTROL_STORE_STORE_QUERY_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/store/sql_account.h"
#include "control/store/sql_api.h"
#include "control/store/sql_base.h"
#include "control/store/sql_group_policy.h"
#include "control/store/sql_jump.h"
#include "control/store/sql_policy.h"
#include "control/store/sql_queue.h"
#include "control/store/sql_session.h"
#include "control/store/sql_share.h"
#include "control/store/sql_team.h"
#include "control/store/store.h"

/* Each area lists its own. X(NAME, SQL) */
#define CW_STATEMENTS(X)   \
    CW_SQL_BASE(X)         \
    CW_SQL_ACCOUNT(X)      \
    CW_SQL_SESSION(X)      \
    CW_SQL_JUMP(X)         \
    CW_SQL_TEAM(X)         \
    CW_SQL_GROUP_POLICY(X) \
    CW_SQL_API(X)          \
    CW_SQL_POLICY(X)       \
    CW_SQL_QUEUE(X)        \
    CW_SQL_SHARE(X)

enum cw_statement {
#define X(name, sql) CW_SQL_##name,
    CW_STATEMENTS(X)
#undef X
        CW_STATEMENT_COUNT
};

struct cw_store {
    sqlite3 *db;
    char path[512];
    sqlite3_stmt *statements[CW_STATEMENT_COUNT];
    bool is_writing;  /* between begin and end */
    bool is_grouping; /* changes of a turn are one transaction */
    bool has_group;   /* one is open: changes are savepoints in it */
    bool is_lost;     /* its transaction is gone; the group fails as a whole */
    bool is_writable;
    bool opened_read_only; /* the file itself could only be opened for reading */
    char reason[160];
    struct cw_store_counts counts;
};

struct cw_query {
    struct cw_store *store;
    sqlite3_stmt *statement;
    int next; /* parameter to bind */
    int err;
};

extern const char *const cw_store_steps[];
extern const int cw_store_step_count;

/* What an SQLite result means for callers; remembers why the store cannot be written. */
int cw_store_error(struct cw_store *s, int rc);

struct cw_query cw_query_on(struct cw_store *s, enum cw_statement id);
void cw_bind_int(struct cw_query *q, uint64_t value);
void cw_bind_text(struct cw_query *q, const char *text);
void cw_bind_text_n(struct cw_query *q, const char *text, size_t bytes);
void cw_bind_blob(struct cw_query *q, const void *data, size_t bytes);
/* True while there is a row; false at the end or on an error (see cw_query_end). */
bool cw_query_row(struct cw_query *q);
/* Resets the statement. 0 or the error. */
int cw_query_end(struct cw_query *q);
/* Runs a statement that has no rows; a write. */
int cw_query_run(struct cw_query *q);
/* Runs a write that must change something: CW_ERR_NOT_FOUND when it did not. */
int cw_query_change(struct cw_query *q);
/* The one number of the one row. */
int cw_query_number(struct cw_query *q, uint64_t *ret_value);

uint64_t cw_column_int(const struct cw_query *q, int column);
void cw_column_text(const struct cw_query *q, int column, char *out, size_t out_size);
/* Wrong sizes give zeros. */
void cw_column_blob(const struct cw_query *q, int column, void *out, size_t bytes);

/* Rights as their names (store_group_policy.c): what was stored survives a change of the numbers. */
void cw_bind_rights(struct cw_query *q, uint64_t rights);
uint64_t cw_column_rights(const struct cw_query *q, int column);
/* Five parameters, five columns. */
void cw_bind_rules(struct cw_query *q, const struct cw_sign_in_rules *rules);
void cw_column_rules(const struct cw_query *q, int column, struct cw_sign_in_rules *ret);

#endif
