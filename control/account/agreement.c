/* SPDX-License-Identifier: Apache-2.0 */
#include "control/account/agreement.h"

#include <stdio.h>
#include <stdlib.h>

#include "control/account/access.h"
#include "control/account/operations.h"
#include "control/account/option.h"
#include "control/account/sign_in.h"
#include "control/api/body.h"
#include "control/audit/audit.h"
#include "control/store/store_agreement.h"
#include "engine/base/err.h"

int cw_agreement_load(struct cw_control *c)
{
    struct cw_agreement a;
    int err = cw_store_agreement_current(c->store, &a);

    c->agreement = err == 0 ? a.version : 0;
    cw_access_changed(c); /* what was kept may be of changes that were undone */
    return err == CW_ERR_NOT_FOUND ? 0 : err;
}

bool cw_agreement_is_due(const struct cw_control *c, const struct cw_account *account)
{
    return c->agreement != 0 &&
           (account->agreement != c->agreement || cw_option(c, CW_OPTION_AGREEMENT) != 0);
}

static json_t *agreement_json(const struct cw_agreement *a)
{
    return json_pack("{s:I, s:s, s:s, s:I}", "version", (json_int_t)a->version, "title", a->title,
                     "text", a->text, "published_unix_ms", (json_int_t)a->published_ms);
}

int cw_op_agreement_show(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    struct cw_agreement a;
    int err = cw_store_agreement_current(c->store, &a);

    (void)request;
    if (err != 0 && err != CW_ERR_NOT_FOUND)
        return err;
    reply->json = json_pack("{s:o}", "agreement", err == 0 ? agreement_json(&a) : json_null());
    return 0;
}

int cw_op_agreement_accept(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    char object[32];
    uint64_t version = 0;
    int err = cw_body_only(request->body, "version", reply);

    if (err == 0 && cw_body_number(request->body, "version", 1, UINT32_MAX, &version) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "version must be the agreement's number.");
    /* Nobody accepts a text that he was not shown. */
    if (err == 0 && (version != c->agreement || version == 0))
        err = cw_refuse(reply, CW_ERR_CONFLICT, "The agreement has changed: read it again.");
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "agreement %u", c->agreement);
    err = cw_store_agreement_accept(c->store, request->account, c->agreement,
                                    cw_control_now_unix_ms(c));
    if (err == 0)
        err = cw_store_sign_in_done(c->store, request->sign_in, CW_DUE_AGREEMENT);
    if (err == 0)
        err = cw_audit(c, &actor, "agreement.accept", object, "ok", "%s", "");
    err = cw_store_end(c->store, err);
    if (err == 0)
        reply->json = json_pack(
            "{s:s?}", "next",
            cw_due_next((uint8_t)(request->due & ~CW_DUE_AGREEMENT), request->must_change));
    return err;
}

int cw_op_agreement_publish(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_agreement a = {.published_ms = cw_control_now_unix_ms(c)};
    const char *text = "";
    char object[32];
    int err = cw_body_only(request->body, "title text", reply);

    if (err == 0 && (cw_body_name(request->body, "title", a.title) != 0 || a.title[0] == '\0'))
        err =
            cw_refuse(reply, CW_ERR_INVALID, "The title must be one line of 1 to 128 characters.");
    if (err == 0 && (cw_body_lines(request->body, "text", CW_AGREEMENT_BYTES_MAX, &text) != 0 ||
                     text[0] == '\0'))
        err = cw_refuse(reply, CW_ERR_INVALID, "The text must have 1 to %d bytes.",
                        CW_AGREEMENT_BYTES_MAX);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    snprintf(a.text, sizeof a.text, "%s", text);
    err = cw_store_agreement_publish(c->store, &a);
    snprintf(object, sizeof object, "agreement %u", a.version);
    if (err == 0)
        err = cw_audit(c, &actor, "agreement.publish", object, "ok", "%s", a.title);
    err = cw_store_end(c->store, err);
    if (err != 0)
        return err;
    c->agreement = a.version;
    reply->json = json_pack("{s:o}", "agreement", agreement_json(&a));
    return 0;
}

int cw_op_agreement_withdraw(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    char object[32];
    int err = 0;

    if (c->agreement == 0)
        return cw_refuse(reply, CW_ERR_STATE, "No agreement is in force.");
    snprintf(object, sizeof object, "agreement %u", c->agreement);
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_agreement_withdraw(c->store, cw_control_now_unix_ms(c));
    if (err == 0)
        err = cw_audit(c, &actor, "agreement.withdraw", object, "ok", "%s", "");
    err = cw_store_end(c->store, err);
    if (err == 0)
        c->agreement = 0;
    return err;
}
