/* SPDX-License-Identifier: Apache-2.0 */
/* control/session/ticket_issue.h - control's ticket key, and the tickets it signs.
 *
 * Owner:     the key is in struct cw_control; the file is state_dir/control/ticket.key (0600, 32
 *            bytes).
 * Thread:    the state thread.
 * Units:     Unix seconds.
 * Errors:    those of the store; CW_ERR_INTERNAL.
 * Invariant: a ticket that anybody holds has its row in the store, so that it can be denied.
 */
#ifndef CW_CONTROL_SESSION_TICKET_ISSUE_H
#define CW_CONTROL_SESSION_TICKET_ISSUE_H

#include "control/state.h"
#include "engine/wire/ticket.h"

/* Reads the key, or makes it when the file is missing and may_make. */
int cw_ticket_key_load(struct cw_control *c, bool may_make, char *message, size_t message_size);

/* Inside a transaction. kind, role, session, participant, permissions and holder_key of *ticket are
 * given; the life follows from the kind. Writes CW_TICKET_BYTES to out. */
int cw_ticket_issue(struct cw_control *c, struct cw_ticket *ticket, uint8_t *out);

/* What is to be denied: read before the change, sent after its commit. */
struct cw_denials {
    struct cw_ticket_row *rows;
    uint32_t count;
};

/* The valid tickets of a session's participant (0: all of them; session 0: the device's). The
 * caller also writes cw_store_ticket_deny in its transaction. */
int cw_denials_collect(struct cw_control *c, uint32_t session, uint32_t participant,
                       struct cw_denials *ret);
/* Tells every worker to refuse them. */
void cw_denials_send(struct cw_control *c, const struct cw_denials *denials);
void cw_denials_free(struct cw_denials *denials);

#endif
