/* SPDX-License-Identifier: Apache-2.0 */
/* A session against a fake appliance, on a real X server: sync, updates, consent, input, chat, resume, end. */
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <X11/extensions/Xrandr.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>

#include <cmocka.h>

#include "clients/agent/input.h"
#include "clients/agent/loop.h"
#include "clients/agent/session.h"
#include "codec/codec.h"
#include "tests/unit/agent/fake_appliance.h"
#include "tests/unit/agent/xvfb.h"

struct test {
    struct fake *fake;
    struct cw_session *session;
    struct cw_input *input;
    struct cw_decoder *decoder;
    Display *display;
    uint8_t seed[CW_KEY_BYTES];
    uint8_t *packet;
    size_t packet_bytes;
    uint8_t packet_flags;
    uint32_t resets;
    char chat[200];
    atomic_bool is_served; /* the server's script has ended */
    bool ok;
};

static struct test *t;

static void on_chat(void *user, enum cw_chat_from from, const char *name, const char *text)
{
    (void)user;
    snprintf(t->chat, sizeof(t->chat), "%s%s: %s", from == CW_CHAT_OWN ? "own " : "", name, text);
}

static void setup(uint8_t role)
{
    char message[256];
    t = calloc(1, sizeof(*t));
    t->fake = fake_start(30, true);
    t->packet = malloc(CW_SCREEN_MESSAGE_BYTES_MAX);
    t->display = XOpenDisplay(xvfb_name());
    assert_non_null(t->display);
    assert_int_equal(cw_decoder_new(0, &t->decoder), 0);
    assert_int_equal(cw_input_open(xvfb_name(), &t->input, message, sizeof(message)), 0);
    RAND_bytes(t->seed, sizeof(t->seed));
    struct cw_session_options o = {
        .address = t->fake->address, .display_name = xvfb_name(), .on_chat = on_chat};
    memcpy(o.identity, t->fake->identity, sizeof(o.identity));
    memcpy(o.secret_seed, t->seed, sizeof(o.secret_seed));
    fake_ticket(t->fake, CW_TICKET_KIND_JOIN, role, 7, t->seed, o.ticket);
    assert_int_equal(cw_session_new(&o, t->input, &t->session), 0);
}

static void teardown(void)
{
    cw_session_free(t->session);
    cw_input_close(t->input);
    cw_decoder_free(t->decoder);
    XCloseDisplay(t->display);
    fake_stop(t->fake);
    free(t->packet);
    free(t);
}

/* Drives the client until the script has ended (or 20 s). */
static void drive(void *(*script)(void *), void (*each_turn)(void))
{
    pthread_t thread;
    struct cw_loop loop = {.signals = -1};
    uint64_t end_ns = cw_now_ns() + UINT64_C(20000000000);
    atomic_store(&t->is_served, false);
    t->ok = false;
    assert_int_equal(pthread_create(&thread, NULL, script, NULL), 0);
    while (!atomic_load(&t->is_served) && cw_now_ns() < end_ns) {
        struct pollfd fds[CW_SESSION_FDS_MAX];
        uint64_t deadline, now_ns = cw_now_ns();
        cw_session_process(t->session, now_ns);
        cw_input_process(t->input, now_ns);
        if (each_turn != NULL)
            each_turn();
        cw_loop_begin(&loop);
        unsigned n = cw_session_poll(t->session, fds, &deadline);
        for (unsigned i = 0; i < n; i++)
            cw_loop_add(&loop, fds[i].fd, fds[i].events);
        cw_loop_until(&loop, deadline);
        cw_loop_until(&loop, cw_input_deadline_ns(t->input));
        cw_loop_until(&loop, now_ns + 20000000); /* to see the end of the script */
        cw_loop_wait(&loop);
    }
    pthread_join(thread, NULL);
    assert_true(t->ok);
}

/* ---- the server's half ------------------------------------------------------------------------ */

