/* SPDX-License-Identifier: Apache-2.0 */
/* control/api/operations.h - the handlers that operations.c puts into its table; see operation.h.
 *
 * Thread:    the state thread.
 * Errors:    each sets reply->message, or leaves it to cw_control_call for errors of the store.
 */
#ifndef CW_CONTROL_API_OPERATIONS_H
#define CW_CONTROL_API_OPERATIONS_H

#include "control/api/operation.h"

/* sign_in_operations.c */
int cw_op_sign_in(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply);
int cw_op_sign_out(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply);
int cw_op_password_change(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply);
int cw_op_password_check(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_me_show(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply);

/* account_operations.c */
int cw_op_account_list(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);
int cw_op_account_create(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_account_enable(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_account_disable(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply);
int cw_op_create_admin(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);

/* session_operations.c */
int cw_op_session_list(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);
int cw_op_queue_list(struct cw_control *c, const struct cw_request *request,
                     struct cw_reply *reply);
int cw_op_session_accept(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_session_join(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);
int cw_op_session_others(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_session_watch(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);
int cw_op_session_end(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply);
int cw_op_session_chat(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);
int cw_op_events_ticket(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);

/* portal_operations.c */
int cw_op_session_key_create(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply);
int cw_op_portal_check_key(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_portal_info(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply);

/* show_operations.c */
/* appliance_status.c */
int cw_op_appliance_status(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_show_info(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply);
int cw_op_show_sessions(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);
int cw_op_audit_list(struct cw_control *c, const struct cw_request *request,
                     struct cw_reply *reply);

/* recording.c */
int cw_op_recording_set(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);
int cw_op_recording_list(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);

/* recording_read.c */
int cw_op_recording_read(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);

/* engine_settings.c */
int cw_op_metrics(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply);
int cw_op_engine_status(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);
int cw_op_engine_settings(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply);
int cw_op_engine_set(struct cw_control *c, const struct cw_request *request,
                     struct cw_reply *reply);
int cw_op_engine_reset(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);
int cw_op_engine_drain(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);
int cw_op_engine_undrain(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);

/* certificate.c */
int cw_op_certificate_show(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_certificate_prepare(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply);
int cw_op_certificate_commit(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply);
int cw_op_certificate_abort(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply);

/* engine_upgrade.c */
int cw_op_engine_upgrade(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);

/* api_account_operations.c */
int cw_op_api_account_list(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_api_account_create(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply);
int cw_op_api_account_set(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply);
int cw_op_api_account_new_secret(struct cw_control *c, const struct cw_request *request,
                                 struct cw_reply *reply);
int cw_op_api_account_remove(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply);
int cw_op_oauth_token(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply);
int cw_op_oauth_revoke(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);

/* Shared: the appliance's identity, or empty while the engine has not made it. ret_hex: 65 bytes.
 * */
void cw_identity_hex(struct cw_control *c, char *ret_hex);
/* A ticket as base64url. */
json_t *cw_ticket_to_json(const uint8_t *ticket);

#endif
