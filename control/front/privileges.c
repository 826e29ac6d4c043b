/* SPDX-License-Identifier: Apache-2.0 */
#include "control/front/privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/err.h"

int cw_privileges_find(struct cw_privileges *p, const char *user, char *message,
                       size_t message_size)
{
    char text[4096];
    struct passwd entry;
    struct passwd *found = NULL;
    *p = (struct cw_privileges){.uid = (uid_t)-1, .gid = (gid_t)-1};
    if (geteuid() != 0)
        return 0;
    if (getpwnam_r(user, &entry, text, sizeof text, &found) != 0 || found == NULL) {
        (void)snprintf(message, message_size,
                       "started by root, and user = %s of the configuration does not exist", user);
        return CW_ERR_NOT_FOUND;
    }
    p->is_root = true;
    (void)snprintf(p->user, sizeof p->user, "%s", user);
    p->uid = entry.pw_uid;
    p->gid = entry.pw_gid;
    return 0;
}

int cw_group_find(const char *name, gid_t *ret_gid, char *message, size_t message_size)
{
    char text[8192];
    struct group entry;
    struct group *found = NULL;
    *ret_gid = (gid_t)-1;
    if (name[0] == '\0')
        return 0;
    if (getgrnam_r(name, &entry, text, sizeof text, &found) != 0 || found == NULL) {
        (void)snprintf(message, message_size,
                       "operator_group = %s of the configuration does not exist", name);
        return CW_ERR_NOT_FOUND;
    }
    *ret_gid = entry.gr_gid;
    return 0;
}

static int privileges_own(const struct cw_privileges *p, const char *path, mode_t mode)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return CW_ERR_IO;
    bool done = (!p->is_root || fchown(fd, p->uid, p->gid) == 0) && fchmod(fd, mode) == 0;
    (void)close(fd);
    return done ? 0 : CW_ERR_IO;
}

int cw_privileges_make_dir(const struct cw_privileges *p, const char *path, mode_t mode,
                           char *message, size_t message_size)
{
    char part[512];
    size_t n = strlen(path);
    if (n >= sizeof part || path[0] != '/') {
        (void)snprintf(message, message_size, "%s is not a usable path", path);
        return CW_ERR_INVALID;
    }
    for (size_t i = 1; i <= n; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        bool is_last = i == n;
        if (mkdir(part, is_last ? 0700 : 0755) == 0) {
            if (!is_last || privileges_own(p, part, mode) == 0)
                continue;
        } else if (errno == EEXIST) {
            continue;
        }
        (void)snprintf(message, message_size, "cannot make the folder %s: %s", part,
                       strerror(errno));
        return CW_ERR_IO;
    }
    return 0;
}

int cw_privileges_drop(const struct cw_privileges *p, char *message, size_t message_size)
{
    if (p->is_root && p->uid != 0) {
        bool dropped = initgroups(p->user, p->gid) == 0 && setresgid(p->gid, p->gid, p->gid) == 0 &&
                       setresuid(p->uid, p->uid, p->uid) == 0;
        if (!dropped || setresuid(0, 0, 0) == 0 || geteuid() != p->uid || getegid() != p->gid) {
            (void)snprintf(message, message_size, "cannot become user %s: %s", p->user,
                           strerror(errno));
            return CW_ERR_DENIED;
        }
    }
    (void)umask(077);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        (void)snprintf(message, message_size, "cannot give up new privileges: %s", strerror(errno));
        return CW_ERR_DENIED;
    }
#ifndef __SANITIZE_ADDRESS__
    /* The leak checker attaches to its own process. */
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
        (void)snprintf(message, message_size, "cannot forbid core dumps: %s", strerror(errno));
        return CW_ERR_DENIED;
    }
#endif
    return 0;
}
