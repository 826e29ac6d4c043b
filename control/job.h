/* SPDX-License-Identifier: Apache-2.0 */
/* control/job.h - long work on the store's files beside the state thread: one at a time, and its caller waits.
 *
 * Owner:     the job belongs to struct cw_control until its finish ran.
 * Thread:    the state thread, but for run, which has a thread of its own and touches nothing of struct cw_control.
 * Errors:    CW_ERR_STATE: one runs already; CW_ERR_NOMEM.
 * Limits:    one job.
 * Invariant: finish runs once, on the state thread, after run has ended; or, when control ends first, neither answers.
 */
#ifndef CW_CONTROL_JOB_H
#define CW_CONTROL_JOB_H

#include <pthread.h>
#include <stdatomic.h>

#include "control/audit/audit.h"
#include "control/state.h"

struct cw_job {
    pthread_t thread;
    atomic_bool is_done;
    atomic_bool must_stop; /* run ends soon, with whatever error */
    void *waiter;
    struct cw_actor actor;
    void (*run)(struct cw_job *job);
    /* Fills reply like a handler. NULL reply: control ends, only free what run made. */
    int (*finish)(struct cw_control *c, struct cw_job *job, struct cw_reply *reply);
    void *user; /* of run and finish */
};

/* Takes user when it answers CW_OPERATION_PENDING; else reply says why not. */
int cw_job_start(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply,
                 void (*run)(struct cw_job *job),
                 int (*finish)(struct cw_control *c, struct cw_job *job, struct cw_reply *reply),
                 void *user);
/* Answers for the job that has ended. */
void cw_job_tick(struct cw_control *c);
void cw_job_cancel(struct cw_control *c, const void *waiter);
/* Waits for the job that runs. */
void cw_job_end(struct cw_control *c);

#endif
