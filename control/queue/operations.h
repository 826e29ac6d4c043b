/* SPDX-License-Identifier: Apache-2.0 */
/* control/queue/operations.h - handlers of queues, availability, skills and messages to who waits.
 *
 * Thread:    the state thread.
 * Errors:    each sets reply->message, or leaves it to cw_control_call for errors of the store.
 */
#ifndef CW_CONTROL_QUEUE_OPERATIONS_H
#define CW_CONTROL_QUEUE_OPERATIONS_H

#include "control/api/operation.h"

/* customer_message.c */
int cw_op_customer_message_list(struct cw_control *c, const struct cw_request *request,
                                struct cw_reply *reply);
int cw_op_customer_message_set(struct cw_control *c, const struct cw_request *request,
                               struct cw_reply *reply);

#endif
