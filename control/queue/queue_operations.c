/* SPDX-License-Identifier: Apache-2.0 */
/* What representatives do with waiting sessions: take the next, decline, transfer, mark. */
#include <stdio.h>
#include <string.h>

#include "control/api/body.h"
#include "control/api/operations.h"
#include "control/policy/policy.h"
#include "control/queue/operations.h"
#include "control/queue/queue.h"
#include "control/session/operations.h"
#include "control/session/people.h"
#include "control/store/store_queue.h"
#include "control/team/team.h"
#include "engine/base/err.h"

static const char *const priority_names[] = {"", "low", "medium", "high", NULL};

const char *cw_priority_name(enum cw_priority priority)
{
    return priority_names[priority];
}

/* ---- get next --------------------------------------------------------------------------------- */

int cw_op_queue_next(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    const struct cw_queue_session *q = NULL;
    struct cw_session_joined joined;
    struct cw_account account;
    uint8_t holder[CW_KEY_BYTES];
    int err = cw_body_only(request->body, "holder_key", reply);

    if (err != 0)
        return err;
    if (cw_body_key(request->body, "holder_key", holder) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "holder_key must be a 32-byte key in base64url.");
    cw_desk_input(c, request->account);
    (void)cw_desk_rep(c, request->account);
    q = cw_queue_next(cw_desk_model(c), cw_queue_rep_find(&c->desk->model, request->account));
    if (q == NULL)
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "No session waits in your queues.");
    err = cw_store_account_get(c->store, request->account, &account);
    if (err == 0)
        err = cw_session_accept(c, &actor, cw_live_find(c, q->row->id), &account, holder, &joined);
    if (err == 0)
        reply->json = json_pack("{s:I, s:o}", "session", (json_int_t)joined.session, "ticket",
                                cw_ticket_to_json(joined.ticket));
    return err;
}

/* ---- decline ---------------------------------------------------------------------------------- */

int cw_op_session_decline(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    const struct cw_fallback_rules rules = cw_desk_fallback(c);
    struct cw_live_session *session = NULL;
    const struct cw_queue_rep *rep = NULL;
    struct cw_fallback_facts facts;
    struct cw_queue_change change;
    const char *reason = "";
    int err = cw_body_only(request->body, "reason", reply);

    if (err == 0)
        err = cw_session_of_request(c, request, reply, &session);
    if (err == 0 && cw_body_lines(request->body, "reason", CW_DECLINE_TEXT_BYTES_MAX, &reason) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "reason has at most %d bytes of text.",
                        CW_DECLINE_TEXT_BYTES_MAX);
    if (err != 0)
        return err;
    cw_desk_input(c, request->account);
    rep = cw_desk_rep(c, request->account);
    if (session->row.state != CW_SESSION_WAITING)
        return cw_refuse(reply, CW_ERR_STATE, "This session does not wait any more.");
    if (rep == NULL || !cw_queue_may_see(rep, &session->q))
        return cw_refuse(reply, CW_ERR_DENIED, "This session waits in somebody else's queue.");
    facts = cw_queue_facts(c, session);
    change = cw_queue_declined(cw_desk_model(c), &session->q, request->account, &rules, &facts);
    return cw_queue_carry_out(c, &actor, session, &change, reason);
}

/* ---- transfer --------------------------------------------------------------------------------- */

/* The owner, whoever may take it from its queue, and those who lead. */
static int check_giver(struct cw_control *c, const struct cw_request *request,
                       struct cw_live_session *session, struct cw_reply *reply)
{
    const struct cw_queue_rep *rep = NULL;

    if (request->front != CW_FRONT_HTTP || cw_session_may_lead(c, session, request->account))
        return 0;
    if (session->row.state == CW_SESSION_WAITING) {
        rep = cw_desk_rep(c, request->account);
        if (rep != NULL && cw_queue_may_take(rep, &session->q))
            return 0;
    } else if (session->row.account == request->account) {
        return cw_policy_demand(c, session, request->account, CW_TOOL_TRANSFER, reply);
    }
    return cw_refuse(reply, CW_ERR_DENIED,
                     "Only who has this session, or leads its team, may transfer it.");
}

