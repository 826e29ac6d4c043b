/* SPDX-License-Identifier: Apache-2.0 */
/* causeway-courier: posts control's outbound events to their receivers, so that control itself never opens a
 * connection to the network or reads what a stranger answers.
 *
 * It keeps nothing: control says what to post over courier.sock, a line of JSON each, and hears what became of it.
 *   control: {"post": ID, "url", "headers": ["Name: value", ...], "body", "ca"}
 *   courier: {"done": ID, "status": 204}  or  {"failed": ID, "why": "..."}
 *   control: {"wake": ID, "to": "ADDRESS", "port": N, "data": base64url}: one datagram, for a sleeping Jump Client
 *   courier: {"woke": ID, "why": ""}  or  {"woke": ID, "why": "it could not be sent because..."}
 * Control decides about order, repetition and giving up. When the connection ends, all that runs is forgotten. */
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "control/courier/post.h"
#include "control/courier/wake.h"
#include "control/front/front_limits.h"
#include "control/front/privileges.h"
#include "control/front/sandbox.h"
#include "engine/base/config.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/base/options.h"

enum { COURIER_RECONNECT_MS = 500, COURIER_TURN_MS = 1000 };

struct courier {
    struct sockaddr_un address; /* courier.sock */
    int fd;                     /* -1: not connected */
    bool is_lost;
    struct cw_posts *posts;
    char in[CW_COURIER_LINE_BYTES_MAX];
    size_t in_size;
    char *out;
    size_t out_size;
};

static volatile sig_atomic_t is_stopping;

static void on_signal(int number)
{
    (void)number;
    is_stopping = 1;
}

/* ---- what is said to control ------------------------------------------------------------------ */

static void say(struct courier *k, json_t *answer)
{
    char *text = answer != NULL ? json_dumps(answer, JSON_COMPACT) : NULL;
    size_t n = text != NULL ? strlen(text) : 0;
    char *longer = text != NULL ? realloc(k->out, k->out_size + n + 1) : NULL;

    if (longer != NULL) {
        memcpy(longer + k->out_size, text, n);
        longer[k->out_size + n] = '\n';
        k->out = longer;
        k->out_size += n + 1;
    } else {
        k->is_lost = true; /* control hears that the connection ended, and posts again */
    }
    free(text);
    json_decref(answer);
}

static void on_done(void *user, uint64_t id, long status, const char *why)
{
    struct courier *k = user;

    if (status > 0)
        say(k, json_pack("{s:I, s:I}", "done", (json_int_t)id, "status", (json_int_t)status));
    else
        say(k, json_pack("{s:I, s:s}", "failed", (json_int_t)id, "why", why));
}

/* ---- what control says ------------------------------------------------------------------------ */

static void take_post(struct courier *k, const json_t *order)
{
    struct cw_post_job job = {
        .id = (uint64_t)json_integer_value(json_object_get(order, "post")),
        .url = json_string_value(json_object_get(order, "url")),
        .body = json_string_value(json_object_get(order, "body")),
        .body_bytes = json_string_length(json_object_get(order, "body")),
        .ca = json_string_value(json_object_get(order, "ca")),
    };
    const json_t *headers = json_object_get(order, "headers");

    for (size_t i = 0; i < CW_POST_HEADERS_MAX; i++)
        job.headers[i] = json_string_value(json_array_get(headers, i));
    if (job.url == NULL || job.body == NULL) {
        k->is_lost = true;
        return;
    }
    int err = cw_posts_begin(k->posts, &job);
    if (err != 0)
        on_done(k, job.id, 0, err == CW_ERR_INVALID ? "the URL cannot be used" : cw_err_text(err));
}

static void take_wake(struct courier *k, const json_t *order)
{
    const json_int_t id = json_integer_value(json_object_get(order, "wake"));
    const char *why = cw_wake_send(json_string_value(json_object_get(order, "to")),
                                   json_integer_value(json_object_get(order, "port")),
                                   json_string_value(json_object_get(order, "data")));

    say(k, json_pack("{s:I, s:s}", "woke", id, "why", why));
}

static void take_lines(struct courier *k)
{
    size_t at = 0;

    for (char *end; (end = memchr(k->in + at, '\n', k->in_size - at)) != NULL;) {
        size_t n = (size_t)(end - (k->in + at));
        json_t *order = json_loadb(k->in + at, n, 0, NULL);
        if (json_is_integer(json_object_get(order, "post")))
            take_post(k, order);
        else if (json_is_integer(json_object_get(order, "wake")))
            take_wake(k, order);
        else
            k->is_lost = true;
        json_decref(order);
        at += n + 1;
    }
    k->in_size -= at;
    memmove(k->in, k->in + at, k->in_size);
    if (k->in_size == sizeof k->in)
        k->is_lost = true;
}

