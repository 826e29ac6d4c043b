/* SPDX-License-Identifier: Apache-2.0 */
/* Who is in a session, what they may do now, and the tickets that let them come back. */
#include <stdio.h>
#include <string.h>

#include "control/account/access.h"
#include "control/link/source.h"
#include "control/policy/policy.h"
#include "control/queue/desk.h"
#include "control/queue/queue.h"
#include "control/session/event.h"
#include "control/session/people.h"
#include "control/session/session.h"
#include "control/session/ticket_issue.h"
#include "control/session/tool_question.h"
#include "control/store/store_report.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/wire/message.h"

enum { NOTE_TEXT_BYTES = CW_NAME_BYTES_MAX + 64 };

static void send_note(struct cw_live_session *session, uint32_t to,
                      const struct cw_live_participant *about)
{
    uint8_t payload[8 + CW_NAME_BYTES_MAX];
    size_t n = 0;
    struct cw_participant_note note = {
        .participant = about->row.number,
        .role = about->row.role,
        .present = about->is_up,
        .name = about->row.name,
        .name_bytes = strlen(about->row.name),
    };

    if (cw_participant_note_encode(&note, payload, sizeof payload, &n) == 0)
        cw_send(session, to, CW_MESSAGE_PARTICIPANT, payload, n);
}

static void send_roster(struct cw_live_session *session, uint32_t to)
{
    for (uint32_t i = 0; i < session->participant_count; i++)
        if (session->participants[i].is_up)
            send_note(session, to, &session->participants[i]);
}

/* A line of the session's chat and its audit row, in one transaction; with `entered`, also that this participant has
 * connected from the actor's address and that its join ticket is used. */
static void note(struct cw_control *c, struct cw_live_session *session,
                 const struct cw_actor *actor, const char *action, const char *text,
                 const struct cw_participant *entered)
{
    struct cw_chat_row line;
    char object[32];
    bool has_line = false;
    int err = cw_store_begin(c->store);

    snprintf(object, sizeof object, "session %u", session->row.id);
    if (err == 0 && entered != NULL)
        err = cw_store_ticket_used(c->store, entered->session, entered->number,
                                   cw_control_now_unix_ms(c) / 1000);
    if (err == 0 && entered != NULL)
        err = cw_store_visit_address(c->store, entered, actor->source);
    if (err == 0)
        err = cw_chat_store_line(c, session, text, &line, &has_line);
    if (err == 0)
        err = cw_audit(c, actor, action, object, "ok", "%s", text);
    err = cw_store_end(c->store, err);
    if (err == 0 && has_line)
        cw_chat_send(session, 0, &line);
    if (err != 0)
        cw_log(CW_LOG_WARNING, "control.session", "%s: not stored: %s", object, text);
}

void cw_session_note(struct cw_control *c, struct cw_live_session *session,
                     const struct cw_actor *actor, const char *action, const char *text)
{
    note(c, session, actor, action, text, NULL);
}

/* Issues a resume ticket and sends it; tried again by the next tick when the store does not take
 * it. */
static void renew(struct cw_control *c, struct cw_live_session *session,
                  struct cw_live_participant *p)
{
    uint8_t ticket[CW_TICKET_BYTES];
    int err = 0;

    if (c->renewals == CW_RENEWALS_PER_PART) {
        p->renew_ms = 0;
        return;
    }
    c->renewals++;
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_session_issue(c, session, p, CW_TICKET_KIND_RESUME, ticket);
    err = cw_store_end(c->store, err);
    if (err != 0) {
        p->renew_ms = 0;
        return;
    }
    p->renew_ms = cw_control_now_unix_ms(c) + CW_TICKET_RESUME_S * UINT64_C(1000) / 2;
    cw_send(session, p->row.number, CW_MESSAGE_RESUME_TICKET, ticket, sizeof ticket);
}

static void set_permissions(struct cw_control *c, struct cw_live_session *session,
                            struct cw_live_participant *p)
{
    const uint64_t wanted = cw_session_permissions(c, session, p);

