/* SPDX-License-Identifier: Apache-2.0 */
/* Session policies, Jump policies, Jump Groups with their members and roles, copies, approvals. */
#include "control/store/schema.h"

const char cw_schema_policy_1[] =
    "CREATE TABLE session_policy("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL UNIQUE COLLATE NOCASE,"
    " code TEXT NOT NULL,"
    " description TEXT NOT NULL,"
    " for_accounts INTEGER NOT NULL,"
    " for_invites INTEGER NOT NULL,"
    " for_jump_items INTEGER NOT NULL) STRICT;"
    /* Number 1 is the last layer of every fold. */
    "INSERT INTO session_policy(id, name, code, description, for_accounts, for_invites,"
    " for_jump_items) VALUES(1, 'Appliance default', 'default',"
    " 'Answers where no other policy does.', 0, 0, 0);"
    "CREATE TABLE session_policy_tool("
    " policy INTEGER NOT NULL REFERENCES session_policy(id) ON DELETE CASCADE,"
    " tool TEXT NOT NULL,"
    " choice INTEGER NOT NULL,"
    " prompt INTEGER NOT NULL,"
    " time_s INTEGER NOT NULL,"
    " is_yes INTEGER NOT NULL,"
    " PRIMARY KEY(policy, tool)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE jump_policy("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL UNIQUE COLLATE NOCASE,"
    " code TEXT NOT NULL,"
    " description TEXT NOT NULL,"
    " has_schedule INTEGER NOT NULL,"
    " zone TEXT NOT NULL,"
    " is_strict INTEGER NOT NULL,"
    " needs_ticket INTEGER NOT NULL,"
    " ticket_patterns TEXT NOT NULL,"
    " needs_second_factor INTEGER NOT NULL,"
    " simultaneous INTEGER NOT NULL,"
    " with_copies INTEGER NOT NULL,"
    " needs_approval INTEGER NOT NULL,"
    " approval_minutes INTEGER NOT NULL,"
    " recording INTEGER NOT NULL,"
    " tells INTEGER NOT NULL) STRICT;" /* 1: the start, 2: the end */
    "CREATE TABLE jump_policy_range("
    " policy INTEGER NOT NULL REFERENCES jump_policy(id) ON DELETE CASCADE,"
    " start_min INTEGER NOT NULL,"
    " end_min INTEGER NOT NULL,"
    " PRIMARY KEY(policy, start_min, end_min)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE jump_policy_date("
    " policy INTEGER NOT NULL REFERENCES jump_policy(id) ON DELETE CASCADE,"
    " day INTEGER NOT NULL,"
    " start_min INTEGER NOT NULL,"
    " end_min INTEGER NOT NULL,"
    " PRIMARY KEY(policy, day, start_min, end_min)) STRICT, WITHOUT ROWID;"

    /* Which policies something has; kind: enum cw_assigned. 0: none. */
    "CREATE TABLE policy_of("
    " kind INTEGER NOT NULL,"
    " object INTEGER NOT NULL,"
    " attended INTEGER NOT NULL,"
    " unattended INTEGER NOT NULL,"
    " jump INTEGER NOT NULL,"
    " PRIMARY KEY(kind, object)) STRICT, WITHOUT ROWID;"

    "ALTER TABLE jump_group ADD COLUMN code TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE jump_group ADD COLUMN comments TEXT NOT NULL DEFAULT '';"
    /* The account whose personal list it is; 0: shared. */
    "ALTER TABLE jump_group ADD COLUMN owner INTEGER NOT NULL DEFAULT 0;"
    "CREATE UNIQUE INDEX jump_group_owner ON jump_group(owner) WHERE owner <> 0;"

    "CREATE TABLE jump_role("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL UNIQUE COLLATE NOCASE,"
    " description TEXT NOT NULL,"
    " flags INTEGER NOT NULL) STRICT;"
    /* enum cw_jump_flag: 8 is start, 1024 the report, 8191 everything. */
    "INSERT INTO jump_role(id, name, description, flags) VALUES"
    " (1, 'No access', 'Sees nothing of a group.', 0),"
    " (2, 'Start sessions', 'Jumps, and changes nothing.', 8),"
    " (3, 'Administrator', 'Everything.', 8191),"
    " (4, 'Auditor', 'Sees items and their reports.', 1024);"
    /* kind 1: account, 2: team, 3: everybody (member 0). role 0: the member's default role. */
    "CREATE TABLE jump_member("
    " jump_group INTEGER NOT NULL REFERENCES jump_group(id) ON DELETE CASCADE,"
    " kind INTEGER NOT NULL,"
    " member INTEGER NOT NULL,"
    " role INTEGER NOT NULL,"
    " PRIMARY KEY(jump_group, kind, member)) STRICT, WITHOUT ROWID;"
    /* Everybody went everywhere before there were roles. */
    "INSERT INTO jump_member(jump_group, kind, member, role) SELECT id, 3, 0, 2 FROM jump_group;"
    /* account 0: for those who have no row of their own. */
    "CREATE TABLE jump_role_default("
    " account INTEGER PRIMARY KEY,"
    " default_role INTEGER NOT NULL,"
    " personal_role INTEGER NOT NULL,"
    " team_role INTEGER NOT NULL,"
    " system_role INTEGER NOT NULL) STRICT;"
    "INSERT INTO jump_role_default VALUES(0, 2, 3, 2, 1);"

    "CREATE TABLE jump_copy("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " jump_item INTEGER NOT NULL REFERENCES jump_item(id) ON DELETE CASCADE,"
    " jump_group INTEGER NOT NULL REFERENCES jump_group(id),"
    " UNIQUE(jump_item, jump_group)) STRICT;"

    /* state: enum cw_approval_state. */
    "CREATE TABLE jump_approval("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " jump_item INTEGER NOT NULL REFERENCES jump_item(id) ON DELETE CASCADE,"
    " account INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,"
    " state INTEGER NOT NULL,"
    " reason TEXT NOT NULL,"
    " minutes INTEGER NOT NULL,"
    " created_ms INTEGER NOT NULL,"
    " decided_ms INTEGER NOT NULL,"
    " decided_by INTEGER NOT NULL,"
    " answer TEXT NOT NULL,"
    " ends_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX jump_approval_of ON jump_approval(account, jump_item);"

    /* How a session came to its Jump Item. */
    "CREATE TABLE session_jump("
    " session INTEGER PRIMARY KEY REFERENCES session(id) ON DELETE CASCADE,"
    " copy INTEGER NOT NULL,"
    " jump_policy INTEGER NOT NULL,"
    " approval INTEGER NOT NULL,"
    " ticket TEXT NOT NULL,"
    " is_override INTEGER NOT NULL) STRICT;"
    "CREATE INDEX session_jump_ticket ON session_jump(ticket) WHERE ticket <> '';";

const char cw_schema_policy_2[] =
    "ALTER TABLE session_jump ADD COLUMN is_attended INTEGER NOT NULL DEFAULT 0;";

/* What the customer said yes to, a bit a tool; and the policy that an invitation came with. */
const char cw_schema_policy_3[] =
    "ALTER TABLE participant ADD COLUMN tools INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE participant ADD COLUMN session_policy INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE invitation ADD COLUMN session_policy INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE invite_profile ADD COLUMN session_policy INTEGER NOT NULL DEFAULT 0;";
