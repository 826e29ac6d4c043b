/* SPDX-License-Identifier: Apache-2.0 */
#include "control/front/metrics_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "control/front/waiter.h"
#include "engine/base/config.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

/* A scrape that waits for the workers' STATUS. */
struct scrape {
    struct cw_waiter waiter; /* first: request->waiter is this */
    struct cw_metrics_socket *socket;
    struct MHD_Connection *connection;
    struct scrape *next;
    bool is_answered;
    char *text;
};

struct cw_metrics_socket {
    struct MHD_Daemon *daemon;
    struct cw_watch watch;
    struct cw_loop *loop;
    struct cw_control *control;
    unsigned (*engine_links)(void *user);
    void *user;
    struct scrape *scrapes;
    bool must_run;
};

int cw_metrics_listen(const char *address, int *ret_fd, char *message, size_t message_size)
{
    static const int on = 1;
    struct cw_listen_address a;
    struct sockaddr_storage bound = {0};
    socklen_t size = sizeof(struct sockaddr_in);
    *ret_fd = -1;
    if (strcmp(address, "off") == 0)
        return 0;
    if (cw_listen_address_parse(address, &a) != CW_OK)
        return CW_ERR_INVALID;
    if (a.is_ipv6) {
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)&bound;
        *in6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)a.port)};
        (void)inet_pton(AF_INET6, a.host, &in6->sin6_addr);
        size = sizeof *in6;
    } else {
        struct sockaddr_in *in = (struct sockaddr_in *)(void *)&bound;
        *in = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)a.port)};
        (void)inet_pton(AF_INET, a.host, &in->sin_addr);
    }
    int fd = socket(bound.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, (const struct sockaddr *)&bound, size) == 0 &&
        listen(fd, CW_METRICS_CONNECTIONS_MAX) == 0) {
        *ret_fd = fd;
        return 0;
    }
    (void)snprintf(message, message_size, "listen_metrics: %.60s cannot be opened: %s", address,
                   strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return CW_ERR_IO;
}

/* ---- answers ----------------------------------------------------------------------------------- */

static enum MHD_Result send_text(struct MHD_Connection *connection, unsigned status,
                                 const char *type, const char *text)
{
    struct MHD_Response *r = MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text,
                                                             MHD_RESPMEM_MUST_COPY);
    if (r == NULL)
        return MHD_NO;
    (void)MHD_add_response_header(r, "Content-Type", type);
    (void)MHD_add_response_header(r, "Cache-Control", "no-store");
    (void)MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
    enum MHD_Result result = MHD_queue_response(connection, status, r);
    MHD_destroy_response(r);
    return result;
}

static enum MHD_Result send_plain(struct MHD_Connection *connection, unsigned status,
                                  const char *text)
{
    return send_text(connection, status, "text/plain; charset=utf-8", text);
}

static enum MHD_Result send_metrics(struct scrape *s)
{
    if (s->text == NULL)
        return send_plain(s->connection, 503, "The metrics cannot be written now.\n");
    return send_text(s->connection, 200, "text/plain; version=0.0.4; charset=utf-8", s->text);
}

static void on_done(struct cw_waiter *w, int err, struct cw_reply *reply)
{
    struct scrape *s = (struct scrape *)(void *)w;
    const char *text = json_string_value(json_object_get(reply->json, "metrics"));
    if (err == 0 && text != NULL)
        s->text = strdup(text);
    json_decref(reply->json);
    s->is_answered = true;
    MHD_resume_connection(s->connection);
    s->socket->must_run = true;
}

static const struct cw_operation *metrics_operation(void)
{
    const struct cw_operation *o = cw_operations;
    while (o->name != NULL && strcmp(o->name, "metrics") != 0)
        o++;
    return o->name != NULL ? o : NULL;
}

static enum MHD_Result scrape(struct cw_metrics_socket *m, struct MHD_Connection *connection,
                              void **request_data)
{
    struct scrape *s = calloc(1, sizeof *s);
    json_t *body = json_object();
    struct cw_reply reply = {0};
    const struct cw_operation *operation = metrics_operation();
    if (s == NULL || body == NULL || operation == NULL) {
        free(s);
        json_decref(body);
        return MHD_NO;
    }
    s->waiter.done = on_done;
    s->socket = m;
    s->connection = connection;
    s->next = m->scrapes;
    m->scrapes = s;
    *request_data = s;
    struct cw_request request = {
        .front = CW_FRONT_SOCKET_RO, .source = "metrics", .body = body, .waiter = s};
    MHD_suspend_connection(connection);
    int err = cw_control_call(m->control, operation, &request, &reply);
    json_decref(body);
    if (err != CW_OPERATION_PENDING)
        on_done(&s->waiter, err, &reply);
    return MHD_YES;
}

