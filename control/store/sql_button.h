/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/sql_button.h - inside the store: the statements of Support Buttons and canned texts. */
#ifndef CW_CONTROL_STORE_SQL_BUTTON_H
#define CW_CONTROL_STORE_SQL_BUTTON_H

#define CW_BUTTON_SELECT                                                                  \
    "SELECT b.id, b.name, coalesce(b.account, 0), coalesce(b.team, 0),"                   \
    " coalesce(b.issue, 0), b.portal, b.owner, b.created_ms, b.expires_ms, b.revoked_ms," \
    " b.uses, b.last_used_ms, coalesce(a.display_name, t.name, i.name, ''),"              \
    " coalesce(o.display_name, '') FROM support_button b"                                 \
    " LEFT JOIN account a ON a.id = b.account LEFT JOIN team t ON t.id = b.team"          \
    " LEFT JOIN issue i ON i.id = b.issue LEFT JOIN account o ON o.id = b.owner "
#define CW_CANNED_SELECT                                                                 \
    "SELECT c.id, c.kind, c.category, g.name, c.name, c.description, c.platform, c.text" \
    " FROM canned c JOIN canned_category g ON g.id = c.category "

#define CW_SQL_BUTTON(X)                                                                         \
    X(BUTTON_ADD, "INSERT INTO support_button(secret_hash, name, account, team, issue, portal,"  \
                  " owner, created_ms, expires_ms) VALUES(?1, ?2, nullif(?3, 0), nullif(?4, 0)," \
                  " nullif(?5, 0), ?6, ?7, ?8, ?9)")                                             \
    X(BUTTON_PUT, "UPDATE support_button SET name = ?2, account = nullif(?3, 0),"                \
                  " team = nullif(?4, 0), issue = nullif(?5, 0), portal = ?6, expires_ms = ?7"   \
                  " WHERE id = ?1")                                                              \
    X(BUTTON_REVOKE, "UPDATE support_button SET revoked_ms = ?2 WHERE id = ?1"                   \
                     " AND revoked_ms = 0")                                                      \
    X(BUTTON_USED, "UPDATE support_button SET uses = uses + 1, last_used_ms = ?2 WHERE id = ?1") \
    X(BUTTON_GET, CW_BUTTON_SELECT "WHERE b.id = ?1")                                            \
    X(BUTTON_FIND, CW_BUTTON_SELECT "WHERE b.secret_hash = ?1")                                  \
    X(BUTTON_EACH, CW_BUTTON_SELECT "WHERE b.id > ?1 AND (?2 = 0 OR b.owner = ?2"                \
                                    " OR b.account = ?2) ORDER BY b.id LIMIT ?3")                \
    X(BUTTON_COUNT, "SELECT count(*) FROM support_button WHERE ?1 = 0 OR owner = ?1")            \
    X(CANNED_CATEGORY_ADD, "INSERT INTO canned_category(kind, name) VALUES(?1, ?2)")             \
    X(CANNED_CATEGORY_PUT, "UPDATE canned_category SET name = ?3 WHERE id = ?1 AND kind = ?2")   \
    X(CANNED_CATEGORY_REMOVE, "DELETE FROM canned_category WHERE id = ?1 AND kind = ?2"          \
                              " AND NOT EXISTS(SELECT 1 FROM canned WHERE category = ?1)")       \
    X(CANNED_CATEGORY_EACH, "SELECT g.id, g.name, (SELECT count(*) FROM canned c"                \
                            " WHERE c.category = g.id) FROM canned_category g"                   \
                            " WHERE g.kind = ?1 AND (?2 = 0 OR g.id = ?2) ORDER BY g.name")      \
    X(CANNED_ADD, "INSERT INTO canned(kind, category, name, description, platform, text)"        \
                  " VALUES(?1, ?2, ?3, ?4, ?5, ?6)")                                             \
    X(CANNED_PUT, "UPDATE canned SET category = ?3, name = ?4, description = ?5, platform = ?6," \
                  " text = ?7 WHERE id = ?1 AND kind = ?2")                                      \
    X(CANNED_REMOVE, "DELETE FROM canned WHERE id = ?1 AND kind = ?2")                           \
    X(CANNED_COUNT, "SELECT count(*) FROM canned WHERE kind = ?1")                               \
    /* ?4: an account, which sees what is for every team or for one of its own; 0: all. */       \
    X(CANNED_EACH, CW_CANNED_SELECT                                                              \
      "WHERE c.kind = ?1 AND c.id > ?2 AND (?3 = 0 OR c.category = ?3) AND (?4 = 0"              \
      " OR NOT EXISTS(SELECT 1 FROM canned_team n WHERE n.canned = c.id)"                        \
      " OR EXISTS(SELECT 1 FROM canned_team n JOIN team_member m ON m.team = n.team"             \
      " WHERE n.canned = c.id AND m.account = ?4)) AND (?5 = 0 OR c.platform IN (0, ?5))"        \
      " ORDER BY c.id LIMIT ?6")                                                                 \
    X(CANNED_GET, CW_CANNED_SELECT "WHERE c.kind = ?1 AND c.id = ?2")                            \
    X(CANNED_TEAMS_CLEAR, "DELETE FROM canned_team WHERE canned = ?1")                           \
    X(CANNED_TEAM_ADD, "INSERT OR IGNORE INTO canned_team(canned, team) VALUES(?1, ?2)")         \
    X(CANNED_TEAM_EACH, "SELECT team FROM canned_team WHERE canned = ?1 ORDER BY team")

#endif
