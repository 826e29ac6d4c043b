/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/supervisor/upgrade.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/err.h"
#include "engine/base/log.h"

int cw_upgrade_environment(const struct cw_listen_set *https, const struct cw_listen_set *http,
                           unsigned workers, char *out, size_t size)
{
    static const char variable[] = "CAUSEWAY_LISTEN=";
    char tail[32];
    int n = snprintf(tail, sizeof tail, " workers=%u", workers);
    if (size < sizeof variable + sizeof tail)
        return CW_ERR_FULL;
    memcpy(out, variable, sizeof variable);
    int err = cw_listen_describe(https, http, out + sizeof variable - 1,
                                 size - sizeof variable - sizeof tail);
    if (err == CW_OK)
        memcpy(out + strlen(out), tail, (size_t)n + 1);
    return err;
}

/* ---- how it ends -------------------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) static void finish(struct cw_upgrade *u, bool is_done,
                                                         const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(u->answer, sizeof u->answer, format, arguments);
    va_end(arguments);
    u->state = CW_UPGRADE_IDLE;
    u->until_ns = 0;
    u->is_answered = true;
    u->is_done = is_done;
}

/* Sockets that were bound for more workers, and that nobody uses. */
static void shrink(struct cw_listen_set *set)
{
    while (set->count > set->listening)
        (void)close(set->descriptors[--set->count]);
}

static void give_up(struct cw_upgrade *u, const char *why)
{
    cw_child_signal(&u->next, SIGKILL);
    cw_child_hang_up(&u->next);
    shrink(u->setup->https);
    shrink(u->setup->http);
    finish(u, false, "the new engine did not become ready: %s. The old one goes on", why);
}

/* ---- the beginning ------------------------------------------------------------------------------ */

/* Whoever can write the file could run what they like as the appliance's user. */
static int program_check(const char *path, char *message, size_t message_size)
{
    struct stat st;
    const char *wrong = NULL;
    if (stat(path, &st) != 0) {
        (void)snprintf(message, message_size, "%.200s: %s", path, strerror(errno));
        return CW_ERR_NOT_FOUND;
    }
    if (!S_ISREG(st.st_mode))
        wrong = "is not a file";
    else if (st.st_uid != 0 && st.st_uid != geteuid())
        wrong = "must belong to root, or to the user who started the supervisor";
    else if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        wrong = "can be written by others than its owner";
    else if (access(path, X_OK) != 0)
        wrong = "cannot be executed";
    if (wrong == NULL)
        return CW_OK;
    (void)snprintf(message, message_size, "%.200s %s", path, wrong);
    return CW_ERR_DENIED;
}

static int grow(struct cw_upgrade *u, unsigned workers, char *message, size_t message_size)
{
    const struct cw_upgrade_setup *s = u->setup;
    int err = cw_listen_grow(s->config->listen_https, workers, "listen_https", s->config_path,
                             s->https, message, message_size);
    if (err == CW_OK && s->http->count > 0)
        err = cw_listen_grow(s->config->listen_http, s->https->count, "listen_http", s->config_path,
                             s->http, message, message_size);
    return err;
}

int cw_upgrade_begin(struct cw_upgrade *u, struct cw_child *engine,
                     const struct cw_upgrade_order *order, uint64_t now_ns, char *message,
                     size_t message_size)
{
    const char *program = order->program[0] != '\0' ? order->program : u->setup->program;
    if (u->state != CW_UPGRADE_IDLE || u->leaving.pid > 0) {
        (void)snprintf(message, message_size,
                       "the last upgrade is not over yet; try again shortly");
        return CW_ERR_STATE;
    }
    u->workers =
        order->has_workers && order->workers != 0 ? order->workers : u->setup->workers_default;
    int err = program_check(program, message, message_size);
    if (err == CW_OK)
        err = grow(u, u->workers, message, message_size);
    if (err != CW_OK) {
        shrink(u->setup->https);
        shrink(u->setup->http);
        return err;
    }
    u->turn = engine->program == u->programs[0] ? 1 : 0; /* not the one that is in use */
    (void)snprintf(u->programs[u->turn], sizeof u->programs[0], "%s", program);
    err = cw_upgrade_environment(u->setup->https, u->setup->http, u->workers,
                                 u->environments[u->turn], sizeof u->environments[0]);
    u->next = *engine;
    u->next.program = u->programs[u->turn];
    u->next.environment = u->environments[u->turn];
    u->next.pid = 0;
    u->next.talk = -1;
    u->next.talk_size = 0;
    u->next.is_standby = true;
    u->next.budget = (struct cw_restart_budget){.count = 0};
    u->why[0] = '\0';
    if (err == CW_OK)
        err = cw_child_start(&u->next, u->setup->identity);
    if (err != CW_OK) {
        shrink(u->setup->https);
        shrink(u->setup->http);
        (void)snprintf(message, message_size, "a process cannot be started: %s", strerror(errno));
        return err;
    }
    u->state = CW_UPGRADE_STARTING;
    u->begun_ns = now_ns;
    u->until_ns = now_ns + CW_UPGRADE_READY_NS;
    return CW_OK;
}

/* ---- the change --------------------------------------------------------------------------------- */

