/* SPDX-License-Identifier: Apache-2.0 */
/* A customer's way: session key, queue, accept, consent, chat, end; and a full disk. */
#include <signal.h>
#include <sys/resource.h>

#include "tests/unit/control/rig.h"

#define REP_ALL (RIG_REP_BASE | CW_PERMIT(VIEW_SCREEN) | RIG_CONTROL)

static void a_key_brings_a_customer_into_the_queue_once(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    char key[CW_SESSION_KEY_TEXT_BYTES];
    char typed[32] = " ";
    size_t n = 1;
    uint32_t session = 0;
    uint32_t again = 0;
    struct cw_ticket ticket;

    rig_link(r, &w);
    rig_make_key(r, key);
    assert_int_equal(rig_call(r, "portal.check_key", 0, json_pack("{s:s}", "key", key)), 0);
    assert_string_equal(rig_text(r, "representative"), "ada");
    assert_non_null(strstr(rig_text(r, "command"), " help.example:443"));
    assert_non_null(strstr(rig_text(r, "command"), key));
    /* As a person types it: small letters, no dashes, blanks around. */
    for (size_t i = 0; key[i] != '\0'; i++)
        if (key[i] != '-')
            typed[n++] = (char)(key[i] >= 'A' ? key[i] + 32 : key[i]);
    typed[n] = ' ';
    assert_int_equal(rig_enter(r, &w, typed, 1, &session), CW_CLOSE_OK);
    assert_true(rig_event(&w, r->account, "session_waiting"));
    assert_true(rig_event(&w, r->account, "queue_changed"));
    assert_int_equal(rig_enter(r, &w, key, 2, &again), CW_CLOSE_SESSION_KEY_USED);
    assert_int_equal(rig_call(r, "portal.check_key", 0, json_pack("{s:s}", "key", key)),
                     CW_ERR_USED);
    assert_int_equal(rig_audit(r, "session_key.use", "SESSION_KEY_USED"), 1);
    assert_int_equal(rig_audit(r, "session_key.use", "ok"), 1);
    assert_int_equal(rig_call(r, "queue.list", 0, NULL), 0);
    assert_int_equal(json_array_size(json_object_get(r->reply.json, "queue")), 1);
    assert_int_equal(rig_call(r, "session.join", session, rig_holder(3)), CW_ERR_STATE);
    assert_int_equal(rig_call(r, "session.accept", session, rig_holder(3)), 0);
    ticket = rig_ticket_text(r, rig_text(r, "ticket"));
    assert_int_equal(ticket.permissions, RIG_REP_BASE);
    assert_int_equal(rig_call(r, "session.accept", session, rig_holder(3)), CW_ERR_CONFLICT);
    assert_int_equal(rig_call(r, "queue.list", 0, NULL), 0);
    assert_int_equal(json_array_size(json_object_get(r->reply.json, "queue")), 0);
    rig_unlink(r, &w);
}

static void wrong_and_expired_keys_are_told_apart(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    char key[CW_SESSION_KEY_TEXT_BYTES];
    uint32_t session = 0;

    rig_link(r, &w);
    rig_make_key(r, key);
    assert_int_equal(rig_enter(r, &w, "AAAA-AAAA-AA", 1, &session), CW_CLOSE_SESSION_KEY_WRONG);
    assert_int_equal(rig_enter(r, &w, "not a key!", 1, &session), CW_CLOSE_SESSION_KEY_WRONG);
    rig_advance(r, 600);
    assert_int_equal(rig_enter(r, &w, key, 1, &session), CW_CLOSE_SESSION_KEY_EXPIRED);
    assert_int_equal(rig_call(r, "portal.check_key", 0, json_pack("{s:s}", "key", key)),
                     CW_ERR_EXPIRED);
    assert_int_equal(rig_audit(r, "session_key.use", "SESSION_KEY_WRONG"), 2);
    assert_int_equal(rig_audit(r, "session_key.use", "SESSION_KEY_EXPIRED"), 1);
    assert_int_equal(rig_call(r, "session_key.create", 0, json_pack("{s:i}", "life_s", 86401)),
                     CW_ERR_INVALID);
    assert_int_equal(rig_call(r, "session_key.create", 0, json_pack("{s:i}", "life_s", 59)),
                     CW_ERR_INVALID);
    assert_int_equal(rig_call(r, "session_key.create", 0, json_pack("{s:s}", "life_s", "600")),
                     CW_ERR_INVALID);
    rig_unlink(r, &w);
}

