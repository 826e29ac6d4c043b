/* SPDX-License-Identifier: Apache-2.0 */
/* control/account/operations.h - the handlers of accounts that operations.c puts into its table.
 *
 * Thread:    the state thread.
 * Errors:    each sets reply->message, or leaves it to cw_control_call for errors of the store.
 */
#ifndef CW_CONTROL_ACCOUNT_OPERATIONS_H
#define CW_CONTROL_ACCOUNT_OPERATIONS_H

#include "control/api/operation.h"

/* option.c */
int cw_op_option_list(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply);
int cw_op_option_set(struct cw_control *c, const struct cw_request *request,
                     struct cw_reply *reply);
int cw_op_option_reset(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);

#endif
