/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/system.h"

#include <X11/Xlib.h>
#include <X11/extensions/sync.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "clients/agent/display.h"

void cw_system_hostname(char *out, size_t out_size)
{
    if (gethostname(out, out_size) != 0)
        snprintf(out, out_size, "unknown");
    out[out_size - 1] = '\0';
}

/* PRETTY_NAME="..." of /etc/os-release. */
static bool read_pretty_name(char *out, size_t out_size)
{
    static const char key[] = "PRETTY_NAME=";
    char line[256];
    bool is_found = false;
    FILE *f = fopen("/etc/os-release", "re");
    while (f != NULL && !is_found && fgets(line, sizeof(line), f) != NULL) {
        if (strncmp(line, key, sizeof(key) - 1) != 0)
            continue;
        char *value = line + sizeof(key) - 1;
        value += strspn(value, "\"'");
        value[strcspn(value, "\"'\n")] = '\0';
        is_found = value[0] != '\0';
        snprintf(out, out_size, "%s", value);
    }
    if (f != NULL)
        fclose(f);
    return is_found;
}

void cw_system_platform(char *out, size_t out_size)
{
    char name[128];
    struct utsname u;
    if (uname(&u) != 0) {
        snprintf(out, out_size, "Linux");
        return;
    }
    if (!read_pretty_name(name, sizeof(name)))
        snprintf(name, sizeof(name), "%.60s %.60s", u.sysname, u.release);
    snprintf(out, out_size, "%s, %s", name, u.machine);
}

void cw_system_user(char *out, size_t out_size)
{
    const struct passwd *p = getpwuid(getuid());
    const char *name = p != NULL ? p->pw_name : "unknown";
    if (p != NULL && p->pw_gecos != NULL && p->pw_gecos[0] != '\0' && p->pw_gecos[0] != ',')
        name = p->pw_gecos;
    snprintf(out, out_size, "%.*s", (int)strcspn(name, ","), name);
}

/* Seconds since the last key or pointer motion, by the server's IDLETIME counter. */
static bool read_idle(const char *display_name, long long *ret_idle_s)
{
    char message[256];
    Display *display;
    int event, error, major, minor, count = 0;
    bool is_found = false;
    if (cw_display_open(display_name, &display, message, sizeof(message)) != 0)
        return false;
    if (XSyncQueryExtension(display, &event, &error) && XSyncInitialize(display, &major, &minor)) {
        XSyncSystemCounter *list = XSyncListSystemCounters(display, &count);
        for (int i = 0; list != NULL && i < count && !is_found; i++) {
            XSyncValue value;
            if (strcmp(list[i].name, "IDLETIME") != 0)
                continue;
            is_found = XSyncQueryCounter(display, list[i].counter, &value) != 0;
            *ret_idle_s = ((long long)value.hi * 4294967296LL + value.lo) / 1000;
        }
        XSyncFreeSystemCounterList(list);
    }
    cw_display_close(display);
    return is_found;
}

json_t *cw_system_statistics(const char *display_name)
{
    char hostname[256], user[128], platform[256];
    struct timespec uptime;
    long long idle_s = 0;
    cw_system_hostname(hostname, sizeof(hostname));
    cw_system_user(user, sizeof(user));
    cw_system_platform(platform, sizeof(platform));
    clock_gettime(CLOCK_BOOTTIME, &uptime);
    json_t *object = json_pack("{s:s, s:s, s:s, s:I}", "hostname", hostname, "user", user,
                               "platform", platform, "uptime_s", (json_int_t)uptime.tv_sec);
    if (object != NULL && read_idle(display_name, &idle_s))
        json_object_set_new(object, "idle_s", json_integer(idle_s));
    return object;
}
