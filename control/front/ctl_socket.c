/* SPDX-License-Identifier: Apache-2.0 */
#include "control/front/ctl_socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "control/front/ctl_line.h"
#include "control/front/ctl_text.h"
#include "control/front/waiter.h"
#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

/* READ    waiting for a line                      wants EPOLLIN
 * WAIT    control will answer later               wants nothing (a hang-up still comes)
 * WRITE   a reply is being taken                  wants EPOLLOUT
 * READ -> WAIT -> WRITE -> READ; READ -> WRITE; the end of input closes when the last reply is taken. */
enum ctl_state { CTL_READ, CTL_WAIT, CTL_WRITE };

struct ctl_conn {
    struct cw_waiter waiter; /* first: request->waiter is this connection */
    struct cw_watch watch;
    struct cw_ctl *ctl;
    struct ctl_conn *next;
    enum cw_front front;
    uid_t uid;
    enum ctl_state state;
    bool json_mode;    /* for the connection */
    bool json_command; /* for the command under way */
    bool input_over;
    uint64_t moved_ms; /* last progress */
    char in[CW_CTL_LINE_BYTES_MAX + 1];
    size_t in_size;
    char line[CW_CTL_LINE_BYTES_MAX + 1]; /* the line under way */
    char *line_at;                        /* its next command; NULL: no line under way */
    char *out;
    size_t out_size;
    size_t out_at;
};

struct cw_ctl {
    struct cw_loop *loop;
    struct cw_control *control;
    struct ctl_conn *conns;
};

int cw_ctl_new(struct cw_loop *loop, struct cw_control *control, struct cw_ctl **ret_ctl)
{
    struct cw_ctl *ctl = calloc(1, sizeof *ctl);
    if (ctl == NULL)
        return CW_ERR_NOMEM;
    ctl->loop = loop;
    ctl->control = control;
    *ret_ctl = ctl;
    return 0;
}

static void ctl_close(struct ctl_conn *c)
{
    if (c->state == CTL_WAIT)
        cw_control_cancel(c->ctl->control, &c->waiter);
    cw_loop_forget(c->ctl->loop, &c->watch);
    (void)close(c->watch.fd);
    struct ctl_conn **at = &c->ctl->conns;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    free(c->out);
    free(c);
}

void cw_ctl_free(struct cw_ctl *ctl)
{
    if (ctl == NULL)
        return;
    while (ctl->conns != NULL)
        ctl_close(ctl->conns);
    free(ctl);
}

static int ctl_want(struct ctl_conn *c)
{
    uint32_t events = 0;
    switch (c->state) {
    case CTL_READ: events = EPOLLIN; break;
    case CTL_WAIT: events = 0; break;
    case CTL_WRITE: events = EPOLLOUT; break;
    }
    return cw_loop_change(c->ctl->loop, &c->watch, events);
}

static void ctl_set_out(struct ctl_conn *c, char *text, size_t size)
{
    CW_CHECK(c->out == NULL, "one reply at a time");
    c->out = text;
    c->out_size = size;
    c->out_at = 0;
    c->state = CTL_WRITE;
}

/* False: not even the error could be said, the connection must go. */
static bool ctl_answer_error(struct ctl_conn *c, const char *code, const char *message)
{
    char *text;
    size_t size;
    if (cw_ctl_render_error(code, message, c->json_command, &text, &size) != 0)
        return false;
    ctl_set_out(c, text, size);
    return true;
}

static bool ctl_answer(struct ctl_conn *c, int err, struct cw_reply *reply)
{
    bool said;
    if (err != 0) {
        const char *code = reply->code != NULL ? reply->code : cw_err_name(err);
        said = ctl_answer_error(c, code,
                                reply->message[0] != '\0' ? reply->message : cw_err_text(err));
    } else {
        json_t *json = reply->json != NULL ? json_incref(reply->json) : json_object();
        char *text;
        size_t size;
        int rc = json == NULL ? CW_ERR_NOMEM : cw_ctl_render(json, c->json_command, &text, &size);
        json_decref(json);
        if (rc == 0)
            ctl_set_out(c, text, size);
        said = rc == 0 ||
               ctl_answer_error(c, cw_err_name(rc), "the answer is too large for this socket");
    }
    json_decref(reply->json);
    reply->json = NULL;
    return said;
}

static bool ctl_call(struct ctl_conn *c, const struct cw_operation *operation, uint32_t id,
                     const json_t *body)
{
    struct cw_request request = {
        .front = c->front,
        .operator_uid = c->uid,
        .now_unix_ms = cw_control_now_unix_ms(c->ctl->control),
        .path_id = id,
        .body = body,
        .waiter = &c->waiter,
    };
    (void)snprintf(request.source, sizeof request.source, "uid %u", (unsigned)c->uid);
    struct cw_reply reply = {0};
    int rc = cw_control_call(c->ctl->control, operation, &request, &reply);
    if (rc == CW_OPERATION_PENDING) {
        c->state = CTL_WAIT;
        return true;
    }
    return ctl_answer(c, rc, &reply);
}

