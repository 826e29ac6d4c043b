/* SPDX-License-Identifier: Apache-2.0 */
/* Connections one by one, through real workers: who is let in, kept, told and closed, and when. */
#include "tests/unit/engine/connection_world.h"

enum { WHOLE = CW_FLAG_FIRST | CW_FLAG_LAST };

static const uint8_t seed_a[CW_KEY_BYTES] = {1};
static const uint8_t seed_b[CW_KEY_BYTES] = {2};
static const uint64_t viewer = CW_PERMIT(VIEW_SCREEN) | CW_PERMIT(CONTROL_INPUT) | CW_PERMIT(CHAT);

static void drop(struct world *w, uint16_t type, uint32_t number, uint16_t code)
{
    struct cw_link_message m = {.type = type, .participant = number, .code = code};
    cw_double_send(w->control, &m);
    run_ms(w, 200);
}

/* ---- devices and consoles ------------------------------------------------------------------------- */

static void a_device_is_found_replaced_and_dropped(void **state)
{
    (void)state;
    struct world *w = world_open();
    struct cw_ticket t = cw_double_standing_ticket(w->control, CW_TICKET_KIND_DEVICE, 77,
                                                   CW_PERMIT(STATISTICS), seed_a);
    struct guest *first = stand(w, 0, &t, seed_a);
    assert_true(is_open(first));
    assert_int_equal(cw_double_seen(w->control, CW_LINK_DEVICE_UP), 1);
    assert_int_equal(cw_double_last(w->control, CW_LINK_DEVICE_UP)->participant, 77);

    guest_send(first, CW_MESSAGE_STATISTICS, WHOLE, 0, "{}", 2);
    uint8_t ticket[CW_TICKET_BYTES] = {0};
    struct cw_session_offer offer = {
        .session = 5, .ticket = ticket, .name = "Kim", .name_bytes = 3};
    uint8_t bytes[256];
    size_t size = 0;
    assert_int_equal(cw_session_offer_encode(&offer, bytes, sizeof bytes, &size), CW_OK);
    struct cw_link_message m = {.type = CW_LINK_SEND_DEVICE,
                                .participant = 77,
                                .message = CW_MESSAGE_SESSION_OFFER,
                                .bytes = bytes,
                                .bytes_count = size};
    cw_double_send(w->control, &m);
    run_ms(w, 200);
    assert_int_equal(first->seen[CW_MESSAGE_SESSION_OFFER], 1);
    assert_int_equal(cw_double_last(w->control, CW_LINK_COPY)->message, CW_MESSAGE_STATISTICS);

    /* From elsewhere, by the other worker: a device ticket is good many times, the older one goes. */
    struct guest *second = stand(w, 1, &t, seed_a);
    assert_true(is_open(second));
    assert_closed(first, CW_CLOSE_REPLACED);
    assert_int_equal(cw_double_seen(w->control, CW_LINK_DEVICE_DOWN), 1);
    cw_double_send(w->control, &m);
    run_ms(w, 200);
    assert_int_equal(second->seen[CW_MESSAGE_SESSION_OFFER], 1);

    drop(w, CW_LINK_DROP_DEVICE, 78, CW_CLOSE_REMOVED);
    assert_true(is_open(second));
    drop(w, CW_LINK_DROP_DEVICE, 77, CW_CLOSE_REMOVED);
    assert_closed(second, CW_CLOSE_REMOVED);
    assert_int_equal(cw_double_seen(w->control, CW_LINK_DEVICE_DOWN), 2);

    struct cw_hello wrong = {.kind = CW_HELLO_TICKET, .ticket = t}; /* not as DEVICE */
    struct guest *third = guest_new(w, 0, NULL, &wrong, seed_a);
    struct guest *thief = stand(w, 0, &t, seed_b);
    run_ms(w, 200);
    assert_closed(third, CW_CLOSE_MALFORMED);
    assert_closed(thief, CW_CLOSE_PROOF_WRONG);
    world_close(w);
}

