/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/supervisor/caller.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/supervisor/listen.h"

/* ---- the line ----------------------------------------------------------------------------------- */

/* Takes word from *line when it begins with it. */
static bool take(const char **line, size_t *size, const char *word)
{
    size_t n = strlen(word);
    if (*size < n || memcmp(*line, word, n) != 0)
        return false;
    *line += n;
    *size -= n;
    return true;
}

static bool take_workers(const char **line, size_t *size, unsigned *ret_workers)
{
    unsigned workers = 0;
    size_t n = 0;
    while (n < *size && n < 4 && (*line)[n] >= '0' && (*line)[n] <= '9')
        workers = workers * 10 + (unsigned)((*line)[n++] - '0');
    if (n == 0 || workers > CW_LISTEN_WORKERS_MAX)
        return false;
    *line += n;
    *size -= n;
    *ret_workers = workers;
    return true;
}

int cw_upgrade_order_parse(const char *line, size_t size, struct cw_upgrade_order *ret_order,
                           char *message, size_t message_size)
{
    struct cw_upgrade_order *o = ret_order;
    *o = (struct cw_upgrade_order){0};
    bool good = take(&line, &size, "upgrade") && memchr(line, '\0', size) == NULL;
    if (good && take(&line, &size, " workers=")) {
        o->has_workers = true;
        good = take_workers(&line, &size, &o->workers);
    }
    if (good && take(&line, &size, " program=")) {
        good = size > 0 && size < sizeof o->program && line[0] == '/';
        if (good)
            memcpy(o->program, line, size);
        size = 0;
    }
    if (good && size == 0)
        return CW_OK;
    (void)snprintf(message, message_size,
                   "an order is \"upgrade [workers=N] [program=/PATH]\", with at most %d workers",
                   CW_LISTEN_WORKERS_MAX);
    return CW_ERR_INVALID;
}

/* ---- the socket --------------------------------------------------------------------------------- */

int cw_caller_open(struct cw_caller *s, const char *run_dir, const struct cw_identity *identity,
                   char *message, size_t message_size)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    *s = (struct cw_caller){.listener = -1, .caller = -1, .uid = identity->uid};
    int n = snprintf(s->path, sizeof s->path, "%s/supervisor.sock", run_dir);
    if (n < 0 || (size_t)n >= sizeof address.sun_path) {
        (void)snprintf(message, message_size, "run_dir %s is too long", run_dir);
        return CW_ERR_IO;
    }
    memcpy(address.sun_path, s->path, (size_t)n + 1);
    (void)unlink(s->path);
    s->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t before = umask(0177);
    bool good = s->listener >= 0 &&
                bind(s->listener, (const struct sockaddr *)&address, sizeof address) == 0;
    (void)umask(before);
    good = good && (!identity->must_switch || lchown(s->path, identity->uid, identity->gid) == 0) &&
           listen(s->listener, 4) == 0;
    if (good)
        return CW_OK;
    (void)snprintf(message, message_size, "%s cannot be opened: %s", s->path, strerror(errno));
    cw_caller_close(s);
    return CW_ERR_IO;
}

static void drop_caller(struct cw_caller *s)
{
    if (s->caller >= 0)
        (void)close(s->caller);
    s->caller = -1;
    s->is_whole = false;
    s->size = 0;
}

void cw_caller_close(struct cw_caller *s)
{
    drop_caller(s);
    if (s->listener >= 0) {
        (void)close(s->listener);
        (void)unlink(s->path);
    }
    s->listener = -1;
}

static void say(int fd, bool is_done, const char *text)
{
    char line[512];
    int n = snprintf(line, sizeof line, "%s %.480s\n", is_done ? "ok" : "error", text);
    if (n > 0)
        (void)send(fd, line, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void cw_caller_accept(struct cw_caller *s, uint64_t now_ns)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    bool is_known = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
                    (peer.uid == 0 || peer.uid == s->uid || peer.uid == geteuid());
    if (!is_known)
        say(fd, false, "this socket is for causeway-control");
    else if (s->caller >= 0)
        say(fd, false, "another order is being carried out");
    if (!is_known || s->caller >= 0) {
        (void)close(fd);
        return;
    }
    s->caller = fd;
    s->until_ns = now_ns + CW_ORDER_TIME_NS_MAX;
}

bool cw_caller_read(struct cw_caller *s)
{
    ssize_t n = recv(s->caller, s->line + s->size, sizeof s->line - 1 - s->size, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n <= 0 || s->is_whole) { /* it left, or says more than one line */
        drop_caller(s);
        return false;
    }
    s->size += (size_t)n;
    char *end = memchr(s->line, '\n', s->size);
    if (end == NULL && s->size == sizeof s->line - 1) {
        cw_caller_answer(s, false, "the line is too long");
        return false;
    }
    if (end == NULL)
        return false;
    s->size = (size_t)(end - s->line);
    *end = '\0';
    s->is_whole = true;
    return true;
}

void cw_caller_tick(struct cw_caller *s, uint64_t now_ns)
{
    if (s->caller >= 0 && !s->is_whole && now_ns >= s->until_ns)
        drop_caller(s);
}

void cw_caller_answer(struct cw_caller *s, bool is_done, const char *text)
{
    cw_log(is_done ? CW_LOG_INFO : CW_LOG_WARNING, "supervisor", "upgrade: %s", text);
    if (s->caller >= 0)
        say(s->caller, is_done, text);
    drop_caller(s);
}
