/* SPDX-License-Identifier: Apache-2.0 */
/* Several representatives in one session: asking, coming, leaving, helping out. */
#include <stdio.h>
#include <string.h>

#include "control/account/option.h"
#include "control/api/body.h"
#include "control/api/operations.h"
#include "control/policy/policy.h"
#include "control/policy/policy_body.h"
#include "control/queue/desk.h"
#include "control/queue/operations.h"
#include "control/session/invitation.h"
#include "control/session/operations.h"
#include "control/session/people.h"
#include "control/session/session_key.h"
#include "control/team/team.h"
#include "engine/base/err.h"

static const char *const relation_names[CW_RELATION_COUNT] = {
    [CW_RELATION_SOURCE] = "source",     [CW_RELATION_OWNER] = "owner",
    [CW_RELATION_INVITED] = "invited",   [CW_RELATION_SPONSOR] = "sponsor",
    [CW_RELATION_EXTERNAL] = "external", [CW_RELATION_WATCHER] = "watcher",
};

/* To what the customer's own program has come about a representative; null: nobody is asked. */
static json_t *consent_json(const struct cw_live_session *session,
                            const struct cw_live_participant *p)
{
    if (session->row.kind != CW_SESSION_KEY || p->row.role != CW_ROLE_REPRESENTATIVE)
        return json_null();
    if (p->row.consent_control)
        return json_string("control");
    if (p->row.consent_view)
        return json_string("view");
    return json_string(p->has_answered || p->is_prompt_over ? "denied" : "waits");
}

json_t *cw_session_people_json(struct cw_live_session *session)
{
    json_t *rows = json_array();

    for (uint32_t i = 0; i < session->participant_count; i++) {
        const struct cw_live_participant *p = &session->participants[i];
        if (p->row.left_ms != 0)
            continue;
        (void)json_array_append_new(
            rows,
            json_pack("{s:I, s:s, s:o, s:s, s:b, s:I, s:o}", "participant",
                      (json_int_t)p->row.number, "name", p->row.name, "account",
                      p->row.account != 0 ? json_integer((json_int_t)p->row.account) : json_null(),
                      "relation", relation_names[p->row.relation], "connected", p->is_up,
                      "since_unix_ms", (json_int_t)p->row.joined_ms, "consent",
                      consent_json(session, p)));
    }
    return rows;
}

static int reply_joined(struct cw_reply *reply, int err, const struct cw_session_joined *joined)
{
    if (err == CW_ERR_FULL)
        return cw_refuse(reply, CW_ERR_CONFLICT, "This session has as many people as it can have.");
    if (err == 0)
        reply->json = json_pack("{s:I, s:o}", "session", (json_int_t)joined->session, "ticket",
                                cw_ticket_to_json(joined->ticket));
    return err;
}

/* ---- asking ----------------------------------------------------------------------------------- */

/* The caller has the active session, and its policy allows the tool. */
static int find_shared(struct cw_control *c, const struct cw_request *request, enum cw_tool tool,
                       struct cw_reply *reply, struct cw_live_session **ret)
{
    int err = cw_session_owned(c, request, reply, ret);

    if (err != 0)
        return err;
    if ((*ret)->row.state != CW_SESSION_ACTIVE)
        return cw_refuse(reply, CW_ERR_STATE, "This session still waits: accept it first.");
    return cw_policy_demand(c, *ret, request->account, tool, reply);
}

static int take_message(const json_t *body, struct cw_invitation *invitation,
                        struct cw_reply *reply)
{
    const char *message = "";

    if (cw_body_lines(body, "message", CW_INVITATION_TEXT_BYTES_MAX, &message) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "message has at most %d bytes of text.",
                         CW_INVITATION_TEXT_BYTES_MAX);
    snprintf(invitation->message, sizeof invitation->message, "%s", message);
    return 0;
}

static struct cw_invitation new_invitation(struct cw_control *c, const struct cw_request *request,
                                           const struct cw_live_session *session)
{
    return (struct cw_invitation){
        .session = session->row.id,
        .relation = CW_RELATION_INVITED,
        .inviter = request->account,
        .created_ms = cw_control_now_unix_ms(c),
    };
}