static void send_event(struct world *w, uint32_t account)
{
    struct cw_link_message m = {.type = CW_LINK_SEND_CONSOLE,
                                .participant = account,
                                .message = CW_MESSAGE_EVENT,
                                .bytes = (const uint8_t *)"{}",
                                .bytes_count = 2};
    cw_double_send(w->control, &m);
    run_ms(w, 200);
}

static void consoles_hear_what_is_theirs_and_are_signed_out(void **state)
{
    (void)state;
    struct world *w = world_open();
    struct cw_ticket t[3];
    struct guest *g[3];
    for (unsigned i = 0; i < 3; i++) {
        t[i] = cw_double_standing_ticket(w->control, CW_TICKET_KIND_CONSOLE, i < 2 ? 10 : 11,
                                         i != 1 ? CW_PERMIT(EVENTS) : 0, seed_a);
        g[i] = stand(w, CW_NET_ANY_WORKER, &t[i], seed_a);
        assert_true(is_open(g[i]));
    }
    assert_int_equal(cw_double_seen(w->control, CW_LINK_CONSOLE_UP), 3);
    send_event(w, 10);
    send_event(w, 0);
    assert_int_equal(g[0]->seen[CW_MESSAGE_EVENT], 2);
    assert_int_equal(g[1]->seen[CW_MESSAGE_EVENT], 0); /* not permitted */
    assert_int_equal(g[2]->seen[CW_MESSAGE_EVENT], 1);
    drop(w, CW_LINK_DROP_CONSOLE, 10, CW_CLOSE_REMOVED);
    assert_closed(g[0], CW_CLOSE_REMOVED);
    assert_closed(g[1], CW_CLOSE_REMOVED);
    assert_true(is_open(g[2]));
    assert_int_equal(cw_double_seen(w->control, CW_LINK_CONSOLE_DOWN), 2);
    /* A console ticket is good once, whichever worker it is shown to. */
    for (int i = 0; i < WORKERS; i++)
        assert_closed(stand(w, i, &t[0], seed_a), CW_CLOSE_TICKET_USED);
    world_close(w);
}

/* ---- what control is asked ------------------------------------------------------------------------ */

static struct guest *ask(struct world *w, const uint8_t *address, uint8_t kind)
{
    struct cw_hello hello = {
        .kind = kind, .body = (const uint8_t *)"{\"key\":\"AB\"}", .body_bytes = 12};
    struct guest *g = guest_new(w, 0, address, &hello, NULL);
    run_ms(w, 100);
    return g;
}

static void reply(struct world *w, uint16_t code)
{
    struct cw_link_message m = {.type = CW_LINK_REPLY,
                                .request = cw_double_last(w->control, CW_LINK_REQUEST)->request,
                                .code = code,
                                .bytes = (const uint8_t *)"{\"a\":1}",
                                .bytes_count = 7};
    cw_double_send(w->control, &m);
    run_ms(w, 100);
}

static void control_answers_enrolments_and_session_keys(void **state)
{
    (void)state;
    struct world *w = world_open();
    const uint8_t kinds[] = {CW_HELLO_ENROLMENT, CW_HELLO_SESSION_KEY};
    for (unsigned i = 0; i < 2; i++) {
        struct guest *g = ask(w, NULL, kinds[i]);
        const struct cw_link_message *m = cw_double_last(w->control, CW_LINK_REQUEST);
        assert_int_equal(m->kind, kinds[i]);
        assert_int_equal(m->bytes_count, 12);
        assert_memory_equal(m->bytes, "{\"key\":\"AB\"}", 12);
        assert_int_equal(g->seen[CW_MESSAGE_HELLO_REPLY], 0);
        uint16_t code = i == 0 ? CW_CLOSE_OK : CW_CLOSE_SESSION_KEY_EXPIRED;
        reply(w, code);
        assert_int_equal(g->seen[CW_MESSAGE_HELLO_REPLY], 1);
        struct cw_hello_reply r;
        assert_int_equal(cw_hello_reply_decode(g->payload[CW_MESSAGE_HELLO_REPLY],
                                               g->last[CW_MESSAGE_HELLO_REPLY].length, &r),
                         CW_OK);
        assert_int_equal(r.code, code);
        assert_int_equal(r.body_bytes, 7);
        assert_closed(g, code);
        reply(w, code); /* once more: nobody is there */
    }
    world_close(w);
}

