/* SPDX-License-Identifier: Apache-2.0 */
#include "control/front/courier_socket.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/front/front_limits.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

struct cw_courier_socket {
    struct cw_loop *loop;
    struct cw_control *control;
    struct cw_watch watch; /* fd -1: no courier */
    char in[4096];
    size_t in_size;
    char *out;
    size_t out_size;
};

int cw_courier_socket_new(struct cw_loop *loop, struct cw_control *control,
                          struct cw_courier_socket **ret_socket)
{
    struct cw_courier_socket *s = calloc(1, sizeof *s);

    if (s == NULL)
        return CW_ERR_NOMEM;
    s->loop = loop;
    s->control = control;
    s->watch.fd = -1;
    *ret_socket = s;
    return 0;
}

static void hang_up(struct cw_courier_socket *s, const char *why)
{
    if (s->watch.fd < 0)
        return;
    cw_log(CW_LOG_WARNING, "control.courier", "no outbound events: %s", why);
    cw_loop_forget(s->loop, &s->watch);
    (void)close(s->watch.fd);
    s->watch.fd = -1;
    s->in_size = 0;
    free(s->out);
    s->out = NULL;
    s->out_size = 0;
    cw_control_on_courier(s->control, false);
}

void cw_courier_socket_free(struct cw_courier_socket *s)
{
    if (s == NULL)
        return;
    hang_up(s, "control stops");
    free(s);
}

/* {"done": ID, "status": N}, {"failed": ID, "why": "..."} or {"woke": ID, "why": "..."} */
static bool take_line(struct cw_courier_socket *s, const char *line, size_t n)
{
    json_t *answer = json_loadb(line, n, 0, NULL);
    const json_t *done = json_object_get(answer, "done");
    const json_t *failed = json_object_get(answer, "failed");
    const json_t *woke = json_object_get(answer, "woke");
    const char *why = json_string_value(json_object_get(answer, "why"));
    bool is_good = true;

    if (json_is_integer(done))
        cw_control_on_posted(s->control, (uint64_t)json_integer_value(done),
                             (long)json_integer_value(json_object_get(answer, "status")), "");
    else if (json_is_integer(failed))
        cw_control_on_posted(s->control, (uint64_t)json_integer_value(failed), 0,
                             why != NULL ? why : "no reason was given");
    else if (json_is_integer(woke))
        cw_control_on_woke(s->control, (uint64_t)json_integer_value(woke), why != NULL ? why : "");
    else
        is_good = false;
    json_decref(answer);
    return is_good;
}

static const char *receive(struct cw_courier_socket *s)
{
    ssize_t n = read(s->watch.fd, s->in + s->in_size, sizeof s->in - s->in_size);
    size_t at = 0;

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return NULL;
    if (n <= 0)
        return "the courier is away";
    s->in_size += (size_t)n;
    for (char *end; (end = memchr(s->in + at, '\n', s->in_size - at)) != NULL;) {
        size_t size = (size_t)(end - (s->in + at));
        if (!take_line(s, s->in + at, size))
            return "the courier does not make sense";
        at += size + 1;
    }
    s->in_size -= at;
    memmove(s->in, s->in + at, s->in_size);
    return s->in_size < sizeof s->in ? NULL : "the courier's answer is too long";
}

static const char *flush(struct cw_courier_socket *s)
{
    ssize_t n = send(s->watch.fd, s->out, s->out_size, MSG_NOSIGNAL);

    if (n < 0 && errno != EAGAIN && errno != EINTR)
        return "the courier is away";
    if (n > 0) {
        s->out_size -= (size_t)n;
        memmove(s->out, s->out + n, s->out_size);
    }
    if (cw_loop_change(s->loop, &s->watch, s->out_size > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN) != 0)
        return "the loop is out of memory";
    return NULL;
}

static void ready(void *arg, uint32_t epoll_events)
{
    struct cw_courier_socket *s = arg;
    const char *why = NULL;

    if ((epoll_events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
        why = receive(s);
    if (why == NULL && (epoll_events & EPOLLOUT) != 0)
        why = flush(s);
    if (why != NULL)
        hang_up(s, why);
}

void cw_courier_socket_accept(struct cw_courier_socket *s, int fd)
{
    hang_up(s, "another courier takes over");
    s->watch = (struct cw_watch){.fd = fd, .ready = ready, .arg = s};
    if (cw_loop_watch(s->loop, &s->watch, EPOLLIN) != 0) {
        (void)close(fd);
        s->watch.fd = -1;
        return;
    }
    cw_log(CW_LOG_INFO, "control.courier", "the courier is there");
    cw_control_on_courier(s->control, true);
}

/* Control is in the middle of something: what fails here is noticed when the socket is read. */
int cw_courier_socket_post(struct cw_courier_socket *s, const char *line)
{
    const size_t n = strlen(line);
    char *longer = NULL;

    if (s->watch.fd < 0)
        return CW_ERR_CLOSED;
    if (n + 1 > CW_COURIER_LINE_BYTES_MAX || s->out_size + n + 1 > CW_COURIER_QUEUE_BYTES_MAX)
        return CW_ERR_FULL;
    longer = realloc(s->out, s->out_size + n + 1);
    if (longer == NULL)
        return CW_ERR_NOMEM;
    memcpy(longer + s->out_size, line, n);
    longer[s->out_size + n] = '\n';
    s->out = longer;
    s->out_size += n + 1;
    return cw_loop_change(s->loop, &s->watch, EPOLLIN | EPOLLOUT);
}
