/* SPDX-License-Identifier: Apache-2.0 */
/* A customer who has only a browser: what nobody may do then, and how the session goes on with the full client. */
#include "tests/unit/control/rig.h"

#include "control/session/session.h"

/* HELLO SESSION_KEY with holder `number`; client NULL: the full client. */
static uint16_t enter(struct rig *r, struct rig_worker *w, const char *key, uint8_t number,
                      const char *client, struct cw_ticket *ret)
{
    uint8_t seed[CW_KEY_BYTES];
    uint8_t holder[CW_KEY_BYTES];
    char text[CW_HOLDER_KEY_TEXT_BYTES + 1];
    json_t *json = NULL;
    json_t *body = NULL;
    uint16_t code = 0;

    rig_key(number, seed, holder, text);
    body = json_pack("{s:s, s:s, s:s, s:s}", "key", key, "holder", text, "name", "Carla",
                     "platform", "Chromium on Debian");
    if (client != NULL)
        json_object_set_new(body, "client", json_string(client));
    code = rig_request(r, w, CW_HELLO_SESSION_KEY, 1, body, &json);
    if (code == CW_CLOSE_OK) {
        *ret = rig_ticket_text(r, json_string_value(json_object_get(json, "ticket")));
        assert_memory_equal(ret->holder_key, holder, sizeof holder);
    }
    json_decref(json);
    return code;
}

/* An accepted session whose customer sits at a browser; everything is allowed that a person can allow. */
static uint32_t attended(struct rig *r, struct rig_worker *w)
{
    char key[CW_SESSION_KEY_TEXT_BYTES];
    struct cw_ticket ticket;

    rig_make_key(r, key);
    assert_int_equal(enter(r, w, key, 20, "browser", &ticket), CW_CLOSE_OK);
    assert_int_equal(ticket.role, CW_ROLE_CUSTOMER);
    assert_int_equal(ticket.permissions, RIG_CUSTOMER);
    rig_up(r, w, ticket.session, 1, CW_ROLE_CUSTOMER, RIG_CUSTOMER);
    assert_int_equal(rig_call(r, "session.accept", ticket.session, rig_holder(3)), 0);
    rig_up(r, w, ticket.session, 2, CW_ROLE_REPRESENTATIVE, RIG_REP_BASE);
    rig_forget(w);
    return ticket.session;
}

static uint64_t permissions_of(struct rig *r, uint32_t session)
{
    struct cw_live_session *live = cw_live_find(r->c, session);

    assert_non_null(live);
    return cw_session_permissions(r->c, live, cw_live_participant(live, 2));
}

static const char *client_of(struct rig *r)
{
    const json_t *rows = NULL;

    assert_int_equal(rig_call(r, "session.list", 0, NULL), 0);
    rows = json_object_get(r->reply.json, "sessions");
    assert_int_equal(json_array_size(rows), 1);
    return json_string_value(json_object_get(json_array_get(rows, 0), "client"));
}

static void nobody_controls_a_browser(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t session = 0;

    rig_link(r, &w);
    session = attended(r, &w);
    assert_string_equal(client_of(r), "browser");
    rig_consent(r, &w, session, 1, 1, 1); /* a page that lies about what it can do */
    assert_int_equal(rig_need(&w, CW_LINK_SET_PERMISSIONS, 0, 0)->permissions,
                     RIG_REP_BASE | CW_PERMIT(VIEW_SCREEN));
    assert_int_equal(permissions_of(r, session), RIG_REP_BASE | CW_PERMIT(VIEW_SCREEN));
    rig_unlink(r, &w);
    rig_restart(r); /* the store knows */
    assert_int_equal(permissions_of(r, session), RIG_REP_BASE | CW_PERMIT(VIEW_SCREEN));
}

static void only_the_word_browser_makes_one(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    char key[CW_SESSION_KEY_TEXT_BYTES];
    struct cw_ticket ticket;

    rig_link(r, &w);
    rig_make_key(r, key);
    assert_int_equal(enter(r, &w, key, 20, "Browser", &ticket), CW_CLOSE_OK);
    assert_string_equal(client_of(r), "full");
    rig_unlink(r, &w);
}

