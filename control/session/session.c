/* SPDX-License-Identifier: Apache-2.0 */
#include "control/session/session.h"

#include <stdio.h>
#include <string.h>

#include "control/account/access.h"
#include "control/link/recording.h"
#include "control/policy/jump_check.h"
#include "control/policy/policy.h"
#include "control/queue/desk.h"
#include "control/session/event.h"
#include "control/session/invitation.h"
#include "control/session/people.h"
#include "control/session/survey.h"
#include "control/session/ticket_issue.h"
#include "control/store/store_button.h"
#include "control/store/store_portal.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/wire/message.h"

/* What a representative has by being what it is in the session; the customer's answer narrows it. */
static uint64_t relation_mask(const struct cw_participant *row)
{
    /* Who may use keyboard and pointer may use what they reach. */
    const uint64_t all = CW_PERMIT(VIEW_SCREEN) | CW_PERMIT(CONTROL_INPUT) | CW_PERMIT(SHELL) |
                         CW_PERMIT(CLIPBOARD) | CW_PERMIT(SYSTEM) | CW_PERMIT(FILE) |
                         CW_PERMIT(TUNNEL);

    switch (row->relation) {
    case CW_RELATION_OWNER: return all | CW_PERMIT(CHAT) | CW_PERMIT(END_SESSION);
    case CW_RELATION_INVITED:
    case CW_RELATION_SPONSOR: return all | CW_PERMIT(CHAT);
    case CW_RELATION_EXTERNAL: return (all | CW_PERMIT(CHAT)) & row->permissions;
    case CW_RELATION_WATCHER: return CW_PERMIT(CHAT) | CW_PERMIT(VIEW_SCREEN);
    case CW_RELATION_SOURCE:
    case CW_RELATION_COUNT: break;
    }
    return 0;
}

/* By what it is in the session, and what the customer answered about it. */
static uint64_t place_permissions(const struct cw_live_session *session,
                                  const struct cw_participant *row)
{
    const uint64_t untouched = CW_PERMIT(CHAT) | CW_PERMIT(END_SESSION);

    if (row->left_ms != 0 || session->row.state != CW_SESSION_ACTIVE)
        return 0;
    if (session->row.kind == CW_SESSION_JUMP)
        return relation_mask(row);
    if (!row->consent_view)
        return relation_mask(row) & untouched;
    if (!row->consent_control)
        return relation_mask(row) & (untouched | CW_PERMIT(VIEW_SCREEN));
    return relation_mask(row);
}

/* A sponsor lends the owner what policies would take from it: as long as it is there, and what it may itself now. */
static uint64_t lent(struct cw_control *c, const struct cw_live_session *session,
                     const struct cw_participant *owner, uint64_t mask)
{
    uint64_t all = 0;

    for (uint32_t i = 0; owner->permissions != 0 && i < session->participant_count; i++) {
        const struct cw_participant *p = &session->participants[i].row;
        if (p->relation == CW_RELATION_SPONSOR && p->left_ms == 0 &&
            !cw_account_is_shut_out(c, p->account))
            all |= cw_policy_narrow(c, session, p, mask, owner->tools);
    }
    return all & mask & owner->permissions;
}

uint64_t cw_session_permissions(struct cw_control *c, struct cw_live_session *session,
                                const struct cw_live_participant *participant)
{
    const struct cw_participant *row = &participant->row;
    const uint64_t untouched = CW_PERMIT(CHAT) | CW_PERMIT(END_SESSION);
    uint64_t mask = 0;
    /* Somebody from outside has no policies, and never more than who has the session could do. */
    const uint32_t account =
        row->relation == CW_RELATION_EXTERNAL ? session->row.account : row->account;

    switch ((enum cw_role)row->role) {
    case CW_ROLE_CUSTOMER: return untouched | CW_PERMIT(SOURCE_SCREEN) | CW_PERMIT(CONSENT);
    case CW_ROLE_UNATTENDED: return untouched | CW_PERMIT(SOURCE_SCREEN);
    case CW_ROLE_REPRESENTATIVE:
        if (cw_account_is_shut_out(c, account))
            return 0;
        mask = place_permissions(session, row) & ~cw_session_source_lacks(session);
        return cw_policy_narrow(c, session, row, mask, row->tools) |
               (row->relation == CW_RELATION_OWNER ? lent(c, session, row, mask) : 0);
    case CW_ROLE_NONE:
    case CW_ROLE_DEVICE:
    case CW_ROLE_CONSOLE:
    case CW_ROLE_COUNT: break;
    }
    return 0;
}

