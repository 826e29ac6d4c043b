/* SPDX-License-Identifier: Apache-2.0 */
/* control/account/sign_in.h - from a password that was right to a cookie: attempts, rules, the steps that are due.
 *
 *   password --> attempt --> second factor --> cookie --> agreement --> new password --> second factor set up
 *          \___________(has none)____________/^   `------- what is due; nothing else may be done before ----'
 *   authenticator alone (it verified the person) --^
 *
 * Owner:     attempts live in control's memory: a restart forgets them, and the password is asked for again.
 * Thread:    the state thread.
 * Units:     Unix milliseconds.
 * Errors:    a refusal has its sentence in reply and its row in the audit log.
 * Limits:    CW_SIGN_IN_ATTEMPTS_MAX, CW_SIGN_IN_ATTEMPTS_EACH, CW_SIGN_IN_ATTEMPT_S, CW_SIGN_IN_ATTEMPT_TRIES.
 * Invariant: no cookie is given before every factor was shown; what proves the factor, the sign-in and its
 *            audit row are one transaction.
 */
#ifndef CW_CONTROL_ACCOUNT_SIGN_IN_H
#define CW_CONTROL_ACCOUNT_SIGN_IN_H

#include "control/account/factor.h"

enum cw_attempt_kind {
    CW_ATTEMPT_SIGN_IN,
    CW_ATTEMPT_AUTHENTICATOR, /* one is being registered */
    CW_ATTEMPT_CHALLENGE,     /* one that is signed in shows an authenticator again */
    CW_ATTEMPT_TOTP,          /* challenge begins with the secret that is being set up */
};

/* Between the password and the second factor, or (account 0) before an authenticator said who it is. */
struct cw_sign_in_attempt {
    uint8_t token_hash[CW_SHA256_BYTES];
    uint8_t challenge[CW_WEBAUTHN_CHALLENGE_BYTES];
    uint64_t until_ms; /* 0: free */
    uint32_t account;
    char from[64]; /* with account 0: where it began, as budgets count it */
    uint32_t tries;
    bool is_remembered;
    enum cw_attempt_kind kind;
};

/* Who is about to be let in. prove runs in the transaction of the sign-in, before anything else. */
struct cw_signing {
    uint32_t account;
    char source[64];
    bool is_remembered;
    const char *how; /* for the audit row */
    int (*prove)(struct cw_control *c, const struct cw_signing *signing);
    const void *proof;
};

struct cw_sign_in_limits cw_sign_in_limits_of(const struct cw_control *c);

/* Another attempt; ret_token: CW_TOKEN_TEXT_BYTES + 1. NULL: no memory or randomness. */
struct cw_sign_in_attempt *cw_attempt_new(struct cw_control *c, enum cw_attempt_kind kind,
                                          uint32_t account, const char *source, char *ret_token);
/* NULL: unknown, too old, or tried too often. */
struct cw_sign_in_attempt *cw_attempt_find(struct cw_control *c, enum cw_attempt_kind kind,
                                           const char *token);
void cw_attempt_end(struct cw_sign_in_attempt *attempt);
void cw_attempts_free(struct cw_control *c);

/* Whether the account's rules let it sign in from there now; refusals are audited. */
int cw_sign_in_refuse_rules(struct cw_control *c, const struct cw_account *account,
                            const char *source, struct cw_reply *reply);
/* Lets it in: reply gets the cookie and what is due. prove's CW_ERR_DENIED, CW_ERR_USED and CW_ERR_STATE come back
 * without a sentence. */
int cw_sign_in_complete(struct cw_control *c, const struct cw_signing *signing,
                        struct cw_reply *reply);

/* Sessions that the account has go where the rules of a lost representative send them; it leaves those that it shares.
 * what: a part of a sentence, "signed in at another place". */
void cw_sign_in_leave_sessions(struct cw_control *c, const struct cw_account *account,
                               const char *what);

/* What a sign-in must do next: "agreement", "password", "second_factor_setup", or NULL. */
const char *cw_due_next(uint8_t due, bool must_change);
/* me.show's account. */
json_t *cw_me_json(const struct cw_account *account);
/* In a transaction: a sign-in for the account and the cookie's token. is_fresh: every factor was shown just now, so
 * that it may change them. ret_token: CW_TOKEN_TEXT_BYTES + 1. */
int cw_sign_in_make(struct cw_control *c, uint32_t account, uint8_t due, bool is_remembered,
                    bool is_fresh, const char *source, char *ret_token);

#endif
