/* SPDX-License-Identifier: Apache-2.0 */
#include "control/queue/queue.h"

#include <stdio.h>
#include <string.h>

#include "control/account/option.h"
#include "control/queue/customer_message.h"
#include "control/session/event.h"
#include "control/session/invitation.h"
#include "control/session/people.h"
#include "control/store/store_queue.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

static const char *const actions[] = {
    [CW_QUEUE_OFFER] = "queue.offer",       [CW_QUEUE_TIME_OUT] = "queue.time_out",
    [CW_QUEUE_REFUSE] = "queue.refuse",     [CW_QUEUE_WITHDRAW] = "queue.withdraw",
    [CW_QUEUE_MANUAL] = "queue.manual",     [CW_QUEUE_OVERDUE] = "queue.overdue",
    [CW_QUEUE_PRIORITY] = "queue.priority",
};

static void account_name(struct cw_control *c, uint32_t account, char *out, size_t size)
{
    struct cw_account row;

    if (account != 0 && cw_store_account_get(c->store, account, &row) == 0)
        snprintf(out, size, "%s", row.display_name);
    else
        snprintf(out, size, "nobody");
}

/* ---- events ---------------------------------------------------------------------------------- */

static void tell_offer(struct cw_control *c, const struct cw_live_session *session,
                       const struct cw_queue_change *change)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    json_t *event = cw_event_of_session(c, "session_offered", session);

    (void)json_object_set_new(event, "until_unix_ms", json_integer((json_int_t)change->until_ms));
    (void)json_object_set_new(
        event, "offer_s",
        json_integer(
            (json_int_t)(change->until_ms > now_ms ? (change->until_ms - now_ms) / 1000 : 0)));
    cw_event_send(c, change->account, event);
}

/* offered_to: who was asked before the change. */
static void tell_change(struct cw_control *c, const struct cw_live_session *session,
                        const struct cw_queue_change *change, uint32_t offered_to)
{
    const struct cw_place place = cw_queue_place(&session->row);

    if (change->kind == CW_QUEUE_OFFER)
        tell_offer(c, session, change);
    if (session->q.offered_to == 0)
        cw_event_offer_over(c, offered_to, session->row.id,
                            change->kind == CW_QUEUE_TIME_OUT ? "timed_out"
                            : change->kind == CW_QUEUE_REFUSE ? "declined"
                                                              : "withdrawn");
    if (change->kind == CW_QUEUE_OVERDUE)
        cw_desk_send(c, place, cw_event_of_session(c, "session_overdue", session));
    cw_desk_tell(c, place);
}

/* ---- changes --------------------------------------------------------------------------------- */

static int store_change(struct cw_control *c, const struct cw_actor *actor,
                        const struct cw_live_session *session, const struct cw_queue_change *change,
                        const char *reason)
{
    const struct cw_session row =
        cw_queue_row_after(&session->row, change, cw_control_now_unix_ms(c));
    char object[32];
    char who[CW_NAME_SIZE];
    int err = cw_store_session_put(c->store, &row, cw_control_now_unix_ms(c));

    if (err == 0 && (change->kind == CW_QUEUE_TIME_OUT || change->kind == CW_QUEUE_REFUSE))
        err = cw_store_asked_add(c->store, row.id, change->account);
    snprintf(object, sizeof object, "session %u", row.id);
    account_name(c, change->account, who, sizeof who);
    if (err == 0)
        err = cw_audit(c, actor, actions[change->kind], object, "ok", "%s%s%s",
                       change->account != 0 ? who : "", reason[0] != '\0' ? ": " : "", reason);
    return err;
}

static void move_text(struct cw_control *c, const struct cw_queue_change *change,
                      const char *reason, char *out, size_t size)
{
    char place[CW_NAME_SIZE + 16];

    cw_desk_place_text(c, change->to, place, sizeof place);
    snprintf(out, size, "The session waits in %s now%s%s%s%s.", place,
             change->why != NULL ? ": " : "", change->why != NULL ? change->why : "",
             reason[0] != '\0' ? ": " : "", reason);
}

