/* SPDX-License-Identifier: Apache-2.0 */
/* control/outbox/operations.h - the handlers of the outbox's operations; see api/operation.h.
 *
 * Thread:    the state thread.
 * Errors:    each sets reply->message, or leaves it to cw_control_call for errors of the store.
 */
#ifndef CW_CONTROL_OUTBOX_OPERATIONS_H
#define CW_CONTROL_OUTBOX_OPERATIONS_H

#include "control/api/operation.h"

int cw_op_receiver_list(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);
int cw_op_receiver_create(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply);
int cw_op_receiver_set(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);
int cw_op_receiver_new_secret(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply);
int cw_op_receiver_remove(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply);
int cw_op_receiver_test(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);

#endif