static void without_control_the_answer_is_unavailable(void **state)
{
    (void)state;
    struct world *w = world_open();
    struct guest *unanswered = ask(w, NULL, CW_HELLO_SESSION_KEY);
    run_ms(w, 9000);
    assert_int_equal(cw_endpoint_state(unanswered->end), CW_ENDPOINT_CONNECTING);
    struct guest *interrupted = ask(w, NULL, CW_HELLO_SESSION_KEY);
    run_ms(w, 1500);
    assert_closed(unanswered, CW_CLOSE_UNAVAILABLE);
    assert_int_equal(cw_endpoint_state(interrupted->end), CW_ENDPOINT_CONNECTING);
    cw_double_set_away(w->control, true);
    run_ms(w, 100);
    assert_closed(interrupted, CW_CLOSE_UNAVAILABLE);
    unsigned asked = cw_double_seen(w->control, CW_LINK_REQUEST);
    assert_closed(ask(w, NULL, CW_HELLO_ENROLMENT), CW_CLOSE_UNAVAILABLE);
    cw_double_set_away(w->control, false);
    run_ms(w, 5000);
    assert_int_equal(cw_double_seen(w->control, CW_LINK_REQUEST), asked);
    (void)ask(w, NULL, CW_HELLO_ENROLMENT);
    assert_int_equal(cw_double_seen(w->control, CW_LINK_REQUEST), asked + 1);
    reply(w, CW_CLOSE_OK);
    world_close(w);
}

/* How many of count attempts from the address control was asked about; all are answered with the code. */
static unsigned attempts(struct world *w, const uint8_t *address, unsigned count, uint16_t code)
{
    unsigned before = cw_double_seen(w->control, CW_LINK_REQUEST);
    for (unsigned i = 0; i < count; i++) {
        unsigned asked = cw_double_seen(w->control, CW_LINK_REQUEST);
        struct guest *g = ask(w, address, CW_HELLO_SESSION_KEY);
        if (cw_double_seen(w->control, CW_LINK_REQUEST) > asked)
            reply(w, code);
        else
            assert_closed(g, CW_CLOSE_TOO_MANY_TRIES);
        guest_go(w, g);
    }
    return cw_double_seen(w->control, CW_LINK_REQUEST) - before;
}

static void guessing_has_a_budget_a_source(void **state)
{
    (void)state;
    struct world *w = world_open();
    uint8_t v4[18] = {[10] = 0xFF, [11] = 0xFF, 0x20, 0x01, 0x0D, 0xB8};
    uint8_t v6[18] = {0x20, 0x01, 0x0D, 0xB8};
    uint8_t other[18] = {0x20, 0x01, 0x0D, 0xB8, [7] = 1};
    /* 20 at once, and one comes back each second: 200 ms an attempt. */
    unsigned asked = attempts(w, v4, 40, CW_CLOSE_SESSION_KEY_WRONG);
    assert_in_range(asked, 20, 28);
    /* The same four bytes at the start of an IPv6 address are somebody else; inside a /64 it is one. */
    assert_in_range(attempts(w, v6, 10, CW_CLOSE_SESSION_KEY_WRONG), 10, 10);
    v6[15] = 9;
    assert_in_range(attempts(w, v6, 30, CW_CLOSE_SESSION_KEY_WRONG), 10, 18);
    /* Who is right keeps the budget. */
    assert_int_equal(attempts(w, other, 40, CW_CLOSE_OK), 40);
    world_close(w);
}

static void refusals_are_written_down_within_a_budget(void **state)
{
    (void)state;
    struct world *w = world_open();
    const struct cw_double_session *s = cw_double_session_add(w->control);
    struct cw_ticket none = {.kind = CW_TICKET_KIND_JOIN,
                             .role = CW_ROLE_CUSTOMER,
                             .session = s->number,
                             .participant = 1};
    struct cw_hello hello = {.kind = CW_HELLO_DEVICE, .ticket = none}; /* does not fit */
    unsigned closed = 0;
    for (unsigned i = 0; i < 120; i++) {
        struct guest *g = guest_new(w, 0, NULL, &hello, seed_a);
        run_ms(w, 20);
        closed += cw_endpoint_close_code(g->end) >= 0;
        guest_go(w, g);
    }
    assert_int_equal(closed, 120);
    assert_in_range(cw_double_refusals(w->control), 60, 66);
    world_close(w);
}