/* Other teams, and their members, need a right. */
static bool is_reachable(struct cw_control *c, const struct cw_request *request, struct cw_place to)
{
    const struct cw_queue_rep *rep = NULL;
    const struct cw_queue_rep *other = NULL;

    if (request->front != CW_FRONT_HTTP || to.account == request->account ||
        cw_right_has(c, request->account, CW_RIGHT_TRANSFER_OTHER_TEAM))
        return true;
    if (to.account != 0)
        (void)cw_desk_rep(c, to.account);
    rep = cw_desk_rep(c, request->account);
    if (rep == NULL)
        return false;
    if (to.team != 0)
        return cw_queue_role(rep, to.team) != 0;
    other = cw_queue_rep_find(&c->desk->model, to.account);
    for (uint32_t i = 0; other != NULL && i < rep->team_count; i++)
        if (cw_queue_role(other, rep->teams[i].team) != 0)
            return true;
    return false;
}

int cw_place_of_body(struct cw_control *c, const json_t *body, struct cw_place *ret,
                     struct cw_reply *reply)
{
    uint64_t team = 0;
    uint64_t account = 0;

    if (cw_body_number(body, "team", 1, UINT32_MAX, &team) != 0 ||
        cw_body_number(body, "account", 1, UINT32_MAX, &account) != 0 ||
        (team == 0) == (account == 0))
        return cw_refuse(reply, CW_ERR_INVALID,
                         "Say either team or account, with the number of one.");
    *ret = (struct cw_place){.team = (uint32_t)team, .account = (uint32_t)account};
    if (!cw_desk_is_usable(c, *ret))
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no %s with the number %u.",
                         team != 0 ? "team" : "representative who may sign in",
                         (uint32_t)(team != 0 ? team : account));
    return 0;
}

static int carry_transfer(struct cw_control *c, const struct cw_request *request,
                          struct cw_live_session *session, struct cw_place to, const char *reason)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    const struct cw_queue_change change = {
        .kind = CW_QUEUE_MOVE, .session = session->row.id, .to = to};
    const struct cw_live_participant *there =
        to.account != 0 ? cw_live_member(session, to.account) : NULL;
    char line[2 * CW_NAME_SIZE + 64];

    if (session->row.state == CW_SESSION_ACTIVE && there != NULL && there->is_up &&
        there->row.relation != CW_RELATION_WATCHER) {
        snprintf(line, sizeof line, "%s transferred the session to %s.",
                 session->row.representative, there->row.name);
        return cw_session_set_owner(c, &actor, session, to.account, "session.transfer", line);
    }
    return cw_queue_carry_out(c, &actor, session, &change, reason);
}

int cw_op_session_transfer(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_live_session *session = NULL;
    struct cw_place to = {0};
    const char *reason = "";
    char object[32];
    int err = cw_body_only(request->body, "team account reason", reply);

    if (err == 0)
        err = cw_session_of_request(c, request, reply, &session);
    if (err == 0)
        err = cw_place_of_body(c, request->body, &to, reply);
    if (err == 0 && cw_body_lines(request->body, "reason", CW_DECLINE_TEXT_BYTES_MAX, &reason) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "reason has at most %d bytes of text.",
                        CW_DECLINE_TEXT_BYTES_MAX);
    if (err != 0)
        return err;
    cw_desk_input(c, request->account);
    snprintf(object, sizeof object, "session %u", session->row.id);
    err = check_giver(c, request, session, reply);
    if (err == 0 && !is_reachable(c, request, to))
        err = cw_refuse(reply, CW_ERR_DENIED,
                        "You may not transfer to a team you are not in (transfer_other_team).");
    if (err != 0) {
        cw_audit_refused(c, &actor, "session.transfer", object, "DENIED", "team %u, account %u",
                         to.team, to.account);
        return err;
    }
    if (cw_place_is(cw_queue_place(&session->row), to))
        return cw_refuse(reply, CW_ERR_CONFLICT, "The session waits there already.");
    if (session->row.state == CW_SESSION_ACTIVE && session->row.account == to.account)
        return cw_refuse(reply, CW_ERR_CONFLICT, "%s has this session already.",
                         session->row.representative);
    return carry_transfer(c, request, session, to, reason);
}

/* ---- take over -------------------------------------------------------------------------------- */

