/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/sql_account.h - inside the store: the statements of accounts and their sign-ins. */
#ifndef CW_CONTROL_STORE_SQL_ACCOUNT_H
#define CW_CONTROL_STORE_SQL_ACCOUNT_H

#define CW_ACCOUNT_SELECT                                                                       \
    "SELECT id, user, display_name, is_admin, is_enabled, must_change, password, created_ms,"   \
    " last_sign_in_ms, comments, rights_allowed, rights_denied, session_policy, second_factor," \
    " remember_me, second_login, network_rule, networks, network_passed_ms, agreement"          \
    " FROM account "

#define CW_SQL_ACCOUNT(X)                                                                          \
    X(ACCOUNT_COUNT, "SELECT count(*) FROM account")                                               \
    X(ACCOUNT_GET, CW_ACCOUNT_SELECT "WHERE id = ?1 AND removed_ms = 0")                           \
    X(ACCOUNT_FIND, CW_ACCOUNT_SELECT "WHERE user = ?1")                                           \
    X(ACCOUNT_EACH, CW_ACCOUNT_SELECT "WHERE removed_ms = 0 ORDER BY user")                        \
    X(ACCOUNT_PAGE, CW_ACCOUNT_SELECT "WHERE removed_ms = 0 AND id > ?1 ORDER BY id LIMIT ?2")     \
    X(ACCOUNT_NAMED, CW_ACCOUNT_SELECT                                                             \
      "WHERE removed_ms = 0 AND (instr(lower(user), lower(?1)) OR"                                 \
      " instr(lower(display_name), lower(?1))) ORDER BY lower(display_name), id LIMIT ?2")         \
    X(ACCOUNT_ADMIN_EACH, CW_ACCOUNT_SELECT "WHERE is_admin AND removed_ms = 0 ORDER BY id")       \
    X(ACCOUNT_SET,                                                                                 \
      "UPDATE account SET display_name = ?2, is_admin = ?3, comments = ?4,"                        \
      " rights_allowed = ?5, rights_denied = ?6, session_policy = ?7,"                             \
      " second_factor = ?8, remember_me = ?9, second_login = ?10, network_rule = ?11,"             \
      " networks = ?12, network_passed_ms = ?13 WHERE id = ?1")                                    \
    X(ACCOUNT_ADMINS, "SELECT count(*) FROM account WHERE is_admin AND is_enabled AND id <> ?1"    \
                      " AND removed_ms = 0")                                                       \
    X(ACCOUNT_REMOVE, "UPDATE account SET removed_ms = ?2, is_enabled = 0, is_admin = 0,"          \
                      " password = '', user = user || '#' || id WHERE id = ?1")                    \
    X(ACCOUNT_LEAVES_TEAMS, "DELETE FROM team_member WHERE account = ?1")                          \
    X(ACCOUNT_LEAVES_POLICIES, "DELETE FROM group_policy_account WHERE account = ?1")              \
    X(ACCOUNT_NETWORK, "UPDATE account SET network_passed_ms = ?2 WHERE id = ?1")                  \
    X(ACCOUNT_ADD,                                                                                 \
      "INSERT INTO account(user, display_name, is_admin, is_enabled, must_change,"                 \
      " password, created_ms, last_sign_in_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)")             \
    X(ACCOUNT_PASSWORD, "UPDATE account SET password = ?2, must_change = ?3 WHERE id = ?1")        \
    X(ACCOUNT_ENABLED, "UPDATE account SET is_enabled = ?2 WHERE id = ?1")                         \
    X(ACCOUNT_SIGNED_IN, "UPDATE account SET last_sign_in_ms = ?2 WHERE id = ?1")                  \
    X(SIGN_IN_ADD,                                                                                 \
      "INSERT INTO sign_in(token_hash, account, source, created_ms, last_used_ms, due,"            \
      " is_remembered)"                                                                            \
      " VALUES(?1, ?2, ?3, ?4, ?4, ?5, ?6)")                                                       \
    X(SIGN_IN_TRIM, "DELETE FROM sign_in WHERE account = ?1 AND id NOT IN (SELECT id FROM sign_in" \
                    " WHERE account = ?1 ORDER BY id DESC LIMIT ?2)")                              \
    X(SIGN_IN_FIND,                                                                                \
      "SELECT id, account, created_ms, last_used_ms, due, is_remembered FROM sign_in"              \
      " WHERE token_hash = ?1")                                                                    \
    X(SIGN_IN_TOUCH, "UPDATE sign_in SET last_used_ms = ?2 WHERE id = ?1")                         \
    X(SIGN_IN_REMOVE, "DELETE FROM sign_in WHERE id = ?1")                                         \
    X(SIGN_IN_EACH, "SELECT id, source, created_ms, last_used_ms, is_remembered FROM sign_in"      \
                    " WHERE account = ?1 ORDER BY last_used_ms DESC, id DESC")                     \
    X(SIGN_IN_END, "DELETE FROM sign_in WHERE account = ?1 AND id = ?2")                           \
    X(SIGN_IN_END_OTHERS, "DELETE FROM sign_in WHERE account = ?1 AND id <> ?2")                   \
    X(SIGN_IN_REMOVE_ALL, "DELETE FROM sign_in WHERE account = ?1")                                \
    X(SIGN_IN_COUNT, "SELECT count(*) FROM sign_in WHERE account = ?1")                            \
    X(SIGN_IN_DONE, "UPDATE sign_in SET due = due & ~?2 WHERE id = ?1")                            \
    X(SIGN_IN_VALID, "SELECT count(*) FROM sign_in WHERE account = ?1"                             \
                     " AND ((created_ms > ?2 AND last_used_ms > ?3)"                               \
                     " OR (is_remembered AND created_ms > ?4))")                                   \
    X(SIGN_IN_PURGE, "DELETE FROM sign_in WHERE (created_ms <= ?1 OR last_used_ms <= ?2)"          \
                     " AND NOT (is_remembered AND created_ms > ?3)")                               \
    X(LOCK_GET, "SELECT count, last_ms FROM sign_in_lock WHERE name_hash = ?1")                    \
    X(LOCK_SET, "INSERT OR REPLACE INTO sign_in_lock(name_hash, count, last_ms)"                   \
                " VALUES(?1, ?2, ?3)")                                                             \
    X(LOCK_CLEAR, "DELETE FROM sign_in_lock WHERE name_hash = ?1")                                 \
    X(LOCK_PURGE, "DELETE FROM sign_in_lock WHERE last_ms < ?1 AND count < ?2")

#endif