    /* Also for one who is on the way: the engine then puts this mask over the ticket's. */
    if (p->permissions == wanted)
        return;
    p->permissions = wanted;
    cw_send_permissions(session, p->row.number, wanted);
}

void cw_session_refresh_people(struct cw_control *c, struct cw_live_session *session)
{
    for (uint32_t i = 0; i < session->participant_count; i++) {
        struct cw_live_participant *p = &session->participants[i];
        if (p->row.left_ms != 0)
            continue;
        set_permissions(c, session, p);
        if (p->is_up && p->renew_ms == 0)
            renew(c, session, p);
    }
}

static void catch_up(struct cw_control *c, struct cw_live_session *session,
                     struct cw_live_participant *p)
{
    set_permissions(c, session, p);
    renew(c, session, p);
    send_roster(session, p->row.number);
    cw_chat_send_history(c, session, p->row.number);
    if (p->row.role == CW_ROLE_CUSTOMER)
        cw_tool_send_open(c, session);
    p->was_up = true;
}

void cw_session_catch_up(struct cw_control *c, struct cw_live_session *session)
{
    for (uint32_t i = 0; i < session->participant_count; i++)
        if (session->participants[i].is_up)
            catch_up(c, session, &session->participants[i]);
}

static void on_stranger(struct cw_control_link *link, const struct cw_link_message *m,
                        bool has_session)
{
    /* In a snapshot it is simply not wanted; later it must be told. */
    struct cw_link_message answer = {.session = m->session, .participant = m->participant};

    if (!link->is_synced)
        return;
    answer.type = has_session ? CW_LINK_REMOVE_PARTICIPANT : CW_LINK_END_SESSION;
    answer.code = has_session ? CW_CLOSE_REMOVED : CW_CLOSE_ENDED_NOBODY_LEFT;
    cw_link_send(link, &answer);
}

/* The engine knows for the minute a join ticket lives that it was used; another engine that takes its place hears it
 * from us, with the withdrawn ones. */
static void remember_ticket(struct cw_control *c, const struct cw_live_participant *p)
{
    int err = cw_store_begin(c->store);

    if (err == 0)
        err = cw_store_ticket_used(c->store, p->row.session, p->row.number,
                                   cw_control_now_unix_ms(c) / 1000);
    (void)cw_store_end(c->store, err);
}

/* The customer, or the computer, came or went. */
static void note_source(struct cw_control *c, struct cw_live_session *session)
{
    const struct cw_place place = cw_queue_place(&session->row);

    cw_session_tell(c, session);
    if (cw_place_is_set(place))
        cw_desk_tell(c, place);
}

void cw_session_on_up(struct cw_control *c, struct cw_control_link *link,
                      const struct cw_link_message *m)
{
    struct cw_live_session *session = cw_live_find(c, m->session);
    struct cw_live_participant *p = NULL;
    bool was_up = false;
    struct cw_actor actor;
    char text[NOTE_TEXT_BYTES];

    if (session != NULL)
        p = cw_live_participant(session, m->participant);
    if (p == NULL || p->row.role != m->role || p->row.left_ms != 0) {
        on_stranger(link, m, session != NULL);
        return;
    }
    session->link = link;
    p->is_up = true;
    p->permissions = m->permissions;
    if (!link->is_synced) {
        remember_ticket(c, p);
        return;
    }
    was_up = p->was_up;
    send_note(session, 0, p);
    catch_up(c, session, p);
    snprintf(text, sizeof text, was_up ? "%s is back." : "%s joined.", p->row.name);
    actor = cw_actor_named(p->row.name, "-");
    cw_source_text(m->address, actor.source, sizeof actor.source);
    note(c, session, &actor, was_up ? "session.return" : "session.enter", text, &p->row);
    if (p->row.role != CW_ROLE_REPRESENTATIVE)
        note_source(c, session);
    if (p->row.role != CW_ROLE_REPRESENTATIVE && session->row.state == CW_SESSION_WAITING)
        cw_queue_greet(c, session);
}

