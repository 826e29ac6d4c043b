/* SPDX-License-Identifier: Apache-2.0 */
#include "control/session/invitation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/queue/desk.h"
#include "control/session/event.h"
#include "control/session/people.h"
#include "control/session/session_key.h"
#include "control/team/team.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

static const char *const end_names[CW_INVITATION_END_COUNT] = {
    [CW_INVITATION_OPEN] = "open",
    [CW_INVITATION_ACCEPTED] = "accepted",
    [CW_INVITATION_DECLINED] = "declined",
    [CW_INVITATION_CANCELLED] = "cancelled",
    [CW_INVITATION_INVITER_LEFT] = "inviter_left",
    [CW_INVITATION_TRANSFERRED] = "transferred",
    [CW_INVITATION_SESSION_ENDED] = "session_ended",
    [CW_INVITATION_EXPIRED] = "expired",
};

const char *cw_invitation_end_name(enum cw_invitation_end end)
{
    return end < CW_INVITATION_END_COUNT ? end_names[end] : "over";
}

static void object_of(uint32_t session, char *out, size_t size)
{
    snprintf(out, size, "session %u", session);
}

/* ---- ends ------------------------------------------------------------------------------------ */

static int collect(void *user, const struct cw_invitation *invitation)
{
    struct cw_invitations_over *over = user;
    struct cw_invitation *grown = reallocarray(over->rows, over->count + 1, sizeof *grown);

    if (grown == NULL)
        return CW_ERR_NOMEM;
    over->rows = grown;
    over->rows[over->count++] = *invitation;
    return 0;
}

int cw_invitations_end(struct cw_control *c, uint32_t session, uint32_t inviter,
                       enum cw_invitation_end end, struct cw_invitations_over *over)
{
    const uint32_t first = over->count;
    int err = cw_store_invitation_each(c->store, session, inviter, collect, over);

    for (uint32_t i = first; err == 0 && i < over->count; i++) {
        over->rows[i].end = end;
        err = cw_store_invitation_end(c->store, over->rows[i].id, end, cw_control_now_unix_ms(c));
    }
    return err;
}

static struct cw_place asked(const struct cw_invitation *invitation)
{
    return (struct cw_place){.team = invitation->team, .account = invitation->account};
}

static void tell_over(struct cw_control *c, const struct cw_invitation *invitation)
{
    json_t *event =
        json_pack("{s:s, s:I, s:I, s:s}", "type", "invitation_ended", "invitation",
                  (json_int_t)invitation->id, "session", (json_int_t)invitation->session, "reason",
                  cw_invitation_end_name(invitation->end));

    cw_event_send(c, invitation->inviter, json_incref(event));
    if (invitation->kind != CW_INVITE_EXTERNAL)
        cw_desk_send(c, asked(invitation), json_incref(event));
    json_decref(event);
}

void cw_invitations_tell(struct cw_control *c, const struct cw_live_session *session,
                         const struct cw_invitations_over *over)
{
    (void)session;
    for (uint32_t i = 0; i < over->count; i++)
        tell_over(c, &over->rows[i]);
}

void cw_invitations_free(struct cw_invitations_over *over)
{
    free(over->rows);
    *over = (struct cw_invitations_over){0};
}

int cw_invitation_close(struct cw_control *c, const struct cw_actor *actor,
                        const struct cw_invitation *invitation, enum cw_invitation_end end,
                        const char *action, const char *line)
{
    struct cw_live_session *session = cw_live_find(c, invitation->session);
    struct cw_invitation over = *invitation;
    struct cw_chat_row stored;
    char object[32];
    bool has_line = false;
    int err = cw_store_begin(c->store);

    object_of(invitation->session, object, sizeof object);
    over.end = end;
    if (err != 0)
        return err;
    err = cw_store_invitation_end(c->store, invitation->id, end, cw_control_now_unix_ms(c));
    if (err == 0 && session != NULL)
        err = cw_chat_store_line(c, session, line, &stored, &has_line);
    if (err == 0)
        err = cw_audit(c, actor, action, object, "ok", "invitation %u: %s", invitation->id, line);
    err = cw_store_end(c->store, err);
    if (err != 0)
        return err;
    if (has_line)
        cw_chat_send(session, 0, &stored);
    tell_over(c, &over);
    return 0;
}

void cw_invitations_tick(struct cw_control *c, uint64_t now_ms)
{
    const struct cw_actor appliance = cw_actor_appliance();
    struct cw_invitations_over open = {0};

    if (cw_store_invitation_each(c->store, 0, 0, collect, &open) == 0)
        for (uint32_t i = 0; i < open.count; i++)
            if (open.rows[i].expires_ms != 0 && now_ms >= open.rows[i].expires_ms)
                (void)cw_invitation_close(c, &appliance, &open.rows[i], CW_INVITATION_EXPIRED,
                                          "invitation.expire", "An invitation has expired.");
    cw_invitations_free(&open);
}

/* ---- making ---------------------------------------------------------------------------------- */

static int key_hash(const char *text, size_t text_bytes, uint8_t *ret_hash)
{
    char plain[CW_SESSION_KEY_CHARACTERS + 1];
    int err = text_bytes > CW_SESSION_KEY_INPUT_BYTES_MAX
                  ? CW_ERR_INVALID
                  : cw_base32_normalise(text, text_bytes, plain, CW_SESSION_KEY_CHARACTERS);

    if (err != 0)
        return CW_ERR_NOT_FOUND;
    return cw_secret_hash("causeway invitation key v1", plain, CW_SESSION_KEY_CHARACTERS, ret_hash);
}

