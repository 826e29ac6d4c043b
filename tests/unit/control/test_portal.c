/* SPDX-License-Identifier: Apache-2.0 */
/* Portals as administrators make them and as customers find them. */
#include "tests/unit/control/rig.h"

#include "control/portal/picture.h"
#include "control/portal/portal.h"
#include "control/session/session.h"
#include "control/store/store_share.h"

/* A PNG of one grey pixel. */
static const uint8_t png[] = {0x89, 'P', 'N',  'G',  '\r', '\n', 0x1A, '\n', 0,    0, 0, 13,
                              'I',  'H', 'D',  'R',  0,    0,    0,    1,    0,    0, 0, 1,
                              8,    0,   0,    0,    0,    0x3A, 0x7E, 0x9B, 0x55, 0, 0, 0,
                              10,   'I', 'D',  'A',  'T',  0x78, 0x9C, 0x63, 0x68, 0, 0, 0,
                              0x82, 0,   0x81, 0x77, 0xCD, 0x72, 0xB6, 0,    0,    0, 0, 'I',
                              'E',  'N', 'D',  0xAE, 0x42, 0x60, 0x82};

static const json_t *portal_of(const struct rig *r)
{
    return json_object_get(r->reply.json, "portal");
}

static const char *portal_text(const struct rig *r, const char *member)
{
    return json_string_value(json_object_get(portal_of(r), member));
}

static uint32_t make(struct rig *r, const char *what, json_t *body, const char *object)
{
    assert_int_equal(rig_call(r, what, 0, body), 0);
    return (uint32_t)json_integer_value(json_object_get(
        object != NULL ? json_object_get(r->reply.json, object) : r->reply.json, "id"));
}

static uint32_t make_portal(struct rig *r, json_t *body)
{
    return make(r, "portal.create", body, "portal");
}

static int info(struct rig *r, const char *host, const char *code)
{
    int err = 0;

    r->host = host;
    err = rig_call(r, "portal.info", 0, code != NULL ? json_pack("{s:s}", "portal", code) : NULL);
    r->host = NULL;
    return err;
}

static size_t count_of(const struct rig *r, const char *list)
{
    return json_array_size(json_object_get(portal_of(r), list));
}

static void each_address_has_its_portal(void **state)
{
    struct rig *r = *state;
    uint32_t id = 0;

    assert_int_equal(info(r, NULL, NULL), 0);
    assert_string_equal(portal_text(r, "code"), "default");
    id = make_portal(r,
                     json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", "Printers", "code", "printers",
                               "hosts", "LOCALHOST", "title", "Printer help", "accent", "#1A73e8"));
    assert_int_equal(info(r, "localhost:8443", NULL), 0);
    assert_string_equal(portal_text(r, "code"), "printers");
    assert_string_equal(portal_text(r, "title"), "Printer help");
    assert_string_equal(portal_text(r, "accent"), "#1A73e8");
    assert_int_equal(info(r, "localhost", NULL), 0);
    assert_string_equal(portal_text(r, "code"), "printers");
    assert_int_equal(info(r, "elsewhere.example", NULL), 0);
    assert_string_equal(portal_text(r, "code"), "default");
    assert_int_equal(info(r, "localhost", "default"), 0);
    assert_string_equal(portal_text(r, "code"), "default");
    assert_int_equal(info(r, NULL, "none"), CW_ERR_NOT_FOUND);

    assert_int_equal(rig_call(r, "portal.show", id, NULL), 0);
    assert_string_equal(portal_text(r, "url"), "https://localhost:8443/");
    rig_restart(r);
    assert_int_equal(info(r, "localhost", NULL), 0);
    assert_string_equal(portal_text(r, "title"), "Printer help");
    assert_int_equal(rig_call(r, "portal.remove", id, NULL), 0);
    assert_int_equal(info(r, "localhost", NULL), 0);
    assert_string_equal(portal_text(r, "code"), "default");
    assert_int_equal(rig_call(r, "portal.remove", 1, NULL), CW_ERR_CONFLICT);
    assert_int_equal(rig_audit(r, "portal.remove", "ok"), 1);
}

