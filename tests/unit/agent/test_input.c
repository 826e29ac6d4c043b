/* SPDX-License-Identifier: Apache-2.0 */
/* Typing and pointing on a real X server: every keysym arrives right on every layout, and nothing stays held. */
#include <X11/XKBlib.h>
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <X11/keysym.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "clients/agent/display.h"
#include "clients/agent/input.h"
#include "clients/agent/loop.h"
#include "tests/unit/agent/xvfb.h"

static Display *display;
static Window window;
static XIC input_context;
static struct cw_input *input;
static char typed[4096];
static KeySym keysyms[256];
static unsigned keysym_count;
static unsigned last_state;

static void set_layout(const char *layout)
{
    pid_t pid = fork();
    int status = 1;
    if (pid == 0) {
        execlp("setxkbmap", "setxkbmap", "-display", xvfb_name(), layout, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void take_events(void)
{
    while (XPending(display) > 0) {
        XEvent e;
        char text[64];
        Status status = 0;
        KeySym keysym = NoSymbol;
        XNextEvent(display, &e);
        if (XFilterEvent(&e, None))
            continue;
        if (e.type == MappingNotify)
            XRefreshKeyboardMapping(&e.xmapping);
        if (e.type != KeyPress)
            continue;
        int n = Xutf8LookupString(input_context, &e.xkey, text, (int)sizeof(text) - 1, &keysym,
                                  &status);
        text[n > 0 ? n : 0] = '\0';
        strncat(typed, text, sizeof(typed) - strlen(typed) - 1);
        if (keysym_count < 256)
            keysyms[keysym_count++] = keysym;
        last_state = e.xkey.state;
    }
}

/* Lets the input work until its queue is done, and the window hear of it. */
static void settle(void)
{
    uint64_t end_ns = cw_now_ns() + UINT64_C(20000000000), quiet_ns = 0;
    while (cw_now_ns() < end_ns) {
        cw_input_process(input, cw_now_ns());
        take_events();
        if (cw_input_deadline_ns(input) != UINT64_MAX)
            quiet_ns = 0;
        else if (quiet_ns == 0)
            quiet_ns = cw_now_ns();
        else if (cw_now_ns() - quiet_ns > 60000000)
            return;
        usleep(1000);
    }
    fail_msg("the queue did not become empty");
}

static void key(KeySym keysym, bool is_down)
{
    struct cw_key k = {.keysym = (uint32_t)keysym, .down = is_down};
    cw_input_key(input, &k, cw_now_ns());
}

static void tap(KeySym keysym)
{
    key(keysym, true);
    key(keysym, false);
}

static void reset(void)
{
    typed[0] = '\0';
    keysym_count = 0;
}

/* Keysyms as the console sends them: Latin-1 by itself, everything else by its code point. */
static void type_text(const char *text)
{
    wchar_t wide[256];
    size_t n = mbstowcs(wide, text, 256);
    assert_in_range(n, 1, 255);
    for (size_t i = 0; i < n; i++) {
        unsigned long c = (unsigned long)wide[i];
        tap(c < 0x100 ? c : 0x01000000 + c);
    }
}

static int setup_group(void **state)
{
    (void)state;
    char message[256];
    setlocale(LC_CTYPE, "C.UTF-8");
    XSetLocaleModifiers("@im=none");
    display = XOpenDisplay(xvfb_name());
    assert_non_null(display);
    window = XCreateSimpleWindow(display, DefaultRootWindow(display), 0, 0, 200, 100, 0, 0, 0);
    XSelectInput(display, window, KeyPressMask | StructureNotifyMask | ButtonPressMask);
    XMapWindow(display, window);
    XEvent e;
    do
        XNextEvent(display, &e);
    while (e.type != MapNotify);
    XSetInputFocus(display, window, RevertToParent, CurrentTime);
    XIM im = XOpenIM(display, NULL, NULL, NULL);
    assert_non_null(im);
    input_context = XCreateIC(im, XNInputStyle, XIMPreeditNothing | XIMStatusNothing,
                              XNClientWindow, window, XNFocusWindow, window, NULL);
    assert_non_null(input_context);
    XSetICFocus(input_context);
    XSync(display, False);
    assert_int_equal(cw_input_open(xvfb_name(), &input, message, sizeof(message)), 0);
    return 0;
}

static int teardown_group(void **state)
{
    input = cw_input_close(input);
    XIM im = XIMOfIC(input_context);
    XDestroyIC(input_context);
    XCloseIM(im);
    XCloseDisplay(display);
    return xvfb_stop(state);
}

static void test_text_on_every_layout(void **state)
{
    (void)state;
    static const char *const layouts[] = {"us", "de", "fr", "ru"};
    static const char text[] =
        "Hello, World! 0123 /\\@#~{}[]|^`\"' zyZY aqAQ € ñ Ñ 漢字 ß é яЖ ½ 漢 €";
    for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
        set_layout(layouts[i]);
        settle();
        reset();
        type_text(text);
        settle();
        print_message("%s: %s\n", layouts[i], typed);
        assert_string_equal(typed, text);
    }
    set_layout("us");
    settle();
}

/* More different characters than there are spare key codes: codes are bound anew, and each arrives. */
static void test_many_strange_characters(void **state)
{
    (void)state;
    char text[512];
    size_t n = 0;
    for (unsigned i = 0; i < 100; i++) {
        unsigned c = 0x4e00 + i * 7;
        text[n++] = (char)(0xe0 | c >> 12);
        text[n++] = (char)(0x80 | (c >> 6 & 0x3f));
        text[n++] = (char)(0x80 | (c & 0x3f));
    }
    text[n] = '\0';
    reset();
    type_text(text);
    settle();
    assert_string_equal(typed, text);
}

static void test_modifiers_pass_through(void **state)
{
    (void)state;
    reset();
    key(XK_Control_L, true);
    tap('c');
    settle();
    assert_int_equal(last_state & ControlMask, ControlMask);
    assert_int_equal(keysyms[keysym_count - 1], 'c');
    key(XK_Control_L, false);
    /* Tab with Shift held is the Tab key with Shift, not a Tab without it. */
    key(XK_Shift_L, true);
    tap(XK_Tab);
    settle();
    assert_int_equal(last_state & ShiftMask, ShiftMask);
    assert_int_equal(keysyms[keysym_count - 1], XK_ISO_Left_Tab);
    /* "/" from a German keyboard comes with Shift held; here it needs none. */
    reset();
    tap('/');
    settle();
    assert_string_equal(typed, "/");
    tap('A');
    key(XK_Shift_L, false);
    tap('a');
    settle();
    assert_string_equal(typed, "/Aa");
    assert_int_equal(last_state & ShiftMask, 0);
}

static bool any_key_is_down(void)
{
    char keys[32];
    XQueryKeymap(display, keys);
    for (size_t i = 0; i < sizeof(keys); i++)
        if (keys[i] != 0)
            return true;
    return false;
}

static unsigned button_state(void)
{
    Window root, child;
    int x, y, wx, wy;
    unsigned mask = 0;
    XQueryPointer(display, window, &root, &child, &x, &y, &wx, &wy, &mask);
    return mask & (Button1Mask | Button2Mask | Button3Mask);
}

static void test_release_all(void **state)
{
    (void)state;
    struct cw_pointer p = {.x_px = 20, .y_px = 30, .buttons = 5};
    key(XK_Shift_L, true);
    key('A', true);
    key(0x01006f22, true);
    cw_input_pointer(input, &p, cw_now_ns());
    settle();
    assert_true(any_key_is_down());
    assert_int_equal(button_state(), Button1Mask | Button3Mask);
    cw_input_release_all(input, cw_now_ns());
    settle();
    assert_false(any_key_is_down());
    assert_int_equal(button_state(), 0);
    /* The viewer lets go of Shift first: the letter's key up names the other case. */
    key(XK_Shift_L, true);
    key('A', true);
    key(XK_Shift_L, false);
    key('a', false);
    settle();
    assert_false(any_key_is_down());
}

static void test_close_leaves_nothing(void **state)
{
    (void)state;
    char message[256];
    int count = 0, spare_syms = 0;
    key('x', true);
    tap(0x01006f22);
    settle();
    input = cw_input_close(input);
    assert_false(any_key_is_down());
    int first, last, per;
    XDisplayKeycodes(display, &first, &last);
    KeySym *map = XGetKeyboardMapping(display, (KeyCode)first, last - first + 1, &per);
    count = (last - first + 1) * per;
    for (int i = 0; i < count; i++)
        spare_syms += map[i] >= 0x01000000 && map[i] < 0x01110000;
    XFree(map);
    assert_int_equal(spare_syms, 0);
    assert_int_equal(cw_input_open(xvfb_name(), &input, message, sizeof(message)), 0);
}

static void test_pointer_and_wheel(void **state)
{
    (void)state;
    unsigned up = 0, down = 0, right = 0;
    uint16_t x = 0, y = 0;
    struct cw_pointer p = {.x_px = 50, .y_px = 60, .wheel_y = 60};
    XEvent e;
    cw_input_pointer(input, &p, cw_now_ns()); /* half a notch */
    cw_input_pointer(input, &p, cw_now_ns()); /* the other half: one click down */
    p.wheel_y = -240;
    p.wheel_x = 120;
    cw_input_pointer(input, &p, cw_now_ns());
    p.wheel_x = 0;
    p.wheel_y = 32767; /* a liar: at most 20 clicks */
    cw_input_pointer(input, &p, cw_now_ns());
    p = (struct cw_pointer){.x_px = 65535, .y_px = 65535}; /* beyond the screen: the corner */
    cw_input_pointer(input, &p, cw_now_ns());
    cw_display_sync(display);
    usleep(50000);
    while (XPending(display) > 0) {
        XNextEvent(display, &e);
        up += e.type == ButtonPress && e.xbutton.button == 4;
        down += e.type == ButtonPress && e.xbutton.button == 5;
        right += e.type == ButtonPress && e.xbutton.button == 7;
    }
    assert_int_equal(up, 2);
    assert_int_equal(right, 1);
    assert_int_equal(down, 21);
    assert_true(cw_input_position(input, &x, &y));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_on_every_layout),
        cmocka_unit_test(test_many_strange_characters),
        cmocka_unit_test(test_modifiers_pass_through),
        cmocka_unit_test(test_release_all),
        cmocka_unit_test(test_close_leaves_nothing),
        cmocka_unit_test(test_pointer_and_wheel),
    };
    xvfb_start("640x480x24");
    return cmocka_run_group_tests(tests, setup_group, teardown_group);
}
