/* SPDX-License-Identifier: Apache-2.0 */
/* Teams and their members. */
#include "control/store/schema.h"

const char cw_schema_team_1[] =
    "CREATE TABLE team("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL UNIQUE COLLATE NOCASE,"
    " code TEXT NOT NULL UNIQUE COLLATE NOCASE,"
    " comments TEXT NOT NULL,"
    " is_persistent_queue INTEGER NOT NULL,"
    " created_ms INTEGER NOT NULL) STRICT;"

    "CREATE TABLE team_member("
    " team INTEGER NOT NULL REFERENCES team(id) ON DELETE CASCADE,"
    " account INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,"
    " role INTEGER NOT NULL,"
    " PRIMARY KEY(team, account)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX team_member_account ON team_member(account);";
