/* SPDX-License-Identifier: Apache-2.0 */
#include "control/session/people.h"

#include <stdio.h>
#include <string.h>

#include "control/queue/desk.h"
#include "control/session/event.h"
#include "control/session/invitation.h"
#include "control/session/ticket_issue.h"
#include "control/store/store_queue.h"
#include "control/team/team.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

static void object_of(const struct cw_live_session *session, char *out, size_t size)
{
    snprintf(out, size, "session %u", session->row.id);
}

void cw_session_tell(struct cw_control *c, struct cw_live_session *session)
{
    for (uint32_t i = 0; i < session->participant_count; i++) {
        const struct cw_participant *row = &session->participants[i].row;
        if (row->role == CW_ROLE_REPRESENTATIVE && row->left_ms == 0 && row->account != 0)
            cw_event_changed(c, row->account, "sessions_changed");
    }
    if (session->row.account != 0 && cw_live_member(session, session->row.account) == NULL)
        cw_event_changed(c, session->row.account, "sessions_changed");
    cw_desk_dashboard(c);
}

/* ---- who may ---------------------------------------------------------------------------------- */

/* A lead over the team, or over a member of one of its own teams. */
static bool leads(const struct cw_queue_model *m, const struct cw_queue_rep *rep, uint32_t team,
                  uint32_t account)
{
    const struct cw_queue_rep *owner = account != 0 ? cw_queue_rep_find(m, account) : NULL;

    for (uint32_t i = 0; i < rep->team_count; i++) {
        const struct cw_queue_membership *own = &rep->teams[i];
        if (own->role < CW_TEAM_LEAD)
            continue;
        if (team != 0 && own->team == team)
            return true;
        if (owner != NULL && cw_queue_role(owner, own->team) != CW_TEAM_NONE &&
            cw_queue_role(owner, own->team) < own->role)
            return true;
    }
    return false;
}

bool cw_session_may_lead(struct cw_control *c, struct cw_live_session *session, uint32_t account)
{
    const struct cw_session *row = &session->row;
    struct cw_queue_model *m = NULL;
    const struct cw_queue_rep *rep = NULL;
    struct cw_account own;

    if (account == 0 || cw_store_account_get(c->store, account, &own) != 0 || !own.is_enabled)
        return false;
    if (row->account != 0)
        (void)cw_desk_rep(c, row->account);
    (void)cw_desk_rep(c, account);
    m = cw_desk_model(c);
    rep = cw_queue_rep_find(m, account);
    return rep != NULL && leads(m, rep, row->team != 0 ? row->team : row->last.team, row->account);
}

bool cw_session_may_see(struct cw_control *c, struct cw_live_session *session, uint32_t account)
{
    const struct cw_queue_rep *rep = NULL;

    if (session->row.account == account || cw_live_member(session, account) != NULL)
        return true;
    rep = cw_desk_rep(c, account);
    return (rep != NULL && cw_queue_may_see(rep, &session->q)) ||
           cw_session_may_lead(c, session, account);
}

/* ---- coming ----------------------------------------------------------------------------------- */

struct seat {
    struct cw_live_participant next; /* as it will be */
    struct cw_live_participant *now; /* NULL: new */
    struct cw_session row;
    struct cw_participant former; /* the owner until now, when that changes */
    bool has_former;
    uint64_t permissions; /* what its ticket says */
};

/* Somebody with that account who was here before keeps the number, and what the customer said to it. */
static struct cw_live_participant *earlier(struct cw_live_session *session,
                                           const struct cw_seating *seating)
{
    if (seating->relation == CW_RELATION_EXTERNAL)
        return NULL;
    for (uint32_t i = 0; i < session->participant_count; i++) {
        struct cw_live_participant *p = &session->participants[i];
        if (p->row.role == CW_ROLE_REPRESENTATIVE && p->row.relation != CW_RELATION_EXTERNAL &&
            p->row.account == seating->account)
            return p;
    }
    return NULL;
}