void cw_session_on_down(struct cw_control *c, const struct cw_link_message *m)
{
    struct cw_live_session *session = cw_live_find(c, m->session);
    struct cw_live_participant *p = NULL;
    const struct cw_actor appliance = cw_actor_appliance();
    char text[NOTE_TEXT_BYTES];

    if (session != NULL)
        p = cw_live_participant(session, m->participant);
    /* Replaced: the same participant is already there on another connection. */
    if (p == NULL || m->code == CW_CLOSE_REPLACED)
        return;
    p->is_up = false;
    send_note(session, 0, p);
    snprintf(text, sizeof text, m->code == CW_CLOSE_OK ? "%s left." : "%s lost the connection.",
             p->row.name);
    cw_session_note(c, session, &appliance, "session.leave", text);
    if (p->row.role != CW_ROLE_REPRESENTATIVE)
        note_source(c, session);
}

void cw_session_on_over(struct cw_control *c, const struct cw_link_message *m)
{
    struct cw_live_session *session = cw_live_find(c, m->session);
    const struct cw_live_participant *p = NULL;
    struct cw_actor actor = cw_actor_appliance();
    char text[CW_REASON_TEXT_BYTES_MAX + 1] = "";

    if (session == NULL)
        return;
    p = cw_live_participant(session, m->participant);
    if (p != NULL)
        actor = cw_actor_named(p->row.name, "-");
    if (m->bytes_count <= CW_REASON_TEXT_BYTES_MAX &&
        cw_text_is_clean((const char *)m->bytes, m->bytes_count))
        snprintf(text, sizeof text, "%.*s", (int)m->bytes_count, (const char *)m->bytes);
    cw_session_end(c, session, &actor, m->code, text, false);
}

/* ---- consent --------------------------------------------------------------------------------- */

static const char *consent_text(const struct cw_participant *before, bool view, bool control)
{
    if (view && control)
        return " allowed viewing and control.";
    if (view)
        return before->consent_control ? " withdrew control; viewing stays allowed."
                                       : " allowed viewing.";
    return before->consent_view ? " withdrew the permission to view and control."
                                : " did not allow viewing.";
}

/* Stores what the customer allows one representative. deny: its tickets carry more. */
static int store_consent(struct cw_control *c, struct cw_live_session *session,
                         const struct cw_actor *actor, const struct cw_participant *row, bool deny,
                         const char *text, struct cw_chat_row *ret_line, bool *ret_has_line)
{
    char object[32];
    int err = cw_store_begin(c->store);

    snprintf(object, sizeof object, "session %u", session->row.id);
    if (err == 0)
        err = cw_store_participant_put(c->store, row);
    if (err == 0 && deny)
        err = cw_store_ticket_deny(c->store, session->row.id, row->number,
                                   cw_control_now_unix_ms(c) / 1000);
    if (err == 0)
        err = cw_chat_store_line(c, session, text, ret_line, ret_has_line);
    if (err == 0)
        err = cw_audit(c, actor, "session.consent", object, "ok", "%s", text);
    return cw_store_end(c->store, err);
}

