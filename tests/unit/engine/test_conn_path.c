/* SPDX-License-Identifier: Apache-2.0 */
/* The way of a byte through a connection: adopted or copied, coalesced, sealed late, sent in parts; and what an idle
 * connection holds. The workers' counters tell which way it went. */
#include "tests/unit/engine/connection_world.h"

enum { WHOLE = CW_FLAG_FIRST | CW_FLAG_LAST, PART = CW_FRAME_PAYLOAD_BYTES_MAX };

static const uint8_t seed_a[CW_KEY_BYTES] = {1};
static const uint64_t viewer = CW_PERMIT(VIEW_SCREEN) | CW_PERMIT(CONTROL_INPUT) | CW_PERMIT(CHAT);

/* A session with its source and one viewer, both there. */
struct pair {
    struct world *w;
    const struct cw_double_session *s;
    struct guest *source;
    struct guest *viewer;
    struct cw_worker *owner;
};

static struct guest *join_as(struct world *w, const struct cw_double_session *s,
                             uint32_t participant, int worker, bool is_websocket)
{
    struct cw_ticket t = cw_double_ticket(w->control, s, participant, CW_TICKET_KIND_JOIN);
    struct cw_hello hello = {.kind = CW_HELLO_TICKET, .ticket = t};
    struct guest *g = calloc(1, sizeof *g);
    assert_non_null(g);
    g->end = cw_endpoint_new_from(w->net, worker, NULL, is_websocket, &hello,
                                  s->participants[participant - 1].seed, on_guest_frame, g);
    w->guests[w->guest_count++] = g;
    return g;
}

static struct pair pair_open(bool is_websocket)
{
    struct pair p = {.w = world_open()};
    struct cw_double_session *s = cw_double_session_add(p.w->control);
    (void)cw_double_participant_add(p.w->control, s, CW_ROLE_CUSTOMER,
                                    CW_PERMIT(SOURCE_SCREEN) | CW_PERMIT(CHAT));
    (void)cw_double_participant_add(p.w->control, s, CW_ROLE_REPRESENTATIVE, viewer);
    p.s = s;
    p.owner = p.w->workers[s->number % WORKERS];
    p.source = join_as(p.w, s, 1, CW_NET_ANY_WORKER, is_websocket);
    p.viewer = join_as(p.w, s, 2, CW_NET_ANY_WORKER, is_websocket);
    run_ms(p.w, 500);
    assert_true(is_open(p.source) && is_open(p.viewer));
    return p;
}

static void point(struct pair *p, uint16_t x)
{
    struct cw_pointer at = {.x_px = x, .y_px = 7};
    uint8_t payload[16];
    size_t size = 0;
    assert_int_equal(cw_pointer_encode(&at, payload, sizeof payload, &size), CW_OK);
    guest_send(p->viewer, CW_MESSAGE_POINTER, WHOLE, p->s->number, payload, size);
}

/* The viewer is in sync after it. */
static void show(struct pair *p)
{
    uint8_t bytes[64];
    size_t size = 0;
    struct cw_screen_reset reset = {
        .width_px = 64, .height_px = 48, .desktop_width_px = 64, .desktop_height_px = 48};
    assert_int_equal(cw_screen_reset_encode(&reset, bytes, sizeof bytes, &size), CW_OK);
    guest_send(p->source, CW_MESSAGE_SCREEN_RESET, WHOLE, p->s->number, bytes, size);
    guest_send(p->source, CW_MESSAGE_SCREEN_UPDATE, WHOLE | CW_FLAG_KEYFRAME, p->s->number, bytes,
               sizeof bytes);
    run_ms(p->w, 200);
    assert_int_equal(p->viewer->seen[CW_MESSAGE_SCREEN_UPDATE], 1);
}

