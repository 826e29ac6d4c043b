/* SPDX-License-Identifier: Apache-2.0 */
/* The second step of signing in: a code, a recovery code or an authenticator; or an authenticator alone. */
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "control/account/operations.h"
#include "control/account/sign_in.h"
#include "control/account/webauthn_body.h"
#include "control/api/body.h"
#include "engine/base/err.h"

static const char start_again[] =
    "This sign-in took too long or was tried too often. Start again with your password.";

/* The attempt of the body, whose account may still try; NULL: reply and *ret_err say why. */
static struct cw_sign_in_attempt *attempt_of(struct cw_control *c, const struct cw_request *request,
                                             struct cw_reply *reply, int *ret_err)
{
    const char *token = "";
    struct cw_sign_in_attempt *attempt = NULL;
    uint32_t wait_s =
        cw_budget_wait_s(&c->budget, CW_BUDGET_SIGN_IN, request->source, cw_control_now_unix_ms(c));

    if (wait_s > 0) {
        reply->retry_after_s = wait_s;
        *ret_err = cw_refuse(reply, CW_ERR_FULL,
                             "Too many failed attempts. Wait %u seconds and try again.", wait_s);
        return NULL;
    }
    (void)cw_body_text(request->body, "attempt", CW_TOKEN_TEXT_BYTES, &token);
    attempt = cw_attempt_find(c, CW_ATTEMPT_SIGN_IN, token);
    if (attempt == NULL) {
        cw_budget_charge(&c->budget, CW_BUDGET_SIGN_IN, request->source, cw_control_now_unix_ms(c));
        *ret_err = cw_refuse(reply, CW_ERR_EXPIRED, "%s", start_again);
        return NULL;
    }
    *ret_err = attempt->account != 0 ? cw_factor_refuse_locked(c, attempt->account, reply) : 0;
    return *ret_err == 0 ? attempt : NULL;
}

/* Counted against the account, the attempt and the source; audited. */
static int failed(struct cw_control *c, const struct cw_request *request,
                  struct cw_sign_in_attempt *attempt, uint32_t account, const char *why,
                  const char *sentence, struct cw_reply *reply)
{
    struct cw_account row;
    struct cw_actor actor = cw_actor_named("nobody", request->source);
    int err = 0;

    cw_budget_charge(&c->budget, CW_BUDGET_SIGN_IN, request->source, cw_control_now_unix_ms(c));
    attempt->tries++;
    if (account != 0 && cw_store_account_get(c->store, account, &row) == 0)
        actor = cw_actor_named(row.user, request->source);
    err = cw_store_begin(c->store);
    if (err == 0 && account != 0)
        err = cw_factor_failed(c, account);
    if (err == 0)
        err = cw_audit(c, &actor, "sign_in.second_factor", "", "DENIED", "%s", why);
    (void)cw_store_end(c->store, err);
    return cw_refuse(reply, CW_ERR_DENIED, "%s",
                     attempt->tries < CW_SIGN_IN_ATTEMPT_TRIES ? sentence : start_again);
}

static struct cw_signing signing_of(const struct cw_request *request,
                                    const struct cw_sign_in_attempt *attempt)
{
    struct cw_signing s = {.account = attempt->account, .is_remembered = attempt->is_remembered};

    snprintf(s.source, sizeof s.source, "%s", request->source);
    return s;
}

/* ---- codes ----------------------------------------------------------------------------------- */

static int prove_totp(struct cw_control *c, const struct cw_signing *s)
{
    int err = cw_factor_take_totp(c, s->account, s->proof);

    return err == 0 ? cw_factor_clear(c, s->account) : err;
}

static int prove_recovery(struct cw_control *c, const struct cw_signing *s)
{
    int err = cw_factor_take_recovery(c, s->account, s->proof);

    return err == 0 ? cw_factor_clear(c, s->account) : err;
}

static int take_code(struct cw_control *c, const struct cw_request *request, bool is_recovery,
                     struct cw_reply *reply)
{
    struct cw_signing s;
    struct cw_sign_in_attempt *attempt = NULL;
    const char *code = "";
    int err = cw_body_only(request->body, "attempt code", reply);

    if (err == 0)
        attempt = attempt_of(c, request, reply, &err);
    if (attempt == NULL)
        return err;
    if (cw_body_text(request->body, "code", 64, &code) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "Enter the code.");
    if (attempt->account == 0)
        return cw_refuse(reply, CW_ERR_STATE, "Enter your user name and your password first.");
    s = signing_of(request, attempt);
    s.how = is_recovery ? "password and recovery code" : "password and one-time code";
    s.prove = is_recovery ? prove_recovery : prove_totp;
    s.proof = code;
    err = cw_sign_in_complete(c, &s, reply);
    if (err == 0)
        cw_attempt_end(attempt);
    if (err == 0 || reply->message[0] != '\0')
        return err;
    if (err == CW_ERR_USED)
        return failed(c, request, attempt, attempt->account, "a code that was used",
                      "This code was used already. Wait for the next one.", reply);
    if (err == CW_ERR_DENIED)
        return failed(c, request, attempt, attempt->account,
                      is_recovery ? "wrong recovery code" : "wrong one-time code",
                      is_recovery ? "This is none of your recovery codes, or it was used already."
                                  : "The code is wrong.",
                      reply);
    if (err == CW_ERR_STATE)
        return cw_refuse(reply, err, "This account does not sign in with one-time codes.");
    return err;
}

