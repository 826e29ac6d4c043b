/* SPDX-License-Identifier: Apache-2.0 */
/* API accounts: made and changed by people; tokens, taken by the programs themselves. */
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "control/account/access_body.h"
#include "control/account/guard.h"
#include "control/account/network.h"
#include "control/api/api_account.h"
#include "control/api/body.h"
#include "control/api/operations.h"
#include "control/audit/audit.h"
#include "engine/base/err.h"
#include "engine/wire/message.h"

/* A name, the scopes and 200 bytes of networks. */
enum { DESCRIPTION_BYTES = CW_NAME_SIZE + CW_API_ACCESS_TEXT_BYTES + 260 };

static const char *const access_names[] = {"none", "read", "full", NULL};

static int secret_hash(const char *secret, uint8_t *ret_hash)
{
    return cw_secret_hash("causeway API secret v1", secret, strlen(secret), ret_hash);
}

static json_t *account_json(const struct cw_api_account *a)
{
    json_t *row = json_pack(
        "{s:I, s:s, s:s, s:b, s:s, s:s, s:I, s:o}", "id", (json_int_t)a->id, "name", a->name,
        "client_id", a->client_id, "enabled", a->is_enabled, "networks", a->networks, "comments",
        a->comments, "created_unix_ms", (json_int_t)a->created_ms, "last_token_unix_ms",
        a->last_token_ms != 0 ? json_integer((json_int_t)a->last_token_ms) : json_null());

    for (enum cw_scope scope = CW_SCOPE_NONE + 1; scope < CW_SCOPE_COUNT; scope++)
        (void)json_object_set_new(row, cw_scope_name(scope),
                                  json_string(access_names[cw_api_access_of(a->access, scope)]));
    return row;
}

static int list_one(void *user, const struct cw_api_account *a)
{
    return json_array_append_new(user, account_json(a)) == 0 ? 0 : CW_ERR_NOMEM;
}

int cw_op_api_account_list(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    json_t *rows = json_array();
    int err = cw_body_only(request->body, "", reply);

    if (err == 0)
        err = cw_store_api_account_each(c->store, list_one, rows);
    reply->json = json_pack("{s:o}", "api_accounts", rows);
    return err;
}

/* What the body says of an account, over what it is. */
static int take_account(const struct cw_request *request, struct cw_api_account *a,
                        struct cw_reply *reply)
{
    char name[CW_NAME_SIZE];
    const char *text = a->comments;
    int err = cw_body_only(
        request->body, "name enabled networks comments command report configuration backup", reply);

    if (err != 0)
        return err;
    if (cw_body_name(request->body, "name", name) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "name must be one line of at most 128 characters.");
    if (name[0] != '\0')
        snprintf(a->name, sizeof a->name, "%s", name);
    if (a->name[0] == '\0')
        return cw_refuse(reply, CW_ERR_INVALID, "An API account needs a name.");
    if (cw_body_bool(request->body, "enabled", &a->is_enabled) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "enabled is true or false.");
    if (cw_body_lines(request->body, "comments", CW_COMMENTS_BYTES_MAX, &text) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "comments has at most %d bytes of text.",
                         CW_COMMENTS_BYTES_MAX);
    if (text != a->comments)
        snprintf(a->comments, sizeof a->comments, "%s", text);
    text = a->networks;
    if (cw_body_lines(request->body, "networks", CW_NETWORKS_BYTES_MAX, &text) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "networks is a text of at most %d bytes.",
                         CW_NETWORKS_BYTES_MAX);
    err = cw_networks_check(text, reply->message, sizeof reply->message);
    if (err != 0)
        return CW_ERR_INVALID;
    if (text != a->networks)
        snprintf(a->networks, sizeof a->networks, "%s", text);
    for (enum cw_scope scope = CW_SCOPE_NONE + 1; scope < CW_SCOPE_COUNT; scope++) {
        unsigned is = cw_api_access_of(a->access, scope);
        if (cw_body_choice(request->body, cw_scope_name(scope), access_names, &is) != 0)
            return cw_refuse(reply, CW_ERR_INVALID, "%s is none, read or full.",
                             cw_scope_name(scope));
        a->access = cw_api_access_with(a->access, scope, (enum cw_api_access)is);
    }
    return 0;
}