static enum MHD_Result ready(struct cw_metrics_socket *m, struct MHD_Connection *connection)
{
    const char *why = NULL;
    bool is_ready = cw_control_is_writable(m->control, &why) && m->engine_links(m->user) > 0 &&
                    !cw_control_is_draining(m->control);
    return send_plain(connection, is_ready ? 200 : 503, is_ready ? "ready\n" : "not ready\n");
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload_data,
                              size_t *upload_size, void **request_data)
{
    struct cw_metrics_socket *m = cls;
    struct scrape *s = *request_data;
    (void)version;
    (void)upload_data;
    if (s != NULL && s->is_answered)
        return send_metrics(s);
    if (*upload_size != 0) {
        *upload_size = 0; /* swallowed: MHD limits it by time and size of its pool */
        return MHD_YES;
    }
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return send_plain(connection, 405, "Only GET and HEAD are understood here.\n");
    if (strcmp(url, "/metrics") == 0)
        return scrape(m, connection, request_data);
    if (strcmp(url, "/healthz") == 0)
        return send_plain(connection, 200, "ok\n");
    if (strcmp(url, "/readyz") == 0)
        return ready(m, connection);
    return send_plain(connection, 404, "There are /metrics, /healthz and /readyz here.\n");
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **request_data,
                         enum MHD_RequestTerminationCode how)
{
    struct cw_metrics_socket *m = cls;
    struct scrape *s = *request_data;
    (void)connection;
    (void)how;
    if (s == NULL)
        return;
    if (!s->is_answered)
        cw_control_cancel(m->control, &s->waiter);
    struct scrape **at = &m->scrapes;
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    free(s->text);
    free(s);
    *request_data = NULL;
}

/* ---- life -------------------------------------------------------------------------------------- */

static void on_ready(void *arg, uint32_t epoll_events)
{
    struct cw_metrics_socket *m = arg;
    (void)epoll_events;
    m->must_run = true;
}

int cw_metrics_socket_new(struct cw_loop *loop, struct cw_control *control, int fd,
                          unsigned (*engine_links)(void *user), void *user,
                          struct cw_metrics_socket **ret_socket)
{
    struct cw_metrics_socket *m = calloc(1, sizeof *m);
    if (m == NULL)
        return CW_ERR_NOMEM;
    m->loop = loop;
    m->control = control;
    m->engine_links = engine_links;
    m->user = user;
    m->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handle, m,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_COMPLETED, on_completed, m,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CW_METRICS_CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, 10U, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)16384,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_END);
    const union MHD_DaemonInfo *info =
        m->daemon != NULL ? MHD_get_daemon_info(m->daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
    if (info == NULL) {
        cw_log(CW_LOG_ERROR, "control.metrics", "the HTTP server does not start");
        if (m->daemon != NULL)
            MHD_stop_daemon(m->daemon);
        free(m);
        return CW_ERR_INTERNAL;
    }
    m->watch = (struct cw_watch){.fd = info->epoll_fd, .ready = on_ready, .arg = m};
    int rc = cw_loop_watch(loop, &m->watch, EPOLLIN);
    if (rc != 0) {
        MHD_stop_daemon(m->daemon);
        free(m);
        return rc;
    }
    *ret_socket = m;
    return 0;
}

void cw_metrics_socket_free(struct cw_metrics_socket *m)
{
    if (m == NULL)
        return;
    for (struct scrape *s = m->scrapes; s != NULL; s = s->next) {
        if (s->is_answered)
            continue;
        cw_control_cancel(m->control, &s->waiter);
        s->is_answered = true;
        MHD_resume_connection(s->connection);
    }
    (void)MHD_run(m->daemon);
    cw_loop_forget(m->loop, &m->watch);
    MHD_stop_daemon(m->daemon);
    free(m);
}

bool cw_metrics_socket_after_turn(struct cw_metrics_socket *m)
{
    MHD_UNSIGNED_LONG_LONG timeout_ms;
    if (m == NULL)
        return false;
    if (m->must_run) {
        m->must_run = false;
        (void)MHD_run(m->daemon);
    }
    if (MHD_get_timeout(m->daemon, &timeout_ms) == MHD_YES && timeout_ms == 0)
        m->must_run = true;
    return m->must_run;
}
