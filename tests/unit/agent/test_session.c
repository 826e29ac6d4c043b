/* SPDX-License-Identifier: Apache-2.0 */
/* A session against a fake appliance, on a real X server: sync, updates, renditions, sizes, consent. */
#include "clients/agent/panel.h"
#include "tests/unit/agent/session_rig.h"

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

/* The next message of a rendition; those of the other one are applied on the way. */
static bool apply_rendition(struct fake_conn *c, uint8_t rendition, struct cw_decoder *reduced)
{
    for (;;) {
        if (!read_screen(c))
            return false;
        unsigned got =
            (unsigned)(t->packet_flags & CW_FLAG_RENDITION_MASK) >> CW_FLAG_RENDITION_SHIFT;
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
    struct fake_conn *c = fake_accept(t->fake);
    bool ok = c != NULL && cw_decoder_new(0, &reduced) == 0 &&
              fake_welcome(t->fake, c, CW_HELLO_TICKET) && sync_request(c) && apply_screen(c) &&
              ack(c) && t->resets == 1 && want_reduced(c, true) &&
              apply_rendition(c, CW_RENDITION_REDUCED, reduced) && t->resets == 2 &&
              (t->packet_flags & CW_FLAG_KEYFRAME) != 0 && is_half_of_full(reduced);
    for (unsigned i = 0; ok && i < 5; i++) {
        paint((int)i * 37 + 1, (int)i * 29, 101 + i, 41, 0x123457 * (i + 1));
        uint32_t n = cw_decoder_update_number(reduced);
        uint8_t shown[5] = {(uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16), (uint8_t)(n >> 24),
                            1};
        ok = fake_send(c, CW_MESSAGE_SCREEN_ACK, shown, sizeof(shown)) &&
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

/* ---- tools ------------------------------------------------------------------------------------- */

static bool send_ask(struct fake_conn *c, uint16_t tool, const char *text)
{
    uint8_t out[12 + CW_TOOL_QUESTION_BYTES_MAX];
    size_t size = 0;
    struct cw_tool_ask ask = {
        .participant = 9, .tool = tool, .time_s = 60, .text = text, .text_bytes = strlen(text)};
    return cw_tool_ask_encode(&ask, out, sizeof(out), &size) == 0 &&
           fake_send(c, CW_MESSAGE_TOOL_ASK, out, size);
}

static bool expect_answer(struct fake_conn *c, uint16_t tool, uint8_t yes)
{
    struct cw_tool_answer answer;
    return fake_expect(c, CW_MESSAGE_TOOL_ANSWER) &&
           cw_tool_answer_decode(c->payload, c->frame.length, &answer) == 0 &&
           answer.participant == 9 && answer.tool == tool && answer.yes == yes;
}

static void *serve_tools(void *user)
{
    (void)user;
    struct fake_conn *c = fake_accept(t->fake);
    bool ok = c != NULL && fake_welcome(t->fake, c, CW_HELLO_TICKET) && sync_request(c) &&
              fake_participant(c, 9, true, "Ann") && fake_expect(c, CW_MESSAGE_CONSENT) &&
              apply_screen(c) && send_pointer(c, 33, 44) && pointer_is_at(33, 44);
    /* One that is taken back is not answered; while one is shown nobody else answers it. */
    ok = ok && send_ask(c, 1, "Not this one?") && send_pointer(c, 55, 66) && !pointer_is_at(55, 66);
    ok = ok && send_ask(c, 1, "") && send_pointer(c, 57, 68) && pointer_is_at(57, 68);
    ok = ok && send_ask(c, 24, "Yes?") && expect_answer(c, 24, 1);
    ok = ok && send_ask(c, 30, "No?") && expect_answer(c, 30, 0);
    return finish(c, ok);
}

static void answer_tools(void)
{
    struct cw_view view;
    const struct cw_tool_question *asked = cw_session_tool_question(t->session);
    answer_control();
    cw_panel_view(t->session, &view);
    if (asked == NULL || strcmp(asked->text, "Not this one?") == 0)
        return;
    if (strcmp(view.question, asked->text) == 0 && strcmp(view.answers[0], "Allow") == 0 &&
        strcmp(view.answers[1], "Refuse") == 0)
        cw_session_answer_tool(t->session, strcmp(asked->text, "Yes?") == 0);
}

static void test_a_tool_is_asked_about(void **state)
{
    (void)state;
    setup(CW_ROLE_CUSTOMER);
    drive(serve_tools, answer_tools);
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
        cmocka_unit_test(test_a_tool_is_asked_about),
    };
    xvfb_start("640x480x24");
    return cmocka_run_group_tests(tests, NULL, xvfb_stop);
}
