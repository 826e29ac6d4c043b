/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/sql_policy.h - inside the store: the statements of policies, Jump Groups, roles and approvals. */
#ifndef CW_CONTROL_STORE_SQL_POLICY_H
#define CW_CONTROL_STORE_SQL_POLICY_H

#define CW_APPROVAL_SELECT                                                                   \
    "SELECT p.id, p.jump_item, p.account, p.state, p.reason, p.minutes, p.created_ms,"       \
    " p.decided_ms, p.decided_by, p.answer, p.ends_ms, j.name, a.user, coalesce(d.user, '')" \
    " FROM jump_approval p JOIN jump_item j ON j.id = p.jump_item JOIN account a ON"         \
    " a.id = p.account LEFT JOIN account d ON d.id = p.decided_by "

#define CW_SQL_SESSION_POLICY(X)                                                                \
    X(SPOLICY_EACH, "SELECT id, name, code, description, for_accounts, for_invites,"            \
                    " for_jump_items FROM session_policy ORDER BY id")                          \
    X(SPOLICY_TOOLS, "SELECT policy, tool, choice, prompt, time_s, is_yes FROM"                 \
                     " session_policy_tool ORDER BY policy")                                    \
    X(SPOLICY_ADD, "INSERT INTO session_policy(name, code, description, for_accounts,"          \
                   " for_invites, for_jump_items) VALUES(?1, ?2, ?3, ?4, ?5, ?6)")              \
    X(SPOLICY_SET, "UPDATE session_policy SET name = ?2, code = ?3, description = ?4,"          \
                   " for_accounts = ?5, for_invites = ?6, for_jump_items = ?7 WHERE id = ?1")   \
    X(SPOLICY_REMOVE, "DELETE FROM session_policy WHERE id = ?1")                               \
    X(SPOLICY_OF_ACCOUNTS, "SELECT (SELECT count(*) FROM account WHERE session_policy = ?1) +"  \
                           " (SELECT count(*) FROM group_policy WHERE session_policy = ?1)")    \
    X(SPOLICY_OF_INVITES, "SELECT (SELECT count(*) FROM invite_profile WHERE session_policy ="  \
                          " ?1) + (SELECT count(*) FROM invitation WHERE session_policy = ?1"   \
                          " AND end = 0) + (SELECT count(*) FROM participant p JOIN session s"  \
                          " ON s.id = p.session WHERE s.state <> 3 AND p.session_policy = ?1)") \
    X(SPOLICY_TOOL_PUT, "INSERT OR REPLACE INTO session_policy_tool(policy, tool, choice,"      \
                        " prompt, time_s, is_yes) VALUES(?1, ?2, ?3, ?4, ?5, ?6)")              \
    X(SPOLICY_TOOL_CLEAR, "DELETE FROM session_policy_tool WHERE policy = ?1")                  \
    X(POLICY_OF_EACH, "SELECT kind, object, attended, unattended, jump FROM policy_of"          \
                      " ORDER BY kind, object")                                                 \
    X(POLICY_OF_PUT, "INSERT OR REPLACE INTO policy_of(kind, object, attended, unattended,"     \
                     " jump) VALUES(?1, ?2, ?3, ?4, ?5)")                                       \
    X(POLICY_OF_REMOVE, "DELETE FROM policy_of WHERE kind = ?1 AND object = ?2")