static void apply_consent(struct cw_control *c, struct cw_live_session *session,
                          const struct cw_live_participant *customer,
                          struct cw_live_participant *about, bool view, bool control,
                          bool is_silence)
{
    const struct cw_participant before = about->row;
    const bool is_more = (view && !before.consent_view) || (control && !before.consent_control);
    const bool is_less = (!view && before.consent_view) || (!control && before.consent_control);
    const struct cw_actor actor = cw_actor_named(customer->row.name, "-");
    struct cw_participant after = before;
    struct cw_denials denials = {0};
    struct cw_chat_row line;
    bool has_line = false;
    char text[NOTE_TEXT_BYTES * 2];
    int err = 0;

    snprintf(text, sizeof text, "%s%s%s", customer->row.name,
             is_silence ? " did not answer in time; the session policy answers:" : "",
             consent_text(&before, view, control));
    if (before.relation != CW_RELATION_OWNER)
        snprintf(text + strlen(text), sizeof text - strlen(text), " (%s)", before.name);
    if (is_less)
        (void)cw_denials_collect(c, session->row.id, before.number, &denials);
    if (is_less)
        after.tools = 0; /* what it goes with goes with it */
    after.consent_view = view;
    after.consent_control = control;
    err = store_consent(c, session, &actor, &after, is_less, text, &line, &has_line);
    /* More is given only with its audit row; less is given at once, whatever the store says. */
    if (err == 0 || !is_more) {
        about->row = after;
        about->is_unsaved = err != 0;
        cw_denials_send(c, &denials);
        set_permissions(c, session, about);
        about->renew_ms = 0;
        if (is_less && err == 0)
            about->ticketed = 0;
        if (about->is_up)
            renew(c, session, about);
    }
    if (err == 0 && has_line)
        cw_chat_send(session, 0, &line);
    if (err != 0)
        cw_log(CW_LOG_WARNING, "control.session", "session %u: consent not stored: %s",
               session->row.id, cw_err_text(err));
    cw_denials_free(&denials);
}

void cw_session_on_consent(struct cw_control *c, const struct cw_link_message *m)
{
    struct cw_live_session *session = cw_live_find(c, m->session);
    const struct cw_live_participant *customer = NULL;
    struct cw_consent consent;
    bool has_changed = false;

    if (session == NULL || cw_consent_decode(m->bytes, m->bytes_count, &consent) != 0)
        return;
    customer = cw_live_participant(session, m->participant);
    if (customer == NULL || customer->row.role != CW_ROLE_CUSTOMER)
        return;
    /* Nobody controls what they cannot see. */
    if (consent.view == 0)
        consent.control = 0;
    /* About one of those who take part now, or about them all; whoever comes later is asked about. */
    for (uint32_t i = 0; i < session->participant_count; i++) {
        struct cw_live_participant *about = &session->participants[i];
        if (about->row.role != CW_ROLE_REPRESENTATIVE || about->row.left_ms != 0 ||
            (consent.participant != 0 && about->row.number != consent.participant))
            continue;
        if (about->has_answered && (consent.view != 0) == about->row.consent_view &&
            (consent.control != 0) == about->row.consent_control)
            continue;
        about->has_answered = true;
        apply_consent(c, session, customer, about, consent.view != 0, consent.control != 0, false);
        has_changed = true;
    }
    if (has_changed)
        cw_session_tell(c, session);
}

/* Denies every ticket of the participant, in a transaction of its own. */
static int deny_tickets(struct cw_control *c, const struct cw_live_participant *p, const char *why)
{
    const struct cw_actor appliance = cw_actor_appliance();
    struct cw_denials denials = {0};
    char object[32];
    int err = cw_denials_collect(c, p->row.session, p->row.number, &denials);

    snprintf(object, sizeof object, "session %u", p->row.session);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err == 0) {
        err = cw_store_ticket_deny(c->store, p->row.session, p->row.number,
                                   cw_control_now_unix_ms(c) / 1000);
        if (err == 0)
            err =
                cw_audit(c, &appliance, "session.policy", object, "ok", "%s: %s", p->row.name, why);
        err = cw_store_end(c->store, err);
    }
    /* Less is given at once, whatever the store says. */
    cw_denials_send(c, &denials);
    cw_denials_free(&denials);
    return err;
}

/* Its account was disabled or removed: out of the session at once, and no ticket lets it back. Then it is absent, and
 * the rules about that go on with the session. */
static void shut_out(struct cw_control *c, struct cw_live_session *session,
                     struct cw_live_participant *p)
{
    const struct cw_link_message m = {.type = CW_LINK_REMOVE_PARTICIPANT,
                                      .session = session->row.id,
                                      .participant = p->row.number,
                                      .code = CW_CLOSE_REMOVED};

