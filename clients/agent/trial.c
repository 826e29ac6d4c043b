/* SPDX-License-Identifier: Apache-2.0 */
/* A new program beside the one in use: tried, put in its place, become (upgrade.h). */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clients/agent/loop.h"
#include "clients/agent/state.h"
#include "clients/agent/upgrade.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

enum { VERSION_S = 10, ARGUMENTS_MAX = 32, SAID_BYTES = 256 };

/* ---- a program that is heard ------------------------------------------------------------------ */

struct heard {
    char said[SAID_BYTES]; /* the beginning of what it printed */
    size_t bytes;
    int status; /* as waitpid gives it */
    bool is_late;
};

static int start(const char *program, char *const *argv, int output, pid_t *ret_pid)
{
    extern char **environ;
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return CW_ERR_NOMEM;
    int rc = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (rc == 0)
        rc = posix_spawn(ret_pid, program, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    errno = rc;
    return rc == 0 ? 0 : CW_ERR_IO;
}

/* Reads until it closes its output or the time is over. */
static void listen_to(int fd, uint64_t deadline_ns, struct heard *h)
{
    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        const uint64_t now_ns = cw_now_ns();
        char rest[SAID_BYTES];
        if (now_ns >= deadline_ns) {
            h->is_late = true;
            return;
        }
        if (poll(&p, 1, (int)((deadline_ns - now_ns) / 1000000 + 1)) <= 0)
            continue;
        const size_t room = sizeof(h->said) - 1 - h->bytes;
        ssize_t n = read(fd, room > 0 ? h->said + h->bytes : rest, room > 0 ? room : sizeof(rest));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        h->bytes += room > 0 ? (size_t)n : 0;
    }
}

/* Its end: it may have closed its output and gone on. */
static void await_end(pid_t pid, uint64_t deadline_ns, struct heard *h)
{
    const struct timespec pause = {.tv_nsec = 10000000};
    while (!h->is_late) {
        const pid_t ended = waitpid(pid, &h->status, WNOHANG);
        if (ended == pid || (ended < 0 && errno != EINTR))
            return;
        h->is_late = cw_now_ns() >= deadline_ns;
        (void)nanosleep(&pause, NULL);
    }
    (void)kill(pid, SIGKILL);
    while (waitpid(pid, &h->status, 0) < 0 && errno == EINTR)
        continue;
}

static int hear(const char *program, char *const *argv, unsigned time_s, struct heard *h)
{
    const uint64_t deadline_ns = cw_now_ns() + time_s * UINT64_C(1000000000);
    int ends[2];
    pid_t pid = 0;
    *h = (struct heard){0};
    if (pipe2(ends, O_CLOEXEC) != 0)
        return CW_ERR_IO;
    int err = start(program, argv, ends[1], &pid);
    const int error = errno;
    close(ends[1]);
    if (err == 0) {
        listen_to(ends[0], deadline_ns, h);
        await_end(pid, deadline_ns, h);
    }
    close(ends[0]);
    errno = error;
    return err;
}

static void how_it_ended(const struct heard *h, char *out, size_t size)
{
    if (h->is_late)
        snprintf(out, size, "it did not end in time");
    else if (WIFSIGNALED(h->status))
        snprintf(out, size, "signal %d ended it", WTERMSIG(h->status));
    else
        snprintf(out, size, "it ended with %d", WEXITSTATUS(h->status));
}

static bool is_good(const struct heard *h, const char *wanted)
{
    return !h->is_late && WIFEXITED(h->status) && WEXITSTATUS(h->status) == 0 &&
           strcmp(h->said, wanted) == 0;
}

/* ---- trial ------------------------------------------------------------------------------------ */

/* Copies the part, without its hash, to the file beside the program. */
static int put_beside(const struct cw_upgrade *u, const char *path)
{
    uint8_t *bytes = malloc(u->offer.size);
    if (bytes == NULL)
        return CW_ERR_NOMEM;
    size_t have = 0;
    while (have < u->offer.size) {
        ssize_t n =
            pread(u->fd, bytes + have, u->offer.size - have, (off_t)(CW_PROGRAM_HASH_BYTES + have));
        if (n <= 0)
            break;
        have += (size_t)n;
    }
    int err = have == u->offer.size ? cw_file_replace(path, bytes, have, 0755) : CW_ERR_IO;
    const int error = errno;
    free(bytes);
    /* The service's umask is stricter; others run the program, too. */
    if (err == 0 && chmod(path, 0755) != 0)
        return CW_ERR_IO;
    errno = error;
    return err;
}