int cw_session_issue(struct cw_control *c, struct cw_live_session *session,
                     const struct cw_live_participant *participant, uint8_t kind, uint8_t *out)
{
    struct cw_ticket ticket = {
        .kind = kind,
        .role = participant->row.role,
        .flags = cw_recording_ticket_flags(session->row.recording),
        .session = session->row.id,
        .participant = participant->row.number,
        .permissions = cw_session_permissions(c, session, participant),
    };
    struct cw_live_participant *live = cw_live_participant(session, participant->row.number);

    if (live != NULL)
        live->ticketed |= ticket.permissions;
    memcpy(ticket.holder_key, participant->row.holder_key, sizeof ticket.holder_key);
    return cw_ticket_issue(c, &ticket, out);
}

static void object_of(const struct cw_live_session *session, char *out, size_t size)
{
    snprintf(out, size, "session %u", session->row.id);
}

/* Inside a transaction: stores the participant and adds it to the live session. */
static int add_participant(struct cw_control *c, struct cw_live_session *session, uint8_t role,
                           uint32_t account, const char *name, const uint8_t *holder_key,
                           uint64_t lacks)
{
    struct cw_participant row = {
        .session = session->row.id,
        .number = session->participant_count + 1,
        .role = role,
        .account = account,
        .relation = role == CW_ROLE_REPRESENTATIVE ? CW_RELATION_OWNER : CW_RELATION_SOURCE,
        .permissions = lacks,
        .joined_ms = cw_control_now_unix_ms(c),
    };
    int err = 0;

    snprintf(row.name, sizeof row.name, "%s", name);
    memcpy(row.holder_key, holder_key, sizeof row.holder_key);
    err = cw_store_participant_add(c->store, &row);
    return err == 0 ? cw_live_participant_add(session, &row, NULL) : err;
}

/* Inside a transaction: stores the session and makes it live. */
static int add_session(struct cw_control *c, struct cw_session *row,
                       struct cw_live_session **ret_session)
{
    int err = c->live_count >= CW_SESSIONS_LIVE_MAX ? CW_ERR_FULL : 0;

    row->created_ms = cw_control_now_unix_ms(c);
    row->queued_ms = row->created_ms;
    if (row->priority == 0)
        row->priority = CW_PRIORITY_MEDIUM;
    row->entered = cw_queue_place(row);
    row->last = row->entered;
    if (row->state == CW_SESSION_ACTIVE)
        row->started_ms = row->created_ms;
    if (err == 0)
        err = cw_store_session_add(c->store, row);
    return err == 0 ? cw_live_add(c, row, ret_session) : err;
}

static int jump_rows(struct cw_control *c, const struct cw_actor *actor,
                     const struct cw_account *account, const struct cw_jump_item *item,
                     const struct cw_session_jump *how, const uint8_t *holder_key,
                     struct cw_live_session *session, uint8_t *ticket)
{
    char object[32];
    int err = 0;

    session->how = *how;
    session->how.session = session->row.id;
    err = cw_store_session_jump_add(c->store, &session->how);
    if (err == 0)
        err = add_participant(c, session, CW_ROLE_REPRESENTATIVE, account->id,
                              account->display_name, holder_key, 0);

    if (err == 0)
        err = add_participant(c, session, CW_ROLE_UNATTENDED, 0, item->name, item->device_key, 0);
    if (err == 0)
        err = cw_session_issue(c, session, &session->participants[0], CW_TICKET_KIND_JOIN, ticket);
    if (err == 0)
        err = cw_store_jump_item_accessed(c->store, item->id, session->row.started_ms);
    object_of(session, object, sizeof object);
    if (err == 0)
        err = cw_audit(c, actor, "session.start", object, "ok", "Jump to %s (Jump Item %u)%s%s%s%s",
                       item->name, item->id, how->ticket[0] != '\0' ? ", ticket " : "", how->ticket,
                       how->approval != 0 ? ", approved" : "",
                       how->is_override ? ", outside its hours" : "");
    return err;
}

