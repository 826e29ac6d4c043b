/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/keyboard.h"

#include <X11/XKBlib.h>
#include <X11/Xutil.h>
#include <X11/extensions/XTest.h>
#include <X11/keysym.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/err.h"

static const uint64_t ms_ns = 1000000;

struct spare {
    KeyCode code;
    KeySym keysym; /* NoSymbol: free */
    uint64_t ready_ns;
    uint64_t used_ns;
};

struct held {
    KeySym keysym;
    KeyCode code;
};

struct cw_keyboard {
    Display *display;
    XkbDescPtr map;
    int xkb_event;
    unsigned level3_mask; /* the modifier that AltGr sets, 0: none */
    KeyCode shift_code, level3_code;
    struct spare spares[CW_KEYBOARD_SPARE_MAX];
    size_t spare_count;
    struct held held[CW_KEYBOARD_HELD_MAX];
    size_t held_count;
};

/* How to type a keysym: the key, and which of Shift and AltGr must be other than they are. */
struct stroke {
    KeyCode code;
    unsigned toggles;
};

/* ---- the map ---------------------------------------------------------------------------------- */

static bool is_spare(const struct cw_keyboard *k, unsigned code)
{
    for (size_t i = 0; i < k->spare_count; i++)
        if (k->spares[i].code == code)
            return true;
    return false;
}

static bool is_empty_key(const struct cw_keyboard *k, unsigned code)
{
    int symbols = XkbKeyNumSyms(k->map, code);
    const KeySym *all = XkbKeySymsPtr(k->map, code);
    for (int i = 0; i < symbols; i++)
        if (all[i] != NoSymbol)
            return false;
    return k->map->map->modmap == NULL || k->map->map->modmap[code] == 0;
}

/* Bindings that somebody else's new map wiped out are forgotten; new empty codes join the pool. */
static void refresh_spares(struct cw_keyboard *k)
{
    for (size_t i = 0; i < k->spare_count; i++) {
        struct spare *s = &k->spares[i];
        if (s->keysym != NoSymbol && XkbKeySymEntry(k->map, s->code, 0, 0) != s->keysym)
            s->keysym = NoSymbol;
        if (s->keysym == NoSymbol && !is_empty_key(k, s->code)) {
            *s = k->spares[--k->spare_count];
            i--;
        }
    }
    for (unsigned code = k->map->max_key_code; code >= k->map->min_key_code; code--) {
        if (k->spare_count == CW_KEYBOARD_SPARE_MAX)
            break;
        if (is_empty_key(k, code) && !is_spare(k, code))
            k->spares[k->spare_count++] = (struct spare){.code = (KeyCode)code};
    }
}

static bool load_map(struct cw_keyboard *k)
{
    XkbDescPtr map = XkbGetMap(k->display, XkbAllClientInfoMask, XkbUseCoreKbd);
    if (map == NULL)
        return false;
    if (k->map != NULL)
        XkbFreeKeyboard(k->map, 0, True);
    k->map = map;
    k->shift_code = XKeysymToKeycode(k->display, XK_Shift_L);
    k->level3_code = XKeysymToKeycode(k->display, XK_ISO_Level3_Shift);
    k->level3_mask =
        k->level3_code != 0 ? XkbKeysymToModifiers(k->display, XK_ISO_Level3_Shift) : 0;
    refresh_spares(k);
    return true;
}

struct cw_keyboard *cw_keyboard_open(Display *display)
{
    struct cw_keyboard *k = calloc(1, sizeof(*k));
    if (k == NULL)
        return NULL;
    k->display = display;
    int opcode, error, major = XkbMajorVersion, minor = XkbMinorVersion;
    if (!XkbQueryExtension(display, &opcode, &k->xkb_event, &error, &major, &minor) ||
        !load_map(k)) {
        free(k);
        return NULL;
    }
    XkbSelectEvents(display, XkbUseCoreKbd, XkbNewKeyboardNotifyMask | XkbMapNotifyMask,
                    XkbNewKeyboardNotifyMask | XkbMapNotifyMask);
    return k;
}

static void bind_code(struct cw_keyboard *k, KeyCode code, KeySym keysym)
{
    KeySym both[2] = {keysym, keysym}; /* the same with and without Shift */
    XChangeKeyboardMapping(k->display, code, 2, both, 1);
    XFlush(k->display);
}

struct cw_keyboard *cw_keyboard_close(struct cw_keyboard *k)
{
    if (k == NULL)
        return NULL;
    cw_keyboard_release_all(k, 0);
    for (size_t i = 0; i < k->spare_count; i++)
        if (k->spares[i].keysym != NoSymbol)
            bind_code(k, k->spares[i].code, NoSymbol);
    XkbFreeKeyboard(k->map, 0, True);
    free(k);
    return NULL;
}

