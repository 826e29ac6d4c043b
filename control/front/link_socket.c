/* SPDX-License-Identifier: Apache-2.0 */
#include "control/front/link_socket.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/front/front_limits.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/limits.h"

struct link_conn {
    struct cw_watch watch;
    struct cw_links *links;
    struct link_conn *next;
    struct cw_control_link *link;
    bool is_doomed; /* to be closed after this turn */
    bool is_ending; /* the same, but until then it takes what is sent */
    bool is_stuck;  /* the worker's buffer is full: EPOLLOUT is waited for */
    size_t held;    /* the last bytes of out: they wait for the commit, too */
    uint8_t *out;   /* bytes [out_at, out_size) wait for the worker to read */
    size_t out_at;
    size_t out_size;
    size_t out_room;
};

struct cw_links {
    struct cw_loop *loop;
    struct cw_control *control;
    struct link_conn *conns;
    unsigned count;
    uint64_t connection_number;
    bool has_doomed;
    uint8_t in[CW_LINK_MESSAGE_BYTES_MAX];
};

int cw_links_new(struct cw_loop *loop, struct cw_control *control, struct cw_links **ret_links)
{
    struct cw_links *l = calloc(1, sizeof *l);
    if (l == NULL)
        return CW_ERR_NOMEM;
    l->loop = loop;
    l->control = control;
    *ret_links = l;
    return 0;
}

static void link_close(struct link_conn *c)
{
    struct cw_links *l = c->links;
    c->is_doomed = true; /* cw_control_link_closed may still try to send */
    if (c->link != NULL)
        cw_control_link_closed(l->control, c->link);
    cw_loop_forget(l->loop, &c->watch);
    (void)close(c->watch.fd);
    struct link_conn **at = &l->conns;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    l->count--;
    free(c->out);
    free(c);
}

void cw_links_free(struct cw_links *l)
{
    if (l == NULL)
        return;
    while (l->conns != NULL)
        link_close(l->conns);
    free(l);
}

static void link_doom(struct link_conn *c, const char *why)
{
    if (!c->is_doomed)
        cw_log(CW_LOG_WARNING, "control.link", "engine link closed: %s", why);
    c->is_doomed = true;
    c->links->has_doomed = true;
}