static void guessing_runs_out_of_tries(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    char key[CW_SESSION_KEY_TEXT_BYTES];
    uint32_t session = 0;

    rig_link(r, &w);
    rig_make_key(r, key);
    for (unsigned i = 0; i < CW_KEY_TRIES; i++)
        assert_int_equal(rig_enter(r, &w, "AAAA-AAAA-AA", 1, &session), CW_CLOSE_SESSION_KEY_WRONG);
    /* Even the right key is not looked at any more, from here or from the portal. */
    assert_int_equal(rig_enter(r, &w, key, 1, &session), CW_CLOSE_TOO_MANY_TRIES);
    r->source = "198.51.100.1";
    assert_int_equal(rig_call(r, "portal.check_key", 0, json_pack("{s:s}", "key", key)),
                     CW_ERR_FULL);
    assert_true(r->reply.retry_after_s > 0 && r->reply.retry_after_s <= CW_KEY_TRY_S);
    assert_int_equal(rig_enter(r, &w, key, 2, &session), CW_CLOSE_OK);
    assert_int_equal(rig_audit(r, "session_key.use", "TOO_MANY_TRIES"), 1);
    rig_unlink(r, &w);
}

static void enrolment_tokens_work_once(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint8_t seed[CW_KEY_BYTES];
    uint8_t device[CW_KEY_BYTES];
    char text[CW_HOLDER_KEY_TEXT_BYTES + 1];
    char token[CW_TOKEN_TEXT_BYTES + 1];
    json_t *json = NULL;

    rig_link(r, &w);
    rig_key(31, seed, device, text);
    assert_int_equal(rig_call(r, "enrolment_token.create", 0, json_pack("{s:s}", "group", "None")),
                     CW_ERR_NOT_FOUND);
    assert_int_equal(rig_call(r, "enrolment_token.create", 0, json_pack("{s:s}", "name", "Till")),
                     0);
    snprintf(token, sizeof token, "%s", rig_text(r, "token"));
    /* A body without a device key is refused and does not use the token up. */
    assert_int_equal(
        rig_request(r, &w, CW_HELLO_ENROLMENT, 1, json_pack("{s:s}", "token", token), &json),
        CW_CLOSE_MALFORMED);
    json_decref(json);
    assert_int_equal(rig_request(r, &w, CW_HELLO_ENROLMENT, 1,
                                 json_pack("{s:s, s:s, s:s}", "token", token, "key", text, "name",
                                           "my own name"),
                                 &json),
                     CW_CLOSE_OK);
    assert_string_equal(json_string_value(json_object_get(json, "name")), "Till");
    json_decref(json);
    assert_int_equal(rig_request(r, &w, CW_HELLO_ENROLMENT, 1,
                                 json_pack("{s:s, s:s}", "token", token, "key", text), &json),
                     CW_CLOSE_ENROLMENT_WRONG);
    json_decref(json);
    assert_int_equal(rig_audit(r, "jump_item.enrol", "ENROLMENT_WRONG"), 1);
    assert_int_equal(rig_call(r, "enrolment_token.create", 0, NULL), 0);
    snprintf(token, sizeof token, "%s", rig_text(r, "token"));
    rig_advance(r, 24 * 3600);
    assert_int_equal(rig_request(r, &w, CW_HELLO_ENROLMENT, 1,
                                 json_pack("{s:s, s:s}", "token", token, "key", text), &json),
                     CW_CLOSE_ENROLMENT_WRONG);
    json_decref(json);
    rig_unlink(r, &w);
}

