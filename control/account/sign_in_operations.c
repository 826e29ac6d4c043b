/* SPDX-License-Identifier: Apache-2.0 */
/* Signing in and out, one's own password, who one is. */
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "control/account/password.h"
#include "control/account/right.h"
#include "control/account/sign_in.h"
#include "control/account/webauthn_body.h"
#include "control/api/body.h"
#include "control/api/operations.h"
#include "control/link/link_server.h"
#include "control/session/event.h"
#include "control/store/store_team.h"
#include "control/team/team.h"
#include "engine/base/err.h"
#include "engine/wire/frame.h"

/* ---- sign_in --------------------------------------------------------------------------------- */

static int refuse_wait(struct cw_control *c, const struct cw_actor *actor, struct cw_reply *reply,
                       uint32_t wait_s, const char *what)
{
    if (cw_budget_may_audit(&c->budget, actor->source, what, cw_control_now_unix_ms(c)))
        cw_audit_refused(c, actor, "sign_in", "", "FULL", "%s, wait %u s", what, wait_s);
    if (wait_s == CW_LOCK_FOR_GOOD_S)
        return cw_refuse(reply, CW_ERR_DENIED,
                         "Too many failed attempts: an administrator must unlock this name.");
    reply->retry_after_s = wait_s;
    return cw_refuse(reply, CW_ERR_FULL, "Too many failed attempts. Wait %u seconds and try again.",
                     wait_s);
}

static int sign_in_failed(struct cw_control *c, struct cw_pending *p, struct cw_reply *reply)
{
    int err = 0;

    cw_budget_charge(&c->budget, CW_BUDGET_SIGN_IN, p->request.source, cw_control_now_unix_ms(c));
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_lock_count(c, p->name_hash);
    if (err == 0)
        err = cw_audit(c, &p->actor, "sign_in", "", "DENIED", "%s",
                       p->account.id == 0      ? "unknown user name"
                       : p->account.is_enabled ? "wrong password"
                                               : "the account is disabled");
    /* Refused all the same when it could not be written. */
    (void)cw_store_end(c->store, err);
    return cw_refuse(reply, CW_ERR_DENIED, "The user name or the password is wrong.");
}

static int list_credential(void *user, const struct cw_authenticator *a)
{
    char id[CW_WEBAUTHN_ID_BYTES_MAX * 4 / 3 + 4];

    cw_base64url_encode(a->key.id, a->key.id_bytes, id);
    return json_array_append_new(user, json_string(id)) == 0 ? 0 : CW_ERR_NOMEM;
}

/* What the second step needs; no cookie yet. */
static int ask_factor(struct cw_control *c, struct cw_pending *p, const struct cw_factors *factors,
                      struct cw_reply *reply)
{
    char token[CW_TOKEN_TEXT_BYTES + 1] = "";
    struct cw_sign_in_attempt *attempt = NULL;
    json_t *kinds = json_array();
    json_t *allow = json_array();
    int err = cw_factor_refuse_locked(c, p->account.id, reply);

    if (err == 0) {
        attempt = cw_attempt_new(c, CW_ATTEMPT_SIGN_IN, p->account.id, p->request.source, token);
        err = attempt != NULL ? 0 : CW_ERR_NOMEM;
    }
    if (factors->authenticators > 0)
        (void)json_array_append_new(kinds, json_string("webauthn"));
    if (factors->has_totp)
        (void)json_array_append_new(kinds, json_string("totp"));
    if (factors->recovery_codes > 0)
        (void)json_array_append_new(kinds, json_string("recovery_code"));
    if (err == 0)
        err = cw_store_authenticator_each(c->store, p->account.id, list_credential, allow);
    if (err == 0) {
        attempt->is_remembered = p->is_remembered;
        reply->json = json_pack("{s:s, s:s, s:O, s:o}", "next", "second_factor", "attempt", token,
                                "factors", kinds, "webauthn",
                                cw_webauthn_request_json(c, attempt->challenge, allow, false));
    } else if (attempt != NULL) {
        cw_attempt_end(attempt);
    }
    json_decref(kinds);
    json_decref(allow);
    OPENSSL_cleanse(token, sizeof token);
    return err;
}

