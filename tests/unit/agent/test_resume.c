/* SPDX-License-Identifier: Apache-2.0 */
/* How a session of the agent goes on and ends: resumed after a loss, with everything said and a whole picture; refused;
 * ended from here. */
#include "tests/unit/agent/session_rig.h"

static bool chat_line(struct fake_conn *c, uint64_t sequence, uint32_t participant, uint32_t id,
                      const char *name, const char *text)
{
    uint8_t out[600];
    size_t size = 0;
    struct cw_chat_line line = {
        .sequence = sequence,
        .participant = participant,
        .client_message = id,
        .name = name,
        .name_bytes = strlen(name),
        .text = text,
        .text_bytes = strlen(text),
    };
    return cw_chat_line_encode(&line, out, sizeof(out), &size) == 0 &&
           fake_send(c, CW_MESSAGE_CHAT_LINE, out, size);
}

static void *serve_resume(void *user)
{
    (void)user;
    uint8_t resume[CW_TICKET_BYTES];
    struct cw_chat_say say;
    struct fake_conn *c = fake_accept(t->fake);
    fake_ticket(t->fake, CW_TICKET_KIND_RESUME, CW_ROLE_UNATTENDED, 7, t->seed, resume);
    bool ok = c != NULL && fake_welcome(t->fake, c, CW_HELLO_TICKET) &&
              fake_send(c, CW_MESSAGE_RESUME_TICKET, resume, sizeof(resume)) &&
              fake_expect(c, CW_MESSAGE_CHAT_SAY) && sync_request(c) && apply_screen(c);
    fake_hang_up(c); /* lost, before the chat line came back */
    c = ok ? fake_accept(t->fake) : NULL;
    ok = c != NULL && fake_welcome(t->fake, c, CW_HELLO_TICKET);
    ok = ok && fake_expect(c, CW_MESSAGE_CHAT_SAY) &&
         cw_chat_say_decode(c->payload, c->frame.length, &say) == 0 && say.client_message == 1 &&
         say.text_bytes == 5 && memcmp(say.text, "hello", 5) == 0;
    ok = ok && chat_line(c, 1, 2, 1, "Kim", "hello") && chat_line(c, 2, 9, 1, "Ann", "Grüß Gott") &&
         sync_request(c);
    t->resets = 0;
    ok = ok && apply_screen(c) && t->resets == 1 && picture_equals_screen();
    ok = ok && fake_close(c, CW_MESSAGE_SESSION_ENDED, CW_CLOSE_ENDED_BY_REPRESENTATIVE, "");
    ok = ok && fake_read(c) == 0; /* the client hangs up */
    return finish(c, ok);
}

static void test_resume_after_loss(void **state)
{
    (void)state;
    setup(CW_ROLE_UNATTENDED);
    assert_int_equal(cw_session_say(t->session, "hello"), 0);
    drive(serve_resume, NULL);
    assert_string_equal(t->chat, "Ann: Grüß Gott");
    assert_int_equal(cw_session_state(t->session), CW_SESSION_ENDED);
    assert_string_equal(cw_session_text(t->session), "The representative ended the session.");
    teardown();
}

static void *serve_refusal(void *user)
{
    (void)user;
    struct fake_conn *c = fake_accept(t->fake);
    bool ok = c != NULL && fake_expect(c, CW_MESSAGE_HELLO) &&
              fake_close(c, CW_MESSAGE_CLOSE, CW_CLOSE_TICKET_USED, "");
    while (ok && fake_read(c) != 0)
        continue;
    return finish(c, ok);
}

static void test_refused_ticket_is_final(void **state)
{
    (void)state;
    setup(CW_ROLE_CUSTOMER);
    drive(serve_refusal, NULL);
    cw_session_process(t->session, cw_now_ns());
    assert_int_equal(cw_session_state(t->session), CW_SESSION_ENDED);
    assert_string_equal(cw_session_text(t->session), "The ticket was used already.");
    teardown();
}

static void end_when_live(void)
{
    if (cw_session_state(t->session) == CW_SESSION_LIVE)
        cw_session_end(t->session, cw_now_ns());
}