/* The next whole screen message into t->packet; counts resets on the way. */
static bool read_screen(struct fake_conn *c)
{
    t->packet_bytes = 0;
    for (;;) {
        uint8_t type = fake_read(c);
        if (type == 0)
            return false;
        if (type == CW_MESSAGE_SCREEN_RESET)
            t->resets++;
        if (type != CW_MESSAGE_SCREEN_UPDATE)
            continue;
        if ((c->frame.flags & CW_FLAG_FIRST) != 0)
            t->packet_bytes = 0;
        memcpy(t->packet + t->packet_bytes, c->payload, c->frame.length);
        t->packet_bytes += c->frame.length;
        t->packet_flags = c->frame.flags;
        if ((c->frame.flags & CW_FLAG_LAST) != 0)
            return true;
    }
}

static bool apply_screen(struct fake_conn *c)
{
    return read_screen(c) && cw_decoder_apply(t->decoder, t->packet, t->packet_bytes) == 0;
}

static bool send_ack(struct fake_conn *c, uint32_t number)
{
    uint8_t out[4] = {(uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16),
                      (uint8_t)(number >> 24)};
    return fake_send(c, CW_MESSAGE_SCREEN_ACK, out, sizeof(out));
}

static bool ack(struct fake_conn *c)
{
    return send_ack(c, cw_decoder_update_number(t->decoder));
}

static bool sync_request(struct fake_conn *c)
{
    uint8_t rendition = 0;
    return fake_send(c, CW_MESSAGE_SYNC_REQUEST, &rendition, 1);
}

static bool picture_equals_screen(void)
{
    XWindowAttributes a;
    XGetWindowAttributes(t->display, DefaultRootWindow(t->display), &a);
    XImage *image = XGetImage(t->display, DefaultRootWindow(t->display), 0, 0, (unsigned)a.width,
                              (unsigned)a.height, AllPlanes, ZPixmap);
    bool same = image != NULL && cw_decoder_width(t->decoder) == (uint32_t)a.width &&
                cw_decoder_height(t->decoder) == (uint32_t)a.height;
    for (int y = 0; same && y < a.height; y++)
        for (int x = 0; same && x < a.width; x++)
            same = memcmp(image->data + (size_t)y * (size_t)image->bytes_per_line + (size_t)x * 4,
                          cw_decoder_picture(t->decoder) +
                              ((size_t)y * (size_t)a.width + (size_t)x) * 4,
                          3) == 0;
    if (image != NULL)
        XDestroyImage(image);
    return same;
}

static void paint(int x, int y, unsigned w, unsigned h, unsigned long colour)
{
    GC gc = XCreateGC(t->display, DefaultRootWindow(t->display), 0, NULL);
    XSetForeground(t->display, gc, colour);
    XFillRectangle(t->display, DefaultRootWindow(t->display), gc, x, y, w, h);
    XFreeGC(t->display, gc);
    XSync(t->display, False);
}

/* Applies updates until the picture is the screen's. */
static bool catch_up(struct fake_conn *c)
{
    for (int i = 0; i < 50; i++) {
        if (picture_equals_screen())
            return true;
        /* Another viewer may acknowledge what was never sent. */
        if (!send_ack(c, cw_decoder_update_number(t->decoder) + 1000) || !ack(c) ||
            !apply_screen(c))
            return false;
    }
    return false;
}

static void *finish(struct fake_conn *c, bool ok)
{
    t->ok = ok;
    fake_hang_up(c);
    atomic_store(&t->is_served, true);
    return NULL;
}

/* ---- screen ----------------------------------------------------------------------------------- */

