/* SPDX-License-Identifier: Apache-2.0 */
/* Several representatives in one session: invitations and how they end, sponsors, leads, people from outside; notes,
 * attributes and surveys. */
#include "tests/unit/control/desk.h"

#define EVERYTHING (RIG_REP_BASE | CW_PERMIT(VIEW_SCREEN) | RIG_CONTROL)

struct share {
    struct desk d;
    uint32_t bob; /* has the session */
    uint32_t cleo;
    uint32_t session;
};

static void open_share(struct share *s, struct rig *r)
{
    memset(s, 0, sizeof *s);
    desk_open(&s->d, r);
    s->bob = desk_hire(&s->d, "bob");
    s->cleo = desk_hire(&s->d, "cleo");
    desk_put(&s->d, s->d.team, s->bob, "member");
    desk_put(&s->d, s->d.team, s->cleo, "lead");
    desk_console(&s->d, s->bob);
    desk_console(&s->d, s->cleo);
    s->session = desk_customer(&s->d, s->d.team);
    DESK(&s->d, s->bob, 0, "session.accept", s->session, rig_holder(3));
    rig_up(r, &s->d.w, s->session, 2, CW_ROLE_REPRESENTATIVE, RIG_REP_BASE);
    rig_forget(&s->d.w);
}

static uint32_t invited(struct share *s)
{
    DESK(&s->d, s->bob, 0, "session.invite", s->session,
         json_pack("{s:I, s:s}", "account", (json_int_t)s->cleo, "message", "please look"));
    return (uint32_t)rig_number(s->d.r, "invitation");
}

static size_t open_for(struct share *s, uint32_t account)
{
    DESK(&s->d, account, 0, "invitation.list", 0, NULL);
    return json_array_size(json_object_get(s->d.r->reply.json, "invitations"));
}

/* The customer's answer about one participant. */
static void consent(struct share *s, uint32_t about, uint8_t view, uint8_t control)
{
    uint8_t payload[8];
    size_t n = 0;
    const struct cw_consent answer = {about, view, control};

    assert_int_equal(cw_consent_encode(&answer, payload, sizeof payload, &n), 0);
    RIG_TELL(s->d.r, &s->d.w, .type = CW_LINK_COPY, .session = s->session, .participant = 1,
             .role = CW_ROLE_CUSTOMER, .message = CW_MESSAGE_CONSENT, .bytes = payload,
             .bytes_count = n);
}

static uint64_t mask_of(struct share *s, uint32_t participant)
{
    struct cw_live_session *live = cw_live_find(s->d.r->c, s->session);

    return cw_live_participant(live, participant)->permissions;
}

static void an_invitation_is_accepted_and_consent_is_for_each(void **state)
{
    struct share s;
    uint32_t id = 0;

    open_share(&s, *state);
    consent(&s, 2, 1, 1);
    assert_int_equal(mask_of(&s, 2), EVERYTHING);
    id = invited(&s);
    assert_true(rig_event(&s.d.w, s.cleo, "invited"));
    assert_true(desk_line(&s.d.w, "bob asked cleo for help."));
    assert_int_equal(open_for(&s, s.cleo), 1);
    DESK(&s.d, s.d.ada, CW_ERR_NOT_FOUND, "invitation.accept", id, rig_holder(5));
    DESK(&s.d, s.cleo, 0, "invitation.accept", id, rig_holder(4));
    assert_int_equal(rig_ticket_text(s.d.r, rig_text(s.d.r, "ticket")).participant, 3);
    assert_int_equal(rig_ticket_text(s.d.r, rig_text(s.d.r, "ticket")).permissions,
                     CW_PERMIT(CHAT));
    assert_true(rig_event(&s.d.w, s.bob, "invitation_ended"));
    DESK(&s.d, s.cleo, CW_ERR_STATE, "invitation.accept", id, rig_holder(4));
    rig_up(s.d.r, &s.d.w, s.session, 3, CW_ROLE_REPRESENTATIVE, CW_PERMIT(CHAT));
    /* What was said about bob says nothing about cleo. */
    assert_int_equal(mask_of(&s, 3), CW_PERMIT(CHAT));
    consent(&s, 3, 1, 0);
    assert_int_equal(mask_of(&s, 3), CW_PERMIT(CHAT) | CW_PERMIT(VIEW_SCREEN));
    assert_int_equal(mask_of(&s, 2), EVERYTHING);
    consent(&s, 0, 0, 0);
    assert_int_equal(mask_of(&s, 3), CW_PERMIT(CHAT));
    assert_int_equal(mask_of(&s, 2), RIG_REP_BASE);
    DESK(&s.d, s.cleo, CW_ERR_DENIED, "session.end", s.session, NULL);
    DESK(&s.d, s.cleo, CW_ERR_DENIED, "session.remove_participant", s.session,
         json_pack("{s:i}", "participant", 2));
    rig_forget(&s.d.w);
    DESK(&s.d, s.bob, 0, "session.remove_participant", s.session,
         json_pack("{s:i}", "participant", 3));
    assert_int_equal(rig_need(&s.d.w, CW_LINK_REMOVE_PARTICIPANT, 0, 0)->participant, 3);
    assert_non_null(rig_sent(&s.d.w, CW_LINK_DENY, 0, 0));
    assert_true(desk_line(&s.d.w, "cleo was removed from the session."));
    assert_int_equal(rig_audit(s.d.r, "invitation.accept", "ok"), 1);
    assert_int_equal(rig_audit(s.d.r, "session.remove_participant", "ok"), 1);
    rig_unlink(s.d.r, &s.d.w);
}

