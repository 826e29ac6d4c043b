/* SPDX-License-Identifier: Apache-2.0 */
/* Queues, sharing, notes, attributes and surveys in the schema. */
#include "control/store/schema.h"

#define SESSION_COLUMNS                                                          \
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"                                     \
    " kind INTEGER NOT NULL,"                                                    \
    " state INTEGER NOT NULL,"                                                   \
    " account INTEGER REFERENCES account(id),"                                   \
    " jump_item INTEGER REFERENCES jump_item(id),"                               \
    " customer TEXT NOT NULL,"                                                   \
    " created_ms INTEGER NOT NULL,"                                              \
    " started_ms INTEGER NOT NULL,"                                              \
    " ended_ms INTEGER NOT NULL DEFAULT 0,"                                      \
    " end_code INTEGER NOT NULL DEFAULT 0,"                                      \
    " end_text TEXT NOT NULL DEFAULT '',"                                        \
    " recording INTEGER NOT NULL DEFAULT 0,"                                     \
    " team INTEGER REFERENCES team(id),"                                         \
    " priority INTEGER NOT NULL DEFAULT 2,"                                      \
    " queued_ms INTEGER NOT NULL DEFAULT 0,"                                     \
    " entered_team INTEGER NOT NULL DEFAULT 0,"                                  \
    " entered_account INTEGER NOT NULL DEFAULT 0,"                               \
    " last_team INTEGER NOT NULL DEFAULT 0,"                                     \
    " last_account INTEGER NOT NULL DEFAULT 0,"                                  \
    " before_team INTEGER NOT NULL DEFAULT 0,"                                   \
    " before_account INTEGER NOT NULL DEFAULT 0,"                                \
    " rules INTEGER NOT NULL DEFAULT 0," /* 1 manual, 2 overflowed, 4 overdue */ \
    " title TEXT NOT NULL DEFAULT '',"                                           \
    " external_key TEXT NOT NULL DEFAULT '',"                                    \
    " survey_hash BLOB"

/* A session in a team's queue belongs to no account, so the column becomes one that may be empty. Rows
 * that refer to sessions are counted as broken when the table goes and as whole when it is back. */