static void *serve_screen(void *user)
{
    (void)user;
    struct fake_conn *c = fake_accept(t->fake);
    bool ok = c != NULL && fake_welcome(t->fake, c, CW_HELLO_TICKET) && sync_request(c) &&
              fake_expect(c, CW_MESSAGE_CURSOR_SHAPE) && apply_screen(c) && t->resets == 1 &&
              (t->packet_flags & CW_FLAG_KEYFRAME) != 0 && picture_equals_screen();
    for (unsigned i = 0; ok && i < 10; i++) {
        paint((int)i * 37, (int)i * 29, 100 + i, 40, 0x123456 * (i + 1));
        ok = catch_up(c) && (t->packet_flags & CW_FLAG_DROPPABLE) == 0;
    }
    /* A second viewer joins: a keyframe without a reset; the first viewer need not apply it. */
    struct cw_decoder *late = NULL;
    ok = ok && cw_decoder_new(0, &late) == 0 && ack(c) && sync_request(c);
    do
        ok = ok && read_screen(c);
    while (ok && (t->packet_flags & CW_FLAG_KEYFRAME) == 0 &&
           cw_decoder_apply(t->decoder, t->packet, t->packet_bytes) == 0);
    ok = ok && t->resets == 1 && cw_decoder_apply(late, t->packet, t->packet_bytes) == 0;
    paint(5, 5, 200, 100, 0xff8800);
    ok = ok && ack(c) && apply_screen(c) &&
         cw_decoder_apply(late, t->packet, t->packet_bytes) == 0 && catch_up(c);
    size_t bytes = (size_t)cw_decoder_width(t->decoder) * cw_decoder_height(t->decoder) * 4;
    ok = ok && memcmp(cw_decoder_picture(late), cw_decoder_picture(t->decoder), bytes) == 0;
    if (late != NULL)
        cw_decoder_free(late);
    return finish(c, ok);
}

static void test_viewer_sees_the_screen(void **state)
{
    (void)state;
    setup(CW_ROLE_UNATTENDED);
    paint(0, 0, 640, 480, 0x203040);
    drive(serve_screen, NULL);
    teardown();
}

static void *serve_window(void *user)
{
    (void)user;
    struct fake_conn *c = fake_accept(t->fake);
    bool ok = c != NULL && fake_welcome(t->fake, c, CW_HELLO_TICKET) && sync_request(c) &&
              apply_screen(c) && ack(c);
    /* Without acknowledgements two updates come, and then none, however much changes. */
    struct timeval wait = {.tv_sec = 0, .tv_usec = 400000};
    if (c != NULL)
        setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    unsigned got = 0;
    for (unsigned i = 0; ok && i < 6; i++) {
        paint((int)i * 50, 100, 49, 49, 0x00ff00 + i);
        got += apply_screen(c);
    }
    ok = ok && got == 2;
    /* One acknowledgement brings the newest screen in one update. */
    ok = ok && ack(c) && apply_screen(c) && picture_equals_screen();
    return finish(c, ok);
}

static void test_two_updates_without_acknowledgement(void **state)
{
    (void)state;
    setup(CW_ROLE_UNATTENDED);
    drive(serve_window, NULL);
    teardown();
}

/* ---- the reduced rendition --------------------------------------------------------------------- */

/* The next message of a rendition; those of the other one are applied on the way. */
static bool apply_rendition(struct fake_conn *c, uint8_t rendition, struct cw_decoder *reduced)
{
    for (;;) {
        if (!read_screen(c))
            return false;
        uint8_t got = (t->packet_flags & CW_FLAG_RENDITION_MASK) >> CW_FLAG_RENDITION_SHIFT;
        struct cw_decoder *d = got == CW_RENDITION_FULL ? t->decoder : reduced;
        if (cw_decoder_apply(d, t->packet, t->packet_bytes) != 0)
            return false;
        if (got == CW_RENDITION_FULL && !ack(c))
            return false;
        if (got == rendition)
            return true;
    }
}

static bool want_reduced(struct fake_conn *c, bool is_wanted)
{
    uint8_t note[4] = {CW_RENDITION_REDUCED, is_wanted};
    return fake_send(c, CW_MESSAGE_RENDITION, note, sizeof(note));
}

/* Each pixel is the mean of those of the full picture that it stands for; all sides here are even. */
static bool is_half_of_full(const struct cw_decoder *reduced)
{
    uint32_t width = cw_decoder_width(reduced), height = cw_decoder_height(reduced);
    if (width * 2 != cw_decoder_width(t->decoder) || height * 2 != cw_decoder_height(t->decoder))
        return false;
    const uint8_t *full = cw_decoder_picture(t->decoder);
    const uint8_t *half = cw_decoder_picture(reduced);
    for (size_t i = 0; i < (size_t)width * height * 4; i++) {
        size_t x = i / 4 % width, y = i / 4 / width;
        const uint8_t *p = full + (y * 2 * width * 2 + x * 2) * 4 + i % 4;
        size_t row = (size_t)width * 2 * 4;
        if (half[i] != (p[0] + p[4] + p[row] + p[row + 4] + 2) / 4)
            return false;
    }
    return true;
}