static void what_makes_no_portal_is_refused(void **state)
{
    static const struct {
        const char *member;
        const char *value;
        int err;
    } wrong[] = {
        {"hosts", "evil.example", CW_ERR_INVALID},
        {"hosts", "localhost evil.example", CW_ERR_INVALID},
        {"accent", "red", CW_ERR_INVALID},
        {"accent", "#12345", CW_ERR_INVALID},
        {"background", "#12345g", CW_ERR_INVALID},
        {"foreground", "#1234567", CW_ERR_INVALID},
        {"title", "two\nlines", CW_ERR_INVALID},
        {"code", "Capital", CW_ERR_INVALID},
        {"code", "../up", CW_ERR_INVALID},
        {"code", "12", CW_ERR_INVALID},
        {"code", "default", CW_ERR_CONFLICT},
        {"hours", "always", CW_ERR_INVALID},
        {"time_zone", "Nowhere/Land", CW_ERR_NOT_FOUND},
        {"issues", "7", CW_ERR_NOT_FOUND},
        {"show_keys", "perhaps", CW_ERR_INVALID},
        {"colour", "#000000", CW_ERR_INVALID},
    };
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        json_t *body = json_pack("{s:s, s:s, s:b}", "name", "Odd", "code", "odd", "schedule", 1);
        json_object_set_new(body, wrong[i].member, json_string(wrong[i].value));
        assert_int_equal(rig_call(r, "portal.create", 0, body), wrong[i].err);
    }
    assert_int_equal(rig_call(r, "portal.list", 0, NULL), 0);
    assert_int_equal(json_array_size(json_object_get(r->reply.json, "portals")), 1);
    (void)make(r, "account.create", json_pack("{s:s}", "user", "rita"), "account");
    r->account = 2;
    r->is_admin = false;
    assert_int_equal(rig_call(r, "portal.set", 1, json_pack("{s:s}", "title", "Mine")),
                     CW_ERR_DENIED);
    assert_int_equal(rig_call(r, "notice.create", 0, json_pack("{s:s}", "text", "Mine")),
                     CW_ERR_DENIED);
}

/* A team with an issue on portal 1. */
static uint32_t offer_issue(struct rig *r, const char *priority)
{
    uint32_t skill = make(r, "skill.create", json_pack("{s:s}", "name", "Paper"), NULL);
    uint32_t issue = 0;
    uint32_t team = 0;

    team = make(r, "team.create",
                json_pack("{s:s, s:b}", "name", "First Line", "persistent_queue", 1), "team");
    issue = make(r, "issue.create",
                 json_pack("{s:s, s:s, s:i, s:s, s:[i]}", "name", "It jams", "code", "jam", "team",
                           (int)team, "priority", priority, "skills", (int)skill),
                 NULL);
    assert_int_equal(rig_call(r, "portal.set", 1,
                              json_pack("{s:b, s:[i]}", "show_issues", 1, "issues", (int)issue)),
                     0);
    return team;
}

static json_t *request(void)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "issue", "jam", "name", "Ina", "company",
                     "Paper & Co", "code", "P-7", "description", "It <b>jams</b>.\nOften.");
}

static const char *attribute(struct rig *r, const char *code)
{
    const json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(json_object_get(r->reply.json, "attributes"), i,
                       row) if (strcmp(json_string_value(json_object_get(row, "code")), code) ==
                                0) return json_string_value(json_object_get(row, "value"));
    return "";
}

