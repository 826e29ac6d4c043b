/* SPDX-License-Identifier: Apache-2.0 */
/* control/account/access.h - what holds for an account: its rights, its session policy, how it signs in.
 *
 *   administrator  has every right
 *   the account    what is defined for it alone
 *   group policies walked from first to last: a block that is defined replaces what the policies before
 *                  it said about the whole block, and one that is final is not replaced by later ones
 *   the appliance  the defaults of right.h and of the options
 *
 * The first of these that has an answer gives it; the policies give one answer together. Changes apply
 * at once: the next decision sees them.
 *
 * Owner:     answers are kept in control, and made anew after cw_access_changed.
 * Thread:    the state thread; the fold is pure.
 * Errors:    an account that cannot be read, is removed or disabled may do nothing.
 * Limits:    CW_ACCESS_KEPT_COUNT.
 */
#ifndef CW_CONTROL_ACCOUNT_ACCESS_H
#define CW_CONTROL_ACCOUNT_ACCESS_H

#include "control/account/right.h"
#include "control/store/store_group_policy.h"

struct cw_control;

/* Where an answer came from: one of these, or a group policy's number. */
enum {
    CW_RULE_DEFAULT = 0,
    CW_RULE_ACCOUNT = 0x7FFFFFFE, /* no policy gets such a number */
    CW_RULE_ADMIN = 0x7FFFFFFF,
};

struct cw_access {
    uint32_t account;
    bool is_enabled;
    uint64_t rights;
    uint32_t session_policy;
    struct cw_sign_in_rules rules; /* every member is defined */
};

/* Which rule gave each answer. */
struct cw_access_trail {
    uint32_t right[CW_RIGHT_COUNT];
    uint32_t session_policy;
    uint32_t second_factor;
    uint32_t remember_me;
    uint32_t second_login;
    uint32_t network;
};

struct cw_access_fold {
    struct cw_sign_in_rules defaults;
    struct cw_access answer;
    struct cw_access_trail trail;
    bool is_final[4]; /* administration, representative, session, sign_in */
};

/* Pure. defaults: the appliance's rules, every member defined. */
void cw_access_begin(struct cw_access_fold *f, const struct cw_sign_in_rules *defaults);
void cw_access_apply(struct cw_access_fold *f, const struct cw_group_policy *policy);
void cw_access_end(struct cw_access_fold *f, const struct cw_account *own);

/* Valid until the next call. */
const struct cw_access *cw_access_of(struct cw_control *c, uint32_t account);
/* It is disabled or was removed, and so may be nowhere. False also for 0, and while the store cannot say. */
bool cw_account_is_shut_out(struct cw_control *c, uint32_t account);
/* 0: none of its own and none of its group policies. */
uint32_t cw_account_session_policy(struct cw_control *c, uint32_t account);
/* The whole fold, not kept. CW_ERR_NOT_FOUND: no such account. */
int cw_access_explain(struct cw_control *c, uint32_t account, struct cw_access_fold *ret);

/* Something changed that an answer may depend on: accounts, teams, policies, options. */
void cw_access_changed(struct cw_control *c);
/* Grows with every such change: what else is derived from accounts and teams is old when this differs. */
uint64_t cw_access_version(const struct cw_control *c);
void cw_access_free(struct cw_control *c);

#endif
