/* SPDX-License-Identifier: Apache-2.0 */
/* control/account/factor.h - what an account has besides its password, and whether it was shown.
 *
 * Thread:    the state thread.
 * Units:     seconds, TOTP steps.
 * Errors:    CW_ERR_DENIED: wrong; CW_ERR_FULL: too many wrong ones, wait or ask an administrator;
 *            CW_ERR_STATE: the account has no such factor. reply gets the sentence.
 * Limits:    CW_TOTP_*, CW_RECOVERY_*, CW_AUTHENTICATORS_MAX, option sign_in.code_tries.
 * Invariant: the step of a code, the use of a recovery code and an authenticator's counter are written in
 *            the transaction that lets somebody in: nothing is taken twice, whatever fails.
 */
#ifndef CW_CONTROL_ACCOUNT_FACTOR_H
#define CW_CONTROL_ACCOUNT_FACTOR_H

#include "control/account/account.h"
#include "control/store/store_factor.h"

struct cw_factors {
    bool has_totp;
    uint32_t authenticators;
    uint32_t recovery_codes; /* that are left */
};

int cw_factors_of(struct cw_control *c, uint32_t account, struct cw_factors *ret);
/* A code or an authenticator; recovery codes alone are none. */
bool cw_factors_are_any(const struct cw_factors *factors);

/* A code for a challenge in the middle of the work (Jump policies): checked, written and audited by itself. A recovery
 * code is not taken here. */
int cw_totp_check_now(struct cw_control *c, const struct cw_actor *actor, uint32_t account,
                      const char *code, struct cw_reply *reply);

/* The same with an authenticator that verified its person: "attempt" and "credential" of the body, the attempt being
 * one of second_factor.challenge. */
int cw_authenticator_check_now(struct cw_control *c, const struct cw_actor *actor, uint32_t account,
                               const json_t *body, struct cw_reply *reply);

/* Only an administrator can let it try again. */
bool cw_factor_is_locked(struct cw_control *c, uint32_t account);
/* 0, or the sentence why this account must wait. */
int cw_factor_refuse_locked(struct cw_control *c, uint32_t account, struct cw_reply *reply);
/* In a transaction: one more wrong one; or all forgotten. */
int cw_factor_failed(struct cw_control *c, uint32_t account);
int cw_factor_clear(struct cw_control *c, uint32_t account);
/* In a transaction: CW_ERR_DENIED (wrong), CW_ERR_USED (a replay), CW_ERR_STATE. */
int cw_factor_take_totp(struct cw_control *c, uint32_t account, const char *code);
int cw_factor_take_recovery(struct cw_control *c, uint32_t account, const char *code);

/* In a transaction: no factors any more. */
int cw_factor_remove_all(struct cw_control *c, uint32_t account);
/* In a transaction: ten new codes; a JSON array of their texts. */
int cw_recovery_renew(struct cw_control *c, uint32_t account, json_t **ret_codes);
/* What the authenticator knows the account by: CW_SHA256_BYTES. */
int cw_account_handle(const struct cw_control *c, uint32_t account, uint8_t *ret_handle);

#endif