/* "json" and "text" before a command are for it alone, without a command for the connection. */
static void ctl_take_mode(struct ctl_conn *c, struct cw_ctl_command *command)
{
    c->json_command = c->json_mode;
    if (command->word_count == 0)
        return;
    bool is_json = strcmp(command->words[0], "json") == 0;
    if (!is_json && strcmp(command->words[0], "text") != 0)
        return;
    c->json_command = is_json;
    command->word_count--;
    memmove(&command->words[0], &command->words[1], command->word_count * sizeof command->words[0]);
    if (command->word_count == 0)
        c->json_mode = is_json;
}

static bool ctl_run(struct ctl_conn *c, struct cw_ctl_command *command)
{
    bool had_words = command->word_count > 0;
    ctl_take_mode(c, command);
    if (command->word_count == 0) {
        if (json_object_size(command->body) > 0)
            return ctl_answer_error(c, "INVALID",
                                    "a command starts with a word, not with key=value");
        struct cw_reply done = {0};
        return !had_words || ctl_answer(c, 0, &done);
    }
    if (strcmp(command->words[0], "quit") == 0 && command->word_count == 1) {
        c->input_over = true;
        c->in_size = 0;
        c->line_at = NULL;
        return true;
    }
    if (strcmp(command->words[0], "help") == 0) {
        char *text;
        size_t size;
        if (cw_ctl_render_help(cw_operations, c->front, command->words + 1, command->word_count - 1,
                               c->json_command, &text, &size) != 0)
            return false;
        ctl_set_out(c, text, size);
        return true;
    }
    const struct cw_operation *operation = NULL;
    uint32_t id = 0;
    char message[240];
    int rc =
        cw_ctl_match(cw_operations, c->front, command, &operation, &id, message, sizeof message);
    if (rc == CW_ERR_DENIED) {
        char source[64];
        (void)snprintf(source, sizeof source, "uid %u", (unsigned)c->uid);
        cw_control_audit_refusal(c->ctl->control, source, "control_socket.command", message);
        return ctl_answer_error(c, "PERMISSION", message);
    }
    if (rc == CW_ERR_NOT_FOUND)
        return ctl_answer_error(c, "UNKNOWN_COMMAND", message);
    if (rc != 0)
        return ctl_answer_error(c, cw_err_name(rc), message);
    return ctl_call(c, operation, id, command->body);
}

/* Moves the first whole line of in to line. False: there is none. */
static bool ctl_take_line(struct ctl_conn *c)
{
    char *end = memchr(c->in, '\n', c->in_size);
    size_t n = end != NULL ? (size_t)(end - c->in) : c->in_size;
    if (end == NULL && !(c->input_over && n > 0))
        return false;
    memcpy(c->line, c->in, n);
    c->line[n] = '\0';
    /* A NUL would hide the rest of the line; as a control character it is refused. */
    for (size_t i = 0; i < n; i++)
        if (c->line[i] == '\0')
            c->line[i] = '\x01';
    if (n > 0 && c->line[n - 1] == '\r')
        c->line[n - 1] = '\0';
    size_t used = end != NULL ? n + 1 : n;
    c->in_size -= used;
    memmove(c->in, c->in + used, c->in_size);
    explicit_bzero(c->in + c->in_size, used);
    c->line_at = c->line;
    return true;
}

/* Runs commands until one waits, a reply is to be taken, or there is no more input. */
static bool ctl_advance(struct ctl_conn *c)
{
    while (c->state == CTL_READ) {
        if (c->line_at == NULL && !ctl_take_line(c))
            break;
        struct cw_ctl_command command;
        char message[240];
        int rc = cw_ctl_next_command(&c->line_at, &command, message, sizeof message);
        if (rc != 0) {
            c->line_at = NULL;
            c->json_command = c->json_mode;
            if (!ctl_answer_error(c, cw_err_name(rc), message))
                return false;
            break;
        }
        if (c->line_at != NULL && *c->line_at == '\0')
            c->line_at = NULL;
        bool alive = ctl_run(c, &command);
        cw_ctl_command_free(&command);
        if (c->line_at == NULL) /* there may have been a private key in it */
            explicit_bzero(c->line, sizeof c->line);
        if (!alive)
            return false;
    }
    return c->state != CTL_READ || !c->input_over;
}