int cw_queue_carry_out(struct cw_control *c, const struct cw_actor *actor,
                       struct cw_live_session *session, const struct cw_queue_change *change,
                       const char *reason)
{
    char text[2 * CW_NAME_SIZE + CW_DECLINE_TEXT_BYTES_MAX];
    const uint32_t offered_to = session->q.offered_to;
    int err = 0;

    if (change->kind == CW_QUEUE_END) {
        cw_customer_message_make(c, CW_CUSTOMER_MESSAGE_ORPHANED, session, c->desk->text);
        cw_session_end(c, session, actor, CW_CLOSE_ENDED_NOBODY_LEFT, c->desk->text, true);
        return 0;
    }
    if (change->kind == CW_QUEUE_MOVE || change->kind == CW_QUEUE_OVERFLOW) {
        move_text(c, change, reason, text, sizeof text);
        return cw_session_move(
            c, actor, session, change,
            change->kind == CW_QUEUE_MOVE ? "session.transfer" : "queue.overflow", text);
    }
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_end(c->store, store_change(c, actor, session, change, reason));
    if (err != 0)
        return err;
    cw_queue_apply(&c->desk->model, change, cw_control_now_unix_ms(c));
    tell_change(c, session, change, offered_to);
    return 0;
}

struct cw_fallback_facts cw_queue_facts(struct cw_control *c, struct cw_live_session *session)
{
    const struct cw_live_participant *best = NULL;

    for (uint32_t i = 0; i < session->participant_count; i++) {
        const struct cw_live_participant *p = &session->participants[i];
        if (p->row.role != CW_ROLE_REPRESENTATIVE || p->row.left_ms != 0 || !p->is_up ||
            p->row.account == 0 ||
            (p->row.relation != CW_RELATION_INVITED && p->row.relation != CW_RELATION_SPONSOR))
            continue;
        if (best == NULL || p->row.joined_ms < best->row.joined_ms)
            best = p;
    }
    return (struct cw_fallback_facts){
        .sharing = best != NULL ? best->row.account : 0,
        .is_last_usable = cw_desk_is_usable(c, session->row.last),
        .is_entered_usable = cw_desk_is_usable(c, session->row.entered),
        .is_before_usable = cw_desk_is_usable(c, session->row.before),
    };
}

/* ---- messages to who waits ------------------------------------------------------------------- */

/* A line of the appliance, without an audit row: nothing was done. */
static void say(struct cw_control *c, struct cw_live_session *session,
                enum cw_customer_message which)
{
    struct cw_chat_row line;
    bool has_line = false;
    int err = 0;

    cw_customer_message_make(c, which, session, c->desk->text);
    if (c->desk->text[0] == '\0')
        return;
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_chat_store_line(c, session, c->desk->text, &line, &has_line);
    err = cw_store_end(c->store, err);
    if (err == 0 && has_line)
        cw_chat_send(session, 0, &line);
    session->told_ms = cw_control_now_unix_ms(c);
}

void cw_queue_greet(struct cw_control *c, struct cw_live_session *session)
{
    if (session->told_ms == 0 && session->row.kind == CW_SESSION_KEY)
        say(c, session, CW_CUSTOMER_MESSAGE_GREETING);
}

static void hold(struct cw_control *c, struct cw_live_session *session, uint64_t now_ms)
{
    const uint64_t every_s = cw_option(c, CW_OPTION_QUEUE_HOLD_S);
    const struct cw_live_participant *source = cw_live_source(session);

    if (every_s == 0 || session->row.kind != CW_SESSION_KEY || source == NULL || !source->is_up ||
        session->told_ms == 0 || now_ms < session->told_ms + every_s * 1000)
        return;
    say(c, session, CW_CUSTOMER_MESSAGE_HOLD);
}

/* Somebody of the team has a console and may take its sessions. */
static bool is_staffed(const struct cw_queue_model *m, uint32_t team)
{
    for (uint32_t i = 0; i < m->rep_count; i++)
        if (m->reps[i].is_present && m->reps[i].may_take_team &&
            cw_queue_role(&m->reps[i], team) != 0)
            return true;
    return false;
}

