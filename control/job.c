/* SPDX-License-Identifier: Apache-2.0 */
#include "control/job.h"

#include <stdlib.h>

#include "control/api/body.h"
#include "control/group.h"
#include "engine/base/err.h"

static void *job_main(void *arg)
{
    struct cw_job *job = arg;

    job->run(job);
    atomic_store(&job->is_done, true);
    return NULL;
}

int cw_job_start(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply,
                 void (*run)(struct cw_job *job),
                 int (*finish)(struct cw_control *c, struct cw_job *job, struct cw_reply *reply),
                 void *user)
{
    struct cw_job *job = NULL;

    if (c->job != NULL)
        return cw_refuse(reply, CW_ERR_STATE,
                         "A backup, a verification or a report of totals runs already. Try again "
                         "when it has ended.");
    job = calloc(1, sizeof *job);
    if (job == NULL)
        return CW_ERR_NOMEM;
    job->waiter = request->waiter;
    job->actor = cw_actor_of_request(c, request);
    job->run = run;
    job->finish = finish;
    job->user = user;
    if (pthread_create(&job->thread, NULL, job_main, job) != 0) {
        free(job);
        return CW_ERR_NOMEM;
    }
    c->job = job;
    return CW_OPERATION_PENDING;
}

void cw_job_tick(struct cw_control *c)
{
    struct cw_job *job = c->job;
    struct cw_reply reply = {0};
    int err = 0;

    if (job == NULL || !atomic_load(&job->is_done))
        return;
    c->job = NULL;
    (void)pthread_join(job->thread, NULL);
    err = job->finish(c, job, &reply);
    if (err < 0 && reply.message[0] == '\0')
        err = cw_refuse_store(c, &reply, err);
    if (job->waiter != NULL)
        cw_group_answer(c, job->waiter, err, &reply);
    else
        json_decref(reply.json);
    free(job);
}

void cw_job_cancel(struct cw_control *c, const void *waiter)
{
    if (c->job != NULL && c->job->waiter == waiter)
        c->job->waiter = NULL;
}

void cw_job_end(struct cw_control *c)
{
    struct cw_job *job = c->job;

    if (job == NULL)
        return;
    atomic_store(&job->must_stop, true);
    (void)pthread_join(job->thread, NULL);
    (void)job->finish(c, job, NULL);
    free(job);
    c->job = NULL;
}
