/* SPDX-License-Identifier: Apache-2.0 */
/* Who does not come back within 60 seconds: a customer waits in the queue again, a Jump ends, a session without its
 * screen ends, and each of them is said in the chat, in the audit log and to the consoles. */
#include "tests/unit/control/rig.h"

static uint32_t jump(struct rig *r, struct rig_worker *w)
{
    uint32_t item = rig_enrol(r, w, 7, "Till");
    uint32_t session = 0;

    RIG_TELL(r, w, .type = CW_LINK_DEVICE_UP, .participant = item);
    assert_int_equal(rig_call(r, "jump_item.jump", item, rig_holder(3)), 0);
    session = (uint32_t)rig_number(r, "session");
    rig_up(r, w, session, 1, CW_ROLE_REPRESENTATIVE, RIG_REP_BASE);
    rig_up(r, w, session, 2, CW_ROLE_UNATTENDED, RIG_CUSTOMER);
    rig_forget(w);
    return session;
}

static void down(struct rig *r, struct rig_worker *w, uint32_t session, uint32_t participant)
{
    RIG_TELL(r, w, .type = CW_LINK_PARTICIPANT_DOWN, .session = session, .participant = participant,
             .code = CW_CLOSE_TIMED_OUT);
}

static bool has_line(const struct rig_worker *w, const char *text)
{
    for (unsigned i = 0;; i++) {
        const struct cw_link_message *m = rig_sent(w, CW_LINK_SEND, CW_MESSAGE_CHAT_LINE, i);
        if (m == NULL)
            return false;
        if (memmem(m->bytes, m->bytes_count, text, strlen(text)) != NULL)
            return true;
    }
}

static size_t queue_size(struct rig *r)
{
    assert_int_equal(rig_call(r, "queue.list", 0, NULL), 0);
    return json_array_size(json_object_get(r->reply.json, "queue"));
}

static void a_customer_waits_again(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t session = 0;
    struct cw_ticket ticket;

    rig_link(r, &w);
    session = rig_attended(r, &w);
    down(r, &w, session, 2);
    assert_true(has_line(&w, "ada lost the connection."));
    rig_advance(r, 1);
    rig_advance(r, 58);
    assert_int_equal(queue_size(r), 0);
    rig_forget(&w);
    rig_advance(r, 5);
    assert_int_equal(queue_size(r), 1);
    assert_true(has_line(&w, "ada did not come back. The session waits in the queue again."));
    assert_int_equal(rig_audit(r, "session.requeue", "ok"), 1);
    assert_true(rig_event(&w, r->account, "session_waiting"));
    assert_true(rig_event(&w, r->account, "queue_changed"));
    assert_true(rig_event(&w, r->account, "sessions_changed"));
    assert_non_null(rig_sent(&w, CW_LINK_DENY, 0, 0)); /* its tickets */
    assert_null(rig_sent(&w, CW_LINK_END_SESSION, 0, 0));
    /* It does not happen again, and an engine that let it in meanwhile is told. */
    rig_forget(&w);
    rig_advance(r, 200);
    assert_false(has_line(&w, "did not come back"));
    rig_up(r, &w, session, 2, CW_ROLE_REPRESENTATIVE, RIG_REP_BASE);
    assert_int_equal(rig_need(&w, CW_LINK_REMOVE_PARTICIPANT, 0, 0)->participant, 2);
    assert_int_equal(rig_call(r, "session.join", session, rig_holder(4)), CW_ERR_STATE);
    /* Accepted again, with another key. */
    assert_int_equal(rig_call(r, "session.accept", session, rig_holder(4)), 0);
    ticket = rig_ticket_text(r, rig_text(r, "ticket"));
    assert_int_equal(ticket.participant, 2);
    rig_forget(&w);
    rig_up(r, &w, session, 2, CW_ROLE_REPRESENTATIVE, RIG_REP_BASE);
    assert_true(has_line(&w, "ada joined."));
    ticket = rig_ticket(r, rig_need(&w, CW_LINK_SEND, CW_MESSAGE_RESUME_TICKET, 0)->bytes);
    assert_int_equal(ticket.participant, 2);
    assert_int_equal(queue_size(r), 0);
    rig_unlink(r, &w);
}

