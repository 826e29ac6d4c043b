/* SPDX-License-Identifier: Apache-2.0 */
/* Who may begin: limits at accept, hellos a second, budgets that workers share, handshakes that wait their turn. */
#include "tests/unit/engine/connection_world.h"

static const uint8_t seed[CW_KEY_BYTES] = {1};
static const uint8_t near[CW_ADDRESS_BYTES] = {[10] = 0xFF, [11] = 0xFF, [12] = 203, [15] = 9};
static const uint8_t far_away[CW_ADDRESS_BYTES] = {[10] = 0xFF, [11] = 0xFF, [12] = 203, [15] = 10};

static void a_rate_has_a_burst_and_a_pace(void **state)
{
    (void)state;
    struct cw_rate r = {0};
    const uint64_t second_ns = 1000 * MS;
    unsigned taken = 0;
    while (cw_rate_take(&r, 100, second_ns))
        taken++;
    assert_int_equal(taken, 25);
    assert_false(cw_rate_take(&r, 100, second_ns + 9 * MS));
    assert_true(cw_rate_take(&r, 100, second_ns + 10 * MS));
    for (uint64_t ms = 0; ms < 10000; ms++)
        taken += cw_rate_take(&r, 100, 2 * second_ns + ms * MS);
    assert_in_range(taken, 1020, 1055);
    struct cw_rate one = {0};
    assert_true(cw_rate_take(&one, 1, second_ns)); /* however slow, one at a time is taken */
    assert_false(cw_rate_take(&one, 1, second_ns + 100 * MS));
}

/* Says nothing after connecting: a stranger who holds a place. */
static struct guest *stranger(struct world *w, const uint8_t *address)
{
    const struct cw_hello hello = {
        .kind = CW_HELLO_SESSION_KEY, .body = (const uint8_t *)"{}", .body_bytes = 2};
    struct guest *g = guest_new(w, 0, address, &hello, seed);
    g->is_silent = true;
    run_ms(w, 5);
    return g;
}

static uint64_t refused(struct world *w, unsigned reason)
{
    return w->workers[0]->counters.refused[reason];
}

static void strangers_have_limits_alone_and_together(void **state)
{
    (void)state;
    struct world *w = world_open();
    w->workers[0]->settings.unauthenticated_per_source = 3;
    w->workers[0]->settings.unauthenticated = 5;
    struct guest *first = stranger(w, near);
    for (unsigned i = 0; i < 4; i++)
        (void)stranger(w, near);
    assert_int_equal(refused(w, CW_REFUSAL_SOURCE), 2);
    assert_int_equal(w->workers[0]->gate.unauthenticated, 3);
    for (unsigned i = 0; i < 3; i++)
        (void)stranger(w, far_away);
    assert_int_equal(refused(w, CW_REFUSAL_SOURCE), 2);
    assert_int_equal(refused(w, CW_REFUSAL_UNAUTHENTICATED), 1);
    /* A place that is free again is taken again. */
    guest_go(w, first);
    run_ms(w, 50);
    assert_int_equal(w->workers[0]->gate.unauthenticated, 4);
    (void)stranger(w, near);
    assert_int_equal(w->workers[0]->gate.unauthenticated, 5);
    run_ms(w, 11000); /* who says nothing goes by itself */
    assert_int_equal(w->workers[0]->gate.unauthenticated, 0);
    assert_int_equal(w->workers[0]->gate.handshakes, 0);
    assert_int_equal(w->workers[0]->counters.handshakes_failed[CW_HANDSHAKE_TIMED_OUT], 5);
    world_close(w);
}

static void limits_on_handshakes_and_connections(void **state)
{
    (void)state;
    struct world *w = world_open();
    w->workers[0]->settings.handshakes = 2;
    for (unsigned i = 0; i < 3; i++)
        (void)stranger(w, NULL);
    assert_int_equal(refused(w, CW_REFUSAL_HANDSHAKES), 1);
    w->workers[0]->settings.handshakes = 100;
    w->workers[0]->settings.connections = 3;
    for (unsigned i = 0; i < 3; i++)
        (void)stranger(w, NULL);
    assert_int_equal(refused(w, CW_REFUSAL_CONNECTIONS), 2);
    w->workers[0]->settings.connections = 0;
    w->workers[0]->settings.handshakes_per_s = 4; /* one at once */
    for (unsigned i = 0; i < 3; i++)
        (void)stranger(w, NULL);
    assert_int_equal(refused(w, CW_REFUSAL_RATE), 2);
    world_close(w);
}