/* Frames [from, to) of a message of count full frames. */
static void update(struct pair *p, unsigned from, unsigned to, unsigned count)
{
    static uint8_t bytes[PART];
    for (unsigned i = from; i < to; i++) {
        memset(bytes, (int)i, sizeof bytes);
        guest_send(p->source, CW_MESSAGE_SCREEN_UPDATE,
                   (uint8_t)((i == 0 ? CW_FLAG_FIRST : 0) | (i + 1 == count ? CW_FLAG_LAST : 0)),
                   p->s->number, bytes, sizeof bytes);
    }
}

/* ---- receiving ------------------------------------------------------------------------------------- */

/* A record that is one frame becomes it, on a WebSocket too; it arrives as it was sent. A full frame and its
 * WebSocket header are two records, so it is copied. */
static void a_record_of_one_frame_is_adopted(void **state)
{
    (void)state;
    for (int is_websocket = 0; is_websocket < 2; is_websocket++) {
        struct pair p = pair_open(is_websocket != 0);
        show(&p);
        struct cw_counters before = p.owner->counters;
        for (uint16_t i = 0; i < 20; i++) {
            point(&p, i);
            update(&p, 0, 1, 1);
            run_ms(p.w, 20);
        }
        assert_int_equal(p.source->seen[CW_MESSAGE_POINTER], 20);
        assert_int_equal(p.viewer->seen[CW_MESSAGE_SCREEN_UPDATE], 21);
        assert_int_equal(p.viewer->last[CW_MESSAGE_SCREEN_UPDATE].length, PART);
        assert_int_equal(p.source->payload[CW_MESSAGE_POINTER][0], 19);
        uint64_t adopted = p.owner->counters.frames_adopted - before.frames_adopted;
        assert_in_range(adopted, is_websocket ? 20 : 40, is_websocket ? 20 : 40);
        assert_int_equal(p.owner->counters.frames_received - before.frames_received, 40);
        world_close(p.w);
    }
}

/* What follows the HELLO in its record is not lost on the way to the owner; nor what comes in the next ones. */
static void what_follows_the_hello_moves_along(void **state)
{
    (void)state;
    for (int is_websocket = 0; is_websocket < 2; is_websocket++) {
        struct world *w = world_open();
        struct cw_double_session *s = cw_double_session_add(w->control);
        (void)cw_double_participant_add(w->control, s, CW_ROLE_REPRESENTATIVE, viewer);
        struct cw_worker *other = w->workers[(s->number + 1) % WORKERS];
        struct guest *g = join_as(w, s, 1, (int)((s->number + 1) % WORKERS), is_websocket != 0);
        cw_endpoint_cork(g->end, true);
        run_ms(w, 200);
        assert_false(is_open(g));
        uint64_t number = 77;
        guest_send(g, CW_MESSAGE_PING, WHOLE, s->number, &number, sizeof number);
        cw_endpoint_cork(g->end, false);
        guest_send(g, CW_MESSAGE_PING, WHOLE, s->number, &number, sizeof number);
        run_ms(w, 200);
        assert_int_equal(other->counters.handovers, 1);
        assert_true(is_open(g));
        assert_int_equal(g->seen[CW_MESSAGE_PONG], 2);
        world_close(w);
    }
}

/* ---- sending --------------------------------------------------------------------------------------- */

/* Many small frames that wait are one record and one send. */
static void small_frames_are_coalesced(void **state)
{
    (void)state;
    struct pair p = pair_open(false);
    enum { POINTS = 200 };
    cw_endpoint_cork(p.viewer->end, true);
    for (uint16_t i = 0; i < POINTS; i++)
        point(&p, i);
    struct cw_counters before = p.owner->counters;
    cw_endpoint_cork(p.viewer->end, false);
    run_ms(p.w, 100);
    const struct cw_counters *after = &p.owner->counters;
    assert_int_equal(p.source->seen[CW_MESSAGE_POINTER], POINTS);
    assert_int_equal(p.source->payload[CW_MESSAGE_POINTER][0], POINTS - 1);
    assert_int_equal(after->records_opened - before.records_opened, 1);
    assert_int_equal(after->frames_sent - before.frames_sent, POINTS);
    assert_int_equal(after->records_sealed - before.records_sealed, 1);
    assert_int_equal(after->sends - before.sends, 1);
    world_close(p.w);
}

