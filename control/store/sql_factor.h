/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/sql_factor.h - inside the store: the statements of second factors and authenticators. */
#ifndef CW_CONTROL_STORE_SQL_FACTOR_H
#define CW_CONTROL_STORE_SQL_FACTOR_H

#define CW_AUTHENTICATOR_SELECT                                                            \
    "SELECT id, account, credential, algorithm, public_key, sign_count, name, created_ms," \
    " last_used_ms FROM authenticator "

#define CW_SQL_FACTOR(X)                                                                           \
    X(TOTP_GET, "SELECT secret, last_step FROM totp WHERE account = ?1")                           \
    X(TOTP_PUT, "INSERT OR REPLACE INTO totp(account, secret, last_step)"                          \
                " VALUES(?1, ?2, ?3)")                                                             \
    X(TOTP_STEP, "UPDATE totp SET last_step = ?2 WHERE account = ?1 AND last_step < ?2")           \
    X(TOTP_REMOVE, "DELETE FROM totp WHERE account = ?1")                                          \
    X(EXTENDED_ADD, "INSERT OR IGNORE INTO extended_availability(account) VALUES(?1)")             \
    X(EXTENDED_REMOVE, "DELETE FROM extended_availability WHERE account = ?1")                     \
    X(EXTENDED_EACH, "SELECT account FROM extended_availability ORDER BY account")                 \
    X(CONSOLE_SETTING_PUT, "INSERT OR REPLACE INTO console_setting(name, value, is_forced)"        \
                           " VALUES(?1, ?2, ?3)")                                                  \
    X(CONSOLE_SETTING_REMOVE, "DELETE FROM console_setting WHERE name = ?1")                       \
    X(CONSOLE_SETTING_EACH, "SELECT name, value, is_forced FROM console_setting")                  \
    X(ACCOUNT_SETTING_PUT, "INSERT OR REPLACE INTO account_setting(name, value, account)"          \
                           " VALUES(?1, ?2, ?3)")                                                  \
    X(ACCOUNT_SETTING_REMOVE, "DELETE FROM account_setting WHERE account = ?1 AND name = ?2")      \
    X(ACCOUNT_SETTING_REMOVE_ALL, "DELETE FROM account_setting WHERE account = ?1")                \
    X(ACCOUNT_SETTING_EACH, "SELECT name, value, 0 FROM account_setting WHERE account = ?1")       \
    X(AGREEMENT_CURRENT, "SELECT version, title, text, published_ms, withdrawn_ms FROM agreement"  \
                         " ORDER BY version DESC LIMIT 1")                                         \
    X(AGREEMENT_ADD, "INSERT INTO agreement(title, text, published_ms) VALUES(?1, ?2, ?3)")        \
    X(AGREEMENT_WITHDRAW, "UPDATE agreement SET withdrawn_ms = ?1 WHERE withdrawn_ms = 0")         \
    X(AGREEMENT_ACCEPT, "INSERT OR REPLACE INTO agreement_accepted(account, version, accepted_ms)" \
                        " VALUES(?1, ?2, ?3)")                                                     \
    X(AGREEMENT_OF_ACCOUNT, "UPDATE account SET agreement = ?2 WHERE id = ?1")                     \
    X(CODE_LOCK_GET, "SELECT count, last_ms FROM code_lock WHERE account = ?1")                    \
    X(CODE_LOCK_SET, "INSERT OR REPLACE INTO code_lock(account, count, last_ms)"                   \
                     " VALUES(?1, ?2, ?3)")                                                        \
    X(CODE_LOCK_CLEAR, "DELETE FROM code_lock WHERE account = ?1")                                 \
    X(RECOVERY_ADD, "INSERT INTO recovery_code(account, code_hash) VALUES(?1, ?2)")                \
    X(RECOVERY_USE, "DELETE FROM recovery_code WHERE account = ?1 AND code_hash = ?2")             \
    X(RECOVERY_REMOVE, "DELETE FROM recovery_code WHERE account = ?1")                             \
    X(RECOVERY_COUNT, "SELECT count(*) FROM recovery_code WHERE account = ?1")                     \
    X(AUTHENTICATOR_ADD,                                                                           \
      "INSERT INTO authenticator(account, credential, algorithm, public_key, sign_count, name,"    \
      " created_ms, last_used_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)")                          \
    X(AUTHENTICATOR_EACH, CW_AUTHENTICATOR_SELECT "WHERE account = ?1 ORDER BY id")                \
    X(AUTHENTICATOR_FIND, CW_AUTHENTICATOR_SELECT "WHERE credential = ?1")                         \
    X(AUTHENTICATOR_USED, "UPDATE authenticator SET sign_count = ?2, last_used_ms = ?3"            \
                          " WHERE id = ?1")                                                        \
    X(AUTHENTICATOR_REMOVE, "DELETE FROM authenticator WHERE account = ?1 AND id = ?2")            \
    X(AUTHENTICATOR_REMOVE_ALL, "DELETE FROM authenticator WHERE account = ?1")                    \
    X(AUTHENTICATOR_COUNT, "SELECT count(*) FROM authenticator WHERE account = ?1")

#endif
