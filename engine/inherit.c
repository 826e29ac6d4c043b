/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/inherit.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "engine/base/err.h"

enum { DESCRIPTOR_DIGITS_MAX = 6, DESCRIPTOR_FIRST = 3 };

/* A list "3,4" up to a space or the end; *at moves behind it. */
static int parse_list(const char **at, struct cw_listen_set *set)
{
    for (;;) {
        int value = 0, digits = 0;
        for (; **at >= '0' && **at <= '9' && digits <= DESCRIPTOR_DIGITS_MAX; (*at)++, digits++)
            value = value * 10 + (**at - '0');
        if (digits == 0 || digits > DESCRIPTOR_DIGITS_MAX || value < DESCRIPTOR_FIRST)
            return CW_ERR_INVALID;
        if (set->count == CW_LISTEN_WORKERS_MAX)
            return CW_ERR_FULL;
        set->descriptors[set->count++] = value;
        if (**at != ',')
            return **at == ' ' || **at == 0 ? CW_OK : CW_ERR_INVALID;
        (*at)++;
    }
}

/* Up to a space or the end. */
static int parse_workers(const char **at, unsigned *ret_workers)
{
    unsigned value = 0, digits = 0;
    for (; **at >= '0' && **at <= '9' && digits < 4; (*at)++, digits++)
        value = value * 10 + (unsigned)(**at - '0');
    if (digits == 0 || value == 0 || *ret_workers != 0 || (**at != ' ' && **at != 0))
        return CW_ERR_INVALID;
    *ret_workers = value;
    return CW_OK;
}

int cw_inherit_parse(const char *text, struct cw_listen_set *ret_https,
                     struct cw_listen_set *ret_http, unsigned *ret_workers, char *message,
                     size_t message_size)
{
    static const char https_key[] = "https=", http_key[] = "http=", workers_key[] = "workers=";
    unsigned workers = 0;
    const char *at = text;
    int err = CW_OK;
    ret_https->count = 0;
    ret_http->count = 0;
    while (err == CW_OK && *at != 0) {
        struct cw_listen_set *set = NULL;
        if (strncmp(at, workers_key, sizeof(workers_key) - 1) == 0) {
            at += sizeof(workers_key) - 1;
            err = parse_workers(&at, &workers);
            if (*at == ' ')
                at++;
            continue;
        }
        if (strncmp(at, https_key, sizeof(https_key) - 1) == 0) {
            set = ret_https;
            at += sizeof(https_key) - 1;
        } else if (strncmp(at, http_key, sizeof(http_key) - 1) == 0) {
            set = ret_http;
            at += sizeof(http_key) - 1;
        }
        err = set != NULL && set->count == 0 ? parse_list(&at, set) : CW_ERR_INVALID;
        if (*at == ' ')
            at++;
    }
    if (err == CW_OK &&
        (ret_https->count == 0 || (ret_http->count != 0 && ret_http->count != ret_https->count) ||
         workers > ret_https->count))
        err = CW_ERR_INVALID;
    *ret_workers = workers != 0 ? workers : ret_https->count;
    if (err != CW_OK)
        (void)snprintf(message, message_size,
                       "CAUSEWAY_LISTEN is \"%.100s\", not like \"https=3,4 http=5,6 workers=2\" "
                       "with at least one descriptor of each kind a worker",
                       text);
    return err;
}

int cw_inherit_check(const struct cw_listen_set *set, bool must_listen, char *message,
                     size_t message_size)
{
    for (unsigned i = 0; i < set->count; i++) {
        int fd = set->descriptors[i], is_listening = 0;
        socklen_t size = sizeof(is_listening);
        bool good = getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) == 0 &&
                    (is_listening != 0 || !must_listen) && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
        if (!good) {
            (void)snprintf(message, message_size,
                           "descriptor %d of CAUSEWAY_LISTEN is not a listening socket", fd);
            return CW_ERR_INVALID;
        }
    }
    return CW_OK;
}
