/* SPDX-License-Identifier: Apache-2.0 */
/* The link server: snapshots, reconciliation after restarts, several workers, refusals. */
#include "tests/unit/control/rig.h"

#define REP_JUMP (CW_PERMIT(VIEW_SCREEN) | RIG_CONTROL | CW_PERMIT(CHAT) | CW_PERMIT(END_SESSION))

/* An enrolled, online Jump Client and a session with it; nobody is connected to it yet. */
static uint32_t jump(struct rig *r, struct rig_worker *w, uint32_t *ret_item)
{
    *ret_item = rig_enrol(r, w, 9, "Reception");
    RIG_TELL(r, w, .type = CW_LINK_DEVICE_UP, .participant = *ret_item);
    rig_forget(w);
    assert_int_equal(rig_call(r, "jump_item.jump", *ret_item, rig_holder(3)), 0);
    return (uint32_t)rig_number(r, "session");
}

static void hello_comes_first_and_versions_must_match(void **state)
{
    struct rig *r = *state;
    struct rig_worker w = {0};
    const uint8_t junk[] = {0xFF, 0xFF, 0xFF, 0x7F, 0, 0, 0, 0};

    assert_int_equal(cw_control_link_open(r->c, 1, rig_worker_take, &w, &w.link), 0);
    assert_int_equal(
        rig_tell(r, &w, (struct cw_link_message){.type = CW_LINK_SESSION_UP, .session = 1}),
        CW_ERR_STATE);
    rig_unlink(r, &w);
    assert_int_equal(cw_control_link_open(r->c, 2, rig_worker_take, &w, &w.link), 0);
    assert_int_equal(rig_tell(r, &w,
                              (struct cw_link_message){.type = CW_LINK_ENGINE_HELLO,
                                                       .version = CW_LINK_VERSION + 1,
                                                       .worker_count = 1}),
                     CW_ERR_UNSUPPORTED);
    rig_unlink(r, &w);
    assert_int_equal(cw_control_link_open(r->c, 3, rig_worker_take, &w, &w.link), 0);
    assert_int_equal(cw_control_link_receive(r->c, w.link, junk, sizeof junk), CW_ERR_TOO_LARGE);
    rig_unlink(r, &w);
    rig_hello(r, &w, 0, 1);
    assert_int_equal(rig_tell(r, &w, (struct cw_link_message){.type = CW_LINK_WANTED_END}),
                     CW_ERR_INVALID);
    assert_int_equal(w.sent_count, 0);
    rig_unlink(r, &w);
}

static void the_stream_may_be_split_anywhere(void **state)
{
    struct rig *r = *state;
    struct rig_worker w = {0};
    uint8_t bytes[256];
    size_t n = 0;
    size_t more = 0;
    const struct cw_link_message hello = {
        .type = CW_LINK_ENGINE_HELLO, .version = CW_LINK_VERSION, .worker_count = 1};
    const struct cw_link_message end = {.type = CW_LINK_SNAPSHOT_END};

    assert_int_equal(cw_link_encode(&hello, bytes, sizeof bytes, &n), 0);
    assert_int_equal(cw_link_encode(&end, bytes + n, sizeof bytes - n, &more), 0);
    assert_int_equal(cw_control_link_open(r->c, 1, rig_worker_take, &w, &w.link), 0);
    for (size_t i = 0; i < n + more; i++) {
        assert_int_equal(w.sent_count, 0);
        assert_int_equal(cw_control_link_receive(r->c, w.link, bytes + i, 1), 0);
    }
    assert_int_equal(w.sent[0].type, CW_LINK_CONTROL_HELLO);
    assert_memory_equal(w.sent[0].key, r->c->ticket_key, CW_KEY_BYTES);
    assert_int_equal(w.sent[0].bytes_count, strlen("https://help.example\nhttps://localhost:8443"));
    assert_memory_equal(w.sent[0].bytes, "https://help.example\nhttps://localhost:8443",
                        w.sent[0].bytes_count);
    assert_int_equal(w.sent[1].type, CW_LINK_DRAIN);
    assert_int_equal(w.sent[1].kind, 0);
    assert_int_equal(w.sent[2].type, CW_LINK_WANTED_END);
    rig_unlink(r, &w);
}