static int say_version(struct cw_upgrade *u, char *path)
{
    char option[] = "--version", wanted[64], how[64];
    char *const argv[] = {path, option, NULL};
    struct heard h;
    snprintf(wanted, sizeof(wanted), "causeway-client %s\n", u->offer.version);
    if (hear(path, argv, VERSION_S, &h) != 0) {
        cw_upgrade_fail(u, "The new program cannot be started: %s.", strerror(errno));
        return CW_ERR_STATE;
    }
    how_it_ended(&h, how, sizeof(how));
    if (is_good(&h, wanted))
        return 0;
    cw_upgrade_fail(u, "The new program does not say that it is version %s: %s.", u->offer.version,
                    how);
    return CW_ERR_STATE;
}

static int report_by_itself(struct cw_upgrade *u, char *path, char *const *argv, unsigned trial_s)
{
    char option[] = "--trial", how[64];
    char *arguments[ARGUMENTS_MAX + 2] = {0};
    struct heard h;
    size_t n = 0;
    while (argv[n] != NULL && n < ARGUMENTS_MAX) {
        arguments[n] = argv[n];
        n++;
    }
    arguments[n] = option;
    if (hear(path, arguments, trial_s, &h) != 0) {
        cw_upgrade_fail(u, "The new program cannot be started: %s.", strerror(errno));
        return CW_ERR_STATE;
    }
    how_it_ended(&h, how, sizeof(how));
    if (is_good(&h, CW_UPGRADE_TRIAL_TEXT))
        return 0;
    cw_upgrade_fail(u, "The new program did not report to the appliance: %s. The old one goes on.",
                    how);
    return CW_ERR_STATE;
}

/* The old one keeps a name of its own beside it. */
static int swap(struct cw_upgrade *u, const char *path)
{
    char old[CW_UPGRADE_PATH_BYTES + 8];
    snprintf(old, sizeof(old), "%s.old", u->program);
    if (cw_probation_prepare(&u->probation, u->offer.sha256) != 0) {
        cw_upgrade_fail(u, "Cannot write beside the credential: %s.", strerror(errno));
        return CW_ERR_IO;
    }
    (void)unlink(old);
    if (link(u->program, old) == 0 && rename(path, u->program) == 0)
        return 0;
    cw_upgrade_fail(u, "\"%s\" cannot be replaced: %s.", u->program, strerror(errno));
    return CW_ERR_IO;
}

int cw_upgrade_try(struct cw_upgrade *u, char *const *argv, unsigned trial_s)
{
    char path[CW_UPGRADE_PATH_BYTES + 8];
    snprintf(path, sizeof(path), "%s.new", u->program);
    int err = put_beside(u, path);
    if (err != 0)
        cw_upgrade_fail(u, "Cannot write \"%s\": %s.", path, strerror(errno));
    if (err == 0)
        err = say_version(u, path);
    if (err == 0)
        err = report_by_itself(u, path, argv, trial_s);
    if (err == 0)
        err = swap(u, path);
    if (err != 0) {
        (void)unlink(path);
        return err;
    }
    (void)unlink(u->part);
    return 0;
}

void cw_upgrade_exec(const struct cw_upgrade *u, char *const *argv)
{
    (void)execv(u->program, argv);
    const int error = errno;
    cw_log(CW_LOG_ERROR, "agent.upgrade", "\"%s\" cannot be run: %s", u->program, strerror(error));
    errno = error;
}

void cw_upgrade_undo(struct cw_upgrade *u)
{
    char old[CW_UPGRADE_PATH_BYTES + 8];
    const int error = errno;
    snprintf(old, sizeof(old), "%s.old", u->program);
    (void)rename(old, u->program);
    cw_upgrade_fail(u, "The new program cannot be run: %s.", strerror(error));
}
