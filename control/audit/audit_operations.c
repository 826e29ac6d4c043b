/* SPDX-License-Identifier: Apache-2.0 */
/* Verifying the audit log while control runs: the whole log is read beside the state thread. */
#include <stdio.h>
#include <stdlib.h>

#include "control/api/body.h"
#include "control/audit/operations.h"
#include "control/job.h"
#include "engine/base/err.h"

struct verification {
    char path[560];
    char message[400]; /* why the store cannot be read */
    int err;
    struct cw_audit_report report;
};

static void verify_run(struct cw_job *job)
{
    struct verification *v = job->user;
    struct cw_store *s = NULL;

    v->err = cw_store_open_reader(v->path, v->message, sizeof v->message, &s);
    if (v->err == 0)
        v->err = cw_store_audit_verify(s, &v->report);
    cw_store_close(s);
}

static int verify_answer(struct cw_control *c, const struct cw_job *job,
                         const struct verification *v, struct cw_reply *reply)
{
    const struct cw_audit_report *r = &v->report;
    char mac[2 * CW_CHAIN_BYTES + 1];

    if (v->err == CW_ERR_SIGNATURE) {
        /* Who finds it leaves a trace, too. */
        cw_audit_refused(c, &job->actor, "audit.verify", "", "SIGNATURE", "row %llu: %s",
                         (unsigned long long)r->bad_id, r->why);
        return cw_refuse(reply, CW_ERR_SIGNATURE,
                         "The audit log was changed. The first bad row is %llu: %.150s.",
                         (unsigned long long)r->bad_id, r->why);
    }
    if (v->err != 0)
        return cw_refuse(reply, CW_ERR_IO, "The audit log cannot be read: %.180s",
                         v->message[0] != '\0' ? v->message : cw_err_text(v->err));
    cw_chain_hex(r->last_mac, mac);
    reply->json = json_pack("{s:s, s:I, s:I, s:I, s:I, s:s}", "result", "whole", "rows",
                            (json_int_t)r->rows, "checkpoints", (json_int_t)r->checkpoints,
                            "last_epoch", (json_int_t)r->last_epoch, "last_signed_row",
                            (json_int_t)r->last_signed, "last_signed_mac", mac);
    return reply->json != NULL ? 0 : CW_ERR_NOMEM;
}

static int verify_finish(struct cw_control *c, struct cw_job *job, struct cw_reply *reply)
{
    int err = reply != NULL ? verify_answer(c, job, job->user, reply) : 0;

    free(job->user);
    return err;
}

int cw_op_audit_verify(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    struct verification *v = calloc(1, sizeof *v);
    int err = 0;

    if (v == NULL)
        return CW_ERR_NOMEM;
    (void)snprintf(v->path, sizeof v->path, "%s/store.sqlite", c->config.control_dir);
    err = cw_job_start(c, request, reply, verify_run, verify_finish, v);
    if (err != CW_OPERATION_PENDING)
        free(v);
    return err;
}
