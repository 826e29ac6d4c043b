/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/passive.h"

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "clients/agent/exchange.h"
#include "clients/agent/state.h"
#include "engine/base/log.h"

enum { PATH_BYTES = 4096, READS_PER_TURN = 64, TELL_EVERY_S = 60 };

static const uint64_t second = UINT64_C(1000000000);

/* Goes on while the computer sleeps, and not back when its clock is set. */
static uint64_t boot_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_BOOTTIME, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* ---- kept over restarts ------------------------------------------------------------------------ */

static void path_of(const struct cw_passive *p, char *out)
{
    snprintf(out, PATH_BYTES, "%s/%s", p->state_dir, CW_STATE_WAKING_FILE);
}

static void save(const struct cw_passive *p)
{
    char path[PATH_BYTES];
    json_t *json = json_pack("{s:i, s:I, s:o}", "port", p->is_on ? p->port : 0, "wake_number",
                             (json_int_t)p->gate.number, "control_key",
                             cw_json_base64(p->gate.control_key, sizeof(p->gate.control_key)));
    char *text = json != NULL ? json_dumps(json, JSON_INDENT(2)) : NULL;
    path_of(p, path);
    if (text == NULL || cw_file_replace(path, text, strlen(text), 0600) != 0)
        cw_log(CW_LOG_ERROR, "agent.passive", "cannot write \"%s\": %s", path, strerror(errno));
    free(text);
    json_decref(json);
}

static void load(struct cw_passive *p)
{
    char path[PATH_BYTES];
    path_of(p, path);
    json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    const json_int_t port = json_integer_value(json_object_get(json, "port"));
    const json_int_t number = json_integer_value(json_object_get(json, "wake_number"));
    if (port >= 0 && port <= UINT16_MAX && number >= 0 &&
        cw_json_bytes(json, "control_key", p->gate.control_key, sizeof(p->gate.control_key)) == 0) {
        p->port = (uint16_t)port;
        p->gate.number = (uint64_t)number;
        p->gate.has_key = true;
        p->is_on = port != 0;
    }
    json_decref(json);
}

/* ---- the socket -------------------------------------------------------------------------------- */

static int listen_at(int family, uint16_t port)
{
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
    const bool is_six = family == AF_INET6;
    int off = 0;
    int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && is_six)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    if (fd >= 0 && bind(fd, is_six ? (struct sockaddr *)&six : (struct sockaddr *)&four,
                        is_six ? sizeof(six) : sizeof(four)) != 0) {
        int error = errno;
        close(fd);
        errno = error;
        fd = -1;
    }
    return fd;
}

static void hang_up(struct cw_passive *p)
{
    if (p->fd >= 0)
        close(p->fd);
    p->fd = -1;
}

static void listen_now(struct cw_passive *p)
{
    if (!p->is_on || p->fd >= 0)
        return;
    p->fd = listen_at(AF_INET6, p->port);
    if (p->fd < 0)
        p->fd = listen_at(AF_INET, p->port);
    if (p->fd < 0)
        cw_log(CW_LOG_ERROR, "agent.passive", "cannot listen on port %u: %s", p->port,
               strerror(errno));
    else
        cw_log(CW_LOG_INFO, "agent.passive", "listens on port %u", p->port);
}

void cw_passive_start(struct cw_passive *p, const char *state_dir, uint32_t item)
{
    struct timespec t;
    memset(p, 0, sizeof(*p));
    p->fd = -1;
    p->state_dir = state_dir;
    p->gate.item = item;
    p->visit_every_ns = 3600 * second;
    p->awake_ns = 60 * second;
    clock_gettime(CLOCK_REALTIME, &t);
    /* Until the appliance says what time it is there. */
    p->gate.offset_ms = (int64_t)t.tv_sec * 1000 - (int64_t)boot_ms();
    if (state_dir == NULL)
        return;
    load(p);
    listen_now(p);
}

void cw_passive_stop(struct cw_passive *p)
{
    hang_up(p);
}

/* ---- settings ---------------------------------------------------------------------------------- */

