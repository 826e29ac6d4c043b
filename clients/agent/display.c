/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/display.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "engine/base/err.h"
#include "engine/base/log.h"

static unsigned long error_count;

static int on_error(Display *display, XErrorEvent *event)
{
    (void)display;
    error_count++;
    cw_log(CW_LOG_DEBUG, "agent.display", "request %u.%u failed with error %u", event->request_code,
           event->minor_code, event->error_code);
    return 0;
}

static int on_lost(Display *display)
{
    cw_log(CW_LOG_ERROR, "agent.display", "the X server %s went away", DisplayString(display));
    exit(EX_UNAVAILABLE);
}

int cw_display_open(const char *name, Display **ret_display, char *message, size_t message_size)
{
    Display *display = XOpenDisplay(name);
    if (display == NULL) {
        const char *shown = XDisplayName(name);
        if (shown[0] == '\0')
            snprintf(message, message_size,
                     "No X display is set. Give --display :N, or start this from the desktop.");
        else
            snprintf(
                message, message_size,
                "The X display \"%s\" cannot be opened. Is it running, and may this user use it?",
                shown);
        return CW_ERR_IO;
    }
    XSetErrorHandler(on_error);
    XSetIOErrorHandler(on_lost);
    *ret_display = display;
    return 0;
}

Display *cw_display_close(Display *display)
{
    if (display != NULL)
        XCloseDisplay(display);
    return NULL;
}

unsigned long cw_display_errors(void)
{
    return error_count;
}

unsigned long cw_display_sync(Display *display)
{
    XSync(display, False);
    return error_count;
}