/* A hash with today's parameters; not worth failing over. */
static void store_rehash(struct cw_control *c, const struct cw_pending *p,
                         const struct cw_account *now)
{
    int err = p->job.hash[0] != '\0' ? cw_store_begin(c->store) : CW_ERR_NOT_FOUND;

    if (err == CW_ERR_NOT_FOUND)
        return;
    if (err == 0)
        err = cw_store_account_set_password(c->store, now->id, p->job.hash, now->must_change);
    (void)cw_store_end(c->store, err);
}

static int sign_in_finish(struct cw_control *c, struct cw_pending *p, struct cw_reply *reply)
{
    struct cw_signing signing = {.account = p->account.id, .how = "password"};
    struct cw_factors factors = {0};
    struct cw_account now;
    int err = p->job.err;

    if (err != 0 && err != CW_ERR_DENIED)
        return err;
    if (err == CW_ERR_DENIED || p->account.id == 0 || !p->account.is_enabled)
        return sign_in_failed(c, p, reply);
    /* The caller is gone, or the password changed while it was being checked. */
    if (!p->has_waiter || cw_store_account_get(c->store, p->account.id, &now) != 0 ||
        strcmp(now.password, p->account.password) != 0 || !now.is_enabled)
        return cw_refuse(reply, CW_ERR_DENIED, "The user name or the password is wrong.");
    store_rehash(c, p, &now);
    err = cw_factors_of(c, now.id, &factors);
    if (err == 0 && cw_factors_are_any(&factors)) {
        err = cw_sign_in_refuse_rules(c, &now, p->request.source, reply);
        return err == 0 ? ask_factor(c, p, &factors, reply) : err;
    }
    if (err != 0)
        return err;
    signing.is_remembered = p->is_remembered;
    snprintf(signing.source, sizeof signing.source, "%s", p->request.source);
    return cw_sign_in_complete(c, &signing, reply);
}

static int sign_in_submit(struct cw_control *c, const struct cw_request *request,
                          const struct cw_actor *actor, const char *user, const char *password,
                          const uint8_t *name_hash, bool is_remembered, struct cw_reply *reply)
{
    struct cw_pending *p = cw_pending_new(c, request);
    int err = 0;

    if (p == NULL)
        return CW_ERR_NOMEM;
    p->finish = sign_in_finish;
    p->is_remembered = is_remembered;
    p->actor = *actor;
    memcpy(p->name_hash, name_hash, sizeof p->name_hash);
    snprintf(p->job.password, sizeof p->job.password, "%s", password);
    err = cw_store_account_find(c->store, user, &p->account);
    if (err == 0) {
        memcpy(p->job.stored, p->account.password, sizeof p->job.stored);
        snprintf(p->actor.name, sizeof p->actor.name, "%s", p->account.user);
    } else if (err == CW_ERR_NOT_FOUND) {
        p->account.id = 0;
        memcpy(p->job.stored, c->dummy_hash, sizeof p->job.stored);
    } else {
        cw_pending_free(p);
        return err;
    }
    return cw_pending_submit(c, p, reply);
}

int cw_op_sign_in(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_named("nobody", request->source);
    const char *user = NULL;
    const char *password = NULL;
    uint8_t name_hash[CW_SHA256_BYTES];
    bool is_remembered = false;
    uint32_t wait_s =
        cw_budget_wait_s(&c->budget, CW_BUDGET_SIGN_IN, request->source, cw_control_now_unix_ms(c));
    int err = 0;

    if (wait_s > 0)
        return refuse_wait(c, &actor, reply, wait_s, "too many failures from this address");
    if (cw_body_text(request->body, "user", CW_USER_BYTES_MAX, &user) != 0 ||
        cw_body_text(request->body, "password", CW_PASSWORD_BYTES_MAX, &password) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "Enter a user name and a password.");
    if (cw_body_bool(request->body, "remember", &is_remembered) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "remember must be true or false.");
    err = cw_lock_name_hash(user, name_hash);
    if (err == 0)
        err = cw_lock_wait(c, name_hash, &wait_s);
    if (err != 0)
        return err;
    if (wait_s > 0)
        return refuse_wait(c, &actor, reply, wait_s, "the name is locked");
    return sign_in_submit(c, request, &actor, user, password, name_hash, is_remembered, reply);
}

