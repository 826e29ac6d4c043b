/* SPDX-License-Identifier: Apache-2.0 */
/* The store's schema: numbered steps that only go forward. A step that shipped is never edited; a
 * change is a new step. Each runs in one
 * transaction, which also writes its number. */
#include "control/store/schema.h"
#include "control/store/store_query.h"

static const char step_1[] =
    "CREATE TABLE account("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " user TEXT NOT NULL UNIQUE COLLATE NOCASE,"
    " display_name TEXT NOT NULL,"
    " is_admin INTEGER NOT NULL,"
    " is_enabled INTEGER NOT NULL,"
    " must_change INTEGER NOT NULL,"
    " password TEXT NOT NULL,"
    " created_ms INTEGER NOT NULL,"
    " last_sign_in_ms INTEGER NOT NULL) STRICT;"

    "CREATE TABLE sign_in("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " token_hash BLOB NOT NULL UNIQUE,"
    " account INTEGER NOT NULL REFERENCES account(id),"
    " source TEXT NOT NULL,"
    " created_ms INTEGER NOT NULL,"
    " last_used_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX sign_in_account ON sign_in(account);"

    /* Names are kept as hashes: people type passwords into the wrong field. */
    "CREATE TABLE sign_in_lock("
    " name_hash BLOB PRIMARY KEY,"
    " count INTEGER NOT NULL,"
    " last_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"

    "CREATE TABLE jump_group("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL UNIQUE) STRICT;"
    "INSERT INTO jump_group(name) VALUES('All');"

    "CREATE TABLE jump_item("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " jump_group INTEGER NOT NULL REFERENCES jump_group(id),"
    " name TEXT NOT NULL,"
    " device_key BLOB NOT NULL,"
    " hostname TEXT NOT NULL,"
    " platform TEXT NOT NULL,"
    " user TEXT NOT NULL,"
    " created_ms INTEGER NOT NULL,"
    " last_seen_ms INTEGER NOT NULL,"
    " last_access_ms INTEGER NOT NULL,"
    " removed_ms INTEGER) STRICT;"
    "CREATE UNIQUE INDEX jump_item_key ON jump_item(device_key) WHERE removed_ms IS NULL;"

    "CREATE TABLE enrolment_token("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " token_hash BLOB NOT NULL UNIQUE,"
    " name TEXT NOT NULL,"
    " jump_group INTEGER NOT NULL REFERENCES jump_group(id),"
    " created_ms INTEGER NOT NULL,"
    " expires_ms INTEGER NOT NULL,"
    " used_ms INTEGER,"
    " jump_item INTEGER REFERENCES jump_item(id)) STRICT;"

    "CREATE TABLE session("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " kind INTEGER NOT NULL,"
    " state INTEGER NOT NULL,"
    " account INTEGER NOT NULL REFERENCES account(id),"
    " jump_item INTEGER REFERENCES jump_item(id),"
    " customer TEXT NOT NULL,"
    " created_ms INTEGER NOT NULL,"
    " started_ms INTEGER NOT NULL,"
    " ended_ms INTEGER NOT NULL DEFAULT 0,"
    " end_code INTEGER NOT NULL DEFAULT 0,"
    " end_text TEXT NOT NULL DEFAULT '') STRICT;"
    "CREATE INDEX session_live ON session(state) WHERE state <> 3;"

    "CREATE TABLE session_key("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " key_hash BLOB NOT NULL UNIQUE,"
    " account INTEGER NOT NULL REFERENCES account(id),"
    " created_ms INTEGER NOT NULL,"
    " expires_ms INTEGER NOT NULL,"
    " used_ms INTEGER,"
    " session INTEGER REFERENCES session(id)) STRICT;"
    "CREATE INDEX session_key_account ON session_key(account);"

    "CREATE TABLE participant("
    " session INTEGER NOT NULL REFERENCES session(id),"
    " number INTEGER NOT NULL,"
    " role INTEGER NOT NULL,"
    " account INTEGER REFERENCES account(id),"
    " name TEXT NOT NULL,"
    " holder_key BLOB NOT NULL,"
    " consent_view INTEGER NOT NULL,"
    " consent_control INTEGER NOT NULL,"
    " PRIMARY KEY(session, number)) STRICT, WITHOUT ROWID;"

    /* session 0: the credential of the device with the number in participant. */
    "CREATE TABLE ticket("
    " id BLOB PRIMARY KEY,"
    " kind INTEGER NOT NULL,"
    " session INTEGER NOT NULL,"
    " participant INTEGER NOT NULL,"
    " not_after_s INTEGER NOT NULL,"
    " is_denied INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;"
    "CREATE INDEX ticket_of ON ticket(session, participant);"
    "CREATE INDEX ticket_denied ON ticket(not_after_s) WHERE is_denied = 1;"

    "CREATE TABLE chat("
    " session INTEGER NOT NULL REFERENCES session(id),"
    " sequence INTEGER NOT NULL,"
    " time_ms INTEGER NOT NULL,"
    " participant INTEGER NOT NULL,"
    " client_message INTEGER NOT NULL,"
    " role INTEGER NOT NULL,"
    " name TEXT NOT NULL,"
    " text TEXT NOT NULL,"
    " PRIMARY KEY(session, sequence)) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX chat_once ON chat(session, participant, client_message)"
    " WHERE participant <> 0;"

    "CREATE TABLE audit("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " time_ms INTEGER NOT NULL,"
    " actor TEXT NOT NULL,"
    " source TEXT NOT NULL,"
    " action TEXT NOT NULL,"
    " object TEXT NOT NULL,"
    " result TEXT NOT NULL,"
    " detail TEXT NOT NULL,"
    " hash BLOB NOT NULL) STRICT;"
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;"
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'audit rows are never removed'); END;"

    "CREATE TABLE store_probe(id INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL) STRICT;";