static void *serve_reduced(void *user)
{
    (void)user;
    struct cw_decoder *reduced = NULL;
    struct cw_screen_ack shown = {.rendition = CW_RENDITION_REDUCED};
    uint8_t out[5];
    size_t size = 0;
    struct fake_conn *c = fake_accept(t->fake);
    bool ok = c != NULL && cw_decoder_new(0, &reduced) == 0 &&
              fake_welcome(t->fake, c, CW_HELLO_TICKET) && sync_request(c) && apply_screen(c) &&
              ack(c) && t->resets == 1 && want_reduced(c, true) &&
              apply_rendition(c, CW_RENDITION_REDUCED, reduced) && t->resets == 2 &&
              (t->packet_flags & CW_FLAG_KEYFRAME) != 0 && is_half_of_full(reduced);
    for (unsigned i = 0; ok && i < 5; i++) {
        paint((int)i * 37 + 1, (int)i * 29, 101 + i, 41, 0x123457 * (i + 1));
        shown.update = cw_decoder_update_number(reduced);
        ok = cw_screen_ack_encode(&shown, out, sizeof(out), &size) == 0 &&
             fake_send(c, CW_MESSAGE_SCREEN_ACK, out, size) &&
             apply_rendition(c, CW_RENDITION_REDUCED, reduced) && catch_up(c) &&
             is_half_of_full(reduced);
    }
    /* Not wanted any more: only the full one goes on. Wanted again: it starts anew. */
    ok = ok && want_reduced(c, false);
    for (unsigned i = 0; ok && i < 30; i++) {
        paint((int)i, 200, 5, 5, 0xabcdef + i);
        ok = catch_up(c);
    }
    ok = ok && (t->packet_flags & CW_FLAG_RENDITION_MASK) == 0 && want_reduced(c, true) &&
         apply_rendition(c, CW_RENDITION_REDUCED, reduced) && t->resets == 3 &&
         is_half_of_full(reduced);
    if (reduced != NULL)
        cw_decoder_free(reduced);
    return finish(c, ok);
}

static void test_reduced_rendition(void **state)
{
    (void)state;
    setup(CW_ROLE_UNATTENDED);
    drive(serve_reduced, NULL);
    teardown();
}

/* Xvfb resizes its screen once no output shows it. */
static void resize_screen(int w, int h)
{
    Window root = DefaultRootWindow(t->display);
    XRRScreenResources *r = XRRGetScreenResources(t->display, root);
    for (int i = 0; i < r->ncrtc; i++)
        XRRSetCrtcConfig(t->display, r, r->crtcs[i], CurrentTime, 0, 0, None, RR_Rotate_0, NULL, 0);
    XRRSetScreenSize(t->display, root, w, h, 100, 100);
    XRRFreeScreenResources(r);
    XSync(t->display, False);
}

static bool follow_size(struct fake_conn *c, int w, int h)
{
    resize_screen(w, h);
    paint(w / 2, h / 2, 30, 30, 0x55aa55);
    do
        if (!apply_screen(c) || !ack(c))
            return false;
    while (cw_decoder_width(t->decoder) != (uint32_t)w ||
           cw_decoder_height(t->decoder) != (uint32_t)h);
    return catch_up(c);
}

static void *serve_resize(void *user)
{
    (void)user;
    struct fake_conn *c = fake_accept(t->fake);
    bool ok = c != NULL && fake_welcome(t->fake, c, CW_HELLO_TICKET) && sync_request(c) &&
              apply_screen(c) && ack(c);
    ok = ok && follow_size(c, 500, 400) && follow_size(c, 333, 111) && follow_size(c, 640, 480) &&
         t->resets == 4;
    return finish(c, ok);
}

static void test_screen_changes_its_size(void **state)
{
    (void)state;
    setup(CW_ROLE_UNATTENDED);
    drive(serve_resize, NULL);
    teardown();
}

