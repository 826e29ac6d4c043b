/* SPDX-License-Identifier: Apache-2.0 */
#include "control/link/certificate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/api/body.h"
#include "control/api/operations.h"
#include "control/link/order.h"
#include "engine/base/err.h"

void cw_certificate_forget(struct cw_control *c)
{
    if (c->certificate == NULL)
        return;
    explicit_bzero(c->certificate, c->certificate_bytes);
    free(c->certificate);
    c->certificate = NULL;
    c->certificate_bytes = 0;
}

/* The answer of the worker that did it: the others say nothing. */
static const char *engine_text(const struct cw_order *o, bool is_done)
{
    for (size_t i = 0; i < json_array_size(o->answers); i++) {
        const json_t *answer = json_array_get(o->answers, i);
        const char *text = json_string_value(json_object_get(answer, "text"));
        if (json_is_true(json_object_get(answer, "done")) == is_done && text != NULL &&
            text[0] != '\0')
            return text;
    }
    return "";
}

static int refuse_without_engine(const struct cw_order *o, struct cw_reply *reply)
{
    if (json_array_size(o->answers) > 0)
        return 0;
    return cw_refuse(reply, CW_ERR_STATE,
                     "No worker of the engine is linked: nothing can be checked.");
}

static int order(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply,
                 uint8_t kind,
                 int (*finish)(struct cw_control *c, struct cw_order *o, struct cw_reply *reply))
{
    struct cw_link_message m = {.type = CW_LINK_CERTIFICATE, .kind = kind};
    struct cw_order *o = cw_order_new(c, request, finish);

    if (kind == CW_LINK_CERTIFICATE_PREPARE || kind == CW_LINK_CERTIFICATE_COMMIT) {
        m.bytes = (const uint8_t *)c->certificate;
        m.bytes_count = c->certificate_bytes;
    }
    return o != NULL ? cw_order_send(c, o, &m, reply) : CW_ERR_NOMEM;
}

/* ---- show, prepare, abort ---------------------------------------------------------------------- */

static int finish_show(struct cw_control *c, struct cw_order *o, struct cw_reply *reply)
{
    int err = refuse_without_engine(o, reply);

    (void)c;
    if (err == 0)
        reply->json = json_pack("{s:s}", "certificate", engine_text(o, true));
    return err;
}

int cw_op_certificate_show(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    return order(c, request, reply, CW_LINK_CERTIFICATE_SHOW, finish_show);
}

static int finish_prepare(struct cw_control *c, struct cw_order *o, struct cw_reply *reply)
{
    int err = refuse_without_engine(o, reply);

    if (err == 0 && o->refused != 0) {
        cw_audit_refused(c, &o->actor, "certificate.prepare", "", "INVALID", "%s",
                         engine_text(o, false));
        err = cw_refuse(reply, CW_ERR_INVALID, "The certificate cannot be used: %s.",
                        engine_text(o, false));
    }
    if (err != 0)
        cw_certificate_forget(c);
    else
        reply->json = json_pack("{s:s}", "certificate", engine_text(o, true));
    return err;
}

int cw_op_certificate_prepare(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply)
{
    const json_t *pem = json_object_get(request->body, "pem");
    size_t n = json_string_length(pem);
    int err = 0;

    cw_certificate_forget(c);
    if (!json_is_string(pem) || n == 0 || n > CW_CERTIFICATE_BYTES_MAX)
        err = cw_refuse(reply, CW_ERR_INVALID,
                        "pem must be the certificate, its chain and its key, at most %d bytes: "
                        "causewayctl certificate prepare --certificate FILE --key FILE",
                        CW_CERTIFICATE_BYTES_MAX);
    if (err == 0) {
        c->certificate = malloc(n);
        err = c->certificate != NULL ? 0 : CW_ERR_NOMEM;
    }
    if (err == 0) {
        memcpy(c->certificate, json_string_value(pem), n);
        c->certificate_bytes = n;
    }
    /* The request is the front's, which frees it without a look: the key in it goes here. */
    if (n > 0)
        explicit_bzero((void *)(uintptr_t)json_string_value(pem), n);
    return err == 0 ? order(c, request, reply, CW_LINK_CERTIFICATE_PREPARE, finish_prepare) : err;
}

int cw_op_certificate_abort(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply)
{
    cw_certificate_forget(c);
    return order(c, request, reply, CW_LINK_CERTIFICATE_ABORT, finish_show);
}

/* ---- commit ------------------------------------------------------------------------------------ */

/* Whole beside its place, then renamed: a crash leaves the old file or the new one. */
static int store(const struct cw_control *c, struct cw_reply *reply)
{
    char path[600], temporary[640];
    if (c->config.tls_dir == NULL)
        return cw_refuse(reply, CW_ERR_UNSUPPORTED, "There is no place to keep a certificate.");
    (void)snprintf(path, sizeof path, "%s/web.pem", c->config.tls_dir);
    (void)snprintf(temporary, sizeof temporary, "%s.new", path);
    (void)unlink(temporary);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool good = fd >= 0 &&
                write(fd, c->certificate, c->certificate_bytes) == (ssize_t)c->certificate_bytes &&
                fsync(fd) == 0;
    int error = errno;
    good = (fd < 0 || close(fd) == 0) && good;
    if (good && rename(temporary, path) == 0) {
        int dir = open(c->config.tls_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dir >= 0) {
            (void)fsync(dir);
            (void)close(dir);
        }
        return 0;
    }
    error = good ? errno : error;
    (void)unlink(temporary);
    return cw_refuse(reply, CW_ERR_IO, "%.120s cannot be written: %s. Nothing was changed.", path,
                     strerror(error));
}

static int finish_commit(struct cw_control *c, struct cw_order *o, struct cw_reply *reply)
{
    if (o->refused != 0)
        return cw_refuse(
            reply, CW_ERR_STATE,
            "The certificate is stored for the next start, but the engine does not use "
            "it yet: %.100s.",
            engine_text(o, false));
    cw_certificate_forget(c);
    reply->json = json_pack("{s:s}", "certificate",
                            json_array_size(o->answers) > 0
                                ? engine_text(o, true)
                                : "stored; no engine is linked, the next one uses it");
    return 0;
}

int cw_op_certificate_commit(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    int err = 0;

    if (c->certificate == NULL)
        return cw_refuse(reply, CW_ERR_STATE, "No certificate is prepared.");
    err = store(c, reply);
    if (err != 0)
        return err;
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_audit(c, &actor, "certificate.commit", "web", "ok", "%s", "");
    (void)cw_store_end(c->store, err); /* the file is there: the engine is told in any case */
    return order(c, request, reply, CW_LINK_CERTIFICATE_COMMIT, finish_commit);
}
