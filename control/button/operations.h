/* SPDX-License-Identifier: Apache-2.0 */
/* control/button/operations.h - Support Buttons: installed shortcuts that lead into a queue.
 *
 * Thread:    the state thread.
 * Errors:    each handler sets reply->message, or leaves it to cw_control_call for errors of the store.
 * Limits:    CW_BUTTONS_MAX, CW_BUTTONS_PER_ACCOUNT_MAX.
 * Invariant: a button's secret is 256 random bits; the store has its SHA-256 alone, so it is shown once.
 */
#ifndef CW_CONTROL_BUTTON_OPERATIONS_H
#define CW_CONTROL_BUTTON_OPERATIONS_H

#include "control/audit/audit.h"
#include "control/store/store_button.h"

int cw_op_button_list(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply);
int cw_op_button_export(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);
int cw_op_button_create(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);
int cw_op_button_set(struct cw_control *c, const struct cw_request *request,
                     struct cw_reply *reply);
int cw_op_button_revoke(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);
int cw_op_portal_check_button(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply);

/* entrance.c: how a customer comes in, with a key or with a button. */
struct cw_entrance {
    struct cw_session_key key; /* for cw_session_start_key */
    char representative[CW_NAME_SIZE];
    char message[240];                                 /* why not; empty: the code's own sentence */
    char agreement[CW_CUSTOMER_MESSAGE_BYTES_MAX + 1]; /* with CW_CLOSE_AGREEMENT */
};
/* What the program of a customer sent: "key" or "button", and "agreed". CW_CLOSE_OK, or the code it is refused
 * with; failures are charged to actor->source and audited. */
uint16_t cw_entrance_check(struct cw_control *c, const struct cw_actor *actor, const json_t *body,
                           struct cw_entrance *ret);
/* The key that a button's secret stands for. CW_ERR_NOT_FOUND, CW_ERR_EXPIRED, or CW_ERR_FULL with the seconds to
 * wait; charged and audited under action. */
int cw_button_check(struct cw_control *c, const struct cw_actor *actor, const char *action,
                    const json_t *secret, struct cw_session_key *ret_key, uint32_t *ret_wait_s);

#endif
