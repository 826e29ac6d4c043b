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
    struct cw_child *engine; /* one of the children */
    struct cw_caller *caller;
    struct cw_upgrade *upgrade;
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
    cw_upgrade_signal(s->upgrade, signal_number);
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

static void on_optional_death(struct cw_child *child, const char *how)
{
    const uint64_t now = now_ns();
    if (cw_restart_budget_take(&child->budget, now, &child->start_ns) != CW_OK)
        child->start_ns = now + CW_RESTART_OPTIONAL_NS;
    cw_log(CW_LOG_WARNING, "supervisor",
           "%s %s; it starts again in %u ms, and everything else goes on", child->name, how,
           (unsigned)((child->start_ns - now) / 1000000));
}

static void on_death(struct supervisor *s, struct cw_child *child, int status)
{
    char how[96];
    child->pid = 0;
    describe_end(status, how, sizeof how);
    if (child == s->engine && !s->is_ending && cw_upgrade_takes_over(s->upgrade, child, now_ns()))
        return;
    if (s->is_ending) {
        cw_log(CW_LOG_INFO, "supervisor", "%s %s", child->name, how);
        return;
    }
    if (child->is_optional) {
        on_optional_death(child, how);
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
        char how[96];
        describe_end(status, how, sizeof how);
        if (cw_upgrade_on_death(s->upgrade, s->engine, pid, how, now_ns()))
            continue;
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
        if (cw_child_start(child, s->identity) == CW_OK)
            continue;
        if (child->is_optional)
            child->start_ns = now_ns() + CW_RESTART_OPTIONAL_NS;
        else
            end(s, CW_EXIT_OS);
    }
}

static bool is_any_alive(const struct supervisor *s)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->children[i].pid > 0)
            return true;
    }
    return s->upgrade->next.pid > 0 || s->upgrade->leaving.pid > 0;
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
    uint64_t upgrade_ns = cw_upgrade_due_ns(s->upgrade);
    if (upgrade_ns != 0 && (due == 0 || upgrade_ns < due))
        due = upgrade_ns;
    if (s->caller->caller >= 0 && !s->caller->is_whole && (due == 0 || s->caller->until_ns < due))
        due = s->caller->until_ns;
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

static void on_caller(struct supervisor *s)
{
    struct cw_upgrade_order order;
    char message[400];
    if (!cw_caller_read(s->caller))
        return;
    int err = s->is_ending ? CW_ERR_STATE : CW_OK;
    (void)snprintf(message, sizeof message, "the appliance is ending");
    if (err == CW_OK)
        err = cw_upgrade_order_parse(s->caller->line, s->caller->size, &order, message,
                                     sizeof message);
    if (err == CW_OK)
        err = cw_upgrade_begin(s->upgrade, s->engine, &order, now_ns(), message, sizeof message);
    if (err != CW_OK)
        cw_caller_answer(s->caller, false, message);
}

/* Waits for signals, the caller and what engines say. */
static void wait_for_all(struct supervisor *s, int signals)
{
    struct cw_child *talkers[] = {s->engine, &s->upgrade->next, &s->upgrade->leaving};
    enum { TALKERS = sizeof talkers / sizeof talkers[0] };
    struct pollfd p[3 + TALKERS] = {{.fd = signals, .events = POLLIN},
                                    {.fd = s->caller->listener, .events = POLLIN},
                                    {.fd = s->caller->caller, .events = POLLIN}};
    struct signalfd_siginfo info;
    for (unsigned i = 0; i < TALKERS; i++)
        p[3 + i] = (struct pollfd){.fd = talkers[i]->talk, .events = POLLIN};
    (void)poll(p, sizeof p / sizeof p[0], time_to_wait(s));
    while (read(signals, &info, sizeof info) == (ssize_t)sizeof info)
        on_signal(s, info.ssi_signo);
    if (p[2].revents != 0)
        on_caller(s);
    if (p[1].revents != 0)
        cw_caller_accept(s->caller, now_ns());
    /* One that takes another's place is heard in the next round. */
    for (unsigned i = 0; i < TALKERS; i++)
        if (p[3 + i].revents != 0 && p[3 + i].fd == talkers[i]->talk)
            cw_upgrade_on_talk(s->upgrade, s->engine, talkers[i], now_ns());
}

static void tick(struct supervisor *s)
{
    struct cw_upgrade *u = s->upgrade;
    cw_caller_tick(s->caller, now_ns());
    if (!s->is_ending)
        cw_upgrade_tick(u, s->engine, now_ns());
    if (u->is_answered) {
        u->is_answered = false;
        cw_caller_answer(s->caller, u->is_done, u->answer);
    }
}

int cw_supervise(struct cw_child *children, size_t count, const struct cw_upgrade_setup *setup,
                 struct cw_caller *caller)
{
    static struct cw_upgrade upgrade;
    struct supervisor s = {.children = children,
                           .count = count,
                           .identity = setup->identity,
                           .engine = &children[count - 1],
                           .caller = caller,
                           .upgrade = &upgrade};
    sigset_t set;
    upgrade = (struct cw_upgrade){.setup = setup, .next.talk = -1, .leaving.talk = -1};

    watched_signals(&set);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0) {
        cw_log(CW_LOG_ERROR, "supervisor", "signalfd: %s", strerror(errno));
        return CW_EXIT_OS;
    }
    for (size_t i = 0; i < count; i++)
        children[i].start_ns = 1; /* due since ever */
    for (size_t i = 0; i < count; i++)
        children[i].talk = -1;
    start_due(&s);
    if (!s.is_ending)
        cw_notify("READY=1");
    while (!s.is_ending || is_any_alive(&s)) {
        wait_for_all(&s, fd);
        /* A SIGCHLD that came while another was pending is merged with it. */
        reap(&s);
        if (s.is_ending && now_ns() >= s.kill_ns)
            kill_rest(&s);
        start_due(&s);
        tick(&s);
    }
    (void)close(fd);
    return s.exit_code;
}
