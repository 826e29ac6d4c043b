/* SPDX-License-Identifier: Apache-2.0 */
/* The native client protocol: frames, order, time, and whom TLS trusts. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>

#include <cmocka.h>

#include "clients/agent/exchange.h"
#include "clients/agent/loop.h"
#include "clients/peer/conn.h"
#include "engine/base/err.h"
#include "tests/unit/agent/fake_appliance.h"

static const uint64_t second_ns = UINT64_C(1000000000);
static struct cw_peer peer;
static uint8_t last_type;
static unsigned message_count;

static int on_message(void *user, uint8_t type, const uint8_t *payload, size_t size)
{
    (void)user;
    (void)payload;
    (void)size;
    last_type = type;
    message_count++;
    return 0;
}

static size_t frame_of(uint8_t type, uint8_t flags, const void *payload, size_t size, uint8_t *out)
{
    struct cw_frame f = {.type = type,
                         .channel = cw_message_info(type)->channel,
                         .flags = flags,
                         .length = (uint32_t)size};
    cw_frame_encode(&f, out);
    if (size > 0)
        memcpy(out + CW_FRAME_HEADER_BYTES, payload, size);
    return CW_FRAME_HEADER_BYTES + size;
}

static uint8_t take_output(struct cw_frame *ret_frame)
{
    size_t size = 0;
    struct cw_frame f;
    const uint8_t *data = cw_peer_output(&peer, &size);
    if (size == 0)
        return 0;
    assert_int_equal(cw_frame_decode(data, size, &f), 0);
    assert_int_equal(size, CW_FRAME_HEADER_BYTES + f.length);
    cw_peer_sent(&peer, size);
    if (ret_frame != NULL)
        *ret_frame = f;
    return f.type;
}

static int setup(void **state)
{
    (void)state;
    uint8_t seed[CW_KEY_BYTES] = {1}, exporter[CW_EXPORTER_BYTES] = {2}, ticket[CW_TICKET_BYTES];
    uint8_t out[64], welcome[24];
    size_t size = 0;
    struct fake f = {.ticket_seed = {3}};
    fake_ticket(&f, CW_TICKET_KIND_JOIN, CW_ROLE_UNATTENDED, 7, seed, ticket);
    cw_peer_init(&peer, on_message, NULL);
    message_count = 0;
    assert_int_equal(cw_peer_hello_ticket(&peer, CW_HELLO_TICKET, ticket, seed, exporter, 0), 0);
    assert_int_equal(take_output(NULL), CW_MESSAGE_HELLO);
    struct cw_welcome w = {.session = 7, .participant = 2, .role = CW_ROLE_UNATTENDED};
    assert_int_equal(cw_welcome_encode(&w, welcome, sizeof(welcome), &size), 0);
    size = frame_of(CW_MESSAGE_WELCOME, 3, welcome, size, out);
    for (size_t i = 0; i < size; i++) /* byte by byte */
        assert_int_equal(cw_peer_feed(&peer, out + i, 1, 0), 0);
    assert_int_equal(peer.state, CW_PEER_OPEN);
    assert_int_equal(last_type, CW_MESSAGE_WELCOME);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cw_peer_clear(&peer);
    return 0;
}

static void test_urgent_frames_overtake_a_keyframe(void **state)
{
    (void)state;
    static uint8_t picture[100000];
    struct cw_frame f;
    uint8_t position[4] = {0}, say[5] = {1, 0, 0, 0, 'x'};
    assert_int_equal(cw_peer_send_borrowed(&peer, CW_MESSAGE_SCREEN_UPDATE, CW_FLAG_KEYFRAME,
                                           picture, sizeof(picture)),
                     0);
    assert_int_equal(cw_peer_send_borrowed(&peer, CW_MESSAGE_SCREEN_UPDATE, 0, picture, 1),
                     CW_ERR_STATE);
    assert_int_equal(take_output(&f), CW_MESSAGE_SCREEN_UPDATE);
    assert_int_equal(f.flags, CW_FLAG_FIRST | CW_FLAG_KEYFRAME);
    assert_int_equal(f.session, 7);
    assert_int_equal(cw_peer_send(&peer, CW_MESSAGE_CHAT_SAY, 0, say, sizeof(say)), 0);
    assert_int_equal(cw_peer_send(&peer, CW_MESSAGE_CURSOR_POSITION, 0, position, 4), 0);
    assert_int_equal(take_output(&f), CW_MESSAGE_CURSOR_POSITION);
    assert_int_equal(f.flags, CW_FLAG_FIRST | CW_FLAG_LAST);
    assert_int_equal(take_output(NULL), CW_MESSAGE_CHAT_SAY);
    assert_false(cw_peer_drop_borrowed(&peer)); /* it has begun */
    size_t left = sizeof(picture) - CW_FRAME_PAYLOAD_BYTES_MAX;
    while (left > 0) {
        assert_int_equal(take_output(&f), CW_MESSAGE_SCREEN_UPDATE);
        left -= f.length;
        assert_int_equal(f.flags, CW_FLAG_KEYFRAME | (left == 0 ? CW_FLAG_LAST : 0));
    }
    assert_false(cw_peer_has_borrowed(&peer));
    assert_int_equal(take_output(NULL), 0);
}