/* Gives the key that the representative's request made and the customer's page was sent. */
static void offer(struct rig *r, struct rig_worker *w, uint32_t session, char *ret_key)
{
    const struct cw_link_message *m = NULL;
    json_t *sent = NULL;

    rig_forget(w);
    assert_int_equal(rig_call(r, "session.offer_client", session, NULL), 0);
    snprintf(ret_key, CW_SESSION_KEY_TEXT_BYTES, "%s", rig_text(r, "key"));
    assert_non_null(strstr(rig_text(r, "command"), ret_key));
    m = rig_need(w, CW_LINK_SEND, CW_MESSAGE_CLIENT_OFFER, 0);
    assert_int_equal(m->participant, 1); /* nobody else gets it */
    assert_null(rig_sent(w, CW_LINK_SEND, CW_MESSAGE_CLIENT_OFFER, 1));
    sent = json_loadb((const char *)m->bytes, m->bytes_count, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(sent, "key")), ret_key);
    assert_string_equal(json_string_value(json_object_get(sent, "representative")), "ada");
    json_decref(sent);
}

static void the_full_client_takes_the_place(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    char key[CW_SESSION_KEY_TEXT_BYTES];
    struct cw_ticket ticket;
    uint32_t session = 0;

    rig_link(r, &w);
    session = attended(r, &w);
    rig_consent(r, &w, session, 1, 1, 0);
    offer(r, &w, session, key);
    assert_int_equal(enter(r, &w, key, 21, NULL, &ticket), CW_CLOSE_OK);
    assert_int_equal(ticket.session, session);
    assert_int_equal(ticket.participant, 1);
    assert_int_equal(ticket.permissions, RIG_CUSTOMER);
    assert_string_equal(client_of(r), "full");
    /* What was allowed was allowed of the page; its tickets are good for nothing. */
    assert_int_equal(rig_need(&w, CW_LINK_SET_PERMISSIONS, 0, 0)->permissions, RIG_REP_BASE);
    assert_non_null(rig_sent(&w, CW_LINK_DENY, 0, 0));
    assert_null(rig_sent(&w, CW_LINK_END_SESSION, 0, 0));
    /* The page was replaced: it neither left nor is it back as another. */
    rig_forget(&w);
    rig_up(r, &w, session, 1, CW_ROLE_CUSTOMER, RIG_CUSTOMER);
    RIG_TELL(r, &w, .type = CW_LINK_PARTICIPANT_DOWN, .session = session, .participant = 1,
             .code = CW_CLOSE_REPLACED);
    assert_true(cw_live_source(cw_live_find(r->c, session))->is_up);
    assert_memory_equal(
        rig_ticket(r, rig_need(&w, CW_LINK_SEND, CW_MESSAGE_RESUME_TICKET, 0)->bytes).holder_key,
        ticket.holder_key, CW_KEY_BYTES);
    rig_consent(r, &w, session, 1, 1, 1);
    assert_int_equal(permissions_of(r, session),
                     RIG_REP_BASE | CW_PERMIT(VIEW_SCREEN) | RIG_CONTROL);
    assert_int_equal(rig_audit(r, "session.client", "ok"), 1);
    rig_unlink(r, &w);
}

static void a_key_continues_once_and_only_what_lives(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    char key[CW_SESSION_KEY_TEXT_BYTES];
    char late[CW_SESSION_KEY_TEXT_BYTES];
    struct cw_ticket ticket;
    uint32_t session = 0;

    rig_link(r, &w);
    session = attended(r, &w);
    offer(r, &w, session, key);
    offer(r, &w, session, late);
    assert_int_equal(enter(r, &w, key, 21, NULL, &ticket), CW_CLOSE_OK);
    assert_int_equal(enter(r, &w, key, 22, NULL, &ticket), CW_CLOSE_SESSION_KEY_USED);
    assert_int_equal(rig_call(r, "session.end", session, NULL), 0);
    assert_int_equal(enter(r, &w, late, 22, NULL, &ticket), CW_CLOSE_SESSION_KEY_EXPIRED);
    rig_unlink(r, &w);
}

static void who_has_the_client_is_not_asked(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t session = 0;
    char key[CW_SESSION_KEY_TEXT_BYTES];
    struct cw_ticket ticket;

    rig_link(r, &w);
    session = rig_attended(r, &w);
    assert_int_equal(rig_call(r, "session.offer_client", session, NULL), CW_ERR_CONFLICT);
    assert_int_equal(rig_call(r, "session.end", session, NULL), 0);
    rig_make_key(r, key);
    assert_int_equal(enter(r, &w, key, 20, "browser", &ticket), CW_CLOSE_OK);
    assert_int_equal(rig_call(r, "session.offer_client", ticket.session, NULL), CW_ERR_STATE);
    rig_unlink(r, &w);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(nobody_controls_a_browser),       CASE(only_the_word_browser_makes_one),
        CASE(the_full_client_takes_the_place), CASE(a_key_continues_once_and_only_what_lives),
        CASE(who_has_the_client_is_not_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
