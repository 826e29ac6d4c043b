/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/base/err.h"

/* The leak checker of a sanitized build reads /proc and attaches to us when we end. */
#ifdef __SANITIZE_ADDRESS__
enum { IS_SANITIZED = 1 };
#else
enum { IS_SANITIZED = 0 };
#endif

/* Newer than the headers of Debian 12 (landlock 2); whether the kernel knows them is asked at start. */
enum {
    LANDLOCK_VERSION_TRUNCATE = 3,
    LANDLOCK_VERSION_TCP = 4,
    LANDLOCK_VERSION_IOCTL = 5,
    LANDLOCK_VERSION_SCOPE = 6,
};
#define ACCESS_FS_VERSION_1 ((UINT64_C(1) << 13) - 1)
#define ACCESS_FS_REFER     (UINT64_C(1) << 13)
#define ACCESS_FS_TRUNCATE  (UINT64_C(1) << 14)
#define ACCESS_FS_IOCTL_DEV (UINT64_C(1) << 15)
#define ACCESS_NET_TCP_BOTH UINT64_C(3)
#define SCOPE_ABSTRACT_UNIX UINT64_C(1)
#define SCOPE_SIGNAL        UINT64_C(2)

struct ruleset {
    uint64_t handled_access_fs;
    uint64_t handled_access_net;
    uint64_t scoped;
};

static int fail(char *message, size_t message_size, int err, const char *what)
{
    (void)snprintf(message, message_size, "%s: %s", what, strerror(errno));
    return err;
}

int cw_sandbox_become(uid_t uid, gid_t gid, char *message, size_t message_size)
{
    if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
        return fail(message, message_size, CW_ERR_DENIED, "root's rights cannot be given up");
    if (uid != 0 && setuid(0) == 0) {
        errno = EPERM;
        return fail(message, message_size, CW_ERR_DENIED, "root's rights could be taken back");
    }
    return CW_OK;
}

int cw_sandbox_harden(char *message, size_t message_size)
{
    const struct rlimit none = {0, 0};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail(message, message_size, CW_ERR_DENIED, "new privileges cannot be given up");
    if (setrlimit(RLIMIT_CORE, &none) != 0)
        return fail(message, message_size, CW_ERR_DENIED, "core dumps cannot be turned off");
    if (!IS_SANITIZED && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return fail(message, message_size, CW_ERR_DENIED, "debuggers cannot be kept out");
    return CW_OK;
}

/* What this version of landlock can forbid: all of it, and no rule gives anything back. */
static struct ruleset everything(int version, size_t *ret_size)
{
    struct ruleset r = {.handled_access_fs = ACCESS_FS_VERSION_1};
    *ret_size = sizeof(r.handled_access_fs);
    if (version >= 2)
        r.handled_access_fs |= ACCESS_FS_REFER;
    if (version >= LANDLOCK_VERSION_TRUNCATE)
        r.handled_access_fs |= ACCESS_FS_TRUNCATE;
    if (version >= LANDLOCK_VERSION_TCP) {
        r.handled_access_net = ACCESS_NET_TCP_BOTH;
        *ret_size += sizeof(r.handled_access_net);
    }
    if (version >= LANDLOCK_VERSION_IOCTL)
        r.handled_access_fs |= ACCESS_FS_IOCTL_DEV;
    if (version >= LANDLOCK_VERSION_SCOPE) {
        r.scoped = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL;
        *ret_size += sizeof(r.scoped);
    }
    return r;
}

static int allow_reading_proc(int ruleset)
{
    struct landlock_path_beneath_attr rule = {
        .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
        .parent_fd = open("/proc", O_PATH | O_CLOEXEC),
    };
    long n = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    (void)close(rule.parent_fd);
    return n == 0 ? CW_OK : CW_ERR_DENIED;
}

/* Not truncating, deleting, renaming or reading what is there. */
static int allow_making_files(int ruleset, int directory)
{
    struct landlock_path_beneath_attr rule = {
        .allowed_access = LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_WRITE_FILE,
        .parent_fd = directory,
    };
    long n = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    return n == 0 ? CW_OK : CW_ERR_DENIED;
}

int cw_sandbox_close_files(int directory, int *ret_version, char *message, size_t message_size)
{
    long version =
        syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);
    *ret_version = version > 0 ? (int)version : 0;
    if (version <= 0)
        return fail(message, message_size, CW_ERR_UNSUPPORTED, "the kernel has no landlock");
    size_t size;
    struct ruleset r = everything((int)version, &size);
    int fd = (int)syscall(SYS_landlock_create_ruleset, &r, size, 0);
    if (fd < 0)
        return fail(message, message_size, CW_ERR_DENIED, "landlock takes no rules");
    int err = IS_SANITIZED ? allow_reading_proc(fd) : CW_OK;
    if (err == CW_OK && directory >= 0)
        err = allow_making_files(fd, directory);
    if (err == CW_OK && syscall(SYS_landlock_restrict_self, fd, 0) != 0)
        err = CW_ERR_DENIED;
    if (err != CW_OK)
        (void)fail(message, message_size, err, "landlock refuses to close the file system");
    (void)close(fd);
    return err;
}
