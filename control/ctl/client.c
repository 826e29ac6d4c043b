/* SPDX-License-Identifier: Apache-2.0 */
#include "control/ctl/client.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct line {
    char *text;
    size_t size;
    size_t room;
    bool is_full;
};

static void line_add(struct line *l, char ch)
{
    if (l->size + 1 >= l->room) {
        l->is_full = true;
        return;
    }
    l->text[l->size++] = ch;
    l->text[l->size] = '\0';
}

/* Bytes of "key=" at the start of a word, 0 if it is none. */
static size_t line_key_size(const char *word)
{
    size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyz_0123456789");
    bool is_key = n > 0 && word[n] == '=' && (word[0] < '0' || word[0] > '9');
    return is_key ? n + 1 : 0;
}

static void line_add_value(struct line *l, const char *value)
{
    size_t n = strlen(value);
    bool is_quoted = n >= 2 && value[0] == '"' && value[n - 1] == '"';
    bool to_quote = !is_quoted && (n == 0 || strpbrk(value, " \t\n;\"") != NULL);
    if (to_quote)
        line_add(l, '"');
    for (; *value != '\0'; value++) {
        if (*value == '\n' || (to_quote && (*value == '"' || *value == '\\')))
            line_add(l, '\\');
        line_add(l, *value == '\n' ? 'n' : *value);
    }
    if (to_quote)
        line_add(l, '"');
}

enum ctl_exit ctl_client_line(char *const *words, int word_count, char *line, size_t line_size,
                              char *message, size_t message_size)
{
    struct line l = {.text = line, .room = line_size};
    line[0] = '\0';
    for (int i = 0; i < word_count; i++) {
        for (const char *p = words[i]; *p != '\0'; p++)
            if (((unsigned char)*p < 0x20 && *p != '\n') || *p == 0x7f) {
                (void)snprintf(message, message_size, "an argument holds a control character");
                return CTL_EXIT_USAGE;
            }
        if (i > 0)
            line_add(&l, ' ');
        size_t key_size = line_key_size(words[i]);
        for (size_t k = 0; k < key_size; k++)
            line_add(&l, words[i][k]);
        line_add_value(&l, words[i] + key_size);
    }
    if (!l.is_full)
        return CTL_EXIT_OK;
    (void)snprintf(message, message_size, "the command is too long");
    return CTL_EXIT_USAGE;
}

static int client_connect(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t n = strlen(path);
    if (n >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path, path, n + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    struct timeval wait = {.tv_sec = CTL_ANSWER_TIME_S_MAX};
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) == 0 &&
        connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    int why = errno;
    (void)close(fd);
    errno = why;
    return -1;
}

/* A socket that refuses us may close before it has read this; its answer is there all the same. */
static void client_send(int fd, const char *line)
{
    static char all[CTL_COMMAND_BYTES_MAX + 16];
    int n = snprintf(all, sizeof all, "json %s\n", line);
    for (int at = 0; n < (int)sizeof all && at < n;) {
        ssize_t sent = send(fd, all + at, (size_t)(n - at), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            break;
        at += (int)sent;
    }
    (void)shutdown(fd, SHUT_WR);
}

/* All until the other side closes, NUL-terminated; NULL with errno on failure. */
static char *client_receive(int fd)
{
    char *text = NULL;
    size_t size = 0;
    size_t room = 0;
    for (;;) {
        if (size + 1 >= room) {
            room = room == 0 ? 16 * 1024 : room * 2;
            char *grown = room <= CTL_ANSWER_BYTES_MAX ? realloc(text, room) : NULL;
            if (grown == NULL) {
                free(text);
                errno = EMSGSIZE;
                return NULL;
            }
            text = grown;
        }
        ssize_t n = recv(fd, text + size, room - size - 1, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == ECONNRESET)
            n = 0;
        if (n < 0) {
            int why = errno;
            free(text);
            errno = why;
            return NULL;
        }
        if (n == 0)
            break;
        size += (size_t)n;
    }
    text[size] = '\0';
    return text;
}

/* control says a refusal to talk at all in plain words: "error CODE: why". */
static enum ctl_exit client_plain_refusal(const char *text, char *message, size_t message_size)
{
    const char *colon = strchr(text, ':');
    if (strncmp(text, "error ", 6) != 0 || colon == NULL) {
        (void)snprintf(message, message_size,
                       text[0] == '\0' ? "the appliance closed the connection without an answer"
                                       : "what answers there is not causeway-control");
        return CTL_EXIT_UNREACHABLE;
    }
    const char *why = colon + 1 + strspn(colon + 1, " ");
    (void)snprintf(message, message_size, "%.*s", (int)strcspn(why, "\n"), why);
    return strncmp(text, "error PERMISSION:", 17) == 0 ? CTL_EXIT_PERMISSION : CTL_EXIT_REFUSED;
}

static enum ctl_exit client_say_unreachable(const char *path, char *message, size_t message_size)
{
    int why = errno;
    if (why == EACCES || why == EPERM) {
        (void)snprintf(
            message, message_size,
            "no permission to use %s: run it as root or as a member of the operator group", path);
        return CTL_EXIT_PERMISSION;
    }
    (void)snprintf(
        message, message_size,
        "cannot reach the appliance at %s: %s.\nCheck that causeway-control runs, and that "
        "this is its run_dir (--socket PATH or CAUSEWAY_RUN_DIR say another).",
        path, strerror(why));
    return CTL_EXIT_UNREACHABLE;
}

enum ctl_exit ctl_client_ask(const char *path, const char *fallback_path, const char *line,
                             json_t **ret_json, char *message, size_t message_size)
{
    int fd = client_connect(path);
    if (fd < 0 && errno == EACCES && fallback_path != NULL) {
        fd = client_connect(fallback_path);
        if (fd < 0)
            errno = EACCES;
    }
    if (fd < 0)
        return client_say_unreachable(path, message, message_size);
    client_send(fd, line);
    char *text = client_receive(fd);
    int why = errno;
    (void)close(fd);
    if (text == NULL) {
        (void)snprintf(message, message_size, "no answer from %s: %s", path,
                       why == EAGAIN ? "it took longer than 30 s" : strerror(why));
        return CTL_EXIT_UNREACHABLE;
    }
    enum ctl_exit rc = CTL_EXIT_OK;
    *ret_json = json_loads(text, 0, NULL);
    if (*ret_json == NULL)
        rc = client_plain_refusal(text, message, message_size);
    free(text);
    return rc;
}
