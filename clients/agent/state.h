/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/state.h - what an installed Jump Client keeps: its key, its credential and its appliance.
 *
 * Owner:     values; cw_state_wipe before the memory is let go.
 * Thread:    one.
 * Errors:    CW_ERR_NOT_FOUND (no such file), CW_ERR_DENIED (others may read it), CW_ERR_IO, CW_ERR_INVALID; message
 *            is a sentence that names the file.
 * Invariant: the directory has mode 0700 and the file 0600; the file is replaced as a whole or not at all.
 */
#ifndef CW_CLIENTS_AGENT_STATE_H
#define CW_CLIENTS_AGENT_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "clients/peer/address.h"
#include "clients/peer/proxy.h"
#include "engine/limits.h"

/* Beside it, all removed with it. What a passive Jump Client listens with (passive.h). */
#define CW_STATE_WAKING_FILE    "waking.json"
/* A program that has just taken over (probation.h). */
#define CW_STATE_PROBATION_FILE "upgrade.json"
/* What was fetched of the next (upgrade.h). */
#define CW_STATE_PART_FILE      "upgrade.part"
/* There: its user allows no sessions (disabled.h). */
#define CW_STATE_DISABLED_FILE  "disabled"

struct cw_state {
    struct cw_address address;
    uint8_t identity[CW_KEY_BYTES];
    uint8_t secret_seed[CW_KEY_BYTES];
    uint8_t credential[CW_TICKET_BYTES]; /* device ticket */
    char proxy[CW_PROXY_TEXT_BYTES];     /* as given to install; empty: none */
};

int cw_state_load(const char *directory, struct cw_state *ret_state, char *message,
                  size_t message_size);
/* Makes the directory if it is missing. */
int cw_state_save(const char *directory, const struct cw_state *state, char *message,
                  size_t message_size);
/* CW_ERR_CONFLICT when the directory has a state already; 0 when it can be made. */
int cw_state_check_free(const char *directory, char *message, size_t message_size);
int cw_state_remove(const char *directory, char *message, size_t message_size);
void cw_state_wipe(struct cw_state *state);

/* Replaces a file as a whole: a new one beside it, synced, then renamed. CW_ERR_IO with errno. */
int cw_file_replace(const char *path, const void *data, size_t size, unsigned mode);

#endif