/* ---- sessions -------------------------------------------------------------------------------------- */

static struct cw_double_session *session_of(struct world *w, unsigned viewers)
{
    struct cw_double_session *s = cw_double_session_add(w->control);
    (void)cw_double_participant_add(w->control, s, CW_ROLE_CUSTOMER,
                                    CW_PERMIT(SOURCE_SCREEN) | CW_PERMIT(CHAT));
    for (unsigned i = 0; i < viewers; i++)
        (void)cw_double_participant_add(w->control, s, CW_ROLE_REPRESENTATIVE, viewer);
    return s;
}

static void removed_and_denied_do_not_come_back(void **state)
{
    (void)state;
    struct world *w = world_open();
    const struct cw_double_session *s = session_of(w, 2);
    struct guest *a = join(w, s, 2);
    struct guest *b = join(w, s, 3);
    assert_true(is_open(a) && is_open(b));
    assert_int_equal(a->seen[CW_MESSAGE_RESUME_TICKET], 1);
    struct cw_ticket resume = cw_double_ticket(w->control, s, 2, CW_TICKET_KIND_RESUME);
    struct cw_ticket other = cw_double_ticket(w->control, s, 2, CW_TICKET_KIND_RESUME);
    struct cw_link_message m = {.type = CW_LINK_REMOVE_PARTICIPANT,
                                .session = s->number,
                                .participant = 2,
                                .code = CW_CLOSE_REMOVED};
    cw_double_send(w->control, &m);
    struct cw_link_message deny = {.type = CW_LINK_DENY, .until_unix_s = resume.not_after_unix_s};
    memcpy(deny.ticket_id, resume.id, sizeof deny.ticket_id);
    cw_double_send(w->control, &deny);
    run_ms(w, 200);
    assert_closed(a, CW_CLOSE_REMOVED);
    assert_true(is_open(b));
    assert_int_equal(cw_double_last(w->control, CW_LINK_PARTICIPANT_DOWN)->code, CW_CLOSE_REMOVED);
    struct cw_hello hello = {.kind = CW_HELLO_TICKET, .ticket = resume};
    for (int i = 0; i < WORKERS; i++) {
        struct guest *g = guest_new(w, i, NULL, &hello, s->participants[1].seed);
        run_ms(w, 200);
        assert_closed(g, CW_CLOSE_TICKET_DENIED);
    }
    assert_true(is_open(join_with(w, s, 2, &other))); /* that one was not withdrawn */
    world_close(w);
}

static void who_takes_no_bytes_is_too_slow_for_chat(void **state)
{
    (void)state;
    struct world *w = world_open();
    const struct cw_double_session *s = session_of(w, 2);
    struct guest *slow = join(w, s, 2);
    struct guest *fast = join(w, s, 3);
    cw_net_end_stall(cw_endpoint_net(slow->end), true);
    static char text[12000];
    memset(text, 'x', sizeof text);
    unsigned lines = 0;
    for (; lines < 200 && cw_double_seen(w->control, CW_LINK_PARTICIPANT_DOWN) == 0; lines++) {
        struct cw_chat_line line = {
            .sequence = lines + 1u, .participant = 1, .text = text, .text_bytes = sizeof text};
        static uint8_t payload[CW_FRAME_PAYLOAD_BYTES_MAX];
        size_t size = 0;
        assert_int_equal(cw_chat_line_encode(&line, payload, sizeof payload, &size), CW_OK);
        struct cw_link_message m = {.type = CW_LINK_SEND,
                                    .session = s->number,
                                    .message = CW_MESSAGE_CHAT_LINE,
                                    .bytes = payload,
                                    .bytes_count = size};
        cw_double_send(w->control, &m);
        run_ms(w, 10);
    }
    /* 1 MB waits in the queue; a batch and the network's window are on their way already. */
    assert_in_range(lines, 1024 * 1024 / 12100, (1024 + 64 + 256 + 64) * 1024 / 12000);
    const struct cw_link_message *down = cw_double_last(w->control, CW_LINK_PARTICIPANT_DOWN);
    assert_int_equal(down->participant, 2);
    assert_int_equal(down->code, CW_CLOSE_TOO_SLOW);
    assert_true(is_open(fast));
    run_ms(w, 200);
    assert_int_equal(fast->seen[CW_MESSAGE_CHAT_LINE], lines);
    cw_net_end_stall(cw_endpoint_net(slow->end), false);
    run_ms(w, 500);
    assert_closed(slow, CW_CLOSE_TOO_SLOW);
    world_close(w);
}

