/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator orders, through real workers: settings take effect, a drained worker takes nothing new. */
#include "tests/unit/engine/connection_world.h"

#include "engine/operate.h"

static const uint8_t seed[CW_KEY_BYTES] = {1};

static void order(struct world *w, const struct cw_link_message *m)
{
    cw_double_send(w->control, m);
    run_ms(w, 100);
}

static void set(struct world *w, const char *name, uint64_t value)
{
    const struct cw_link_message m = {.type = CW_LINK_SETTING,
                                      .request = 9,
                                      .value = value,
                                      .bytes = (const uint8_t *)name,
                                      .bytes_count = strlen(name)};
    order(w, &m);
}

static void drain(struct world *w, bool on)
{
    const struct cw_link_message m = {.type = CW_LINK_DRAIN, .request = 10, .kind = on};
    order(w, &m);
}

static uint16_t answered(struct world *w, unsigned count)
{
    assert_int_equal(cw_double_seen(w->control, CW_LINK_ANSWER), count);
    return cw_double_last(w->control, CW_LINK_ANSWER)->code;
}

static void settings_reach_every_worker(void **state)
{
    (void)state;
    struct world *w = world_open();
    set(w, "stall_ms", 20000);
    assert_int_equal(answered(w, WORKERS), CW_LINK_ANSWER_DONE);
    for (unsigned i = 0; i < WORKERS; i++)
        assert_int_equal(w->workers[i]->settings.stall_ms, 20000);
    set(w, "stall_ms", 999);
    assert_int_equal(answered(w, 2 * WORKERS), CW_LINK_ANSWER_REFUSED);
    const struct cw_link_message *last = cw_double_last(w->control, CW_LINK_ANSWER);
    assert_non_null(memmem(last->bytes, last->bytes_count, "1000 to 300000", 14));
    set(w, "stall_mss", 20000);
    assert_int_equal(answered(w, 3 * WORKERS), CW_LINK_ANSWER_REFUSED);
    assert_int_equal(w->workers[0]->settings.stall_ms, 20000);
    world_close(w);
}

/* A setting that is read far away from where it is set. */
static void a_lower_stall_time_ends_who_takes_nothing(void **state)
{
    (void)state;
    struct world *w = world_open();
    struct cw_double_session *s = cw_double_session_add(w->control);
    uint32_t p = cw_double_participant_add(w->control, s, CW_ROLE_REPRESENTATIVE,
                                           CW_PERMIT(VIEW_SCREEN) | CW_PERMIT(CHAT));
    set(w, "reliable_queue_bytes", 67108864);
    set(w, "stall_ms", 2000);
    struct guest *g = join(w, s, p);
    assert_true(is_open(g));
    g->is_silent = true;
    static uint8_t line[8000] = {1};
    struct cw_link_message m = {.type = CW_LINK_SEND,
                                .session = s->number,
                                .message = CW_MESSAGE_CHAT_LINE,
                                .bytes = line,
                                .bytes_count = sizeof line};
    for (unsigned i = 0; i < 200; i++) {
        cw_double_send(w->control, &m);
        run_ms(w, 10);
    }
    run_ms(w, 4000);
    assert_int_equal(cw_double_seen(w->control, CW_LINK_PARTICIPANT_DOWN), 1);
    assert_int_equal(cw_double_last(w->control, CW_LINK_PARTICIPANT_DOWN)->code, CW_CLOSE_TOO_SLOW);
    world_close(w);
}

static void a_drained_worker_takes_nothing_new(void **state)
{
    (void)state;
    struct world *w = world_open();
    struct cw_double_session *old = cw_double_session_add(w->control);
    struct cw_double_session *fresh = cw_double_session_add(w->control);
    uint32_t p[3];
    for (unsigned i = 0; i < 3; i++)
        p[i] = cw_double_participant_add(w->control, i < 2 ? old : fresh, CW_ROLE_REPRESENTATIVE,
                                         CW_PERMIT(VIEW_SCREEN));
    struct cw_ticket device =
        cw_double_standing_ticket(w->control, CW_TICKET_KIND_DEVICE, 77, 0, seed);
    struct guest *first = join(w, old, p[0]);
    struct guest *standing = stand(w, 0, &device, seed);
    drain(w, true);
    assert_int_equal(answered(w, WORKERS), CW_LINK_ANSWER_DONE);
    assert_true(is_open(first) && is_open(standing));

    assert_true(
        is_open(join(w, old, p[1]))); /* a session that is here goes on, with all who belong */
    struct guest *turned_away = join(w, fresh, p[2]);
    assert_closed(turned_away, CW_CLOSE_OVERLOADED);
    assert_memory_equal(turned_away->payload[CW_MESSAGE_CLOSE] + 2, cw_operate_drain_text, 40);
    device.participant = 78;
    struct cw_ticket other =
        cw_double_standing_ticket(w->control, CW_TICKET_KIND_DEVICE, 78, 0, seed);
    assert_closed(stand(w, 0, &other, seed), CW_CLOSE_OVERLOADED);
    struct cw_hello key = {
        .kind = CW_HELLO_SESSION_KEY, .body = (const uint8_t *)"{}", .body_bytes = 2};
    struct guest *asking = guest_new(w, 0, NULL, &key, seed);
    run_ms(w, 200);
    assert_closed(asking, CW_CLOSE_OVERLOADED);
    assert_int_equal(cw_double_refusals(w->control), 0);

    drain(w, false);
    assert_true(is_open(join(w, fresh, p[2])));
    assert_true(is_open(stand(w, 0, &other, seed)));
    world_close(w);
}

