/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/sql_share.h - inside the store: the statements of invitations, notes, attributes, issues. */
#ifndef CW_CONTROL_STORE_SQL_SHARE_H
#define CW_CONTROL_STORE_SQL_SHARE_H

#define CW_INVITATION_SELECT                                                                \
    "SELECT id, session, kind, relation, inviter, coalesce(account, 0), coalesce(team, 0)," \
    " message, permissions, created_ms, expires_ms, end, session_policy FROM invitation "
#define CW_ISSUE_SELECT "SELECT id, name, code, team, priority FROM issue "

#define CW_SQL_SHARE(X)                                                                           \
    X(INVITATION_ADD, "INSERT INTO invitation(session, kind, relation, inviter, account, team,"   \
                      " message, permissions, key_hash, created_ms, expires_ms, session_policy,"  \
                      " end, ended_ms) VALUES(?1, ?2, ?3, ?4, nullif(?5, 0), nullif(?6, 0), ?7,"  \
                      " ?8, ?9, ?10, ?11, ?12, 0, 0)")                                            \
    X(INVITATION_GET, CW_INVITATION_SELECT "WHERE id = ?1")                                       \
    X(INVITATION_FIND, CW_INVITATION_SELECT "WHERE key_hash = ?1")                                \
    X(INVITATION_EACH, CW_INVITATION_SELECT "WHERE end = 0 AND (?1 = 0 OR session = ?1)"          \
                                            " AND (?2 = 0 OR inviter = ?2) ORDER BY id")          \
    X(INVITATION_COUNT, "SELECT count(*) FROM invitation WHERE end = 0 AND session = ?1")         \
    X(INVITATION_END, "UPDATE invitation SET end = ?2, ended_ms = ?3 WHERE id = ?1 AND end = 0")  \
    X(PROFILE_ADD, "INSERT INTO invite_profile(name, permissions, session_policy)"                \
                   " VALUES(?1, ?2, ?3)")                                                         \
    X(PROFILE_REMOVE, "DELETE FROM invite_profile WHERE id = ?1")                                 \
    X(PROFILE_EACH,                                                                               \
      "SELECT id, name, permissions, session_policy FROM invite_profile WHERE ?1 = 0"             \
      " OR id = ?1 ORDER BY id")                                                                  \
    X(NOTE_ADD, "INSERT INTO session_note(session, account, time_ms, text)"                       \
                " VALUES(?1, ?2, ?3, ?4)")                                                        \
    X(NOTE_COUNT, "SELECT count(*) FROM session_note WHERE session = ?1")                         \
    X(NOTE_EACH, "SELECT n.id, n.account, a.display_name, n.time_ms, n.text FROM session_note n"  \
                 " JOIN account a ON a.id = n.account WHERE n.session = ?1 ORDER BY n.id")        \
    X(ATTRIBUTE_ADD, "INSERT INTO attribute(code, name, is_editable) VALUES(?1, ?2, ?3)")         \
    X(ATTRIBUTE_REMOVE, "DELETE FROM attribute WHERE id = ?1")                                    \
    X(ATTRIBUTE_EACH, "SELECT id, code, name, is_editable FROM attribute ORDER BY id")            \
    X(ATTRIBUTE_VALUE_PUT, "INSERT OR REPLACE INTO session_attribute(session, attribute, value)"  \
                           " VALUES(?1, ?2, ?3)")                                                 \
    X(ATTRIBUTE_VALUE_REMOVE, "DELETE FROM session_attribute WHERE session = ?1"                  \
                              " AND attribute = ?2")                                              \
    X(ATTRIBUTE_VALUE_EACH, "SELECT t.id, t.code, t.name, t.is_editable, coalesce(v.value, '')"   \
                            " FROM attribute t LEFT JOIN session_attribute v"                     \
                            " ON v.attribute = t.id AND v.session = ?1 ORDER BY t.id")            \
    X(CUSTOM_LINK_ADD, "INSERT INTO custom_link(name, url) VALUES(?1, ?2)")                       \
    X(CUSTOM_LINK_PUT, "UPDATE custom_link SET name = ?2, url = ?3 WHERE id = ?1")                \
    X(CUSTOM_LINK_REMOVE, "DELETE FROM custom_link WHERE id = ?1")                                \
    X(CUSTOM_LINK_GET, "SELECT id, name, url FROM custom_link WHERE id = ?1")                     \
    X(CUSTOM_LINK_EACH, "SELECT id, name, url FROM custom_link ORDER BY name")                    \
    X(ISSUE_ADD, "INSERT INTO issue(name, code, team, priority) VALUES(?1, ?2, ?3, ?4)")          \
    X(ISSUE_REMOVE, "DELETE FROM issue WHERE id = ?1")                                            \
    X(ISSUE_GET, CW_ISSUE_SELECT "WHERE id = ?1")                                                 \
    X(ISSUE_FIND, CW_ISSUE_SELECT "WHERE code = ?1")                                              \
    X(ISSUE_EACH, CW_ISSUE_SELECT "WHERE id > ?1 ORDER BY id LIMIT ?2")                           \
    X(ISSUE_SKILL_ADD, "INSERT OR IGNORE INTO issue_skill(issue, skill) VALUES(?1, ?2)")          \
    X(ISSUE_SKILL_EACH, "SELECT skill FROM issue_skill WHERE issue = ?1 ORDER BY skill")          \
    X(QUESTION_ADD, "INSERT INTO survey_question(audience, place, kind, text, choices,"           \
                    " is_required) VALUES(?1, ?2, ?3, ?4, ?5, ?6)")                               \
    X(QUESTION_MOVE, "UPDATE survey_question SET place = ?2 WHERE id = ?1 AND removed_ms = 0")    \
    X(QUESTION_REMOVE, "UPDATE survey_question SET removed_ms = ?2 WHERE id = ?1"                 \
                       " AND removed_ms = 0")                                                     \
    X(QUESTION_EACH, "SELECT q.id, q.audience, q.place, q.kind, q.text, q.choices,"               \
                     " q.is_required, coalesce(a.value, '') FROM survey_question q"               \
                     " LEFT JOIN survey_answer a ON a.question = q.id AND a.session = ?2"         \
                     " AND a.account = ?3 WHERE q.removed_ms = 0 AND (?1 = 0 OR q.audience = ?1)" \
                     " ORDER BY q.audience, q.place, q.id")                                       \
    X(ANSWER_PUT, "INSERT OR REPLACE INTO survey_answer(session, question, account, time_ms,"     \
                  " value) VALUES(?1, ?2, ?3, ?4, ?5)")                                           \
    X(SURVEY_TOKEN_PUT, "UPDATE session SET survey_hash = ?2 WHERE id = ?1")                      \
    X(SURVEY_TOKEN_FIND, "SELECT id, state, ended_ms FROM session WHERE survey_hash = ?1")

#endif
