/* SPDX-License-Identifier: Apache-2.0 */
/* control/canned/operations.h - handlers of canned messages and canned scripts, and of their categories.
 *
 * Thread:    the state thread.
 * Errors:    each sets reply->message, or leaves it to cw_control_call for errors of the store.
 * Limits:    CW_CANNED_*.
 */
#ifndef CW_CONTROL_CANNED_OPERATIONS_H
#define CW_CONTROL_CANNED_OPERATIONS_H

#include "control/state.h"

int cw_op_canned_message_list(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply);
int cw_op_canned_message_create(struct cw_control *c, const struct cw_request *request,
                                struct cw_reply *reply);
int cw_op_canned_message_set(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply);
int cw_op_canned_message_remove(struct cw_control *c, const struct cw_request *request,
                                struct cw_reply *reply);
int cw_op_canned_message_category_list(struct cw_control *c, const struct cw_request *request,
                                       struct cw_reply *reply);
int cw_op_canned_message_category_create(struct cw_control *c, const struct cw_request *request,
                                         struct cw_reply *reply);
int cw_op_canned_message_category_set(struct cw_control *c, const struct cw_request *request,
                                      struct cw_reply *reply);
int cw_op_canned_message_category_remove(struct cw_control *c, const struct cw_request *request,
                                         struct cw_reply *reply);
int cw_op_canned_script_list(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply);
int cw_op_canned_script_create(struct cw_control *c, const struct cw_request *request,
                               struct cw_reply *reply);
int cw_op_canned_script_set(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply);
int cw_op_canned_script_remove(struct cw_control *c, const struct cw_request *request,
                               struct cw_reply *reply);
int cw_op_canned_script_category_list(struct cw_control *c, const struct cw_request *request,
                                      struct cw_reply *reply);
int cw_op_canned_script_category_create(struct cw_control *c, const struct cw_request *request,
                                        struct cw_reply *reply);
int cw_op_canned_script_category_set(struct cw_control *c, const struct cw_request *request,
                                     struct cw_reply *reply);
int cw_op_canned_script_category_remove(struct cw_control *c, const struct cw_request *request,
                                        struct cw_reply *reply);
int cw_op_canned_script_show(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply);

#endif
