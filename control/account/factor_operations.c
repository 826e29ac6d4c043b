/* SPDX-License-Identifier: Apache-2.0 */
/* One's own second factors: set up, replaced, removed; and an administrator's reset of somebody's. */
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "control/account/access.h"
#include "control/account/guard.h"
#include "control/account/operations.h"
#include "control/account/sign_in.h"
#include "control/account/totp.h"
#include "control/account/webauthn_body.h"
#include "control/api/body.h"
#include "engine/base/err.h"

/* Who finds a browser signed in does not get to change how its owner signs in. */
static int refuse_stale(const struct cw_request *request, struct cw_reply *reply)
{
    if (request->is_fresh)
        return 0;
    reply->code = "SIGN_IN_AGAIN";
    return cw_refuse(reply, CW_ERR_DENIED,
                     "Sign in again first: how you sign in can be changed in the first %d minutes.",
                     CW_SIGN_IN_FRESH_S / 60);
}

static struct cw_sign_in_attempt *own_attempt(struct cw_control *c,
                                              const struct cw_request *request,
                                              enum cw_attempt_kind kind, struct cw_reply *reply)
{
    const char *token = "";
    struct cw_sign_in_attempt *attempt = NULL;

    (void)cw_body_text(request->body, "attempt", CW_TOKEN_TEXT_BYTES, &token);
    attempt = cw_attempt_find(c, kind, token);
    if (attempt != NULL && attempt->account == request->account)
        return attempt;
    (void)cw_refuse(reply, CW_ERR_EXPIRED, "This took too long. Start again.");
    return NULL;
}

static int list_authenticator(void *user, const struct cw_authenticator *a)
{
    return json_array_append_new(
               user, json_pack("{s:I, s:s, s:I, s:o}", "id", (json_int_t)a->id, "name", a->name,
                               "created_unix_ms", (json_int_t)a->created_ms, "last_used_unix_ms",
                               a->last_used_ms != 0 ? json_integer((json_int_t)a->last_used_ms)
                                                    : json_null())) == 0
               ? 0
               : CW_ERR_NOMEM;
}

int cw_op_factor_list(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply)
{
    const bool is_required =
        cw_access_of(c, request->account)->rules.second_factor == CW_FACTOR_REQUIRED;
    struct cw_factors factors = {0};
    json_t *rows = NULL;
    int err = cw_factors_of(c, request->account, &factors);

    if (err != 0)
        return err;
    rows = json_array();
    err = cw_store_authenticator_each(c->store, request->account, list_authenticator, rows);
    reply->json = json_pack("{s:b, s:b, s:I, s:o}", "required", is_required, "totp",
                            factors.has_totp, "recovery_codes_left",
                            (json_int_t)factors.recovery_codes, "authenticators", rows);
    return err;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* A factor was added: the step is done, and who has no recovery codes gets some. */
static int after_adding(struct cw_control *c, const struct cw_request *request, bool renews_codes,
                        json_t **ret_codes)
{
    uint32_t left = 0;
    int err = cw_store_sign_in_done(c->store, request->sign_in, CW_DUE_FACTOR);

    if (err == 0)
        err = cw_store_recovery_count(c->store, request->account, &left);
    if (err == 0 && (left == 0 || renews_codes))
        err = cw_recovery_renew(c, request->account, ret_codes);
    return err;
}

static int end_change(struct cw_control *c, const struct cw_request *request, const char *action,
                      const char *object, const char *detail, int err)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);

    if (err == 0)
        err = cw_audit(c, &actor, action, object, "ok", "%s", detail);
    return cw_store_end(c->store, err);
}

static json_t *codes_json(json_t *codes)
{
    return codes != NULL ? codes : json_null();
}

/* ---- codes ----------------------------------------------------------------------------------- */

