/* SPDX-License-Identifier: Apache-2.0 */
/* control/queue/operations.h - handlers of queues, availability, skills and messages to who waits.
 *
 * Thread:    the state thread.
 * Errors:    each sets reply->message, or leaves it to cw_control_call for errors of the store.
 */
#ifndef CW_CONTROL_QUEUE_OPERATIONS_H
#define CW_CONTROL_QUEUE_OPERATIONS_H

#include "control/queue/desk.h"

/* customer_message.c */
int cw_op_customer_message_list(struct cw_control *c, const struct cw_request *request,
                                struct cw_reply *reply);
int cw_op_customer_message_set(struct cw_control *c, const struct cw_request *request,
                               struct cw_reply *reply);
int cw_op_queue_next(struct cw_control *c, const struct cw_request *request,
                     struct cw_reply *reply);
int cw_op_session_show(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);
int cw_op_session_decline(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply);
int cw_op_session_transfer(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_session_take_over(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply);
int cw_op_session_set_priority(struct cw_control *c, const struct cw_request *request,
                               struct cw_reply *reply);
int cw_op_session_favourite(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply);
int cw_op_session_set_skills(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply);
int cw_op_queue_rules(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply);
int cw_op_queue_set(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply);
int cw_op_dashboard(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply);
int cw_op_availability_show(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply);
int cw_op_availability_set(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_availability_report(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply);
int cw_op_representative_list(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply);
int cw_op_assignment_set(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_status_code_list(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply);
int cw_op_status_code_create(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply);
int cw_op_status_code_remove(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply);
int cw_op_skill_list(struct cw_control *c, const struct cw_request *request,
                     struct cw_reply *reply);
int cw_op_skill_create(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);
int cw_op_skill_set(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply);
int cw_op_skill_remove(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);
int cw_op_account_skills(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);
int cw_op_account_set_skills(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply);
int cw_op_issue_list(struct cw_control *c, const struct cw_request *request,
                     struct cw_reply *reply);
int cw_op_issue_create(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);
int cw_op_issue_remove(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);

/* "medium". */
const char *cw_priority_name(enum cw_priority priority);
/* Either "team" or "account" of the body, one that is usable. */
int cw_place_of_body(struct cw_control *c, const json_t *body, struct cw_place *ret,
                     struct cw_reply *reply);
/* The list "skills" of numbers that exist; missing: none. */
int cw_skills_of_body(struct cw_control *c, const json_t *body, uint32_t *ret_skills,
                      uint32_t *ret_count, uint32_t count_max, struct cw_reply *reply);
json_t *cw_availability_json(struct cw_control *c, const struct cw_queue_rep *rep);

#endif
