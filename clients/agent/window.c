/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/window.h"

#include <X11/Xatom.h>
#include <X11/Xutil.h>
#include <X11/keysym.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/agent/display.h"
#include "clients/agent/loop.h"
#include "clients/agent/window_parts.h"
#include "engine/base/err.h"

/* A question that comes up under somebody's typing or clicking is not answered by it. */
static const uint64_t question_guard_ns = UINT64_C(500000000);

/* ---- open and close --------------------------------------------------------------------------- */

static void set_hints(struct cw_window *w, int em_px)
{
    XSizeHints size = {.flags = PMinSize, .min_width = em_px * 16, .min_height = em_px * 16};
    XWMHints hints = {.flags = InputHint | StateHint, .input = True, .initial_state = NormalState};
    char name[] = "causeway-client", class[] = "Causeway";
    XClassHint class_hint = {.res_name = name, .res_class = class};
    XSetWMProperties(w->display, w->window, NULL, NULL, NULL, 0, &size, &hints, &class_hint);
    w->protocols_atom = XInternAtom(w->display, "WM_PROTOCOLS", False);
    w->delete_atom = XInternAtom(w->display, "WM_DELETE_WINDOW", False);
    w->name_atom = XInternAtom(w->display, "_NET_WM_NAME", False);
    w->utf8_atom = XInternAtom(w->display, "UTF8_STRING", False);
    XSetWMProtocols(w->display, w->window, &w->delete_atom, 1);
}

static void open_input_method(struct cw_window *w)
{
    w->input_method = XOpenIM(w->display, NULL, NULL, NULL);
    if (w->input_method == NULL)
        return; /* XLookupString is used then */
    w->input_context =
        XCreateIC(w->input_method, XNInputStyle, XIMPreeditNothing | XIMStatusNothing,
                  XNClientWindow, w->window, XNFocusWindow, w->window, NULL);
}

int cw_window_open(const char *display_name, cw_window_action_fn on_action, cw_window_say_fn on_say,
                   void *user, struct cw_window **ret_window, char *message, size_t message_size)
{
    struct cw_window *w = calloc(1, sizeof(*w));
    if (w == NULL)
        return CW_ERR_NOMEM;
    w->on_action = on_action;
    w->on_say = on_say;
    w->user = user;
    w->focus = CW_PART_ENTRY;
    int err = cw_display_open(display_name, &w->display, message, message_size);
    if (err != 0) {
        free(w);
        return err;
    }
    XSetWindowAttributes attributes = {
        .event_mask =
            ExposureMask | KeyPressMask | ButtonPressMask | StructureNotifyMask | FocusChangeMask,
        .bit_gravity = NorthWestGravity,
    };
    w->window = XCreateWindow(w->display, DefaultRootWindow(w->display), 40, 40, 440, 560, 0,
                              CopyFromParent, InputOutput, CopyFromParent,
                              CWEventMask | CWBitGravity, &attributes);
    err = cw_paint_open(&w->paint, w->display, w->window, 440, 560);
    if (err != 0) {
        snprintf(message, message_size, "No font was found to show a window with.");
        cw_window_close(w);
        return err;
    }
    set_hints(w, w->paint.em_px);
    /* The size follows the font, so that it is right on dense screens too. */
    XResizeWindow(w->display, w->window, (unsigned)w->paint.em_px * 26,
                  (unsigned)w->paint.em_px * 32);
    open_input_method(w);
    XMapRaised(w->display, w->window);
    w->is_dirty = true;
    *ret_window = w;
    return 0;
}

struct cw_window *cw_window_close(struct cw_window *w)
{
    if (w == NULL)
        return NULL;
    for (size_t i = 0; i < w->line_count; i++)
        free(w->lines[i].text);
    if (w->input_context != NULL)
        XDestroyIC(w->input_context);
    if (w->input_method != NULL)
        XCloseIM(w->input_method);
    cw_paint_close(&w->paint);
    cw_display_close(w->display);
    free(w);
    return NULL;
}

/* ---- what it shows ---------------------------------------------------------------------------- */

/* Grabs or lets go of the keys that end the session, with Caps Lock and Num Lock in any state. */
static void grab_keys(struct cw_window *w, bool is_wanted)
{
    static const unsigned locks[] = {0, LockMask, Mod2Mask, LockMask | Mod2Mask};
    const struct {
        KeySym keysym;
        unsigned modifiers;
    } keys[] = {{XK_Pause, 0}, {XK_Break, ControlMask}, {XK_End, ControlMask | Mod1Mask}};
    Window root = DefaultRootWindow(w->display);
    unsigned granted = 0;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        KeyCode code = XKeysymToKeycode(w->display, keys[i].keysym);
        if (code == 0)
            continue;
        unsigned long errors = cw_display_sync(w->display);
        for (size_t l = 0; l < sizeof(locks) / sizeof(locks[0]); l++) {
            if (is_wanted)
                XGrabKey(w->display, code, keys[i].modifiers | locks[l], root, False, GrabModeAsync,
                         GrabModeAsync);
            else
                XUngrabKey(w->display, code, keys[i].modifiers | locks[l], root);
        }
        granted += cw_display_sync(w->display) == errors;
    }
    w->has_grabs = is_wanted && granted > 0;
}