/* Letters, digits and what is not reserved stay; the rest is escaped byte by byte. */
static void uri_escape(const char *text, char *out, size_t size)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    size_t at = 0;

    for (; *text != '\0' && at + 4 < size; text++) {
        if (strchr(plain, *text) != NULL)
            out[at++] = *text;
        else
            at += (size_t)snprintf(out + at, size - at, "%%%02X", (unsigned)(unsigned char)*text);
    }
    out[at] = '\0';
}

int cw_op_totp_begin(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply)
{
    char secret[CW_TOTP_SECRET_BYTES * 8 / 5 + 2];
    char token[CW_TOKEN_TEXT_BYTES + 1];
    char issuer[3 * CW_HOST_BYTES_MAX + 4];
    char user[3 * CW_USER_BYTES_MAX + 4];
    struct cw_account account;
    struct cw_sign_in_attempt *attempt = NULL;
    int err = cw_body_only(request->body, "", reply);

    if (err == 0)
        err = refuse_stale(request, reply);
    if (err == 0)
        err = cw_store_account_get(c->store, request->account, &account);
    if (err != 0)
        return err;
    attempt = cw_attempt_new(c, CW_ATTEMPT_TOTP, account.id, request->source, token);
    if (attempt == NULL)
        return CW_ERR_NOMEM;
    cw_totp_base32(attempt->challenge, CW_TOTP_SECRET_BYTES, secret);
    uri_escape(c->name, issuer, sizeof issuer);
    uri_escape(account.user, user, sizeof user);
    reply->json = json_pack(
        "{s:s, s:s, s:o}", "attempt", token, "secret", secret, "uri",
        json_sprintf("otpauth://totp/%s:%s?secret=%s&issuer=%s", issuer, user, secret, issuer));
    OPENSSL_cleanse(secret, sizeof secret);
    return 0;
}

int cw_op_totp_confirm(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    struct cw_totp_row row = {0};
    struct cw_sign_in_attempt *attempt = NULL;
    const char *code = "";
    json_t *codes = NULL;
    int err = cw_body_only(request->body, "attempt code", reply);

    if (err == 0)
        err = refuse_stale(request, reply);
    if (err != 0)
        return err;
    attempt = own_attempt(c, request, CW_ATTEMPT_TOTP, reply);
    if (attempt == NULL)
        return CW_ERR_EXPIRED;
    (void)cw_body_text(request->body, "code", 64, &code);
    attempt->tries++;
    if (cw_totp_check(attempt->challenge, CW_TOTP_SECRET_BYTES, code,
                      cw_control_now_unix_ms(c) / 1000, 0, &row.last_step) != 0)
        return cw_refuse(reply, CW_ERR_DENIED,
                         "The code is wrong. Check that the clock of your device is right.");
    err =
        cw_seal(c, "totp", request->account, attempt->challenge, CW_TOTP_SECRET_BYTES, row.sealed);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_totp_put(c->store, request->account, &row);
    if (err == 0)
        err = after_adding(c, request, true, &codes);
    err = end_change(c, request, "second_factor.set_up", "one-time codes", "", err);
    if (err == 0) {
        cw_attempt_end(attempt);
        reply->json =
            json_pack("{s:o, s:s?}", "recovery_codes", codes_json(codes), "next",
                      cw_due_next((uint8_t)(request->due & ~CW_DUE_FACTOR), request->must_change));
    }
    return err;
}

/* A factor may go when another stays, or when none is required. */
static int refuse_last(struct cw_control *c, const struct cw_request *request, bool is_totp,
                       struct cw_reply *reply)
{
    struct cw_factors factors = {0};
    int err = cw_factors_of(c, request->account, &factors);

    if (is_totp && !factors.has_totp)
        return cw_refuse(reply, CW_ERR_STATE, "You have no one-time codes.");
    if (err == 0 && cw_access_of(c, request->account)->rules.second_factor == CW_FACTOR_REQUIRED &&
        factors.authenticators + factors.has_totp == 1)
        err = cw_refuse(reply, CW_ERR_STATE,
                        "A second factor is required: set another one up before you remove this.");
    return err;
}

