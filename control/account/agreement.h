/* SPDX-License-Identifier: Apache-2.0 */
/* control/account/agreement.h - the text that people accept when they sign in.
 *
 * Thread:    the state thread.
 * Limits:    CW_AGREEMENT_BYTES_MAX.
 * Invariant: a text that was published is never changed: another one is another version, and each
 *            acceptance is kept with its version.
 *
 * A version that is published while people are signed in is for their next sign-in.
 */
#ifndef CW_CONTROL_ACCOUNT_AGREEMENT_H
#define CW_CONTROL_ACCOUNT_AGREEMENT_H

#include "control/state.h"

/* At the start: which version is in force. */
int cw_agreement_load(struct cw_control *c);
/* Whether the account must accept the version in force when it signs in now. */
bool cw_agreement_is_due(const struct cw_control *c, const struct cw_account *account);

#endif