static int prepare(struct cw_control *c, struct cw_live_session *session,
                   const struct cw_seating *seating, struct seat *ret)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    struct cw_live_participant *owner = cw_live_representative(session);
    struct cw_participant *row = &ret->next.row;

    *ret = (struct seat){.now = earlier(session, seating), .row = session->row};
    if (ret->now != NULL)
        ret->next = *ret->now;
    else if (session->participant_count >= CW_PARTICIPANTS_PER_SESSION_MAX)
        return CW_ERR_FULL;
    else if (cw_live_participant_reserve(session) != 0)
        return CW_ERR_NOMEM;
    else
        *row = (struct cw_participant){.session = session->row.id,
                                       .number = session->participant_count + 1,
                                       .role = CW_ROLE_REPRESENTATIVE,
                                       .account = seating->account};
    if (ret->now == NULL || row->left_ms != 0)
        row->joined_ms = now_ms;
    if (row->left_ms != 0)
        row->tools = 0; /* who was away is asked about again */
    row->left_ms = 0;
    row->session_policy = seating->session_policy;
    row->relation = seating->relation;
    row->permissions = seating->permissions;
    snprintf(row->name, sizeof row->name, "%s", seating->name);
    memcpy(row->holder_key, seating->holder_key, sizeof row->holder_key);
    /* Until the new holder is up, no resume ticket is due for it. */
    ret->next.renew_ms = UINT64_MAX;
    if (seating->change != NULL)
        ret->row = cw_queue_row_after(&session->row, seating->change, now_ms);
    ret->has_former = seating->relation == CW_RELATION_OWNER && owner != NULL && owner != ret->now;
    if (ret->has_former) {
        ret->former = owner->row;
        ret->former.relation = CW_RELATION_INVITED;
        ret->former.permissions = 0;
    }
    return 0;
}

/* Inside a transaction. */
static int store_seat(struct cw_control *c, struct cw_live_session *session,
                      const struct cw_seating *seating, struct seat *seat)
{
    const uint64_t now_s = cw_control_now_unix_ms(c) / 1000;
    int err = seat->now == NULL ? cw_store_participant_add(c->store, &seat->next.row)
                                : cw_store_participant_put(c->store, &seat->next.row);

    if (err == 0 && seat->now != NULL)
        err = cw_store_ticket_deny(c->store, session->row.id, seat->next.row.number, now_s);
    if (err == 0 && seat->has_former)
        err = cw_store_participant_put(c->store, &seat->former);
    if (err == 0 && seat->has_former)
        err = cw_store_ticket_deny(c->store, session->row.id, seat->former.number, now_s);
    if (err == 0 && seating->change != NULL)
        err = cw_store_session_put(c->store, &seat->row, cw_control_now_unix_ms(c));
    if (err == 0 && seating->change != NULL && seating->change->kind == CW_QUEUE_TAKE)
        err = cw_store_asked_clear(c->store, session->row.id);
    return err;
}

/* Inside a transaction. The ticket says what the participant may do when all of this is so. */
static int issue(struct cw_control *c, struct cw_live_session *session, struct seat *seat,
                 uint8_t *ret_ticket)
{
    struct cw_session before = session->row;
    int err = 0;

    session->row = seat->row;
    seat->permissions = cw_session_permissions(c, session, &seat->next);
    err = cw_session_issue(c, session, &seat->next, CW_TICKET_KIND_JOIN, ret_ticket);
    session->row = before;
    return err;
}

static void take_seat(struct cw_control *c, struct cw_live_session *session,
                      const struct cw_seating *seating, const struct seat *seat)
{
    struct cw_live_participant *p = seat->now;

    if (p != NULL)
        *p = seat->next;
    else
        (void)cw_live_participant_add(session, &seat->next.row, &p);
    p->renew_ms = UINT64_MAX;
    p->away_since_ms = 0;
    p->ticketed = seat->permissions; /* older ones are denied */
    if (seat->has_former) {
        struct cw_live_participant *former = cw_live_participant(session, seat->former.number);
        former->row = seat->former;
        former->ticketed = 0;
        former->renew_ms = 0;
    }
    if (seating->change == NULL)
        return;
    cw_queue_apply(&c->desk->model, seating->change, cw_control_now_unix_ms(c));
    snprintf(session->row.representative, sizeof session->row.representative, "%s", seating->name);
}

int cw_session_seat(struct cw_control *c, const struct cw_actor *actor,
                    struct cw_live_session *session, const struct cw_seating *seating,
                    struct cw_session_joined *ret)
{
    const struct cw_place place = cw_queue_place(&session->row);
    const uint32_t offered_to = session->q.offered_to;
    struct cw_denials denials = {0};
    struct cw_denials former = {0};
    struct cw_chat_row line;
    struct seat seat;
    char object[32];
    bool has_line = false;
    int err = prepare(c, session, seating, &seat);

