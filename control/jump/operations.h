/* SPDX-License-Identifier: Apache-2.0 */
/* control/jump/operations.h - the handlers of Jump Items that operations.c puts into its table.
 *
 * Thread:    the state thread.
 * Errors:    each sets reply->message, or leaves it to cw_control_call for errors of the store.
 */
#ifndef CW_CONTROL_JUMP_OPERATIONS_H
#define CW_CONTROL_JUMP_OPERATIONS_H

#include "control/api/operation.h"

/* search_operations.c */
int cw_op_jump_item_list(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_jump_item_search(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_jump_item_counts(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_jump_item_show(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_jump_item_thumbnail(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply);
int cw_op_jump_item_favourite(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply);
int cw_op_jump_item_favourites(struct cw_control *c, const struct cw_request *request,
                               struct cw_reply *reply);
int cw_op_jump_item_export(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);

/* item_operations.c */
int cw_op_jump_item_rename(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_jump_item_edit(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_jump_item_edit_many(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply);
int cw_op_jump_item_uninstall(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply);
int cw_op_jump_item_remove(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);

/* jump_operations.c */
int cw_op_jump_item_jump(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_jump_item_search_and_jump(struct cw_control *c, const struct cw_request *request,
                                    struct cw_reply *reply);
int cw_op_enrolment_token_create(struct cw_control *c, const struct cw_request *request,
                                 struct cw_reply *reply);

/* installer_operations.c */
int cw_op_installer_list(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_installer_create(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_installer_extend(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_installer_revoke(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_installer_script(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);

/* upgrade_operations.c */
int cw_op_upgrade_status(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_upgrade_pause(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);
int cw_op_upgrade_resume(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_upgrade_retry(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);

#endif
