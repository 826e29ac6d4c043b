/* SPDX-License-Identifier: Apache-2.0 */
/* control/team/operations.h - the handlers of teams that operations.c puts into its table.
 *
 * Thread:    the state thread.
 * Errors:    each sets reply->message, or leaves it to cw_control_call for errors of the store.
 */
#ifndef CW_CONTROL_TEAM_OPERATIONS_H
#define CW_CONTROL_TEAM_OPERATIONS_H

#include "control/api/operation.h"

int cw_op_team_list(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply);
int cw_op_team_members(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);
int cw_op_team_create(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply);
int cw_op_team_set(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply);
int cw_op_team_remove(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply);
int cw_op_team_member_set(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply);
int cw_op_team_member_remove(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply);
/* team_chat_operations.c */
int cw_op_team_chat_send(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_team_chat_list(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_team_chat_rooms(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply);
int cw_op_team_chat_read(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);

#endif
