/* SPDX-License-Identifier: Apache-2.0 */
/* Support Buttons, canned messages and scripts in the schema. */
#include "control/store/schema.h"

const char cw_schema_button_1[] =
    "CREATE TABLE support_button("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " secret_hash BLOB NOT NULL UNIQUE,"
    " name TEXT NOT NULL,"
    /* One of the three says into whose queue it leads. */
    " account INTEGER REFERENCES account(id) ON DELETE CASCADE,"
    " team INTEGER REFERENCES team(id) ON DELETE CASCADE,"
    " issue INTEGER REFERENCES issue(id) ON DELETE CASCADE,"
    " portal INTEGER NOT NULL,"
    " owner INTEGER NOT NULL," /* who made it; 0: the operator */
    " created_ms INTEGER NOT NULL,"
    " expires_ms INTEGER NOT NULL," /* 0: never */
    " revoked_ms INTEGER NOT NULL DEFAULT 0,"
    " uses INTEGER NOT NULL DEFAULT 0,"
    " last_used_ms INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE INDEX support_button_owner ON support_button(owner);"

    /* kind: enum cw_canned_kind. */
    "CREATE TABLE canned_category("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " kind INTEGER NOT NULL,"
    " name TEXT NOT NULL COLLATE NOCASE,"
    " UNIQUE(kind, name)) STRICT;"
    "CREATE TABLE canned("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " kind INTEGER NOT NULL,"
    " category INTEGER NOT NULL REFERENCES canned_category(id),"
    " name TEXT NOT NULL COLLATE NOCASE,"
    " description TEXT NOT NULL,"
    " platform INTEGER NOT NULL,"
    " text TEXT NOT NULL,"
    " UNIQUE(kind, category, name)) STRICT;"
    /* No row: for every team. */
    "CREATE TABLE canned_team("
    " canned INTEGER NOT NULL REFERENCES canned(id) ON DELETE CASCADE,"
    " team INTEGER NOT NULL REFERENCES team(id) ON DELETE CASCADE,"
    " PRIMARY KEY(canned, team)) STRICT, WITHOUT ROWID;";
