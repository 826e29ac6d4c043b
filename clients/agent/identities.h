/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/identities.h - the appliances a person has trusted before: address and identity key.
 *
 * Owner:     values only; the file is read and replaced as a whole.
 * Thread:    one.
 * Errors:    cw_identities_find: CW_ERR_NOT_FOUND; cw_identities_add: CW_ERR_IO (message names the file).
 * Limits:    CW_IDENTITIES_MAX lines are read.
 *
 * One line an appliance: "HOST:PORT HEX" in $XDG_CONFIG_HOME/causeway/identities (~/.config by default).
 */
#ifndef CW_CLIENTS_AGENT_IDENTITIES_H
#define CW_CLIENTS_AGENT_IDENTITIES_H

#include <stddef.h>
#include <stdint.h>

#include "clients/peer/address.h"

enum { CW_IDENTITIES_MAX = 1000, CW_IDENTITIES_PATH_BYTES = 1024 };

/* out: CW_IDENTITIES_PATH_BYTES. CW_ERR_NOT_FOUND: there is no home directory. */
int cw_identities_path(char *out);
int cw_identities_find(const char *path, const struct cw_address *address, uint8_t *ret_key);
int cw_identities_add(const char *path, const struct cw_address *address, const uint8_t *key,
                      char *message, size_t message_size);

#endif
