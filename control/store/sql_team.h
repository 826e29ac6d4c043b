/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/sql_team.h - inside the store: the statements of teams and their members. */
#ifndef CW_CONTROL_STORE_SQL_TEAM_H
#define CW_CONTROL_STORE_SQL_TEAM_H

#define CW_TEAM_SELECT                                                                   \
    "SELECT id, name, code, comments, is_persistent_queue, created_ms, (SELECT count(*)" \
    " FROM team_member WHERE team = team.id) FROM team "
#define CW_MEMBER_SELECT                                                    \
    "SELECT m.team, m.account, m.role, a.user, a.display_name, t.name FROM" \
    " team_member m JOIN account a ON a.id = m.account JOIN team t ON t.id = m.team "

#define CW_SQL_TEAM(X)                                                                          \
    X(TEAM_COUNT, "SELECT count(*) FROM team")                                                  \
    X(TEAM_GET, CW_TEAM_SELECT "WHERE id = ?1")                                                 \
    X(TEAM_FIND, CW_TEAM_SELECT "WHERE name = ?1")                                              \
    X(TEAM_FIND_CODE, CW_TEAM_SELECT "WHERE code = ?1")                                         \
    X(TEAM_EACH, CW_TEAM_SELECT "WHERE id > ?1 ORDER BY id LIMIT ?2")                           \
    X(TEAM_ADD, "INSERT INTO team(name, code, comments, is_persistent_queue, created_ms)"       \
                " VALUES(?1, ?2, ?3, ?4, ?5)")                                                  \
    X(TEAM_SET, "UPDATE team SET name = ?2, code = ?3, comments = ?4, is_persistent_queue = ?5" \
                " WHERE id = ?1")                                                               \
    X(TEAM_REMOVE, "DELETE FROM team WHERE id = ?1")                                            \
    X(MEMBER_SET, "INSERT OR REPLACE INTO team_member(team, account, role) VALUES(?1, ?2, ?3)") \
    X(MEMBER_REMOVE, "DELETE FROM team_member WHERE team = ?1 AND account = ?2")                \
    X(MEMBER_GET, "SELECT role FROM team_member WHERE team = ?1 AND account = ?2")              \
    X(MEMBER_EACH, CW_MEMBER_SELECT "WHERE m.team = ?1 AND m.account > ?2 ORDER BY m.account"   \
                                    " LIMIT ?3")                                                \
    X(MEMBER_OF_ACCOUNT, CW_MEMBER_SELECT "WHERE m.account = ?1 ORDER BY m.team")

#endif