static void silence_ends_a_connection_and_an_answer_keeps_it(void **state)
{
    (void)state;
    struct world *w = world_open();
    const struct cw_double_session *s = session_of(w, 2);
    struct guest *cut = join(w, s, 2);
    struct guest *kept = join(w, s, 3);
    cw_net_end_cut(cw_endpoint_net(cut->end), true);
    run_ms(w, 55000);
    assert_int_equal(cw_double_seen(w->control, CW_LINK_PARTICIPANT_DOWN), 0);
    run_ms(w, 20000);
    assert_int_equal(cw_double_seen(w->control, CW_LINK_PARTICIPANT_DOWN), 1);
    assert_int_equal(cw_double_last(w->control, CW_LINK_PARTICIPANT_DOWN)->participant, 2);
    assert_int_equal(cw_double_last(w->control, CW_LINK_PARTICIPANT_DOWN)->code,
                     CW_CLOSE_TIMED_OUT);
    run_ms(w, 300000);
    assert_true(is_open(kept));
    assert_in_range(kept->seen[CW_MESSAGE_PING], 12, 20);
    world_close(w);
}

static void who_says_nothing_at_first_is_closed(void **state)
{
    (void)state;
    struct world *w = world_open();
    struct cw_hello nothing = {0};
    struct guest *no_hello = guest_new(w, 0, NULL, &nothing, NULL);
    struct guest *no_tls = guest_new(w, 0, NULL, &nothing, NULL);
    no_tls->is_silent = true;
    run_ms(w, 9500);
    assert_int_equal(cw_endpoint_state(no_hello->end), CW_ENDPOINT_CONNECTING);
    assert_int_equal(cw_net_end_state(cw_endpoint_net(no_tls->end)), CW_NET_OPEN);
    run_ms(w, 1500);
    assert_closed(no_hello, CW_CLOSE_TIMED_OUT);
    assert_int_equal(cw_net_end_state(cw_endpoint_net(no_tls->end)), CW_NET_RESET);
    run_ms(w, CW_RELAY_DRAIN_MS_MAX); /* for its last words */
    assert_int_equal(w->workers[0]->conn_pool.used, 0);
    world_close(w);
}

static void a_resume_ticket_needs_no_control(void **state)
{
    (void)state;
    struct world *w = world_open();
    const struct cw_double_session *s = session_of(w, 1);
    struct cw_ticket once = cw_double_ticket(w->control, s, 2, CW_TICKET_KIND_JOIN);
    struct guest *first = join_with(w, s, 2, &once);
    assert_int_equal(first->seen[CW_MESSAGE_RESUME_TICKET], 1);
    struct cw_ticket resume = cw_double_ticket(w->control, s, 2, CW_TICKET_KIND_RESUME);
    cw_double_set_away(w->control, true);
    run_ms(w, 200);
    assert_int_equal(first->payload[CW_MESSAGE_LINK_STATE][0], 0);
    cw_net_end_reset(cw_endpoint_net(first->end));
    run_ms(w, 30000);
    struct cw_hello used = {.kind = CW_HELLO_TICKET, .ticket = once};
    for (int i = 0; i < WORKERS; i++) { /* used, whichever worker it is shown to */
        struct guest *g = guest_new(w, i, NULL, &used, s->participants[1].seed);
        run_ms(w, 200);
        assert_closed(g, CW_CLOSE_TICKET_USED);
    }
    struct guest *second = join_with(w, s, 2, &resume);
    assert_true(is_open(second));
    struct cw_welcome welcome;
    assert_int_equal(cw_welcome_decode(second->payload[CW_MESSAGE_WELCOME],
                                       second->last[CW_MESSAGE_WELCOME].length, &welcome),
                     CW_OK);
    assert_int_equal(welcome.control_up, 0);
    assert_int_equal(welcome.permissions, viewer);
    unsigned up = cw_double_seen(w->control, CW_LINK_PARTICIPANT_UP);
    cw_double_set_away(w->control, false);
    run_ms(w, 5000);
    assert_true(is_open(second));
    assert_int_equal(second->payload[CW_MESSAGE_LINK_STATE][0], 1);
    assert_int_equal(cw_double_seen(w->control, CW_LINK_PARTICIPANT_UP), up + 1);
    assert_int_equal(cw_double_seen(w->control, CW_LINK_PARTICIPANT_DOWN), 1);
    world_close(w);
}