static void a_busy_worker_takes_nobody_new(void **state)
{
    (void)state;
    struct world *w = world_open();
    struct cw_worker *worker = w->workers[0];
    for (unsigned i = 0; i < 50; i++)
        cw_gate_on_step(worker, 50 * MS);
    assert_false(cw_gate_admits(worker, near, false));
    assert_int_equal(refused(w, CW_REFUSAL_BUSY), 1);
    worker->settings.busy_step_us = 0;
    assert_true(cw_gate_admits(worker, near, false));
    worker->settings.busy_step_us = 20000;
    for (unsigned i = 0; i < 50; i++)
        cw_gate_on_step(worker, MS);
    assert_true(cw_gate_admits(worker, near, false));
    world_close(w);
}

/* Whoever shares the machine with us may take the processor away for longer than any step takes. */
static void steps_that_were_interrupted_turn_nobody_away(void **state)
{
    (void)state;
    struct world *w = world_open();
    struct cw_worker *worker = w->workers[0];
    for (unsigned i = 0; i < 100; i++) {
        cw_gate_on_step(worker, i % 4 == 0 ? 1000 * MS : MS / 100);
        assert_true(cw_gate_admits(worker, near, false));
    }
    for (unsigned i = 0; i < 8; i++)
        cw_gate_on_step(worker, 1000 * MS);
    assert_false(cw_gate_admits(worker, near, false));
    world_close(w);
}

static void hellos_have_a_pace(void **state)
{
    (void)state;
    struct world *w = world_open();
    for (unsigned i = 0; i < WORKERS; i++)
        w->workers[i]->settings.hellos_per_s = 4;
    struct cw_ticket t = cw_double_standing_ticket(w->control, CW_TICKET_KIND_DEVICE, 70, 0, seed);
    struct cw_ticket u = cw_double_standing_ticket(w->control, CW_TICKET_KIND_DEVICE, 72, 0, seed);
    struct cw_hello hello = {.kind = CW_HELLO_DEVICE, .ticket = t};
    struct cw_hello other = {.kind = CW_HELLO_DEVICE, .ticket = u};
    struct guest *first = guest_new(w, 0, NULL, &hello, seed);
    struct guest *second = guest_new(w, 0, NULL, &other, seed);
    run_ms(w, 100);
    assert_true(is_open(first) != is_open(second));
    assert_closed(is_open(first) ? second : first, CW_CLOSE_OVERLOADED);
    assert_int_equal(w->workers[0]->counters.turned_away[CW_AWAY_RATE], 1);
    run_ms(w, 500);
    assert_true(is_open(stand(w, 0, is_open(first) ? &u : &t, seed)));
    world_close(w);
}

/* More workers are not more tries: the second goes on where the first has stopped counting. */
static void budgets_are_shared_by_workers(void **state)
{
    (void)state;
    struct world *w = world_open();
    struct cw_penalties *own = w->workers[1]->penalties;
    w->workers[1]->penalties = w->workers[0]->penalties;
    unsigned tries = 0;
    while (cw_gate_may(w->workers[tries % WORKERS], near, CW_PENALTY_REQUEST) && tries < 1000)
        cw_gate_fail(w->workers[tries++ % WORKERS], near, CW_PENALTY_REQUEST);
    assert_int_equal(tries, 20);
    assert_true(cw_gate_may(w->workers[1], far_away, CW_PENALTY_REQUEST));
    w->workers[1]->penalties = own;
    world_close(w);
}

static void handshakes_wait_their_turn_and_all_finish(void **state)
{
    (void)state;
    enum { CROWD = 40 };
    struct world *w = world_open();
    struct guest *g[CROWD];
    for (uint32_t i = 0; i < CROWD; i++) {
        struct cw_ticket t =
            cw_double_standing_ticket(w->control, CW_TICKET_KIND_DEVICE, 100 + 2 * i, 0, seed);
        struct cw_hello hello = {.kind = CW_HELLO_DEVICE, .ticket = t};
        g[i] = guest_new(w, 0, NULL, &hello, seed);
    }
    run_ms(w, 500);
    for (unsigned i = 0; i < CROWD; i++)
        assert_true(is_open(g[i]));
    assert_true(w->workers[0]->counters.handshakes_deferred > 0);
    uint64_t counted = 0;
    for (unsigned i = 0; i < CW_LATENCY_BUCKETS; i++)
        counted += w->workers[0]->counters.handshake.buckets[i];
    assert_int_equal(counted, CROWD);
    world_close(w);
}