static void test_unsent_picture_is_dropped(void **state)
{
    (void)state;
    static uint8_t picture[20000];
    uint8_t reset[12] = {0};
    assert_int_equal(cw_peer_send(&peer, CW_MESSAGE_SCREEN_RESET, 0, reset, 12), 0);
    assert_int_equal(
        cw_peer_send_borrowed(&peer, CW_MESSAGE_SCREEN_UPDATE, 0, picture, sizeof(picture)), 0);
    assert_true(cw_peer_drop_borrowed(&peer));
    assert_int_equal(cw_peer_send(&peer, CW_MESSAGE_SCREEN_RESET, 0, reset, 12), 0);
    assert_int_equal(take_output(NULL), CW_MESSAGE_SCREEN_RESET);
    assert_int_equal(take_output(NULL), CW_MESSAGE_SCREEN_RESET);
    assert_int_equal(take_output(NULL), 0);
}

static void test_ping_is_answered_and_silence_ends(void **state)
{
    (void)state;
    uint8_t out[64], echo[8] = {9};
    size_t size = frame_of(CW_MESSAGE_PING, 3, echo, 8, out);
    assert_int_equal(cw_peer_feed(&peer, out, size, second_ns), 0);
    assert_int_equal(take_output(NULL), CW_MESSAGE_PONG);
    assert_int_equal(cw_peer_deadline_ns(&peer), 21 * second_ns);
    assert_int_equal(cw_peer_tick(&peer, 20 * second_ns), 0);
    assert_int_equal(take_output(NULL), 0);
    assert_int_equal(cw_peer_tick(&peer, 21 * second_ns), 0);
    assert_int_equal(take_output(NULL), CW_MESSAGE_PING);
    assert_int_equal(cw_peer_tick(&peer, 60 * second_ns), 0);
    assert_int_equal(cw_peer_tick(&peer, 61 * second_ns), CW_ERR_TIMEOUT);
    assert_int_equal(peer.state, CW_PEER_CLOSED);
    assert_string_not_equal(peer.close_text, "");
}

static void test_close_is_told(void **state)
{
    (void)state;
    uint8_t out[300], payload[300];
    size_t size = 0;
    struct cw_close m = {.code = CW_CLOSE_TICKET_DENIED, .text = ""};
    assert_int_equal(cw_close_encode(&m, payload, sizeof(payload), &size), 0);
    size = frame_of(CW_MESSAGE_CLOSE, 3, payload, size, out);
    assert_int_equal(cw_peer_feed(&peer, out, size, 0), CW_ERR_CLOSED);
    assert_int_equal(peer.close_code, CW_CLOSE_TICKET_DENIED);
    assert_string_equal(peer.close_text, cw_close_text(CW_CLOSE_TICKET_DENIED));
    assert_int_equal(cw_peer_feed(&peer, out, size, 0), CW_ERR_CLOSED);
    assert_int_equal(cw_peer_send(&peer, CW_MESSAGE_RELEASE_ALL, 0, NULL, 0), CW_ERR_STATE);
}

static void test_several_frames_are_refused(void **state)
{
    (void)state;
    uint8_t out[64], line[30] = {0};
    size_t size = frame_of(CW_MESSAGE_CHAT_LINE, CW_FLAG_FIRST, line, sizeof(line), out);
    assert_int_equal(cw_peer_feed(&peer, out, size, 0), CW_ERR_INVALID);
    assert_int_equal(peer.close_code, CW_CLOSE_MALFORMED);
}

