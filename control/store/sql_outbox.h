/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/sql_outbox.h - inside the store: the statements of outbound events. */
#ifndef CW_CONTROL_STORE_SQL_OUTBOX_H
#define CW_CONTROL_STORE_SQL_OUTBOX_H

#define CW_RECEIVER_SELECT                                                          \
    "SELECT id, name, url, secret, patterns, ca, is_enabled, created_ms, left_out," \
    " (SELECT count(*) FROM outbox WHERE receiver = event_receiver.id) FROM event_receiver "

#define CW_SQL_OUTBOX(X)                                                                         \
    X(RECEIVER_EACH, CW_RECEIVER_SELECT "ORDER BY id")                                           \
    X(RECEIVER_ADD, "INSERT INTO event_receiver(name, url, secret, patterns, ca, is_enabled,"    \
                    " created_ms, left_out) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)")              \
    X(RECEIVER_SET, "UPDATE event_receiver SET name = ?2, url = ?3, patterns = ?4, ca = ?5,"     \
                    " is_enabled = ?6 WHERE id = ?1")                                            \
    X(RECEIVER_SECRET, "UPDATE event_receiver SET secret = ?2 WHERE id = ?1")                    \
    X(RECEIVER_LEFT_OUT, "UPDATE event_receiver SET left_out = left_out + ?2 WHERE id = ?1")     \
    X(RECEIVER_REMOVE, "DELETE FROM event_receiver WHERE id = ?1")                               \
    X(OUTBOX_ADD, "INSERT INTO outbox(receiver, created_ms, type, body) VALUES(?1, ?2, ?3, ?4)") \
    X(OUTBOX_FIRST, "SELECT id, created_ms, type, body FROM outbox WHERE receiver = ?1"          \
                    " ORDER BY id LIMIT 1")                                                      \
    X(OUTBOX_REMOVE, "DELETE FROM outbox WHERE id = ?1")                                         \
    X(OUTBOX_TRIM, "DELETE FROM outbox WHERE receiver = ?1 AND id IN (SELECT id FROM outbox"     \
                   " WHERE receiver = ?1 ORDER BY id LIMIT ?2)")                                 \
    X(OUTBOX_REMOVE_OLD, "DELETE FROM outbox WHERE receiver = ?1 AND created_ms < ?2")

#endif
