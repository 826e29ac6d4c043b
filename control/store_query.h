/* SPDX-License-Identifier: Apache-2.0 */
/* control/store_query.h - inside the store: every statement by name, and a cursor to run one.
 *
 * Owner:     statements are prepared once and kept by struct cw_store; a cw_query borrows one from
 *            cw_query_on to cw_query_end.
 * Thread:    the state thread.
 * Errors:    sticky in cw_query.err: bind and step after a failure do nothing.
 */
#ifndef CW_CONTROL_STORE_QUERY_H
#define CW_CONTROL_STORE_QUERY_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/store.h"

#define CW_SESSION_SELECT                                                                          \
    "SELECT s.id, s.kind, s.state, s.account, coalesce(s.jump_item, 0), s.customer,"               \
    " a.display_name, s.created_ms, s.started_ms, s.ended_ms, s.recording"                         \
    " FROM session s JOIN account a ON a.id = s.account "
#define CW_JUMP_ITEM_SELECT                                                                        \
    "SELECT j.id, j.name, g.name, j.device_key, j.hostname, j.platform, j.user, j.last_seen_ms,"   \
    " j.last_access_ms, j.removed_ms IS NOT NULL"                                                  \
    " FROM jump_item j JOIN jump_group g ON g.id = j.jump_group "
#define CW_ACCOUNT_SELECT                                                                          \
    "SELECT id, user, display_name, is_admin, is_enabled, must_change, password, created_ms,"      \
    " last_sign_in_ms FROM account "
#define CW_RECORDING_SELECT                                                                        \
    "SELECT recording, part, session, file, bytes, blocks, is_whole, root, signature, sealed_s,"   \
    " is_told FROM recording "
#define CW_AUDIT_SELECT                                                                            \
    "SELECT id, time_ms, actor, source, action, object, result, detail, hash FROM audit "