void cw_keyboard_event(struct cw_keyboard *k, XEvent *event)
{
    if (event->type == MappingNotify) {
        XRefreshKeyboardMapping(&event->xmapping);
        load_map(k);
    } else if (event->type == k->xkb_event) {
        XkbEvent *xkb = (XkbEvent *)event;
        if (xkb->any.xkb_type == XkbMapNotify)
            XkbRefreshKeyboardMapping(&xkb->map);
        load_map(k);
    }
}

/* ---- from keysym to stroke -------------------------------------------------------------------- */

/* Latin-1 and the euro sign have two keysyms each: the Unicode one is brought to the one maps have. */
static KeySym canonical(KeySym keysym)
{
    if ((keysym >= 0x01000020 && keysym <= 0x0100007e) ||
        (keysym >= 0x010000a0 && keysym <= 0x010000ff))
        return keysym & 0xff;
    return keysym == 0x010020ac ? XK_EuroSign : keysym;
}

/* Keys that mean the same whatever the modifiers do: Return, arrows, F1, Shift ... (not the keypad, whose
 * digits and arrows are one key). Typing them never touches a modifier. */
static bool is_function(KeySym keysym)
{
    bool is_keypad = keysym >= XK_KP_Space && keysym <= XK_KP_Equal;
    return (keysym >= 0xfe00 && keysym <= 0xffff && !is_keypad) ||
           (keysym >= 0x10080000 && keysym <= 0x1008ffff);
}

/* The keysym a key gives under these modifiers, as programs see it. */
static KeySym meaning(struct cw_keyboard *k, unsigned code, unsigned modifiers, unsigned group)
{
    unsigned consumed = 0;
    KeySym keysym = NoSymbol;
    if (!XkbTranslateKeyCode(k->map, (KeyCode)code, XkbBuildCoreState(modifiers, group), &consumed,
                             &keysym))
        return NoSymbol;
    if ((modifiers & LockMask) != 0 && (consumed & LockMask) == 0) {
        KeySym lower, upper;
        XConvertCase(keysym, &lower, &upper);
        keysym = upper;
    }
    return keysym;
}

static bool holds_code(const struct cw_keyboard *k, KeyCode code)
{
    for (size_t i = 0; i < k->held_count; i++)
        if (k->held[i].code == code)
            return true;
    return false;
}

/* Whether a modifier can be turned round: pressed always, let go only where it was us who pressed. */
static bool can_toggle(const struct cw_keyboard *k, const XkbStateRec *state, unsigned toggles)
{
    KeyCode shift_r = XKeysymToKeycode(k->display, XK_Shift_R);
    if ((toggles & ShiftMask) != 0) {
        if (k->shift_code == 0)
            return false;
        if ((state->mods & ShiftMask) != 0 && !holds_code(k, k->shift_code) &&
            !holds_code(k, shift_r))
            return false;
    }
    if ((toggles & k->level3_mask) != 0 && (state->mods & k->level3_mask) != 0 &&
        !holds_code(k, k->level3_code))
        return false;
    return true;
}

static bool find_function(struct cw_keyboard *k, KeySym keysym, struct stroke *ret)
{
    KeyCode code = XKeysymToKeycode(k->display, keysym);
    if (code == 0)
        return false;
    *ret = (struct stroke){.code = code};
    return true;
}

static bool find_stroke(struct cw_keyboard *k, KeySym keysym, struct stroke *ret)
{
    if (is_function(keysym) && find_function(k, keysym, ret))
        return true;
    XkbStateRec state;
    if (XkbGetState(k->display, XkbUseCoreKbd, &state) != Success)
        return false;
    unsigned toggles[4] = {0, ShiftMask, k->level3_mask, ShiftMask | k->level3_mask};
    unsigned toggle_count = k->level3_mask != 0 ? 4 : 2;
    for (unsigned t = 0; t < toggle_count; t++) {
        if (!can_toggle(k, &state, toggles[t]))
            continue;
        unsigned modifiers = state.mods ^ toggles[t];
        for (unsigned code = k->map->min_key_code; code <= k->map->max_key_code; code++) {
            if (is_spare(k, code) || meaning(k, code, modifiers, state.group) != keysym)
                continue;
            *ret = (struct stroke){.code = (KeyCode)code, .toggles = toggles[t]};
            return true;
        }
    }
    return false;
}

static struct spare *find_spare(struct cw_keyboard *k, KeySym keysym)
{
    for (size_t i = 0; i < k->spare_count; i++)
        if (k->spares[i].keysym == keysym)
            return &k->spares[i];
    return NULL;
}

/* A free code, or else the one that was used longest ago. */
static struct spare *oldest_spare(struct cw_keyboard *k)
{
    struct spare *best = NULL;
    for (size_t i = 0; i < k->spare_count; i++) {
        struct spare *s = &k->spares[i];
        if (holds_code(k, s->code))
            continue;
        if (s->keysym == NoSymbol && s->used_ns == 0)
            return s;
        if (best == NULL || s->used_ns < best->used_ns)
            best = s;
    }
    return best;
}

