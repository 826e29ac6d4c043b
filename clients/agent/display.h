/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/display.h - connections to the X server, and what happens when a request fails.
 *
 * Owner:     the caller closes what cw_display_open gave.
 * Thread:    one; the X error handler is process-wide.
 * Errors:    CW_ERR_IO (no such display), CW_ERR_UNSUPPORTED (an extension or a visual); message says what.
 *
 * X reports errors later than the request that caused them. Windows of others come and go and the screen
 * changes its size between two requests, so an error must not end the program: it is counted, and the places
 * that care compare the count. A lost X server does end the program (EX_UNAVAILABLE); systemd starts it again.
 */
#ifndef CW_CLIENTS_AGENT_DISPLAY_H
#define CW_CLIENTS_AGENT_DISPLAY_H

#include <X11/Xlib.h>
#include <stddef.h>

/* name: NULL is $DISPLAY. */
int cw_display_open(const char *name, Display **ret_display, char *message, size_t message_size);
Display *cw_display_close(Display *display);
/* X errors so far, of all connections. */
unsigned long cw_display_errors(void);
/* Waits until all requests were done and returns the errors so far. */
unsigned long cw_display_sync(Display *display);

#endif