static void an_issue_waits_in_its_teams_queue(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    json_t *reply = NULL;
    uint8_t seed[CW_KEY_BYTES];
    uint8_t holder[CW_KEY_BYTES];
    char holder_text[CW_HOLDER_KEY_TEXT_BYTES + 1];
    char key[CW_SESSION_KEY_TEXT_BYTES];
    uint32_t session = 0;
    uint32_t team = offer_issue(r, "high");
    struct cw_live_session *live = NULL;

    rig_link(r, &w);
    assert_int_equal(info(r, NULL, NULL), 0);
    assert_int_equal(count_of(r, "issues"), 1);
    assert_int_equal(rig_call(r, "portal.submit_issue", 0, request()), 0);
    snprintf(key, sizeof key, "%s", rig_text(r, "key"));
    assert_non_null(strstr(rig_text(r, "command"), key));
    rig_key(20, seed, holder, holder_text);
    assert_int_equal(
        rig_request(r, &w, CW_HELLO_SESSION_KEY, 1,
                    json_pack("{s:s, s:s, s:s}", "key", key, "holder", holder_text, "name", "root"),
                    &reply),
        CW_CLOSE_OK);
    assert_string_equal(json_string_value(json_object_get(reply, "representative")), "First Line");
    session = (uint32_t)json_integer_value(json_object_get(reply, "session"));
    json_decref(reply);
    live = cw_live_find(r->c, session);
    assert_non_null(live);
    assert_int_equal(live->row.team, team);
    assert_int_equal(live->row.portal, 1);
    assert_int_equal(live->row.priority, CW_PRIORITY_HIGH);
    assert_string_equal(live->row.customer, "Ina");
    assert_int_equal(live->q.need_count, 1);
    assert_int_equal(
        rig_call(r, "team.member_set", team, json_pack("{s:i, s:s}", "account", 1, "role", "lead")),
        0);
    assert_int_equal(rig_call(r, "session.show", session, NULL), 0);
    assert_string_equal(attribute(r, "company"), "Paper & Co");
    assert_string_equal(attribute(r, "company_code"), "P-7");
    assert_string_equal(attribute(r, "description"), "It <b>jams</b>.\nOften.");
    rig_unlink(r, &w);
    rig_restart(r);
    live = cw_live_find(r->c, session);
    assert_non_null(live);
    assert_int_equal(live->row.portal, 1);
    assert_int_equal(live->q.need_count, 1);
}

static void only_what_a_portal_shows_can_be_asked_for(void **state)
{
    struct rig *r = *state;
    json_t *body = NULL;

    assert_int_equal(rig_call(r, "portal.submit_issue", 0, request()), CW_ERR_NOT_FOUND);
    (void)offer_issue(r, "low");
    body = request();
    json_object_set_new(body, "name", json_string(""));
    assert_int_equal(rig_call(r, "portal.submit_issue", 0, body), CW_ERR_INVALID);
    body = request();
    json_object_set_new(body, "representative", json_integer(1));
    assert_int_equal(rig_call(r, "portal.submit_issue", 0, body), CW_ERR_INVALID);
    body = request();
    json_object_set_new(body, "team", json_integer(1));
    assert_int_equal(rig_call(r, "portal.submit_issue", 0, body), CW_ERR_INVALID);
    assert_int_equal(rig_call(r, "portal.set", 1, json_pack("{s:b}", "show_issues", 0)), 0);
    assert_int_equal(rig_call(r, "portal.submit_issue", 0, request()), CW_ERR_NOT_FOUND);
}

static void requests_for_help_have_a_budget(void **state)
{
    struct rig *r = *state;
    unsigned made = 0;

    (void)offer_issue(r, "low");
    while (made < 100 && rig_call(r, "portal.submit_issue", 0, request()) == 0)
        made++;
    assert_int_equal(made, CW_ISSUE_TRIES);
    assert_true(r->reply.retry_after_s > 0 && r->reply.retry_after_s <= CW_ISSUE_TRY_S);
    assert_int_equal(rig_audit(r, "portal.submit_issue", "TOO_MANY_TRIES"), 1);
    r->source = "203.0.113.77";
    assert_int_equal(rig_call(r, "portal.submit_issue", 0, request()), 0);
    r->source = "203.0.113.9";
    rig_advance(r, CW_ISSUE_TRY_S + 1);
    assert_int_equal(rig_call(r, "portal.submit_issue", 0, request()), 0);
    assert_int_equal(rig_call(r, "portal.submit_issue", 0, request()), CW_ERR_FULL);
}