static void a_queued_session_survives_a_restart(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t session = 0;

    rig_link(r, &w);
    session = rig_attended(r, &w);
    down(r, &w, session, 2);
    rig_advance(r, 1);
    rig_advance(r, 64);
    rig_unlink(r, &w);
    rig_restart(r);
    rig_hello(r, &w, 0, 1);
    rig_up(r, &w, session, 1, CW_ROLE_CUSTOMER, RIG_CUSTOMER);
    RIG_TELL(r, &w, .type = CW_LINK_SNAPSHOT_END);
    assert_int_equal(rig_need(&w, CW_LINK_PARTICIPANT_WANTED, 0, 0)->participant, 1);
    assert_null(rig_sent(&w, CW_LINK_PARTICIPANT_WANTED, 0, 1));
    assert_int_equal(queue_size(r), 1);
    assert_int_equal(rig_call(r, "session.accept", session, rig_holder(4)), 0);
    rig_unlink(r, &w);
}

static void who_is_back_in_time_goes_on(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t session = 0;

    rig_link(r, &w);
    session = rig_attended(r, &w);
    for (unsigned i = 0; i < 3; i++) {
        for (uint32_t participant = 1; participant <= 2; participant++) {
            down(r, &w, session, participant);
            rig_advance(r, 1);
            rig_advance(r, 57);
            rig_up(r, &w, session, participant,
                   participant == 1 ? CW_ROLE_CUSTOMER : CW_ROLE_REPRESENTATIVE,
                   participant == 1 ? RIG_CUSTOMER : RIG_REP_BASE);
            rig_advance(r, 1);
        }
    }
    assert_true(has_line(&w, "ada is back."));
    assert_int_equal(queue_size(r), 0);
    assert_null(rig_sent(&w, CW_LINK_END_SESSION, 0, 0));
    rig_unlink(r, &w);
}

static void ends_with(struct rig *r, struct rig_worker *w, uint32_t session, const char *text)
{
    const struct cw_link_message *m = NULL;

    rig_advance(r, 1);
    rig_advance(r, 58);
    assert_null(rig_sent(w, CW_LINK_END_SESSION, 0, 0));
    rig_advance(r, 5);
    m = rig_need(w, CW_LINK_END_SESSION, 0, 0);
    assert_int_equal(m->session, session);
    assert_int_equal(m->code, CW_CLOSE_ENDED_NOBODY_LEFT);
    assert_int_equal(m->bytes_count, strlen(text));
    assert_memory_equal(m->bytes, text, strlen(text));
    assert_null(cw_live_find(r->c, session));
    assert_int_equal(rig_audit(r, "session.end", "ok"), 1);
    assert_true(rig_event(w, r->account, "session_ended"));
}

static void a_session_without_its_customer_ends(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t session = 0;

    rig_link(r, &w);
    session = rig_attended(r, &w);
    down(r, &w, session, 1);
    ends_with(r, &w, session, "Carla lost the connection and did not come back in time.");
    rig_unlink(r, &w);
}

static void a_jump_without_its_representative_ends(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t session = 0;

    rig_link(r, &w);
    session = jump(r, &w);
    down(r, &w, session, 1);
    ends_with(r, &w, session, "ada lost the connection and did not come back in time.");
    rig_unlink(r, &w);
}

static void a_jump_without_its_computer_ends(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t session = 0;

    rig_link(r, &w);
    session = jump(r, &w);
    down(r, &w, session, 2);
    ends_with(r, &w, session, "Till lost the connection and did not come back in time.");
    rig_unlink(r, &w);
}

/* While a worker is missing nobody can say who is connected to it. */
static void absence_is_not_counted_blindly(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t session = 0;

    rig_link(r, &w);
    session = rig_attended(r, &w);
    down(r, &w, session, 2);
    rig_advance(r, 1);
    rig_advance(r, 30);
    rig_unlink(r, &w);
    rig_advance(r, 3600);
    rig_hello(r, &w, 0, 1);
    rig_up(r, &w, session, 1, CW_ROLE_CUSTOMER, RIG_CUSTOMER);
    RIG_TELL(r, &w, .type = CW_LINK_SNAPSHOT_END);
    rig_advance(r, 1);
    rig_advance(r, 58);
    assert_int_equal(queue_size(r), 0);
    rig_advance(r, 5);
    assert_int_equal(queue_size(r), 1);
    rig_unlink(r, &w);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_customer_waits_again),
        CASE(a_queued_session_survives_a_restart),
        CASE(who_is_back_in_time_goes_on),
        CASE(a_session_without_its_customer_ends),
        CASE(a_jump_without_its_representative_ends),
        CASE(a_jump_without_its_computer_ends),
        CASE(absence_is_not_counted_blindly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