int cw_op_totp_remove(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply)
{
    int err = refuse_stale(request, reply);

    if (err == 0)
        err = refuse_last(c, request, true, reply);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_totp_remove(c->store, request->account);
    return end_change(c, request, "second_factor.remove", "one-time codes", "", err);
}

int cw_op_recovery_renew(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    struct cw_factors factors = {0};
    json_t *codes = NULL;
    int err = refuse_stale(request, reply);

    if (err == 0)
        err = cw_factors_of(c, request->account, &factors);
    if (err == 0 && !cw_factors_are_any(&factors))
        err = cw_refuse(reply, CW_ERR_STATE,
                        "Recovery codes stand in for a second factor, and you have none.");
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_recovery_renew(c, request->account, &codes);
    err = end_change(c, request, "second_factor.recovery_codes", "", "ten new ones", err);
    if (err == 0)
        reply->json = json_pack("{s:o}", "recovery_codes", codes_json(codes));
    return err;
}

/* ---- authenticators -------------------------------------------------------------------------- */

static int list_id(void *user, const struct cw_authenticator *a)
{
    char id[CW_WEBAUTHN_ID_BYTES_MAX * 4 / 3 + 4];

    cw_base64url_encode(a->key.id, a->key.id_bytes, id);
    return json_array_append_new(user, json_string(id)) == 0 ? 0 : CW_ERR_NOMEM;
}

static int refuse_more(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    uint32_t count = 0;
    int err = refuse_stale(request, reply);

    if (err == 0)
        err = cw_store_authenticator_count(c->store, request->account, &count);
    if (err == 0 && count >= CW_AUTHENTICATORS_MAX)
        err = cw_refuse(reply, CW_ERR_FULL,
                        "You have %d authenticators, and no more can be registered.",
                        CW_AUTHENTICATORS_MAX);
    return err;
}

int cw_op_authenticator_begin(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply)
{
    const struct cw_webauthn_site site = cw_webauthn_site(c);
    char token[CW_TOKEN_TEXT_BYTES + 1];
    char challenge[CW_WEBAUTHN_CHALLENGE_BYTES * 4 / 3 + 4];
    char handle_text[CW_SHA256_BYTES * 4 / 3 + 4];
    uint8_t handle[CW_SHA256_BYTES];
    struct cw_account account;
    struct cw_sign_in_attempt *attempt = NULL;
    json_t *exclude = NULL;
    int err = refuse_more(c, request, reply);

    if (err == 0)
        err = cw_store_account_get(c->store, request->account, &account);
    if (err == 0)
        err = cw_account_handle(c, account.id, handle);
    if (err != 0)
        return err;
    attempt = cw_attempt_new(c, CW_ATTEMPT_AUTHENTICATOR, account.id, request->source, token);
    exclude = json_array();
    if (attempt == NULL || exclude == NULL) {
        json_decref(exclude);
        return CW_ERR_NOMEM;
    }
    err = cw_store_authenticator_each(c->store, account.id, list_id, exclude);
    cw_base64url_encode(attempt->challenge, sizeof attempt->challenge, challenge);
    cw_base64url_encode(handle, sizeof handle, handle_text);
    reply->json = json_pack("{s:s, s:{s:s, s:s, s:s, s:s, s:s, s:s, s:[i,i,i], s:o, s:i}}",
                            "attempt", token, "webauthn", "challenge", challenge, "rp_id",
                            site.rp_id, "rp_name", c->name, "user_handle", handle_text, "user",
                            account.user, "display_name", account.display_name, "algorithms", -7,
                            -8, -257, "exclude", exclude, "timeout_s", CW_SIGN_IN_ATTEMPT_S);
    return err;
}

static int write_authenticator(struct cw_control *c, const struct cw_request *request,
                               struct cw_authenticator *a, struct cw_reply *reply)
{
    json_t *codes = NULL;
    int err = cw_store_begin(c->store);