static int end_invite(struct cw_control *c, const struct cw_request *request,
                      struct cw_live_session *session, struct cw_invitation *invitation,
                      const char *line, struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    char key[CW_SESSION_KEY_TEXT_BYTES] = "";
    char url[sizeof c->first_origin + 48];
    int err = cw_invitation_make(c, &actor, session, invitation, line, key);

    if (err == CW_ERR_FULL)
        return cw_refuse(reply, err, "%d invitations are open already. Cancel some first.",
                         CW_INVITATIONS_OPEN_MAX);
    if (err != 0)
        return err;
    reply->json = json_pack("{s:I}", "invitation", (json_int_t)invitation->id);
    if (invitation->kind != CW_INVITE_EXTERNAL)
        return 0;
    snprintf(url, sizeof url, "%s/?invitation=%s", c->first_origin, key);
    (void)json_object_set_new(reply->json, "key", json_string(key));
    (void)json_object_set_new(reply->json, "url", json_string(url));
    (void)json_object_set_new(reply->json, "expires_unix_ms",
                              json_integer((json_int_t)invitation->expires_ms));
    return 0;
}

/* A representative, a team, or the team that handles an issue. */
static int place_asked(struct cw_control *c, const json_t *body, struct cw_place *ret,
                       struct cw_reply *reply)
{
    struct cw_issue issue;
    uint64_t id = 0;

    if (json_object_get(body, "issue") == NULL)
        return cw_place_of_body(c, body, ret, reply);
    if (cw_body_number(body, "issue", 1, UINT32_MAX, &id) != 0 ||
        cw_store_issue_get(c->store, (uint32_t)id, &issue) != 0)
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "issue must be the number of an issue.");
    *ret = (struct cw_place){.team = issue.team};
    return 0;
}

static bool is_reachable(struct cw_control *c, const struct cw_request *request, struct cw_place to)
{
    const struct cw_queue_rep *rep = NULL;
    const struct cw_queue_rep *other = NULL;

    if (cw_right_has(c, request->account, CW_RIGHT_SHARE_OTHER_TEAM))
        return true;
    if (to.account != 0)
        (void)cw_desk_rep(c, to.account);
    rep = cw_desk_rep(c, request->account);
    if (rep == NULL)
        return false;
    if (to.team != 0)
        return cw_queue_role(rep, to.team) != CW_TEAM_NONE;
    other = cw_queue_rep_find(&c->desk->model, to.account);
    for (uint32_t i = 0; other != NULL && i < rep->team_count; i++)
        if (cw_queue_role(other, rep->teams[i].team) != CW_TEAM_NONE)
            return true;
    return false;
}

static int invite(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply,
                  enum cw_relation relation)
{
    const bool is_sponsor = relation == CW_RELATION_SPONSOR;
    struct cw_live_session *session = NULL;
    struct cw_invitation invitation;
    struct cw_place to = {0};
    char place[CW_NAME_SIZE + 16];
    char line[2 * CW_NAME_SIZE + 64];
    int err = cw_body_only(request->body, "account team issue message session_policy", reply);

    if (err == 0)
        err = find_shared(c, request, is_sponsor ? CW_TOOL_ACCESS_SPONSOR : CW_TOOL_INVITE, reply,
                          &session);
    if (err == 0)
        err = place_asked(c, request->body, &to, reply);
    if (err != 0)
        return err;
    invitation = new_invitation(c, request, session);
    invitation.relation = relation;
    invitation.kind = to.team != 0 ? CW_INVITE_TEAM : CW_INVITE_REPRESENTATIVE;
    invitation.team = to.team;
    invitation.account = to.account;
    err = take_message(request->body, &invitation, reply);
    if (err == 0)
        err = cw_policy_take_invite(c, request->body, &invitation.session_policy, reply);
    if (err == 0 && to.account != 0 && cw_live_member(session, to.account) != NULL)
        err = cw_refuse(reply, CW_ERR_CONFLICT, "That representative is in the session already.");
    if (err == 0 && !is_sponsor && !is_reachable(c, request, to))
        err = cw_refuse(reply, CW_ERR_DENIED,
                        "You may not invite from teams you are not in (share_other_team).");
    if (err != 0)
        return err;
    cw_desk_place_text(c, to, place, sizeof place);
    snprintf(line, sizeof line, "%s asked %s for %s.", session->row.representative,
             strncmp(place, "the queue of ", 13) == 0 ? place + 13 : place,
             is_sponsor ? "access" : "help");
    return end_invite(c, request, session, &invitation, line, reply);
}

int cw_op_session_invite(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    return invite(c, request, reply, CW_RELATION_INVITED);
}