/* Bytes sent, 0 when the worker's buffer is full, negative when the connection is gone. */
static ssize_t link_push(struct link_conn *c, const uint8_t *bytes, size_t n)
{
    ssize_t sent;
    do {
        sent = send(c->watch.fd, bytes, n, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0 && errno == EAGAIN)
        return 0;
    return sent;
}

static int link_wait(struct link_conn *c, bool is_stuck)
{
    if (c->is_stuck == is_stuck)
        return 0;
    c->is_stuck = is_stuck;
    return cw_loop_change(c->links->loop, &c->watch, EPOLLIN | (is_stuck ? EPOLLOUT : 0u));
}

static int link_queue(struct link_conn *c, const uint8_t *bytes, size_t n)
{
    size_t waiting = c->out_size - c->out_at;
    if (n > CW_LINK_QUEUE_BYTES_MAX - waiting) {
        link_doom(c, "the worker does not read");
        return CW_ERR_FULL;
    }
    if (c->out_at > 0) {
        memmove(c->out, c->out + c->out_at, waiting);
        c->out_at = 0;
        c->out_size = waiting;
    }
    if (waiting + n > c->out_room) {
        size_t room = c->out_room == 0 ? CW_LINK_MESSAGE_BYTES_MAX : c->out_room;
        while (room < waiting + n)
            room *= 2;
        uint8_t *grown = realloc(c->out, room);
        if (grown == NULL) {
            link_doom(c, "out of memory");
            return CW_ERR_NOMEM;
        }
        c->out = grown;
        c->out_room = room;
    }
    memcpy(c->out + waiting, bytes, n);
    c->out_size = waiting + n;
    return 0;
}

/* Whole messages come, so what is held back begins with one. */
static int link_send(void *user, const void *bytes, size_t n)
{
    struct link_conn *c = user;
    if (c->is_doomed)
        return CW_ERR_CLOSED;
    const uint8_t *at = bytes;
    if (cw_control_has_group(c->links->control)) {
        int rc = link_queue(c, at, n);
        c->held += rc == 0 ? n : 0;
        return rc;
    }
    if (c->out_at == c->out_size && n > 0) {
        ssize_t sent = link_push(c, at, n);
        if (sent < 0) {
            link_doom(c, "the worker is gone");
            return CW_ERR_CLOSED;
        }
        at += sent;
        n -= (size_t)sent;
    }
    if (n == 0)
        return 0;
    int rc = link_queue(c, at, n);
    return rc == 0 ? link_wait(c, true) : rc;
}

static void link_flush(struct link_conn *c)
{
    while (c->out_at < c->out_size - c->held) {
        ssize_t sent = link_push(c, c->out + c->out_at, c->out_size - c->held - c->out_at);
        if (sent < 0 || (sent == 0 && link_wait(c, true) != 0))
            link_doom(c, "the worker is gone");
        if (sent <= 0)
            return;
        c->out_at += (size_t)sent;
    }
    (void)link_wait(c, false);
    if (c->held > 0 || c->out == NULL)
        return;
    explicit_bzero(c->out, c->out_room); /* there may have been a private key in it */
    free(c->out);
    c->out = NULL;
    c->out_at = 0;
    c->out_size = 0;
    c->out_room = 0;
}

void cw_links_release(struct cw_links *l, bool is_done)
{
    for (struct link_conn *c = l->conns; c != NULL; c = c->next) {
        if (!is_done) {
            c->out_size -= c->held;
            c->is_ending = true;
            l->has_doomed = true;
        }
        c->held = 0;
        if (!c->is_doomed)
            link_flush(c);
    }
}

static void link_ready(void *arg, uint32_t epoll_events)
{
    struct link_conn *c = arg;
    struct cw_links *l = c->links;
    if ((epoll_events & EPOLLOUT) != 0 && !c->is_doomed)
        link_flush(c);
    if (c->is_doomed || (epoll_events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0)
        return;
    ssize_t n = read(c->watch.fd, l->in, sizeof l->in);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0)
        link_doom(c, n == 0 ? "the worker ended it" : "reading failed");
    else if (cw_control_link_receive(l->control, c->link, l->in, (size_t)n) != 0)
        link_doom(c, "the worker broke the protocol");
}

void cw_links_accept(struct cw_links *l, int fd)
{
    struct link_conn *c = l->count < CW_LINK_CONNECTIONS_MAX ? calloc(1, sizeof *c) : NULL;
    if (c == NULL) {
        (void)close(fd);
        return;
    }
    c->watch = (struct cw_watch){.fd = fd, .ready = link_ready, .arg = c};
    c->links = l;
    if (cw_loop_watch(l->loop, &c->watch, EPOLLIN) != 0) {
        (void)close(fd);
        free(c);
        return;
    }
    c->next = l->conns;
    l->conns = c;
    l->count++;
    if (cw_control_link_open(l->control, ++l->connection_number, link_send, c, &c->link) != 0)
        link_doom(c, "control takes no further link");
}

void cw_links_after_turn(struct cw_links *l)
{
    /* Closing one may make control send to another, which may fail and be marked in turn. */
    while (l->has_doomed) {
        l->has_doomed = false;
        struct link_conn *next;
        for (struct link_conn *c = l->conns; c != NULL; c = next) {
            next = c->next;
            if (c->is_ending)
                link_doom(c, "changes were lost: it begins anew with a snapshot");
            if (c->is_doomed)
                link_close(c);
        }
    }
}

unsigned cw_links_count(const struct cw_links *l)
{
    return l->count;
}
