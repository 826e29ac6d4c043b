/* SPDX-License-Identifier: Apache-2.0 */
/* control/jump/enrol.h - hellos the engine cannot judge: enrolment tokens and session keys
 * (wire/hello.h).
 *
 * Thread:    the state thread.
 * Errors:    none to the caller: every request is answered with a REPLY, its code and a message.
 * Limits:    CW_HELLO_BODY_BYTES_MAX, CW_ENROLMENT_*, CW_KEY_TRIES*.
 */
#ifndef CW_CONTROL_JUMP_ENROL_H
#define CW_CONTROL_JUMP_ENROL_H

#include "control/audit/audit.h"
#include "control/link/link_server.h"
#include "control/state.h"

void cw_enrol_on_request(struct cw_control *c, struct cw_control_link *link,
                         const struct cw_link_message *m);
/* A new token, in a transaction of its own. name may be empty. ret_token: CW_TOKEN_TEXT_BYTES + 1.
 * */
int cw_enrol_make_token(struct cw_control *c, const struct cw_actor *actor, const char *name,
                        uint32_t group, char *ret_token, uint64_t *ret_expires_ms);

#endif