int cw_op_sign_out(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    uint32_t left = 1;
    int err = cw_store_begin(c->store);

    if (err == 0)
        err = cw_store_sign_in_remove(c->store, request->sign_in);
    if (err == 0)
        err = cw_store_sign_in_count(c->store, request->account, &left);
    if (err == 0)
        err = cw_audit(c, &actor, "sign_out", "", "ok", "%s", "");
    err = cw_store_end(c->store, err);
    if (err != 0)
        return err;
    if (left == 0) {
        cw_event_signed_out(c, request->account, "You signed out.");
        cw_send_drop_console(c, request->account, CW_CLOSE_OK);
    }
    snprintf(reply->set_cookie, sizeof reply->set_cookie, "-");
    return 0;
}

/* ---- password.change ------------------------------------------------------------------------- */

static int password_failed(struct cw_control *c, struct cw_pending *p, const char *action,
                           struct cw_reply *reply)
{
    int err = cw_store_begin(c->store);

    if (err == 0)
        err = cw_lock_count(c, p->name_hash);
    if (err == 0)
        err = cw_audit(c, &p->actor, action, p->account.user, "DENIED", "wrong current password");
    (void)cw_store_end(c->store, err);
    return cw_refuse(reply, CW_ERR_DENIED, "The current password is wrong.");
}

static int change_finish(struct cw_control *c, struct cw_pending *p, struct cw_reply *reply)
{
    char token[CW_TOKEN_TEXT_BYTES + 1];
    struct cw_account now;
    int err = p->job.err;

    if (err == CW_ERR_DENIED)
        return password_failed(c, p, "password.change", reply);
    if (err == 0)
        err = cw_store_account_get(c->store, p->account.id, &now);
    if (err != 0)
        return err;
    if (!now.is_enabled)
        return cw_refuse(reply, CW_ERR_DENIED, "This account cannot sign in.");
    if (strcmp(now.password, p->account.password) != 0)
        return cw_refuse(reply, CW_ERR_CONFLICT, "The password was changed meanwhile.");
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_account_set_password(c->store, now.id, p->job.hash, false);
    if (err == 0)
        err = cw_store_sign_in_remove_all(c->store, now.id);
    if (err == 0)
        err = cw_sign_in_make(c, now.id, p->request.due, p->request.is_remembered,
                              p->request.is_fresh, p->request.source, token);
    if (err == 0)
        err = cw_store_lock_clear(c->store, p->name_hash);
    if (err == 0)
        err = cw_audit(c, &p->actor, "password.change", now.user, "ok", "%s", "");
    err = cw_store_end(c->store, err);
    if (err == 0) {
        snprintf(reply->set_cookie, sizeof reply->set_cookie, "%s", token);
        if (p->request.is_remembered)
            reply->cookie_life_s = (uint32_t)cw_sign_in_limits_of(c).remembered_s;
        reply->json = json_pack("{s:s?}", "next", cw_due_next(p->request.due, false));
        /* Consoles of other browsers find out when they ask for a new event ticket. */
        cw_send_drop_console(c, now.id, CW_CLOSE_OK);
    }
    OPENSSL_cleanse(token, sizeof token);
    return err;
}