static void jump_gives_tickets_to_both_sides(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t item = 0;
    uint32_t session = 0;
    struct cw_session_offer offer;
    struct cw_ticket ticket;
    const struct cw_link_message *m = NULL;

    rig_link(r, &w);
    session = jump(r, &w, &item);
    ticket = rig_ticket_text(r, rig_text(r, "ticket"));
    assert_int_equal(ticket.kind, CW_TICKET_KIND_JOIN);
    assert_int_equal(ticket.role, CW_ROLE_REPRESENTATIVE);
    assert_int_equal(ticket.session, session);
    assert_int_equal(ticket.permissions, REP_JUMP);
    assert_int_equal(ticket.not_after_unix_s - ticket.not_before_unix_s, 60);
    m = rig_need(&w, CW_LINK_SEND_DEVICE, CW_MESSAGE_SESSION_OFFER, 0);
    assert_int_equal(m->participant, item);
    assert_int_equal(cw_session_offer_decode(m->bytes, m->bytes_count, &offer), 0);
    assert_int_equal(offer.session, session);
    assert_int_equal(offer.name_bytes, 3);
    ticket = rig_ticket(r, offer.ticket);
    assert_int_equal(ticket.role, CW_ROLE_UNATTENDED);
    assert_int_equal(ticket.permissions,
                     CW_PERMIT(SOURCE_SCREEN) | CW_PERMIT(CHAT) | CW_PERMIT(END_SESSION));
    assert_true(rig_event(&w, r->account, "sessions_changed"));
    /* The same representative again: the same session, and the first ticket is no longer good. */
    rig_forget(&w);
    assert_int_equal(rig_call(r, "jump_item.jump", item, rig_holder(4)), 0);
    assert_int_equal(rig_number(r, "session"), session);
    assert_non_null(rig_sent(&w, CW_LINK_DENY, 0, 0));
    assert_null(rig_sent(&w, CW_LINK_SEND_DEVICE, 0, 0));
    rig_unlink(r, &w);
}

static void who_joins_gets_all_they_need(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t item = 0;
    uint32_t session = 0;
    struct cw_participant_note note;
    struct cw_ticket ticket;
    const struct cw_link_message *m = NULL;

    rig_link(r, &w);
    session = jump(r, &w, &item);
    rig_up(r, &w, session, 2, CW_ROLE_UNATTENDED, 0);
    rig_forget(&w);
    rig_up(r, &w, session, 1, CW_ROLE_REPRESENTATIVE, REP_JUMP);
    m = rig_need(&w, CW_LINK_SEND, CW_MESSAGE_RESUME_TICKET, 0);
    assert_int_equal(m->participant, 1);
    ticket = rig_ticket(r, m->bytes);
    assert_int_equal(ticket.kind, CW_TICKET_KIND_RESUME);
    assert_int_equal(ticket.permissions, REP_JUMP);
    assert_int_equal(ticket.not_after_unix_s - ticket.not_before_unix_s, CW_TICKET_RESUME_S);
    m = rig_need(&w, CW_LINK_SEND, CW_MESSAGE_PARTICIPANT, 0);
    assert_int_equal(m->participant, 0);
    assert_int_equal(cw_participant_note_decode(m->bytes, m->bytes_count, &note), 0);
    assert_int_equal(note.participant, 1);
    assert_int_equal(note.present, 1);
    assert_memory_equal(note.name, "ada", 3);
    m = rig_need(&w, CW_LINK_SEND, CW_MESSAGE_PARTICIPANT, 2);
    assert_int_equal(m->participant, 1);
    assert_int_equal(cw_participant_note_decode(m->bytes, m->bytes_count, &note), 0);
    assert_int_equal(note.participant, 2);
    /* Permissions were right already; nothing to set. */
    assert_null(rig_sent(&w, CW_LINK_SET_PERMISSIONS, 0, 0));
    /* Half the ticket's life later another comes. */
    rig_forget(&w);
    rig_advance(r, 12 * 3600);
    assert_non_null(rig_sent(&w, CW_LINK_SEND, CW_MESSAGE_RESUME_TICKET, 1));
    rig_unlink(r, &w);
}