/* As run_ms; the most that newcomers got of the second worker in one of its steps. */
static uint64_t most_in_a_step(struct world *w, uint64_t ms)
{
    uint64_t until_ns = cw_net_now_ns(w->net) + ms * MS;
    uint64_t most = 0;
    const struct cw_worker *second = w->workers[1];
    do {
        for (unsigned i = 0; i < WORKERS; i++) {
            uint64_t before = second->counters.handshakes + second->devices.used;
            (void)cw_worker_step(w->workers[i], until_ns);
            uint64_t got = second->counters.handshakes + second->devices.used - before;
            most = got > most ? got : most;
        }
        (void)cw_double_step(w->control);
        for (unsigned i = 0; i < w->guest_count; i++)
            while (cw_endpoint_step(w->guests[i]->end))
                continue;
    } while (cw_net_step(w->net, until_ns) < until_ns);
    return most;
}

/* A handshake's end and the HELLO that comes with it are two steps, and between any two the rings are looked at. */
static void where_sessions_live_one_newcomer_goes_on_a_step(void **state)
{
    (void)state;
    enum { CROWD = 30 };
    struct guest *g[CROWD];
    for (unsigned is_live = 0; is_live < 2; is_live++) {
        struct world *w = world_open();
        struct cw_double_session *s = cw_double_session_add(w->control);
        (void)cw_double_participant_add(w->control, s, CW_ROLE_UNATTENDED,
                                        CW_PERMIT(SOURCE_SCREEN));
        if (is_live)
            assert_true(is_open(join(w, s, 1)));
        for (uint32_t i = 0; i < CROWD; i++) {
            struct cw_ticket t =
                cw_double_standing_ticket(w->control, CW_TICKET_KIND_DEVICE, 101 + 2 * i, 0, seed);
            struct cw_hello hello = {.kind = CW_HELLO_DEVICE, .ticket = t};
            g[i] = guest_new(w, 1, NULL, &hello, seed);
        }
        uint64_t most = most_in_a_step(w, 1500);
        assert_true(is_live ? most == 1 : most > 1);
        for (unsigned i = 0; i < CROWD; i++)
            assert_true(is_open(g[i]));
        world_close(w);
    }
}

/* The time for a handshake is the client's: what it waits for our turn is none of it. */
static void who_waits_for_its_turn_is_not_late(void **state)
{
    (void)state;
    struct world *w = world_open();
    struct cw_double_session *s = cw_double_session_add(w->control);
    (void)cw_double_participant_add(w->control, s, CW_ROLE_UNATTENDED, CW_PERMIT(SOURCE_SCREEN));
    assert_true(is_open(join(w, s, 1)));
    struct cw_worker *worker = w->workers[s->number % WORKERS];
    struct cw_ticket t = cw_double_standing_ticket(w->control, CW_TICKET_KIND_DEVICE, 101, 0, seed);
    struct cw_hello hello = {.kind = CW_HELLO_DEVICE, .ticket = t};
    worker->gate.rest_until_ns = cw_net_now_ns(w->net) + 25 * UINT64_C(1000) * MS;
    struct guest *g = guest_new(w, (int)(s->number % WORKERS), NULL, &hello, seed);
    run_ms(w, (2 * CW_TIME_HANDSHAKE_S_MAX + 2) * 1000);
    assert_true(cw_gate_has_waiting(worker));
    assert_false(is_open(g));
    run_ms(w, 5000);
    assert_true(is_open(g));
    assert_int_equal(worker->counters.handshakes_failed[CW_HANDSHAKE_TIMED_OUT], 0);
    world_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rate_has_a_burst_and_a_pace),
        cmocka_unit_test(strangers_have_limits_alone_and_together),
        cmocka_unit_test(limits_on_handshakes_and_connections),
        cmocka_unit_test(a_busy_worker_takes_nobody_new),
        cmocka_unit_test(steps_that_were_interrupted_turn_nobody_away),
        cmocka_unit_test(hellos_have_a_pace),
        cmocka_unit_test(budgets_are_shared_by_workers),
        cmocka_unit_test(handshakes_wait_their_turn_and_all_finish),
        cmocka_unit_test(where_sessions_live_one_newcomer_goes_on_a_step),
        cmocka_unit_test(who_waits_for_its_turn_is_not_late),
    };
    return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
