/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/sql_queue.h - inside the store: the statements of queues, skills and representatives. */
#ifndef CW_CONTROL_STORE_SQL_QUEUE_H
#define CW_CONTROL_STORE_SQL_QUEUE_H

#define CW_SQL_QUEUE(X)                                                                           \
    X(TEAM_QUEUE_EACH, "SELECT t.id, coalesce(q.is_automatic, 0), coalesce(q.offer_s, 0),"        \
                       " coalesce(q.overdue_s, 0), coalesce(q.overflow_team, 0),"                 \
                       " coalesce(q.overflow_s, 0), coalesce(q.overflow_count, 0),"               \
                       " t.is_persistent_queue, t.name, coalesce(q.alert_count, 0)"               \
                       " FROM team t LEFT JOIN team_queue q ON q.team = t.id"                     \
                       " WHERE ?1 = 0 OR t.id = ?1 ORDER BY t.id")                                \
    X(TEAM_QUEUE_PUT, "INSERT OR REPLACE INTO team_queue(team, is_automatic, offer_s, overdue_s," \
                      " overflow_team, overflow_s, overflow_count, alert_count)"                  \
                      " VALUES(?1, ?2, ?3, ?4, nullif(?5, 0), ?6, ?7, ?8)")                       \
    X(STATUS_CODE_ADD, "INSERT INTO status_code(name, shown_as) VALUES(?1, ?2)")                  \
    X(STATUS_CODE_REMOVE, "DELETE FROM status_code WHERE id = ?1")                                \
    X(STATUS_CODE_EACH, "SELECT id, name, shown_as FROM status_code WHERE ?1 = 0 OR id = ?1"      \
                        " ORDER BY id")                                                           \
    X(REPRESENTATIVE_GET, "SELECT availability, coalesce(status_code, 0), is_opted_out,"          \
                          " coalesce(sessions_max, 0), coalesce(idle_limit_s, -1)"                \
                          " FROM representative WHERE account = ?1")                              \
    X(REPRESENTATIVE_PUT, "INSERT OR REPLACE INTO representative(account, availability,"          \
                          " status_code, is_opted_out, sessions_max, idle_limit_s)"               \
                          " VALUES(?1, ?2, nullif(?3, 0), ?4, nullif(?5, 0), nullif(?6, -1))")    \
    X(SKILL_ADD, "INSERT INTO skill(parent, rank, name) VALUES(nullif(?1, 0), ?2, ?3)")           \
    X(SKILL_PUT, "UPDATE skill SET rank = ?2, name = ?3 WHERE id = ?1")                           \
    X(SKILL_REMOVE, "DELETE FROM skill WHERE id = ?1")                                            \
    X(SKILL_EACH, "SELECT id, coalesce(parent, 0), rank, name FROM skill ORDER BY"                \
                  " coalesce(parent, 0), rank, id")                                               \
    X(ACCOUNT_SKILL_ADD, "INSERT OR IGNORE INTO account_skill(account, skill) VALUES(?1, ?2)")    \
    X(ACCOUNT_SKILL_CLEAR, "DELETE FROM account_skill WHERE account = ?1")                        \
    X(ACCOUNT_SKILL_EACH, "SELECT skill FROM account_skill WHERE account = ?1 ORDER BY skill")    \
    X(SESSION_SKILL_ADD, "INSERT OR IGNORE INTO session_skill(session, skill) VALUES(?1, ?2)")    \
    X(SESSION_SKILL_CLEAR, "DELETE FROM session_skill WHERE session = ?1")                        \
    X(SESSION_SKILL_EACH, "SELECT skill FROM session_skill WHERE session = ?1 ORDER BY skill")    \
    X(ASKED_ADD, "INSERT OR IGNORE INTO session_asked(session, account) VALUES(?1, ?2)")          \
    X(ASKED_CLEAR, "DELETE FROM session_asked WHERE session = ?1")                                \
    X(ASKED_EACH, "SELECT account FROM session_asked WHERE session = ?1 ORDER BY account")        \
    X(FAVOURITE_ADD, "INSERT OR IGNORE INTO session_favourite(session, account) VALUES(?1, ?2)")  \
    X(FAVOURITE_REMOVE, "DELETE FROM session_favourite WHERE session = ?1 AND account = ?2")      \
    X(FAVOURITE_EACH, "SELECT f.session FROM session_favourite f JOIN session s"                  \
                      " ON s.id = f.session WHERE f.account = ?1 AND s.state <> 3"                \
                      " ORDER BY f.session")                                                      \
    X(CUSTOMER_MESSAGE_PUT, "INSERT OR REPLACE INTO customer_message(name, text) VALUES(?1, ?2)") \
    X(CUSTOMER_MESSAGE_REMOVE, "DELETE FROM customer_message WHERE name = ?1")                    \
    X(CUSTOMER_MESSAGE_GET, "SELECT text FROM customer_message WHERE name = ?1")

#endif