int cw_session_start_jump(struct cw_control *c, const struct cw_actor *actor,
                          const struct cw_account *account, const struct cw_jump_item *item,
                          const struct cw_session_jump *how, const uint8_t *holder_key,
                          struct cw_session_joined *ret)
{
    struct cw_session row = {
        .kind = CW_SESSION_JUMP,
        .state = CW_SESSION_ACTIVE,
        .account = account->id,
        .jump_item = item->id,
        .recording = cw_jump_recording(c, item->id, how->copy),
    };
    struct cw_live_session *session = NULL;
    int err = cw_store_begin(c->store);

    snprintf(row.customer, sizeof row.customer, "%s", item->name);
    snprintf(row.representative, sizeof row.representative, "%s", account->display_name);
    if (err == 0)
        err = add_session(c, &row, &session);
    if (err == 0)
        err = jump_rows(c, actor, account, item, how, holder_key, session, ret->ticket);
    err = cw_store_end(c->store, err);
    if (err != 0) {
        if (session != NULL)
            cw_live_remove(c, session);
        return err;
    }
    ret->session = row.id;
    cw_session_offer(c, session);
    cw_jump_tell(c, session, true);
    cw_event_jump_items_changed(c);
    cw_session_tell(c, session);
    return 0;
}

void cw_session_offer(struct cw_control *c, struct cw_live_session *session)
{
    const struct cw_device *device = cw_device_find(c, session->row.jump_item);
    const struct cw_live_participant *source = cw_live_source(session);
    uint8_t ticket[CW_TICKET_BYTES];
    uint8_t payload[158 + CW_NAME_BYTES_MAX];
    struct cw_session_offer offer = {
        .session = session->row.id,
        .ticket = ticket,
        .name = session->row.representative,
        .name_bytes = strlen(session->row.representative),
    };
    size_t n = 0;
    int err = 0;

    session->source_asked_ms = cw_control_now_unix_ms(c);
    if (device == NULL || device->link == NULL || source == NULL)
        return;
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_session_issue(c, session, source, CW_TICKET_KIND_JOIN, ticket);
    err = cw_store_end(c->store, err);
    if (err == 0)
        err = cw_session_offer_encode(&offer, payload, sizeof payload, &n);
    if (err == 0)
        cw_send_device(device, CW_MESSAGE_SESSION_OFFER, payload, n);
    else
        cw_log(CW_LOG_WARNING, "control.session", "session %u cannot be offered: %s",
               session->row.id, cw_err_text(err));
}

/* What the customer asked for and told, and how it came in. */
static int key_rows(struct cw_control *c, const struct cw_session_key *key,
                    const struct cw_session *row)
{
    int err =
        key->id != 0 ? cw_store_session_key_use(c->store, key->id, row->id, row->created_ms) : 0;

    if (err == 0 && key->button != 0)
        err = cw_store_button_used(c->store, key->button, row->created_ms);
    if (err == 0 && key->issue != 0)
        err = cw_store_session_skills_of_issue(c->store, row->id, key->issue);
    if (err == 0 && key->company[0] != '\0')
        err = cw_store_session_attribute_by_code(c->store, row->id, "company", key->company);
    if (err == 0 && key->company_code[0] != '\0')
        err = cw_store_session_attribute_by_code(c->store, row->id, "company_code",
                                                 key->company_code);
    if (err == 0 && key->description[0] != '\0')
        err =
            cw_store_session_attribute_by_code(c->store, row->id, "description", key->description);
    return err;
}

int cw_session_start_key(struct cw_control *c, const struct cw_actor *actor,
                         const struct cw_session_key *key, const struct cw_session_guest *guest,
                         struct cw_session_joined *ret)
{
    const char *customer = key->customer[0] != '\0' ? key->customer : guest->name;
    struct cw_session row = {
        .kind = CW_SESSION_KEY,
        .recording = c->recording,
        .state = CW_SESSION_WAITING,
        .account = key->team == 0 ? key->account : 0,
        .team = key->team,
        .portal = key->portal,
        .issue = key->issue,
        .button = key->button,
    };
    struct cw_issue issue;
    struct cw_live_session *session = NULL;
    char object[32];
    int err = 0;

