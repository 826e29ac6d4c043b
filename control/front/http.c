/* SPDX-License-Identifier: Apache-2.0 */
#include "control/front/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/front/front_limits.h"
#include "control/front/http_request.h"
#include "control/front/proxy_preface.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

/* A connection whose preface has not come yet. */
struct http_door {
    struct cw_watch watch;
    struct cw_http *http;
    struct http_door *next;
    uint64_t deadline_ms;
    size_t size;
    uint8_t preface[CW_PREFACE_BYTES_MAX];
};

struct cw_http {
    struct cw_http_shared shared;
    struct MHD_Daemon *daemon;
    struct cw_watch watch; /* libmicrohttpd's epoll descriptor */
    struct http_door *doors;
    unsigned door_count;
};

/* libmicrohttpd complains about TCP options on Unix sockets and about peers that go away. */
__attribute__((format(printf, 2, 0))) static void http_log(void *cls, const char *format,
                                                           va_list args)
{
    char line[256];
    (void)cls;
    int n = vsnprintf(line, sizeof line, format, args);
    if (n < 0)
        return;
    line[strcspn(line, "\r\n")] = '\0';
    cw_log(CW_LOG_DEBUG, "control.http", "%s", line);
}

/* Paths are matched as they were sent: %-escapes would give one resource several names, and %00 a
 * path that ends early. */
static size_t http_unescape_nothing(void *cls, struct MHD_Connection *connection, char *text)
{
    (void)cls;
    (void)connection;
    return strlen(text);
}

static void http_ready(void *arg, uint32_t epoll_events)
{
    struct cw_http *h = arg;
    (void)epoll_events;
    h->shared.must_run = true;
}

static struct MHD_Daemon *http_start_daemon(struct cw_http *h)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0,
        NULL, NULL, cw_http_request_handle, &h->shared, MHD_OPTION_EXTERNAL_LOGGER, http_log, NULL,
        MHD_OPTION_UNESCAPE_CALLBACK, http_unescape_nothing, NULL, MHD_OPTION_NOTIFY_COMPLETED,
        cw_http_request_completed, NULL, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CW_HTTP_CONNECTIONS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        (unsigned)CW_HTTP_PER_ADDRESS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)CW_HTTP_IDLE_S_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CW_HTTP_CONNECTION_BYTES, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_END);
}

int cw_http_new(const struct cw_http_config *config, struct cw_http **ret_http)
{
    struct cw_http *h = calloc(1, sizeof *h);
    if (h == NULL)
        return CW_ERR_NOMEM;
    h->shared.config = *config;
    cw_http_headers_init(&h->shared.headers, config->public_origin);
    h->daemon = http_start_daemon(h);
    const union MHD_DaemonInfo *info =
        h->daemon != NULL ? MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
    if (info == NULL) {
        if (h->daemon != NULL)
            MHD_stop_daemon(h->daemon);
        free(h);
        return CW_ERR_INTERNAL;
    }
    h->watch = (struct cw_watch){.fd = info->epoll_fd, .ready = http_ready, .arg = h};
    int rc = cw_loop_watch(config->loop, &h->watch, EPOLLIN);
    if (rc != 0) {
        MHD_stop_daemon(h->daemon);
        free(h);
        return rc;
    }
    *ret_http = h;
    return 0;
}

/* Takes the door out; its descriptor stays open. */
static int http_door_remove(struct http_door *door)
{
    struct cw_http *h = door->http;
    int fd = door->watch.fd;
    cw_loop_forget(h->shared.config.loop, &door->watch);
    struct http_door **at = &h->doors;
    while (*at != door)
        at = &(*at)->next;
    *at = door->next;
    h->door_count--;
    free(door);
    return fd;
}

static void http_door_drop(struct http_door *door, const char *why)
{
    cw_log(CW_LOG_WARNING, "control.http", "web.sock: connection closed: %s", why);
    (void)close(http_door_remove(door));
}

void cw_http_free(struct cw_http *h)
{
    if (h == NULL)
        return;
    while (h->doors != NULL)
        (void)close(http_door_remove(h->doors));
    cw_http_requests_abandon(&h->shared);
    /* Once to resume, once to send: what is not out then is lost with the connection. */
    (void)MHD_run(h->daemon);
    (void)MHD_run(h->daemon);
    cw_loop_forget(h->shared.config.loop, &h->watch);
    MHD_stop_daemon(h->daemon);
    free(h);
}

/* Reads what the preface still lacks and not a byte more: the rest is the request. */
static void http_door_ready(void *arg, uint32_t epoll_events)
{
    struct http_door *door = arg;
    (void)epoll_events;
    for (;;) {
        size_t need;
        struct sockaddr_in6 client;
        int rc = cw_preface_parse(door->preface, door->size, &need, &client);
        if (rc == 0) {
            struct cw_http *h = door->http;
            int fd = http_door_remove(door);
            (void)MHD_add_connection(h->daemon, fd, (const struct sockaddr *)&client,
                                     sizeof client);
            h->shared.must_run = true;
            return;
        }
        if (rc != CW_ERR_AGAIN) {
            http_door_drop(door, "it does not begin with a PROXY v2 preface");
            return;
        }
        ssize_t n = read(door->watch.fd, door->preface + door->size, need - door->size);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n <= 0) {
            http_door_drop(door, "it ended within the PROXY v2 preface");
            return;
        }
        door->size += (size_t)n;
    }
}

void cw_http_accept(struct cw_http *h, int fd)
{
    struct http_door *door =
        h->door_count < CW_PREFACE_WAITING_MAX ? calloc(1, sizeof *door) : NULL;
    if (door == NULL) {
        cw_log(CW_LOG_WARNING, "control.http", "web.sock: too many connections without a preface");
        (void)close(fd);
        return;
    }
    door->watch = (struct cw_watch){.fd = fd, .ready = http_door_ready, .arg = door};
    door->http = h;
    door->deadline_ms = cw_loop_now_ms() + CW_PREFACE_TIME_MS_MAX;
    if (cw_loop_watch(h->shared.config.loop, &door->watch, EPOLLIN) != 0) {
        (void)close(fd);
        free(door);
        return;
    }
    door->next = h->doors;
    h->doors = door;
    h->door_count++;
}

void cw_http_after_turn(struct cw_http *h)
{
    if (h->shared.must_run) {
        h->shared.must_run = false;
        (void)MHD_run(h->daemon);
    }
}

bool cw_http_has_more(struct cw_http *h)
{
    MHD_UNSIGNED_LONG_LONG timeout_ms;
    if (MHD_get_timeout(h->daemon, &timeout_ms) == MHD_YES && timeout_ms == 0)
        h->shared.must_run = true;
    return h->shared.must_run;
}

void cw_http_tick(struct cw_http *h, uint64_t now_ms)
{
    struct http_door *next;
    for (struct http_door *door = h->doors; door != NULL; door = next) {
        next = door->next;
        if (now_ms >= door->deadline_ms)
            http_door_drop(door, "its PROXY v2 preface did not come in time");
    }
    h->shared.must_run = true;
}
