/* SPDX-License-Identifier: Apache-2.0 */
/* control/report/operations.h - handlers of the operations on reports. */
#ifndef CW_CONTROL_REPORT_OPERATIONS_H
#define CW_CONTROL_REPORT_OPERATIONS_H

#include "control/api/operation.h"

int cw_op_report_sessions(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply);
int cw_op_report_session(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_report_jump_items(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply);
int cw_op_report_buttons(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_report_surveys(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_report_logins(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);
int cw_op_report_changes(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_report_teams(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);
int cw_op_report_summary(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_report_schema(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);

#endif
