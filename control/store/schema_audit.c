/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log's keys and checkpoints (control/audit/chain.h). */
#include "control/store/schema.h"

const char cw_schema_audit_1[] =
    /* 0: what was written before there were keys. */
    "ALTER TABLE audit ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE audit_checkpoint("
    " epoch INTEGER PRIMARY KEY,"
    " time_ms INTEGER NOT NULL,"
    " last_id INTEGER NOT NULL,"
    " last_mac BLOB NOT NULL,"
    " rows_key BLOB NOT NULL,"
    " public_key BLOB NOT NULL,"
    " next_public_key BLOB NOT NULL,"
    " signature BLOB NOT NULL) STRICT;"
    "CREATE TRIGGER audit_checkpoint_no_update BEFORE UPDATE ON audit_checkpoint"
    " BEGIN SELECT RAISE(ABORT, 'checkpoints are never changed'); END;"
    "CREATE TRIGGER audit_checkpoint_no_delete BEFORE DELETE ON audit_checkpoint"
    " BEGIN SELECT RAISE(ABORT, 'checkpoints are never removed'); END;"
    /* One row: where the log ends. */
    "CREATE TABLE audit_head("
    " id INTEGER PRIMARY KEY CHECK(id = 1),"
    " epoch INTEGER NOT NULL,"
    " last_id INTEGER NOT NULL,"
    " mac BLOB NOT NULL) STRICT;";