static void strangers_are_sent_away(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t item = 0;
    uint32_t session = 0;

    rig_link(r, &w);
    session = jump(r, &w, &item);
    rig_forget(&w);
    rig_up(r, &w, session, 99, CW_ROLE_REPRESENTATIVE, 0);
    assert_int_equal(rig_need(&w, CW_LINK_REMOVE_PARTICIPANT, 0, 0)->participant, 99);
    rig_up(r, &w, session, 1, CW_ROLE_UNATTENDED, 0);
    assert_int_equal(rig_need(&w, CW_LINK_REMOVE_PARTICIPANT, 0, 1)->participant, 1);
    rig_up(r, &w, 4711, 1, CW_ROLE_REPRESENTATIVE, 0);
    assert_int_equal(rig_need(&w, CW_LINK_END_SESSION, 0, 0)->session, 4711);
    RIG_TELL(r, &w, .type = CW_LINK_DEVICE_UP, .participant = 4711);
    assert_int_equal(rig_need(&w, CW_LINK_DROP_DEVICE, 0, 0)->participant, 4711);
    rig_unlink(r, &w);
}

/* Control is killed and comes back: the session goes on, an unknown one is not wanted. */
static void control_restarted_picks_sessions_up(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t item = 0;
    uint32_t session = 0;
    const struct cw_link_message *m = NULL;

    rig_link(r, &w);
    session = jump(r, &w, &item);
    rig_up(r, &w, session, 1, CW_ROLE_REPRESENTATIVE, REP_JUMP);
    rig_unlink(r, &w);
    rig_restart(r);
    assert_int_equal(rig_call(r, "session.list", 0, NULL), 0);
    assert_int_equal(json_array_size(json_object_get(r->reply.json, "sessions")), 1);

    rig_hello(r, &w, 0, 1);
    rig_say(r, &w, session, 1, CW_ROLE_REPRESENTATIVE, 1, "said while control was away");
    RIG_TELL(r, &w, .type = CW_LINK_SESSION_UP, .session = session);
    rig_up(r, &w, session, 1, CW_ROLE_REPRESENTATIVE, REP_JUMP);
    RIG_TELL(r, &w, .type = CW_LINK_SESSION_UP, .session = 4711);
    rig_up(r, &w, 4711, 1, CW_ROLE_CUSTOMER, 0);
    assert_int_equal(w.sent_count, 0);
    RIG_TELL(r, &w, .type = CW_LINK_SNAPSHOT_END);
    assert_int_equal(w.sent[0].type, CW_LINK_CONTROL_HELLO);
    assert_int_equal(w.sent[1].type, CW_LINK_DRAIN);
    assert_int_equal(w.sent[2].type, CW_LINK_SESSION_WANTED);
    assert_int_equal(w.sent[2].session, session);
    assert_int_equal(w.sent[3].type, CW_LINK_PARTICIPANT_WANTED);
    assert_int_equal(w.sent[3].participant, 1);
    assert_int_equal(w.sent[3].permissions, REP_JUMP);
    /* The Jump Client is away now; the engine keeps its mask for when it comes back. */
    assert_int_equal(w.sent[4].type, CW_LINK_PARTICIPANT_WANTED);
    assert_int_equal(w.sent[4].participant, 2);
    assert_int_equal(w.sent[5].type, CW_LINK_DENY); /* the ticket that let the representative in */
    assert_int_equal(w.sent[6].type, CW_LINK_WANTED_END);
    assert_non_null(rig_sent(&w, CW_LINK_SEND, CW_MESSAGE_RESUME_TICKET, 0));
    /* The participant's history has the line that was copied before the snapshot. */
    m = rig_need(&w, CW_LINK_SEND, CW_MESSAGE_CHAT_LINE, 1);
    assert_int_equal(m->participant, 1);
    assert_non_null(memmem(m->bytes, m->bytes_count, "while control was away", 22));
    rig_unlink(r, &w);
}