/* False: the connection must go. */
static bool ctl_write(struct ctl_conn *c)
{
    while (c->out_at < c->out_size) {
        ssize_t n = send(c->watch.fd, c->out + c->out_at, c->out_size - c->out_at, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN;
        c->out_at += (size_t)n;
        c->moved_ms = cw_loop_now_ms();
    }
    free(c->out);
    c->out = NULL;
    c->state = CTL_READ;
    return true;
}

static bool ctl_read(struct ctl_conn *c)
{
    ssize_t n = read(c->watch.fd, c->in + c->in_size, CW_CTL_LINE_BYTES_MAX - c->in_size);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    if (n == 0)
        c->input_over = true;
    c->in_size += (size_t)n;
    c->moved_ms = cw_loop_now_ms();
    if (c->in_size < CW_CTL_LINE_BYTES_MAX || memchr(c->in, '\n', c->in_size) != NULL)
        return true;
    c->input_over = true;
    c->in_size = 0;
    c->json_command = c->json_mode;
    return ctl_answer_error(c, "TOO_LARGE", "a line has at most 8191 bytes");
}

/* Goes on until it would block. */
static void ctl_go_on(struct ctl_conn *c)
{
    bool alive = true;
    for (;;) {
        alive = ctl_advance(c);
        if (!alive || c->state != CTL_WRITE)
            break;
        alive = ctl_write(c);
        if (!alive || c->state == CTL_WRITE)
            break;
    }
    if (!alive || ctl_want(c) != 0)
        ctl_close(c);
}

static void ctl_ready(void *arg, uint32_t epoll_events)
{
    struct ctl_conn *c = arg;
    bool alive = (epoll_events & EPOLLERR) == 0;
    if (alive && c->state == CTL_READ)
        alive = ctl_read(c);
    else if (alive && (epoll_events & EPOLLHUP) != 0)
        alive = false; /* nobody will take the answer */
    else if (alive && c->state == CTL_WRITE)
        alive = ctl_write(c);
    if (!alive)
        ctl_close(c);
    else
        ctl_go_on(c);
}

static void ctl_done(struct cw_waiter *w, int err, struct cw_reply *reply)
{
    struct ctl_conn *c = (struct ctl_conn *)w;
    CW_CHECK(c->state == CTL_WAIT, "an answer comes once, to a connection that waits");
    c->state = CTL_READ;
    /* Only queued here: control is in the middle of handing answers out, the loop writes it. */
    if (!ctl_answer(c, err, reply) || ctl_want(c) != 0)
        ctl_close(c);
}

void cw_ctl_refuse(struct cw_ctl *ctl, int fd, const struct ucred *peer, const char *why)
{
    char source[64];
    char detail[160];
    (void)snprintf(source, sizeof source, "uid %u", (unsigned)peer->uid);
    (void)snprintf(detail, sizeof detail, "control socket refused pid %d: %.100s", (int)peer->pid,
                   why);
    cw_control_audit_refusal(ctl->control, source, "control_socket.connect", detail);
    char *text;
    size_t size;
    if (cw_ctl_render_error("PERMISSION", why, false, &text, &size) == 0) {
        (void)send(fd, text, size, MSG_NOSIGNAL);
        free(text);
    }
    (void)close(fd);
}

static bool ctl_has_room(const struct cw_ctl *ctl, uid_t uid, enum cw_front front)
{
    size_t all = 0;
    size_t of_uid = 0;
    for (const struct ctl_conn *c = ctl->conns; c != NULL; c = c->next) {
        all += c->front == front ? 1 : 0;
        of_uid += c->front == front && c->uid == uid ? 1 : 0;
    }
    return all < CW_CTL_CONNECTIONS_MAX && of_uid < CW_CTL_PER_UID_MAX;
}

void cw_ctl_accept(struct cw_ctl *ctl, int fd, const struct ucred *peer, enum cw_front front)
{
    if (!ctl_has_room(ctl, peer->uid, front)) {
        static const char full[] = "error FULL: too many connections to this socket are open\n\n";
        (void)send(fd, full, sizeof full - 1, MSG_NOSIGNAL);
        (void)close(fd);
        return;
    }
    struct ctl_conn *c = calloc(1, sizeof *c);
    if (c == NULL) {
        (void)close(fd);
        return;
    }
    c->waiter.done = ctl_done;
    c->watch = (struct cw_watch){.fd = fd, .ready = ctl_ready, .arg = c};
    c->ctl = ctl;
    c->front = front;
    c->uid = peer->uid;
    c->moved_ms = cw_loop_now_ms();
    if (cw_loop_watch(ctl->loop, &c->watch, EPOLLIN) != 0) {
        (void)close(fd);
        free(c);
        return;
    }
    c->next = ctl->conns;
    ctl->conns = c;
}

void cw_ctl_tick(struct cw_ctl *ctl, uint64_t now_ms)
{
    struct ctl_conn *next;
    for (struct ctl_conn *c = ctl->conns; c != NULL; c = next) {
        next = c->next;
        uint64_t quiet_ms = now_ms > c->moved_ms ? now_ms - c->moved_ms : 0;
        if ((c->state == CTL_READ && quiet_ms > CW_CTL_IDLE_MS_MAX) ||
            (c->state == CTL_WRITE && quiet_ms > CW_CTL_STALL_MS_MAX)) {
            cw_log(CW_LOG_INFO, "control.ctl", "uid=%u closed: %s", (unsigned)c->uid,
                   c->state == CTL_WRITE ? "does not read its answer" : "idle");
            ctl_close(c);
        }
    }
}
