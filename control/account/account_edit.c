/* SPDX-License-Identifier: Apache-2.0 */
/* One account: shown, changed, given another one-time password, unlocked, removed. */
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "control/account/access_body.h"
#include "control/account/account.h"
#include "control/account/factor.h"
#include "control/account/guard.h"
#include "control/account/operations.h"
#include "control/account/seat.h"
#include "control/account/sign_in.h"
#include "control/link/link_server.h"
#include "control/session/event.h"
#include "control/store/store_queue.h"
#include "control/store/store_seat.h"
#include "control/store/store_team.h"
#include "control/team/team.h"
#include "engine/base/err.h"
#include "engine/wire/frame.h"

static const char members[] = "display_name is_admin comments rights_allowed rights_denied "
                              "session_policy " CW_RULES_MEMBERS;

json_t *cw_account_json(struct cw_control *c, const struct cw_account *a)
{
    return json_pack(
        "{s:I, s:s, s:s, s:b, s:b, s:b, s:b, s:I, s:o}", "id", (json_int_t)a->id, "user", a->user,
        "display_name", a->display_name, "is_admin", a->is_admin, "is_enabled", a->is_enabled,
        "must_change_password", a->must_change, "is_locked", cw_account_is_locked(c, a),
        "created_unix_ms", (json_int_t)a->created_ms, "last_sign_in_unix_ms",
        a->last_sign_in_ms != 0 ? json_integer((json_int_t)a->last_sign_in_ms) : json_null());
}

int cw_account_of_request(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply, struct cw_account *ret)
{
    int err = cw_store_account_get(c->store, request->path_id, ret);

    if (err == CW_ERR_NOT_FOUND)
        return cw_refuse(reply, err, "There is no account with the number %u.", request->path_id);
    return err;
}

int cw_account_may_change(struct cw_control *c, const struct cw_request *request,
                          const char *action, const struct cw_account *target,
                          struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);

    if (cw_request_is_admin(request) || !target->is_admin)
        return 0;
    cw_audit_refused(c, &actor, action, target->user, "DENIED", "the account is an administrator");
    return cw_refuse(reply, CW_ERR_DENIED,
                     "\"%s\" is an administrator: only an administrator may change that account.",
                     target->user);
}

static int show_team(void *user, const struct cw_team_member *m)
{
    return json_array_append_new(user,
                                 json_pack("{s:I, s:s, s:s}", "team", (json_int_t)m->team, "name",
                                           m->team_name, "role", cw_team_role_name(m->role))) == 0
               ? 0
               : CW_ERR_NOMEM;
}

static json_t *whole_json(struct cw_control *c, const struct cw_account *a)
{
    json_t *row = cw_account_json(c, a);
    json_t *teams = json_array();
    struct cw_representative rep = {0};

    (void)cw_store_representative_get(c->store, a->id, &rep); /* none: the appliance's numbers */
    (void)json_object_set_new(row, "sessions_max", json_integer((json_int_t)rep.sessions_max));
    (void)cw_store_member_of_account(c->store, a->id, show_team, teams);
    (void)json_object_set_new(row, "comments", json_string(a->comments));
    (void)json_object_set_new(row, "rights_allowed", cw_rights_json(a->rights_allowed));
    (void)json_object_set_new(row, "rights_denied", cw_rights_json(a->rights_denied));
    (void)json_object_set_new(row, "session_policy", json_integer((json_int_t)a->session_policy));
    cw_rules_to_json(&a->rules, row);
    (void)json_object_set_new(row, "teams", teams);
    return row;
}

int cw_op_account_show(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    struct cw_account account;
    int err = cw_account_of_request(c, request, reply, &account);

    if (err == 0)
        reply->json = json_pack("{s:o}", "account", whole_json(c, &account));
    return err;
}

/* ---- changes --------------------------------------------------------------------------------- */

static int take_account(const struct cw_request *request, struct cw_account *a,
                        struct cw_reply *reply)
{
    const json_t *body = request->body;
    const bool was_admin = a->is_admin;
    const char *comments = a->comments;
    uint64_t session_policy = a->session_policy;
    char name[CW_NAME_SIZE];
    int err = cw_body_only(body, members, reply);