void cw_window_set(struct cw_window *w, const struct cw_view *view)
{
    if (memcmp(&w->view, view, sizeof(*view)) == 0)
        return;
    bool is_new_question =
        view->question[0] != '\0' && strcmp(view->question, w->view.question) != 0;
    bool is_keys_changed = view->has_keys != w->view.has_keys;
    if (strcmp(view->title, w->view.title) != 0) {
        Xutf8SetWMProperties(w->display, w->window, view->title, view->title, NULL, 0, NULL, NULL,
                             NULL);
        XChangeProperty(w->display, w->window, w->name_atom, w->utf8_atom, 8, PropModeReplace,
                        (const unsigned char *)view->title, (int)strlen(view->title));
    }
    if (view->question[0] == '\0' && w->view.question[0] != '\0')
        w->focus = CW_PART_ENTRY;
    w->view = *view;
    if (is_new_question) {
        w->question_ns = cw_now_ns();
        w->focus = CW_PART_ANSWER_1; /* the last button, the one that refuses */
        for (unsigned i = 0; i < CW_VIEW_ANSWERS_MAX; i++)
            if (view->answers[i][0] != '\0')
                w->focus = (enum cw_part)(CW_PART_ANSWER_1 + i);
        cw_window_raise(w);
    }
    if (is_keys_changed)
        grab_keys(w, view->has_keys);
    w->is_dirty = true;
}

void cw_window_add_chat(struct cw_window *w, const char *name, const char *text)
{
    if (w->line_count == CW_WINDOW_CHAT_LINES_MAX) {
        free(w->lines[0].text);
        w->line_count--;
        memmove(&w->lines[0], &w->lines[1], w->line_count * sizeof(w->lines[0]));
    }
    size_t bytes = strlen(name) + strlen(text) + 3;
    char *line = malloc(bytes);
    if (line == NULL)
        return;
    snprintf(line, bytes, "%s%s%s", name, name[0] != '\0' ? ": " : "", text);
    w->lines[w->line_count++] = (struct cw_window_line){.text = line};
    w->scroll_px = 0;
    w->is_dirty = true;
}

void cw_window_raise(struct cw_window *w)
{
    XMapRaised(w->display, w->window);
    XWMHints hints = {
        .flags = InputHint | StateHint | XUrgencyHint, .input = True, .initial_state = NormalState};
    XSetWMHints(w->display, w->window, &hints);
}

/* ---- what the person does --------------------------------------------------------------------- */

static void say(struct cw_window *w)
{
    if (w->edit.bytes > 0 && w->on_say(w->user, w->edit.text))
        cw_edit_clear(&w->edit);
    w->is_dirty = true;
}

static void press(struct cw_window *w, enum cw_part part)
{
    if (w->places[part].w == 0)
        return;
    bool is_answer = part <= CW_PART_ANSWER_3;
    if (is_answer && cw_now_ns() - w->question_ns < question_guard_ns)
        return;
    switch (part) {
    case CW_PART_ANSWER_1: w->on_action(w->user, CW_ACTION_ANSWER_1); break;
    case CW_PART_ANSWER_2: w->on_action(w->user, CW_ACTION_ANSWER_2); break;
    case CW_PART_ANSWER_3: w->on_action(w->user, CW_ACTION_ANSWER_3); break;
    case CW_PART_SEND: say(w); break;
    case CW_PART_SHARING: w->on_action(w->user, CW_ACTION_SHARING); break;
    case CW_PART_END: w->on_action(w->user, CW_ACTION_END); break;
    case CW_PART_ENTRY:
    case CW_PART_COUNT: break;
    }
}

static void move_focus(struct cw_window *w, int step)
{
    int focus = (int)w->focus;
    for (int i = 0; i < CW_PART_COUNT; i++) {
        focus = (focus + step + CW_PART_COUNT) % CW_PART_COUNT;
        if (w->places[focus].w > 0)
            break;
    }
    w->focus = (enum cw_part)focus;
    w->is_dirty = true;
}

static void press_escape(struct cw_window *w)
{
    for (int part = CW_PART_ANSWER_3; part >= CW_PART_ANSWER_1; part--) {
        if (w->places[part].w > 0) {
            press(w, (enum cw_part)part);
            return;
        }
    }
}

static void scroll(struct cw_window *w, int by_px)
{
    w->scroll_px = w->scroll_px + by_px < 0 ? 0 : w->scroll_px + by_px;
    w->is_dirty = true;
}

