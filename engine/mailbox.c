/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/mailbox.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "engine/base/check.h"
#include "engine/base/err.h"

struct cw_mailbox {
    pthread_mutex_t lock; /* covers first and mails; count changes under it */
    atomic_uint count;
    unsigned first;
    unsigned capacity;
    struct cw_mail mails[];
};

int cw_mailbox_new(unsigned capacity, struct cw_mailbox **ret_mailbox)
{
    CW_CHECK(capacity > 0 && capacity <= 65536, "a mailbox has a sane size");
    struct cw_mailbox *m = calloc(1, sizeof(*m) + capacity * sizeof(m->mails[0]));
    if (m == NULL)
        return CW_ERR_NOMEM;
    if (pthread_mutex_init(&m->lock, NULL) != 0) {
        free(m);
        return CW_ERR_NOMEM;
    }
    atomic_init(&m->count, 0);
    m->capacity = capacity;
    *ret_mailbox = m;
    return CW_OK;
}

struct cw_mailbox *cw_mailbox_free(struct cw_mailbox *m)
{
    if (m != NULL) {
        pthread_mutex_destroy(&m->lock);
        free(m);
    }
    return NULL;
}

static void lock(struct cw_mailbox *m)
{
    CW_CHECK(pthread_mutex_lock(&m->lock) == 0, "a mailbox lock is never taken twice");
}

static void unlock(struct cw_mailbox *m)
{
    CW_CHECK(pthread_mutex_unlock(&m->lock) == 0, "a mailbox lock is held where it is released");
}

int cw_mailbox_push(struct cw_mailbox *m, const struct cw_mail *mail)
{
    int err = CW_ERR_FULL;
    lock(m);
    unsigned count = atomic_load_explicit(&m->count, memory_order_relaxed);
    if (count < m->capacity) {
        m->mails[(m->first + count) % m->capacity] = *mail;
        atomic_store_explicit(&m->count, count + 1, memory_order_release);
        err = CW_OK;
    }
    unlock(m);
    return err;
}

bool cw_mailbox_pop(struct cw_mailbox *m, struct cw_mail *ret_mail)
{
    /* A push that is missed here is followed by a wake(), which brings the worker back. */
    if (atomic_load_explicit(&m->count, memory_order_acquire) == 0)
        return false;
    lock(m);
    unsigned count = atomic_load_explicit(&m->count, memory_order_relaxed);
    *ret_mail = m->mails[m->first];
    m->first = (m->first + 1) % m->capacity;
    atomic_store_explicit(&m->count, count - 1, memory_order_relaxed);
    unlock(m);
    return true;
}