    if (err != 0)
        return err;
    err = cw_store_authenticator_add(c->store, a);
    if (err == 0)
        err = after_adding(c, request, false, &codes);
    err = end_change(c, request, "second_factor.set_up", "authenticator", a->name, err);
    if (err == CW_ERR_CONFLICT)
        return cw_refuse(reply, err, "This authenticator is registered already.");
    if (err == 0)
        reply->json = json_pack(
            "{s:I, s:o, s:s?}", "id", (json_int_t)a->id, "recovery_codes", codes_json(codes),
            "next", cw_due_next((uint8_t)(request->due & ~CW_DUE_FACTOR), request->must_change));
    return err;
}

static int verify_new(struct cw_control *c, const struct cw_request *request,
                      const struct cw_sign_in_attempt *attempt, struct cw_authenticator *ret,
                      struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    const struct cw_webauthn_site site = cw_webauthn_site(c);
    struct cw_webauthn_room room;
    const char *why = "";
    int err = 0;

    memset(&room, 0, sizeof room);
    if (cw_body_webauthn(json_object_get(request->body, "credential"), true, &room) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "credential is not what an authenticator gives.");
    err = cw_webauthn_register(&site, attempt->challenge, &room.answer, &ret->key, &why);
    if (err == 0 &&
        (ret->key.id_bytes != room.id_bytes || memcmp(ret->key.id, room.id, room.id_bytes) != 0)) {
        why = "it gave two names for itself";
        err = CW_ERR_INVALID;
    }
    if (err == 0 || err == CW_ERR_NOMEM)
        return err;
    cw_audit_refused(c, &actor, "second_factor.set_up", "authenticator", "DENIED", "%s", why);
    return cw_refuse(reply, CW_ERR_DENIED, "The authenticator was not accepted: %s.", why);
}

int cw_op_authenticator_add(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply)
{
    struct cw_authenticator a = {.account = request->account,
                                 .created_ms = cw_control_now_unix_ms(c)};
    struct cw_sign_in_attempt *attempt = NULL;
    int err = cw_body_only(request->body, "attempt credential name", reply);

    if (err == 0)
        err = refuse_more(c, request, reply);
    if (err == 0 && cw_body_name(request->body, "name", a.name) != 0)
        err =
            cw_refuse(reply, CW_ERR_INVALID, "A name must be one line of at most 128 characters.");
    if (err != 0)
        return err;
    if (a.name[0] == '\0')
        snprintf(a.name, sizeof a.name, "Authenticator");
    attempt = own_attempt(c, request, CW_ATTEMPT_AUTHENTICATOR, reply);
    if (attempt == NULL)
        return CW_ERR_EXPIRED;
    attempt->tries++;
    err = verify_new(c, request, attempt, &a, reply);
    if (err == 0)
        err = write_authenticator(c, request, &a, reply);
    if (err == 0)
        cw_attempt_end(attempt);
    return err;
}

int cw_op_authenticator_remove(struct cw_control *c, const struct cw_request *request,
                               struct cw_reply *reply)
{
    char object[40];
    int err = refuse_stale(request, reply);

    if (err == 0)
        err = refuse_last(c, request, false, reply);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "authenticator %u", request->path_id);
    err = cw_store_authenticator_remove(c->store, request->account, request->path_id);
    err = end_change(c, request, "second_factor.remove", object, "", err);
    if (err == CW_ERR_NOT_FOUND)
        return cw_refuse(reply, err, "You have no authenticator with that number.");
    return err;
}

/* ---- an administrator's reset ---------------------------------------------------------------- */

int cw_op_factor_reset(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    struct cw_account account;
    char object[32];
    int err = cw_account_of_request(c, request, reply, &account);

    if (err == 0)
        err = cw_account_may_change(c, request, "second_factor.reset", &account, reply);
    if (err == 0)
        err = cw_guard_refuse_takeover(c, request, &account, reply);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "account %u", account.id);
    err = cw_factor_remove_all(c, account.id);
    return end_change(c, request, "second_factor.reset", object, account.user, err);
}
