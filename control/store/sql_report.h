/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/sql_report.h - inside the store: what reports select, and the history that is kept for them.
 *
 * Invariant: the first two columns of what a report selects are its place in the order, which cursors name;
 *            the others are those of its table in control/report/tables.c, in that order.
 */
#ifndef CW_CONTROL_STORE_SQL_REPORT_H
#define CW_CONTROL_STORE_SQL_REPORT_H

/* ?1 ?2 behind this place, ?3 ?4 up to that one, ?5 session, ?6 now, ?7 team, ?8 Jump Item, ?9 Jump Group,
 * ?10 external key, ?11 in the customer's name, ?12 state, ?13 kind, ?14 the account that asks (0: one that sees all),
 * ?15 a Jump Item whose report that account may see, ?16 account, ?17 rows. */
#define CW_REPORT_WHERE                                                                   \
    " WHERE (s.created_ms, s.id) > (?1, ?2) AND (s.created_ms, s.id) <= (?3, ?4)"         \
    " AND (?5 = 0 OR s.id = ?5)"                                                          \
    " AND (?16 = 0 OR s.account = ?16 OR EXISTS(SELECT 1 FROM participant p"              \
    "  WHERE p.session = s.id AND p.account = ?16))"                                      \
    " AND (?7 = 0 OR s.team = ?7 OR s.last_team = ?7 OR s.entered_team = ?7)"             \
    " AND (?8 = 0 OR s.jump_item = ?8)"                                                   \
    " AND (?9 = 0 OR EXISTS(SELECT 1 FROM jump_item j WHERE j.id = s.jump_item"           \
    "  AND j.jump_group = ?9))"                                                           \
    " AND (?10 = '' OR s.external_key = ?10)"                                             \
    " AND (?11 = '' OR instr(lower(s.customer), lower(?11)) > 0)"                         \
    " AND (?12 = 0 OR s.state = ?12) AND (?13 = 0 OR s.kind = ?13)"                       \
    " AND (?14 = 0 OR s.account = ?14 OR (?15 <> 0 AND s.jump_item = ?15)"                \
    "  OR EXISTS(SELECT 1 FROM participant p WHERE p.session = s.id AND p.account = ?14)" \
    "  OR EXISTS(SELECT 1 FROM team_member l WHERE l.account = ?14 AND l.role >= 2"       \
    "   AND l.team IN (s.team, s.last_team, s.entered_team))"                             \
    "  OR EXISTS(SELECT 1 FROM participant p JOIN team_member m ON m.account = p.account" \
    "   JOIN team_member l ON l.team = m.team WHERE p.session = s.id AND l.account = ?14" \
    "   AND l.role >= 2 AND l.role > m.role))"                                            \
    " ORDER BY s.created_ms, s.id LIMIT ?17"

/* Where the source, or the owner, connected from first. */
#define CW_REPORT_SOURCE_ADDRESS                                                                 \
    " coalesce((SELECT v.address FROM session_visit v WHERE v.session = s.id AND v.relation = 0" \
    " AND v.address <> '' ORDER BY v.joined_ms LIMIT 1), '')"
#define CW_REPORT_OWNER_ADDRESS                                                                  \
    " coalesce((SELECT v.address FROM session_visit v WHERE v.session = s.id AND v.relation = 1" \
    " AND v.address <> '' ORDER BY v.joined_ms LIMIT 1), '')"

