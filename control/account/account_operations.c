/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts: listed, made with a one-time password, disabled. */
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "control/account/access.h"
#include "control/account/account.h"
#include "control/account/guard.h"
#include "control/account/operations.h"
#include "control/api/body.h"
#include "control/api/operations.h"
#include "control/link/link_server.h"
#include "control/secret.h"
#include "control/session/event.h"
#include "engine/base/err.h"
#include "engine/wire/frame.h"

struct listing {
    struct cw_control *c;
    json_t *rows;
    uint32_t limit;
    uint32_t count;
    uint32_t last;
    bool has_more;
};

static int list_one(void *user, const struct cw_account *account)
{
    struct listing *l = user;

    l->has_more = l->count == l->limit;
    if (l->has_more)
        return 0;
    l->count++;
    l->last = account->id;
    return json_array_append_new(l->rows, cw_account_json(l->c, account)) == 0 ? 0 : CW_ERR_NOMEM;
}

int cw_op_account_list(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    struct listing l = {.c = c};
    uint32_t after = 0;
    int err = cw_body_only(request->body, "after limit", reply);

    if (err == 0)
        err = cw_body_page(request->body, &after, &l.limit, reply);
    if (err != 0)
        return err;
    l.rows = json_array();
    err = cw_store_account_page(c->store, after, l.limit + 1, list_one, &l);
    reply->json = json_pack("{s:o, s:o}", "accounts", l.rows, "next",
                            l.has_more ? json_integer((json_int_t)l.last) : json_null());
    return err;
}

/* ---- choosing one ---------------------------------------------------------------------------- */

/* Whoever puts people into something has to find them; that needs less than to read their accounts. */
static const uint64_t finders =
    CW_RIGHT_BIT(CW_RIGHT_EDIT_ACCOUNTS) | CW_RIGHT_BIT(CW_RIGHT_EDIT_TEAMS) |
    CW_RIGHT_BIT(CW_RIGHT_EDIT_POLICIES) | CW_RIGHT_BIT(CW_RIGHT_EDIT_JUMP_GROUPS) |
    CW_RIGHT_BIT(CW_RIGHT_EDIT_SKILLS);

static int list_name(void *user, const struct cw_account *account)
{
    return json_array_append_new(user, json_pack("{s:I, s:s, s:s, s:b}", "id",
                                                 (json_int_t)account->id, "user", account->user,
                                                 "display_name", account->display_name,
                                                 "is_enabled", account->is_enabled)) == 0
               ? 0
               : CW_ERR_NOMEM;
}

int cw_op_account_find(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    const char *text = "";
    uint64_t limit = 20;
    json_t *rows = NULL;
    int err = cw_body_only(request->body, "text limit", reply);

    if (err == 0 && request->front == CW_FRONT_HTTP &&
        (cw_request_rights(c, request) & finders) == 0)
        err = cw_refuse(reply, CW_ERR_DENIED, "You may not put people into anything.");
    if (err == 0 && json_object_get(request->body, "text") != NULL &&
        cw_body_text(request->body, "text", CW_NAME_SIZE - 1, &text) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "The text has at most %d bytes.", CW_NAME_SIZE - 1);
    if (err == 0 && cw_body_number(request->body, "limit", 1, 100, &limit) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "limit is from 1 to 100.");
    if (err != 0)
        return err;
    rows = json_array();
    err = cw_store_account_named(c->store, text, (uint32_t)limit, list_name, rows);
    reply->json = json_pack("{s:o}", "accounts", rows);
    return err;
}

/* ---- making one ------------------------------------------------------------------------------ */

/* Letters, digits, dot, dash, underscore, at: what can be typed anywhere and told apart in a log.
 * */
static bool is_user_name(const char *user)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@";

    return user[0] != '\0' && user[strspn(user, allowed)] == '\0';
}

static int store_account(struct cw_control *c, struct cw_pending *p, const char *action)
{
    char object[32];
    int err = cw_store_begin(c->store);

    p->account.created_ms = cw_control_now_unix_ms(c);
    if (err == 0)
        err = cw_store_account_add(c->store, &p->account);
    if (err == 0) {
        snprintf(object, sizeof object, "account %u", p->account.id);
        err = cw_audit(c, &p->actor, action, object, "ok", "%s%s", p->account.user,
                       p->account.is_admin ? ", administrator" : "");
    }
    return cw_store_end(c->store, err);
}

static int create_finish(struct cw_control *c, struct cw_pending *p, struct cw_reply *reply)
{
    int err = p->job.err;

    memcpy(p->account.password, p->job.hash, sizeof p->account.password);
    if (err == 0)
        err = store_account(c, p, "account.create");
    if (err == CW_ERR_CONFLICT)
        return cw_refuse(reply, err, "There is an account named \"%s\" already.", p->account.user);
    if (err == 0)
        reply->json = json_pack("{s:o, s:s}", "account", cw_account_json(c, &p->account),
                                "one_time_password", p->one_time);
    if (err == 0)
        cw_event_changed(c, 0, "accounts_changed");
    return err;
}

static int refuse_second_admin(struct cw_control *c, const struct cw_actor *actor,
                               struct cw_reply *reply)
{
    cw_audit_refused(c, actor, "admin.create", "", "CONFLICT", "an account exists already");
    return cw_refuse(reply, CW_ERR_CONFLICT,
                     "The first administrator exists already. An administrator makes further "
                     "accounts in the console.");
}

