/* SPDX-License-Identifier: Apache-2.0 */
#include "control/account/hash_pool.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "control/account/password.h"
#include "engine/base/err.h"

struct job_list {
    struct cw_hash_job *first;
    struct cw_hash_job **last;
};

struct cw_hash_pool {
    struct cw_hash_cost cost;
    pthread_t threads[CW_HASH_THREADS];
    unsigned thread_count;
    pthread_mutex_t lock; /* guards everything below */
    pthread_cond_t wake;
    struct job_list waiting;
    struct job_list finished;
    unsigned waiting_count;
    bool stopping;
    int event_fd;
};

static void list_init(struct job_list *list)
{
    list->first = NULL;
    list->last = &list->first;
}

static void list_push(struct job_list *list, struct cw_hash_job *job)
{
    job->next = NULL;
    *list->last = job;
    list->last = &job->next;
}

static struct cw_hash_job *list_pop(struct job_list *list)
{
    struct cw_hash_job *job = list->first;

    if (job == NULL)
        return NULL;
    list->first = job->next;
    if (list->first == NULL)
        list->last = &list->first;
    job->next = NULL;
    return job;
}

static void job_wipe(struct cw_hash_job *job)
{
    OPENSSL_cleanse(job->password, sizeof job->password);
    OPENSSL_cleanse(job->fresh, sizeof job->fresh);
}

static void job_run(const struct cw_hash_cost *cost, struct cw_hash_job *job)
{
    const char *again = NULL;

    job->err = 0;
    job->hash[0] = '\0';
    if (job->stored[0] != '\0') {
        job->err = cw_password_verify(job->stored, job->password, strlen(job->password));
        if (cw_password_is_outdated(cost, job->stored))
            again = job->password;
    }
    if (job->fresh[0] != '\0')
        again = job->fresh;
    if (job->err == 0 && again != NULL)
        job->err = cw_password_hash(cost, again, strlen(again), job->hash);
    job_wipe(job);
}

static void *thread_main(void *arg)
{
    struct cw_hash_pool *pool = arg;

    pthread_mutex_lock(&pool->lock);
    while (!pool->stopping) {
        struct cw_hash_job *job = list_pop(&pool->waiting);
        const uint64_t one = 1;
        if (job == NULL) {
            pthread_cond_wait(&pool->wake, &pool->lock);
            continue;
        }
        pool->waiting_count--;
        pthread_mutex_unlock(&pool->lock);
        job_run(&pool->cost, job);
        pthread_mutex_lock(&pool->lock);
        list_push(&pool->finished, job);
        /* The counter cannot overflow: it is read empty, and at most 34 jobs exist. */
        if (write(pool->event_fd, &one, sizeof one) != (ssize_t)sizeof one)
            continue;
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

int cw_hash_pool_new(const struct cw_hash_cost *cost, struct cw_hash_pool **ret_pool)
{
    struct cw_hash_pool *pool = calloc(1, sizeof *pool);
    sigset_t all;
    sigset_t old;

    if (pool == NULL)
        return CW_ERR_NOMEM;
    pool->cost = *cost;
    list_init(&pool->waiting);
    list_init(&pool->finished);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pool->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    /* Signals are the state thread's business. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    while (pool->event_fd >= 0 && pool->thread_count < CW_HASH_THREADS &&
           pthread_create(&pool->threads[pool->thread_count], NULL, thread_main, pool) == 0)
        pool->thread_count++;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (pool->thread_count < CW_HASH_THREADS) {
        cw_hash_pool_stop(pool);
        cw_hash_pool_free(pool);
        return CW_ERR_INTERNAL;
    }
    *ret_pool = pool;
    return 0;
}

void cw_hash_pool_stop(struct cw_hash_pool *pool)
{
    struct cw_hash_job *job = NULL;

    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->thread_count; i++)
        pthread_join(pool->threads[i], NULL);
    pool->thread_count = 0;
    while ((job = list_pop(&pool->waiting)) != NULL) {
        job->err = CW_ERR_CLOSED;
        job_wipe(job);
        list_push(&pool->finished, job);
    }
    pool->waiting_count = 0;
}

void cw_hash_pool_free(struct cw_hash_pool *pool)
{
    if (pool->event_fd >= 0)
        close(pool->event_fd);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

int cw_hash_pool_fd(const struct cw_hash_pool *pool)
{
    return pool->event_fd;
}

int cw_hash_pool_submit(struct cw_hash_pool *pool, struct cw_hash_job *job)
{
    int err = 0;

    pthread_mutex_lock(&pool->lock);
    if (pool->stopping || pool->waiting_count >= CW_HASH_QUEUE_MAX) {
        err = CW_ERR_FULL;
    } else {
        list_push(&pool->waiting, job);
        pool->waiting_count++;
        pthread_cond_signal(&pool->wake);
    }
    pthread_mutex_unlock(&pool->lock);
    return err;
}

struct cw_hash_job *cw_hash_pool_collect(struct cw_hash_pool *pool)
{
    struct cw_hash_job *job = NULL;
    uint64_t count = 0;

    pthread_mutex_lock(&pool->lock);
    job = list_pop(&pool->finished);
    /* Emptied only when nothing is left, so that a caller who stops early is woken again. */
    if (job == NULL && read(pool->event_fd, &count, sizeof count) < 0)
        count = 0;
    pthread_mutex_unlock(&pool->lock);
    return job;
}