/* What the policy of an invitation denies is denied to who comes with it, whatever else allows it; it gives nothing. */
static void an_invitation_brings_its_policy(void **state)
{
    struct share s;
    uint32_t policy = 0;
    uint32_t profile = 0;
    uint32_t id = 0;
    json_t *body = NULL;

    open_share(&s, *state);
    DESK(&s.d, s.d.ada, 0, "session_policy.create", 0,
         json_pack("{s:s, s:b, s:{s:s, s:s, s:{s:s, s:s}}}", "name", "Guests", "for_accounts", 0,
                   "tools", "shell", "deny", "chat", "allow", "tunnel", "prompt", "ask", "silence",
                   "no"));
    policy = (uint32_t)json_integer_value(
        json_object_get(json_object_get(s.d.r->reply.json, "session_policy"), "id"));
    DESK(&s.d, s.bob, CW_ERR_NOT_FOUND, "session.invite", s.session,
         json_pack("{s:I, s:i}", "account", (json_int_t)s.cleo, "session_policy", 999));
    DESK(&s.d, s.bob, 0, "session.invite", s.session,
         json_pack("{s:I, s:I}", "account", (json_int_t)s.cleo, "session_policy",
                   (json_int_t)policy));
    id = (uint32_t)rig_number(s.d.r, "invitation");
    DESK(&s.d, s.d.ada, CW_ERR_CONFLICT, "session_policy.remove", policy, NULL);
    DESK(&s.d, s.cleo, 0, "invitation.accept", id, rig_holder(4));
    rig_up(s.d.r, &s.d.w, s.session, 3, CW_ROLE_REPRESENTATIVE, CW_PERMIT(CHAT));
    consent(&s, 0, 1, 1);
    assert_int_equal(mask_of(&s, 2), EVERYTHING);
    assert_int_equal(mask_of(&s, 3),
                     EVERYTHING & ~CW_PERMIT(END_SESSION) & ~CW_PERMIT(SHELL) & ~CW_PERMIT(TUNNEL));
    /* Allowing is left to the others. */
    DESK(&s.d, s.d.ada, 0, "session_policy.set_tool", 1,
         json_pack("{s:s, s:s}", "tool", "chat", "choice", "deny"));
    assert_int_equal(mask_of(&s, 3) & CW_PERMIT(CHAT), 0);
    DESK(&s.d, s.d.ada, 0, "session_policy.set_tool", 1,
         json_pack("{s:s, s:s}", "tool", "chat", "choice", "allow"));
    DESK(&s.d, s.d.ada, 0, "policy.explain", 0,
         json_pack("{s:s, s:I, s:s}", "account", "bob", "invite", (json_int_t)policy, "tool",
                   "shell"));
    assert_string_equal(
        json_string_value(json_object_get(
            json_array_get(json_object_get(s.d.r->reply.json, "answers"), 0), "source")),
        "invite");
    /* A profile brings it to somebody from outside. */
    DESK(&s.d, s.d.ada, 0, "invite_profile.create", 0,
         json_pack("{s:s, s:s, s:I}", "name", "Vendor", "permissions", "chat shell tunnel file",
                   "session_policy", (json_int_t)policy));
    profile = (uint32_t)rig_number(s.d.r, "id");
    DESK(&s.d, s.d.ada, 0, "account.set", s.bob,
         json_pack("{s:[s]}", "rights_allowed", "invite_external"));
    DESK(&s.d, s.bob, 0, "session.invite_external", s.session,
         json_pack("{s:I}", "profile", (json_int_t)profile));
    body = rig_holder(7);
    (void)json_object_set_new(body, "key", json_string(rig_text(s.d.r, "key")));
    (void)json_object_set_new(body, "name", json_string("Vera"));
    DESK(&s.d, 0, 0, "portal.join_invitation", 0, body);
    consent(&s, 4, 1, 1);
    assert_int_equal(mask_of(&s, 4), CW_PERMIT(CHAT) | CW_PERMIT(FILE));
    assert_int_equal(rig_audit(s.d.r, "invitation.accept", "ok"), 2);
    rig_unlink(s.d.r, &s.d.w);
}