static void change(struct cw_upgrade *u, struct cw_child *engine, uint64_t now_ns)
{
    u->state = CW_UPGRADE_CHANGING;
    u->changed_ns = now_ns;
    u->until_ns = now_ns + CW_UPGRADE_QUIET_NS;
    if (engine->pid > 0)
        cw_child_signal(engine, SIGUSR2);
    else
        (void)cw_upgrade_takes_over(u, engine, now_ns); /* it had just ended by itself */
}

bool cw_upgrade_takes_over(struct cw_upgrade *u, struct cw_child *engine, uint64_t now_ns)
{
    if (u->state != CW_UPGRADE_CHANGING)
        return false;
    int err = cw_listen_start(u->setup->https);
    if (err == CW_OK)
        err = cw_listen_start(u->setup->http);
    if (err != CW_OK)
        cw_log(CW_LOG_ERROR, "supervisor", "a listening socket cannot be opened");
    u->leaving = *engine;
    u->leaving.start_ns = now_ns + CW_UPGRADE_LEAVE_NS; /* then it is killed */
    *engine = u->next;
    u->next.pid = 0;
    u->next.talk = -1;
    engine->is_standby = false;
    u->state = CW_UPGRADE_GOING;
    u->until_ns = now_ns + CW_UPGRADE_ACCEPT_NS;
    cw_child_say(engine, "go\n");
    return true;
}

void cw_upgrade_on_talk(struct cw_upgrade *u, struct cw_child *engine, struct cw_child *from,
                        uint64_t now_ns)
{
    char line[CW_TALK_BYTES];
    while (cw_child_hear(from, line, sizeof line)) {
        if (from == &u->next && u->state == CW_UPGRADE_STARTING && strcmp(line, "ready") == 0)
            change(u, engine, now_ns);
        else if (from == &u->next && strncmp(line, "error ", 6) == 0)
            (void)snprintf(u->why, sizeof u->why, "%.290s", line + 6);
        else if (from == engine && u->state == CW_UPGRADE_CHANGING && strcmp(line, "quiet") == 0)
            (void)cw_upgrade_takes_over(u, engine, now_ns);
        else if (from == engine && u->state == CW_UPGRADE_GOING && strcmp(line, "accepting") == 0)
            finish(u, true,
                   "%s runs as process %d with %u workers; ready after %u ms, nothing was accepted "
                   "for %u ms",
                   engine->program, (int)engine->pid, u->workers,
                   (unsigned)((u->changed_ns - u->begun_ns) / 1000000),
                   (unsigned)((now_ns - u->changed_ns) / 1000000));
    }
}

bool cw_upgrade_on_death(struct cw_upgrade *u, struct cw_child *engine, pid_t pid, const char *how,
                         uint64_t now_ns)
{
    if (pid == u->leaving.pid) {
        cw_log(CW_LOG_INFO, "supervisor", "the replaced engine, process %d, %s", (int)pid, how);
        u->leaving.pid = 0;
        cw_child_hang_up(&u->leaving);
        return true;
    }
    if (pid != u->next.pid)
        return false;
    char how_it[128];
    (void)snprintf(how_it, sizeof how_it, "it %.100s", how);
    cw_upgrade_on_talk(u, engine, &u->next, now_ns); /* why, if it said so */
    u->next.pid = 0;
    if (u->state == CW_UPGRADE_STARTING)
        give_up(u, u->why[0] != '\0' ? u->why : how_it);
    else if (u->state == CW_UPGRADE_CHANGING)
        finish(u, false, "the new engine %s while the old one ended; it is started again", how);
    cw_child_hang_up(&u->next);
    return true;
}

void cw_upgrade_tick(struct cw_upgrade *u, struct cw_child *engine, uint64_t now_ns)
{
    if (u->leaving.pid > 0 && now_ns >= u->leaving.start_ns) {
        cw_log(CW_LOG_WARNING, "supervisor", "the replaced engine does not end and is killed");
        cw_child_signal(&u->leaving, SIGKILL);
        u->leaving.start_ns = UINT64_MAX;
    }
    if (u->until_ns == 0 || now_ns < u->until_ns)
        return;
    if (u->state == CW_UPGRADE_STARTING) {
        give_up(u, "it took too long");
    } else if (u->state == CW_UPGRADE_CHANGING) {
        cw_log(CW_LOG_WARNING, "supervisor", "the old engine does not become quiet and is killed");
        cw_child_signal(engine, SIGKILL); /* its death brings the change */
        u->until_ns = now_ns + CW_UPGRADE_QUIET_NS;
    } else if (u->state == CW_UPGRADE_GOING) {
        finish(u, false, "the new engine runs but does not accept connections yet");
    }
}

uint64_t cw_upgrade_due_ns(const struct cw_upgrade *u)
{
    uint64_t leave_ns = u->leaving.pid > 0 ? u->leaving.start_ns : 0;
    if (leave_ns == UINT64_MAX || leave_ns == 0)
        return u->until_ns;
    return u->until_ns != 0 && u->until_ns < leave_ns ? u->until_ns : leave_ns;
}

void cw_upgrade_signal(const struct cw_upgrade *u, int signal_number)
{
    cw_child_signal(&u->next, SIGKILL); /* it serves nobody */
    cw_child_signal(&u->leaving, signal_number);
}
