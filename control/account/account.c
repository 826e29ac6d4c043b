/* SPDX-License-Identifier: Apache-2.0 */
#include "control/account/account.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/account/factor.h"
#include "control/account/option.h"
#include "control/api/body.h"
#include "control/group.h"
#include "control/job.h"
#include "control/link/order.h"
#include "control/secret.h"
#include "control/session/event.h"
#include "engine/base/err.h"

/* ---- operations that wait for a hash --------------------------------------------------------- */

struct cw_pending *cw_pending_new(struct cw_control *c, const struct cw_request *request)
{
    struct cw_pending *p = calloc(1, sizeof *p);

    if (p == NULL)
        return NULL;
    p->request = *request;
    p->request.body = NULL;
    p->has_waiter = true;
    p->waiter = request->waiter;
    p->actor = cw_actor_of_request(c, request);
    return p;
}

void cw_pending_free(struct cw_pending *p)
{
    OPENSSL_cleanse(p, sizeof *p);
    free(p);
}

int cw_pending_submit(struct cw_control *c, struct cw_pending *p, struct cw_reply *reply)
{
    if (cw_hash_pool_submit(c->pool, &p->job) != 0) {
        cw_pending_free(p);
        reply->retry_after_s = 5;
        return cw_refuse(reply, CW_ERR_FULL,
                         "Too many people are signing in at this moment. Try again in 5 seconds.");
    }
    p->next = c->pending;
    c->pending = p;
    return CW_OPERATION_PENDING;
}

static void unlink_pending(struct cw_control *c, const struct cw_pending *p)
{
    struct cw_pending **at = &c->pending;

    while (*at != NULL && *at != p)
        at = &(*at)->next;
    if (*at != NULL)
        *at = p->next;
}

void cw_pending_drop_all(struct cw_control *c)
{
    while (cw_hash_pool_collect(c->pool) != NULL)
        continue;
    while (c->pending != NULL) {
        struct cw_pending *p = c->pending;
        c->pending = p->next;
        cw_pending_free(p);
    }
}

void cw_control_cancel(struct cw_control *c, const void *waiter)
{
    for (struct cw_pending *p = c->pending; p != NULL; p = p->next)
        if (p->waiter == waiter)
            p->has_waiter = false;
    cw_order_cancel(c, waiter);
    cw_group_cancel(c, waiter);
    cw_job_cancel(c, waiter);
}

int cw_control_event_fd(const struct cw_control *c)
{
    return cw_hash_pool_fd(c->pool);
}

void cw_control_on_hashes_ready(struct cw_control *c)
{
    struct cw_hash_job *job = NULL;

    while ((job = cw_hash_pool_collect(c->pool)) != NULL) {
        struct cw_pending *p = (struct cw_pending *)(void *)job; /* job is its first member */
        struct cw_reply reply = {0};
        int err = p->finish(c, p, &reply);
        unlink_pending(c, p);
        if (err < 0 && reply.message[0] == '\0')
            err = cw_refuse_store(c, &reply, err);
        if (err == 0 && reply.json == NULL)
            reply.json = json_object();
        if (p->has_waiter)
            cw_group_answer(c, p->waiter, err, &reply);
        else
            json_decref(reply.json);
        OPENSSL_cleanse(reply.set_cookie, sizeof reply.set_cookie);
        cw_pending_free(p);
    }
    cw_event_flush(c);
}

/* ---- lock-outs ------------------------------------------------------------------------------- */

int cw_lock_name_hash(const char *user, uint8_t *ret_hash)
{
    char lower[CW_USER_BYTES_MAX + 1] = {0};

    for (size_t i = 0; i < CW_USER_BYTES_MAX && user[i] != '\0'; i++)
        lower[i] = (char)tolower((unsigned char)user[i]);
    return cw_secret_hash("causeway sign-in name v1", lower, strlen(lower), ret_hash);
}

uint32_t cw_lock_wait_of(const struct cw_control *c, const struct cw_lock *lock)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    const uint64_t free_tries = cw_option(c, CW_OPTION_LOCK_FREE_TRIES);
    const uint64_t most_s = cw_option(c, CW_OPTION_LOCK_MOST_S);
    uint64_t delay_s = cw_option(c, CW_OPTION_LOCK_FIRST_S);

    if (lock->count <= free_tries)
        return 0;
    for (uint64_t i = free_tries + 1; i < lock->count && delay_s < most_s; i++)
        delay_s *= 2;
    if (delay_s > most_s)
        delay_s = most_s;
    if (now_ms >= lock->last_ms + delay_s * 1000)
        return 0;
    return (uint32_t)((lock->last_ms + delay_s * 1000 - now_ms + 999) / 1000);
}

int cw_lock_wait(struct cw_control *c, const uint8_t *name_hash, uint32_t *ret_wait_s)
{
    const uint64_t for_good = cw_option(c, CW_OPTION_LOCK_FOR_GOOD);
    struct cw_lock lock;
    int err = cw_store_lock_get(c->store, name_hash, &lock);

    if (err == 0)
        *ret_wait_s =
            for_good > 0 && lock.count >= for_good ? CW_LOCK_FOR_GOOD_S : cw_lock_wait_of(c, &lock);
    return err;
}

int cw_lock_count(struct cw_control *c, const uint8_t *name_hash)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    const uint64_t for_good = cw_option(c, CW_OPTION_LOCK_FOR_GOOD);
    struct cw_lock lock;
    int err = cw_store_lock_get(c->store, name_hash, &lock);

    if (err != 0)
        return err;
    if (lock.last_ms + CW_LOCK_FORGET_S * UINT64_C(1000) < now_ms && for_good == 0)
        lock.count = 0;
    lock.count++;
    lock.last_ms = now_ms;
    return cw_store_lock_set(c->store, name_hash, &lock);
}

bool cw_account_is_locked(struct cw_control *c, const struct cw_account *account)
{
    uint8_t name_hash[CW_SHA256_BYTES];
    uint32_t wait_s = 0;

    return cw_factor_is_locked(c, account->id) ||
           (cw_lock_name_hash(account->user, name_hash) == 0 &&
            cw_lock_wait(c, name_hash, &wait_s) == 0 && wait_s > 0);
}
