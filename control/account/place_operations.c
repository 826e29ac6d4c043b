/* SPDX-License-Identifier: Apache-2.0 */
/* Where one is signed in: listed, and ended from anywhere. */
#include <stdio.h>

#include "control/account/account.h"
#include "control/account/operations.h"
#include "control/account/sign_in.h"
#include "control/api/body.h"
#include "control/audit/audit.h"
#include "control/link/link_server.h"
#include "control/session/event.h"
#include "engine/base/err.h"
#include "engine/wire/frame.h"

struct listing {
    const struct cw_request *request;
    struct cw_sign_in_limits limits;
    uint64_t now_ms;
    json_t *rows;
};

/* The rule of SIGN_IN_VALID: those that are over are only not swept out yet. */
static bool is_good(const struct listing *l, const struct cw_sign_in *place)
{
    const uint64_t age_s = (l->now_ms - place->created_ms) / 1000;
    const uint64_t idle_s = (l->now_ms - place->last_used_ms) / 1000;

    return (age_s < l->limits.life_s && idle_s < l->limits.idle_s) ||
           (place->is_remembered && age_s < l->limits.remembered_s);
}

static int list_place(void *user, const struct cw_sign_in *place, const char *source)
{
    struct listing *l = user;

    if (!is_good(l, place))
        return 0;
    return json_array_append_new(
               l->rows,
               json_pack("{s:I, s:s, s:I, s:I, s:b, s:b}", "id", (json_int_t)place->id, "address",
                         source, "signed_in_unix_ms", (json_int_t)place->created_ms,
                         "last_used_unix_ms", (json_int_t)place->last_used_ms, "remembered",
                         place->is_remembered, "current", place->id == l->request->sign_in)) == 0
               ? 0
               : CW_ERR_NOMEM;
}

int cw_op_sign_in_list(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    struct listing l = {.request = request,
                        .limits = cw_sign_in_limits_of(c),
                        .now_ms = cw_control_now_unix_ms(c),
                        .rows = json_array()};
    int err = cw_store_sign_in_each(c->store, request->account, list_place, &l);

    reply->json = json_pack("{s:o}", "sign_ins", l.rows);
    return err;
}

/* Of somebody else, for who administers accounts: the caller's own sign-in is among them for itself. */
int cw_op_account_sign_ins(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    struct listing l = {
        .request = request, .limits = cw_sign_in_limits_of(c), .now_ms = cw_control_now_unix_ms(c)};
    struct cw_account account;
    int err = cw_account_of_request(c, request, reply, &account);

    if (err != 0)
        return err;
    l.rows = json_array();
    err = cw_store_sign_in_each(c->store, account.id, list_place, &l);
    reply->json = json_pack("{s:o}", "sign_ins", l.rows);
    return err;
}

int cw_op_account_end_sign_ins(struct cw_control *c, const struct cw_request *request,
                               struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_account account;
    char object[32];
    int err = cw_account_of_request(c, request, reply, &account);

    if (err == 0)
        err = cw_body_only(request->body, "", reply);
    if (err == 0)
        err = cw_account_may_change(c, request, "account.end_sign_ins", &account, reply);
    if (err == 0 && request->account == account.id)
        err = cw_refuse(reply, CW_ERR_STATE, "End your own sign-ins among your own settings.");
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "account %u", account.id);
    err = cw_store_sign_in_remove_all(c->store, account.id);
    if (err == 0)
        err = cw_audit(c, &actor, "account.end_sign_ins", object, "ok", "%s", account.user);
    err = cw_store_end(c->store, err);
    if (err == 0) {
        cw_event_signed_out(c, account.id, "An administrator signed you out.");
        cw_send_drop_console(c, account.id, CW_CLOSE_REMOVED);
        /* Its connections to sessions live by tickets, not by the sign-in. */
        cw_sign_in_leave_sessions(c, &account, "was signed out by an administrator");
    }
    return err;
}

/* Consoles of what was ended get no new ticket for their events, and so find out; the others come back. */
static int end_change(struct cw_control *c, const struct cw_request *request, const char *action,
                      const char *object, int err)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);

    if (err == 0)
        err = cw_audit(c, &actor, action, object, "ok", "%s", "");
    err = cw_store_end(c->store, err);
    if (err != 0)
        return err;
    cw_event_changed(c, request->account, "sign_ins_changed");
    cw_send_drop_console(c, request->account, CW_CLOSE_OK);
    return 0;
}

int cw_op_sign_in_end(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply)
{
    char object[32];
    int err = cw_body_only(request->body, "", reply);

    if (err == 0 && request->path_id == request->sign_in)
        err = cw_refuse(reply, CW_ERR_CONFLICT, "You are using this sign-in: sign out instead.");
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "sign-in %u", request->path_id);
    err = cw_store_sign_in_end(c->store, request->account, request->path_id);
    err = end_change(c, request, "sign_in.end", object, err);
    return err == CW_ERR_NOT_FOUND ? cw_refuse(reply, err, "You are not signed in there any more.")
                                   : err;
}

int cw_op_sign_in_end_others(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply)
{
    int err = cw_body_only(request->body, "", reply);

    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_sign_in_end_others(c->store, request->account, request->sign_in);
    return end_change(c, request, "sign_in.end_others", "", err);
}
