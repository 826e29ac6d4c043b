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

/* group_operations.c, role_operations.c */
int cw_op_jump_group_list(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply);
int cw_op_jump_group_create(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply);
int cw_op_jump_group_personal(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply);
int cw_op_jump_group_set(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_jump_group_remove(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply);
int cw_op_jump_group_members(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply);
int cw_op_jump_group_member_set(struct cw_control *c, const struct cw_request *request,
                                struct cw_reply *reply);
int cw_op_jump_group_member_remove(struct cw_control *c, const struct cw_request *request,
                                   struct cw_reply *reply);
int cw_op_jump_role_list(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_jump_role_create(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_jump_role_set(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);
int cw_op_jump_role_remove(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_jump_role_defaults(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply);
int cw_op_jump_role_set_defaults(struct cw_control *c, const struct cw_request *request,
                                 struct cw_reply *reply);
int cw_op_jump_copy_list(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_jump_copy_all(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);
int cw_op_jump_copy_create(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_jump_copy_remove(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_jump_item_move(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);

/* jump_policy_operations.c, approval_operations.c */
int cw_op_jump_policy_list(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_jump_policy_show(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_jump_policy_create(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply);
int cw_op_jump_policy_set(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply);
int cw_op_jump_policy_remove(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply);
/* access_operations.c */
int cw_op_jump_item_access(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_approval_request(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_approval_list(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);
int cw_op_approval_approve(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_approval_deny(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);

#endif