static void consent_opens_and_closes(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t session = 0;
    const struct cw_link_message *m = NULL;
    struct cw_ticket ticket;

    rig_link(r, &w);
    session = rig_attended(r, &w);
    rig_consent(r, &w, session, 1, 1, 0);
    m = rig_need(&w, CW_LINK_SET_PERMISSIONS, 0, 0);
    assert_int_equal(m->participant, 2);
    assert_int_equal(m->permissions, RIG_REP_BASE | CW_PERMIT(VIEW_SCREEN));
    rig_consent(r, &w, session, 1, 1, 1);
    assert_int_equal(rig_need(&w, CW_LINK_SET_PERMISSIONS, 0, 1)->permissions, REP_ALL);
    m = rig_need(&w, CW_LINK_SEND, CW_MESSAGE_RESUME_TICKET, 1);
    ticket = rig_ticket(r, m->bytes);
    assert_int_equal(ticket.permissions, REP_ALL);
    assert_null(rig_sent(&w, CW_LINK_DENY, 0, 0));
    /* Withdrawn: the mask shrinks at once and the ticket that says more is denied. */
    rig_forget(&w);
    rig_consent(r, &w, session, 1, 0, 1);
    assert_int_equal(rig_need(&w, CW_LINK_SET_PERMISSIONS, 0, 0)->permissions, RIG_REP_BASE);
    {
        bool is_denied = false;
        for (unsigned i = 0; rig_sent(&w, CW_LINK_DENY, 0, i) != NULL; i++)
            is_denied = is_denied || memcmp(rig_need(&w, CW_LINK_DENY, 0, i)->ticket_id, ticket.id,
                                            sizeof ticket.id) == 0;
        assert_true(is_denied);
    }
    ticket = rig_ticket(r, rig_need(&w, CW_LINK_SEND, CW_MESSAGE_RESUME_TICKET, 0)->bytes);
    assert_int_equal(ticket.permissions, RIG_REP_BASE);
    assert_int_equal(rig_audit(r, "session.consent", "ok"), 3);
    /* The same answer again changes nothing. */
    rig_forget(&w);
    rig_consent(r, &w, session, 1, 0, 0);
    assert_int_equal(w.sent_count, 0);
    /* A representative cannot consent, whatever the engine let through. */
    rig_consent(r, &w, session, 2, 1, 1);
    assert_int_equal(w.sent_count, 0);
    rig_unlink(r, &w);
}

/* The customer allows between the representative's accept and its connection. */
static void consent_reaches_a_representative_on_the_way(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    char key[CW_SESSION_KEY_TEXT_BYTES];
    uint32_t session = 0;

    rig_link(r, &w);
    rig_make_key(r, key);
    assert_int_equal(rig_enter(r, &w, key, 1, &session), CW_CLOSE_OK);
    rig_up(r, &w, session, 1, CW_ROLE_CUSTOMER, RIG_CUSTOMER);
    assert_int_equal(rig_call(r, "session.accept", session, rig_holder(3)), 0);
    rig_forget(&w);
    rig_consent(r, &w, session, 1, 1, 1);
    assert_int_equal(rig_need(&w, CW_LINK_SET_PERMISSIONS, 0, 0)->participant, 2);
    assert_int_equal(rig_need(&w, CW_LINK_SET_PERMISSIONS, 0, 0)->permissions, REP_ALL);
    assert_null(rig_sent(&w, CW_LINK_DENY, 0, 0));
    /* An engine that does not remember is told when it lets them in. */
    rig_up(r, &w, session, 2, CW_ROLE_REPRESENTATIVE, RIG_REP_BASE);
    assert_int_equal(rig_need(&w, CW_LINK_SET_PERMISSIONS, 0, 1)->permissions, REP_ALL);
    rig_unlink(r, &w);
}

static void consent_survives_a_restart(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t session = 0;

    rig_link(r, &w);
    session = rig_attended(r, &w);
    rig_consent(r, &w, session, 1, 1, 1);
    rig_unlink(r, &w);
    rig_restart(r);
    rig_hello(r, &w, 0, 1);
    rig_up(r, &w, session, 1, CW_ROLE_CUSTOMER, RIG_CUSTOMER);
    rig_up(r, &w, session, 2, CW_ROLE_REPRESENTATIVE, RIG_REP_BASE);
    RIG_TELL(r, &w, .type = CW_LINK_SNAPSHOT_END);
    assert_int_equal(rig_need(&w, CW_LINK_PARTICIPANT_WANTED, 0, 1)->permissions, REP_ALL);
    rig_unlink(r, &w);
}

/* How many messages of the type went to that participant and have the text. */
static unsigned sent_with(const struct rig_worker *w, uint8_t message, uint32_t participant,
                          const char *text)
{
    unsigned count = 0;

    for (unsigned i = 0;; i++) {
        const struct cw_link_message *m = rig_sent(w, CW_LINK_SEND, message, i);
        if (m == NULL)
            return count;
        count += m->participant == participant &&
                 memmem(m->bytes, m->bytes_count, text, strlen(text)) != NULL;
    }
}