static void object_of(const struct cw_api_account *a, char *out, size_t size)
{
    snprintf(out, size, "api account %u", a->id);
}

static void describe(const struct cw_api_account *a, char *out, size_t size)
{
    char access[CW_API_ACCESS_TEXT_BYTES];

    cw_api_access_text(a->access, access);
    snprintf(out, size, "%s: %s; scopes: %s; networks: %.200s", a->name,
             a->is_enabled ? "enabled" : "disabled", access[0] != '\0' ? access : "none",
             a->networks[0] != '\0' ? a->networks : "any");
}

/* What a program can do, who makes it or knows its secret can do: nobody gives more than he has. All sessions, which
 * the scope "command" shows, are for administrators. */
static int refuse_excess(struct cw_control *c, const struct cw_request *request, uint32_t access,
                         struct cw_reply *reply)
{
    if (cw_request_is_admin(request))
        return 0;
    if (cw_api_access_of(access, CW_SCOPE_COMMAND) != CW_API_ACCESS_NONE)
        return cw_refuse(reply, CW_ERR_DENIED,
                         "Only an administrator gives or changes an API account with the scope "
                         "\"%s\".",
                         cw_scope_name(CW_SCOPE_COMMAND));
    return cw_rights_refuse_excess(c, request, cw_api_administration(access), reply);
}

int cw_op_api_account_create(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_api_account a = {.is_enabled = true, .created_ms = request->now_unix_ms};
    char secret[CW_TOKEN_TEXT_BYTES + 1];
    char object[40];
    char text[DESCRIPTION_BYTES];
    uint32_t count = 0;
    int err = take_account(request, &a, reply);

    if (err == 0)
        err = refuse_excess(c, request, a.access, reply);
    if (err == 0)
        err = cw_store_api_account_count(c->store, &count);
    if (err == 0 && count >= CW_API_ACCOUNTS_MAX)
        return cw_refuse(reply, CW_ERR_CONFLICT, "There are %d API accounts, as many as can be.",
                         CW_API_ACCOUNTS_MAX);
    if (err == 0)
        err = cw_secret_base32(a.client_id, 16);
    if (err == 0)
        err = cw_secret_token(secret);
    if (err == 0)
        err = secret_hash(secret, a.secret_hash);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_api_account_add(c->store, &a);
    object_of(&a, object, sizeof object);
    describe(&a, text, sizeof text);
    if (err == 0)
        err = cw_audit(c, &actor, "api_account.create", object, "ok", "%s", text);
    err = cw_store_end(c->store, err);
    if (err == CW_ERR_CONFLICT)
        return cw_refuse(reply, err, "There is an API account with this name already.");
    if (err == 0)
        reply->json =
            json_pack("{s:o, s:s}", "api_account", account_json(&a), "client_secret", secret);
    OPENSSL_cleanse(secret, sizeof secret);
    return err;
}

static int find_account(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply, struct cw_api_account *ret)
{
    int err = cw_store_api_account_get(c->store, request->path_id, ret);

    return err == CW_ERR_NOT_FOUND
               ? cw_refuse(reply, err, "There is no API account with the number %u.",
                           request->path_id)
               : err;
}

