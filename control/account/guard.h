/* SPDX-License-Identifier: Apache-2.0 */
/* control/account/guard.h - who is like an administrator, and what who is not one can neither hand out nor take.
 *
 * The operator on the appliance and administrators may do everything. Whoever else may change accounts, teams or
 * policies (a delegated account, a program with a token) hands out only what it has itself, does not get at accounts
 * that have more than it has, does not change its own rights, and not how administrators sign in.
 *
 * Thread:    the state thread.
 * Errors:    CW_ERR_DENIED with a sentence in reply; tries against administrators are audited by the callers.
 */
#ifndef CW_CONTROL_ACCOUNT_GUARD_H
#define CW_CONTROL_ACCOUNT_GUARD_H

#include "control/state.h"

/* May do what only administrators may: an administrator who is signed in, or the operator. A program never. */
bool cw_request_is_admin(const struct cw_request *request);
/* Asks for nobody in particular, and sees what there is: the operator, and a program with the scope. */
bool cw_request_sees_all(const struct cw_request *request);
/* Rights that the caller has, and so can give. */
uint64_t cw_request_rights(struct cw_control *c, const struct cw_request *request);
/* The rights that an API account with this access is worth, to read or in full. */
uint64_t cw_api_rights(uint32_t access);
/* Those of them that concern administration, also where it may only read. */
uint64_t cw_api_administration(uint32_t access);

/* Nobody gets at an account (by another password, without its second factor) that has more than he has himself. */
int cw_guard_refuse_takeover(struct cw_control *c, const struct cw_request *request,
                             const struct cw_account *target, struct cw_reply *reply);

/* A change of policies or teams in the caller's transaction: begin before it, check after it. */
struct cw_guard {
    bool is_needed;
    uint8_t before[CW_SHA256_BYTES];
};
int cw_guard_begin(struct cw_control *c, const struct cw_request *request, struct cw_guard *ret);
/* CW_ERR_DENIED: the change would alter the caller's own rights, or how an administrator signs in. */
int cw_guard_check(struct cw_control *c, const struct cw_request *request,
                   const struct cw_guard *guard, struct cw_reply *reply);

#endif
