/* SPDX-License-Identifier: Apache-2.0 */
/* A second factor in the middle of the work: who is signed in shows once more who they are. */
#include <stdio.h>
#include <string.h>

#include "control/account/factor.h"
#include "control/account/operations.h"
#include "control/account/sign_in.h"
#include "control/account/webauthn_body.h"
#include "control/api/body.h"
#include "engine/base/err.h"

/* Counted against the account, and audited. */
static int failed(struct cw_control *c, const struct cw_actor *actor, uint32_t account,
                  const char *why, const char *sentence, struct cw_reply *reply)
{
    int err = cw_store_begin(c->store);

    if (err == 0)
        err = cw_factor_failed(c, account);
    if (err == 0)
        err = cw_audit(c, actor, "second_factor.challenge", "", "DENIED", "%s", why);
    (void)cw_store_end(c->store, err);
    return cw_refuse(reply, CW_ERR_DENIED, "%s", sentence);
}

static int end_good(struct cw_control *c, const struct cw_actor *actor, uint32_t account,
                    const char *what, int err)
{
    if (err == 0)
        err = cw_factor_clear(c, account);
    if (err == 0)
        err = cw_audit(c, actor, "second_factor.challenge", "", "ok", "%s", what);
    return cw_store_end(c->store, err);
}

/* ---- codes ----------------------------------------------------------------------------------- */

int cw_totp_check_now(struct cw_control *c, const struct cw_actor *actor, uint32_t account,
                      const char *code, struct cw_reply *reply)
{
    int err = cw_factor_refuse_locked(c, account, reply);

    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = end_good(c, actor, account, "one-time code", cw_factor_take_totp(c, account, code));
    if (err == CW_ERR_STATE)
        return cw_refuse(
            reply, err, "This needs a one-time code, and your account has none: set one up first.");
    if (err == CW_ERR_USED)
        return failed(c, actor, account, "a code that was used",
                      "This code was used already. Wait for the next one.", reply);
    if (err == CW_ERR_DENIED)
        return failed(c, actor, account, "wrong code", "The code is wrong.", reply);
    return err;
}

/* ---- authenticators -------------------------------------------------------------------------- */

static int list_id(void *user, const struct cw_authenticator *a)
{
    char id[CW_WEBAUTHN_ID_BYTES_MAX * 4 / 3 + 4];

    cw_base64url_encode(a->key.id, a->key.id_bytes, id);
    return json_array_append_new(user, json_string(id)) == 0 ? 0 : CW_ERR_NOMEM;
}

int cw_op_factor_challenge(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    char token[CW_TOKEN_TEXT_BYTES + 1];
    struct cw_sign_in_attempt *attempt = NULL;
    json_t *allow = json_array();
    int err = cw_body_only(request->body, "", reply);

    if (err == 0)
        err = cw_factor_refuse_locked(c, request->account, reply);
    if (err == 0)
        err = cw_store_authenticator_each(c->store, request->account, list_id, allow);
    if (err == 0 && json_array_size(allow) == 0)
        err = cw_refuse(reply, CW_ERR_STATE, "Your account has no authenticator: register one.");
    if (err == 0) {
        attempt = cw_attempt_new(c, CW_ATTEMPT_CHALLENGE, request->account, request->source, token);
        err = attempt != NULL ? 0 : CW_ERR_NOMEM;
    }
    if (err == 0)
        reply->json = json_pack("{s:s, s:o}", "attempt", token, "webauthn",
                                cw_webauthn_request_json(c, attempt->challenge, allow, true));
    json_decref(allow);
    return err;
}

static int take_touch(struct cw_control *c, const struct cw_actor *actor,
                      const struct cw_sign_in_attempt *attempt, const struct cw_webauthn_room *room,
                      struct cw_reply *reply)
{
    const struct cw_webauthn_site site = cw_webauthn_site(c);
    const char *why = "this authenticator is not registered";
    struct cw_authenticator a = {0};
    uint32_t sign_count = 0;
    int err = cw_store_authenticator_find(c->store, room->id, room->id_bytes, &a);

    if (err == 0 && a.account != attempt->account)
        err = CW_ERR_NOT_FOUND;
    if (err == 0)
        err = cw_webauthn_sign_in(&site, attempt->challenge, &room->answer, &a.key, true,
                                  &sign_count, &why);
    if (err == CW_ERR_NOMEM || err == CW_ERR_INTERNAL)
        return err;
    if (err != 0)
        return failed(c, actor, attempt->account, why, "This authenticator was not accepted.",
                      reply);
    err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_authenticator_used(c->store, a.id, sign_count, cw_control_now_unix_ms(c));
    return end_good(c, actor, attempt->account, "authenticator", err);
}

int cw_authenticator_check_now(struct cw_control *c, const struct cw_actor *actor, uint32_t account,
                               const json_t *body, struct cw_reply *reply)
{
    struct cw_webauthn_room room;
    struct cw_sign_in_attempt *attempt = NULL;
    const char *token = "";
    int err = cw_factor_refuse_locked(c, account, reply);

    if (err != 0)
        return err;
    (void)cw_body_text(body, "attempt", CW_TOKEN_TEXT_BYTES, &token);
    attempt = cw_attempt_find(c, CW_ATTEMPT_CHALLENGE, token);
    if (attempt == NULL || attempt->account != account)
        return cw_refuse(reply, CW_ERR_EXPIRED, "This took too long. Start again.");
    memset(&room, 0, sizeof room);
    if (cw_body_webauthn(json_object_get(body, "credential"), false, &room) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "credential is not what an authenticator gives.");
    attempt->tries++;
    err = take_touch(c, actor, attempt, &room, reply);
    if (err == 0)
        cw_attempt_end(attempt);
    return err;
}