static void side_chat_stays_among_representatives(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t session = 0;
    json_t *lines = NULL;
    json_t *last = NULL;

    rig_link(r, &w);
    session = rig_attended(r, &w);
    rig_forget(&w);
    rig_say_as(r, &w, CW_MESSAGE_SIDE_SAY, session, 2, CW_ROLE_REPRESENTATIVE, 5, "a secret");
    assert_int_equal(sent_with(&w, CW_MESSAGE_SIDE_LINE, 0, "a secret"), 1);
    assert_int_equal(w.sent_count, 1);
    /* Said again with the other message: it stays what it was. */
    rig_forget(&w);
    rig_say(r, &w, session, 2, CW_ROLE_REPRESENTATIVE, 5, "a secret");
    assert_int_equal(sent_with(&w, CW_MESSAGE_SIDE_LINE, 2, "a secret"), 1);
    assert_int_equal(w.sent_count, 1);
    /* An engine that lets a customer say one is not believed. */
    rig_forget(&w);
    rig_say_as(r, &w, CW_MESSAGE_SIDE_SAY, session, 1, CW_ROLE_CUSTOMER, 6, "a trick");
    assert_int_equal(w.sent_count, 0);
    for (uint32_t i = 0; i < CW_CHAT_HISTORY_LINES + 10; i++)
        rig_say_as(r, &w, CW_MESSAGE_SIDE_SAY, session, 2, CW_ROLE_REPRESENTATIVE, 100 + i, "more");
    /* Both come back: the history of the customer has its own lines, and only those. */
    RIG_TELL(r, &w, .type = CW_LINK_PARTICIPANT_DOWN, .session = session, .participant = 1);
    RIG_TELL(r, &w, .type = CW_LINK_PARTICIPANT_DOWN, .session = session, .participant = 2);
    rig_forget(&w);
    rig_up(r, &w, session, 1, CW_ROLE_CUSTOMER, RIG_CUSTOMER);
    assert_int_equal(sent_with(&w, CW_MESSAGE_SIDE_LINE, 1, "more"), 0);
    assert_int_equal(sent_with(&w, CW_MESSAGE_CHAT_LINE, 1, "joined."), 2);
    rig_forget(&w);
    rig_up(r, &w, session, 2, CW_ROLE_REPRESENTATIVE, RIG_REP_BASE);
    assert_in_range(sent_with(&w, CW_MESSAGE_SIDE_LINE, 2, "more"), CW_CHAT_HISTORY_LINES - 5,
                    CW_CHAT_HISTORY_LINES);
    assert_int_equal(sent_with(&w, CW_MESSAGE_SIDE_LINE, 1, "more"), 0);
    assert_int_equal(rig_call(r, "session.chat", session, NULL), 0);
    lines = json_object_get(r->reply.json, "lines");
    for (size_t i = 0; i < json_array_size(lines); i++)
        if (strcmp(json_string_value(json_object_get(json_array_get(lines, i), "text")),
                   "a secret") == 0)
            last = json_array_get(lines, i);
    assert_string_equal(json_string_value(json_object_get(last, "audience")), "representatives");
    assert_string_equal(json_string_value(json_object_get(json_array_get(lines, 0), "audience")),
                        "everybody");
    rig_unlink(r, &w);
}