/* The engine lost a session: within the grace time it may come back, later it is over. */
static void absent_sessions_end_after_the_grace_time(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t item = 0;
    uint32_t session = 0;

    rig_link(r, &w);
    session = jump(r, &w, &item);
    rig_up(r, &w, session, 1, CW_ROLE_REPRESENTATIVE, REP_JUMP);
    rig_unlink(r, &w);
    /* No engine at all: nobody can tell, so nothing ends. */
    rig_advance(r, 1);
    rig_advance(r, 3600);
    assert_non_null(cw_live_find(r->c, session));
    rig_link(r, &w);
    rig_advance(r, 1);
    rig_advance(r, 59);
    assert_non_null(cw_live_find(r->c, session));
    rig_advance(r, 5);
    assert_null(cw_live_find(r->c, session));
    assert_int_equal(rig_audit(r, "session.end", "ok"), 1);
    assert_true(rig_event(&w, r->account, "session_ended"));
    rig_unlink(r, &w);
}

static void absence_needs_every_worker(void **state)
{
    struct rig *r = *state;
    struct rig_worker one;
    struct rig_worker two;
    uint32_t item = 0;
    uint32_t session = 0;

    rig_hello(r, &one, 0, 2);
    RIG_TELL(r, &one, .type = CW_LINK_SNAPSHOT_END);
    session = jump(r, &one, &item);
    rig_advance(r, 1);
    rig_advance(r, 3600);
    assert_non_null(cw_live_find(r->c, session));
    rig_hello(r, &two, 1, 2);
    rig_up(r, &two, session, 1, CW_ROLE_REPRESENTATIVE, REP_JUMP);
    rig_up(r, &two, session, 2, CW_ROLE_UNATTENDED, REP_JUMP);
    RIG_TELL(r, &two, .type = CW_LINK_SNAPSHOT_END);
    assert_int_equal(rig_need(&two, CW_LINK_SESSION_WANTED, 0, 0)->session, session);
    rig_advance(r, 1);
    rig_advance(r, 3600);
    assert_non_null(cw_live_find(r->c, session));
    /* Ended by the representative: only the worker that has it is told. */
    rig_forget(&one);
    rig_forget(&two);
    assert_int_equal(rig_call(r, "session.end", session, NULL), 0);
    assert_null(rig_sent(&one, CW_LINK_END_SESSION, 0, 0));
    assert_int_equal(rig_need(&two, CW_LINK_END_SESSION, 0, 0)->code,
                     CW_CLOSE_ENDED_BY_REPRESENTATIVE);
    assert_non_null(rig_sent(&one, CW_LINK_DENY, 0, 0));
    assert_non_null(rig_sent(&two, CW_LINK_DENY, 0, 0));
    rig_unlink(r, &one);
    rig_unlink(r, &two);
}

/* The same worker connects again before its old connection was noticed to be dead. */
static void a_worker_that_returns_replaces_itself(void **state)
{
    struct rig *r = *state;
    struct rig_worker old;
    struct rig_worker fresh;
    uint32_t item = 0;

    rig_link(r, &old);
    (void)jump(r, &old, &item);
    rig_hello(r, &fresh, 0, 1);
    RIG_TELL(r, &fresh, .type = CW_LINK_DEVICE_UP, .participant = item);
    RIG_TELL(r, &fresh, .type = CW_LINK_SNAPSHOT_END);
    assert_int_equal(rig_tell(r, &old, (struct cw_link_message){.type = CW_LINK_SNAPSHOT_END}),
                     CW_ERR_CLOSED);
    rig_unlink(r, &old);
    assert_non_null(cw_device_find(r->c, item)->link);
    rig_unlink(r, &fresh);
}

