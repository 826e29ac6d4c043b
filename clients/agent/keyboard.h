/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/keyboard.h - any keysym as key presses on whatever keyboard map the X server has.
 *
 * Owner:     the caller, from cw_keyboard_open to cw_keyboard_close.
 * Thread:    one.
 * Units:     ns (monotonic, given by the caller).
 * Errors:    cw_keyboard_prepare: CW_ERR_AGAIN (*ret_ready_ns says when to ask again), CW_ERR_NOT_FOUND (the map
 *            has neither the keysym nor a spare key code).
 * Limits:    CW_KEYBOARD_SPARE_MAX key codes, CW_KEYBOARD_HELD_MAX keys held.
 * Invariant: cw_keyboard_close leaves no key held and every spare key code unbound.
 *
 * A keysym that the map has (in the group in use) is typed with that key, with Shift and AltGr pressed or let go
 * around it as needed. Any other is bound to a spare key code first. Programs learn of a new map some
 * milliseconds later, so a key waits CW_KEYBOARD_SETTLE_MS after its binding; and a code that was typed keeps its
 * keysym for CW_KEYBOARD_KEEP_MS, because a program may look it up late.
 */
#ifndef CW_CLIENTS_AGENT_KEYBOARD_H
#define CW_CLIENTS_AGENT_KEYBOARD_H

#include <X11/X.h>
#include <X11/Xlib.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    CW_KEYBOARD_SPARE_MAX = 64,
    CW_KEYBOARD_HELD_MAX = 64,
    CW_KEYBOARD_SETTLE_MS =
        12, /* measured: right on every layout; at 0 ms one key of seven arrived */
    CW_KEYBOARD_KEEP_MS = 400,
};

struct cw_keyboard;

struct cw_keyboard *cw_keyboard_open(Display *display);
struct cw_keyboard *cw_keyboard_close(struct cw_keyboard *k);
/* Call for each event of the display: follows changes of the map. */
void cw_keyboard_event(struct cw_keyboard *k, XEvent *event);

/* Makes sure that the keysym can be pressed now. */
int cw_keyboard_prepare(struct cw_keyboard *k, KeySym keysym, uint64_t now_ns,
                        uint64_t *ret_ready_ns);
/* Presses it; cw_keyboard_prepare gave 0 just before. A keysym that is held already stays held. */
void cw_keyboard_press(struct cw_keyboard *k, KeySym keysym, uint64_t now_ns);
/* Lets go of it; a keysym that is not held, in neither case, is ignored. */
void cw_keyboard_release(struct cw_keyboard *k, KeySym keysym, uint64_t now_ns);
void cw_keyboard_release_all(struct cw_keyboard *k, uint64_t now_ns);
bool cw_keyboard_is_holding(const struct cw_keyboard *k);

#endif
