/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/supervisor/check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "engine/base/config.h"
#include "engine/base/err.h"
#include "engine/supervisor/directory.h"
#include "engine/supervisor/supervise.h"

enum { RECORDINGS_KEY_BYTES = 32 };

struct check {
    const char *config_path;
    unsigned errors;
    unsigned warnings;
};

static void on_line(void *user, const char *problem)
{
    struct check *k = user;
    k->errors++;
    (void)fprintf(stderr, "error: %s\n", problem);
}

__attribute__((format(printf, 3, 4))) static void say(struct check *k, bool is_error,
                                                      const char *format, ...)
{
    char text[700];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    k->errors += is_error ? 1 : 0;
    k->warnings += is_error ? 0 : 1;
    (void)fprintf(stderr, "%s: %s: %s\n", is_error ? "error" : "warning", k->config_path,
                  n < 0 ? "" : text);
}

/* Two sockets cannot have one address. */
static void check_addresses(struct check *k, const struct cw_config *c)
{
    const struct {
        const char *key;
        const char *value;
    } all[] = {{"listen_https", c->listen_https},
               {"listen_http", c->listen_http},
               {"listen_metrics", c->listen_metrics}};
    for (size_t i = 0; i < 3; i++)
        for (size_t j = i + 1; j < 3; j++)
            if (strcmp(all[i].value, "off") != 0 && strcmp(all[i].value, all[j].value) == 0)
                say(k, true, "%s and %s are both %s", all[i].key, all[j].key, all[i].value);
    if (strcmp(c->public_origin, "https://localhost") == 0)
        say(k, false,
            "public_origin is https://localhost: only this machine's own browser reaches that");
}

/* A folder that exists must be the appliance's; one that does not is made in the nearest that does. */
static void check_own_folder(struct check *k, const char *key, const char *path,
                             const struct cw_identity *identity)
{
    char up[512];
    struct stat st;
    if (stat(path, &st) == 0) {
        if (!S_ISDIR(st.st_mode))
            say(k, true, "%s = %s is not a folder", key, path);
        else if (st.st_uid != identity->uid)
            say(k, true, "%s = %s belongs to uid %u, not to %s who must write there", key, path,
                (unsigned)st.st_uid, identity->name);
        return;
    }
    if (errno != ENOENT) {
        say(k, true, "%s = %s cannot be looked at: %s", key, path, strerror(errno));
        return;
    }
    (void)snprintf(up, sizeof up, "%s", path);
    char *slash = strrchr(up, '/');
    *(slash == up ? up + 1 : slash) = '\0';
    if (stat(up, &st) != 0)
        say(k, true, "%s = %s cannot be made: %s: %s", key, path, up, strerror(errno));
    else if (!identity->must_switch && access(up, W_OK) != 0)
        say(k, true, "%s = %s cannot be made in %s: %s", key, path, up, strerror(errno));
}

static void check_recording(struct check *k, const struct cw_config *c)
{
    char dir[512];
    struct statvfs fs;
    struct stat st;
    cw_config_recordings_dir(c, dir, sizeof dir);
    const uint64_t wanted_mb = strtoull(c->recordings_free_mb, NULL, 10);
    if (strcmp(c->recording, "off") != 0 && statvfs(dir, &fs) == 0) {
        uint64_t free_mb = (uint64_t)fs.f_bavail * fs.f_frsize / 1000000;
        if (free_mb < wanted_mb)
            say(k, strcmp(c->recording, "required") == 0,
                "%s has %llu MB free, below recordings_free_mb = %llu: nothing can be recorded",
                dir, (unsigned long long)free_mb, (unsigned long long)wanted_mb);
    }
    if (c->recordings_key[0] == '\0')
        return;
    if (stat(c->recordings_key, &st) != 0)
        say(k, true, "recordings_key = %s cannot be read: %s", c->recordings_key, strerror(errno));
    else if (st.st_size != RECORDINGS_KEY_BYTES)
        say(k, true, "recordings_key = %s has %lld bytes, a key has %d", c->recordings_key,
            (long long)st.st_size, RECORDINGS_KEY_BYTES);
    else if ((st.st_mode & 077) != 0)
        say(k, true, "recordings_key = %s can be read by others (mode %03o): chmod 600",
            c->recordings_key, (unsigned)(st.st_mode & 0777));
}

static void check_file(struct check *k, const char *key, const char *dir, const char *name,
                       const char *without)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    if (access(path, R_OK) != 0)
        say(k, false, "%s: %s: %s; %s", key, path, strerror(errno), without);
}

static void check_congestion(struct check *k, const char *wanted)
{
    char text[512] = "";
    FILE *f = fopen("/proc/sys/net/ipv4/tcp_available_congestion_control", "re");
    if (f == NULL)
        return;
    if (fgets(text, sizeof text, f) != NULL) {
        bool is_known = false;
        char *rest = text;
        for (char *word; (word = strsep(&rest, " \n")) != NULL;)
            is_known = is_known || strcmp(word, wanted) == 0;
        if (!is_known)
            say(k, true, "tcp_congestion = %s is not among this kernel's", wanted);
    }
    (void)fclose(f);
}

int cw_supervisor_check(const char *config_path, bool has_programs)
{
    struct check k = {.config_path = config_path};
    struct cw_config c;
    struct cw_identity identity;
    char message[512] = "";
    (void)cw_config_check(config_path, on_line, &k, &c);
    if (!has_programs)
        say(&k, true, "causeway-engine and causeway-control are not both beside this program");
    if (cw_identity_find(&c, &identity, message, sizeof message) != CW_OK) {
        say(&k, true, "%s", message);
    } else {
        check_own_folder(&k, "state_dir", c.state_dir, &identity);
        check_own_folder(&k, "run_dir", c.run_dir, &identity);
    }
    check_addresses(&k, &c);
    check_recording(&k, &c);
    check_file(&k, "pages_dir", c.pages_dir, "console.html", "browsers get no console");
    check_file(&k, "pages_dir", c.pages_dir, "portal.html", "customers get no portal");
    check_file(&k, "download_dir", c.download_dir, "causeway-client",
               "the portal offers no client");
    if (c.tcp_congestion[0] != '\0')
        check_congestion(&k, c.tcp_congestion);
    if (k.errors == 0)
        (void)printf("%s is good%s\n", config_path, k.warnings > 0 ? ", but see the warnings" : "");
    return k.errors == 0 ? CW_EXIT_OK : CW_EXIT_CONFIG;
}
