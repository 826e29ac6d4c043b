/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/system.h"

#include <X11/Xlib.h>
#include <X11/extensions/sync.h>
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "clients/agent/display.h"
#include "clients/agent/presence.h"
#include "engine/base/version.h"

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
static bool read_idle(Display *display, long long *ret_idle_s)
{
    int event, error, major, minor, count = 0;
    bool is_found = false;
    if (!XSyncQueryExtension(display, &event, &error) || !XSyncInitialize(display, &major, &minor))
        return false;
    XSyncSystemCounter *list = XSyncListSystemCounters(display, &count);
    for (int i = 0; list != NULL && i < count && !is_found; i++) {
        XSyncValue value;
        if (strcmp(list[i].name, "IDLETIME") != 0)
            continue;
        is_found = XSyncQueryCounter(display, list[i].counter, &value) != 0;
        *ret_idle_s = ((long long)value.hi * 4294967296LL + value.lo) / 1000;
    }
    XSyncFreeSystemCounterList(list);
    return is_found;
}

static void set_number(json_t *object, const char *name, unsigned long long value)
{
    json_object_set_new(object, name, json_integer((json_int_t)value));
}

/* Since the call before; the first tells nothing. */
static void add_cpu(json_t *object, struct cw_system_load *load)
{
    unsigned long long t[8] = {0}, busy, total = 0;
    FILE *f = fopen("/proc/stat", "re");
    int n = f != NULL ? fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &t[0], &t[1],
                               &t[2], &t[3], &t[4], &t[5], &t[6], &t[7])
                      : 0;
    if (f != NULL)
        fclose(f);
    if (n < 4)
        return;
    for (int i = 0; i < n; i++)
        total += t[i];
    busy = total - t[3] - t[4]; /* idle, and waiting for a disk */
    if (load->total != 0 && total > load->total && busy >= load->busy)
        set_number(object, "cpu_percent", (busy - load->busy) * 100 / (total - load->total));
    load->busy = busy;
    load->total = total;
}

static void add_memory(json_t *object)
{
    char line[128];
    unsigned long long total = 0, available = 0, value;
    FILE *f = fopen("/proc/meminfo", "re");
    while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
        if (sscanf(line, "MemTotal: %llu kB", &value) == 1)
            total = value * 1024;
        else if (sscanf(line, "MemAvailable: %llu kB", &value) == 1)
            available = value * 1024;
    }
    if (f != NULL)
        fclose(f);
    if (total < available || total == 0)
        return;
    set_number(object, "memory_bytes", total);
    set_number(object, "memory_used_bytes", total - available);
}

static void add_disk(json_t *object)
{
    struct statvfs v;
    if (statvfs("/", &v) != 0 || v.f_blocks < v.f_bfree)
        return;
    set_number(object, "disk_bytes", (unsigned long long)v.f_blocks * v.f_frsize);
    set_number(object, "disk_used_bytes",
               (unsigned long long)(v.f_blocks - v.f_bfree) * v.f_frsize);
}

/* The first address that is not of this computer alone. */
static void add_address(json_t *object)
{
    char text[INET6_ADDRSTRLEN] = "";
    struct ifaddrs *list = NULL;
    if (getifaddrs(&list) != 0)
        return;
    for (const struct ifaddrs *i = list; i != NULL && text[0] == '\0'; i = i->ifa_next) {
        if (i->ifa_addr == NULL || i->ifa_addr->sa_family != AF_INET ||
            (i->ifa_flags & (IFF_LOOPBACK | IFF_UP)) != IFF_UP)
            continue;
        const struct sockaddr_in *a = (const struct sockaddr_in *)(const void *)i->ifa_addr;
        inet_ntop(AF_INET, &a->sin_addr, text, sizeof(text));
    }
    freeifaddrs(list);
    if (text[0] != '\0')
        json_object_set_new(object, "private_ip", json_string(text));
}

/* Without asking a name server, which may not answer: the host's own name, or the resolver's domain. */
static void add_domain(json_t *object, const char *hostname)
{
    char line[256], domain[256] = "", nis[256] = "", fqdn[520];
    const char *dot = strchr(hostname, '.');
    FILE *f = dot == NULL ? fopen("/etc/resolv.conf", "re") : NULL;
    if (dot != NULL)
        snprintf(domain, sizeof(domain), "%s", dot + 1);
    while (f != NULL && domain[0] == '\0' && fgets(line, sizeof(line), f) != NULL)
        if (sscanf(line, "domain %255s", domain) != 1)
            (void)sscanf(line, "search %255s", domain);
    if (f != NULL)
        fclose(f);
    snprintf(fqdn, sizeof(fqdn), "%.*s%s%s", (int)strcspn(hostname, "."), hostname,
             domain[0] != '\0' ? "." : "", domain);
    json_object_set_new(object, "fqdn", json_string(fqdn));
    json_object_set_new(object, "domain", json_string(domain));
    if (getdomainname(nis, sizeof(nis) - 1) == 0 && nis[0] != '\0' && strcmp(nis, "(none)") != 0)
        json_object_set_new(object, "workgroup", json_string(nis));
}

static void add_screen(json_t *object, Display *display)
{
    char user[128];
    long long idle_s = 0;
    json_object_set_new(object, "presence", json_string(cw_presence(display)));
    cw_presence_user(display, user, sizeof(user));
    if (user[0] != '\0')
        json_object_set_new(object, "user", json_string(user));
    if (display == NULL)
        return;
    if (read_idle(display, &idle_s))
        json_object_set_new(object, "idle_s", json_integer(idle_s));
    set_number(object, "screen_width_px", (unsigned)DisplayWidth(display, DefaultScreen(display)));
    set_number(object, "screen_height_px",
               (unsigned)DisplayHeight(display, DefaultScreen(display)));
}

json_t *cw_system_statistics(const char *display_name, struct cw_system_load *load)
{
    char hostname[256], user[128], platform[256], message[256];
    struct timespec uptime;
    Display *display = NULL;
    cw_system_hostname(hostname, sizeof(hostname));
    cw_system_user(user, sizeof(user));
    cw_system_platform(platform, sizeof(platform));
    clock_gettime(CLOCK_BOOTTIME, &uptime);
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:s, s:I}", "hostname", hostname, "user", user, "platform",
                  platform, "version", CW_VERSION, "uptime_s", (json_int_t)uptime.tv_sec);
    if (object == NULL)
        return NULL;
    if (cw_display_open(display_name, &display, message, sizeof(message)) != 0)
        display = NULL;
    add_cpu(object, load);
    add_memory(object);
    add_disk(object);
    add_address(object);
    add_domain(object, hostname);
    add_screen(object, display);
    if (display != NULL)
        cw_display_close(display);
    return object;
}