    p->renew_ms = UINT64_MAX;
    if (p->is_up && session->link != NULL)
        cw_link_send(session->link, &m);
    if (!p->is_shut_out && deny_tickets(c, p, "the account was disabled or removed") != 0) {
        c->must_recheck = true;
        return;
    }
    p->is_shut_out = true;
    p->ticketed = 0;
}

void cw_session_recheck(struct cw_control *c, struct cw_live_session *session)
{
    for (uint32_t i = 0; i < session->participant_count; i++) {
        struct cw_live_participant *p = &session->participants[i];
        if (p->row.role != CW_ROLE_REPRESENTATIVE || p->row.left_ms != 0)
            continue;
        set_permissions(c, session, p);
        if (cw_account_is_shut_out(c, p->row.account)) {
            shut_out(c, session, p);
            continue;
        }
        p->is_shut_out = false;
        if ((p->ticketed & ~p->permissions) == 0)
            continue;
        if (deny_tickets(c, p, "policies allow less than before") != 0) {
            c->must_recheck = true;
            continue;
        }
        p->ticketed = 0;
        p->renew_ms = 0;
        if (p->is_up)
            renew(c, session, p);
    }
}

/* A policy may say how long the customer has to answer, and what silence means. */
static void answer_silence(struct cw_control *c, struct cw_live_session *session,
                           const struct cw_live_participant *customer,
                           struct cw_live_participant *p, uint64_t now_ms)
{
    const struct cw_actor appliance = cw_actor_appliance();
    const struct cw_policy_answer *view = NULL;
    const struct cw_policy_answer *control = NULL;
    struct cw_policy_subject subject;
    struct cw_policy_answers answers;
    char text[NOTE_TEXT_BYTES];

    if (p->asked_ms == 0)
        p->asked_ms = now_ms;
    subject = cw_policy_subject_of(session, 0, &p->row);
    cw_policy_resolve(c, &subject, &answers);
    view = &answers.tools[CW_TOOL_SCREEN_VIEW];
    control = &answers.tools[CW_TOOL_SCREEN_CONTROL];
    if (!view->is_asked || view->time_s == 0 ||
        now_ms < p->asked_ms + view->time_s * UINT64_C(1000))
        return;
    p->is_prompt_over = true;
    if (view->is_yes) {
        apply_consent(c, session, customer, p, true, control->is_asked && control->is_yes, true);
        return;
    }
    snprintf(text, sizeof text, "%s did not answer in time.", customer->row.name);
    cw_session_note(c, session, &appliance, "session.consent", text);
    cw_session_tell(c, session);
}

/* Whether the customer is there and was asked about p, and has not answered yet. */
static bool is_asked(const struct cw_live_session *session,
                     const struct cw_live_participant *customer,
                     const struct cw_live_participant *p)
{
    return session->row.state == CW_SESSION_ACTIVE && customer != NULL && customer->is_up &&
           customer->row.role == CW_ROLE_CUSTOMER && p->is_up && p->row.left_ms == 0 &&
           p->row.role == CW_ROLE_REPRESENTATIVE && !p->has_answered && !p->is_prompt_over &&
           !p->row.consent_view;
}

void cw_session_refresh(struct cw_control *c, struct cw_live_session *session, uint64_t now_ms)
{
    const struct cw_live_participant *source = cw_live_source(session);

    if (!cw_store_is_writable(c->store, NULL))
        return;
    cw_tool_refresh(c, session, now_ms);
    for (uint32_t i = 0; i < session->participant_count; i++) {
        struct cw_live_participant *p = &session->participants[i];
        if (p->is_unsaved && source != NULL)
            apply_consent(c, session, source, p, p->row.consent_view, p->row.consent_control,
                          false);
        if (is_asked(session, source, p))
            answer_silence(c, session, source, p, now_ms);
        if (p->is_up && session->link != NULL && session->link->is_synced && now_ms >= p->renew_ms)
            renew(c, session, p);
    }
}