    if (err == 0 && cw_body_name(body, "display_name", name) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID,
                        "The display name must be one line of at most 128 characters.");
    if (err == 0 && cw_body_bool(body, "is_admin", &a->is_admin) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "is_admin must be true or false.");
    if (err == 0 && a->is_admin != was_admin && request->account == a->id)
        err = cw_refuse(reply, CW_ERR_STATE, "You cannot do that to your own account.");
    if (err == 0 && a->is_admin != was_admin && !cw_request_is_admin(request))
        err = cw_refuse(reply, CW_ERR_DENIED, "Only an administrator makes administrators.");
    if (err == 0 && cw_body_lines(body, "comments", CW_COMMENTS_BYTES_MAX, &comments) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "Comments have at most 1000 bytes of text.");
    if (err == 0)
        err = cw_body_rights(body, "rights_allowed", &a->rights_allowed, reply);
    if (err == 0)
        err = cw_body_rights(body, "rights_denied", &a->rights_denied, reply);
    if (err == 0 && (a->rights_allowed & a->rights_denied) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "A right cannot be both allowed and denied.");
    if (err == 0 && cw_body_number(body, "session_policy", 0, UINT32_MAX, &session_policy) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID,
                        "session_policy must be the number of a session policy, or 0.");
    if (err == 0)
        err = cw_body_rules(body, &a->rules, reply);
    if (err != 0)
        return err;
    if (name[0] != '\0')
        snprintf(a->display_name, sizeof a->display_name, "%s", name);
    if (comments != a->comments)
        snprintf(a->comments, sizeof a->comments, "%s", comments);
    a->session_policy = (uint32_t)session_policy;
    return 0;
}

static bool rules_differ(const struct cw_sign_in_rules *a, const struct cw_sign_in_rules *b)
{
    return a->second_factor != b->second_factor || a->remember_me != b->remember_me ||
           a->second_login != b->second_login || a->network_rule != b->network_rule ||
           strcmp(a->networks, b->networks) != 0;
}

/* Nobody changes his own rights or rules, but for an administrator, who could anyway. */
static int check_own(const struct cw_request *request, const struct cw_account *before,
                     const struct cw_account *after, struct cw_reply *reply)
{
    if (request->account != before->id || request->is_admin ||
        (before->rights_allowed == after->rights_allowed &&
         before->rights_denied == after->rights_denied &&
         before->session_policy == after->session_policy &&
         !rules_differ(&before->rules, &after->rules)))
        return 0;
    return cw_refuse(reply, CW_ERR_DENIED, "You cannot change your own rights.");
}

static void describe(const struct cw_account *a, char *out, size_t size)
{
    char allowed[CW_RIGHTS_TEXT_BYTES_MAX];
    char denied[CW_RIGHTS_TEXT_BYTES_MAX];

    cw_rights_text(a->rights_allowed, allowed, sizeof allowed);
    cw_rights_text(a->rights_denied, denied, sizeof denied);
    snprintf(out, size,
             "%s%s, allowed: %.100s, denied: %.100s, session policy %u, second factor %s, networks "
             "%s %.60s",
             a->user, a->is_admin ? ", administrator" : "", allowed, denied, a->session_policy,
             cw_second_factor_name(a->rules.second_factor),
             cw_network_rule_name(a->rules.network_rule), a->rules.networks);
}

static int end_change(struct cw_control *c, const struct cw_request *request, const char *action,
                      const struct cw_account *account, const char *detail, int err)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    char object[32];

    snprintf(object, sizeof object, "account %u", account->id);
    if (err == 0)
        err = cw_audit(c, &actor, action, object, "ok", "%s", detail);
    err = cw_store_end(c->store, err);
    cw_access_changed(c);
    if (err == 0)
        cw_event_changed(c, 0, "accounts_changed");
    return err;
}

int cw_op_account_set(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply)
{
    struct cw_account before, account;
    char detail[CW_AUDIT_DETAIL_BYTES_MAX + 200]; /* what is too long is cut */
    int err = cw_account_of_request(c, request, reply, &account);

    if (err == 0)
        err = cw_account_may_change(c, request, "account.set", &account, reply);
    if (err != 0)
        return err;
    before = account;
    err = take_account(request, &account, reply);
    if (err == 0)
        err = check_own(request, &before, &account, reply);
    if (err == 0)
        err = cw_rights_refuse_excess(c, request, account.rights_allowed & ~before.rights_allowed,
                                      reply);
    if (err == 0 && before.is_admin && !account.is_admin)
        err = cw_account_refuse_last_admin(c, &before, reply);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    if (strcmp(before.rules.networks, account.rules.networks) != 0)
        account.network_passed_ms = 0;
    err = cw_store_account_set(c->store, &account);
    describe(&account, detail, sizeof detail);
    err = end_change(c, request, "account.set", &account, detail, err);
    if (err == 0)
        cw_event_changed(c, account.id, "policies_changed"); /* of its own rights */
    if (err == 0)
        reply->json = json_pack("{s:o}", "account", whole_json(c, &account));
    return err;
}

