/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/sql_base.h - inside the store: the statements of transactions, settings, the audit log. */
#ifndef CW_CONTROL_STORE_SQL_BASE_H
#define CW_CONTROL_STORE_SQL_BASE_H

#define CW_AUDIT_SELECT \
    "SELECT id, time_ms, actor, source, action, object, result, detail, hash FROM audit "

#define CW_SQL_BASE(X)                                                                           \
    X(BEGIN, "BEGIN IMMEDIATE")                                                                  \
    X(COMMIT, "COMMIT")                                                                          \
    X(ROLLBACK, "ROLLBACK")                                                                      \
    X(SAVEPOINT, "SAVEPOINT one")                                                                \
    X(RELEASE, "RELEASE one")                                                                    \
    X(ROLLBACK_TO, "ROLLBACK TO one")                                                            \
    X(PROBE, "INSERT OR REPLACE INTO store_probe(id, time_ms) VALUES(1, unixepoch())")           \
    X(VERSION, "PRAGMA user_version")                                                            \
    X(SETTING_PUT, "INSERT OR REPLACE INTO setting(name, value, changed_ms) VALUES(?1, ?2, ?3)") \
    X(SETTING_REMOVE, "DELETE FROM setting WHERE name = ?1")                                     \
    X(SETTING_EACH, "SELECT name, value FROM setting ORDER BY name")                             \
    X(AUDIT_LAST, "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1")                         \
    X(AUDIT_ADD, "INSERT INTO audit(id, time_ms, actor, source, action, object, result, detail," \
                 " hash) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")                            \
    X(AUDIT_EACH, CW_AUDIT_SELECT "ORDER BY id DESC LIMIT ?1")                                   \
    X(AUDIT_ALL, CW_AUDIT_SELECT "ORDER BY id")

#endif