/* 1800000000 is Friday 2027-01-15 08:00 UTC. */
static void a_closed_portal_takes_keys_only(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    char key[CW_SESSION_KEY_TEXT_BYTES];
    uint32_t session = 0;

    (void)offer_issue(r, "low");
    assert_int_equal(rig_call(r, "portal.set", 1,
                              json_pack("{s:s, s:s, s:s}", "time_zone", "Europe/Vienna", "hours",
                                        "mon-fri 09:30-17:00", "dates", "2027-01-18 closed")),
                     0);
    assert_int_equal(info(r, NULL, NULL), 0);
    assert_true(json_is_false(json_object_get(portal_of(r), "is_open")));
    assert_string_equal(portal_text(r, "opens"), "It opens Fri 2027-01-15 09:30 (Europe/Vienna).");
    assert_string_equal(portal_text(r, "closed"), "We are closed at the moment.");
    assert_int_equal(json_integer_value(json_object_get(portal_of(r), "opens_unix_ms")),
                     INT64_C(1800001800000));
    assert_int_equal(count_of(r, "issues"), 0);
    assert_int_equal(rig_call(r, "portal.submit_issue", 0, request()), CW_ERR_STATE);
    assert_string_equal(r->reply.code, "CLOSED");
    assert_non_null(strstr(r->reply.message, "09:30"));
    rig_link(r, &w);
    rig_make_key(r, key);
    assert_int_equal(rig_enter(r, &w, key, 1, &session), CW_CLOSE_OK);
    rig_unlink(r, &w);
    r->now_ms += 1800 * 1000;
    assert_int_equal(info(r, NULL, NULL), 0);
    assert_true(json_is_true(json_object_get(portal_of(r), "is_open")));
    assert_string_equal(portal_text(r, "closed"), "");
    assert_int_equal(count_of(r, "issues"), 1);
    r->now_ms += 9 * 3600 * 1000; /* Friday evening; Monday is closed */
    assert_int_equal(info(r, NULL, NULL), 0);
    assert_string_equal(portal_text(r, "opens"), "It opens Tue 2027-01-19 09:30 (Europe/Vienna).");
    assert_int_equal(rig_call(r, "portal.set", 1, json_pack("{s:b}", "schedule", 0)), 0);
    assert_int_equal(info(r, NULL, NULL), 0);
    assert_true(json_is_true(json_object_get(portal_of(r), "is_open")));
}

static void notices_are_shown_in_their_time(void **state)
{
    struct rig *r = *state;
    const json_int_t hour = 3600 * 1000;
    const json_int_t now = (json_int_t)r->now_ms;
    uint32_t other = make_portal(r, json_pack("{s:s, s:s}", "name", "Other", "code", "other"));
    uint32_t notice = make(r, "notice.create",
                           json_pack("{s:s, s:I, s:I}", "text", "Mail is down.", "from_unix_ms",
                                     now + hour, "until_unix_ms", now + 2 * hour),
                           "notice");

    (void)make(r, "notice.create", json_pack("{s:s, s:s}", "text", "Only here.", "portal", "other"),
               "notice");
    assert_int_equal(info(r, NULL, NULL), 0);
    assert_int_equal(count_of(r, "notices"), 0);
    assert_int_equal(info(r, NULL, "other"), 0);
    assert_int_equal(count_of(r, "notices"), 1);
    r->now_ms += 3600 * 1000;
    assert_int_equal(info(r, NULL, NULL), 0);
    assert_int_equal(count_of(r, "notices"), 1);
    assert_int_equal(info(r, NULL, "other"), 0);
    assert_int_equal(count_of(r, "notices"), 2);
    r->now_ms += 3600 * 1000;
    assert_int_equal(info(r, NULL, NULL), 0);
    assert_int_equal(count_of(r, "notices"), 0);
    assert_int_equal(rig_call(r, "notice.set", notice, json_pack("{s:i}", "until_unix_ms", 0)), 0);
    assert_int_equal(info(r, NULL, NULL), 0);
    assert_int_equal(count_of(r, "notices"), 1);
    assert_int_equal(rig_call(r, "notice.set", notice, json_pack("{s:s}", "text", " ")),
                     CW_ERR_INVALID);
    assert_int_equal(rig_call(r, "notice.remove", notice, NULL), 0);
    assert_int_equal(rig_call(r, "notice.remove", notice, NULL), CW_ERR_NOT_FOUND);
    assert_int_equal(rig_call(r, "portal.remove", other, NULL), 0);
    assert_int_equal(rig_call(r, "notice.list", 0, NULL), 0);
    assert_int_equal(json_array_size(json_object_get(r->reply.json, "notices")), 0);
}

