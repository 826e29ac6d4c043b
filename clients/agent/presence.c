/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/presence.h"

#include <X11/Xatom.h>
#include <X11/extensions/scrnsaver.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <utmpx.h>

enum { WINDOWS_MAX = 1024 }; /* of the root that are looked at: each is a question to the server */

/* ":0.0" is ":0" in utmp. */
static size_t display_bytes(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon != NULL ? (size_t)(colon - name) + strcspn(colon, ".") : 0;
}

/* Looks for somebody at the display, or anywhere when display is NULL. ret_is_kept: there is a utmp at all. */
static bool find_user(const char *display, struct utmpx *ret_entry, bool *ret_is_kept)
{
    struct utmpx *entry;
    bool is_found = false;
    size_t n = display != NULL ? display_bytes(display) : 0;
    *ret_is_kept = false;
    setutxent();
    while (!is_found && (entry = getutxent()) != NULL) {
        *ret_is_kept = true;
        if (entry->ut_type != USER_PROCESS)
            continue;
        is_found = display == NULL ||
                   (n > 0 && n < sizeof(entry->ut_line) &&
                    ((strncmp(entry->ut_line, display, n) == 0 && entry->ut_line[n] == '\0') ||
                     (strncmp(entry->ut_host, display, n) == 0 && entry->ut_host[n] == '\0')));
        if (is_found)
            *ret_entry = *entry;
    }
    endutxent();
    return is_found;
}

void cw_presence_user(Display *display, char *out, size_t out_size)
{
    struct utmpx entry;
    bool is_kept;
    out[0] = '\0';
    if (find_user(display != NULL ? DisplayString(display) : NULL, &entry, &is_kept))
        snprintf(out, out_size, "%.*s", (int)sizeof(entry.ut_user), entry.ut_user);
}

/* xscreensaver marks one of its windows; its status outlives it. */
static bool has_saver(Display *display)
{
    Atom property = XInternAtom(display, "_SCREENSAVER_VERSION", True), type = None;
    Window root, parent, *windows = NULL;
    unsigned count = 0;
    bool is_found = false;
    if (property == None ||
        !XQueryTree(display, DefaultRootWindow(display), &root, &parent, &windows, &count))
        return false;
    for (unsigned i = 0; i < count && i < WINDOWS_MAX && !is_found; i++) {
        int format = 0;
        unsigned long items = 0, left = 0;
        unsigned char *value = NULL;
        is_found = XGetWindowProperty(display, windows[i], property, 0, 1, False, AnyPropertyType,
                                      &type, &format, &items, &left, &value) == Success &&
                   type != None;
        if (value != NULL)
            XFree(value);
    }
    if (windows != NULL)
        XFree(windows);
    return is_found;
}

/* The first number of _SCREENSAVER_STATUS is the atom LOCK or BLANK, or 0. */
static const char *saver_status(Display *display)
{
    Atom property = XInternAtom(display, "_SCREENSAVER_STATUS", True), type = None;
    int format = 0;
    unsigned long count = 0, left = 0;
    unsigned char *value = NULL;
    const char *status = NULL;
    if (property == None || !has_saver(display))
        return NULL;
    if (XGetWindowProperty(display, DefaultRootWindow(display), property, 0, 3, False, XA_INTEGER,
                           &type, &format, &count, &left, &value) == Success &&
        type == XA_INTEGER && format == 32 && count >= 1) {
        const long state = ((const long *)(const void *)value)[0];
        if (state != 0 && state == (long)XInternAtom(display, "LOCK", True))
            status = "locked";
        else if (state != 0 && state == (long)XInternAtom(display, "BLANK", True))
            status = "screen_saver";
    }
    if (value != NULL)
        XFree(value);
    return status;
}

static bool saver_is_on(Display *display)
{
    int event, error;
    XScreenSaverInfo info = {0};
    return XScreenSaverQueryExtension(display, &event, &error) &&
           XScreenSaverQueryInfo(display, DefaultRootWindow(display), &info) &&
           info.state == ScreenSaverOn;
}

const char *cw_presence(Display *display)
{
    struct utmpx entry;
    bool is_kept;
    const char *status = display != NULL ? saver_status(display) : NULL;
    if (status != NULL)
        return status;
    if (display != NULL && saver_is_on(display))
        return "screen_saver";
    if (find_user(display != NULL ? DisplayString(display) : NULL, &entry, &is_kept))
        return "logged_in";
    /* Without a utmp, a screen that lets us in has somebody's programs on it. */
    if (is_kept)
        return "logged_out";
    return display != NULL ? "logged_in" : "unknown";
}