static void receive(struct courier *k)
{
    ssize_t n = recv(k->fd, k->in + k->in_size, sizeof k->in - k->in_size, MSG_DONTWAIT);

    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        k->is_lost = true;
    if (n <= 0)
        return;
    k->in_size += (size_t)n;
    take_lines(k);
}

static void flush(struct courier *k)
{
    ssize_t n = send(k->fd, k->out, k->out_size, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (n < 0 && errno != EAGAIN && errno != EINTR)
        k->is_lost = true;
    if (n <= 0)
        return;
    k->out_size -= (size_t)n;
    memmove(k->out, k->out + n, k->out_size);
}

/* ---- the loop --------------------------------------------------------------------------------- */

static void connect_control(struct courier *k)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && connect(fd, (const struct sockaddr *)&k->address, sizeof k->address) == 0) {
        k->fd = fd;
        cw_log(CW_LOG_INFO, "courier", "control is there");
        return;
    }
    if (fd >= 0)
        (void)close(fd);
}

static void hang_up(struct courier *k)
{
    cw_log(CW_LOG_WARNING, "courier", "control is away");
    (void)close(k->fd);
    k->fd = -1;
    k->is_lost = false;
    k->in_size = 0;
    free(k->out);
    k->out = NULL;
    k->out_size = 0;
    cw_posts_drop(k->posts);
}

static void turn(struct courier *k)
{
    short events = (short)(POLLIN | (k->out_size > 0 ? POLLOUT : 0));

    if (k->fd < 0)
        connect_control(k);
    int revents =
        cw_posts_turn(k->posts, k->fd, events, k->fd < 0 ? COURIER_RECONNECT_MS : COURIER_TURN_MS);
    if (k->fd < 0)
        return;
    if (revents < 0 || (revents & (POLLIN | POLLHUP | POLLERR)) != 0)
        receive(k);
    if (!k->is_lost && k->out_size > 0)
        flush(k);
    if (k->is_lost)
        hang_up(k);
}

static int run(const struct cw_config *config)
{
    static struct courier courier = {.fd = -1};
    struct courier *k = &courier;
    struct cw_privileges privileges;
    struct sigaction action = {.sa_handler = on_signal};
    char message[400];

    if (cw_privileges_find(&privileges, config->user, message, sizeof message) != 0 ||
        cw_privileges_drop(&privileges, message, sizeof message) != 0) {
        cw_log(CW_LOG_ERROR, "courier", "%s", message);
        return EX_CONFIG;
    }
    k->address.sun_family = AF_UNIX;
    if (snprintf(k->address.sun_path, sizeof k->address.sun_path, "%s/courier.sock",
                 config->run_dir) >= (int)sizeof k->address.sun_path)
        return EX_CONFIG; /* the configuration's check does not let this happen */
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    if (cw_posts_new(on_done, k, &k->posts) != 0) {
        cw_log(CW_LOG_ERROR, "courier", "libcurl cannot be used: out of memory");
        return EX_OSERR;
    }
    int err = cw_sandbox_close_courier();
    if (err != 0)
        cw_log(CW_LOG_WARNING, "courier", "system calls are not filtered: %s", cw_err_text(err));
    while (!is_stopping)
        turn(k);
    if (k->fd >= 0)
        hang_up(k);
    cw_posts_free(k->posts);
    return EX_OK;
}

int main(int argc, char **argv)
{
    static const struct cw_program program = {
        .name = "causeway-courier",
        .purpose = "Posts a Causeway appliance's outbound events to their receivers.\n",
        .remarks = "It is started by causeway-supervisor; see causeway-courier(8).\n",
    };
    const char *config_path = NULL;
    struct cw_config config;
    char message[512];
    int status = cw_options_parse(&program, argc, argv, &config_path);

    if (status >= 0)
        return status;
    if (cw_config_load(config_path, &config, message, sizeof message) != 0) {
        cw_log(CW_LOG_ERROR, "courier", "%s", message);
        return EX_CONFIG;
    }
    (void)cw_log_set_level_name(config.log_level);
    (void)cw_log_set_format_name(config.log_format);
    return run(&config);
}