static const char step_2[] = "CREATE TABLE setting("
                             " name TEXT PRIMARY KEY,"
                             " value INTEGER NOT NULL,"
                             " changed_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;";

static const char step_3[] =
    "ALTER TABLE session ADD COLUMN recording INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE recording("
    " recording INTEGER NOT NULL," /* a random number of 64 bits */
    " part INTEGER NOT NULL,"
    " session INTEGER NOT NULL,"
    " file TEXT NOT NULL,"
    " bytes INTEGER NOT NULL,"
    " blocks INTEGER NOT NULL,"
    " is_whole INTEGER NOT NULL,"
    " root BLOB NOT NULL,"
    " signature BLOB NOT NULL,"
    " sealed_s INTEGER NOT NULL,"
    " is_told INTEGER NOT NULL,"
    " PRIMARY KEY(recording, part)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX recording_age ON recording(sealed_s);"
    "CREATE INDEX recording_untold ON recording(is_told) WHERE is_told = 0;";

const char *const cw_store_steps[] = {
    step_1,
    step_2,
    step_3,
    cw_schema_team_1,
    cw_schema_account_1,
    cw_schema_api_1,
    cw_schema_policy_1,
    cw_schema_queue_1,
    cw_schema_jump_fields,
    cw_schema_installer,
    cw_schema_audit_1,
    cw_schema_account_2,
    cw_schema_outbox_1,
    cw_schema_policy_2,
    cw_schema_account_3,
    cw_schema_portal_1,
    cw_schema_report_1,
    cw_schema_button_1,
    cw_schema_jump_upgrade,
    cw_schema_wake,
    cw_schema_queue_2,
    cw_schema_team_2,
    cw_schema_policy_3,
    cw_schema_portal_client,
    cw_schema_queue_3,
    cw_schema_queue_4,
};
const int cw_store_step_count = (int)(sizeof cw_store_steps / sizeof cw_store_steps[0]);