int cw_op_session_ask_sponsor(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply)
{
    return invite(c, request, reply, CW_RELATION_SPONSOR);
}

static int take_profile(void *user, const struct cw_invite_profile *profile)
{
    *(struct cw_invite_profile *)user = *profile;
    return 0;
}

int cw_op_session_invite_external(struct cw_control *c, const struct cw_request *request,
                                  struct cw_reply *reply)
{
    struct cw_live_session *session = NULL;
    struct cw_invitation invitation;
    struct cw_invite_profile profile = {.id = 0};
    char line[2 * CW_NAME_SIZE + 64];
    uint64_t id = 0;
    uint64_t life_s = cw_option(c, CW_OPTION_INVITE_EXTERNAL_S);
    int err = cw_body_only(request->body, "profile message life_s", reply);

    if (err == 0)
        err = find_shared(c, request, CW_TOOL_INVITE_EXTERNAL, reply, &session);
    if (err == 0 && cw_body_number(request->body, "life_s", 300, 86400, &life_s) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "life_s must be from 300 to 86400 seconds.");
    if (err == 0 && (cw_body_number(request->body, "profile", 1, UINT32_MAX, &id) != 0 || id == 0))
        err = cw_refuse(reply, CW_ERR_INVALID, "profile must be the number of an invite profile.");
    if (err == 0)
        err = cw_store_invite_profile_each(c->store, (uint32_t)id, take_profile, &profile);
    if (err == 0 && profile.id == 0)
        err = cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no invite profile with the number %u.",
                        (uint32_t)id);
    if (err != 0)
        return err;
    invitation = new_invitation(c, request, session);
    invitation.kind = CW_INVITE_EXTERNAL;
    invitation.relation = CW_RELATION_EXTERNAL;
    invitation.permissions = profile.permissions;
    invitation.session_policy = profile.session_policy;
    invitation.expires_ms = invitation.created_ms + life_s * 1000;
    err = take_message(request->body, &invitation, reply);
    if (err != 0)
        return err;
    snprintf(line, sizeof line, "%s invited somebody from outside (profile %s).",
             session->row.representative, profile.name);
    return end_invite(c, request, session, &invitation, line, reply);
}

/* ---- answers ---------------------------------------------------------------------------------- */

struct listing {
    struct cw_control *c;
    uint32_t account;
    json_t *rows;
};

static int list_one(void *user, const struct cw_invitation *invitation)
{
    struct listing *l = user;
    const struct cw_live_session *session = cw_live_find(l->c, invitation->session);
    const bool is_mine = invitation->inviter == l->account;

    if (session == NULL || (!is_mine && !cw_invitation_is_for(l->c, invitation, l->account)))
        return 0;
    return json_array_append_new(
               l->rows,
               json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:b, s:I}", "invitation",
                         (json_int_t)invitation->id, "session", (json_int_t)invitation->session,
                         "customer", session->row.customer, "inviter", session->row.representative,
                         "message", invitation->message, "as", relation_names[invitation->relation],
                         "mine", is_mine, "created_unix_ms", (json_int_t)invitation->created_ms)) ==
                   0
               ? 0
               : CW_ERR_NOMEM;
}

int cw_op_invitation_list(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply)
{
    struct listing l = {c, request->account, json_array()};
    int err = cw_store_invitation_each(c->store, 0, 0, list_one, &l);

    reply->json = json_pack("{s:o}", "invitations", l.rows);
    return err;
}

/* An open one that the caller was asked with (or made, with is_inviter). */
static int find_invitation(struct cw_control *c, const struct cw_request *request, bool is_inviter,
                           struct cw_reply *reply, struct cw_invitation *ret)
{
    int err = cw_store_invitation_get(c->store, request->path_id, ret);
    const bool is_mine = err == 0 && (is_inviter ? ret->inviter == request->account
                                                 : cw_invitation_is_for(c, ret, request->account));

    if (err == CW_ERR_NOT_FOUND || (err == 0 && !is_mine))
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no invitation with the number %u.",
                         request->path_id);
    if (err == 0 && ret->end != CW_INVITATION_OPEN)
        return cw_refuse(reply, CW_ERR_STATE, "This invitation is over (%s).",
                         cw_invitation_end_name(ret->end));
    return err;
}