static int create_admin_finish(struct cw_control *c, struct cw_pending *p, struct cw_reply *reply)
{
    uint32_t count = 0;
    int err = p->job.err;

    c->is_creating_admin = false;
    if (err == 0)
        err = cw_store_account_count(c->store, &count);
    if (err == 0 && count > 0)
        return refuse_second_admin(c, &p->actor, reply);
    memcpy(p->account.password, p->job.hash, sizeof p->account.password);
    if (err == 0)
        err = store_account(c, p, "admin.create");
    if (err == 0)
        reply->json = json_pack("{s:o, s:s}", "account", cw_account_json(c, &p->account),
                                "one_time_password", p->one_time);
    return err;
}

/* Everything but finish; NULL: reply says why, *ret_err is the code. */
static struct cw_pending *prepare(struct cw_control *c, const struct cw_request *request,
                                  const char *user, const char *display_name, bool is_admin,
                                  struct cw_reply *reply, int *ret_err)
{
    struct cw_pending *p = NULL;

    if (!is_user_name(user)) {
        *ret_err =
            cw_refuse(reply, CW_ERR_INVALID, "A user name has 1 to 64 letters, digits or . _ - @");
        return NULL;
    }
    p = cw_pending_new(c, request);
    if (p == NULL || cw_secret_base32(p->one_time, CW_ONE_TIME_CHARACTERS) != 0) {
        if (p != NULL)
            cw_pending_free(p);
        *ret_err = CW_ERR_NOMEM;
        return NULL;
    }
    snprintf(p->account.user, sizeof p->account.user, "%s", user);
    snprintf(p->account.display_name, sizeof p->account.display_name, "%s",
             display_name[0] != '\0' ? display_name : user);
    p->account.is_admin = is_admin;
    p->account.is_enabled = true;
    p->account.must_change = true;
    snprintf(p->job.fresh, sizeof p->job.fresh, "%s", p->one_time);
    return p;
}

int cw_op_account_create(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    char display_name[CW_NAME_SIZE];
    struct cw_account known;
    struct cw_pending *p = NULL;
    const char *user = NULL;
    bool is_admin = false;
    int err = cw_body_only(request->body, "user display_name is_admin", reply);

    if (err != 0)
        return err;
    if (cw_body_text(request->body, "user", CW_USER_BYTES_MAX, &user) != 0)
        user = "";
    if (cw_body_bool(request->body, "is_admin", &is_admin) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "is_admin must be true or false.");
    if (is_admin && !cw_request_is_admin(request))
        return cw_refuse(reply, CW_ERR_DENIED, "Only an administrator makes administrators.");
    if (cw_body_name(request->body, "display_name", display_name) != 0)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "The display name must be one line of at most 128 characters.");
    p = prepare(c, request, user, display_name, is_admin, reply, &err);
    if (p == NULL)
        return err;
    err = cw_store_account_find(c->store, user, &known);
    if (err == 0)
        err = cw_refuse(reply, CW_ERR_CONFLICT, "There is an account named \"%s\" already.", user);
    if (err != CW_ERR_NOT_FOUND) {
        cw_pending_free(p);
        return err;
    }
    p->finish = create_finish;
    return cw_pending_submit(c, p, reply);
}

int cw_op_create_admin(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_pending *p = NULL;
    const char *user = NULL;
    uint32_t count = 0;
    int err = cw_store_account_count(c->store, &count);

    if (err != 0)
        return err;
    if (count > 0 || c->is_creating_admin)
        return refuse_second_admin(c, &actor, reply);
    if (cw_body_text(request->body, "name", CW_USER_BYTES_MAX, &user) != 0)
        user = "";
    p = prepare(c, request, user, "", true, reply, &err);
    if (p == NULL)
        return err;
    p->finish = create_admin_finish;
    err = cw_pending_submit(c, p, reply);
    c->is_creating_admin = err == CW_OPERATION_PENDING;
    return err;
}

/* ---- enabling and disabling ------------------------------------------------------------------ */

static int set_enabled(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply, bool is_enabled)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_account account;
    char object[32];
    int err = cw_account_of_request(c, request, reply, &account);

    if (err == 0 && request->account == account.id)
        return cw_refuse(reply, CW_ERR_STATE, "You cannot do that to your own account.");
    if (err == 0)
        err = cw_account_may_change(c, request, "account.enable", &account, reply);
    if (err == 0 && !is_enabled)
        err = cw_account_refuse_last_admin(c, &account, reply);
    snprintf(object, sizeof object, "account %u", request->path_id);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_account_set_enabled(c->store, account.id, is_enabled);
    if (err == 0 && !is_enabled)
        err = cw_store_sign_in_remove_all(c->store, account.id);
    if (err == 0)
        err = cw_audit(c, &actor, is_enabled ? "account.enable" : "account.disable", object, "ok",
                       "%s", account.user);
    err = cw_store_end(c->store, err);
    cw_access_changed(c);
    if (err == 0)
        cw_event_changed(c, 0, "accounts_changed");
    if (err == 0 && !is_enabled) {
        cw_event_signed_out(c, account.id, "Your account was disabled.");
        cw_send_drop_console(c, account.id, CW_CLOSE_REMOVED);
    }
    return err;
}

int cw_op_account_enable(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    return set_enabled(c, request, reply, true);
}

int cw_op_account_disable(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply)
{
    return set_enabled(c, request, reply, false);
}
