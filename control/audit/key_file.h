/* SPDX-License-Identifier: Apache-2.0 */
/* control/audit/key_file.h - where the audit log's root key is kept, beside the store: audit.key.
 *
 * Owner:     the caller's values.
 * Thread:    the state thread.
 * Errors:    CW_ERR_NOT_FOUND (no file), CW_ERR_INVALID (not of the form, or others may read it), CW_ERR_IO.
 * Limits:    two slots of 64 bytes.
 * Invariant: after cw_key_file_put returned 0 the file has the new key and no older one; a crash before leaves one of
 *            them.
 */
#ifndef CW_CONTROL_AUDIT_KEY_FILE_H
#define CW_CONTROL_AUDIT_KEY_FILE_H

#include "control/audit/chain.h"

int cw_key_file_get(const char *path, struct cw_chain_key *ret_key);
/* Makes the file when there is none. */
int cw_key_file_put(const char *path, const struct cw_chain_key *key);

#endif
