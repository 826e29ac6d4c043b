/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of the store's schema that are about Jump Items and how they are deployed (store_schema.c). */
#include "control/store/schema.h"

/* mode: 0 a standing connection, 1 it listens. leaving: 1 it is told to uninstall itself when it is heard of.
 * statistics: JSON as it is shown. */
const char cw_schema_jump_fields[] =
    "ALTER TABLE jump_item ADD COLUMN comments TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE jump_item ADD COLUMN tag TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE jump_item ADD COLUMN workgroup TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE jump_item ADD COLUMN domain TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE jump_item ADD COLUMN fqdn TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE jump_item ADD COLUMN private_ip TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE jump_item ADD COLUMN public_ip TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE jump_item ADD COLUMN version TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE jump_item ADD COLUMN statistics TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE jump_item ADD COLUMN presence INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE jump_item ADD COLUMN reported_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE jump_item ADD COLUMN mode INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE jump_item ADD COLUMN port INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE jump_item ADD COLUMN expires_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE jump_item ADD COLUMN is_quiet INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE jump_item ADD COLUMN is_disabled INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE jump_item ADD COLUMN leaving INTEGER NOT NULL DEFAULT 0;"
    /* Who enrolled was heard of: the time since then counts. */
    "UPDATE jump_item SET last_seen_ms = created_ms WHERE last_seen_ms = 0;"
    "CREATE INDEX jump_item_seen ON jump_item(last_seen_ms) WHERE removed_ms IS NULL;"
    "CREATE INDEX jump_item_expires ON jump_item(expires_ms)"
    " WHERE removed_ms IS NULL AND expires_ms <> 0;"

    "CREATE TABLE jump_thumbnail("
    " item INTEGER PRIMARY KEY REFERENCES jump_item(id),"
    " time_ms INTEGER NOT NULL,"
    " picture BLOB NOT NULL) STRICT;"

    "CREATE TABLE jump_favourite("
    " account INTEGER NOT NULL REFERENCES account(id),"
    " item INTEGER NOT NULL REFERENCES jump_item(id),"
    " PRIMARY KEY(account, item)) STRICT, WITHOUT ROWID;";

/* uses_max 0: without limit. overrides: bits of enum cw_installer_override. item_life_s 0: forever. */
const char cw_schema_installer[] = "CREATE TABLE installer("
                                   " id INTEGER PRIMARY KEY AUTOINCREMENT,"
                                   " token_hash BLOB NOT NULL UNIQUE,"
                                   " label TEXT NOT NULL,"
                                   " name_pattern TEXT NOT NULL,"
                                   " jump_group INTEGER NOT NULL REFERENCES jump_group(id),"
                                   " tag TEXT NOT NULL,"
                                   " comments TEXT NOT NULL,"
                                   " jump_policy INTEGER NOT NULL,"
                                   " session_policy INTEGER NOT NULL,"
                                   " overrides INTEGER NOT NULL,"
                                   " is_quiet INTEGER NOT NULL,"
                                   " mode INTEGER NOT NULL,"
                                   " port INTEGER NOT NULL,"
                                   " uses_max INTEGER NOT NULL,"
                                   " uses INTEGER NOT NULL DEFAULT 0,"
                                   " item_life_s INTEGER NOT NULL,"
                                   " created_ms INTEGER NOT NULL,"
                                   " created_by TEXT NOT NULL,"
                                   " expires_ms INTEGER NOT NULL,"
                                   " revoked_ms INTEGER NOT NULL DEFAULT 0) STRICT;"
                                   "CREATE TABLE installed("
                                   " installer INTEGER NOT NULL REFERENCES installer(id),"
                                   " item INTEGER NOT NULL REFERENCES jump_item(id),"
                                   " time_ms INTEGER NOT NULL,"
                                   " PRIMARY KEY(installer, item)) STRICT, WITHOUT ROWID;";

/* Who could not be brought to a program: not tried again with the same one until somebody says so. */
const char cw_schema_jump_upgrade[] = "CREATE TABLE jump_upgrade("
                                      " item INTEGER PRIMARY KEY REFERENCES jump_item(id),"
                                      " program BLOB NOT NULL,"
                                      " time_ms INTEGER NOT NULL,"
                                      " why TEXT NOT NULL) STRICT;";

/* wake: the last number that a datagram had which woke it. */
const char cw_schema_wake[] = "ALTER TABLE jump_item ADD COLUMN wake INTEGER NOT NULL DEFAULT 0;";
