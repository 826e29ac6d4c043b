/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/agent/session_rig.h - a session of the agent against a fake appliance, on a real X server.
 *
 * Owner:     setup to teardown, one test at a time; xvfb_start comes before.
 * Thread:    the client runs in the test's thread, the appliance's script in another (drive).
 * Errors:    a script gives false to finish; the test's thread compares.
 */
#ifndef CW_TESTS_UNIT_AGENT_SESSION_RIG_H
#define CW_TESTS_UNIT_AGENT_SESSION_RIG_H

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

static inline void on_chat(void *user, enum cw_chat_from from, const char *name, const char *text)
{
    (void)user;
    snprintf(t->chat, sizeof(t->chat), "%s%s: %s", from == CW_CHAT_OWN ? "own " : "", name, text);
}

static inline void setup(uint8_t role)
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

static inline void teardown(void)
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
static inline void drive(void *(*script)(void *), void (*each_turn)(void))
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
static inline bool read_screen(struct fake_conn *c)
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

static inline bool apply_screen(struct fake_conn *c)
{
    return read_screen(c) && cw_decoder_apply(t->decoder, t->packet, t->packet_bytes) == 0;
}

static inline bool send_ack(struct fake_conn *c, uint32_t number)
{
    uint8_t out[4] = {(uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16),
                      (uint8_t)(number >> 24)};
    return fake_send(c, CW_MESSAGE_SCREEN_ACK, out, sizeof(out));
}

static inline bool ack(struct fake_conn *c)
{
    return send_ack(c, cw_decoder_update_number(t->decoder));
}

static inline bool sync_request(struct fake_conn *c)
{
    uint8_t rendition = 0;
    return fake_send(c, CW_MESSAGE_SYNC_REQUEST, &rendition, 1);
}

static inline bool picture_equals_screen(void)
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

static inline void paint(int x, int y, unsigned w, unsigned h, unsigned long colour)
{
    GC gc = XCreateGC(t->display, DefaultRootWindow(t->display), 0, NULL);
    XSetForeground(t->display, gc, colour);
    XFillRectangle(t->display, DefaultRootWindow(t->display), gc, x, y, w, h);
    XFreeGC(t->display, gc);
    XSync(t->display, False);
}

/* Applies updates until the picture is the screen's. */
static inline bool catch_up(struct fake_conn *c)
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

static inline void *finish(struct fake_conn *c, bool ok)
{
    t->ok = ok;
    fake_hang_up(c);
    atomic_store(&t->is_served, true);
    return NULL;
}

#endif