static void chat_is_ordered_stored_once_and_kept(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t session = 0;
    uint64_t sequence = 0;
    struct cw_chat_line line;
    const struct cw_link_message *m = NULL;
    json_t *lines = NULL;

    rig_link(r, &w);
    session = rig_attended(r, &w);
    rig_say(r, &w, session, 1, CW_ROLE_CUSTOMER, 7, "hello");
    m = rig_need(&w, CW_LINK_SEND, CW_MESSAGE_CHAT_LINE, 0);
    assert_int_equal(m->participant, 0);
    assert_int_equal(cw_chat_line_decode(m->bytes, m->bytes_count, &line), 0);
    assert_int_equal(line.participant, 1);
    assert_int_equal(line.client_message, 7);
    assert_memory_equal(line.text, "hello", 5);
    assert_memory_equal(line.name, "Carla", 5);
    sequence = line.sequence;
    /* Said again because the line got lost: the sender hears the same line, nobody else does. */
    rig_forget(&w);
    rig_say(r, &w, session, 1, CW_ROLE_CUSTOMER, 7, "hello");
    assert_int_equal(w.sent_count, 1);
    m = rig_need(&w, CW_LINK_SEND, CW_MESSAGE_CHAT_LINE, 0);
    assert_int_equal(m->participant, 1);
    assert_int_equal(cw_chat_line_decode(m->bytes, m->bytes_count, &line), 0);
    assert_int_equal(line.sequence, sequence);
    rig_say(r, &w, session, 2, CW_ROLE_REPRESENTATIVE, 7, "hi Carla");
    m = rig_need(&w, CW_LINK_SEND, CW_MESSAGE_CHAT_LINE, 1);
    assert_int_equal(cw_chat_line_decode(m->bytes, m->bytes_count, &line), 0);
    assert_int_equal(line.sequence, sequence + 1);
    /* Not text for people, or from a stranger: nothing. */
    rig_forget(&w);
    rig_say(r, &w, session, 1, CW_ROLE_CUSTOMER, 8, "bad \xFF text");
    rig_say(r, &w, session, 9, CW_ROLE_CUSTOMER, 8, "stranger");
    assert_int_equal(w.sent_count, 0);
    assert_int_equal(rig_call(r, "session.chat", session, NULL), 0);
    lines = json_object_get(r->reply.json, "lines");
    assert_int_equal(json_array_size(lines), sequence + 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(lines, 0), "from")),
                        "appliance");
    assert_string_equal(json_string_value(json_object_get(json_array_get(lines, 0), "text")),
                        "Carla joined.");
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(lines, (size_t)sequence), "from")),
        "representative");
    rig_unlink(r, &w);
}

static void others_sessions_do_not_exist(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    char once[64];
    uint32_t session = 0;
    uint32_t item = 0;

    rig_link(r, &w);
    session = rig_attended(r, &w);
    assert_int_equal(rig_call(r, "option.set", 0,
                              json_pack("{s:s, s:s}", "name", "jump.second", "value", "refuse")),
                     0);
    item = rig_enrol(r, &w, 9, "Reception");
    RIG_TELL(r, &w, .type = CW_LINK_DEVICE_UP, .participant = item);
    assert_int_equal(rig_call(r, "jump_item.jump", item, rig_holder(3)), 0);
    assert_int_equal(rig_call(r, "account.create", 0, json_pack("{s:s}", "user", "bob")), 0);
    snprintf(once, sizeof once, "%s", rig_text(r, "one_time_password"));
    assert_int_equal(rig_sign_in(r, "bob", once), 0);
    r->must_change = false;
    assert_int_equal(rig_call(r, "session.end", session, NULL), CW_ERR_NOT_FOUND);
    assert_int_equal(rig_call(r, "session.join", session, rig_holder(4)), CW_ERR_NOT_FOUND);
    assert_int_equal(rig_call(r, "session.accept", session, rig_holder(4)), CW_ERR_NOT_FOUND);
    assert_int_equal(rig_call(r, "session.chat", session, NULL), CW_ERR_NOT_FOUND);
    assert_int_equal(rig_call(r, "session.list", 0, NULL), 0);
    assert_int_equal(json_array_size(json_object_get(r->reply.json, "sessions")), 0);
    assert_int_equal(rig_call(r, "jump_item.jump", item, rig_holder(4)), CW_ERR_CONFLICT);
    assert_non_null(strstr(r->reply.message, "ada"));
    /* The operator sees and ends all. */
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET_RO, "show.sessions", 0, NULL), 0);
    assert_int_equal(json_array_size(json_object_get(r->reply.json, "sessions")), 2);
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET_RO, "session.end_by_operator", session, NULL),
                     CW_ERR_DENIED);
    rig_forget(&w);
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "session.end_by_operator", session, NULL), 0);
    assert_int_equal(rig_need(&w, CW_LINK_END_SESSION, 0, 0)->code, CW_CLOSE_ENDED_BY_OPERATOR);
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "show.info", 0, NULL), 0);
    assert_string_equal(rig_text(r, "ready"), "yes");
    rig_unlink(r, &w);
}