int cw_account_refuse_last_admin(struct cw_control *c, const struct cw_account *account,
                                 struct cw_reply *reply)
{
    uint32_t others = 0;
    int err = 0;

    if (!account->is_admin || !account->is_enabled)
        return 0;
    err = cw_store_account_count_admins(c->store, account->id, &others);
    if (err == 0 && others == 0)
        err = cw_refuse(reply, CW_ERR_STATE,
                        "\"%s\" is the only administrator who can sign in: make another one first.",
                        account->user);
    return err;
}

int cw_op_account_remove(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    struct cw_account account;
    int err = cw_account_of_request(c, request, reply, &account);

    if (err == 0 && request->account == account.id)
        err = cw_refuse(reply, CW_ERR_STATE, "You cannot do that to your own account.");
    if (err == 0)
        err = cw_account_may_change(c, request, "account.remove", &account, reply);
    if (err == 0)
        err = cw_account_refuse_last_admin(c, &account, reply);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_account_remove(c->store, account.id, cw_control_now_unix_ms(c));
    if (err == 0)
        err = cw_factor_remove_all(c, account.id);
    if (err == 0)
        err = cw_store_extended_set(c->store, account.id, false);
    err = end_change(c, request, "account.remove", &account, account.user, err);
    if (err == 0) {
        (void)cw_seat_load(c); /* without memory the seat stays taken until the next start */
        cw_event_signed_out(c, account.id, "Your account was removed.");
        cw_send_drop_console(c, account.id, CW_CLOSE_REMOVED);
    }
    return err;
}

/* ---- lock-outs and passwords ----------------------------------------------------------------- */

int cw_op_account_unlock(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    struct cw_account account;
    uint8_t name_hash[CW_SHA256_BYTES];
    int err = cw_account_of_request(c, request, reply, &account);

    if (err == 0)
        err = cw_account_may_change(c, request, "account.unlock", &account, reply);
    if (err == 0)
        err = cw_lock_name_hash(account.user, name_hash);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_lock_clear(c->store, name_hash);
    if (err == 0)
        err = cw_factor_clear(c, account.id);
    return end_change(c, request, "account.unlock", &account, account.user, err);
}

static int may_reset(struct cw_control *c, const struct cw_request *request,
                     const struct cw_account *account, struct cw_reply *reply)
{
    int err = cw_account_may_change(c, request, "account.reset_password", account, reply);

    return err == 0 ? cw_guard_refuse_takeover(c, request, account, reply) : err;
}

static int reset_finish(struct cw_control *c, struct cw_pending *p, struct cw_reply *reply)
{
    struct cw_account now;
    int err = p->job.err;

    /* What it may do can have changed while the hash was made. */
    if (err == 0)
        err = cw_account_of_request(c, &p->request, reply, &now);
    if (err == 0)
        err = may_reset(c, &p->request, &now, reply);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_account_set_password(c->store, p->account.id, p->job.hash, true);
    if (err == 0)
        err = cw_store_sign_in_remove_all(c->store, p->account.id);
    if (err == 0)
        err = cw_store_lock_clear(c->store, p->name_hash);
    err = end_change(c, &p->request, "account.reset_password", &p->account, p->account.user, err);
    if (err != 0)
        return err;
    cw_sign_in_leave_sessions(c, &p->account, "had the password reset");
    cw_event_signed_out(c, p->account.id, "Your password was reset.");
    cw_send_drop_console(c, p->account.id, CW_CLOSE_OK);
    reply->json = json_pack("{s:s}", "one_time_password", p->one_time);
    return reply->json != NULL ? 0 : CW_ERR_NOMEM;
}

int cw_op_account_reset_password(struct cw_control *c, const struct cw_request *request,
                                 struct cw_reply *reply)
{
    struct cw_account account;
    struct cw_pending *p = NULL;
    int err = cw_account_of_request(c, request, reply, &account);

    if (err == 0 && request->account == account.id)
        err = cw_refuse(reply, CW_ERR_STATE, "Change your own password instead of resetting it.");
    if (err == 0)
        err = may_reset(c, request, &account, reply);
    if (err != 0)
        return err;
    p = cw_pending_new(c, request);
    if (p == NULL)
        return CW_ERR_NOMEM;
    p->account = account;
    p->finish = reset_finish;
    err = cw_lock_name_hash(account.user, p->name_hash);
    if (err == 0)
        err = cw_secret_base32(p->one_time, CW_ONE_TIME_CHARACTERS);
    if (err != 0) {
        cw_pending_free(p);
        return err;
    }
    snprintf(p->job.fresh, sizeof p->job.fresh, "%s", p->one_time);
    return cw_pending_submit(c, p, reply);
}
