/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/sql_base.h - inside the store: the statements of transactions, settings, the audit log. */
#ifndef CW_CONTROL_STORE_SQL_BASE_H
#define CW_CONTROL_STORE_SQL_BASE_H

#define CW_AUDIT_SELECT \
    "SELECT id, time_ms, actor, source, action, object, result, detail, hash, epoch FROM audit "
#define CW_CHECKPOINT_SELECT                                                                     \
    "SELECT epoch, time_ms, last_id, last_mac, rows_key, public_key, next_public_key, signature" \
    " FROM audit_checkpoint ORDER BY epoch"

#define CW_SQL_BASE(X)                                                                            \
    X(BEGIN, "BEGIN IMMEDIATE")                                                                   \
    X(COMMIT, "COMMIT")                                                                           \
    X(ROLLBACK, "ROLLBACK")                                                                       \
    X(SAVEPOINT, "SAVEPOINT one")                                                                 \
    X(RELEASE, "RELEASE one")                                                                     \
    X(ROLLBACK_TO, "ROLLBACK TO one")                                                             \
    X(PROBE, "INSERT OR REPLACE INTO store_probe(id, time_ms) VALUES(1, unixepoch())")            \
    X(VERSION, "PRAGMA user_version")                                                             \
    X(SETTING_PUT, "INSERT OR REPLACE INTO setting(name, value, changed_ms) VALUES(?1, ?2, ?3)")  \
    X(SETTING_REMOVE, "DELETE FROM setting WHERE name = ?1")                                      \
    X(SETTING_EACH, "SELECT name, value FROM setting ORDER BY name")                              \
    X(AUDIT_LAST, "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1")                          \
    X(AUDIT_ADD, "INSERT INTO audit(id, time_ms, actor, source, action, object, result, detail,"  \
                 " hash, epoch) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")                 \
    X(AUDIT_EPOCH, "SELECT count(*), coalesce(min(time_ms), 0) FROM audit"                        \
                   " WHERE id > (SELECT max(last_id) FROM audit_checkpoint) AND epoch = ?1")      \
    X(AUDIT_HEAD_PUT, "INSERT OR REPLACE INTO audit_head(id, epoch, last_id, mac)"                \
                      " VALUES(1, ?1, ?2, ?3)")                                                   \
    X(AUDIT_HEAD_GET, "SELECT epoch, last_id, mac FROM audit_head")                               \
    X(CHECKPOINT_ADD, "INSERT INTO audit_checkpoint(epoch, time_ms, last_id, last_mac, rows_key," \
                      " public_key, next_public_key, signature)"                                  \
                      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")                                  \
    X(CHECKPOINT_EACH, CW_CHECKPOINT_SELECT)                                                      \
    X(CHECKPOINT_LAST, CW_CHECKPOINT_SELECT " DESC LIMIT 1")                                      \
    X(AUDIT_EACH, CW_AUDIT_SELECT "ORDER BY id DESC LIMIT ?1")                                    \
    X(AUDIT_ALL, CW_AUDIT_SELECT "ORDER BY id")

#endif