/* A little at a time: each guest reads once. */
static void nudge(struct world *w)
{
    for (unsigned i = 0; i < WORKERS; i++)
        (void)cw_worker_step(w->workers[i], 0);
    for (unsigned i = 0; i < w->guest_count; i++)
        (void)cw_endpoint_step(w->guests[i]->end);
    (void)cw_net_step(w->net, cw_net_now_ns(w->net) + MS / 20);
}

/* A peer that takes no bytes and then all: what was taken in part goes on where it stopped, and a PONG has
 * overtaken most of the screen. */
static void control_overtakes_bulk(void **state)
{
    (void)state;
    enum { FRAMES = 100, UNDER_WAY = (256 + 64) * 1024 / PART + 2 };
    struct pair p = pair_open(false);
    show(&p);
    cw_net_end_stall(cw_endpoint_net(p.viewer->end), true);
    for (unsigned i = 0; i < FRAMES; i += 10) {
        update(&p, i, i + 10, FRAMES);
        run_ms(p.w, 100);
    }
    uint64_t number = 77;
    guest_send(p.viewer, CW_MESSAGE_PING, WHOLE, p.s->number, &number, sizeof number);
    run_ms(p.w, 500);
    assert_int_equal(p.viewer->seen[CW_MESSAGE_SCREEN_UPDATE], 1);
    cw_net_end_stall(cw_endpoint_net(p.viewer->end), false);
    for (unsigned i = 0; i < 100000 && p.viewer->seen[CW_MESSAGE_PONG] == 0; i++)
        nudge(p.w);
    assert_int_equal(p.viewer->seen[CW_MESSAGE_PONG], 1);
    assert_in_range(p.viewer->seen[CW_MESSAGE_SCREEN_UPDATE], 2, 1 + UNDER_WAY);
    run_ms(p.w, 1000);
    assert_int_equal(p.viewer->seen[CW_MESSAGE_SCREEN_UPDATE], 1 + FRAMES);
    assert_int_equal(p.viewer->payload[CW_MESSAGE_SCREEN_UPDATE][0], FRAMES - 1);
    world_close(p.w);
}

/* How many sends it takes to bring eight full frames of screen to the viewer. */
static uint64_t sends_for_bulk(struct pair *p)
{
    struct cw_session *s = cw_session_find(p->owner, p->s->number);
    struct cw_conn *c = cw_session_participant(s, 2)->conn;
    struct cw_frame frame = {.type = CW_MESSAGE_SCREEN_UPDATE,
                             .channel = CW_CHANNEL_SCREEN,
                             .flags = WHOLE,
                             .session = p->s->number,
                             .length = PART};
    uint64_t before = p->owner->counters.sends;
    for (unsigned i = 0; i < 8; i++) {
        struct cw_frame_buffer *f = cw_frame_new(&p->owner->frames, &frame);
        assert_non_null(f);
        memset(cw_frame_payload(f), 0, PART);
        cw_conn_send(p->owner, c, f);
        cw_frame_unref(&p->owner->frames, f);
    }
    run_ms(p->w, 200);
    return p->owner->counters.sends - before;
}