/* ---- consent ---------------------------------------------------------------------------------- */

static void answer_control(void)
{
    const struct cw_person *asked = cw_people_question(cw_session_people(t->session));
    if (asked != NULL && strcmp(asked->name, "Ann") == 0)
        cw_session_answer(t->session, asked->participant, CW_ANSWER_CONTROL, cw_now_ns());
}

static bool send_pointer(struct fake_conn *c, uint16_t x, uint16_t y)
{
    uint8_t out[12];
    size_t size = 0;
    struct cw_pointer p = {.x_px = x, .y_px = y};
    return cw_pointer_encode(&p, out, sizeof(out), &size) == 0 &&
           fake_send(c, CW_MESSAGE_POINTER, out, size);
}

static bool pointer_is_at(int wanted_x, int wanted_y)
{
    Window root, child;
    int x = 0, y = 0, wx, wy;
    unsigned mask;
    for (int i = 0; i < 50; i++) {
        XQueryPointer(t->display, DefaultRootWindow(t->display), &root, &child, &x, &y, &wx, &wy,
                      &mask);
        if (x == wanted_x && y == wanted_y)
            return true;
        usleep(10000);
    }
    return false;
}

static void *serve_without_consent(void *user)
{
    (void)user;
    struct fake_conn *c = fake_accept(t->fake);
    struct timeval wait = {.tv_sec = 0, .tv_usec = 500000};
    bool ok = c != NULL && fake_welcome(t->fake, c, CW_HELLO_TICKET) &&
              fake_participant(c, 9, true, "Eve") && sync_request(c) && send_pointer(c, 33, 44);
    if (c != NULL)
        setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    paint(0, 0, 300, 300, 0xabcdef);
    ok = ok && fake_read(c) == 0; /* not a byte */
    ok = ok && !pointer_is_at(33, 44);
    return finish(c, ok);
}

static void test_nothing_without_consent(void **state)
{
    (void)state;
    setup(CW_ROLE_CUSTOMER);
    XWarpPointer(t->display, None, DefaultRootWindow(t->display), 0, 0, 0, 0, 1, 1);
    XSync(t->display, False);
    drive(serve_without_consent, NULL); /* nobody answers for Eve */
    teardown();
}

static void *serve_consent(void *user)
{
    (void)user;
    struct cw_consent consent;
    struct fake_conn *c = fake_accept(t->fake);
    bool ok = c != NULL && fake_welcome(t->fake, c, CW_HELLO_TICKET) && sync_request(c) &&
              fake_participant(c, 9, true, "Ann") && fake_expect(c, CW_MESSAGE_CONSENT) &&
              cw_consent_decode(c->payload, c->frame.length, &consent) == 0 &&
              consent.participant == 9 && consent.view == 1 && consent.control == 1 &&
              apply_screen(c) && picture_equals_screen() && send_pointer(c, 33, 44) &&
              pointer_is_at(33, 44);
    /* She leaves: input of anybody is dropped. */
    ok = ok && fake_participant(c, 9, false, "Ann") && send_pointer(c, 55, 66) &&
         !pointer_is_at(55, 66);
    return finish(c, ok);
}

static void test_consent_opens_the_screen(void **state)
{
    (void)state;
    setup(CW_ROLE_CUSTOMER);
    drive(serve_consent, answer_control);
    teardown();
}

/* ---- chat, resume, end ------------------------------------------------------------------------ */

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_viewer_sees_the_screen),
        cmocka_unit_test(test_two_updates_without_acknowledgement),
        cmocka_unit_test(test_reduced_rendition),
        cmocka_unit_test(test_screen_changes_its_size),
        cmocka_unit_test(test_nothing_without_consent),
        cmocka_unit_test(test_consent_opens_the_screen),
        cmocka_unit_test(test_resume_after_loss),
        cmocka_unit_test(test_refused_ticket_is_final),
        cmocka_unit_test(test_end_from_here),
    };
    xvfb_start("640x480x24");
    return cmocka_run_group_tests(tests, NULL, xvfb_stop);
}