static void a_portal_has_messages_of_its_own(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    char key[CW_SESSION_KEY_TEXT_BYTES];
    uint32_t session = 0;
    json_t *chat = NULL;

    (void)make_portal(r, json_pack("{s:s, s:s}", "name", "Other", "code", "other"));
    assert_int_equal(rig_call(r, "customer_message.set", 0,
                              json_pack("{s:s, s:s, s:s}", "name", "greeting", "text",
                                        "Hi %CUSTOMER%!", "portal", "other")),
                     0);
    rig_link(r, &w);
    assert_int_equal(rig_call(r, "session_key.create", 0, json_pack("{s:s}", "portal", "other")),
                     0);
    assert_string_equal(rig_text(r, "url") + strlen("https://help.example/p/other?key="),
                        rig_text(r, "key"));
    snprintf(key, sizeof key, "%s", rig_text(r, "key"));
    assert_int_equal(rig_enter(r, &w, key, 1, &session), CW_CLOSE_OK);
    rig_up(r, &w, session, 1, CW_ROLE_CUSTOMER, RIG_CUSTOMER);
    assert_int_equal(rig_call(r, "session.chat", session, NULL), 0);
    chat = json_object_get(r->reply.json, "lines");
    assert_true(json_array_size(chat) > 0);
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(chat, json_array_size(chat) - 1), "text")),
        "Hi Carla!");
    assert_int_equal(rig_call(r, "customer_message.list", 0, NULL), 0);
    assert_true(json_is_false(json_object_get(
        json_array_get(json_object_get(r->reply.json, "messages"), 0), "portal_own")));
    assert_int_equal(rig_call(r, "customer_message.set", 0,
                              json_pack("{s:s, s:s}", "name", "greeting", "portal", "other")),
                     0);
    assert_int_equal(rig_call(r, "customer_message.list", 0, json_pack("{s:s}", "portal", "other")),
                     0);
    assert_true(json_is_false(json_object_get(
        json_array_get(json_object_get(r->reply.json, "messages"), 0), "portal_own")));
    rig_unlink(r, &w);
}

static void a_portals_policy_is_a_layer_of_its_sessions(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    char key[CW_SESSION_KEY_TEXT_BYTES];
    uint32_t session = 0;
    uint32_t portal = make_portal(r, json_pack("{s:s, s:s}", "name", "Banks", "code", "banks"));
    uint32_t policy =
        make(r, "session_policy.create",
             json_pack("{s:s, s:{s:s}}", "name", "Look only", "tools", "screen_control", "deny"),
             "session_policy");

    assert_int_equal(rig_call(r, "policy.assign", 0,
                              json_pack("{s:s, s:i, s:i}", "kind", "portal", "object", 99,
                                        "attended", (int)policy)),
                     CW_ERR_NOT_FOUND);
    assert_int_equal(rig_call(r, "policy.assign", 0,
                              json_pack("{s:s, s:i, s:i}", "kind", "portal", "object", (int)portal,
                                        "attended", (int)policy)),
                     0);
    rig_link(r, &w);
    assert_int_equal(rig_call(r, "session_key.create", 0, json_pack("{s:s}", "portal", "banks")),
                     0);
    snprintf(key, sizeof key, "%s", rig_text(r, "key"));
    assert_int_equal(rig_enter(r, &w, key, 1, &session), CW_CLOSE_OK);
    rig_up(r, &w, session, 1, CW_ROLE_CUSTOMER, RIG_CUSTOMER);
    assert_int_equal(rig_call(r, "session.accept", session, rig_holder(3)), 0);
    rig_up(r, &w, session, 2, CW_ROLE_REPRESENTATIVE, RIG_REP_BASE);
    rig_forget(&w);
    rig_consent(r, &w, session, 1, 1, 1);
    assert_int_equal(
        cw_session_permissions(r->c, cw_live_find(r->c, session),
                               cw_live_member(cw_live_find(r->c, session), r->account)) &
            (CW_PERMIT(VIEW_SCREEN) | CW_PERMIT(CONTROL_INPUT)),
        CW_PERMIT(VIEW_SCREEN));
    assert_int_equal(rig_call(r, "session.tools", session, NULL), 0);
    assert_string_equal(json_string_value(json_object_get(
                            json_array_get(json_object_get(r->reply.json, "layers"), 0), "source")),
                        "portal");
    /* A portal that goes takes its layer along. */
    assert_int_equal(rig_call(r, "portal.remove", portal, NULL), 0);
    assert_int_equal(
        cw_session_permissions(r->c, cw_live_find(r->c, session),
                               cw_live_member(cw_live_find(r->c, session), r->account)) &
            CW_PERMIT(CONTROL_INPUT),
        CW_PERMIT(CONTROL_INPUT));
    rig_unlink(r, &w);
}

