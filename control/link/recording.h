/* SPDX-License-Identifier: Apache-2.0 */
/* control/link/recording.h - which sessions are recorded, what became of it, and the seals.
 *
 * Owner:     rows are the store's.
 * Thread:    the state thread.
 * Units:     bytes, Unix milliseconds.
 * Errors:    a part that cannot be stored waits and is tried again; it is sealed once it is stored.
 * Limits:    CW_RECORDINGS_WAITING_MAX parts wait for a store that cannot be written.
 * Invariant: a part that had its end is sealed once: another root hash for it is refused and audited.
 *
 * A session keeps the policy of the moment it began: changing the policy changes sessions to come.
 */
#ifndef CW_CONTROL_LINK_RECORDING_H
#define CW_CONTROL_LINK_RECORDING_H

#include "control/link/link_server.h"
#include "control/state.h"

/* From causeway.conf, and what was set since. */
int cw_recording_policy_load(struct cw_control *c);
/* enum cw_ticket_flag for tickets of a session with this policy. */
uint8_t cw_recording_ticket_flags(enum cw_recording_policy policy);
const char *cw_recording_policy_name(enum cw_recording_policy policy);
void cw_recording_on_state(struct cw_control *c, const struct cw_link_message *m);
void cw_recording_on_part(struct cw_control *c, struct cw_control_link *link,
                          const struct cw_link_message *m);
/* The link is ready: seals of parts that were told before that. */
void cw_recording_send_seals(struct cw_control *c, struct cw_control_link *link);
/* Parts that waited for the store. */
void cw_recording_retry(struct cw_control *c);

#endif
