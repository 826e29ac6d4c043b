/* SPDX-License-Identifier: Apache-2.0 */
/* control/portal/visit.h - what lets a customer's page follow its session: before, while it waits, and after.
 *
 *   K12.MAC  given with a key that is still unused: that key, and the session it becomes
 *   S34.MAC  given to who came in: that session
 *
 * Owner:     nothing is kept: a token is a number and a MAC under a key that is not in the store.
 * Thread:    the state thread.
 * Units:     Unix milliseconds.
 * Errors:    CW_ERR_NOT_FOUND (forged, or gone from the store), and those of the store.
 * Limits:    CW_VISIT_TOKEN_SIZE; CW_VISIT_TRIES each CW_VISIT_TRY_MS for a token; a week after the end.
 * Invariant: who has only a key that was used already gets no token, and so nothing of its session.
 */
#ifndef CW_CONTROL_PORTAL_VISIT_H
#define CW_CONTROL_PORTAL_VISIT_H

#include "control/secret.h"
#include "control/state.h"

enum cw_visit_kind { CW_VISIT_KEY = 'K', CW_VISIT_SESSION = 'S' };

/* A letter, a number, a dot, 32 bytes in base64url. */
enum { CW_VISIT_TOKEN_SIZE = 1 + 10 + 1 + CW_TOKEN_TEXT_BYTES + 1 };

int cw_visit_token(const struct cw_control *c, enum cw_visit_kind kind, uint32_t number,
                   char *ret_token);
/* The same as a new JSON text; null when it cannot be made. */
json_t *cw_visit_token_json(const struct cw_control *c, enum cw_visit_kind kind, uint32_t number);
/* CW_ERR_NOT_FOUND: not one of this appliance. */
int cw_visit_read(const struct cw_control *c, const char *token, enum cw_visit_kind *ret_kind,
                  uint32_t *ret_number);
/* True for what looks like one, and not like another secret. */
bool cw_visit_is_token(const char *token);
/* The session behind a good token, as the store has it. CW_ERR_NOT_FOUND: forged; CW_ERR_STATE: not begun. */
int cw_visit_session(struct cw_control *c, const char *token, struct cw_session *ret);

#endif