void cw_passive_settings(struct cw_passive *p, const struct cw_order_settings *s, uint64_t now_ns)
{
    if (!s->is_passive && !p->is_on)
        return;
    if (!s->is_passive || s->port != p->port)
        hang_up(p);
    p->is_on = s->is_passive;
    if (p->is_on) {
        memcpy(p->gate.control_key, s->control_key, sizeof(p->gate.control_key));
        p->port = s->port;
        p->gate.has_key = true;
        p->gate.offset_ms = (int64_t)s->time_unix_ms - (int64_t)boot_ms();
        /* Never back: what woke it once does not again. */
        if (s->wake_number > p->gate.number)
            p->gate.number = s->wake_number;
        cw_order_take_seconds(s->checkin_s, &p->visit_every_ns);
        cw_order_take_seconds(s->awake_s, &p->awake_ns);
        if (p->leave_ns < now_ns)
            p->leave_ns = now_ns + CW_PASSIVE_VISIT_S * second;
    }
    save(p);
    listen_now(p);
}

/* ---- datagrams --------------------------------------------------------------------------------- */

static void tell(struct cw_passive *p, uint64_t now_ns)
{
    uint64_t dropped = 0;
    unsigned most = CW_WAKE_FORM;
    for (unsigned i = CW_WAKE_FORM; i < CW_WAKE_VERDICT_COUNT; i++) {
        dropped += p->gate.counts[i];
        if (p->gate.counts[i] > p->gate.counts[most])
            most = i;
    }
    if (dropped == p->told || (p->told_ns != 0 && now_ns < p->told_ns + TELL_EVERY_S * second))
        return;
    cw_log(CW_LOG_WARNING, "agent.passive",
           "datagrams dropped: %llu (%llu in all, most of them %s)",
           (unsigned long long)(dropped - p->told), (unsigned long long)dropped,
           cw_wake_verdict_text((enum cw_wake_verdict)most));
    p->told = dropped;
    p->told_ns = now_ns;
}

static bool may_read(struct cw_passive *p, uint64_t now_ns)
{
    if (now_ns - p->second_ns >= second) {
        p->second_ns = now_ns;
        p->reads = 0;
    }
    return p->reads < CW_PASSIVE_READS_PER_S;
}

bool cw_passive_process(struct cw_passive *p, uint64_t now_ns)
{
    uint8_t data[CW_WAKE_BYTES + 1];
    bool is_woken = false;
    for (int i = 0; i < READS_PER_TURN && p->fd >= 0 && may_read(p, now_ns); i++) {
        ssize_t n = recv(p->fd, data, sizeof(data), MSG_DONTWAIT);
        if (n < 0)
            break;
        p->reads++;
        if (cw_wake_gate_take(&p->gate, data, (size_t)n, boot_ms()) == CW_WAKE_YES)
            is_woken = true;
    }
    if (is_woken) {
        save(p);
        p->was_woken = true;
        cw_log(CW_LOG_INFO, "agent.passive", "the appliance wakes this Jump Client");
    }
    tell(p, now_ns);
    return is_woken;
}

void cw_passive_poll(const struct cw_passive *p, struct cw_loop *loop)
{
    if (p->fd < 0)
        return;
    if (p->reads < CW_PASSIVE_READS_PER_S)
        cw_loop_add(loop, p->fd, POLLIN);
    else
        cw_loop_until(loop, p->second_ns + second);
}

/* ---- coming and going -------------------------------------------------------------------------- */

void cw_passive_on_welcome(struct cw_passive *p, uint64_t now_ns)
{
    p->leave_ns = now_ns + (p->was_woken ? p->awake_ns : CW_PASSIVE_VISIT_S * second);
    p->was_woken = false;
}

bool cw_passive_leaves(struct cw_passive *p, bool is_busy, uint64_t now_ns)
{
    if (is_busy && p->leave_ns < now_ns + p->awake_ns)
        p->leave_ns = now_ns + p->awake_ns;
    return p->is_on && p->fd >= 0 && !is_busy && now_ns >= p->leave_ns;
}

uint64_t cw_passive_next_ns(const struct cw_passive *p, uint64_t now_ns, uint32_t random)
{
    const uint64_t spread = p->visit_every_ns / 10;
    return now_ns + p->visit_every_ns - spread + spread / 4096 * (random % 4096);
}
