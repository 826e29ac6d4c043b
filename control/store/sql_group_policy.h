/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/sql_group_policy.h - inside the store: the statements of group policies. */
#ifndef CW_CONTROL_STORE_SQL_GROUP_POLICY_H
#define CW_CONTROL_STORE_SQL_GROUP_POLICY_H

#define CW_GROUP_POLICY_SELECT                                                    \
    "SELECT id, position, name, comments, administration, administration_rights," \
    " representative, representative_rights, session, session_policy, sign_in,"   \
    " second_factor, remember_me, second_login, network_rule, networks FROM group_policy "

#define CW_SQL_GROUP_POLICY(X)                                                                   \
    X(GROUP_POLICY_GET, CW_GROUP_POLICY_SELECT "WHERE id = ?1")                                  \
    X(GROUP_POLICY_FIND, CW_GROUP_POLICY_SELECT "WHERE name = ?1")                               \
    X(GROUP_POLICY_EACH, CW_GROUP_POLICY_SELECT "ORDER BY position, id")                         \
    X(GROUP_POLICY_OF, CW_GROUP_POLICY_SELECT                                                    \
      "WHERE id IN (SELECT policy FROM group_policy_account WHERE account = ?1 UNION"            \
      " SELECT g.policy FROM group_policy_team g JOIN team_member m ON m.team = g.team"          \
      " WHERE m.account = ?1) ORDER BY position, id")                                            \
    X(GROUP_POLICY_ADD,                                                                          \
      "INSERT INTO group_policy(position, name, comments, administration,"                       \
      " administration_rights, representative, representative_rights, session, session_policy,"  \
      " sign_in, second_factor, remember_me, second_login, network_rule, networks)"              \
      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)")               \
    X(GROUP_POLICY_SET,                                                                          \
      "UPDATE group_policy SET position = ?1, name = ?2, comments = ?3, administration = ?4,"    \
      " administration_rights = ?5, representative = ?6, representative_rights = ?7,"            \
      " session = ?8, session_policy = ?9, sign_in = ?10, second_factor = ?11,"                  \
      " remember_me = ?12, second_login = ?13, network_rule = ?14, networks = ?15"               \
      " WHERE id = ?16")                                                                         \
    X(GROUP_POLICY_PLACE, "UPDATE group_policy SET position = ?2 WHERE id = ?1")                 \
    X(GROUP_POLICY_REMOVE, "DELETE FROM group_policy WHERE id = ?1")                             \
    X(GROUP_POLICY_ACCOUNT_ADD,                                                                  \
      "INSERT OR IGNORE INTO group_policy_account(policy, account) VALUES(?1, ?2)")              \
    X(GROUP_POLICY_ACCOUNT_REMOVE,                                                               \
      "DELETE FROM group_policy_account WHERE policy = ?1 AND account = ?2")                     \
    X(GROUP_POLICY_TEAM_ADD,                                                                     \
      "INSERT OR IGNORE INTO group_policy_team(policy, team) VALUES(?1, ?2)")                    \
    X(GROUP_POLICY_TEAM_REMOVE, "DELETE FROM group_policy_team WHERE policy = ?1 AND team = ?2") \
    X(GROUP_POLICY_MEMBERS,                                                                      \
      "SELECT a.id, 0, a.user FROM group_policy_account g JOIN account a ON a.id = g.account"    \
      " WHERE g.policy = ?1 UNION ALL SELECT 0, t.id, t.name FROM group_policy_team g"           \
      " JOIN team t ON t.id = g.team WHERE g.policy = ?1 ORDER BY 1, 2")                         \
    X(GROUP_POLICY_OF_TEAM, CW_GROUP_POLICY_SELECT                                               \
      "WHERE id IN (SELECT policy FROM group_policy_team WHERE team = ?1) ORDER BY position, id")

#endif