    object_of(session, object, sizeof object);
    if (err == 0 && seat.now != NULL)
        err = cw_denials_collect(c, session->row.id, seat.next.row.number, &denials);
    if (err == 0 && seat.has_former)
        err = cw_denials_collect(c, session->row.id, seat.former.number, &former);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err == 0) {
        err = store_seat(c, session, seating, &seat);
        if (err == 0)
            err = issue(c, session, &seat, ret->ticket);
        if (err == 0 && seating->more != NULL)
            err = seating->more(c, seating->user, seat.next.row.number);
        if (err == 0 && seating->line != NULL)
            err = cw_chat_store_line(c, session, seating->line, &line, &has_line);
        if (err == 0)
            err = cw_audit(c, actor, seating->action, object, "ok", "%s", seating->detail);
        err = cw_store_end(c->store, err);
    }
    if (err == 0) {
        take_seat(c, session, seating, &seat);
        ret->session = session->row.id;
        cw_denials_send(c, &denials);
        cw_denials_send(c, &former);
        cw_session_refresh_people(c, session);
        if (has_line)
            cw_chat_send(session, 0, &line);
        if (session->q.offered_to == 0)
            cw_event_offer_over(c, offered_to, session->row.id, "taken");
        if (cw_place_is_set(place))
            cw_desk_tell(c, place);
        cw_session_tell(c, session);
    }
    cw_denials_free(&denials);
    cw_denials_free(&former);
    return err;
}

/* ---- another owner ---------------------------------------------------------------------------- */

int cw_session_set_owner(struct cw_control *c, const struct cw_actor *actor,
                         struct cw_live_session *session, uint32_t account, const char *action,
                         const char *line)
{
    const struct cw_queue_change change = {
        .kind = CW_QUEUE_OWNER, .session = session->row.id, .account = account};
    const struct cw_session row =
        cw_queue_row_after(&session->row, &change, cw_control_now_unix_ms(c));
    struct cw_live_participant *now = cw_live_representative(session);
    struct cw_live_participant *next = cw_live_member(session, account);
    struct cw_participant next_row;
    struct cw_participant now_row;
    struct cw_denials denials = {0};
    struct cw_chat_row stored;
    char object[32];
    bool has_line = false;
    int err = next != NULL && next != now ? 0 : CW_ERR_STATE;

    if (err != 0)
        return err;
    next_row = next->row;
    next_row.relation = CW_RELATION_OWNER;
    next_row.permissions = 0;
    object_of(session, object, sizeof object);
    if (now != NULL)
        err = cw_denials_collect(c, session->row.id, now->row.number, &denials);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err == 0) {
        err = cw_store_session_put(c->store, &row, cw_control_now_unix_ms(c));
        if (err == 0)
            err = cw_store_participant_put(c->store, &next_row);
        if (err == 0 && now != NULL) {
            now_row = now->row;
            now_row.relation = CW_RELATION_INVITED;
            now_row.permissions = 0;
            err = cw_store_participant_put(c->store, &now_row);
            if (err == 0)
                err = cw_store_ticket_deny(c->store, session->row.id, now_row.number,
                                           cw_control_now_unix_ms(c) / 1000);
        }
        if (err == 0)
            err = cw_chat_store_line(c, session, line, &stored, &has_line);
        if (err == 0)
            err = cw_audit(c, actor, action, object, "ok", "%s", line);
        err = cw_store_end(c->store, err);
    }
    if (err == 0) {
        cw_queue_apply(&c->desk->model, &change, cw_control_now_unix_ms(c));
        next->row = next_row;
        snprintf(session->row.representative, sizeof session->row.representative, "%s",
                 next_row.name);
        if (now != NULL) {
            now->row = now_row;
            now->ticketed = 0;
            now->renew_ms = 0;
        }
        cw_denials_send(c, &denials);
        cw_session_refresh_people(c, session);
        if (has_line)
            cw_chat_send(session, 0, &stored);
        cw_session_tell(c, session);
    }
    cw_denials_free(&denials);
    return err;
}

/* ---- leaving ---------------------------------------------------------------------------------- */

/* Inside a transaction. number 0: every representative who takes part. */
static int store_leaving(struct cw_control *c, struct cw_live_session *session, uint32_t number)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    int err = 0;

    for (uint32_t i = 0; err == 0 && i < session->participant_count; i++) {
        struct cw_participant row = session->participants[i].row;
        if (row.role != CW_ROLE_REPRESENTATIVE || row.left_ms != 0 ||
            (number != 0 && row.number != number))
            continue;
        row.left_ms = now_ms;
        err = cw_store_participant_put(c->store, &row);
        if (err == 0)
            err = cw_store_ticket_deny(c->store, session->row.id, row.number, now_ms / 1000);
    }
    return err;
}

static void take_leave(struct cw_control *c, struct cw_live_session *session, uint32_t number)
{
    for (uint32_t i = 0; i < session->participant_count; i++) {
        struct cw_live_participant *p = &session->participants[i];
        struct cw_link_message m = {.type = CW_LINK_REMOVE_PARTICIPANT,
                                    .session = session->row.id,
                                    .participant = p->row.number,
                                    .code = CW_CLOSE_REMOVED};
        if (p->row.role != CW_ROLE_REPRESENTATIVE || p->row.left_ms != 0 ||
            (number != 0 && p->row.number != number))
            continue;
        p->row.left_ms = cw_control_now_unix_ms(c);
        p->was_up = false;
        p->away_since_ms = 0;
        p->renew_ms = UINT64_MAX;
        if (p->is_up && session->link != NULL)
            cw_link_send(session->link, &m);
        if (p->row.account != 0)
            cw_event_changed(c, p->row.account, "sessions_changed");
    }
}

