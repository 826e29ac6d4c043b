/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/sql_team_chat.h - inside the store: the statements of what representatives write to each other. */
#ifndef CW_CONTROL_STORE_SQL_TEAM_CHAT_H
#define CW_CONTROL_STORE_SQL_TEAM_CHAT_H

/* Of the room r and the account's mark d: what it has read, how much it has not, counted up to ?2. */
#define CW_TEAM_ROOM_UNREAD                                                             \
    " coalesce(d.sequence, 0), (SELECT count(*) FROM (SELECT 1 FROM team_chat_message"  \
    " WHERE room = r.id AND sequence > coalesce(d.sequence, 0) LIMIT ?2)),"

#define CW_SQL_TEAM_CHAT(X)                                                                    \
    X(TEAM_ROOM_OF_TEAM, "SELECT id, last_sequence, last_ms FROM team_chat_room WHERE team = ?1") \
    X(TEAM_ROOM_OF_PAIR, "SELECT id, last_sequence, last_ms FROM team_chat_room"               \
                         " WHERE low = ?1 AND high = ?2")                                      \
    X(TEAM_ROOM_ADD, "INSERT INTO team_chat_room(team, low, high, last_sequence, last_ms)"     \
                     " VALUES(nullif(?1, 0), nullif(?2, 0), nullif(?3, 0), 0, 0)")             \
    X(TEAM_ROOM_SAID,                                                                          \
      "UPDATE team_chat_room SET last_sequence = ?2, last_ms = ?3 WHERE id = ?1")              \
    X(TEAM_ROOM_READ, "INSERT INTO team_chat_read(account, room, sequence) VALUES(?1, ?2, ?3)" \
                      " ON CONFLICT(account, room) DO UPDATE"                                  \
                      " SET sequence = max(sequence, excluded.sequence)")                      \
    X(TEAM_ROOMS,                                                                              \
      "SELECT coalesce(r.id, 0), m.team, 0, 0, coalesce(r.last_sequence, 0),"                  \
      " coalesce(r.last_ms, 0)," CW_TEAM_ROOM_UNREAD " t.name FROM team_member m"              \
      " JOIN team t ON t.id = m.team LEFT JOIN team_chat_room r ON r.team = m.team"            \
      " LEFT JOIN team_chat_read d ON d.account = ?1 AND d.room = r.id"                        \
      " WHERE m.account = ?1 ORDER BY t.name")                                                 \
    X(TEAM_PAIR_ROOMS,                                                                         \
      "SELECT r.id, 0, r.low, r.high, r.last_sequence, r.last_ms," CW_TEAM_ROOM_UNREAD         \
      " a.display_name FROM (SELECT * FROM team_chat_room WHERE low = ?1 OR high = ?1"         \
      " ORDER BY last_ms DESC LIMIT ?3) r"                                                     \
      " JOIN account a ON a.id = CASE r.low WHEN ?1 THEN r.high ELSE r.low END"                \
      " LEFT JOIN team_chat_read d ON d.account = ?1 AND d.room = r.id"                        \
      " ORDER BY r.last_ms DESC")                                                              \
    X(TEAM_IN_COMMON, "SELECT count(*) FROM team_member m JOIN team_member n ON n.team = m.team" \
                      " WHERE m.account = ?1 AND n.account = ?2")                              \
    X(TEAM_MESSAGE_ADD,                                                                        \
      "INSERT INTO team_chat_message(room, sequence, time_ms, account, name, text)"            \
      " VALUES(?1, ?2, ?3, ?4, ?5, ?6)")                                                       \
    X(TEAM_MESSAGE_TRIM, "DELETE FROM team_chat_message WHERE room = ?1 AND sequence <= ?2")   \
    X(TEAM_MESSAGE_EACH,                                                                       \
      "SELECT * FROM (SELECT sequence, time_ms, account, name, text FROM team_chat_message"    \
      " WHERE room = ?1 AND sequence < ?2 ORDER BY sequence DESC LIMIT ?3) ORDER BY sequence") \
    X(TEAM_MESSAGE_PURGE,                                                                      \
      "DELETE FROM team_chat_message WHERE (room, sequence) IN (SELECT room, sequence"         \
      " FROM team_chat_message WHERE time_ms < ?1 LIMIT ?2)")

#endif
