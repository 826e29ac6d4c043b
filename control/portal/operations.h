/* SPDX-License-Identifier: Apache-2.0 */
/* control/portal/operations.h - handlers of portals: for the administrator and for everybody.
 *
 * Thread:    the state thread.
 * Errors:    each sets reply->message, or leaves it to cw_control_call for errors of the store.
 */
#ifndef CW_CONTROL_PORTAL_OPERATIONS_H
#define CW_CONTROL_PORTAL_OPERATIONS_H

#include "control/audit/audit.h"
#include "control/portal/portal.h"

/* edit_operations.c */
int cw_op_portal_list(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply);
int cw_op_portal_show(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply);
int cw_op_portal_create(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);
int cw_op_portal_set(struct cw_control *c, const struct cw_request *request,
                     struct cw_reply *reply);
int cw_op_portal_remove(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);

/* notice_operations.c */
int cw_op_portal_set_logo(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply);
int cw_op_notice_list(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply);
int cw_op_notice_create(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);
int cw_op_notice_set(struct cw_control *c, const struct cw_request *request,
                     struct cw_reply *reply);
int cw_op_notice_remove(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply);
int cw_op_portal_show_me(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply);

/* portal_operations.c */
int cw_op_portal_submit_issue(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply);
/* What has to be read before a session: notices, the agreement, and that it may be recorded. */
int cw_portal_add_terms(struct cw_control *c, const struct cw_portal *portal, json_t *json);
/* Who or whose team is behind a key; CW_ERR_EXPIRED: nobody any more. */
int cw_portal_key_for(struct cw_control *c, const struct cw_session_key *key, char *ret_name,
                      size_t size);
/* How a customer starts the full client with what it has: option "key" or "button". */
json_t *cw_portal_command_json(struct cw_control *c, const char *option, const char *value);
/* The customer accepted the agreement: noted with the key, in a transaction of its own. */
int cw_portal_agree(struct cw_control *c, const struct cw_actor *actor,
                    const struct cw_session_key *key);

/* visit_operations.c */
int cw_op_portal_visit(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply);
int cw_op_portal_transcript(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply);

/* The portal that the body's member "portal" names, by number or code; missing: the default. */
int cw_portal_take(struct cw_control *c, const json_t *body, const struct cw_portal **ret,
                   struct cw_reply *reply);
/* After a change was committed: memory, and consoles. */
void cw_portals_changed(struct cw_control *c);

#endif
