/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions as their representative (or the operator) sees them. */
#include <stdio.h>
#include <string.h>

#include "control/account/seat.h"
#include "control/api/body.h"
#include "control/api/operations.h"
#include "control/link/recording.h"
#include "control/queue/desk.h"
#include "control/session/operations.h"
#include "control/session/people.h"
#include "control/session/session.h"
#include "control/session/survey.h"
#include "control/session/ticket_issue.h"
#include "engine/base/err.h"

json_t *cw_ticket_to_json(const uint8_t *ticket)
{
    char text[(CW_TICKET_BYTES * 4 + 2) / 3 + 1];

    cw_base64url_encode(ticket, CW_TICKET_BYTES, text);
    return json_string(text);
}

static const char *state_name(enum cw_session_state state)
{
    switch (state) {
    case CW_SESSION_WAITING: return "waiting";
    case CW_SESSION_ACTIVE: return "active";
    case CW_SESSION_ENDED: return "ended";
    }
    return "ended";
}

static json_t *id_or_null(uint32_t id)
{
    return id != 0 ? json_integer((json_int_t)id) : json_null();
}

json_t *cw_session_json(struct cw_live_session *session)
{
    const struct cw_session *row = &session->row;
    const struct cw_live_participant *source = cw_live_source(session);
    const bool is_waiting = row->state == CW_SESSION_WAITING;

    return json_pack(
        "{s:I, s:s, s:s, s:s, s:o, s:o, s:o, s:I, s:b, s:s, s:o, s:s, s:o, s:o, s:o, s:s}", "id",
        (json_int_t)row->id, "state", state_name(row->state), "kind",
        row->kind == CW_SESSION_JUMP ? "jump" : "key", "customer", row->customer, "jump_item",
        id_or_null(row->jump_item), "representative",
        is_waiting ? json_null() : json_string(row->representative), "started_unix_ms",
        is_waiting ? json_null() : json_integer((json_int_t)row->started_ms),
        "waiting_since_unix_ms", (json_int_t)row->created_ms, "source_connected",
        source != NULL && source->is_up, "recording", cw_recording_policy_name(row->recording),
        "team", id_or_null(row->team), "name", row->title[0] != '\0' ? row->title : row->customer,
        "portal", id_or_null(row->portal), "issue", id_or_null(row->issue), "button",
        id_or_null(row->button), "client",
        row->kind == CW_SESSION_JUMP     ? "jump"
        : cw_session_is_browser(session) ? "browser"
                                         : "full");
}

/* account 0: everybody's. */
static json_t *list_json(struct cw_control *c, uint32_t account)
{
    json_t *rows = json_array();

    for (uint32_t i = 0; i < c->live_count; i++) {
        struct cw_live_session *session = c->live[i];
        if (!session->is_over && (account == 0 || session->row.account == account ||
                                  cw_live_member(session, account) != NULL))
            json_array_append_new(rows, cw_session_json(session));
    }
    return rows;
}

int cw_op_session_list(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    reply->json = json_pack("{s:o}", "sessions", list_json(c, request->account));
    return 0;
}

int cw_op_show_sessions(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    (void)request;
    reply->json = json_pack("{s:o}", "sessions", list_json(c, 0));
    return 0;
}

int cw_session_of_request(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply, struct cw_live_session **ret)
{
    struct cw_live_session *session = cw_live_find(c, request->path_id);
    struct cw_session row;

    if (session != NULL &&
        (request->front != CW_FRONT_HTTP || cw_session_may_see(c, session, request->account))) {
        *ret = session;
        return 0;
    }
    if (session == NULL && cw_store_session_get(c->store, request->path_id, &row) == 0 &&
        (request->front != CW_FRONT_HTTP || row.account == request->account))
        return cw_refuse(reply, CW_ERR_STATE, "Session %u has ended.", request->path_id);
    return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no session with the number %u.",
                     request->path_id);
}

int cw_session_owned(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply,
                     struct cw_live_session **ret)
{
    int err = cw_session_of_request(c, request, reply, ret);

    if (err == 0 && request->front == CW_FRONT_HTTP && (*ret)->row.account != request->account)
        return cw_refuse(reply, CW_ERR_DENIED, "Only %s, who has this session, may do that.",
                         (*ret)->row.representative[0] != '\0' ? (*ret)->row.representative
                                                               : "the representative");
    return err;
}

