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

#endif
