/* SPDX-License-Identifier: Apache-2.0 */
#include "control/front/supervisor_socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine/base/err.h"

/* The new engine's start, the old one's last messages, the new one's link; the caller waits 30 s. */
enum { SUPERVISOR_TIME_MS_MAX = 28 * 1000, ANSWER_BYTES_MAX = 600 };

struct cw_supervisor_socket {
    struct cw_watch watch; /* fd -1: no order under way */
    struct cw_loop *loop;
    cw_supervisor_answer_fn answer;
    void *user;
    uint64_t until_ms;
    size_t size;
    char text[ANSWER_BYTES_MAX];
    struct sockaddr_un address;
};

static void hang_up(struct cw_supervisor_socket *s)
{
    if (s->watch.fd < 0)
        return;
    cw_loop_forget(s->loop, &s->watch);
    (void)close(s->watch.fd);
    s->watch.fd = -1;
}

static void finish(struct cw_supervisor_socket *s, bool is_done, const char *text)
{
    hang_up(s);
    s->answer(s->user, is_done, text);
}

static void on_ready(void *arg, uint32_t epoll_events)
{
    struct cw_supervisor_socket *s = arg;
    (void)epoll_events;
    ssize_t n = recv(s->watch.fd, s->text + s->size, sizeof s->text - 1 - s->size, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    s->size += n > 0 ? (size_t)n : 0;
    s->text[s->size] = '\0';
    char *end = strchr(s->text, '\n');
    if (end == NULL && n > 0 && s->size < sizeof s->text - 1)
        return;
    if (end != NULL)
        *end = '\0';
    if (end != NULL && strncmp(s->text, "ok ", 3) == 0)
        finish(s, true, s->text + 3);
    else if (end != NULL && strncmp(s->text, "error ", 6) == 0)
        finish(s, false, s->text + 6);
    else
        finish(s, false, "the supervisor went away without an answer");
}

int cw_supervisor_socket_new(struct cw_loop *loop, const char *run_dir,
                             cw_supervisor_answer_fn answer, void *user,
                             struct cw_supervisor_socket **ret_socket)
{
    struct cw_supervisor_socket *s = calloc(1, sizeof *s);
    if (s == NULL)
        return CW_ERR_NOMEM;
    s->watch = (struct cw_watch){.fd = -1, .ready = on_ready, .arg = s};
    s->loop = loop;
    s->answer = answer;
    s->user = user;
    s->address.sun_family = AF_UNIX;
    int n =
        snprintf(s->address.sun_path, sizeof s->address.sun_path, "%s/supervisor.sock", run_dir);
    if (n < 0 || (size_t)n >= sizeof s->address.sun_path) {
        free(s);
        return CW_ERR_FULL;
    }
    *ret_socket = s;
    return 0;
}

void cw_supervisor_socket_free(struct cw_supervisor_socket *s)
{
    if (s == NULL)
        return;
    hang_up(s);
    free(s);
}

int cw_supervisor_socket_order(struct cw_supervisor_socket *s, const char *line, uint64_t now_ms)
{
    char out[CW_SUPERVISOR_LINE_BYTES_MAX];
    int n = snprintf(out, sizeof out, "%s\n", line);
    if (s->watch.fd >= 0)
        return CW_ERR_STATE;
    if (n < 0 || (size_t)n >= sizeof out)
        return CW_ERR_FULL;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return CW_ERR_IO;
    s->watch.fd = fd;
    s->size = 0;
    s->until_ms = now_ms + SUPERVISOR_TIME_MS_MAX;
    /* A Unix socket takes so short a line at once, or is not there. */
    if (connect(fd, (const struct sockaddr *)&s->address, sizeof s->address) == 0 &&
        send(fd, out, (size_t)n, MSG_NOSIGNAL) == n &&
        cw_loop_watch(s->loop, &s->watch, EPOLLIN) == 0)
        return 0;
    (void)close(fd);
    s->watch.fd = -1;
    return CW_ERR_IO;
}

void cw_supervisor_socket_tick(struct cw_supervisor_socket *s, uint64_t now_ms)
{
    if (s->watch.fd >= 0 && now_ms >= s->until_ms)
        finish(s, false, "the supervisor did not answer in time");
}
