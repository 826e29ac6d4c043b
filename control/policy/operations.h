/* SPDX-License-Identifier: Apache-2.0 */
/* control/policy/operations.h - the handlers of policies, groups and roles that operations.c puts into its table.
 *
 * Thread:    the state thread.
 * Errors:    each sets reply->message, or leaves it to cw_control_call for errors of the store.
 */
#ifndef CW_CONTROL_POLICY_OPERATIONS_H
#define CW_CONTROL_POLICY_OPERATIONS_H

#include "control/api/operation.h"

/* session_policy_operations.c */
int cw_op_tool_list(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply);
int cw_op_session_policy_list(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply);
int cw_op_session_policy_show(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply);
int cw_op_session_policy_create(struct cw_control *c, const struct cw_request *request,
                                struct cw_reply *reply);
int cw_op_session_policy_set(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply);
int cw_op_session_policy_set_tool(struct cw_control *c, const struct cw_request *request,
                                  struct cw_reply *reply);
int cw_op_session_policy_remove(struct cw_control *c, const struct cw_request *request,
                                struct cw_reply *reply);

/* assign_operations.c */
int cw_op_policy_of_list(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_policy_of_set(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);
int cw_op_policy_explain(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_session_tools(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);

#endif