static void a_shape_under_way_is_whole_for_who_joins(void **state)
{
    (void)state;
    struct world *w = world_open();
    const struct cw_double_session *s = session_of(w, 2);
    struct guest *source = join(w, s, 1);
    struct guest *early = join(w, s, 2);
    static uint8_t pixels[1000] = {25, 0, 20}; /* 25 x 20 pixels: 2,008 bytes */
    guest_send(source, CW_MESSAGE_CURSOR_SHAPE, CW_FLAG_FIRST, s->number, pixels, sizeof pixels);
    guest_send(source, CW_MESSAGE_CURSOR_SHAPE, 0, s->number, pixels, sizeof pixels);
    run_ms(w, 200);
    struct guest *late = join(w, s, 3);
    guest_send(source, CW_MESSAGE_CURSOR_SHAPE, CW_FLAG_LAST, s->number, pixels, 8);
    run_ms(w, 200);
    assert_true(is_open(source) && is_open(early) && is_open(late));
    assert_int_equal(early->seen[CW_MESSAGE_CURSOR_SHAPE], 3);
    assert_int_equal(late->seen[CW_MESSAGE_CURSOR_SHAPE], 3);
    assert_int_equal(late->last[CW_MESSAGE_CURSOR_SHAPE].flags & CW_FLAG_LAST, CW_FLAG_LAST);
    world_close(w);
}

static void acknowledge(struct world *w, const struct cw_double_session *s, struct guest *g,
                        uint32_t update)
{
    guest_send(g, CW_MESSAGE_SCREEN_ACK, WHOLE, s->number, &update, sizeof update);
    run_ms(w, 20);
}

static uint32_t acknowledged(const struct guest *source)
{
    uint32_t update;
    memcpy(&update, source->payload[CW_MESSAGE_SCREEN_ACK], sizeof update);
    return update;
}

/* SCREEN_RESET and the keyframe that shows this update. */
static void start_screen(struct world *w, const struct cw_double_session *s, struct guest *source,
                         uint32_t update)
{
    struct cw_screen_reset reset = {.width_px = 64,
                                    .height_px = 48,
                                    .desktop_width_px = 64,
                                    .desktop_height_px = 48,
                                    .update = update};
    uint8_t bytes[12];
    size_t size = 0;
    assert_int_equal(cw_screen_reset_encode(&reset, bytes, sizeof bytes, &size), CW_OK);
    guest_send(source, CW_MESSAGE_SCREEN_RESET, WHOLE, s->number, bytes, size);
    guest_send(source, CW_MESSAGE_SCREEN_UPDATE, WHOLE | CW_FLAG_KEYFRAME, s->number, "picture", 7);
    run_ms(w, 50);
}