    if (key->continues != 0)
        return cw_session_replace_source(c, actor, key, guest, ret);
    err = cw_store_begin(c->store);
    snprintf(row.customer, sizeof row.customer, "%s", customer);
    if (key->issue != 0 && cw_store_issue_get(c->store, key->issue, &issue) == 0)
        row.priority = issue.priority;
    if (err == 0)
        err = add_session(c, &row, &session);
    if (err == 0)
        err = key_rows(c, key, &row);
    if (err == 0 && key->issue != 0)
        err = cw_desk_load_session(c, &session->q);
    if (err == 0)
        err = add_participant(c, session, CW_ROLE_CUSTOMER, 0, customer, guest->holder_key,
                              guest->is_browser ? CW_SESSION_BROWSER_LACKS : 0);
    if (err == 0)
        err = cw_session_issue(c, session, &session->participants[0], CW_TICKET_KIND_JOIN,
                               ret->ticket);
    if (err == 0)
        err = cw_survey_make_token(c, row.id, ret->survey);
    if (err == 0) {
        object_of(session, object, sizeof object);
        err = cw_audit(c, actor, key->button != 0 ? "support_button.use" : "session_key.use",
                       object, "ok", "%s on %s waits", customer, guest->platform);
    }
    err = cw_store_end(c->store, err);
    if (err != 0) {
        if (session != NULL)
            cw_live_remove(c, session);
        return err;
    }
    ret->session = row.id;
    cw_event_session_waiting(c, row.entered, session);
    cw_desk_tell(c, row.entered);
    cw_session_tell(c, session);
    return 0;
}

int cw_session_accept(struct cw_control *c, const struct cw_actor *actor,
                      struct cw_live_session *session, const struct cw_account *account,
                      const uint8_t *holder_key, struct cw_session_joined *ret)
{
    const struct cw_queue_change change = {
        .kind = CW_QUEUE_TAKE, .session = session->row.id, .account = account->id};
    char detail[CW_NAME_SIZE + 16];
    const struct cw_seating seating = {
        .account = account->id,
        .name = account->display_name,
        .relation = CW_RELATION_OWNER,
        .holder_key = holder_key,
        .change = &change,
        .action = "session.accept",
        .detail = detail,
    };

    snprintf(detail, sizeof detail, "customer %s", session->row.customer);
    return cw_session_seat(c, actor, session, &seating, ret);
}

int cw_session_join(struct cw_control *c, const struct cw_actor *actor,
                    struct cw_live_session *session, const uint8_t *holder_key,
                    struct cw_session_joined *ret)
{
    const struct cw_live_participant *owner = cw_live_representative(session);

    return owner == NULL ? CW_ERR_STATE
                         : cw_session_join_again(c, actor, session, owner, holder_key, ret);
}

int cw_session_join_again(struct cw_control *c, const struct cw_actor *actor,
                          struct cw_live_session *session, const struct cw_live_participant *p,
                          const uint8_t *holder_key, struct cw_session_joined *ret)
{
    char name[CW_NAME_SIZE];
    const struct cw_seating seating = {
        .account = p->row.account,
        .name = name,
        .relation = p->row.relation,
        .permissions = p->row.permissions,
        .holder_key = holder_key,
        .action = "session.join",
        .detail = "a new connection",
    };

    snprintf(name, sizeof name, "%s", p->row.name);
    return cw_session_seat(c, actor, session, &seating, ret);
}

int cw_session_watch(struct cw_control *c, const struct cw_actor *actor,
                     struct cw_live_session *session, uint32_t account, const char *name,
                     const uint8_t *holder_key, struct cw_session_joined *ret)
{
    const struct cw_live_participant *p = cw_live_member(session, account);
    char detail[CW_NAME_SIZE + 16];
    const struct cw_seating seating = {
        .account = account,
        .name = name,
        .relation = CW_RELATION_WATCHER,
        .holder_key = holder_key,
        .action = "session.watch",
        .detail = detail,
    };

    if (p != NULL)
        return cw_session_join_again(c, actor, session, p, holder_key, ret);
    snprintf(detail, sizeof detail, "with %s", session->row.representative);
    return cw_session_seat(c, actor, session, &seating, ret);
}