static void an_invitation_is_an_email(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    const json_t *mail = NULL;
    char key[CW_SESSION_KEY_TEXT_BYTES];
    uint32_t session = 0;

    assert_int_equal(rig_call(r, "customer_message.set", 0,
                              json_pack("{s:s, s:s}", "name", "invite_body", "text",
                                        "Key %KEY% & %VALID%\n100%")),
                     0);
    assert_int_equal(rig_call(r, "session_key.create", 0, json_pack("{s:i}", "life_s", 7200)), 0);
    mail = json_object_get(r->reply.json, "email");
    snprintf(key, sizeof key, "%s", rig_text(r, "key"));
    assert_string_equal(json_string_value(json_object_get(mail, "subject")),
                        "Your support session with ada");
    assert_non_null(strstr(json_string_value(json_object_get(mail, "body")), key));
    assert_non_null(strstr(json_string_value(json_object_get(mail, "mailto")),
                           "mailto:?subject=Your%20support%20session%20with%20ada&body=Key%20"));
    assert_non_null(strstr(json_string_value(json_object_get(mail, "mailto")),
                           "%20%26%202%20hours%0D%0A100%25"));
    /* The life limits when a key can be used, and not the session. */
    rig_link(r, &w);
    r->now_ms += 7199 * 1000;
    assert_int_equal(rig_enter(r, &w, key, 1, &session), CW_CLOSE_OK);
    rig_up(r, &w, session, 1, CW_ROLE_CUSTOMER, RIG_CUSTOMER);
    assert_int_equal(rig_call(r, "session.accept", session, rig_holder(3)), 0);
    rig_up(r, &w, session, 2, CW_ROLE_REPRESENTATIVE, RIG_REP_BASE);
    rig_advance(r, 86400);
    assert_non_null(cw_live_find(r->c, session));
    rig_unlink(r, &w);

    assert_int_equal(rig_call(r, "option.set", 0,
                              json_pack("{s:s, s:i}", "name", "session_key.most_s", "value", 300)),
                     0);
    assert_int_equal(rig_call(r, "session_key.create", 0, json_pack("{s:i}", "life_s", 301)),
                     CW_ERR_INVALID);
    assert_non_null(strstr(r->reply.message, "300"));
    assert_int_equal(rig_call(r, "session_key.create", 0, NULL), 0);
    assert_int_equal(rig_number(r, "expires_unix_ms"), r->now_ms + 300 * 1000);
}

static int set_logo(struct rig *r, const void *bytes, size_t n)
{
    char *text = malloc(n * 2 + 8);
    int err = 0;

    assert_non_null(text);
    cw_base64url_encode(bytes, n, text);
    err = rig_call(r, "portal.set_logo", 1, json_pack("{s:s}", "picture", text));
    free(text);
    return err;
}

