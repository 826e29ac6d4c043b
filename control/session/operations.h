/* SPDX-License-Identifier: Apache-2.0 */
/* control/session/operations.h - handlers of sessions, and what they share.
 *
 * Thread:    the state thread.
 * Errors:    each sets reply->message, or leaves it to cw_control_call for errors of the store.
 */
#ifndef CW_CONTROL_SESSION_OPERATIONS_H
#define CW_CONTROL_SESSION_OPERATIONS_H

#include "control/state.h"

/* The live session of the path that the caller may see (the operator: any), or a refusal. Others' look as
 * if they did not exist. */
int cw_session_of_request(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply, struct cw_live_session **ret);
/* The same, and the caller has it. */
int cw_session_owned(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply,
                     struct cw_live_session **ret);
json_t *cw_session_json(struct cw_live_session *session);
json_t *cw_session_people_json(struct cw_live_session *session);
/* Attributes and notes. */
int cw_session_add_details(struct cw_control *c, struct cw_live_session *session, json_t *json);

int cw_op_session_invite(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_session_ask_tool(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_session_ask_sponsor(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply);
int cw_op_session_invite_external(struct cw_control *c, const struct cw_request *request,
                                  struct cw_reply *reply);
int cw_op_invitation_list(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply);
int cw_op_invitation_accept(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply);
int cw_op_invitation_decline(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply);
int cw_op_invitation_cancel(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply);
int cw_op_portal_join_invitation(struct cw_control *c, const struct cw_request *request,
                                 struct cw_reply *reply);
int cw_op_session_leave(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);
int cw_op_session_remove_participant(struct cw_control *c, const struct cw_request *request,
                                     struct cw_reply *reply);
int cw_op_session_offer_client(struct cw_control *c, const struct cw_request *request,
                               struct cw_reply *reply);
int cw_op_session_elevate(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply);
int cw_op_invite_profile_list(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply);
int cw_op_invite_profile_create(struct cw_control *c, const struct cw_request *request,
                                struct cw_reply *reply);
int cw_op_invite_profile_remove(struct cw_control *c, const struct cw_request *request,
                                struct cw_reply *reply);
int cw_op_session_rename(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_session_set_external_key(struct cw_control *c, const struct cw_request *request,
                                   struct cw_reply *reply);
int cw_op_session_notes(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);
int cw_op_session_add_note(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_session_set_attribute(struct cw_control *c, const struct cw_request *request,
                                struct cw_reply *reply);
int cw_op_attribute_list(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_attribute_create(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_attribute_remove(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_survey_questions(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_survey_question_create(struct cw_control *c, const struct cw_request *request,
                                 struct cw_reply *reply);
int cw_op_survey_order(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);
int cw_op_survey_question_remove(struct cw_control *c, const struct cw_request *request,
                                 struct cw_reply *reply);
int cw_op_session_survey(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_session_answer_survey(struct cw_control *c, const struct cw_request *request,
                                struct cw_reply *reply);
int cw_op_portal_survey(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);
int cw_op_portal_answer_survey(struct cw_control *c, const struct cw_request *request,
                               struct cw_reply *reply);
/* custom_link.c */
int cw_op_custom_link_list(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_custom_link_create(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply);
int cw_op_custom_link_set(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply);
int cw_op_custom_link_remove(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply);

#endif