static void denied_tickets_are_told_to_every_new_worker(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t item = 0;
    uint32_t session = 0;

    rig_link(r, &w);
    session = jump(r, &w, &item);
    assert_int_equal(rig_call(r, "session.end", session, NULL), 0);
    assert_int_equal(rig_call(r, "jump_item.remove", item, NULL), 0);
    assert_non_null(rig_sent(&w, CW_LINK_DROP_DEVICE, 0, 0));
    rig_unlink(r, &w);
    rig_restart(r);
    rig_link(r, &w);
    /* Two join tickets and the device's credential. */
    assert_non_null(rig_sent(&w, CW_LINK_DENY, 0, 2));
    assert_null(rig_sent(&w, CW_LINK_DENY, 0, 3));
    rig_unlink(r, &w);
    rig_advance(r, 3600);
    rig_link(r, &w);
    assert_non_null(rig_sent(&w, CW_LINK_DENY, 0, 0));
    assert_null(rig_sent(&w, CW_LINK_DENY, 0, 1));
    rig_unlink(r, &w);
}

static void session_over_ends_it_in_the_store(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t item = 0;
    uint32_t session = 0;

    rig_link(r, &w);
    session = jump(r, &w, &item);
    rig_up(r, &w, session, 2, CW_ROLE_UNATTENDED, 0);
    rig_forget(&w);
    RIG_TELL(r, &w, .type = CW_LINK_SESSION_OVER, .session = session, .participant = 2,
             .code = CW_CLOSE_ENDED_BY_CUSTOMER, .bytes = (const uint8_t *)"bye", .bytes_count = 3);
    assert_null(rig_sent(&w, CW_LINK_END_SESSION, 0, 0));
    assert_non_null(rig_sent(&w, CW_LINK_DENY, 0, 0));
    assert_true(rig_event(&w, r->account, "session_ended"));
    assert_int_equal(rig_call(r, "session.end", session, NULL), CW_ERR_STATE);
    assert_int_equal(rig_call(r, "session.chat", session, NULL), 0);
    assert_int_equal(rig_audit(r, "session.end", "ok"), 1);
    /* Told twice (a queue replayed): once is enough. */
    RIG_TELL(r, &w, .type = CW_LINK_SESSION_OVER, .session = session, .participant = 2,
             .code = CW_CLOSE_ENDED_BY_CUSTOMER);
    assert_int_equal(rig_audit(r, "session.end", "ok"), 1);
    rig_unlink(r, &w);
}

static void refusals_are_audited_once_a_minute(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    struct cw_link_message m = {.type = CW_LINK_REFUSED,
                                .code = CW_CLOSE_TICKET_FORGED,
                                .bytes = (const uint8_t *)"bad signature",
                                .bytes_count = 13};

    rig_link(r, &w);
    for (unsigned i = 0; i < 50; i++) {
        rig_address(m.address, (uint8_t)(1 + i % 2));
        assert_int_equal(rig_tell(r, &w, m), 0);
    }
    assert_int_equal(rig_audit(r, "connect", "TICKET_FORGED"), 2);
    rig_advance(r, 60);
    assert_int_equal(rig_tell(r, &w, m), 0);
    assert_int_equal(rig_audit(r, "connect", "TICKET_FORGED"), 3);
    rig_unlink(r, &w);
}

/* An open console does not outlive the sign-in that opened it. */
static void consoles_are_dropped_when_the_sign_in_ran_out(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;

    rig_link(r, &w);
    RIG_TELL(r, &w, .type = CW_LINK_CONSOLE_UP, .participant = r->account, .request = 1);
    rig_forget(&w);
    rig_advance(r, 12 * 3600 - 1);
    assert_null(rig_sent(&w, CW_LINK_DROP_CONSOLE, 0, 0));
    rig_advance(r, 61);
    assert_true(rig_event(&w, r->account, "signed_out"));
    assert_int_equal(rig_need(&w, CW_LINK_DROP_CONSOLE, 0, 0)->participant, r->account);
    rig_unlink(r, &w);
}