/* Writes the end; on success the session is gone from memory. */
static bool settle(struct cw_control *c, struct cw_live_session *session)
{
    const struct cw_actor actor = cw_actor_named(session->over_actor, session->over_source);
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    struct cw_chat_row line;
    const struct cw_session row = session->row;
    const struct cw_place place = cw_queue_place(&row);
    struct cw_invitations_over over = {0};
    char object[32];
    int err = cw_store_begin(c->store);

    object_of(session, object, sizeof object);
    if (err == 0)
        err = cw_chat_store_system(c, session, session->over_text, &line);
    if (err == 0 || err == CW_ERR_FULL)
        err =
            cw_store_session_end(c->store, row.id, session->over_code, session->over_text, now_ms);
    if (err == 0)
        err = cw_store_ticket_deny(c->store, row.id, 0, now_ms / 1000);
    if (err == 0)
        err = cw_invitations_end(c, row.id, 0, CW_INVITATION_SESSION_ENDED, &over);
    if (err == 0)
        err = cw_audit(c, &actor, "session.end", object, "ok", "%s: %s",
                       cw_close_name(session->over_code), session->over_text);
    err = cw_store_end(c->store, err);
    if (err == 0) {
        cw_invitations_tell(c, session, &over);
        cw_session_tell(c, session);
        if (row.state == CW_SESSION_ACTIVE)
            cw_queue_touch(&c->desk->model, row.account, now_ms);
        cw_live_remove(c, session);
        if (cw_place_is_set(place))
            cw_desk_tell(c, place);
        else if (row.kind == CW_SESSION_KEY && row.account != 0)
            cw_event_changed(c, row.account, "queue_changed");
    }
    cw_invitations_free(&over);
    return err == 0;
}

void cw_session_end(struct cw_control *c, struct cw_live_session *session,
                    const struct cw_actor *actor, uint16_t code, const char *text, bool tell_engine)
{
    struct cw_denials denials;
    size_t n = 0;

    if (text[0] == '\0')
        text = cw_close_text(code);
    n = strlen(text);
    if (n > CW_REASON_TEXT_BYTES_MAX)
        n = CW_REASON_TEXT_BYTES_MAX;
    while (n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80)
        n--; /* whole characters */
    memmove(session->over_text, text, n);
    session->over_text[n] = '\0';
    if (cw_denials_collect(c, session->row.id, 0, &denials) == 0)
        cw_denials_send(c, &denials);
    cw_denials_free(&denials);
    if (tell_engine)
        cw_send_end_session(c, session, code, session->over_text);
    cw_jump_tell(c, session, false);
    session->is_over = true;
    cw_event_offer_over(c, session->q.offered_to, session->row.id, "ended");
    cw_queue_session_remove(&c->desk->model, session->row.id); /* no rule moves it any more */
    session->over_code = code;
    snprintf(session->over_actor, sizeof session->over_actor, "%s", actor->name);
    snprintf(session->over_source, sizeof session->over_source, "%s", actor->source);
    cw_event_session_ended(c, session);
    if (session->row.kind == CW_SESSION_JUMP)
        cw_event_jump_items_changed(c);
    (void)settle(c, session);
}

static void reoffer(struct cw_control *c, struct cw_live_session *session, uint64_t now_ms)
{
    const struct cw_device *device = cw_device_find(c, session->row.jump_item);
    const struct cw_live_participant *source = cw_live_source(session);

    if (session->row.kind != CW_SESSION_JUMP || device == NULL || device->link == NULL ||
        source == NULL || source->is_up)
        return;
    if (now_ms < device->up_ms + CW_REOFFER_AFTER_S * 1000 ||
        now_ms < session->source_asked_ms + CW_REOFFER_EVERY_S * 1000)
        return;
    cw_session_offer(c, session);
}

void cw_session_tick(struct cw_control *c, uint64_t now_ms, uint32_t from, uint32_t to)
{
    c->renewals = 0;
    for (uint32_t i = to < c->live_count ? to : c->live_count; i-- > from;) {
        struct cw_live_session *session = c->live[i];
        if (session->is_over) {
            if (cw_store_is_writable(c->store, NULL))
                (void)settle(c, session);
        } else if (!cw_session_ends_by_absence(c, session, now_ms)) {
            cw_session_refresh(c, session, now_ms);
            reoffer(c, session, now_ms);
        }
    }
}
