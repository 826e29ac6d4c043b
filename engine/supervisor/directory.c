/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/supervisor/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/err.h"

/* The operator group, when one is set and we may choose groups at all. */
static int operator_find(const struct cw_config *config, struct cw_identity *identity,
                         char *message, size_t message_size)
{
    identity->operator_gid = identity->gid;
    if (config->operator_group[0] == '\0' || !identity->must_switch)
        return CW_OK;
    const struct group *g = getgrnam(config->operator_group);
    if (g == NULL) {
        (void)snprintf(message, message_size,
                       "the group %s does not exist; make it (groupadd --system %s) or leave "
                       "\"operator_group\" out of the configuration",
                       config->operator_group, config->operator_group);
        return CW_ERR_NOT_FOUND;
    }
    identity->operator_gid = g->gr_gid;
    return CW_OK;
}

int cw_identity_find(const struct cw_config *config, struct cw_identity *ret_identity,
                     char *message, size_t message_size)
{
    struct cw_identity i = {.uid = getuid(), .gid = getgid()};
    if (geteuid() == 0) {
        const struct passwd *p = getpwnam(config->user);
        if (p == NULL) {
            (void)snprintf(message, message_size,
                           "the user %s does not exist; make it (useradd --system %s) or set "
                           "\"user\" in the configuration",
                           config->user, config->user);
            return CW_ERR_NOT_FOUND;
        }
        if (p->pw_uid == 0) {
            (void)snprintf(message, message_size,
                           "the user %s is root; the appliance does not run as root", config->user);
            return CW_ERR_DENIED;
        }
        i.uid = p->pw_uid;
        i.gid = p->pw_gid;
        i.must_switch = true;
        (void)snprintf(i.name, sizeof i.name, "%s", config->user);
    } else {
        (void)snprintf(i.name, sizeof i.name, "uid %u", (unsigned)i.uid);
    }
    int r = operator_find(config, &i, message, message_size);
    if (r == CW_OK)
        *ret_identity = i;
    return r;
}

/* By descriptor, so that a link put in its place between two calls is not followed. */
static int directory_make(const char *path, mode_t mode, const struct cw_identity *identity,
                          char *message, size_t message_size)
{
    struct stat st;
    bool is_new = mkdir(path, mode) == 0;
    if (!is_new && errno != EEXIST) {
        (void)snprintf(message, message_size, "the directory %s cannot be made: %s", path,
                       strerror(errno));
        return CW_ERR_IO;
    }
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        (void)snprintf(message, message_size, "%s cannot be used as a directory: %s", path,
                       strerror(errno));
        return CW_ERR_IO;
    }
    int r = CW_OK;
    if ((is_new && identity->must_switch && fchown(fd, identity->uid, identity->gid) != 0) ||
        (is_new && fchmod(fd, mode) != 0) || fstat(fd, &st) != 0) {
        (void)snprintf(message, message_size, "%s cannot be given to %s: %s", path, identity->name,
                       strerror(errno));
        r = CW_ERR_IO;
    } else if (st.st_uid != identity->uid) {
        (void)snprintf(message, message_size,
                       "%s belongs to uid %u, not to %s who must write there; change its owner "
                       "or choose another directory",
                       path, (unsigned)st.st_uid, identity->name);
        r = CW_ERR_DENIED;
    }
    (void)close(fd);
    return r;
}

int cw_directories_make(const struct cw_config *config, const struct cw_identity *identity,
                        char *message, size_t message_size)
{
    static const char *const inside[] = {"", "/tls", "/control"};
    char path[sizeof config->state_dir + 16];
    int r = CW_OK;
    for (size_t i = 0; r == CW_OK && i < sizeof inside / sizeof inside[0]; i++) {
        (void)snprintf(path, sizeof path, "%s%s", config->state_dir, inside[i]);
        r = directory_make(path, 0700, identity, message, message_size);
    }
    if (r == CW_OK) {
        char recordings[sizeof config->state_dir + 16];
        cw_config_recordings_dir(config, recordings, sizeof recordings);
        /* Without it the appliance runs, and says why nothing can be recorded. */
        (void)directory_make(recordings, 0750, identity, message, message_size);
    }
    if (r == CW_OK)
        r = directory_make(config->run_dir, 0755, identity, message, message_size);
    return r;
}