static void a_logo_is_a_picture(void **state)
{
    static const char svg[] = "<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>";
    static uint8_t got[CW_LOGO_BYTES_MAX];
    static uint8_t large[CW_LOGO_BYTES_MAX + 1];
    uint8_t changed[sizeof png + 1];
    struct rig *r = *state;
    const char *type = NULL;
    char path[128];
    size_t n = 0;

    assert_int_equal(set_logo(r, svg, strlen(svg)), CW_ERR_INVALID);
    for (size_t i = 1; i < sizeof png; i++)
        assert_int_equal(set_logo(r, png, i), CW_ERR_INVALID);
    memcpy(changed, png, sizeof png);
    changed[sizeof png] = '<';
    assert_int_equal(set_logo(r, changed, sizeof changed), CW_ERR_INVALID);
    changed[18] = 0x10; /* 4097 pixels wide */
    assert_int_equal(set_logo(r, changed, sizeof png), CW_ERR_TOO_LARGE);
    assert_int_equal(set_logo(r, large, sizeof large), CW_ERR_TOO_LARGE);
    assert_int_equal(set_logo(r, png, sizeof png), 0);
    snprintf(path, sizeof path, "%s", rig_text(r, "logo"));
    assert_int_equal(info(r, NULL, NULL), 0);
    assert_string_equal(portal_text(r, "logo"), path);
    assert_int_equal(cw_portal_logo(r->c, path, got, &n, &type), 0);
    assert_int_equal(n, sizeof png);
    assert_memory_equal(got, png, n);
    assert_string_equal(type, "image/png");
    assert_int_equal(cw_portal_logo(r->c, "/logos/1-00.png", got, &n, &type), CW_ERR_NOT_FOUND);
    assert_int_equal(rig_call(r, "portal.set_logo", 1, json_pack("{s:s}", "picture", "")), 0);
    assert_int_equal(cw_portal_logo(r->c, path, got, &n, &type), CW_ERR_NOT_FOUND);
    assert_int_equal(info(r, NULL, NULL), 0);
    assert_true(json_is_null(json_object_get(portal_of(r), "logo")));
}

static void an_agreement_is_accepted_first(void **state)
{
    struct rig *r = *state;
    json_t *body = request();

    (void)offer_issue(r, "low");
    assert_int_equal(rig_call(r, "customer_message.set", 0,
                              json_pack("{s:s, s:s}", "name", "agreement", "text", "Be kind.")),
                     0);
    assert_int_equal(rig_call(r, "portal.submit_issue", 0, request()), CW_ERR_STATE);
    assert_string_equal(r->reply.code, "AGREEMENT");
    json_object_set_new(body, "agreed", json_true());
    assert_int_equal(rig_call(r, "portal.submit_issue", 0, body), 0);
    assert_string_equal(rig_text(r, "agreement"), "Be kind.");
    assert_int_equal(
        rig_call(r, "portal.check_key", 0, json_pack("{s:s}", "key", rig_text(r, "key"))), 0);
    assert_true(json_is_true(json_object_get(r->reply.json, "agreed")));
}

static void representatives_show_themselves(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;

    assert_int_equal(rig_call(r, "portal.set", 1, json_pack("{s:b}", "show_representatives", 1)),
                     0);
    assert_int_equal(rig_call(r, "portal.show_me", 0, json_pack("{s:b}", "shown", 1)), 0);
    assert_int_equal(info(r, NULL, NULL), 0);
    assert_int_equal(count_of(r, "representatives"), 0); /* not there */
    rig_link(r, &w);
    RIG_TELL(r, &w, .type = CW_LINK_CONSOLE_UP, .participant = r->account, .request = 9);
    assert_int_equal(info(r, NULL, NULL), 0);
    assert_int_equal(count_of(r, "representatives"), 1);
    assert_int_equal(
        rig_call(r, "portal.submit_issue", 0,
                 json_pack("{s:i, s:s}", "representative", (int)r->account, "name", "Ina")),
        0);
    assert_int_equal(rig_call(r, "availability.set", 0, json_pack("{s:s}", "status", "away")), 0);
    assert_int_equal(info(r, NULL, NULL), 0);
    assert_int_equal(count_of(r, "representatives"), 0);
    assert_int_equal(
        rig_call(r, "portal.submit_issue", 0,
                 json_pack("{s:i, s:s}", "representative", (int)r->account, "name", "Ina")),
        CW_ERR_NOT_FOUND);
    rig_unlink(r, &w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_address_has_its_portal),
        TEST(what_makes_no_portal_is_refused),
        TEST(an_issue_waits_in_its_teams_queue),
        TEST(only_what_a_portal_shows_can_be_asked_for),
        TEST(requests_for_help_have_a_budget),
        TEST(a_closed_portal_takes_keys_only),
        TEST(notices_are_shown_in_their_time),
        TEST(a_portal_has_messages_of_its_own),
        TEST(a_portals_policy_is_a_layer_of_its_sessions),
        TEST(an_invitation_is_an_email),
        TEST(a_logo_is_a_picture),
        TEST(an_agreement_is_accepted_first),
        TEST(representatives_show_themselves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
