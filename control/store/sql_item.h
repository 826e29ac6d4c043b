/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/sql_item.h - inside the store: the statements of Jump Items' fields, favourites, thumbnails. */
#ifndef CW_CONTROL_STORE_SQL_ITEM_H
#define CW_CONTROL_STORE_SQL_ITEM_H

#define CW_ITEM_DETAIL_SELECT                                                                    \
    "SELECT j.id, j.name, g.name, j.device_key, j.hostname, j.platform, j.user, j.last_seen_ms," \
    " j.last_access_ms, j.removed_ms IS NOT NULL, j.jump_group, j.comments, j.tag, j.workgroup," \
    " j.domain, j.fqdn, j.private_ip, j.public_ip, j.version, j.statistics, j.presence,"         \
    " j.reported_ms, j.mode, j.port, j.expires_ms, j.is_quiet, j.is_disabled, j.leaving,"        \
    " j.created_ms, j.wake FROM jump_item j JOIN jump_group g ON g.id = j.jump_group "

#define CW_SQL_ITEM(X)                                                                             \
    X(DETAIL_GET, CW_ITEM_DETAIL_SELECT "WHERE j.id = ?1")                                         \
    X(DETAIL_EACH, CW_ITEM_DETAIL_SELECT "WHERE j.removed_ms IS NULL AND j.id > ?1 ORDER BY j.id") \
    X(DETAIL_EDIT, "UPDATE jump_item SET name = ?2, jump_group = ?3, comments = ?4, tag = ?5,"     \
                   " expires_ms = ?6, is_disabled = ?7, mode = ?8, port = ?9 WHERE id = ?1")       \
    X(DETAIL_REPORT,                                                                               \
      "UPDATE jump_item SET hostname = ?2, platform = ?3, user = ?4, workgroup = ?5,"              \
      " domain = ?6, fqdn = ?7, private_ip = ?8, public_ip = ?9, version = ?10,"                   \
      " statistics = ?11, presence = ?12, reported_ms = ?13, is_disabled = ?14 WHERE id = ?1")     \
    X(DETAIL_DEPLOY, "UPDATE jump_item SET comments = ?2, tag = ?3, mode = ?4, port = ?5,"         \
                     " expires_ms = ?6, is_quiet = ?7 WHERE id = ?1")                              \
    X(ITEM_WAKE, "UPDATE jump_item SET wake = max(wake + 1, ?2) WHERE id = ?1 RETURNING wake")     \
    X(ITEM_LEAVING, "UPDATE jump_item SET leaving = ?2 WHERE id = ?1")                             \
    X(ITEM_UNSEEN, "SELECT id FROM jump_item WHERE removed_ms IS NULL AND last_seen_ms < ?1"       \
                   " AND last_seen_ms >= ?2 ORDER BY last_seen_ms LIMIT ?3")                       \
    X(ITEM_EXPIRED, "SELECT id FROM jump_item WHERE removed_ms IS NULL AND expires_ms <> 0"        \
                    " AND expires_ms < ?1 AND leaving = 0 LIMIT ?2")                               \
    X(THUMBNAIL_PUT, "INSERT OR REPLACE INTO jump_thumbnail(item, time_ms, picture)"               \
                     " VALUES(?1, ?2, ?3)")                                                        \
    X(THUMBNAIL_GET, "SELECT time_ms, picture FROM jump_thumbnail WHERE item = ?1")                \
    X(THUMBNAIL_REMOVE, "DELETE FROM jump_thumbnail WHERE item = ?1")                              \
    X(ITEM_FAVOURITE_ADD, "INSERT OR IGNORE INTO jump_favourite(account, item) VALUES(?1, ?2)")    \
    X(ITEM_FAVOURITE_REMOVE, "DELETE FROM jump_favourite WHERE account = ?1 AND item = ?2")        \
    X(ITEM_FAVOURITE_DROP, "DELETE FROM jump_favourite WHERE item = ?1")                           \
    X(ITEM_FAVOURITE_EACH, "SELECT f.item FROM jump_favourite f JOIN jump_item j ON j.id = f.item" \
                           " WHERE f.account = ?1 AND j.removed_ms IS NULL ORDER BY j.name, j.id") \
    X(ITEM_FAVOURITE_COUNT, "SELECT count(*) FROM jump_favourite WHERE account = ?1")              \
    X(UPGRADE_PUT, "INSERT OR REPLACE INTO jump_upgrade(item, program, time_ms, why)"              \
                   " VALUES(?1, ?2, ?3, ?4)")                                                      \
    X(UPGRADE_GET, "SELECT program, time_ms, why FROM jump_upgrade WHERE item = ?1")               \
    X(UPGRADE_REMOVE, "DELETE FROM jump_upgrade WHERE item = ?1")                                  \
    X(UPGRADE_EACH, "SELECT u.item, j.name, u.time_ms, u.why FROM jump_upgrade u JOIN jump_item j" \
                    " ON j.id = u.item WHERE u.program = ?1 AND u.item > ?2"                       \
                    " AND j.removed_ms IS NULL ORDER BY u.item LIMIT ?3")                          \
    X(UPGRADE_COUNT, "SELECT count(*) FROM jump_upgrade u JOIN jump_item j ON j.id = u.item"       \
                     " WHERE u.program = ?1 AND j.removed_ms IS NULL")                             \
    X(GROUP_EACH, "SELECT id, name FROM jump_group ORDER BY id")

#endif