int cw_op_sign_in_code(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    return take_code(c, request, false, reply);
}

int cw_op_sign_in_recovery(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    return take_code(c, request, true, reply);
}

/* ---- authenticators -------------------------------------------------------------------------- */

int cw_op_sign_in_webauthn_begin(struct cw_control *c, const struct cw_request *request,
                                 struct cw_reply *reply)
{
    char token[CW_TOKEN_TEXT_BYTES + 1];
    struct cw_sign_in_attempt *attempt = NULL;
    json_t *allow = NULL;
    bool is_remembered = false;
    int err = cw_body_only(request->body, "remember", reply);

    if (err == 0 && cw_body_bool(request->body, "remember", &is_remembered) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "remember must be true or false.");
    if (err != 0)
        return err;
    attempt = cw_attempt_new(c, CW_ATTEMPT_SIGN_IN, 0, request->source, token);
    if (attempt == NULL)
        return CW_ERR_NOMEM;
    attempt->is_remembered = is_remembered;
    allow = json_array();
    reply->json = json_pack("{s:s, s:o}", "attempt", token, "webauthn",
                            cw_webauthn_request_json(c, attempt->challenge, allow, true));
    json_decref(allow);
    return 0;
}

struct proof {
    uint32_t authenticator;
    uint32_t sign_count;
};

static int prove_authenticator(struct cw_control *c, const struct cw_signing *s)
{
    const struct proof *proof = s->proof;
    int err = cw_store_authenticator_used(c->store, proof->authenticator, proof->sign_count,
                                          cw_control_now_unix_ms(c));

    return err == 0 ? cw_factor_clear(c, s->account) : err;
}

/* The authenticator is the account's, or (without a password) says itself whose it is. */
static bool is_allowed(struct cw_control *c, const struct cw_sign_in_attempt *attempt,
                       const struct cw_webauthn_room *room, const struct cw_authenticator *a)
{
    uint8_t handle[CW_SHA256_BYTES];

    if (attempt->account != 0 && attempt->account != a->account)
        return false;
    if (attempt->account != 0 && room->handle_bytes == 0)
        return true;
    return room->handle_bytes == sizeof handle && cw_account_handle(c, a->account, handle) == 0 &&
           CRYPTO_memcmp(handle, room->handle, sizeof handle) == 0;
}

static int check_authenticator(struct cw_control *c, const struct cw_request *request,
                               struct cw_sign_in_attempt *attempt,
                               const struct cw_webauthn_room *room, struct cw_reply *reply)
{
    const struct cw_webauthn_site site = cw_webauthn_site(c);
    const bool is_alone = attempt->account == 0;
    const char *why = "this authenticator is not registered";
    struct cw_signing s = signing_of(request, attempt);
    struct cw_authenticator a = {0};
    struct proof proof = {0};
    int err = cw_store_authenticator_find(c->store, room->id, room->id_bytes, &a);

    if (err == 0 && !is_allowed(c, attempt, room, &a))
        err = CW_ERR_NOT_FOUND;
    if (err == 0 && is_alone)
        err = cw_factor_refuse_locked(c, a.account, reply);
    if (reply->message[0] != '\0')
        return err;
    if (err == 0)
        err = cw_webauthn_sign_in(&site, attempt->challenge, &room->answer, &a.key, is_alone,
                                  &proof.sign_count, &why);
    if (err == CW_ERR_NOMEM || err == CW_ERR_INTERNAL)
        return err;
    if (err != 0)
        return failed(c, request, attempt, is_alone ? 0 : attempt->account, why,
                      err == CW_ERR_USED
                          ? "This authenticator's counter went back: it may have been copied. Ask "
                            "an administrator."
                          : "This authenticator was not accepted.",
                      reply);
    proof.authenticator = a.id;
    s.account = a.account;
    s.how = is_alone ? "authenticator" : "password and authenticator";
    s.prove = prove_authenticator;
    s.proof = &proof;
    err = cw_sign_in_complete(c, &s, reply);
    if (err == 0)
        cw_attempt_end(attempt);
    return err;
}

int cw_op_sign_in_webauthn(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    struct cw_webauthn_room room;
    struct cw_sign_in_attempt *attempt = NULL;
    int err = cw_body_only(request->body, "attempt credential", reply);

    if (err == 0)
        attempt = attempt_of(c, request, reply, &err);
    if (attempt == NULL)
        return err;
    memset(&room, 0, sizeof room);
    if (cw_body_webauthn(json_object_get(request->body, "credential"), false, &room) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "credential is not what an authenticator gives.");
    return check_authenticator(c, request, attempt, &room, reply);
}
