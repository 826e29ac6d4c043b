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

/* account_edit.c */
int cw_op_account_show(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);
int cw_op_account_set(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply);
int cw_op_account_remove(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_account_unlock(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_account_reset_password(struct cw_control *c, const struct cw_request *request,
                                 struct cw_reply *reply);

/* place_operations.c */
int cw_op_sign_in_list(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);
int cw_op_sign_in_end(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply);
int cw_op_account_sign_ins(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_account_end_sign_ins(struct cw_control *c, const struct cw_request *request,
                               struct cw_reply *reply);
int cw_op_account_find(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);
int cw_op_sign_in_end_others(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply);

/* group_policy_operations.c */
int cw_op_group_policy_list(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply);
int cw_op_group_policy_show(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply);
int cw_op_group_policy_create(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply);
int cw_op_group_policy_set(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_group_policy_remove(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply);
int cw_op_group_policy_move(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply);
int cw_op_group_policy_member_add(struct cw_control *c, const struct cw_request *request,
                                  struct cw_reply *reply);
int cw_op_group_policy_member_remove(struct cw_control *c, const struct cw_request *request,
                                     struct cw_reply *reply);
int cw_op_rights_explain(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);

/* factor_sign_in.c */
int cw_op_sign_in_code(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);
int cw_op_sign_in_recovery(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_sign_in_webauthn_begin(struct cw_control *c, const struct cw_request *request,
                                 struct cw_reply *reply);
int cw_op_sign_in_webauthn(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);

/* factor_operations.c */
int cw_op_factor_list(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply);
int cw_op_totp_begin(struct cw_control *c, const struct cw_request *request,
                     struct cw_reply *reply);
int cw_op_totp_confirm(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);
int cw_op_totp_remove(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply);
int cw_op_recovery_renew(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_factor_challenge(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_authenticator_begin(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply);
int cw_op_authenticator_add(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply);
int cw_op_authenticator_remove(struct cw_control *c, const struct cw_request *request,
                               struct cw_reply *reply);
int cw_op_factor_reset(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);

/* agreement.c */
int cw_op_agreement_show(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_agreement_accept(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_agreement_publish(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply);
int cw_op_agreement_withdraw(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply);

/* seat.c */
int cw_op_seat_list(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply);
int cw_op_extended_set(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);

/* console_setting.c */
int cw_op_console_settings(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_console_setting_choose(struct cw_control *c, const struct cw_request *request,
                                 struct cw_reply *reply);
int cw_op_console_setting_restore(struct cw_control *c, const struct cw_request *request,
                                  struct cw_reply *reply);
int cw_op_console_setting_set(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply);
int cw_op_console_setting_reset(struct cw_control *c, const struct cw_request *request,
                                struct cw_reply *reply);

#endif
