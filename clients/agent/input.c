/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/input.h"

#include <X11/Xlib.h>
#include <X11/extensions/XTest.h>
#include <stdio.h>
#include <stdlib.h>

#include "clients/agent/display.h"
#include "clients/agent/keyboard.h"
#include "engine/base/err.h"

enum stroke_kind { STROKE_KEY, STROKE_POINTER, STROKE_RELEASE_ALL };

struct stroke {
    enum stroke_kind kind;
    struct cw_key key;
    struct cw_pointer pointer;
};

struct cw_input {
    Display *display;
    struct cw_keyboard *keyboard;
    uint64_t ready_ns; /* the first stroke waits until then; 0: nothing waits */
    size_t first, count;
    uint16_t buttons;     /* held by us */
    int wheel_x, wheel_y; /* parts of a notch, in 1/120 */
    bool has_position;
    uint16_t x_px, y_px;
    struct stroke queue[CW_INPUT_QUEUE_MAX];
};

int cw_input_open(const char *display_name, struct cw_input **ret_input, char *message,
                  size_t message_size)
{
    struct cw_input *in = calloc(1, sizeof(*in));
    if (in == NULL)
        return CW_ERR_NOMEM;
    int err = cw_display_open(display_name, &in->display, message, message_size);
    int event, error, major, minor;
    if (err == 0 && !XTestQueryExtension(in->display, &event, &error, &major, &minor)) {
        snprintf(message, message_size, "The X server lacks the extension XTEST.");
        err = CW_ERR_UNSUPPORTED;
    }
    if (err == 0) {
        in->keyboard = cw_keyboard_open(in->display);
        if (in->keyboard == NULL) {
            snprintf(message, message_size, "The X server's keyboard map cannot be read.");
            err = CW_ERR_UNSUPPORTED;
        }
    }
    if (err != 0) {
        cw_display_close(in->display);
        free(in);
        return err;
    }
    XTestGrabControl(in->display, True); /* works while another program holds the server */
    *ret_input = in;
    return 0;
}

struct cw_input *cw_input_close(struct cw_input *in)
{
    if (in == NULL)
        return NULL;
    cw_input_stop(in, 0);
    cw_keyboard_close(in->keyboard);
    cw_display_close(in->display);
    free(in);
    return NULL;
}

/* ---- doing ------------------------------------------------------------------------------------ */

static void fake_button(struct cw_input *in, unsigned button, bool is_down)
{
    XTestFakeButtonEvent(in->display, button, is_down ? True : False, CurrentTime);
}

static void set_buttons(struct cw_input *in, uint16_t buttons)
{
    static const uint8_t numbers[] = {1, 2, 3, 8, 9}; /* 4 to 7 are the wheel */
    for (unsigned i = 0; i < sizeof(numbers); i++) {
        uint16_t bit = (uint16_t)(1u << i);
        if (((buttons ^ in->buttons) & bit) != 0)
            fake_button(in, numbers[i], (buttons & bit) != 0);
    }
    in->buttons = buttons & 0x1f;
}

/* Whole notches become clicks. A liar's 32,767 is 273 notches; more than 20 at once is nobody's finger. */
static int turn_wheel(struct cw_input *in, int sum, unsigned button_less, unsigned button_more)
{
    enum { NOTCH = 120, NOTCHES_MAX = 20 };
    int notches = sum / NOTCH;
    sum -= notches * NOTCH;
    if (notches > NOTCHES_MAX)
        notches = NOTCHES_MAX;
    if (notches < -NOTCHES_MAX)
        notches = -NOTCHES_MAX;
    unsigned button = notches < 0 ? button_less : button_more;
    for (int i = notches < 0 ? -notches : notches; i > 0; i--) {
        fake_button(in, button, true);
        fake_button(in, button, false);
    }
    return sum;
}

