/* SPDX-License-Identifier: Apache-2.0 */
/* Another engine for the one that runs: the order goes to the supervisor, the only one that starts processes. */
#include <stdio.h>
#include <string.h>

#include "control/api/body.h"
#include "control/api/operations.h"
#include "control/link/order.h"
#include "engine/base/err.h"

static int finish_upgrade(struct cw_control *c, struct cw_order *o, struct cw_reply *reply)
{
    if (o->refused != 0) {
        cw_audit_refused(c, &o->actor, "engine.upgrade", "", "STATE", "%s", o->text);
        return cw_refuse(reply, CW_ERR_STATE, "Not upgraded: %s.", o->text);
    }
    int err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_audit(c, &o->actor, "engine.upgrade", "", "ok", "%s", o->text);
    /* A store that cannot be written does not undo what was done; the row is missing then, and the log says so. */
    (void)cw_store_end(c->store, err);
    reply->json = json_pack("{s:s}", "result", o->text);
    return 0;
}

int cw_op_engine_upgrade(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    char line[CW_UPGRADE_LINE_BYTES_MAX];
    const char *binary = "";
    struct cw_order *o = NULL;

    if (json_object_get(request->body, "binary") != NULL &&
        (cw_body_text(request->body, "binary", CW_UPGRADE_PATH_BYTES_MAX, &binary) != 0 ||
         binary[0] != '/' || strpbrk(binary, "\r\n") != NULL))
        return cw_refuse(reply, CW_ERR_INVALID, "binary must be an absolute path.");
    if (c->config.order_supervisor == NULL)
        return cw_refuse(reply, CW_ERR_UNSUPPORTED, "No supervisor runs this appliance.");
    (void)snprintf(line, sizeof line, "upgrade workers=%llu%s%s",
                   (unsigned long long)c->settings.workers, binary[0] != '\0' ? " program=" : "",
                   binary);
    int err = c->config.order_supervisor(c->config.user, line);
    if (err == CW_ERR_STATE)
        return cw_refuse(reply, err, "An upgrade is under way.");
    if (err != 0)
        return cw_refuse(reply, CW_ERR_STATE,
                         "The supervisor cannot be reached: was the engine started by it?");
    o = cw_order_new(c, request, finish_upgrade);
    if (o == NULL)
        return CW_ERR_NOMEM; /* it is done all the same, and nobody is told */
    cw_order_wait(c, o);
    c->upgrade = o->request;
    return CW_OPERATION_PENDING;
}

void cw_control_on_supervisor(struct cw_control *c, bool is_done, const char *text)
{
    cw_order_on_text(c, c->upgrade, is_done, text);
    c->upgrade = 0;
}
