/* SPDX-License-Identifier: Apache-2.0 */
/* API accounts and the tokens they were given. */
#include "control/store/schema.h"

const char cw_schema_api_1[] =
    "CREATE TABLE api_account("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL UNIQUE COLLATE NOCASE,"
    " client_id TEXT NOT NULL UNIQUE,"
    " secret_hash BLOB NOT NULL,"
    " is_enabled INTEGER NOT NULL,"
    " access INTEGER NOT NULL," /* two bits a scope: enum cw_api_access */
    " networks TEXT NOT NULL,"
    " comments TEXT NOT NULL,"
    " created_ms INTEGER NOT NULL,"
    " last_token_ms INTEGER NOT NULL) STRICT;"

    "CREATE TABLE api_token("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " token_hash BLOB NOT NULL UNIQUE,"
    " api_account INTEGER NOT NULL REFERENCES api_account(id) ON DELETE CASCADE,"
    " access INTEGER NOT NULL,"
    " expires_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX api_token_account ON api_token(api_account);";
