/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/control/web.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "bench/control/worker.h"

enum {
    ANSWER_BYTES = 256 * 1024,
    REQUEST_BYTES = 2048,
    CLIENTS_MAX = 256,
    LATENCIES_MAX = 4000000
};

struct client {
    int fd;
    bool is_busy;
    uint64_t asked_us; /* when it was due: what waits for its turn counts */
    size_t have;
    char answer[ANSWER_BYTES];
};

struct run {
    const struct web_plan *plan;
    struct web_result *result;
    int epoll;
    struct client *clients;
    uint64_t nth;
    uint64_t begun_us;
    uint64_t counted_us; /* end of the warm-up */
    uint64_t end_us;
    uint32_t *latencies_us;
    size_t latency_count;
};

static uint64_t now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* A PROXY v2 preface of an IPv4 client, each with an address of its own. */
static int dial(const char *path, unsigned number)
{
    uint8_t preface[28] = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49,
                           0x54, 0x0a, 0x21, 0x11, 0,    12,   198,  18,   0,    0};
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    preface[18] = (uint8_t)(number >> 8);
    preface[19] = (uint8_t)number;
    (void)snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof to) == 0 &&
        write(fd, preface, sizeof preface) == (ssize_t)sizeof preface)
        return fd;
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

static int ask(struct run *r, struct client *c, uint64_t due_us)
{
    char path[WEB_PATH_BYTES] = "";
    char body[WEB_BODY_BYTES] = "";
    char request[REQUEST_BYTES];
    const char *method = r->plan->make(r->plan->user, r->nth++, path, body);
    int n = snprintf(request, sizeof request,
                     "%s %s HTTP/1.1\r\nHost: localhost\r\nOrigin: %s\r\nCookie: %s\r\n", method,
                     path, r->plan->origin, r->plan->cookie);

    if (body[0] != '\0')
        n += snprintf(request + n, sizeof request - (size_t)n,
                      "Content-Type: application/json\r\nContent-Length: %zu\r\n", strlen(body));
    n += snprintf(request + n, sizeof request - (size_t)n, "\r\n%s", body);
    c->is_busy = true;
    c->asked_us = due_us;
    return write(c->fd, request, (size_t)n) == n ? 0 : -1;
}

/* 1: the answer is whole; 0: not yet. */
static int take(struct run *r, struct client *c)
{
    ssize_t n = read(c->fd, c->answer + c->have, sizeof c->answer - 1 - c->have);
    const char *head_end = NULL;
    const char *length = NULL;

    if (n <= 0) {
        (void)snprintf(r->result->message, sizeof r->result->message, "control ended a connection");
        return -1;
    }
    c->have += (size_t)n;
    c->answer[c->have] = '\0';
    head_end = strstr(c->answer, "\r\n\r\n");
    length = strstr(c->answer, "Content-Length: ");
    if (head_end == NULL || length == NULL || length > head_end)
        return 0;
    if (c->have < (size_t)(head_end + 4 - c->answer) + strtoul(length + 16, NULL, 10))
        return 0;
    if (strncmp(c->answer, "HTTP/1.1 200 ", 13) != 0) {
        (void)snprintf(r->result->message, sizeof r->result->message, "%.15s: %.400s", c->answer,
                       head_end + 4);
        return -1;
    }
    c->have = 0;
    c->is_busy = false;
    return 1;
}

static void note(struct run *r, const struct client *c, uint64_t at_us)
{
    if (c->asked_us >= r->counted_us && at_us <= r->end_us && r->latency_count < LATENCIES_MAX)
        r->latencies_us[r->latency_count++] = (uint32_t)(at_us - c->asked_us);
}

/* How many requests were due by now, when they come at a rate. */
static int ask_what_is_due(struct run *r, uint64_t at_us)
{
    const double rate = r->plan->rate;

    for (unsigned i = 0; i < r->plan->clients; i++) {
        struct client *c = &r->clients[i];
        uint64_t due_us = rate > 0 ? r->begun_us + (uint64_t)((double)r->nth * 1e6 / rate) : at_us;
        if (due_us > at_us)
            return 0;
        if (!c->is_busy && ask(r, c, due_us) != 0)
            return -1;
    }
    return 0;
}

static int turn(struct run *r)
{
    struct epoll_event ready[64];
    int n = epoll_wait(r->epoll, ready, 64, 1);
    uint64_t at_us = now_us();

    for (int i = 0; i < n; i++) {
        struct client *c = ready[i].data.ptr;
        if (c == NULL) {
            if (worker_read(r->plan->worker) != 0)
                return -1;
            continue;
        }
        int rc = take(r, c);
        if (rc < 0)
            return -1;
        if (rc == 0)
            continue;
        note(r, c, at_us);
        if (r->plan->rate == 0 && at_us < r->end_us && ask(r, c, at_us) != 0)
            return -1;
    }
    return at_us < r->end_us ? ask_what_is_due(r, at_us) : 0;
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void sum_up(struct run *r)
{
    struct web_result *to = r->result;
    size_t n = r->latency_count;

    qsort(r->latencies_us, n, sizeof *r->latencies_us, compare);
    to->answers = n;
    to->seconds = (double)(r->end_us - r->counted_us) / 1e6;
    if (n == 0)
        return;
    to->p50_ms = r->latencies_us[n / 2] / 1e3;
    to->p99_ms = r->latencies_us[n * 99 / 100] / 1e3;
    to->longest_ms = r->latencies_us[n - 1] / 1e3;
}

static bool is_anybody_waiting(const struct run *r)
{
    for (unsigned i = 0; i < r->plan->clients; i++)
        if (r->clients[i].is_busy)
            return true;
    return false;
}

static int run_loop(struct run *r)
{
    struct epoll_event on = {.events = EPOLLIN};

    for (unsigned i = 0; i < r->plan->clients; i++) {
        r->clients[i].fd = dial(r->plan->socket, i);
        on.data.ptr = &r->clients[i];
        if (r->clients[i].fd < 0 || epoll_ctl(r->epoll, EPOLL_CTL_ADD, r->clients[i].fd, &on) != 0)
            return -1;
    }
    on.data.ptr = NULL;
    if (r->plan->worker != NULL &&
        epoll_ctl(r->epoll, EPOLL_CTL_ADD, worker_fd(r->plan->worker), &on) != 0)
        return -1;
    r->begun_us = now_us();
    r->counted_us = r->begun_us + (uint64_t)(r->plan->warm_up_s * 1e6);
    r->end_us = r->counted_us + (uint64_t)(r->plan->seconds * 1e6);
    int rc = 0;
    while (rc == 0 && (now_us() < r->end_us || is_anybody_waiting(r)))
        rc = turn(r);
    return rc;
}

int web_run(const struct web_plan *plan, struct web_result *ret)
{
    struct run r = {.plan = plan, .result = ret, .epoll = epoll_create1(EPOLL_CLOEXEC)};
    int rc = -1;

    memset(ret, 0, sizeof *ret);
    r.clients = plan->clients <= CLIENTS_MAX ? calloc(plan->clients, sizeof *r.clients) : NULL;
    r.latencies_us = calloc(LATENCIES_MAX, sizeof *r.latencies_us);
    if (r.epoll >= 0 && r.clients != NULL && r.latencies_us != NULL)
        rc = run_loop(&r);
    if (rc == 0)
        sum_up(&r);
    for (unsigned i = 0; r.clients != NULL && i < plan->clients; i++)
        if (r.clients[i].fd > 0)
            (void)close(r.clients[i].fd);
    if (r.epoll >= 0)
        (void)close(r.epoll);
    free(r.clients);
    free(r.latencies_us);
    return rc;
}