static void an_invitation_ends_in_many_ways(void **state)
{
    struct share s;
    uint32_t id = 0;

    open_share(&s, *state);
    id = invited(&s);
    DESK(&s.d, s.cleo, CW_ERR_NOT_FOUND, "invitation.cancel", id, NULL);
    DESK(&s.d, s.bob, 0, "invitation.cancel", id, NULL);
    assert_int_equal(open_for(&s, s.cleo), 0);
    id = invited(&s);
    DESK(&s.d, s.cleo, 0, "invitation.decline", id, json_pack("{s:s}", "reason", "no time"));
    assert_true(desk_line(&s.d.w, "cleo declined to come: no time."));
    DESK(&s.d, s.cleo, CW_ERR_STATE, "invitation.accept", id, rig_holder(4));
    id = invited(&s);
    DESK(&s.d, s.bob, 0, "session.transfer", s.session,
         json_pack("{s:I}", "team", (json_int_t)s.d.team));
    assert_int_equal(open_for(&s, s.cleo), 0);
    DESK(&s.d, s.bob, 0, "session.accept", s.session, rig_holder(3));
    /* The whole team is asked: by its issue, too. */
    DESK(&s.d, s.d.ada, 0, "issue.create", 0,
         json_pack("{s:s, s:s, s:I}", "name", "Printer", "code", "printer", "team",
                   (json_int_t)s.d.team));
    id = (uint32_t)rig_number(s.d.r, "id");
    DESK(&s.d, s.bob, 0, "session.invite", s.session, json_pack("{s:I}", "issue", (json_int_t)id));
    assert_int_equal(open_for(&s, s.cleo), 1);
    assert_int_equal(open_for(&s, s.d.ada), 1);
    rig_forget(&s.d.w);
    DESK(&s.d, s.bob, 0, "session.end", s.session, NULL);
    assert_true(rig_event(&s.d.w, s.cleo, "invitation_ended"));
    assert_int_equal(open_for(&s, s.cleo), 0);
    assert_int_equal(open_for(&s, s.d.ada), 0);
    rig_unlink(s.d.r, &s.d.w);
}

static void leads_join_and_take_over(void **state)
{
    struct share s;
    uint32_t dora = 0;

    open_share(&s, *state);
    dora = desk_hire(&s.d, "dora");
    desk_put(&s.d, s.d.team, dora, "member");
    DESK(&s.d, dora, CW_ERR_NOT_FOUND, "session.take_over", s.session, rig_holder(6));
    DESK(&s.d, dora, CW_ERR_NOT_FOUND, "session.join", s.session, rig_holder(6));
    DESK(&s.d, s.cleo, 0, "dashboard", 0, NULL);
    assert_int_equal(json_array_size(json_object_get(s.d.r->reply.json, "teams")), 1);
    DESK(&s.d, dora, 0, "dashboard", 0, NULL);
    assert_int_equal(json_array_size(json_object_get(s.d.r->reply.json, "teams")), 0);
    DESK(&s.d, s.cleo, 0, "session.join", s.session, rig_holder(4));
    assert_true(desk_line(&s.d.w, "cleo comes in as a lead of the team."));
    rig_up(s.d.r, &s.d.w, s.session, 3, CW_ROLE_REPRESENTATIVE, CW_PERMIT(CHAT));
    rig_forget(&s.d.w);
    DESK(&s.d, s.cleo, 0, "session.take_over", s.session, rig_holder(4));
    assert_int_equal(rig_ticket_text(s.d.r, rig_text(s.d.r, "ticket")).participant, 3);
    assert_int_equal(rig_ticket_text(s.d.r, rig_text(s.d.r, "ticket")).permissions, RIG_REP_BASE);
    assert_true(desk_line(&s.d.w, "cleo took the session over from bob."));
    assert_int_equal(mask_of(&s, 2), CW_PERMIT(CHAT)); /* no longer ends it */
    DESK(&s.d, s.bob, CW_ERR_DENIED, "session.end", s.session, NULL);
    DESK(&s.d, s.bob, 0, "session.leave", s.session, NULL);
    DESK(&s.d, s.cleo, CW_ERR_CONFLICT, "session.leave", s.session, NULL);
    assert_int_equal(rig_audit(s.d.r, "session.take_over", "ok"), 1);
    rig_unlink(s.d.r, &s.d.w);
}

