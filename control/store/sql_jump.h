/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/sql_jump.h - inside the store: the statements of Jump Items, their groups and enrolment tokens. */
#ifndef CW_CONTROL_STORE_SQL_JUMP_H
#define CW_CONTROL_STORE_SQL_JUMP_H

#include "control/store/sql_installer.h"
#include "control/store/sql_item.h"

#define CW_JUMP_ITEM_SELECT                                                                      \
    "SELECT j.id, j.name, g.name, j.device_key, j.hostname, j.platform, j.user, j.last_seen_ms," \
    " j.last_access_ms, j.removed_ms IS NOT NULL"                                                \
    " FROM jump_item j JOIN jump_group g ON g.id = j.jump_group "

#define CW_SQL_JUMP(X)                                                                          \
    CW_SQL_ITEM(X)                                                                              \
    CW_SQL_INSTALLER(X)                                                                         \
    X(TOKEN_ADD, "INSERT INTO enrolment_token(token_hash, name, jump_group, created_ms,"        \
                 " expires_ms) VALUES(?1, ?2, ?3, ?4, ?5)")                                     \
    X(TOKEN_FIND, "SELECT id, name, jump_group, expires_ms, coalesce(used_ms, 0)"               \
                  " FROM enrolment_token WHERE token_hash = ?1")                                \
    X(TOKEN_USE, "UPDATE enrolment_token SET used_ms = ?2, jump_item = ?3 WHERE id = ?1")       \
    X(TOKEN_COUNT, "SELECT count(*) FROM enrolment_token WHERE used_ms IS NULL"                 \
                   " AND expires_ms > ?1")                                                      \
    X(TOKEN_PURGE, "DELETE FROM enrolment_token WHERE expires_ms < ?1")                         \
    X(GROUP_FIND, "SELECT id FROM jump_group WHERE name = ?1")                                  \
    X(ITEM_ADD, "INSERT INTO jump_item(jump_group, name, device_key, hostname, platform, user," \
                " created_ms, last_seen_ms, last_access_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7," \
                " ?7, 0)")                                                                      \
    X(ITEM_GET, CW_JUMP_ITEM_SELECT "WHERE j.id = ?1")                                          \
    X(ITEM_FIND, CW_JUMP_ITEM_SELECT "WHERE j.device_key = ?1 AND j.removed_ms IS NULL")        \
    X(ITEM_EACH, CW_JUMP_ITEM_SELECT "WHERE j.removed_ms IS NULL ORDER BY j.name, j.id")        \
    X(ITEM_COUNT, "SELECT count(*) FROM jump_item WHERE removed_ms IS NULL")                    \
    X(ITEM_RENAME, "UPDATE jump_item SET name = ?2 WHERE id = ?1")                              \
    X(ITEM_REMOVE, "UPDATE jump_item SET removed_ms = ?2 WHERE id = ?1")                        \
    X(ITEM_SEEN, "UPDATE jump_item SET last_seen_ms = ?2 WHERE id = ?1")                        \
    X(ITEM_ACCESSED, "UPDATE jump_item SET last_access_ms = ?2 WHERE id = ?1")                  \
    X(ITEM_DESCRIBE, "UPDATE jump_item SET hostname = ?2, platform = ?3, user = ?4 WHERE id = ?1")

#endif