int cw_op_password_change(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply)
{
    const char *current = NULL;
    const char *fresh = NULL;
    const char *objection = NULL;
    struct cw_pending *p = NULL;
    uint32_t wait_s = 0;
    int err = 0;

    if (cw_body_text(request->body, "current", CW_PASSWORD_BYTES_MAX, &current) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "Enter the current password.");
    /* Longer than allowed is looked at, so that the answer can say so. */
    if (cw_body_text(request->body, "new", 64 * 1024, &fresh) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "Enter a new password.");
    p = cw_pending_new(c, request);
    if (p == NULL)
        return CW_ERR_NOMEM;
    p->finish = change_finish;
    err = cw_store_account_get(c->store, request->account, &p->account);
    if (err == 0)
        err = cw_lock_name_hash(p->account.user, p->name_hash);
    if (err == 0)
        err = cw_lock_wait(c, p->name_hash, &wait_s);
    if (err == 0 && wait_s > 0)
        err = refuse_wait(c, &p->actor, reply, wait_s, "the name is locked");
    if (err == 0)
        objection = cw_password_objection(fresh, strlen(fresh), p->account.user, current);
    if (objection != NULL)
        err = cw_refuse(reply, CW_ERR_INVALID, "%s", objection);
    if (err != 0) {
        cw_pending_free(p);
        return err;
    }
    memcpy(p->job.stored, p->account.password, sizeof p->job.stored);
    snprintf(p->job.password, sizeof p->job.password, "%s", current);
    snprintf(p->job.fresh, sizeof p->job.fresh, "%s", fresh);
    return cw_pending_submit(c, p, reply);
}

/* ---- password.check: a locked console asks whether its person is there ------------------------ */

static int check_finish(struct cw_control *c, struct cw_pending *p, struct cw_reply *reply)
{
    int err = p->job.err;

    if (err == CW_ERR_DENIED)
        return password_failed(c, p, "password.check", reply);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_lock_clear(c->store, p->name_hash);
    if (err == 0)
        err = cw_audit(c, &p->actor, "password.check", p->account.user, "ok", "%s", "");
    return cw_store_end(c->store, err);
}

int cw_op_password_check(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    const char *password = NULL;
    uint32_t wait_s = 0;
    struct cw_pending *p = NULL;
    int err = cw_body_only(request->body, "password", reply);

    if (err == 0 && cw_body_text(request->body, "password", CW_PASSWORD_BYTES_MAX, &password) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "Enter your password.");
    if (err != 0)
        return err;
    p = cw_pending_new(c, request);
    if (p == NULL)
        return CW_ERR_NOMEM;
    p->finish = check_finish;
    err = cw_store_account_get(c->store, request->account, &p->account);
    if (err == 0)
        err = cw_lock_name_hash(p->account.user, p->name_hash);
    if (err == 0)
        err = cw_lock_wait(c, p->name_hash, &wait_s);
    if (err == 0 && wait_s > 0)
        err = refuse_wait(c, &p->actor, reply, wait_s, "the name is locked");
    if (err != 0) {
        cw_pending_free(p);
        return err;
    }
    memcpy(p->job.stored, p->account.password, sizeof p->job.stored);
    snprintf(p->job.password, sizeof p->job.password, "%s", password);
    return cw_pending_submit(c, p, reply);
}

/* ---- who one is ------------------------------------------------------------------------------ */

/* So that a page shows only what may be done; each operation still asks. */
static json_t *me_rights(struct cw_control *c, uint32_t account)
{
    json_t *names = json_array();

    for (unsigned i = 1; i < CW_RIGHT_COUNT; i++)
        if (cw_right_has(c, account, (enum cw_right)i))
            (void)json_array_append_new(names, json_string(cw_right_name((enum cw_right)i)));
    return names;
}

static int me_team(void *user, const struct cw_team_member *member)
{
    return json_array_append_new(user, json_pack("{s:I, s:s, s:s}", "id", (json_int_t)member->team,
                                                 "name", member->team_name, "role",
                                                 cw_team_role_name(member->role))) == 0
               ? 0
               : CW_ERR_NOMEM;
}

int cw_op_me_show(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply)
{
    struct cw_account account;
    char identity[65];
    json_t *teams = NULL;
    int err = cw_store_account_get(c->store, request->account, &account);

    if (err != 0)
        return err;
    teams = json_array();
    err = cw_store_member_of_account(c->store, request->account, me_team, teams);
    cw_identity_hex(c, identity);
    reply->json =
        json_pack("{s:o, s:{s:s, s:s, s:s}, s:o, s:o, s:s?}", "account", cw_me_json(&account),
                  "appliance", "name", c->name, "version", c->version, "identity", identity,
                  "rights", me_rights(c, request->account), "teams", teams, "next",
                  cw_due_next(request->due, request->must_change));
    return err;
}
