/* SPDX-License-Identifier: Apache-2.0 */
/* Receivers of outbound events, and what waits for each. */
#include "control/store/schema.h"

const char cw_schema_outbox_1[] =
    "CREATE TABLE event_receiver("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL UNIQUE COLLATE NOCASE,"
    " url TEXT NOT NULL,"
    " secret BLOB NOT NULL," /* sealed */
    " patterns TEXT NOT NULL,"
    " ca TEXT NOT NULL,"
    " is_enabled INTEGER NOT NULL,"
    " created_ms INTEGER NOT NULL,"
    " left_out INTEGER NOT NULL) STRICT;"

    "CREATE TABLE outbox("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " receiver INTEGER NOT NULL REFERENCES event_receiver(id) ON DELETE CASCADE,"
    " created_ms INTEGER NOT NULL,"
    " type TEXT NOT NULL,"
    " body TEXT NOT NULL) STRICT;"
    "CREATE INDEX outbox_receiver ON outbox(receiver, id);";