int cw_op_api_account_set(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_api_account a;
    char object[40];
    char text[DESCRIPTION_BYTES];
    int err = find_account(c, request, reply, &a);

    if (err == 0)
        err = refuse_excess(c, request, a.access, reply);
    if (err == 0)
        err = take_account(request, &a, reply);
    if (err == 0)
        err = refuse_excess(c, request, a.access, reply);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_api_account_set(c->store, &a);
    if (err == 0 && !a.is_enabled)
        err = cw_store_api_token_remove_all(c->store, a.id);
    object_of(&a, object, sizeof object);
    describe(&a, text, sizeof text);
    if (err == 0)
        err = cw_audit(c, &actor, "api_account.set", object, "ok", "%s", text);
    err = cw_store_end(c->store, err);
    if (err == CW_ERR_CONFLICT)
        return cw_refuse(reply, err, "There is another API account with this name.");
    if (err == 0)
        reply->json = json_pack("{s:o}", "api_account", account_json(&a));
    return err;
}

int cw_op_api_account_new_secret(struct cw_control *c, const struct cw_request *request,
                                 struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_api_account a;
    char secret[CW_TOKEN_TEXT_BYTES + 1];
    uint8_t hash[CW_SHA256_BYTES];
    char object[40];
    int err = find_account(c, request, reply, &a);

    if (err == 0)
        err = refuse_excess(c, request, a.access, reply);
    if (err == 0)
        err = cw_secret_token(secret);
    if (err == 0)
        err = secret_hash(secret, hash);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    object_of(&a, object, sizeof object);
    err = cw_store_api_account_set_secret(c->store, a.id, hash);
    if (err == 0)
        err = cw_audit(c, &actor, "api_account.new_secret", object, "ok", "%s", a.name);
    err = cw_store_end(c->store, err);
    if (err == 0)
        reply->json = json_pack("{s:s, s:s}", "client_id", a.client_id, "client_secret", secret);
    OPENSSL_cleanse(secret, sizeof secret);
    return err;
}

int cw_op_api_account_remove(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_api_account a;
    char object[40];
    int err = find_account(c, request, reply, &a);

    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    object_of(&a, object, sizeof object);
    err = cw_store_api_account_remove(c->store, a.id);
    if (err == 0)
        err = cw_audit(c, &actor, "api_account.remove", object, "ok", "%s", a.name);
    return cw_store_end(c->store, err);
}

/* ---- RFC 6749 -------------------------------------------------------------------------------- */

static int refuse_oauth(struct cw_reply *reply, int err, const char *code, const char *text)
{
    reply->code = code;
    return cw_refuse(reply, err, "%s", text);
}

/* The account whose id and secret the body has; a wrong guess costs its source and is audited. */
static int client_of(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply,
                     struct cw_api_account *ret)
{
    const struct cw_actor nobody = cw_actor_named("nobody", request->source);
    const char *id = NULL;
    const char *secret = NULL;
    uint8_t hash[CW_SHA256_BYTES];
    const char *why = "unknown client_id";
    uint32_t wait_s =
        cw_budget_wait_s(&c->budget, CW_BUDGET_SIGN_IN, request->source, request->now_unix_ms);

    if (wait_s > 0) {
        reply->retry_after_s = wait_s;
        return refuse_oauth(reply, CW_ERR_FULL, "slow_down",
                            "Too many wrong secrets from this address.");
    }
    if (cw_body_text(request->body, "client_id", CW_API_CLIENT_ID_BYTES, &id) != 0 ||
        cw_body_text(request->body, "client_secret", CW_TOKEN_TEXT_BYTES, &secret) != 0)
        return refuse_oauth(
            reply, CW_ERR_DENIED, "invalid_client",
            "client_id and client_secret are needed: as HTTP Basic, or in the form.");
    if (secret_hash(secret, hash) != 0)
        return CW_ERR_INTERNAL;
    if (cw_store_api_account_find(c->store, id, ret) == 0) {
        if (CRYPTO_memcmp(hash, ret->secret_hash, sizeof hash) != 0)
            why = "wrong client_secret";
        else if (!ret->is_enabled)
            why = "disabled";
        else if (!cw_networks_have(ret->networks, request->source))
            why = "its networks do not have this address";
        else
            return 0;
    }
    cw_budget_charge(&c->budget, CW_BUDGET_SIGN_IN, request->source, request->now_unix_ms);
    if (cw_budget_may_audit(&c->budget, request->source, why, request->now_unix_ms))
        cw_audit_refused(c, &nobody, "api_token.create", "", "DENIED", "%s: %s",
                         cw_text_is_clean(id, strlen(id)) ? id : "client_id", why);
    return refuse_oauth(
        reply, CW_ERR_DENIED, "invalid_client",
        "The client is unknown, its secret is wrong, or it may not come from here.");
}