/* ?1 session, ?2 behind this row, ?3 rows. */
#define CW_SQL_REPORT_PARTS(X)                                                                    \
    X(REPORT_PARTICIPANTS,                                                                        \
      "SELECT 0, n, session, participant, role, relation, account, name, address, joined_ms,"     \
      " left_ms FROM (SELECT row_number() OVER (ORDER BY v.joined_ms, v.participant) AS n,"       \
      " v.session, v.participant, p.role, v.relation, coalesce(p.account, 0) AS account, p.name," \
      " v.address, v.joined_ms, v.left_ms FROM session_visit v JOIN participant p"                \
      " ON p.session = v.session AND p.number = v.participant WHERE v.session = ?1)"              \
      " WHERE n > ?2 ORDER BY n LIMIT ?3")                                                        \
    X(REPORT_QUEUE,                                                                               \
      "SELECT 0, y.id, y.session, y.state, y.team, coalesce(t.name, ''), y.account,"              \
      " coalesce(a.display_name, ''), y.since_ms, y.until_ms,"                                    \
      " max(iif(y.until_ms = 0, y.since_ms, y.until_ms) - y.since_ms, 0) / 1000"                  \
      " FROM session_stay y LEFT JOIN team t ON t.id = y.team LEFT JOIN account a"                \
      " ON a.id = y.account WHERE y.session = ?1 AND y.id > ?2 ORDER BY y.id LIMIT ?3")           \
    X(REPORT_EVENTS,                                                                              \
      "SELECT 0, id, ?1, id, time_ms, actor, source, action, result, detail FROM audit"           \
      " WHERE object = 'session ' || ?1 AND object >= 'session 0' AND object < 'session :'"       \
      " AND id > ?2 ORDER BY id LIMIT ?3")                                                        \
    X(REPORT_CHAT,                                                                                \
      "SELECT 0, sequence, session, sequence, time_ms, participant, role, name, text, audience"   \
      " FROM chat WHERE session = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3")               \
    X(REPORT_NOTES,                                                                               \
      "SELECT 0, n.id, n.session, n.id, n.time_ms, n.account, a.display_name, n.text"             \
      " FROM session_note n JOIN account a ON a.id = n.account"                                   \
      " WHERE n.session = ?1 AND n.id > ?2 ORDER BY n.id LIMIT ?3")                               \
    X(REPORT_ATTRIBUTES,                                                                          \
      "SELECT 0, t.id, v.session, t.code, t.name, v.value FROM session_attribute v"               \
      " JOIN attribute t ON t.id = v.attribute WHERE v.session = ?1 AND t.id > ?2"                \
      " ORDER BY t.id LIMIT ?3")                                                                  \
    X(REPORT_SURVEYS,                                                                             \
      "SELECT 0, n, session, audience, question, text, account, name, time_ms, value FROM"        \
      " (SELECT row_number() OVER (ORDER BY v.question, v.account) AS n, v.session, q.audience,"  \
      " v.question, q.text, v.account, coalesce(a.display_name, '') AS name, v.time_ms, v.value"  \
      " FROM survey_answer v JOIN survey_question q ON q.id = v.question"                         \
      " LEFT JOIN account a ON a.id = v.account WHERE v.session = ?1)"                            \
      " WHERE n > ?2 ORDER BY n LIMIT ?3")                                                        \
    X(REPORT_RECORDINGS,                                                                          \
      "SELECT 0, n, session, recording, part, file, bytes, is_whole, sealed_ms FROM"              \
      " (SELECT row_number() OVER (ORDER BY sealed_s, recording, part) AS n, session,"            \
      " printf('%016llx', recording) AS recording, part, file, bytes, is_whole,"                  \
      " sealed_s * 1000 AS sealed_ms FROM recording WHERE session = ?1)"                          \
      " WHERE n > ?2 ORDER BY n LIMIT ?3")

/* How long a presence lasted between ?1 and ?2. */
#define CW_REPORT_PRESENT_MS "max(min(iif(until_ms = 0, ?6, until_ms), ?2) - max(since_ms, ?1), 0)"

/* ?1 from, ?2 to, ?3 account, ?4 team, ?5 who asks, ?6 now, ?7 rows, ?8 behind this row. What was still going
 * on at `to` counts up to then. */