#define CW_SQL_JUMP_POLICY(X)                                                                    \
    X(JPOLICY_EACH, "SELECT id, name, code, description, has_schedule, zone, is_strict,"         \
                    " needs_ticket, ticket_patterns, needs_second_factor, simultaneous,"         \
                    " with_copies, needs_approval, approval_minutes, recording, tells FROM"      \
                    " jump_policy ORDER BY id")                                                  \
    X(JPOLICY_RANGES, "SELECT policy, start_min, end_min FROM jump_policy_range ORDER BY"        \
                      " policy, start_min")                                                      \
    X(JPOLICY_DATES, "SELECT policy, day, start_min, end_min FROM jump_policy_date ORDER BY"     \
                     " policy, day, start_min")                                                  \
    X(JPOLICY_ADD, "INSERT INTO jump_policy(name, code, description, has_schedule, zone,"        \
                   " is_strict, needs_ticket, ticket_patterns, needs_second_factor,"             \
                   " simultaneous, with_copies, needs_approval, approval_minutes, recording,"    \
                   " tells) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,"      \
                   " ?14, ?15)")                                                                 \
    X(JPOLICY_SET, "UPDATE jump_policy SET name = ?1, code = ?2, description = ?3,"              \
                   " has_schedule = ?4, zone = ?5, is_strict = ?6, needs_ticket = ?7,"           \
                   " ticket_patterns = ?8, needs_second_factor = ?9, simultaneous = ?10,"        \
                   " with_copies = ?11, needs_approval = ?12, approval_minutes = ?13,"           \
                   " recording = ?14, tells = ?15 WHERE id = ?16")                               \
    X(JPOLICY_RANGES_CLEAR, "DELETE FROM jump_policy_range WHERE policy = ?1")                   \
    X(JPOLICY_RANGE_ADD, "INSERT OR IGNORE INTO jump_policy_range(policy, start_min, end_min)"   \
                         " VALUES(?1, ?2, ?3)")                                                  \
    X(JPOLICY_DATES_CLEAR, "DELETE FROM jump_policy_date WHERE policy = ?1")                     \
    X(JPOLICY_DATE_ADD, "INSERT OR IGNORE INTO jump_policy_date(policy, day, start_min,"         \
                        " end_min) VALUES(?1, ?2, ?3, ?4)")                                      \
    X(JPOLICY_REMOVE, "DELETE FROM jump_policy WHERE id = ?1")                                   \
    X(APPROVAL_ADD, "INSERT INTO jump_approval(jump_item, account, state, reason, minutes,"      \
                    " created_ms, decided_ms, decided_by, answer, ends_ms)"                      \
                    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0, 0, '', 0)")                              \
    X(APPROVAL_GET, CW_APPROVAL_SELECT "WHERE p.id = ?1")                                        \
    X(APPROVAL_EACH, CW_APPROVAL_SELECT "WHERE p.id > ?1 AND (?2 = 0 OR p.account = ?2)"         \
                                        " AND (?3 = 0 OR p.state = ?3) ORDER BY p.id LIMIT ?4")  \
    X(APPROVAL_FIND, CW_APPROVAL_SELECT "WHERE p.account = ?1 AND p.jump_item = ?2 AND"          \
                                        " p.state = ?3 ORDER BY p.id DESC LIMIT 1")              \
    X(APPROVAL_COUNT, "SELECT count(*) FROM jump_approval WHERE account = ?1 AND state = ?2"     \
                      " AND created_ms > ?3")                                                    \
    X(APPROVAL_OLD, CW_APPROVAL_SELECT "WHERE p.created_ms < ?1 AND p.decided_ms < ?1 AND"       \
                                       " p.ends_ms < ?1 ORDER BY p.id LIMIT ?2")                 \
    X(APPROVAL_REMOVE, "DELETE FROM jump_approval WHERE id = ?1")                                \
    X(APPROVAL_DECIDE, "UPDATE jump_approval SET state = ?2, decided_ms = ?3, decided_by = ?4,"  \
                       " answer = ?5, ends_ms = ?6 WHERE id = ?1")                               \
    X(SESSION_JUMP_ADD, "INSERT INTO session_jump(session, copy, jump_policy, approval, ticket," \
                        " is_override, is_attended) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")         \
    X(SESSION_JUMP_GET,                                                                          \
      "SELECT copy, jump_policy, approval, ticket, is_override, is_attended FROM"                \
      " session_jump WHERE session = ?1")

