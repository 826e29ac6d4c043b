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
#include "control/store/sql_button.h"
#include "control/store/sql_factor.h"
#include "control/store/sql_group_policy.h"
#include "control/store/sql_jump.h"
#include "control/store/sql_outbox.h"
#include "control/store/sql_policy.h"
#include "control/store/sql_portal.h"
#include "control/store/sql_queue.h"
#include "control/store/sql_report.h"
#include "control/store/sql_session.h"
#include "control/store/sql_share.h"
#include "control/store/sql_team.h"
#include "control/store/sql_team_chat.h"
#include "control/store/store.h"
#include "control/store/store_checkpoint.h"
#include "control/store/store_kept.h"

/* Each area lists its own. X(NAME, SQL) */
#define CW_STATEMENTS(X)   \
    CW_SQL_BASE(X)         \
    CW_SQL_ACCOUNT(X)      \
    CW_SQL_SESSION(X)      \
    CW_SQL_JUMP(X)         \
    CW_SQL_TEAM(X)         \
    CW_SQL_TEAM_CHAT(X)    \
    CW_SQL_GROUP_POLICY(X) \
    CW_SQL_API(X)          \
    CW_SQL_OUTBOX(X)       \
    CW_SQL_POLICY(X)       \
    CW_SQL_QUEUE(X)        \
    CW_SQL_SHARE(X)        \
    CW_SQL_FACTOR(X)       \
    CW_SQL_PORTAL(X)       \
    CW_SQL_REPORT(X)       \
    CW_SQL_BUTTON(X)

enum cw_statement {
#define X(name, sql) CW_SQL_##name,
    CW_STATEMENTS(X)
#undef X
        CW_STATEMENT_COUNT
};

/* What memory knows of the audit log's end. */
struct cw_audit_chain {
    bool is_ready;
    struct cw_chain_key key; /* of the epoch that is open */
    uint64_t epoch_rows;
    uint64_t epoch_ms; /* of its first row */
    uint64_t last_id;
    uint8_t last_mac[CW_CHAIN_BYTES];
    uint64_t head_id; /* where the store says that the log ends */
    uint64_t head_epoch;
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

    struct cw_checkpointer checkpointer;
    struct cw_kept *kept; /* NULL: this one only reads */

    struct cw_audit_chain chain; /* store_audit.c */
    struct cw_audit_chain chain_of_change;
    struct cw_audit_chain chain_of_group;
    struct cw_chain_mac mac; /* with the key of mac_epoch */
    uint64_t mac_epoch;
    char key_path[560]; /* audit.key beside the store */
    uint64_t key_file_epoch;
    struct cw_checkpoint signed_last;
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

/* Like cw_bind_text, for a text that stays until cw_query_end. */
void cw_bind_static(struct cw_query *q, const char *text);

/* ---- store_audit.c: the chain goes with the transactions ------------------------------------- */

/* 0: rows can be added, or the disk takes nothing now. */
int cw_audit_chain_open(struct cw_store *s, uint64_t now_ms, char *message, size_t message_size);
void cw_audit_chain_close(struct cw_store *s);
/* A change or a group begins; it is undone; it is committed (seal: before, committed: after). */
void cw_audit_chain_note(struct cw_store *s);
void cw_audit_chain_note_group(struct cw_store *s);
void cw_audit_chain_undo(struct cw_store *s);
void cw_audit_chain_undo_group(struct cw_store *s);
int cw_audit_chain_seal(struct cw_store *s);
void cw_audit_chain_committed(struct cw_store *s);
struct cw_audit_row cw_audit_row_of(const struct cw_query *q);

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
