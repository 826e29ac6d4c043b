/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/supervisor/supervise.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/supervisor/notify.h"

struct supervisor {
    struct cw_child *children;
    size_t count;
    const struct cw_identity *identity;
    bool is_ending;
    bool is_killed;
    uint64_t kill_ns; /* ENDING: when to lose patience */
    int exit_code;
};

static void watched_signals(sigset_t *ret_set)
{
    (void)sigemptyset(ret_set);
    (void)sigaddset(ret_set, SIGTERM);
    (void)sigaddset(ret_set, SIGINT);
    (void)sigaddset(ret_set, SIGHUP);
    (void)sigaddset(ret_set, SIGCHLD);
}

void cw_supervise_block(void)
{
    sigset_t set;
    watched_signals(&set);
    CW_CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0, "the set is valid");
    (void)signal(SIGPIPE, SIG_IGN);
}

static uint64_t now_ns(void)
{
    struct timespec t;
    CW_CHECK(clock_gettime(CLOCK_MONOTONIC, &t) == 0, "Linux has a monotonic clock");
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

static void signal_all(const struct supervisor *s, int signal_number)
{
    for (size_t i = 0; i < s->count; i++)
        cw_child_signal(&s->children[i], signal_number);
}

static void end(struct supervisor *s, int exit_code)
{
    if (s->is_ending)
        return;
    s->is_ending = true;
    s->exit_code = exit_code;
    s->kill_ns = now_ns() + CW_STOP_TIME_NS;
    cw_notify("STOPPING=1");
    signal_all(s, SIGTERM);
}

static void kill_rest(struct supervisor *s)
{
    if (s->is_killed)
        return;
    s->is_killed = true;
    for (size_t i = 0; i < s->count; i++) {
        if (s->children[i].pid > 0)
            cw_log(CW_LOG_WARNING, "supervisor", "%s did not end by itself and is killed",
                   s->children[i].name);
    }
    signal_all(s, SIGKILL);
}

static void describe_end(int status, char *out, size_t size)
{
    if (WIFSIGNALED(status))
        (void)snprintf(out, size, "was ended by signal %d (%s)", WTERMSIG(status),
                       strsignal(WTERMSIG(status)));
    else
        (void)snprintf(out, size, "ended with code %d", WEXITSTATUS(status));
}

static void on_death(struct supervisor *s, struct cw_child *child, int status)
{
    char how[96];
    child->pid = 0;
    describe_end(status, how, sizeof how);
    if (s->is_ending) {
        cw_log(CW_LOG_INFO, "supervisor", "%s %s", child->name, how);
        return;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == CW_EXIT_CONFIG) {
        cw_log(CW_LOG_ERROR, "supervisor",
               "%s refused its configuration (see above); everything ends", child->name);
        end(s, CW_EXIT_CONFIG);
        return;
    }
    uint64_t now = now_ns();
    if (cw_restart_budget_take(&child->budget, now, &child->start_ns) != CW_OK) {
        cw_log(CW_LOG_ERROR, "supervisor",
               "%s %s, and was started again %d times within a minute already; everything ends. "
               "The lines above say why it ended",
               child->name, how, CW_RESTART_MAX);
        end(s, CW_EXIT_SOFTWARE);
        return;
    }
    cw_log(CW_LOG_WARNING, "supervisor", "%s %s; it starts again in %u ms", child->name, how,
           (unsigned)((child->start_ns - now) / 1000000));
}

static void reap(struct supervisor *s)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        for (size_t i = 0; i < s->count; i++) {
            if (s->children[i].pid == pid)
                on_death(s, &s->children[i], status);
        }
    }
}

static void start_due(struct supervisor *s)
{
    for (size_t i = 0; i < s->count && !s->is_ending; i++) {
        struct cw_child *child = &s->children[i];
        if (child->pid > 0 || child->start_ns == 0 || child->start_ns > now_ns())
            continue;
        if (cw_child_start(child, s->identity) != CW_OK)
            end(s, CW_EXIT_OS);
    }
}

static bool is_any_alive(const struct supervisor *s)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->children[i].pid > 0)
            return true;
    }
    return false;
}

/* Milliseconds until something is due, rounded up; -1: nothing is. */
static int time_to_wait(const struct supervisor *s)
{
    uint64_t due = s->is_ending && !s->is_killed ? s->kill_ns : 0;
    for (size_t i = 0; i < s->count && !s->is_ending; i++) {
        const struct cw_child *c = &s->children[i];
        if (c->pid == 0 && c->start_ns != 0 && (due == 0 || c->start_ns < due))
            due = c->start_ns;
    }
    uint64_t now = now_ns();
    if (due == 0)
        return -1;
    return due <= now ? 0 : (int)((due - now) / 1000000 + 1);
}

static void on_signal(struct supervisor *s, uint32_t number)
{
    if (number == SIGCHLD) {
        reap(s);
    } else if (s->is_ending) {
        kill_rest(s);
    } else {
        cw_log(CW_LOG_INFO, "supervisor", "%s: ending", strsignal((int)number));
        end(s, CW_EXIT_OK);
    }
}

int cw_supervise(struct cw_child *children, size_t count, const struct cw_identity *identity)
{
    struct supervisor s = {.children = children, .count = count, .identity = identity};
    struct signalfd_siginfo info;
    sigset_t set;

    watched_signals(&set);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0) {
        cw_log(CW_LOG_ERROR, "supervisor", "signalfd: %s", strerror(errno));
        return CW_EXIT_OS;
    }
    for (size_t i = 0; i < count; i++)
        children[i].start_ns = 1; /* due since ever */
    start_due(&s);
    if (!s.is_ending)
        cw_notify("READY=1");
    while (!s.is_ending || is_any_alive(&s)) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        (void)poll(&p, 1, time_to_wait(&s));
        while (read(fd, &info, sizeof info) == (ssize_t)sizeof info)
            on_signal(&s, info.ssi_signo);
        /* A SIGCHLD that came while another was pending is merged with it. */
        reap(&s);
        if (s.is_ending && now_ns() >= s.kill_ns)
            kill_rest(&s);
        start_due(&s);
    }
    (void)close(fd);
    return s.exit_code;
}