static void tell_asked(struct cw_control *c, const struct cw_live_session *session,
                       const struct cw_invitation *invitation, const char *inviter)
{
    if (invitation->kind == CW_INVITE_EXTERNAL)
        return;
    cw_desk_send(c, asked(invitation),
                 json_pack("{s:s, s:I, s:I, s:s, s:s, s:s, s:b}", "type", "invited", "invitation",
                           (json_int_t)invitation->id, "session", (json_int_t)session->row.id,
                           "customer", session->row.customer, "inviter", inviter, "message",
                           invitation->message, "as_sponsor",
                           invitation->relation == CW_RELATION_SPONSOR));
}

int cw_invitation_make(struct cw_control *c, const struct cw_actor *actor,
                       struct cw_live_session *session, struct cw_invitation *invitation,
                       const char *line, char *ret_key)
{
    const bool is_external = invitation->kind == CW_INVITE_EXTERNAL;
    uint8_t hash[CW_SHA256_BYTES];
    struct cw_chat_row stored;
    char object[32];
    bool has_line = false;
    uint32_t count = 0;
    int err = cw_store_invitation_count(c->store, session->row.id, &count);

    if (err == 0 && count >= CW_INVITATIONS_OPEN_MAX)
        err = CW_ERR_FULL;
    if (err == 0 && is_external)
        err = cw_secret_base32(ret_key, CW_SESSION_KEY_CHARACTERS);
    if (err == 0 && is_external)
        err = key_hash(ret_key, strlen(ret_key), hash);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    object_of(session->row.id, object, sizeof object);
    err = cw_store_invitation_add(c->store, invitation, is_external ? hash : NULL);
    if (err == 0)
        err = cw_chat_store_line(c, session, line, &stored, &has_line);
    if (err == 0)
        err = cw_audit(c, actor, "invitation.create", object, "ok", "invitation %u: %s",
                       invitation->id, line);
    err = cw_store_end(c->store, err);
    if (err != 0)
        return err;
    if (has_line)
        cw_chat_send(session, 0, &stored);
    tell_asked(c, session, invitation, session->row.representative);
    return 0;
}

/* ---- coming in ------------------------------------------------------------------------------- */

bool cw_invitation_is_for(struct cw_control *c, const struct cw_invitation *invitation,
                          uint32_t account)
{
    if (invitation->kind == CW_INVITE_REPRESENTATIVE)
        return invitation->account == account;
    return invitation->kind == CW_INVITE_TEAM && invitation->inviter != account &&
           cw_team_role_of(c, invitation->team, account) != CW_TEAM_NONE;
}

int cw_invitation_find_key(struct cw_control *c, const char *text, size_t text_bytes,
                           struct cw_invitation *ret)
{
    uint8_t hash[CW_SHA256_BYTES];
    int err = key_hash(text, text_bytes, hash);

    if (err == 0)
        err = cw_store_invitation_find(c->store, hash, ret);
    if (err != 0)
        return err;
    if (ret->end == CW_INVITATION_ACCEPTED)
        return CW_ERR_USED;
    return ret->end != CW_INVITATION_OPEN || cw_control_now_unix_ms(c) >= ret->expires_ms
               ? CW_ERR_EXPIRED
               : 0;
}

static int end_accepted(struct cw_control *c, void *user, uint32_t participant)
{
    const struct cw_invitation *invitation = user;

    (void)participant;
    return cw_store_invitation_end(c->store, invitation->id, CW_INVITATION_ACCEPTED,
                                   cw_control_now_unix_ms(c));
}

int cw_invitation_enter(struct cw_control *c, const struct cw_actor *actor,
                        struct cw_live_session *session, const struct cw_invitation *invitation,
                        uint32_t account, const char *name, const uint8_t *holder_key,
                        struct cw_session_joined *ret)
{
    struct cw_invitation over = *invitation;
    char detail[CW_NAME_SIZE + 32];
    const struct cw_seating seating = {
        .account = account,
        .name = name,
        .relation = invitation->relation,
        .permissions = invitation->permissions,
        .session_policy = invitation->session_policy,
        .holder_key = holder_key,
        .action = "invitation.accept",
        .detail = detail,
        .more = end_accepted,
        .user = &over,
    };
    int err = 0;

    snprintf(detail, sizeof detail, "invitation %u: %s", invitation->id, name);
    err = cw_session_seat(c, actor, session, &seating, ret);
    over.end = CW_INVITATION_ACCEPTED;
    if (err == 0)
        tell_over(c, &over);
    return err;
}

/* ---- sponsors -------------------------------------------------------------------------------- */

void cw_session_end_elevation(struct cw_control *c, struct cw_live_session *session)
{
    const struct cw_actor appliance = cw_actor_appliance();
    struct cw_live_participant *owner = cw_live_representative(session);
    struct cw_participant row;
    char object[32];
    int err = 0;

    if (owner == NULL || owner->row.permissions == 0)
        return;
    for (uint32_t i = 0; i < session->participant_count; i++)
        if (session->participants[i].row.relation == CW_RELATION_SPONSOR &&
            session->participants[i].row.left_ms == 0)
            return;
    object_of(session->row.id, object, sizeof object);
    row = owner->row;
    row.permissions = 0;
    err = cw_store_begin(c->store);
    if (err == 0) {
        err = cw_store_participant_put(c->store, &row);
        if (err == 0)
            err = cw_audit(c, &appliance, "session.elevate", object, "ok",
                           "ended: no sponsor is left");
        err = cw_store_end(c->store, err);
    }
    /* Less is in force at once, whatever the store says. */
    owner->row.permissions = 0;
    cw_session_recheck(c, session);
    if (err != 0)
        cw_log(CW_LOG_WARNING, "control.session", "%s: the end of an elevation is not stored: %s",
               object, cw_err_text(err));
}