static void administrators_watch_jumps(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    struct cw_ticket ticket;
    char once[64];
    uint32_t jump = 0;
    uint32_t attended_one = 0;
    uint32_t item = 0;

    rig_link(r, &w);
    attended_one = rig_attended(r, &w);
    item = rig_enrol(r, &w, 9, "Reception");
    RIG_TELL(r, &w, .type = CW_LINK_DEVICE_UP, .participant = item);
    assert_int_equal(rig_call(r, "jump_item.jump", item, rig_holder(3)), 0);
    jump = (uint32_t)rig_number(r, "session");
    assert_int_equal(rig_call(r, "session.watch", jump, rig_holder(4)), CW_ERR_CONFLICT);
    assert_int_equal(rig_call(r, "session.others", 0, NULL), 0);
    assert_int_equal(json_array_size(json_object_get(r->reply.json, "sessions")), 0);
    assert_int_equal(
        rig_call(r, "account.create", 0, json_pack("{s:s, s:b}", "user", "bob", "is_admin", 1)), 0);
    snprintf(once, sizeof once, "%s", rig_text(r, "one_time_password"));
    assert_int_equal(rig_sign_in(r, "bob", once), 0);
    r->must_change = false;

    assert_int_equal(rig_call(r, "session.others", 0, NULL), 0);
    assert_int_equal(json_array_size(json_object_get(r->reply.json, "sessions")), 1);
    assert_int_equal(rig_call(r, "session.chat", jump, NULL), CW_ERR_NOT_FOUND);
    assert_int_equal(rig_call(r, "session.watch", 999, rig_holder(4)), CW_ERR_NOT_FOUND);
    assert_int_equal(rig_call(r, "session.watch", jump, NULL), CW_ERR_INVALID);
    assert_int_equal(rig_call(r, "session.watch", attended_one, rig_holder(4)), CW_ERR_CONFLICT);
    assert_int_equal(rig_call(r, "session.watch", jump, rig_holder(4)), 0);
    ticket = rig_ticket_text(r, rig_text(r, "ticket"));
    assert_int_equal(ticket.participant, 3);
    assert_int_equal(ticket.role, CW_ROLE_REPRESENTATIVE);
    assert_int_equal(ticket.permissions, CW_PERMIT(VIEW_SCREEN) | CW_PERMIT(CHAT));
    assert_int_equal(rig_audit(r, "session.watch", "ok"), 1);
    assert_int_equal(rig_call(r, "session.chat", jump, NULL), 0);
    /* It is nothing more than watching, whatever the engine says the mask was. */
    rig_forget(&w);
    rig_up(r, &w, jump, 3, CW_ROLE_REPRESENTATIVE, CW_PERMIT(CONTROL_INPUT));
    assert_int_equal(rig_need(&w, CW_LINK_SET_PERMISSIONS, 0, 0)->permissions,
                     CW_PERMIT(VIEW_SCREEN) | CW_PERMIT(CHAT));
    assert_int_equal(rig_call(r, "session.end", jump, NULL), CW_ERR_DENIED);
    assert_int_equal(rig_call(r, "session.join", jump, rig_holder(4)), 0);
    assert_int_equal(rig_ticket_text(r, rig_text(r, "ticket")).permissions, ticket.permissions);
    /* Again: the same participant, and what it had before is denied. */
    rig_forget(&w);
    assert_int_equal(rig_call(r, "session.watch", jump, rig_holder(5)), 0);
    assert_int_equal(rig_ticket_text(r, rig_text(r, "ticket")).participant, 3);
    assert_non_null(rig_need(&w, CW_LINK_DENY, 0, 0));
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "session.watch", jump, rig_holder(6)), 0);
    assert_int_equal(rig_ticket_text(r, rig_text(r, "ticket")).participant, 4);
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET_RO, "session.watch", jump, rig_holder(6)),
                     CW_ERR_DENIED);
    rig_unlink(r, &w);
}

static void event_tickets_are_for_the_console(void **state)
{
    struct rig *r = *state;
    struct cw_ticket ticket;

    assert_int_equal(rig_call(r, "events.ticket", 0, NULL), CW_ERR_INVALID);
    assert_int_equal(rig_call(r, "events.ticket", 0, rig_holder(3)), 0);
    ticket = rig_ticket_text(r, rig_text(r, "ticket"));
    assert_int_equal(ticket.kind, CW_TICKET_KIND_CONSOLE);
    assert_int_equal(ticket.role, CW_ROLE_CONSOLE);
    assert_int_equal(ticket.participant, r->account);
    assert_int_equal(ticket.permissions, CW_PERMIT(EVENTS));
}