int cw_session_unseat(struct cw_control *c, const struct cw_actor *actor,
                      struct cw_live_session *session, struct cw_live_participant *p,
                      const char *action, const char *line)
{
    struct cw_invitations_over over = {0};
    struct cw_denials denials = {0};
    struct cw_chat_row stored;
    char object[32];
    bool has_line = false;
    int err = cw_denials_collect(c, session->row.id, p->row.number, &denials);

    object_of(session, object, sizeof object);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err == 0) {
        err = store_leaving(c, session, p->row.number);
        if (err == 0 && p->row.account != 0)
            err = cw_invitations_end(c, session->row.id, p->row.account, CW_INVITATION_INVITER_LEFT,
                                     &over);
        if (err == 0)
            err = cw_chat_store_line(c, session, line, &stored, &has_line);
        if (err == 0)
            err = cw_audit(c, actor, action, object, "ok", "%s", line);
        err = cw_store_end(c->store, err);
    }
    if (err == 0) {
        cw_denials_send(c, &denials);
        if (has_line)
            cw_chat_send(session, 0, &stored);
        take_leave(c, session, p->row.number);
        cw_session_end_elevation(c, session);
        cw_session_tell(c, session);
        cw_invitations_tell(c, session, &over);
    }
    cw_invitations_free(&over);
    cw_denials_free(&denials);
    return err;
}

static int move_rows(struct cw_control *c, const struct cw_actor *actor,
                     struct cw_live_session *session, const struct cw_session *row,
                     const char *action, const char *line, struct cw_invitations_over *over)
{
    char object[32];
    int err = store_leaving(c, session, 0);

    object_of(session, object, sizeof object);
    if (err == 0)
        err = cw_store_session_put(c->store, row, cw_control_now_unix_ms(c));
    if (err == 0)
        err = cw_store_asked_clear(c->store, row->id);
    if (err == 0)
        err = cw_invitations_end(c, row->id, 0, CW_INVITATION_TRANSFERRED, over);
    if (err == 0)
        err = cw_audit(c, actor, action, object, "ok", "%s", line);
    return err;
}

/* The tickets of everybody but the source. */
static int collect_people(struct cw_control *c, struct cw_live_session *session,
                          struct cw_denials *ret)
{
    const struct cw_live_participant *source = cw_live_source(session);
    uint32_t kept = 0;
    int err = cw_denials_collect(c, session->row.id, 0, ret);

    for (uint32_t i = 0; err == 0 && i < ret->count; i++)
        if (source == NULL || ret->rows[i].participant != source->row.number)
            ret->rows[kept++] = ret->rows[i];
    ret->count = kept;
    return err;
}

int cw_session_move(struct cw_control *c, const struct cw_actor *actor,
                    struct cw_live_session *session, const struct cw_queue_change *change,
                    const char *action, const char *line)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    const struct cw_place from = cw_queue_place(&session->row);
    const struct cw_session row = cw_queue_row_after(&session->row, change, now_ms);
    const uint32_t owner = session->row.state == CW_SESSION_ACTIVE ? session->row.account : 0;
    const uint32_t offered_to = session->q.offered_to;
    struct cw_invitations_over over = {0};
    struct cw_denials denials = {0};
    struct cw_chat_row stored;
    bool has_line = false;
    int err = collect_people(c, session, &denials);

    if (err == 0)
        err = cw_store_begin(c->store);
    if (err == 0) {
        err = move_rows(c, actor, session, &row, action, line, &over);
        if (err == 0)
            err = cw_chat_store_line(c, session, line, &stored, &has_line);
        err = cw_store_end(c->store, err);
    }
    if (err == 0) {
        cw_denials_send(c, &denials);
        if (has_line)
            cw_chat_send(session, 0, &stored);
        take_leave(c, session, 0);
        cw_queue_apply(&c->desk->model, change, now_ms);
        if (owner != 0)
            cw_queue_touch(&c->desk->model, owner, now_ms);
        session->told_ms = now_ms;
        session->orphan_ms = 0;
        cw_invitations_tell(c, session, &over);
        cw_event_offer_over(c, offered_to, session->row.id, "moved");
        if (cw_place_is_set(from))
            cw_desk_tell(c, from);
        cw_desk_tell(c, change->to);
        cw_session_tell(c, session);
        cw_event_session_waiting(c, change->to, session);
    }
    cw_invitations_free(&over);
    cw_denials_free(&denials);
    return err;
}