#define CW_SQL_REPORT_TOTALS(X)                                                                    \
    X(REPORT_TEAMS,                                                                                \
      "SELECT 0, n, team, team_name, account, user, name, role, taken, time_s, passed_on,"         \
      " sign_ins, signed_in_s, available_s, busy_s, away_s FROM ("                                 \
      " SELECT row_number() OVER (ORDER BY m.team, m.account) AS n, m.team, t.name AS team_name,"  \
      " m.account, a.user, a.display_name AS name, m.role,"                                        \
      " coalesce(y.taken, 0) AS taken, coalesce(y.time_s, 0) AS time_s,"                           \
      " coalesce(y.passed_on, 0) AS passed_on, coalesce(i.sign_ins, 0) AS sign_ins,"               \
      " coalesce(p.available_s + p.busy_s + p.away_s, 0) AS signed_in_s,"                          \
      " coalesce(p.available_s, 0) AS available_s, coalesce(p.busy_s, 0) AS busy_s,"               \
      " coalesce(p.away_s, 0) AS away_s"                                                           \
      " FROM team_member m JOIN team t ON t.id = m.team JOIN account a ON a.id = m.account"        \
      " LEFT JOIN (SELECT account, team, count(*) AS taken,"                                       \
      "  sum(max(min(iif(until_ms = 0, ?6, until_ms), ?2) - since_ms, 0)) / 1000 AS time_s,"       \
      "  count(next) AS passed_on FROM (SELECT y.account, y.team, y.since_ms, y.until_ms,"         \
      "   y.state, (SELECT n.id FROM session_stay n WHERE n.session = y.session AND n.id > y.id"   \
      "   LIMIT 1) AS next FROM session_stay y WHERE y.state = 2 AND y.since_ms >= ?1"             \
      "   AND y.since_ms < ?2) GROUP BY account, team) y"                                          \
      "  ON y.account = m.account AND y.team = m.team"                                             \
      " LEFT JOIN (SELECT actor, count(*) AS sign_ins FROM audit WHERE time_ms >= ?1"              \
      "  AND time_ms < ?2 AND action = 'sign_in' AND result = 'ok' GROUP BY actor) i"              \
      "  ON i.actor = a.user"                                                                      \
      " LEFT JOIN (SELECT account, sum(iif(state = 0, ms, 0)) / 1000 AS available_s,"              \
      "  sum(iif(state = 1, ms, 0)) / 1000 AS busy_s, sum(iif(state = 2, ms, 0)) / 1000 AS away_s" \
      "  FROM (SELECT account, state, " CW_REPORT_PRESENT_MS " AS ms"                              \
      "  FROM account_presence WHERE since_ms < ?2 AND (until_ms = 0 OR until_ms > ?1)"            \
      "  ) GROUP BY account) p ON p.account = m.account"                                           \
      " WHERE (?3 = 0 OR m.account = ?3) AND (?4 = 0 OR m.team = ?4)"                              \
      " AND (?5 = 0 OR m.account = ?5 OR EXISTS(SELECT 1 FROM team_member l"                       \
      "  WHERE l.team = m.team AND l.account = ?5 AND l.role >= 2)))"                              \
      " WHERE n > ?8 ORDER BY n LIMIT ?7")                                                         \
    X(REPORT_BY_DAY, CW_REPORT_TOTALS("s.created_ms / 86400000",                                   \
                                      "strftime('%Y-%m-%d', s.created_ms / 1000, 'unixepoch')"))   \
    X(REPORT_BY_REPRESENTATIVE,                                                                    \
      CW_REPORT_TOTALS("coalesce(s.account, 0)", "coalesce(a.display_name, '')"))                  \
    X(REPORT_BY_TEAM, CW_REPORT_TOTALS("coalesce(s.team, s.last_team)",                            \
                                       "coalesce((SELECT t.name FROM team t"                       \
                                       " WHERE t.id = coalesce(s.team, s.last_team)), '')"))       \
    X(REPORT_BY_GROUP,                                                                             \
      CW_REPORT_TOTALS("coalesce((SELECT j.jump_group FROM jump_item j"                            \
                       " WHERE j.id = s.jump_item), 0)",                                           \
                       "coalesce((SELECT g.name FROM jump_item j JOIN jump_group g"                \
                       " ON g.id = j.jump_group WHERE j.id = s.jump_item), '')"))

#define CW_REPORT_TOTALS(key, name)                                                               \
    "SELECT 0, n, key, name, sessions, ended, wait_s, wait_longest_s, duration_s,"                \
    " duration_longest_s FROM (SELECT row_number() OVER (ORDER BY key) AS n, key,"                \
    " max(name) AS name, count(*) AS sessions, sum(state = 3) AS ended, sum(wait_s) AS wait_s,"   \
    " max(wait_s) AS wait_longest_s, sum(duration_s) AS duration_s,"                              \
    " max(duration_s) AS duration_longest_s FROM (SELECT " key " AS key, " name " AS name,"       \
    " s.state," CW_REPORT_WAIT_S " AS wait_s," CW_REPORT_DURATION_S " AS duration_s"              \
    " FROM session s LEFT JOIN account a ON a.id = s.account"                                     \
    " WHERE s.created_ms >= ?1 AND s.created_ms < ?2"                                             \
    " AND (?3 = 0 OR s.account = ?3)"                                                             \
    " AND (?4 = 0 OR s.team = ?4 OR s.last_team = ?4 OR s.entered_team = ?4)"                     \
    " AND (?5 = 0 OR s.account = ?5 OR EXISTS(SELECT 1 FROM team_member l"                        \
    "  WHERE l.account = ?5 AND l.role >= 2 AND l.team IN (s.team, s.last_team, s.entered_team))" \
    "  OR EXISTS(SELECT 1 FROM team_member m JOIN team_member l ON l.team = m.team"               \
    "   WHERE m.account = s.account AND l.account = ?5 AND l.role >= 2 AND l.role > m.role)))"    \
    " GROUP BY key) WHERE n > ?8 ORDER BY n LIMIT ?7"

