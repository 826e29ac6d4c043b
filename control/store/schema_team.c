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

/* What representatives write to their teams, and to each other. */
const char cw_schema_team_2[] =
    "CREATE TABLE team_chat_room("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " team INTEGER REFERENCES team(id) ON DELETE CASCADE," /* or low and high */
    " low INTEGER REFERENCES account(id) ON DELETE CASCADE,"
    " high INTEGER REFERENCES account(id) ON DELETE CASCADE,"
    " last_sequence INTEGER NOT NULL,"
    " last_ms INTEGER NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX team_chat_room_team ON team_chat_room(team) WHERE team IS NOT NULL;"
    "CREATE UNIQUE INDEX team_chat_room_pair ON team_chat_room(low, high) WHERE low IS NOT NULL;"
    "CREATE INDEX team_chat_room_high ON team_chat_room(high) WHERE high IS NOT NULL;"
    "CREATE TABLE team_chat_message("
    " room INTEGER NOT NULL REFERENCES team_chat_room(id) ON DELETE CASCADE,"
    " sequence INTEGER NOT NULL,"
    " time_ms INTEGER NOT NULL,"
    " account INTEGER NOT NULL,"
    " name TEXT NOT NULL,"
    " text TEXT NOT NULL,"
    " PRIMARY KEY(room, sequence)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX team_chat_message_time ON team_chat_message(time_ms);"
    "CREATE TABLE team_chat_read("
    " account INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,"
    " room INTEGER NOT NULL REFERENCES team_chat_room(id) ON DELETE CASCADE,"
    " sequence INTEGER NOT NULL,"
    " PRIMARY KEY(account, room)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX team_chat_read_room ON team_chat_read(room);";
