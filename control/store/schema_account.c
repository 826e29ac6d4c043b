/* SPDX-License-Identifier: Apache-2.0 */
/* What an account has besides a password, group policies, second factors, agreements. */
#include "control/store/schema.h"

const char cw_schema_account_1[] =
    /* 0 is "not defined" in every rule: group policies or the appliance decide then. */
    "ALTER TABLE account ADD COLUMN comments TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE account ADD COLUMN removed_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN rights_allowed TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE account ADD COLUMN rights_denied TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE account ADD COLUMN session_policy INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN second_factor INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN remember_me INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN second_login INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN network_rule INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN networks TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE account ADD COLUMN network_passed_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN agreement INTEGER NOT NULL DEFAULT 0;"

    /* Each block: 0 not defined, 1 defined, 2 final. Rights are names: numbers may change. */
    "CREATE TABLE group_policy("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " position INTEGER NOT NULL,"
    " name TEXT NOT NULL UNIQUE COLLATE NOCASE,"
    " comments TEXT NOT NULL,"
    " administration INTEGER NOT NULL,"
    " administration_rights TEXT NOT NULL,"
    " representative INTEGER NOT NULL,"
    " representative_rights TEXT NOT NULL,"
    " session INTEGER NOT NULL,"
    " session_policy INTEGER NOT NULL,"
    " sign_in INTEGER NOT NULL,"
    " second_factor INTEGER NOT NULL,"
    " remember_me INTEGER NOT NULL,"
    " second_login INTEGER NOT NULL,"
    " network_rule INTEGER NOT NULL,"
    " networks TEXT NOT NULL) STRICT;"
    "CREATE TABLE group_policy_account("
    " policy INTEGER NOT NULL REFERENCES group_policy(id) ON DELETE CASCADE,"
    " account INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,"
    " PRIMARY KEY(policy, account)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX group_policy_of_account ON group_policy_account(account);"
    "CREATE TABLE group_policy_team("
    " policy INTEGER NOT NULL REFERENCES group_policy(id) ON DELETE CASCADE,"
    " team INTEGER NOT NULL REFERENCES team(id) ON DELETE CASCADE,"
    " PRIMARY KEY(policy, team)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX group_policy_of_team ON group_policy_team(team);";

const char cw_schema_account_2[] =
    "ALTER TABLE sign_in ADD COLUMN due INTEGER NOT NULL DEFAULT 0;" /* bits of enum cw_due */
    "ALTER TABLE sign_in ADD COLUMN is_remembered INTEGER NOT NULL DEFAULT 0;"

    "CREATE TABLE totp("
    " account INTEGER PRIMARY KEY REFERENCES account(id) ON DELETE CASCADE,"
    " secret BLOB NOT NULL," /* sealed */
    " last_step INTEGER NOT NULL) STRICT;"
    /* Wrong codes in a row, by somebody who knew the password: not forgotten with time. */
    "CREATE TABLE code_lock("
    " account INTEGER PRIMARY KEY REFERENCES account(id) ON DELETE CASCADE,"
    " count INTEGER NOT NULL,"
    " last_ms INTEGER NOT NULL) STRICT;"
    "CREATE TABLE recovery_code("
    " account INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,"
    " code_hash BLOB NOT NULL,"
    " PRIMARY KEY(account, code_hash)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE authenticator("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " account INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,"
    " credential BLOB NOT NULL UNIQUE,"
    " algorithm INTEGER NOT NULL,"
    " public_key BLOB NOT NULL,"
    " sign_count INTEGER NOT NULL,"
    " name TEXT NOT NULL,"
    " created_ms INTEGER NOT NULL,"
    " last_used_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX authenticator_account ON authenticator(account);"

    "CREATE TABLE agreement("
    " version INTEGER PRIMARY KEY AUTOINCREMENT,"
    " title TEXT NOT NULL,"
    " text TEXT NOT NULL,"
    " published_ms INTEGER NOT NULL,"
    " withdrawn_ms INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE TABLE agreement_accepted("
    " account INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,"
    " version INTEGER NOT NULL REFERENCES agreement(version),"
    " accepted_ms INTEGER NOT NULL,"
    " PRIMARY KEY(account, version)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE console_setting(" /* the administrators' */
    " name TEXT PRIMARY KEY,"
    " value INTEGER NOT NULL,"
    " is_forced INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE account_setting("
    " account INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,"
    " name TEXT NOT NULL,"
    " value INTEGER NOT NULL,"
    " PRIMARY KEY(account, name)) STRICT, WITHOUT ROWID;";

const char cw_schema_account_3[] =
    "CREATE TABLE extended_availability("
    " account INTEGER PRIMARY KEY REFERENCES account(id) ON DELETE CASCADE) STRICT;";
