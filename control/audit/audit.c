/* SPDX-License-Identifier: Apache-2.0 */
#include "control/audit/audit.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "control/outbox/outbox.h"
#include "control/report/utf8.h"
#include "control/store/store_api.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

struct cw_actor cw_actor_named(const char *name, const char *source)
{
    struct cw_actor actor;

    snprintf(actor.name, sizeof actor.name, "%s", name);
    snprintf(actor.source, sizeof actor.source, "%s", source);
    return actor;
}

struct cw_actor cw_actor_appliance(void)
{
    return cw_actor_named("appliance", "-");
}

struct cw_actor cw_actor_of_request(struct cw_control *c, const struct cw_request *request)
{
    struct cw_actor actor = cw_actor_named("nobody", request->source);
    struct cw_account account;

    struct cw_api_account program;

    if (request->front == CW_FRONT_API)
        snprintf(actor.name, sizeof actor.name, "API account %.100s",
                 cw_store_api_account_get(c->store, request->api_account, &program) == 0
                     ? program.name
                     : "that was removed");
    else if (request->front != CW_FRONT_HTTP)
        snprintf(actor.name, sizeof actor.name, "operator (uid %u)", request->operator_uid);
    else if (request->account != 0 &&
             cw_store_account_get(c->store, request->account, &account) == 0)
        snprintf(actor.name, sizeof actor.name, "%s", account.user);
    return actor;
}

/* Cuts at the start of a UTF-8 character, so that what is stored stays well-formed. */
static void format_detail(char *out, const char *format, va_list args)
{
    char text[CW_AUDIT_DETAIL_BYTES_MAX + 8];
    size_t n = 0;

    vsnprintf(text, sizeof text, format, args);
    cw_utf8_mend(text); /* names in it may have been cut */
    n = strlen(text);
    if (n > CW_AUDIT_DETAIL_BYTES_MAX) {
        n = CW_AUDIT_DETAIL_BYTES_MAX;
        while (n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80)
            n--;
    }
    memcpy(out, text, n);
    out[n] = '\0';
}

static int add(struct cw_control *c, const struct cw_actor *actor, const char *action,
               const char *object, const char *result, const char *detail)
{
    struct cw_audit_row row = {
        .time_ms = cw_control_now_unix_ms(c),
        .actor = actor->name,
        .source = actor->source,
        .action = action,
        .object = object,
        .result = result,
        .detail = detail,
    };

    int err = cw_store_audit_add(c->store, &row);

    return err == 0 ? cw_outbox_note(c, &row) : err;
}

int cw_audit(struct cw_control *c, const struct cw_actor *actor, const char *action,
             const char *object, const char *result, const char *detail, ...)
{
    char text[CW_AUDIT_DETAIL_BYTES_MAX + 1];
    va_list args;

    va_start(args, detail);
    format_detail(text, detail, args);
    va_end(args);
    return add(c, actor, action, object, result, text);
}

void cw_audit_refused(struct cw_control *c, const struct cw_actor *actor, const char *action,
                      const char *object, const char *result, const char *detail, ...)
{
    char text[CW_AUDIT_DETAIL_BYTES_MAX + 1];
    va_list args;
    int err = 0;

    va_start(args, detail);
    format_detail(text, detail, args);
    va_end(args);
    err = cw_store_begin(c->store);
    if (err == 0)
        err = add(c, actor, action, object, result, text);
    err = cw_store_end(c->store, err);
    if (err != 0)
        cw_log(CW_LOG_WARNING, "control.audit", "not stored (%s): %s from %s: %s %s: %s %s",
               cw_err_name(err), actor->name, actor->source, action, object, result, text);
}

void cw_control_audit_refusal(struct cw_control *c, const char *source, const char *action,
                              const char *detail)
{
    struct cw_actor actor = cw_actor_named("nobody", source);

    if (cw_budget_may_audit(&c->budget, source, action, cw_control_now_unix_ms(c)))
        cw_audit_refused(c, &actor, action, "", "DENIED", "%s", detail);
}