/* Seconds until somebody took it, and from then to its end. ?6: now. */
#define CW_REPORT_WAIT_S                                                            \
    " max(iif(s.started_ms > 0, s.started_ms, iif(s.ended_ms > 0, s.ended_ms, ?6))" \
    " - s.created_ms, 0) / 1000"
#define CW_REPORT_DURATION_S                                                            \
    " iif(s.started_ms > 0, max(iif(s.ended_ms > 0, s.ended_ms, ?6) - s.started_ms, 0)" \
    " / 1000, 0)"
#define CW_REPORT_SESSION_COLUMNS                                                            \
    "SELECT s.created_ms, s.id, s.id, s.kind, s.state, s.customer," CW_REPORT_SOURCE_ADDRESS \
    ", s.title, s.external_key, coalesce(s.team, s.last_team),"                              \
    " coalesce(t.name, ''),"                                                                 \
    " coalesce(s.account, 0), coalesce(a.display_name, '')," CW_REPORT_OWNER_ADDRESS         \
    ", coalesce(s.jump_item, 0), coalesce(i.name, ''),"                                      \
    " coalesce(g.name, ''), coalesce(h.ticket, ''), s.priority, s.created_ms,"               \
    " s.started_ms, s.ended_ms," CW_REPORT_WAIT_S "," CW_REPORT_DURATION_S ", s.end_code,"   \
    " s.end_text, s.recording,"                                                              \
    " (SELECT count(*) FROM participant p WHERE p.session = s.id),"                          \
    " coalesce((SELECT max(sequence) FROM chat WHERE session = s.id), 0),"                   \
    " (SELECT count(*) FROM session_note n WHERE n.session = s.id),"                         \
    " (SELECT count(*) FROM recording r WHERE r.session = s.id),"                            \
    " (SELECT count(*) FROM survey_answer v WHERE v.session = s.id)"
#define CW_REPORT_ACCESS_COLUMNS                                                     \
    "SELECT s.created_ms, s.id, coalesce(s.jump_item, 0), coalesce(i.name, ''),"     \
    " coalesce(g.name, ''), s.id,"                                                   \
    " coalesce(s.account, 0), coalesce(a.display_name, '')," CW_REPORT_OWNER_ADDRESS \
    ", coalesce(h.ticket, ''), coalesce(h.is_override, 0),"                          \
    " s.started_ms, s.ended_ms," CW_REPORT_DURATION_S ", s.end_code"

#define CW_REPORT_BUTTON_COLUMNS                                                              \
    "SELECT s.created_ms, s.id, b.id, b.name, coalesce(o.display_name, ''), s.id,"            \
    " s.customer," CW_REPORT_SOURCE_ADDRESS ", coalesce(t.name, ''), coalesce(s.account, 0)," \
    " coalesce(a.display_name, ''), s.created_ms, s.started_ms, s.ended_ms," CW_REPORT_WAIT_S \
    "," CW_REPORT_DURATION_S ", s.end_code"
#define CW_REPORT_BUTTON_FROM \
    " JOIN support_button b ON b.id = s.button LEFT JOIN account o ON o.id = b.owner"