static void a_lying_acknowledgement_does_not_stop_the_screen(void **state)
{
    (void)state;
    struct world *w = world_open();
    const struct cw_double_session *s = session_of(w, 2);
    struct guest *source = join(w, s, 1);
    struct guest *honest = join(w, s, 2);
    struct guest *liar = join(w, s, 3);
    start_screen(w, s, source, 5);
    acknowledge(w, s, honest, 5);
    acknowledge(w, s, liar, 4); /* slower: the source hears nothing of it */
    assert_int_equal(acknowledged(source), 5);
    unsigned heard = source->seen[CW_MESSAGE_SCREEN_ACK];
    const uint32_t lies[] = {0x70000000, 0xFFFFFFFF, 6, 4};
    for (uint32_t update = 6; update < 10; update++) {
        for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++)
            acknowledge(w, s, liar, lies[i]);
        assert_int_equal(source->seen[CW_MESSAGE_SCREEN_ACK], heard);
        guest_send(source, CW_MESSAGE_SCREEN_UPDATE, WHOLE, s->number, "update", 6);
        run_ms(w, 20);
        acknowledge(w, s, honest, update);
        assert_int_equal(acknowledged(source), update);
        heard = source->seen[CW_MESSAGE_SCREEN_ACK];
    }
    world_close(w);
}

/* ---- when memory runs out -------------------------------------------------------------------------- */

/* With so many frames left, a source or a viewer joins or is refused, and nothing else happens. */
static void join_with_frames_left(unsigned left, uint32_t participant)
{
    enum {
        MOST = CW_RELAY_SMALL_FRAMES_MAX + CW_RELAY_MEDIUM_FRAMES_MAX + CW_RELAY_LARGE_FRAMES_MAX
    };
    struct world *w = world_open();
    const struct cw_double_session *s = session_of(w, 1);
    struct guest *other = join(w, s, participant == 1 ? 2 : 1);
    assert_true(is_open(other));
    struct cw_worker *owner = w->workers[s->number % WORKERS];
    struct cw_frame_buffer **taken = calloc(MOST, sizeof(struct cw_frame_buffer *));
    assert_non_null(taken);
    size_t count = 0;
    for (struct cw_frame_buffer *f; (f = cw_frame_room(&owner->frames, 1)) != NULL;)
        taken[count++] = f;
    for (unsigned i = 0; i < left; i++)
        cw_frame_unref(&owner->frames, taken[--count]);
    struct cw_ticket t = cw_double_ticket(w->control, s, participant, CW_TICKET_KIND_JOIN);
    struct cw_hello hello = {.kind = CW_HELLO_TICKET, .ticket = t};
    /* By the other worker, so that the owner makes no frame for the hello. */
    struct guest *g = guest_new(w, (int)((s->number + 1) % WORKERS), NULL, &hello,
                                s->participants[participant - 1].seed);
    run_ms(w, 300);
    while (count > 0)
        cw_frame_unref(&owner->frames, taken[--count]);
    free(taken);
    assert_true(left > 0 || cw_endpoint_state(g->end) == CW_ENDPOINT_OVER);
    world_close(w);
}

static void frames_that_run_out_in_a_join_close_it(void **state)
{
    (void)state;
    for (unsigned left = 0; left <= 3; left++) {
        join_with_frames_left(left, 1);
        join_with_frames_left(left, 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_is_found_replaced_and_dropped),
        cmocka_unit_test(consoles_hear_what_is_theirs_and_are_signed_out),
        cmocka_unit_test(control_answers_enrolments_and_session_keys),
        cmocka_unit_test(without_control_the_answer_is_unavailable),
        cmocka_unit_test(guessing_has_a_budget_a_source),
        cmocka_unit_test(refusals_are_written_down_within_a_budget),
        cmocka_unit_test(removed_and_denied_do_not_come_back),
        cmocka_unit_test(who_takes_no_bytes_is_too_slow_for_chat),
        cmocka_unit_test(silence_ends_a_connection_and_an_answer_keeps_it),
        cmocka_unit_test(who_says_nothing_at_first_is_closed),
        cmocka_unit_test(a_resume_ticket_needs_no_control),
        cmocka_unit_test(a_shape_under_way_is_whole_for_who_joins),
        cmocka_unit_test(a_lying_acknowledgement_does_not_stop_the_screen),
        cmocka_unit_test(frames_that_run_out_in_a_join_close_it),
    };
    return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