int cw_op_invitation_accept(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_invitation invitation;
    struct cw_session_joined joined;
    struct cw_live_session *session = NULL;
    struct cw_account account;
    uint8_t holder[CW_KEY_BYTES];
    int err = find_invitation(c, request, false, reply, &invitation);

    if (err != 0)
        return err;
    if (cw_body_key(request->body, "holder_key", holder) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "holder_key must be a 32-byte key in base64url.");
    session = cw_live_find(c, invitation.session);
    if (session == NULL || session->row.state != CW_SESSION_ACTIVE)
        return cw_refuse(reply, CW_ERR_STATE, "This session is over.");
    if (session->row.account == request->account)
        return cw_refuse(reply, CW_ERR_CONFLICT, "You have this session already.");
    err = cw_store_account_get(c->store, request->account, &account);
    if (err == 0)
        err = cw_invitation_enter(c, &actor, session, &invitation, request->account,
                                  account.display_name, holder, &joined);
    return reply_joined(reply, err, &joined);
}

int cw_op_invitation_decline(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_invitation invitation;
    struct cw_account account = {.display_name = ""};
    const char *reason = "";
    char line[CW_NAME_SIZE + CW_DECLINE_TEXT_BYTES_MAX + 48];
    int err = cw_body_only(request->body, "reason", reply);

    if (err == 0)
        err = find_invitation(c, request, false, reply, &invitation);
    if (err == 0 && cw_body_lines(request->body, "reason", CW_DECLINE_TEXT_BYTES_MAX, &reason) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "reason has at most %d bytes of text.",
                        CW_DECLINE_TEXT_BYTES_MAX);
    if (err == 0)
        err = cw_store_account_get(c->store, request->account, &account);
    if (err != 0)
        return err;
    snprintf(line, sizeof line, "%s declined to come%s%s.", account.display_name,
             reason[0] != '\0' ? ": " : "", reason);
    return cw_invitation_close(c, &actor, &invitation, CW_INVITATION_DECLINED, "invitation.decline",
                               line);
}

int cw_op_invitation_cancel(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_invitation invitation;
    int err = find_invitation(c, request, true, reply, &invitation);

    return err == 0 ? cw_invitation_close(c, &actor, &invitation, CW_INVITATION_CANCELLED,
                                          "invitation.cancel", "An invitation was cancelled.")
                    : err;
}

/* ---- from outside ----------------------------------------------------------------------------- */

static int refuse_key(struct cw_control *c, const struct cw_actor *actor, int err,
                      struct cw_reply *reply)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);

    if (err != CW_ERR_NOT_FOUND && err != CW_ERR_USED && err != CW_ERR_EXPIRED)
        return err;
    cw_budget_charge(&c->budget, CW_BUDGET_KEY, actor->source, now_ms);
    cw_budget_charge(&c->budget, CW_BUDGET_KEY_GLOBAL, "", now_ms);
    cw_audit_refused(c, actor, "portal.join_invitation", "", cw_err_name(err), "invitation key");
    return cw_refuse(reply, err, "%s",
                     err == CW_ERR_USED      ? "This invitation was used already."
                     : err == CW_ERR_EXPIRED ? "This invitation is no longer open."
                                             : "This is not the key of an invitation.");
}

int cw_op_portal_join_invitation(struct cw_control *c, const struct cw_request *request,
                                 struct cw_reply *reply)
{
    struct cw_actor actor = cw_actor_named("external", request->source);
    struct cw_invitation invitation;
    struct cw_session_joined joined;
    struct cw_live_session *session = NULL;
    const char *key = NULL;
    char name[CW_NAME_SIZE];
    uint8_t holder[CW_KEY_BYTES];
    int err = cw_body_only(request->body, "key name holder_key", reply);

    if (err != 0)
        return err;
    reply->retry_after_s =
        cw_budget_wait_s(&c->budget, CW_BUDGET_KEY, request->source, cw_control_now_unix_ms(c));
    if (reply->retry_after_s == 0)
        reply->retry_after_s =
            cw_budget_wait_s(&c->budget, CW_BUDGET_KEY_GLOBAL, "", cw_control_now_unix_ms(c));
    if (reply->retry_after_s > 0)
        return cw_refuse(reply, CW_ERR_FULL, "Too many tries. Wait %u seconds.",
                         reply->retry_after_s);
    if (cw_body_text(request->body, "key", CW_SESSION_KEY_INPUT_BYTES_MAX, &key) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "Enter the key of your invitation.");
    if (cw_body_name(request->body, "name", name) != 0 || name[0] == '\0')
        return cw_refuse(reply, CW_ERR_INVALID, "Enter your name: the others will see it.");
    if (cw_body_key(request->body, "holder_key", holder) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "holder_key must be a 32-byte key in base64url.");
    err = cw_invitation_find_key(c, key, strlen(key), &invitation);
    if (err != 0)
        return refuse_key(c, &actor, err, reply);
    session = cw_live_find(c, invitation.session);
    if (session == NULL || session->row.state != CW_SESSION_ACTIVE)
        return cw_refuse(reply, CW_ERR_EXPIRED, "This invitation is no longer open.");
    snprintf(actor.name, sizeof actor.name, "%s", name);
    err = cw_invitation_enter(c, &actor, session, &invitation, 0, name, holder, &joined);
    return reply_joined(reply, err, &joined);
}