static int reply_joined(struct cw_reply *reply, const struct cw_session_joined *joined)
{
    reply->json = json_pack("{s:I, s:o}", "session", (json_int_t)joined->session, "ticket",
                            cw_ticket_to_json(joined->ticket));
    return 0;
}

/* It can be seen, but not taken: why. */
static int refuse_take(struct cw_control *c, const struct cw_request *request,
                       const struct cw_live_session *session, struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    char object[32];

    if (session->q.offered_to != 0 && session->q.offered_to != request->account)
        return cw_refuse(
            reply, CW_ERR_CONFLICT,
            "This session is being offered to somebody else. Wait until that is over.");
    snprintf(object, sizeof object, "session %u", session->row.id);
    cw_audit_refused(c, &actor, "session.accept", object, "DENIED", "not from this queue");
    return cw_refuse(
        reply, CW_ERR_DENIED,
        session->row.team != 0
            ? "You take no sessions from the queue of this team: you are not in it, or "
              "lack the right accept_team_sessions."
            : "This session waits in somebody else's queue.");
}

int cw_op_session_accept(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_live_session *session = NULL;
    struct cw_session_joined joined;
    struct cw_account account;
    uint8_t holder[CW_KEY_BYTES];
    const struct cw_queue_rep *rep = NULL;
    int err = cw_session_of_request(c, request, reply, &session);

    if (err != 0)
        return err;
    if (cw_body_key(request->body, "holder_key", holder) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "holder_key must be a 32-byte key in base64url.");
    if (session->row.state != CW_SESSION_WAITING)
        return cw_refuse(reply, CW_ERR_CONFLICT, "This session was accepted already.");
    cw_desk_input(c, request->account);
    rep = cw_desk_rep(c, request->account);
    if (rep == NULL || !cw_queue_may_take(rep, &session->q))
        return refuse_take(c, request, session, reply);
    err = cw_store_account_get(c->store, request->account, &account);
    if (err == 0)
        err = cw_session_accept(c, &actor, session, &account, holder, &joined);
    return err == 0 ? reply_joined(reply, &joined) : err;
}

/* Leads and managers come in without an invitation; everybody in the session reads it. */
static int join_as_lead(struct cw_control *c, const struct cw_actor *actor,
                        struct cw_live_session *session, const struct cw_account *account,
                        const uint8_t *holder, struct cw_session_joined *ret)
{
    char line[CW_NAME_SIZE + 48];
    const struct cw_seating seating = {
        .account = account->id,
        .name = account->display_name,
        .relation = CW_RELATION_INVITED,
        .holder_key = holder,
        .action = "session.join",
        .detail = line,
        .line = line,
    };

    snprintf(line, sizeof line, "%s comes in as a lead of the team.", account->display_name);
    return cw_session_seat(c, actor, session, &seating, ret);
}

int cw_op_session_join(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_live_session *session = NULL;
    const struct cw_live_participant *p = NULL;
    struct cw_session_joined joined;
    struct cw_account account;
    uint8_t holder[CW_KEY_BYTES];
    int err = cw_session_of_request(c, request, reply, &session);

    if (err != 0)
        return err;
    if (cw_body_key(request->body, "holder_key", holder) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "holder_key must be a 32-byte key in base64url.");
    if (session->row.state != CW_SESSION_ACTIVE)
        return cw_refuse(reply, CW_ERR_STATE, "This session still waits: accept it first.");
    p = cw_live_member(session, request->account);
    if (p != NULL) {
        err = cw_session_join_again(c, &actor, session, p, holder, &joined);
        return err == 0 ? reply_joined(reply, &joined) : err;
    }
    err = cw_store_account_get(c->store, request->account, &account);
    if (err == 0)
        err = join_as_lead(c, &actor, session, &account, holder, &joined);
    if (err == CW_ERR_FULL)
        return cw_refuse(reply, CW_ERR_CONFLICT, "This session has as many people as it can have.");
    return err == 0 ? reply_joined(reply, &joined) : err;
}

/* Those that cw_op_session_watch takes. */
static bool can_be_watched(const struct cw_live_session *session, uint32_t account)
{
    return !session->is_over && session->row.state == CW_SESSION_ACTIVE &&
           session->row.kind == CW_SESSION_JUMP &&
           (account == 0 || session->row.account != account);
}

int cw_op_session_others(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    json_t *rows = json_array();

    for (uint32_t i = 0; i < c->live_count; i++)
        if (can_be_watched(c->live[i], request->account))
            json_array_append_new(rows, cw_session_json(c->live[i]));
    reply->json = json_pack("{s:o}", "sessions", rows);
    return 0;
}