int cw_op_session_take_over(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_live_session *session = NULL;
    struct cw_session_joined joined;
    struct cw_account account;
    uint8_t holder[CW_KEY_BYTES];
    char line[2 * CW_NAME_SIZE + 48];
    struct cw_queue_change change = {.kind = CW_QUEUE_OWNER, .account = request->account};
    struct cw_seating seating = {
        .account = request->account,
        .relation = CW_RELATION_OWNER,
        .holder_key = holder,
        .change = &change,
        .action = "session.take_over",
        .detail = line,
        .line = line,
    };
    int err = cw_session_of_request(c, request, reply, &session);

    if (err != 0)
        return err;
    if (cw_body_key(request->body, "holder_key", holder) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "holder_key must be a 32-byte key in base64url.");
    if (session->row.state != CW_SESSION_ACTIVE)
        return cw_refuse(reply, CW_ERR_STATE, "This session still waits: accept it.");
    if (session->row.account == request->account)
        return cw_refuse(reply, CW_ERR_CONFLICT, "You have this session already.");
    if (!cw_session_may_lead(c, session, request->account)) {
        snprintf(line, sizeof line, "session %u", session->row.id);
        cw_audit_refused(c, &actor, "session.take_over", line, "DENIED", "does not lead the team");
        return cw_refuse(reply, CW_ERR_DENIED,
                         "Only a lead or manager of its team may take a session over.");
    }
    err = cw_store_account_get(c->store, request->account, &account);
    if (err != 0)
        return err;
    change.session = session->row.id;
    seating.name = account.display_name;
    snprintf(line, sizeof line, "%s took the session over from %s.", account.display_name,
             session->row.representative);
    err = cw_session_seat(c, &actor, session, &seating, &joined);
    if (err == 0)
        reply->json = json_pack("{s:I, s:o}", "session", (json_int_t)joined.session, "ticket",
                                cw_ticket_to_json(joined.ticket));
    return err;
}

/* ---- marks ------------------------------------------------------------------------------------ */

int cw_op_session_set_priority(struct cw_control *c, const struct cw_request *request,
                               struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_queue_change change = {.kind = CW_QUEUE_PRIORITY};
    struct cw_live_session *session = NULL;
    unsigned priority = 0;
    int err = cw_body_only(request->body, "priority", reply);

    if (err == 0)
        err = cw_session_of_request(c, request, reply, &session);
    if (err == 0 && (cw_body_choice(request->body, "priority", priority_names, &priority) != 0 ||
                     priority == 0))
        err = cw_refuse(reply, CW_ERR_INVALID, "priority must be low, medium or high.");
    if (err != 0)
        return err;
    change.session = session->row.id;
    change.priority = (enum cw_priority)priority;
    return cw_queue_carry_out(c, &actor, session, &change, priority_names[priority]);
}

int cw_op_session_favourite(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_live_session *session = NULL;
    bool is_one = true;
    char object[32];
    int err = cw_body_only(request->body, "favourite", reply);

    if (err == 0)
        err = cw_session_of_request(c, request, reply, &session);
    if (err == 0 && cw_body_bool(request->body, "favourite", &is_one) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "favourite is either true or false.");
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "session %u", session->row.id);
    err = cw_store_favourite_set(c->store, session->row.id, request->account, is_one);
    if (err == 0)
        err = cw_audit(c, &actor, "session.favourite", object, "ok", "%s", is_one ? "yes" : "no");
    return cw_store_end(c->store, err);
}

int cw_skills_of_body(struct cw_control *c, const json_t *body, uint32_t *ret_skills,
                      uint32_t *ret_count, uint32_t count_max, struct cw_reply *reply)
{
    bool is_given = false;

    *ret_count = 0;
    if (cw_body_numbers(body, "skills", ret_skills, count_max, ret_count, &is_given) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "skills must be a list of at most %u numbers.",
                         count_max);
    (void)cw_desk_model(c);
    for (uint32_t i = 0; i < *ret_count; i++)
        if (cw_skill_place(&c->desk->model, ret_skills[i]) < 0)
            return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no skill with the number %u.",
                             ret_skills[i]);
    return 0;
}

int cw_op_session_set_skills(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_live_session *session = NULL;
    uint32_t skills[CW_SESSION_SKILLS_MAX];
    uint32_t count = 0;
    char object[32];
    int err = cw_body_only(request->body, "skills", reply);

    if (err == 0)
        err = cw_session_of_request(c, request, reply, &session);
    if (err == 0)
        err = cw_skills_of_body(c, request->body, skills, &count, CW_SESSION_SKILLS_MAX, reply);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "session %u", session->row.id);
    err = cw_store_session_skills_put(c->store, session->row.id, skills, count);
    if (err == 0)
        err = cw_audit(c, &actor, "session.set_skills", object, "ok", "%u skills", count);
    err = cw_store_end(c->store, err);
    if (err == 0) {
        memcpy(session->q.needs, skills, count * sizeof skills[0]);
        session->q.need_count = count;
    }
    return err;
}
