/* SPDX-License-Identifier: Apache-2.0 */
/* replay: a window that shows a recording. Keys: space stops and goes on, left and right move 10 s (with shift
 * one minute), up and down change the speed, home and end, q ends. */
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <X11/keysym.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "clients/recording/command.h"
#include "clients/recording/player.h"
#include "engine/base/err.h"

enum { FRAME_MS = 33, BAR_PX = 6 };

static const uint64_t second_ns = UINT64_C(1000000000);
static const double speeds[] = {0.25, 0.5, 1, 2, 4, 8, 16, 32};
enum { SPEED_COUNT = sizeof speeds / sizeof speeds[0], SPEED_NORMAL = 2 };

struct viewer {
    Display *display;
    Window window;
    GC gc;
    Atom wants_close;
    struct cw_tape *tape;
    struct cw_player *player;
    uint32_t width_px, height_px;
    uint64_t at_ns;
    uint64_t drawn; /* changes of the player */
    int speed;
    bool is_stopped;
    bool is_over;
};

static uint64_t now_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * second_ns + (uint64_t)t.tv_nsec;
}

static void title(const struct viewer *v)
{
    char at[24];
    char all[24];
    char text[128];
    cw_time_text(v->at_ns, at);
    cw_time_text(v->tape->duration_ns, all);
    (void)snprintf(text, sizeof text, "Session %u - %s of %s - %gx%s",
                   v->tape->parts[0].header.session, at, all, speeds[v->speed],
                   v->is_stopped ? " - stopped" : "");
    (void)XStoreName(v->display, v->window, text);
}

static void draw(struct viewer *v)
{
    const struct cw_decoder *d = v->player->decoder;
    uint64_t done =
        v->tape->duration_ns > 0 ? v->at_ns * v->width_px / v->tape->duration_ns : v->width_px;
    if (v->player->has_picture && v->player->changes != v->drawn) {
        uint32_t w = cw_decoder_width(d);
        uint32_t h = cw_decoder_height(d);
        XImage image = {.width = (int)w,
                        .height = (int)h,
                        .format = ZPixmap,
                        .data = (char *)(uintptr_t)cw_decoder_picture(d),
                        .byte_order = LSBFirst,
                        .bitmap_unit = 32,
                        .bitmap_bit_order = LSBFirst,
                        .bitmap_pad = 32,
                        .depth = DefaultDepth(v->display, DefaultScreen(v->display)),
                        .bytes_per_line = (int)(w * 4),
                        .bits_per_pixel = 32,
                        .red_mask = 0xFF0000,
                        .green_mask = 0xFF00,
                        .blue_mask = 0xFF};
        if (XInitImage(&image) != 0)
            (void)XPutImage(v->display, v->window, v->gc, &image, 0, 0, 0, 0, w, h);
        v->drawn = v->player->changes;
    }
    (void)XSetForeground(v->display, v->gc, 0x303030);
    (void)XFillRectangle(v->display, v->window, v->gc, 0, (int)v->height_px, v->width_px, BAR_PX);
    (void)XSetForeground(v->display, v->gc, 0x3080E0);
    (void)XFillRectangle(v->display, v->window, v->gc, 0, (int)v->height_px, (unsigned)done,
                         BAR_PX);
    title(v);
}

static void move(struct viewer *v, int64_t by_ns)
{
    if (by_ns < 0 && (uint64_t)-by_ns > v->at_ns)
        v->at_ns = 0;
    else
        v->at_ns = (uint64_t)((int64_t)v->at_ns + by_ns);
    if (v->at_ns > v->tape->duration_ns)
        v->at_ns = v->tape->duration_ns;
}

static void on_key(struct viewer *v, XKeyEvent *e)
{
    int64_t step_ns = (int64_t)(((e->state & ShiftMask) != 0 ? 60 : 10) * second_ns);
    switch (XLookupKeysym(e, 0)) {
    case XK_space: v->is_stopped = !v->is_stopped; break;
    case XK_Left: move(v, -step_ns); break;
    case XK_Right: move(v, step_ns); break;
    case XK_Up: v->speed += v->speed + 1 < SPEED_COUNT; break;
    case XK_Down: v->speed -= v->speed > 0; break;
    case XK_Home: v->at_ns = 0; break;
    case XK_End: v->at_ns = v->tape->duration_ns; break;
    case XK_q:
    case XK_Escape: v->is_over = true; break;
    default: break;
    }
}

static void on_event(struct viewer *v, XEvent *e)
{
    if (e->type == KeyPress)
        on_key(v, &e->xkey);
    else if (e->type == Expose)
        v->drawn = UINT64_MAX;
    else if (e->type == ButtonPress && v->width_px > 0)
        v->at_ns =
            (uint64_t)(e->xbutton.x > 0 ? e->xbutton.x : 0) * v->tape->duration_ns / v->width_px;
    else if (e->type == ClientMessage && (Atom)e->xclient.data.l[0] == v->wants_close)
        v->is_over = true;
}

static void run(struct viewer *v)
{
    uint64_t before_ns = now_ns();
    while (!v->is_over) {
        struct pollfd wait = {.fd = ConnectionNumber(v->display), .events = POLLIN};
        (void)poll(&wait, 1, FRAME_MS);
        while (XPending(v->display) > 0) {
            XEvent e;
            (void)XNextEvent(v->display, &e);
            on_event(v, &e);
        }
        uint64_t at_ns = now_ns();
        if (!v->is_stopped)
            move(v, (int64_t)((double)(at_ns - before_ns) * speeds[v->speed]));
        before_ns = at_ns;
        cw_player_show(v->player, v->at_ns);
        draw(v);
        (void)XFlush(v->display);
    }
}

int cw_command_replay(struct cw_tape *t, const char *display)
{
    struct viewer v = {.tape = t, .speed = SPEED_NORMAL, .drawn = UINT64_MAX};
    cw_player_canvas(t, &v.width_px, &v.height_px);
    if (v.width_px == 0) {
        (void)fprintf(stderr, "causeway-recording: nothing of the screen was recorded\n");
        return EX_DATAERR;
    }
    v.display = XOpenDisplay(display);
    if (v.display == NULL || DefaultDepth(v.display, DefaultScreen(v.display)) < 24) {
        (void)fprintf(stderr, "causeway-recording: there is no X display with true colours "
                              "(DISPLAY or --display)\n");
        return EX_UNAVAILABLE;
    }
    if (cw_player_new(t, &v.player) != CW_OK) {
        (void)XCloseDisplay(v.display);
        return EX_OSERR;
    }
    v.window = XCreateSimpleWindow(v.display, DefaultRootWindow(v.display), 0, 0, v.width_px,
                                   v.height_px + BAR_PX, 0, 0, 0);
    v.gc = XCreateGC(v.display, v.window, 0, NULL);
    v.wants_close = XInternAtom(v.display, "WM_DELETE_WINDOW", False);
    (void)XSetWMProtocols(v.display, v.window, &v.wants_close, 1);
    (void)XSelectInput(v.display, v.window, KeyPressMask | ExposureMask | ButtonPressMask);
    (void)XMapWindow(v.display, v.window);
    run(&v);
    (void)XFreeGC(v.display, v.gc);
    (void)XCloseDisplay(v.display);
    cw_player_free(v.player);
    return EX_OK;
}
