/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/sql_session.h - inside the store: the statements of sessions, their keys, tickets, chat, recordings. */
#ifndef CW_CONTROL_STORE_SQL_SESSION_H
#define CW_CONTROL_STORE_SQL_SESSION_H

#define CW_SESSION_SELECT                                                                         \
    "SELECT s.id, s.kind, s.state, coalesce(s.account, 0), coalesce(s.jump_item, 0), s.customer," \
    " coalesce(a.display_name, ''), s.created_ms, s.started_ms, s.ended_ms, s.recording,"         \
    " coalesce(s.team, 0), s.priority, s.queued_ms, s.entered_team, s.entered_account,"           \
    " s.last_team, s.last_account, s.before_team, s.before_account, s.rules, s.title,"            \
    " s.external_key, s.portal, s.issue, s.button FROM session s"                                 \
    " LEFT JOIN account a ON a.id = s.account "
#define CW_RECORDING_SELECT                                                                      \
    "SELECT recording, part, session, file, bytes, blocks, is_whole, root, signature, sealed_s," \
    " is_told FROM recording "

#define CW_SQL_SESSION(X)                                                                          \
    X(RECORDING_PUT, "INSERT OR REPLACE INTO recording(recording, part, session, file, bytes,"     \
                     " blocks, is_whole, root, signature, sealed_s, is_told)"                      \
                     " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")                      \
    X(RECORDING_GET, CW_RECORDING_SELECT "WHERE recording = ?1 AND part = ?2")                     \
    X(RECORDING_EACH, CW_RECORDING_SELECT "WHERE ?1 = 0 OR is_told = 0"                            \
                                          " ORDER BY sealed_s DESC, session DESC, part LIMIT ?2")  \
    X(RECORDING_TOLD, "UPDATE recording SET is_told = 1 WHERE is_told = 0 AND session % ?2 = ?1")  \
    X(KEY_ADD, "INSERT INTO session_key(key_hash, account, created_ms, expires_ms, team, portal,"  \
               " issue, customer, company, company_code, description, agreed_ms, continues)"       \
               " VALUES(?1, nullif(?2, 0), ?3, ?4, nullif(?5, 0), ?6, ?7, ?8, ?9, ?10, ?11, ?12,"  \
               " ?13)")                                                                            \
    X(KEY_FIND, "SELECT id, coalesce(account, 0), expires_ms, coalesce(used_ms, 0),"               \
                " coalesce(team, 0), portal, issue, customer, company, company_code, description," \
                " agreed_ms, continues FROM session_key WHERE key_hash = ?1")                      \
    X(KEY_AGREE, "UPDATE session_key SET agreed_ms = ?2 WHERE id = ?1")                            \
    X(KEY_USE, "UPDATE session_key SET used_ms = ?2, session = ?3 WHERE id = ?1")                  \
    X(KEY_COUNT, "SELECT count(*) FROM session_key WHERE account = ?1 AND used_ms IS NULL"         \
                 " AND expires_ms > ?2")                                                           \
    X(KEY_PURGE, "DELETE FROM session_key WHERE expires_ms < ?1")                                  \
    X(TICKET_ADD, "INSERT INTO ticket(id, kind, session, participant, not_after_s)"                \
                  " VALUES(?1, ?2, ?3, ?4, ?5)")                                                   \
    X(TICKET_EACH, "SELECT id, kind, session, participant, not_after_s FROM ticket"                \
                   " WHERE session = ?1 AND (?2 = 0 OR participant = ?2) AND is_denied = 0"        \
                   " AND not_after_s > ?3")                                                        \
    X(TICKET_DENY, "UPDATE ticket SET is_denied = 1 WHERE session = ?1"                            \
                   " AND (?2 = 0 OR participant = ?2) AND not_after_s > ?3")                       \
    X(TICKET_USED, "UPDATE ticket SET is_denied = 1 WHERE session = ?1 AND participant = ?2"       \
                   " AND kind = ?3 AND not_after_s > ?4 AND is_denied = 0")                        \
    X(TICKET_DENIED_EACH, "SELECT id, kind, session, participant, not_after_s FROM ticket"         \
                          " WHERE is_denied = 1 AND not_after_s > ?1")                             \
    X(TICKET_PURGE, "DELETE FROM ticket WHERE not_after_s < ?1")                                   \
    X(SESSION_ADD, "INSERT INTO session(kind, state, account, jump_item, customer, created_ms,"    \
                   " started_ms, recording, team, priority, queued_ms, entered_team,"              \
                   " entered_account, last_team, last_account, portal, issue, button)"             \
                   " VALUES(?1, ?2, nullif(?3, 0), nullif(?4, 0), ?5, ?6, ?7, ?8, nullif(?9, 0),"  \
                   " ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)")                                \
    X(SESSION_GET, CW_SESSION_SELECT "WHERE s.id = ?1")                                            \
    X(SESSION_PUT,                                                                                 \
      "UPDATE session SET state = ?2, account = nullif(?3, 0), started_ms = ?4,"                   \
      " team = nullif(?5, 0), priority = ?6, queued_ms = ?7, entered_team = ?8,"                   \
      " entered_account = ?9, last_team = ?10, last_account = ?11, before_team = ?12,"             \
      " before_account = ?13, rules = ?14, title = ?15, external_key = ?16"                        \
      " WHERE id = ?1 AND state <> 3")                                                             \
    X(SESSION_END, "UPDATE session SET state = 3, end_code = ?2, end_text = ?3, ended_ms = ?4,"    \
                   " team = NULL WHERE id = ?1 AND state <> 3")                                    \
    X(SESSION_EACH, CW_SESSION_SELECT "WHERE s.state <> 3 AND (?1 = 0 OR s.account = ?1)"          \
                                      " ORDER BY s.id")                                            \
    X(PARTICIPANT_ADD, "INSERT INTO participant(session, number, role, account, name, holder_key," \
                       " consent_view, consent_control, relation, permissions, joined_ms,"         \
                       " session_policy) VALUES(?1, ?2, ?3, nullif(?4, 0), ?5, ?6, ?7, ?8, ?9,"    \
                       " ?10, ?11, ?12)")                                                          \
    X(PARTICIPANT_PUT, "UPDATE participant SET name = ?3, holder_key = ?4, consent_view = ?5,"     \
                       " consent_control = ?6, relation = ?7, permissions = ?8, joined_ms = ?9,"   \
                       " left_ms = ?10, tools = ?11, session_policy = ?12 WHERE session = ?1"      \
                       " AND number = ?2")                                                         \
    X(PARTICIPANT_EACH,                                                                            \
      "SELECT session, number, role, coalesce(account, 0), name, holder_key,"                      \
      " consent_view, consent_control, relation, permissions, joined_ms,"                          \
      " left_ms, tools, session_policy FROM participant WHERE session = ?1 ORDER BY number")       \
    X(CHAT_LAST, "SELECT coalesce(max(sequence), 0) FROM chat WHERE session = ?1")                 \
    X(CHAT_FIND,                                                                                   \
      "SELECT sequence, time_ms, participant, client_message, role, name, text,"                   \
      " audience FROM chat WHERE session = ?1 AND participant = ?2 AND client_message = ?3"        \
      " AND participant <> 0")                                                                     \
    X(CHAT_ADD, "INSERT INTO chat(session, sequence, time_ms, participant, client_message, role,"  \
                " name, text, audience) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")               \
    X(CHAT_AFTER,                                                                                  \
      "SELECT sequence, time_ms, participant, client_message, role, name, text, audience"          \
      " FROM chat WHERE session = ?1 AND sequence > ?2 AND audience <= ?4"                         \
      " ORDER BY sequence LIMIT ?3")                                                               \
    X(CHAT_EACH, "SELECT * FROM (SELECT sequence, time_ms, participant, client_message, role,"     \
                 " name, text, audience FROM chat WHERE session = ?1 AND audience <= ?3"           \
                 " ORDER BY sequence DESC LIMIT ?2) ORDER BY sequence")

#endif