#define CW_SQL_JUMP_GROUP(X)                                                                      \
    X(JGROUP_EACH, "SELECT id, name, code, comments, owner FROM jump_group ORDER BY id")          \
    X(JGROUP_ADD, "INSERT INTO jump_group(name, code, comments, owner) VALUES(?1, ?2, ?3, ?4)")   \
    X(JGROUP_SET, "UPDATE jump_group SET name = ?2, code = ?3, comments = ?4 WHERE id = ?1")      \
    X(JGROUP_REMOVE, "DELETE FROM jump_group WHERE id = ?1")                                      \
    X(JGROUP_ITEMS, "SELECT (SELECT count(*) FROM jump_item WHERE jump_group = ?1 AND"            \
                    " removed_ms IS NULL) + (SELECT count(*) FROM jump_copy c JOIN jump_item j"   \
                    " ON j.id = c.jump_item WHERE c.jump_group = ?1 AND j.removed_ms IS NULL) +"  \
                    " (SELECT count(*) FROM enrolment_token WHERE jump_group = ?1 AND"            \
                    " used_ms IS NULL AND expires_ms > ?2) + (SELECT count(*) FROM installer"     \
                    " WHERE jump_group = ?1 AND revoked_ms = 0)")                                 \
    X(JGROUP_HEIR, "UPDATE jump_item SET jump_group = ?2 WHERE jump_group = ?1")                  \
    X(JGROUP_TOKENS, "UPDATE enrolment_token SET jump_group = ?2 WHERE jump_group = ?1")          \
    X(JGROUP_INSTALLERS, "UPDATE installer SET jump_group = ?2 WHERE jump_group = ?1")            \
    X(JGROUP_COPIES, "DELETE FROM jump_copy WHERE jump_group = ?1")                               \
    X(JROLE_EACH, "SELECT id, name, description, flags FROM jump_role ORDER BY id")               \
    X(JROLE_ADD, "INSERT INTO jump_role(name, description, flags) VALUES(?1, ?2, ?3)")            \
    X(JROLE_SET, "UPDATE jump_role SET name = ?2, description = ?3, flags = ?4 WHERE id = ?1")    \
    X(JROLE_REMOVE, "DELETE FROM jump_role WHERE id = ?1")                                        \
    X(JMEMBER_EACH, "SELECT jump_group, kind, member, role FROM jump_member ORDER BY"             \
                    " jump_group, kind, member")                                                  \
    X(JMEMBER_PUT, "INSERT OR REPLACE INTO jump_member(jump_group, kind, member, role)"           \
                   " VALUES(?1, ?2, ?3, ?4)")                                                     \
    X(JMEMBER_REMOVE, "DELETE FROM jump_member WHERE jump_group = ?1 AND kind = ?2 AND"           \
                      " member = ?3")                                                             \
    X(JDEFAULT_EACH, "SELECT account, default_role, personal_role, team_role, system_role FROM"   \
                     " jump_role_default ORDER BY account")                                       \
    X(JDEFAULT_PUT, "INSERT OR REPLACE INTO jump_role_default(account, default_role,"             \
                    " personal_role, team_role, system_role) VALUES(?1, ?2, ?3, ?4, ?5)")         \
    X(JDEFAULT_REMOVE, "DELETE FROM jump_role_default WHERE account = ?1")                        \
    X(JCOPY_EACH, "SELECT c.id, c.jump_item, c.jump_group FROM jump_copy c JOIN jump_item j"      \
                  " ON j.id = c.jump_item WHERE j.removed_ms IS NULL ORDER BY c.jump_item, c.id") \
    X(JCOPY_ADD, "INSERT INTO jump_copy(jump_item, jump_group) VALUES(?1, ?2)")                   \
    X(JCOPY_REMOVE, "DELETE FROM jump_copy WHERE id = ?1")                                        \
    X(ITEM_GROUP, "SELECT jump_group FROM jump_item WHERE id = ?1 AND removed_ms IS NULL")        \
    X(ITEM_REGROUP, "UPDATE jump_item SET jump_group = ?2 WHERE id = ?1")

#define CW_SQL_POLICY(X) CW_SQL_SESSION_POLICY(X) CW_SQL_JUMP_POLICY(X) CW_SQL_JUMP_GROUP(X)

#endif