/* ---- leaving ---------------------------------------------------------------------------------- */

int cw_op_session_leave(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_live_session *session = NULL;
    struct cw_live_participant *p = NULL;
    char line[CW_NAME_SIZE + 48];
    int err = cw_session_of_request(c, request, reply, &session);

    if (err != 0)
        return err;
    p = cw_live_member(session, request->account);
    if (p == NULL)
        return cw_refuse(reply, CW_ERR_STATE, "You are not in this session.");
    if (p->row.relation == CW_RELATION_OWNER)
        return cw_refuse(reply, CW_ERR_CONFLICT, "You have this session: transfer it or end it.");
    snprintf(line, sizeof line, "%s is no longer in the session.", p->row.name);
    return cw_session_unseat(c, &actor, session, p, "session.leave", line);
}

int cw_op_session_remove_participant(struct cw_control *c, const struct cw_request *request,
                                     struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_live_session *session = NULL;
    struct cw_live_participant *p = NULL;
    uint64_t number = 0;
    char line[CW_NAME_SIZE + 48];
    int err = cw_body_only(request->body, "participant", reply);

    if (err == 0)
        err = find_shared(c, request, CW_TOOL_REMOVE_PARTICIPANT, reply, &session);
    if (err != 0)
        return err;
    if (cw_body_number(request->body, "participant", 1, UINT32_MAX, &number) == 0)
        p = cw_live_participant(session, (uint32_t)number);
    if (p == NULL || p->row.role != CW_ROLE_REPRESENTATIVE || p->row.left_ms != 0)
        return cw_refuse(reply, CW_ERR_NOT_FOUND,
                         "participant must be the number of somebody who shares this session.");
    if (p->row.relation == CW_RELATION_OWNER)
        return cw_refuse(reply, CW_ERR_CONFLICT, "You have this session: transfer it or end it.");
    snprintf(line, sizeof line, "%s was removed from the session.", p->row.name);
    return cw_session_unseat(c, &actor, session, p, "session.remove_participant", line);
}

/* ---- a sponsor lends what it may ---------------------------------------------------------------- */

int cw_op_session_elevate(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_live_session *session = NULL;
    struct cw_live_participant *owner = NULL;
    const struct cw_live_participant *sponsor = NULL;
    struct cw_participant row;
    struct cw_chat_row line;
    char text[2 * CW_NAME_SIZE + 64];
    char object[32];
    bool has_line = false;
    int err = cw_session_of_request(c, request, reply, &session);

    if (err != 0)
        return err;
    sponsor = cw_live_member(session, request->account);
    owner = cw_live_representative(session);
    if (sponsor == NULL || sponsor->row.relation != CW_RELATION_SPONSOR || owner == NULL)
        return cw_refuse(reply, CW_ERR_DENIED,
                         "Only an access sponsor in the session may do that.");
    row = owner->row;
    row.permissions = cw_policy_narrow(c, session, &sponsor->row, UINT64_MAX >> 1, UINT64_MAX);
    snprintf(object, sizeof object, "session %u", session->row.id);
    snprintf(text, sizeof text, "%s lets %s do what a sponsor may.", sponsor->row.name, row.name);
    err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_participant_put(c->store, &row);
    if (err == 0)
        err = cw_chat_store_line(c, session, text, &line, &has_line);
    if (err == 0)
        err = cw_audit(c, &actor, "session.elevate", object, "ok", "%s", text);
    err = cw_store_end(c->store, err);
    if (err != 0)
        return err;
    owner->row = row;
    owner->renew_ms = 0;
    if (has_line)
        cw_chat_send(session, 0, &line);
    cw_session_refresh_people(c, session);
    cw_session_tell(c, session);
    return 0;
}