const char cw_schema_queue_1[] =
    "PRAGMA defer_foreign_keys = ON;"
    "CREATE TABLE session_copy(" SESSION_COLUMNS ") STRICT;"
    "INSERT INTO session_copy(id, kind, state, account, jump_item, customer, created_ms,"
    " started_ms, ended_ms, end_code, end_text, recording, queued_ms, entered_account,"
    " last_account)"
    " SELECT id, kind, state, account, jump_item, customer, created_ms, started_ms,"
    " ended_ms, end_code, end_text, recording, created_ms, iif(kind = 2, account, 0),"
    " iif(kind = 2, account, 0) FROM session;"
    "DROP TABLE session;"
    "CREATE TABLE session(" SESSION_COLUMNS ") STRICT;"
    "INSERT INTO session SELECT * FROM session_copy;"
    "DROP TABLE session_copy;"
    "CREATE INDEX session_live ON session(state) WHERE state <> 3;"
    "CREATE INDEX session_external ON session(external_key) WHERE external_key <> '';"

    "ALTER TABLE participant ADD COLUMN relation INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE participant ADD COLUMN permissions INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE participant ADD COLUMN joined_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE participant ADD COLUMN left_ms INTEGER NOT NULL DEFAULT 0;"
    /* The first representative was the owner, others watched. A consent was the customer's row's. */
    "UPDATE participant SET relation = iif(number = (SELECT min(number) FROM participant AS other"
    " WHERE other.session = participant.session AND other.role = 1), 1, 5) WHERE role = 1;"
    "UPDATE participant SET"
    " consent_view = coalesce((SELECT other.consent_view FROM participant AS other"
    "  WHERE other.session = participant.session AND other.role = 2), 0),"
    " consent_control = coalesce((SELECT other.consent_control FROM participant AS other"
    "  WHERE other.session = participant.session AND other.role = 2), 0)"
    " WHERE relation = 1;"

    "CREATE TABLE team_queue("
    " team INTEGER PRIMARY KEY REFERENCES team(id) ON DELETE CASCADE,"
    " is_automatic INTEGER NOT NULL,"
    " offer_s INTEGER NOT NULL,"
    " overdue_s INTEGER NOT NULL,"
    " overflow_team INTEGER REFERENCES team(id) ON DELETE SET NULL,"
    " overflow_s INTEGER NOT NULL,"
    " overflow_count INTEGER NOT NULL) STRICT;"

    "CREATE TABLE status_code("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL UNIQUE COLLATE NOCASE,"
    " shown_as INTEGER NOT NULL) STRICT;"

    /* What somebody set about being given sessions; no row: nothing was set. */
    "CREATE TABLE representative("
    " account INTEGER PRIMARY KEY REFERENCES account(id) ON DELETE CASCADE,"
    " availability INTEGER NOT NULL,"
    " status_code INTEGER REFERENCES status_code(id) ON DELETE SET NULL,"
    " is_opted_out INTEGER NOT NULL,"
    " sessions_max INTEGER," /* NULL: the appliance's */
    " idle_limit_s INTEGER) STRICT;"

    "CREATE TABLE skill("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " parent INTEGER REFERENCES skill(id) ON DELETE CASCADE,"
    " rank INTEGER NOT NULL,"
    " name TEXT NOT NULL UNIQUE COLLATE NOCASE) STRICT;"
    "CREATE TABLE account_skill("
    " account INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,"
    " skill INTEGER NOT NULL REFERENCES skill(id) ON DELETE CASCADE,"
    " PRIMARY KEY(account, skill)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE session_skill("
    " session INTEGER NOT NULL REFERENCES session(id),"
    " skill INTEGER NOT NULL REFERENCES skill(id) ON DELETE CASCADE,"
    " PRIMARY KEY(session, skill)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE session_asked("
    " session INTEGER NOT NULL REFERENCES session(id),"
    " account INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,"
    " PRIMARY KEY(session, account)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE session_favourite("
    " account INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,"
    " session INTEGER NOT NULL REFERENCES session(id),"
    " PRIMARY KEY(account, session)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE customer_message("
    " name TEXT PRIMARY KEY,"
    " text TEXT NOT NULL) STRICT, WITHOUT ROWID;"

    "CREATE TABLE invitation("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " session INTEGER NOT NULL REFERENCES session(id),"
    " kind INTEGER NOT NULL," /* enum cw_invitation_kind */
    " relation INTEGER NOT NULL,"
    " inviter INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,"
    " account INTEGER REFERENCES account(id) ON DELETE CASCADE,"
    " team INTEGER REFERENCES team(id) ON DELETE CASCADE,"
    " message TEXT NOT NULL,"
    " permissions INTEGER NOT NULL,"
    " key_hash BLOB UNIQUE,"
    " created_ms INTEGER NOT NULL,"
    " expires_ms INTEGER NOT NULL,"
    " end INTEGER NOT NULL," /* enum cw_invitation_end; 0: open */
    " ended_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX invitation_open ON invitation(session) WHERE end = 0;"
    "CREATE TABLE invite_profile("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL UNIQUE COLLATE NOCASE,"
    " permissions INTEGER NOT NULL) STRICT;"

    "CREATE TABLE session_note("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " session INTEGER NOT NULL REFERENCES session(id),"
    " account INTEGER NOT NULL REFERENCES account(id),"
    " time_ms INTEGER NOT NULL,"
    " text TEXT NOT NULL) STRICT;"
    "CREATE INDEX session_note_of ON session_note(session);"
    "CREATE TABLE attribute("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " code TEXT NOT NULL UNIQUE COLLATE NOCASE,"
    " name TEXT NOT NULL,"
    " is_editable INTEGER NOT NULL) STRICT;"
    "CREATE TABLE session_attribute("
    " session INTEGER NOT NULL REFERENCES session(id),"
    " attribute INTEGER NOT NULL REFERENCES attribute(id) ON DELETE CASCADE,"
    " value TEXT NOT NULL,"
    " PRIMARY KEY(session, attribute)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE issue("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL UNIQUE COLLATE NOCASE,"
    " code TEXT NOT NULL UNIQUE COLLATE NOCASE,"
    " team INTEGER NOT NULL REFERENCES team(id) ON DELETE CASCADE,"
    " priority INTEGER NOT NULL) STRICT;"
    "CREATE TABLE issue_skill("
    " issue INTEGER NOT NULL REFERENCES issue(id) ON DELETE CASCADE,"
    " skill INTEGER NOT NULL REFERENCES skill(id) ON DELETE CASCADE,"
    " PRIMARY KEY(issue, skill)) STRICT, WITHOUT ROWID;"
    "ALTER TABLE session_key ADD COLUMN team INTEGER REFERENCES team(id) ON DELETE CASCADE;"

    "CREATE TABLE survey_question("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " audience INTEGER NOT NULL," /* enum cw_survey_audience */
    " place INTEGER NOT NULL,"
    " kind INTEGER NOT NULL,"
    " text TEXT NOT NULL,"
    " choices TEXT NOT NULL," /* a line each */
    " is_required INTEGER NOT NULL,"
    " removed_ms INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE TABLE survey_answer("
    " session INTEGER NOT NULL REFERENCES session(id),"
    " question INTEGER NOT NULL REFERENCES survey_question(id),"
    " account INTEGER NOT NULL," /* 0: the customer */
    " time_ms INTEGER NOT NULL,"
    " value TEXT NOT NULL,"
    " PRIMARY KEY(session, question, account)) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX session_survey ON session(survey_hash) WHERE survey_hash IS NOT NULL;";

/* The side chat of representatives. */
const char cw_schema_queue_2[] =
    "ALTER TABLE chat ADD COLUMN audience INTEGER NOT NULL DEFAULT 0;"; /* enum cw_chat_audience */

/* Leads hear of it when so many wait. */
const char cw_schema_queue_3[] =
    "ALTER TABLE team_queue ADD COLUMN alert_count INTEGER NOT NULL DEFAULT 0;"; /* 0: never */

/* Links of an administrator that lead from a session into other systems. */
const char cw_schema_queue_4[] = "CREATE TABLE custom_link("
                                 " id INTEGER PRIMARY KEY AUTOINCREMENT,"
                                 " name TEXT NOT NULL UNIQUE COLLATE NOCASE,"
                                 " url TEXT NOT NULL) STRICT;";