/* Keys of the entry; text is what the key writes. */
static void edit_key(struct cw_window *w, KeySym keysym, const char *text, size_t bytes,
                     unsigned state)
{
    struct cw_edit *e = &w->edit;
    w->is_dirty = true;
    switch (keysym) {
    case XK_BackSpace: cw_edit_backspace(e); return;
    case XK_Delete:
    case XK_KP_Delete: cw_edit_delete(e); return;
    case XK_Left: cw_edit_left(e); return;
    case XK_Right: cw_edit_right(e); return;
    case XK_Home: e->cursor = 0; return;
    case XK_End: e->cursor = e->bytes; return;
    case XK_Return:
    case XK_KP_Enter: say(w); return;
    default: break;
    }
    if (bytes > 0 && (state & (ControlMask | Mod1Mask)) == 0)
        (void)cw_edit_insert(e, text, bytes); /* too long or a control character: nothing happens */
}

static void on_key(struct cw_window *w, XKeyEvent *event)
{
    char text[256];
    KeySym keysym = NoSymbol;
    int bytes = 0;
    if (w->input_context != NULL) {
        Status status = 0;
        bytes =
            Xutf8LookupString(w->input_context, event, text, (int)sizeof(text), &keysym, &status);
        if (status == XBufferOverflow)
            bytes = 0;
    } else {
        bytes = XLookupString(event, text, (int)sizeof(text), &keysym, NULL);
    }
    if (keysym == XK_Tab || keysym == XK_ISO_Left_Tab) {
        move_focus(w, keysym == XK_ISO_Left_Tab || (event->state & ShiftMask) != 0 ? -1 : 1);
    } else if (keysym == XK_Escape) {
        press_escape(w);
    } else if (keysym == XK_Prior || keysym == XK_Next) {
        scroll(w, keysym == XK_Prior ? w->chat_height_px / 2 : -w->chat_height_px / 2);
    } else if (w->focus == CW_PART_ENTRY) {
        edit_key(w, keysym, text, (size_t)bytes, event->state);
    } else if (keysym == XK_Return || keysym == XK_KP_Enter || keysym == XK_space) {
        press(w, w->focus);
    }
}

static void on_button(struct cw_window *w, const XButtonEvent *event)
{
    if (event->button == Button4 || event->button == Button5) {
        scroll(w, event->button == Button4 ? w->paint.em_px * 3 : -w->paint.em_px * 3);
        return;
    }
    if (event->button != Button1)
        return;
    for (int part = 0; part < CW_PART_COUNT; part++) {
        const struct cw_place *p = &w->places[part];
        if (event->x < p->x || event->x >= p->x + p->w || event->y < p->y ||
            event->y >= p->y + p->h)
            continue;
        w->focus = (enum cw_part)part;
        w->is_dirty = true;
        press(w, w->focus);
        break;
    }
    if (!w->has_focus) /* on a screen without a window manager */
        XSetInputFocus(w->display, w->window, RevertToParent, event->time);
}

static void on_event(struct cw_window *w, XEvent *event)
{
    switch (event->type) {
    case Expose: w->is_dirty = true; break;
    case ConfigureNotify:
        if (event->xconfigure.width != w->paint.width_px ||
            event->xconfigure.height != w->paint.height_px) {
            cw_paint_resize(&w->paint, event->xconfigure.width, event->xconfigure.height);
            w->is_dirty = true;
        }
        break;
    case FocusIn:
    case FocusOut:
        w->has_focus = event->type == FocusIn;
        if (w->input_context != NULL && w->has_focus)
            XSetICFocus(w->input_context);
        break;
    case KeyPress:
        if (event->xkey.window != w->window)
            w->on_action(w->user, CW_ACTION_END); /* a grabbed key */
        else
            on_key(w, &event->xkey);
        break;
    case ButtonPress: on_button(w, &event->xbutton); break;
    case DestroyNotify: w->on_action(w->user, CW_ACTION_CLOSE); break;
    case MappingNotify: XRefreshKeyboardMapping(&event->xmapping); break;
    case ClientMessage:
        if (event->xclient.message_type == w->protocols_atom &&
            (Atom)event->xclient.data.l[0] == w->delete_atom)
            w->on_action(w->user, CW_ACTION_CLOSE);
        break;
    default: break;
    }
}

int cw_window_fd(const struct cw_window *w)
{
    return ConnectionNumber(w->display);
}

bool cw_window_has_pending(struct cw_window *w)
{
    return w->is_dirty || XPending(w->display) > 0;
}

void cw_window_process(struct cw_window *w)
{
    while (XPending(w->display) > 0) {
        XEvent event;
        XNextEvent(w->display, &event);
        if (!XFilterEvent(&event, None))
            on_event(w, &event);
    }
    if (w->is_dirty)
        cw_window_draw(w);
}
