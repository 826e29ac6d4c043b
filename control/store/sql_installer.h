/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/sql_installer.h - inside the store: the statements of installers of Jump Clients. */
#ifndef CW_CONTROL_STORE_SQL_INSTALLER_H
#define CW_CONTROL_STORE_SQL_INSTALLER_H

#define CW_INSTALLER_SELECT                                                                      \
    "SELECT i.id, i.label, i.name_pattern, i.jump_group, g.name, i.tag, i.comments,"             \
    " i.jump_policy, i.session_policy, i.overrides, i.is_quiet, i.mode, i.port,"                 \
    " i.uses_max, i.uses, i.item_life_s, i.created_ms, i.created_by, i.expires_ms, i.revoked_ms" \
    " FROM installer i JOIN jump_group g ON g.id = i.jump_group "

#define CW_SQL_INSTALLER(X)                                                                       \
    X(INSTALLER_ADD,                                                                              \
      "INSERT INTO installer(token_hash, label, name_pattern, jump_group, tag, comments,"         \
      " jump_policy, session_policy, overrides, is_quiet, mode, port, uses_max, item_life_s,"     \
      " created_ms, created_by, expires_ms)"                                                      \
      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 >> 1, ?9 & 1, ?10,"                             \
      " ?11, ?12, ?13, ?14, ?15, ?16)")                                                           \
    X(INSTALLER_GET, CW_INSTALLER_SELECT "WHERE i.id = ?1")                                       \
    X(INSTALLER_FIND, CW_INSTALLER_SELECT "WHERE i.token_hash = ?1")                              \
    X(INSTALLER_EACH, CW_INSTALLER_SELECT "WHERE i.id > ?1 ORDER BY i.id LIMIT ?2")               \
    X(INSTALLER_COUNT, "SELECT count(*) FROM installer WHERE revoked_ms = 0 AND expires_ms > ?1") \
    X(INSTALLER_EXTEND, "UPDATE installer SET expires_ms = ?2, uses_max = ?3 WHERE id = ?1")      \
    X(INSTALLER_REVOKE, "UPDATE installer SET revoked_ms = ?2 WHERE id = ?1")                     \
    X(INSTALLER_USE, "UPDATE installer SET uses = uses + 1 WHERE id = ?1")                        \
    X(INSTALLED_ADD,                                                                              \
      "INSERT OR REPLACE INTO installed(installer, item, time_ms) VALUES(?1, ?2, ?3)")

#endif
