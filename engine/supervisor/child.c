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
#include <sys/socket.h>
#include <unistd.h>

#include "engine/base/err.h"
#include "engine/base/log.h"

enum { ENVIRONMENT_MAX = 32, EXIT_CANNOT_EXECUTE = 127 };

/* What a child may see of our environment; the rest stays here. */
static const char *const passed_on[] = {
    "PATH=", "LANG=", "LC_ALL=", "TZ=", "JOURNAL_STREAM=", "CAUSEWAY_", "ASAN_", "UBSAN_",
};

static void environment_add(const char *text, char **out, size_t *count)
{
    char *copy = text[0] != '\0' ? strdup(text) : NULL;
    if (copy != NULL)
        out[(*count)++] = copy;
}

static void environment_fill(const char *listen, const char *talk, char **out)
{
    size_t count = 0;
    for (char **e = environ; *e != NULL; e++) {
        for (size_t i = 0; i < sizeof passed_on / sizeof passed_on[0]; i++) {
            bool is_named = strncmp(*e, passed_on[i], strlen(passed_on[i])) == 0;
            bool is_ours = strncmp(*e, "CAUSEWAY_LISTEN=", 16) == 0 ||
                           strncmp(*e, "CAUSEWAY_SUPERVISOR=", 20) == 0;
            if (is_named && !is_ours && count < ENVIRONMENT_MAX - 3)
                out[count++] = *e;
        }
    }
    environment_add(listen != NULL ? listen : "", out, &count);
    environment_add(talk, out, &count);
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
                                             const struct cw_identity *identity, pid_t parent,
                                             int talk)
{
    char *environment[ENVIRONMENT_MAX];
    char talk_text[40] = "";
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
    if (talk >= 0) {
        (void)snprintf(talk_text, sizeof talk_text, "CAUSEWAY_SUPERVISOR=%d", talk);
        if (fcntl(talk, F_SETFD, 0) != 0)
            give_up(child, "the line to the supervisor");
    }
    environment_fill(child->environment, talk_text, environment);

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
    int pair[2] = {-1, -1};
    pid_t parent = getpid();
    pid_t pid = -1;
    if (!child->talks || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0)
        pid = fork();
    if (pid == 0)
        become(child, identity, parent, pair[1]);
    if (pair[1] >= 0)
        (void)close(pair[1]);
    if (pid < 0) {
        if (pair[0] >= 0)
            (void)close(pair[0]);
        cw_log(CW_LOG_ERROR, "supervisor", "%s cannot be started: %s", child->name,
               strerror(errno));
        return CW_ERR_IO;
    }
    cw_child_hang_up(child);
    child->talk = pair[0];
    if (pair[0] >= 0)
        (void)fcntl(pair[0], F_SETFL, O_NONBLOCK);
    if (!child->is_standby)
        cw_child_say(child, "go\n");
    (void)setpgid(pid, pid); /* the child does it too; whoever is first, the group is there now */
    child->pid = pid;
    child->start_ns = 0;
    cw_log(CW_LOG_INFO, "supervisor", "%s started, process %d", child->name, (int)pid);
    return CW_OK;
}

void cw_child_say(const struct cw_child *child, const char *line)
{
    if (child->talk >= 0)
        (void)send(child->talk, line, strlen(line), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void cw_child_hang_up(struct cw_child *child)
{
    if (child->talk >= 0)
        (void)close(child->talk);
    child->talk = -1;
    child->talk_size = 0;
}

bool cw_child_hear(struct cw_child *child, char *line, size_t size)
{
    if (child->talk < 0)
        return false;
    char *end = memchr(child->talk_line, '\n', child->talk_size);
    if (end == NULL) {
        size_t room = sizeof child->talk_line - child->talk_size;
        ssize_t n = recv(child->talk, child->talk_line + child->talk_size, room, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) || room == 0)
            cw_child_hang_up(child); /* it ended, or says what no engine says */
        if (n <= 0)
            return false;
        child->talk_size += (size_t)n;
        end = memchr(child->talk_line, '\n', child->talk_size);
        if (end == NULL)
            return false;
    }
    *end = '\0';
    size_t used = (size_t)(end + 1 - child->talk_line);
    (void)snprintf(line, size, "%s", child->talk_line);
    child->talk_size -= used;
    memmove(child->talk_line, end + 1, child->talk_size);
    return true;
}

void cw_child_signal(const struct cw_child *child, int signal_number)
{
    if (child->pid > 0)
        (void)kill(signal_number == SIGKILL ? -child->pid : child->pid, signal_number);
}
