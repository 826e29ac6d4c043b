/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/sql_api.h - inside the store: the statements of API accounts. */
#ifndef CW_CONTROL_STORE_SQL_API_H
#define CW_CONTROL_STORE_SQL_API_H

#define CW_API_ACCOUNT_SELECT                                                          \
    "SELECT id, name, client_id, secret_hash, is_enabled, access, networks, comments," \
    " created_ms, last_token_ms FROM api_account "

#define CW_SQL_API(X)                                                                              \
    X(API_ACCOUNT_COUNT, "SELECT count(*) FROM api_account")                                       \
    X(API_ACCOUNT_GET, CW_API_ACCOUNT_SELECT "WHERE id = ?1")                                      \
    X(API_ACCOUNT_FIND, CW_API_ACCOUNT_SELECT "WHERE client_id = ?1")                              \
    X(API_ACCOUNT_EACH, CW_API_ACCOUNT_SELECT "ORDER BY id")                                       \
    X(API_ACCOUNT_ADD, "INSERT INTO api_account(name, client_id, secret_hash, is_enabled, access," \
                       " networks, comments, created_ms, last_token_ms)"                           \
                       " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0)")                               \
    X(API_ACCOUNT_SET, "UPDATE api_account SET name = ?2, is_enabled = ?3, access = ?4,"           \
                       " networks = ?5, comments = ?6 WHERE id = ?1")                              \
    X(API_ACCOUNT_SECRET, "UPDATE api_account SET secret_hash = ?2 WHERE id = ?1")                 \
    X(API_ACCOUNT_USED, "UPDATE api_account SET last_token_ms = ?2 WHERE id = ?1")                 \
    X(API_ACCOUNT_REMOVE, "DELETE FROM api_account WHERE id = ?1")                                 \
    X(API_TOKEN_ADD, "INSERT INTO api_token(token_hash, api_account, access, expires_ms)"          \
                     " VALUES(?1, ?2, ?3, ?4)")                                                    \
    X(API_TOKEN_TRIM, "DELETE FROM api_token WHERE api_account = ?1 AND id NOT IN"                 \
                      " (SELECT id FROM api_token WHERE api_account = ?1 ORDER BY id DESC"         \
                      " LIMIT ?2)")                                                                \
    X(API_TOKEN_FIND, "SELECT api_account, access, expires_ms FROM api_token"                      \
                      " WHERE token_hash = ?1")                                                    \
    X(API_TOKEN_REMOVE_ALL, "DELETE FROM api_token WHERE api_account = ?1")                        \
    X(API_TOKEN_REMOVE, "DELETE FROM api_token WHERE token_hash = ?1")                             \
    X(API_TOKEN_PURGE, "DELETE FROM api_token WHERE expires_ms < ?1")

#endif
