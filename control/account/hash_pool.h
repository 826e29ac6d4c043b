/* SPDX-License-Identifier: Apache-2.0 */
/* control/account/hash_pool.h - a few threads that do argon2id, so that the state thread never does.
 *
 * Owner:     the pool has a job from submit until collect gives it back; jobs are embedded in what
 *            waits for them.
 * Thread:    every function on the state thread; only the hashing itself is elsewhere. A job is not
 *            touched by the state thread between submit and collect.
 * Units:     bytes.
 * Errors:    CW_ERR_FULL (queue), CW_ERR_INTERNAL (threads, descriptor), CW_ERR_NOMEM.
 * Limits:    CW_HASH_THREADS, CW_HASH_QUEUE_MAX.
 */
#ifndef CW_CONTROL_ACCOUNT_HASH_POOL_H
#define CW_CONTROL_ACCOUNT_HASH_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "control/control.h"
#include "control/limits.h"

struct cw_hash_pool;

/* First stored is verified against password when stored is not empty; then, when that went well,
 * fresh is hashed if it is not empty, or password again if stored has outdated parameters. */
struct cw_hash_job {
    struct cw_hash_job *next; /* the pool's */
    char stored[CW_HASH_TEXT_BYTES_MAX];
    char password[CW_PASSWORD_BYTES_MAX + 1];
    char fresh[CW_PASSWORD_BYTES_MAX + 1];
    int err;                           /* 0, CW_ERR_DENIED: does not match; others: no hash */
    char hash[CW_HASH_TEXT_BYTES_MAX]; /* new hash, or empty */
};

int cw_hash_pool_new(const struct cw_hash_cost *cost, struct cw_hash_pool **ret_pool);
/* Ends the threads; queued jobs are not run and come out of collect, which must be emptied first
 * with cw_hash_pool_stop. */
void cw_hash_pool_stop(struct cw_hash_pool *pool);
void cw_hash_pool_free(struct cw_hash_pool *pool);
int cw_hash_pool_fd(const struct cw_hash_pool *pool);
int cw_hash_pool_submit(struct cw_hash_pool *pool, struct cw_hash_job *job);
/* The next finished job or NULL. Its passwords have been wiped. */
struct cw_hash_job *cw_hash_pool_collect(struct cw_hash_pool *pool);

#endif
