/* SPDX-License-Identifier: Apache-2.0 */
/* What reports tell of the past and no other table keeps: where sessions were, who was in them, who was there. */
#include "control/store/schema.h"

const char cw_schema_report_1[] =
    /* Where a session was: it waited in a team's or an account's queue, or an account had it, out of that team's
     * queue. until_ms 0: it is there. */
    "CREATE TABLE session_stay("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " session INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,"
    " state INTEGER NOT NULL," /* enum cw_session_state */
    " team INTEGER NOT NULL,"
    " account INTEGER NOT NULL,"
    " since_ms INTEGER NOT NULL,"
    " until_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX session_stay_of ON session_stay(session);"
    "CREATE INDEX session_stay_since ON session_stay(since_ms);"

    /* Each time that somebody took part; participant has the last one only. */
    "CREATE TABLE session_visit("
    " session INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,"
    " participant INTEGER NOT NULL,"
    " joined_ms INTEGER NOT NULL,"
    " left_ms INTEGER NOT NULL,"
    " relation INTEGER NOT NULL,"
    " address TEXT NOT NULL DEFAULT ''," /* where it connected from last */
    " PRIMARY KEY(session, participant, joined_ms)) STRICT, WITHOUT ROWID;"
    "INSERT INTO session_visit(session, participant, joined_ms, left_ms, relation)"
    " SELECT session, number, joined_ms, left_ms, relation FROM participant;"

    /* When somebody's console was connected, and as what. */
    "CREATE TABLE account_presence("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " account INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,"
    " state INTEGER NOT NULL," /* enum cw_availability */
    " since_ms INTEGER NOT NULL,"
    " until_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX account_presence_since ON account_presence(since_ms);"
    "CREATE INDEX account_presence_open ON account_presence(account) WHERE until_ms = 0;"

    "CREATE INDEX session_created ON session(created_ms);"
    "CREATE INDEX recording_session ON recording(session);"
    "CREATE INDEX audit_time ON audit(time_ms);"
    /* Of audit rows only those about sessions are looked for by their object. */
    "CREATE INDEX audit_session ON audit(object)"
    " WHERE object >= 'session 0' AND object < 'session :';";
