/* SPDX-License-Identifier: Apache-2.0 */
/* control/session/survey.h - questions after a session: a representative's may have to be answered first.
 *
 * Thread:    the state thread.
 * Errors:    those of the store.
 * Limits:    CW_SURVEY_*.
 * Invariant: a customer's token is 256 random bits, kept as a hash, and answers nothing before the end.
 */
#ifndef CW_CONTROL_SESSION_SURVEY_H
#define CW_CONTROL_SESSION_SURVEY_H

#include "control/state.h"

/* A refusal while the account has not answered what is required; 0: it may end the session. */
int cw_survey_check(struct cw_control *c, uint32_t session, uint32_t account,
                    struct cw_reply *reply);
/* In a transaction: a token for the customer of a session, or the empty string when nothing is asked.
 * ret_token: CW_TOKEN_TEXT_BYTES + 1. */
int cw_survey_make_token(struct cw_control *c, uint32_t session, char *ret_token);

#endif