static void who_shares_for_the_longest_time_goes_on(void **state)
{
    struct share s;
    uint32_t id = 0;

    open_share(&s, *state);
    id = invited(&s);
    DESK(&s.d, s.cleo, 0, "invitation.accept", id, rig_holder(4));
    rig_up(s.d.r, &s.d.w, s.session, 3, CW_ROLE_REPRESENTATIVE, CW_PERMIT(CHAT));
    /* Transferred to somebody who is in it: at once, and bob stays. */
    DESK(&s.d, s.bob, 0, "session.transfer", s.session,
         json_pack("{s:I}", "account", (json_int_t)s.cleo));
    assert_true(desk_line(&s.d.w, "bob transferred the session to cleo."));
    assert_int_equal(cw_live_find(s.d.r->c, s.session)->row.account, s.cleo);
    RIG_TELL(s.d.r, &s.d.w, .type = CW_LINK_PARTICIPANT_DOWN, .session = s.session,
             .participant = 3, .code = CW_CLOSE_TIMED_OUT);
    rig_advance(s.d.r, 1);
    rig_advance(s.d.r, 64);
    assert_true(desk_line(&s.d.w, "cleo did not come back. The session goes on with bob."));
    assert_int_equal(cw_live_find(s.d.r->c, s.session)->row.account, s.bob);
    assert_int_equal(cw_live_find(s.d.r->c, s.session)->row.state, CW_SESSION_ACTIVE);
    DESK(&s.d, s.bob, 0, "session.end", s.session, NULL);
    rig_unlink(s.d.r, &s.d.w);
}

static void somebody_from_outside_has_a_key_and_a_profile(void **state)
{
    struct share s;
    char key[CW_SESSION_KEY_TEXT_BYTES];
    uint32_t profile = 0;
    json_t *body = NULL;

    open_share(&s, *state);
    DESK(&s.d, s.d.ada, CW_ERR_INVALID, "invite_profile.create", 0,
         json_pack("{s:s, s:s}", "name", "Vendor", "permissions", "chat fly"));
    DESK(&s.d, s.d.ada, 0, "invite_profile.create", 0,
         json_pack("{s:s, s:s}", "name", "Vendor", "permissions", "chat view_screen"));
    profile = (uint32_t)rig_number(s.d.r, "id");
    DESK(&s.d, s.bob, CW_ERR_DENIED, "session.invite_external", s.session,
         json_pack("{s:I}", "profile", (json_int_t)profile));
    DESK(&s.d, s.d.ada, 0, "account.set", s.bob,
         json_pack("{s:[s]}", "rights_allowed", "invite_external"));
    DESK(&s.d, s.bob, 0, "session.invite_external", s.session,
         json_pack("{s:I}", "profile", (json_int_t)profile));
    assert_int_equal(rig_number(s.d.r, "expires_unix_ms"), s.d.r->now_ms + 7200 * 1000);
    snprintf(key, sizeof key, "%s", rig_text(s.d.r, "key"));
    assert_non_null(strstr(rig_text(s.d.r, "url"), key));
    body = rig_holder(7);
    (void)json_object_set_new(body, "key", json_string("AAAA-AAAA-AA"));
    (void)json_object_set_new(body, "name", json_string("Vera"));
    DESK(&s.d, 0, CW_ERR_NOT_FOUND, "portal.join_invitation", 0, json_incref(body));
    (void)json_object_set_new(body, "key", json_string(key));
    DESK(&s.d, 0, 0, "portal.join_invitation", 0, json_incref(body));
    assert_int_equal(rig_ticket_text(s.d.r, rig_text(s.d.r, "ticket")).participant, 3);
    assert_int_equal(rig_ticket_text(s.d.r, rig_text(s.d.r, "ticket")).permissions,
                     CW_PERMIT(CHAT));
    DESK(&s.d, 0, CW_ERR_USED, "portal.join_invitation", 0, json_incref(body));
    rig_up(s.d.r, &s.d.w, s.session, 3, CW_ROLE_REPRESENTATIVE, CW_PERMIT(CHAT));
    consent(&s, 3, 1, 1);
    assert_int_equal(mask_of(&s, 3), CW_PERMIT(CHAT) | CW_PERMIT(VIEW_SCREEN));
    /* An old one is not good any more. */
    DESK(&s.d, s.bob, 0, "session.invite_external", s.session,
         json_pack("{s:I, s:i}", "profile", (json_int_t)profile, "life_s", 300));
    (void)json_object_set_new(body, "key", json_string(rig_text(s.d.r, "key")));
    rig_forget(&s.d.w);
    rig_advance(s.d.r, 301);
    assert_true(rig_event(&s.d.w, s.bob, "invitation_ended"));
    assert_int_equal(rig_audit(s.d.r, "invitation.expire", "ok"), 1);
    DESK(&s.d, 0, CW_ERR_EXPIRED, "portal.join_invitation", 0, body);
    assert_int_equal(rig_audit(s.d.r, "portal.join_invitation", "EXPIRED"), 1);
    rig_unlink(s.d.r, &s.d.w);
}

