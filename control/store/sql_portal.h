/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/sql_portal.h - inside the store: the statements of portals and what they show. */
#ifndef CW_CONTROL_STORE_SQL_PORTAL_H
#define CW_CONTROL_STORE_SQL_PORTAL_H

#define CW_NOTICE_SELECT \
    "SELECT n.id, coalesce(n.portal, 0), n.text, n.from_ms, n.until_ms FROM portal_notice n "

#define CW_SQL_PORTAL(X)                                                                          \
    X(PORTAL_EACH, "SELECT id, name, code, hosts, title, text, accent, background, foreground,"   \
                   " shows, zone, hours, dates, logo_type, logo_name FROM portal ORDER BY id")    \
    X(PORTAL_ADD, "INSERT INTO portal(name, code, hosts, title, text, accent, background,"        \
                  " foreground, shows, zone, hours, dates)"                                       \
                  " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")                   \
    X(PORTAL_PUT, "UPDATE portal SET name = ?1, code = ?2, hosts = ?3, title = ?4, text = ?5,"    \
                  " accent = ?6, background = ?7, foreground = ?8, shows = ?9, zone = ?10,"       \
                  " hours = ?11, dates = ?12 WHERE id = ?13")                                     \
    X(PORTAL_REMOVE, "DELETE FROM portal WHERE id = ?1")                                          \
    X(PORTAL_KEYS_MOVE, "UPDATE session_key SET portal = 1 WHERE portal = ?1")                    \
    X(PORTAL_LOGO_PUT, "UPDATE portal SET logo_type = ?2, logo_name = ?3, logo = ?4"              \
                       " WHERE id = ?1")                                                          \
    X(PORTAL_LOGO_GET, "SELECT logo_type, logo FROM portal WHERE id = ?1 AND logo_name = ?2")     \
    X(PORTAL_ISSUES_CLEAR, "DELETE FROM portal_issue WHERE portal = ?1")                          \
    X(PORTAL_ISSUE_ADD, "INSERT OR IGNORE INTO portal_issue(portal, issue) VALUES(?1, ?2)")       \
    X(PORTAL_ISSUE_EACH, "SELECT i.id, i.name, i.code, i.team, i.priority FROM portal_issue p"    \
                         " JOIN issue i ON i.id = p.issue WHERE p.portal = ?1 ORDER BY i.name")   \
    X(NOTICE_ADD, "INSERT INTO portal_notice(portal, text, from_ms, until_ms)"                    \
                  " VALUES(nullif(?1, 0), ?2, ?3, ?4)")                                           \
    X(NOTICE_PUT, "UPDATE portal_notice SET portal = nullif(?1, 0), text = ?2, from_ms = ?3,"     \
                  " until_ms = ?4 WHERE id = ?5")                                                 \
    X(NOTICE_REMOVE, "DELETE FROM portal_notice WHERE id = ?1")                                   \
    X(NOTICE_GET, CW_NOTICE_SELECT "WHERE n.id = ?1")                                             \
    X(NOTICE_COUNT, "SELECT count(*) FROM portal_notice")                                         \
    X(NOTICE_EACH, CW_NOTICE_SELECT "WHERE n.id > ?1 ORDER BY n.id LIMIT ?2")                     \
    X(NOTICE_NOW, CW_NOTICE_SELECT "WHERE (n.portal IS NULL OR n.portal = ?1)"                    \
                                   " AND n.from_ms <= ?2 AND (n.until_ms = 0 OR n.until_ms > ?2)" \
                                   " ORDER BY n.from_ms, n.id LIMIT ?3")                          \
    X(PORTAL_MESSAGE_PUT, "INSERT OR REPLACE INTO portal_message(portal, name, text)"             \
                          " VALUES(?1, ?2, ?3)")                                                  \
    X(PORTAL_MESSAGE_REMOVE, "DELETE FROM portal_message WHERE portal = ?1 AND name = ?2")        \
    X(PORTAL_MESSAGE_GET, "SELECT text FROM portal_message WHERE portal = ?1 AND name = ?2")      \
    X(PORTAL_PERSON_ADD, "INSERT OR IGNORE INTO portal_person(account) VALUES(?1)")               \
    X(PORTAL_PERSON_REMOVE, "DELETE FROM portal_person WHERE account = ?1")                       \
    X(PORTAL_PERSON_EACH, "SELECT p.account, a.display_name FROM portal_person p"                 \
                          " JOIN account a ON a.id = p.account WHERE a.is_enabled = 1"            \
                          " AND (?1 = 0 OR p.account = ?1) ORDER BY a.display_name, a.id")        \
    X(PORTAL_KEY, "SELECT expires_ms, coalesce(used_ms, 0), coalesce(session, 0),"                 \
                 " coalesce(account, 0), coalesce(team, 0), portal, customer"                     \
                 " FROM session_key WHERE id = ?1")                                               \
    X(PORTAL_END, "SELECT end_code, end_text, coalesce((SELECT name FROM issue"                    \
                 " WHERE id = session.issue), '') FROM session WHERE id = ?1")                    \
    X(SESSION_SKILLS_OF_ISSUE, "INSERT OR IGNORE INTO session_skill(session, skill)"              \
                               " SELECT ?1, skill FROM issue_skill WHERE issue = ?2")             \
    X(SESSION_ATTRIBUTE_BY_CODE, "INSERT OR REPLACE INTO session_attribute(session, attribute,"   \
                                 " value) SELECT ?1, id, ?3 FROM attribute WHERE code = ?2")

#endif