/* Any byte of a header changed to any value: an error or a message, never more. */
static void test_changed_headers(void **state)
{
    for (unsigned at = 0; at < CW_FRAME_HEADER_BYTES; at++) {
        for (unsigned value = 0; value < 256; value++) {
            uint8_t out[64], ack[4] = {0};
            size_t size = frame_of(CW_MESSAGE_SCREEN_ACK, 3, ack, sizeof(ack), out);
            out[at] = (uint8_t)value;
            int err = cw_peer_feed(&peer, out, size, 0);
            assert_true(err <= 0);
            teardown(state);
            setup(state);
        }
    }
}

/* ---- TLS -------------------------------------------------------------------------------------- */

static struct fake *fake;
static struct cw_exchange x;

static void *serve_reply(void *user)
{
    (void)user;
    static const char body[] = "{\"ticket\":\"x\"}";
    uint8_t out[256];
    size_t size = 0;
    struct fake_conn *c = fake_accept(fake);
    struct cw_hello_reply reply = {.body = (const uint8_t *)body, .body_bytes = sizeof(body) - 1};
    if (c != NULL && fake_read(c) == CW_MESSAGE_HELLO &&
        cw_hello_reply_encode(&reply, out, sizeof(out), &size) == 0)
        fake_send(c, CW_MESSAGE_HELLO_REPLY, out, size);
    fake_hang_up(c);
    return NULL;
}

/* Asks the fake appliance with this pin; the result of cw_exchange_process. */
static int ask(const uint8_t *pin, bool with_body)
{
    pthread_t thread;
    int err;
    json_t *body = with_body ? json_pack("{s:s}", "key", "ABCD") : NULL;
    assert_int_equal(pthread_create(&thread, NULL, serve_reply, NULL), 0);
    assert_int_equal(cw_exchange_start(&x, &fake->address, pin, CW_HELLO_SESSION_KEY, body), 0);
    while ((err = cw_exchange_process(&x, cw_now_ns())) == CW_ERR_AGAIN) {
        struct pollfd p;
        cw_conn_poll(&x.conn, &p);
        poll(&p, 1, 100);
    }
    json_decref(body);
    cw_conn_stop(&x.conn);
    pthread_join(thread, NULL);
    return err;
}

static void test_pinned_identity(void **state)
{
    (void)state;
    uint8_t other[CW_KEY_BYTES] = {1};
    fake = fake_start(30, true);
    assert_int_equal(ask(fake->identity, true), 0);
    assert_string_equal(json_string_value(json_object_get(x.reply, "ticket")), "x");
    cw_exchange_stop(&x);
    assert_int_equal(ask(other, true), CW_ERR_SIGNATURE);
    assert_true(x.conn.dial.saw_other_identity);
    cw_exchange_stop(&x);
    /* Without a pin the identity is only learnt, and nothing is said. */
    assert_int_equal(ask(NULL, false), 0);
    assert_memory_equal(x.conn.dial.identity, fake->identity, CW_KEY_BYTES);
    cw_exchange_stop(&x);
    fake_stop(fake);
}

/* The identity's certificate is public: a thief can send it along with a leaf it did not sign. */
static void test_leaf_of_a_thief(void **state)
{
    (void)state;
    fake = fake_start(30, false);
    assert_int_equal(ask(fake->identity, true), CW_ERR_SIGNATURE);
    cw_exchange_stop(&x);
    assert_int_equal(ask(NULL, false), CW_ERR_SIGNATURE);
    cw_exchange_stop(&x);
    fake_stop(fake);
}

static void test_expired_leaf(void **state)
{
    (void)state;
    fake = fake_start(-1, true);
    assert_int_equal(ask(fake->identity, true), CW_ERR_SIGNATURE);
    assert_non_null(strstr(x.text, "clock"));
    cw_exchange_stop(&x);
    fake_stop(fake);
}

static void test_nobody_listens(void **state)
{
    (void)state;
    fake = fake_start(30, true);
    struct cw_address address = fake->address;
    fake_stop(fake);
    assert_int_equal(cw_exchange_start(&x, &address, NULL, 0, NULL), 0);
    int err;
    while ((err = cw_exchange_process(&x, cw_now_ns())) == CW_ERR_AGAIN)
        usleep(1000);
    assert_int_equal(err, CW_ERR_IO);
    assert_non_null(strstr(x.text, "Connection refused"));
    cw_exchange_stop(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_urgent_frames_overtake_a_keyframe, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unsent_picture_is_dropped, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ping_is_answered_and_silence_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(test_close_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(test_several_frames_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_changed_headers, setup, teardown),
        cmocka_unit_test(test_pinned_identity),
        cmocka_unit_test(test_leaf_of_a_thief),
        cmocka_unit_test(test_expired_leaf),
        cmocka_unit_test(test_nobody_listens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
