/* SPDX-License-Identifier: Apache-2.0 */
/* control/account/account.h - signing in, lock-outs, and operations that wait for a password hash.
 *
 * Owner:     a struct cw_pending is on control's list from submit until its hash came back; the
 *            front that waits may go away meanwhile (cw_control_cancel).
 * Thread:    the state thread.
 * Errors:    in control.h.
 * Limits:    CW_SIGN_IN_*, CW_LOCK_FORGET_S, options lock_out.*, CW_HASH_QUEUE_MAX.
 */
#ifndef CW_CONTROL_ACCOUNT_ACCOUNT_H
#define CW_CONTROL_ACCOUNT_ACCOUNT_H

#include "control/account/hash_pool.h"
#include "control/audit/audit.h"
#include "control/state.h"

struct cw_pending {
    struct cw_hash_job job; /* first: the pool gives it back */
    struct cw_pending *next;
    bool has_waiter;
    void *waiter;
    /* Runs when the hash is there; fills reply like a handler. May run without a waiter. */
    int (*finish)(struct cw_control *c, struct cw_pending *p, struct cw_reply *reply);
    /* What the request said; body is gone. */
    struct cw_request request;
    struct cw_actor actor;
    struct cw_account account; /* the one it is about; id 0: unknown or new */
    uint8_t name_hash[CW_SHA256_BYTES];
    char one_time[24];  /* password to show once */
    bool is_remembered; /* the sign-in is to outlive the browser */
};

/* A new one for the request, or NULL when memory is out. */
struct cw_pending *cw_pending_new(struct cw_control *c, const struct cw_request *request);
/* CW_OPERATION_PENDING, or a refusal; then p is gone. */
int cw_pending_submit(struct cw_control *c, struct cw_pending *p, struct cw_reply *reply);
void cw_pending_free(struct cw_pending *p);
void cw_pending_drop_all(struct cw_control *c);

/* What cw_lock_wait says when only an administrator unlocks the name. */
#define CW_LOCK_FOR_GOOD_S UINT32_MAX

/* Seconds to wait after so many failures; 0: none. */
uint32_t cw_lock_wait_of(const struct cw_control *c, const struct cw_lock *lock);
/* The lock-out of a name: 0, the seconds to wait, or CW_LOCK_FOR_GOOD_S. */
int cw_lock_wait(struct cw_control *c, const uint8_t *name_hash, uint32_t *ret_wait_s);
/* In a transaction: one more failure. */
int cw_lock_count(struct cw_control *c, const uint8_t *name_hash);
int cw_lock_name_hash(const char *user, uint8_t *ret_hash);

/* Somebody must wait or ask an administrator before this account can sign in. */
bool cw_account_is_locked(struct cw_control *c, const struct cw_account *account);

/* ---- account_edit.c -------------------------------------------------------------------------- */

json_t *cw_account_json(struct cw_control *c, const struct cw_account *account);
/* The account of the path, or a refusal. */
int cw_account_of_request(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply, struct cw_account *ret);
/* Administrators are changed by administrators (and by the operator) only; a refusal is audited. */
int cw_account_may_change(struct cw_control *c, const struct cw_request *request,
                          const char *action, const struct cw_account *target,
                          struct cw_reply *reply);
/* 0 when another administrator who can sign in remains. */
int cw_account_refuse_last_admin(struct cw_control *c, const struct cw_account *account,
                                 struct cw_reply *reply);

#endif
