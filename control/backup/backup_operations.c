/* SPDX-License-Identifier: Apache-2.0 */
/* A backup while the appliance runs: a thread makes it, and the store does not wait for it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "control/account/password.h"
#include "control/api/body.h"
#include "control/backup/backup.h"
#include "control/backup/operations.h"
#include "control/job.h"
#include "engine/base/err.h"

struct backup {
    struct cw_backup_plan plan;
    struct cw_backup_result result;
    int err;
};

static void backup_free(struct backup *b)
{
    explicit_bzero(b, sizeof *b);
    free(b);
}

static void backup_run(struct cw_job *job)
{
    struct backup *b = job->user;

    b->plan.must_stop = &job->must_stop;
    b->err = cw_backup_create(&b->plan, &b->result);
}

static int backup_answer(struct cw_control *c, const struct cw_job *job, const struct backup *b,
                         struct cw_reply *reply)
{
    const struct cw_backup_result *r = &b->result;
    int err = b->err;

    if (err != 0) {
        cw_audit_refused(c, &job->actor, "backup.create", "", cw_err_name(err), "%s", r->message);
        return cw_refuse(reply, CW_ERR_IO, "No backup was made: %.190s.", r->message);
    }
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_audit(c, &job->actor, "backup.create", "", "ok", "%s: %u steps, the longest %u us",
                       b->plan.path, r->steps, (unsigned)r->longest_step_us);
    err = cw_store_end(c->store, err);
    if (err != 0)
        return err;
    reply->json = json_pack(
        "{s:s, s:I, s:I, s:I, s:s, s:I, s:I}", "file", b->plan.path, "bytes", (json_int_t)r->bytes,
        "files", (json_int_t)r->files, "schema", (json_int_t)r->schema, "version", r->version,
        "steps", (json_int_t)r->steps, "longest_step_us", (json_int_t)r->longest_step_us);
    return reply->json != NULL ? 0 : CW_ERR_NOMEM;
}

static int backup_finish(struct cw_control *c, struct cw_job *job, struct cw_reply *reply)
{
    int err = reply != NULL ? backup_answer(c, job, job->user, reply) : 0;

    backup_free(job->user);
    return err;
}

/* Over the network nobody chooses where a file is made. */
static int take_path(const struct cw_request *request, struct backup *b, struct cw_reply *reply)
{
    const time_t now_s = (time_t)(b->plan.now_ms / 1000);
    const char *path = "";
    char folder[440];
    char day[32];
    struct tm t;

    if (json_object_get(request->body, "path") != NULL) {
        if (request->front != CW_FRONT_SOCKET)
            return cw_refuse(reply, CW_ERR_DENIED,
                             "Only on the appliance itself can a backup's file be named.");
        if (cw_body_text(request->body, "path", CW_BACKUP_PATH_BYTES_MAX, &path) != 0 ||
            path[0] != '/')
            return cw_refuse(reply, CW_ERR_INVALID, "path must be an absolute path.");
        (void)snprintf(b->plan.path, sizeof b->plan.path, "%s", path);
        return 0;
    }
    (void)snprintf(folder, sizeof folder, "%s/backups", b->plan.state_dir);
    (void)mkdir(folder, 0700);
    if (gmtime_r(&now_s, &t) == NULL || strftime(day, sizeof day, "%Y-%m-%dT%H%M%SZ", &t) == 0)
        return CW_ERR_INTERNAL;
    (void)snprintf(b->plan.path, sizeof b->plan.path, "%s/causeway-%s.backup", folder, day);
    return 0;
}

static int take_plan(struct cw_control *c, const struct cw_request *request, struct backup *b,
                     struct cw_reply *reply)
{
    const char *passphrase = NULL;
    const char *slash = strrchr(c->config.control_dir, '/');

    if (cw_body_text(request->body, "passphrase", CW_PASSWORD_BYTES_MAX, &passphrase) != 0 ||
        cw_password_objection(passphrase, strlen(passphrase), "", NULL) != NULL)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "passphrase must have 12 characters or more, and at most 256 bytes. "
                         "Without it nobody can restore the backup.");
    (void)snprintf(b->plan.state_dir, sizeof b->plan.state_dir, "%.*s",
                   slash != NULL ? (int)(slash - c->config.control_dir) : 1,
                   slash != NULL ? c->config.control_dir : ".");
    (void)snprintf(b->plan.passphrase, sizeof b->plan.passphrase, "%s", passphrase);
    b->plan.cost = c->hash_cost;
    b->plan.now_ms = request->now_unix_ms;
    return take_path(request, b, reply);
}

int cw_op_backup_create(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    struct backup *b = calloc(1, sizeof *b);
    int err = b != NULL ? take_plan(c, request, b, reply) : CW_ERR_NOMEM;

    if (err == 0)
        err = cw_job_start(c, request, reply, backup_run, backup_finish, b);
    if (err != CW_OPERATION_PENDING && b != NULL)
        backup_free(b);
    return err;
}