static void a_sponsor_lends_what_it_may(void **state)
{
    struct share s;
    uint32_t policy = 0, id = 0;

    open_share(&s, *state);
    consent(&s, 2, 1, 1);
    DESK(&s.d, s.d.ada, 0, "session_policy.create", 0, json_pack("{s:s}", "name", "No shell"));
    policy = (uint32_t)json_integer_value(
        json_object_get(json_object_get(s.d.r->reply.json, "session_policy"), "id"));
    if (policy == 0)
        policy = (uint32_t)rig_number(s.d.r, "id");
    DESK(&s.d, s.d.ada, 0, "session_policy.set_tool", policy,
         json_pack("{s:s, s:s}", "tool", "shell", "choice", "deny"));
    DESK(&s.d, s.d.ada, 0, "account.set", s.bob,
         json_pack("{s:I}", "session_policy", (json_int_t)policy));
    rig_advance(s.d.r, 1);
    assert_int_equal(mask_of(&s, 2), EVERYTHING & ~CW_PERMIT(SHELL));
    DESK(&s.d, s.bob, CW_ERR_DENIED, "session.elevate", s.session, NULL);
    DESK(&s.d, s.bob, 0, "session.ask_sponsor", s.session,
         json_pack("{s:I, s:s}", "team", (json_int_t)s.d.team, "message", "a shell, please"));
    id = (uint32_t)rig_number(s.d.r, "invitation");
    DESK(&s.d, s.cleo, 0, "invitation.accept", id, rig_holder(4));
    rig_up(s.d.r, &s.d.w, s.session, 3, CW_ROLE_REPRESENTATIVE, CW_PERMIT(CHAT));
    DESK(&s.d, s.cleo, 0, "session.elevate", s.session, NULL);
    assert_int_equal(mask_of(&s, 2), EVERYTHING);
    assert_true(desk_line(&s.d.w, "cleo lets bob do what a sponsor may."));
    rig_forget(&s.d.w);
    DESK(&s.d, s.cleo, 0, "session.leave", s.session, NULL);
    assert_int_equal(mask_of(&s, 2), EVERYTHING & ~CW_PERMIT(SHELL));
    assert_non_null(rig_sent(&s.d.w, CW_LINK_DENY, 0, 0)); /* tickets that said more */
    rig_unlink(s.d.r, &s.d.w);
}