#define CW_SQL_REPORT(X)                                                                          \
    X(REPORT_SESSIONS, CW_REPORT_SESSION_COLUMNS CW_REPORT_FROM CW_REPORT_WHERE)                  \
    X(REPORT_BUTTONS,                                                                             \
      CW_REPORT_BUTTON_COLUMNS CW_REPORT_FROM CW_REPORT_BUTTON_FROM CW_REPORT_WHERE)              \
    X(REPORT_ACCESSES, CW_REPORT_ACCESS_COLUMNS CW_REPORT_FROM CW_REPORT_WHERE)                   \
    X(REPORT_SESSION_PLACE, "SELECT created_ms, id FROM session WHERE id = ?1")                   \
    X(REPORT_SESSION_WINDOW,                                                                      \
      "SELECT created_ms, id FROM session WHERE (created_ms, id) > (?1, ?2)"                      \
      " AND created_ms <= ?3 ORDER BY created_ms, id LIMIT 1 OFFSET ?4")                          \
    X(REPORT_AUDIT, "SELECT time_ms, id, id, time_ms, actor, source, action, object, result,"     \
                    " detail FROM audit WHERE (time_ms, id) > (?1, ?2) AND time_ms <= ?3"         \
                    " AND (?4 = '' OR actor = ?4) ORDER BY time_ms, id LIMIT ?5")                 \
    CW_SQL_REPORT_PARTS(X)                                                                        \
    CW_SQL_REPORT_TOTALS(X)                                                                       \
    X(STAY_CLOSE, "UPDATE session_stay SET until_ms = ?5 WHERE session = ?1 AND until_ms = 0"     \
                  " AND NOT (state = ?2 AND team = ?3 AND account = ?4)")                         \
    X(STAY_OPEN, "INSERT INTO session_stay(session, state, team, account, since_ms, until_ms)"    \
                 " SELECT ?1, ?2, ?3, ?4, ?5, 0 WHERE NOT EXISTS(SELECT 1 FROM session_stay"      \
                 " WHERE session = ?1 AND until_ms = 0)")                                         \
    X(VISIT_PUT, "INSERT INTO session_visit(session, participant, joined_ms, left_ms, relation)"  \
                 " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(session, participant, joined_ms)"       \
                 " DO UPDATE SET left_ms = ?4, relation = ?5")                                    \
    X(VISIT_ADDRESS, "UPDATE session_visit SET address = ?4 WHERE session = ?1"                   \
                     " AND participant = ?2 AND joined_ms = ?3")                                  \
    X(VISIT_END, "UPDATE session_visit SET left_ms = ?2 WHERE session = ?1 AND left_ms = 0")      \
    X(PRESENCE_CLOSE, "UPDATE account_presence SET until_ms = ?3 WHERE account = ?1"              \
                      " AND until_ms = 0 AND state <> ?2")                                        \
    X(PRESENCE_OPEN, "INSERT INTO account_presence(account, state, since_ms, until_ms)"           \
                     " SELECT ?1, ?2, ?3, 0 WHERE NOT EXISTS(SELECT 1 FROM account_presence"      \
                     " WHERE account = ?1 AND until_ms = 0)")                                     \
    X(PRESENCE_OPEN_EACH, "SELECT account FROM account_presence WHERE until_ms = 0")              \
    X(PRESENCE_PURGE, "DELETE FROM account_presence WHERE id IN (SELECT id FROM account_presence" \
                      " WHERE since_ms < ?1 AND until_ms <> 0 AND until_ms < ?1 LIMIT ?2)")       \
    X(REPORT_OLD, "SELECT id FROM session WHERE created_ms < ?1 AND state = 3 AND ended_ms < ?1"  \
                  " ORDER BY created_ms LIMIT ?2")                                                \
    X(PURGE_KEYS, "UPDATE session_key SET session = NULL WHERE session = ?1")                     \
    X(PURGE_SKILLS, "DELETE FROM session_skill WHERE session = ?1")                               \
    X(PURGE_ASKED, "DELETE FROM session_asked WHERE session = ?1")                                \
    X(PURGE_FAVOURITES, "DELETE FROM session_favourite WHERE session = ?1")                       \
    X(PURGE_INVITATIONS, "DELETE FROM invitation WHERE session = ?1")                             \
    X(PURGE_NOTES, "DELETE FROM session_note WHERE session = ?1")                                 \
    X(PURGE_ATTRIBUTES, "DELETE FROM session_attribute WHERE session = ?1")                       \
    X(PURGE_ANSWERS, "DELETE FROM survey_answer WHERE session = ?1")                              \
    X(PURGE_CHAT, "DELETE FROM chat WHERE session = ?1")                                          \
    X(PURGE_PARTICIPANTS, "DELETE FROM participant WHERE session = ?1")                           \
    X(PURGE_SESSION, "DELETE FROM session WHERE id = ?1")

#define CW_REPORT_FROM                                                                           \
    " FROM session s LEFT JOIN account a ON a.id = s.account"                                    \
    " LEFT JOIN team t ON t.id = coalesce(s.team, s.last_team)"                                  \
    " LEFT JOIN jump_item i ON i.id = s.jump_item LEFT JOIN jump_group g ON g.id = i.jump_group" \
    " LEFT JOIN session_jump h ON h.session = s.id"

#endif