/* No file of this process may grow: what a full disk does to the store. */
static void fill_disk(bool is_full)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = is_full ? 1 : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void live_sessions_outlive_a_full_disk(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t session = 0;
    uint32_t other = 0;
    uint32_t item = 0;
    const char *reason = NULL;
    char token[160];
    struct cw_request fill = {0};

    signal(SIGXFSZ, SIG_IGN);
    rig_link(r, &w);
    item = rig_enrol(r, &w, 9, "Front desk");
    other = rig_attended(r, &w);
    session = rig_attended(r, &w);
    rig_consent(r, &w, session, 1, 1, 1);
    assert_int_equal(rig_sign_in(r, "ada", "a long enough password"), 0);
    snprintf(token, sizeof token, "%s", r->reply.set_cookie);
    rig_forget(&w);
    fill_disk(true);
    assert_int_equal(rig_call(r, "session_key.create", 0, NULL), CW_ERR_READ_ONLY);
    assert_non_null(strstr(r->reply.message, "cannot be written"));
    assert_false(cw_control_is_writable(r->c, &reason));
    assert_string_not_equal(reason, "");
    /* Reading goes on, who is signed in stays so, nobody new comes in. */
    assert_int_equal(cw_control_sign_in_find(r->c, token, &fill), 0);
    assert_int_equal(rig_call(r, "session.list", 0, NULL), 0);
    assert_int_equal(rig_sign_in(r, "ada", "a long enough password"), CW_ERR_READ_ONLY);
    assert_int_equal(rig_sign_in(r, "ada", "not the password"), CW_ERR_DENIED);
    /* Links begin anew when changes were lost: that nobody is online is not the reason. */
    assert_int_equal(rig_call(r, "jump_item.jump", item, rig_holder(3)), CW_ERR_READ_ONLY);
    assert_non_null(strstr(r->reply.message, "cannot be written"));
    /* Consent is withdrawn at once; a line waits; an end is an end. */
    rig_consent(r, &w, session, 1, 0, 0);
    assert_int_equal(rig_need(&w, CW_LINK_SET_PERMISSIONS, 0, 0)->permissions, RIG_REP_BASE);
    rig_say(r, &w, session, 1, CW_ROLE_CUSTOMER, 1, "can you hear me");
    assert_null(rig_sent(&w, CW_LINK_SEND, CW_MESSAGE_CHAT_LINE, 0));
    rig_consent(r, &w, session, 1, 1, 1);
    assert_null(rig_sent(&w, CW_LINK_SET_PERMISSIONS, 0, 1));
    assert_int_equal(rig_call(r, "session.end", other, NULL), 0);
    assert_int_equal(rig_need(&w, CW_LINK_END_SESSION, 0, 0)->session, other);
    assert_null(cw_live_find(r->c, other));
    rig_advance(r, 10);
    assert_false(cw_control_is_writable(r->c, NULL));

    fill_disk(false);
    rig_forget(&w);
    rig_advance(r, 10);
    assert_true(cw_control_is_writable(r->c, NULL));
    assert_non_null(rig_sent(&w, CW_LINK_SEND, CW_MESSAGE_CHAT_LINE, 0));
    assert_int_equal(rig_audit(r, "session.end", "ok"), 1);
    assert_int_equal(rig_call(r, "session_key.create", 0, NULL), 0);
    assert_int_equal(rig_call(r, "jump_item.jump", item, rig_holder(3)), CW_ERR_STATE);
    rig_unlink(r, &w);
    /* What was withdrawn meanwhile is withdrawn in the store too. */
    rig_restart(r);
    assert_false(cw_live_source(cw_live_find(r->c, session))->row.consent_view);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_key_brings_a_customer_into_the_queue_once),
        CASE(wrong_and_expired_keys_are_told_apart),
        CASE(guessing_runs_out_of_tries),
        CASE(enrolment_tokens_work_once),
        CASE(consent_opens_and_closes),
        CASE(consent_reaches_a_representative_on_the_way),
        CASE(consent_survives_a_restart),
        CASE(side_chat_stays_among_representatives),
        CASE(chat_is_ordered_stored_once_and_kept),
        CASE(others_sessions_do_not_exist),
        CASE(administrators_watch_jumps),
        CASE(event_tickets_are_for_the_console),
        CASE(live_sessions_outlive_a_full_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