int cw_op_oauth_token(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply)
{
    struct cw_api_account a;
    struct cw_actor actor;
    struct cw_api_token token;
    const char *grant = NULL;
    const char *scope = NULL;
    char text[CW_TOKEN_TEXT_BYTES + 1];
    char access[CW_API_ACCESS_TEXT_BYTES];
    char object[40];
    uint8_t hash[CW_SHA256_BYTES];
    int err = client_of(c, request, reply, &a);

    if (err != 0)
        return err;
    if (cw_body_text(request->body, "grant_type", 64, &grant) != 0)
        return refuse_oauth(reply, CW_ERR_INVALID, "invalid_request", "grant_type is missing.");
    if (strcmp(grant, "client_credentials") != 0)
        return refuse_oauth(reply, CW_ERR_INVALID, "unsupported_grant_type",
                            "The only grant_type is client_credentials.");
    token = (struct cw_api_token){
        .api_account = a.id,
        .access = a.access,
        .expires_ms = request->now_unix_ms + CW_API_TOKEN_LIFE_S * UINT64_C(1000),
    };
    if (json_object_get(request->body, "scope") != NULL &&
        (cw_body_text(request->body, "scope", CW_API_SCOPE_BYTES_MAX, &scope) != 0 ||
         cw_access_parse(scope, &token.access) != 0 ||
         cw_api_access_least(token.access, a.access) != token.access))
        return refuse_oauth(reply, CW_ERR_INVALID, "invalid_scope",
                            "scope has words that do not exist or that this client does not have.");
    err = cw_secret_token(text);
    if (err == 0)
        err = cw_secret_hash("causeway API token v1", text, CW_TOKEN_TEXT_BYTES, hash);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    object_of(&a, object, sizeof object);
    cw_api_access_text(token.access, access);
    actor = cw_actor_named(a.name, request->source);
    err = cw_store_api_token_add(c->store, hash, &token, request->now_unix_ms);
    if (err == 0)
        err = cw_audit(c, &actor, "api_token.create", object, "ok", "scopes: %s", access);
    err = cw_store_end(c->store, err);
    if (err == 0)
        reply->json = json_pack("{s:s, s:s, s:i, s:s}", "access_token", text, "token_type",
                                "Bearer", "expires_in", CW_API_TOKEN_LIFE_S, "scope", access);
    OPENSSL_cleanse(text, sizeof text);
    return err;
}

/* RFC 7009: also a token that is none is revoked. */
int cw_op_oauth_revoke(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    struct cw_api_account a;
    struct cw_actor actor;
    struct cw_api_token found;
    const char *token = NULL;
    char object[40];
    uint8_t hash[CW_SHA256_BYTES];
    int err = client_of(c, request, reply, &a);

    if (err != 0)
        return err;
    if (cw_body_text(request->body, "token", 256, &token) != 0)
        return refuse_oauth(reply, CW_ERR_INVALID, "invalid_request", "token is missing.");
    if (strlen(token) != CW_TOKEN_TEXT_BYTES ||
        cw_secret_hash("causeway API token v1", token, CW_TOKEN_TEXT_BYTES, hash) != 0 ||
        cw_store_api_token_find(c->store, hash, &found) != 0 || found.api_account != a.id)
        return 0;
    object_of(&a, object, sizeof object);
    actor = cw_actor_named(a.name, request->source);
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_api_token_remove(c->store, hash);
    if (err == 0)
        err = cw_audit(c, &actor, "api_token.revoke", object, "ok", "%s", "");
    return cw_store_end(c->store, err);
}