static void what_is_known_about_a_session_stays_with_it(void **state)
{
    struct share s;
    json_t *rows = NULL;

    open_share(&s, *state);
    DESK(&s.d, s.d.ada, 0, "attribute.create", 0,
         json_pack("{s:s, s:s}", "code", "ticket_state", "name", "State of the ticket"));
    DESK(&s.d, s.d.ada, 0, "attribute.create", 0,
         json_pack("{s:s, s:s, s:b}", "code", "source", "name", "Source", "editable", 0));
    DESK(&s.d, s.bob, 0, "session.set_attribute", s.session,
         json_pack("{s:s, s:s}", "code", "ticket_state", "value", "in work"));
    DESK(&s.d, s.bob, CW_ERR_DENIED, "session.set_attribute", s.session,
         json_pack("{s:s, s:s}", "code", "source", "value", "mail"));
    DESK(&s.d, s.bob, CW_ERR_NOT_FOUND, "session.set_attribute", s.session,
         json_pack("{s:s, s:s}", "code", "colour", "value", "red"));
    DESK(&s.d, s.bob, 0, "session.set_external_key", s.session,
         json_pack("{s:s}", "external_key", "INC-4711"));
    DESK(&s.d, s.bob, 0, "session.rename", s.session, json_pack("{s:s}", "name", "Carla's till"));
    DESK(&s.d, s.bob, CW_ERR_INVALID, "session.add_note", s.session, NULL);
    DESK(&s.d, s.bob, 0, "session.add_note", s.session,
         json_pack("{s:s}", "text", "try the cable"));
    /* They are there for the next representative, after a restart, too. */
    DESK(&s.d, s.bob, 0, "session.transfer", s.session,
         json_pack("{s:I}", "account", (json_int_t)s.cleo));
    rig_unlink(s.d.r, &s.d.w);
    rig_restart(s.d.r);
    rig_link(s.d.r, &s.d.w);
    DESK(&s.d, s.cleo, 0, "session.show", s.session, NULL);
    assert_string_equal(rig_text(s.d.r, "external_key"), "INC-4711");
    assert_string_equal(rig_text(s.d.r, "name"), "Carla's till");
    rows = json_object_get(s.d.r->reply.json, "notes");
    assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 0), "text")),
                        "try the cable");
    rows = json_object_get(s.d.r->reply.json, "attributes");
    /* Behind the three that every appliance has. */
    assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 3), "value")),
                        "in work");
    assert_int_equal(rig_audit(s.d.r, "session.set_external_key", "ok"), 1);
    rig_unlink(s.d.r, &s.d.w);
}

static void a_survey_can_block_the_end(void **state)
{
    struct share s;
    uint32_t solved = 0, stars = 0;
    char number[16];

    open_share(&s, *state);
    DESK(
        &s.d, s.d.ada, CW_ERR_INVALID, "survey.question_create", 0,
        json_pack("{s:s, s:s, s:s}", "for", "representative", "text", "Solved?", "kind", "choice"));
    DESK(&s.d, s.d.ada, 0, "survey.question_create", 0,
         json_pack("{s:s, s:s, s:s, s:s, s:b}", "for", "representative", "text", "Solved?", "kind",
                   "choice", "choices", "yes\nno", "required", 1));
    solved = (uint32_t)rig_number(s.d.r, "id");
    DESK(&s.d, s.d.ada, 0, "survey.question_create", 0,
         json_pack("{s:s, s:s, s:s}", "for", "representative", "text", "How was it?", "kind",
                   "rating"));
    stars = (uint32_t)rig_number(s.d.r, "id");
    DESK(&s.d, s.bob, CW_ERR_CONFLICT, "session.end", s.session, NULL);
    assert_string_equal(s.d.r->reply.code, "SURVEY");
    assert_non_null(strstr(s.d.r->reply.message, "Solved?"));
    snprintf(number, sizeof number, "%u", stars);
    DESK(&s.d, s.bob, CW_ERR_INVALID, "session.answer_survey", s.session,
         json_pack("{s:{s:s}}", "answers", number, "5"));
    snprintf(number, sizeof number, "%u", solved);
    DESK(&s.d, s.bob, CW_ERR_INVALID, "session.answer_survey", s.session,
         json_pack("{s:{s:s}}", "answers", number, "perhaps"));
    DESK(&s.d, s.bob, CW_ERR_NOT_FOUND, "session.answer_survey", s.session,
         json_pack("{s:{s:s, s:s}}", "answers", number, "yes", "999", "x"));
    DESK(&s.d, s.bob, 0, "session.answer_survey", s.session,
         json_pack("{s:{s:s}}", "answers", number, "yes"));
    DESK(&s.d, s.bob, 0, "session.end", s.session, NULL);
    assert_int_equal(rig_audit(s.d.r, "survey.answer", "ok"), 1);
    rig_unlink(s.d.r, &s.d.w);
}

