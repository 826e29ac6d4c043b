/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/presence.h - whether somebody sits at this computer, and who.
 *
 * Owner:     the caller's buffers.
 * Thread:    one.
 * Errors:    none: what cannot be found out is unknown.
 *
 * A locked screen or a screen saver is told by the root window's _SCREENSAVER_STATUS while xscreensaver runs (or one
 * that marks its window the same way), and by the MIT-SCREEN-SAVER extension; who is logged in, by utmp where there is
 * one.
 */
#ifndef CW_CLIENTS_AGENT_PRESENCE_H
#define CW_CLIENTS_AGENT_PRESENCE_H

#include <X11/Xlib.h>
#include <stddef.h>

/* "logged_in", "logged_out", "locked", "screen_saver" or "unknown". display: NULL when X cannot be reached. */
const char *cw_presence(Display *display);
/* Who is logged in at this display; empty when nobody is known to be. */
void cw_presence_user(Display *display, char *out, size_t out_size);

#endif