int cw_keyboard_prepare(struct cw_keyboard *k, KeySym keysym, uint64_t now_ns,
                        uint64_t *ret_ready_ns)
{
    struct stroke stroke;
    keysym = canonical(keysym);
    if (find_stroke(k, keysym, &stroke))
        return 0;
    struct spare *s = find_spare(k, keysym);
    if (s == NULL) {
        s = oldest_spare(k);
        if (s == NULL)
            return CW_ERR_NOT_FOUND;
        uint64_t free_ns = s->used_ns != 0 ? s->used_ns + CW_KEYBOARD_KEEP_MS * ms_ns : 0;
        if (now_ns < free_ns) {
            *ret_ready_ns = free_ns;
            return CW_ERR_AGAIN;
        }
        bind_code(k, s->code, keysym);
        s->keysym = keysym;
        s->ready_ns = now_ns + CW_KEYBOARD_SETTLE_MS * ms_ns;
        s->used_ns = now_ns;
    }
    if (now_ns < s->ready_ns) {
        *ret_ready_ns = s->ready_ns;
        return CW_ERR_AGAIN;
    }
    return 0;
}

/* ---- pressing --------------------------------------------------------------------------------- */

static void fake(struct cw_keyboard *k, KeyCode code, bool is_down)
{
    XTestFakeKeyEvent(k->display, code, is_down ? True : False, CurrentTime);
}

/* Turns modifiers round (or back, the second time): those we hold are let go, others pressed. */
static void toggle(struct cw_keyboard *k, unsigned toggles, bool is_back)
{
    const KeyCode shift_r = XKeysymToKeycode(k->display, XK_Shift_R);
    const struct {
        unsigned mask;
        KeyCode codes[2];
    } modifiers[2] = {{ShiftMask, {k->shift_code, shift_r}}, {k->level3_mask, {k->level3_code, 0}}};
    for (unsigned m = 0; m < 2; m++) {
        if ((toggles & modifiers[m].mask) == 0)
            continue;
        bool was_held = false;
        for (unsigned i = 0; i < 2; i++) {
            KeyCode code = modifiers[m].codes[i];
            if (code == 0 || !holds_code(k, code))
                continue;
            fake(k, code, is_back);
            was_held = true;
        }
        if (!was_held)
            fake(k, modifiers[m].codes[0], !is_back);
    }
}

static struct held *find_held(struct cw_keyboard *k, KeySym keysym)
{
    for (size_t i = 0; i < k->held_count; i++)
        if (k->held[i].keysym == keysym)
            return &k->held[i];
    return NULL;
}

static void let_go(struct cw_keyboard *k, struct held *h, uint64_t now_ns)
{
    struct spare *s = find_spare(k, h->keysym);
    if (s != NULL && s->code == h->code)
        s->used_ns = now_ns;
    fake(k, h->code, false);
    *h = k->held[--k->held_count];
}

void cw_keyboard_press(struct cw_keyboard *k, KeySym keysym, uint64_t now_ns)
{
    keysym = canonical(keysym);
    if (find_held(k, keysym) != NULL || k->held_count == CW_KEYBOARD_HELD_MAX)
        return; /* the X server repeats a held key by itself */
    struct stroke stroke = {0};
    if (!find_stroke(k, keysym, &stroke)) {
        struct spare *s = find_spare(k, keysym);
        if (s == NULL)
            return;
        s->used_ns = now_ns;
        stroke.code = s->code;
    }
    for (size_t i = 0; i < k->held_count; i++) /* "a" held and "A" pressed: one key */
        if (k->held[i].code == stroke.code)
            let_go(k, &k->held[i--], now_ns);
    toggle(k, stroke.toggles, false);
    fake(k, stroke.code, true);
    toggle(k, stroke.toggles, true);
    k->held[k->held_count++] = (struct held){.keysym = keysym, .code = stroke.code};
    XFlush(k->display);
}

void cw_keyboard_release(struct cw_keyboard *k, KeySym keysym, uint64_t now_ns)
{
    keysym = canonical(keysym);
    struct held *h = find_held(k, keysym);
    if (h == NULL) {
        /* Shift was let go before the letter: the viewer's key up names the other case. */
        KeySym lower, upper;
        XConvertCase(keysym, &lower, &upper);
        h = find_held(k, keysym == lower ? upper : lower);
    }
    if (h == NULL)
        return;
    let_go(k, h, now_ns);
    XFlush(k->display);
}

void cw_keyboard_release_all(struct cw_keyboard *k, uint64_t now_ns)
{
    while (k->held_count > 0)
        let_go(k, &k->held[k->held_count - 1], now_ns);
    XFlush(k->display);
}

bool cw_keyboard_is_holding(const struct cw_keyboard *k)
{
    return k->held_count > 0;
}