/* Where keys have come lately, no more than one record is committed ahead of the next one. */
static void keys_make_batches_short(void **state)
{
    (void)state;
    struct pair p = pair_open(false);
    show(&p);
    assert_int_equal(sends_for_bulk(&p), 2);
    struct cw_session *s = cw_session_find(p.owner, p.s->number);
    struct cw_conn *c = cw_session_participant(s, 2)->conn;
    cw_conn_send_message(p.owner, c, CW_MESSAGE_RELEASE_ALL, NULL, 0);
    run_ms(p.w, 10);
    assert_int_equal(p.viewer->seen[CW_MESSAGE_RELEASE_ALL], 1);
    assert_int_equal(sends_for_bulk(&p), 8);
    run_ms(p.w, CW_RELAY_URGENT_MS);
    assert_int_equal(sends_for_bulk(&p), 2);
    assert_int_equal(p.viewer->seen[CW_MESSAGE_SCREEN_UPDATE], 1 + 24);
    world_close(p.w);
}

/* KeyUpdate from either side, in the middle of everything. */
static void keys_change_under_way(void **state)
{
    (void)state;
    struct pair p = pair_open(false);
    show(&p);
    cw_tls_worker_set_update_records(p.owner->tls, 8);
    struct cw_tls_worker_stats before;
    struct cw_tls_worker_stats after;
    cw_tls_worker_stats(p.owner->tls, &before);
    for (unsigned i = 0; i < 60; i++) {
        update(&p, i, i + 1, 60);
        point(&p, (uint16_t)i);
        if (i % 5 == 0) {
            cw_endpoint_update_keys(p.source->end);
            cw_endpoint_update_keys(p.viewer->end);
        }
        run_ms(p.w, 10);
    }
    run_ms(p.w, 200);
    cw_tls_worker_stats(p.owner->tls, &after);
    assert_int_equal(p.viewer->seen[CW_MESSAGE_SCREEN_UPDATE], 61);
    assert_int_equal(p.source->seen[CW_MESSAGE_POINTER], 60);
    assert_int_equal(after.key_updates - before.key_updates, 24);
    assert_true(after.own_key_updates - before.own_key_updates >= 4);
    world_close(p.w);
}

/* Nobody gets more than there is; who had none goes on when one comes back. */
static void outputs_that_run_out_are_waited_for(void **state)
{
    (void)state;
    struct pair p = pair_open(false);
    struct cw_pool *pools[] = {&p.owner->small_output_pool, &p.owner->large_output_pool};
    static void *taken[CW_RELAY_SMALL_OUTPUTS_MAX + CW_RELAY_LARGE_OUTPUTS_MAX];
    size_t counts[2] = {0};
    for (unsigned i = 0; i < 2; i++)
        while ((taken[i * CW_RELAY_SMALL_OUTPUTS_MAX + counts[i]] = cw_pool_take(pools[i])) != NULL)
            if (++counts[i] == pools[i]->count)
                break;
    point(&p, 1);
    run_ms(p.w, 100);
    assert_int_equal(p.source->seen[CW_MESSAGE_POINTER], 0);
    assert_true(p.owner->counters.outputs_starved > 0);
    for (unsigned i = 0; i < 2; i++)
        while (counts[i] > 0)
            cw_pool_give(pools[i], taken[i * CW_RELAY_SMALL_OUTPUTS_MAX + --counts[i]]);
    run_ms(p.w, 1000);
    assert_int_equal(p.source->seen[CW_MESSAGE_POINTER], 1);
    world_close(p.w);
}

/* Small frames hold more than their bytes, so their number has a limit too. */
static void too_many_small_frames_are_too_slow(void **state)
{
    (void)state;
    struct pair p = pair_open(false);
    cw_net_end_stall(cw_endpoint_net(p.viewer->end), true);
    uint64_t number = 0;
    for (; number < 40000 && cw_double_seen(p.w->control, CW_LINK_PARTICIPANT_DOWN) == 0;
         number++) {
        guest_send(p.viewer, CW_MESSAGE_PING, WHOLE, p.s->number, &number, sizeof number);
        if (number % 100 == 99)
            run_ms(p.w, 5);
    }
    /* 256 KB of records wait in the network, and 64 KB in the output. */
    assert_in_range(number, CW_RELAY_QUEUE_FRAMES_MAX, 4 * CW_RELAY_QUEUE_FRAMES_MAX);
    assert_int_equal(cw_double_last(p.w->control, CW_LINK_PARTICIPANT_DOWN)->code,
                     CW_CLOSE_TOO_SLOW);
    world_close(p.w);
}