int cw_op_session_watch(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_live_session *session = cw_live_find(c, request->path_id);
    struct cw_session_joined joined;
    struct cw_account account = {.display_name = "The operator"};
    uint8_t holder[CW_KEY_BYTES];
    int err = 0;

    if (session == NULL)
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no session with the number %u.",
                         request->path_id);
    if (cw_body_key(request->body, "holder_key", holder) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "holder_key must be a 32-byte key in base64url.");
    if (session->row.kind != CW_SESSION_JUMP)
        return cw_refuse(
            reply, CW_ERR_CONFLICT,
            "A customer's session cannot be watched: the customer has not been asked.");
    if (!can_be_watched(session, request->account))
        return cw_refuse(reply, CW_ERR_CONFLICT, "This is your own session: join it.");
    if (request->account != 0)
        err = cw_store_account_get(c->store, request->account, &account);
    if (err == 0)
        err = cw_session_watch(c, &actor, session, request->account, account.display_name, holder,
                               &joined);
    if (err == CW_ERR_FULL)
        return cw_refuse(reply, CW_ERR_CONFLICT, "This session has as many people as it can have.");
    return err == 0 ? reply_joined(reply, &joined) : err;
}

int cw_op_session_end(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_live_session *session = NULL;
    int err = cw_session_owned(c, request, reply, &session);

    if (err == 0 && request->front == CW_FRONT_HTTP && session->row.state == CW_SESSION_ACTIVE)
        err = cw_survey_check(c, session->row.id, request->account, reply);
    if (err == 0)
        cw_session_end(c, session, &actor,
                       request->front == CW_FRONT_HTTP ? CW_CLOSE_ENDED_BY_REPRESENTATIVE
                                                       : CW_CLOSE_ENDED_BY_OPERATOR,
                       "", true);
    return err;
}

static int chat_one(void *user, const struct cw_chat_row *line)
{
    json_t *row = json_pack(
        "{s:I, s:I, s:I, s:s%, s:s%, s:s, s:s}", "sequence", (json_int_t)line->sequence,
        "time_unix_ms", (json_int_t)line->time_ms, "participant", (json_int_t)line->participant,
        "name", line->name, line->name_bytes, "text", line->text, line->text_bytes, "from",
        line->role == CW_ROLE_NONE             ? "appliance"
        : line->role == CW_ROLE_REPRESENTATIVE ? "representative"
                                               : "customer",
        "audience", line->audience == CW_CHAT_REPRESENTATIVES ? "representatives" : "everybody");

    return json_array_append_new(user, row) == 0 ? 0 : CW_ERR_NOMEM;
}

int cw_op_session_chat(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    struct cw_live_session *live = NULL;
    struct cw_session row;
    json_t *lines = NULL;
    int err = cw_store_session_get(c->store, request->path_id, &row);

    /* Ended ones too: the transcript stays. Who takes part sees it as long as the session lives. */
    live = cw_live_find(c, request->path_id);
    if (err == CW_ERR_NOT_FOUND ||
        (err == 0 && request->front == CW_FRONT_HTTP && row.account != request->account &&
         (live == NULL || !cw_session_may_see(c, live, request->account))))
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no session with the number %u.",
                         request->path_id);
    if (err != 0)
        return err;
    lines = json_array();
    err = cw_store_chat_each(c->store, row.id, CW_CHAT_REPRESENTATIVES,
                             CW_CHAT_LINES_PER_SESSION_MAX, chat_one, lines);
    reply->json = json_pack("{s:o}", "lines", lines);
    return err;
}

int cw_op_events_ticket(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    struct cw_ticket ticket = {
        .kind = CW_TICKET_KIND_CONSOLE,
        .role = CW_ROLE_CONSOLE,
        .participant = request->account,
        .permissions = CW_PERMIT(EVENTS),
    };
    uint8_t out[CW_TICKET_BYTES];
    int err = 0;

    if (cw_body_key(request->body, "holder_key", ticket.holder_key) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "holder_key must be a 32-byte key in base64url.");
    /* Not stored, so a console works while the store cannot be written. */
    err = cw_ticket_issue(c, &ticket, out);
    if (err == 0) {
        cw_seat_hold(c, request->account);
        reply->json = json_pack("{s:o}", "ticket", cw_ticket_to_json(out));
    }
    return err;
}