static void orphan(struct cw_control *c, struct cw_live_session *session, uint64_t now_ms)
{
    const uint64_t after_s = cw_option(c, CW_OPTION_QUEUE_ORPHAN_S);
    const struct cw_queue_team *team = cw_queue_team_find(&c->desk->model, session->row.team);
    const struct cw_actor appliance = cw_actor_appliance();
    char url[CW_CUSTOMER_MESSAGE_BYTES_MAX + 1];

    if (after_s == 0 || team == NULL || team->is_persistent || !cw_links_are_complete(c) ||
        is_staffed(&c->desk->model, team->team)) {
        session->orphan_ms = 0;
        return;
    }
    if (session->orphan_ms == 0)
        session->orphan_ms = now_ms;
    if (now_ms < session->orphan_ms + after_s * 1000)
        return;
    cw_customer_message_make(c, CW_CUSTOMER_MESSAGE_ORPHANED, session, c->desk->text);
    cw_session_note(c, session, &appliance, "session.orphan", c->desk->text);
    cw_customer_message_text(c, session->row.portal, CW_CUSTOMER_MESSAGE_ORPHAN_URL, url);
    cw_session_end(c, session, &appliance, CW_CLOSE_ENDED_NOBODY_LEFT,
                   url[0] != '\0' ? url : c->desk->text, true);
}

/* ---- time ------------------------------------------------------------------------------------ */

static void run_rules(struct cw_control *c, uint64_t now_ms)
{
    const struct cw_actor appliance = cw_actor_appliance();
    struct cw_queue_change change;

    for (unsigned i = 0; i < CW_QUEUE_CHANGES_PER_TICK; i++) {
        struct cw_live_session *session = NULL;
        struct cw_queue_model *m = cw_desk_model(c);
        int err = 0;
        if (!cw_queue_due(m, now_ms, &change))
            return;
        session = cw_live_find(c, change.session);
        if (session != NULL)
            err = cw_queue_carry_out(c, &appliance, session, &change, "");
        if (session == NULL || err != 0) {
            cw_log(CW_LOG_WARNING, "control.queue", "session %u: a rule cannot be carried out: %s",
                   change.session, cw_err_text(err));
            return;
        }
    }
}

/* An audit row, and so an outbound event, and one to the leads who are there. */
static void alert(struct cw_control *c, const struct cw_queue_team *due)
{
    const struct cw_actor appliance = cw_actor_appliance();
    const struct cw_queue_team team = *due;
    struct cw_team row = {.name = ""};
    char object[32];
    int err = cw_store_begin(c->store);

    snprintf(object, sizeof object, "team %u", team.team);
    (void)cw_store_team_get(c->store, team.team, &row);
    if (err == 0)
        err = cw_store_end(c->store, cw_audit(c, &appliance, "queue.alert", object, "ok",
                                              "%u wait in the queue of %s (alert at %u)",
                                              team.waiting_count, row.name, team.alert_count));
    if (err != 0)
        cw_log(CW_LOG_WARNING, "control.queue", "team %u: an alert is not stored: %s", team.team,
               cw_err_text(err));
    cw_desk_send_members(c, team.team, CW_TEAM_LEAD,
                         json_pack("{s:s, s:I, s:s, s:I, s:I}", "type", "queue_alert", "team",
                                   (json_int_t)team.team, "name", row.name, "waiting",
                                   (json_int_t)team.waiting_count, "alert_count",
                                   (json_int_t)team.alert_count));
}

static void run_alerts(struct cw_control *c)
{
    const struct cw_queue_team *due = NULL;

    while ((due = cw_queue_alert_due(cw_desk_model(c))) != NULL)
        alert(c, due);
}

void cw_queue_tick(struct cw_control *c, uint64_t now_ms)
{
    run_rules(c, now_ms);
    run_alerts(c);
    if (now_ms >= c->desk->invitations_ms + CW_INVITATIONS_EVERY_S * UINT64_C(1000)) {
        c->desk->invitations_ms = now_ms;
        cw_invitations_tick(c, now_ms);
    }
    for (uint32_t i = c->live_count; i-- > 0;) {
        struct cw_live_session *session = c->live[i];
        if (session->is_over || session->row.state != CW_SESSION_WAITING)
            continue;
        hold(c, session, now_ms);
        orphan(c, session, now_ms);
    }
}