static void do_pointer(struct cw_input *in, const struct cw_pointer *p)
{
    int screen = DefaultScreen(in->display);
    XTestFakeMotionEvent(in->display, screen, p->x_px, p->y_px, CurrentTime);
    in->has_position = true;
    in->x_px = p->x_px;
    in->y_px = p->y_px;
    set_buttons(in, p->buttons);
    in->wheel_x = turn_wheel(in, in->wheel_x + p->wheel_x, 6, 7);
    in->wheel_y = turn_wheel(in, in->wheel_y + p->wheel_y, 4, 5);
    XFlush(in->display);
}

static void do_release_all(struct cw_input *in, uint64_t now_ns)
{
    cw_keyboard_release_all(in->keyboard, now_ns);
    set_buttons(in, 0);
    XFlush(in->display);
}

/* False: it has to wait until in->ready_ns. */
static bool do_stroke(struct cw_input *in, const struct stroke *s, uint64_t now_ns)
{
    switch (s->kind) {
    case STROKE_KEY:
        if (!s->key.down) {
            cw_keyboard_release(in->keyboard, s->key.keysym, now_ns);
            return true;
        }
        int err = cw_keyboard_prepare(in->keyboard, s->key.keysym, now_ns, &in->ready_ns);
        if (err == CW_ERR_AGAIN)
            return false;
        if (err == 0)
            cw_keyboard_press(in->keyboard, s->key.keysym, now_ns);
        return true;
    case STROKE_POINTER: do_pointer(in, &s->pointer); return true;
    case STROKE_RELEASE_ALL: do_release_all(in, now_ns); return true;
    }
    return true;
}

static void run_queue(struct cw_input *in, uint64_t now_ns)
{
    in->ready_ns = 0;
    while (in->count > 0 && do_stroke(in, &in->queue[in->first], now_ns)) {
        in->first = (in->first + 1) % CW_INPUT_QUEUE_MAX;
        in->count--;
    }
}

static void add(struct cw_input *in, const struct stroke *s, uint64_t now_ns)
{
    if (in->count == CW_INPUT_QUEUE_MAX)
        return; /* only a peer that ignores back-pressure gets here */
    in->queue[(in->first + in->count) % CW_INPUT_QUEUE_MAX] = *s;
    in->count++;
    if (in->count == 1)
        run_queue(in, now_ns);
}

void cw_input_key(struct cw_input *in, const struct cw_key *key, uint64_t now_ns)
{
    add(in, &(struct stroke){.kind = STROKE_KEY, .key = *key}, now_ns);
}

void cw_input_pointer(struct cw_input *in, const struct cw_pointer *pointer, uint64_t now_ns)
{
    add(in, &(struct stroke){.kind = STROKE_POINTER, .pointer = *pointer}, now_ns);
}

void cw_input_release_all(struct cw_input *in, uint64_t now_ns)
{
    add(in, &(struct stroke){.kind = STROKE_RELEASE_ALL}, now_ns);
}

void cw_input_stop(struct cw_input *in, uint64_t now_ns)
{
    in->count = 0;
    in->ready_ns = 0;
    do_release_all(in, now_ns);
}

/* ---- events ----------------------------------------------------------------------------------- */

int cw_input_fd(const struct cw_input *in)
{
    return ConnectionNumber(in->display);
}

bool cw_input_has_pending(struct cw_input *in)
{
    return XPending(in->display) > 0;
}

void cw_input_process(struct cw_input *in, uint64_t now_ns)
{
    while (XPending(in->display) > 0) {
        XEvent e;
        XNextEvent(in->display, &e);
        cw_keyboard_event(in->keyboard, &e);
    }
    if (in->count > 0 && now_ns >= in->ready_ns)
        run_queue(in, now_ns);
}

uint64_t cw_input_deadline_ns(const struct cw_input *in)
{
    return in->count > 0 ? in->ready_ns : UINT64_MAX;
}

bool cw_input_is_busy(const struct cw_input *in)
{
    return in->count >= CW_INPUT_QUEUE_PAUSE;
}

bool cw_input_position(const struct cw_input *in, uint16_t *ret_x, uint16_t *ret_y)
{
    *ret_x = in->x_px;
    *ret_y = in->y_px;
    return in->has_position;
}