/* X(NAME, SQL) */
#define CW_STATEMENTS(X)                                                                           \
    X(BEGIN, "BEGIN IMMEDIATE")                                                                    \
    X(COMMIT, "COMMIT")                                                                            \
    X(ROLLBACK, "ROLLBACK")                                                                        \
    X(PROBE, "INSERT OR REPLACE INTO store_probe(id, time_ms) VALUES(1, unixepoch())")             \
    X(VERSION, "PRAGMA user_version")                                                              \
    X(RECORDING_PUT, "INSERT OR REPLACE INTO recording(recording, part, session, file, bytes,"     \
                     " blocks, is_whole, root, signature, sealed_s, is_told)"                      \
                     " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")                      \
    X(RECORDING_GET, CW_RECORDING_SELECT "WHERE recording = ?1 AND part = ?2")                     \
    X(RECORDING_EACH, CW_RECORDING_SELECT "WHERE ?1 = 0 OR is_told = 0"                            \
                                          " ORDER BY sealed_s DESC, session DESC, part LIMIT ?2")  \
    X(RECORDING_TOLD, "UPDATE recording SET is_told = 1 WHERE is_told = 0 AND session % ?2 = ?1")  \
    X(SETTING_PUT, "INSERT OR REPLACE INTO setting(name, value, changed_ms) VALUES(?1, ?2, ?3)")   \
    X(SETTING_REMOVE, "DELETE FROM setting WHERE name = ?1")                                       \
    X(SETTING_EACH, "SELECT name, value FROM setting ORDER BY name")                               \
    X(ACCOUNT_COUNT, "SELECT count(*) FROM account")                                               \
    X(ACCOUNT_GET, CW_ACCOUNT_SELECT "WHERE id = ?1")                                              \
    X(ACCOUNT_FIND, CW_ACCOUNT_SELECT "WHERE user = ?1")                                           \
    X(ACCOUNT_EACH, CW_ACCOUNT_SELECT "ORDER BY user")                                             \
    X(ACCOUNT_ADD,                                                                                 \
      "INSERT INTO account(user, display_name, is_admin, is_enabled, must_change,"                 \
      " password, created_ms, last_sign_in_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)")             \
    X(ACCOUNT_PASSWORD, "UPDATE account SET password = ?2, must_change = ?3 WHERE id = ?1")        \
    X(ACCOUNT_ENABLED, "UPDATE account SET is_enabled = ?2 WHERE id = ?1")                         \
    X(ACCOUNT_SIGNED_IN, "UPDATE account SET last_sign_in_ms = ?2 WHERE id = ?1")                  \
    X(SIGN_IN_ADD, "INSERT INTO sign_in(token_hash, account, source, created_ms, last_used_ms)"    \
                   " VALUES(?1, ?2, ?3, ?4, ?4)")                                                  \
    X(SIGN_IN_TRIM, "DELETE FROM sign_in WHERE account = ?1 AND id NOT IN (SELECT id FROM sign_in" \
                    " WHERE account = ?1 ORDER BY id DESC LIMIT ?2)")                              \
    X(SIGN_IN_FIND, "SELECT id, account, created_ms, last_used_ms FROM sign_in"                    \
                    " WHERE token_hash = ?1")                                                      \
    X(SIGN_IN_TOUCH, "UPDATE sign_in SET last_used_ms = ?2 WHERE id = ?1")                         \
    X(SIGN_IN_REMOVE, "DELETE FROM sign_in WHERE id = ?1")                                         \
    X(SIGN_IN_REMOVE_ALL, "DELETE FROM sign_in WHERE account = ?1")                                \
    X(SIGN_IN_COUNT, "SELECT count(*) FROM sign_in WHERE account = ?1")                            \
    X(SIGN_IN_VALID, "SELECT count(*) FROM sign_in WHERE account = ?1 AND created_ms > ?2"         \
                     " AND last_used_ms > ?3")                                                     \
    X(SIGN_IN_PURGE, "DELETE FROM sign_in WHERE created_ms < ?1 OR last_used_ms < ?2")             \
    X(LOCK_GET, "SELECT count, last_ms FROM sign_in_lock WHERE name_hash = ?1")                    \
    X(LOCK_SET, "INSERT OR REPLACE INTO sign_in_lock(name_hash, count, last_ms)"                   \
                " VALUES(?1, ?2, ?3)")                                                             \
    X(LOCK_CLEAR, "DELETE FROM sign_in_lock WHERE name_hash = ?1")                                 \
    X(LOCK_PURGE, "DELETE FROM sign_in_lock WHERE last_ms < ?1")                                   \
    X(KEY_ADD, "INSERT INTO session_key(key_hash, account, created_ms, expires_ms)"                \
               " VALUES(?1, ?2, ?3, ?4)")                                                          \
    X(KEY_FIND, "SELECT id, account, expires_ms, coalesce(used_ms, 0) FROM session_key"            \
                " WHERE key_hash = ?1")                                                            \
    X(KEY_USE, "UPDATE session_key SET used_ms = ?2, session = ?3 WHERE id = ?1")                  \
    X(KEY_COUNT, "SELECT count(*) FROM session_key WHERE account = ?1 AND used_ms IS NULL"         \
                 " AND expires_ms > ?2")                                                           \
    X(KEY_PURGE, "DELETE FROM session_key WHERE expires_ms < ?1")                                  \
    X(TOKEN_ADD, "INSERT INTO enrolment_token(token_hash, name, jump_group, created_ms,"           \
                 " expires_ms) VALUES(?1, ?2, ?3, ?4, ?5)")                                        \
    X(TOKEN_FIND, "SELECT id, name, jump_group, expires_ms, coalesce(used_ms, 0)"                  \
                  " FROM enrolment_token WHERE token_hash = ?1")                                   \
    X(TOKEN_USE, "UPDATE enrolment_token SET used_ms = ?2, jump_item = ?3 WHERE id = ?1")          \
    X(TOKEN_COUNT, "SELECT count(*) FROM enrolment_token WHERE used_ms IS NULL"                    \
                   " AND expires_ms > ?1")                                                         \
    X(TOKEN_PURGE, "DELETE FROM enrolment_token WHERE expires_ms < ?1")                            \
    X(TICKET_ADD, "INSERT INTO ticket(id, kind, session, participant, not_after_s)"                \
                  " VALUES(?1, ?2, ?3, ?4, ?5)")                                                   \
    X(TICKET_EACH, "SELECT id, kind, session, participant, not_after_s FROM ticket"                \
                   " WHERE session = ?1 AND (?2 = 0 OR participant = ?2) AND is_denied = 0"        \
                   " AND not_after_s > ?3")                                                        \
    X(TICKET_DENY, "UPDATE ticket SET is_denied = 1 WHERE session = ?1"                            \
                   " AND (?2 = 0 OR participant = ?2) AND not_after_s > ?3")                       \
    X(TICKET_USED, "UPDATE ticket SET is_denied = 1 WHERE session = ?1 AND participant = ?2"       \
                   " AND kind = ?3 AND not_after_s > ?4 AND is_denied = 0")                        \
    X(TICKET_DENIED_EACH, "SELECT id, kind, session, participant, not_after_s FROM ticket"         \
                          " WHERE is_denied = 1 AND not_after_s > ?1")                             \
    X(TICKET_PURGE, "DELETE FROM ticket WHERE not_after_s < ?1")                                   \
    X(GROUP_FIND, "SELECT id FROM jump_group WHERE name = ?1")                                     \
    X(ITEM_ADD, "INSERT INTO jump_item(jump_group, name, device_key, hostname, platform, user,"    \
                " created_ms, last_seen_ms, last_access_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7,"    \
                " 0, 0)")                                                                          \
    X(ITEM_GET, CW_JUMP_ITEM_SELECT "WHERE j.id = ?1")                                             \
    X(ITEM_FIND, CW_JUMP_ITEM_SELECT "WHERE j.device_key = ?1 AND j.removed_ms IS NULL")           \
    X(ITEM_EACH, CW_JUMP_ITEM_SELECT "WHERE j.removed_ms IS NULL ORDER BY j.name, j.id")           \
    X(ITEM_COUNT, "SELECT count(*) FROM jump_item WHERE removed_ms IS NULL")                       \
    X(ITEM_RENAME, "UPDATE jump_item SET name = ?2 WHERE id = ?1")                                 \
    X(ITEM_REMOVE, "UPDATE jump_item SET removed_ms = ?2 WHERE id = ?1")                           \
    X(ITEM_SEEN, "UPDATE jump_item SET last_seen_ms = ?2 WHERE id = ?1")                           \
    X(ITEM_ACCESSED, "UPDATE jump_item SET last_access_ms = ?2 WHERE id = ?1")                     \
    X(ITEM_DESCRIBE, "UPDATE jump_item SET hostname = ?2, platform = ?3, user = ?4 WHERE id = ?1") \
    X(SESSION_ADD, "INSERT INTO session(kind, state, account, jump_item, customer, created_ms,"    \
                   " started_ms, recording) VALUES(?1, ?2, ?3, nullif(?4, 0), ?5, ?6, ?7, ?8)")    \
    X(SESSION_GET, CW_SESSION_SELECT "WHERE s.id = ?1")                                            \
    X(SESSION_ACTIVATE, "UPDATE session SET state = 2, started_ms = ?2 WHERE id = ?1")             \
    X(SESSION_REQUEUE, "UPDATE session SET state = 1, started_ms = 0 WHERE id = ?1 AND state = 2") \
    X(SESSION_END, "UPDATE session SET state = 3, end_code = ?2, end_text = ?3, ended_ms = ?4"     \
                   " WHERE id = ?1 AND state <> 3")                                                \
    X(SESSION_EACH, CW_SESSION_SELECT "WHERE s.state <> 3 AND (?1 = 0 OR s.account = ?1)"          \
                                      " ORDER BY s.id")                                            \
    X(PARTICIPANT_ADD, "INSERT INTO participant(session, number, role, account, name, holder_key," \
                       " consent_view, consent_control) VALUES(?1, ?2, ?3, nullif(?4, 0), ?5, ?6," \
                       " ?7, ?8)")                                                                 \
    X(PARTICIPANT_HOLDER, "UPDATE participant SET holder_key = ?3 WHERE session = ?1"              \
                          " AND number = ?2")                                                      \
    X(PARTICIPANT_CONSENT, "UPDATE participant SET consent_view = ?3, consent_control = ?4"        \
                           " WHERE session = ?1 AND number = ?2")                                  \
    X(PARTICIPANT_EACH, "SELECT session, number, role, coalesce(account, 0), name, holder_key,"    \
                        " consent_view, consent_control FROM participant WHERE session = ?1"       \
                        " ORDER BY number")                                                        \
    X(CHAT_LAST, "SELECT coalesce(max(sequence), 0) FROM chat WHERE session = ?1")                 \
    X(CHAT_FIND, "SELECT sequence, time_ms, participant, client_message, role, name, text"         \
                 " FROM chat WHERE session = ?1 AND participant = ?2 AND client_message = ?3"      \
                 " AND participant <> 0")                                                          \
    X(CHAT_ADD, "INSERT INTO chat(session, sequence, time_ms, participant, client_message, role,"  \
                " name, text) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")                             \
    X(CHAT_EACH, "SELECT sequence, time_ms, participant, client_message, role, name, text"         \
                 " FROM chat WHERE session = ?1 AND sequence > (SELECT max(sequence) FROM chat"    \
                 " WHERE session = ?1) - ?2 ORDER BY sequence")                                    \
    X(AUDIT_LAST, "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1")                           \
    X(AUDIT_ADD, "INSERT INTO audit(id, time_ms, actor, source, action, object, result, detail,"   \
                 " hash) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")                              \
    X(AUDIT_EACH, CW_AUDIT_SELECT "ORDER BY id DESC LIMIT ?1")                                     \
    X(AUDIT_ALL, CW_AUDIT_SELECT "ORDER BY id")

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

#endif
