/* SPDX-License-Identifier: Apache-2.0 */
/* Portals, what they show and say, and the keys that customers get from them. */
#include "control/store/schema.h"

#define SESSION_KEY_COLUMNS                                \
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"               \
    " key_hash BLOB NOT NULL UNIQUE,"                      \
    " account INTEGER REFERENCES account(id),"             \
    " created_ms INTEGER NOT NULL,"                        \
    " expires_ms INTEGER NOT NULL,"                        \
    " used_ms INTEGER,"                                    \
    " session INTEGER REFERENCES session(id),"             \
    " team INTEGER REFERENCES team(id) ON DELETE CASCADE," \
    " portal INTEGER NOT NULL DEFAULT 1,"                  \
    " issue INTEGER NOT NULL DEFAULT 0,"                   \
    " customer TEXT NOT NULL DEFAULT '',"                  \
    " company TEXT NOT NULL DEFAULT '',"                   \
    " company_code TEXT NOT NULL DEFAULT '',"              \
    " description TEXT NOT NULL DEFAULT '',"               \
    " agreed_ms INTEGER NOT NULL DEFAULT 0"

const char cw_schema_portal_1[] =
    "PRAGMA defer_foreign_keys = ON;"
    "CREATE TABLE portal("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL UNIQUE COLLATE NOCASE,"
    " code TEXT NOT NULL UNIQUE COLLATE NOCASE,"
    " hosts TEXT NOT NULL," /* a blank between */
    " title TEXT NOT NULL,"
    " text TEXT NOT NULL,"
    " accent TEXT NOT NULL," /* #rrggbb, or empty */
    " background TEXT NOT NULL,"
    " foreground TEXT NOT NULL,"
    " shows INTEGER NOT NULL," /* 1 keys, 2 issues, 4 representatives */
    " zone TEXT NOT NULL,"     /* empty: always open */
    " hours TEXT NOT NULL,"
    " dates TEXT NOT NULL,"
    " logo_type INTEGER NOT NULL DEFAULT 0,"
    " logo_name TEXT NOT NULL DEFAULT ''," /* of its bytes */
    " logo BLOB) STRICT;"
    /* Number 1 answers wherever no other portal does. */
    "INSERT INTO portal(id, name, code, hosts, title, text, accent, background, foreground, shows,"
    " zone, hours, dates) VALUES(1, 'Default', 'default', '', '', '', '', '', '', 1, '', '', '');"
    "CREATE TABLE portal_issue("
    " portal INTEGER NOT NULL REFERENCES portal(id) ON DELETE CASCADE,"
    " issue INTEGER NOT NULL REFERENCES issue(id) ON DELETE CASCADE,"
    " PRIMARY KEY(portal, issue)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE portal_notice("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " portal INTEGER REFERENCES portal(id) ON DELETE CASCADE," /* NULL: every one */
    " text TEXT NOT NULL,"
    " from_ms INTEGER NOT NULL,"
    " until_ms INTEGER NOT NULL) STRICT;" /* 0: no end */
    "CREATE TABLE portal_message("
    " portal INTEGER NOT NULL REFERENCES portal(id) ON DELETE CASCADE,"
    " name TEXT NOT NULL,"
    " text TEXT NOT NULL,"
    " PRIMARY KEY(portal, name)) STRICT, WITHOUT ROWID;"
    /* Representatives whom portals list. */
    "CREATE TABLE portal_person("
    " account INTEGER PRIMARY KEY REFERENCES account(id) ON DELETE CASCADE) STRICT;"

    /* A key that a portal made belongs to a team and to no account. */
    "CREATE TABLE session_key_copy(" SESSION_KEY_COLUMNS ") STRICT;"
    "INSERT INTO session_key_copy(id, key_hash, account, created_ms, expires_ms, used_ms, session,"
    " team) SELECT id, key_hash, account, created_ms, expires_ms, used_ms, session, team"
    " FROM session_key;"
    "DROP TABLE session_key;"
    "CREATE TABLE session_key(" SESSION_KEY_COLUMNS ") STRICT;"
    "INSERT INTO session_key SELECT * FROM session_key_copy;"
    "DROP TABLE session_key_copy;"
    "CREATE INDEX session_key_account ON session_key(account);"
    "CREATE INDEX session_key_expires ON session_key(expires_ms);"

    "ALTER TABLE session ADD COLUMN portal INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE session ADD COLUMN issue INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE session ADD COLUMN button INTEGER NOT NULL DEFAULT 0;"
    /* What customers say about themselves. */
    "INSERT OR IGNORE INTO attribute(code, name, is_editable) VALUES"
    " ('company', 'Company', 1), ('company_code', 'Company code', 1),"
    " ('description', 'Description', 1);";

/* A key with which the customer of a running session goes on with another program. */
const char cw_schema_portal_client[] =
    "ALTER TABLE session_key ADD COLUMN continues INTEGER NOT NULL DEFAULT 0;";
