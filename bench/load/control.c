/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/load/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/wire/link.h"

enum { IN_BYTES = 4 * CW_LINK_MESSAGE_BYTES_MAX };

static const char origin[] = "https://localhost";

int cw_control_start(struct cw_control *c, const char *run_dir, const struct cw_keys *keys,
                     char *message, size_t message_size)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    *c = (struct cw_control){.keys = keys, .listener = -1};
    for (unsigned i = 0; i < CW_CONTROL_LINKS_MAX; i++)
        c->links[i].fd = -1;
    int n = snprintf(c->path, sizeof c->path, "%s/link.sock", run_dir);
    if (n < 0 || (size_t)n >= sizeof c->path) {
        (void)snprintf(message, message_size, "the run directory's name is too long");
        return CW_ERR_TOO_LARGE;
    }
    memcpy(at.sun_path, c->path, sizeof c->path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)(const void *)&at, sizeof at) == 0) {
        (void)close(fd);
        (void)snprintf(message, message_size,
                       "something listens on %s: stop causeway-control, the load takes its place",
                       c->path);
        return CW_ERR_CONFLICT;
    }
    (void)close(fd);
    (void)unlink(c->path);
    c->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->listener < 0 ||
        bind(c->listener, (const struct sockaddr *)(const void *)&at, sizeof at) != 0 ||
        chmod(c->path, 0666) != 0 || listen(c->listener, CW_CONTROL_LINKS_MAX) != 0) {
        (void)snprintf(message, message_size, "%s cannot be made: %s", c->path, strerror(errno));
        return CW_ERR_IO;
    }
    return CW_OK;
}

static void drop(struct cw_control *c, struct cw_control_link *l)
{
    if (l->is_up)
        c->up_count--;
    (void)close(l->fd);
    free(l->in);
    free(l->out);
    *l = (struct cw_control_link){.fd = -1};
}

void cw_control_stop(struct cw_control *c)
{
    for (unsigned i = 0; i < CW_CONTROL_LINKS_MAX; i++) {
        if (c->links[i].fd >= 0)
            drop(c, &c->links[i]);
    }
    if (c->listener >= 0) {
        (void)close(c->listener);
        (void)unlink(c->path);
        c->listener = -1;
    }
}

static void say(struct cw_control_link *l, const struct cw_link_message *m)
{
    if (l->out_bytes + CW_LINK_MESSAGE_BYTES_MAX > l->out_room) {
        l->out_room = 2 * l->out_room + 2 * (size_t)CW_LINK_MESSAGE_BYTES_MAX;
        l->out = realloc(l->out, l->out_room);
        CW_CHECK(l->out != NULL, "the load has memory for its links");
    }
    size_t size = 0;
    int err = cw_link_encode(m, l->out + l->out_bytes, l->out_room - l->out_bytes, &size);
    CW_CHECK(err == CW_OK, "a message of the link can be made");
    l->out_bytes += size;
}

static void on_message(struct cw_control *c, struct cw_control_link *l,
                       const struct cw_link_message *m)
{
    struct cw_link_message answer = {.session = m->session};
    c->messages++;
    switch (m->type) {
    case CW_LINK_ENGINE_HELLO:
        c->workers = m->worker_count;
        answer.type = CW_LINK_CONTROL_HELLO;
        answer.version = CW_LINK_VERSION;
        memcpy(answer.key, c->keys->control_key, sizeof answer.key);
        answer.bytes = (const uint8_t *)origin;
        answer.bytes_count = sizeof origin - 1;
        say(l, &answer);
        for (unsigned i = 0; i < c->setting_count; i++) {
            const struct cw_link_message set = {.type = CW_LINK_SETTING,
                                                .value = c->settings[i].value,
                                                .bytes = (const uint8_t *)c->settings[i].name,
                                                .bytes_count = c->settings[i].name_bytes};
            say(l, &set);
        }
        break;
    case CW_LINK_SESSION_UP:
        answer.type = CW_LINK_SESSION_WANTED;
        if (!l->is_up)
            say(l, &answer);
        break;
    case CW_LINK_PARTICIPANT_UP:
        answer.type = CW_LINK_PARTICIPANT_WANTED;
        answer.participant = m->participant;
        answer.permissions = m->permissions;
        if (!l->is_up)
            say(l, &answer);
        break;
    case CW_LINK_SNAPSHOT_END:
        answer.type = CW_LINK_WANTED_END;
        say(l, &answer);
        c->up_count += !l->is_up;
        l->is_up = true;
        break;
    case CW_LINK_REFUSED:
        c->refused++;
        (void)snprintf(c->last_refusal, sizeof c->last_refusal, "%.*s",
                       (int)(m->bytes_count < 100 ? m->bytes_count : 100), (const char *)m->bytes);
        break;
    default: break;
    }
}

/* False: the link is gone. */
static bool read_link(struct cw_control *c, struct cw_control_link *l)
{
    for (;;) {
        ssize_t n = recv(l->fd, l->in + l->in_bytes, IN_BYTES - l->in_bytes, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return true;
        if (n <= 0)
            return false;
        l->in_bytes += (size_t)n;
        size_t at = 0;
        size_t used = 0;
        struct cw_link_message m;
        int err;
        while ((err = cw_link_decode(l->in + at, l->in_bytes - at, &m, &used)) == CW_OK) {
            on_message(c, l, &m);
            at += used;
        }
        if (err != CW_ERR_AGAIN)
            return false;
        memmove(l->in, l->in + at, l->in_bytes - at);
        l->in_bytes -= at;
    }
}

static bool write_link(struct cw_control_link *l)
{
    if (l->out_bytes == 0)
        return true;
    ssize_t n = send(l->fd, l->out, l->out_bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    l->out_bytes -= (size_t)n;
    memmove(l->out, l->out + n, l->out_bytes);
    return true;
}

static void accept_links(struct cw_control *c)
{
    for (unsigned i = 0; i < CW_CONTROL_LINKS_MAX; i++) {
        struct cw_control_link *l = &c->links[i];
        if (l->fd >= 0)
            continue;
        l->fd = accept4(c->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (l->fd < 0)
            return;
        l->in = malloc(IN_BYTES);
        CW_CHECK(l->in != NULL, "the load has memory for its links");
    }
}

void cw_control_step(struct cw_control *c, int timeout_ms)
{
    struct pollfd polls[CW_CONTROL_LINKS_MAX + 1] = {{.fd = c->listener, .events = POLLIN}};
    for (unsigned i = 0; i < CW_CONTROL_LINKS_MAX; i++)
        polls[i + 1] =
            (struct pollfd){.fd = c->links[i].fd,
                            .events = (short)(POLLIN | (c->links[i].out_bytes != 0 ? POLLOUT : 0))};
    if (poll(polls, CW_CONTROL_LINKS_MAX + 1, timeout_ms) <= 0)
        return;
    for (unsigned i = 0; i < CW_CONTROL_LINKS_MAX; i++) {
        struct cw_control_link *l = &c->links[i];
        if (l->fd < 0 || polls[i + 1].revents == 0)
            continue;
        if (!read_link(c, l) || !write_link(l))
            drop(c, l);
    }
    if (polls[0].revents != 0)
        accept_links(c);
}