/* Steps until the worker has stopped, or for that long. */
static bool stops_within(struct world *w, unsigned worker, uint64_t ms)
{
    for (uint64_t at = 0; at < ms; at += 10) {
        if (!cw_worker_step(w->workers[worker], 0))
            return true;
        run_ms(w, 10);
    }
    return false;
}

static void who_is_replaced_tells_control_everything_and_sends_all_away(void **state)
{
    (void)state;
    struct world *w = world_open();
    struct cw_double_session *s = cw_double_session_add(w->control);
    uint32_t p = cw_double_participant_add(w->control, s, CW_ROLE_REPRESENTATIVE,
                                           CW_PERMIT(VIEW_SCREEN) | CW_PERMIT(CHAT));
    struct guest *g = join(w, s, p);
    assert_true(is_open(g));
    static const uint8_t say[] = {7, 0, 0, 0, 'h', 'i'};
    guest_send(g, CW_MESSAGE_CHAT_SAY, CW_FLAG_FIRST | CW_FLAG_LAST, s->number, say, sizeof say);
    run_ms(w, 5);
    unsigned owner = s->number % WORKERS;
    for (unsigned i = 0; i < WORKERS; i++)
        cw_worker_restart(w->workers[i]);
    run_ms(w, 100);
    assert_closed(g, CW_CLOSE_RESTARTING);
    assert_int_equal(s->line_count, 1); /* said just before, and not lost */
    assert_int_equal(cw_double_seen(w->control, CW_LINK_PARTICIPANT_DOWN), 1);
    assert_int_equal(cw_double_seen(w->control, CW_LINK_SESSION_OVER), 0);
    assert_true(cw_worker_is_quiet(w->workers[owner]));
    assert_false(cw_worker_is_accepting(w->workers[owner]));
    for (unsigned i = 0; i < WORKERS; i++)
        assert_true(stops_within(w, i, 2000));
    world_close(w);
}

/* Who is sent away by one worker must not come to another that is about to go. */
static void a_worker_that_holds_keeps_who_is_here_and_takes_nobody(void **state)
{
    (void)state;
    struct world *w = world_open();
    struct cw_double_session *s = cw_double_session_add(w->control);
    uint32_t p = cw_double_participant_add(w->control, s, CW_ROLE_REPRESENTATIVE,
                                           CW_PERMIT(VIEW_SCREEN) | CW_PERMIT(CHAT));
    struct guest *g = join(w, s, p);
    assert_true(is_open(g));
    for (unsigned i = 0; i < WORKERS; i++)
        cw_worker_hold(w->workers[i]);
    run_ms(w, 50);
    for (unsigned i = 0; i < WORKERS; i++) {
        assert_false(cw_worker_is_accepting(w->workers[i]));
        assert_false(cw_worker_is_quiet(w->workers[i]));
    }
    assert_true(is_open(g));
    for (unsigned i = 0; i < WORKERS; i++)
        cw_worker_restart(w->workers[i]);
    run_ms(w, 100);
    assert_closed(g, CW_CLOSE_RESTARTING);
    for (unsigned i = 0; i < WORKERS; i++)
        assert_true(stops_within(w, i, 2000));
    world_close(w);
}

/* Control's link comes after the order to make way. */
static void a_worker_that_holds_does_not_begin_to_accept(void **state)
{
    (void)state;
    struct world *w = world_open_waiting(true);
    cw_worker_hold(w->workers[0]);
    run_ms(w, 1500);
    assert_false(cw_worker_is_accepting(w->workers[0]));
    assert_true(cw_worker_is_accepting(w->workers[1]));
    cw_double_set_away(w->control, false);
    world_close(w);
}

static void a_worker_may_wait_for_control_before_it_accepts(void **state)
{
    (void)state;
    for (unsigned is_there = 0; is_there < 2; is_there++) {
        struct world *w = world_open_waiting(is_there == 0);
        assert_false(cw_worker_is_accepting(w->workers[0]));
        run_ms(w, 900);
        assert_int_equal(cw_worker_is_accepting(w->workers[0]), is_there);
        run_ms(w, 200);
        assert_true(cw_worker_is_accepting(w->workers[0]));
        cw_double_set_away(w->control, false);
        world_close(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_reach_every_worker),
        cmocka_unit_test(a_lower_stall_time_ends_who_takes_nothing),
        cmocka_unit_test(a_drained_worker_takes_nothing_new),
        cmocka_unit_test(who_is_replaced_tells_control_everything_and_sends_all_away),
        cmocka_unit_test(a_worker_that_holds_keeps_who_is_here_and_takes_nobody),
        cmocka_unit_test(a_worker_that_holds_does_not_begin_to_accept),
        cmocka_unit_test(a_worker_may_wait_for_control_before_it_accepts),
    };
    return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