/* The work of a second in its parts: each session has its turn once, and so has who is wanted once a second. */
static void a_second_has_parts(void **state)
{
    enum { COUNT = 25 };
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t turns[COUNT + 1] = {0};
    unsigned most = 0;

    rig_link(r, &w);
    for (uint8_t i = 1; i <= COUNT; i++) {
        uint32_t item = rig_enrol(r, &w, i, "Till");
        RIG_TELL(r, &w, .type = CW_LINK_DEVICE_UP, .participant = item);
        assert_int_equal(rig_call(r, "jump_item.jump", item, rig_holder(1)), 0);
        rig_up(r, &w, (uint32_t)rig_number(r, "session"), 1, CW_ROLE_REPRESENTATIVE, REP_JUMP);
    }
    assert_int_equal(r->c->live_count, COUNT);
    r->now_ms += 12 * 3600 * UINT64_C(1000); /* all of them need another ticket */
    for (unsigned part = 0; part < CW_TICK_PARTS; part++) {
        unsigned count = 0;
        rig_forget(&w);
        cw_control_tick_part(r->c, r->now_ms, part);
        for (const struct cw_link_message *m = NULL;
             (m = rig_sent(&w, CW_LINK_SEND, CW_MESSAGE_RESUME_TICKET, count)) != NULL; count++) {
            assert_in_range(m->session, 1, COUNT);
            turns[m->session]++;
        }
        most = count > most ? count : most;
        assert_true((rig_sent(&w, CW_LINK_STATUS_REQUEST, 0, 0) != NULL) ==
                    (part == CW_TICK_PARTS - 1));
    }
    for (unsigned i = 1; i <= COUNT; i++)
        assert_int_equal(turns[i], 1);
    assert_int_equal(most, (COUNT + CW_TICK_PARTS - 1) / CW_TICK_PARTS);
    rig_unlink(r, &w);
}

static void devices_come_go_and_describe_themselves(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t item = 0;
    static const char report[] = "{\"hostname\": \"front-desk\", \"user\": \"carol\", \"cpu\": 4}";
    json_t *row = NULL;

    rig_link(r, &w);
    item = rig_enrol(r, &w, 9, "Reception");
    assert_int_equal(rig_call(r, "jump_item.jump", item, rig_holder(1)), CW_ERR_STATE);
    rig_advance(r, 1);
    rig_forget(&w);
    RIG_TELL(r, &w, .type = CW_LINK_DEVICE_UP, .participant = item);
    RIG_TELL(r, &w, .type = CW_LINK_COPY, .participant = item, .role = CW_ROLE_DEVICE,
             .message = CW_MESSAGE_STATISTICS, .bytes = (const uint8_t *)report,
             .bytes_count = sizeof report - 1);
    rig_advance(r, 1);
    assert_true(rig_event(&w, 0, "jump_items_changed"));
    assert_int_equal(rig_call(r, "jump_item.list", 0, NULL), 0);
    row = json_array_get(json_object_get(r->reply.json, "jump_items"), 0);
    assert_string_equal(json_string_value(json_object_get(row, "state")), "online");
    assert_string_equal(json_string_value(json_object_get(row, "hostname")), "front-desk");
    assert_string_equal(json_string_value(json_object_get(row, "user")), "carol");
    assert_string_equal(json_string_value(json_object_get(row, "platform")), "Debian");
    assert_string_equal(json_string_value(json_object_get(row, "group")), "All");
    RIG_TELL(r, &w, .type = CW_LINK_DEVICE_DOWN, .participant = item, .code = CW_CLOSE_TIMED_OUT);
    rig_advance(r, 1);
    assert_int_equal(rig_call(r, "jump_item.list", 0, NULL), 0);
    row = json_array_get(json_object_get(r->reply.json, "jump_items"), 0);
    assert_string_equal(json_string_value(json_object_get(row, "state")), "offline");
    assert_true(json_integer_value(json_object_get(row, "last_seen_unix_ms")) > 0);
    assert_int_equal(
        rig_call(r, "jump_item.rename", item, json_pack("{s:s}", "name", " Front \xC3\xA9 ")), 0);
    assert_int_equal(rig_call(r, "jump_item.rename", item, json_pack("{s:s}", "name", "a\nb")),
                     CW_ERR_INVALID);
    rig_unlink(r, &w);
}

