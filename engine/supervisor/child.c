/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/supervisor/child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine/base/err.h"
#include "engine/base/log.h"

enum { ENVIRONMENT_MAX = 32, EXIT_CANNOT_EXECUTE = 127 };

/* What a child may see of our environment; the rest stays here. */
static const char *const passed_on[] = {
    "PATH=", "LANG=", "LC_ALL=", "TZ=", "JOURNAL_STREAM=", "CAUSEWAY_", "ASAN_", "UBSAN_",
};

static void environment_fill(const char *extra, char **out)
{
    size_t count = 0;
    for (char **e = environ; *e != NULL; e++) {
        for (size_t i = 0; i < sizeof passed_on / sizeof passed_on[0]; i++) {
            bool is_named = strncmp(*e, passed_on[i], strlen(passed_on[i])) == 0;
            bool is_ours = strncmp(*e, "CAUSEWAY_LISTEN=", 16) == 0;
            if (is_named && !is_ours && count < ENVIRONMENT_MAX - 2)
                out[count++] = *e;
        }
    }
    if (extra != NULL) {
        out[count] = strdup(extra);
        count += out[count] != NULL;
    }
    out[count] = NULL;
}

static void give_up(const struct cw_child *child, const char *what)
{
    cw_log(CW_LOG_ERROR, "supervisor", "%s cannot be started: %s: %s", child->name, what,
           strerror(errno));
    _exit(EXIT_CANNOT_EXECUTE);
}

static void descriptors_keep(const struct cw_child *child)
{
    for (size_t s = 0; s < 2; s++) {
        const struct cw_listen_set *set = child->inherits[s];
        for (unsigned i = 0; set != NULL && i < set->count; i++) {
            if (fcntl(set->descriptors[i], F_SETFD, 0) != 0)
                give_up(child, "a listening socket");
        }
    }
}

/* After fork, in the child. Order: root's rights end before anything of the program runs, and the
 * death signal is set last because a change of user clears it. */
__attribute__((noreturn)) static void become(const struct cw_child *child,
                                             const struct cw_identity *identity, pid_t parent)
{
    char *environment[ENVIRONMENT_MAX];
    struct rlimit files;
    sigset_t none;

    (void)setpgid(0, 0); /* Ctrl-C on a terminal reaches the supervisor, which ends us in order */
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0)
        give_up(child, "/dev/null");
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    if (identity->must_switch && (setgroups(1, &identity->operator_gid) != 0 ||
                                  setgid(identity->gid) != 0 || setuid(identity->uid) != 0))
        give_up(child, "change of user");
    if (identity->must_switch && setuid(0) == 0) {
        errno = EPERM;
        give_up(child, "root's rights could be taken back");
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        give_up(child, "prctl");
    if (getppid() != parent) /* it died before the line above */
        _exit(EXIT_CANNOT_EXECUTE);
    descriptors_keep(child);
    for (int s = 1; s < NSIG; s++)
        (void)signal(s, SIG_DFL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    environment_fill(child->environment, environment);

    char config_option[] = "--config";
    char *program = strdup(child->program);
    char *config = strdup(child->config_path);
    char *arguments[] = {program, config_option, config, NULL};
    if (program != NULL && config != NULL)
        (void)execve(child->program, arguments, environment);
    give_up(child, child->program);
    _exit(EXIT_CANNOT_EXECUTE);
}

int cw_child_start(struct cw_child *child, const struct cw_identity *identity)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0) {
        cw_log(CW_LOG_ERROR, "supervisor", "%s cannot be started: %s", child->name,
               strerror(errno));
        return CW_ERR_IO;
    }
    if (pid == 0)
        become(child, identity, parent);
    (void)setpgid(pid, pid); /* the child does it too; whoever is first, the group is there now */
    child->pid = pid;
    child->start_ns = 0;
    cw_log(CW_LOG_INFO, "supervisor", "%s started, process %d", child->name, (int)pid);
    return CW_OK;
}

void cw_child_signal(const struct cw_child *child, int signal_number)
{
    if (child->pid > 0)
        (void)kill(signal_number == SIGKILL ? -child->pid : child->pid, signal_number);
}