static void a_customer_answers_after_the_session(void **state)
{
    struct share s;
    char key[CW_SESSION_KEY_TEXT_BYTES];
    char token[CW_TOKEN_TEXT_BYTES + 1];
    char holder[CW_HOLDER_KEY_TEXT_BYTES + 1];
    char number[16];
    uint8_t seed[CW_KEY_BYTES], public_key[CW_KEY_BYTES];
    uint32_t session = 0;
    json_t *json = NULL;

    open_share(&s, *state);
    DESK(&s.d, s.d.ada, 0, "survey.question_create", 0,
         json_pack("{s:s, s:s, s:s, s:b}", "for", "customer", "text", "Stars?", "kind", "rating",
                   "required", 1));
    snprintf(number, sizeof number, "%u", (uint32_t)rig_number(s.d.r, "id"));
    DESK(&s.d, s.bob, 0, "session_key.create", 0, NULL);
    snprintf(key, sizeof key, "%s", rig_text(s.d.r, "key"));
    rig_key(20, seed, public_key, holder);
    assert_int_equal(
        rig_request(s.d.r, &s.d.w, CW_HELLO_SESSION_KEY, 1,
                    json_pack("{s:s, s:s, s:s}", "key", key, "holder", holder, "name", "Carla"),
                    &json),
        CW_CLOSE_OK);
    snprintf(token, sizeof token, "%s", json_string_value(json_object_get(json, "survey")));
    session = (uint32_t)json_integer_value(json_object_get(json, "session"));
    json_decref(json);
    assert_int_equal(strlen(token), CW_TOKEN_TEXT_BYTES);
    DESK(&s.d, 0, CW_ERR_STATE, "portal.survey", 0, json_pack("{s:s}", "token", token));
    DESK(&s.d, s.bob, 0, "session.accept", session, rig_holder(3));
    DESK(&s.d, s.bob, 0, "session.end", session, NULL);
    DESK(&s.d, 0, CW_ERR_NOT_FOUND, "portal.survey", 0, json_pack("{s:s}", "token", "x"));
    DESK(&s.d, 0, 0, "portal.survey", 0, json_pack("{s:s}", "token", token));
    assert_int_equal(json_array_size(json_object_get(s.d.r->reply.json, "questions")), 1);
    DESK(&s.d, 0, CW_ERR_INVALID, "portal.answer_survey", 0,
         json_pack("{s:s, s:{s:s}}", "token", token, "answers", number, "6"));
    DESK(&s.d, 0, 0, "portal.answer_survey", 0,
         json_pack("{s:s, s:{s:s}}", "token", token, "answers", number, "4"));
    /* Nobody is signed in: neither the audit log nor the tokens are there to be tried for ever. */
    for (unsigned i = 2; i < CW_ISSUE_TRIES; i++)
        DESK(&s.d, 0, 0, "portal.answer_survey", 0,
             json_pack("{s:s, s:{s:s}}", "token", token, "answers", number, "3"));
    DESK(&s.d, 0, CW_ERR_FULL, "portal.answer_survey", 0,
         json_pack("{s:s, s:{s:s}}", "token", token, "answers", number, "2"));
    assert_true(s.d.r->reply.retry_after_s > 0);
    assert_int_equal(rig_audit(s.d.r, "survey.answer", "ok"), CW_ISSUE_TRIES - 1);
    for (unsigned i = 1; i < CW_KEY_TRIES; i++)
        DESK(&s.d, 0, CW_ERR_NOT_FOUND, "portal.survey", 0, json_pack("{s:s}", "token", "x"));
    DESK(&s.d, 0, CW_ERR_FULL, "portal.survey", 0, json_pack("{s:s}", "token", "x"));
    rig_advance(s.d.r, CW_SURVEY_OPEN_S);
    DESK(&s.d, 0, CW_ERR_EXPIRED, "portal.survey", 0, json_pack("{s:s}", "token", token));
    rig_unlink(s.d.r, &s.d.w);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_invitation_brings_its_policy),
        CASE(an_invitation_is_accepted_and_consent_is_for_each),
        CASE(an_invitation_ends_in_many_ways),
        CASE(leads_join_and_take_over),
        CASE(who_shares_for_the_longest_time_goes_on),
        CASE(somebody_from_outside_has_a_key_and_a_profile),
        CASE(a_sponsor_lends_what_it_may),
        CASE(what_is_known_about_a_session_stays_with_it),
        CASE(a_survey_can_block_the_end),
        CASE(a_customer_answers_after_the_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