/* A Jump Client that was restarted in the middle of a session is offered it again. */
static void a_lost_source_is_offered_the_session_again(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t item = 0;
    uint32_t session = 0;

    rig_link(r, &w);
    session = jump(r, &w, &item);
    rig_up(r, &w, session, 1, CW_ROLE_REPRESENTATIVE, REP_JUMP);
    rig_forget(&w);
    rig_advance(r, 5);
    assert_null(rig_sent(&w, CW_LINK_SEND_DEVICE, 0, 0));
    rig_advance(r, 30);
    assert_non_null(rig_sent(&w, CW_LINK_SEND_DEVICE, CW_MESSAGE_SESSION_OFFER, 0));
    rig_up(r, &w, session, 2, CW_ROLE_UNATTENDED, 0);
    rig_forget(&w);
    rig_advance(r, 60);
    assert_null(rig_sent(&w, CW_LINK_SEND_DEVICE, 0, 0));
    rig_unlink(r, &w);
}

/* Another engine does not know which join tickets were used up: it is told before it lets anybody in. */
static void a_new_engine_hears_of_used_tickets(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    struct cw_ticket ticket;
    uint32_t item = 0;
    size_t denied = 0;
    size_t ended = 0;

    rig_link(r, &w);
    uint32_t session = jump(r, &w, &item);
    ticket = rig_ticket_text(r, rig_text(r, "ticket"));
    rig_unlink(r, &w);
    rig_link(r, &w);
    assert_null(rig_sent(&w, CW_LINK_DENY, 0, 0)); /* nobody has used one */
    rig_up(r, &w, session, 1, CW_ROLE_REPRESENTATIVE, REP_JUMP);
    rig_unlink(r, &w);
    rig_restart(r); /* not even control has to have lived through it */
    rig_link(r, &w);
    for (size_t i = 0; i < w.sent_count; i++) {
        denied = w.sent[i].type == CW_LINK_DENY ? i : denied;
        ended = w.sent[i].type == CW_LINK_WANTED_END ? i : ended;
    }
    assert_true(denied > 0 && denied < ended);
    assert_memory_equal(w.sent[denied].ticket_id, ticket.id, sizeof ticket.id);
    assert_null(rig_sent(&w, CW_LINK_DENY, 0, 1)); /* the customer's is still good */
    rig_unlink(r, &w);
    r->now_ms += (CW_TICKET_JOIN_S + 1) * UINT64_C(1000);
    rig_link(r, &w);
    assert_null(rig_sent(&w, CW_LINK_DENY, 0, 0));
    rig_unlink(r, &w);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(hello_comes_first_and_versions_must_match),
        CASE(the_stream_may_be_split_anywhere),
        CASE(jump_gives_tickets_to_both_sides),
        CASE(who_joins_gets_all_they_need),
        CASE(strangers_are_sent_away),
        CASE(control_restarted_picks_sessions_up),
        CASE(absent_sessions_end_after_the_grace_time),
        CASE(absence_needs_every_worker),
        CASE(a_worker_that_returns_replaces_itself),
        CASE(denied_tickets_are_told_to_every_new_worker),
        CASE(a_new_engine_hears_of_used_tickets),
        CASE(session_over_ends_it_in_the_store),
        CASE(refusals_are_audited_once_a_minute),
        CASE(consoles_are_dropped_when_the_sign_in_ran_out),
        CASE(a_second_has_parts),
        CASE(devices_come_go_and_describe_themselves),
        CASE(a_lost_source_is_offered_the_session_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