static void *serve_end(void *user)
{
    (void)user;
    struct fake_conn *c = fake_accept(t->fake);
    bool ok = c != NULL && fake_welcome(t->fake, c, CW_HELLO_TICKET) &&
              fake_expect(c, CW_MESSAGE_SESSION_END) &&
              fake_close(c, CW_MESSAGE_SESSION_ENDED, CW_CLOSE_ENDED_BY_CUSTOMER, "");
    while (ok && fake_read(c) != 0)
        continue;
    return finish(c, ok);
}

static void test_end_from_here(void **state)
{
    (void)state;
    setup(CW_ROLE_CUSTOMER);
    drive(serve_end, end_when_live);
    assert_int_equal(cw_session_state(t->session), CW_SESSION_ENDED);
    teardown();
}

/* The appliance dies in the middle of the first keyframe: after the resume nothing of it goes on, and the picture that
 * comes is whole in the end. */
static void *serve_half_a_keyframe(void *user)
{
    (void)user;
    uint8_t resume[CW_TICKET_BYTES];
    struct fake_conn *c = fake_accept(t->fake);
    fake_ticket(t->fake, CW_TICKET_KIND_RESUME, CW_ROLE_UNATTENDED, 7, t->seed, resume);
    bool ok = c != NULL && fake_welcome(t->fake, c, CW_HELLO_TICKET) &&
              fake_send(c, CW_MESSAGE_RESUME_TICKET, resume, sizeof(resume)) && sync_request(c) &&
              fake_expect(c, CW_MESSAGE_SCREEN_UPDATE);
    /* One frame of more. */
    ok = ok && (c->frame.flags & (CW_FLAG_FIRST | CW_FLAG_LAST)) == CW_FLAG_FIRST;
    if (c != NULL) {
        SSL_free(c->ssl);
        close(c->fd); /* without a word, as when it is killed */
        free(c);
    }
    c = ok ? fake_accept(t->fake) : NULL;
    ok = c != NULL && fake_welcome(t->fake, c, CW_HELLO_TICKET) && sync_request(c);
    t->resets = 0;
    while (ok && t->resets == 0) {
        uint8_t type = fake_read(c);
        ok = type != 0 && type != CW_MESSAGE_SCREEN_UPDATE; /* the size comes first */
        t->resets += type == CW_MESSAGE_SCREEN_RESET;
    }
    ok = ok && fake_expect(c, CW_MESSAGE_SCREEN_UPDATE) && (c->frame.flags & CW_FLAG_FIRST) != 0 &&
         (c->frame.flags & CW_FLAG_KEYFRAME) != 0;
    t->packet_bytes = 0;
    for (bool is_whole = false; ok && !is_whole;) {
        memcpy(t->packet + t->packet_bytes, c->payload, c->frame.length);
        t->packet_bytes += c->frame.length;
        is_whole = (c->frame.flags & CW_FLAG_LAST) != 0;
        ok = is_whole || fake_expect(c, CW_MESSAGE_SCREEN_UPDATE);
    }
    ok = ok && cw_decoder_apply(t->decoder, t->packet, t->packet_bytes) == 0;
    /* Noise is a picture: it comes lossy, and what is missing follows while nothing else happens. */
    for (int i = 0; ok && i < 200 && !picture_equals_screen(); i++)
        ok = ack(c) && apply_screen(c);
    ok = ok && picture_equals_screen();
    return finish(c, ok);
}

static void test_killed_in_the_middle_of_a_keyframe(void **state)
{
    (void)state;
    setup(CW_ROLE_UNATTENDED);
    /* Noise, so that a keyframe has many frames. */
    uint32_t noise = 1;
    for (int y = 0; y < 480; y += 4) {
        for (int x = 0; x < 640; x += 4) {
            noise = noise * 1664525u + 1013904223u;
            XSetForeground(t->display, DefaultGC(t->display, 0), noise >> 8);
            XFillRectangle(t->display, DefaultRootWindow(t->display), DefaultGC(t->display, 0), x,
                           y, 4, 4);
        }
    }
    XSync(t->display, False);
    drive(serve_half_a_keyframe, NULL);
    teardown();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resume_after_loss),
        cmocka_unit_test(test_killed_in_the_middle_of_a_keyframe),
        cmocka_unit_test(test_refused_ticket_is_final),
        cmocka_unit_test(test_end_from_here),
    };
    xvfb_start("640x480x24");
    return cmocka_run_group_tests(tests, NULL, xvfb_stop);
}