/* A backend gives an index away as soon as it has reported a CLOSE, which the worker may not have looked at yet. */
static void an_index_may_have_two_owners_for_a_moment(void **state)
{
    (void)state;
    struct pair p = pair_open(false);
    struct cw_session *s = cw_session_find(p.owner, p.s->number);
    struct cw_conn *earlier = cw_session_participant(s, 1)->conn;
    struct cw_conn *later = cw_session_participant(s, 2)->conn;
    cw_socket was = later->socket;
    cw_conn_remove_socket(p.owner, was);
    later->socket = earlier->socket ^ 1U << CW_IO_INDEX_BITS; /* another generation */
    cw_conn_add_socket(p.owner, later->socket, later);
    assert_ptr_equal(cw_conn_of_socket(p.owner, earlier->socket), earlier);
    assert_ptr_equal(cw_conn_of_socket(p.owner, later->socket), later);
    assert_null(cw_conn_of_socket(p.owner, earlier->socket ^ 2U << CW_IO_INDEX_BITS));
    cw_conn_remove_socket(p.owner, earlier->socket);
    assert_null(cw_conn_of_socket(p.owner, earlier->socket));
    assert_ptr_equal(cw_conn_of_socket(p.owner, later->socket), later);
    cw_conn_remove_socket(p.owner, later->socket);
    later->socket = was;
    cw_conn_add_socket(p.owner, earlier->socket, earlier);
    cw_conn_add_socket(p.owner, later->socket, later);
    assert_int_equal(p.owner->displaced.used, 0);
    world_close(p.w);
}

/* ---- resting --------------------------------------------------------------------------------------- */

static void a_connection_at_rest_is_small(void **state)
{
    (void)state;
    assert_true(sizeof(struct cw_conn) <= 208);
    struct pair p = pair_open(true);
    struct cw_ticket t = cw_double_standing_ticket(p.w->control, CW_TICKET_KIND_DEVICE, 78,
                                                   CW_PERMIT(STATISTICS), seed_a);
    struct guest *device = stand(p.w, 0, &t, seed_a);
    show(&p);
    for (uint16_t i = 0; i < 10; i++)
        point(&p, i);
    run_ms(p.w, 50000); /* heartbeats too */
    assert_true(is_open(device) && is_open(p.viewer) && is_open(p.source));
    assert_true(device->seen[CW_MESSAGE_PING] >= 2);
    for (unsigned i = 0; i < WORKERS; i++) {
        struct cw_worker *w = p.w->workers[i];
        struct cw_tls_worker_stats tls;
        cw_tls_worker_stats(w->tls, &tls);
        assert_int_equal(w->arrival_pool.used + w->chunk_pool.used + w->input_pool.used, 0);
        assert_int_equal(w->queue_pool.used + w->entry_pool.used, 0);
        assert_int_equal(w->small_output_pool.used + w->large_output_pool.used, 0);
        assert_int_equal(tls.handshakes + tls.buffers, 0);
        assert_int_equal(tls.connections, w->conn_pool.used);
    }
    world_close(p.w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_of_one_frame_is_adopted),
        cmocka_unit_test(what_follows_the_hello_moves_along),
        cmocka_unit_test(small_frames_are_coalesced),
        cmocka_unit_test(control_overtakes_bulk),
        cmocka_unit_test(keys_make_batches_short),
        cmocka_unit_test(keys_change_under_way),
        cmocka_unit_test(outputs_that_run_out_are_waited_for),
        cmocka_unit_test(too_many_small_frames_are_too_slow),
        cmocka_unit_test(an_index_may_have_two_owners_for_a_moment),
        cmocka_unit_test(a_connection_at_rest_is_small),
    };
    return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
